"""The style sheet, made from a theme. Widgets say what they are by the properties ``kind``, ``tone`` and ``small``.

Sizes that Qt style sheets count without border are written as height minus two.
"""

from __future__ import annotations

import re

from mycelix_studio.paths import resource
from mycelix_studio.ui.theme import Theme

_GROUND_TONES = ("ok", "warn", "bad", "info")
_TEXT_TONES = ("t1", "t2", "t3", "disabled", "acc", "on_acc", "ok", "warn", "bad", "info")


_TEXT_MEASURE = re.compile(r"((?:font-size|min-height): )(\d+)px")


def stylesheet(theme: Theme, text_percent: int = 100) -> str:
    """Return the style sheet of the whole program; sizes of text and heights that hold text grow with ``text_percent``."""
    whole = "\n".join((_base(theme), _buttons(theme), _inputs(theme), _surfaces(theme), _views(theme), _bars(theme)))
    return _TEXT_MEASURE.sub(lambda found: f"{found[1]}{int(found[2]) * text_percent // 100}px", whole)


def _base(t: Theme) -> str:
    tones = "\n".join(f'QLabel[tone="{tone}"] {{ color: {getattr(t, tone)}; }}' for tone in _TEXT_TONES)
    return f"""
* {{ outline: 0; }}
QWidget {{ color: {t.t1}; selection-background-color: {t.sel2}; selection-color: {t.t1}; }}
QMainWindow, QWidget[ground="bg0"] {{ background: {t.bg0}; }}
QWidget[ground="bg1"] {{ background: {t.bg1}; }}
QWidget[ground="bg2"] {{ background: {t.bg2}; }}
QScrollArea, QScrollArea > QWidget > QWidget[ground="none"] {{ background: transparent; border: 0; }}
QScrollArea > QWidget {{ background: transparent; }}
QSplitter::handle {{ background: {t.line2}; }}
QSplitter::handle:horizontal {{ width: 1px; }}
QSplitter::handle:vertical {{ height: 1px; }}
QToolTip {{ background: {t.pop}; color: {t.t1}; border: 1px solid {t.line2}; border-radius: 6px; padding: 5px 8px; }}
{tones}
"""


def _buttons(t: Theme) -> str:
    return f"""
QPushButton {{ background: {t.bg3}; color: {t.t1}; border: 1px solid {t.line2}; border-radius: 6px; padding: 0 13px;
  min-height: 30px; font-weight: 500; }}
QPushButton:hover {{ background: {t.bg4}; }}
QPushButton:pressed {{ background: {t.line2}; }}
QPushButton:checked {{ background: {t.sel2}; }}
QPushButton:disabled {{ color: {t.disabled}; background: transparent; border-color: {t.line}; }}
QPushButton[kind="primary"] {{ background: {t.acc}; color: {t.on_acc}; border-color: {t.acc}; font-weight: 600; }}
QPushButton[kind="primary"]:hover {{ background: {t.acc_hover}; border-color: {t.acc_hover}; }}
QPushButton[kind="primary"]:pressed {{ background: {t.acc_pressed}; border-color: {t.acc_pressed}; }}
QPushButton[kind="primary"]:disabled {{ background: {t.bg3}; color: {t.disabled}; border-color: {t.line}; }}
QPushButton[kind="quiet"] {{ background: transparent; color: {t.t2}; border-color: transparent; }}
QPushButton[kind="quiet"]:hover {{ background: {t.bg3}; color: {t.t1}; }}
QPushButton[kind="quiet"]:disabled {{ color: {t.disabled}; }}
QPushButton[kind="danger"] {{ background: transparent; color: {t.bad}; border-color: {t.bad}; }}
QPushButton[kind="danger"]:hover {{ background: {t.bad_ground}; }}
QPushButton[kind="danger"]:disabled {{ color: {t.disabled}; border-color: {t.line}; }}
QPushButton[small="true"] {{ min-height: 26px; padding: 0 10px; font-size: 12px; }}
QPushButton[kind="icon"] {{ min-height: 0; padding: 0; background: transparent;
  border-color: transparent; }}
QPushButton[kind="icon"]:hover, QPushButton[kind="icon"]:checked {{ background: {t.bg3}; }}
QPushButton[kind="boxed"], QPushButton[kind="on"] {{ min-height: 0; padding: 0; }}
QPushButton[kind="on"] {{ background: {t.acc}; border-color: {t.acc}; }}
QPushButton[kind="on"]:hover {{ background: {t.acc_hover}; border-color: {t.acc_hover}; }}
QPushButton[kind="link"] {{ background: transparent; border: 0; padding: 0 2px; min-height: 24px; color: {t.t2}; font-weight: 400;
  font-size: 12px; }}
QPushButton[kind="link"]:hover {{ color: {t.t1}; text-decoration: underline; }}
QPushButton[kind="field"] {{ text-align: left; background: {t.bg0}; border-color: {t.ctl}; color: {t.t2}; font-weight: 400; }}
QPushButton[kind="palette"] {{ text-align: left; background: {t.bg0}; border-color: {t.line2}; color: {t.t3}; font-weight: 400;
  font-size: 12px; min-height: 26px; padding: 0 8px; }}
QPushButton::menu-indicator {{ image: none; width: 0; }}
QToolButton {{ background: transparent; color: {t.t2}; border: 1px solid transparent; border-radius: 6px; padding: 3px 6px;
  min-height: 20px; }}
QToolButton:hover, QToolButton:checked {{ background: {t.bg3}; color: {t.t1}; }}
QToolButton::menu-indicator {{ image: none; }}
QPushButton[kind="segment"] {{ background: {t.bg2}; border: 1px solid {t.line2}; border-left-width: 0; border-radius: 0; color: {t.t2};
  min-height: 26px; padding: 0 11px; font-size: 12px; }}
QPushButton[kind="segment"]:hover {{ background: {t.bg3}; color: {t.t1}; }}
QPushButton[kind="segment"]:checked {{ background: {t.sel2}; color: {t.t1}; font-weight: 600; }}
QPushButton[kind="segment"]:disabled {{ color: {t.disabled}; }}
QPushButton[kind="segment"][place="first"], QPushButton[kind="segment"][place="only"] {{ border-left-width: 1px;
  border-top-left-radius: 6px; border-bottom-left-radius: 6px; }}
QPushButton[kind="segment"][place="last"], QPushButton[kind="segment"][place="only"] {{ border-top-right-radius: 6px;
  border-bottom-right-radius: 6px; }}
QPushButton[kind="tab"] {{ background: transparent; border: 0; border-bottom: 2px solid transparent; border-radius: 0; color: {t.t2};
  min-height: 36px; padding: 2px 9px 0 9px; }}
QPushButton[kind="tab"]:hover {{ color: {t.t1}; }}
QPushButton[kind="tab"]:checked {{ color: {t.t1}; border-bottom-color: {t.acc}; background: transparent; }}
"""


def _inputs(t: Theme) -> str:
    field = "QLineEdit, QComboBox, QSpinBox, QDoubleSpinBox, QDateEdit, QPlainTextEdit, QTextEdit"
    focus = ", ".join(f"{name}:focus" for name in field.split(", "))
    read_only = "QLineEdit:read-only, QPlainTextEdit:read-only"
    return f"""
{field} {{ background: {t.bg0}; color: {t.t1}; border: 1px solid {t.ctl}; border-radius: 6px; padding: 0 9px; min-height: 30px; }}
QPlainTextEdit, QTextEdit {{ padding: 6px 9px; }}
QLineEdit[small="true"], QComboBox[small="true"] {{ min-height: 26px; font-size: 12px; }}
{focus} {{ border: 2px solid {t.focus}; padding-left: 8px; padding-right: 8px; min-height: 28px; }}
QLineEdit[small="true"]:focus, QComboBox[small="true"]:focus {{ min-height: 24px; }}
{read_only} {{ background: transparent; border-color: {t.line2}; color: {t.t2}; }}
QLineEdit[kept="true"], QComboBox[kept="true"] {{ background: transparent; border-color: {t.line2}; }}
QLineEdit:disabled, QComboBox:disabled {{ color: {t.disabled}; border-color: {t.line}; background: transparent; }}
QLineEdit[wrong="true"], QComboBox[wrong="true"], QPlainTextEdit[wrong="true"] {{ border-color: {t.bad}; }}
QLineEdit[kind="bare"], QLineEdit[kind="bare"]:focus {{ background: transparent; border: 0; padding: 0; min-height: 24px; }}
QComboBox::drop-down {{ border: 0; width: 24px; }}
QComboBox::down-arrow {{ image: none; }}
QComboBox QAbstractItemView {{ background: {t.pop}; border: 1px solid {t.line2}; padding: 4px; }}
QComboBox QAbstractItemView::item {{ min-height: 28px; padding: 0 6px; border-radius: 4px; }}
QComboBox QAbstractItemView::item:selected {{ background: {t.sel2}; color: {t.t1}; }}
QSpinBox::up-button, QSpinBox::down-button, QDateEdit::drop-down {{ border: 0; width: 18px; }}
QCheckBox, QRadioButton {{ spacing: 8px; min-height: 24px; background: transparent; }}
QCheckBox:disabled, QRadioButton:disabled {{ color: {t.disabled}; }}
QSlider::groove:horizontal {{ height: 4px; background: {t.bg4}; border-radius: 2px; }}
QSlider::sub-page:horizontal {{ background: {t.acc}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 10px; height: 10px; margin: -3px 0; border-radius: 5px; background: {t.t1}; }}
"""


def _surfaces(t: Theme) -> str:
    notes = "\n".join(
        f'QFrame[kind="note"][tone="{tone}"] {{ background: {getattr(t, f"{tone}_ground")}; border-radius: 6px; }}'
        for tone in _GROUND_TONES
    )
    return f"""
QFrame[kind="card"] {{ background: {t.bg2}; border: 1px solid {t.line2}; border-radius: 8px; }}
QFrame[kind="card"][chosen="true"] {{ border: 1px solid {t.acc}; }}
QFrame[kind="pop"] {{ background: {t.pop}; border: 1px solid {t.line2}; border-radius: 8px; }}
QFrame[kind="row"] {{ background: transparent; border: 0; border-bottom: 1px solid {t.line}; }}
QFrame[kind="drop"] {{ background: {t.sel}; border: 2px dashed {t.acc}; border-radius: 8px; }}
QFrame[kind="header"] {{ background: {t.bg0}; border-bottom: 1px solid {t.line2}; }}
QFrame[kind="sidebar"] {{ background: {t.bg1}; border-right: 1px solid {t.line2}; }}
QFrame[kind="status"] {{ background: {t.bg1}; border-top: 1px solid {t.line2}; }}
QFrame[kind="inspector"] {{ background: {t.bg1}; }}
QFrame[kind="footer"] {{ background: transparent; border: 0; border-top: 1px solid {t.line2}; }}
QDialog {{ background: {t.bg2}; }}
QMenu {{ background: {t.pop}; border: 1px solid {t.line2}; border-radius: 8px; padding: 4px; }}
QMenu::item {{ padding: 6px 26px 6px 10px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.sel2}; color: {t.t1}; }}
QMenu::item:disabled {{ color: {t.disabled}; }}
QMenu::separator {{ height: 1px; background: {t.line2}; margin: 4px 6px; }}
QMenu::icon {{ padding-left: 8px; }}
{notes}
"""


def _views(t: Theme) -> str:
    tick = resource(f"icons/tick-{t.name}.svg").as_posix()
    return f"""
QListView::indicator {{ width: 14px; height: 14px; border: 1px solid {t.ctl}; border-radius: 4px; background: {t.bg0}; }}
QListView::indicator:checked {{ border-color: {t.acc}; background: {t.acc}; image: url("{tick}"); }}
QAbstractItemView {{ background: {t.bg0}; border: 0; alternate-background-color: {t.bg0}; color: {t.t1}; }}
QTableView, QTreeView, QListView {{ gridline-color: {t.line}; }}
QTableView[ground="bg1"], QListView[ground="bg1"] {{ background: {t.bg1}; }}
QTableView[ground="bg2"], QListView[ground="bg2"] {{ background: {t.bg2}; }}
QListView::item {{ border: 0; }}
QTableView[kind="sheet"]::item {{ padding: 0 5px; border: 0; }}
QListView[ground="bg1"]::item {{ border-radius: 6px; padding-left: 4px; }}
QListView[ground="bg1"]::item:hover {{ background: {t.bg3}; }}
QListView[ground="bg1"]::item:selected {{ background: {t.sel}; color: {t.t1}; }}
QHeaderView, QHeaderView::section {{ background: transparent; }}
QHeaderView::section {{ color: {t.t3}; border: 0; border-bottom: 1px solid {t.line2}; padding: 0 8px; font-size: 11px; font-weight: 500; }}
QHeaderView::section:hover {{ color: {t.t1}; }}
QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; }}
QTableCornerButton::section {{ background: transparent; border: 0; }}
"""


def _bars(t: Theme) -> str:
    return f"""
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.bg4}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar[kind="waveform"]::handle {{ background: {t.ctl}; }}
QScrollBar::handle:hover, QScrollBar[kind="waveform"]::handle:hover {{ background: {t.ctl}; }}
QScrollBar::add-line, QScrollBar::sub-line, QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; border: 0;
  width: 0; height: 0; }}
"""

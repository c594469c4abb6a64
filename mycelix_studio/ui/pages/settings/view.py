"""Layout of the settings: a list that jumps, and cards in one scrolling page. Controls are made from the declarations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QScrollArea, QVBoxLayout, QWidget

from mycelix_studio import settings as keys
from mycelix_studio.settings import AnySetting, Settings
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.cards import Card, Line
from mycelix_studio.ui.widgets.inputs import Choice, Field, Switch
from mycelix_studio.ui.widgets.segment import Segment


def tr(source: str) -> str:
    """Translate a text of the settings."""
    return QCoreApplication.translate("Settings", source)


@dataclass(frozen=True, slots=True)
class Section:
    """One card: settings whose keys begin with one of the prefixes."""

    title: str
    icon: str
    prefixes: tuple[str, ...]


SECTIONS: Final = (
    Section("Appearance", "ph.palette", ("look",)),
    Section("You", "ph.user", ("you",)),
    Section("Library", "ph.music-notes", ("library",)),
    Section("Uploads", "ph.cloud-arrow-up", ("uploads",)),
    Section("Platform and sync", "ph.arrows-clockwise", ("platform", "sync")),
    Section("Network", "ph.globe", ("network",)),
    Section("Wallet and signing", "ph.lock-key", ("wallet",)),
    Section("Money and reports", "ph.currency-circle-dollar", ("reports",)),
    Section("Privacy", "ph.shield", ("privacy",)),
)

CHOICE_WORDS: Final = {
    ("look.theme", "system"): "As the system",
    ("look.theme", "dark"): "Dark",
    ("look.theme", "light"): "Light",
    ("network.chain_id", 100): "Gnosis",
    ("network.chain_id", 10200): "Chiado (test)",
    ("network.chain_id", 31337): "This computer",
}
UNITS: Final = {
    "look.text_percent": "%",
    "sync.minutes": "min",
    "wallet.auto_lock_minutes": "min",
    "wallet.fee_warn_percent": "%",
    "uploads.limit_kbps": "kB/s",
    "network.confirmations": "blocks",
}
CONTROL_WIDTH = 190


def section_of(setting: AnySetting) -> Section | None:
    """Return the card a setting is on."""
    prefix = setting.key.split(".")[0]
    return next((section for section in SECTIONS if prefix in section.prefixes), None)


def words_of(setting: AnySetting, value: Value) -> str:
    """Return what a choice says."""
    known = CHOICE_WORDS.get((setting.key, value))
    unit = UNITS.get(setting.key, "")
    return tr(known) if known else f"{value} {unit}".strip()


Value = bool | int | str
Setter = Callable[[AnySetting, Value], None]


def control_of(setting: AnySetting, settings: Settings, theme: Theme, set_value: Setter) -> QWidget:
    """Return the control of a setting: a switch, a segment of few choices, a list of many, or a field."""
    name = tr(setting.title)
    value = settings.value(setting)
    if isinstance(setting.default, bool):
        switch = Switch(name, theme, on=bool(value))
        switch.toggled.connect(partial(set_value, setting))
        return switch
    if setting.choices and len(setting.choices) <= 3:
        segment = Segment(name, [(str(choice), words_of(setting, choice)) for choice in setting.choices])
        segment.set_value(str(value))
        by_text = {str(choice): choice for choice in setting.choices}
        segment.chosen.connect(lambda key: set_value(setting, by_text[key]))
        return segment
    if setting.choices:
        choice = Choice(name, theme, [(each, words_of(setting, each)) for each in setting.choices])
        choice.set_value(value)
        choice.picked.connect(partial(set_value, setting))
        return choice
    field = Field(name, theme, note=tr(UNITS.get(setting.key, "")))
    field.setText(str(value))
    field.setFixedWidth(CONTROL_WIDTH if isinstance(setting.default, int) else 2 * CONTROL_WIDTH)
    field.editingFinished.connect(partial(_typed, field, setting, settings, set_value))
    return field


def _typed(field: Field, setting: AnySetting, settings: Settings, set_value: Setter) -> None:
    typed = field.text().strip()
    if isinstance(setting.default, int):
        if not typed.isdecimal():
            field.set_wrong(True, tr("A whole number, please."))
            return
        field.set_wrong(False)
        if int(typed) != settings.value(setting):
            set_value(setting, int(typed))
    elif typed != settings.value(setting):
        set_value(setting, typed)


class SettingsView(QWidget):
    """The page's body."""

    def __init__(self, settings: Settings, theme: Theme, set_value: Setter) -> None:
        super().__init__()
        self.theme = theme
        self.lines: dict[str, Line] = {}
        self.cards: dict[str, QWidget] = {}
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        row.addWidget(self._list(theme))
        row.addWidget(self._scroller(settings, theme, set_value), 1)

    def _list(self, theme: Theme) -> QWidget:
        side = QFrame()
        side.setProperty("kind", "sidebar")
        side.setFixedWidth(224)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        self.finder = Field(
            tr("Find a setting"), theme, hint=tr("Find a setting"), small=True, icon_name="ph.magnifying-glass"
        )
        column.addWidget(self.finder)
        self.list = QListWidget()
        self.list.setProperty("ground", "bg1")
        self.list.setAccessibleName(tr("Groups of settings"))
        self.list.setIconSize(QSize(16, 16))
        self.list.setSpacing(1)
        for section in SECTIONS:
            item = QListWidgetItem(icon(section.icon, theme), tr(section.title))
            item.setSizeHint(QSize(100, 30))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        column.addWidget(self.list, 1)
        return side

    def _scroller(self, settings: Settings, theme: Theme, set_value: Setter) -> QScrollArea:
        inner = QWidget()
        inner.setProperty("ground", "none")
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 16, 24, 24)
        column.setSpacing(8)
        inner.setMaximumWidth(820)
        for section in SECTIONS:
            found = [setting for setting in keys.SETTINGS if section_of(setting) is section]
            if not found:
                continue
            head = text(tr(section.title), theme, "section")
            head.setContentsMargins(0, 10, 0, 0)
            column.addWidget(head)
            card = Card(0, 0)
            for number, setting in enumerate(found):
                control = control_of(setting, settings, theme, set_value)
                line = Line(tr(setting.title), tr(setting.description), control, theme, last=number == len(found) - 1)
                card.column.addWidget(line)
                self.lines[setting.key] = line
            column.addWidget(card)
            self.cards[section.title] = head
        column.addStretch(1)
        self.scroller = QScrollArea()
        self.scroller.setWidgetResizable(True)
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.scroller.setWidget(inner)
        return self.scroller

    def set_theme(self, theme: Theme) -> None:
        """Tint the icons of the list."""
        for number, section in enumerate(SECTIONS):
            self.list.item(number).setIcon(icon(section.icon, theme))

    def jump(self, title: str) -> None:
        """Scroll to a card."""
        head = self.cards.get(title)
        if head is not None:
            self.scroller.verticalScrollBar().setValue(max(0, head.y() - 6))

    def search(self, typed: str) -> int:
        """Show only settings whose words contain what was typed; returns how many."""
        needle = typed.casefold().strip()
        shown = 0
        for line in self.lines.values():
            fits = needle in f"{line.title.text()} {line.description.text()}".casefold()
            line.setVisible(fits)
            shown += fits
        return shown

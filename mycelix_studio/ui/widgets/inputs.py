"""Fields of forms: a line with a note at its right end and words below when wrong, a choice, a tick, a switch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QCheckBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon, Text
from mycelix_studio.ui.theme import Theme

ICON = 14
MARK, LEAD = 16, 8
"""Side of a tick or radio button and the room before its words, at normal size of text."""


class Field(QLineEdit):
    """A line of text. ``note`` (a unit, a count) stands at its right end; ``name`` is what a screen reader says."""

    def __init__(
        self, name: str, theme: Theme, *, hint: str = "", note: str = "", small: bool = False, icon_name: str = ""
    ) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setPlaceholderText(hint)
        self.setProperty("small", small)
        self._icon = Icon(icon_name, theme, size=ICON) if icon_name else None
        if self._icon is not None:
            self._icon.setParent(self)
            self._icon.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._note = QLabel(self)
        self._note.setFont(paint.font(12))
        self._note.setProperty("tone", "t3")
        self._note.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.set_note(note)

    def set_theme(self, theme: Theme) -> None:
        """Make room for icon and note at the size of text in force."""
        self._note.setFont(paint.font(12))
        self.set_note(self._note.text())

    def set_note(self, note: str) -> None:
        """Show other words at the right end."""
        self._note.setText(note)
        self._note.adjustSize()
        self._note.setVisible(bool(note))
        self.setTextMargins(
            paint.scaled(ICON) + 6 if self._icon is not None else 0, 0, self._note.width() + 6 if note else 0, 0
        )
        self._place()

    def set_wrong(self, wrong: bool, why: str = "") -> None:
        """Draw the edge in the colour of errors; ``why`` becomes the accessible description."""
        if self.property("wrong") != wrong:
            self.setProperty("wrong", wrong)
            self.style().unpolish(self)
            self.style().polish(self)
        self.setAccessibleDescription(why)

    def resizeEvent(self, event: object) -> None:
        """Keep the note at the right end."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._place()

    def _place(self) -> None:
        self._note.move(self.width() - self._note.width() - 10, (self.height() - self._note.height()) // 2)
        if self._icon is not None:
            self._icon.move(10, (self.height() - paint.scaled(ICON) - 2) // 2)


class FilterField(Field):
    """A field that filters a list; Esc empties it, then gives the focus back to the list."""

    left = Signal()

    def __init__(self, name: str, theme: Theme, hint: str) -> None:
        super().__init__(name, theme, hint=hint, note="/", small=True, icon_name="ph.funnel")
        self.textChanged.connect(self._show_note)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc empties or leaves; Down goes to the list."""
        if event.key() == Qt.Key.Key_Escape:
            if self.text():
                self.clear()
            else:
                self.left.emit()
            return
        if event.key() == Qt.Key.Key_Down:
            self.left.emit()
            return
        super().keyPressEvent(event)

    def _show_note(self, words: str) -> None:
        self.set_note("" if words else "/")


class FieldWithHelp(QWidget):
    """A field and one line below it: help in grey, or what is wrong in the colour of errors with an icon."""

    def __init__(self, field: QWidget, theme: Theme, help_words: str = "") -> None:
        super().__init__()
        self.field = field
        self._help = help_words
        self._theme = theme
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(field)
        self.line = Text(help_words, theme, "small", "t3", wrap=True)
        self.line.setVisible(bool(help_words))
        column.addWidget(self.line)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours."""
        self._theme = theme

    def set_wrong(self, why: str) -> None:
        """Say what is wrong; nothing when it is right again."""
        if isinstance(self.field, Field):
            self.field.set_wrong(bool(why), why)
        self.line.setText(why or self._help)
        self.line.set_color(self._theme, "bad" if why else "t3")
        self.line.setVisible(bool(why or self._help))


class Choice(QComboBox):
    """A drop-down list of values with words."""

    picked = Signal(object)

    def __init__(
        self, name: str, theme: Theme, choices: Sequence[tuple[object, str]] = (), *, small: bool = False
    ) -> None:
        super().__init__()
        self._theme = theme
        self.setAccessibleName(name)
        self.setProperty("small", small)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.set_choices(choices)
        self.activated.connect(self._picked)

    def set_theme(self, theme: Theme) -> None:
        """Draw the arrow in other colours."""
        self._theme = theme

    def set_choices(self, choices: Sequence[tuple[object, str]]) -> None:
        """Offer other values; keeps the chosen one where it is still offered."""
        before = self.currentData()
        self.clear()
        for value, words in choices:
            self.addItem(words, value)
        self.set_value(before)

    def value(self) -> object:
        """Return the chosen value."""
        return self.currentData()

    def set_value(self, value: object) -> None:
        """Choose a value; does nothing when it is not offered."""
        index = self.findData(value)
        if index >= 0:
            self.setCurrentIndex(index)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint, then the arrow."""
        super().paintEvent(event)
        painter = QPainter(self)
        rect = paint.icon_box(self.width() - paint.scaled(12) - 10, self.height() / 2, 12)
        paint.draw_icon(
            painter, "ph.caret-down", rect, QColor(self._theme.t2 if self.isEnabled() else self._theme.disabled)
        )
        painter.end()

    def _picked(self, index: int) -> None:
        self.picked.emit(self.itemData(index))


if TYPE_CHECKING:
    _Button = QAbstractButton
else:
    _Button = object


class _Marked(_Button):
    """A mark and words, painted by the theme: what ticks and radio buttons share. Stands before Qt's class among the bases."""

    ROUND = 0.5
    """Radius of the mark's corners and of its ring's, as parts of its side."""

    def __init__(self, words: str, theme: Theme, name: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.setText(words)
        self.setAccessibleName(name or words)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme

    def sizeHint(self) -> QSize:
        """Return room for mark and words."""
        words = round(paint.width_of(self.text(), self.font()) + 4) if self.text() else 0
        return QSize(paint.scaled(MARK) + (LEAD + 2 + words if words else 2), paint.scaled(24))

    def minimumSizeHint(self) -> QSize:
        """Return the same: words are never cut."""
        return self.sizeHint()

    def hitButton(self, point: QPoint) -> bool:
        """Take clicks anywhere on it."""
        return self.rect().contains(point)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint mark and words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = paint.scaled(MARK)
        box = QRectF(0.5, (self.height() - side) // 2 + 0.5, side - 1, side - 1)
        t, on, radius = self._theme, self._on(), self.ROUND * side
        edge = t.acc if on else t.ctl
        painter.setPen(QPen(QColor(edge if self.isEnabled() else t.line2), 1))
        painter.setBrush(QColor((t.acc if self.isEnabled() else t.bg4) if on else t.bg0))
        painter.drawRoundedRect(box, radius, radius)
        self._draw_mark(painter, box)
        if self.text():
            words = QRectF(side + LEAD, 0, self.width() - side - LEAD, self.height())
            tint = QColor(t.t1 if self.isEnabled() else t.disabled)
            paint.draw_text(painter, words, self.text(), tint, self.font())
        _focus_ring(painter, self, box.adjusted(-2, -2, 2, 2), t, radius + 2)
        painter.end()

    def _on(self) -> bool:
        return self.isChecked()

    def _draw_mark(self, painter: QPainter, box: QRectF) -> None:
        """Draw what says that it is on. To be overridden."""
        raise NotImplementedError


class Tick(_Marked, QCheckBox):
    """A tick box."""

    ROUND = 0.25

    def _on(self) -> bool:
        return self.checkState() is not Qt.CheckState.Unchecked

    def _draw_mark(self, painter: QPainter, box: QRectF) -> None:
        grown, tint = box.width() / (MARK - 1), QColor(self._theme.on_acc)
        if self.checkState() is Qt.CheckState.Checked:
            painter.setPen(
                QPen(tint, 2 * grown, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
            )
            corners = ((3.4, 7.8), (6.4, 10.8), (11.6, 4.6))
            painter.drawPolyline([box.topLeft() + QPointF(x, y) * grown for x, y in corners])
        elif self._on():
            painter.fillRect(box.adjusted(4 * grown, 6.5 * grown, -4 * grown, -6.5 * grown), tint)


class Radio(_Marked, QRadioButton):
    """One of several."""

    def _draw_mark(self, painter: QPainter, box: QRectF) -> None:
        if self.isChecked():
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(self._theme.on_acc))
            painter.drawEllipse(box.center(), box.width() / 5, box.width() / 5)


class Switch(QAbstractButton):
    """On or off, at once."""

    def __init__(self, name: str, theme: Theme, *, on: bool = False) -> None:
        super().__init__()
        self._theme = theme
        self.setCheckable(True)
        self.setChecked(on)
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme

    def sizeHint(self) -> QSize:
        """Return the size with room for the focus ring."""
        return QSize(paint.scaled(38), paint.scaled(26))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track and knob."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        track = QRectF(3.5, 4.5, self.width() - 7, self.height() - 9)
        t, half = self._theme, track.height() / 2
        on = self.isChecked()
        painter.setPen(QPen(QColor(t.acc if on else t.ctl), 1))
        painter.setBrush(QColor(t.acc if on else t.bg4))
        painter.drawRoundedRect(track, half, half)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(t.on_acc if on else t.t2))
        knob = QPointF(track.right() - half if on else track.left() + half, track.center().y())
        painter.drawEllipse(knob, half - 2.5, half - 2.5)
        _focus_ring(painter, self, track.adjusted(-2, -2, 2, 2), t, half + 2)
        painter.end()


def _focus_ring(painter: QPainter, widget: QWidget, rect: QRectF, t: Theme, radius: float) -> None:
    if widget.hasFocus() and widget.property("by_keyboard"):
        painter.setPen(QPen(QColor(t.focus), 2))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRoundedRect(rect, radius, radius)

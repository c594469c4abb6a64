"""One assumption of a scenario: what it is, where it comes from, its value between low and high, all of them editable."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mycelix_studio.domain.money import parse_token
from mycelix_studio.domain.strategy.shares import format_share, parse_share
from mycelix_studio.domain.strategy.typed import amount_text
from mycelix_studio.errors import Known
from mycelix_studio.services.simulator_scenarios import Assumption, AssumptionUnit, Source
from mycelix_studio.ui import sizes
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.inputs import Field

TONES = {Source.ASSUMED: "warn", Source.HISTORY: "plain", Source.TERMS: "plain"}
UNITS = {
    AssumptionUnit.PERCENT: "%",
    AssumptionUnit.PLAYS: "",
    AssumptionUnit.FLOW: "FLOW",
    AssumptionUnit.DAYS: "days",
}


def typed(value: int, unit: AssumptionUnit) -> str:
    """Return a value as it is typed."""
    if unit is AssumptionUnit.PERCENT:
        return format_share(value)
    return amount_text(value) if unit is AssumptionUnit.FLOW else str(value)


def parse(words: str, unit: AssumptionUnit) -> int | None:
    """Return the value of what was typed; None when it is none."""
    try:
        if unit is AssumptionUnit.PERCENT:
            return parse_share(words)
        if unit is AssumptionUnit.FLOW:
            return int(parse_token(words))
        return int(words.strip()) if words.strip().isascii() and words.strip().isdigit() else None
    except Known:
        return None


class BandSlider(QWidget):
    """A track with the band between low and high, and a handle at the value; arrows and mouse move it.

    Signals:
        moved(int): The value was moved to; wei do not fit into a signal of int.
    """

    moved = Signal(object)

    def __init__(self, assumption: Assumption, tint: str, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.tint = tint
        self.assumption = assumption
        greatest = max(assumption.low, assumption.value, assumption.high, 1)
        self.top = min(max(greatest * 2, assumption.minimum + 1), max(assumption.maximum, greatest))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr(assumption.label))

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def sizeHint(self) -> QSize:
        """Return room for the handle."""
        return QSize(120, 24)

    def _x(self, value: int) -> float:
        low = self.assumption.minimum
        share = (min(max(value, low), self.top) - low) / max(self.top - low, 1)
        return 6 + share * (self.width() - 12)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint track, band, handle and ring."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        middle = self.height() / 2
        painter.setBrush(QColor(self.theme.bg4))
        painter.drawRoundedRect(QRectF(0, middle - 2, self.width(), 4), 2, 2)
        low, high = sorted((self._x(self.assumption.low), self._x(self.assumption.high)))
        if not self.assumption.fixed:
            painter.setBrush(QColor(getattr(self.theme, self.tint)))
            painter.setOpacity(0.7)
            painter.drawRoundedRect(QRectF(low, middle - 2, high - low, 4), 2, 2)
            painter.setOpacity(1.0)
        painter.setBrush(QColor(self.theme.t1))
        painter.setPen(QPen(QColor(self.theme.bg1), 2))
        painter.drawEllipse(QPointF(self._x(self.assumption.value), middle), 6, 6)
        if self.hasFocus() and self.property("by_keyboard"):
            painter.setPen(QPen(QColor(self.theme.focus), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _move_to(self, x: float) -> None:
        low = self.assumption.minimum
        share = min(max((x - 6) / max(self.width() - 12, 1), 0.0), 1.0)
        step = self._step()
        value = low + round(share * (self.top - low) / step) * step
        if value != self.assumption.value:
            self.moved.emit(int(value))

    def _step(self) -> int:
        return max((self.top - self.assumption.minimum) // 200, 1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Jump to where it was pressed."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._move_to(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._move_to(event.position().x())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by a step with the arrows."""
        way = {Qt.Key.Key_Left: -1, Qt.Key.Key_Down: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: 1}.get(Qt.Key(event.key()))
        if way is None:
            super().keyPressEvent(event)
            return
        self.moved.emit(self.assumption.value + way * self._step())


class AssumptionRow(QFrame):
    """Label, source, slider and three fields.

    Signals:
        changed(Assumption): It has another value or another band.
    """

    changed = Signal(object)

    def __init__(self, assumption: Assumption, tint: str, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.assumption = assumption
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 8)
        column.setSpacing(3)
        head = QHBoxLayout()
        head.addWidget(text(tr(assumption.label), theme, wrap=True), 1)
        self.source = Chip("", theme)
        head.addWidget(self.source)
        column.addLayout(head)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.slider = BandSlider(assumption, tint, theme)
        self.slider.moved.connect(self._set_value)
        row.addWidget(self.slider, 1)
        unit = tr(UNITS[assumption.unit])
        self.value = Field(tr("{what}, value").format(what=tr(assumption.label)), theme, note=unit, small=True)
        sizes.keep(self.value, width=112 if assumption.unit is AssumptionUnit.FLOW else 84)
        self.value.editingFinished.connect(self._value_typed)
        row.addWidget(self.value)
        column.addLayout(row)
        ends = QHBoxLayout()
        ends.setSpacing(6)
        self.low = Field(tr("{what}, low").format(what=tr(assumption.label)), theme, small=True)
        self.high = Field(tr("{what}, high").format(what=tr(assumption.label)), theme, small=True)
        self.fixed = text(tr("fixed by your terms"), theme, "label", "t3")
        self.ends: list[QWidget] = []
        for words, field in ((tr("low"), self.low), (tr("high"), self.high)):
            label = text(words, theme, "label", "t3")
            sizes.keep(field, width=64)
            field.editingFinished.connect(self._band_typed)
            if field is self.high:
                ends.addStretch(1)
            ends.addWidget(label)
            ends.addWidget(field)
            self.ends += [label, field]
        column.addLayout(ends)
        column.addWidget(self.fixed)
        self.show_assumption(assumption)

    def show_assumption(self, assumption: Assumption) -> None:
        """Show other values."""
        self.assumption = self.slider.assumption = assumption
        self.source.set_state(tr(assumption.source.value), TONES[assumption.source])
        for field, value in (
            (self.value, assumption.value),
            (self.low, assumption.low),
            (self.high, assumption.high),
        ):
            field.setText(typed(value, assumption.unit))
        terms = assumption.source is Source.TERMS
        for widget in self.ends:
            widget.setVisible(not terms)
        self.fixed.setVisible(terms)
        self.slider.setAccessibleDescription(f"{typed(assumption.value, assumption.unit)} {UNITS[assumption.unit]}")
        self.slider.update()

    def _set_value(self, value: int) -> None:
        self._take(self.assumption.with_value(value))

    def _value_typed(self) -> None:
        value = parse(self.value.text(), self.assumption.unit)
        if value is None:
            self.value.setText(typed(self.assumption.value, self.assumption.unit))
        elif value != self.assumption.value:
            self._set_value(value)

    def _band_typed(self) -> None:
        low, high = (parse(field.text(), self.assumption.unit) for field in (self.low, self.high))
        if low is None or high is None:
            self.show_assumption(self.assumption)
        elif (low, high) != (self.assumption.low, self.assumption.high):
            self._take(self.assumption.with_band(low, high))

    def _take(self, assumption: Assumption) -> None:
        if assumption != self.assumption:
            self.show_assumption(assumption)
            self.changed.emit(assumption)

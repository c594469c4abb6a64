"""A figure with its trend: label, value, change against the period before, sparkline."""

from __future__ import annotations

from typing import NamedTuple

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QSizePolicy

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart, ChartState
from mycelix_studio.ui.charts.data import ChartData, Unit, UnitKind
from mycelix_studio.ui.charts.sparkline import paint_spark, spark_values
from mycelix_studio.ui.theme import DARK, Theme

NO_DATA = ChartData("", Unit(UnitKind.COUNT))


class Figure(NamedTuple):
    """What a card says. The trend is computed here from the two figures, never given.

    Attributes:
        value: Now, in the unit's smallest step; None when not known.
        before: The same figure of the period compared with; None without one.
        rising_is_good: False for fees and losses: the colour of the trend turns.
        spark: Shape over the range; may be empty.
        note: Replaces "from 617.25", such as ``1.0 % of 207,672``.
    """

    label: str
    unit: Unit
    value: int | None
    before: int | None = None
    spark: ChartData = NO_DATA
    rising_is_good: bool = True
    places: int = 2
    note: str = ""

    @property
    def value_words(self) -> str:
        """The figure without its symbol."""
        return words.value_text(self.unit, self.value, places=self.places)

    @property
    def trend(self) -> tuple[str, str, str]:
        """Return sign words, rest words and the colour token of the trend: ``("+23.9 %", "from 47,761", "ok")``."""
        if self.value is None or self.before is None:
            return "", self.note or ("" if self.value is None else words.tr("nothing to compare with")), "t3"
        points = self.unit.kind is UnitKind.BPS
        change = words.change_text(self.unit, self.value, self.before)
        if self.note:
            rest = self.note
        elif points:
            rest = words.tr("points, from {value}").format(value=words.value_text(self.unit, self.before))
        elif self.before == 0:
            rest = words.tr("none before")
        else:
            rest = words.tr("from {value}").format(
                value=words.value_text(self.unit, self.before, places=min(self.places, 2))
            )
        if self.value == self.before:
            return words.tr("no change"), "" if not self.value else rest, "t3"
        return change, rest, "ok" if (self.value > self.before) is self.rising_is_good else "bad"


class StatCard(Chart):
    """A card of five on a dashboard; paints its own ground and line.

    Signals:
        opened(): It was clicked, or Enter pressed on it.
    """

    opened = Signal()

    minimum = QSize(150, 92)

    def __init__(self, figure: Figure, theme: Theme = DARK) -> None:
        self.figure = figure
        super().__init__(figure.spark, theme)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.set_theme(theme)

    def set_figure(self, figure: Figure) -> None:
        """Show another figure; paints only when it differs."""
        changed = figure != self.figure or self.state is not ChartState.READY
        self.figure = figure
        self.data = figure.spark
        self._stop_waiting()
        self.state = ChartState.READY
        self._describe()
        if changed:
            self.invalidate()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in other colours and at the size of text in force."""
        super().set_theme(theme)
        self.setMinimumHeight(paint.scaled(self.minimum.height()))
        self.updateGeometry()

    def summary(self) -> str:
        """Return ``Plays 59,168, +23.9 % from 47,761``."""
        change, rest, _token = self.figure.trend
        value = words.value_text(self.figure.unit, self.figure.value, places=self.figure.places, symbol=True)
        trend = " ".join(part for part in (change, rest) if part)
        return f"{self.figure.label} {value}" + (f", {trend}" if trend else "") + "."

    def _describe(self) -> None:
        self.setAccessibleName(self.figure.label)
        self.setAccessibleDescription(self.summary())

    def paintEvent(self, event: object) -> None:
        """Paint the card, whatever the state; a card without a figure says so with a dash."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        painter.setPen(paint.pen(self.theme, "focus", 2) if self._ring else paint.pen(self.theme, "line2", 1))
        painter.setBrush(paint.color(self.theme, "bg2"))
        painter.drawRoundedRect(area.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)
        if self.state is ChartState.LOADING and self._skeleton_due:
            self.paint_skeleton(painter, area)
        elif self.state is ChartState.ERROR:
            self._paint_message(painter, area.adjusted(8, 12, -8, -8), "ph.warning", "warn", self.message)
        else:
            self.paint_chart(painter, area)
        painter.end()

    def paint_skeleton(self, painter: QPainter, area: QRectF) -> None:
        """Paint three grey bars where the words will be."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, "bg3"))
        for top, width, height in ((15, 0.36, 10), (34, 0.56, 22), (68, 0.44, 10)):
            painter.drawRoundedRect(QRectF(14, top, area.width() * width, height), 3, 3)

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint label, figure, trend and sparkline."""
        at = paint.scaled
        left, width = 14.0, area.width() - 28
        t1, t2, t3 = (paint.color(self.theme, token) for token in ("t1", "t2", "t3"))
        paint.draw_text(painter, QRectF(left, at(12), width, at(18)), self.figure.label, t3, paint.font(11, 500))
        sparked = len([v for v in spark_values(self.data) if v is not None]) > 1 if self.data.series else False
        room = width - (64 if sparked else 0)
        large, small = paint.font(22, 600), paint.font(12)
        value = self.figure.value_words
        symbol = self.figure.unit.symbol if self.figure.unit.kind is UnitKind.MONEY else ""
        if sparked and paint.width_of(value, large) > room:
            sparked, room = False, width
        if paint.width_of(value, large) > room:
            large = paint.font(17, 600)
        paint.draw_text(painter, QRectF(left, at(31), room, at(30)), value, t1, large)
        after = left + paint.width_of(value, large) + 5
        if symbol and after + paint.width_of(symbol, small) <= left + room:
            paint.draw_text(painter, QRectF(after, at(35), at(60), at(24)), symbol, t3, small)
        if sparked:
            box = QRectF(area.right() - 14 - 60, at(33), 60, 28)
            paint_spark(painter, box, spark_values(self.data), self.theme, self.data.series[0].color)
        change, rest, tone = self.figure.trend
        x = left
        if change and tone != "t3":
            icon = (
                "ph.arrow-up-right" if (self.figure.value or 0) > (self.figure.before or 0) else "ph.arrow-down-right"
            )
            paint.draw_icon(painter, icon, paint.icon_box(x, at(75), 12), paint.color(self.theme, tone))
            x += at(12) + 4
        if change:
            paint.draw_text(painter, QRectF(x, at(66), width, at(18)), change, paint.color(self.theme, tone), small)
            x += paint.width_of(change, small) + 4
        paint.draw_text(painter, QRectF(x, at(66), left + width - x, at(18)), rest, t2 if change else t3, small)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open what is behind the figure."""
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit()
        super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens what is behind the figure."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.opened.emit()
        else:
            super().keyPressEvent(event)

    def point_at(self, position: QPointF) -> int:
        """A card is one point."""
        return 0 if self.data.points else -1

    def sizeHint(self) -> QSize:
        """Five side by side at 1440."""
        return QSize(220, paint.scaled(92))

"""Lines over time: plays with a dashed comparison, growth, engagement, an auction's price with its future dashed."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.area import paint_line
from mycelix_studio.ui.charts.data import PointState, Series
from mycelix_studio.ui.charts.plot import Plot


class LineChart(Plot):
    """One or several lines. What is not complete is dotted, a forecast dashed, a missing day a gap.

    Attributes:
        filled: Shade the ground under the only line.
        rings: Mark each annotation's point with a ring on the first line, as for sales along a price.
        stepped_end: Tag the value at the last whole point.
    """

    filled = False
    rings = False

    def paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Paint the comparison below, then the lines."""
        xs = [self.x_of(index, plot) for index in range(len(self.data.points))]
        if self.data.comparison is not None:
            paint_line(painter, self, plot, xs, self.data.comparison.values, tint="t3", width=1.0, dash=(3, 3))
        for number, series in enumerate(self.data.series):
            self._paint_series(painter, plot, xs, series, self.series not in (-1, number))
        if self.rings and self.data.series:
            self._paint_rings(painter, plot, xs)

    def _paint_series(self, painter: QPainter, plot: QRectF, xs: list[float], series: Series, dim: bool) -> None:
        states = [point.state for point in self.data.points]
        whole = tuple(v if s is PointState.COMPLETE else None for v, s in zip(series.values, states, strict=True))
        painter.setOpacity(0.35 if dim else 1.0)
        if self.filled and len(self.data.series) == 1:
            self._paint_ground(painter, plot, xs, whole, series)
        paint_line(painter, self, plot, xs, whole, tint=series.color, width=1.5, dash=series.dash, right=series.right)
        for state, dash in ((PointState.INCOMPLETE, (2, 2)), (PointState.FORECAST, (5, 4))):
            values = _with_lead(series.values, states, state)
            if any(value is not None for value in values):
                paint_line(painter, self, plot, xs, values, tint=series.color, width=1.5, dash=dash, right=series.right)
        for index, value in enumerate(whole):
            alone = value is not None and _alone(whole, index) and _alone(series.values, index)
            if alone and value is not None:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint.color(self.theme, series.color))
                spot = QPointF(xs[index], self.y_of(value, plot, self.right_scale if series.right else None))
                painter.drawEllipse(spot, 2.5, 2.5)
        painter.setOpacity(1.0)

    def _paint_ground(
        self, painter: QPainter, plot: QRectF, xs: list[float], values: tuple[int | None, ...], series: Series
    ) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, series.color, 0.14))
        base = self.y_of(0, plot)
        for index in range(1, len(values)):
            before, value = values[index - 1], values[index]
            if before is not None and value is not None:
                spots = [
                    QPointF(xs[index - 1], base),
                    QPointF(xs[index - 1], self.y_of(before, plot)),
                    QPointF(xs[index], self.y_of(value, plot)),
                    QPointF(xs[index], base),
                ]
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
                painter.drawPolygon(spots)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)

    def _paint_rings(self, painter: QPainter, plot: QRectF, xs: list[float]) -> None:
        series = self.data.series[0]
        for note in self.data.annotations:
            value = series.values[note.index]
            if value is not None:
                painter.setPen(paint.pen(self.theme, series.color, 1.5))
                painter.setBrush(paint.color(self.theme, "bg2"))
                painter.drawEllipse(QPointF(xs[note.index], self.y_of(value, plot)), 4, 4)


def _with_lead(values: tuple[int | None, ...], states: list[PointState], wanted: PointState) -> tuple[int | None, ...]:
    """Return the values in a state together with the point before each run, so that the line joins on."""
    return tuple(
        value
        if states[index] is wanted
        or (states[index] is PointState.COMPLETE and index + 1 < len(states) and states[index + 1] is wanted)
        else None
        for index, value in enumerate(values)
    )


def _alone(values: tuple[int | None, ...], index: int) -> bool:
    before = index > 0 and values[index - 1] is not None
    after = index + 1 < len(values) and values[index + 1] is not None
    return not before and not after


class PriceCurve(LineChart):
    """An auction's price: solid past, dashed future, a ring for each sale."""

    rings = True
    filled = True


class GrowthChart(LineChart):
    """Listeners or patrons gathered over time, shaded."""

    filled = True

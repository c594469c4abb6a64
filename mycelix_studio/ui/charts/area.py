"""Layers on top of each other: earnings a day by strategy, new and returning listeners."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPolygonF

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.data import PointState
from mycelix_studio.ui.charts.plot import Plot


class StackedArea(Plot):
    """Areas stacked in the order of the series, first at the bottom, with 1 px gaps; what is not complete is hatched.

    A negative value (a reversal) is taken off at its own layer; the outline then dips below the layer beneath.
    """

    def stacked(self) -> list[list[int]]:
        """Return the running sums: one list per boundary, the ground first."""
        levels = [[0] * len(self.data.points)]
        for series in self.data.series:
            levels.append([under + (value or 0) for under, value in zip(levels[-1], series.values, strict=True)])
        return levels

    def bounds(self) -> tuple[int, int]:
        """Return the extent of the stack, and of the comparison."""
        values = [value for level in self.stacked() for value in level]
        if self.data.comparison is not None:
            values += [value for value in self.data.comparison.values if value is not None]
        return min(values, default=0), max(values, default=0)

    def cursor_value(self) -> int | None:
        """Return the top of the stack, or of the chosen layer."""
        if self.data.total_at(self.at) is None:
            return None
        return self.stacked()[(self.series if self.series >= 0 else len(self.data.series) - 1) + 1][self.at]

    def series_at(self, position: QPointF, index: int) -> int:
        """Return the layer under a place."""
        plot = self.plot_area(QRectF(self.rect()))
        levels = self.stacked()
        for number in range(len(self.data.series)):
            top, bottom = self.y_of(levels[number + 1][index], plot), self.y_of(levels[number][index], plot)
            if top <= position.y() <= bottom:
                return number
        return -1

    def paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Paint the layers, the gaps between them, the comparison and the hatching."""
        levels, scale = self.stacked(), self.scale
        xs = [self.x_of(index, plot) for index in range(len(self.data.points))]
        missing = {i for i, point in enumerate(self.data.points) if point.state is PointState.MISSING}
        for first, last in _pieces(len(xs), missing):
            lines = [
                QPolygonF([QPointF(xs[i], self.y_of(level[i], plot, scale)) for i in range(first, last + 1)])
                for level in levels
            ]
            self._paint_piece(painter, lines)
        self._paint_hatching(painter, plot, xs, levels)
        self._paint_comparison(painter, plot, xs)

    def _paint_piece(self, painter: QPainter, lines: list[QPolygonF]) -> None:
        for number, series in enumerate(self.data.series):
            dim = self.series not in (-1, number)
            lower, upper = lines[number], lines[number + 1]
            if upper.size() == 1:
                painter.setPen(paint.pen(self.theme, series.color, 3))
                painter.drawLine(lower.at(0), upper.at(0))
                continue
            shape = QPolygonF([*lower.toList(), *reversed(upper.toList())])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(self.theme, series.color, 0.3 if dim else 0.8))
            painter.drawPolygon(shape)
        for number, line in enumerate(lines[1:]):
            if number + 1 < len(self.data.series):
                painter.setPen(paint.pen(self.theme, "bg2", 1))
                painter.drawPolyline(line)

    def _paint_hatching(self, painter: QPainter, plot: QRectF, xs: list[float], levels: list[list[int]]) -> None:
        growing = [i for i, point in enumerate(self.data.points) if point.state is PointState.INCOMPLETE]
        if not growing or len(xs) < 2:
            return
        step = xs[1] - xs[0]
        stack = QPainterPath()
        top = [QPointF(x, self.y_of(value, plot)) for x, value in zip(xs, levels[-1], strict=True)]
        ground = [QPointF(x, self.y_of(value, plot)) for x, value in zip(xs, levels[0], strict=True)]
        stack.addPolygon(QPolygonF([*ground, *reversed(top)]))
        band = QPainterPath()
        for index in growing:
            band.addRect(QRectF(xs[index] - step, plot.top(), step, plot.height()))
        painter.fillPath(stack.intersected(band), paint.hatch(self.theme))

    def _paint_comparison(self, painter: QPainter, plot: QRectF, xs: list[float]) -> None:
        if self.data.comparison is not None:
            paint_line(painter, self, plot, xs, self.data.comparison.values, tint="t3", width=1.0, dash=(3, 3))


def paint_line(
    painter: QPainter,
    chart: Plot,
    plot: QRectF,
    xs: list[float],
    values: tuple[int | None, ...],
    *,
    tint: str,
    width: float,
    dash: tuple[int, ...] = (),
    right: bool = False,
) -> None:
    """Paint values as a line, broken where there is none."""
    scale = chart.right_scale if right else chart.scale
    path, drawing = QPainterPath(), False
    for x, value in zip(xs, values, strict=False):
        if value is None:
            drawing = False
            continue
        spot = QPointF(x, chart.y_of(value, plot, scale))
        if drawing:
            path.lineTo(spot)
        else:
            path.moveTo(spot)
        drawing = True
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(paint.pen(chart.theme, tint, width, dash))
    painter.drawPath(path)


def _pieces(count: int, missing: set[int]) -> list[tuple[int, int]]:
    """Return the unbroken stretches between missing points."""
    found, first = [], 0
    for index in sorted(missing | {count}):
        if index > first:
            found.append((first, index - 1))
        first = index + 1
    return found

"""Standing columns: paid out a month by strategy, genres with a second axis, patron tiers."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.data import PointState, Series
from mycelix_studio.ui.charts.plot import Plot


class Columns(Plot):
    """Series on the left axis are stacked columns; series on the right axis are diamonds with a short line.

    A month that is not complete is painted at 55 % and its label has a star.
    """

    banded = True

    def _left(self) -> list[Series]:
        return [series for series in self.data.series if not series.right]

    def bounds(self) -> tuple[int, int]:
        """Return the extent of the stacks."""
        highs = [sum(max(s.values[i] or 0, 0) for s in self._left()) for i in range(len(self.data.points))]
        lows = [sum(min(s.values[i] or 0, 0) for s in self._left()) for i in range(len(self.data.points))]
        return min(lows, default=0), max(highs, default=0)

    def cursor_value(self) -> int | None:
        """The box tells enough."""
        return None

    def point_label(self, index: int) -> str:
        """Return the label, starred when not complete."""
        point = self.data.points[index]
        return f"{point.label}*" if point.state is PointState.INCOMPLETE else point.label

    def paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Paint columns, then diamonds."""
        band = plot.width() / max(len(self.data.points), 1)
        width = min(max(band * 0.66, 3.0), 32.0)
        plain = len(self._left()) == 1 and any(series.right for series in self.data.series)
        for index, point in enumerate(self.data.points):
            painter.setOpacity(0.55 if point.state is PointState.INCOMPLETE else 1.0)
            self._paint_column(painter, plot, index, width, plain)
        painter.setOpacity(1.0)
        for series in self.data.series:
            if series.right:
                self._paint_diamonds(painter, plot, series, width)

    def _paint_column(self, painter: QPainter, plot: QRectF, index: int, width: float, plain: bool) -> None:
        x = self.x_of(index, plot) - width / 2
        up = down = 0
        for number, series in enumerate(self._left()):
            value = series.values[index] or 0
            if value == 0:
                continue
            start = up if value > 0 else down
            top, bottom = self.y_of(max(start, start + value), plot), self.y_of(min(start, start + value), plot)
            box = QRectF(x, top, width, max(bottom - top - (1.0 if start else 0.0), 1.0))
            token = self.data.points[index].color or series.color
            dim = self.series not in (-1, number)
            if plain:
                painter.setPen(paint.pen(self.theme, "ctl", 1))
                painter.setBrush(paint.color(self.theme, "bg4"))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint.color(self.theme, token, 0.35 if dim else 0.92))
            painter.drawRoundedRect(box, 2, 2)
            if value > 0:
                up += value
            else:
                down += value

    def _paint_diamonds(self, painter: QPainter, plot: QRectF, series: Series, width: float) -> None:
        scale = self.right_scale
        for index, value in enumerate(series.values):
            if value is None:
                continue
            spot = QPointF(self.x_of(index, plot), self.y_of(value, plot, scale))
            painter.setPen(paint.pen(self.theme, series.color, 2))
            reach = QPointF(width / 2 + 5, 0)
            painter.drawLine(spot - reach, spot + reach)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(self.theme, series.color))
            painter.drawPolygon(paint.diamond(spot, 5))

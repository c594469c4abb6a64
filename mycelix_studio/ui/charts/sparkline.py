"""A line the size of a word: shape only, the figure stands beside it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import ChartData, PointState
from mycelix_studio.ui.theme import Theme

MOST = 20


def paint_spark(
    painter: QPainter, area: QRectF, values: tuple[int | None, ...], theme: Theme, token: str, *, fill: bool = True
) -> None:
    """Paint a line with a dot at its end; gaps where there is no value."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return
    low, high = min(known), max(known)
    span = max(high - low, 1)
    inner = area.adjusted(1, 4, -4, -2)
    step = inner.width() / (len(values) - 1)
    line, last, drawing = QPainterPath(), QPointF(), False
    for index, value in enumerate(values):
        if value is None:
            drawing = False
            continue
        last = QPointF(inner.left() + index * step, inner.bottom() - inner.height() * ((value - low) / span))
        if drawing:
            line.lineTo(last)
        else:
            line.moveTo(last)
        drawing = True
    if fill and None not in values:
        ground = QPainterPath(line)
        ground.lineTo(last.x(), area.bottom())
        ground.lineTo(inner.left(), area.bottom())
        ground.closeSubpath()
        painter.fillPath(ground, paint.color(theme, token, 0.18))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(paint.pen(theme, token, 1.5))
    painter.drawPath(line)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(paint.color(theme, token))
    painter.drawEllipse(last, 2.5, 2.5)


class Sparkline(Chart):
    """One series as a line without axes, 60 x 28 by default."""

    minimum = QSize(48, 20)

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint the first series."""
        series = self.data.series[0]
        paint_spark(painter, area, spark_values(self.data), self.theme, series.color)

    def point_at(self, position: QPointF) -> int:
        """Return the nearest point."""
        count = len(self.data.points)
        return min(max(round(position.x() / max(self.width(), 1) * (count - 1)), 0), count - 1)

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Paint a thin line at the cursor."""
        x = area.left() + 1 + (area.width() - 5) * self.at / max(len(self.data.points) - 1, 1)
        painter.setPen(paint.pen(self.theme, "t1", 1))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))

    def sizeHint(self) -> QSize:
        """60 x 28."""
        return QSize(60, 28)


def spark_values(data: ChartData) -> tuple[int | None, ...]:
    """Return the first series without the points that are still growing, which would always look like a fall."""
    values = data.series[0].values
    keep = len(values)
    while keep > 2 and data.points[keep - 1].state is PointState.INCOMPLETE:
        keep -= 1
    return thinned(values[:keep])


def thinned(values: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Return at most :data:`MOST` values, each the mean of its stretch: a word-sized line cannot show more."""
    if len(values) <= MOST:
        return values
    found: list[int | None] = []
    for part in range(MOST):
        stretch = values[len(values) * part // MOST : len(values) * (part + 1) // MOST]
        known = [value for value in stretch if value is not None]
        found.append(sum(known) // len(known) if known else None)
    return tuple(found)

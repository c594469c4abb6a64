"""Who came back: a row per month of first listening, a column per month since, the share in words and shade."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart

_HEAD, _NAME = 22, 120


class CohortGrid(Chart):
    """Series are cohorts (label: month and size), points are months since; values are basis points, None in the future."""

    minimum = QSize(320, 120)

    def _cell(self, area: QRectF) -> tuple[float, float]:
        columns, rows = len(self.data.points), len(self.data.series)
        height = (area.height() - paint.scaled(_HEAD)) / max(rows, 1)
        return (area.width() - paint.scaled(_NAME)) / max(columns, 1), min(height, paint.scaled(30))

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint the head, then each cohort."""
        width, height = self._cell(area)
        head, name = paint.scaled(_HEAD), paint.scaled(_NAME)
        small, t1, t3 = paint.font(11), paint.color(self.theme, "t1"), paint.color(self.theme, "t3")
        center = Qt.AlignmentFlag.AlignHCenter
        for column, point in enumerate(self.data.points):
            box = QRectF(area.left() + name + column * width, area.top(), width, head)
            paint.draw_text(painter, box, point.label, t3, small, align=center)
        for row, series in enumerate(self.data.series):
            top = area.top() + head + row * height
            paint.draw_text(painter, QRectF(area.left(), top, name - 8, height), series.label, t1, small)
            for column, value in enumerate(series.values):
                if value is None:
                    continue
                box = QRectF(area.left() + name + column * width, top, width, height).adjusted(1, 1, -1, -1)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint.color(self.theme, "acc", 0.06 + 0.44 * min(value, 10_000) / 10_000))
                painter.drawRoundedRect(box, 3, 3)
                if width > 34:
                    text = words.value_text(self.data.unit, value)
                    if paint.width_of(text, small) > width - 4:
                        text = words.number((value + 50) // 100, 0, 0)
                    paint.draw_text(painter, box, text, t1, small, align=center)

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Frame the column, or the cell of the chosen cohort."""
        width, height = self._cell(area)
        head, name = paint.scaled(_HEAD), paint.scaled(_NAME)
        rows = len(self.data.series)
        top = area.top() + head + (self.series if self.series >= 0 else 0) * height
        tall = height if self.series >= 0 else rows * height
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(paint.pen(self.theme, "t1", 1))
        painter.drawRoundedRect(QRectF(area.left() + name + self.at * width, top, width, tall), 3, 3)

    def point_at(self, position: QPointF) -> int:
        """Return the column under a place."""
        width, _height = self._cell(QRectF(self.rect()))
        column = int((position.x() - paint.scaled(_NAME)) // width)
        return column if 0 <= column < len(self.data.points) else -1

    def series_at(self, position: QPointF, index: int) -> int:
        """Return the cohort under a place."""
        _width, height = self._cell(QRectF(self.rect()))
        row = int((position.y() - paint.scaled(_HEAD)) // height)
        return row if 0 <= row < len(self.data.series) else -1

"""Shares of a whole as a ring: large with its list, or mini."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import Series

_ROW, _ICON = 25, 16
_LEAST_RING = 64


class Donut(Chart):
    """Ring with the sum in the middle and below it one row a part: icon, name, value, percent. Parts are the points."""

    minimum = QSize(180, 150)

    def order(self) -> list[int]:
        """Return the indexes of the parts, largest first."""
        values = self.data.series[0].values
        return sorted(range(len(values)), key=lambda index: -(values[index] or 0))

    def shares(self) -> list[int]:
        """Return each part in thousandths of the whole, rounded so that they add up to 1,000."""
        values = [max(value or 0, 0) for value in self.data.series[0].values]
        whole = sum(values)
        if whole == 0:
            return [0] * len(values)
        floors = [value * 1_000 // whole for value in values]
        rests = sorted(range(len(values)), key=lambda index: -(values[index] * 1_000 % whole))
        for index in rests[: 1_000 - sum(floors)]:
            floors[index] += 1
        return floors

    def _row_height(self, area: QRectF) -> float:
        """Return the height of a row: less where the ring would have no room, but never less than a line."""
        room = (area.height() - _LEAST_RING - 16) / max(len(self.data.points), 1)
        return max(min(paint.scaled(_ROW), room), paint.scaled(17))

    def _ring_box(self, area: QRectF) -> QRectF:
        rows = len(self.data.points) * self._row_height(area) + 16
        side = max(min(area.width() - 8, area.height() - rows, 152), _LEAST_RING)
        top = area.top() + max((area.height() - rows - side) / 2, 2)
        return QRectF(area.center().x() - side / 2, top, side, side)

    def _rows_top(self, area: QRectF) -> float:
        return max(self._ring_box(area).bottom() + 14, area.bottom() - len(self.data.points) * self._row_height(area))

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint ring, sum and list."""
        box = self._ring_box(area)
        thick = 19 if box.width() > 110 else 12
        paint_ring(painter, box, self, thick)
        self._paint_sum(painter, area, box, box.width() - 2 * thick - 8)
        top, shares = self._rows_top(area), self.shares()
        tall = self._row_height(area)
        for row, index in enumerate(self.order()):
            self._paint_row(painter, QRectF(area.left(), top + row * tall, area.width(), tall), index, shares[index])

    def _paint_sum(self, painter: QPainter, area: QRectF, box: QRectF, hole: float) -> None:
        """Paint the sum in the middle of the ring, or beside it where large text does not fit."""
        unit = self.data.unit
        places = 0 if self.data.total() >= 100 * 10**unit.decimals else 2
        middle = words.value_text(unit, self.data.total(), places=places)
        below = f"{unit.symbol} {self.data.total_label}".strip()
        if paint.width_of(below, paint.font(11)) > hole:
            below = unit.symbol  # a small ring has room for one word
        figure = next((size for size in (17, 13) if paint.width_of(middle, paint.font(size, 600)) <= hole), 0)
        align, place = Qt.AlignmentFlag.AlignHCenter, QRectF(box)
        if not figure:
            figure, align, place = 13, Qt.AlignmentFlag.AlignLeft, QRectF(box)
            place.setLeft(box.right() + 10)
            place.setRight(area.right())
        at, y = paint.scaled, box.center().y()
        lines = (
            (middle, "t1", paint.font(figure, 600), y - at(19), at(24)),
            (below, "t3", paint.font(11), y + at(4), at(16)),
        )
        for line, tint, made, top, height in lines:
            room = QRectF(place.left(), top, place.width(), height)
            paint.draw_text(painter, room, line, paint.color(self.theme, tint), made, align=align)

    def _paint_row(self, painter: QPainter, row: QRectF, index: int, share: int) -> None:
        point, series = self.data.points[index], self.data.series[0]
        token = point.color or series.color
        tint = paint.color(self.theme, token)
        if point.icon:
            paint.draw_icon(painter, point.icon, paint.icon_box(row.left(), row.center().y(), _ICON), tint)
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            painter.drawRoundedRect(paint.icon_box(row.left() + 2, row.center().y(), 10), 2, 2)
        right = Qt.AlignmentFlag.AlignRight
        t1, t3 = paint.color(self.theme, "t1"), paint.color(self.theme, "t3")
        value = words.value_text(self.data.unit, series.values[index])
        body = paint.font(13)
        share_width = max(paint.width_of(f"{words.number(1000, 1, 1)} %", paint.font(12)) + 4, 58.0)
        share_left = row.right() - share_width
        name_left = row.left() + paint.scaled(_ICON) + 6
        value_width = min(paint.width_of(value, body) + 2, row.width() * 0.45)
        paint.draw_text(
            painter,
            QRectF(share_left, row.top(), share_width, row.height()),
            f"{words.number(share, 1, 1)} %",
            t3,
            paint.font(12),
            align=right,
        )
        paint.draw_text(
            painter,
            QRectF(share_left - value_width, row.top(), value_width, row.height()),
            value,
            t1,
            body,
            align=right,
        )
        paint.draw_text(
            painter,
            QRectF(name_left, row.top(), share_left - value_width - name_left - 4, row.height()),
            point.label,
            t1,
            body,
        )

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Frame the row under the cursor."""
        tall = self._row_height(area)
        top = self._rows_top(area) + self.order().index(self.at) * tall
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, "t1", 0.07))
        painter.drawRoundedRect(QRectF(area.left() - 4, top, area.width() + 8, tall), 4, 4)

    def point_at(self, position: QPointF) -> int:
        """Return the part under a place, in the ring or in the list."""
        area = QRectF(self.rect())
        top = self._rows_top(area)
        if position.y() >= top:
            row = int((position.y() - top) // self._row_height(area))
            return self.order()[row] if row < len(self.data.points) else -1
        box = self._ring_box(area)
        offset = position - box.center()
        if math.hypot(offset.x(), offset.y()) > box.width() / 2 + 2:
            return -1
        turn = (math.degrees(math.atan2(offset.x(), -offset.y())) % 360) / 360 * 1_000
        for index, share in enumerate(self.shares()):
            turn -= share
            if turn < 0:
                return index
        return -1

    def sizeHint(self) -> QSize:
        """Ring of 152 and four rows."""
        return QSize(280, 170 + 4 * paint.scaled(_ROW))


class MiniDonut(Donut):
    """Only the ring, for a row of a table or beside a figure."""

    minimum = QSize(24, 24)

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint the ring."""
        side = min(area.width(), area.height()) - 2
        box = QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)
        paint_ring(painter, box, self, max(side / 6, 4))

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Too small for a cursor; the values are spoken and in the tooltip."""
        self.setToolTip(words.point_sentence(self.data, self.at))

    def _ring_box(self, area: QRectF) -> QRectF:
        side = min(area.width(), area.height()) - 2
        return QRectF(area.center().x() - side / 2, area.center().y() - side / 2, side, side)

    def _rows_top(self, area: QRectF) -> float:
        return area.bottom() + 1

    def sizeHint(self) -> QSize:
        """32 x 32."""
        return QSize(32, 32)


def paint_ring(painter: QPainter, box: QRectF, chart: Donut, thickness: float) -> None:
    """Paint the parts clockwise from the top, with gaps of 2 px in the colour of the card."""
    inner = box.adjusted(thickness / 2, thickness / 2, -thickness / 2, -thickness / 2)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    series: Series = chart.data.series[0]
    shares = chart.shares()
    several = sum(share > 0 for share in shares) > 1
    gap = math.degrees(2 / max(inner.width() / 2, 1)) if several else 0.0
    start = 0.0
    for point, share in zip(chart.data.points, shares, strict=True):
        if share == 0:
            continue
        sweep = share * 360 / 1_000
        drawn = max(sweep - gap, 0.4)
        made = paint.pen(chart.theme, point.color or series.color, thickness, cap=Qt.PenCapStyle.FlatCap)
        painter.setPen(made)
        painter.drawArc(inner, round((90 - start - gap / 2) * 16), -round(drawn * 16))
        start += sweep

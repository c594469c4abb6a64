"""Horizontal bars: one row a thing, its name left, its value right."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPainterPath, QPixmap

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart

_ROW = 36.0
_COVER, _ICON = 24, 16


class HorizontalBars(Chart):
    """Ranked bars; as many rows as fit. Points are the rows, in the order given."""

    minimum = QSize(200, 120)

    _covers: dict[str, QPixmap]

    def set_covers(self, covers: dict[str, QPixmap]) -> None:
        """Show a picture before the name of a point, by the point's key; without one its icon stands there."""
        self._covers = covers
        self.invalidate()

    def _row_height(self, area: QRectF) -> float:
        return min(_ROW, max(area.height() / max(len(self.data.points), 1), 28.0))

    def _visible(self, area: QRectF) -> int:
        return min(len(self.data.points), int(area.height() / self._row_height(area) + 0.01))

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint the rows."""
        series = self.data.series[0]
        shown = self._visible(area)
        body = paint.font(13)
        unit = self.data.unit
        texts = [words.value_text(unit, series.values[index]) for index in range(shown)]
        right = max((paint.width_of(text, body) for text in texts), default=0) + 2
        height = self._row_height(area)
        cover = min(paint.scaled(_COVER), height - 4)
        lead = cover + 8
        names = max((paint.width_of(point.label, body) for point in self.data.points[:shown]), default=0)
        name_width = min(max(names + 8, 80.0), area.width() * 0.36)
        left = area.left() + lead + name_width + 6
        room = max(area.right() - right - 12 - left, 8.0)
        top_value = max((value or 0 for value in series.values), default=0) or 1
        for index in range(shown):
            point, value = self.data.points[index], series.values[index] or 0
            row = QRectF(area.left(), area.top() + index * height, area.width(), height)
            middle = row.center().y()
            self._paint_lead(painter, QRectF(row.left(), middle - cover / 2, cover, cover), index)
            paint.draw_text(
                painter,
                QRectF(row.left() + lead, row.top(), name_width, height),
                point.label,
                paint.color(self.theme, "t1"),
                body,
            )
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(self.theme, point.color or series.color))
            painter.drawRoundedRect(QRectF(left, middle - 6, max(room * (value / top_value), 2.0), 12), 3, 3)
            paint.draw_text(
                painter,
                QRectF(row.right() - right, row.top(), right, height),
                texts[index],
                paint.color(self.theme, "t1"),
                body,
                align=Qt.AlignmentFlag.AlignRight,
            )

    def _paint_lead(self, painter: QPainter, box: QRectF, index: int) -> None:
        point = self.data.points[index]
        cover = getattr(self, "_covers", {}).get(point.key)
        shape = QPainterPath()
        shape.addRoundedRect(box, 3, 3)
        if cover is not None and not cover.isNull():
            painter.save()
            painter.setClipPath(shape)
            painter.drawPixmap(box.toRect(), cover)
            painter.restore()
            return
        painter.fillPath(shape, paint.color(self.theme, "bg3"))
        tint = paint.color(self.theme, point.color or "t3")
        inside = paint.icon_box(0, 0, _ICON)
        inside.moveCenter(box.center())
        paint.draw_icon(painter, point.icon or "ph.music-notes", inside, tint)

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Shade the row under the cursor."""
        height = self._row_height(area)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, "t1", 0.07))
        top = area.top() + self.at * height
        painter.drawRoundedRect(QRectF(area.left(), top + 2, area.width(), height - 4), 4, 4)

    def point_at(self, position: QPointF) -> int:
        """Return the row under a place."""
        area = QRectF(self.rect())
        index = int(position.y() // self._row_height(area))
        return index if 0 <= index < self._visible(area) else -1

    def sizeHint(self) -> QSize:
        """Six rows."""
        return QSize(380, int(6 * _ROW))

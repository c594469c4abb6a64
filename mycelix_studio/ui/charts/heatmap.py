"""A calendar of squares: columns are weeks, rows Monday to Sunday, darker is more."""

from __future__ import annotations

from datetime import date, timedelta

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import PointState, extremes

LEVELS = (0.28, 0.50, 0.74, 1.0)
_TOP, _FOOT = 18.0, 60.0


def levels(values: tuple[int | None, ...]) -> tuple[int | None, ...]:
    """Return 0 for nothing and 1 to 4 for each value by quarters of the days with any, so that one great day hides no other."""
    ranked = sorted(value for value in values if value)
    if not ranked:
        return tuple(None if value is None else 0 for value in values)
    bounds = [ranked[len(ranked) * quarter // 4] for quarter in (1, 2, 3)]
    return tuple(
        None if value is None else 0 if value <= 0 else 1 + sum(value >= bound for bound in bounds) for value in values
    )


def _left() -> float:
    return float(paint.scaled(30))  # the names of weekdays


class CalendarHeatmap(Chart):
    """Every day of a range; when there is no room for all, the latest weeks. Points are consecutive days."""

    minimum = QSize(180, 190)

    def _geometry(self, area: QRectF) -> tuple[float, float, int, date]:
        """Return cell, pitch, number of weeks shown and the Monday of the first."""
        days = [point.day for point in self.data.points if point.day is not None]
        first = days[0] - timedelta(days=days[0].weekday())
        weeks = (days[-1] - first).days // 7 + 1
        room = area.width() - _left()
        tall = (area.height() - _TOP - _FOOT) / 7
        pitch = min(19.0, tall, max(room / weeks, 9.0))
        shown = min(weeks, max(1, int(room // pitch)))
        gap = 4.0 if pitch >= 14 else 2.0
        return pitch - gap, pitch, shown, first + timedelta(weeks=weeks - shown)

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint months, weekdays, squares, key and the best day."""
        cell, pitch, weeks, monday = self._geometry(area)
        small, t3 = paint.font(11), paint.color(self.theme, "t3")
        for row, name in ((0, words.tr("Mon")), (3, words.tr("Thu")), (6, words.tr("Sun"))):
            box = QRectF(area.left(), area.top() + _TOP + row * pitch, _left() - 4, cell)
            paint.draw_text(painter, box, name, t3, small)
        month = -1
        edge = area.left()
        for week in range(weeks):
            day = monday + timedelta(weeks=week)
            x = area.left() + _left() + week * pitch
            if day.month != month and day.day <= 7 and x >= edge:
                name = words.month_text(day)
                paint.draw_text(painter, QRectF(x, area.top(), 48, 14), name, t3, small)
                edge = x + paint.width_of(name, small) + 8
            month = day.month
        painter.setPen(Qt.PenStyle.NoPen)
        for index, level in enumerate(levels(self.data.totals())):
            square = self._square(index, area)
            if square is not None:
                self._paint_square(painter, square, level, self.data.points[index].state)
        self._paint_foot(painter, area, area.top() + _TOP + 7 * pitch + 8)

    def _square(self, index: int, area: QRectF) -> QRectF | None:
        cell, pitch, _weeks, monday = self._geometry(area)
        day = self.data.points[index].day
        if day is None or day < monday:
            return None
        week, row = divmod((day - monday).days, 7)
        return QRectF(area.left() + _left() + week * pitch, area.top() + _TOP + row * pitch, cell, cell)

    def _paint_square(self, painter: QPainter, square: QRectF, level: int | None, state: PointState) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        if level is None or state is PointState.MISSING:
            painter.setPen(paint.pen(self.theme, "ctl", 1, (2, 2)))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(square.adjusted(0.5, 0.5, -0.5, -0.5), 2, 2)
            return
        painter.setBrush(self._level_color(level))
        painter.drawRoundedRect(square, 3, 3)
        if state is PointState.INCOMPLETE:
            painter.setBrush(paint.hatch(self.theme))
            painter.drawRoundedRect(square, 3, 3)

    def _level_color(self, level: int) -> QColor:
        return paint.color(self.theme, "bg4") if level == 0 else paint.color(self.theme, "acc", LEVELS[level - 1])

    def _paint_foot(self, painter: QPainter, area: QRectF, top: float) -> None:
        small, t3 = paint.font(11), paint.color(self.theme, "t3")
        fewer, more = words.tr("fewer"), words.tr("more")
        x = area.left()
        paint.draw_text(painter, QRectF(x, top, 60, 14), fewer, t3, small)
        x += paint.width_of(fewer, small) + 6
        painter.setPen(Qt.PenStyle.NoPen)
        for level in range(5):
            painter.setBrush(self._level_color(level))
            painter.drawRoundedRect(QRectF(x, top + 1, 12, 12), 3, 3)
            x += 17
        paint.draw_text(painter, QRectF(x, top, 60, 14), more, t3, small)
        ends = extremes(self.data, self.data.totals())
        if ends is None or area.bottom() - top < 46:
            return
        base = area.bottom() - 24
        painter.setPen(paint.pen(self.theme, "line2", 1))
        painter.drawLine(QPointF(area.left(), base - 6), QPointF(area.right(), base - 6))
        day = self.data.points[ends.highest[0]].day
        best = (
            f"{words.day_text(day, weekday=True) if day else ''}, {words.value_text(self.data.unit, ends.highest[1])}"
        )
        foot = paint.font(12)
        paint.draw_text(painter, QRectF(area.left(), base, 90, 20), words.tr("Best day"), t3, foot)
        paint.draw_text(
            painter,
            QRectF(area.left() + 70, base, area.width() - 70, 20),
            best,
            paint.color(self.theme, "t1"),
            foot,
            align=Qt.AlignmentFlag.AlignRight,
        )

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Frame the day under the cursor and say it."""
        square = self._square(self.at, area)
        if square is None:
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(paint.pen(self.theme, "t1", 1.5))
        painter.drawRoundedRect(square.adjusted(-1, -1, 1, 1), 3, 3)
        self.setToolTip(words.point_sentence(self.data, self.at))

    def point_at(self, position: QPointF) -> int:
        """Return the day under a place."""
        area = QRectF(self.rect())
        if self.data.empty:
            return -1
        _cell, pitch, weeks, monday = self._geometry(area)
        week = int((position.x() - area.left() - _left()) // pitch)
        row = int((position.y() - area.top() - _TOP) // pitch)
        first = self.data.points[0].day
        if not (0 <= week < weeks and 0 <= row < 7) or first is None:
            return -1
        index = (monday + timedelta(days=week * 7 + row) - first).days
        return index if 0 <= index < len(self.data.points) else -1

    def sizeHint(self) -> QSize:
        """Thirteen weeks."""
        return QSize(290, 220)

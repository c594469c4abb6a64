"""Songs that trend: rank, title, way to earn, score, how the place changed, and the shape of the last days."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import ChartData
from mycelix_studio.ui.charts.sparkline import paint_spark
from mycelix_studio.ui.theme import DARK, Theme

ROW, HEAD, ICON = 29, 26, 14
RANK, SCORE, PLACE, DAYS = 26, 64, 48, 84


class Trending(Chart):
    """Ranked rows; as many as fit. Points are songs, the first series their scores.

    Args:
        places: How the place of each song changed: up is above 0, None for a song that was not among them.
        days: Values of the last days of each song, oldest first; empty where not known.
    """

    minimum = QSize(300, 120)

    def __init__(self, data: ChartData, theme: Theme = DARK) -> None:
        self.places: tuple[int | None, ...] = ()
        self.days: tuple[tuple[int, ...], ...] = ()
        super().__init__(data, theme)

    def set_rows(self, data: ChartData, places: tuple[int | None, ...], days: tuple[tuple[int, ...], ...]) -> None:
        """Show other songs."""
        changed = (places, days) != (self.places, self.days)
        self.places, self.days = places, days
        self.set_data(data)
        if changed:
            self.invalidate()

    def _rows(self, area: QRectF) -> int:
        return max(min(len(self.data.points), int((area.height() - paint.scaled(HEAD)) / paint.scaled(ROW))), 0)

    def _row(self, area: QRectF, index: int) -> QRectF:
        height = paint.scaled(ROW)
        return QRectF(area.left(), area.top() + paint.scaled(HEAD) + index * height, area.width(), height)

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint heads and rows."""
        head = QRectF(area.left(), area.top(), area.width(), paint.scaled(HEAD))
        right = Qt.AlignmentFlag.AlignRight
        label, t3 = paint.font(11, 500), paint.color(self.theme, "t3")
        song, score, place, days = self._columns(head)
        for box, name, align in (
            (song, words.tr("Song"), Qt.AlignmentFlag.AlignLeft),
            (score, words.tr("Score"), right),
            (place, words.tr("Place"), right),
            (days, words.tr("7 days"), Qt.AlignmentFlag.AlignLeft),
        ):
            paint.draw_text(painter, box, name, t3, label, align=align)
        painter.setPen(paint.pen(self.theme, "line2", 1))
        painter.drawLine(head.bottomLeft(), head.bottomRight())
        for index in range(self._rows(area)):
            self._paint_row(painter, self._row(area, index), index)

    def _columns(self, row: QRectF) -> tuple[QRectF, QRectF, QRectF, QRectF]:
        days = QRectF(row.right() - DAYS + 14, row.top(), DAYS - 14, row.height())
        wide, sum_ = paint.scaled(PLACE), paint.scaled(SCORE)
        place = QRectF(row.right() - DAYS - wide, row.top(), wide, row.height())
        score = QRectF(place.left() - sum_, row.top(), sum_, row.height())
        left = row.left() + paint.scaled(RANK) + paint.scaled(ICON) + 8
        song = QRectF(left, row.top(), score.left() - left, row.height())
        return song, score, place, days

    def _paint_row(self, painter: QPainter, row: QRectF, index: int) -> None:
        point, right = self.data.points[index], Qt.AlignmentFlag.AlignRight
        song, score, place, days = self._columns(row)
        t1, t3, body = paint.color(self.theme, "t1"), paint.color(self.theme, "t3"), paint.font(13)
        rank = QRectF(row.left(), row.top(), paint.scaled(RANK) - 8, row.height())
        paint.draw_text(painter, rank, str(index + 1), t3, body, align=right)
        icon = paint.icon_box(row.left() + paint.scaled(RANK), row.center().y(), ICON)
        paint.draw_icon(painter, point.icon or "ph.music-notes", icon, paint.color(self.theme, point.color or "t3"))
        wide = min(paint.width_of(point.label, body), song.width())
        paint.draw_text(painter, song, point.label, t1, body)
        paint.draw_text(painter, song.adjusted(wide + 6, 0, -4, 0), point.detail, t3, body)
        text = words.value_text(self.data.unit, self.data.series[0].values[index])
        paint.draw_text(painter, score, text, t1, body, align=right)
        change = self.places[index] if index < len(self.places) else None
        tone = "t3" if not change else "ok" if change > 0 else "bad"
        paint.draw_text(painter, place, place_text(change), paint.color(self.theme, tone), body, align=right)
        if index < len(self.days) and self.days[index]:
            box = QRectF(days.left(), row.center().y() - 9, 60, 18)
            paint_spark(painter, box, self.days[index], self.theme, "t2", fill=False)
        painter.setPen(paint.pen(self.theme, "line", 1))
        painter.drawLine(row.bottomLeft(), row.bottomRight())

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Shade the row under the cursor."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, "t1", 0.07))
        painter.drawRect(self._row(area, self.at))

    def point_at(self, position: QPointF) -> int:
        """Return the row under a place."""
        area = QRectF(self.rect())
        found = [n for n in range(self._rows(area)) if self._row(area, n).contains(position)]
        return found[0] if found else -1

    def sizeHint(self) -> QSize:
        """Seven rows."""
        return QSize(520, paint.scaled(HEAD + 7 * ROW))


def place_text(change: int | None) -> str:
    """Return ``+3``, ``−1``, ``0``, or ``new``."""
    if change is None:
        return words.tr("new")
    sign = "+" if change > 0 else words.MINUS if change < 0 else ""
    return f"{sign}{abs(change)}"

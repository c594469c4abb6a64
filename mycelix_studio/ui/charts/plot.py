"""Axes, grid, annotations, gaps and crosshair shared by the charts with a horizontal and a vertical axis."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import Point, PointState, Series
from mycelix_studio.ui.charts.scale import Scale, matching_scale, nice_scale

_BOTTOM, _GAP, _NOTES = 24.0, 8.0, 24.0


class Plot(Chart):
    """A chart with axes. A subclass paints its marks in :meth:`paint_marks`."""

    minimum = QSize(200, 120)
    banded = False
    """True when each point owns a band (columns) rather than a place on a line."""

    # Scales --------------------------------------------------------------------------------------------------------

    def bounds(self) -> tuple[int, int]:
        """Return the lowest and highest value the left axis must hold."""
        values = [v for s in self.data.series if not s.right for v in s.values if v is not None]
        if self.data.comparison is not None:
            values += [v for v in self.data.comparison.values if v is not None]
        return min(values, default=0), max(values, default=0)

    @property
    def scale(self) -> Scale:
        """The left axis."""
        return nice_scale(*self.bounds())

    @property
    def right_scale(self) -> Scale | None:
        """The right axis, with as many steps as the left; None when nothing is measured on it."""
        values = [v for s in self.data.series if s.right for v in s.values if v is not None]
        if not values:
            return None
        return matching_scale(max(values), max(len(self.scale.ticks) - 1, 1))

    def plot_area(self, area: QRectF) -> QRectF:
        """Return the rectangle within the axes."""
        small = paint.font(11)
        scale = self.scale
        labels = [words.axis_text(self.data.unit, tick, scale.high) for tick in scale.ticks]
        left = max(paint.width_of(label, small) for label in labels) + _GAP + 2
        right = 6.0
        if (other := self.right_scale) is not None and self.data.right_unit is not None:
            texts = [words.axis_text(self.data.right_unit, tick, other.high) for tick in other.ticks]
            right = max(paint.width_of(text, small) for text in texts) + _GAP + 2
        top = _NOTES if self.data.annotations else 8.0
        return area.adjusted(left, top, -right, -_BOTTOM)

    def x_of(self, index: int, plot: QRectF) -> float:
        """Return where a point lies."""
        count = len(self.data.points)
        if self.banded:
            return plot.left() + plot.width() * (index + 0.5) / count
        return plot.left() + plot.width() * index / max(count - 1, 1)

    def y_of(self, value: int, plot: QRectF, scale: Scale | None = None) -> float:
        """Return where a value lies on an axis, the left one by default."""
        return plot.bottom() - plot.height() * (scale or self.scale).fraction(value)

    def point_at(self, position: QPointF) -> int:
        """Return the nearest point; -1 well outside the axes."""
        plot = self.plot_area(QRectF(self.rect()))
        count = len(self.data.points)
        if not plot.adjusted(-12, -_NOTES, 12, _BOTTOM).contains(position) or count == 0:
            return -1
        place = (position.x() - plot.left()) / max(plot.width(), 1)
        index = int(place * count) if self.banded else round(place * (count - 1))
        return min(max(index, 0), count - 1)

    # Painting ------------------------------------------------------------------------------------------------------

    def paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Paint the series."""
        raise NotImplementedError

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint grid, gaps, marks, axis labels and annotations."""
        plot = self.plot_area(area)
        self._paint_grid(painter, plot)
        self._paint_gaps(painter, plot)
        self.paint_marks(painter, plot)
        self._paint_days(painter, area, plot)
        self._paint_annotations(painter, area, plot)

    def _paint_grid(self, painter: QPainter, plot: QRectF) -> None:
        scale, other = self.scale, self.right_scale
        small, t3 = paint.font(11), paint.color(self.theme, "t3")
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        for tick in scale.ticks:
            y = self.y_of(tick, plot)
            painter.setPen(paint.pen(self.theme, "line2" if tick == 0 else "line", 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for number, tick in enumerate(scale.ticks):
            y = self.y_of(tick, plot)
            text = words.axis_text(self.data.unit, tick, scale.high)
            box = QRectF(plot.left() - 80 - _GAP, y - 8, 80, 16)
            paint.draw_text(painter, box, text, t3, small, align=Qt.AlignmentFlag.AlignRight)
            if other is not None and self.data.right_unit is not None and number < len(other.ticks):
                text = words.axis_text(self.data.right_unit, other.ticks[number], other.high)
                paint.draw_text(painter, QRectF(plot.right() + _GAP, y - 8, 80, 16), text, t3, small)

    def _paint_gaps(self, painter: QPainter, plot: QRectF) -> None:
        half = plot.width() / max(len(self.data.points) - (0 if self.banded else 1), 1) / 2
        for first, last in runs(self.data.points, PointState.MISSING):
            left = max(self.x_of(first, plot) - half, plot.left())
            band = QRectF(left, plot.top(), min(self.x_of(last, plot) + half, plot.right()) - left, plot.height())
            painter.fillRect(band, paint.color(self.theme, "bg3"))
            if band.width() > 46:
                tint = paint.color(self.theme, "t2")
                box = QRectF(band.left(), band.top() + 2, band.width(), 16)
                paint.draw_text(
                    painter, box, words.tr("no data"), tint, paint.font(11), align=Qt.AlignmentFlag.AlignHCenter
                )

    def label_indexes(self, plot: QRectF) -> list[int]:
        """Return which points get a label: firsts and middles of months, or evenly spaced, as many as fit."""
        count = len(self.data.points)
        small = paint.font(11)
        # Names of things stand close together and each is wanted; of days a few tell the rest.
        named = self.banded and all(point.day is None for point in self.data.points)
        looked_at = range(count) if named else {0, count // 2, count - 1}
        widest = max((paint.width_of(self.point_label(i), small) for i in looked_at), default=30)
        room = max(int(plot.width() // (widest + (8 if named else 30))), 1)
        if count <= room:
            return list(range(count))
        days = [point.day for point in self.data.points]
        if count > 40 and room >= 4 and all(day is not None for day in days):
            for wanted in ((1, 15), (1,)):
                found = [index for index, day in enumerate(days) if day is not None and day.day in wanted]
                if 0 < len(found) <= room:
                    return found
        if room == 1:
            return [0]
        if named:
            return list(range(0, count, -(-count // room)))  # a name left out here and there would look like a fault
        return sorted({round(place * (count - 1) / (room - 1)) for place in range(room)})

    def point_label(self, index: int) -> str:
        """Return the label under a point."""
        point = self.data.points[index]
        if point.day is None or point.label.startswith("*") or self.banded:
            return point.label
        return words.day_text(point.day)

    def _paint_days(self, painter: QPainter, area: QRectF, plot: QRectF) -> None:
        small, t3 = paint.font(11), paint.color(self.theme, "t3")
        for index in self.label_indexes(plot):
            text = self.point_label(index)
            wide = paint.width_of(text, small) + 2
            x = min(max(self.x_of(index, plot) - wide / 2, plot.left() - 4), area.right() - wide)
            paint.draw_text(painter, QRectF(x, plot.bottom() + 6, wide, 16), text, t3, small)

    def _paint_annotations(self, painter: QPainter, area: QRectF, plot: QRectF) -> None:
        small = paint.font(11)
        marks = [self.x_of(note.index, plot) for note in self.data.annotations]
        taken = [(x - 6, x + 6) for x in marks]
        y = area.top() + 10
        for note in self.data.annotations:
            x = self.x_of(note.index, plot)
            painter.setPen(paint.pen(self.theme, "t2", 1, (2, 3)))
            painter.drawLine(QPointF(x, y + 6), QPointF(x, plot.bottom()))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(self.theme, note.color))
            painter.drawPolygon(paint.diamond(QPointF(x, y), 5))
            wide = paint.width_of(note.text, small) + 2
            for left in (x + 10, x - 10 - wide):
                fits = left >= area.left() and left + wide <= area.right()
                if fits and all(left > end or left + wide < start for start, end in taken):
                    taken.append((left - 6, left + wide + 6))
                    tint = paint.color(self.theme, "t1")
                    paint.draw_text(painter, QRectF(left, y - 8, wide, 16), note.text, tint, small)
                    break

    # Crosshair -----------------------------------------------------------------------------------------------------

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Paint the line at the point, a dot on the topmost value, and the box of values."""
        if self.at >= len(self.data.points):
            return
        plot = self.plot_area(area)
        x = self.x_of(self.at, plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(paint.pen(self.theme, "t1", 1))
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()))
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        value = self.cursor_value()
        if value is not None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(self.theme, "t1"))
            painter.drawEllipse(QPointF(x, self.y_of(value, plot)), 3.5, 3.5)
        self._paint_values(painter, area, plot, x)

    def cursor_value(self) -> int | None:
        """Return the value the crosshair's dot sits on."""
        if self.series >= 0:
            series = self.data.series[self.series]
            return None if series.right else series.values[self.at]
        values = [s.values[self.at] for s in self.data.series if not s.right]
        known = [value for value in values if value is not None]
        return max(known) if known else None

    def value_rows(self) -> list[tuple[Series | None, str, str]]:
        """Return the rows of the box at the cursor: series (for its icon), name, value."""
        index = self.at
        rows: list[tuple[Series | None, str, str]] = []
        for series in reversed(self.data.series):
            value = series.values[index]
            if value is not None and (value or len(self.data.series) <= 2):
                rows.append((series, series.label, words.value_text(self.data.unit_of(series), value)))
        if self.data.comparison is not None and index < len(self.data.comparison.values):
            before = self.data.comparison.values[index]
            rows.append((None, words.tr("Before"), words.value_text(self.data.unit, before)))
        return rows

    def _paint_values(self, painter: QPainter, area: QRectF, plot: QRectF, x: float) -> None:
        point = self.data.points[self.at]
        title = words.day_text(point.day, weekday=True) if point.day is not None else point.label
        rows = self.value_rows()
        total = ""
        if self.data.total_label and len(self.data.series) > 1:
            total = words.value_text(self.data.unit, self.data.total_at(self.at), symbol=True)
        states = {
            PointState.INCOMPLETE: words.tr("not complete"),
            PointState.MISSING: words.tr("no data"),
            PointState.FORECAST: words.tr("forecast"),
        }
        state = states.get(point.state, "")
        notes = [note.text for note in self.data.annotations if note.index == self.at]
        tails = [text for text in (state, *notes) if text]
        strong, small = paint.font(12, 500), paint.font(12)
        line_height, lead = paint.scaled(18), paint.scaled(13) + 7
        icons = lead if any(series is not None and series.icon for series, _n, _v in rows) else 0
        widths = [paint.width_of(name, small) + paint.width_of(value, small) + icons + 28 for _s, name, value in rows]
        widths += [paint.width_of(text, small) for text in tails] + [paint.width_of(title, strong)]
        widths.append(paint.width_of(self.data.total_label + total, strong) + 28 if total else 0)
        box_width = min(max(widths) + 20, area.width() - 8)
        box_height = 14.0 + line_height * (len(rows) + len(tails) + 1) + (line_height + 8 if total else 0)
        left = x + 12 if x + 12 + box_width <= area.right() - 2 else max(x - 12 - box_width, area.left() + 2)
        top = max(min(plot.top() + 2, area.bottom() - box_height - 2), area.top() + 1)
        box = QRectF(left, top, box_width, box_height)
        painter.setPen(paint.pen(self.theme, "line2", 1))
        painter.setBrush(paint.color(self.theme, "pop"))
        painter.drawRoundedRect(box, 6, 6)
        inner = box.adjusted(10, 6, -10, -6)
        t1, t2, t3 = (paint.color(self.theme, token) for token in ("t1", "t2", "t3"))
        paint.draw_text(painter, QRectF(inner.left(), inner.top(), inner.width(), line_height), title, t1, strong)
        y = inner.top() + line_height + 2
        right = Qt.AlignmentFlag.AlignRight
        for series, name, value in rows:
            if series is not None and series.icon:
                tint = paint.color(self.theme, series.color)
                paint.draw_icon(painter, series.icon, paint.icon_box(inner.left(), y + line_height / 2, 13), tint)
            line = QRectF(inner.left(), y, inner.width(), line_height)
            chosen = series is not None and self.series >= 0 and self.data.series[self.series] is series
            font = strong if chosen else small
            paint.draw_text(painter, line.adjusted(icons, 0, 0, 0), name, t1 if chosen else t2, font)
            paint.draw_text(painter, line, value, t1, font, align=right)
            y += line_height
        if total:
            painter.setPen(paint.pen(self.theme, "line2" if self.theme.name == "light" else "ctl", 1))
            painter.drawLine(QPointF(inner.left(), y + 3), QPointF(inner.right(), y + 3))
            line = QRectF(inner.left(), y + 6, inner.width(), line_height)
            paint.draw_text(painter, line, self.data.total_label, t1, strong)
            paint.draw_text(painter, line, total, t1, strong, align=right)
            y += line_height + 8
        for text in tails:
            paint.draw_text(painter, QRectF(inner.left(), y, inner.width(), line_height), text, t3, small)
            y += line_height


def runs(points: tuple[Point, ...], state: PointState) -> list[tuple[int, int]]:
    """Return first and last index of each unbroken run of points in a state."""
    found: list[tuple[int, int]] = []
    for index, point in enumerate(points):
        if point.state is not state:
            continue
        if found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found

"""Net per month: what really happened with rings, each scenario in its colour and dash, with the band of its assumptions."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainter, QPolygonF

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.area import paint_line
from mycelix_studio.ui.charts.data import ChartData
from mycelix_studio.ui.charts.plot import Plot

BAND = 0.13
LABEL_GAP = 15.0


class ScenarioChart(Plot):
    """Lines with bands. ``bands`` maps a series' key to its low and high values."""

    bands: dict[str, tuple[tuple[int, ...], tuple[int, ...]]] = {}  # noqa: RUF012 - replaced whole, never changed
    actual = "actual"

    def set_lines(self, data: ChartData, bands: dict[str, tuple[tuple[int, ...], tuple[int, ...]]]) -> None:
        """Show other lines and bands."""
        self.bands = bands
        self.set_data(data)
        self.invalidate()

    def bounds(self) -> tuple[int, int]:
        """Return the lowest and highest value, bands included."""
        low, high = super().bounds()
        edges = [value for pair in self.bands.values() for side in pair for value in side]
        return min([low, *edges]), max([high, *edges])

    def plot_area(self, area: QRectF) -> QRectF:
        """Leave room for the labels at the lines' ends."""
        plot = super().plot_area(area)
        small = paint.font(11, 500)
        widest = max((paint.width_of(series.label, small) for series in self.data.series), default=0)
        return plot.adjusted(0, 0, -min(widest + 14, plot.width() / 3), 0)

    def point_label(self, index: int) -> str:
        """Return the month's name."""
        return self.data.points[index].label

    def paint_marks(self, painter: QPainter, plot: QRectF) -> None:
        """Paint bands, then lines, then labels."""
        xs = [self.x_of(index, plot) for index in range(len(self.data.points))]
        for series in self.data.series:
            if series.key in self.bands:
                low, high = self.bands[series.key]
                shape = [QPointF(x, self.y_of(v, plot)) for x, v in zip(xs, high, strict=True)]
                shape += [QPointF(x, self.y_of(v, plot)) for x, v in zip(reversed(xs), reversed(low), strict=True)]
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint.color(self.theme, series.color, BAND))
                painter.drawPolygon(QPolygonF(shape))
        for number, series in enumerate(self.data.series):
            painter.setOpacity(0.35 if self.series not in (-1, number) else 1.0)
            width = 2.0 if series.key == self.actual else 1.6
            paint_line(painter, self, plot, xs, series.values, tint=series.color, width=width, dash=series.dash)
            if series.key == self.actual:
                self._paint_rings(painter, plot, xs, series.values)
        painter.setOpacity(1.0)
        self._paint_labels(painter, plot)

    def _paint_rings(self, painter: QPainter, plot: QRectF, xs: list[float], values: tuple[int | None, ...]) -> None:
        painter.setPen(paint.pen(self.theme, "t1", 1.5))
        painter.setBrush(paint.color(self.theme, "bg2"))
        for x, value in zip(xs, values, strict=True):
            if value is not None:
                painter.drawEllipse(QPointF(x, self.y_of(value, plot)), 3.5, 3.5)

    def _paint_labels(self, painter: QPainter, plot: QRectF) -> None:
        """Paint each label at its line's end, moved apart so that all can be read."""
        ends = []
        for series in self.data.series:
            value = series.values[-1] if series.values else None
            if value is not None:
                ends.append([self.y_of(value, plot), series.label, series.color])
        ends.sort(key=lambda end: float(str(end[0])))
        places = [float(str(end[0])) for end in ends]
        for number in range(1, len(places)):
            places[number] = max(places[number], places[number - 1] + LABEL_GAP)
        over = places[-1] - plot.bottom() if places else 0
        for number in range(len(places) - 1, -1, -1):
            limit = plot.bottom() if number == len(places) - 1 else places[number + 1] - LABEL_GAP
            if over > 0:
                places[number] = min(places[number], limit)
        small = paint.font(11, 500)
        for place, (_y, label, color) in zip(places, ends, strict=True):
            box = QRectF(plot.right() + 10, place - 8, 200, 16)
            paint.draw_text(painter, box, str(label), paint.color(self.theme, str(color)), small)

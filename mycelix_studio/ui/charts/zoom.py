"""A long series to pan and zoom: a million points cost what a thousand cost, by painting columns of a pyramid."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPolygonF, QWheelEvent
from PySide6.QtWidgets import QWidget

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.data import Unit, UnitKind
from mycelix_studio.ui.charts.pyramid import Columns, Pyramid
from mycelix_studio.ui.charts.scale import Scale, nice_scale
from mycelix_studio.ui.charts.span import Span
from mycelix_studio.ui.theme import DARK, Theme

LEAST_SPAN = 8.0
_LEFT, _BOTTOM, _TOP = 56.0, 22.0, 8.0


class ZoomPlot(QWidget):
    """One series as a line or an area. Wheel and ``+ -`` zoom, dragging and the arrows pan, Home shows everything.

    Signals:
        view_changed(first, last): Places shown, in steps of the series.
    """

    view_changed = Signal(float, float)

    def __init__(
        self,
        title: str,
        values: object,
        unit: Unit | None = None,
        theme: Theme = DARK,
        *,
        area: bool = False,
        color: str = "acc",
    ) -> None:
        super().__init__()
        self.theme = theme
        self.unit = unit or Unit(UnitKind.COUNT)
        self.area = area
        self.color = color
        self.pyramid = Pyramid(values)  # type: ignore[arg-type]
        self.span = Span(float(max(len(self.pyramid) - 1, 1)), LEAST_SPAN)
        self._grab: float | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumSize(200, 100)
        self.setAccessibleName(title)
        self._describe()

    @property
    def first(self) -> float:
        """The place at the left."""
        return self.span.first

    @property
    def last(self) -> float:
        """The place at the right."""
        return self.span.last

    def set_view(self, first: float, last: float) -> None:
        """Show the places ``first`` to ``last``, kept within the series and no narrower than eight steps."""
        self._moved(self.span.show(first, last))

    def _moved(self, moved: bool) -> None:
        if moved:
            if self.hasFocus():
                self._describe()
            self.view_changed.emit(self.first, self.last)
            self.update()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in other colours."""
        self.theme = theme
        self.update()

    def zoom(self, factor: float, at: float = 0.5) -> None:
        """Zoom by a factor (below 1: closer) around a place between 0 (left) and 1 (right)."""
        self._moved(self.span.zoom(factor, at))

    def pan(self, share: float) -> None:
        """Move by a share of what is shown, to the right when positive."""
        self._moved(self.span.pan(share))

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Bring the description up to date for a screen reader."""
        self._describe()
        super().focusInEvent(event)

    def _describe(self) -> None:
        low, high = self.pyramid.bounds(self.first, self.last)
        self.setAccessibleDescription(
            words.tr("Points {first} to {last} of {count}. Lowest {low}, highest {high}.").format(
                first=int(self.first) + 1,
                last=int(self.last) + 1,
                count=len(self.pyramid),
                low=words.value_text(self.unit, int(low)),
                high=words.value_text(self.unit, int(high)),
            )
        )

    # Painting --------------------------------------------------------------------------------------------------------

    def plot_area(self) -> QRectF:
        """Return the rectangle within the axes."""
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -4, -_BOTTOM)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint grid, series and labels."""
        painter = QPainter(self)
        plot = self.plot_area()
        low, high = self.pyramid.bounds(self.first, self.last)
        scale = nice_scale(int(np.floor(low)), int(np.ceil(high)))
        small, t3 = paint.font(11), paint.color(self.theme, "t3")
        for tick in scale.ticks:
            y = plot.bottom() - plot.height() * scale.fraction(tick)
            painter.setPen(paint.pen(self.theme, "line2" if tick == 0 else "line", 1))
            painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y))
            box = QRectF(0, y - 8, _LEFT - 8, 16)
            text = words.axis_text(self.unit, tick, scale.high)
            paint.draw_text(painter, box, text, t3, small, align=Qt.AlignmentFlag.AlignRight)
        if (self.last - self.first) * 2 < plot.width():
            self._paint_points(painter, plot, scale)
        else:
            self._paint_columns(painter, plot, scale)
        painter.end()

    def _paint_points(self, painter: QPainter, plot: QRectF, scale: Scale) -> None:
        start, stop = max(int(self.first) - 1, 0), min(int(self.last) + 2, len(self.pyramid))
        values = self.pyramid.values[start:stop]
        xs = plot.left() + (np.arange(start, stop) - self.first) / (self.last - self.first) * plot.width()
        ys = plot.bottom() - (values - scale.low) / (scale.high - scale.low) * plot.height()
        line = QPolygonF([QPointF(x, y) for x, y in zip(xs.tolist(), ys.tolist(), strict=True) if not math.isnan(y)])
        painter.save()
        painter.setClipRect(plot)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.area and line.size() > 1:
            ground = plot.bottom() - plot.height() * scale.fraction(0)
            shape = QPolygonF([QPointF(line.at(0).x(), ground), *line.toList(), QPointF(line.last().x(), ground)])
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(self.theme, self.color, 0.6))
            painter.drawPolygon(shape)
        painter.setPen(paint.pen(self.theme, self.color, 1.5))
        painter.drawPolyline(line)
        painter.restore()

    def _paint_columns(self, painter: QPainter, plot: QRectF, scale: Scale) -> None:
        ratio = self.devicePixelRatioF()
        width, height = max(int(plot.width() * ratio), 1), max(int(plot.height() * ratio), 1)
        image = self._columns_image(self.pyramid.columns(self.first, self.last, width), scale, width, height)
        image.setDevicePixelRatio(ratio)
        painter.drawImage(plot.topLeft(), image)

    def _columns_image(self, columns: Columns, scale: Scale, width: int, height: int) -> QImage:
        """Return the columns as an image: full between least and greatest (or down to zero), soft at both ends."""
        reach = scale.high - scale.low
        top = height - (columns.high - scale.low) * (height / reach)
        base = height - (0 - scale.low) * (height / reach)
        bottom = np.maximum(top + 1.2, height - (columns.low - scale.low) * (height / reach))
        if self.area:
            bottom = np.maximum(bottom, base)
            top = np.minimum(top, base)
        top, bottom = np.nan_to_num(top, nan=height + 9.0), np.nan_to_num(bottom, nan=height + 9.0)
        tint = paint.color(self.theme, self.color)
        opacity = 0.65 if self.area else 1.0
        # Premultiplied colour for each of 256 coverages, looked up per pixel: no float work over the whole image.
        cover = np.arange(256, dtype=np.uint32)
        alpha = (cover * opacity).astype(np.uint32)
        table = (
            (alpha << 24)
            | ((tint.red() * alpha // 255) << 16)
            | ((tint.green() * alpha // 255) << 8)
            | (tint.blue() * alpha // 255)
        ).astype(np.uint32)
        pixels = _filled(top, bottom, height, table)
        self._pixels = pixels  # the image below borrows this memory
        return QImage(pixels.data, width, height, width * 4, QImage.Format.Format_ARGB32_Premultiplied)

    # Keys and pointer ------------------------------------------------------------------------------------------------

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer."""
        plot = self.plot_area()
        at = (event.position().x() - plot.left()) / max(plot.width(), 1)
        self.zoom(0.8 if event.angleDelta().y() > 0 else 1.25, min(max(at, 0.0), 1.0))
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._grab = event.position().x()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag what is shown."""
        if self._grab is not None:
            self.pan((self._grab - event.position().x()) / max(self.plot_area().width(), 1))
            self._grab = event.position().x()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        self._grab = None

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pan with the arrows, zoom with + and -, show everything with Home."""
        key = event.key()
        if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.pan(0.1 if key == Qt.Key.Key_Right else -0.1)
        elif key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(0.5)
        elif key == Qt.Key.Key_Minus:
            self.zoom(2.0)
        elif key == Qt.Key.Key_Home:
            self.set_view(0.0, float(len(self.pyramid)))
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:
        """A wide strip."""
        return QSize(800, 220)


def _filled(top: np.ndarray, bottom: np.ndarray, height: int, table: np.ndarray) -> np.ndarray:
    """Return pixels (height x width) of columns from ``top`` to ``bottom``, with partly covered pixels at both ends."""
    width = len(top)
    pixels = np.zeros((height, width), dtype=np.uint32)
    rows = np.arange(height, dtype=np.int16)[:, None]
    first = np.clip(np.ceil(top), -1, height + 1).astype(np.int16)
    last = np.clip(np.floor(bottom), -1, height + 1).astype(np.int16)
    np.copyto(pixels, table[255], where=(rows >= first) & (rows < last))
    columns = np.arange(width)
    for row, cover in ((first - 1, first - top), (last, bottom - last)):
        seen = (row >= 0) & (row < height)
        pixels[row[seen], columns[seen]] = table[np.clip(cover[seen] * 255, 0, 255).astype(np.int32)]
    return pixels

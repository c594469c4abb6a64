"""A track's waveform to look at and to seek in, from the whole of it down to single milliseconds.

It is painted from points of equal length: from an outline of a few thousand at first, and from a pyramid (:mod:`charts.pyramid`) once
somebody looks closer. So a frame costs the same however long the sound is and wherever one looks.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QContextMenuEvent,
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QMenu, QScrollBar, QSizePolicy, QWidget

from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.span import Span
from mycelix_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mycelix_studio.ui.charts.pyramid import Pyramid

HEIGHT = 52
BAR, GAP = 2, 1
SECONDS_STEP = 5.0
FINEST = 0.001
"""Seconds of a bar at the closest: players seek by milliseconds."""
CLOSER = 0.5
SLIDER, FOOT = 10, 16
"""A row below for the ends of the view and the slider, while not all is shown."""
_Bar = tuple[float, float] | None


class Points(Protocol):
    """Something a waveform can be painted from."""

    step: float
    """Seconds of a point."""

    def bars(self, first: float, width: float, count: int) -> list[_Bar]:
        """Return least and greatest sample (-128 to 127) of ``count`` stretches of ``width`` seconds; None past the end."""


class OutlinePoints:
    """The points that every measured track has: few enough to go through, and no library to wait for.

    Args:
        low: Least sample of each point, int8.
        high: Greatest.
        seconds: Length of all points.
    """

    def __init__(self, low: bytes, high: bytes, seconds: float) -> None:
        self._low = memoryview(low).cast("b").tolist()
        self._high = memoryview(high).cast("b").tolist()
        self.step = seconds / max(1, len(low))

    def bars(self, first: float, width: float, count: int) -> list[_Bar]:
        """Return extremes of every stretch."""
        made: list[_Bar] = []
        for number in range(count):
            start = int((first + number * width) / self.step + 1e-9)
            end = max(start + 1, math.ceil((first + (number + 1) * width) / self.step - 1e-9))
            low, high = self._low[start:end], self._high[start:end]
            made.append((min(low), max(high)) if low else None)
        return made


class PyramidPoints:
    """The points of somebody who looks closely.

    Args:
        pyramid: Points with everything above them.
        step: Seconds of a point.
    """

    def __init__(self, pyramid: Pyramid, step: float) -> None:
        self.pyramid = pyramid
        self.step = step

    def bars(self, first: float, width: float, count: int) -> list[_Bar]:
        """Return extremes of every stretch."""
        last = first + width * count
        columns = self.pyramid.columns(first / self.step, last / self.step, count, joined=False)
        pairs = zip(columns.low.tolist(), columns.high.tolist(), strict=True)
        return [None if math.isnan(low) else (low, high) for low, high in pairs]


class Waveform(QWidget):
    """The shape of a sound. Wheel, pinch and ``+ - 0`` zoom, clicks, drags and the arrows seek.

    Signals:
        seek(seconds): A place was chosen.
        pointed(seconds): A place is being dragged to.
        closer: It is looked at more closely than :meth:`set_outline` shows, and :meth:`set_fine` is waited for.
    """

    seek = Signal(float)
    pointed = Signal(float)
    closer = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._points: Points | None = None
        self.fine = False
        self.place = 0.0
        self.seconds = 0.0
        self.span = Span(0.0, 0.0)
        self._dragging = False
        self._ring = False
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(self.tr("Waveform"))
        self.slider = QScrollBar(Qt.Orientation.Horizontal, self)
        self.slider.setAccessibleName(self.tr("Part of the waveform that is shown"))
        self.slider.setProperty("kind", "waveform")
        self.slider.hide()
        self.slider.valueChanged.connect(self._slid)
        self._describe()

    # What is shown ---------------------------------------------------------------------------------------------------

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours, at the size of text in force."""
        self.theme = theme
        self._lay_foot()

    def set_outline(self, low: bytes, high: bytes, seconds: float, *, same_track: bool = False) -> None:
        """Show a sound from its outline; empty bytes while it is not measured. Another track is shown whole, from its beginning."""
        self._points = OutlinePoints(low, high, seconds) if low and seconds > 0 else None
        self.fine = False
        self.seconds = seconds
        before = self.span
        self.span = Span(seconds, self._least())
        if same_track:
            self.span.show(before.first, before.last)
        else:
            self.place = 0.0
        self._moved()

    def set_fine(self, pyramid: Pyramid, step: float) -> None:
        """Show the same sound from a pyramid of points of ``step`` seconds."""
        self._points = PyramidPoints(pyramid, step)
        self.fine = True
        self.update()

    def set_place(self, seconds: float) -> None:
        """Say where it plays. A place that leaves what is shown takes the view along; one that was out of it already does not."""
        if not self._dragging:
            self._go(seconds)

    @property
    def measured(self) -> bool:
        """Whether there is something to see, and so to seek in."""
        return self._points is not None

    def zoom(self, factor: float, at: float | None = None) -> None:
        """Zoom by a factor (below 1: closer) around a share of the width; around the place, where it is seen, without one."""
        if self._points is None:
            return
        if at is None:
            at = (self.place - self.span.first) / self.span.width if self.span.holds(self.place) else 0.5
        if self.span.zoom(factor, at):
            self._moved()

    def zoom_in(self) -> None:
        """Show half as much."""
        self.zoom(CLOSER)

    def zoom_out(self) -> None:
        """Show twice as much."""
        self.zoom(1 / CLOSER)

    def show_whole(self) -> None:
        """Show all of it."""
        if self.span.show(0.0, self.seconds):
            self._moved()

    def reveal(self) -> None:
        """Bring the place into view."""
        if not self.span.holds(self.place):
            self._turn()

    def _go(self, seconds: float) -> None:
        seen, before = self.span.holds(self.place), self._x(self.place)
        self.place = min(max(seconds, 0.0), self.seconds)
        if seen and not self.span.holds(self.place):
            self._turn()
        self._describe()
        ratio = self.devicePixelRatioF()
        if round(before * ratio) != round(self._x(self.place) * ratio):
            self.update()

    def _turn(self) -> None:
        """Go on like a page that is turned: the place stands at the left of the new one."""
        first = self.place - self.span.width / 20
        self.span.show(first, first + self.span.width)
        self._moved()

    def _moved(self) -> None:
        """Show another part."""
        whole = self.span.whole or self._points is None
        self.slider.setVisible(not whole)
        self._lay_foot()
        if not whole:
            self.slider.blockSignals(True)
            self.slider.setRange(0, round((self.seconds - self.span.width) * 1_000))
            self.slider.setPageStep(max(1, round(self.span.width * 1_000)))
            self.slider.setSingleStep(max(1, round(self.span.width * 100)))
            self.slider.setValue(round(self.span.first * 1_000))
            self.slider.blockSignals(False)
            if not self.fine:
                self.closer.emit()
        self._describe()
        self.update()

    @Slot(int)
    def _slid(self, milliseconds: int) -> None:
        if self.span.show(milliseconds / 1_000, milliseconds / 1_000 + self.span.width):
            self._moved()

    def _lay_foot(self) -> None:
        """Make room for the slider between the two ends of the view."""
        foot = 0 if self.slider.isHidden() else paint.scaled(FOOT)
        self.setFixedHeight(HEIGHT + foot)
        side = QFontMetrics(paint.font(11)).horizontalAdvance(shown.exact(self.seconds)) + 8
        self.slider.setGeometry(side, HEIGHT + (foot - SLIDER) // 2, max(0, self.width() - 2 * side), SLIDER)

    def _least(self) -> float:
        return max(1, self.width() // (BAR + GAP)) * FINEST

    def _describe(self) -> None:
        words = ""
        if self._points is not None:
            words = self.tr("{place} of {length}").format(
                place=shown.place(self.place), length=shown.length(self.seconds)
            )
            if not self.span.whole:
                ends = {"first": shown.exact(self.span.first), "last": shown.exact(self.span.last)}
                words += ". " + self.tr("Shows {first} to {last}").format(**ends)
        if words != self.accessibleDescription():
            self.setAccessibleDescription(words)

    # Painting --------------------------------------------------------------------------------------------------------

    def sizeHint(self) -> QSize:
        """Return the height of the shape and what is below it."""
        return QSize(200, self.minimumHeight())

    def bars(self) -> list[tuple[float, float, float]]:
        """Return left edge in pixels, least and greatest sample of every bar in view.

        Bars stand at the same places of the sound wherever the view begins, so that they do not flicker while it moves.
        """
        if self._points is None:
            return []
        pitch, ratio = BAR + GAP, self.devicePixelRatioF()
        width = self.span.width * pitch / max(1, self.width())
        number = int(self.span.first / width + 1e-9)
        count = self.width() // pitch + 2
        made = []
        for place, bar in enumerate(self._points.bars(number * width, width, count), number):
            x = (place * width - self.span.first) / width * pitch
            if bar is not None and x < self.width():
                made.append((round(x * ratio) / ratio, *bar))
        return made

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars, the place, and what part of the sound it is."""
        painter = QPainter(self)
        middle = HEIGHT / 2
        bars = self.bars()
        if not bars:
            painter.fillRect(QRectF(0, middle - 1, self.width(), 2), paint.color(self.theme, "bg4"))
        ratio = self.devicePixelRatioF()
        played = round(self._x(self.place) * ratio) / ratio
        colors = paint.color(self.theme, "acc"), paint.color(self.theme, "t3")
        for x, low, high in bars:
            top, bottom = middle - high / 127 * middle, middle - low / 127 * middle
            if bottom - top < 2:
                top, bottom = (top + bottom) / 2 - 1, (top + bottom) / 2 + 1
            painter.fillRect(QRectF(x, top, BAR, bottom - top), colors[x >= played])
        if bars and (self.place > 0 or self._dragging):
            painter.fillRect(QRectF(played - 0.5, 0, 1, HEIGHT), paint.color(self.theme, "t1"))
        if bars and not self.span.whole:
            self._paint_ends(painter)
        if self._ring:
            painter.setPen(paint.pen(self.theme, "focus", 2))
            painter.drawRect(QRectF(0, 0, self.width(), HEIGHT).adjusted(1, 1, -1, -1))
        painter.end()

    def _paint_ends(self, painter: QPainter) -> None:
        """Write where the view begins and ends, on both sides of the slider."""
        font, tint = paint.font(11), paint.color(self.theme, "t2")
        foot = QRectF(0, HEIGHT, self.width(), self.height() - HEIGHT)
        paint.draw_text(painter, foot, shown.exact(self.span.first), tint, font)
        paint.draw_text(painter, foot, shown.exact(self.span.last), tint, font, align=Qt.AlignmentFlag.AlignRight)
        groove = QRectF(self.slider.geometry()).adjusted(2, SLIDER / 2 - 1, -2, 1 - SLIDER / 2)
        painter.fillRect(groove, paint.color(self.theme, "line2"))
        if self._points is not None and not self.fine and self._points.step > self.span.width / max(1, self.width()):
            words = self.tr("Reading…")
            box = QRectF(0, 0, paint.width_of(words, font) + 12, foot.height())
            box.moveCenter(QRectF(0, 0, self.width(), HEIGHT).center())
            painter.fillRect(box, paint.color(self.theme, "bg1"))
            paint.draw_text(painter, box, words, tint, font, align=Qt.AlignmentFlag.AlignHCenter)

    def _x(self, seconds: float) -> float:
        return (seconds - self.span.first) / self.span.width * self.width() if self.span.width else 0.0

    # Keys and pointer ------------------------------------------------------------------------------------------------

    def _seconds_at(self, x: float) -> float:
        return self.span.first + self.span.width * min(max(x / max(1, self.width()), 0.0), 1.0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin to choose a place."""
        if event.button() is Qt.MouseButton.LeftButton and self._points is not None:
            self._dragging = True
            self._drag_to(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Take the place along."""
        if self._dragging:
            self._drag_to(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Seek."""
        if self._dragging and event.button() is Qt.MouseButton.LeftButton:
            self._drag_to(event)
            self._dragging = False
            self.seek.emit(self.place)

    def _drag_to(self, event: QMouseEvent) -> None:
        self._go(self._seconds_at(event.position().x()))
        self.pointed.emit(self.place)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom around the pointer; with Shift, or sideways, move along."""
        turn = event.angleDelta()
        if turn.x() or event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            if self.span.pan(-(turn.x() or turn.y()) / 1_200):
                self._moved()
        elif turn.y():
            self.zoom(0.8 ** (turn.y() / 120), event.position().x() / max(1, self.width()))
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by a pinch on the touch pad."""
        if isinstance(event, QNativeGestureEvent) and event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
            self.zoom(1 / max(0.1, 1 + event.value()), event.position().x() / max(1, self.width()))
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Seek by the arrows, Home and End, move along by Page Up and Page Down and Ctrl with the arrows, zoom by ``+ - 0``."""
        if self._points is None:
            super().keyPressEvent(event)
            return
        key = Qt.Key(event.key())
        step = min(SECONDS_STEP, self.span.width / 20)
        places = {
            Qt.Key.Key_Left: self.place - step,
            Qt.Key.Key_Right: self.place + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: self.seconds,
        }
        moves = {Qt.Key.Key_PageUp: -0.9, Qt.Key.Key_PageDown: 0.9}
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            moves |= {Qt.Key.Key_Left: -0.1, Qt.Key.Key_Right: 0.1}
        zooms = {
            Qt.Key.Key_Plus: self.zoom_in,
            Qt.Key.Key_Equal: self.zoom_in,
            Qt.Key.Key_Minus: self.zoom_out,
            Qt.Key.Key_0: self.show_whole,
        }
        if key in moves:
            if self.span.pan(moves[key]):
                self._moved()
        elif key in places:
            self._go(places[key])
            self.reveal()
            self.seek.emit(self.place)
        elif key in zooms:
            zooms[key]()
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer to zoom, by the right button, the Menu key or Shift+F10."""
        menu = self.menu()
        menu.exec(event.globalPos())
        menu.deleteLater()

    def menu(self) -> QMenu:
        """Return the menu."""
        menu = QMenu(self)
        closest = self.span.width <= self.span.least
        for words, run, can in (
            (self.tr("Zoom in") + "\t+", self.zoom_in, self.measured and not closest),
            (self.tr("Zoom out") + "\t-", self.zoom_out, self.measured and not self.span.whole),
            (self.tr("Show the whole track") + "\t0", self.show_whole, self.measured and not self.span.whole),
        ):
            menu.addAction(words, run).setEnabled(can)
        return menu

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Draw the ring when the focus came by keyboard."""
        # Imported late: nothing is focused before the window shows.
        from mycelix_studio.ui.widgets.focus import BY_KEYBOARD

        self._ring = event.reason() in BY_KEYBOARD
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the ring away."""
        self._ring = False
        super().focusOutEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the slider at the foot."""
        self._lay_foot()
        self.span.least = self._least()
        super().resizeEvent(event)

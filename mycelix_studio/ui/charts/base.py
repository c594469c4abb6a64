"""The widget every chart derives from: states, theme, keyboard cursor, speech, table twin's rows, export."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.data import ChartData
from mycelix_studio.ui.theme import DARK, Theme
from mycelix_studio.ui.widgets.announce import announce

SKELETON_DELAY_MS = 200


class ChartState(StrEnum):
    """What the chart shows instead of, or besides, its data."""

    READY = "ready"
    LOADING = "loading"
    EMPTY = "empty"
    ERROR = "error"


class Chart(QWidget):
    """Base of the charts. A subclass paints in :meth:`paint_chart` and says where its points lie in :meth:`point_at`.

    Signals:
        cursor_moved(index): The cursor is on a point; -1 when it left.
        activated(index, series): A point was clicked or Enter pressed on it: show its rows. ``series`` is -1 for all.
        range_step(direction): ``+`` or ``-`` was pressed: the page takes the next longer or shorter range.
        table_wanted(): ``T`` was pressed.
        announced(text): What a screen reader was given to speak.
    """

    cursor_moved = Signal(int)
    activated = Signal(int, int)
    range_step = Signal(int)
    table_wanted = Signal()
    announced = Signal(str)

    minimum = QSize(120, 80)

    def __init__(self, data: ChartData, theme: Theme = DARK, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.data = data
        self.theme = theme
        self.state = ChartState.READY
        self.message = ""
        self.at = -1
        self.series = -1
        self._ring = False
        self._layer: QPixmap | None = None
        self._skeleton_due = False
        self._skeleton_timer: QTimer | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(self.minimum)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self._describe()

    # What it shows -------------------------------------------------------------------------------------------------

    def set_data(self, data: ChartData) -> None:
        """Show other data; the cursor stays on the same point where there is one. Does nothing for equal data."""
        same = data == self.data and self.state in (ChartState.READY, ChartState.EMPTY)
        self.data = data
        self._stop_waiting()
        self.state = ChartState.EMPTY if data.empty else ChartState.READY
        self.message = ""
        if self.at >= len(data.points):
            self.set_cursor(-1)
        if not same:
            self._describe()
            self.invalidate()

    def set_loading(self) -> None:
        """Show a skeleton, once loading has taken 200 ms; until then what was there stays."""
        self.state = ChartState.LOADING
        if self._skeleton_timer is None:
            self._skeleton_timer = QTimer(self, singleShot=True, interval=SKELETON_DELAY_MS)
            self._skeleton_timer.timeout.connect(self._show_skeleton)
        if not self._skeleton_timer.isActive():
            self._skeleton_timer.start()

    def set_error(self, message: str) -> None:
        """Show why there is nothing to see."""
        self._stop_waiting()
        self.state = ChartState.ERROR
        self.message = message
        self._describe()
        self.invalidate()

    def set_empty(self, message: str) -> None:
        """Show that there is nothing yet and what would change that."""
        self._stop_waiting()
        self.state = ChartState.EMPTY
        self.message = message
        self._describe()
        self.invalidate()

    def set_theme(self, theme: Theme) -> None:
        """Repaint in other colours, at once."""
        self.theme = theme
        self.invalidate()

    def invalidate(self) -> None:
        """Paint anew with the next frame."""
        self._layer = None
        self.update()

    def summary(self) -> str:
        """Return the sentences a screen reader speaks."""
        if self.state is ChartState.ERROR:
            return f"{self.data.title}. {self.message}"
        return words.summary(self.data)

    def _describe(self) -> None:
        self.setAccessibleName(self.data.title)
        self.setAccessibleDescription(self.summary())

    def _stop_waiting(self) -> None:
        if self._skeleton_timer is not None:
            self._skeleton_timer.stop()
        self._skeleton_due = False

    def _show_skeleton(self) -> None:
        self._skeleton_due = True
        self.invalidate()

    # For subclasses ------------------------------------------------------------------------------------------------

    def paint_chart(self, painter: QPainter, area: QRectF) -> None:
        """Paint everything that does not follow the cursor."""
        raise NotImplementedError

    def paint_cursor(self, painter: QPainter, area: QRectF) -> None:
        """Paint the crosshair and its values; called on every move, so it must be cheap."""

    def point_at(self, position: QPointF) -> int:
        """Return the index of the point nearest to a place in the widget, -1 for none."""
        raise NotImplementedError

    def series_at(self, position: QPointF, index: int) -> int:
        """Return the series under a place; -1 for all of them."""
        return -1

    # Painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the state or the data; the part that does not move is kept as a picture."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect())
        if self.state is ChartState.LOADING and self._skeleton_due:
            self.paint_skeleton(painter, area)
        elif self.state is ChartState.ERROR:
            self._paint_message(painter, area, "ph.warning", "warn", self.message)
        elif self.state is ChartState.LOADING and self.data.empty:
            pass  # nothing is known yet, and the skeleton is not due
        elif self.state is ChartState.EMPTY or self.data.empty:
            text = self.message or words.tr("Nothing in this range yet.")
            self._paint_message(painter, area, "ph.chart-line-up", "t3", text)
        else:
            painter.drawPixmap(0, 0, self._kept_layer(area))
            if self.at >= 0:
                self.paint_cursor(painter, area)
        if self._ring:
            painter.setPen(paint.pen(self.theme, "focus", 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
        painter.end()

    def _kept_layer(self, area: QRectF) -> QPixmap:
        ratio = self.devicePixelRatioF()
        if self._layer is None or self._layer.devicePixelRatio() != ratio:
            layer = QPixmap(self.size() * ratio)
            layer.setDevicePixelRatio(ratio)
            layer.fill(Qt.GlobalColor.transparent)
            painter = QPainter(layer)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.paint_chart(painter, area)
            painter.end()
            self._layer = layer
        return self._layer

    def paint_skeleton(self, painter: QPainter, area: QRectF) -> None:
        """Paint the ghost of a chart: bars of unequal height on the ground of a track."""
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, "bg3"))
        count = max(3, int(area.width() // 48))
        width = area.width() / count
        for index in range(count):
            height = area.height() * (0.28 + 0.34 * ((index * 7) % 5) / 4)
            bar = QRectF(area.left() + index * width + 4, area.bottom() - height - 20, width - 8, height)
            painter.drawRoundedRect(bar, 3, 3)

    def _paint_message(self, painter: QPainter, area: QRectF, icon: str, tint: str, text: str) -> None:
        center = area.center()
        large = area.height() >= 90
        if large:
            side = paint.scaled(28)
            box = QRectF(center.x() - side / 2, center.y() - side - 10, side, side)
            paint.draw_icon(painter, icon, box, paint.color(self.theme, tint))
        painter.setFont(paint.font(12))
        painter.setPen(paint.color(self.theme, "t2"))
        flags = int(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop | Qt.TextFlag.TextWordWrap)
        top = center.y() if large else area.top() + 4
        painter.drawText(QRectF(area.left() + 8, top, area.width() - 16, area.bottom() - top), flags, text)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint anew at the new size."""
        self._layer = None
        super().resizeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Paint anew after a change of language or font."""
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.FontChange, QEvent.Type.LocaleChange):
            self._describe()
            self.invalidate()
        super().changeEvent(event)

    # Cursor --------------------------------------------------------------------------------------------------------

    def set_cursor(self, index: int, *, speak: bool = False) -> None:
        """Move the cursor to a point (-1 takes it away) and, when asked, speak it."""
        if index != self.at:
            self.at = index
            self.cursor_moved.emit(index)
            self.update()
        if speak and index >= 0:
            self.announce(words.point_sentence(self.data, index, self.series if self.series >= 0 else None))

    def announce(self, text: str) -> None:
        """Let a screen reader speak."""
        announce(self, text)
        self.announced.emit(text)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Follow the pointer."""
        self.set_cursor(self.point_at(event.position()) if self._live else -1)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Open the rows behind a point."""
        if event.button() is Qt.MouseButton.LeftButton and self._live:
            index = self.point_at(event.position())
            if index >= 0:
                self.activated.emit(index, self.series_at(event.position(), index))
        super().mousePressEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Take the crosshair away, unless the keyboard holds it."""
        if not self.hasFocus():
            self.set_cursor(-1)
        super().leaveEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the ring when focus came by keyboard."""
        self._ring = event.reason() in (
            Qt.FocusReason.TabFocusReason,
            Qt.FocusReason.BacktabFocusReason,
            Qt.FocusReason.ShortcutFocusReason,
        )
        self.update()
        super().focusInEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take ring and cursor away."""
        self._ring = False
        self.set_cursor(-1)
        super().focusOutEvent(event)

    @property
    def _live(self) -> bool:
        return self.state is ChartState.READY and not self.data.empty

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move by point, mark and series; T, S, Ctrl+C, + and - as listed under F1."""
        if not self._handle(event):
            super().keyPressEvent(event)

    def _handle(self, event: QKeyEvent) -> bool:
        key, control = event.key(), bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        last = len(self.data.points) - 1
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal, Qt.Key.Key_Minus) and not control:
            self.range_step.emit(-1 if key == Qt.Key.Key_Minus else 1)
        elif key == Qt.Key.Key_S and not control:
            self.announce(self.summary())
        elif key == Qt.Key.Key_T and not control:
            self.table_wanted.emit()
        elif not self._live:
            return False
        elif key == Qt.Key.Key_C and control:
            self.copy_values()
        elif key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            step = 1 if key == Qt.Key.Key_Right else -1
            self.set_cursor(self._next_mark(step) if control else self._step(step, last), speak=True)
        elif key == Qt.Key.Key_Home:
            self.set_cursor(0, speak=True)
        elif key == Qt.Key.Key_End:
            self.set_cursor(last, speak=True)
        elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._next_series(1 if key == Qt.Key.Key_Up else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.at >= 0:
            self.activated.emit(self.at, self.series)
        elif key == Qt.Key.Key_Escape and self.at >= 0:
            self.set_cursor(-1)
        else:
            return False
        return True

    def _step(self, step: int, last: int) -> int:
        if self.at < 0:
            return last if step < 0 else 0
        return min(max(self.at + step, 0), last)

    def _next_mark(self, step: int) -> int:
        marks = sorted({note.index for note in self.data.annotations})
        if not marks:
            return self._step(step * max(1, len(self.data.points) // 10), len(self.data.points) - 1)
        if step > 0:
            return next((mark for mark in marks if mark > self.at), marks[-1])
        before = [mark for mark in marks if mark < self.at] if self.at >= 0 else marks
        return before[-1] if before else marks[0]

    def _next_series(self, step: int) -> None:
        count = len(self.data.series)
        self.series = (self.series + 1 + step) % (count + 1) - 1
        label = self.data.series[self.series].label if self.series >= 0 else words.tr("All")
        self.invalidate()
        if self.at < 0:
            self.announce(label)
        else:
            self.set_cursor(self.at, speak=True)

    # Export --------------------------------------------------------------------------------------------------------

    def copy_values(self) -> None:
        """Put the values as tab-separated text on the clipboard."""
        from mycelix_studio.ui.charts import export

        export.copy_values(self.data)
        self.announce(words.tr("Values copied"))

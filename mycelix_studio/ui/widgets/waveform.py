"""A track's waveform to look at and to seek in: played part in the accent, the rest grey."""

from __future__ import annotations

import itertools

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from mycelix_studio.ui.theme import Theme

HEIGHT = 52
BAR, GAP = 2, 1
SECONDS_STEP = 5.0


class Waveform(QWidget):
    """The outline of a sound.

    Signals:
        seek(share): A place was chosen, 0 to 1.
    """

    seek = Signal(float)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self._low: tuple[int, ...] = ()
        self._high: tuple[int, ...] = ()
        self.share = 0.0
        self.seconds = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("Waveform"))

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def set_outline(self, low: bytes, high: bytes, seconds: float) -> None:
        """Show another sound; empty bytes while it is not measured."""
        self._low = tuple(memoryview(low).cast("b"))
        self._high = tuple(memoryview(high).cast("b"))
        self.seconds = seconds
        self.set_share(0.0)

    def set_share(self, share: float) -> None:
        """Say how far it was played, 0 to 1."""
        self.share = min(max(share, 0.0), 1.0)
        self.setAccessibleDescription(f"{round(self.share * 100)} %")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of the outline."""
        return QSize(200, HEIGHT)

    def bars(self, count: int) -> list[tuple[int, int]]:
        """Return the extremes of ``count`` equal parts; as many as there are points where those are fewer."""
        points = len(self._low)
        count = min(count, points)
        edges = [number * points // count for number in range(count + 1)] if count else [0]
        return [(min(self._low[a:b]), max(self._high[a:b])) for a, b in itertools.pairwise(edges) if b > a]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Seek."""
        if event.button() is Qt.MouseButton.LeftButton and self._low:
            self.seek.emit(event.position().x() / max(1, self.width()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right seek by five seconds, Home and End to the ends."""
        step = SECONDS_STEP / self.seconds if self.seconds else 0.05
        places = {
            Qt.Key.Key_Left: self.share - step,
            Qt.Key.Key_Right: self.share + step,
            Qt.Key.Key_Home: 0.0,
            Qt.Key.Key_End: 1.0,
        }
        place = places.get(Qt.Key(event.key()))
        if place is None or not self._low:
            super().keyPressEvent(event)
            return
        self.seek.emit(min(max(place, 0.0), 1.0))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint bars and the place."""
        painter = QPainter(self)
        middle, width = self.height() / 2, self.width()
        found = self.bars(width // (BAR + GAP))
        if not found:
            painter.fillRect(QRectF(0, middle - 1, width, 2), QColor(self.theme.bg4))
        played = self.share * width
        pitch = width / max(1, len(found))
        for number, (low, high) in enumerate(found):
            x = number * pitch
            top, bottom = middle - high / 127 * middle, middle - low / 127 * middle
            rect = QRectF(x, top, BAR, max(2.0, bottom - top))
            painter.fillRect(rect, QColor(self.theme.acc if x < played else self.theme.t3))
        if found and self.share > 0:
            painter.fillRect(QRectF(played - 0.5, 0, 1, self.height()), QColor(self.theme.t1))
        if self.hasFocus():
            painter.setPen(QColor(self.theme.focus))
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

"""Progress: a bar of 6 px and a row with words, time and Stop."""

from __future__ import annotations

import time

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QHideEvent, QPainter, QPaintEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mycelix_studio.services.jobs import Progress
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button


def draw_bar(
    painter: QPainter,
    rect: QRectF,
    share: float,
    theme: Theme,
    *,
    tone: str = "acc",
    begin: float = 0.0,
    selected: bool = False,
) -> None:
    """Draw a bar filled from ``begin`` to ``share`` (0 to 1), on the ground of a selected row too. For delegates and :class:`Bar`."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.line2 if selected else theme.bg4))
    painter.drawRoundedRect(rect, 3, 3)
    if share > begin:
        painter.setBrush(QColor(getattr(theme, tone)))
        painter.drawRoundedRect(
            QRectF(rect.x() + rect.width() * begin, rect.y(), rect.width() * (share - begin), rect.height()), 3, 3
        )
    painter.restore()


class Bar(QWidget):
    """A bar. Unknown progress moves from side to side, or stands still in the middle where nothing may move."""

    def __init__(self, theme: Theme, name: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.share: float | None = 0.0
        self.tone = "acc"
        self._phase = 0.0
        self._timer = QTimer(self, interval=40)
        self._timer.timeout.connect(self._step)
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme

    def set_share(self, share: float | None, tone: str = "acc") -> None:
        """Fill to a share of 0 to 1; None while unknown. Each tenth is announced."""
        before = self.share
        self.share, self.tone = share, tone
        if share is not None and before is not None and int(share * 10) > int(before * 10) and self.isVisible():
            announce(self, f"{self.accessibleName()} {int(share * 100)} %")
        self._tick()
        self.update()

    def sizeHint(self) -> QSize:
        """Return 6 px of height."""
        return QSize(120, 6)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin to move."""
        super().showEvent(event)
        self._tick()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop moving."""
        super().hideEvent(event)
        self._timer.stop()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        rect = QRectF(0, (self.height() - 6) / 2, self.width(), 6)
        if self.share is None:
            place = self._phase if self._phase <= 1 else 2 - self._phase
            draw_bar(painter, rect, 0.26 + 0.74 * place, self._theme, tone=self.tone, begin=0.74 * place)
        else:
            draw_bar(painter, rect, min(self.share, 1.0), self._theme, tone=self.tone)
        painter.end()

    def _tick(self) -> None:
        moving = self.share is None and self.isVisible() and not QCoreApplication.instance().property("still")  # type: ignore[union-attr]
        if moving != self._timer.isActive():
            self._timer.start() if moving else self._timer.stop()
        if not moving and self.share is None:
            self._phase = 0.5

    def _step(self) -> None:
        self._phase = (self._phase + 0.02) % 2
        self.update()


def time_left(progress: Progress, seconds: float) -> str:
    """Return "about 2 min", honest: nothing in the first two seconds or while the total is unknown."""
    if not progress.total or not progress.done or seconds < 2:
        return ""
    left = seconds * (progress.total - progress.done) / progress.done
    if left < 1:
        return ""
    if left < 90:
        return QCoreApplication.translate("Progress", "about {n} s").format(n=max(1, round(left)))
    return QCoreApplication.translate("Progress", "about {n} min").format(n=round(left / 60))


class ProgressRow(QWidget):
    """Name of the work, counts and time left, a bar, what is being done now, Stop. Appears after half a second."""

    stop = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._begun = 0.0
        self._due = QTimer(self, singleShot=True, interval=500)
        self._due.timeout.connect(self.show)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 8, 16, 8)
        column.setSpacing(4)
        head = QHBoxLayout()
        self.name = text("", theme, "strong")
        self.count = text("", theme, "small", "t3")
        self.button = Button(self.tr("Stop"), theme, "quiet", small=True)
        self.button.clicked.connect(self._stop)
        head.addWidget(self.name)
        head.addStretch(1)
        head.addWidget(self.count)
        head.addWidget(self.button)
        column.addLayout(head)
        self.bar = Bar(theme)
        column.addWidget(self.bar)
        self.now = text("", theme, "small", "t3")
        column.addWidget(self.now)
        self.hide()

    def begin(self, name: str) -> None:
        """Get ready for a piece of work; the row shows itself when it takes longer than half a second."""
        self.name.setText(name)
        self.bar.setAccessibleName(name)
        self.count.setText("")
        self.now.setText("")
        self.button.setEnabled(True)
        self.bar.set_share(None)
        self._begun = time.monotonic()
        self._due.start()

    def step(self, progress: Progress) -> None:
        """Show how far it is."""
        left = time_left(progress, time.monotonic() - self._begun)
        if progress.total:
            counts = self.tr("{done} of {total}").format(done=f"{progress.done:,}", total=f"{progress.total:,}")
            self.bar.set_share(progress.done / progress.total)
        else:
            counts = f"{progress.done:,}" if progress.done else ""
        self.count.setText(" · ".join(part for part in (counts, left) if part))
        self.now.setText(self.tr("Now: {what}").format(what=progress.text) if progress.text else "")

    def end(self) -> None:
        """Success, failure and stop alike close the row."""
        self._due.stop()
        self.hide()

    def _stop(self) -> None:
        self.button.setEnabled(False)
        self.stop.emit()

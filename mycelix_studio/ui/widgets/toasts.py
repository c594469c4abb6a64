"""Toasts: what happened, bottom right, for six seconds or until closed; announced to screen readers."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.cards import NOTE_ICONS

SECONDS = 6
MOST = 4
WIDTH = 400


class Message(NamedTuple):
    """One toast. ``tone`` is ok, info, warn or bad; bad ones stay until closed."""

    title: str
    words: str = ""
    tone: str = "ok"
    action: str = ""
    run: Callable[[], None] | None = None


class Toast(QFrame):
    """One message."""

    def __init__(self, message: Message, theme: Theme, close: Callable[[Toast], None], parent: QWidget) -> None:
        super().__init__(parent)
        self.message = message
        self._close = close
        self.setProperty("kind", "pop")
        self.setAccessibleName(f"{message.title}. {message.words}")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 8, 10)
        row.setSpacing(12)
        row.addWidget(Icon(NOTE_ICONS[message.tone], theme, message.tone))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(text(message.title, theme, "small_strong", wrap=True))
        if message.words:
            words.addWidget(text(message.words, theme, "small", "t2", wrap=True))
        row.addLayout(words, 1)
        if message.action and message.run is not None:
            self.button = Button(message.action, theme, small=True)
            self.button.clicked.connect(self._run)
            row.addWidget(self.button)
        closer = IconButton("ph.x", self.tr("Close"), theme)
        closer.clicked.connect(self.dismiss)
        row.addWidget(closer)
        self.setFixedWidth(paint.scaled(WIDTH))
        self._timer = QTimer(self, singleShot=True, interval=SECONDS * 1000)
        self._timer.timeout.connect(self.dismiss)
        if message.tone != "bad":
            self._timer.start()

    def enterEvent(self, event: QEvent) -> None:
        """Stay while somebody reads."""
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Go soon after."""
        if self.message.tone != "bad":
            self._timer.start()

    def dismiss(self) -> None:
        """Go."""
        self._timer.stop()
        self._close(self)

    def _run(self) -> None:
        run = self.message.run
        self.dismiss()
        if run is not None:
            run()


class Toasts(QObject):
    """The stack of toasts over a window."""

    def __init__(self, window: QWidget, theme: Theme, bottom: int = 40) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self._bottom = bottom
        self.shown: list[Toast] = []
        window.installEventFilter(self)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours for the next ones."""
        self._theme = theme

    def show(self, message: Message) -> Toast:
        """Show a message; the same title again replaces the old one."""
        for old in [toast for toast in self.shown if toast.message.title == message.title]:
            old.dismiss()
        while len(self.shown) >= MOST:
            self.shown[0].dismiss()
        toast = Toast(message, self._theme, self._gone, self._window)
        self.shown.append(toast)
        toast.show()
        self._place()
        announce(self._window, f"{message.title}. {message.words}", urgent=message.tone == "bad")
        return toast

    def clear(self) -> None:
        """Dismiss all."""
        for toast in list(self.shown):
            toast.dismiss()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keep them at the corner."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def _gone(self, toast: Toast) -> None:
        if toast in self.shown:
            self.shown.remove(toast)
        toast.hide()
        toast.deleteLater()
        self._place()

    def _place(self) -> None:
        y = self._window.height() - self._bottom
        for toast in reversed(self.shown):
            wide, height = toast.width(), toast.sizeHint().height()
            if toast.hasHeightForWidth():
                height = max(toast.heightForWidth(wide), height)
            toast.setFixedHeight(height)
            y -= height + 8
            toast.move(self._window.width() - wide - 16, y)
            toast.raise_()

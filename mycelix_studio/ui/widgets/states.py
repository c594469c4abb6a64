"""What every page can be besides full: loading (a skeleton after 200 ms), empty, wrong, nothing found."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, QTimer
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.errors import StudioError
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Action, error_note

SKELETON_MS = 200
WORDS_WIDTH = 460


class Empty(QWidget):
    """A picture, what is not there, what would change that, and buttons. The first button is the primary one."""

    def __init__(
        self, icon: str, title: str, words: str, theme: Theme, actions: Sequence[Action] = (), *, primary: bool = True
    ) -> None:
        super().__init__()
        self.setAccessibleName(f"{title}. {words}")
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addStretch(2)
        picture = Icon(icon, theme, "t2", 36)
        column.addWidget(picture, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addSpacing(4)
        head = text(title, theme, "section", wrap=True)
        body = text(words, theme, "body", "t2", wrap=True)
        self._words = (head, body)
        for label in self._words:
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label, 0, Qt.AlignmentFlag.AlignHCenter)
        self.set_theme(theme)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addStretch(1)
        self.buttons: list[Button] = []
        for number, (name, run) in enumerate(actions):
            button = Button(name, theme, ("primary" if primary else "default") if number == 0 else "default")
            button.clicked.connect(run)
            row.addWidget(button)
            self.buttons.append(button)
        row.addStretch(1)
        column.addSpacing(8)
        column.addLayout(row)
        column.addStretch(3)

    def set_theme(self, theme: Theme) -> None:
        """Give the words the lines they need at the size of text in force."""
        for label in self._words:
            label.set_theme(theme)
            label.setFixedWidth(WORDS_WIDTH)
            label.setMinimumHeight(label.heightForWidth(WORDS_WIDTH))


class Skeleton(QWidget):
    """Grey shapes where rows or cards will be; never a blank page, never a spinner."""

    def __init__(self, theme: Theme, kind: str = "rows") -> None:
        super().__init__()
        self._theme = theme
        self._kind = kind
        self.setAccessibleName(self.tr("Loading"))

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the shapes."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._theme.bg3))
        width, y = float(self.width()), 20.0
        if self._kind == "cards":
            part = (width - 40 - 24) / 3
            for number in range(3):
                painter.drawRoundedRect(QRectF(20 + number * (part + 12), y, part, 92), 8, 8)
            y += 112
        while y < self.height() - 20:
            painter.drawRoundedRect(QRectF(20, y, 22, 22), 4, 4)
            painter.drawRoundedRect(QRectF(54, y + 6, width * 0.32, 10), 3, 3)
            painter.drawRoundedRect(QRectF(width - 120, y + 6, 100, 10), 3, 3)
            y += 38
        painter.end()


class States(QStackedWidget):
    """Shows one of: content, skeleton, empty, error. The content is made once and stays."""

    def __init__(self, content: QWidget, theme: Theme, *, skeleton: str = "rows") -> None:
        super().__init__()
        self._theme = theme
        self.content = content
        self.skeleton = Skeleton(theme, skeleton)
        self.other: QWidget | None = None
        self.addWidget(content)
        self.addWidget(self.skeleton)
        self._due = QTimer(self, singleShot=True, interval=SKELETON_MS)
        self._due.timeout.connect(self._show_skeleton)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours for what is made next."""
        self._theme = theme

    def show_loading(self) -> None:
        """Show the skeleton when nothing else is shown within 200 ms."""
        if not self._due.isActive():
            self._due.start()

    def show_content(self) -> None:
        """Show the page itself."""
        self._due.stop()
        self.setCurrentWidget(self.content)
        self._drop()

    def show_empty(
        self, icon: str, title: str, words: str, actions: Sequence[Action] = (), *, primary: bool = True
    ) -> Empty:
        """Show what is not there and what would change that."""
        made = Empty(icon, title, words, self._theme, actions, primary=primary)
        self._show(made)
        return made

    def show_error(self, error: StudioError, actions: Sequence[Action] = ()) -> None:
        """Show what failed, why, what is safe and what to do."""
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(20, 20, 20, 20)
        column.addWidget(error_note(error, self._theme, actions))
        column.addStretch(1)
        self._show(holder)
        announce(self, f"{error.title}. {error.message}", urgent=True)

    @property
    def showing(self) -> str:
        """Return what is shown: content, loading, or other."""
        current = self.currentWidget()
        return "content" if current is self.content else "loading" if current is self.skeleton else "other"

    def _show(self, widget: QWidget) -> None:
        self._due.stop()
        self.addWidget(widget)
        self.setCurrentWidget(widget)
        self._drop()
        self.other = widget

    def _drop(self) -> None:
        if self.other is not None:
            self.removeWidget(self.other)
            self.other.deleteLater()
            self.other = None

    def _show_skeleton(self) -> None:
        self.setCurrentWidget(self.skeleton)
        self._drop()

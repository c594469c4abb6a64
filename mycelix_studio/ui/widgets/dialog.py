"""A dialog: title, words, a body that scrolls, buttons that stay. Esc leaves; Enter does the primary thing unless it is dangerous."""

from __future__ import annotations

from PySide6.QtCore import QSize, Slot
from PySide6.QtWidgets import QDialog, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Rule, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.scroll import Scroller

LEAST_WIDE = 1000
"""A dialog that wants more is no wider than the window it belongs to, but never less than what the smallest window has."""


class Dialog(QDialog):
    """Base of the dialogs. Add to :attr:`body`; buttons by :meth:`add_button`."""

    def __init__(
        self, title: str, words: str, theme: Theme, parent: QWidget | None = None, *, width: int = 520
    ) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle(title)
        self.setProperty("kind", "dialog")
        self.setModal(True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        inner = QWidget()
        inner.setProperty("ground", "none")
        column = QVBoxLayout(inner)
        column.setContentsMargins(24, 20, 24, 16)
        column.setSpacing(4)
        self.title = text(title, theme, "page", wrap=True)
        self.words = text(words, theme, "body", "t2", wrap=True)
        self.words.setVisible(bool(words))
        column.addWidget(self.title)
        column.addWidget(self.words)
        column.addSpacing(10)
        self.body = QVBoxLayout()
        self.body.setSpacing(8)
        column.addLayout(self.body)
        column.addStretch(1)
        self.scroller = Scroller(inner)
        outer.addWidget(self.scroller, 1)
        outer.addWidget(Rule(theme, "line2"))
        self.buttons = QHBoxLayout()
        self.buttons.setContentsMargins(24, 12, 24, 14)
        self.buttons.setSpacing(8)
        self.buttons.addStretch(1)
        outer.addLayout(self.buttons)
        self.scroller.verticalScrollBar().rangeChanged.connect(self._grow)
        self._needed = 0
        self._width = width
        self._inner = inner
        self._column = column

    def add_button(self, words: str, kind: str = "default", *, left: bool = False, enter: bool = False) -> Button:
        """Add a button at the right end, or at the left one; ``enter`` makes it the one Enter presses."""
        button = Button(words, self.theme, kind)
        if left:
            self.buttons.insertWidget(0, button)
        else:
            self.buttons.addWidget(button)
        button.setDefault(enter)
        return button

    def let_body_grow(self) -> None:
        """Give the room that is left to the body, for one with a table."""
        self._column.setStretch(self._column.count() - 1, 0)
        self._column.setStretch(self._column.count() - 2, 1)

    def fit(self) -> None:
        """Take the height the body needs, as far as the screen has it."""
        self._inner.adjustSize()
        wide = width_within(self, self._width)
        content = self._column.heightForWidth(wide) if self._column.hasHeightForWidth() else 0
        content = max(content, self._inner.sizeHint().height(), self._inner.minimumSizeHint().height())
        self._needed = 0
        room = self.screen().availableGeometry().height() - 48 if self.screen() is not None else 900
        self.resize(wide, min(content + 60, room))

    @Slot(int, int)
    def _grow(self, _least: int, hidden: int) -> None:
        """Take the room that the body turned out to need; a person who made the dialog smaller keeps it so."""
        needed = self._inner.height()
        if not hidden or not self.isVisible() or needed == self._needed:
            return
        self._needed = needed
        room = self.screen().availableGeometry().height() - 48 if self.screen() is not None else 900
        self.resize(self.width(), min(self.height() + hidden, max(room, self.height())))

    def showEvent(self, event: object) -> None:
        """Take the right size first."""
        self.fit()
        super().showEvent(event)  # type: ignore[arg-type]


def room_for(dialog: QDialog) -> QSize:
    """Return the size of the window a dialog belongs to, which it must not outgrow."""
    parent = dialog.parentWidget()
    return parent.window().size() if parent is not None else dialog.screen().availableGeometry().size()


def width_within(dialog: QDialog, wanted: int) -> int:
    """Return a width, wanted at normal size of text, as wide as the text in force asks and the window has room for."""
    return min(paint.scaled(wanted), max(room_for(dialog).width() - 24, min(wanted, LEAST_WIDE)))


def ask(
    parent: QWidget, title: str, words: str, do: str, theme: Theme, *, danger: bool = False, leave: str = ""
) -> bool:
    """Ask before something; returns True when the person says ``do``. Enter never does what cannot be undone."""
    dialog = Dialog(title, words, theme, parent, width=460)
    away = dialog.add_button(leave or dialog.tr("Cancel"))
    go = dialog.add_button(do, "danger" if danger else "primary", enter=not danger)
    away.clicked.connect(dialog.reject)
    go.clicked.connect(dialog.accept)
    (away if danger else go).setFocus()
    answer = dialog.exec() == QDialog.DialogCode.Accepted
    dialog.deleteLater()
    return answer

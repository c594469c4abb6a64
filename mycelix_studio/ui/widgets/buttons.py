"""Buttons. Their icons follow the theme; every one has an accessible name."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.theme import Theme

SIDE = 28
GAP = 5
"""Pixels an icon is wider than high where words follow: style sheets cannot set the room between them."""
ICON_TONES = {
    "primary": "on_acc",
    "danger": "bad",
    "default": "t1",
    "quiet": "t2",
    "icon": "t2",
    "boxed": "t1",
    "on": "on_acc",
    "link": "t2",
}


def _shown(keys: str) -> str:
    """Return a shortcut as this system writes it."""
    from PySide6.QtGui import QKeySequence

    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText)


class Button(QPushButton):
    """A push button.

    Args:
        words: What it says; a verb.
        theme: Colours of its icon.
        kind: ``primary`` (at most one a page), ``default``, ``quiet``, ``danger`` or ``link``.
        icon_name: Icon before the words, such as ``ph.folder-plus``.
        small: 28 px high instead of 32, for toolbars and the inspector.
        keys: Shortcut shown in the tooltip; the shortcut itself belongs to a command of the page.
    """

    def __init__(
        self,
        words: str,
        theme: Theme,
        kind: str = "default",
        icon_name: str = "",
        *,
        small: bool = False,
        keys: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(words, parent)
        self.kind = kind
        self.icon_name = icon_name
        self.setProperty("kind", kind)
        self.setProperty("small", small)
        self.setAutoDefault(False)
        self.setAccessibleName(words.rstrip("…"))
        self.setCursor(Qt.CursorShape.ArrowCursor)
        if keys:
            self.setToolTip(f"{words.rstrip('…')} ({_shown(keys)})")
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Tint the icon, as large as the text in force."""
        self.setIcon(icon(self.icon_name, theme, ICON_TONES.get(self.kind, "t1")))
        gap = GAP if self.text() else 0
        self.setIconSize(QSize(paint.scaled(16) + gap, paint.scaled(16)))

    def set_icon(self, name: str, theme: Theme) -> None:
        """Show another icon."""
        self.icon_name = name
        self.set_theme(theme)


class IconButton(Button):
    """A square button of 28 px at normal size of text, with an icon only; ``words`` are its tooltip and accessible name."""

    def __init__(
        self,
        icon_name: str,
        words: str,
        theme: Theme,
        *,
        boxed: bool = False,
        keys: str = "",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("", theme, "boxed" if boxed else "icon", icon_name, keys=keys, parent=parent)
        self.set_words(words, keys)

    def set_theme(self, theme: Theme) -> None:
        """Tint the icon, and grow around it."""
        super().set_theme(theme)
        self.setFixedSize(paint.scaled(SIDE), paint.scaled(SIDE))

    def sizeHint(self) -> QSize:
        """Return the square: a style sheet forgets the least height of a button that was fixed."""
        return QSize(paint.scaled(SIDE), paint.scaled(SIDE))

    def set_on(self, on: bool) -> None:
        """Wear the accent while what it began goes on; its icon follows with the next :meth:`set_icon`."""
        self.kind = "on" if on else "boxed"
        self.setProperty("kind", self.kind)
        self.style().unpolish(self)
        self.style().polish(self)

    def set_words(self, words: str, keys: str = "") -> None:
        """Say what it does now."""
        self.setAccessibleName(words)
        self.setToolTip(f"{words} ({_shown(keys)})" if keys else words)

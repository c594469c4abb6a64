"""What every page is: a title row, a body that can be full, empty, loading or wrong, and commands.

To add a page: a folder ``ui/pages/<noun>/`` with ``page.py`` (behaviour, derives from :class:`Page`), ``view.py`` (layout only) and
``model.py`` (rows); an entry in :data:`mycelix_studio.ui.pages.PAGES`; its test in ``tests/ui/pages/``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple, Protocol

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.errors import Bug, StudioError
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.status import Status
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.covers import Covers
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.look import Look
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.toasts import Message


class Command(NamedTuple):
    """Something the person can do, found in the palette (Ctrl+K), in the list of keys (F1) and by its shortcut.

    Attributes:
        words: A verb first: ``Save tags``.
        run: Does it.
        keys: Shortcut in Qt's portable form, empty for none.
        where: The page or part of the program it belongs to.
        icon: Icon in the palette.
        when: Whether it can be done now.
    """

    words: str
    run: Callable[[], None]
    keys: str = ""
    where: str = ""
    icon: str = ""
    when: Callable[[], bool] = lambda: True


class Shell(Protocol):
    """What a page may ask of the window around it."""

    def toast(self, message: Message) -> None:
        """Tell what happened."""

    def go(self, page: str, target: object = None) -> None:
        """Open another page; ``target`` goes to its :meth:`Page.open`."""

    def status(self) -> Status:
        """Return what the status bar shows."""

    def sync_now(self) -> None:
        """Start a sync unless one is running."""

    def open_keys(self) -> None:
        """Show all keys."""


class Context(NamedTuple):
    """What a page works with."""

    studio: Studio
    bridge: Bridge
    look: Look
    covers: Covers
    shell: Shell


class PageHeader(QFrame):
    """Title, one line of context, buttons at the right; 56 px high."""

    def __init__(self, title: str, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "header")
        self.set_theme(theme)
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 0, 20, 0)
        row.setSpacing(12)
        self.title = text(title, theme, "page")
        self.context = text("", theme, "small", "t2")
        row.addWidget(self.title)
        row.addWidget(self.context)
        row.addStretch(1)
        self._buttons = QHBoxLayout()
        self._buttons.setSpacing(12)
        row.addLayout(self._buttons)

    def set_theme(self, theme: Theme) -> None:
        """Be as high as the text in force needs."""
        self.setFixedHeight(max(56, paint.scaled(48)))

    def add(self, *widgets: QWidget) -> None:
        """Add buttons, the primary one last."""
        for widget in widgets:
            self._buttons.addWidget(widget)


class Page(QWidget):
    """Base of the pages. A subclass builds its body in ``__init__`` and reads in :meth:`refresh`.

    Attributes:
        concerns: Kinds of change that make it refresh; while it is hidden it refreshes when it is shown next.
    """

    concerns: ClassVar[frozenset[Kind]] = frozenset()

    def __init__(self, context: Context, title: str) -> None:
        super().__init__()
        self.context = context
        self.studio = context.studio
        self.bridge = context.bridge
        self.shell = context.shell
        self.stale = True
        self.setProperty("ground", "bg0")
        self.setAccessibleName(title)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        self.header = PageHeader(title, self.theme)
        self.column.addWidget(self.header)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self.context.look.theme

    def refresh(self) -> None:
        """Read what is shown, off the GUI thread. Called when the page is shown and something it shows has changed."""

    def open(self, target: object) -> None:
        """Show one thing, as another page asked."""

    def commands(self) -> Sequence[Command]:
        """Return what can be done on this page."""
        return ()

    def focus_filter(self) -> None:
        """Put the cursor into the field that filters, if there is one (Ctrl+F or /)."""

    def leave(self) -> bool:
        """Return False to keep the window open because something must be decided first."""
        return True

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """Refresh when it concerns this page; a hidden page only remembers."""
        if changes.kinds.isdisjoint(self.concerns):
            return
        if self.isVisible():
            self.refresh_for(changes, initiator)
        else:
            self.stale = True

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Refresh what these changes touch; everything unless a subclass knows better."""
        self.refresh()

    def show_now(self) -> None:
        """Called when the page comes to the front."""
        if self.stale:
            self.stale = False
            self.refresh()

    def failed(self, error: Exception) -> None:
        """Say in a toast what failed; for jobs without a place of their own on the page."""
        known = as_known(error)
        words = " ".join(part for part in (known.message, known.hint) if part)
        self.shell.toast(Message(known.title, words, "bad"))


def as_known(error: Exception) -> StudioError:
    """Return an error with words for a person; a broken assumption of ours becomes a :class:`Bug` and is logged."""
    if isinstance(error, StudioError):
        return error
    import logging

    logging.getLogger(__name__).error("unexpected failure", exc_info=error)
    return Bug(
        "Something went wrong in Studio",
        "Your files and your wallet are as they were.",
        "Try again. If it happens again, send the crash report from the Help commands.",
    )

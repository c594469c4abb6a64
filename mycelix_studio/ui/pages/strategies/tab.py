"""What every tab of the page is: a body that reads off the GUI thread, with commands and what concerns it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, ClassVar

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mycelix_studio.domain.transaction import Prepared, Signed
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui.dialogs.sign.dialog import Following, SignDialog
from mycelix_studio.ui.dialogs.sign.notice import request_saved
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage


class Tab(QWidget):
    """One tab. To add one: a subclass in a module of its own, and a line in ``page.TABS``.

    Attributes:
        key: Name in code, also of :meth:`StrategiesPage.open`.
        title: On the tab.
        words: One line beside the page's title.
        concerns: Kinds of change that make it read again.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    words: ClassVar[str]
    concerns: ClassVar[frozenset[Kind]] = frozenset()

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__()
        self.page = page
        self.studio = page.studio
        self.bridge = page.bridge
        self.shell = page.shell
        self.stale = True
        self.dialog: SignDialog | None = None
        self.setAccessibleName(tr(self.title))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)

    @property
    def theme(self) -> Theme:
        """The theme in force."""
        return self.page.theme

    @Slot(object)
    def failed(self, error: Exception) -> None:
        """Say in a toast what failed."""
        self.page.failed(error)

    def refresh(self) -> None:
        """Read what is shown, off the GUI thread."""
        raise NotImplementedError

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Read again what these changes touch, unless this tab made them itself."""
        if initiator is not self:
            self.refresh()

    def open(self, target: object) -> None:
        """Show one thing, as another page asked."""

    def buttons(self) -> Sequence[QWidget]:
        """Return the buttons this tab puts at the right of the page's title."""
        return ()

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        return ()

    def leave(self) -> bool:
        """Return False to keep the window open because something must be decided first."""
        return True

    # signing ------------------------------------------------------------------------------------------------------------

    def sign(self, requests: Sequence[Prepared], following: Following | None = None, expected: int = 0) -> SignDialog:
        """Open the signing dialog; what was signed goes to :meth:`signed`."""
        dialog = SignDialog(
            requests, self.studio.wallet, self.bridge, self.theme, self, following=following, expected=expected
        )
        self.dialog = dialog
        dialog.finished.connect(partial(self._ended, dialog))
        dialog.saved.connect(partial(request_saved, self.shell, dialog))
        dialog.open()
        return dialog

    def _ended(self, dialog: SignDialog, _code: int) -> None:
        signed = list(dialog.signed)
        self.dialog = None
        dialog.deleteLater()
        if signed:
            self.signed(signed, dialog.expected)

    def signed(self, signed: Sequence[Signed], expected: int) -> None:
        """Say that signatures were sent, and look again once they are in a block."""
        title = tr("1 signature sent") if len(signed) == 1 else tr("{n} signatures sent").format(n=len(signed))
        self.shell.toast(Message(title, tr("Wallet shows when they are final."), "info"))
        self.studio.hub.publish(Changes.of(Kind.TRANSACTIONS))
        self.bridge.run(Lane.CHAIN, self._follow, name="follow", success=self._look_again, failure=self._ignore)

    def _follow(self, _work: Work) -> Changes:
        return self.studio.wallet.follow()

    @Slot(object)
    def _look_again(self, _changes: object) -> None:
        self.look_again()

    @Slot(object)
    def _ignore(self, _error: Exception) -> None:
        """The wallet's own follower tries again, and says so there."""

    def look_again(self) -> None:
        """Ask the chain again after something was sent."""
        self.refresh()

"""What the wallet's dialogs share: a job with the buttons off meanwhile, and a place where it says what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.ui import sizes
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.cards import error_note
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field

T = TypeVar("T")
SCRUB_MS = 60
"""After a dialog closed: by then its fields are gone, too."""


def tr(source: str) -> str:
    """Translate a text of the wallet's dialogs."""
    return QCoreApplication.translate("Wallet", source)


@dataclass(frozen=True, slots=True)
class Tools:
    """What every dialog of the wallet works with."""

    wallet: StudioWallet
    bridge: Bridge
    theme: Theme


class WalletDialog(Dialog):
    """A dialog that works with the wallet. Secrets are in its fields only until they are handed on."""

    def __init__(
        self, title: str, words: str, tools: Tools, parent: QWidget | None = None, *, width: int = 520
    ) -> None:
        super().__init__(title, words, tools.theme, parent, width=width)
        self.wallet = tools.wallet
        self.bridge = tools.bridge
        self.busy = False
        self.problem = QVBoxLayout()
        self._done: Callable[..., None] | None = None

    def add_problem_place(self) -> None:
        """Put the place for errors at the end of the body."""
        self.body.addLayout(self.problem)

    def run_job(self, lane: Lane, work: Callable[[Work], T], done: Callable[[T], None], name: str) -> None:
        """Run ``work`` on a lane with everything off meanwhile; ``done`` gets its result."""
        if self.busy:
            return
        self.busy = True
        self.show_problem(None)
        self._enable(False)
        self._done = done
        self.bridge.run(lane, work, name=name, success=self._succeeded, failure=self._failed, cancelled=self._stopped)

    def _succeeded(self, result: object) -> None:
        self.busy = False
        self._enable(True)
        done, self._done = self._done, None
        if done is not None:
            done(result)

    def _failed(self, error: Exception) -> None:
        self.busy = False
        self._enable(True)
        self.show_problem(error)

    def _stopped(self) -> None:
        self.busy = False
        self._enable(True)

    def _enable(self, on: bool) -> None:
        self._inner.setEnabled(on)
        for index in range(self.buttons.count()):
            item = self.buttons.itemAt(index)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.setEnabled(on)
        if on:
            self.update_buttons()

    def update_buttons(self) -> None:
        """Turn buttons on or off by what is filled in. To be overridden."""

    def show_problem(self, error: Exception | None) -> None:
        """Say what went wrong below the body; nothing for None."""
        while (item := self.problem.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        if error is not None:
            known = as_known(error)
            self.problem.addWidget(error_note(known, self.theme))
            announce(self, f"{known.title}. {known.message}", urgent=True)
            self.fit()

    def reject(self) -> None:
        """Close; not while something is being done."""
        if not self.busy:
            self.forget()
            super().reject()

    def forget(self) -> None:
        """Empty every field: some hold words or passphrases."""
        for field in self.findChildren(QLineEdit):
            field.clear()

    def done(self, result: int) -> None:
        """Close, and overwrite what the fields held once nothing refers to it any more."""
        hidden = any(field.echoMode() is not QLineEdit.EchoMode.Normal for field in self.findChildren(QLineEdit))
        super().done(result)
        if hidden:
            QTimer.singleShot(SCRUB_MS, self.wallet.scrub_memory)

    def labelled(self, label: str, field: QWidget, width: int = 148) -> QHBoxLayout:
        """Return a row of a form: label at the left, field at the right."""
        row = QHBoxLayout()
        row.setSpacing(12)
        words = text(label, self.theme, "body", "t2")
        sizes.keep(words, width=width, least_height=32)  # as high as the field, whatever stands below that
        words.setBuddy(field)
        row.addWidget(words, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(field, 1)
        return row


def secret_field(name: str, theme: Theme, hint: str = "") -> Field:
    """Return a field that hides what is typed."""
    field = Field(name, theme, hint=hint)
    field.setEchoMode(QLineEdit.EchoMode.Password)
    return field

"""Bringing an account in: words, a key, another program's wallet file, or an address only to look at."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QPlainTextEdit, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.domain.account import Account
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.ui import sizes
from mycelix_studio.ui.dialogs.wallet.base import Tools, WalletDialog, secret_field, tr
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Field, FieldWithHelp
from mycelix_studio.ui.widgets.segment import Segment

DOORS = (("words", "Words"), ("key", "Key"), ("file", "Wallet file"), ("watch", "Only look"))
HINTS = {
    "words": "12 to 24 words from any wallet, in their order, separated by spaces.",
    "key": "The key as 64 digits 0 to 9 and a to f.",
    "file": "A wallet file of any program (Web3 Secret Storage, version 3) and the passphrase it was saved with.",
    "watch": "Studio shows what this address has and never signs for it.",
}


class BringDialog(WalletDialog):
    """Four doors.

    Signals:
        brought(Account): It is in the list.
    """

    brought = Signal(object)

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        super().__init__(
            tr("Bring an account in"),
            tr("What you type goes into a wallet file on this computer and nowhere else."),
            tools, parent, width=600,
        )  # fmt: skip
        self.door = Segment(tr("From what"), [(key, tr(words)) for key, words in DOORS])
        self.hint = text("", tools.theme, "small", "t3", wrap=True)
        self.stack = QStackedWidget()
        self.recovery = QPlainTextEdit()
        self.recovery.setAccessibleName(tr("Words"))
        self.recovery.setTabChangesFocus(True)
        sizes.keep(self.recovery, height=76)
        self.key = secret_field(tr("Key"), tools.theme, "0x…")
        self.path = Field(tr("Wallet file"), tools.theme, hint=tr("Choose a file"))
        self.file_passphrase = secret_field(tr("Passphrase of the file"), tools.theme)
        self.address = Field(tr("Address"), tools.theme, hint="0x…")
        self.address_help = FieldWithHelp(self.address, tools.theme)
        self.name = Field(tr("Name"), tools.theme)
        self.name.setText(tr("Main") if not tools.wallet.accounts() else "")
        self.passphrase = secret_field(tr("Own passphrase"), tools.theme, tr("None, the keyring is enough"))
        self.stack.addWidget(_of(self.recovery))
        self.stack.addWidget(_of(self.key))
        self.stack.addWidget(self._file_page())
        self.stack.addWidget(_of(self.address_help))
        self.body.addWidget(self.door)
        self.body.addWidget(self.hint)
        self.body.addWidget(self.stack)
        self.body.addLayout(self.labelled(tr("Name"), self.name))
        self.own = QWidget()
        own = self.labelled(tr("Own passphrase"), self.passphrase)
        own.setContentsMargins(0, 0, 0, 0)
        self.own.setLayout(own)
        self.body.addWidget(self.own)
        self.add_problem_place()
        leave = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Bring it in"), "primary")
        leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._go)
        self.door.chosen.connect(self._open_door)
        self.recovery.textChanged.connect(self.update_buttons)
        for field in (self.key, self.path, self.file_passphrase, self.name):
            field.textChanged.connect(self.update_buttons)
        self.address.textChanged.connect(self._check_address)
        self._open_door("words")

    def _file_page(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        row = QHBoxLayout()
        row.addWidget(self.path, 1)
        choose = Button(tr("Choose…"), self.theme)
        choose.clicked.connect(self._choose)
        row.addWidget(choose)
        column.addLayout(row)
        column.addLayout(self.labelled(tr("Its passphrase"), self.file_passphrase))
        return page

    def _choose(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(self, tr("Choose a wallet file"))
        if name:
            self.path.setText(name)

    def _open_door(self, key: str) -> None:
        self.stack.setCurrentIndex([door for door, _words in DOORS].index(key))
        page = self.stack.currentWidget()
        self.stack.setMaximumHeight(page.sizeHint().height() if page is not None else 0)
        self.hint.setText(tr(HINTS[key]))
        self.own.setVisible(key != "watch")
        self.show_problem(None)
        self.update_buttons()
        self.fit()

    def update_buttons(self) -> None:
        """Something must be typed."""
        filled = {
            "words": len(self.recovery.toPlainText().split()) >= 12,
            "key": bool(self.key.text().strip()),
            "file": bool(self.path.text().strip()),
            "watch": bool(self.wallet.check_address(self.address.text()).address),
        }[self.door.value()]
        self.go.setEnabled(filled and bool(self.name.text().strip()))

    def _check_address(self, typed: str) -> None:
        found = self.wallet.check_address(typed)
        self.address_help.set_wrong(found.problem if typed else "")
        self.update_buttons()

    def _go(self) -> None:
        name, own = self.name.text().strip(), self.passphrase.text() or None
        door = self.door.value()
        if door == "words":
            run = partial(_words, self.wallet, self.recovery.toPlainText(), name, own)
        elif door == "key":
            run = partial(_key, self.wallet, self.key.text(), name, own)
        elif door == "file":
            run = partial(_file, self.wallet, (Path(self.path.text().strip()), self.file_passphrase.text()), name, own)
        else:
            run = partial(_watch, self.wallet, self.address.text(), name)
        self.run_job(Lane.KEYRING, run, self._brought, "bring account in")

    def _brought(self, account: Account) -> None:
        self.forget()
        self.wallet.context.hub.publish(Changes.of(Kind.ACCOUNTS), self)
        self.brought.emit(account)
        self.accept()

    def forget(self) -> None:
        """Empty every field, the words too."""
        super().forget()
        self.recovery.clear()


def _of(widget: QWidget) -> QWidget:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(widget)
    return page


def _words(wallet: StudioWallet, words: str, name: str, own: str | None, work: Work) -> Account:
    return wallet.import_words(words, name, passphrase=own)


def _key(wallet: StudioWallet, key: str, name: str, own: str | None, work: Work) -> Account:
    return wallet.import_key(key.strip(), name, passphrase=own)


def _file(wallet: StudioWallet, file: tuple[Path, str], name: str, own: str | None, work: Work) -> Account:
    return wallet.import_keystore(*file, name, passphrase=own)


def _watch(wallet: StudioWallet, address: str, name: str, work: Work) -> Account:
    return wallet.watch(address, name)

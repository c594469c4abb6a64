"""What can be changed about an account, unlocking, and the address book."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mycelix_studio.domain.account import Account, Contact
from mycelix_studio.domain.address import short_address
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.ui import sizes
from mycelix_studio.ui.dialogs.wallet.base import Tools, WalletDialog, secret_field, tr
from mycelix_studio.ui.widgets.inputs import Field, FieldWithHelp, Tick


class UnlockDialog(WalletDialog):
    """The own passphrase of an account, once, to open the wallet."""

    def __init__(self, account: Account, tools: Tools, parent: QWidget | None = None) -> None:
        words = tr("It locks again by itself. Nothing is signed by this.")
        super().__init__(tr("Unlock {name}").format(name=account.name), words, tools, parent, width=440)
        self.passphrase = secret_field(tr("Studio passphrase"), tools.theme)
        self.body.addLayout(self.labelled(tr("Passphrase"), self.passphrase, 90))
        self.add_problem_place()
        leave = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Unlock"), "primary", enter=True)
        leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._unlock)
        self.passphrase.textChanged.connect(self.update_buttons)
        self.update_buttons()
        self.passphrase.setFocus()

    def update_buttons(self) -> None:
        """Something must be typed."""
        self.go.setEnabled(bool(self.passphrase.text()))

    def _unlock(self) -> None:
        run = partial(unlock, self.wallet, self.passphrase.text())
        self.passphrase.clear()
        self.run_job(Lane.KEYRING, run, self._open, "unlock")

    def _open(self, _changes: object) -> None:
        self.accept()


class PassphraseDialog(WalletDialog):
    """Set, change or remove the own passphrase."""

    def __init__(self, account: Account, tools: Tools, parent: QWidget | None = None) -> None:
        words = tr("Asked for each signature, beside your system’s keyring. Leave the new one empty to remove it.")
        super().__init__(tr("Passphrase of {name}").format(name=account.name), words, tools, parent, width=480)
        self.account = account
        self.old = secret_field(tr("Present passphrase"), tools.theme)
        self.new = secret_field(tr("New passphrase"), tools.theme, tr("None"))
        self.again = secret_field(tr("New passphrase again"), tools.theme)
        if account.own_passphrase:
            self.body.addLayout(self.labelled(tr("Present one"), self.old))
        self.body.addLayout(self.labelled(tr("New one"), self.new))
        self.body.addLayout(self.labelled(tr("Type it again"), self.again))
        self.add_problem_place()
        leave = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Change it"), "primary", enter=True)
        leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._change)
        for field in (self.old, self.new, self.again):
            field.textChanged.connect(self.update_buttons)
        self.update_buttons()

    def update_buttons(self) -> None:
        """The two new ones must be equal, and something must change."""
        same = self.new.text() == self.again.text()
        something = bool(self.old.text()) if self.account.own_passphrase else bool(self.new.text())
        self.go.setEnabled(same and something)

    def _change(self) -> None:
        run = partial(_change, self.wallet, self.account.address, self.old.text() or None, self.new.text() or None)
        self.run_job(Lane.KEYRING, run, self._changed, "change passphrase")

    def _changed(self, _changes: object) -> None:
        self.forget()
        self.accept()


class ExportDialog(WalletDialog):
    """Write a wallet file that other programs open."""

    def __init__(self, account: Account, tools: Tools, parent: QWidget | None = None) -> None:
        words = tr(
            "A wallet file that any program opens with the passphrase you choose now. Whoever has both has your money."
        )
        super().__init__(tr("Save a wallet file of {name}").format(name=account.name), words, tools, parent)
        self.account = account
        self.own = secret_field(tr("Studio passphrase"), tools.theme)
        self.new = secret_field(tr("Passphrase of the file"), tools.theme, tr("8 characters or more"))
        self.again = secret_field(tr("Passphrase of the file again"), tools.theme)
        if account.own_passphrase:
            self.body.addLayout(self.labelled(tr("Studio passphrase"), self.own))
        self.body.addLayout(self.labelled(tr("For the file"), self.new))
        self.body.addLayout(self.labelled(tr("Type it again"), self.again))
        self.add_problem_place()
        leave = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Choose where…"), "primary", enter=True)
        leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._choose)
        for field in (self.own, self.new, self.again):
            field.textChanged.connect(self.update_buttons)
        self.update_buttons()

    def update_buttons(self) -> None:
        """Long enough, and twice the same."""
        self.go.setEnabled(len(self.new.text()) >= 8 and self.new.text() == self.again.text())

    def _choose(self) -> None:
        suggested = f"{self.account.name} {short_address(self.account.address)}.json".replace("…", "-")
        name, _kind = QFileDialog.getSaveFileName(self, tr("Save a wallet file"), suggested)
        if name:
            self.save_to(Path(name))

    def save_to(self, path: Path) -> None:
        """Write it."""
        run = partial(_export, (self.wallet, self.account.address), path, self.new.text(), self.own.text() or None)
        self.run_job(Lane.KEYRING, run, self._saved, "export wallet file")

    def _saved(self, _nothing: object) -> None:
        self.forget()
        self.accept()


class BookDialog(WalletDialog):
    """The address book.

    Signals:
        chosen(Contact): One was opened by a double click or Enter.
    """

    chosen = Signal(object)

    def __init__(self, tools: Tools, parent: QWidget | None = None) -> None:
        words = tr("Names for addresses. Confirm each by another way, such as a call, and say so here.")
        super().__init__(tr("Address book"), words, tools, parent, width=620)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Addresses"))
        sizes.keep(self.list, least_height=220)
        self.list.setProperty("ground", "bg1")
        self.name = Field(tr("Name"), tools.theme)
        self.address = Field(tr("Address"), tools.theme, hint="0x…")
        self.address_help = FieldWithHelp(self.address, tools.theme)
        self.note = Field(tr("Note"), tools.theme)
        self.confirmed = Tick(tr("I confirmed the address with its owner"), tools.theme)
        form = QVBoxLayout()
        form.setSpacing(8)
        form.addLayout(self.labelled(tr("Name"), self.name, 70))
        form.addLayout(self.labelled(tr("Address"), self.address_help, 70))
        form.addLayout(self.labelled(tr("Note"), self.note, 70))
        form.addWidget(self.confirmed)
        form.addStretch(1)
        row = QHBoxLayout()
        row.setSpacing(16)
        row.addWidget(self.list, 2)
        row.addLayout(form, 3)
        self.body.addLayout(row)
        self.add_problem_place()
        self.remove = self.add_button(tr("Remove"), "quiet", left=True)
        close = self.add_button(tr("Close"))
        self.save = self.add_button(tr("Save"), "primary", enter=True)
        close.clicked.connect(self.reject)
        self.save.clicked.connect(self._save)
        self.remove.clicked.connect(self._remove)
        self.list.currentItemChanged.connect(self._show)
        self.list.itemActivated.connect(self._open)
        self.name.textChanged.connect(self.update_buttons)
        self.address.textChanged.connect(self._check)
        self._fill()

    def _fill(self, address: str = "") -> None:
        self.list.clear()
        self._item(tr("New entry"), None)
        for contact in self.wallet.contacts():
            self._item(f"{contact.name}  ·  {short_address(contact.address)}", contact)
        for number in range(self.list.count()):
            found = self.list.item(number).data(Qt.ItemDataRole.UserRole)
            if isinstance(found, Contact) and found.address == address:
                self.list.setCurrentRow(number)
                return
        self.list.setCurrentRow(0)

    def _item(self, words: str, contact: Contact | None) -> None:
        item = QListWidgetItem(words)
        item.setData(Qt.ItemDataRole.UserRole, contact)
        item.setSizeHint(QSize(120, 32))
        self.list.addItem(item)

    @property
    def current(self) -> Contact | None:
        """The entry that is shown."""
        item = self.list.currentItem()
        found = item.data(Qt.ItemDataRole.UserRole) if item is not None else None
        return found if isinstance(found, Contact) else None

    def _show(self, *_items: object) -> None:
        contact = self.current
        self.name.setText(contact.name if contact else "")
        self.address.setText(contact.address if contact else "")
        self.address.setCursorPosition(0)
        self.address.setReadOnly(contact is not None)
        self.note.setText(contact.note if contact else "")
        self.confirmed.setChecked(contact.confirmed if contact else False)
        self.update_buttons()

    def _open(self, _item: object) -> None:
        if self.current is not None:
            self.chosen.emit(self.current)

    def _check(self, typed: str) -> None:
        found = self.wallet.check_address(typed)
        self.address_help.set_wrong(found.problem if typed else "")
        if found.warning and self.current is None:
            self.address_help.line.setText(found.warning)
            self.address_help.line.setVisible(True)
        self.update_buttons()

    def update_buttons(self) -> None:
        """A name and an address."""
        self.save.setEnabled(
            bool(self.name.text().strip()) and bool(self.wallet.check_address(self.address.text()).address)
        )
        self.remove.setEnabled(self.current is not None)

    def _save(self) -> None:
        entry = (self.address.text(), self.name.text(), self.note.text(), self.confirmed.isChecked())
        run = partial(_save_contact, self.wallet, entry)
        self._kept = self.address.text()
        self.run_job(Lane.DB, run, self._saved, "save contact")

    def _saved(self, _changes: object) -> None:
        found = self.wallet.check_address(self._kept)
        self._fill(found.address)

    def _remove(self) -> None:
        contact = self.current
        if contact is not None:
            self.run_job(
                Lane.DB, partial(_remove_contact, self.wallet, contact.address), self._removed, "remove contact"
            )

    def _removed(self, _changes: object) -> None:
        self._fill()


def unlock(wallet: StudioWallet, passphrase: str | None, work: Work) -> Changes:
    """KEYRING. Unlock, as a job."""
    return wallet.unlock(passphrase)


def _change(wallet: StudioWallet, address: str, old: str | None, new: str | None, work: Work) -> Changes:
    return wallet.change_passphrase(address, old, new)


def _export(account: tuple[StudioWallet, str], to: Path, opens: str, own: str | None, work: Work) -> None:
    wallet, address = account
    wallet.export_keystore(address, to, opens, passphrase=own)


def _save_contact(wallet: StudioWallet, entry: tuple[str, str, str, bool], work: Work) -> Changes:
    address, name, note, confirmed = entry
    return wallet.save_contact(address, name, note=note, confirmed=confirmed)


def _remove_contact(wallet: StudioWallet, address: str, work: Work) -> Changes:
    return wallet.remove_contact(address)

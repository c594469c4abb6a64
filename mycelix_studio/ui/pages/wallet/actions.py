"""What can be done in the wallet: accounts, money, signatures; each by a dialog. The page around it reads and shows."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from mycelix_studio.domain.account import Account, AccountKind, Balances, LockState
from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.fiat import Rate
from mycelix_studio.domain.transaction import Activity, Prepared, Signed, TxState
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.ui.dialogs.sign.dialog import SignDialog
from mycelix_studio.ui.dialogs.sign.notice import request_saved
from mycelix_studio.ui.dialogs.wallet.account import BookDialog, ExportDialog, PassphraseDialog, UnlockDialog, unlock
from mycelix_studio.ui.dialogs.wallet.base import Tools
from mycelix_studio.ui.dialogs.wallet.bring import BringDialog
from mycelix_studio.ui.dialogs.wallet.copying import AddressCopier, swap_noticed
from mycelix_studio.ui.dialogs.wallet.create import CreateDialog, DrillDialog
from mycelix_studio.ui.dialogs.wallet.money import ReceiveDialog, SendDialog
from mycelix_studio.ui.pages.base import Context, Page
from mycelix_studio.ui.pages.wallet.model import tr
from mycelix_studio.ui.widgets.dialog import Dialog, ask
from mycelix_studio.ui.widgets.kept import NameDialog
from mycelix_studio.ui.widgets.toasts import Message


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything the page shows, read off the GUI thread."""

    accounts: tuple[Account, ...]
    current: Account | None
    balances: dict[str, Balances]
    lock: LockState
    activity: tuple[Activity, ...]
    pending: int
    rate: Rate | None = None


class WalletActions(Page):
    """Base of the wallet page: everything that opens a dialog or starts a job."""

    def __init__(self, context: Context, title: str) -> None:
        super().__init__(context, title)
        self.wallet: StudioWallet = self.studio.wallet
        self.snapshot: Snapshot | None = None
        self.dialog: Dialog | SignDialog | None = None
        self.copier = AddressCopier(self)
        self.copier.swapped.connect(self._swapped)

    @property
    def _tools(self) -> Tools:
        return Tools(self.wallet, self.bridge, self.theme)

    def reload(self) -> None:
        """Read what is shown again."""
        raise NotImplementedError

    # accounts ---------------------------------------------------------------------------------------------------------------------

    def _choose(self, address: str) -> None:
        self.bridge.run(Lane.DB, partial(self._set_current, address), name="choose account", failure=self.failed)

    def _set_current(self, address: str, work: Work) -> Changes:
        return self.wallet.set_current(address)

    def _add_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Make an account…"), self.make_account)
        menu.addAction(tr("Bring one in…"), self.bring)
        menu.addSeparator()
        menu.addAction(tr("Address book…"), self.address_book)
        button = self.sender()
        if isinstance(button, QWidget):
            menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _account_menu(self, address: str, point: object) -> None:
        account = next((a for a in self.wallet.accounts() if a.address == address), None)
        if account is None:
            return
        menu = QMenu(self)
        menu.addAction(tr("Rename…"), partial(self._rename, account))
        if account.kind is AccountKind.KEY:
            if account.path:
                menu.addAction(tr("Practise the words…"), partial(self._practise, account))
            menu.addAction(tr("Passphrase…"), partial(self._passphrase, account))
            menu.addAction(tr("Save a wallet file…"), partial(self._export, account))
        menu.addSeparator()
        menu.addAction(tr("Remove from this computer…"), partial(self._remove, account))
        menu.popup(point)  # type: ignore[arg-type]

    def make_account(self) -> None:
        """Make an account."""
        self._open(CreateDialog(self._tools, self))

    def bring(self) -> None:
        """Bring an account in."""
        self._open(BringDialog(self._tools, self))

    def practise(self) -> None:
        """Practise the words of the current account."""
        account = self.wallet.current()
        if account is not None:
            self._practise(account)

    def change_passphrase(self) -> None:
        """Set, change or remove the own passphrase of the current account."""
        account = self.wallet.current()
        if account is not None:
            self._passphrase(account)

    def _practise(self, account: Account) -> None:
        self._open(DrillDialog(account, self._tools, self))

    def _passphrase(self, account: Account) -> None:
        self._open(PassphraseDialog(account, self._tools, self))

    def _export(self, account: Account) -> None:
        self._open(ExportDialog(account, self._tools, self))

    def _rename(self, account: Account) -> None:
        words = tr("Only you see it, on this computer.")
        dialog = NameDialog(
            tr("Rename the account"), words, self.theme, self, hint="", keep=tr("Rename"), name=account.name
        )
        if name := dialog.ask():
            run = partial(self._set_name, account.address, name)
            self.bridge.run(Lane.DB, run, name="rename account", failure=self.failed)

    def _set_name(self, address: str, name: str, work: Work) -> Changes:
        return self.wallet.rename(address, name)

    def _remove(self, account: Account) -> None:
        words = tr(
            "Its wallet file and what opens it are wiped from this computer. What is on chain stays; without your words nobody can "
            "reach it again."
        )
        if account.kind is AccountKind.WATCH:
            words = tr("Studio only forgets the address.")
        if ask(self, tr("Remove {name}?").format(name=account.name), words, tr("Remove it"), self.theme, danger=True):
            self.bridge.run(
                Lane.KEYRING, partial(self._wipe, account.address), name="remove account", failure=self.failed
            )

    def _wipe(self, address: str, work: Work) -> Changes:
        return self.wallet.remove(address)

    def address_book(self) -> None:
        """Open the address book."""
        self._open(BookDialog(self._tools, self))

    def toggle_lock(self) -> None:
        """Lock, or unlock: with the keyring alone, or with the passphrase where there is one."""
        account = self.wallet.current()
        if account is None:
            return
        if not self.wallet.lock_state().locked:
            self.studio.hub.publish(self.wallet.lock(), self)
        elif account.own_passphrase:
            self._open(UnlockDialog(account, self._tools, self))
        else:
            self.bridge.run(Lane.KEYRING, partial(unlock, self.wallet, None), name="unlock", failure=self.failed)

    # money ------------------------------------------------------------------------------------------------------------------------

    def send(self) -> None:
        """Send something."""
        if self.snapshot is None or self.snapshot.current is None:
            return
        account = self.snapshot.current
        dialog = SendDialog(account, self.snapshot.balances.get(account.address), self._tools, self)
        dialog.prepared.connect(self.sign)
        self._open(dialog)

    def receive(self) -> None:
        """Show the address."""
        if self.snapshot is not None and self.snapshot.current is not None:
            self._open(ReceiveDialog(self.snapshot.current, self._tools, self))

    def _copy_address(self) -> None:
        if self.snapshot is not None and self.snapshot.current is not None:
            self.copier.copy(self.snapshot.current.address)
            words = short_address(self.snapshot.current.address)
            self.shell.toast(Message(tr("Address copied"), tr("{address}, whole").format(address=words)))

    @Slot(str)
    def _swapped(self, other: str) -> None:
        self.failed(swap_noticed(other))

    def pay_everyone(self) -> None:
        """Pay out what the songs' accounts hold."""
        self._prepare(self._payout, "prepare payout")

    def _payout(self, work: Work) -> list[Prepared]:
        return list(self.wallet.prepare_payout())

    # signing ----------------------------------------------------------------------------------------------------------------------

    def speed_up(self, key: str) -> None:
        """Send it again with a higher fee."""
        self._prepare(partial(self._one, self.wallet.prepare_speed_up, key), "prepare speed up")

    def cancel(self, key: str) -> None:
        """Send an empty one in its place."""
        self._prepare(partial(self._one, self.wallet.prepare_cancel, key), "prepare cancel")

    def sign_draft(self, key: str) -> None:
        """Look at a draft again and sign it."""
        self._prepare(partial(self._one, self.wallet.prepare_draft, key), "prepare draft")

    def discard(self, key: str) -> None:
        """Forget a draft."""
        self.bridge.run(Lane.DB, partial(self._discard, key), name="discard draft", failure=self.failed)

    def _discard(self, key: str, work: Work) -> Changes:
        return self.wallet.discard_draft(key)

    def _one(self, prepare: object, key: str, work: Work) -> list[Prepared]:
        assert callable(prepare)
        return [prepare(key)]

    def _prepare(self, run: object, name: str) -> None:
        assert callable(run)
        self.bridge.run(Lane.CHAIN, run, name=name, success=self.sign, failure=self.failed)

    def sign(self, requests: list[Prepared]) -> None:
        """Open the signing dialog."""
        if not requests:
            self.shell.toast(Message(tr("Nothing to pay out"), tr("Nothing waits in your songs’ accounts."), "info"))
            return
        dialog = SignDialog(requests, self.wallet, self.bridge, self.theme, self)
        dialog.all_signed.connect(self._signed)
        dialog.saved.connect(partial(request_saved, self.shell, dialog))
        self._open(dialog)

    def _signed(self, results: list[Signed]) -> None:
        self.studio.hub.publish(Changes.of(Kind.TRANSACTIONS))
        waits = next((result.why for result in results if result.state is TxState.SIGNED and result.id), "")
        if waits:
            self.shell.toast(Message(tr("Signed, not sent yet"), waits, "info"))
        else:
            self.shell.toast(Message(tr("Sent"), tr("You can follow it here until it is final.")))

    def _file_menu(self) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Open a file…"), self._choose_file)
        menu.addAction(tr("Read codes…"), self.read_codes)
        button = self.sender()
        if isinstance(button, QWidget):
            menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def read_codes(self) -> None:
        """Read a request or a signature from QR codes."""
        from mycelix_studio.ui.dialogs.wallet.codes import ReadCodesDialog  # QtMultimedia costs a tenth of a second

        dialog = ReadCodesDialog(self.studio.paths.cache / "codes", self._tools, self)
        dialog.read.connect(self.open_file)
        self._open(dialog)

    def show_codes(self, path: Path) -> None:
        """Show a request or a signature as QR codes."""
        self.bridge.run(
            Lane.IO, partial(self._codes, path), name="make codes", success=self._show_codes, failure=self.failed
        )

    def _codes(self, path: Path, work: Work) -> tuple[str, ...]:
        return self.wallet.qr_codes(path)

    def _show_codes(self, codes: tuple[str, ...]) -> None:
        from mycelix_studio.ui.dialogs.wallet.codes import ShowCodesDialog

        self._open(ShowCodesDialog(codes, self._tools, self))

    def _choose_file(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(
            self,
            tr("Sign a file"),
            filter=tr("Requests and signatures (*.mycelix-request *.mycelix-signed);;All files (*)"),
        )
        if name:
            self.open_file(Path(name))

    def open_file(self, path: Path) -> None:
        """A signed file is sent; a request is shown, to be signed and carried back."""
        if path.suffix == ".mycelix-signed":
            self.bridge.run(
                Lane.CHAIN,
                partial(self._import, path),
                name="send signed file",
                success=self._signed,
                failure=self.failed,
            )
        else:
            self.bridge.run(
                Lane.KEYRING, partial(self._read_request, path), name="read request", success=self._show_request,
                failure=self.failed,
            )  # fmt: skip

    def _import(self, path: Path, work: Work) -> list[Signed]:
        return list(self.wallet.import_signed(path))

    def _read_request(self, path: Path, work: Work) -> tuple[Path, list[Prepared]]:
        return path, list(self.wallet.open_unsigned(path))

    def _show_request(self, result: tuple[Path, list[Prepared]]) -> None:
        path, requests = result
        dialog = SignDialog(
            requests, self.wallet, self.bridge, self.theme, self, carry_to=path.with_suffix(".mycelix-signed")
        )
        dialog.carried.connect(self._carried)
        self._open(dialog)

    def _carried(self, path: object) -> None:
        words = tr("“{name}” lies beside the request. Carry it back and open it there with “Sign a file”.")
        file = Path(str(path))
        show = partial(self.show_codes, file)
        self.shell.toast(Message(tr("Signed"), words.format(name=file.name), action=tr("Show as codes"), run=show))
        if file.parent == self.studio.paths.cache / "codes":
            self.show_codes(file)  # it came as codes, so it goes back as codes

    # dialogs -----------------------------------------------------------------------------------------------------------------------

    def _open(self, dialog: Dialog | SignDialog) -> None:
        self.dialog = dialog
        dialog.finished.connect(self._closed)
        dialog.open()

    def _closed(self, _result: int) -> None:
        dialog, self.dialog = self.sender(), None
        if isinstance(dialog, Dialog | SignDialog):
            dialog.deleteLater()
        self.reload()

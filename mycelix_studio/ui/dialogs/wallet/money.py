"""Sending and receiving."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QByteArray, Qt, Signal, Slot
from PySide6.QtSvgWidgets import QSvgWidget
from PySide6.QtWidgets import QCompleter, QWidget

from mycelix_studio.domain.account import Account, Balances
from mycelix_studio.domain.money import format_token, parse_token
from mycelix_studio.domain.transaction import Prepared
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.dialogs.wallet.base import Tools, WalletDialog, tr
from mycelix_studio.ui.dialogs.wallet.copying import AddressCopier, swap_noticed
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.widgets.inputs import Choice, Field, FieldWithHelp


class SendDialog(WalletDialog):
    """Whom, how much, of what; then the signing dialog.

    Signals:
        prepared(list[Prepared]): Decoded, checked and tried out, to be signed.
    """

    prepared = Signal(object)

    def __init__(
        self,
        account: Account,
        balances: Balances | None,
        tools: Tools,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(
            tr("Send from {name}").format(name=account.name),
            tr("What is sent cannot be taken back. You see what happens before you sign."),
            tools, parent,
        )  # fmt: skip
        self.account = account
        self.balances = balances
        native = tools.wallet.context.network.native_symbol
        self.names = {contact.name: contact.address for contact in tools.wallet.contacts()}
        self.names |= {own.name: own.address for own in tools.wallet.accounts() if own.address != account.address}
        self.to = Field(tr("To"), tools.theme, hint=tr("A name from your address book, or 0x…"))
        completer = QCompleter(sorted(self.names), self)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        self.to.setCompleter(completer)
        self.to_help = FieldWithHelp(self.to, tools.theme)
        self.symbol = Choice(tr("What"), tools.theme, [("FLOW", "FLOW"), (native, native)])
        self.amount = Field(tr("Amount"), tools.theme, hint="0.00", note="FLOW")
        self.amount_help = FieldWithHelp(self.amount, tools.theme)
        self.body.addLayout(self.labelled(tr("To"), self.to_help, 90))
        self.body.addLayout(self.labelled(tr("What"), self.symbol, 90))
        self.body.addLayout(self.labelled(tr("Amount"), self.amount_help, 90))
        self.add_problem_place()
        leave = self.add_button(tr("Cancel"))
        self.go = self.add_button(tr("Look at it before signing"), "primary", enter=True)
        leave.clicked.connect(self.reject)
        self.go.clicked.connect(self._prepare)
        self.to.textChanged.connect(self._changed)
        self.amount.textChanged.connect(self._changed)
        self.symbol.picked.connect(self._changed)
        self._changed()

    @property
    def address(self) -> str:
        """The address typed or named; empty while it is none."""
        return self._check()[0]

    def _check(self) -> tuple[str, str, str]:
        typed = self.to.text().strip()
        found = self.wallet.check_address(self.names.get(typed, typed))
        return found.address, found.problem, found.warning

    def _amount(self) -> int | None:
        try:
            return int(parse_token(self.amount.text()))
        except Known:
            return None

    def _changed(self, *_what: object) -> None:
        symbol = str(self.symbol.value())
        self.amount.set_note(symbol)
        address, problem, more = self._check()
        typed = bool(self.to.text().strip())
        self.to_help.set_wrong(problem if typed and not address and self.to.text().startswith("0x") else "")
        if address:
            self.to_help.line.setText(f"{address} {more}".strip())
            self.to_help.line.setVisible(True)
        have = None
        if self.balances is not None:
            have = self.balances.flow if symbol == "FLOW" else self.balances.native
        amount = self._amount()
        wrong = ""
        if self.amount.text() and amount is None:
            wrong = tr("Type a number such as 0.50.")
        elif amount is not None and have is not None and amount > have:
            wrong = tr("There are {have} {symbol}.").format(have=format_token(have, strip=True), symbol=symbol)
        self.amount_help.set_wrong(wrong)
        if not wrong and have is not None:
            self.amount_help.line.setText(
                tr("{have} {symbol} are there.").format(have=shown.coins(have), symbol=symbol)
            )
            self.amount_help.line.setVisible(True)
        self.update_buttons()
        self.fit()

    def update_buttons(self) -> None:
        """Somebody and some amount."""
        self.go.setEnabled(bool(self.address) and bool(self._amount()))

    def _prepare(self) -> None:
        amount = self._amount()
        if self.address and amount:
            run = partial(_prepare, self.wallet, self.account.address, self.address, (amount, str(self.symbol.value())))
            self.run_job(Lane.CHAIN, run, self._ready, "prepare payment")

    def _ready(self, requests: tuple[Prepared, ...]) -> None:
        self.accept()
        self.prepared.emit(list(requests))


def _prepare(wallet: StudioWallet, account: str, to: str, what: tuple[int, str], work: Work) -> tuple[Prepared, ...]:
    amount, symbol = what
    return wallet.prepare([wallet.send_call(to, amount, symbol=symbol)], account=account)


class ReceiveDialog(WalletDialog):
    """The address as a code and as text."""

    def __init__(self, account: Account, tools: Tools, parent: QWidget | None = None) -> None:
        network = tools.wallet.context.network.name
        words = tr("Give this address to whoever pays you. It is for {network} only.").format(network=network)
        super().__init__(tr("Receive to {name}").format(name=account.name), words, tools, parent, width=460)
        self.account = account
        code = QSvgWidget()
        code.load(QByteArray(tools.wallet.address_qr(account.address).encode()))
        code.setFixedSize(200, 200)
        code.setAccessibleName(tr("The address as a code to scan"))
        self.body.addWidget(code, 0, Qt.AlignmentFlag.AlignHCenter)
        address = text(account.address, tools.theme, "mono")
        address.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        address.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.body.addWidget(address)
        self.copied = text("", tools.theme, "small", "t3")
        self.copied.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.body.addWidget(self.copied)
        self.add_problem_place()
        self.copier = AddressCopier(self)
        self.copier.swapped.connect(self._swapped)
        copy = self.add_button(tr("Copy the address"))
        close = self.add_button(tr("Close"), enter=True)
        copy.clicked.connect(self._copy)
        close.clicked.connect(self.accept)

    def _copy(self) -> None:
        self.copier.copy(self.account.address)
        self.copied.setText(tr("Copied whole"))

    @Slot(str)
    def _swapped(self, other: str) -> None:
        self.copied.setText("")
        self.show_problem(swap_noticed(other))

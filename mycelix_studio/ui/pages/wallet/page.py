"""The wallet's behaviour: which account, what it has, what became of every signature."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mycelix_studio.domain import clock
from mycelix_studio.domain.account import Account, AccountKind, Balances
from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.fiat import Rate, exponent
from mycelix_studio.domain.transaction import Activity, TxState
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.settings import CURRENCY
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts.words import day_text, moment_text, number
from mycelix_studio.ui.pages.base import Command, Context
from mycelix_studio.ui.pages.wallet.actions import Snapshot, WalletActions
from mycelix_studio.ui.pages.wallet.model import ActivityModel, tr
from mycelix_studio.ui.pages.wallet.view import WalletView
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.toasts import Message

SHOWN = 300
MANY = 10_000
"""Signatures beyond which their number says nothing."""
DO_COLUMN = 5


class WalletPage(WalletActions):
    """Accounts, money, activity."""

    concerns = frozenset(
        {Kind.ACCOUNTS, Kind.TRANSACTIONS, Kind.ADDRESS_BOOK, Kind.EARNINGS, Kind.SETTINGS, Kind.RATES}
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Wallet"))
        self.model = ActivityModel(self)
        self.view = WalletView(self.model, self.theme)
        self.column.addWidget(self.view, 1)
        self.file_button = Button(tr("Sign a file…"), self.theme, icon_name="ph.qr-code")
        self.lock_button = Button(tr("Lock now"), self.theme, icon_name="ph.lock-key")
        self.header.add(self.file_button, self.lock_button)
        self._number = 0
        self._reading = False
        self._problem = ""
        self._beat = QTimer(self, interval=20_000)
        self._beat.timeout.connect(self._show_lock)
        view = self.view
        view.panel.list.chosen.connect(self._choose)
        view.panel.list.menu_wanted.connect(self._account_menu)
        view.panel.add.clicked.connect(self._add_menu)
        view.panel.practise.clicked.connect(self.practise)
        view.segment.chosen.connect(self._segment)
        view.send.clicked.connect(self.send)
        view.receive.clicked.connect(self.receive)
        view.copy.clicked.connect(self._copy_address)
        view.pay.clicked.connect(self.pay_everyone)
        view.export.clicked.connect(self._copy_list)
        view.table.opened.connect(self._explain)
        self.file_button.clicked.connect(self._file_menu)
        self.lock_button.clicked.connect(self.toggle_lock)

    # reading ----------------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the cache, then the chain."""
        self.reload()
        self.refresh_balances()

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Read the cache; balances too when something reached or left a block."""
        self.reload()
        if changes.touches(Kind.TRANSACTIONS) and initiator is not self:
            self.refresh_balances()

    def reload(self) -> None:
        """Read the cache."""
        self._number += 1
        if self.snapshot is None:
            self.view.states.show_loading()
        self.bridge.run(
            Lane.IO,
            partial(self._snapshot, self._number, self.view.segment.value()),
            name="wallet",
            success=self._show,
            failure=self.failed,
        )

    def _snapshot(self, number: int, only: str, work: Work) -> tuple[int, Snapshot]:
        current = self.wallet.current()
        address = current.address if current is not None else None
        balances = {balance.address: balance for balance in self.wallet.balances()}
        activity = self.wallet.activity(account=address, only=only, limit=SHOWN) if address else ()
        return number, Snapshot(
            self.wallet.accounts(),
            current,
            balances,
            self.wallet.lock_state(),
            activity,
            self.wallet.pending(),
            self._rate(),
        )

    def _rate(self) -> Rate | None:
        """Return today's rate of the person's own table; None without one. A table that cannot be read is told where it is used."""
        try:
            return self.studio.rates.table().at(clock.now().date(), self.studio.settings.get(CURRENCY))
        except Known:
            return None

    def refresh_balances(self) -> None:
        """Ask the chain what the accounts have."""
        if self._reading or self.wallet.current() is None:
            return
        self._reading = True
        self.bridge.run(
            Lane.CHAIN, self._balances, name="balances", success=self._have_balances, failure=self._no_balances,
            cancelled=self._stopped,
        )  # fmt: skip

    def _balances(self, work: Work) -> tuple[Balances, ...]:
        return self.wallet.refresh_balances()

    def _have_balances(self, _balances: object) -> None:
        self._reading = False
        self._problem = ""
        self.reload()

    def _no_balances(self, error: Exception) -> None:
        self._reading = False
        self._problem = getattr(error, "title", "")
        self._show_money()

    def _stopped(self) -> None:
        self._reading = False

    # showing ----------------------------------------------------------------------------------------------------------------------

    def _show(self, result: tuple[int, Snapshot]) -> None:
        number, snapshot = result
        if number != self._number:
            return
        self.snapshot = snapshot
        current = snapshot.current
        view = self.view
        view.panel.list.show_accounts(snapshot.accounts, snapshot.balances, current.address if current else "")
        self._show_lock()
        self._show_backup(current)
        if current is None:
            view.panel.hide()
            view.states.show_empty(
                "ph.wallet",
                tr("No account yet"),
                tr("You need one to register songs and to be paid. It is a key on this computer that only you have."),
                [(tr("Make an account"), self.make_account), (tr("Bring one in"), self.bring)],
            )
            return
        view.panel.show()
        view.states.show_content()
        self._show_money()
        self._show_activity(snapshot)

    def _show_lock(self) -> None:
        if self.snapshot is None or self.snapshot.current is None:
            self.header.context.setText("")
            self.lock_button.hide()
            self.file_button.hide()
            return
        state = self.wallet.lock_state()
        self.file_button.show()
        self.lock_button.setVisible(self.snapshot.current.kind is AccountKind.KEY)
        self.lock_button.setText(tr("Unlock") if state.locked else tr("Lock now"))
        self.lock_button.setAccessibleName(self.lock_button.text())
        self.lock_button.set_icon("ph.lock-simple-open" if state.locked else "ph.lock-key", self.theme)
        if state.locked:
            words = tr("Locked")
        elif state.locks_at is None:
            words = tr("Unlocked")
        else:
            minutes = max(1, round((state.locks_at - clock.now()).total_seconds() / 60))
            words = tr("Unlocked · locks in {n} min").format(n=minutes)
        self.header.context.setText(words)

    def _show_backup(self, account: Account | None) -> None:
        panel = self.view.panel
        words = account is not None and bool(account.path)
        panel.backup.setVisible(words)
        if account is None or not words:
            return
        proven = account.backup_proven_at
        if proven is not None:
            panel.backup_icon.set_icon("ph.shield-check", "ok")
            panel.backup_title.setText(tr("Backup proven"))
            day = day_text(proven.astimezone().date(), year=True)
            panel.backup_words.setText(tr("Your words restored this address on {day}.").format(day=day))
            panel.practise.setText(tr("Practise again"))
        else:
            panel.backup_icon.set_icon("ph.warning", "warn")
            panel.backup_title.setText(tr("Backup not proven"))
            panel.backup_words.setText(
                tr("Type the words from your paper; before that this account signs nothing.")
                if account.needs_drill
                else tr("Type the words from your paper to be sure that they restore this address.")
            )
            panel.practise.setText(tr("Practise"))
        panel.practise.setAccessibleName(panel.practise.text())

    def _show_money(self) -> None:
        if self.snapshot is None or self.snapshot.current is None:
            return
        view, account = self.view, self.snapshot.current
        balance = self.snapshot.balances.get(account.address) or Balances(account.address)
        view.name.setText(account.name)
        view.flow.show_amount(shown.coins(balance.flow), "FLOW", _exact(balance.flow, "FLOW"))
        view.earned.show_amount(shown.coins(balance.earned), "FLOW", _exact(balance.earned, "FLOW"))
        view.native.show_amount(
            shown.coins(balance.native, 4), balance.native_symbol, _exact(balance.native, balance.native_symbol)
        )
        worth = self._worth(balance.flow)
        view.worth.setText(worth if worth and not self._problem else self._as_of(balance))
        view.worth.setToolTip(self._as_of(balance))
        view.address.setText(short_address(account.address))
        view.address.setToolTip(account.address)
        left = balance.signatures_left
        view.native_words.setText(_enough(left))
        earned = balance.earned or 0
        view.earned_words.setText(
            tr("Your part of what your songs hold") if earned else tr("Nothing waits for you at the moment")
        )
        signs = account.can_sign
        view.send.setEnabled(signs)
        view.pay.setEnabled(signs and bool(earned))

    def _worth(self, flow: int | None) -> str:
        """Return about what the FLOW are worth, with the rate and its day; empty without a rate."""
        rate = self.snapshot.rate if self.snapshot is not None else None
        if rate is None or flow is None:
            return ""
        value = number(rate.value(flow), exponent(rate.currency), exponent(rate.currency))
        return tr("≈ {value} {currency} at {price}, {day}, your rate table").format(
            value=value, currency=rate.currency, price=rate.price, day=day_text(rate.day)
        )

    def _as_of(self, balance: Balances) -> str:
        if self._problem:
            return (
                self._problem
                if balance.as_of is None
                else tr("{why}. As of {time}").format(why=self._problem, time=moment_text(balance.as_of))
            )
        return tr("As of {time}").format(time=moment_text(balance.as_of)) if balance.as_of else tr("Not read yet")

    def _show_activity(self, snapshot: Snapshot) -> None:
        view = self.view
        words = tr("Pending {n}").format(n=snapshot.pending) if snapshot.pending else tr("Pending")
        view.segment.set_words("pending", words)
        ids = self.model.take(snapshot.activity)
        if not ids:
            everything = view.segment.value() == "all"
            view.list_states.show_empty(
                "ph.receipt",
                tr("Nothing yet") if everything else tr("Nothing here"),
                tr("What you sign and what comes in is listed here, newest first."),
                primary=False,
            )
            return
        view.list_states.show_content()
        if ids != self.model.ids:
            view.table.show_ids(ids)
        else:
            self.model.refresh()
        self._place_buttons(snapshot.activity)

    def _place_buttons(self, rows: Sequence[Activity]) -> None:
        table = self.view.table
        some = False
        for place, row in enumerate(rows):
            index = self.model.index(place, DO_COLUMN)
            before = table.indexWidget(index)
            key = f"{row.id} {row.state} {row.why}"
            if before is not None and before.property("shows") == key:
                some = True
                continue
            made = self._buttons(row)
            some |= made is not None
            if made is not None:
                made.setProperty("shows", key)
            if made is not None or before is not None:
                table.setIndexWidget(index, made)  # type: ignore[arg-type]
        table.set_unused(() if some else ("do",))

    def _buttons(self, row: Activity) -> QWidget | None:
        actions: list[tuple[str, str, object]] = []
        signs = self.snapshot is not None and self.snapshot.current is not None and self.snapshot.current.can_sign
        if row.state is TxState.DRAFT:
            actions = [(tr("Sign…"), "default", partial(self.sign_draft, row.id))] if signs else []
            actions.append((tr("Discard"), "quiet", partial(self.discard, row.id)))
        elif row.state is TxState.SENT and row.can_speed_up and signs and not row.why:
            actions = [(tr("Speed up"), "default", partial(self.speed_up, row.id))]
            if row.can_cancel:
                actions.append((tr("Cancel"), "quiet", partial(self.cancel, row.id)))
        elif row.why and row.state is not TxState.FINAL:
            words = tr("Why?") if row.state.under_way else tr("What happened")
            actions = [(words, "quiet", partial(self._explain, row.id))]
        if not actions:
            return None
        holder = QWidget()
        line = QHBoxLayout(holder)
        line.setContentsMargins(0, 0, 10, 0)
        line.setSpacing(4)
        line.addStretch(1)
        for words, kind, run in actions:
            icon = "ph.fast-forward" if words == tr("Speed up") else ""
            button = Button(words, self.theme, kind, icon, small=True)
            button.setAccessibleName(f"{words}: {row.title}")
            button.clicked.connect(run)
            line.addWidget(button)
        return holder

    def _explain(self, key: object) -> None:
        row = self.model.activity(key)
        if row is None:
            return
        dialog = Dialog(row.title, row.why or tr("Nothing special."), self.theme, self, width=520)
        from mycelix_studio.ui.dialogs.sign.parts import address_label
        from mycelix_studio.ui.labels import text

        facts = [(tr("State"), self.model.cell(row, self.model.columns[3]).text)]
        if row.tx_hash:
            facts.append((tr("Fingerprint of the payment"), row.tx_hash))
        if row.nonce is not None:
            facts.append((tr("Number in line"), str(row.nonce)))
        if row.fee is not None:
            facts.append((tr("Network fee"), f"{shown.coins(row.fee, 18)} {row.native_symbol}"))
        for label, value in facts:
            dialog.body.addWidget(text(label, self.theme, "small", "t3"))
            dialog.body.addWidget(address_label(value, self.theme))
        buttons: list[tuple[str, object]] = []
        if row.can_speed_up:
            buttons.append((tr("Speed up"), partial(self.speed_up, row.id)))
        if row.can_cancel:
            buttons.append((tr("Cancel the payment"), partial(self.cancel, row.id)))
        for words, run in buttons:
            button = dialog.add_button(words, left=True)
            button.clicked.connect(dialog.accept)
            button.clicked.connect(run)
        close = dialog.add_button(tr("Close"), enter=True)
        close.clicked.connect(dialog.accept)
        self._open(dialog)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make room where there is little."""
        super().resizeEvent(event)
        self.view.fit(self.width())

    # the page ---------------------------------------------------------------------------------------------------------------------

    def _segment(self, _key: str) -> None:
        self.reload()

    def _copy_list(self) -> None:
        self.view.table.selectAll()
        self.view.table.copy_as_table()
        self.view.table.clearSelection()
        self.shell.toast(Message(tr("List copied"), tr("Paste it into any table.")))

    def show_now(self) -> None:
        """Count the minutes until the lock while the page is seen."""
        super().show_now()
        self._beat.start()

    def hideEvent(self, event: object) -> None:
        """Count no more."""
        self._beat.stop()
        super().hideEvent(event)  # type: ignore[arg-type]

    def open(self, target: object) -> None:
        """``create``, ``bring``, ``practise`` and ``passphrase`` open their dialogs, the last two for the current account.

        The path of a request or a signature shows it as codes.
        """
        dialogs = {
            "create": self.make_account,
            "bring": self.bring,
            "practise": self.practise,
            "passphrase": self.change_passphrase,
        }
        if isinstance(target, Path):
            self.show_codes(target)
        elif isinstance(target, str) and target in dialogs:
            dialogs[target]()

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        here = tr("Wallet")
        return (
            Command(tr("Make an account"), self.make_account, "", here, "ph.plus"),
            Command(tr("Bring an account in"), self.bring, "", here, "ph.download-simple"),
            Command(tr("Send"), self.send, "", here, "ph.arrow-up-right", self._can_sign),
            Command(tr("Receive"), self.receive, "", here, "ph.arrow-down-left", self._has_account),
            Command(tr("Pay everyone"), self.pay_everyone, "", here, "ph.users-three", self._can_sign),
            Command(tr("Address book"), self.address_book, "", here, "ph.address-book"),
            Command(tr("Lock or unlock"), self.toggle_lock, "", here, "ph.lock-key", self._has_account),
            Command(tr("Sign a file"), self._choose_file, "", here, "ph.qr-code", self._has_account),
            Command(tr("Read codes to sign or send"), self.read_codes, "", here, "ph.qr-code", self._has_account),
        )

    def _has_account(self) -> bool:
        return self.snapshot is not None and self.snapshot.current is not None

    def _can_sign(self) -> bool:
        return self.snapshot is not None and self.snapshot.current is not None and self.snapshot.current.can_sign


def _exact(amount: int | None, symbol: str) -> str:
    return f"{shown.coins(amount, 18)} {symbol}" if amount is not None else tr("not known")


def _enough(signatures: int | None) -> str:
    if signatures is None:
        return tr("Not known yet")
    if signatures > MANY:
        return tr("Enough for more than {n} signatures").format(n=shown.count(MANY))
    return tr("Enough for about {n} signatures").format(n=shown.count(signatures))

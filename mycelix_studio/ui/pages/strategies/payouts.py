"""The Payouts tab: what waits for whom, paying everyone, collecting, and the own purse."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mycelix_studio.services.live.payouts import AccountNow, Payouts, PersonNow, PurseAction
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.pages.strategies.listing import Listing
from mycelix_studio.ui.pages.strategies.live_tab import AmountDialog, FigureCard, Figures, LiveTab, flow
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.rows import Cell, Column
from mycelix_studio.ui.widgets.tables import Table

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage

PEOPLE = (
    Column("who", "Who gets paid", 0, sort=False),
    Column("role", "Role", 130, sort=False, drop=1),
    Column("waits", "Waits", 120, right=True, sort=False),
    Column("aside", "Set aside", 120, right=True, sort=False),
    Column("paid", "Paid out so far", 140, right=True, sort=False),
)
ACCOUNTS = (
    Column("songs", "Songs", 0, sort=False),
    Column("shares", "Shares", 220, sort=False, drop=1),
    Column("waits", "Waits", 120, right=True, sort=False),
    Column("fee", "Platform fee", 110, right=True, sort=False, drop=2),
)


class PayoutsTab(LiveTab):
    """Money earned and not paid out yet."""

    key = "payouts"
    title = "Payouts"
    words = "What your songs earned, and for whom it waits"
    empty = ("ph.coin", "Nothing to pay out yet", "Put a song on chain under Terms; what it earns gathers here.")

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__(page)
        self.collect = Button(tr("Collect what is set aside"), self.theme, "default", small=True)
        self.collect.clicked.connect(self.collect_own)
        self.aside = Button(tr("Set aside instead"), self.theme, "quiet", small=True)
        self.aside.setToolTip(tr("Everyone collects their part themselves; costs you a little less"))
        self.aside.clicked.connect(partial(self._pay, None, push=False))
        self.one = Button(tr("Pay the chosen songs only"), self.theme, "quiet", small=True)
        self.one.clicked.connect(self.pay_chosen)
        for button in (self.collect, self.one, self.aside):
            self.top.addWidget(button)
        self.top.addStretch(1)
        self.top.addWidget(self.as_of)
        self.top.addWidget(self.again)
        self.pay = Button(tr("Pay everyone"), self.theme, "primary", "ph.users-three")
        self.pay.clicked.connect(self.pay_everyone)
        self.pay.setEnabled(False)  # until it is known what waits
        self.waits = FigureCard(tr("Waits for everyone"), self.theme)
        self.mine = FigureCard(tr("Of it for you"), self.theme)
        self.set_aside = FigureCard(tr("Set aside for you"), self.theme)
        self.got = FigureCard(tr("Paid to you so far"), self.theme)
        figures = Figures((self.waits, self.mine, self.set_aside, self.got))
        self.body_column.addWidget(figures)
        self.people: Listing[PersonNow] = Listing(PEOPLE, self._person_cell, self)
        self.people_table = Table(self.people, self.theme, tr("Who gets paid"), row_height=34)
        self.accounts: Listing[AccountNow] = Listing(ACCOUNTS, self._account_cell, self)
        self.accounts_table = Table(
            self.accounts, self.theme, tr("Songs and what waits in their accounts"), row_height=34
        )
        self.accounts_table.picked.connect(self._picked)
        for title, table, stretch in (
            (tr("By person"), self.people_table, 1),
            (tr("By songs"), self.accounts_table, 1),
        ):
            table.setProperty("ground", "bg2")
            place = Card(12, 6)
            place.column.addWidget(text(title, self.theme, "section"))
            place.column.addWidget(table, 1)
            self.body_column.addWidget(place, stretch)
        self.body_column.addWidget(self._purse())

    def _purse(self) -> Card:
        card = Card(14, 6)
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(text(tr("Your purse as a listener"), self.theme, "strong"))
        self.purse_words = text("", self.theme, "body", "t2", wrap=True)
        row.addWidget(self.purse_words, 1)
        self.deposit = Button(tr("Put in…"), self.theme, small=True)
        self.ask_back = Button(tr("Ask back…"), self.theme, small=True)
        self.take = Button(tr("Take out"), self.theme, small=True)
        self.deposit.clicked.connect(self.ask_deposit)
        self.ask_back.clicked.connect(self.ask_for)
        self.take.clicked.connect(partial(self._purse_do, PurseAction.TAKE, 0))
        for button in (self.deposit, self.ask_back, self.take):
            row.addWidget(button)
        card.column.addLayout(row)
        return card

    def buttons(self) -> Sequence[QWidget]:
        """Return paying everyone."""
        return (self.pay,)

    # reading ------------------------------------------------------------------------------------------------------------

    def kept(self) -> Payouts | None:
        """IO. Return what was read last."""
        return self.live.payouts()

    def read(self) -> Payouts:
        """CHAIN. Return what the chain says."""
        return self.live.refresh_payouts()

    def has_any(self, state: Payouts) -> bool:
        """Tell whether any song is on chain."""
        return bool(state.accounts) or bool(state.purse.balance)

    def show_state(self, state: Payouts) -> None:
        """Show figures, people, accounts and the purse."""
        account = self.studio.wallet.current()
        me = state.person(account.address) if account is not None else None
        fee = sum(a.fee for a in state.accounts)
        said = tr("platform fee beside it {amount}").format(amount=flow(fee)) if fee else ""
        self.waits.show_figure(flow(state.waits), "FLOW", said, exact=shown.coins(state.waits, 18))
        for card, amount in (
            (self.mine, me.waits if me else 0),
            (self.set_aside, me.aside if me else 0),
            (self.got, me.paid if me else 0),
        ):
            card.show_figure(flow(amount), "FLOW", exact=shown.coins(amount, 18))
        self.pay.setEnabled(state.waits > 0)
        self.aside.setEnabled(state.waits > 0)
        self.collect.setEnabled(me is not None and me.aside > 0)
        self.people.show(self.people_table, state.people)
        self.accounts.show(self.accounts_table, state.accounts)
        self._picked()
        purse = state.purse
        thawed = purse.requested > 0 and purse.thaws_at <= state.at
        parts = [tr("{amount} FLOW for plays").format(amount=flow(purse.balance))]
        if purse.requested and not thawed:
            when = words.moment_text(datetime.fromtimestamp(purse.thaws_at, UTC))
            parts.append(
                tr("{amount} asked back, to be taken out from {when} UTC").format(
                    amount=flow(purse.requested), when=when
                )
            )
        elif purse.requested:
            parts.append(tr("{amount} can be taken out").format(amount=flow(purse.requested)))
        self.purse_words.setText(" · ".join(parts))
        self.deposit.setEnabled(state.wallet > 0)
        self.ask_back.setEnabled(purse.balance > 0)
        self.take.setEnabled(thawed)

    def _person_cell(self, person: PersonNow, column: str) -> Cell:
        account = self.studio.wallet.current()
        if column == "who":
            mine = account is not None and person.address == account.address
            return Cell(self.who(person.address), strong=True, rest=tr("you") if mine else "", tip=person.address)
        if column == "role":
            return Cell(", ".join(person.roles), tone="t2")
        amount = {"waits": person.waits, "aside": person.aside, "paid": person.paid}[column]
        return Cell(
            shown.coins(amount) if amount else "–",
            tone="t1" if amount else "t3",
            strong=column == "waits" and amount > 0,
            tip=f"{shown.coins(amount, 18)} FLOW",
        )

    def _account_cell(self, account: AccountNow, column: str) -> Cell:
        if column == "songs":
            named = ", ".join(account.titles) or tr("no song any more")
            return Cell(named, rest=tr("account {n}").format(n=account.payee))
        if column == "shares":
            from mycelix_studio.domain.strategy.shares import format_percent

            said = ", ".join(f"{self.who(s.address)} {format_percent(s.bps)}" for s in account.shares)
            return Cell(said, tone="t2", tip=said)
        amount = account.waits if column == "waits" else account.fee
        return Cell(shown.coins(amount) if amount else "–", tip=f"{shown.coins(amount, 18)} FLOW")

    # doing --------------------------------------------------------------------------------------------------------------

    @Slot()
    def _picked(self) -> None:
        self.one.setEnabled(self._picked_payee() is not None)

    def _picked_payee(self) -> int | None:
        picked = [self.accounts.items[number] for number in self.accounts_table.selected_ids()]
        return picked[0].payee if len(picked) == 1 and picked[0].waits else None

    @Slot()
    def pay_everyone(self) -> None:
        """Pay everyone from all accounts."""
        self._pay(None)

    @Slot()
    def pay_chosen(self) -> None:
        """Pay everyone from the chosen account."""
        payee = self._picked_payee()
        if payee is not None:
            self._pay(payee)

    def _pay(self, payee: int | None, *, push: bool = True) -> None:
        self.prepare(lambda: self.live.prepare_payout(payee, push=push))

    @Slot()
    def collect_own(self) -> None:
        """Collect what is set aside for the own account."""
        self.prepare(self.live.prepare_collect)

    @Slot()
    def ask_deposit(self) -> None:
        """Ask how much to put into the purse."""
        said = tr("It pays for what you listen to. What is not used can be asked back; that takes a day.")
        self._ask(PurseAction.DEPOSIT, tr("Put into your purse"), said, self.state.wallet)

    @Slot()
    def ask_for(self) -> None:
        """Ask how much to take back."""
        said = tr("It can be taken out after a day; until then plays you signed can still be paid from it.")
        self._ask(PurseAction.ASK, tr("Ask back from your purse"), said, self.state.purse.balance)

    def _ask(self, action: PurseAction, title: str, said: str, most: int) -> None:
        dialog = AmountDialog(title, said, self.theme, self, do=tr("Review"), symbol="FLOW", most=most)
        amount = dialog.amount() if dialog.exec() else None
        dialog.deleteLater()
        if amount is not None:
            self._purse_do(action, amount)

    def _purse_do(self, action: PurseAction, amount: int) -> None:
        self.prepare(lambda: self.live.prepare_purse(action, amount))

    def commands(self) -> Sequence[Command]:
        """Return paying and collecting."""
        where = tr("Strategies")
        return (
            Command(tr("Pay everyone"), self.pay_everyone, "", where, "ph.users-three", self.pay.isEnabled),
            Command(tr("Collect what is set aside"), self.collect_own, "", where, "", self.collect.isEnabled),
            *super().commands(),
        )

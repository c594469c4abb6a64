"""Statements: what came in, what was taken off and who gets it, in a period, to the last wei.

Columns follow Bandcamp's sales report: date (UTC), paid to, item type, item, currency, price, quantity, discount, subtotal, fees by
type, net. A payment the chain took back stays on the page with a reversal below it; nothing is silently rewritten.

This is what a statement holds; :mod:`mycelix_studio.domain.statement_build` makes one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cached_property

from mycelix_studio.domain.fiat import Rate, RateTable, minor_of
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, VoucherSongRecord

FORMAT = 2
"""Number of this layout; part of the hash of the inputs, so that a new layout never claims to be an old file."""
SYMBOL = "FLOW"
REWARD_SYMBOL = "CGC"
"""Token of the thanks that listeners get; never added to amounts of FLOW."""


class ItemType(StrEnum):
    """What a row is for."""

    STREAM = "stream"
    VOUCHER = "voucher"
    TIP = "tip"
    SUBSCRIPTION = "subscription"
    RENEWAL = "renewal"
    PASS = "pass"  # noqa: S105 - a ticket
    REWARD = "reward"
    PAYOUT = "payout"
    REVERSAL = "reversal"
    REFUND = "refund"


INCOME = frozenset(
    {
        ItemType.STREAM,
        ItemType.VOUCHER,
        ItemType.TIP,
        ItemType.SUBSCRIPTION,
        ItemType.RENEWAL,
        ItemType.PASS,
        ItemType.REVERSAL,
        ItemType.REFUND,
    }
)
"""Types that make up gross, fees and net. A payout moves money that came in before; a reward is of another token."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A payment, when the chain took it back if it did, and which songs it was for if it is a voucher and they are known."""

    payment: PaymentRecord
    retracted_at: datetime | None = None
    songs: tuple[VoucherSongRecord, ...] = ()


@dataclass(frozen=True, slots=True)
class Taken:
    """A payout, and when the chain took it back if it did."""

    payout: PayoutRecord
    retracted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything a statement is made from.

    Attributes:
        artist: Name at the head of the page.
        account: The artist's address.
        network: Name of the chain in words, such as ``Gnosis``.
        as_of: Everything before this moment is in the cache.
        receipts: Payments of the period, and those taken back in it.
        payouts: As receipts.
        splits: The whole split history of the payees, not only of the period.
        titles: Song id to title.
        names: Address to name, from the address book.
        rates: For values in ``currency``; ``currency`` empty leaves them out.
    """

    artist: str
    account: str
    network: str
    as_of: datetime
    receipts: Sequence[Receipt] = ()
    payouts: Sequence[Taken] = ()
    splits: Sequence[SplitRecord] = ()
    titles: Mapping[str, str] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    strategies: Mapping[str, str] = field(default_factory=dict)
    rates: RateTable = field(default_factory=RateTable)
    currency: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """What part of a period is asked for; empty means everything."""

    songs: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()
    person: str = ""


EVERYTHING = Choices()


@dataclass(frozen=True, slots=True)
class FiatValue:
    """An amount in everyday money, in millionths of the minor unit, with the rate it was made with."""

    fine: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a statement. Amounts are wei of :attr:`symbol`; a reversal, a payout and a reward are negative.

    Attributes:
        when: Block time, or the moment of the reversal.
        paid_to: Who received it: the account of the payee for income, the person for a payout, the listener for a reward.
        listener: Who paid, empty for payouts.
        price: Wei for one; None when the row is not a multiple of one price, and for payouts and rewards, which have none.
        discount: Wei off ``price * quantity``. None without a price, and for patrons: their payments do not tell what a month cost
            before the discount of their loyalty.
        fee: Protocol fee, the one fee the chain takes off.
        fiat: None when not asked for, when there is no rate for the day, and for a reward: rates are of FLOW.
        parts: Shares of the net: (address, wei), adding up to it exactly; empty for rows that are no income.
    """

    key: str
    when: datetime
    paid_to: str
    type: ItemType
    item: str
    song_id: str
    strategy: str
    listener: str
    payee: int
    quantity: int
    price: int | None
    discount: int | None
    subtotal: int
    fee: int
    net: int
    chain_id: int
    block: int
    tx: str
    log_index: int
    position: int
    deferred: bool = False
    fiat: FiatValue | None = None
    parts: tuple[tuple[str, Wei], ...] = ()

    @property
    def income(self) -> bool:
        """True when it counts in gross, fees and net."""
        return self.type in INCOME

    @property
    def symbol(self) -> str:
        """The token of every amount of this row. Rows of different tokens are never added."""
        return REWARD_SYMBOL if self.type is ItemType.REWARD else SYMBOL


@dataclass(frozen=True, slots=True)
class PersonLine:
    """One payment's share for one person: the row, the percent valid then in basis points, the wei, and their value."""

    line: Line
    bps: int
    amount: Wei
    fiat: FiatValue | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """What one person is due from the period's income, and what was paid out to them in it.

    Attributes:
        due: Wei.
        paid: Wei.
        fiat: Value of ``due`` in minor units; None when not asked for, or when a single row has no rate.
    """

    address: str
    name: str
    due: int
    paid: int
    rows: tuple[PersonLine, ...]
    payouts: tuple[Line, ...]
    fiat: int | None = None

    @property
    def shares(self) -> tuple[int, ...]:
        """The different shares that applied, in basis points, ascending."""
        return tuple(sorted({row.bps for row in self.rows}))


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over a statement in wei of FLOW; ``rewards`` in wei of CGC; ``fiat`` in minor units, None when a single row has no rate."""

    gross: int
    fee: int
    net: int
    paid_out: int
    rewards: int
    fiat: int | None
    without_rate: int


@dataclass(frozen=True)
class Statement:
    """A period's rows in order of time and place on the chain, with people and totals."""

    period: Period
    choices: Choices
    artist: str
    account: str
    network: str
    currency: str
    complete_to: datetime
    lines: tuple[Line, ...]
    people: tuple[Person, ...]
    unassigned: int
    input_hash: str

    @cached_property
    def totals(self) -> Totals:
        """Gross, fees, net, payouts, rewards and the value in everyday money."""
        income = [line for line in self.lines if line.income]
        missing = sum(line.fiat is None for line in income) if self.currency else 0
        fiat = minor_of(sum(line.fiat.fine for line in income if line.fiat is not None))
        return Totals(
            sum(line.subtotal for line in income),
            sum(line.fee for line in income),
            sum(line.net for line in income),
            -sum(line.net for line in self.lines if line.type is ItemType.PAYOUT),
            -sum(line.net for line in self.lines if line.type is ItemType.REWARD),
            fiat if self.currency and not missing else None,
            missing,
        )

    @property
    def complete(self) -> bool:
        """False while the period, or the sync of it, is not at its end."""
        return self.complete_to >= self.period.bounds[1]

    def per_day(self) -> tuple[tuple[date, int], ...]:
        """Return net income of every day of the period, in wei."""
        sums: dict[date, int] = {}
        for line in self.lines:
            if line.income:
                sums[line.when.date()] = sums.get(line.when.date(), 0) + line.net
        days = (self.period.last - self.period.first).days + 1
        return tuple(
            (day, sums.get(day, 0)) for day in (self.period.first + timedelta(days=number) for number in range(days))
        )

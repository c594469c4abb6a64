"""Compares rows that came from a platform with the same rows made from the chain's own events, down to the log."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeVar

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import REWARD_SYMBOL, SYMBOL
from mycelix_studio.domain.wire import PaymentRecord, PayoutRecord, SplitRecord, WireShare

Row = PaymentRecord | PayoutRecord | SplitRecord
R = TypeVar("R", PaymentRecord, PayoutRecord, SplitRecord)
_NOT_COMPARED: Final = frozenset({"key", "chain_id", "block", "log_index", "item"})
"""The node's own number, and the place on the chain, by which rows are found."""


MONEY: Final = frozenset({"gross", "fee", "net", "amount"})
"""Fields of rows that are amounts in wei."""


class Fault(StrEnum):
    """What is wrong with a row."""

    MISSING = "missing"
    """On chain, but not here."""
    INVENTED = "invented"
    """Here, but not on chain."""
    DOUBLED = "doubled"
    """Here twice."""
    ALTERED = "altered"
    UNPROVEN = "not proven"
    """A record of the chain that was kept and does not fit its proof."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One row that is not as the chain has it.

    Attributes:
        kind: ``payment``, ``payout``, ``split``, or ``voucher_song`` for what is said of the songs of a voucher.
        tx: Transaction as the chain names it; for an invented row as the row does.
        when: Block time, likewise.
        amount: Wei of net or of the payout, likewise; 0 for a split.
        symbol: Token of the amounts.
        values: For altered rows: field, what the chain says, what is here.
    """

    fault: Fault
    kind: str
    block: int
    log_index: int
    item: int
    tx: str
    when: datetime
    amount: int
    values: tuple[tuple[str, str, str], ...] = ()
    symbol: str = SYMBOL


@dataclass(frozen=True, slots=True)
class Sums:
    """Sums in wei of FLOW; ``rewards``, which are no income, in wei of CGC. ``net`` is gross - fee of income."""

    payments: int = 0
    gross: int = 0
    fee: int = 0
    net: int = 0
    paid_out: int = 0
    rewards: int = 0


@dataclass(frozen=True, slots=True)
class Check:
    """One figure compared, in wei of ``symbol``: what the chain says, what was found elsewhere."""

    name: str
    chain: int
    found: int
    symbol: str = SYMBOL

    @property
    def equal(self) -> bool:
        """True when they agree to the wei."""
        return self.chain == self.found


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What an audit found.

    Attributes:
        period: What was asked for.
        read_to: Last block read; rows of later blocks are not judged.
        servers: Hosts of the chain servers asked; empty for an audit without a network.
        chain: Sums by account (payee) from the chain's events.
        cache: The same from the rows here.
        checks: Further figures compared.
        differences: Rows that differ, by place on the chain.
        unchecked: What could not be checked, in words.
        how: How it was checked, in words.
        later: Rows here that are of later blocks than ``read_to``.
        proven: Records of the chain whose receipts were proven to the hashes of their blocks.
        records: Records of the chain that were read.
    """

    period: Period
    account: str
    contract: str
    first_block: int
    read_to: int
    read_to_time: datetime
    servers: tuple[str, ...]
    chain: Mapping[int, Sums]
    cache: Mapping[int, Sums]
    checks: tuple[Check, ...] = ()
    differences: tuple[Difference, ...] = ()
    unchecked: tuple[str, ...] = ()
    how: tuple[str, ...] = ()
    later: int = 0
    proven: int = 0
    records: int = 0

    @property
    def agrees(self) -> bool:
        """True when not a single row or figure differs."""
        return not self.differences and all(check.equal for check in self.checks) and self.chain == self.cache

    @property
    def verdict(self) -> str:
        """The result in one sentence."""
        total = total_of(self.chain)
        if self.agrees:
            if total == Sums():
                return "The chain has no payment in this period, and neither does Studio."
            return f"Everything agrees to the last digit: {_counted(total.payments, 'payment')}, and the payouts with them."
        counts = [
            f"{_counted(sum(d.fault is fault for d in self.differences), 'row')} {fault.value}"
            for fault in Fault
            if any(d.fault is fault for d in self.differences)
        ]
        wrong = sum(not check.equal for check in self.checks)
        if wrong:
            counts.append(f"{_counted(wrong, 'figure')} different")
        return f"What the platform sent does not agree with the chain: {', '.join(counts) or 'the sums differ'}."


def _counted(number: int, word: str) -> str:
    return f"{number:,} {word}" + ("" if number == 1 else "s")


def total_of(by_payee: Mapping[int, Sums]) -> Sums:
    """Return the sums over all accounts."""
    return Sums(*(sum(getattr(sums, part.name) for sums in by_payee.values()) for part in fields(Sums)))


def sums_of(payments: Iterable[PaymentRecord], payouts: Iterable[PayoutRecord], period: Period) -> dict[int, Sums]:
    """Return the sums by account of what lies in a period."""
    found: dict[int, list[int]] = {}
    for row in payments:
        if not period.holds(row.block_time):
            continue
        held = found.setdefault(row.payee, [0] * len(fields(Sums)))
        if row.type == "reward":
            held[5] += row.net
            continue
        for place, value in enumerate((1, row.gross, row.fee, row.net)):
            held[place] += value
    for out in payouts:
        if period.holds(out.block_time):
            found.setdefault(out.payee, [0] * len(fields(Sums)))[4] += out.amount
    return {payee: Sums(*values) for payee, values in sorted(found.items())}


def compare(chain: Iterable[R], held: Iterable[R], period: Period | None = None) -> tuple[Difference, ...]:
    """Return how the rows held differ from those of the chain.

    Args:
        chain: Rows made from events; at most one for each place.
        held: Rows as the platform sent them.
        period: Only rows that lie in it, by the chain's time or by the row's own; None for all.
    """
    expected = {place_of(row): row for row in chain}
    found: dict[tuple[int, int, int], list[R]] = {}
    for row in held:
        found.setdefault(place_of(row), []).append(row)
    differences: list[Difference] = []
    for place in sorted(expected.keys() | found.keys()):
        true: R | None = expected.get(place)
        rows: list[R] = found.get(place, [])
        concerned = [*rows, *([true] if true is not None else [])]
        if period is not None and not any(period.holds(row.block_time) for row in concerned):
            continue
        if true is None:
            differences += [_difference(Fault.INVENTED, row) for row in rows]
            continue
        if not rows:
            differences.append(_difference(Fault.MISSING, true))
        # Of several rows in one place the one that is right, if any is, counts as the row; the others are too many.
        rows = sorted(rows, key=lambda row: bool(_values(true, row)))
        differences += [_difference(Fault.DOUBLED, row) for row in rows[1:]]
        if rows and (values := _values(true, rows[0])):
            differences.append(_difference(Fault.ALTERED, true, values))
    return tuple(differences)


def place_of(row: Row) -> tuple[int, int, int]:
    """Return block, log index and item of a row."""
    return (row.block, row.log_index, getattr(row, "item", 0))


def _values(true: Row, row: Row) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (part.name, _text(getattr(true, part.name)), _text(getattr(row, part.name)))
        for part in fields(true)
        if part.name not in _NOT_COMPARED and getattr(true, part.name) != getattr(row, part.name)
    )


def _text(value: object) -> str:
    if isinstance(value, datetime):
        return rfc3339(value)
    if isinstance(value, tuple):
        return ", ".join(_share(part) for part in value)
    return "" if value is None else str(value)


def _share(part: object) -> str:
    if not isinstance(part, WireShare):
        return str(part)
    role = f" ({part.role})" if part.role else ""
    return f"{part.recipient} {part.bps // 100}.{part.bps % 100:02d} %{role}"


def _difference(fault: Fault, row: Row, values: tuple[tuple[str, str, str], ...] = ()) -> Difference:
    amount = row.net if isinstance(row, PaymentRecord) else row.amount if isinstance(row, PayoutRecord) else 0
    block, log_index, item = place_of(row)
    symbol = REWARD_SYMBOL if isinstance(row, PaymentRecord) and row.type == "reward" else SYMBOL
    return Difference(fault, row.kind, block, log_index, item, row.tx, row.block_time, amount, values, symbol)


@dataclass(frozen=True, slots=True)
class Signed:
    """What the chain has of a settled voucher.

    Attributes:
        plays_hash: Hash of the song-by-song list behind it.
        total: Gross wei of all its accounts, also of other artists.
        fee_bps: Fee of each of the artist's accounts in it, by item.
    """

    plays_hash: str
    total: int
    fee_bps: Mapping[int, int]


@dataclass(slots=True)
class ChainRows:
    """Rows of one artist as the chain's events make them; keys are 0, since the node gives them.

    Attributes:
        balances: Net wei that each of the artist's accounts holds, after the last event.
        vouchers: Settled vouchers that pay the artist, by block and log index.
    """

    payments: list[PaymentRecord] = field(default_factory=list)
    payouts: list[PayoutRecord] = field(default_factory=list)
    splits: list[SplitRecord] = field(default_factory=list)
    balances: dict[int, int] = field(default_factory=dict)
    vouchers: dict[tuple[int, int], Signed] = field(default_factory=dict)

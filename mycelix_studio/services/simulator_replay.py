"""Replays an artist's own plays under other terms. Counting is done on integer arrays, money with whole wei, and nothing grows by itself.

The input is the history grouped by listener and day. Each function answers "what would have come in" for one way to earn, under stated
assumptions; a scenario adds the ways it combines. People come in millionths (``MICRO``) so that 4 % of 7 listeners is not lost, and every
division rounds down, so that a result is never too high by rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from mycelix_studio.domain.clock import EPOCH, day_date
from mycelix_studio.domain.money import BPS, fee_of

Ints = npt.NDArray[np.int64]
MICRO: Final = 1_000_000
"""Parts of one person."""
PERIOD_DAYS: Final = 30
GROUPS: Final = (1, 2, 10, 50)
"""Fewest plays of each listener group, over the replayed months."""
_STRIDE: Final = 1 << 32


@dataclass(frozen=True, slots=True)
class History:
    """Plays of whole months, one row for each listener and UTC day, sorted by listener, then day.

    Attributes:
        listener: Listener of the row, 0 to ``listeners`` - 1.
        day: UTC day number of the row.
        plays: Plays of that listener on that day, at least 1.
        months: First days of the replayed months, all complete.
        first_day: Day number of the first replayed day; terms begin here, with nobody loyal yet.
        end_day: Day number after the last one.
    """

    listener: Ints
    day: Ints
    plays: Ints
    months: tuple[date, ...]
    first_day: int
    end_day: int

    @property
    def listeners(self) -> int:
        """How many listeners there are."""
        return int(self.listener[-1]) + 1 if len(self.listener) else 0

    @property
    def total_plays(self) -> int:
        """How many plays are replayed."""
        return int(self.plays.sum())

    def month_of(self, days: Ints) -> Ints:
        """Return the position of each day's month."""
        edges = np.array([(month - EPOCH).days for month in self.months], dtype=np.int64)
        return np.searchsorted(edges, days, side="right") - 1

    def group_of_listeners(self) -> Ints:
        """Return each listener's group, by plays over all months."""
        totals = np.bincount(self.listener, weights=self.plays, minlength=self.listeners).astype(np.int64)
        return np.searchsorted(np.array(GROUPS, dtype=np.int64), totals, side="right") - 1

    def loyal_since(self, plays: int) -> Ints:
        """Return the day on which each listener first had ``plays`` plays within 30 days, -1 for never."""
        since = np.full(self.listeners, -1, dtype=np.int64)
        if not len(self.listener):
            return since
        key = self.listener * _STRIDE + self.day
        upto = np.cumsum(self.plays)
        start = np.searchsorted(key, key - (PERIOD_DAYS - 1))
        # A window may reach back into the listener before; keys of another listener lie far below, so `start` never does.
        within = upto - np.where(start > 0, upto[start - 1], 0)
        rows = np.flatnonzero(within >= plays)
        who, first = np.unique(self.listener[rows], return_index=True)
        since[who] = self.day[rows[first]]
        return since


@dataclass(frozen=True, slots=True)
class Result:
    """What would have come in.

    Attributes:
        net: Wei per month, after the protocol fee.
        by_group: Wei per listener group over all months; sums to the sum of ``net`` up to one wei a month and group.
        payers: People who paid, whole ones.
    """

    net: tuple[int, ...]
    by_group: tuple[int, ...]
    payers: int

    @property
    def total(self) -> int:
        """Wei over all months."""
        return sum(self.net)

    def __add__(self, other: Result) -> Result:
        return Result(
            tuple(a + b for a, b in zip(self.net, other.net, strict=True)),
            tuple(a + b for a, b in zip(self.by_group, other.by_group, strict=True)),
            max(self.payers, other.payers),
        )


def nothing(history: History) -> Result:
    """Return the result of earning nothing."""
    return Result((0,) * len(history.months), (0,) * len(GROUPS), 0)


def streams(
    history: History, price: int, fee_bps: int, lost_bps: int, patrons: tuple[Ints, Ints] | None = None
) -> Result:
    """Return what plays at a price would bring.

    Args:
        history: Plays.
        price: Gross wei of a stream.
        fee_bps: Protocol fee.
        lost_bps: Plays that would not happen behind this price.
        patrons: Day each listener became loyal, and for each 30-day age the millionths of a loyal listener who are patrons then and
            pay nothing for a stream.
    """
    paid = history.plays * MICRO
    if patrons is not None:
        since, share = patrons
        start = since[history.listener]
        age = np.where((start >= 0) & (history.day >= start), (history.day - start) // PERIOD_DAYS, -1)
        free = np.where(age >= 0, share[np.clip(age, 0, len(share) - 1)], 0)
        paid = history.plays * (MICRO - free)
    cells = _cells(history, paid)
    each = price - fee_of(price, fee_bps)
    kept = BPS - lost_bps

    def money(plays_micro: int) -> int:
        return plays_micro * kept * each // (MICRO * BPS)

    return _result(cells, money, history.listeners * kept // BPS)


def patron_share(join_bps: int, leave_bps: int, minimum_periods: int, periods: int) -> Ints:
    """Return for each period of an age how many millionths of a loyal listener are patrons.

    Nobody leaves before the prepaid ``minimum_periods`` are over.
    """
    share = [join_bps * MICRO // BPS]
    for period in range(1, max(periods, 1)):
        stays = BPS if period < minimum_periods else BPS - leave_bps
        share.append(share[-1] * stays // BPS)
    return np.array(share, dtype=np.int64)


def patronage(
    history: History, since: Ints, share: Ints, charge: Callable[[int], int], *, fee_bps: int, minimum_periods: int
) -> Result:
    """Return what patrons would pay.

    Args:
        history: Plays.
        since: Day each listener became loyal, from :meth:`History.loyal_since`.
        share: From :func:`patron_share`.
        charge: Gross wei of the charge at the start of period *k* of a patron who paid all before, as the contract computes it.
        fee_bps: Protocol fee.
        minimum_periods: Prepaid at the first charge, at least 1.
    """
    loyal = np.flatnonzero(since >= 0)
    groups = history.group_of_listeners()
    months, size = len(history.months), len(GROUPS)
    net = [0] * months
    by_group = [0] * size
    first = max(minimum_periods, 1)
    for period in (0, *range(first, len(share))):
        days = since[loyal] + period * PERIOD_DAYS
        inside = days < history.end_day
        if not inside.any():
            break
        place = history.month_of(days[inside]) * size + groups[loyal[inside]]
        people = np.bincount(place, minlength=months * size).reshape(months, size)
        gross = sum(charge(k) for k in range(first)) if period == 0 else charge(period)
        each = gross - fee_of(gross, fee_bps)
        for month, group in zip(*np.nonzero(people), strict=True):
            amount = int(people[month, group]) * int(share[period]) * each // MICRO
            net[month] += amount
            by_group[group] += amount
    return Result(tuple(net), tuple(by_group), len(loyal) * int(share[0]) // MICRO)


def tips(history: History, tippers_bps: int, tips_a_month_micro: int, tip: int, fee_bps: int) -> Result:
    """Return what tips would bring: a share of the listeners of a month, each so many (millionths of) tips of ``tip`` wei."""
    month = history.month_of(history.day)
    key = history.listener * _STRIDE + month  # ascending, since rows are sorted by listener, then day
    first = np.ones(len(key), dtype=bool)
    first[1:] = key[1:] != key[:-1]
    active = key[first]
    size = len(GROUPS)
    place = (active % _STRIDE) * size + history.group_of_listeners()[active // _STRIDE]
    people = np.bincount(place, minlength=len(history.months) * size).reshape(len(history.months), size)
    each = tip - fee_of(tip, fee_bps)

    def money(count: int) -> int:
        return count * tippers_bps * tips_a_month_micro * each // (BPS * MICRO)

    return _result(people, money, history.listeners * tippers_bps // BPS)


@dataclass(frozen=True, slots=True)
class Sale:
    """One auction: when it starts, what a pass costs when its buyers buy, and on which day that is."""

    starts: int
    bought: int
    price: int


def auctions(
    history: History, since: Ints, sales: Sequence[Sale], *, buy_bps: int, supply: int, fee_bps: int
) -> Result:
    """Return what auctions would bring: a share of those loyal by the start buys one pass each, at most ``supply``.

    When there are more buyers than passes, those with the most plays come first.
    """
    groups = history.group_of_listeners()
    net = [0] * len(history.months)
    by_group = [0] * len(GROUPS)
    sold = 0
    for sale in sales:
        if sale.bought >= history.end_day:
            continue
        loyal = np.bincount(groups[(since >= 0) & (since <= sale.starts)], minlength=len(GROUPS))
        month = int(history.month_of(np.array([sale.bought]))[0])
        left = min(supply, int(loyal.sum()) * buy_bps // BPS)
        each = sale.price - fee_of(sale.price, fee_bps)
        for group in reversed(range(len(GROUPS))):
            buyers = min(left, -(-int(loyal[group]) * buy_bps // BPS))
            left -= buyers
            sold += buyers
            net[month] += buyers * each
            by_group[group] += buyers * each
    return Result(tuple(net), tuple(by_group), sold)


def whole_months(first_day: int, end_day: int) -> tuple[date, ...]:
    """Return the first days of the months that lie wholly within [first_day, end_day)."""
    begin, end = day_date(first_day), day_date(end_day)
    month = begin.replace(day=1)
    if begin.day != 1:
        month = _next_month(month)
    months = []
    while _next_month(month) <= end:
        months.append(month)
        month = _next_month(month)
    return tuple(months)


def day_after(months: Sequence[date]) -> int:
    """Return the day number after the last of these months."""
    return (_next_month(months[-1]) - EPOCH).days


def _next_month(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def _cells(history: History, weights: Ints) -> Ints:
    """Return the sum of weights per month and group, exact in 64 bits (a million plays are 10**12 millionths)."""
    size = len(GROUPS)
    place = history.month_of(history.day) * size + history.group_of_listeners()[history.listener]
    cells = np.zeros(len(history.months) * size, dtype=np.int64)
    np.add.at(cells, place, weights)
    return cells.reshape(len(history.months), size)


def _result(cells: Ints, money: Callable[[int], int], payers: int) -> Result:
    amounts = [[money(int(cell)) for cell in row] for row in cells]
    return Result(
        tuple(sum(row) for row in amounts), tuple(sum(column) for column in zip(*amounts, strict=True)), payers
    )

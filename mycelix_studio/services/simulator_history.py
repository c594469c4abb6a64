"""What the simulator replays: the artist's own plays from the cache, what really came in for them, and what that says about assumptions."""

from __future__ import annotations

import sqlite3
import statistics
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import numpy as np

from mycelix_studio.domain.clock import EPOCH
from mycelix_studio.domain.money import BPS, join_gwei
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.services.simulator_replay import (
    GROUPS,
    MICRO,
    PERIOD_DAYS,
    History,
    Ints,
    Result,
    day_after,
    whole_months,
)
from mycelix_studio.services.simulator_scenarios import Known
from mycelix_studio.store import listening, sync_state

if TYPE_CHECKING:
    from mycelix_studio.store.connection import Database

LOYAL_SHARE = 10
"""The most loyal tenth of the listeners says what loyal means."""
LEAST_LISTENERS = 20
"""With fewer, the history says nothing about a share of them."""


@dataclass(frozen=True, slots=True)
class Base:
    """Everything scenarios are tried out on.

    Attributes:
        history: Plays of whole months.
        actual: What really came in, by month and listener group.
        tipped: The tips among it. Tips are always on, so they would have come in all the same.
        others: Wei of what came in from people without a play in these months, over all of them; not in a group.
        known: What the history says about assumptions.
        as_of: Last day that was synced; None when never.
    """

    history: History
    actual: Result
    tipped: Result
    others: int
    known: Known
    as_of: date | None


def load(
    database: Database,
    months: int,
    song_ids: Collection[str] | None = None,
    *,
    price: int | None = None,
    patron_price: int | None = None,
    ways: frozenset[StrategyName] = frozenset(),
) -> Base:
    """Any lane. Read up to ``months`` whole months before the last sync.

    Args:
        database: The cache.
        months: At most so many.
        song_ids: Songs to replay; None for all.
        price: Wei of a stream as the songs have it now; None when they are not paid by stream.
        patron_price: Wei every 30 days of their plan; None when there is none.
        ways: Every way any of them earns by.
    """
    db = database.read()
    as_of, begun = sync_state.state(db).as_of, listening.first_day(db)
    if as_of is None or begun is None:
        return _empty(
            Known(price=price, patron_price=patron_price, ways=ways), as_of.date() if as_of is not None else None
        )
    end = (as_of.date() - EPOCH).days
    whole = whole_months(_month_start(begun), end)[-months:]
    if not whole:
        return _empty(Known(price=price, patron_price=patron_price, ways=ways), as_of.date())
    songs = None if song_ids is None else listening.song_numbers(db, song_ids)
    history, numbers = read_plays(db, whole, songs)
    first, end = history.first_day, history.end_day
    paid_by = listening.payments(db, first, end, songs).columns
    actual, others = _actual(history, numbers, paid_by[:4])
    tipped, _others = _actual(history, numbers, tuple(column[paid_by[4] == 1] for column in paid_by[:4]))
    total = history.total_plays
    paid = listening.paid_plays(db, first, end, songs)
    known = Known(
        price=price,
        patron_price=patron_price,
        ways=ways,
        loyal_plays=_loyal_plays(history),
        paid_bps=min(BPS, paid * BPS // total) if total and price else None,
        **_tipping(listening.tips(db, first, end, songs), history),
    )
    return Base(history, actual, tipped, others, known, as_of.date())


def read_plays(db: sqlite3.Connection, months: tuple[date, ...], songs: Collection[int] | None) -> tuple[History, Ints]:
    """Return the plays of whole months, and the local number of each of its listeners."""
    first, end = (months[0] - EPOCH).days, day_after(months)
    listener, day, plays = listening.listener_days(db, first, end, songs).columns
    begins = np.ones(len(listener), dtype=bool)
    begins[1:] = listener[1:] != listener[:-1]
    return History(np.cumsum(begins) - 1, day, plays, months, first, end), listener[begins]


def _empty(known: Known, as_of: date | None) -> Base:
    none = np.array([], dtype=np.int64)
    history = History(none, none, none, (), 0, 0)
    nothing = Result((), (0,) * len(GROUPS), 0)
    return Base(history, nothing, nothing, 0, known, as_of)


def _month_start(day: int) -> int:
    """Return the first day of the month of a day: a month in which nothing was heard at first is whole all the same."""
    at = np.datetime64("1970-01-01") + np.timedelta64(day, "D")
    return int((at.astype("datetime64[M]").astype("datetime64[D]") - np.datetime64("1970-01-01")).astype(int))


def _actual(history: History, numbers: Ints, paid: tuple[Ints, ...]) -> tuple[Result, int]:
    """Return what came in by month and group, exact to the wei, and what came from people without a play."""
    payer, day, gwei, rem = paid
    size = len(GROUPS)
    groups = history.group_of_listeners() if len(numbers) else np.array([], dtype=np.int64)
    place = np.searchsorted(numbers, payer)
    inside = place < len(numbers)
    inside[inside] = numbers[place[inside]] == payer[inside]
    group = np.full(len(payer), size, dtype=np.int64)
    group[inside] = groups[place[inside]]
    cell = history.month_of(day) * (size + 1) + group
    sums = []
    for column in (gwei, rem):
        total = np.zeros(len(history.months) * (size + 1), dtype=np.int64)
        np.add.at(total, cell, column)
        sums.append(total.reshape(len(history.months), size + 1))
    wei = [[int(join_gwei(int(a), int(b))) for a, b in zip(*rows, strict=True)] for rows in zip(*sums, strict=True)]
    by_group = tuple(sum(row[g] for row in wei) for g in range(size))
    others = sum(row[size] for row in wei)
    return Result(tuple(sum(row) for row in wei), by_group, len(np.unique(payer))), others


def _loyal_plays(history: History) -> int | None:
    """Return how many plays within 30 days the most loyal tenth reached; None with too few listeners to tell."""
    if history.listeners < LEAST_LISTENERS:
        return None
    key = history.listener * (1 << 32) + history.day
    upto = np.cumsum(history.plays)
    start = np.searchsorted(key, key - (PERIOD_DAYS - 1))
    within = upto - np.where(start > 0, upto[start - 1], 0)
    best = np.maximum.reduceat(within, np.searchsorted(history.listener, np.arange(history.listeners)))
    place = max(0, len(best) // LOYAL_SHARE - 1)
    return max(1, int(np.sort(best)[::-1][place]))


def _tipping(tips: list[tuple[int, int, int]], history: History) -> dict[str, int]:
    """Return what is known about tips: who tips, how often in a month, how much; nothing without any."""
    if not tips or history.listeners < LEAST_LISTENERS:
        return {}
    tippers = len({listener for listener, _gwei, _rem in tips})
    return {
        "tippers_bps": min(BPS, tippers * BPS // history.listeners),
        "tips_a_month_micro": len(tips) * MICRO // (tippers * len(history.months)),
        "tip": int(statistics.median_low([int(join_gwei(gwei, rem)) for _listener, gwei, rem in tips])),
    }

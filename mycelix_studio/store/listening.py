"""Listener-level history for the simulator: who heard how much on which day, and what they paid. Only reads."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.store import figures
from mycelix_studio.store.rollups import PLAYS

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]


MOST: Final = (1 << 20) - 1
"""Greatest day number and count of plays that fit into a packed row: the year 4840, a million plays of one listener on one day."""


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns of whole numbers, one row each."""

    columns: tuple[Ints, ...]


def listener_days(db: sqlite3.Connection, first: int, end: int, songs: Collection[int] | None) -> Table:
    """Return listener, day and plays for the days [first, end), sorted by listener, then day.

    For all songs they are kept by the sync already; for some of them their plays are counted now.
    """
    if songs is None:
        packed = _packed(db, first, end)
        return Table((packed >> 40, packed >> 20 & MOST, packed & MOST))
    heard = figures.heard(db, songs)
    within = (heard.day >= first) & (heard.day < end)
    return Table((heard.listener[within], heard.day[within], heard.plays[within]))


def paid_plays(db: sqlite3.Connection, first: int, end: int, songs: Collection[int] | None) -> int:
    """Return how many streams were paid for on these days."""
    row = db.execute(
        f"SELECT coalesce(sum(count), 0) FROM ({_paid('type, count', songs)}) WHERE type IN ('stream', 'voucher')",
        _bound(first, end, songs),
    ).fetchone()
    return int(row[0])


def payments(db: sqlite3.Connection, first: int, end: int, songs: Collection[int] | None) -> Table:
    """Return listener, day, net gwei, net remainder and 1 for a tip of everything paid on these days; thanks in CGC are no income."""
    # Who, when and what kind share one number: fewer digits to write and to read.
    row = "((listener << 21) | (block_time / 86400 << 1) | (type = 'tip')) || ' ' || net_gwei || ' ' || net_rem"
    source = f"({_paid('type, listener, block_time, net_gwei, net_rem', songs)}) WHERE type <> 'reward'"
    flat = _numbers(db, row, source, _bound(first, end, songs))
    packed = flat[::3]
    return Table((packed >> 21, packed >> 1 & MOST, flat[1::3].copy(), flat[2::3].copy(), packed & 1))


def tips(db: sqlite3.Connection, first: int, end: int, songs: Collection[int] | None) -> list[tuple[int, int, int]]:
    """Return listener, gross gwei and remainder of every tip on these days."""
    rows = db.execute(
        f"SELECT listener, gross_gwei, gross_rem FROM ({_paid('type, listener, gross_gwei, gross_rem', songs)}) WHERE type = 'tip'",
        _bound(first, end, songs),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def song_numbers(db: sqlite3.Connection, song_ids: Collection[str]) -> tuple[int, ...]:
    """Return the local numbers of songs that were ever synced."""
    rows = db.execute(
        "SELECT id FROM song_ref WHERE song_id IN (SELECT value FROM json_each(?)) ORDER BY id",
        (json.dumps(list(song_ids)),),
    )
    return tuple(int(row[0]) for row in rows)


def first_day(db: sqlite3.Connection) -> int | None:
    """Return the day of the first play; None without any."""
    return PLAYS.first(db)


def _paid(columns: str, songs: Collection[int] | None) -> str:
    """Return a query for what was paid, of some songs with what they got of vouchers; its values are those of :func:`_bound`."""
    within = "block_time >= ?1 AND block_time < ?2"
    if songs is None:
        return f"SELECT {columns} FROM payment WHERE {within}"
    chosen = f"{within} AND song IN (SELECT value FROM json_each(?3))"
    return (
        f"SELECT {columns} FROM payment WHERE {chosen} UNION ALL"
        f" SELECT {columns} FROM (SELECT *, 'voucher' AS type FROM voucher_song) WHERE {chosen}"
    )


def _bound(first: int, end: int, songs: Collection[int] | None) -> tuple[object, ...]:
    days = (first * DAY_SECONDS, end * DAY_SECONDS)
    return days if songs is None else (*days, json.dumps(list(songs)))


def _packed(db: sqlite3.Connection, first: int, end: int) -> Ints:
    """Return a number for each listener and day: listener, then 20 bits of day, then 20 of plays, ascending."""
    row = f"(listener << 40) | (day << 20) | min(n, {MOST})"
    packed = _numbers(db, row, "listener_day WHERE day >= ? AND day < ?", (first, end))
    if (packed[1:] < packed[:-1]).any():  # the order within an aggregate is the table's, but nothing promises it
        packed.sort()
    return packed


def _numbers(db: sqlite3.Connection, row: str, source: str, values: tuple[object, ...]) -> Ints:
    """Return all whole numbers of a query, one after the other.

    SQLite writes them as one text that numpy reads: a Python object for each row would take longer than everything else.
    """
    import numpy as np

    text = db.execute(f"SELECT group_concat({row}, ' ') FROM {source}", values).fetchone()[0]
    return np.fromstring(text or "", dtype=np.int64, sep=" ")

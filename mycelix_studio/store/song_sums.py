"""What every song was played and earned up to the end of each month, a row a month: any months are the difference of two rows.

A row holds the songs heard or paid up to then, ascending, and after them the columns of their sums from the very beginning, as
little-endian numbers of 64 bits. A month in which nothing happened has no row. What comes late is added to every month after it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain
from typing import Final

from mycelix_studio.store.day_sums import pack, unpack

TABLE: Final = "song_month"
SCHEMA: Final = f"CREATE TABLE {TABLE} (month INTEGER PRIMARY KEY, songs BLOB NOT NULL) STRICT;"

Sums = tuple[int, int, int, int]
"""Plays, payments, gwei, remainders."""
_NONE: Final = (0, 0, 0, 0)
_COLUMNS: Final = 5


def fold(db: sqlite3.Connection, changes: Iterable[tuple[int, int, Sums]]) -> None:
    """Add (month, song, sums); numbers are negative where something is taken back.

    Raises:
        OverflowError: A sum does not fit into 64 bits; the caller's transaction must be rolled back.
    """
    by_month: dict[int, dict[int, Sums]] = {}
    for month, song, sums in changes:
        if any(sums):
            by_month.setdefault(month, {})[song] = sums
    if not by_month:
        return
    first = min(by_month)
    query = f"SELECT month, songs FROM {TABLE} WHERE month >= ? ORDER BY month"
    held: dict[int, bytes] = dict(db.execute(query, (first,)).fetchall())
    before = after = until(db, first - 1)
    late: dict[int, Sums] = {}
    for month in sorted(held.keys() | by_month.keys()):
        if month in held:
            before = _unpacked(held[month])
        for song, sums in by_month.get(month, {}).items():
            late[song] = _plus(late.get(song, _NONE), sums)
        found = {**before, **{song: _plus(before.get(song, _NONE), sums) for song, sums in late.items()}}
        found = {song: sums for song, sums in found.items() if any(sums)}
        if found != after:
            db.execute(f"INSERT OR REPLACE INTO {TABLE} VALUES (?, ?)", (month, _packed(found)))
        else:
            db.execute(f"DELETE FROM {TABLE} WHERE month = ?", (month,))
        after = found


def until(db: sqlite3.Connection, month: int | None = None) -> dict[int, Sums]:
    """Return the sums of each song from the beginning to the end of a month, or of all months."""
    where, values = ("", ()) if month is None else ("WHERE month <= ? ", (month,))
    row = db.execute(f"SELECT songs FROM {TABLE} {where}ORDER BY month DESC LIMIT 1", values).fetchone()
    return {} if row is None else _unpacked(row[0])


def between(db: sqlite3.Connection, first: int, last: int) -> dict[int, tuple[int, int, int]]:
    """Return plays, gwei and remainders of each song in the months from ``first`` to ``last``, zeros included."""
    before = until(db, first - 1)
    found = {}
    for song, (plays, _payments, gwei, rem) in until(db, last).items():
        held = before.get(song, _NONE)
        found[song] = (plays - held[0], gwei - held[2], rem - held[3])
    return found


def rows(db: sqlite3.Connection) -> Iterator[tuple[int, int, Sums]]:
    """Yield (month, song, sums of that month alone) in the order of months, then songs."""
    before: dict[int, Sums] = {}
    for month, packed in db.execute(f"SELECT month, songs FROM {TABLE} ORDER BY month").fetchall():
        found = _unpacked(packed)
        for song, sums in found.items():
            if sums != before.get(song):
                yield month, song, _minus(sums, before.get(song, _NONE))
        before = found


def _plus(one: Sums, other: Sums) -> Sums:
    return (one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3])


def _minus(one: Sums, other: Sums) -> Sums:
    return (one[0] - other[0], one[1] - other[1], one[2] - other[2], one[3] - other[3])


def _packed(found: Mapping[int, Sums]) -> bytes:
    songs = sorted(found)
    return pack([*songs, *chain.from_iterable(zip(*(found[song] for song in songs), strict=True))])


def _unpacked(packed: bytes) -> dict[int, Sums]:
    numbers = unpack(packed)
    n = len(numbers) // _COLUMNS
    songs, plays, payments, gwei, rem = (numbers[start : start + n] for start in range(0, len(numbers), n))
    return dict(zip(songs, zip(plays, payments, gwei, rem, strict=True), strict=True))

"""Sums of days, kept a row a month with all its days in one value: years of them are a few dozen rows to read, not a thousand.

A row holds every day of its month, in order, and of each day the columns of the table, as little-endian numbers of 64 bits; beside them
the columns' sums over the month. It leaves when all of them are zero.
"""

from __future__ import annotations

import sqlite3
import struct
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Final, NamedTuple

from mycelix_studio.domain.clock import day_date
from mycelix_studio.domain.metrics import day_of, month_of, month_start, spans

NUMBER: Final = 8
"""Bytes of a number."""


class DaySums(NamedTuple):
    """One such table; the first column counts what went into a day."""

    table: str
    columns: tuple[str, ...]

    @property
    def schema(self) -> str:
        """The statement that makes it."""
        return f"CREATE TABLE {self.table} (month INTEGER PRIMARY KEY, total BLOB NOT NULL, days BLOB NOT NULL) STRICT;"

    def add(self, db: sqlite3.Connection, changes: Mapping[int, Sequence[int]]) -> None:
        """Add numbers, one a column, to days.

        Raises:
            OverflowError: A sum does not fit into 64 bits; the caller's transaction must be rolled back.
        """
        months: dict[int, list[int]] = {}
        width = len(self.columns)
        for day, values in changes.items():
            if not any(values):
                continue
            month = month_number(day)
            cells = months.get(month)
            if cells is None:
                months[month] = cells = self._cells(db, month)
            place = (day - month_days(month)[0]) * width
            for offset, value in enumerate(values, place):
                cells[offset] += value
        for month, cells in months.items():
            if any(cells):
                total = [sum(cells[place::width]) for place in range(width)]
                db.execute(f"INSERT OR REPLACE INTO {self.table} VALUES (?, ?, ?)", (month, pack(total), pack(cells)))
            else:
                db.execute(f"DELETE FROM {self.table} WHERE month = ?", (month,))

    def read(self, db: sqlite3.Connection, first: int, last: int) -> tuple[tuple[int, ...], ...]:
        """Return the columns of the days from ``first`` to ``last``, each with a number for every day."""
        start, end = month_number(first), month_number(last)
        query = f"SELECT month, days FROM {self.table} WHERE month BETWEEN ? AND ?"
        held: dict[int, bytes] = dict(db.execute(query, (start, end)).fetchall())
        width = len(self.columns)
        whole = b"".join([held.get(month) or self._empty(month) for month in range(start, end + 1)])
        skipped = (first - month_days(start)[0]) * width * NUMBER
        cells = unpack(whole[skipped : skipped + (last - first + 1) * width * NUMBER])
        return tuple([cells[place::width] for place in range(width)])

    def total(self, db: sqlite3.Connection, first: int, last: int) -> tuple[int, ...]:
        """Return the sums of the columns over the days from ``first`` to ``last``; of whole months they are kept."""
        sums = [0] * len(self.columns)
        for span in spans(day_date(first), day_date(last)):
            if span.months:
                query = f"SELECT total FROM {self.table} WHERE month BETWEEN ? AND ?"
                parts = [unpack(packed) for (packed,) in db.execute(query, (span.first, span.last)).fetchall()]
                found = [sum(column) for column in zip(*parts, strict=True)]
            else:
                found = [sum(column) for column in self.read(db, span.first, span.last)]
            for place, value in enumerate(found):
                sums[place] += span.sign * value
        return tuple(sums)

    def first(self, db: sqlite3.Connection) -> int | None:
        """Return the first day that counts anything."""
        row = db.execute(f"SELECT month, days FROM {self.table} ORDER BY month LIMIT 1").fetchone()
        if row is None:
            return None
        counts = unpack(row[1])[:: len(self.columns)]
        return month_days(row[0])[0] + next(place for place, count in enumerate(counts) if count)

    def days(self, db: sqlite3.Connection) -> list[int]:
        """Return the days that count anything, in order."""
        start, end = db.execute(f"SELECT min(month), max(month) FROM {self.table}").fetchone()
        if start is None:
            return []
        first, last = month_days(start)[0], month_days(end)[1]
        return [day for day, count in enumerate(self.read(db, first, last)[0], first) if count]

    def _cells(self, db: sqlite3.Connection, month: int) -> list[int]:
        row = db.execute(f"SELECT days FROM {self.table} WHERE month = ?", (month,)).fetchone()
        packed = self._empty(month) if row is None else row[0]
        return list(unpack(packed))

    def _empty(self, month: int) -> bytes:
        first, last = month_days(month)
        return bytes((last - first + 1) * len(self.columns) * NUMBER)


@lru_cache(maxsize=20_000)
def month_number(day: int) -> int:
    """Return the month of a day number."""
    return month_of(day_date(day))


@lru_cache(maxsize=2_000)
def month_days(month: int) -> tuple[int, int]:
    """Return the first and the last day number of a month."""
    first = day_of(month_start(month))
    # December by its length: the last one there is has no month after it.
    return first, first + 30 if month % 12 == 11 else day_of(month_start(month + 1)) - 1


def pack(numbers: Sequence[int]) -> bytes:
    """Return whole numbers as little-endian ones of 64 bits.

    Raises:
        OverflowError: One does not fit.
    """
    try:
        return struct.pack(f"<{len(numbers)}q", *numbers)
    except struct.error as error:
        raise OverflowError(str(error)) from error


def unpack(packed: bytes) -> tuple[int, ...]:
    """Return the numbers of :func:`pack`."""
    return struct.unpack(f"<{len(packed) // NUMBER}q", packed)

"""Sums kept beside the rows they are made of, in the same transaction, so that a dashboard reads a few thousand small rows at any size.

Every row counts what went into it and leaves when all of it is zero: whatever was taken back leaves nothing behind, and the tables do
not depend on the order in which things came. Money is two columns summed each for itself (``gwei``, ``rem``), never normalised.

Unique listeners of any days [a, b] come from ``gap(day, prev_day, n)``: n listeners were active on ``day`` whose active day before was
``prev_day`` (-1: none). The sum of n with a <= day <= b and prev_day < a counts each listener once. ``listener_day`` finds the
neighbours of a day that arrives late or is taken back; the tables of :data:`GAPS` hold the same sums by months, since years of days
against years of days are many rows. ``cohort(first_month, month, n)``: n listeners first heard in ``first_month``
were heard in ``month``.

Days are counted from 1970-01-01 UTC, months are ``12 * year + month - 1``. Song 0 stands for payments that name no song; what the songs
behind a voucher got is taken from it and counts as no payment, so it is below zero while a payment comes after its songs.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.errors import Bug
from mycelix_studio.store import song_sums
from mycelix_studio.store.day_sums import DaySums, month_number

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Ints = npt.NDArray[np.int64]

EARN_BITS: Final = tuple(STRATEGY_BITS.values())
"""Bits of the strategies, in the order of the columns of :data:`INCOME`."""
EARN_COLUMNS: Final = tuple(f"{part}_{bit}" for bit in EARN_BITS for part in ("gwei", "rem"))
PLAYS: Final = DaySums("play_month", ("plays", "listeners", "fresh"))
"""Of each day its plays, its different listeners, and of these the ones never heard from before."""
INCOME: Final = DaySums("earn_month", ("payments", *EARN_COLUMNS))
"""Of each day its payments and their net by strategy. A tip is under the main strategy of its song, as that is known now."""

SCHEMA: Final = f"""
CREATE TABLE song_day (
  day INTEGER NOT NULL,
  song INTEGER NOT NULL,
  plays INTEGER NOT NULL DEFAULT 0,
  payments INTEGER NOT NULL DEFAULT 0,
  gwei INTEGER NOT NULL DEFAULT 0,
  rem INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (day, song)
) STRICT, WITHOUT ROWID;
CREATE TABLE song_earn (
  day INTEGER NOT NULL,
  song INTEGER NOT NULL,
  strategy INTEGER NOT NULL,
  payments INTEGER NOT NULL,
  gwei INTEGER NOT NULL,
  rem INTEGER NOT NULL,
  PRIMARY KEY (day, song, strategy)
) STRICT, WITHOUT ROWID;
CREATE TABLE listener_day (
  listener INTEGER NOT NULL,
  day INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (listener, day)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
  day INTEGER NOT NULL,
  prev_day INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (day, prev_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE gap_month (
  day INTEGER NOT NULL,
  prev_month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (day, prev_month)
) STRICT, WITHOUT ROWID;
CREATE TABLE month_gap (
  month INTEGER NOT NULL,
  prev_day INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (month, prev_day)
) STRICT, WITHOUT ROWID;
CREATE TABLE month_gap_month (
  month INTEGER NOT NULL,
  prev_month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (month, prev_month)
) STRICT, WITHOUT ROWID;
CREATE TABLE cohort (
  first_month INTEGER NOT NULL,
  month INTEGER NOT NULL,
  n INTEGER NOT NULL,
  PRIMARY KEY (first_month, month)
) STRICT, WITHOUT ROWID;
{song_sums.SCHEMA}
{PLAYS.schema}
{INCOME.schema}
"""

TABLES: Final = (
    "song_day",
    song_sums.TABLE,
    "song_earn",
    PLAYS.table,
    INCOME.table,
    "listener_day",
    "gap",
    "gap_month",
    "month_gap",
    "month_gap_month",
    "cohort",
)

STREAMS: Final = STRATEGY_BITS["pay-per-stream"]
"""Strategy of vouchers."""
TIP: Final = 0
"""Strategy of tips in ``song_earn``."""
TIP_OF_UNKNOWN: Final = 2
"""Strategy of a tip for a song not heard of (yet): a gift."""

GAPS: Final = {
    "gap_month": ("day", "prev_month"),
    "month_gap": ("month", "prev_day"),
    "month_gap_month": ("month", "prev_month"),
}
"""``gap`` added up by months of the day before, of the day, and of both."""
_DAY_BITS: Final = 22
_SONG_BITS: Final = 32

Money = tuple[int, int, int]
"""Number of payments, sum of gwei, sum of remainders."""


def fold_plays(db: sqlite3.Connection, song: Ints, listener: Ints, day: Ints, weight: Ints) -> None:
    """Add plays (weight 1) and take plays back (weight -1), given as columns of equal length."""
    days = _fold_song_plays(db, song, day, weight)
    for number, people in _fold_listeners(db, listener, day, weight).items():
        days.setdefault(number, [0, 0, 0])[1:] = people
    PLAYS.add(db, days)


def fold_income(db: sqlite3.Connection, income: dict[tuple[int, int, int], Money]) -> None:
    """Add income by (day, song, strategy); numbers are negative where payments are taken back."""
    rows = [(*place, *money) for place, money in income.items() if any(money)]
    if not rows:
        return
    _add(db, "song_earn", ("day", "song", "strategy"), ("payments", "gwei", "rem"), rows)
    songs: dict[tuple[int, int], Money] = {}
    months: dict[tuple[int, int], Money] = {}
    days: dict[int, list[int]] = {}
    mains = _main_strategies(db, {song for _day, song, strategy, *_ in rows if strategy == TIP})
    for day, song, strategy, *rest in rows:
        money = (rest[0], rest[1], rest[2])
        _sum(songs, (day, song), money)
        _sum(months, (month_number(day), song), money)
        _sum_day(days, day, mains[song] if strategy == TIP else strategy, money)
    columns = ("payments", "gwei", "rem")
    _add(db, "song_day", ("day", "song"), columns, [(*key, *money) for key, money in songs.items()])
    song_sums.fold(db, ((month, song, (0, *money)) for (month, song), money in months.items()))
    INCOME.add(db, days)


def move_tips(db: sqlite3.Connection, song: int, before: int, after: int) -> None:
    """Put the tips of a song under another strategy, since its main one changed (or became known)."""
    if before == after:
        return
    rows = db.execute(
        "SELECT e.day, e.payments, e.gwei, e.rem FROM json_each(?) d"
        " CROSS JOIN song_earn e ON e.day = d.value AND e.song = ? AND e.strategy = ?",
        (json.dumps(INCOME.days(db)), song, TIP),
    ).fetchall()
    days: dict[int, list[int]] = {}
    for day, n, gwei, rem in rows:
        _sum_day(days, day, before, (-n, -gwei, -rem))
        _sum_day(days, day, after, (n, gwei, rem))
    INCOME.add(db, days)


def main_strategy(db: sqlite3.Connection, song: int) -> int:
    """Return the bit of the strategy that tips of a song belong to."""
    return _main_strategies(db, {song})[song]


def _main_strategies(db: sqlite3.Connection, songs: Iterable[int]) -> dict[int, int]:
    found = dict.fromkeys(songs, TIP_OF_UNKNOWN)
    for song in found:
        row = db.execute("SELECT strategy FROM song WHERE song = ?", (song,)).fetchone()
        if row is not None:
            found[song] = int(row[0])
    return found


def _sum(sums: dict[tuple[int, int], Money], key: tuple[int, int], money: Money) -> None:
    before = sums.get(key, (0, 0, 0))
    sums[key] = (before[0] + money[0], before[1] + money[1], before[2] + money[2])


def _sum_day(days: dict[int, list[int]], day: int, strategy: int, money: Money) -> None:
    held = days.setdefault(day, [0] * (1 + len(EARN_COLUMNS)))
    place = 1 + 2 * EARN_BITS.index(strategy)
    held[0] += money[0]
    held[place] += money[1]
    held[place + 1] += money[2]


def _add(
    db: sqlite3.Connection,
    table: str,
    keys: tuple[str, ...],
    columns: tuple[str, ...],
    rows: Sequence[tuple[int, ...]],
) -> None:
    """Add numbers to rows of a table, making them where missing and removing those that no longer count anything."""
    rows = [row for row in rows if any(row[len(keys) :])]
    names = (*keys, *columns)
    db.executemany(
        f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))}) ON CONFLICT ({', '.join(keys)})"
        f" DO UPDATE SET {', '.join(f'{name} = {name} + excluded.{name}' for name in columns)}",
        rows,
    )
    # The first column counts. Money may move to or from a row that counts nothing, so one leaves only when all of it is zero.
    numbers = ("plays", "payments", "gwei", "rem") if table == "song_day" else columns
    shrunk = [row[: len(keys)] for row in rows if row[len(keys)] <= 0]
    where = " AND ".join([*(f"{name} = ?" for name in keys), *(f"{name} = 0" for name in numbers)])
    db.executemany(f"DELETE FROM {table} WHERE {where}", shrunk)


def _grouped(keys: Ints, weight: Ints) -> tuple[Ints, Ints]:
    """Return the different keys in ascending order and the sum of their weights, without those whose sum is zero."""
    import numpy as np

    different, place = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(different), dtype=np.int64)
    np.add.at(sums, place, weight)
    there = sums != 0
    return different[there], sums[there]


def months_of(days: Ints) -> Ints:
    """Return the month numbers of day numbers."""
    import numpy as np

    since_1970 = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    return since_1970 + 1970 * 12


def _fold_song_plays(db: sqlite3.Connection, song: Ints, day: Ints, weight: Ints) -> dict[int, list[int]]:
    """Write what songs were played and return the change of each day as a row of :data:`PLAYS`, without its listeners."""
    keys, plays = _grouped(day << _SONG_BITS | song, weight)
    if not len(keys):
        return {}
    days, songs = keys >> _SONG_BITS, keys & ((1 << _SONG_BITS) - 1)
    _add(
        db,
        "song_day",
        ("day", "song"),
        ("plays",),
        list(zip(days.tolist(), songs.tolist(), plays.tolist(), strict=True)),
    )
    months, by_month = _grouped(months_of(days) << _SONG_BITS | songs, plays)
    rows = zip(
        (months >> _SONG_BITS).tolist(), (months & ((1 << _SONG_BITS) - 1)).tolist(), by_month.tolist(), strict=True
    )
    song_sums.fold(db, ((month, song, (count, 0, 0, 0)) for month, song, count in rows))
    each, by_day = _grouped(days, plays)
    return {number: [count, 0, 0] for number, count in zip(each.tolist(), by_day.tolist(), strict=True)}


def _fold_listeners(db: sqlite3.Connection, listener: Ints, day: Ints, weight: Ints) -> dict[int, list[int]]:
    """Write who listened and return the change of each day's listeners and new listeners."""
    keys, counts = _grouped(listener << _DAY_BITS | day, weight)
    fold = _ListenerFold(db)
    gone = counts < 0
    for key, count in zip(keys[gone].tolist(), counts[gone].tolist(), strict=True):
        fold.remove(key >> _DAY_BITS, key & ((1 << _DAY_BITS) - 1), -count)
    if not gone.all():
        fold.add(keys[~gone] >> _DAY_BITS, keys[~gone] & ((1 << _DAY_BITS) - 1), counts[~gone])
    return fold.write()


class _ListenerFold:
    """Collects what a batch changes in ``gap`` and ``cohort``; ``listener_day`` is written at once."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._gaps: Counter[tuple[int, int]] = Counter()
        self._cohorts: Counter[tuple[int, int]] = Counter()

    def write(self) -> dict[int, list[int]]:
        """Write the collected changes and return those of each day's listeners and new listeners."""
        days: dict[int, list[int]] = {}
        sums: dict[str, Counter[tuple[int, int]]] = {
            "gap_month": Counter(),
            "month_gap": Counter(),
            "month_gap_month": Counter(),
        }
        for (day, previous), n in self._gaps.items():
            month, before = month_number(day), -1 if previous < 0 else month_number(previous)
            sums["gap_month"][day, before] += n
            sums["month_gap"][month, previous] += n
            sums["month_gap_month"][month, before] += n
            both = days.setdefault(day, [0, 0])
            both[0] += n
            both[1] += n if previous < 0 else 0
        _add(self._db, "gap", ("day", "prev_day"), ("n",), [(*key, n) for key, n in self._gaps.items()])
        for table, keys in GAPS.items():
            _add(self._db, table, keys, ("n",), [(*key, n) for key, n in sums[table].items()])
        _add(self._db, "cohort", ("first_month", "month"), ("n",), [(*key, n) for key, n in self._cohorts.items()])
        return days

    def remove(self, listener: int, day: int, plays: int) -> None:
        """Take plays of a listener's day back."""
        row = self._db.execute(
            "UPDATE listener_day SET n = n - ? WHERE listener = ? AND day = ? RETURNING n", (plays, listener, day)
        ).fetchone()
        if row is None or row[0] < 0:
            raise Bug(
                "The sums do not fit the plays", f"Listener {listener} has fewer plays on day {day} than taken back."
            )
        if row[0] == 0:
            self._db.execute("DELETE FROM listener_day WHERE listener = ? AND day = ?", (listener, day))
            self._link(listener, day, -1)

    def add(self, listeners: Ints, days: Ints, plays: Ints) -> None:
        """Add listener-days, sorted by listener, then day."""
        import numpy as np

        different, place = np.unique(listeners, return_inverse=True)
        last = self._edges("max", different)[place]
        late = days <= last
        for who, day, count in zip(listeners[late].tolist(), days[late].tolist(), plays[late].tolist(), strict=True):
            row = self._db.execute(
                "INSERT INTO listener_day VALUES (?, ?, ?) ON CONFLICT (listener, day) DO UPDATE SET n = n + excluded.n RETURNING n",
                (who, day, count),
            ).fetchone()
            if row[0] == count:
                self._link(who, day, 1)
        ahead = ~late
        if ahead.any():
            self._append(listeners[ahead], days[ahead], plays[ahead], last[ahead])

    def _append(self, listeners: Ints, days: Ints, plays: Ints, last: Ints) -> None:
        """Add listener-days that all lie after the last known day of their listener: nothing before them changes."""
        import numpy as np

        again = np.zeros(len(listeners), dtype=bool)
        again[1:] = listeners[1:] == listeners[:-1]
        previous = last.copy()
        previous[again] = days[:-1][again[1:]]
        # A listener nobody knew begins with the first of these days.
        first = self._edges("min", listeners[~again])
        first = np.where(first < 0, days[~again], first)[np.cumsum(~again) - 1]
        gaps, n = _grouped(days << _DAY_BITS | (previous + 1), np.ones_like(days))
        mask = (1 << _DAY_BITS) - 1
        self._gaps.update(
            dict(
                zip(
                    zip((gaps >> _DAY_BITS).tolist(), ((gaps & mask) - 1).tolist(), strict=True),
                    n.tolist(),
                    strict=True,
                )
            )
        )
        months = months_of(days)
        new = (previous < 0) | (months_of(np.maximum(previous, 0)) != months)
        cohorts, n = _grouped(months_of(first[new]) << _DAY_BITS | months[new], np.ones(int(new.sum()), dtype=np.int64))
        self._cohorts.update(
            dict(
                zip(
                    zip((cohorts >> _DAY_BITS).tolist(), (cohorts & mask).tolist(), strict=True),
                    n.tolist(),
                    strict=True,
                )
            )
        )
        self._db.executemany(
            "INSERT INTO listener_day VALUES (?, ?, ?)",
            zip(listeners.tolist(), days.tolist(), plays.tolist(), strict=True),
        )

    def _edges(self, edge: str, listeners: Ints) -> Ints:
        """Return the first (``min``) or last (``max``) day of each listener, -1 for those without one."""
        import numpy as np

        rows = self._db.execute(
            f"SELECT coalesce((SELECT {edge}(day) FROM listener_day WHERE listener = j.value), -1) FROM json_each(?) j",
            (json.dumps(listeners.tolist()),),
        )
        return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(listeners))

    def _link(self, listener: int, day: int, n: int) -> None:
        """Put a listener's new day between its neighbours (n = 1), or close the gap it leaves (n = -1)."""
        previous = self._one("SELECT max(day) FROM listener_day WHERE listener = ? AND day < ?", listener, day)
        following = self._one("SELECT min(day) FROM listener_day WHERE listener = ? AND day > ?", listener, day)
        self._gaps[day, previous] += n
        if following >= 0:
            self._gaps[following, previous] -= n
            self._gaps[following, day] += n
        month = month_number(day)
        if following >= 0 and month_number(following) == month:
            return
        if previous >= 0:
            if month_number(previous) != month:
                first = self._one("SELECT min(day) FROM listener_day WHERE listener = ? AND day < ?", listener, day)
                self._cohorts[month_number(first), month] += n
            return
        # The first day of the listener comes or goes, in a month without another: it belongs to another cohort now.
        self._cohorts[month, month] += n
        if following >= 0:
            cohort = month_number(following)
            rows = self._db.execute("SELECT day FROM listener_day WHERE listener = ? AND day > ?", (listener, day))
            for active in {month_number(row[0]) for row in rows}:
                self._cohorts[cohort, active] -= n
                self._cohorts[month, active] += n

    def _one(self, query: str, listener: int, day: int) -> int:
        value = self._db.execute(query, (listener, day)).fetchone()[0]
        return -1 if value is None else int(value)

"""What dashboards read: from the rollups without a filter; with one, listeners come from the plays of the chosen songs."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from datetime import date
from typing import TYPE_CHECKING, Final, NamedTuple

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.metrics import day_of, spans
from mycelix_studio.domain.money import WEI_PER_GWEI as _GWEI
from mycelix_studio.domain.money import join_gwei
from mycelix_studio.store import song_sums
from mycelix_studio.store.day_sums import month_days, month_number
from mycelix_studio.store.rollups import EARN_BITS, GAPS, INCOME, PLAYS, STREAMS, TIP, TIP_OF_UNKNOWN, months_of
from mycelix_studio.store.song_history import history

if TYPE_CHECKING:
    from mycelix_studio.domain.strategy.names import TermsAt
    from mycelix_studio.domain.zones import Zone
    from mycelix_studio.store.rollups import Ints

FEW_DAYS: Final = 62
"""Up to so many days, listeners are those of each day less those heard before on one of them: two queries instead of six."""
MANY: Final = "(SELECT value FROM json_each(?))"


class SongInfo(NamedTuple):
    """A song by its local number; ``strategy`` is the bit of its main one."""

    number: int
    song_id: str
    title: str
    genre: str
    strategy: int


class PlayDays(NamedTuple):
    """Figures of consecutive days, one entry a day: plays, different listeners, and of these the ones never heard from before."""

    plays: tuple[int, ...]
    listeners: tuple[int, ...]
    fresh: tuple[int, ...]


Income = tuple[tuple[int, ...], ...]
"""Net wei of consecutive days by strategy, in the order of ``EARN_BITS``: one entry a day."""


class Heard(NamedTuple):
    """Who heard some songs on which days: one entry a listener and day, sorted by listener, then day.

    Attributes:
        listener: Local number.
        day: Day number.
        plays: How often.
        first: First day of the listener, for every entry.
    """

    listener: Ints
    day: Ints
    plays: Ints
    first: Ints

    def by_day(self, first: int, last: int) -> PlayDays:
        """Return the figures of each day."""
        import numpy as np

        within = (self.day >= first) & (self.day <= last)
        place, days = self.day[within] - first, last - first + 1
        plays = np.bincount(place, self.plays[within], minlength=days).astype(np.int64)
        people = np.bincount(place, minlength=days)
        fresh = np.bincount(place, self.first[within] == self.day[within], minlength=days).astype(np.int64)
        return PlayDays(*(tuple(column.tolist()) for column in (plays, people, fresh)))

    def unique(self, first: int, last: int) -> int:
        """Return how many different listeners there were."""
        import numpy as np

        return len(np.unique(self.listener[(self.day >= first) & (self.day <= last)]))

    def cohorts(self) -> dict[int, dict[int, int]]:
        """Return first month -> month -> listeners of that cohort heard in that month."""
        import numpy as np

        month, first = months_of(self.day), months_of(self.first)
        # One entry a listener and month, then counted by cohort and month.
        _pairs, where = np.unique(self.listener << 22 | month, return_index=True)
        cells, sizes = np.unique(first[where] << 22 | month[where], return_counts=True)
        found: dict[int, dict[int, int]] = {}
        for cell, n in zip(cells.tolist(), sizes.tolist(), strict=True):
            found.setdefault(cell >> 22, {})[cell & (1 << 22) - 1] = n
        return found


def heard(db: sqlite3.Connection, songs: Collection[int] | None, zone: Zone | None = None) -> Heard:
    """Read once who heard some songs (None: all) on which days of a zone; every figure about their listeners comes from it."""
    import numpy as np

    where, values = ("", ()) if songs is None else (f" WHERE song IN {MANY}", (list_of(songs),))
    rows = rows_of(db, f"SELECT listener, at FROM play{where}", values)
    found = np.fromiter(rows, dtype=[("listener", np.int64), ("at", np.int64)])
    pairs = found["listener"] << 22 | _days(found["at"], zone)
    keys, plays = np.unique(pairs, return_counts=True)
    listener, day = keys >> 22, keys & (1 << 22) - 1
    begins = np.ones(len(keys), dtype=bool)
    begins[1:] = listener[1:] != listener[:-1]
    first = day[begins][np.cumsum(begins) - 1] if len(keys) else day
    return Heard(listener, day, plays, first)


def _days(at: Ints, zone: Zone | None) -> Ints:
    """Return the day numbers of Unix seconds."""
    import numpy as np

    if zone is None or not len(at):
        return at // DAY_SECONDS
    first, last = zone.day(int(at.min())), zone.day(int(at.max()))
    starts = np.array([zone.start(day) for day in range(first, last + 1)], dtype=np.int64)
    return np.searchsorted(starts, at, side="right") - 1 + first


class Chosen(NamedTuple):
    """Part of the music.

    Attributes:
        songs: Local numbers; None means all, with payments that name no song.
        played: Songs whose plays count; differs from ``songs`` where strategies are chosen.
        strategies: Bits whose income counts; None means all.
        tipped: Songs whose tips count.
        heard: Who heard the songs of ``played``; needed where that is not None, and in a zone.
        zone: Whose days count; None is UTC. The sums kept are of UTC days, so in another zone the rows themselves are read.
    """

    songs: frozenset[int] | None = None
    played: frozenset[int] | None = None
    strategies: frozenset[int] | None = None
    tipped: frozenset[int] = frozenset()
    heard: Heard | None = None
    zone: Zone | None = None

    def bounds(self, first: int, last: int) -> tuple[int, int]:
        """Return the first second of a day and the first after another."""
        if self.zone is None:
            return first * DAY_SECONDS, (last + 1) * DAY_SECONDS
        return self.zone.start(first), self.zone.start(last + 1)

    def day(self, second: int) -> int:
        """Return the day a moment lies in."""
        return second // DAY_SECONDS if self.zone is None else self.zone.day(second)

    @property
    def everything(self) -> bool:
        """True without a filter."""
        return self.played is None


def rows_of(db: sqlite3.Connection, query: str, values: tuple[object, ...] | dict[str, object] = ()) -> sqlite3.Cursor:
    """Return rows as plain tuples, which take half the time of named ones."""
    cursor = db.cursor()
    cursor.row_factory = None
    return cursor.execute(query, values)


def all_songs(db: sqlite3.Connection) -> dict[int, SongInfo]:
    """Return every song that was played, paid or listed, by its local number."""
    rows = rows_of(
        db,
        "SELECT r.id, r.song_id, coalesce(nullif(s.title, ''), (SELECT title FROM track WHERE song_id = r.song_id), ''),"
        " coalesce(s.genre, ''), coalesce(s.strategy, ?) FROM song_ref r LEFT JOIN song s ON s.song = r.id",
        (TIP_OF_UNKNOWN,),
    )
    return {row[0]: SongInfo._make(row) for row in rows}


def strategies_on_chain(db: sqlite3.Connection) -> dict[str, int]:
    """Return the strategy bits of songs that are registered on chain, by song id."""
    rows = db.execute(
        "SELECT r.song_id, s.strategies FROM song s JOIN song_ref r ON r.id = s.song WHERE s.payee IS NOT NULL AND s.deleted = 0"
    )
    return {row[0]: row[1] for row in rows}


def songs_of_albums(db: sqlite3.Connection, albums: Collection[str]) -> frozenset[str]:
    """Return ids of songs whose track on this computer belongs to one of the albums."""
    rows = db.execute(f"SELECT DISTINCT song_id FROM track WHERE song_id <> '' AND album IN {MANY}", (list_of(albums),))
    return frozenset(row[0] for row in rows)


def albums_and_covers(db: sqlite3.Connection) -> dict[str, tuple[str, str]]:
    """Return album and key of the front cover of every song whose track is on this computer, by song id."""
    rows = db.execute("SELECT song_id, album, coalesce(cover_edit, cover) FROM track WHERE song_id <> '' ORDER BY id")
    return {row[0]: (row[1], row[2]) for row in rows}


def first_day(db: sqlite3.Connection) -> int | None:
    """Return the first day with a play or a payment."""
    return min((day for table in (PLAYS, INCOME) if (day := table.first(db)) is not None), default=None)


def plays_by_day(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> PlayDays:
    """Return plays, listeners and new listeners of each day."""
    if chosen.heard is not None:
        return chosen.heard.by_day(first, last)
    return PlayDays._make(PLAYS.read(db, first, last))


def plays_count(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> int:
    """Return the number of plays."""
    if chosen.zone is not None:
        return sum(plays_by_day(db, first, last, chosen).plays)
    if chosen.everything:
        return PLAYS.total(db, first, last)[0]
    query = f"SELECT coalesce(sum(plays), 0) FROM song_day WHERE day BETWEEN ? AND ? AND song IN {MANY}"
    return int(db.execute(query, (first, last, list_of(chosen.played or ()))).fetchone()[0])


def income_by_day(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> Income:
    """Return net wei of each day by strategy; tips are with the main one of their song."""
    wanted = frozenset(EARN_BITS) if chosen.strategies is None else chosen.strategies
    if chosen.zone is None and chosen.songs is None:
        _payments, *columns = INCOME.read(db, first, last)
        by_strategy = zip(EARN_BITS, columns[::2], columns[1::2], strict=True)
        return tuple(_wei(gwei, rem) if bit in wanted else (0,) * len(gwei) for bit, gwei, rem in by_strategy)
    if chosen.zone is not None:
        rows: Iterable[tuple[int, int, int, int]] = (
            (chosen.day(at), bit, gwei, rem)
            for at, song, bit, gwei, rem in _income_rows(db, first, last, chosen)
            if chosen.songs is None or song in chosen.songs
        )
    else:
        rows = rows_of(
            db,
            "SELECT e.day, CASE e.strategy WHEN ?1 THEN coalesce(s.strategy, ?2) ELSE e.strategy END AS bit,"
            " sum(e.gwei), sum(e.rem) FROM song_earn e LEFT JOIN song s ON s.song = e.song"
            " WHERE e.day BETWEEN ?3 AND ?4 AND e.song IN (SELECT value FROM json_each(?5)) GROUP BY 1, 2",
            (TIP, TIP_OF_UNKNOWN, first, last, list_of(chosen.songs or ())),
        )
    days = {bit: [0] * (last - first + 1) for bit in EARN_BITS}
    for day, bit, gwei, rem in rows:
        if bit in wanted:
            days[bit][day - first] += join_gwei(gwei, rem)
    return tuple(tuple(column) for column in days.values())


def _wei(gwei: Iterable[int], rem: Iterable[int]) -> tuple[int, ...]:
    return tuple([part * _GWEI + rest for part, rest in zip(gwei, rem, strict=True)])


def _income_rows(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> sqlite3.Cursor:
    """Return (Unix second, song or 0, strategy, gwei, remainder) of each payment; tips are with the main strategy of their song.

    What a song got of a voucher is a row of its own, and one that takes it from no song, as in the sums kept.
    """
    return rows_of(
        db,
        "SELECT p.block_time, coalesce(p.song, 0), CASE p.strategy WHEN ?1 THEN coalesce(s.strategy, ?2) ELSE p.strategy END,"
        " p.net_gwei, p.net_rem FROM payment p LEFT JOIN song s ON s.song = p.song"
        " WHERE p.block_time >= ?3 AND p.block_time < ?4 AND p.type <> 'reward'"
        " UNION ALL SELECT block_time, song, ?5, net_gwei, net_rem FROM voucher_song WHERE block_time >= ?3 AND block_time < ?4"
        " UNION ALL SELECT block_time, 0, ?5, -net_gwei, -net_rem FROM voucher_song WHERE block_time >= ?3 AND block_time < ?4",
        (TIP, TIP_OF_UNKNOWN, *chosen.bounds(first, last), STREAMS),
    )


def income_by_strategy(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> dict[int, int]:
    """Return net wei by strategy bit; tips are with the main strategy of their song."""
    if chosen.songs is None and chosen.zone is None:
        _payments, *sums = INCOME.total(db, first, last)
        wanted = frozenset(EARN_BITS) if chosen.strategies is None else chosen.strategies
        by_strategy = zip(EARN_BITS, _wei(sums[::2], sums[1::2]), strict=True)
        return {bit: net if bit in wanted else 0 for bit, net in by_strategy}
    return dict(zip(EARN_BITS, map(sum, income_by_day(db, first, last, chosen)), strict=True))


def unique_listeners(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> int:
    """Return how many different listeners there were, each counted once."""
    if chosen.heard is not None:
        return chosen.heard.unique(first, last)
    if last - first < FEW_DAYS:
        listeners = PLAYS.read(db, first, last)[1]
        return sum(listeners) - _gaps(db, ("day", "prev_day"), (first, last, first, last + 1))
    begun, latest = rows_of(db, "SELECT (SELECT min(day) FROM gap), (SELECT max(day) FROM gap)").fetchone()
    if begun is None or last < begun or first > latest:
        return 0
    # Beyond the first and the latest day there is nobody: what is left of their months is taken in, and they are read whole.
    start, end = month_number(max(first, begun)), month_number(min(last, latest))
    (begin, head), (tail, finish) = month_days(start), month_days(end)
    first, last = begin if first <= begun else first, finish if last >= latest else last
    # Whole months of days are read by month; what is left of them at both ends by day.
    inner, outer = start + (begin < first), end - (last < finish)
    parts = [("day", first, last)]
    if inner <= outer:
        parts = [("month", inner, outer)]
        parts += [("day", first, head)] if begin < first else []
        parts += [("day", tail, last)] if last < finish else []
    # Either those heard last before the range are counted, or those heard in it before are taken off every day's listeners:
    # whichever are fewer months.
    if start - month_number(begun) <= (end - start) // 2:
        found, sign, months, days = 0, 1, (-1, start), (begin, first)
    elif begin < first:
        found, sign, months, days = PLAYS.total(db, first, last)[1], -1, (start + 1, end + 1), (first, head + 1)
    else:
        found, sign, months, days = PLAYS.total(db, first, last)[1], -1, (start, end + 1), (first, first)
    for unit, *within in parts:
        for before, (since, until) in (("prev_month", months), ("prev_day", days)):
            if since < until:
                found += sign * _gaps(db, (unit, before), (*within, since, until))
    return found


def came_back(db: sqlite3.Connection, first: int, middle: int, last: int, chosen: Chosen) -> int:
    """Return how many of the listeners from ``first`` to the day before ``middle`` listened again from ``middle`` to ``last``."""
    if chosen.heard is not None:
        before, now = chosen.heard.unique(first, middle - 1), chosen.heard.unique(middle, last)
        return before + now - chosen.heard.unique(first, last)
    # Each of them has one first day from the middle on, and the day before that, of which the gap is kept, lies in the days before.
    return _gaps(db, ("day", "prev_day"), (middle, last, first, middle))


_GAP_TABLES: Final = {("day", "prev_day"): "gap", **{columns: table for table, columns in GAPS.items()}}


def _gaps(db: sqlite3.Connection, columns: tuple[str, str], bounds: tuple[int, ...]) -> int:
    """Return the sum of n for units (days or months) from first to last whose day (or month) before lies in [start, end)."""
    unit, before = columns
    query = (
        "WITH RECURSIVE u (x) AS (SELECT ? UNION ALL SELECT x + 1 FROM u WHERE x < ?)"
        # A subquery, not a join: for a join SQLite reads the whole table first to make a filter.
        f" SELECT coalesce(sum((SELECT sum(n) FROM {_GAP_TABLES[columns]} WHERE {unit} = u.x AND {before} >= ? AND {before} < ?)), 0)"
        " FROM u"
    )
    return int(rows_of(db, query, bounds).fetchone()[0])


def song_totals(db: sqlite3.Connection, first: date, last: date, chosen: Chosen) -> dict[int, tuple[int, int]]:
    """Return plays and net wei of each song that has any, by its local number."""
    if chosen.zone is not None:
        return _song_totals_by_zone(db, day_of(first), day_of(last), chosen)
    if chosen.strategies is not None:
        return _song_totals_by_strategy(db, day_of(first), day_of(last), chosen)
    sums: dict[int, tuple[int, int, int]] = {}
    for span in spans(first, last):
        if span.months:  # always the first, if there is one
            sums = song_sums.between(db, span.first, span.last)
            continue
        if span.first == span.last:  # a row a song already
            rows = rows_of(db, "SELECT song, plays, gwei, rem FROM song_day WHERE day = ?", (span.first,))
        else:
            query = "SELECT song, sum(plays), sum(gwei), sum(rem) FROM song_day WHERE day BETWEEN ? AND ? GROUP BY song"
            rows = rows_of(db, query, (span.first, span.last))
        for song, plays, gwei, rem in rows:
            held = sums.get(song, (0, 0, 0))
            sums[song] = (held[0] + span.sign * plays, held[1] + span.sign * gwei, held[2] + span.sign * rem)
    return _earning(
        (song, plays, gwei * _GWEI + rem)
        for song, (plays, gwei, rem) in sums.items()
        if chosen.songs is None or song in chosen.songs
    )


def _earning(sums: Iterable[tuple[int, int, int]]) -> dict[int, tuple[int, int]]:
    """Return plays and net wei by song, without songs that have neither."""
    return {song: (plays, net) for song, plays, net in sums if plays or net}


def _song_totals_by_zone(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> dict[int, tuple[int, int]]:
    sums: dict[int, list[int]] = {}
    bounds = chosen.bounds(first, last)
    for song, plays in rows_of(db, "SELECT song, count(*) FROM play WHERE at >= ? AND at < ? GROUP BY song", bounds):
        if chosen.played is None or song in chosen.played:
            sums[song] = [plays, 0]
    wanted = frozenset(EARN_BITS) if chosen.strategies is None else chosen.strategies
    for _at, song, bit, gwei, rem in _income_rows(db, first, last, chosen):
        if bit in wanted and (chosen.songs is None or song in chosen.songs):
            sums.setdefault(song, [0, 0])[1] += join_gwei(gwei, rem)
    return _earning((song, plays, net) for song, (plays, net) in sums.items())


def _song_totals_by_strategy(
    db: sqlite3.Connection, first: int, last: int, chosen: Chosen
) -> dict[int, tuple[int, int]]:
    played, wanted = chosen.played or frozenset(), chosen.strategies or frozenset()
    sums: dict[int, list[int]] = {}
    query = f"SELECT song, sum(plays) FROM song_day WHERE day BETWEEN ? AND ? AND song IN {MANY} GROUP BY 1"
    for song, plays in db.execute(query, (first, last, list_of(played))):
        if plays:
            sums[song] = [plays, 0]
    query = "SELECT song, strategy, sum(gwei), sum(rem) FROM song_earn WHERE day BETWEEN ? AND ? GROUP BY 1, 2"
    for song, strategy, gwei, rem in db.execute(query, (first, last)):
        counts = song in chosen.tipped if strategy == TIP else strategy in wanted
        if counts and (chosen.songs is None or song in chosen.songs):
            sums.setdefault(song, [0, 0])[1] += join_gwei(gwei, rem)
    return _earning((song, plays, net) for song, (plays, net) in sums.items())


def cohorts(db: sqlite3.Connection, chosen: Chosen) -> dict[int, dict[int, int]]:
    """Return first month -> month -> listeners of that cohort heard in that month."""
    if chosen.heard is not None:
        return chosen.heard.cohorts()
    found: dict[int, dict[int, int]] = {}
    for first, month, n in db.execute("SELECT first_month, month, n FROM cohort ORDER BY 1, 2"):
        found.setdefault(first, {})[month] = n
    return found


def plays_by_month(db: sqlite3.Connection, at_least: int) -> dict[int, list[tuple[int, int]]]:
    """Return (month, plays), in order, of each song with at least so many plays in all."""
    latest = song_sums.until(db)
    found: dict[int, list[tuple[int, int]]] = {song: [] for song, sums in latest.items() if sums[0] >= at_least}
    for month, song, (plays, *_income) in song_sums.rows(db):
        if plays and song in found:
            found[song].append((month, plays))
    return found


def song_days(db: sqlite3.Connection, song: int, first: int, last: int) -> list[tuple[int, int]]:
    """Return (day, plays) of one song, in order."""
    query = "SELECT day, plays FROM song_day WHERE day BETWEEN ? AND ? AND song = ? ORDER BY day"
    return [(row[0], row[1]) for row in rows_of(db, query, (first, last, song))]


def play_moment(db: sqlite3.Connection, day: int, number: int, song: int | None = None) -> int | None:
    """Return the Unix second of the nth play, counted from 1, of a UTC day, of all songs or one; None when there are fewer."""
    where, values = ("song IN (SELECT id FROM song_ref)", ()) if song is None else ("song = ?", (song,))
    row = db.execute(
        f"SELECT at FROM play WHERE {where} AND at >= ? AND at < ? ORDER BY at LIMIT 1 OFFSET ?",
        (*values, day * DAY_SECONDS, (day + 1) * DAY_SECONDS, number - 1),
    ).fetchone()
    return None if row is None else int(row[0])


def income_moment(db: sqlite3.Connection, day: int, net: int) -> int | None:
    """Return the Unix second at which the income of a UTC day reached so many wei; None when it did not."""
    rows = rows_of(
        db,
        "SELECT block_time, net_gwei, net_rem FROM payment WHERE block_time >= ? AND block_time < ? AND type <> 'reward'"
        " ORDER BY block_time, key",
        (day * DAY_SECONDS, (day + 1) * DAY_SECONDS),
    )
    for at, gwei, rem in rows:
        net -= join_gwei(gwei, rem)
        if net <= 0:
            return int(at)
    return None


def releases(db: sqlite3.Connection, start: int, end: int) -> list[tuple[int, int]]:
    """Return (song, Unix second) of songs that came out between two moments, ``end`` excluded.

    A song came out when it was registered on chain, or, while it is not, when the platform first knew it.
    """
    rows = db.execute(
        "SELECT song, coalesce(history ->> '$[0][0]', created_at) AS at FROM song WHERE at >= ? AND at < ?",
        (start, end),
    )
    return [(row[0], row[1]) for row in rows]


def histories(db: sqlite3.Connection) -> list[tuple[int, tuple[TermsAt, ...]]]:
    """Return (song, terms on chain, oldest first) of the songs whose terms were ever changed."""
    rows = db.execute("SELECT song, history FROM song WHERE json_array_length(history) > 1")
    return [(row[0], history(row[1])) for row in rows]


def auctions_opened(db: sqlite3.Connection, start: int, end: int) -> list[tuple[int, int]]:
    """Return (song, Unix second) of auctions that open between two moments, ``end`` excluded."""
    rows = db.execute("SELECT song, starts_at FROM auction WHERE starts_at >= ? AND starts_at < ?", (start, end))
    return [(row[0], row[1]) for row in rows]


def list_of(values: Iterable[int] | Iterable[str]) -> str:
    """Return what :data:`MANY` reads."""
    return json.dumps(sorted(values))

"""Dashboards from the cache: exact, and answered from rollups whose size does not depend on the number of plays."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.clock import DAY_SECONDS, day_date, to_unix
from mycelix_studio.domain.dashboard import (
    STRATEGIES,
    Change,
    ChangeKind,
    Cohort,
    Dashboard,
    Days,
    Figures,
    Filter,
    GenreRow,
    Parts,
    Query,
    SongRow,
)
from mycelix_studio.domain.metrics import RETURN_DAYS, day_of, month_of, month_start, returned_bps
from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, TermsAt
from mycelix_studio.domain.zones import Zone, date_in
from mycelix_studio.errors import Known
from mycelix_studio.store import figures, people, sync_state
from mycelix_studio.store.connection import Database
from mycelix_studio.store.figures import Chosen, SongInfo
from mycelix_studio.store.rollups import EARN_BITS

if TYPE_CHECKING:
    from mycelix_studio.services.analytics_groups import Groups
    from mycelix_studio.services.analytics_people import Patron, People
    from mycelix_studio.services.analytics_rows import Behind

LAYER_OF_BIT: Final = dict(zip(STRATEGY_BITS.values(), STRATEGIES, strict=True))
"""Name of a strategy on dashboards by its bit."""
SONGS_SHOWN: Final = 50
COHORTS_SHOWN: Final = 12
SPREAD: Final = 16
"""Points of a sparkline whose every point is a question of its own."""


class NothingSynced(Known):
    """There are no figures yet."""

    def __init__(self) -> None:
        super().__init__(
            "No figures yet",
            "Nothing was fetched from your platform so far.",
            "Connect to your server and sync once; afterwards this works without a network.",
        )


class Analytics:
    """Answers of one profile's cache. Safe to call from any thread; never uses a network.

    Attributes:
        zone: Returns the zone whose days count; None is UTC.
    """

    def __init__(self, database: Database, zone: Callable[[], Zone | None] = lambda: None) -> None:
        self.database = database
        self.zone = zone

    def today(self) -> date | None:
        """Return the day of the zone that the cache is complete to; None when it was never synced to the end."""
        as_of = self.as_of()
        return None if as_of is None else date_in(self.zone(), as_of)

    def as_of(self) -> datetime | None:
        """Return the moment the cache is complete to; None when it was never synced to the end."""
        return sync_state.state(self.database.read()).as_of

    def first_day(self) -> date | None:
        """Return the first day with a play or a payment, in a zone perhaps the one before; None when there is none."""
        day, zone = figures.first_day(self.database.read()), self.zone()
        if day is None:
            return None
        return day_date(day if zone is None else zone.day(day * DAY_SECONDS))

    def parts(self) -> Parts:
        """Return what a filter can name: every song, the albums on this computer, the genres.

        Raises:
            CacheUnusable: The cache cannot be read.
        """
        with self.database.snapshot() as db:
            songs = figures.all_songs(db).values()
            here = figures.albums_and_covers(db)
        return Parts(
            tuple(
                sorted(((song.song_id, song.title) for song in songs), key=lambda pair: (pair[1].casefold(), pair[0]))
            ),
            tuple(sorted({album for album, _cover in here.values() if album}, key=str.casefold)),
            tuple(sorted({song.genre for song in songs if song.genre}, key=str.casefold)),
            {song_id: cover for song_id, (_album, cover) in here.items() if cover},
        )

    def heard(self, period: Period, wanted: Filter) -> People:
        """Return who listened in a period; see :func:`analytics_people.heard`."""
        from mycelix_studio.services.analytics_people import heard

        return heard(self.database, period, wanted, self.zone())

    def cohort(self, month: date, step: int, wanted: Filter) -> People:
        """Return who came back of a month's new listeners; see :func:`analytics_people.cohort`."""
        from mycelix_studio.services.analytics_people import cohort

        return cohort(self.database, month, step, wanted, self.zone())

    def patrons(self, period: Period, wanted: Filter) -> tuple[Patron, ...]:
        """Return who is a patron; see :func:`analytics_people.patrons`."""
        from mycelix_studio.services.analytics_people import patrons

        return patrons(self.database, period, wanted, self.zone())

    def groups(self) -> Groups:
        """Return who stays, who is new, who stopped listening, and whose patronage ends soon.

        Raises:
            CacheUnusable: The cache cannot be read.
        """
        from mycelix_studio.services.analytics_groups import groups

        return groups(self.database, self.zone())

    def behind(self, period: Period, wanted: Filter) -> Behind:
        """Return the payments that make up a figure of a period and a filter.

        Raises:
            CacheUnusable: The cache cannot be read.
        """
        from mycelix_studio.services.analytics_rows import behind

        return behind(self.database, period, wanted, self.zone())

    def artist(self, query: Query) -> Dashboard:
        """Return the artist's own dashboard. Everything in it is of one moment, also while a sync is writing.

        Raises:
            NothingSynced: There is nothing to show yet.
            CacheUnusable: The cache cannot be read.
        """
        with self.database.snapshot() as db:
            return _dashboard(db, query, self.zone())


def _dashboard(db: sqlite3.Connection, query: Query, zone: Zone | None) -> Dashboard:
    as_of = sync_state.state(db).as_of
    if as_of is None:
        raise NothingSynced
    songs = figures.all_songs(db)
    chosen = choose(db, songs, query.filter, zone)
    period, before = query.period, query.before
    days = days_of(db, period, chosen)
    totals = figures.song_totals(db, period.first, period.last, chosen)
    ranked = sorted(
        (_song_row(songs, number, *total) for number, total in totals.items() if number),
        key=lambda row: (-row.plays, -row.net, row.title, row.song_id),
    )
    return Dashboard(
        query,
        as_of,
        days,
        _figures(db, period, chosen, days, as_of),
        None if before is None else _figures(db, before, chosen, None, as_of),
        None if before is None else days_of(db, before, chosen),
        tuple(ranked[:SONGS_SHOWN]),
        len(ranked),
        _genres(songs, totals),
        _changes(db, period, songs, chosen),
        cohorts=_cohorts(db, as_of, chosen),
        patron_days=_patron_days(db, period, as_of, chosen),
        returned=tuple(_returned(db, day, chosen) for day in _spread(period)),
        zone=zone.name if zone is not None else "UTC",
    )


def choose(db: sqlite3.Connection, songs: Mapping[int, SongInfo], wanted: Filter, zone: Zone | None = None) -> Chosen:
    """Return the part of the music that a filter names, by the days of a zone.

    Plays belong to no strategy: with strategies chosen, those of songs whose main strategy is among them count.
    """
    if not wanted.count:
        return Chosen() if zone is None else Chosen(heard=figures.heard(db, None, zone), zone=zone)
    ids = figures.songs_of_albums(db, wanted.albums) if wanted.albums else frozenset()
    within = frozenset(
        number
        for number, song in songs.items()
        if (not wanted.songs or song.song_id in wanted.songs)
        and (not wanted.albums or song.song_id in ids)
        and (not wanted.genres or song.genre in wanted.genres)
    )
    only_strategies = not (wanted.songs or wanted.albums or wanted.genres)
    if not wanted.strategies:
        return Chosen(within, within, heard=figures.heard(db, within, zone), zone=zone)
    bits = frozenset(bit for bit, name in LAYER_OF_BIT.items() if name in wanted.strategies)
    main = frozenset(number for number in within if songs[number].strategy in bits)
    return Chosen(None if only_strategies else within, main, bits, main, figures.heard(db, main, zone), zone)


def days_of(db: sqlite3.Connection, period: Period, chosen: Chosen) -> Days:
    """Return the figures of each day of a period."""
    first, last = day_of(period.first), day_of(period.last)
    plays = figures.plays_by_day(db, first, last, chosen)
    income = figures.income_by_day(db, first, last, chosen)
    net = {LAYER_OF_BIT[bit]: column for bit, column in zip(EARN_BITS, income, strict=True)}
    return Days(period.first, plays.plays, net, plays.listeners, plays.fresh)


def _figures(db: sqlite3.Connection, period: Period, chosen: Chosen, days: Days | None, as_of: datetime) -> Figures:
    first, last = day_of(period.first), day_of(period.last)
    if days is not None:
        net, plays = sum(days.net_total()), sum(days.plays)
    else:
        net = sum(figures.income_by_strategy(db, first, last, chosen).values())
        plays = figures.plays_count(db, first, last, chosen)
    end = min(chosen.bounds(first, last)[1] - 1, to_unix(as_of))
    return Figures(
        net,
        plays,
        figures.unique_listeners(db, first, last, chosen),
        people.patrons_at(db, end, chosen.played),
        _returned(db, last, chosen),
    )


def _patron_days(db: sqlite3.Connection, period: Period, as_of: datetime, chosen: Chosen) -> tuple[int, ...]:
    first, last, today = day_of(period.first), day_of(period.last), chosen.day(to_unix(as_of))
    days = people.patrons_by_day(db, first, last, chosen)
    now = people.patrons_at(db, to_unix(as_of), chosen.played) if last >= today else 0
    return tuple(now if day >= today else days[day - first] for day in range(first, last + 1))


def _spread(period: Period) -> list[int]:
    """Return at most :data:`SPREAD` days of a period, evenly, the last one among them."""
    first, last = day_of(period.first), day_of(period.last)
    count = min(SPREAD, last - first + 1)
    return [last - (last - first) * (count - 1 - n) // max(count - 1, 1) for n in range(count)]


def _returned(db: sqlite3.Connection, last: int, chosen: Chosen) -> int | None:
    """Return how many of the listeners of the 30 days before the last 30 days came back in them, in basis points."""
    middle = last - RETURN_DAYS + 1
    start = middle - RETURN_DAYS
    before = figures.unique_listeners(db, start, middle - 1, chosen)
    return returned_bps(before, figures.came_back(db, start, middle, last, chosen))


def _song_row(songs: Mapping[int, SongInfo], number: int, plays: int, net: int) -> SongRow:
    song = songs[number]
    return SongRow(song.song_id, song.title, LAYER_OF_BIT.get(song.strategy, ""), plays, net)


def _genres(songs: Mapping[int, SongInfo], totals: Mapping[int, tuple[int, int]]) -> tuple[GenreRow, ...]:
    sums: dict[str, list[int]] = {}
    for number, (plays, net) in totals.items():
        if number:
            held = sums.setdefault(songs[number].genre, [0, 0])
            held[0] += plays
            held[1] += net
    rows = (GenreRow(genre, plays, net) for genre, (plays, net) in sums.items())
    return tuple(sorted(rows, key=lambda row: (-row.plays, -row.net, row.genre)))


def _changes(
    db: sqlite3.Connection, period: Period, songs: Mapping[int, SongInfo], chosen: Chosen
) -> tuple[Change, ...]:
    start, end = chosen.bounds(day_of(period.first), day_of(period.last))
    found = [
        *(
            (song, at, _happened(songs[song], chosen.day(at), ChangeKind.RELEASE))
            for song, at in figures.releases(db, start, end)
        ),
        *(
            (song, at, _happened(songs[song], chosen.day(at), ChangeKind.AUCTION))
            for song, at in figures.auctions_opened(db, start, end)
        ),
        *(
            (song, to_unix(now.at), change)
            for song, terms in figures.histories(db)
            for before, now in pairwise(terms)
            if start <= to_unix(now.at) < end
            for change in _changed(songs[song], chosen.day(to_unix(now.at)), before, now)
        ),
    ]
    return tuple(
        change
        for song, _at, change in sorted(found, key=lambda item: (item[1], item[0]))
        if chosen.played is None or song in chosen.played
    )


def _happened(song: SongInfo, day: int, kind: ChangeKind) -> Change:
    return Change(day_date(day), kind, song.title, LAYER_OF_BIT.get(song.strategy, ""), song.song_id)


def _changed(song: SongInfo, number: int, before: TermsAt, now: TermsAt) -> Iterator[Change]:
    """Yield what one change on chain means: ways to earn switched on or off, another price, or both."""
    day = day_date(number)
    begun, ended = (
        tuple(LAYER_OF_BIT[STRATEGY_BITS[name]] for name in names if name not in others)
        for names, others in ((now.strategies, before.strategies), (before.strategies, now.strategies))
    )
    for place, name in enumerate(begun or ("",) if ended else begun):
        yield Change(day, ChangeKind.STRATEGY, song.title, name, song.song_id, () if place else ended)
    if before.price != now.price:
        main = LAYER_OF_BIT.get(song.strategy, "")
        yield Change(day, ChangeKind.PRICE, song.title, main, song.song_id, price=(before.price, now.price))


def _cohorts(db: sqlite3.Connection, as_of: datetime, chosen: Chosen) -> tuple[Cohort, ...]:
    sizes = figures.cohorts(db, chosen)
    present = month_of(day_date(chosen.day(to_unix(as_of))))
    found = []
    for first in sorted(month for month in sizes if month <= present)[-COHORTS_SHOWN:]:
        size = sizes[first][first]
        later = range(first + 1, present + 1)
        found.append(
            Cohort(month_start(first), size, tuple(sizes[first].get(month, 0) * BPS // size for month in later))
        )
    return tuple(found)

"""The people behind a mark of a dashboard: who listened, who came back, who is a patron.

Nothing more of a person is shown than an address, or its name in the address book.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.clock import day_date, to_unix
from mycelix_studio.domain.dashboard import Filter
from mycelix_studio.domain.metrics import day_of, month_of, month_start
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.wire import SubscriptionRecord
from mycelix_studio.domain.zones import Zone
from mycelix_studio.services.analytics import choose
from mycelix_studio.store import address_book, figures, sync_state, synced
from mycelix_studio.store import people as stored
from mycelix_studio.store.connection import Database

if TYPE_CHECKING:
    import sqlite3

MOST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Person:
    """One listener.

    Attributes:
        name: From the address book; empty for strangers.
        first: Day of the first listen ever.
        plays: Plays in the time asked for.
        days: Days with a play in it.
    """

    address: str
    name: str
    first: date
    plays: int
    days: int


@dataclass(frozen=True, slots=True)
class People:
    """Those with the most plays first: at most :data:`MOST` of ``count``."""

    people: tuple[Person, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Patron:
    """One patron of one song.

    Attributes:
        price: What they agreed to, wei gross a period. What they pay is less by the discount of their loyalty.
    """

    address: str
    name: str
    title: str
    since: datetime
    through: datetime
    price: int


def heard(database: Database, period: Period, wanted: Filter, zone: Zone | None = None) -> People:
    """Return who listened in a period.

    Raises:
        CacheUnusable: The cache cannot be read.
    """
    with database.snapshot() as db:
        rows = stored.listeners(
            db, day_of(period.first), day_of(period.last), choose(db, figures.all_songs(db), wanted, zone)
        )
        return _people(db, rows)


def cohort(database: Database, month: date, step: int, wanted: Filter, zone: Zone | None = None) -> People:
    """Return who was first heard in a month and again in the one ``step`` months later.

    Raises:
        CacheUnusable: The cache cannot be read.
    """
    later = month_of(month) + step
    first, last = month_start(later), month_start(later + 1) - timedelta(days=1)
    with database.snapshot() as db:
        rows = stored.listeners(db, day_of(first), day_of(last), choose(db, figures.all_songs(db), wanted, zone))
        return _people(db, [row for row in rows if month_of(day_date(row[1])) == month_of(month)])


def patrons(database: Database, period: Period, wanted: Filter, zone: Zone | None = None) -> tuple[Patron, ...]:
    """Return who is a paid-up patron at the end of a period, or at the moment the cache is complete to; the newest first.

    Raises:
        CacheUnusable: The cache cannot be read.
    """
    with database.snapshot() as db:
        as_of, songs = sync_state.state(db).as_of, figures.all_songs(db)
        moment = (zone.bounds(period)[1] if zone is not None else to_unix(period.bounds[1])) - 1
        moment = moment if as_of is None else min(moment, to_unix(as_of))
        chosen = choose(db, songs, wanted)
        titles = {song.song_id: song.title for song in songs.values()}
        numbers = {song.song_id: song.number for song in songs.values()}
        rows = synced.records(
            db,
            SubscriptionRecord,
            "t.started_at <= ? AND t.paid_through > ?",
            (moment, moment),
            "t.started_at DESC, t.key",
        )
        names = _names(db)
    return tuple(
        Patron(
            row.patron,
            names.get(row.patron, ""),
            titles.get(row.song_id, ""),
            row.started_at,
            row.paid_through,
            row.price,
        )
        for row in rows
        if chosen.played is None or numbers.get(row.song_id) in chosen.played
    )


def _people(db: sqlite3.Connection, rows: Iterable[tuple[str, int, int, int]]) -> People:
    ranked = sorted(rows, key=lambda row: (-row[2], row[0]))
    names = _names(db)
    people = (
        Person(who, names.get(who, ""), day_date(first), plays, days) for who, first, plays, days in ranked[:MOST]
    )
    return People(tuple(people), len(ranked))


def _names(db: sqlite3.Connection) -> Mapping[str, str]:
    return {contact.address: contact.name for contact in address_book.contacts(db)}

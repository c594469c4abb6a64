"""What an artist is told by itself, found in the cache after every sync, told once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import accumulate
from typing import Final

from mycelix_studio.domain import clock
from mycelix_studio.domain.clock import day_date, to_unix
from mycelix_studio.domain.dashboard import Days
from mycelix_studio.domain.metrics import day_of, month_start
from mycelix_studio.domain.notices import SONG_MARKS, Notice, NoticeKind, crossed, milestones
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.wire import AuctionRecord, PaymentRecord, SubscriptionRecord
from mycelix_studio.domain.zones import Zone, date_in
from mycelix_studio.services.analytics import days_of
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.store import address_book, figures, sync_state, synced
from mycelix_studio.store import notices as stored
from mycelix_studio.store.connection import Database
from mycelix_studio.store.figures import Chosen

BEGUN: Final = "begun"
"""Key that says an account's history was looked through once; what was in it then is not told."""
STALE_DAYS: Final = 7
"""What happened longer ago is listed, and not told."""


@dataclass(frozen=True, slots=True)
class Listed:
    """Notices, newest first, and the keys of those nobody has looked at."""

    notices: tuple[Notice, ...] = ()
    unopened: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Told:
    """What is new; ``changes`` let pages and the status show it."""

    fresh: tuple[Notice, ...] = ()
    changes: Changes = field(default_factory=Changes)


@dataclass(frozen=True, slots=True)
class Notices:
    """Notices of one profile. Reads from any thread; :meth:`look` and :meth:`opened` write, so they belong on the ``db`` lane.

    Attributes:
        database: The cache.
        now: The present moment; another clock in tests.
        zone: Returns the zone whose days are told; None is UTC.
    """

    database: Database
    now: Callable[[], datetime] = clock.now
    zone: Callable[[], Zone | None] = lambda: None

    def listed(self) -> Listed:
        """Return everything there is to tell.

        Raises:
            CacheUnusable: The cache cannot be read.
        """
        with self.database.snapshot() as db:
            unopened = stored.unopened(db, sync_state.state(db).account)
            return Listed(_all(db, self.zone()), frozenset(unopened))

    def count(self) -> int:
        """Return how many were told that nobody has looked at."""
        db = self.database.read()
        return len(stored.unopened(db, sync_state.state(db).account))

    def look(self) -> Told:
        """Find what is new since the last look, and remember it as told. The first look at an account finds nothing new.

        Raises:
            CacheUnusable: The cache cannot be read or written.
        """
        with self.database.snapshot() as db:
            state = sync_state.state(db)
            found, known = _all(db, self.zone()), stored.known(db, state.account)
        if state.as_of is None or not state.complete:
            return Told()
        fresh = tuple(notice for notice in found if notice.key not in known)
        first = BEGUN not in known
        if not fresh and not first:
            return Told()
        with self.database.write() as db:
            keys = [*(notice.key for notice in fresh), *([BEGUN] if first else [])]
            stored.tell(db, state.account, keys, to_unix(self.now()), opened=first)
        if first:
            return Told()
        recent = date_in(self.zone(), state.as_of) - timedelta(days=STALE_DAYS)
        return Told(tuple(notice for notice in fresh if notice.day >= recent), Changes.of(Kind.NOTICES))

    def opened(self, listed: Listed) -> Changes:
        """Remember that the person has seen these."""
        with self.database.write() as db:
            count = stored.open_all(db, sync_state.state(db).account, listed.unopened)
        return Changes.of(Kind.NOTICES) if count else Changes()


def _all(db: sqlite3.Connection, zone: Zone | None) -> tuple[Notice, ...]:
    first, as_of = figures.first_day(db), sync_state.state(db).as_of
    if as_of is None:
        return ()
    found: list[Notice] = []
    if first is not None:
        start = day_date(first)
        days = days_of(db, Period(start, max(as_of.date(), start)), Chosen())
        reached = milestones(days)
        found += reached if zone is None else (_moved(db, notice, days, zone) for notice in reached)
    titles = {song.song_id: song.title for song in figures.all_songs(db).values()}
    found += _songs(db, zone)
    found += _patrons(db, titles, as_of, zone)
    found += _auctions(db, titles, as_of, zone)
    for record, at in synced.taken_back(db):
        if isinstance(record, PaymentRecord):
            title = titles.get(record.song_id or "", "")
            key = f"back:{record.chain_id}:{record.tx}:{record.log_index}:{record.item}"
            kind = NoticeKind.REWARD_BACK if record.type == "reward" else NoticeKind.TAKEN_BACK
            day = date_in(zone, at)
            found.append(Notice(key, day, kind, record.net, title=title, song_id=record.song_id or "", tx=record.tx))
    return tuple(sorted(found, key=lambda notice: (notice.day, notice.key), reverse=True))


def _moved(db: sqlite3.Connection, notice: Notice, days: Days, zone: Zone) -> Notice:
    """Return a milestone of a UTC day on the zone's day: that of the very play or payment that reached it."""
    plays = notice.kind is NoticeKind.PLAYS
    amounts = days.plays if plays else days.net_total()
    left = notice.value - sum(amounts[: (notice.day - days.first).days])
    at = (figures.play_moment if plays else figures.income_moment)(db, day_of(notice.day), left)
    return notice if at is None else replace(notice, day=day_date(zone.day(at)))


def _songs(db: sqlite3.Connection, zone: Zone | None) -> Iterator[Notice]:
    songs = figures.all_songs(db)
    for number, months in figures.plays_by_month(db, at_least=SONG_MARKS[0]).items():
        song = songs[number]
        sums = dict(
            zip((month for month, _plays in months), accumulate(plays for _month, plays in months), strict=True)
        )
        for mark, month in crossed(months, SONG_MARKS):
            first, after = day_of(month_start(month)), day_of(month_start(month + 1))
            days = figures.song_days(db, number, first, after - 1)
            before = sums[month] - sum(plays for _day, plays in days)
            for _mark, day in crossed(days, [mark], before):
                left = mark - before - sum(plays for at, plays in days if at < day)
                moment = None if zone is None else figures.play_moment(db, day, left, number)
                told = day_date(day if zone is None or moment is None else zone.day(moment))
                key = f"song:{song.song_id}:{mark}"
                yield Notice(key, told, NoticeKind.SONG_PLAYS, mark, title=song.title, song_id=song.song_id)


def _patrons(db: sqlite3.Connection, titles: dict[str, str], as_of: datetime, zone: Zone | None) -> Iterator[Notice]:
    names = {contact.address: contact.name for contact in address_book.contacts(db)}
    for row in synced.records(db, SubscriptionRecord):
        title, name, since = titles.get(row.song_id, ""), names.get(row.patron, ""), row.started_at
        if since <= as_of:
            key, kind = f"patron:{row.song_id}:{row.patron}:{to_unix(since)}", NoticeKind.PATRON
            yield Notice(key, date_in(zone, since), kind, row.price, 0, title, row.song_id, row.patron, name, tx=row.tx)
        if row.state == "renewal-failed":
            key = f"failed:{row.song_id}:{row.patron}:{to_unix(row.paid_through)}"
            kind, day = NoticeKind.RENEWAL_FAILED, date_in(zone, row.block_time)
            yield Notice(key, day, kind, 0, 0, title, row.song_id, row.patron, name, row.reason, row.tx)


def _auctions(db: sqlite3.Connection, titles: dict[str, str], as_of: datetime, zone: Zone | None) -> Iterator[Notice]:
    for row in synced.records(db, AuctionRecord):
        if row.closed:  # by the artist, who knows; closing also makes the supply what was sold
            continue
        title, key = titles.get(row.song_id, ""), f"auction:{row.chain_id}:{row.auction}"
        if row.sold >= row.supply:
            key, day, kind = f"{key}:sold", date_in(zone, row.block_time), NoticeKind.SOLD_OUT
        elif row.ends_at <= as_of:
            key, day, kind = f"{key}:over", date_in(zone, row.ends_at), NoticeKind.AUCTION_OVER
        else:
            continue
        yield Notice(key, day, kind, row.sold, row.supply, title, row.song_id, tx=row.tx)

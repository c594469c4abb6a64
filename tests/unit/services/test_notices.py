"""What an artist is told by itself comes from the rows, is told once, and not for what was there before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from mycelix_studio.domain import wire
from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.notices import Notice, NoticeKind
from mycelix_studio.domain.zones import zone_of
from mycelix_studio.services.changes import Kind
from mycelix_studio.services.notices import Notices
from mycelix_studio.store import address_book, synced
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.charts.words import short_exact
from mycelix_studio.ui.notices import notice_words
from tests.unit.store.feeds import ARTIST, LISTENERS, SONGS, START, payment, plays, song

AS_OF = START + timedelta(days=40)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    with opened.write() as db:
        synced.begin(db, "https://music.example", ARTIST)
        address_book.save(db, LISTENERS[1], "Tove", note="", confirmed=True, added_at=0)
    yield opened
    opened.close()


def take(database: Database, *records: wire.Record, as_of: datetime = AS_OF, more: bool = False) -> None:
    with database.write() as db:
        synced.apply(db, wire.SyncPage(records, "c", more, as_of))


def patron(key: int, who: str, at: datetime, state: str = "subscribed") -> wire.SubscriptionRecord:
    reason = "allowance too low" if state == "renewal-failed" else ""
    return wire.SubscriptionRecord(
        key, 100, 9, at, f"0x{key}", 2, SONGS[0], who, at, at + timedelta(days=30), 10**18, 1, True, state, reason  # type: ignore[arg-type]
    )  # fmt: skip


def auction(key: int, sold: int, ends: datetime, closed: bool = False) -> wire.AuctionRecord:
    return wire.AuctionRecord(
        key, 100, 9, START + timedelta(days=39), f"0xa{key}", 2, key, SONGS[1], 10**20, 10**18, START, ends, 50, sold, 2, closed
    )  # fmt: skip


def many_plays(count: int, song_index: int, at: datetime, first: int) -> wire.PlayPage:
    return plays([(first + n, song_index, n % 5, int(at.timestamp()) + n) for n in range(count)])


def of(found: tuple[Notice, ...], kind: NoticeKind) -> list[Notice]:
    return [notice for notice in found if notice.kind is kind]


def test_a_songs_first_thousand_plays_stand_on_the_day_they_were_reached(database: Database) -> None:
    take(
        database,
        song(1, SONGS[0]),
        many_plays(600, 0, START, 1),
        many_plays(399, 0, START + timedelta(days=35), 1_000),
        many_plays(2, 0, START + timedelta(days=36), 2_000),
        many_plays(999, 1, START, 3_000),
    )
    (told,) = of(Notices(database).listed().notices, NoticeKind.SONG_PLAYS)
    assert (told.title, told.value, told.day) == ("Song 1", 1_000, (START + timedelta(days=36)).date())


def test_what_happened_stands_on_the_day_of_the_zone(database: Database) -> None:
    apia = zone_of("Pacific/Apia")  # 13 or 14 hours ahead
    at = START.replace(hour=12)
    before_midnight = at.replace(hour=9, minute=59)
    take(
        database,
        song(1, SONGS[0]),
        many_plays(999, 0, before_midnight - timedelta(hours=2), 1),
        plays([(5_000, 0, 1, int(at.timestamp()))]),
        payment(1, before_midnight, WEI_PER_TOKEN // 2),
        payment(2, at, WEI_PER_TOKEN),
        patron(1, LISTENERS[1], at),
    )
    utc, far = (Notices(database, zone=lambda zone=zone: zone).listed().notices for zone in (None, apia))
    assert {notice.day for notice in utc} == {at.date()}
    assert sorted(notice.key for notice in far) == sorted(notice.key for notice in utc)
    days = {(notice.kind, notice.value): (notice.day - at.date()).days for notice in far}
    assert days[NoticeKind.PLAYS, 500] == 0 and days[NoticeKind.PLAYS, 1_000] == days[NoticeKind.SONG_PLAYS, 1_000] == 1
    assert days[NoticeKind.NET, WEI_PER_TOKEN] == 1 and days[NoticeKind.PATRON, 10**18] == 1


def test_patrons_auctions_failed_renewals_and_payments_taken_back_are_told(database: Database) -> None:
    paid = payment(1, START, 5 * 10**18)
    take(
        database, song(1, SONGS[0]), song(2, SONGS[1]), paid, patron(1, LISTENERS[1], START),
        patron(2, LISTENERS[2], START, "renewal-failed"), auction(1, 50, AS_OF + timedelta(days=1)),
        auction(2, 12, AS_OF - timedelta(days=1)), auction(3, 12, AS_OF + timedelta(days=1)),
        auction(4, 12, AS_OF - timedelta(days=1), closed=True), wire.Retraction("payment", (1,)),
    )  # fmt: skip
    found = Notices(database).listed().notices
    tove, stranger = sorted(of(found, NoticeKind.PATRON), key=lambda notice: notice.who)
    assert (tove.name, tove.title, stranger.name) == ("Tove", "Song 1", "")
    (failed,) = of(found, NoticeKind.RENEWAL_FAILED)
    assert (failed.who, failed.reason) == (LISTENERS[2], "allowance too low")
    (sold,) = of(found, NoticeKind.SOLD_OUT)
    assert (sold.value, sold.of, sold.title) == (50, 50, "Song 2")
    (over,) = of(found, NoticeKind.AUCTION_OVER)
    assert (over.value, over.of, over.day) == (12, 50, (AS_OF - timedelta(days=1)).date())
    (back,) = of(found, NoticeKind.TAKEN_BACK)
    assert (back.value, back.tx) == (paid.net, paid.tx)


def test_a_reward_taken_back_is_told_as_one_and_not_as_income(database: Database) -> None:
    given = replace(payment(1, START, 3 * 10**18), type="reward", strategy="gift-economy")
    take(database, song(1, SONGS[0]), given, wire.Retraction("payment", (1,)))
    found = Notices(database).listed().notices
    (back,) = of(found, NoticeKind.REWARD_BACK)
    assert (back.value, of(found, NoticeKind.TAKEN_BACK)) == (given.net, [])
    assert (
        notice_words(back)
        == f"The network took back a listener’s reward of {short_exact(FLOW, given.net)} CGC for Song 1"
    )


def test_history_is_not_told_and_what_is_new_is_told_once(database: Database) -> None:
    notices = Notices(database)
    take(database, song(1, SONGS[0]), many_plays(150, 0, START, 1), more=True)
    assert notices.look().fresh == (), "nothing is told in the middle of the first sync"
    take(database)
    first = notices.look()
    assert (first.fresh, first.changes.kinds, notices.count()) == ((), frozenset(), 0)
    assert [notice.key for notice in notices.listed().notices] == ["plays:100"]

    take(database, patron(1, LISTENERS[1], AS_OF - timedelta(hours=1)), many_plays(400, 0, START, 10_000))
    told = notices.look()
    assert [notice.kind for notice in told.fresh] == [NoticeKind.PATRON], "what happened long ago is listed, not told"
    assert told.changes.touches(Kind.NOTICES) and notices.count() == 2
    assert notices.look().fresh == ()

    listed = notices.listed()
    assert len(listed.unopened) == 2
    assert notices.opened(listed).touches(Kind.NOTICES) and notices.count() == 0
    assert not notices.opened(listed).kinds


def test_another_account_has_notices_of_its_own(database: Database) -> None:
    notices = Notices(database)
    take(database, song(1, SONGS[0]), many_plays(150, 0, START, 1))
    notices.look()
    with database.write() as db:
        synced.begin(db, "https://music.example", LISTENERS[0])
    take(database, replace(song(1, SONGS[0]), artist=LISTENERS[0]), many_plays(150, 0, START, 1))
    assert notices.look().fresh == () and notices.count() == 0

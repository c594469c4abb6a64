"""The cache after any sync: rollups equal raw SQL, replays change nothing, retractions leave nothing, a new sync gives the same."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain import wire
from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.store import rollups, sync_state, synced
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database
from tests.unit.store.feeds import (
    ARTIST,
    LISTENERS,
    SONGS,
    START,
    Feed,
    expected,
    held,
    payment,
    plays,
    song,
    voucher_song,
)

SERVER = "https://music.example"


def open_empty(path: Path) -> Database:
    database = open_database(path)
    with database.write() as db:
        synced.begin(db, SERVER, ARTIST)
    return database


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_empty(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def memory() -> Iterator[list[Database]]:
    """Databases to close."""
    made: list[Database] = []
    yield made
    for database in made:
        database.close()


def take(database: Database, *pages: wire.SyncPage) -> None:
    for page in pages:
        with database.write() as db:
            synced.apply(db, page)


def page(*records: wire.Record, cursor: str = "c", more: bool = False) -> wire.SyncPage:
    return wire.SyncPage(records, cursor, more, START + timedelta(days=500))


def reset(database: Database) -> None:
    with database.write() as db:
        synced.restart(db, SERVER, ARTIST)
        db.execute("DELETE FROM taken_back")


def test_every_kind_of_record_has_its_table() -> None:
    assert set(get_args(wire.RetractedKind)) == set(synced.KINDS)


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32), pages=st.integers(1, 25))
def test_rollups_equal_raw_sql_over_any_history_and_a_new_sync_gives_the_same_tables(
    database: Database, seed: int, pages: int
) -> None:
    reset(database)
    feed = Feed(random.Random(seed)).grow(pages)
    take(database, *feed.pages)
    db = database.read()
    for table, rows in expected(db).items():
        assert held(db, table) == rows, table
    digest, state = synced.digest(db), sync_state.state(db)
    reset(database)
    take(database, *feed.fresh())
    assert synced.digest(database.read()) == digest
    assert sync_state.state(database.read()) == state


@settings(max_examples=40)
@given(seed=st.integers(0, 2**32))
def test_replaying_any_prefix_any_number_of_times_changes_nothing(database: Database, seed: int) -> None:
    reset(database)
    feed = Feed(random.Random(seed)).grow(10)
    take(database, *feed.pages)
    digest, state = synced.digest(database.read()), sync_state.state(database.read())
    taken = synced.taken_back(database.read())
    reset(database)
    reached = 0
    while reached < len(feed.pages):
        start = feed.rng.randint(0, reached)
        reached = feed.rng.randint(reached, len(feed.pages))
        take(database, *feed.pages[start:reached])
    assert synced.digest(database.read()) == digest
    assert sync_state.state(database.read()) == state
    assert synced.taken_back(database.read()) == taken


def test_an_interruption_inside_a_page_leaves_the_page_before(database: Database) -> None:
    feed = Feed(random.Random(3)).grow(4)
    take(database, *feed.pages[:3])
    digest, state = synced.digest(database.read()), sync_state.state(database.read())
    with pytest.raises(KeyboardInterrupt), database.write() as db:
        synced.apply(db, feed.pages[3])
        raise KeyboardInterrupt
    assert (synced.digest(database.read()), sync_state.state(database.read())) == (digest, state)


def test_records_come_back_as_they_were_sent(database: Database) -> None:
    shares = (wire.WireShare(ARTIST, 9_000, "artist"), wire.WireShare(LISTENERS[0], 1_000, "cello “solo”"))
    sent: list[wire.Record] = [
        song(1, SONGS[0]),
        payment(1, START, 10**27 + 7, strategy=None, kind="tip"),
        payment(2, START, 5, song_id=None, kind="voucher"),
        wire.PayoutRecord(4, 100, 9, START, "0x1", 2, 1, 7, LISTENERS[1], 10**20 + 1, True),
        wire.SplitRecord(5, 100, 9, START, "0x1", 2, 7, "0xabc", 100, True, shares),
        wire.SubscriptionRecord(
            6, 100, 9, START, "0x1", 2, SONGS[1], LISTENERS[2], START, START + timedelta(days=30), 10**19 + 3, 2, True, "renewed", ""
        ),
        voucher_song(8, 2, START, 3),
        wire.AuctionRecord(
            7, 100, 9, START, "0x1", 2, 3, SONGS[1], 10**20, 10**18 + 1, START, START + timedelta(days=1), 50, 4, 2, False
        ),
    ]  # fmt: skip
    take(database, page(*sent))
    db = database.read()
    back = [record for kind in synced.KINDS if kind != "play" for record in synced.records(db, wire.RECORD_TYPES[kind])]
    assert sorted(back, key=repr) == sorted(sent, key=repr)


def test_a_payment_taken_back_leaves_no_sum_but_is_remembered_with_the_moment(database: Database) -> None:
    paid = payment(1, START, 10**18)
    take(database, page(paid), page(wire.Retraction("payment", (1,))))
    db = database.read()
    assert held(db, "song_earn") == held(db, rollups.INCOME.table) == held(db, "song_day") == set()
    assert synced.taken_back(db) == ((paid, START + timedelta(days=500)),)
    take(database, page(paid))
    assert synced.taken_back(database.read()) == ()


def test_songs_of_a_voucher_take_its_money_from_no_song_in_any_order(database: Database) -> None:
    paid = payment(1, START, 10**18 + 5, song_id=None, kind="voucher")
    parts = [voucher_song(1, 1, START, 10**18 - 1, SONGS[0]), voucher_song(2, 1, START, 6, SONGS[1])]
    day = rollups.INCOME.table

    def earned() -> dict[int, int]:
        return {row[1]: row[4] * 10**9 + row[5] for row in held(database.read(), "song_earn")}

    take(database, page(*parts))
    assert earned() == {0: -(10**18) - 5, 1: 10**18 - 1, 2: 6}
    assert held(database.read(), day) == set(), "the day's income is what was paid"
    take(database, page(paid))
    assert earned() == {0: 0, 1: 10**18 - 1, 2: 6}
    ((_day, payments, gwei, rem, *rest),) = held(database.read(), day)
    assert (payments, gwei * 10**9 + rem, set(rest)) == (1, 10**18 + 5, {0})
    take(database, page(replace(parts[1], net=4)))
    assert earned() == {0: 2, 1: 10**18 - 1, 2: 4}
    take(database, page(wire.Retraction("payment", (1,)), wire.Retraction("voucher_song", (1, 2))))
    assert all(not held(database.read(), table) for table in rollups.TABLES)
    back = [record for record, _at in synced.taken_back(database.read())]
    assert back == [paid, parts[0], replace(parts[1], net=4)]


def test_tips_follow_the_main_strategy_of_their_song(database: Database) -> None:
    tip = payment(1, START, 8, strategy=None, kind="tip")
    take(database, page(tip))
    bits = STRATEGY_BITS

    def strategies() -> list[int]:
        (row,) = held(database.read(), rollups.INCOME.table)
        return [bit for place, bit in enumerate(rollups.EARN_BITS) if row[3 + 2 * place]]

    assert strategies() == [rollups.TIP_OF_UNKNOWN]
    take(database, page(song(1, SONGS[0], "auction")))
    assert strategies() == [bits["auction"]]
    take(database, page(song(1, SONGS[0], "patronage")))
    assert strategies() == [bits["patronage"]]
    take(database, page(wire.Retraction("song", (1,))))
    assert strategies() == [rollups.TIP_OF_UNKNOWN]


def test_rewards_are_no_income(database: Database) -> None:
    take(database, page(payment(1, START, 10**18, strategy="gift-economy", kind="reward")))
    assert held(database.read(), rollups.INCOME.table) == set()
    assert len(synced.records(database.read(), wire.PaymentRecord)) == 1


def test_as_of_waits_for_the_end_of_the_feed(database: Database) -> None:
    take(database, page(cursor="a", more=True))
    assert sync_state.state(database.read()) == sync_state.SyncState(SERVER, ARTIST, "a", None, False)
    take(database, page(cursor="b"))
    assert sync_state.state(database.read()) == sync_state.SyncState(
        SERVER, ARTIST, "b", START + timedelta(days=500), True
    )


def test_another_account_begins_with_nothing_and_a_platform_that_moved_goes_on(database: Database) -> None:
    feed = Feed(random.Random(5)).grow(12)
    take(database, *feed.pages)
    with database.write() as db:
        assert synced.begin(db, SERVER, ARTIST).cursor == feed.pages[-1].next_cursor
        assert synced.begin(db, "https://elsewhere.example", ARTIST).cursor == feed.pages[-1].next_cursor
        assert synced.begin(db, SERVER, LISTENERS[0]) == sync_state.SyncState(SERVER, LISTENERS[0])
    assert all(not held(database.read(), table) for table in synced.TABLES)
    assert database.check() == []


@pytest.mark.parametrize(
    "bad",
    [
        payment(1, START, 10**30),
        replace(payment(1, START, 1), key=2**63),
        replace(plays([(1, 0, 0, 5)]), song=(9,)),
        replace(plays([(1, 0, 0, 5)]), listener=(-1,)),
        plays([(1, 0, 0, 10**12)]),
        plays([(2**63, 0, 0, 5)]),
        plays([(1, 0, 0, -5)]),
    ],
)
def test_what_cannot_be_is_refused_whole(database: Database, bad: wire.Record) -> None:
    digest = synced.digest(database.read())
    with pytest.raises(synced.DamagedAnswer), database.write() as db:
        synced.apply(db, page(song(1, SONGS[0]), bad, cursor="never"))
    assert synced.digest(database.read()) == digest
    assert sync_state.state(database.read()).cursor == ""


def test_sums_that_overflow_are_refused_and_never_rounded(database: Database) -> None:
    most = (2**63 - 1) * 10**9 * 99 // 100
    take(database, page(payment(1, START, most)))
    with pytest.raises(synced.DamagedAnswer), database.write() as db:
        synced.apply(db, page(payment(2, START, most)))
    (paid,) = synced.records(database.read(), wire.PaymentRecord)
    assert paid.net == most

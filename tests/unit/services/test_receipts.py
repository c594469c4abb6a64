"""A statement made from the cache has every payment to the wei, divided by the split that was valid then."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain import wire
from mycelix_studio.domain.fiat import Rate
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.statement import ItemType
from mycelix_studio.paths import Paths
from mycelix_studio.services.analytics import NothingSynced
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.store import address_book, synced
from tests.unit.store.feeds import ARTIST, LISTENERS, SONGS, START, Feed, payment, song, voucher_song

FRIEND = LISTENERS[5]
ALL = Period(date(2025, 1, 1), date(2027, 12, 31))


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path))
    with opened.database.write() as db:
        synced.begin(db, "https://music.example", ARTIST)
        address_book.save(db, FRIEND, "Tove", note="", confirmed=True, added_at=0)
    opened.settings.set(ARTIST_NAME, "Ada Lark")
    yield opened
    opened.close()


def split(key: int, block: int, mine: int) -> wire.SplitRecord:
    shares = (wire.WireShare(ARTIST, mine, "artist"), wire.WireShare(FRIEND, 10_000 - mine, "cello"))
    return wire.SplitRecord(key, 31337, block, START, "0x1", 0, 1, f"0x{key}", 100, False, shares)


def take(studio: Studio, *pages: wire.SyncPage) -> None:
    for page in pages:
        with studio.database.write() as db:
            synced.apply(db, page)


def page(*records: wire.Record, days: int = 400) -> wire.SyncPage:
    return wire.SyncPage(records, "c", False, START + timedelta(days=days))


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), cut=st.integers(0, 100))
def test_periods_add_up_to_the_payments_of_the_cache_to_the_wei(studio: Studio, seed: int, cut: int) -> None:
    with studio.database.write() as db:
        synced.restart(db, "https://music.example", ARTIST)
        db.execute("DELETE FROM taken_back")
    feed = Feed(random.Random(seed)).grow(12)
    take(studio, *feed.pages, page(split(1, 0, 9_000), split(2, 4, 5_000)))
    day = START.date() + timedelta(days=cut)
    parts = [Period(ALL.first, day), Period(day + timedelta(days=1), ALL.last)]
    statements = [studio.reports.statement(period) for period in parts]
    income = [row for row in feed.live.values() if isinstance(row, wire.PaymentRecord) and row.type != "reward"]
    for name in ("gross", "fee", "net"):
        assert sum(getattr(s.totals, name) for s in statements) == sum(getattr(row, name) for row in income)
    assert sum(s.totals.paid_out for s in statements) == sum(
        row.amount for row in feed.live.values() if isinstance(row, wire.PayoutRecord)
    )
    due = {ARTIST: 0, FRIEND: 0}
    for row in income:
        bps = (9_000, 1_000) if row.block <= 4 else (5_000, 5_000)
        for address, part in zip(due, divide(row.net, bps), strict=True):
            due[address] += part
    for address, amount in due.items():
        assert sum(p.due for s in statements for p in s.people if p.address == address) == amount


def test_a_payment_taken_back_stays_with_a_reversal_below_it(studio: Studio) -> None:
    take(studio, page(payment(1, START, 10**18)), page(wire.Retraction("payment", (1,)), days=10))
    statement = studio.reports.statement(ALL)
    assert [line.type for line in statement.lines] == [ItemType.STREAM, ItemType.REVERSAL]
    assert statement.totals.net == 0
    assert studio.reports.statement(Period(START.date(), START.date())).totals.net == 10**18


def test_a_voucher_taken_back_keeps_the_songs_it_was_for(studio: Studio) -> None:
    paid = replace(payment(1, START, 100, song_id=None, kind="voucher"), count=2)
    parts = replace(voucher_song(1, 1, START, 60, SONGS[0]), gross=61), voucher_song(2, 1, START, 40, SONGS[1])
    take(studio, page(song(1, SONGS[0]), song(2, SONGS[1]), *parts, paid))
    before = studio.reports.statement(Period(START.date(), START.date()))
    assert [(line.item, line.net) for line in before.lines] == [("Song 1", 60), ("Song 2", 40)]
    # Mined again in the same place it is another payment, of which only one song is known yet.
    again = replace(paid, key=2), voucher_song(3, 2, START, 60, SONGS[0])
    for gone in (wire.Retraction("payment", (1,)), wire.Retraction("voucher_song", (1, 2))):
        take(studio, page(gone, days=10))
        statement = studio.reports.statement(ALL)
        assert [(line.item, line.net) for line in statement.lines] == [
            ("Song 1", 60), ("Song 2", 40), ("Song 1", -60), ("Song 2", -40)
        ]  # fmt: skip
    take(studio, page(*again, days=10))
    lines = studio.reports.statement(Period(START.date(), START.date())).lines
    assert [(line.item, line.net) for line in lines] == [("Song 1", 60), ("Song 2", 40), ("", 40), ("Song 1", 60)]


def test_names_titles_rates_and_network_come_from_this_computer(studio: Studio) -> None:
    studio.rates.set(Rate(START.date(), "EUR", "0.90", "own table"))
    take(studio, page(song(1, SONGS[0]), payment(1, START, 10**18), split(1, 0, 9_000)))
    statement = studio.reports.statement(ALL, currency="EUR")
    (line,) = statement.lines
    assert (line.item, statement.artist, statement.network) == ("Song 1", "Ada Lark", "Local chain")
    assert {person.name for person in statement.people} == {"Ada Lark", "Tove"}
    assert line.fiat is not None and line.fiat.fine == 90 * 10**6


def test_a_song_deleted_on_the_platform_keeps_its_name_on_statements(studio: Studio) -> None:
    take(studio, page(song(1, SONGS[0]), payment(1, START, 10**18)))
    before = studio.reports.statement(ALL)
    take(studio, page(replace(song(1, SONGS[0]), deleted=True), days=401))
    (line,) = studio.reports.statement(ALL).lines
    assert (line.item, line.net) == ("Song 1", 10**18)
    assert before.lines == (line,)


def test_rewards_of_the_cache_are_credits_without_a_value(studio: Studio) -> None:
    studio.rates.set(Rate(START.date(), "EUR", "0.90", "own table"))
    take(studio, page(song(1, SONGS[0]), payment(1, START, 10**18, strategy="gift-economy", kind="reward")))
    (line,) = studio.reports.statement(ALL, currency="EUR").lines
    totals = studio.reports.statement(ALL, currency="EUR").totals
    assert (line.symbol, line.net, line.fiat) == ("CGC", -(10**18), None)
    assert (totals.net, totals.rewards, totals.fiat, totals.without_rate) == (0, 10**18, 0, 0)


def test_without_a_sync_there_is_no_statement(studio: Studio) -> None:
    with pytest.raises(NothingSynced):
        studio.reports.statement(ALL)

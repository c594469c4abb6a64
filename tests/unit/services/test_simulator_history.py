"""What the simulator replays equals what the cache holds, to the play and to the wei; what it assumes from it is what happened."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest

from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import EPOCH, day_date
from mycelix_studio.services.simulator_history import Base, load
from mycelix_studio.services.simulator_replay import GROUPS
from mycelix_studio.services.simulator_scenarios import Source, default_scenario, streams_alone
from mycelix_studio.store import synced
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database
from tests.fixtures.listening import AS_OF, FLOW, PRICE, listen

SONGS = tuple("0x" + f"{number:064x}" for number in range(3))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Database, list[tuple[str, int, int, str]]]]:
    database = open_database(tmp_path_factory.mktemp("cache") / "studio.sqlite")
    with database.write() as db:
        synced.begin(db, "http://node", "0x" + "A7" * 20)
    paid = listen(database, SONGS)
    yield database, paid
    database.close()


def _raw(database: Database, base: Base, songs: tuple[str, ...] = SONGS) -> dict[tuple[str, int], int]:
    rows = database.read().execute(
        "SELECT l.address, p.at / 86400, r.song_id FROM play p JOIN party l ON l.id = p.listener JOIN song_ref r ON r.id = p.song"
    )
    found: Counter[tuple[str, int]] = Counter()
    for address, day, song in rows:
        if base.history.first_day <= day < base.history.end_day and song in songs:
            found[address, day] += 1
    return dict(found)


def test_every_play_of_whole_months_is_replayed(filled: tuple[Database, list[tuple[str, int, int, str]]]) -> None:
    base = load(filled[0], 12, price=PRICE)
    assert [month.isoformat() for month in base.history.months][:2] == ["2025-11-01", "2025-12-01"]
    assert base.history.months[-1] == date(2026, 10, 1), "the month that is not over is left out"
    raw = _raw(filled[0], base)
    assert base.history.total_plays == sum(raw.values())
    assert base.history.listeners == len({address for address, _day in raw})
    assert sorted(base.history.plays) == sorted(raw.values())
    assert base.as_of == AS_OF.date()


def test_some_songs_are_counted_like_all_of_them(filled: tuple[Database, list[tuple[str, int, int, str]]]) -> None:
    every = load(filled[0], 12, price=PRICE)
    same = load(filled[0], 12, SONGS, price=PRICE)
    assert same.history.total_plays == every.history.total_plays
    assert (same.history.plays == every.history.plays).all() and (same.history.day == every.history.day).all()
    assert same.actual == every.actual
    one = load(filled[0], 12, SONGS[:1], price=PRICE)
    assert one.history.total_plays == sum(_raw(filled[0], one, SONGS[:1]).values())
    assert 0 < one.actual.total < every.actual.total


def test_what_really_happened_is_exact_by_month_and_group(
    filled: tuple[Database, list[tuple[str, int, int, str]]],
) -> None:
    database, paid = filled
    base = load(database, 12, price=PRICE)
    months: dict[str, int] = defaultdict(int)
    for _listener, day, net, _kind in paid:
        if base.history.first_day <= day < base.history.end_day:
            months[f"{day_date(day):%Y-%m}"] += net
    assert base.actual.net == tuple(months[f"{month:%Y-%m}"] for month in base.history.months)
    plays: Counter[str] = Counter()
    for (address, _day), count in _raw(database, base).items():
        plays[address] += count
    groups = [0] * len(GROUPS)
    others = 0
    for listener, day, net, _kind in paid:
        if base.history.first_day <= day < base.history.end_day:
            if plays[listener]:
                groups[max(g for g, least in enumerate(GROUPS) if plays[listener] >= least)] += net
            else:
                others += net
    assert base.actual.by_group == tuple(groups)
    assert base.others == others
    assert base.tipped.total == sum(
        net for _l, day, net, kind in paid if kind == "tip" and base.history.first_day <= day < base.history.end_day
    )


def test_assumptions_come_from_the_history_where_it_knows(
    filled: tuple[Database, list[tuple[str, int, int, str]]],
) -> None:
    database, paid = filled
    base = load(database, 12, price=PRICE)
    within = [p for p in paid if base.history.first_day <= p[1] < base.history.end_day]
    streams = sum(kind == "stream" for *_rest, kind in within)
    assert base.known.paid_bps == streams * 10_000 // base.history.total_plays
    tips = [net * 100 // 99 for _l, _d, net, kind in within if kind == "tip"]
    assert base.known.tip == pytest.approx(statistics.median_low(tips), abs=1)
    scenario = streams_alone(base.known)
    assert {a.key: a.source for a in scenario.assumptions} == {"price": Source.TERMS, "lost": Source.HISTORY}
    gift = default_scenario("gift-economy", base.known)
    assert {a.source for a in gift.assumptions} == {Source.HISTORY}
    loyal = next(a for a in default_scenario("patronage", base.known).assumptions if a.key == "loyal")
    assert loyal.source is Source.HISTORY and loyal.value == base.known.loyal_plays


def test_of_chosen_songs_what_they_got_of_vouchers_counts(tmp_path: Path) -> None:
    database = open_database(tmp_path / "studio.sqlite")
    with database.write() as db:
        synced.begin(db, "http://node", "0x" + "A7" * 20)
    paid = listen(database, SONGS)
    before = [load(database, 12, songs, price=PRICE) for songs in (SONGS[:1], None)]
    who, day = next((who, day) for who, day, _net, _kind in paid if day < before[0].history.end_day)
    at = datetime.combine(day_date(day), time(12), UTC)
    whole = wire.PaymentRecord(
        1, 31337, 9, at, "0x1", 0, 0, who, 1, None, "pay-per-stream", "voucher", 9_000, 100 * FLOW, FLOW, 99 * FLOW
    )
    parts = [
        wire.VoucherSongRecord(n, 1, at, who, song, 3_000 * n, 40 * n * FLOW, 33 * n * FLOW)
        for n, song in enumerate(SONGS[:2], start=1)
    ]
    with database.write() as db:
        synced.apply(db, wire.SyncPage((*parts, whole), "more", False, AS_OF))
    one, every, same = (load(database, 12, songs, price=PRICE) for songs in (SONGS[:1], None, SONGS))
    assert one.actual.total - before[0].actual.total == 33 * FLOW
    assert every.actual.total - before[1].actual.total == 99 * FLOW
    assert same.actual == every.actual
    streams = one.known.paid_bps
    assert streams == min(10_000, (_streams(database, SONGS[0]) + 3_000) * 10_000 // one.history.total_plays)
    database.close()


def _streams(database: Database, song: str) -> int:
    query = "SELECT count(*) FROM payment p JOIN song_ref r ON r.id = p.song WHERE type = 'stream' AND song_id = ?"
    return int(database.read().execute(query, (song,)).fetchone()[0])


def test_loyal_is_what_the_most_loyal_tenth_reached(filled: tuple[Database, list[tuple[str, int, int, str]]]) -> None:
    base = load(filled[0], 12, price=PRICE)
    by_listener: dict[str, dict[int, int]] = defaultdict(dict)
    for (address, day), count in _raw(filled[0], base).items():
        by_listener[address][day] = count
    best = sorted(
        (
            max(sum(n for other, n in days.items() if day - 29 <= other <= day) for day in days)
            for days in by_listener.values()
        ),
        reverse=True,
    )
    assert base.known.loyal_plays == best[max(0, len(best) // 10 - 1)]


def test_fewer_months_are_the_last_ones_and_nothing_is_nothing(
    filled: tuple[Database, list[tuple[str, int, int, str]]], tmp_path: Path
) -> None:
    three = load(filled[0], 3, price=PRICE)
    assert [month.month for month in three.history.months] == [8, 9, 10]
    assert three.history.first_day == (date(2026, 8, 1) - EPOCH).days
    unknown = load(filled[0], 12, ("0x" + "ff" * 32,), price=PRICE)
    assert unknown.history.total_plays == 0 and unknown.actual.total == 0
    empty = open_database(tmp_path / "empty.sqlite")
    try:
        base = load(empty, 12, price=PRICE)
        assert base.as_of is None and base.history.months == () and base.known.price == PRICE
    finally:
        empty.close()


def test_the_fixture_spans_what_the_tests_say() -> None:
    assert AS_OF.date() - timedelta(days=AS_OF.day) == date(2026, 10, 31)

"""Every figure of a dashboard equals what plain Python counts from the rows, with and without a filter."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain import wire
from mycelix_studio.domain.dashboard import STRATEGIES, Change, ChangeKind, Filter, Query
from mycelix_studio.domain.metrics import month_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.strategy.names import TermsAt
from mycelix_studio.domain.zones import Zone, date_in, zone_of
from mycelix_studio.services.analytics import Analytics, NothingSynced
from mycelix_studio.store import synced
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database
from tests.unit.store.feeds import ARTIST, LISTENERS, SONGS, START, WAYS, Feed, payment, plays, song

LAYER = dict(zip(WAYS, STRATEGIES, strict=True))


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


def fill(database: Database, *pages: wire.SyncPage) -> Analytics:
    with database.write() as db:
        synced.restart(db, "https://music.example", ARTIST)
        for page in pages:
            synced.apply(db, page)
    return Analytics(database)


def paid_by(feed: Feed) -> Iterator[tuple[datetime, str, str | None, int]]:
    """Yield (moment, song or nothing, way, net) of all income; what a song got of a voucher comes off what has no song."""
    for row in feed.live.values():
        if isinstance(row, wire.PaymentRecord) and row.type != "reward":
            yield row.block_time, row.song_id or "", row.strategy, row.net
        elif isinstance(row, wire.VoucherSongRecord):
            yield row.block_time, row.song_id, "pay-per-stream", row.net
            yield row.block_time, "", "pay-per-stream", -row.net


class Counted:
    """The same history, counted by hand."""

    def __init__(self, feed: Feed, wanted: Filter, zone: Zone | None = None) -> None:
        self.songs = {row.song_id: row for (kind, _), row in feed.live.items() if kind == "song"}  # type: ignore[attr-defined]
        self.plays = []
        self.income: list[tuple[date, str, str, int]] = []
        for (kind, _key), row in feed.live.items():
            if kind == "play":
                number, listener, at, _paid = row  # type: ignore[misc]
                if self._in(SONGS[number], wanted) and (
                    not wanted.strategies or self.main(SONGS[number]) in wanted.strategies
                ):
                    self.plays.append((SONGS[number], listener, date_in(zone, datetime.fromtimestamp(at, UTC))))
        for at, song_id, strategy, net in paid_by(feed):
            layer = LAYER[strategy] if strategy else self.main(song_id)
            named = song_id or not (wanted.genres or wanted.songs)
            if named and self._in(song_id, wanted) and layer in (wanted.strategies or STRATEGIES):
                self.income.append((at.date(), song_id, layer, net))

    def main(self, song_id: str) -> str:
        row = self.songs.get(song_id)
        return LAYER[row.strategy] if row is not None else "gift"

    def _in(self, song_id: str, wanted: Filter) -> bool:
        row = self.songs.get(song_id)
        genre = row.genre if row is not None else ""
        return (not wanted.songs or song_id in wanted.songs) and (not wanted.genres or genre in wanted.genres)

    def listeners(self, first: date, last: date) -> set[int]:
        return {who for _song, who, day in self.plays if first <= day <= last}


FILTERS = st.builds(
    Filter,
    songs=st.frozensets(st.sampled_from(SONGS), max_size=2),
    genres=st.frozensets(st.sampled_from(("ambient", "folk", "")), max_size=1),
    strategies=st.frozensets(st.sampled_from(STRATEGIES), max_size=2),
)


@settings(max_examples=50)
@given(
    seed=st.integers(0, 2**32),
    first=st.integers(-5, 95),
    length=st.integers(0, 120),
    wanted=st.one_of(st.just(Filter()), FILTERS),
)
def test_every_figure_equals_a_count_by_hand(
    database: Database, seed: int, first: int, length: int, wanted: Filter
) -> None:
    feed = Feed(random.Random(seed)).grow(15).agree()
    analytics = fill(database, *feed.pages)
    period = Period((START + timedelta(days=first)).date(), (START + timedelta(days=first + length)).date())
    before = Period(period.first - timedelta(days=length + 1), period.first - timedelta(days=1))
    board = analytics.artist(Query(period, before, wanted))
    counted = Counted(feed, wanted)

    days = [period.first + timedelta(days=n) for n in range(length + 1)]
    per_day = Counter(day for _song, _who, day in counted.plays)
    seen = {who: min(day for _s, w, day in counted.plays if w == who) for _s, who, _d in counted.plays}
    assert board.days.plays == tuple(per_day[day] for day in days)
    assert board.days.listeners == tuple(len(counted.listeners(day, day)) for day in days)
    assert board.days.fresh == tuple(sum(day == known for known in seen.values()) for day in days)
    for layer in STRATEGIES:
        sums = tuple(sum(net for at, _s, way, net in counted.income if (at, way) == (day, layer)) for day in days)
        assert board.days.net[layer] == sums
    assert board.before is not None and board.days_before is not None
    for figures, span in ((board.figures, period), (board.before, before)):
        assert figures.plays == sum(n for day, n in per_day.items() if span.first <= day <= span.last)
        assert figures.net == sum(net for day, *_, net in counted.income if span.first <= day <= span.last)
        assert figures.listeners == len(counted.listeners(span.first, span.last))
        month = [span.last - timedelta(days=n) for n in (59, 30, 29)]
        earlier, later = counted.listeners(month[0], month[1]), counted.listeners(month[2], span.last)
        assert figures.returned == (len(earlier & later) * 10_000 // len(earlier) if earlier else None)

    def sums_of(key: str) -> tuple[int, int]:
        return (
            sum(s == key and period.first <= day <= period.last for s, _w, day in counted.plays),
            sum(net for day, s, _l, net in counted.income if s == key and period.first <= day <= period.last),
        )

    rows = {row.song_id: (row.plays, row.net) for row in board.songs}
    assert all(sums_of(key) == value for key, value in rows.items())
    assert {s for s, _w, day in counted.plays if period.first <= day <= period.last} <= rows.keys()
    assert board.song_count == len(rows)
    genres: dict[str, list[int]] = {}
    for key, (number, net) in rows.items():
        genre = counted.songs[key].genre if key in counted.songs else ""
        held = genres.setdefault(genre, [0, 0])
        held[0] += number
        held[1] += net
    assert {row.genre: [row.plays, row.net] for row in board.genres} == genres
    for cohort in board.cohorts:
        members = {who for who, day in seen.items() if month_of(day) == month_of(cohort.month)}
        assert cohort.size == len(members)
        for step, share in enumerate(cohort.returned, start=1):
            back = {who for _s, who, day in counted.plays if month_of(day) == month_of(cohort.month) + step}
            assert share == len(members & back) * 10_000 // cohort.size


@settings(max_examples=40)
@given(
    seed=st.integers(0, 2**32),
    name=st.sampled_from(
        ("Europe/Oslo", "America/New_York", "America/Havana", "Asia/Kathmandu", "Australia/Lord_Howe")
    ),
    first=st.integers(-5, 95),
    length=st.integers(0, 120),
    wanted=st.one_of(st.just(Filter()), FILTERS),
)
def test_days_of_a_zone_equal_a_count_by_hand_across_changes_of_clocks(
    database: Database, seed: int, name: str, first: int, length: int, wanted: Filter
) -> None:
    feed = Feed(random.Random(seed)).grow(15).agree()
    fill(database, *feed.pages)
    zone = Zone(name)
    analytics = Analytics(database, lambda: zone)
    info = ZoneInfo(name)
    utc = Counted(feed, wanted)
    plays_there, income = [], []
    for (kind, _key), row in feed.live.items():
        if kind == "play":
            number, who, at, _paid = row  # type: ignore[misc]
            main = utc.main(SONGS[number])
            if utc._in(SONGS[number], wanted) and (not wanted.strategies or main in wanted.strategies):
                plays_there.append((SONGS[number], who, datetime.fromtimestamp(at, info).date()))
    for moment, song_id, strategy, net in paid_by(feed):
        layer = LAYER[strategy] if strategy else utc.main(song_id)
        named = song_id or not (wanted.genres or wanted.songs)
        if named and utc._in(song_id, wanted) and layer in (wanted.strategies or STRATEGIES):
            income.append((moment.astimezone(info).date(), song_id, layer, net))
    period = Period((START + timedelta(days=first)).date(), (START + timedelta(days=first + length)).date())
    board = analytics.artist(
        Query(period, Period(period.first - timedelta(days=9), period.first - timedelta(days=1)), wanted)
    )
    days = [period.first + timedelta(days=n) for n in range(length + 1)]
    per_day = Counter(day for _song, _who, day in plays_there)
    begun = {who: min(day for _s, other, day in plays_there if other == who) for _s, who, _d in plays_there}
    assert board.days.plays == tuple(per_day[day] for day in days)
    assert board.days.listeners == tuple(len({who for _s, who, at in plays_there if at == day}) for day in days)
    assert board.days.fresh == tuple(sum(day == known for known in begun.values()) for day in days)
    for layer in STRATEGIES:
        assert board.days.net[layer] == tuple(
            sum(net for at, _s, way, net in income if (at, way) == (day, layer)) for day in days
        )
    inside = [row for row in plays_there if period.first <= row[2] <= period.last]
    assert board.figures.listeners == len({who for _s, who, _d in inside}) == analytics.heard(period, wanted).count
    assert board.figures.plays == len(inside)
    assert {row.song_id: row.plays for row in board.songs if row.plays} == dict(
        Counter(song_id for song_id, *_ in inside)
    )
    assert {row.song_id: row.net for row in board.songs if row.net} == {
        key: total
        for key in {s for _d, s, _w, _n in income if s}
        if (total := sum(net for at, s, _w, net in income if s == key and period.first <= at <= period.last))
    }
    assert analytics.behind(period, wanted).net == board.figures.net
    assert board.before is not None
    assert board.before.plays == sum(
        n for day, n in per_day.items() if period.first - timedelta(days=9) <= day < period.first
    )
    assert (board.zone, board.today) == (name, board.as_of.astimezone(info).date())


def test_before_the_first_sync_there_is_nothing_and_it_says_so(database: Database) -> None:
    analytics = Analytics(database)
    assert analytics.as_of() is None and analytics.first_day() is None
    with pytest.raises(NothingSynced):
        analytics.artist(Query(Period(date(2026, 1, 1), date(2026, 1, 2))))


def test_releases_and_auctions_stand_on_their_day(database: Database) -> None:
    auction = wire.AuctionRecord(
        7, 100, 9, START, "0x1", 2, 3, SONGS[0], 10**20, 10**18, START + timedelta(days=3), START + timedelta(days=4), 50, 4, 2, False
    )  # fmt: skip
    page = wire.SyncPage((song(1, SONGS[0], "auction"), auction), "c", False, START + timedelta(days=9))
    board = fill(database, page).artist(Query(Period(START.date(), START.date() + timedelta(days=5))))
    assert [(change.day, change.kind, change.strategy) for change in board.changes] == [
        (START.date(), ChangeKind.RELEASE, "auction"),
        (START.date() + timedelta(days=3), ChangeKind.AUCTION, "auction"),
    ]


def test_a_song_came_out_when_it_was_registered_on_chain_however_late_the_platform_learned_of_it(
    database: Database,
) -> None:
    terms = (TermsAt(START + timedelta(days=1), ("pay-per-stream",), 10**16),)
    late = replace(song(1, SONGS[0]), history=terms, created_at=START + timedelta(days=30))
    analytics = fill(database, wire.SyncPage((late,), "c", False, START + timedelta(days=50)))
    for first, last, days in ((0, 5, [1]), (29, 40, [])):
        board = analytics.artist(
            Query(Period(START.date() + timedelta(days=first), START.date() + timedelta(days=last)))
        )
        assert [(change.day - START.date()).days for change in board.changes] == days


def test_changes_of_price_and_of_ways_to_earn_stand_on_their_day(database: Database) -> None:
    terms = (
        TermsAt(START - timedelta(days=9), ("pay-per-stream",), 10**16),
        TermsAt(START + timedelta(days=1), ("pay-per-stream", "patronage"), 10**16),
        TermsAt(START + timedelta(days=2), ("patronage",), 2 * 10**16),
        TermsAt(START + timedelta(days=40), ("auction",), 2 * 10**16),
    )
    changed = replace(song(1, SONGS[0], "patronage"), history=terms, created_at=START - timedelta(days=9))
    page = wire.SyncPage((changed, song(2, SONGS[1])), "c", False, START + timedelta(days=50))
    first = START.date()
    analytics = fill(database, page)
    board = analytics.artist(
        Query(Period(first, first + timedelta(days=5)), filter=Filter(songs=frozenset({SONGS[0]})))
    )
    day, following = first + timedelta(days=1), first + timedelta(days=2)
    assert board.changes == (
        Change(day, ChangeKind.STRATEGY, "Song 1", "patronage", SONGS[0]),
        Change(following, ChangeKind.STRATEGY, "Song 1", "", SONGS[0], ended=("stream",)),
        Change(following, ChangeKind.PRICE, "Song 1", "patronage", SONGS[0], price=(10**16, 2 * 10**16)),
    )
    later = analytics.artist(Query(Period(first + timedelta(days=40), first + timedelta(days=40))))
    assert [(change.strategy, change.ended) for change in later.changes] == [("auction", ("patronage",))]


def test_a_song_deleted_on_the_platform_keeps_its_history(database: Database) -> None:
    page = wire.SyncPage(
        (song(1, SONGS[0]), plays([(1, 0, 0, int(START.timestamp()))]), payment(1, START, 5)), "c", True, START
    )
    gone = wire.SyncPage((replace(song(1, SONGS[0]), deleted=True),), "d", False, START + timedelta(days=1))
    analytics = fill(database, page, gone)
    board = analytics.artist(Query(Period(START.date(), START.date())))
    assert [(row.title, row.plays, row.net) for row in board.songs] == [("Song 1", 1, 5)]
    assert (SONGS[0], "Song 1") in analytics.parts().songs


def test_patrons_are_those_paid_up_at_the_end_of_the_period(database: Database) -> None:
    def patron(key: int, days: int) -> wire.SubscriptionRecord:
        return wire.SubscriptionRecord(
            key, 100, 9, START, "0x1", 2, SONGS[0], LISTENERS[key], START, START + timedelta(days=days), 10**18, 1, True, "subscribed", ""
        )  # fmt: skip

    page = wire.SyncPage((patron(1, 10), patron(2, 30)), "c", False, START + timedelta(days=60))
    analytics = fill(database, page)
    first = START.date()
    counts = [analytics.artist(Query(Period(first, first + timedelta(days=n)))).figures.patrons for n in (5, 20, 40)]
    assert counts == [2, 1, 0]


SUBSCRIPTIONS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.integers(-10 * 86_400, 40 * 86_400), st.integers(0, 30 * 86_400)), max_size=12
)  # fmt: skip


@settings(max_examples=30)
@given(rows=SUBSCRIPTIONS, wanted=st.sampled_from([Filter(), Filter(songs=frozenset({SONGS[0]}))]))
def test_patrons_of_each_day_are_those_paid_up_at_its_end(
    database: Database, rows: list[tuple[int, int, int, int]], wanted: Filter
) -> None:
    records = [
        wire.SubscriptionRecord(
            key, 100, 9, START, "0x1", 2, SONGS[number], LISTENERS[who], START + timedelta(seconds=since),
            START + timedelta(seconds=since + lasts), 10**18, 1, True, "subscribed", "",
        )
        for key, (who, number, since, lasts) in enumerate(rows, start=1)
    ]  # fmt: skip
    as_of = START + timedelta(days=25, hours=7)
    analytics = fill(database, wire.SyncPage((song(1, SONGS[0]), *records), "c", False, as_of))
    period = Period(START.date(), START.date() + timedelta(days=30))
    board = analytics.artist(Query(period, filter=wanted))
    for number, found in enumerate(board.patron_days):
        end = min(START + timedelta(days=number + 1, seconds=-1), as_of)
        there = {
            r.patron
            for r in records
            if r.started_at <= end < r.paid_through and (not wanted.songs or r.song_id in wanted.songs)
        }
        assert found == len(there), number
    assert board.patron_days[-1] == board.figures.patrons == len({p.address for p in analytics.patrons(period, wanted)})


@settings(max_examples=25)
@given(seed=st.integers(0, 2**32), first=st.integers(-5, 60), length=st.integers(0, 60), wanted=FILTERS)
def test_the_people_behind_a_mark_are_those_who_listened(
    database: Database, seed: int, first: int, length: int, wanted: Filter
) -> None:
    feed = Feed(random.Random(seed)).grow(15)
    analytics = fill(database, *feed.pages)
    period = Period((START + timedelta(days=first)).date(), (START + timedelta(days=first + length)).date())
    plays_there = [(who, day) for _song, who, day in Counted(feed, wanted).plays]
    within = Counter(LISTENERS[who] for who, day in plays_there if period.first <= day <= period.last)
    begun = {LISTENERS[who]: min(day for other, day in plays_there if other == who) for who, _day in plays_there}
    heard = analytics.heard(period, wanted)
    assert {each.address: each.plays for each in heard.people} == dict(within) and heard.count == len(within)
    assert all(each.first == begun[each.address] for each in heard.people)
    board = analytics.artist(Query(period, filter=wanted))
    assert heard.count == board.figures.listeners
    for cohort in board.cohorts:
        for step, share in enumerate((10_000, *cohort.returned)):
            assert analytics.cohort(cohort.month, step, wanted).count * 10_000 // cohort.size == share


@settings(max_examples=25)
@given(
    seed=st.integers(0, 2**32),
    as_of=st.integers(20, 130),
    name=st.sampled_from(("UTC", "Europe/Oslo", "Pacific/Apia", "America/Los_Angeles")),
)
def test_groups_of_listeners_equal_a_count_by_hand(database: Database, seed: int, as_of: int, name: str) -> None:
    feed = Feed(random.Random(seed)).grow(20)
    moment = START + timedelta(days=as_of, hours=3)
    zone = zone_of(name)
    analytics = Analytics(fill(database, *(replace(page, as_of=moment) for page in feed.pages)).database, lambda: zone)
    today = date_in(zone, moment)
    heard: dict[str, set[date]] = {}
    for _song, who, day in Counted(feed, Filter(), zone).plays:
        heard.setdefault(LISTENERS[who], set()).add(day)
    expected: dict[str, dict[str, int]] = {"loyal": {}, "fresh": {}, "back": {}, "lapsed": {}}
    for who, days in heard.items():
        near = {day for day in days if 0 <= (today - day).days < 90}
        if near:
            stretches = {(today - day).days // 30 for day in near}
            if (today - min(days)).days < 30:
                name = "fresh"
            elif 0 not in stretches:
                name = "lapsed"
            else:
                name = "loyal" if len(stretches) == 3 else "back"
            expected[name][who] = len(near)
    found = analytics.groups()
    for name, people in expected.items():
        group = getattr(found, name)
        assert {each.address: each.days for each in group.people} == people and group.count == len(people)


def test_patrons_whose_time_ends_soon_or_who_are_in_grace_are_named(database: Database) -> None:
    now = START + timedelta(days=60)

    def patron(key: int, ends: timedelta) -> wire.SubscriptionRecord:
        return wire.SubscriptionRecord(
            key, 100, 9, START, "0x1", 2, SONGS[0], LISTENERS[key], START, now + ends, 10**18, 1, True, "subscribed", ""
        )  # fmt: skip

    ends = {
        1: timedelta(days=8),
        2: timedelta(days=6),
        3: timedelta(days=-6),
        4: timedelta(days=-8),
        5: timedelta(seconds=1),
    }
    page = wire.SyncPage(tuple(patron(key, each) for key, each in ends.items()), "c", False, now)
    group = fill(database, page).groups().ending
    assert [each.address for each in group.people] == [LISTENERS[key] for key in (3, 5, 2)] and group.count == 3


def test_first_day_is_that_of_the_first_play_or_payment(database: Database) -> None:
    early = payment(1, START - timedelta(days=3), 5)
    page = wire.SyncPage((plays([(1, 0, 0, int(START.timestamp()))]), early), "c", False, START)
    assert fill(database, page).first_day() == (START - timedelta(days=3)).date()

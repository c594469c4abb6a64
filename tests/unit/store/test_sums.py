"""Sums kept by months: any range of days or months equals a count by hand, however late or often something comes or goes."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain.metrics import day_of
from mycelix_studio.store import figures, rollups, song_sums, synced
from mycelix_studio.store.day_sums import DaySums
from mycelix_studio.store.figures import Chosen
from mycelix_studio.store.migrations import open_database
from tests.unit.store.feeds import ARTIST

FIRST, LAST = day_of(date(2023, 11, 20)), day_of(date(2026, 3, 10))
SUMS = DaySums("sums", ("count", "much"))
DAYS = st.integers(FIRST, LAST)


@pytest.fixture
def db() -> Iterator[sqlite3.Connection]:
    opened = sqlite3.connect(":memory:", isolation_level=None)
    opened.execute(SUMS.schema)
    opened.execute(song_sums.SCHEMA)
    yield opened
    opened.close()


@given(
    changes=st.lists(st.tuples(DAYS, st.integers(1, 5), st.integers(-(2**40), 2**40)), max_size=30),
    first=DAYS,
    length=st.integers(0, 900),
)
def test_days_and_their_sums_equal_a_count_by_hand_and_leave_nothing_behind(
    db: sqlite3.Connection, changes: list[tuple[int, int, int]], first: int, length: int
) -> None:
    db.execute("DELETE FROM sums")
    counted: dict[int, list[int]] = {}
    for day, *values in changes:
        SUMS.add(db, {day: values})
        held = counted.setdefault(day, [0, 0])
        held[:] = [one + other for one, other in zip(held, values, strict=True)]
    rows = [counted.get(day, [0, 0]) for day in range(first, first + length + 1)]
    assert SUMS.read(db, first, first + length) == tuple(zip(*rows, strict=True))
    assert SUMS.total(db, first, first + length) == tuple(sum(column) for column in zip(*rows, strict=True))
    assert SUMS.days(db) == sorted(counted)
    assert SUMS.first(db) == min(counted, default=None)
    SUMS.add(db, {day: [-value for value in values] for day, values in counted.items()})
    assert db.execute("SELECT * FROM sums").fetchall() == []


@given(
    changes=st.lists(
        st.tuples(st.integers(24_280, 24_300), st.integers(0, 4), st.integers(1, 9), st.integers(-50, 50)), max_size=30
    ),
    first=st.integers(24_275, 24_305),
    length=st.integers(0, 30),
)
def test_songs_of_any_months_equal_a_count_by_hand_and_leave_nothing_behind(
    db: sqlite3.Connection, changes: list[tuple[int, int, int, int]], first: int, length: int
) -> None:
    db.execute(f"DELETE FROM {song_sums.TABLE}")
    counted: dict[tuple[int, int], list[int]] = {}
    for month, song, plays, gwei in changes:
        song_sums.fold(db, [(month, song, (plays, 0, gwei, 1))])
        held = counted.setdefault((month, song), [0, 0, 0])
        held[:] = [one + other for one, other in zip(held, (plays, gwei, 1), strict=True)]
    wanted: dict[int, tuple[int, ...]] = {}
    for (month, song), values in counted.items():
        if first <= month <= first + length:
            wanted[song] = tuple(a + b for a, b in zip(wanted.get(song, (0, 0, 0)), values, strict=True))
    found = song_sums.between(db, first, first + length)
    assert {song: sums for song, sums in found.items() if sums[0]} == wanted
    kept = [(month, song, (n, 0, gwei, rem)) for (month, song), (n, gwei, rem) in sorted(counted.items())]
    assert list(song_sums.rows(db)) == kept
    early, late = kept[: len(kept) // 2], kept[len(kept) // 2 :]
    for gone, stays in ((late, early), (early, [])):
        song_sums.fold(db, [(month, song, (-n, 0, -gwei, -rem)) for month, song, (n, _none, gwei, rem) in gone])
        left = {row[0] for row in db.execute(f"SELECT month FROM {song_sums.TABLE}")}
        assert left == {month for month, _song, _sums in stays}


def test_sums_beyond_64_bits_are_refused(db: sqlite3.Connection) -> None:
    SUMS.add(db, {FIRST: (1, 2**63 - 1)})
    with pytest.raises(OverflowError):
        SUMS.add(db, {FIRST: (1, 1)})
    song_sums.fold(db, [(24_280, 1, (1, 1, 2**63 - 1, 0))])
    with pytest.raises(OverflowError):
        song_sums.fold(db, [(24_279, 1, (1, 1, 1, 0))])


def test_the_last_month_there_can_be_is_a_month_like_others(db: sqlite3.Connection) -> None:
    day = day_of(date.max)
    SUMS.add(db, {day: (1, 7)})
    assert SUMS.read(db, day - 40, day)[1] == (*(0,) * 40, 7)
    assert SUMS.days(db) == [day]
    assert SUMS.first(db) == day


@settings(max_examples=5)
@given(seed=st.integers(0, 2**32), late=st.integers(0, 400))
def test_listeners_of_any_days_of_years_are_each_counted_once(
    tmp_path_factory: pytest.TempPathFactory, seed: int, late: int
) -> None:
    import numpy as np

    rng = random.Random(seed)
    heard = [(rng.randint(1, 60), rng.randint(FIRST + late, LAST)) for _ in range(900)]
    database = open_database(tmp_path_factory.mktemp("years") / "studio.sqlite")
    try:
        with database.write() as db:
            synced.begin(db, "https://music.example", ARTIST)
            listener, day = (np.array(column) for column in zip(*heard, strict=True))
            rollups.fold_plays(db, np.ones_like(day), listener, day, np.ones_like(day))
        ranges = [(min(day for _who, day in heard), max(day for _who, day in heard)), (FIRST - 400, LAST + 400)]
        for _ in range(400):
            first = rng.randint(FIRST - 40, LAST + 40)
            ranges.append((first, first + rng.choice((0, 6, 29, 59, 364, 700))))
        for first, last in ranges:
            people = {who for who, day in heard if first <= day <= last}
            assert figures.unique_listeners(database.read(), first, last, Chosen()) == len(people), (first, last)
    finally:
        database.close()

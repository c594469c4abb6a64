"""The kept queue: exact prices, order, and what becomes of it at a start."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain.upload import Step, UploadState
from mycelix_studio.store import uploads
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database
from mycelix_studio.store.uploads import NewUpload, Why

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


def new(number: int, price: int | None = None) -> NewUpload:
    return NewUpload(
        number,
        Path(f"/music/{number}.flac"),
        f"Song {number}",
        "Ada Lark",
        "FLAC",
        "",
        1_000,
        7,
        "pay-per-stream",
        price,
    )


def fill(database: Database, count: int) -> list[int]:
    with database.write() as db:
        db.execute("PRAGMA defer_foreign_keys = ON")
        for number in range(1, count + 1):
            db.execute(
                "INSERT OR IGNORE INTO track (id, path, size, mtime_ns, added_at, family, container, codec, duration_ms, sample_rate, bits,"
                " channels, bitrate, fields, title, artist, album, genre, date, isrc, search)"
                " VALUES (?, ?, 1000, 7, 0, 'vorbis', 'FLAC', 'flac', 1000, 44100, 16, 2, 0, '{}', ?, '', '', '', '', '', '')",
                (number, f"/music/{number}.flac", f"Song {number}"),
            )
        return uploads.add(db, [new(number) for number in range(1, count + 1)], NOON)


def order(database: Database) -> list[int]:
    return [row.id for row in uploads.queue(database.read(), 0)]


@pytest.mark.parametrize("price", [None, 0, 1, 10**16, 2**70 + 3])
def test_a_price_is_kept_to_the_wei(database: Database, price: int | None) -> None:
    fill(database, 1)
    with database.write() as db:
        (number,) = uploads.add(db, [new(1, price)], NOON)
    row = uploads.get(database.read(), number)
    assert row is not None
    assert row.price == price


def test_a_track_taken_off_the_list_leaves_its_upload_with_its_words(database: Database) -> None:
    (number,) = fill(database, 1)
    with database.write() as db:
        db.execute("DELETE FROM track")
    row = uploads.get(database.read(), number)
    assert row is not None
    assert (row.track_id, row.title, row.artist) == (None, "Song 1", "Ada Lark")


def test_at_a_start_what_was_under_way_waits_and_what_somebody_left_stays(database: Database) -> None:
    ids = fill(database, 7)
    with database.write() as db:
        for number, state in zip(ids, UploadState, strict=True):
            uploads.set_state(db, number, state, NOON, step=Step.SEND, why=Why("Why", "Because.", "Do.", ""))
        assert uploads.recover(db, NOON) == 3
    states = {row.id: row.state for row in uploads.queue(database.read(), 9)}
    assert [states[number] for number in ids] == [UploadState.WAITING] * 3 + list(UploadState)[3:]


def test_uploads_go_on_that_waited_for_the_same_thing(database: Database) -> None:
    first, second, third = fill(database, 3)
    with database.write() as db:
        for number, waits_for in ((first, "sign-in"), (second, "details"), (third, "")):
            uploads.set_state(db, number, UploadState.NEEDS_YOU, NOON, why=Why("Why", "", "", waits_for))
        assert uploads.release(db, "sign-in", NOON) == 1
    assert uploads.next_waiting(database.read(), ()) == first
    assert uploads.next_waiting(database.read(), (first,)) is None


def test_moving_keeps_the_order_of_what_moves(database: Database) -> None:
    a, b, c, d = fill(database, 4)

    def move(ids: list[int], step: int | None) -> list[int]:
        with database.write() as db:
            uploads.move(db, ids, step)
        return order(database)

    assert move([d], None) == [d, a, b, c]
    assert move([d], 1) == [a, d, b, c]
    assert move([b, c], -1) == [a, b, c, d]
    assert move([a, b], -1) == [a, b, c, d]
    assert move([a, b], 1) == [c, a, b, d]
    assert move([b, d], 1) == [c, a, b, d] or order(database)[-1] == d
    assert move([99], -1) == order(database)


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sets(st.integers(1, 6)), st.sampled_from([-2, -1, 1, 2, None])), max_size=12))
def test_moving_never_loses_or_doubles_an_upload(
    tmp_path_factory: pytest.TempPathFactory, moves: list[tuple[set[int], int | None]]
) -> None:
    database = open_database(tmp_path_factory.mktemp("queue") / "studio.sqlite")
    try:
        ids = fill(database, 6)
        for chosen, step in moves:
            before = [each for each in order(database) if each in chosen]
            with database.write() as db:
                uploads.move(db, chosen, step)
            assert sorted(order(database)) == ids
            assert [each for each in order(database) if each in chosen] == before
    finally:
        database.close()

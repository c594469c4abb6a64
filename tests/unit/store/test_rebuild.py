"""A damaged cache is put together again: nothing a person made is lost where it can be read, and the platform's rows come anew."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mycelix_studio.errors import Cancelled
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.store import address_book, drafts, outbox, rebuild, sync_state, synced
from mycelix_studio.store.connection import CacheDamaged, Database, suspect_marker
from mycelix_studio.store.migrations import open_database
from tests.unit.store.feeds import ARTIST, LISTENERS, START, Feed

NOON = datetime(2026, 6, 14, 12, tzinfo=UTC)


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    return Paths.under(tmp_path)


@pytest.fixture
def filled(paths: Paths) -> Iterator[Path]:
    """A closed cache with drafts, names, an outbox and many synced rows."""
    database = open_database(paths.database)
    with database.write() as db:
        for number in range(300):
            drafts.save(
                db,
                f"song:{number}",
                title=f"Song {number}",
                body='{"p": "' + "x" * 200 + '"}',
                changed_at=NOON,
                due_at=None,
            )
            outbox.put(db, "edit", '{"n": 1}', subject="", title=f"Edit {number}", at=NOON)
        for number, address in enumerate(LISTENERS):
            address_book.save(db, address, f"Person {number}", note="", confirmed=True, added_at=0)
        synced.begin(db, "https://music.example", ARTIST)
        for page in Feed(random.Random(1)).grow(100).pages:
            synced.apply(db, page)
        db.execute("DELETE FROM outbox WHERE id = 300")
    database.close()
    return paths.database


def made_by_a_person(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with sqlite3.connect(path) as db:
        tables = [
            row[0]
            for row in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
        ]
        found = {
            table: sorted(db.execute(f"SELECT * FROM {table}").fetchall())
            for table in tables
            if table not in rebuild.FETCHED
        }
    db.close()
    return found


def pages_of(path: Path, table: str) -> list[int]:
    """Return the pages of a table, but for its first."""
    with sqlite3.connect(path) as db:
        try:
            found = [row[0] for row in db.execute("SELECT pageno FROM dbstat WHERE name = ?", (table,))]
        except sqlite3.OperationalError:
            found = []
        size = db.execute("PRAGMA page_size").fetchone()[0]
        root = db.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchone()[0]
    db.close()
    return [page * size for page in found if page != root] or [root * size]


def damage(path: Path, offset: int, size: int = 4096) -> None:
    with path.open("r+b") as file:
        file.seek(offset - size if offset else 0)
        file.write(b"\xde\xad\xbe\xef" * (size // 4))


def test_damage_in_the_platforms_rows_costs_nothing_a_person_made(paths: Paths, filled: Path) -> None:
    before = made_by_a_person(filled)
    damage(filled, pages_of(filled, "play")[0])
    assert not rebuild.is_sound(filled)
    suspect_marker(filled).touch()
    studio = open_studio(paths)
    try:
        assert studio.rebuilt is not None and studio.rebuilt.whole
        assert studio.rebuilt.aside.exists()
        assert studio.database.check() == []
        assert sync_state.state(studio.database.read()) == sync_state.SyncState(), "the next sync fetches everything"
        assert not suspect_marker(filled).exists()
        with studio.database.write() as db:
            number = outbox.put(db, "edit", "{}", subject="", title="New", at=NOON)
            assert number == 301, "a number that was given once is not given again"
            db.execute("DELETE FROM outbox WHERE id = 301")
    finally:
        studio.close()
    assert made_by_a_person(filled) == before


def test_damage_in_what_a_person_made_costs_only_the_rows_in_it(paths: Paths, filled: Path) -> None:
    before = made_by_a_person(filled)
    pages = pages_of(filled, "draft")
    damage(filled, pages[len(pages) // 2])
    report = rebuild.rebuild(filled, NOON)
    after = made_by_a_person(filled)
    assert not report.whole and list(report.lost) == ["draft"]
    assert set(after["draft"]) < set(before["draft"])
    assert {name: rows for name, rows in after.items() if name != "draft"} == {
        name: rows for name, rows in before.items() if name != "draft"
    }


@pytest.mark.parametrize("where", ["draft", "head"])
def test_a_copy_kept_aside_fills_what_cannot_be_read(paths: Paths, filled: Path, where: str) -> None:
    before = made_by_a_person(filled)
    database = open_database(filled)
    assert rebuild.keep_copy(database, datetime.now(UTC))
    assert not rebuild.keep_copy(database, datetime.now(UTC)), "one a day is enough"
    database.close()
    pages = pages_of(filled, "draft")
    damage(filled, 0 if where == "head" else pages[len(pages) // 2])
    report = rebuild.rebuild(filled, NOON)
    assert not report.whole and report.from_copy["draft"] > 0
    assert made_by_a_person(filled) == before


def test_a_file_without_its_head_is_set_aside_and_studio_opens(paths: Paths, filled: Path) -> None:
    damage(filled, 0)
    studio = open_studio(paths)
    try:
        assert studio.rebuilt is not None
        assert studio.rebuilt.aside.read_bytes()[:4] == b"\xde\xad\xbe\xef"
        assert studio.database.check() == []
    finally:
        studio.close()


def test_a_sound_file_under_suspicion_is_left_alone(paths: Paths, filled: Path) -> None:
    suspect_marker(filled).touch()
    studio = open_studio(paths)
    assert studio.rebuilt is None
    assert sync_state.state(studio.database.read()).account == ARTIST
    studio.close()
    assert not suspect_marker(filled).exists()


def test_damage_met_while_running_is_said_and_remembered_for_the_next_start(filled: Path) -> None:
    damage(filled, pages_of(filled, "listener_day")[0])
    database = Database(filled)
    try:
        with pytest.raises(CacheDamaged), database.write() as db:
            db.execute("UPDATE listener_day SET n = n + 1")
        with pytest.raises(CacheDamaged), database.snapshot() as db:
            db.execute("SELECT sum(n) FROM listener_day").fetchone()
    finally:
        database.close()
    assert suspect_marker(filled).exists()


@pytest.mark.parametrize("done", ["log", "file"])
def test_a_stop_while_files_are_exchanged_is_finished_at_the_next_start(paths: Paths, filled: Path, done: str) -> None:
    before = made_by_a_person(filled)
    copy = filled.read_bytes()
    rebuild.rebuild(filled, NOON)
    # As it was when the program stopped in the middle: the new file is complete, and perhaps the old one gone already.
    filled.rename(filled.with_name(f"{filled.name}.rebuilt"))
    if done == "log":
        filled.write_bytes(copy)
    studio = open_studio(paths)
    studio.close()
    assert made_by_a_person(filled) == before


def test_a_sync_after_a_rebuild_brings_the_same_rows(paths: Paths, filled: Path) -> None:
    feed = Feed(random.Random(1)).grow(100)
    damage(filled, pages_of(filled, "song_day")[0])
    rebuild.rebuild(filled, START)
    database = open_database(filled)
    try:
        with database.write() as db:
            synced.begin(db, "https://music.example", ARTIST)
            for page in feed.pages:
                synced.apply(db, page)
        rebuilt = synced.digest(database.read())
        with database.write() as db:
            synced.restart(db, "https://music.example", ARTIST)
            for page in feed.pages:
                synced.apply(db, page)
        assert synced.digest(database.read()) == rebuilt
    finally:
        database.close()


def test_the_check_stops_when_asked_to(filled: Path) -> None:
    with sqlite3.connect(filled) as db:
        db.execute("CREATE TABLE much (x INTEGER)")
        db.executemany("INSERT INTO much VALUES (?)", ((number,) for number in range(100_000)))
    db.close()
    asked: list[bool] = []

    def stopped() -> bool:
        asked.append(True)
        return True

    with pytest.raises(Cancelled):
        rebuild.is_sound(filled, stopped)
    assert asked and rebuild.is_sound(filled)


def test_a_suspect_cache_is_left_alone_when_told_to(paths: Paths, filled: Path) -> None:
    suspect_marker(filled).touch()
    with pytest.raises(CacheDamaged):
        open_studio(paths, look_over=False, mend=None)
    assert suspect_marker(filled).exists()
    filled.write_bytes(b"no database at all, but long enough to be looked at")
    suspect_marker(filled).unlink()
    with pytest.raises(CacheDamaged):
        open_studio(paths, look_over=False, mend=None)
    assert suspect_marker(filled).exists()

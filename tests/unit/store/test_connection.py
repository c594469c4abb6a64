from __future__ import annotations

import contextlib
import sqlite3
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.store import migrations
from mycelix_studio.store.connection import CacheUnusable, Database
from mycelix_studio.store.migrations import CacheTooNew, open_database


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    database = Database(tmp_path / "cache.sqlite")
    with database.write() as writer:
        writer.execute("CREATE TABLE counter (n INTEGER NOT NULL) STRICT")
        writer.execute("INSERT INTO counter VALUES (0)")
    yield database
    database.close()


def test_read_then_write_from_several_connections_never_meets_a_lock(db: Database) -> None:
    others = [Database(db.path) for _ in range(4)]

    def add(database: Database) -> None:
        for _ in range(50):
            with database.write() as writer:
                (n,) = writer.execute("SELECT n FROM counter").fetchone()
                writer.execute("UPDATE counter SET n = ?", (n + 1,))

    threads = [threading.Thread(target=add, args=(other,)) for other in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert db.read().execute("SELECT n FROM counter").fetchone()[0] == 200
    for other in others:
        other.close()


def test_an_error_inside_a_write_keeps_nothing_of_it(db: Database) -> None:
    with pytest.raises(RuntimeError), db.write() as writer:
        writer.execute("UPDATE counter SET n = 9")
        raise RuntimeError
    assert db.read().execute("SELECT n FROM counter").fetchone()[0] == 0


def test_an_inner_write_joins_the_outer_one(db: Database) -> None:
    with pytest.raises(RuntimeError), db.write():
        with db.write() as inner:
            inner.execute("UPDATE counter SET n = 9")
        raise RuntimeError
    assert db.read().execute("SELECT n FROM counter").fetchone()[0] == 0


def test_readers_cannot_write(db: Database) -> None:
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        db.read().execute("UPDATE counter SET n = 1")


def test_a_full_disk_keeps_the_cache_and_says_so(db: Database) -> None:
    with db.write() as writer:
        writer.execute("CREATE TABLE big (b BLOB) STRICT")
    pages = db._writer.execute("PRAGMA page_count").fetchone()[0]
    db._writer.execute(f"PRAGMA max_page_count = {pages + 2}")
    with pytest.raises(CacheUnusable) as caught, db.write() as writer:
        writer.execute("INSERT INTO big VALUES (zeroblob(1000000))")
    assert "full" in caught.value.message
    assert db.check() == []


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_removed_while_running_is_noticed_before_anything_is_lost(db: Database, replaced: bool) -> None:
    aside = db.path.with_suffix(".aside")
    db.path.rename(aside)
    if replaced:
        db.path.write_bytes(aside.read_bytes())
    with pytest.raises(CacheUnusable, match="moved or removed"), db.write() as connection:
        connection.execute("UPDATE counter SET n = 7")
    aside.replace(db.path)
    with db.write() as connection:
        connection.execute("UPDATE counter SET n = 8")
    assert db.read().execute("SELECT n FROM counter").fetchone()[0] == 8


def test_a_file_that_is_no_database_is_refused_in_words(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    path.write_bytes(b"this is not a database at all" * 100)
    with pytest.raises(CacheUnusable, match="damaged"):
        Database(path)


def test_a_cache_of_a_newer_version_is_refused_and_untouched(tmp_path: Path) -> None:
    path = tmp_path / "cache.sqlite"
    open_database(path).close()
    with sqlite3.connect(path) as raw:
        raw.execute("PRAGMA user_version = 999")
    raw.close()
    before = path.read_bytes()
    with pytest.raises(CacheTooNew, match="newer"):
        open_database(path)
    assert path.read_bytes() == before


def test_a_step_that_fails_leaves_the_version_before_and_a_backup(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "cache.sqlite"
    open_database(path).close()

    def broken(db: sqlite3.Connection) -> None:
        db.execute("CREATE TABLE half (x INTEGER) STRICT")
        raise RuntimeError("power")

    known = migrations.newest()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, broken))
    with pytest.raises(RuntimeError, match="power"):
        open_database(path)
    assert path.with_name(f"cache.sqlite.v{known}.bak").is_file()
    monkeypatch.undo()
    database = open_database(path)
    assert database.read().execute("SELECT count(*) FROM sqlite_master WHERE name = 'half'").fetchone()[0] == 0
    database.close()


def test_a_new_file_runs_no_step_and_an_older_one_each_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, new = tmp_path / "old.sqlite", tmp_path / "new.sqlite"
    open_database(old).close()

    def colour(db: sqlite3.Connection) -> None:
        db.execute("ALTER TABLE address_book ADD COLUMN colour TEXT NOT NULL DEFAULT ''")

    known = migrations.newest()
    monkeypatch.setattr(migrations, "MIGRATIONS", (*migrations.MIGRATIONS, colour))
    for path in (old, old, new):
        database = open_database(path)
        assert migrations.version(database) == known + 1
        database.close()
    assert _shape(old) - _shape(new) == {("address_book", "colour", "TEXT", 1, "''", 0)}
    assert _shape(new) - _shape(old) == set()


def test_every_version_there_was_is_kept_frozen_and_comes_to_what_a_new_file_is(tmp_path: Path) -> None:
    frozen = Path(__file__).parents[2] / "fixtures" / "db"
    files = sorted(frozen.glob("*.sqlite"))
    assert [file.name for file in files] == [f"v{number:03d}.sqlite" for number in range(1, migrations.newest())]
    new = tmp_path / "new.sqlite"
    open_database(new).close()
    for file in files:
        path = tmp_path / file.name
        path.write_bytes(file.read_bytes())
        open_database(path).close()
        assert _shape(path) == _shape(new), file.name


def _shape(path: Path) -> set[tuple[str, str, str, int, str | None, int]]:
    """Return every column there is: table, name, type, whether it must be set, default, place in the primary key."""
    with contextlib.closing(sqlite3.connect(path)) as raw:
        tables = [name for (name,) in raw.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {(table, *row[1:]) for table in tables for row in raw.execute(f"PRAGMA table_info({table})")}


def test_a_script_is_split_at_statements_and_triggers_stay_whole() -> None:
    script = "CREATE TABLE a (x);\nCREATE TRIGGER t AFTER INSERT ON a BEGIN\n UPDATE a SET x = 1;\nEND;\nCREATE INDEX i ON a (x)"
    assert len(migrations._statements(script)) == 3

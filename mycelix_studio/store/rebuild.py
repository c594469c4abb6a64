"""Puts a damaged cache together again: what the person made is carried over row by row, what the platform sent is fetched anew.

The damaged file is never written and never deleted: it is set aside under another name.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from mycelix_studio.errors import Cancelled
from mycelix_studio.files import sync_folder
from mycelix_studio.store import chain_logs, seal, synced
from mycelix_studio.store.connection import CacheDamaged, Database, rebuilt_beside, suspect_marker
from mycelix_studio.store.migrations import open_database

FETCHED: Final = frozenset({*synced.TABLES, *chain_logs.TABLES, "song_ref", "party", "sync_state"})
"""Tables that the platform or the chain fills again."""

COPY_SECONDS: Final = 86_400.0
_STEPS: Final = 100_000
"""Steps of SQLite's machine, a millisecond or two, from one question whether the check should stop to the next."""


@dataclass(slots=True)
class Rebuilt:
    """What became of a damaged cache.

    Attributes:
        kept: Rows carried over, by table.
        lost: Rows that could not be read, at least this many, by table.
        from_copy: Rows of these tables that the copy kept aside had and the damaged file did not give.
        aside: Where the damaged file lies now.
        pages: Pages of it that had changed on the disk by themselves.
        exact: All of them could be put right, so that nothing is lost and nothing has to be fetched anew.
    """

    aside: Path
    kept: dict[str, int] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    from_copy: dict[str, int] = field(default_factory=dict)
    pages: int = 0
    exact: bool = False

    @property
    def whole(self) -> bool:
        """True when nothing the person made was lost."""
        return not self.lost


def is_sound(path: Path, stopped: Callable[[], bool] = lambda: False) -> bool:
    """Tell whether a file passes SQLite's own check, seconds for a large one; one that does not exist is sound.

    Raises:
        Cancelled: ``stopped`` said so meanwhile.
    """
    if not path.exists():
        return True
    try:
        with contextlib.closing(_open(path)) as db:
            db.set_progress_handler(stopped, _STEPS)
            return [row[0] for row in db.execute("PRAGMA quick_check")] == ["ok"]
    except sqlite3.DatabaseError as error:
        if stopped():
            raise Cancelled from error
        if getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF in (
            sqlite3.SQLITE_CORRUPT,
            sqlite3.SQLITE_NOTADB,
        ):
            return False
        raise


def damaged_pages(path: Path) -> list[int]:
    """Return the pages of a closed file that changed on the disk by themselves: found now, or by the run before while it was open.

    Raises:
        OSError: The file cannot be read.
    """
    with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
        named = json.loads(suspect_marker(path).read_text())["pages"]
        return [int(number) for number in named]
    known = seal.read(path)
    return seal.damaged_pages(path, known) if known is not None and known.of(path) else []


def rebuild(path: Path, at: datetime, pages: Sequence[int] = ()) -> Rebuilt:
    """Make the cache anew from what can be read of the damaged one. Nobody may have it open.

    ``pages`` of the file are not to be believed, whatever can be read there: see :mod:`mycelix_studio.store.seal`.

    A stop at any moment loses nothing: the next :func:`finish` or :func:`rebuild` goes on.

    Raises:
        CacheUnusable: The new file cannot be written; everything is as it was.
        OSError: Likewise.
    """
    fresh = path.with_name(f"{path.name}.rebuilding")
    for leftover in _family(fresh):
        leftover.unlink(missing_ok=True)
    report = Rebuilt(path, pages=len(pages))
    readable = path
    if pages:
        readable = path.with_name(f"{path.name}.readable")
        for leftover in _family(readable):
            leftover.unlink(missing_ok=True)
        report.exact = seal.write_without(path, readable, set(pages), seal.read(path))
        log = path.with_name(f"{path.name}-wal")
        if report.exact and not (log.exists() and log.stat().st_size):
            readable.replace(rebuilt_beside(path))
            sync_folder(path.parent)
            report.aside = finish(path, at) or path
            return report
        report.exact = False
        if log.exists():
            shutil.copyfile(log, readable.with_name(f"{readable.name}-wal"))
    target = open_database(fresh)
    try:
        with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(_open(readable)) as source:
            _carry_over(source, target, report)
        if not report.kept:
            report.lost["everything"] = 1
        with contextlib.suppress(sqlite3.DatabaseError), contextlib.closing(_open(copy_of(path))) as copy:
            _fill_up(copy, target, report)
    finally:
        target.close()
        if readable != path:
            for leftover in _family(readable):
                leftover.unlink(missing_ok=True)
    _flush(fresh)
    # From here on the new file is complete, and its name says so.
    fresh.replace(rebuilt_beside(path))
    sync_folder(path.parent)
    report.aside = finish(path, at) or path
    return report


def copy_of(path: Path) -> Path:
    """Return where a copy of what the person made is kept."""
    return path.with_name(f"{path.stem}.kept{path.suffix}")


def keep_copy(database: Database, at: datetime) -> bool:
    """Keep a copy of what the person made beside the cache, unless there is one of the last day; True when one was made.

    Raises:
        CacheUnusable: The copy cannot be written, or the cache is damaged; an older copy stays.
        OSError: Likewise.
    """
    copy = copy_of(database.path)
    if copy.exists() and at.timestamp() - copy.stat().st_mtime < COPY_SECONDS:
        return False
    fresh = copy.with_name(f"{copy.name}.new")
    for leftover in _family(fresh):
        leftover.unlink(missing_ok=True)
    target = open_database(fresh)
    try:
        with database.snapshot() as db:
            report = Rebuilt(database.path)
            _carry_over(db, target, report)
    finally:
        target.close()
    if report.lost:
        raise CacheDamaged(database.path)
    _flush(fresh)
    fresh.replace(copy)
    for leftover in _family(fresh)[1:]:
        leftover.unlink(missing_ok=True)
    sync_folder(copy.parent)
    return True


def finish(path: Path, at: datetime) -> Path | None:
    """Put a file that was made anew in place and return where the damaged one lies now; None when there is none to put in place."""
    ready = rebuilt_beside(path)
    if not ready.exists():
        return None
    aside = path.with_name(f"{path.stem}.damaged-{at:%Y%m%dT%H%M%S}{path.suffix}")
    # The log goes first: left beside the new file it would be written into it.
    for old, new in reversed(list(zip(_family(path), _family(aside), strict=True))):
        if old.exists():
            old.replace(new)
    ready.replace(path)
    sync_folder(path.parent)
    suspect_marker(path).unlink(missing_ok=True)
    return aside


def _open(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=15, isolation_level=None)
    db.execute("PRAGMA query_only = ON")
    return db


def _family(path: Path) -> tuple[Path, ...]:
    """Return the file with its log and index, which belong together."""
    return (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))


def _flush(path: Path) -> None:
    """Fold the log into the file and bring it to the disk."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    descriptor = os.open(path, os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _carry_over(source: sqlite3.Connection, target: Database, report: Rebuilt) -> None:
    for table in _made_by_the_person(target):
        there = [str(row[1]) for row in _all(source, f"PRAGMA table_info({table})")]
        columns = [str(row[1]) for row in target.read().execute(f"PRAGMA table_info({table})") if row[1] in there]
        if not columns:
            continue
        with target.write() as db:
            db.execute("PRAGMA defer_foreign_keys = ON")
            insert = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            kept = 0
            for row in _rows(source, table, columns, report):
                if any(isinstance(value, bytes) and seal.FILLER in value for value in row):
                    report.lost[table] = report.lost.get(table, 0) + 1
                    continue
                try:
                    kept += db.execute(insert, row).rowcount
                except sqlite3.IntegrityError:  # a row that damage made impossible
                    report.lost[table] = report.lost.get(table, 0) + 1
            report.kept[table] = kept
            for orphan in db.execute(f"PRAGMA foreign_key_check({table})").fetchall():
                db.execute(f"DELETE FROM {table} WHERE rowid = ?", (orphan[1],))
                report.lost[table] = report.lost.get(table, 0) + 1
    _sequences(source, target)


def _fill_up(copy: sqlite3.Connection, target: Database, report: Rebuilt) -> None:
    """Add rows of damaged tables from the copy: where a row is in both, the newer one of the cache holds."""
    for table in report.lost if report.kept else _made_by_the_person(target):
        there = [str(row[1]) for row in _all(copy, f"PRAGMA table_info({table})")]
        columns = [str(row[1]) for row in target.read().execute(f"PRAGMA table_info({table})") if row[1] in there]
        if not columns:
            continue
        insert = f"INSERT OR IGNORE INTO {table} ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
        with target.write() as db:
            added = sum(
                db.execute(insert, tuple(row)).rowcount
                for row in _all(copy, f"SELECT {', '.join(columns)} FROM {table}")
            )
            for orphan in db.execute(f"PRAGMA foreign_key_check({table})").fetchall():
                db.execute(f"DELETE FROM {table} WHERE rowid = ?", (orphan[1],))
        report.from_copy[table] = added


def _made_by_the_person(target: Database) -> list[str]:
    tables = target.read().execute("SELECT name FROM sqlite_master WHERE type = 'table'")
    return [str(row[0]) for row in tables if row[0] not in FETCHED and not str(row[0]).startswith("sqlite_")]


def _sequences(source: sqlite3.Connection, target: Database) -> None:
    """Numbers given once are never given again."""
    with target.write() as db:
        for name, value in _all(source, "SELECT name, seq FROM sqlite_sequence"):
            if db.execute("UPDATE sqlite_sequence SET seq = max(seq, ?) WHERE name = ?", (value, name)).rowcount == 0:
                db.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, value))


def _rows(
    source: sqlite3.Connection, table: str, columns: Iterable[str], report: Rebuilt
) -> Iterator[tuple[object, ...]]:
    """Yield what can be read of a table: forward to the damage, then backward to it from the other end."""
    selected = ", ".join(columns)
    keyed = _has_rowid(source, table)
    if not keyed:
        try:
            yield from map(tuple, source.execute(f"SELECT {selected} FROM {table}"))
        except sqlite3.DatabaseError:
            report.lost[table] = report.lost.get(table, 0) + 1
        return
    last = None
    try:
        for row in source.execute(f"SELECT rowid, {selected} FROM {table} NOT INDEXED ORDER BY rowid"):
            last = row[0]
            yield tuple(row)[1:]
    except sqlite3.DatabaseError:
        report.lost[table] = report.lost.get(table, 0) + 1
        beyond = "" if last is None else f"WHERE rowid > {int(last)} "
        try:
            for row in source.execute(f"SELECT rowid, {selected} FROM {table} NOT INDEXED {beyond}ORDER BY rowid DESC"):
                yield tuple(row)[1:]
        except sqlite3.DatabaseError:
            return


def _has_rowid(source: sqlite3.Connection, table: str) -> bool:
    try:
        source.execute(f"SELECT rowid FROM {table} LIMIT 0")
    except sqlite3.OperationalError:
        return False
    except sqlite3.DatabaseError:
        return True
    return True


def _all(source: sqlite3.Connection, query: str) -> list[tuple[object, ...]]:
    try:
        return source.execute(query).fetchall()
    except sqlite3.DatabaseError:
        return []

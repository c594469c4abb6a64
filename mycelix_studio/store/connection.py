"""One SQLite file, one writer, many readers.

``write()`` begins IMMEDIATE: with sqlite-utils' deferred ``atomic()`` a read-then-write from several connections failed most of
the time with "database is locked"; IMMEDIATE never did. Readers get a read-only connection of their own thread, so a long read never
holds up a write (WAL).
"""

from __future__ import annotations

import contextlib
import json
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from mycelix_studio.errors import Known

BUSY_SECONDS = 15.0


class CacheUnusable(Known):
    """The cache file cannot be opened or written; the message says why and what is safe."""


class CacheDamaged(CacheUnusable):
    """The file does not pass its check. What the person made is carried over when it is opened the next time; the rest is fetched anew."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            "The cache is damaged",
            f"“{path}” does not pass its check. Your music files and your wallet are not in it.",
            "Start Studio again: it puts the cache together again and keeps your drafts.",
        )
        # The next start puts it together again, or looks at the whole file first, which takes too long to do every time.
        with contextlib.suppress(OSError):
            suspect_marker(path).touch()


def suspect_marker(path: Path) -> Path:
    """Return the file whose presence says that the cache must be checked before it is used; it may name damaged pages."""
    return path.with_name(f"{path.name}.suspect")


def rebuilt_beside(path: Path) -> Path:
    """Return the file, complete under this name alone, that takes the place of a damaged cache."""
    return path.with_name(f"{path.name}.rebuilt")


class Database:
    """The local cache. Safe to use from any thread.

    Args:
        path: The file; its folder must exist. Created when absent.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        self._closed = False
        self._condemned = False
        self._writer: sqlite3.Connection = self._connect(read_only=False)
        self._writing = threading.RLock()
        self._file = _identity(path)

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Give the writer inside ``BEGIN IMMEDIATE``; commit at the end, roll back on any error. Nested blocks join the outer one.

        Raises:
            CacheUnusable: The disk is full, the file is read-only, or it is not a database; nothing of the block was kept.
        """
        self._check_sound()
        with self._writing:
            if self._writer.in_transaction:
                yield self._writer
                return
            self._check_place()
            try:
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    with contextlib.suppress(sqlite3.OperationalError):  # SQLite rolled back by itself (disk full)
                        self._writer.execute("ROLLBACK")
                    raise
            except sqlite3.DatabaseError as error:
                raise unusable(error, self.path) from error

    def condemn(self, pages: Sequence[int]) -> None:
        """Serve nothing any more: these pages of the file changed on the disk by themselves. The next start puts it together again."""
        self._condemned = True
        with contextlib.suppress(OSError):
            suspect_marker(self.path).write_text(json.dumps({"pages": list(pages)}))

    def _check_place(self) -> None:
        """SQLite goes on writing to a file that was removed or replaced, where nobody would ever find it."""
        if _identity(self.path) != self._file:
            raise CacheUnusable(
                "Studio's own file was moved or removed",
                f"“{self.path}” is not the file that Studio opened. Nothing was written.",
                "Put it back, or start Studio again: figures are fetched anew then, drafts come from the daily copy.",
            )

    def _check_sound(self) -> None:
        if self._condemned:
            raise CacheDamaged(self.path)

    def read(self) -> sqlite3.Connection:
        """Return this thread's read-only connection. Do not keep a cursor of it beyond a function of ``store``.

        Raises:
            CacheDamaged: Damage was found since the file was opened.
        """
        self._check_sound()
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect(read_only=True)
            self._local.connection = connection
        return connection

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[sqlite3.Connection]:
        """Give this thread's read-only connection inside a transaction: every query sees the same moment, whatever is written meanwhile.

        Raises:
            CacheUnusable: The file is damaged, gone or cannot be read.
        """
        connection = self.read()
        if connection.in_transaction:
            yield connection
            return
        try:
            connection.execute("BEGIN")
            try:
                yield connection
            finally:
                with contextlib.suppress(sqlite3.OperationalError):  # SQLite ended it by itself (an error of the disk)
                    connection.execute("ROLLBACK")
        except sqlite3.DatabaseError as error:
            raise unusable(error, self.path) from error

    def check(self) -> list[str]:
        """Return what ``PRAGMA quick_check`` and ``foreign_key_check`` find wrong; an empty list for a sound file."""
        found = [str(row[0]) for row in self.read().execute("PRAGMA quick_check") if row[0] != "ok"]
        found += [
            f"{row[0]} row {row[1]} points to no {row[2]}" for row in self.read().execute("PRAGMA foreign_key_check")
        ]
        return found

    def backup(self, to: Path) -> None:
        """Write a consistent copy of the file, while others read and write."""
        with contextlib.closing(sqlite3.connect(to)) as copy:
            self.read().backup(copy)

    def close(self) -> None:
        """Close every connection. Further use raises."""
        with self._lock:
            self._closed = True
            connections, self._open = self._open, []
        # The writer last: a connection that may only read cannot fold the log into the file.
        for connection in reversed(connections):
            connection.close()

    def _connect(self, *, read_only: bool) -> sqlite3.Connection:
        if self._closed:
            raise CacheUnusable(
                "Studio is closing", "Its own file is closed already; nothing was changed.", "Start it again."
            )
        uri = f"{self.path.absolute().as_uri()}?mode={'ro' if read_only else 'rwc'}"
        try:
            connection = sqlite3.connect(
                uri,
                uri=True,
                timeout=BUSY_SECONDS,
                isolation_level=None,
                check_same_thread=False,
                cached_statements=256,
            )
            connection.row_factory = sqlite3.Row
            if not read_only:
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("PRAGMA cache_size = -32768")
            connection.execute("PRAGMA mmap_size = 268435456")
        except sqlite3.DatabaseError as error:
            raise unusable(error, self.path) from error
        with self._lock:
            self._open.append(connection)
        return connection


def _identity(path: Path) -> tuple[int, int] | None:
    """Return what tells a file from another at the same place; None when there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def unusable(error: sqlite3.DatabaseError, path: Path) -> CacheUnusable:
    """Return the words for an error of the file; errors that are our own mistakes (integrity, syntax) are raised again.

    Raises:
        sqlite3.DatabaseError: ``error`` itself, when it is not about the file or the disk.
    """
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    if primary == sqlite3.SQLITE_FULL:
        return CacheUnusable(
            "Could not save", "The disk is full. What was saved before is safe.", "Free some space, then try again."
        )
    if primary in (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_PERM, sqlite3.SQLITE_CANTOPEN):
        return CacheUnusable(
            "Could not save",
            f"“{path}” cannot be written. What was saved before is safe.",
            "Make the file and its folder writable.",
        )
    if primary == sqlite3.SQLITE_BUSY:
        return CacheUnusable(
            "Could not save",
            "Another program held the cache for too long. Nothing was changed.",
            "Close it, then try again.",
        )
    if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return CacheDamaged(path)
    if primary == sqlite3.SQLITE_IOERR:
        return CacheUnusable(
            "Could not save",
            "The disk reported an error. What was saved before is safe.",
            "Look at the disk, then try again.",
        )
    raise error

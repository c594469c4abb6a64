"""The schema's history: a new file is made of the nouns' ``SCHEMA``, an older one is brought there by one named function per step.

The version is kept in ``PRAGMA user_version``. Until the first release there are no steps: a ``SCHEMA`` is edited in place. After it, a
change of one comes with a function appended to :data:`MIGRATIONS` and the database of the version before, frozen as
``tests/fixtures/db/vNNN.sqlite``; a test opens each of those and compares what became of it with a new file.
"""

from __future__ import annotations

import contextlib
import importlib
import sqlite3
from collections.abc import Callable
from pathlib import Path

from mycelix_studio.errors import Known
from mycelix_studio.store.connection import Database

NOUNS: tuple[str, ...] = (
    "tracks", "accounts", "address_book", "transactions", "drafts", "song_terms", "synced", "uploads", "outbox", "checks",
    "chain_logs", "notices", "platform", "file_history", "isrcs",
)  # fmt: skip
"""Modules of this package that hold a ``SCHEMA``, in the order of their foreign keys."""


class CacheTooNew(Known):
    """The file was written by a newer version of the program; it is left untouched."""

    def __init__(self, found: int, known: int) -> None:
        super().__init__(
            "This profile belongs to a newer Studio",
            f"Its file has format {found}; this version knows formats up to {known}. Nothing was changed.",
            "Install the newer version, or start with another profile.",
        )


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = ()
"""Steps to the next version, the first of them from version 1. A new file never runs them."""


def newest() -> int:
    """Return the version of a new file."""
    return 1 + len(MIGRATIONS)


def _make(db: sqlite3.Connection) -> None:
    for noun in NOUNS:
        for statement in _statements(importlib.import_module(f"mycelix_studio.store.{noun}").SCHEMA):
            db.execute(statement)


def open_database(path: Path) -> Database:
    """Open the cache at ``path`` and bring it to the present version; before a step the file is copied to ``<name>.v<N>.bak``.

    Raises:
        CacheTooNew: A newer program wrote it.
        CacheUnusable: It cannot be opened, or the disk is full; the file is as it was.
    """
    database = Database(path)
    try:
        migrate(database)
    except BaseException:
        database.close()
        raise
    return database


def migrate(database: Database) -> None:
    """Make what a new file holds, or apply the missing steps, each in its own transaction."""
    found, last = version(database), newest()
    if found > last:
        raise CacheTooNew(found, last)
    if found == last:
        return
    if found > 0:
        database.backup(database.path.with_name(f"{database.path.name}.v{found}.bak"))
    for step in range(found, last):
        with database.write() as db:
            (current,) = db.execute("PRAGMA user_version").fetchone()
            if current > step:  # another program migrated meanwhile
                continue
            if current == 0:
                _make(db)
                db.execute(f"PRAGMA user_version = {last}")
                return
            MIGRATIONS[step - 1](db)
            db.execute(f"PRAGMA user_version = {step + 1}")


def version(database: Database) -> int:
    """Return the format of the file, 0 for a new one."""
    with contextlib.closing(database.read().execute("PRAGMA user_version")) as cursor:
        return int(cursor.fetchone()[0])


def _statements(script: str) -> list[str]:
    """Split a script at complete statements; ``executescript`` would commit the transaction it runs in."""
    statements: list[str] = []
    current = ""
    for line in script.splitlines(keepends=True):
        current += line
        if sqlite3.complete_statement(current):
            statements.append(current.strip())
            current = ""
    if current.strip():
        statements.append(current.strip())
    return statements

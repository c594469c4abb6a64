"""The schema's history: one named function per step, applied in order, the version kept in ``PRAGMA user_version``.

Until the first release the first step is edited in place: it joins the ``SCHEMA`` of every noun. A new noun adds its module to
:func:`_nouns`. After the release, append a function here, freeze the database of the version before in ``tests/fixtures/db/`` and test the
step on it.
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
            f"Its cache has format {found}; this version knows formats up to {known}. Nothing was changed.",
            "Install the newer version, or start with another profile.",
        )


def _v1_base(db: sqlite3.Connection) -> None:
    for noun in NOUNS:
        for statement in _statements(importlib.import_module(f"mycelix_studio.store.{noun}").SCHEMA):
            db.execute(statement)


MIGRATIONS: tuple[Callable[[sqlite3.Connection], None], ...] = (_v1_base,)


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
    """Apply the missing steps, each in its own transaction."""
    found = version(database)
    if found > len(MIGRATIONS):
        raise CacheTooNew(found, len(MIGRATIONS))
    if found == len(MIGRATIONS):
        return
    if found > 0:
        database.backup(database.path.with_name(f"{database.path.name}.v{found}.bak"))
    for step in range(found, len(MIGRATIONS)):
        with database.write() as db:
            (current,) = db.execute("PRAGMA user_version").fetchone()
            if current > step:  # another program migrated meanwhile
                continue
            MIGRATIONS[step](db)
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

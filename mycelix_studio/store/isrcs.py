"""ISRCs given to recordings: a code that was given once is never given again, whatever became of the recording."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Final

SCHEMA: Final = """
CREATE TABLE isrc_given (
  code TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  path TEXT NOT NULL
) STRICT, WITHOUT ROWID;
"""


def give(db: sqlite3.Connection, codes: Iterable[tuple[str, str]], at: int) -> None:
    """Remember (code, path of the file) as given.

    Raises:
        sqlite3.IntegrityError: One was given before.
    """
    db.executemany("INSERT INTO isrc_given VALUES (?, ?, ?)", [(code, at, path) for code, path in codes])


def used(db: sqlite3.Connection, beginning: str) -> set[str]:
    """Return every code that begins so and was given, or stands in a track of the library, saved or not."""
    given = db.execute("SELECT code FROM isrc_given WHERE code >= ? AND code < ?", (beginning, f"{beginning}~"))
    found = {str(row[0]) for row in given}
    for (shown,) in db.execute("SELECT isrc FROM track WHERE isrc <> ''"):
        found |= {
            code for each in shown.split(";") if (code := each.strip().replace("-", "").upper()).startswith(beginning)
        }
    return found

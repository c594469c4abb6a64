"""Which notices were told and which were looked at, by account. Not synced: it is what happened on this computer."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

SCHEMA: Final = """
CREATE TABLE notice (
  account TEXT NOT NULL,
  key TEXT NOT NULL,
  told_at INTEGER NOT NULL,
  opened INTEGER NOT NULL,
  PRIMARY KEY (account, key)
) STRICT, WITHOUT ROWID;
"""


def known(db: sqlite3.Connection, account: str) -> set[str]:
    """Return the keys that were told."""
    return {row[0] for row in db.execute("SELECT key FROM notice WHERE account = ?", (account,))}


def unopened(db: sqlite3.Connection, account: str) -> set[str]:
    """Return the keys that were told and not looked at."""
    return {row[0] for row in db.execute("SELECT key FROM notice WHERE account = ? AND opened = 0", (account,))}


def tell(db: sqlite3.Connection, account: str, keys: Iterable[str], at: int, *, opened: bool) -> None:
    """Remember that notices were told at a Unix second; those known stay as they are."""
    rows = [(account, key, at, int(opened)) for key in keys]
    db.executemany("INSERT OR IGNORE INTO notice VALUES (?, ?, ?, ?)", rows)


def open_all(db: sqlite3.Connection, account: str, keys: Iterable[str]) -> int:
    """Remember that notices were looked at; returns how many had not been."""
    return db.execute(
        "UPDATE notice SET opened = 1 WHERE account = ? AND opened = 0 AND key IN (SELECT value FROM json_each(?))",
        (account, json.dumps(list(keys))),
    ).rowcount

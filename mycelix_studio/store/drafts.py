"""Drafts: terms somebody edited and did not sign yet. A sync never touches them."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mycelix_studio.domain.clock import from_unix, to_unix

SCHEMA: Final = """
CREATE TABLE draft (
  id INTEGER PRIMARY KEY,
  target TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  body TEXT NOT NULL CHECK (json_valid(body)),
  changed_at INTEGER NOT NULL,
  due_at INTEGER
) STRICT;
CREATE TABLE split_template (
  name TEXT PRIMARY KEY,
  body TEXT NOT NULL CHECK (json_valid(body)),
  changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE comparison (
  name TEXT PRIMARY KEY,
  body TEXT NOT NULL CHECK (json_valid(body)),
  changed_at INTEGER NOT NULL
) STRICT;
CREATE TABLE chain_fact (
  name TEXT PRIMARY KEY,
  body TEXT NOT NULL CHECK (json_valid(body)),
  changed_at INTEGER NOT NULL
) STRICT;
"""


@dataclass(frozen=True, slots=True)
class DraftRow:
    """One draft.

    Attributes:
        id: Local key.
        target: What it is for, such as ``album:Salt Meridian``; there is one draft for a target.
        title: For the list of drafts.
        body: JSON of the form as typed.
        changed_at: UTC.
        due_at: When the person wants to be reminded to sign it; None for a draft without a date.
    """

    id: int
    target: str
    title: str
    body: str
    changed_at: datetime
    due_at: datetime | None = None


def save(
    db: sqlite3.Connection, target: str, *, title: str, body: str, changed_at: datetime, due_at: datetime | None
) -> int:
    """Keep the draft of a target, in place of an older one; returns its id."""
    row = db.execute(
        "INSERT INTO draft (target, title, body, changed_at, due_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (target) DO UPDATE SET title = excluded.title, body = excluded.body,"
        " changed_at = excluded.changed_at, due_at = excluded.due_at RETURNING id",
        (target, title, body, to_unix(changed_at), None if due_at is None else to_unix(due_at)),
    ).fetchone()
    return int(row[0])


def get(db: sqlite3.Connection, target: str) -> DraftRow | None:
    """Return the draft of a target."""
    row = db.execute("SELECT * FROM draft WHERE target = ?", (target,)).fetchone()
    return None if row is None else _row(row)


def all_drafts(db: sqlite3.Connection) -> tuple[DraftRow, ...]:
    """Return all drafts: those with a date first, by date, then the last changed first."""
    rows = db.execute("SELECT * FROM draft ORDER BY due_at IS NULL, due_at, changed_at DESC, id").fetchall()
    return tuple(_row(row) for row in rows)


def delete(db: sqlite3.Connection, target: str) -> bool:
    """Forget the draft of a target; False when there was none."""
    return db.execute("DELETE FROM draft WHERE target = ?", (target,)).rowcount > 0


def save_named(db: sqlite3.Connection, table: str, name: str, body: str, changed_at: datetime) -> None:
    """Keep something under a name: a ``split_template``, a ``comparison`` of the simulator, a ``chain_fact`` read last."""
    db.execute(
        f"INSERT INTO {_table(table)} (name, body, changed_at) VALUES (?, ?, ?)"
        " ON CONFLICT (name) DO UPDATE SET body = excluded.body, changed_at = excluded.changed_at",
        (name, body, to_unix(changed_at)),
    )


def named(db: sqlite3.Connection, table: str) -> dict[str, str]:
    """Return all of one table: name to JSON, by name."""
    rows = db.execute(f"SELECT name, body FROM {_table(table)} ORDER BY name COLLATE NOCASE")
    return {str(row[0]): str(row[1]) for row in rows}


def delete_named(db: sqlite3.Connection, table: str, name: str) -> bool:
    """Forget one; False when there was none."""
    return db.execute(f"DELETE FROM {_table(table)} WHERE name = ?", (name,)).rowcount > 0


def _table(name: str) -> str:
    if name not in {"split_template", "comparison", "chain_fact"}:
        raise ValueError(name)
    return name


def _row(row: sqlite3.Row) -> DraftRow:
    due = row["due_at"]
    return DraftRow(
        row["id"],
        row["target"],
        row["title"],
        row["body"],
        from_unix(row["changed_at"]),
        None if due is None else from_unix(due),
    )

"""What must reach the platform or the chain later: kept until it was sent, in the order it was put in."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from mycelix_studio.domain.clock import from_unix, to_unix

SCHEMA: Final = """
CREATE TABLE outbox (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL,
  subject TEXT NOT NULL,
  title TEXT NOT NULL,
  payload TEXT NOT NULL CHECK (json_valid(payload)),
  state TEXT NOT NULL CHECK (state IN ('waiting', 'refused')),
  attempts INTEGER NOT NULL DEFAULT 0,
  created_at INTEGER NOT NULL,
  next_at INTEGER NOT NULL,
  problem TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX outbox_order ON outbox (subject, id) WHERE subject <> '';
"""


class State(StrEnum):
    """Whether it goes on by itself."""

    WAITING = "waiting"
    REFUSED = "refused"
    """It was not accepted; a person must look at it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One thing to send.

    Attributes:
        subject: Items of one subject are sent strictly one after another; empty for those that stand alone.
        title: What it is, for a person.
        payload: JSON.
        attempts: How often sending was tried.
        next_at: Not before this moment.
        problem: Why it did not work last time, in words; empty before the first try.
    """

    id: int
    kind: str
    subject: str
    title: str
    payload: str
    state: State
    attempts: int
    created_at: datetime
    next_at: datetime
    problem: str


def put(db: sqlite3.Connection, kind: str, payload: str, *, subject: str, title: str, at: datetime) -> int:
    """Keep something to send and return its id."""
    row = db.execute(
        "INSERT INTO outbox (kind, subject, title, payload, state, created_at, next_at)"
        " VALUES (?1, ?2, ?3, ?4, 'waiting', ?5, ?5) RETURNING id",
        (kind, subject, title, payload, to_unix(at)),
    ).fetchone()
    return int(row[0])


def items(db: sqlite3.Connection) -> tuple[Item, ...]:
    """Return everything that was not sent yet, oldest first."""
    return tuple(_item(row) for row in db.execute("SELECT * FROM outbox ORDER BY id"))


def due(db: sqlite3.Connection, at: datetime, after: int) -> Item | None:
    """Return the next one to send with an id above ``after``; one behind another of its subject is not due."""
    row = db.execute(
        "SELECT * FROM outbox o WHERE id > ? AND state = 'waiting' AND next_at <= ? AND (subject = '' OR NOT EXISTS"
        " (SELECT 1 FROM outbox e WHERE e.subject = o.subject AND e.subject <> '' AND e.id < o.id)) ORDER BY id LIMIT 1",
        (after, to_unix(at)),
    ).fetchone()
    return None if row is None else _item(row)


def next_due(db: sqlite3.Connection) -> datetime | None:
    """Return when the next one wants to be tried; None when nothing waits."""
    row = db.execute("SELECT min(next_at) FROM outbox WHERE state = 'waiting'").fetchone()
    return None if row[0] is None else from_unix(row[0])


def sent(db: sqlite3.Connection, number: int) -> None:
    """Forget one that was sent, or that the person discarded."""
    db.execute("DELETE FROM outbox WHERE id = ?", (number,))


def not_sent(db: sqlite3.Connection, number: int, *, state: State, next_at: datetime, problem: str) -> None:
    """Note a try that did not work."""
    db.execute(
        "UPDATE outbox SET state = ?, next_at = ?, problem = ?, attempts = attempts + 1 WHERE id = ?",
        (state.value, to_unix(next_at), problem, number),
    )


def again(db: sqlite3.Connection, number: int, at: datetime) -> None:
    """Let one be tried at once."""
    db.execute("UPDATE outbox SET state = 'waiting', next_at = ? WHERE id = ?", (to_unix(at), number))


def _item(row: sqlite3.Row) -> Item:
    return Item(
        row["id"],
        row["kind"],
        row["subject"],
        row["title"],
        row["payload"],
        State(row["state"]),
        row["attempts"],
        from_unix(row["created_at"]),
        from_unix(row["next_at"]),
        row["problem"],
    )

"""Names for addresses, given by the person."""

from __future__ import annotations

import sqlite3

from mycelix_studio.domain.account import Contact
from mycelix_studio.domain.clock import from_unix

SCHEMA = """
CREATE TABLE address_book (
    address TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    added_at INTEGER NOT NULL,
    confirmed INTEGER NOT NULL DEFAULT 0
) STRICT;
"""


def contacts(db: sqlite3.Connection) -> tuple[Contact, ...]:
    """Return all entries by name."""
    return tuple(
        _contact(row) for row in db.execute("SELECT * FROM address_book ORDER BY name COLLATE NOCASE, address")
    )


def get(db: sqlite3.Connection, address: str) -> Contact | None:
    """Return one entry."""
    row = db.execute("SELECT * FROM address_book WHERE address = ?", (address,)).fetchone()
    return None if row is None else _contact(row)


def save(db: sqlite3.Connection, address: str, name: str, *, note: str, confirmed: bool, added_at: int) -> None:
    """Add an entry, or change one and keep when it was added (Unix time)."""
    db.execute(
        "INSERT INTO address_book VALUES (?, ?, ?, ?, ?) ON CONFLICT (address) DO UPDATE SET name = excluded.name,"
        " note = excluded.note, confirmed = excluded.confirmed",
        (address, name, note, added_at, int(confirmed)),
    )


def remove(db: sqlite3.Connection, address: str) -> None:
    """Forget an entry."""
    db.execute("DELETE FROM address_book WHERE address = ?", (address,))


def _contact(row: sqlite3.Row) -> Contact:
    return Contact(row["address"], row["name"], from_unix(row["added_at"]), row["note"], bool(row["confirmed"]))

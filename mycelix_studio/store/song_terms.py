"""Terms of songs as last read from the chain, and those that were signed and are not confirmed yet."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mycelix_studio.domain.clock import from_unix, to_unix

SCHEMA: Final = """
CREATE TABLE song_terms (
  chain_id INTEGER NOT NULL,
  song_id TEXT NOT NULL,
  terms TEXT CHECK (terms IS NULL OR json_valid(terms)),
  block INTEGER NOT NULL,
  read_at INTEGER NOT NULL,
  pending TEXT CHECK (pending IS NULL OR json_valid(pending)),
  pending_txs TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (chain_id, song_id)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class TermsRow:
    """What is known about one song.

    Attributes:
        terms: JSON of the terms on chain; None when it was not registered at ``block``.
        block: Block they were read at, 0 when never.
        read_at: When, UTC.
        pending: JSON of the terms that were signed, None when nothing is under way.
        pending_txs: Hashes of the transactions that bring them.
    """

    song_id: str
    terms: str | None
    block: int
    read_at: datetime
    pending: str | None
    pending_txs: tuple[str, ...]


def get(db: sqlite3.Connection, chain_id: int, song_ids: Iterable[str]) -> dict[str, TermsRow]:
    """Return what is known about songs; those never read are left out."""
    wanted = json.dumps(list(song_ids))
    where = "chain_id = ? AND song_id IN (SELECT value FROM json_each(?))"
    rows = db.execute(f"SELECT * FROM song_terms WHERE {where}", (chain_id, wanted))
    return {row["song_id"]: _row(row) for row in rows}


def everything(db: sqlite3.Connection, chain_id: int) -> list[TermsRow]:
    """Return what is known about all songs of a chain."""
    return [_row(row) for row in db.execute("SELECT * FROM song_terms WHERE chain_id = ?", (chain_id,))]


def keep_read(
    db: sqlite3.Connection, chain_id: int, terms: Mapping[str, str | None], *, block: int, at: datetime
) -> None:
    """Keep terms read at a block. What is pending stays until :func:`clear_pending`; an older reading never replaces a newer one."""
    db.executemany(
        "INSERT INTO song_terms (chain_id, song_id, terms, block, read_at) VALUES (?, ?, ?, ?, ?)"
        " ON CONFLICT (chain_id, song_id) DO UPDATE SET terms = excluded.terms, block = excluded.block,"
        " read_at = excluded.read_at WHERE excluded.block >= song_terms.block",
        [(chain_id, song_id, body, block, to_unix(at)) for song_id, body in terms.items()],
    )


def set_pending(
    db: sqlite3.Connection, chain_id: int, terms: Mapping[str, str], txs: Iterable[str], *, at: datetime
) -> None:
    """Remember what was signed for songs, so that pages show it at once as being confirmed."""
    db.executemany(
        "INSERT INTO song_terms (chain_id, song_id, block, read_at, pending, pending_txs) VALUES (?, ?, 0, ?, ?, ?)"
        " ON CONFLICT (chain_id, song_id) DO UPDATE SET pending = excluded.pending, pending_txs = excluded.pending_txs",
        [(chain_id, song_id, to_unix(at), body, " ".join(txs)) for song_id, body in terms.items()],
    )


def clear_pending(db: sqlite3.Connection, chain_id: int, song_ids: Iterable[str]) -> None:
    """Forget what was pending: it is on chain now, or it can no longer get there."""
    db.executemany(
        "UPDATE song_terms SET pending = NULL, pending_txs = '' WHERE chain_id = ? AND song_id = ?",
        [(chain_id, song_id) for song_id in song_ids],
    )


def all_pending(db: sqlite3.Connection, chain_id: int) -> dict[str, tuple[str, ...]]:
    """Return the songs with something under way and the transactions that bring it."""
    rows = db.execute(
        "SELECT song_id, pending_txs FROM song_terms WHERE chain_id = ? AND pending IS NOT NULL", (chain_id,)
    )
    return {row["song_id"]: tuple(row["pending_txs"].split()) for row in rows}


def bodies(db: sqlite3.Connection, chain_id: int) -> tuple[str, ...]:
    """Return the terms (JSON) of every song of a chain that was registered when last read."""
    rows = db.execute(
        "SELECT terms FROM song_terms WHERE chain_id = ? AND terms IS NOT NULL ORDER BY song_id", (chain_id,)
    )
    return tuple(str(row[0]) for row in rows)


def _row(row: sqlite3.Row) -> TermsRow:
    read_at, txs = from_unix(row["read_at"]), tuple(row["pending_txs"].split())
    return TermsRow(row["song_id"], row["terms"], row["block"], read_at, row["pending"], txs)

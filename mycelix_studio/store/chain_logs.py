"""Logs of the contracts as the chain server gave them, kept so that an audit goes on where it stopped and works without a network."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

SCHEMA: Final = """
CREATE TABLE chain_log (
  chain_id INTEGER NOT NULL,
  contract TEXT NOT NULL,
  block INTEGER NOT NULL,
  log_index INTEGER NOT NULL,
  block_time INTEGER NOT NULL,
  block_hash TEXT NOT NULL,
  tx TEXT NOT NULL,
  tx_index INTEGER NOT NULL,
  topics BLOB NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (chain_id, contract, block, log_index)
) STRICT, WITHOUT ROWID;
CREATE TABLE chain_log_read (
  chain_id INTEGER NOT NULL,
  contract TEXT NOT NULL,
  first_block INTEGER NOT NULL,
  read_to INTEGER NOT NULL,
  read_to_hash TEXT NOT NULL,
  read_to_time INTEGER NOT NULL,
  PRIMARY KEY (chain_id, contract)
) STRICT, WITHOUT ROWID;
"""


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log; ``topics`` are 32 bytes each, one after another; ``block_time`` in Unix seconds."""

    block: int
    log_index: int
    block_time: int
    block_hash: str
    tx: str
    tx_index: int
    topics: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class ReadTo:
    """How far the logs of a contract were read, from ``first_block`` on."""

    first_block: int
    block: int
    block_hash: str
    block_time: int


def read_to(db: sqlite3.Connection, chain_id: int, contract: str) -> ReadTo | None:
    """Return how far the logs were read; None when never."""
    row = db.execute(
        "SELECT first_block, read_to, read_to_hash, read_to_time FROM chain_log_read WHERE chain_id = ? AND contract = ?",
        (chain_id, contract),
    ).fetchone()
    return None if row is None else ReadTo(*row)


def add(db: sqlite3.Connection, chain_id: int, contract: str, rows: Iterable[LogRow], to: ReadTo) -> None:
    """Keep the logs up to a block, and note how far it went; both in the caller's transaction."""
    db.executemany(
        "INSERT OR REPLACE INTO chain_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (chain_id, contract, r.block, r.log_index, r.block_time, r.block_hash, r.tx, r.tx_index, r.topics, r.data)
            for r in rows
        ],
    )
    db.execute(
        "INSERT OR REPLACE INTO chain_log_read VALUES (?, ?, ?, ?, ?, ?)",
        (chain_id, contract, to.first_block, to.block, to.block_hash, to.block_time),
    )


def forget(db: sqlite3.Connection, chain_id: int, contract: str) -> None:
    """Forget the logs of a contract: the chain was reorganised below them, or they shall be read anew."""
    for table in ("chain_log", "chain_log_read"):
        db.execute(f"DELETE FROM {table} WHERE chain_id = ? AND contract = ?", (chain_id, contract))


def rows(db: sqlite3.Connection, chain_id: int, contract: str) -> Iterator[LogRow]:
    """Yield the logs in order; every row is read before the next query of the connection, so it must be used up within one snapshot."""
    found = db.execute(
        "SELECT block, log_index, block_time, block_hash, tx, tx_index, topics, data FROM chain_log"
        " WHERE chain_id = ? AND contract = ? ORDER BY block, log_index",
        (chain_id, contract),
    )
    for row in found:
        yield LogRow(*row)

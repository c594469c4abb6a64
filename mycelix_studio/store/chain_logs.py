"""Logs of the contracts as the chain server gave them, with proofs, so that an audit goes on where it stopped and works without a network.

Everything is kept under the Ledger's address, whichever of the contracts spoke.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_OF: Final = "chain_id INTEGER NOT NULL, contract TEXT NOT NULL"

SCHEMA: Final = f"""
CREATE TABLE chain_log (
  {_OF},
  block INTEGER NOT NULL,
  log_index INTEGER NOT NULL,
  block_time INTEGER NOT NULL,
  block_hash TEXT NOT NULL,
  tx TEXT NOT NULL,
  tx_index INTEGER NOT NULL,
  address TEXT NOT NULL,
  topics BLOB NOT NULL,
  data BLOB NOT NULL,
  PRIMARY KEY (chain_id, contract, block, log_index)
) STRICT, WITHOUT ROWID;
CREATE TABLE chain_log_read (
  {_OF},
  first_block INTEGER NOT NULL,
  read_to INTEGER NOT NULL,
  read_to_hash TEXT NOT NULL,
  read_to_time INTEGER NOT NULL,
  addresses TEXT NOT NULL,
  PRIMARY KEY (chain_id, contract)
) STRICT, WITHOUT ROWID;
CREATE TABLE chain_header (
  {_OF},
  block INTEGER NOT NULL,
  header BLOB NOT NULL,
  PRIMARY KEY (chain_id, contract, block)
) STRICT, WITHOUT ROWID;
CREATE TABLE chain_receipt (
  {_OF},
  block INTEGER NOT NULL,
  tx_index INTEGER NOT NULL,
  first_log INTEGER NOT NULL,
  path BLOB NOT NULL,
  PRIMARY KEY (chain_id, contract, block, tx_index)
) STRICT, WITHOUT ROWID;
"""

TABLES: Final = ("chain_log", "chain_log_read", "chain_header", "chain_receipt")


@dataclass(frozen=True, slots=True)
class LogRow:
    """One log; ``topics`` are 32 bytes each, one after another; ``block_time`` in Unix seconds; ``address`` is who spoke, EIP-55."""

    block: int
    log_index: int
    block_time: int
    block_hash: str
    tx: str
    tx_index: int
    address: str
    topics: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """The way to a receipt in the trie of its block: RLP of the nodes; ``first_log`` is the position in the block of its first log."""

    tx_index: int
    first_log: int
    path: bytes


@dataclass(frozen=True, slots=True)
class ProofRow:
    """A block's header as RLP, with receipts of it."""

    block: int
    header: bytes
    receipts: tuple[ReceiptRow, ...]


@dataclass(frozen=True, slots=True)
class ReadTo:
    """How far the logs were read, from ``first_block`` on, of which ``addresses``."""

    first_block: int
    block: int
    block_hash: str
    block_time: int
    addresses: tuple[str, ...]


def read_to(db: sqlite3.Connection, chain_id: int, contract: str) -> ReadTo | None:
    """Return how far the logs were read; None when never."""
    row = db.execute(
        "SELECT first_block, read_to, read_to_hash, read_to_time, addresses FROM chain_log_read WHERE chain_id = ? AND contract = ?",
        (chain_id, contract),
    ).fetchone()
    return None if row is None else ReadTo(row[0], row[1], row[2], row[3], tuple(row[4].split()))


def add(
    db: sqlite3.Connection, of: tuple[int, str], rows: Iterable[LogRow], proofs: Iterable[ProofRow], to: ReadTo
) -> None:
    """Keep the logs up to a block ``of`` a chain and contract, with their proofs, and how far it went; in the caller's transaction."""
    db.executemany(
        "INSERT OR REPLACE INTO chain_log VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            (*of, r.block, r.log_index, r.block_time, r.block_hash, r.tx, r.tx_index, r.address, r.topics, r.data)
            for r in rows
        ],
    )
    for proof in proofs:
        db.execute("INSERT OR REPLACE INTO chain_header VALUES (?, ?, ?, ?)", (*of, proof.block, proof.header))
        db.executemany(
            "INSERT OR REPLACE INTO chain_receipt VALUES (?, ?, ?, ?, ?, ?)",
            [(*of, proof.block, each.tx_index, each.first_log, each.path) for each in proof.receipts],
        )
    db.execute(
        "INSERT OR REPLACE INTO chain_log_read VALUES (?, ?, ?, ?, ?, ?, ?)",
        (*of, to.first_block, to.block, to.block_hash, to.block_time, " ".join(to.addresses)),
    )


def forget(db: sqlite3.Connection, chain_id: int, contract: str) -> None:
    """Forget what was read: the chain was reorganised below it, or it shall be read anew."""
    for table in TABLES:
        db.execute(f"DELETE FROM {table} WHERE chain_id = ? AND contract = ?", (chain_id, contract))


def rows(db: sqlite3.Connection, chain_id: int, contract: str) -> Iterator[LogRow]:
    """Yield the logs in order; every row is read before the next query of the connection, so it must be used up within one snapshot."""
    found = db.execute(
        "SELECT block, log_index, block_time, block_hash, tx, tx_index, address, topics, data FROM chain_log"
        " WHERE chain_id = ? AND contract = ? ORDER BY block, log_index",
        (chain_id, contract),
    )
    for row in found:
        yield LogRow(*row)


def proofs(db: sqlite3.Connection, chain_id: int, contract: str) -> dict[int, ProofRow]:
    """Return the proofs by block."""
    of = (chain_id, contract)
    receipts: dict[int, list[ReceiptRow]] = {}
    query = "SELECT block, tx_index, first_log, path FROM chain_receipt WHERE chain_id = ? AND contract = ? ORDER BY block, tx_index"
    for row in db.execute(query, of):
        receipts.setdefault(row[0], []).append(ReceiptRow(*row[1:]))
    headers = db.execute("SELECT block, header FROM chain_header WHERE chain_id = ? AND contract = ?", of)
    return {row[0]: ProofRow(row[0], row[1], tuple(receipts.get(row[0], ()))) for row in headers}

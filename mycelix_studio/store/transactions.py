"""Own transactions, from draft to their end. A signed one is stored with its bytes before it is sent, so that it is never signed twice."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from mycelix_studio.domain.money import join_gwei, split_gwei
from mycelix_studio.domain.transaction import TxState

SCHEMA = """
CREATE TABLE transactions (
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    chain_id INTEGER NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    detail TEXT NOT NULL DEFAULT '',
    activity TEXT NOT NULL DEFAULT 'other',
    symbol TEXT NOT NULL DEFAULT 'FLOW',
    amount_gwei INTEGER NOT NULL DEFAULT 0,
    amount_rem INTEGER NOT NULL DEFAULT 0,
    to_address TEXT NOT NULL,
    data BLOB NOT NULL,
    value_gwei INTEGER NOT NULL DEFAULT 0,
    value_rem INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    nonce INTEGER,
    gas INTEGER,
    max_fee INTEGER,
    tip INTEGER,
    tx_hash TEXT UNIQUE,
    raw BLOB,
    sent_at INTEGER,
    block INTEGER,
    block_hash TEXT,
    confirmations INTEGER NOT NULL DEFAULT 0,
    gas_used INTEGER,
    gas_price INTEGER,
    succeeded INTEGER,
    why TEXT NOT NULL DEFAULT '',
    replaces INTEGER REFERENCES transactions (id),
    CHECK ((state = 'draft') = (raw IS NULL))
) STRICT;
CREATE INDEX transactions_open ON transactions (chain_id, account, nonce) WHERE state IN ('signed', 'sent', 'mined', 'reverted');
"""
OPEN = (TxState.SIGNED, TxState.SENT, TxState.MINED)


@dataclass(frozen=True, slots=True)
class Row:
    """One own transaction as it lies in the cache. Amounts in wei, times in Unix seconds; ``replaces`` is the row it takes the place of."""

    id: int
    account: str
    chain_id: int
    state: TxState
    title: str
    detail: str
    activity: str
    symbol: str
    amount: int
    to: str
    data: bytes = field(repr=False)
    value: int
    created_at: int
    nonce: int | None = None
    gas: int | None = None
    max_fee: int | None = None
    tip: int | None = None
    tx_hash: str | None = None
    raw: bytes | None = field(default=None, repr=False)
    sent_at: int | None = None
    block: int | None = None
    block_hash: str | None = None
    confirmations: int = 0
    gas_used: int | None = None
    gas_price: int | None = None
    succeeded: bool | None = None
    why: str = ""
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class New:
    """A transaction to keep: a draft, or signed with its bytes."""

    account: str
    chain_id: int
    title: str
    detail: str
    activity: str
    symbol: str
    amount: int
    to: str
    data: bytes
    value: int
    created_at: int
    nonce: int | None = None
    gas: int | None = None
    max_fee: int | None = None
    tip: int | None = None
    tx_hash: str | None = None
    raw: bytes | None = field(default=None, repr=False)
    replaces: int | None = None


def add(db: sqlite3.Connection, new: New) -> int:
    """Keep a draft or a signed transaction and return its id.

    Raises:
        sqlite3.IntegrityError: A transaction with the same hash is already here.
    """
    cursor = db.execute(
        "INSERT INTO transactions (account, chain_id, state, title, detail, activity, symbol, amount_gwei, amount_rem, to_address, data,"
        " value_gwei, value_rem, created_at, nonce, gas, max_fee, tip, tx_hash, raw, replaces)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            new.account, new.chain_id, (TxState.DRAFT if new.raw is None else TxState.SIGNED).value, new.title, new.detail,
            new.activity, new.symbol, *split_gwei(new.amount), new.to, new.data, *split_gwei(new.value), new.created_at,
            new.nonce, new.gas, new.max_fee, new.tip, new.tx_hash, new.raw, new.replaces,
        ),
    )  # fmt: skip
    return int(cursor.lastrowid or 0)


def get(db: sqlite3.Connection, row_id: int) -> Row | None:
    """Return one."""
    row = db.execute("SELECT * FROM transactions WHERE id = ?", (row_id,)).fetchone()
    return None if row is None else _row(row)


def by_hash(db: sqlite3.Connection, tx_hash: str) -> Row | None:
    """Return the one with a hash."""
    row = db.execute("SELECT * FROM transactions WHERE tx_hash = ?", (tx_hash,)).fetchone()
    return None if row is None else _row(row)


def page(
    db: sqlite3.Connection,
    *,
    account: str | None = None,
    states: Sequence[TxState] = (),
    before: tuple[int, int] | None = None,
    limit: int = 200,
) -> tuple[Row, ...]:
    """Return transactions newest first; ``before`` is (created_at, id) of the last row of the page before."""
    where, values = ["1"], list[object]()
    if account is not None:
        where.append("account = ?")
        values.append(account)
    if states:
        where.append(f"state IN ({', '.join('?' * len(states))})")
        values += [state.value for state in states]
    if before is not None:
        where.append("(created_at, id) < (?, ?)")
        values += before
    query = f"SELECT * FROM transactions WHERE {' AND '.join(where)} ORDER BY created_at DESC, id DESC LIMIT ?"
    return tuple(_row(row) for row in db.execute(query, (*values, limit)))


def followed(db: sqlite3.Connection, chain_id: int, deep: int) -> tuple[Row, ...]:
    """Return what the follower looks at, in order of account and number: open ones, and refused ones younger than ``deep`` blocks."""
    rows = db.execute(
        "SELECT * FROM transactions WHERE chain_id = ? AND (state IN ('signed', 'sent', 'mined')"
        " OR (state = 'reverted' AND confirmations < ?)) ORDER BY account, nonce, id",
        (chain_id, deep),
    )
    return tuple(_row(row) for row in rows)


def rivals(db: sqlite3.Connection, row: Row) -> tuple[Row, ...]:
    """Return the other signed transactions with the same account, chain and number in line."""
    rows = db.execute(
        "SELECT * FROM transactions WHERE chain_id = ? AND account = ? AND nonce = ? AND id <> ? ORDER BY id",
        (row.chain_id, row.account, row.nonce, row.id),
    )
    return tuple(_row(found) for found in rows)


def next_nonce(db: sqlite3.Connection, chain_id: int, account: str) -> int | None:
    """Return one more than the highest number of an open transaction of the account; None when none is open."""
    (highest,) = db.execute(
        "SELECT max(nonce) FROM transactions WHERE chain_id = ? AND account = ? AND state IN ('signed', 'sent', 'mined')",
        (chain_id, account),
    ).fetchone()
    return None if highest is None else int(highest) + 1


def highest_nonce(db: sqlite3.Connection, chain_id: int, account: str) -> int | None:
    """Return the highest number of any transaction of the account that was signed and not lost; None when there is none."""
    (highest,) = db.execute(
        "SELECT max(nonce) FROM transactions WHERE chain_id = ? AND account = ? AND state NOT IN ('draft', 'dropped')",
        (chain_id, account),
    ).fetchone()
    return None if highest is None else int(highest)


def set_state(db: sqlite3.Connection, row_id: int, state: TxState, why: str = "") -> None:
    """Move to a state that is not in a block; forgets block and receipt."""
    db.execute(
        "UPDATE transactions SET state = ?, why = ?, block = NULL, block_hash = NULL, confirmations = 0, gas_used = NULL,"
        " gas_price = NULL, succeeded = NULL WHERE id = ?",
        (state.value, why, row_id),
    )


def set_why(db: sqlite3.Connection, row_id: int, why: str) -> None:
    """Say what it waits for."""
    db.execute("UPDATE transactions SET why = ? WHERE id = ?", (why, row_id))


def set_sent(db: sqlite3.Connection, row_id: int, at: int) -> None:
    """A server took it."""
    db.execute(
        "UPDATE transactions SET state = 'sent', why = '', sent_at = coalesce(sent_at, ?) WHERE id = ?", (at, row_id)
    )


def set_mined(
    db: sqlite3.Connection,
    row_id: int,
    state: TxState,
    *,
    block: int,
    block_hash: str,
    confirmations: int,
    gas_used: int,
    gas_price: int,
    succeeded: bool,
    why: str = "",
) -> None:
    """It is in a block: mined, final or reverted. ``gas_price`` is wei a unit."""
    db.execute(
        "UPDATE transactions SET state = ?, block = ?, block_hash = ?, confirmations = ?, gas_used = ?, gas_price = ?, succeeded = ?,"
        " why = ? WHERE id = ?",
        (state.value, block, block_hash, confirmations, gas_used, gas_price, int(succeeded), why, row_id),
    )


def remove_draft(db: sqlite3.Connection, row_id: int) -> bool:
    """Forget a draft; False when there is none with this id. Signed ones are never removed."""
    return db.execute("DELETE FROM transactions WHERE id = ? AND state = 'draft'", (row_id,)).rowcount == 1


def drafts_of(db: sqlite3.Connection, chain_id: int, account: str) -> tuple[Row, ...]:
    """Return the drafts of an account, the newest first."""
    rows = db.execute(
        "SELECT * FROM transactions WHERE state = 'draft' AND chain_id = ? AND account = ? ORDER BY id DESC",
        (chain_id, account),
    )
    return tuple(_row(row) for row in rows)


def signed_draft(draft: Row, raw: bytes, tx_hash: str) -> New:
    """Return a draft as the signed transaction it became."""
    return New(
        draft.account, draft.chain_id, draft.title, draft.detail, draft.activity, draft.symbol, draft.amount, draft.to,
        draft.data, draft.value, draft.created_at, draft.nonce, draft.gas, draft.max_fee, draft.tip, tx_hash, raw,
    )  # fmt: skip


def count(db: sqlite3.Connection, states: Iterable[TxState]) -> int:
    """Return how many are in one of these states."""
    wanted = [state.value for state in states]
    query = f"SELECT count(*) FROM transactions WHERE state IN ({', '.join('?' * len(wanted))})"
    return int(db.execute(query, wanted).fetchone()[0])


def recipients_paid(db: sqlite3.Connection, account: str) -> frozenset[str]:
    """Return addresses the account has sent something to and that reached a block, lower case."""
    rows = db.execute(
        "SELECT DISTINCT lower(detail) FROM transactions WHERE account = ? AND activity = 'send' AND block IS NOT NULL",
        (account,),
    )
    return frozenset(str(row[0]) for row in rows)


def _row(row: sqlite3.Row) -> Row:
    succeeded = row["succeeded"]
    return Row(
        row["id"], row["account"], row["chain_id"], TxState(row["state"]), row["title"], row["detail"], row["activity"],
        row["symbol"], join_gwei(row["amount_gwei"], row["amount_rem"]), row["to_address"], bytes(row["data"]),
        join_gwei(row["value_gwei"], row["value_rem"]), row["created_at"], row["nonce"], row["gas"], row["max_fee"],
        row["tip"], row["tx_hash"], None if row["raw"] is None else bytes(row["raw"]), row["sent_at"], row["block"],
        row["block_hash"], row["confirmations"], row["gas_used"], row["gas_price"],
        None if succeeded is None else bool(succeeded), row["why"], row["replaces"],
    )  # fmt: skip

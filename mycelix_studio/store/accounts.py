"""Accounts of the wallet and what they held when last read. No secret is ever in the cache."""

from __future__ import annotations

import sqlite3

from mycelix_studio.domain.account import Account, AccountKind, Balances, Origin
from mycelix_studio.domain.clock import from_unix, to_unix
from mycelix_studio.domain.money import join_gwei, split_gwei

SCHEMA = """
CREATE TABLE accounts (
    address TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    kind TEXT NOT NULL CHECK (kind IN ('key', 'watch')),
    origin TEXT NOT NULL,
    path TEXT NOT NULL DEFAULT '',
    created_at INTEGER NOT NULL,
    backup_proven_at INTEGER,
    own_passphrase INTEGER NOT NULL DEFAULT 0,
    position INTEGER NOT NULL,
    current INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE UNIQUE INDEX accounts_current ON accounts (current) WHERE current = 1;
CREATE TABLE balances (
    address TEXT NOT NULL REFERENCES accounts (address) ON DELETE CASCADE,
    chain_id INTEGER NOT NULL,
    symbol TEXT NOT NULL,
    amount_gwei INTEGER NOT NULL,
    amount_rem INTEGER NOT NULL,
    as_of INTEGER NOT NULL,
    block INTEGER NOT NULL,
    PRIMARY KEY (address, chain_id, symbol)
) STRICT, WITHOUT ROWID;
"""

NATIVE = "native"
EARNED = "earned"
FLOW = "FLOW"
CREDIT = "CGC"


def all_accounts(db: sqlite3.Connection) -> tuple[Account, ...]:
    """Return all accounts in the person's order."""
    return tuple(_account(row) for row in db.execute("SELECT * FROM accounts ORDER BY position, created_at, address"))


def get(db: sqlite3.Connection, address: str) -> Account | None:
    """Return one account."""
    row = db.execute("SELECT * FROM accounts WHERE address = ?", (address,)).fetchone()
    return None if row is None else _account(row)


def current(db: sqlite3.Connection) -> Account | None:
    """Return the chosen account, the first when none is chosen."""
    row = db.execute("SELECT * FROM accounts ORDER BY current DESC, position, created_at LIMIT 1").fetchone()
    return None if row is None else _account(row)


def add(db: sqlite3.Connection, account: Account) -> None:
    """Add an account at the end of the list. Raises sqlite3.IntegrityError when it is there."""
    (position,) = db.execute("SELECT coalesce(max(position) + 1, 0) FROM accounts").fetchone()
    db.execute(
        "INSERT INTO accounts (address, name, kind, origin, path, created_at, backup_proven_at, own_passphrase, position)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            account.address,
            account.name,
            account.kind.value,
            account.origin.value,
            account.path,
            to_unix(account.created_at),
            None if account.backup_proven_at is None else to_unix(account.backup_proven_at),
            int(account.own_passphrase),
            position,
        ),
    )


def set_current(db: sqlite3.Connection, address: str) -> bool:
    """Choose an account; False when it is not there."""
    db.execute("UPDATE accounts SET current = 0 WHERE current = 1")
    return db.execute("UPDATE accounts SET current = 1 WHERE address = ?", (address,)).rowcount == 1


def rename(db: sqlite3.Connection, address: str, name: str) -> bool:
    """Change a name; False when the account is not there."""
    return db.execute("UPDATE accounts SET name = ? WHERE address = ?", (name, address)).rowcount == 1


def prove_backup(db: sqlite3.Connection, address: str, at: int) -> None:
    """Remember the Unix time of a recovery drill that restored the address."""
    db.execute("UPDATE accounts SET backup_proven_at = ? WHERE address = ?", (at, address))


def upgrade_to_key(db: sqlite3.Connection, account: Account) -> None:
    """Give a watch-only account its key."""
    db.execute(
        "UPDATE accounts SET kind = 'key', origin = ?, path = ?, own_passphrase = ? WHERE address = ?",
        (account.origin.value, account.path, int(account.own_passphrase), account.address),
    )


def set_own_passphrase(db: sqlite3.Connection, address: str, own: bool) -> None:
    """Note whether the account's file needs the person's passphrase."""
    db.execute("UPDATE accounts SET own_passphrase = ? WHERE address = ?", (int(own), address))


def remove(db: sqlite3.Connection, address: str) -> None:
    """Forget an account and its balances."""
    db.execute("DELETE FROM accounts WHERE address = ?", (address,))


def save_balance(
    db: sqlite3.Connection, address: str, chain_id: int, symbol: str, *, amount: int, as_of: int, block: int
) -> None:
    """Keep what an account held. ``symbol`` is a token's, or :data:`NATIVE` or :data:`EARNED`; ``amount`` in wei."""
    db.execute(
        "INSERT INTO balances VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET amount_gwei = excluded.amount_gwei,"
        " amount_rem = excluded.amount_rem, as_of = excluded.as_of, block = excluded.block",
        (address, chain_id, symbol, *split_gwei(amount), as_of, block),
    )


def balances(db: sqlite3.Connection, chain_id: int, native_symbol: str) -> tuple[Balances, ...]:
    """Return what every account held on a chain when last read, in the order of the list."""
    found: dict[str, dict[str, sqlite3.Row]] = {}
    for row in db.execute("SELECT * FROM balances WHERE chain_id = ?", (chain_id,)):
        found.setdefault(row["address"], {})[row["symbol"]] = row

    def amount(rows: dict[str, sqlite3.Row], symbol: str) -> int | None:
        row = rows.get(symbol)
        return None if row is None else join_gwei(row["amount_gwei"], row["amount_rem"])

    made = []
    for account in all_accounts(db):
        rows = found.get(account.address, {})
        newest = rows.get(NATIVE)
        made.append(
            Balances(
                account.address,
                amount(rows, FLOW),
                amount(rows, CREDIT),
                amount(rows, NATIVE),
                amount(rows, EARNED),
                native_symbol,
                None if newest is None else from_unix(newest["as_of"]),
                None if newest is None else newest["block"],
            )
        )
    return tuple(made)


def _account(row: sqlite3.Row) -> Account:
    proven = row["backup_proven_at"]
    return Account(
        row["address"],
        row["name"],
        AccountKind(row["kind"]),
        Origin(row["origin"]),
        from_unix(row["created_at"]),
        row["path"],
        None if proven is None else from_unix(proven),
        bool(row["own_passphrase"]),
        row["position"],
    )

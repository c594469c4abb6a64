"""Accounts (any address), sign-in nonces and sessions."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from mycelix_studio.domain.clock import now
from mycelix_studio.node.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """Who a request comes from: the node's number, EIP-55 address, hash of the token, end of the sign-in."""

    id: int
    address: str
    token_hash: bytes
    expires_at: datetime


def token_hash(token: str) -> bytes:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).digest()


async def ids_of(connection: Connection, addresses: Iterable[str]) -> dict[str, int]:
    """Return the numbers of EIP-55 addresses, giving new ones where needed."""
    wanted = sorted(set(addresses))
    if not wanted:
        return {}
    found = await _known(connection, wanted)
    missing = [address for address in wanted if address not in found]
    if missing:
        # Sorted, so that two transactions that add the same addresses never wait for each other crosswise.
        await connection.execute(
            "INSERT INTO accounts (address) SELECT unnest(%s::text[]) ON CONFLICT DO NOTHING", (missing,)
        )
        found |= await _known(connection, missing)
    return found


async def find(connection: Connection, address: str) -> int | None:
    """Return the number of an EIP-55 address, None when it was never seen."""
    row = await (await connection.execute("SELECT id FROM accounts WHERE address = %s", (address,))).fetchone()
    return None if row is None else int(row[0])


async def _known(connection: Connection, addresses: list[str]) -> dict[str, int]:
    cursor = await connection.execute("SELECT address, id FROM accounts WHERE address = ANY(%s)", (addresses,))
    return {str(address): int(number) for address, number in await cursor.fetchall()}


async def new_nonce(connection: Connection, address: str, minutes: int) -> tuple[str, datetime]:
    """Keep and return a nonce for one sign-in of an address and the end of its time."""
    nonce = secrets.token_hex(16)
    expires = now() + timedelta(minutes=minutes)
    await connection.execute(
        "INSERT INTO nonces (nonce, address, expires_at) VALUES (%s, %s, %s)", (nonce, address, expires)
    )
    return nonce, expires


async def use_nonce(connection: Connection, nonce: str, address: str) -> bool:
    """Use a nonce up and tell whether it was fresh, of this address and in time. Of two racing uses one wins."""
    cursor = await connection.execute(
        "UPDATE nonces SET used_at = now() WHERE nonce = %s AND address = %s AND used_at IS NULL AND expires_at > now()",
        (nonce, address),
    )
    return cursor.rowcount == 1


async def new_session(connection: Connection, address: str, hours: int) -> tuple[str, Account]:
    """Open a session and return its token, of which only a hash is kept, and the account."""
    token = secrets.token_urlsafe(32)
    expires = now() + timedelta(hours=hours)
    number = (await ids_of(connection, [address]))[address]
    account = Account(number, address, token_hash(token), expires)
    await connection.execute(
        "INSERT INTO sessions (token_hash, account, expires_at) VALUES (%s, %s, %s)",
        (account.token_hash, number, expires),
    )
    return token, account


async def session(connection: Connection, hashed: bytes) -> Account | None:
    """Return the account of a token's hash, None when unknown or revoked. The caller looks at ``expires_at``."""
    cursor = await connection.execute(
        "SELECT a.id, a.address, s.expires_at FROM sessions s JOIN accounts a ON a.id = s.account WHERE s.token_hash = %s",
        (hashed,),
    )
    row = await cursor.fetchone()
    return None if row is None else Account(int(row[0]), str(row[1]), hashed, row[2])


async def revoke(connection: Connection, hashed: bytes) -> None:
    """End a session."""
    await connection.execute("DELETE FROM sessions WHERE token_hash = %s", (hashed,))


async def expire(connection: Connection) -> int:
    """Remove nonces, sessions and rate windows whose time is over and return how many."""
    removed = 0
    for statement in (
        "DELETE FROM nonces WHERE expires_at < now() - interval '1 day'",
        "DELETE FROM sessions WHERE expires_at < now() - interval '1 day'",
        "DELETE FROM rate_windows WHERE expires_at < now()",
    ):
        removed += (await connection.execute(statement)).rowcount
    return removed

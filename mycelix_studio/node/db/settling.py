"""The settler's record: which vouchers wait, which transaction charges which, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, Literal

from psycopg.rows import class_row

from mycelix_studio.node.db.pool import Connection

RETRY_SECONDS: Final = 60
"""Seconds until a voucher that could not be charged is looked at again."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A voucher that may be charged. ``seconds`` since it came; ``tried`` when an attempt failed before."""

    listener: int
    listener_address: str
    nonce: Decimal
    expires_at: int
    total: Decimal
    plays_hash: str
    items: bytes
    signature: str
    seconds: float
    tried: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """A settling transaction under way: its place in the sender's line and its signed forms (hash, bytes), the last one the dearest."""

    id: int
    nonce: int
    state: Literal["open", "mined"]
    block: int | None
    sends: tuple[tuple[str, bytes], ...]
    seconds: float


async def expire(connection: Connection, chain_id: int, now: int) -> int:
    """Give up pending vouchers whose deadline (chain time) is over and return how many."""
    cursor = await connection.execute(
        "UPDATE vouchers SET state = 'expired', reason = CASE WHEN reason = '' THEN 'expired' ELSE reason END"
        " WHERE chain_id = %s AND state = 'pending' AND expires_at < %s",
        (chain_id, now),
    )
    return cursor.rowcount


async def waiting(connection: Connection, chain_id: int, limit: int) -> list[Waiting]:
    """Return pending vouchers, the oldest first; those that failed lately are left out for a while."""
    async with connection.cursor(row_factory=class_row(Waiting)) as cursor:
        await cursor.execute(
            "SELECT v.listener, a.address AS listener_address, v.nonce, v.expires_at, v.total, v.plays_hash, v.items, v.signature,"
            " extract(epoch FROM now() - v.received_at)::float AS seconds, v.tried_at IS NOT NULL AS tried"
            " FROM vouchers v JOIN accounts a ON a.id = v.listener WHERE v.chain_id = %s AND v.state = 'pending'"
            " AND (v.tried_at IS NULL OR v.tried_at < now() - make_interval(secs => %s))"
            " ORDER BY v.received_at, v.listener, v.nonce LIMIT %s",
            (chain_id, RETRY_SECONDS, limit),
        )
        return await cursor.fetchall()


async def put_off(connection: Connection, vouchers: Sequence[Waiting], reason: str) -> None:
    """Note why vouchers cannot be charged now; they are looked at again later."""
    for voucher in vouchers:
        await connection.execute(
            "UPDATE vouchers SET reason = %s, tried_at = now() WHERE listener = %s AND nonce = %s AND state = 'pending'",
            (reason, voucher.listener, voucher.nonce),
        )


async def uncovered(connection: Connection, chain_id: int) -> int:
    """Return how many pending vouchers wait because their purse holds too little."""
    row = await (
        await connection.execute(
            "SELECT count(*) FROM vouchers WHERE chain_id = %s AND state = 'pending' AND reason = 'balance'",
            (chain_id,),
        )
    ).fetchone()
    return int(row[0]) if row else 0


async def next_nonce(connection: Connection, chain_id: int, sender: str) -> int:
    """Return the number in line after the last recorded transaction, 0 before the first."""
    row = await (
        await connection.execute(
            "SELECT coalesce(max(nonce) + 1, 0) FROM settle_batches WHERE chain_id = %s AND sender = %s AND state <> 'lost'",
            (chain_id, sender),
        )
    ).fetchone()
    return int(row[0]) if row else 0


async def record(
    connection: Connection, chain_id: int, sender: str, nonce: int, vouchers: Sequence[Waiting], tx: str, raw: bytes
) -> bool:
    """Record a signed transaction before it is sent; False, and nothing may be committed, when a voucher is not pending any more."""
    row = await (
        await connection.execute(
            "INSERT INTO settle_batches (chain_id, sender, nonce, vouchers, tx) VALUES (%s, %s, %s, %s, %s) RETURNING id",
            (chain_id, sender, nonce, len(vouchers), tx),
        )
    ).fetchone()
    assert row is not None
    await connection.execute("INSERT INTO settle_sends VALUES (%s, 1, %s, %s)", (row[0], tx, raw))
    cursor = await connection.execute(
        "UPDATE vouchers v SET state = 'submitted', reason = '', batch = %s, tx = %s"
        " FROM unnest(%s::int[], %s::numeric[]) AS w (listener, nonce)"
        " WHERE v.listener = w.listener AND v.nonce = w.nonce AND v.state = 'pending'",
        (row[0], tx, [v.listener for v in vouchers], [v.nonce for v in vouchers]),
    )
    return cursor.rowcount == len(vouchers)


async def record_replacement(connection: Connection, batch: Batch, tx: str, raw: bytes) -> None:
    """Record a signed form of a batch with a higher fee before it is sent."""
    await connection.execute(
        "INSERT INTO settle_sends VALUES (%s, %s, %s, %s)", (batch.id, len(batch.sends) + 1, tx, raw)
    )
    await connection.execute("UPDATE settle_batches SET made_at = now() WHERE id = %s", (batch.id,))


async def under_way(connection: Connection, chain_id: int, sender: str) -> list[Batch]:
    """Return the transactions whose end is open, in line."""
    cursor = await connection.execute(
        "SELECT b.id, b.nonce, b.state, b.block, extract(epoch FROM now() - b.made_at)::float,"
        " (SELECT array_agg(s.tx ORDER BY s.attempt) FROM settle_sends s WHERE s.batch = b.id),"
        " (SELECT array_agg(s.raw ORDER BY s.attempt) FROM settle_sends s WHERE s.batch = b.id)"
        " FROM settle_batches b WHERE b.chain_id = %s AND b.sender = %s AND b.state IN ('open', 'mined') ORDER BY b.nonce",
        (chain_id, sender),
    )
    return [
        Batch(int(row[0]), int(row[1]), row[2], row[3], tuple(zip(row[5], row[6], strict=True)), float(row[4]))
        for row in await cursor.fetchall()
    ]


async def mined(connection: Connection, batch: int, tx: str, block: int) -> None:
    """Note that a signed form of a batch is in a block."""
    await connection.execute(
        "UPDATE settle_batches SET state = 'mined', tx = %s, block = %s WHERE id = %s", (tx, block, batch)
    )


async def reopened(connection: Connection, batch: int) -> None:
    """Note that a batch is in no block any more."""
    await connection.execute("UPDATE settle_batches SET state = 'open', block = NULL WHERE id = %s", (batch,))


async def ended(connection: Connection, batch: int, state: Literal["final", "lost"], reason: str = "") -> int:
    """Note the end of a batch; vouchers it did not charge wait again. Returns how many. Its bytes are not needed any more."""
    await connection.execute("UPDATE settle_batches SET state = %s WHERE id = %s", (state, batch))
    await connection.execute("UPDATE settle_sends SET raw = '' WHERE batch = %s", (batch,))
    cursor = await connection.execute(
        "UPDATE vouchers SET state = 'pending', batch = NULL, tx = NULL, reason = %s, tried_at = now()"
        " WHERE batch = %s AND state = 'submitted'",
        (reason, batch),
    )
    return cursor.rowcount


async def indexed(connection: Connection, chain_id: int) -> int:
    """Return the last block the indexer has written, -1 before its first."""
    row = await (
        await connection.execute("SELECT indexed FROM chain_heads WHERE chain_id = %s", (chain_id,))
    ).fetchone()
    return int(row[0]) if row else -1

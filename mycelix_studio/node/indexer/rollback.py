"""Takes blocks back that the chain no longer has: rows of events go, with a word to the feed; states return to what they were."""

from __future__ import annotations

from mycelix_studio.node.db import paid
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer.derive import derive, retract


async def to(connection: Connection, chain_id: int, block: int) -> None:
    """Forget everything of the chain above ``block``, in the caller's transaction; -1 forgets the chain."""
    place = (chain_id, block)
    cursor = await connection.execute(
        "DELETE FROM payments WHERE chain_id = %s AND block > %s RETURNING artist, key, song, listener, type", place
    )
    payments = await cursor.fetchall()
    await retract(connection, [(int(row[0]), int(row[1])) for row in payments], "payment")
    cursor = await connection.execute(
        "DELETE FROM payouts WHERE chain_id = %s AND block > %s RETURNING artist, key", place
    )
    await retract(connection, [(int(row[0]), int(row[1])) for row in await cursor.fetchall()], "payout")
    cursor = await connection.execute(
        "DELETE FROM voucher_songs WHERE chain_id = %s AND block > %s RETURNING artist, key", place
    )
    await retract(connection, [(int(row[0]), int(row[1])) for row in await cursor.fetchall()], "voucher_song")
    cursor = await connection.execute(
        "DELETE FROM chain_states WHERE chain_id = %s AND block > %s RETURNING entity", place
    )
    entities = {str(row[0]) for row in await cursor.fetchall()}
    await connection.execute("DELETE FROM chain_events WHERE chain_id = %s AND block > %s", place)
    await connection.execute("DELETE FROM chain_blocks WHERE chain_id = %s AND number > %s", place)
    pairs = await derive(connection, chain_id, entities)
    pairs |= {(int(row[0]), int(row[2]), int(row[3])) for row in payments if row[2] is not None and row[4] == "stream"}
    await paid.match(connection, pairs)

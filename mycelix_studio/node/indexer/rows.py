"""Payments and payouts of one range of blocks, gathered and then written at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from mycelix_studio.domain.wire import PaymentType
from mycelix_studio.node.db import accounts
from mycelix_studio.node.db.paid import Pair
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer.states import Place


@dataclass(slots=True)
class Payment:
    """Money that came in, or a reward that went out. Amounts in wei; ``strategy`` is its bit, 0 for tips."""

    place: Place
    item: int
    listener: str
    payee: int
    song_id: str | None
    artist: str
    strategy: int
    type: PaymentType
    count: int
    gross: int
    fee: int


@dataclass(frozen=True, slots=True)
class Payout:
    """Money that left an account for one recipient of its split."""

    place: Place
    item: int
    payee: int
    artist: str
    recipient: str
    amount: int
    deferred: bool


async def write_payments(connection: Connection, chain_id: int, payments: Sequence[Payment]) -> set[Pair]:
    """Write payments and return whose plays they may pay."""
    if not payments:
        return set()
    ids = await accounts.ids_of(connection, {name for p in payments for name in (p.listener, p.artist)})
    songs = await _song_keys(connection, {p.song_id for p in payments if p.song_id is not None})
    rows = [
        (
            ids[p.artist], chain_id, p.place.block, p.place.block_time, p.place.tx, p.place.log_index, p.item, ids[p.listener], p.payee,
            None if p.song_id is None else songs[p.song_id], p.strategy, p.type, p.count, p.gross, p.fee, p.gross - p.fee,
        )
        for p in payments
    ]  # fmt: skip
    async with connection.cursor() as writer:
        await writer.executemany(
            "INSERT INTO payments (artist, chain_id, block, block_time, tx, log_index, item, listener, payee, song, strategy, type,"
            " count, gross, fee, net) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )
    return {
        (ids[p.artist], songs[p.song_id], ids[p.listener])
        for p in payments
        if p.type == "stream" and p.song_id is not None
    }


async def write_payouts(connection: Connection, chain_id: int, payouts: Sequence[Payout]) -> None:
    """Write payouts."""
    if not payouts:
        return
    ids = await accounts.ids_of(connection, {name for p in payouts for name in (p.recipient, p.artist)})
    rows = [
        (
            ids[p.artist], chain_id, p.place.block, p.place.block_time, p.place.tx, p.place.log_index, p.item, p.payee, ids[p.recipient],
            p.amount, p.deferred,
        )
        for p in payouts
    ]  # fmt: skip
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO payouts (artist, chain_id, block, block_time, tx, log_index, item, payee, recipient, amount, deferred)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


async def _song_keys(connection: Connection, song_ids: Collection[str]) -> dict[str, int]:
    cursor = await connection.execute("SELECT song_id, id FROM songs WHERE song_id = ANY(%s)", (list(song_ids),))
    return {str(song_id): int(key) for song_id, key in await cursor.fetchall()}

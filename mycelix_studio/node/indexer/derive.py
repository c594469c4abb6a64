"""Writes what the newest states say into the tables that clients see, and tells the feed what no longer holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import cast

from psycopg.types.json import Jsonb

from mycelix_studio.node.db import accounts
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer.states import PayeeState, SongState, States


async def derive(connection: Connection, chain_id: int, entities: Collection[str]) -> None:
    """Bring the rows of these things in line with their newest states; things without a state lose their rows."""
    states = States(connection, chain_id)
    await states.load(entities)
    # Songs first: splits name their artists.
    for entity in sorted(entities, key=lambda name: (not name.startswith("song:"), name)):
        kind, _, name = entity.partition(":")
        state = await states.get(entity)
        if kind == "song":
            await _song(connection, name, cast(SongState | None, state), states)
        elif kind == "payee":
            await _split(connection, chain_id, int(name), cast(PayeeState | None, state))


async def retract(connection: Connection, rows: Iterable[tuple[int, int]], kind: str) -> None:
    """Tell the feed that rows (artist, key) of a kind no longer hold."""
    by_artist: dict[int, list[int]] = {}
    for artist, key in rows:
        by_artist.setdefault(artist, []).append(key)
    for artist, keys in by_artist.items():
        await connection.execute(
            "INSERT INTO retractions (artist, of_kind, keys) VALUES (%s, %s, %s)", (artist, kind, sorted(keys))
        )


async def _song(connection: Connection, song_id: str, state: SongState | None, states: States) -> None:
    if state is None:
        cursor = await connection.execute(
            "DELETE FROM songs s WHERE song_id = %s AND NOT listed"
            " AND NOT EXISTS (SELECT 1 FROM plays p WHERE p.artist = s.owner AND p.song = s.id) RETURNING owner, id",
            (song_id,),
        )
        await retract(connection, [(int(owner), int(key)) for owner, key in await cursor.fetchall()], "song")
        await connection.execute(
            "UPDATE songs SET registered = false, payee = NULL, owner = artist, xid = current_xid() WHERE song_id = %s",
            (song_id,),
        )
        return
    payee = cast(PayeeState | None, await states.get(f"payee:{state['payee']}"))
    splits = [
        {"recipient": to, "basisPoints": bps, "role": role}
        for to, bps, role in (zip(payee["to"], payee["bps"], payee["roles"], strict=True) if payee else ())
    ]
    ids = await accounts.ids_of(connection, [state["registrant"], state["owner"]])
    artist, owner = ids[state["registrant"]], ids[state["owner"]]
    before = await (
        await connection.execute("SELECT owner, id FROM songs WHERE artist = %s AND song_id = %s", (artist, song_id))
    ).fetchone()
    strategies = state["strategies"]
    await connection.execute(
        """
        INSERT INTO songs AS s (artist, song_id, owner, content_hash, strategy, strategies, price, payee, splits, registered)
        VALUES (%(artist)s, %(song_id)s, %(owner)s, %(hash)s, %(main)s, %(strategies)s, %(price)s, %(payee)s, %(splits)s, true)
        ON CONFLICT (artist, song_id) DO UPDATE SET
            owner = excluded.owner, strategies = excluded.strategies, price = excluded.price, payee = excluded.payee,
            splits = excluded.splits, registered = true, xid = current_xid(),
            strategy = CASE WHEN s.strategy & excluded.strategies <> 0 THEN s.strategy ELSE excluded.strategy END
        """,
        {
            "artist": artist,
            "song_id": song_id,
            "owner": owner,
            "hash": state["content_hash"],
            # The lowest bit is the main way to earn, pay per stream where none is on.
            "main": strategies & -strategies or 1,
            "strategies": strategies,
            "price": int(state["price"]),
            "payee": state["payee"],
            "splits": Jsonb(splits),
        },
    )
    if before is not None and int(before[0]) != owner:
        await retract(connection, [(int(before[0]), int(before[1]))], "song")


async def _split(connection: Connection, chain_id: int, payee: int, state: PayeeState | None) -> None:
    artist = None
    if state is not None and state["artist"]:
        artist = (await accounts.ids_of(connection, [state["artist"]]))[state["artist"]]
    cursor = await connection.execute(
        "DELETE FROM splits WHERE chain_id = %s AND payee = %s AND (artist IS DISTINCT FROM %s OR split_hash IS DISTINCT FROM %s"
        " OR tx IS DISTINCT FROM %s) RETURNING artist, key",
        (chain_id, payee, artist, state["split_hash"] if state else None, state["tx"] if state else None),
    )
    await retract(connection, [(int(owner), int(key)) for owner, key in await cursor.fetchall()], "split")
    if state is None or artist is None:
        return
    shares = [
        {"recipient": to, "bps": bps, "role": role}
        for to, bps, role in zip(state["to"], state["bps"], state["roles"], strict=True)
    ]
    await connection.execute(
        "INSERT INTO splits (artist, chain_id, block, block_time, tx, log_index, payee, split_hash, fee_bps, locked, shares)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (artist, chain_id, payee, split_hash)"
        " DO UPDATE SET fee_bps = excluded.fee_bps, locked = excluded.locked, block = excluded.block,"
        " block_time = excluded.block_time, log_index = excluded.log_index, xid = current_xid()",
        (
            artist,
            chain_id,
            state["block"],
            state["block_time"],
            state["tx"],
            state["log_index"],
            payee,
            state["split_hash"],
            state["fee_bps"],
            state["locked"],
            Jsonb(shares),
        ),
    )

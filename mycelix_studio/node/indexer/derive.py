"""Writes what the newest states say into the tables that clients see, and tells the feed what no longer holds."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final, cast

from psycopg.types.json import Jsonb

from mycelix_studio.domain.strategy.patronage import PERIOD_SECONDS
from mycelix_studio.node.db import accounts, vouchers
from mycelix_studio.node.db.paid import Pair
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer.states import (
    AuctionState,
    PayeeState,
    SongState,
    States,
    SubscriptionState,
    VoucherState,
)


async def derive(connection: Connection, chain_id: int, entities: Collection[str]) -> set[Pair]:
    """Bring the rows of these things in line with their newest states; things without a state lose their rows.

    Returns whose plays must be matched with what was paid.
    """
    states = States(connection, chain_id)
    await states.load(entities)
    named = [(entity.partition(":"), await states.get(entity)) for entity in sorted(entities)]
    # What hangs on a song goes before it; songs come before what names them.
    for (kind, _, name), state in named:
        if state is None and kind in {"subscription", "auction"}:
            await _gone(connection, chain_id, kind, name)
    for (kind, _, name), state in named:
        if kind == "song":
            await _song(connection, chain_id, name, cast(SongState | None, state), states)
    for (kind, _, name), state in named:
        if kind == "payee":
            await _split(connection, chain_id, int(name), cast(PayeeState | None, state))
        elif kind == "subscription" and state is not None:
            await _subscription(connection, chain_id, cast(SubscriptionState, state))
        elif kind == "auction" and state is not None:
            await _auction(connection, chain_id, int(name), cast(AuctionState, state))
    return await vouchers.derive(
        connection,
        chain_id,
        {
            (listener, int(nonce)): cast(VoucherState | None, state)
            for (kind, _, name), state in named
            if kind == "voucher"
            for listener, _, nonce in (name.partition(":"),)
        },
    )


async def retract(connection: Connection, rows: Iterable[tuple[int, int]], kind: str) -> None:
    """Tell the feed that rows (artist, key) of a kind no longer hold."""
    by_artist: dict[int, list[int]] = {}
    for artist, key in rows:
        by_artist.setdefault(artist, []).append(key)
    for artist, keys in by_artist.items():
        await connection.execute(
            "INSERT INTO retractions (artist, of_kind, keys) VALUES (%s, %s, %s)", (artist, kind, sorted(keys))
        )


async def _song(connection: Connection, chain_id: int, song_id: str, state: SongState | None, states: States) -> None:
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
        await _hand_over(connection, chain_id, int(before[1]), owner)


_HAND_OVER: Final = {
    "subscription": "UPDATE subscriptions t SET artist = %(owner)s, xid = current_xid()"
    " FROM (SELECT artist, key FROM subscriptions WHERE chain_id = %(chain)s AND song = %(song)s AND artist <> %(owner)s) AS old"
    " WHERE t.artist = old.artist AND t.key = old.key RETURNING old.artist, old.key",
    "auction": "UPDATE auctions t SET artist = %(owner)s, xid = current_xid()"
    " FROM (SELECT artist, key FROM auctions WHERE chain_id = %(chain)s AND song = %(song)s AND artist <> %(owner)s) AS old"
    " WHERE t.artist = old.artist AND t.key = old.key RETURNING old.artist, old.key",
}
_GONE: Final = {
    "subscription": "DELETE FROM subscriptions WHERE chain_id = %s AND song = (SELECT id FROM songs WHERE song_id = %s)"
    " AND patron = (SELECT id FROM accounts WHERE address = %s) RETURNING artist, key",
    "auction": "DELETE FROM auctions WHERE chain_id = %s AND auction = %s::bigint RETURNING artist, key",
}


async def _hand_over(connection: Connection, chain_id: int, song: int, owner: int) -> None:
    """Let patrons and auctions of a song follow it to its new owner. What was paid before stays with whom it was paid to."""
    for kind, query in _HAND_OVER.items():
        cursor = await connection.execute(query, {"owner": owner, "chain": chain_id, "song": song})
        await retract(connection, [(int(artist), int(key)) for artist, key in await cursor.fetchall()], kind)


async def _gone(connection: Connection, chain_id: int, kind: str, name: str) -> None:
    """Remove the row of a subscription (song and patron) or an auction (its number)."""
    cursor = await connection.execute(_GONE[kind], (chain_id, *name.split(":")))
    await retract(connection, [(int(artist), int(key)) for artist, key in await cursor.fetchall()], kind)


_SUBSCRIPTION: Final = """
INSERT INTO subscriptions (artist, chain_id, block, block_time, tx, log_index, song, patron, started_at, paid_through, price, periods,
                           auto_renew, state, reason)
SELECT s.owner, %(chain)s, %(block)s, %(block_time)s, %(tx)s, %(log_index)s, s.id, %(patron_id)s, %(started_at)s, %(paid_through)s,
       %(price)s, %(periods)s, %(auto_renew)s, %(state)s, %(reason)s
FROM songs s WHERE s.song_id = %(song_id)s
ON CONFLICT (artist, chain_id, song, patron) DO UPDATE SET
    block = excluded.block, block_time = excluded.block_time, tx = excluded.tx, log_index = excluded.log_index,
    started_at = excluded.started_at, paid_through = excluded.paid_through, price = excluded.price, periods = excluded.periods,
    auto_renew = excluded.auto_renew, state = excluded.state, reason = excluded.reason, xid = current_xid()
"""
_AUCTION: Final = """
INSERT INTO auctions (artist, chain_id, block, block_time, tx, log_index, auction, song, start_price, end_price, starts_at, ends_at,
                      supply, sold, per_wallet, closed)
SELECT s.owner, %(chain)s, %(block)s, %(block_time)s, %(tx)s, %(log_index)s, %(auction)s, s.id, %(start_price)s, %(end_price)s,
       %(starts_at)s, %(ends_at)s, %(supply)s, %(sold)s, %(per_wallet)s, %(closed)s
FROM songs s WHERE s.song_id = %(song_id)s
ON CONFLICT (artist, chain_id, auction) DO UPDATE SET
    block = excluded.block, block_time = excluded.block_time, tx = excluded.tx, log_index = excluded.log_index,
    song = excluded.song, start_price = excluded.start_price, end_price = excluded.end_price, starts_at = excluded.starts_at,
    ends_at = excluded.ends_at, supply = excluded.supply, sold = excluded.sold, per_wallet = excluded.per_wallet,
    closed = excluded.closed, xid = current_xid()
"""


async def _subscription(connection: Connection, chain_id: int, state: SubscriptionState) -> None:
    patron = (await accounts.ids_of(connection, [state["patron"]]))[state["patron"]]
    periods = (state["paid_through"] - state["started_at"]) // PERIOD_SECONDS
    await connection.execute(
        _SUBSCRIPTION,
        {**state, "price": int(state["price"]), "chain": chain_id, "patron_id": patron, "periods": periods},
    )


async def _auction(connection: Connection, chain_id: int, auction: int, state: AuctionState) -> None:
    # A reorganisation can give the number to another song's auction, perhaps another artist's.
    cursor = await connection.execute(
        "DELETE FROM auctions t WHERE t.chain_id = %s AND t.auction = %s"
        " AND t.artist <> (SELECT owner FROM songs WHERE song_id = %s) RETURNING t.artist, t.key",
        (chain_id, auction, state["song_id"]),
    )
    await retract(connection, [(int(artist), int(key)) for artist, key in await cursor.fetchall()], "auction")
    prices = {"start_price": int(state["start_price"]), "end_price": int(state["end_price"])}
    await connection.execute(_AUCTION, {**state, **prices, "chain": chain_id, "auction": auction})


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

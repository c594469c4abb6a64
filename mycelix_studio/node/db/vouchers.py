"""Vouchers: what listeners signed, what became of each on chain, and which plays it pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.vouchers import net_by_song, unpack_items
from mycelix_studio.node.db import accounts
from mycelix_studio.node.db.paid import Pair
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer.states import PayeeState, VoucherState, owner_of

Standing = Literal["pending", "submitted", "settled", "replaced", "expired", "refused"]
"""``replaced``: the nonce was charged for another voucher. ``refused``: the Ledger will never charge it."""

SKIPS: Final = ("", "expired", "charged", "balance", "items", "signature", "session")
"""Why the Ledger left a voucher out, by the number in ``VoucherSkipped``."""

_AFTER_SKIP: Final[dict[str, Standing]] = {
    "expired": "expired",
    "charged": "replaced",
    # These may be better later: the purse can be filled, the session's cap raised.
    "balance": "pending",
    "session": "pending",
    "items": "refused",
    "signature": "refused",
}


@dataclass(frozen=True, slots=True)
class Heard:
    """A line of the list behind a voucher: song, the account it paid when it was signed, streams, gross wei."""

    song_id: str
    payee: int
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class VoucherRow:
    """A voucher the node holds. ``signer`` is the listener or a session key; ``expires_at`` in Unix seconds."""

    listener: int
    listener_address: str
    nonce: Decimal
    chain_id: int
    digest: str
    items: bytes
    payload: dict[str, list[dict[str, object]]]
    signature: str
    signer: str
    total: Decimal
    plays_hash: str
    expires_at: int
    state: Standing
    reason: str
    tx: str | None
    block: int | None
    received_at: datetime

    @property
    def plays(self) -> tuple[Heard, ...]:
        """The song-by-song list."""
        return tuple(
            Heard(str(p["song_id"]), int(str(p["payee"])), int(str(p["count"])), int(str(p["amount"])))
            for p in self.payload["plays"]
        )


_SELECT: Final = """
SELECT v.listener, a.address AS listener_address, v.nonce, v.chain_id, v.digest, v.items, v.payload, v.signature, v.signer, v.total,
       v.plays_hash, v.expires_at, v.state, v.reason, v.tx, v.block, v.received_at
FROM vouchers v JOIN accounts a ON a.id = v.listener
"""


async def find(connection: Connection, listener: int, nonce: int) -> VoucherRow | None:
    """Return a listener's voucher."""
    async with connection.cursor(row_factory=class_row(VoucherRow)) as cursor:
        await cursor.execute(f"{_SELECT} WHERE v.listener = %s AND v.nonce = %s", (listener, nonce))
        return await cursor.fetchone()


async def terms_of(
    connection: Connection, chain_id: int, song_ids: Sequence[str], since: int
) -> dict[str, list[dict[str, object]]]:
    """Return the states that songs had on chain at any time since a Unix second, the newest last."""
    cursor = await connection.execute(
        "SELECT substr(c.entity, 6), c.state, e.block_time FROM chain_states c"
        " JOIN chain_events e USING (chain_id, block, log_index) WHERE c.chain_id = %s AND c.entity = ANY(%s)"
        " ORDER BY c.block, c.log_index",
        (chain_id, [f"song:{song_id}" for song_id in song_ids]),
    )
    found: dict[str, list[dict[str, object]]] = {}
    for song_id, state, at in await cursor.fetchall():
        if at <= since:
            found[song_id] = [state]
        else:
            found.setdefault(song_id, []).append(state)
    return found


async def pays(connection: Connection, chain_id: int, payees: Sequence[int], address: str) -> bool:
    """Tell whether one of these accounts belongs to an address or pays it."""
    row = await (
        await connection.execute(
            "SELECT EXISTS (SELECT 1 FROM (SELECT DISTINCT ON (entity) state FROM chain_states WHERE chain_id = %s AND entity = ANY(%s)"
            " ORDER BY entity, block DESC, log_index DESC) AS s WHERE s.state->>'artist' = %s OR s.state->'to' ? %s)",
            (chain_id, [f"payee:{payee}" for payee in payees], address, address),
        )
    ).fetchone()
    return row is not None and bool(row[0])


async def hold(
    connection: Connection, listener: int, nonce: int, values: Mapping[str, object], plays: Sequence[Heard]
) -> bool:
    """Keep a verified voucher as pending; False when the node holds one of this nonce already.

    Args:
        connection: A transaction.
        listener: Account.
        nonce: Of the voucher.
        values: ``chain_id``, ``digest``, ``items``, ``signature``, ``signer``, ``total``, ``plays_hash`` and ``expires_at``.
        plays: The song-by-song list.
    """
    payload = {
        "plays": [{"song_id": p.song_id, "payee": p.payee, "count": p.count, "amount": str(p.amount)} for p in plays]
    }
    cursor = await connection.execute(
        "INSERT INTO vouchers (listener, nonce, chain_id, digest, items, payload, signature, signer, total, plays_hash, expires_at)"
        " VALUES (%(listener)s, %(nonce)s, %(chain_id)s, %(digest)s, %(items)s, %(payload)s, %(signature)s, %(signer)s, %(total)s,"
        " %(plays_hash)s, %(expires_at)s) ON CONFLICT DO NOTHING",
        {**values, "listener": listener, "nonce": nonce, "payload": Jsonb(payload)},
    )
    return cursor.rowcount == 1


async def derive(
    connection: Connection, chain_id: int, states: Mapping[tuple[str, int], VoucherState | None]
) -> set[Pair]:
    """Bring vouchers (listener's address, nonce) in line with what the chain did, None for nothing; returns whose plays are concerned."""
    if not states:
        return set()
    ids = await accounts.ids_of(connection, {listener for listener, _nonce in states})
    pairs: set[Pair] = set()
    for (address, nonce), state in states.items():
        listener = ids[address]
        cursor = await connection.execute(
            "DELETE FROM paid_plays WHERE listener = %s AND nonce = %s RETURNING artist, song, payee", (listener, nonce)
        )
        pairs |= await _pairs(connection, listener, await cursor.fetchall())
        held = await find(connection, listener, nonce)
        if state is not None and not state["reason"]:
            pairs |= await _settled(connection, chain_id, listener, address, nonce, state, held)
        elif held is not None and held.chain_id == chain_id:
            await _unsettled(connection, held, state)
    return pairs


async def reconcile(connection: Connection, chain_id: int) -> set[Pair]:
    """Derive vouchers that came while the chain had charged them already; returns whose plays are concerned."""
    cursor = await connection.execute(
        "SELECT a.address, v.nonce, c.state FROM vouchers v JOIN accounts a ON a.id = v.listener"
        " CROSS JOIN LATERAL (SELECT state FROM chain_states WHERE chain_id = v.chain_id"
        "   AND entity = 'voucher:' || a.address || ':' || v.nonce ORDER BY block DESC, log_index DESC LIMIT 1) c"
        " WHERE v.chain_id = %s AND v.state IN ('pending', 'submitted') AND (c.state->>'reason')::int = 0",
        (chain_id,),
    )
    return await derive(connection, chain_id, {(str(a), int(n)): state for a, n, state in await cursor.fetchall()})


async def _settled(
    connection: Connection,
    chain_id: int,
    listener: int,
    address: str,
    nonce: int,
    state: VoucherState,
    held: VoucherRow | None,
) -> set[Pair]:
    items = bytes.fromhex(state["items"])
    known = held is not None and held.items == items and held.plays_hash == state["plays_hash"]
    if held is not None:
        standing: Standing = "settled" if known else "replaced"
        await connection.execute(
            "UPDATE vouchers SET state = %s, reason = '', tx = %s, block = %s WHERE listener = %s AND nonce = %s",
            (standing, state["tx"], state["block"], listener, nonce),
        )
    found = unpack_items(items)
    charge = await _charge(connection, chain_id, f"voucher:{address}:{nonce}", [i.payee for i in found])
    at, fee_bps = charge.at, charge.fee_bps
    if known:
        assert held is not None
        plays = held.plays
        nets = net_by_song(((p.song_id, p.payee, p.amount) for p in plays), fee_bps)
        await _name_songs(connection, chain_id, charge, {i.payee: n for n, i in enumerate(found)}, plays, nets)
        query = """
            INSERT INTO paid_plays (listener, nonce, position, artist, payee, song, count, amount, at, net)
            SELECT %s, %s, t.position, s.owner, t.payee, s.id, t.count, t.amount, %s, t.net
            FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[])
                 WITH ORDINALITY AS t (song_id, payee, count, amount, net, position)
            JOIN songs s USING (song_id) RETURNING artist, song, payee"""
        values: tuple[object, ...] = (
            [p.song_id for p in plays],
            [p.payee for p in plays],
            [p.count for p in plays],
            [Decimal(p.amount) for p in plays],
            [Decimal(nets[p.song_id]) for p in plays],
        )
    else:
        query = """
            INSERT INTO paid_plays (listener, nonce, position, artist, payee, song, count, amount, at, net)
            SELECT %s, %s, t.position, 0, t.payee, NULL, t.count, t.amount, %s, t.net
            FROM unnest(%s::bigint[], %s::bigint[], %s::numeric[], %s::numeric[])
                 WITH ORDINALITY AS t (payee, count, amount, net, position)
            RETURNING artist, song, payee"""
        values = (
            [i.payee for i in found],
            [i.count for i in found],
            [Decimal(i.amount) for i in found],
            [Decimal(i.amount - fee_of(i.amount, fee_bps[i.payee])) for i in found],
        )
    cursor = await connection.execute(query.encode(), (listener, nonce, at, *values))
    return await _pairs(connection, listener, await cursor.fetchall())


@dataclass(frozen=True, slots=True)
class _Charge:
    """Where and when (Unix seconds) a voucher was charged, and of its accounts the fee and the owner's address at that moment."""

    block: int
    log_index: int
    at: int
    fee_bps: dict[int, int]
    owners: dict[int, str]


async def _charge(connection: Connection, chain_id: int, entity: str, payees: Sequence[int]) -> _Charge:
    row = await (
        await connection.execute(
            "SELECT e.block, e.log_index, e.block_time FROM chain_states c JOIN chain_events e USING (chain_id, block, log_index)"
            " WHERE c.chain_id = %s AND c.entity = %s ORDER BY e.block DESC, e.log_index DESC LIMIT 1",
            (chain_id, entity),
        )
    ).fetchone()
    assert row is not None
    cursor = await connection.execute(
        "SELECT DISTINCT ON (entity) substr(entity, 7)::bigint, state FROM chain_states"
        " WHERE chain_id = %s AND entity = ANY(%s) AND (block, log_index) < (%s, %s) ORDER BY entity, block DESC, log_index DESC",
        (chain_id, [f"payee:{payee}" for payee in payees], row[0], row[1]),
    )
    states: dict[int, PayeeState] = {int(payee): state for payee, state in await cursor.fetchall()}
    return _Charge(
        int(row[0]),
        int(row[1]),
        int(row[2]),
        {payee: state["fee_bps"] for payee, state in states.items()},
        {payee: owner_of(state) for payee, state in states.items()},
    )


async def _name_songs(
    connection: Connection,
    chain_id: int,
    charge: _Charge,
    item_of: Mapping[int, int],
    plays: Sequence[Heard],
    nets: Mapping[str, int],
) -> None:
    """Write for the feed which songs a voucher's payments were for; rows that are there already stay, with their keys."""
    ids = await accounts.ids_of(connection, set(charge.owners.values()))
    await connection.execute(
        """
        INSERT INTO voucher_songs (artist, chain_id, block, log_index, item, song, count, gross, net)
        SELECT t.artist, %s, %s, %s, t.item, s.id, t.count, t.gross, t.net
        FROM unnest(%s::int[], %s::int[], %s::text[], %s::bigint[], %s::numeric[], %s::numeric[])
             AS t (artist, item, song_id, count, gross, net)
        JOIN songs s USING (song_id) ON CONFLICT (artist, chain_id, block, log_index, item, song) DO NOTHING""",
        (
            chain_id,
            charge.block,
            charge.log_index,
            [ids[charge.owners[p.payee]] for p in plays],
            [item_of[p.payee] for p in plays],
            [p.song_id for p in plays],
            [p.count for p in plays],
            [Decimal(p.amount) for p in plays],
            [Decimal(nets[p.song_id]) for p in plays],
        ),
    )


async def _unsettled(connection: Connection, held: VoucherRow, state: VoucherState | None) -> None:
    """Say how a voucher stands that was not charged. A skip counts only in a transaction of the settler's own: anybody may cause one."""
    place = (held.listener, held.nonce)
    own = None
    if state is not None:
        own = await (
            await connection.execute(
                "SELECT 1 FROM settle_sends s JOIN vouchers v ON v.batch = s.batch WHERE s.tx = %s AND v.listener = %s AND v.nonce = %s",
                (state["tx"], *place),
            )
        ).fetchone()
    if state is not None and own is not None:
        reason = SKIPS[state["reason"]]
        standing = _AFTER_SKIP[reason]
        await connection.execute(
            "UPDATE vouchers SET state = %s, reason = %s, tx = %s, block = %s, batch = CASE WHEN %s = 'pending' THEN NULL ELSE batch END,"
            " tried_at = now() WHERE listener = %s AND nonce = %s",
            (standing, reason, state["tx"], state["block"], standing, *place),
        )
    elif held.state in {"settled", "replaced", "refused"}:
        # The chain took it back. As long as its transaction may come into a block again, it is under way.
        await connection.execute(
            "UPDATE vouchers v SET reason = '', tx = NULL, block = NULL, state = CASE WHEN EXISTS"
            " (SELECT 1 FROM settle_batches b WHERE b.id = v.batch AND b.state IN ('open', 'mined')) THEN 'submitted' ELSE 'pending' END,"
            " batch = (SELECT b.id FROM settle_batches b WHERE b.id = v.batch AND b.state IN ('open', 'mined'))"
            " WHERE v.listener = %s AND v.nonce = %s",
            place,
        )


async def _pairs(connection: Connection, listener: int, rows: Sequence[tuple[object, ...]]) -> set[Pair]:
    """Return the pairs behind rows of (artist, song, payee); without a song, those of all the account's songs."""
    pairs = {(int(str(artist)), int(str(song)), listener) for artist, song, _payee in rows if song is not None}
    payees = [int(str(payee)) for _artist, song, payee in rows if song is None]
    if payees:
        cursor = await connection.execute("SELECT owner, id FROM songs WHERE payee = ANY(%s)", (payees,))
        pairs |= {(int(owner), int(song), listener) for owner, song in await cursor.fetchall()}
    return pairs

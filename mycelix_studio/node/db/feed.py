"""The sync feed: an artist's rows in commit order, without gaps.

Every row carries the number of the transaction that wrote it last (``xid``). A sequence would number rows in the order they are *written*,
which is not the order they are *committed*: a reader could pass a row that appears later. Transaction numbers below
``pg_snapshot_xmin`` are all over, so rows below it are complete and nothing can appear among them any more. A cursor is the place
(xid, kind, key) of the last record sent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import struct
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from mycelix_studio.node.db.pool import Connection

KINDS: Final = ("retraction", "song", "split", "payment", "payout", "subscription", "auction", "play", "voucher_song")
"""Kinds in the order they are sent within one transaction. Never reorder: cursors hold the index."""

_PLACE: Final = "t.chain_id, t.block, t.block_time, t.tx, t.log_index"
_QUERIES: Final[dict[str, str]] = {
    "retraction": "SELECT t.xid, t.key, t.of_kind, t.keys FROM retractions t WHERE t.artist = %(artist)s",
    "song": """
        SELECT t.xid, t.id, t.song_id, o.address, t.title, t.artist_name, t.genre, t.duration, t.cid, t.content_hash, t.strategy,
               t.strategies, t.price, t.payee, t.created_at, t.deleted_at IS NOT NULL,
               ARRAY(SELECT jsonb_build_object('at', e.block_time, 'strategies', c.state -> 'strategies', 'price', c.state -> 'price')
                     FROM chain_states c JOIN chain_events e USING (chain_id, block, log_index)
                     WHERE c.chain_id IN (SELECT chain_id FROM chain_heads) AND c.entity = 'song:' || t.song_id
                     ORDER BY c.block, c.log_index)
        FROM songs t JOIN accounts o ON o.id = t.owner WHERE t.owner = %(artist)s""",
    "split": f"""
        SELECT t.xid, t.key, {_PLACE}, t.payee, t.split_hash, t.fee_bps, t.locked, t.shares
        FROM splits t WHERE t.artist = %(artist)s""",
    "payment": f"""
        SELECT t.xid, t.key, {_PLACE}, t.item, l.address, t.payee, s.song_id, t.strategy, t.type, t.count, t.gross, t.fee, t.net
        FROM payments t JOIN accounts l ON l.id = t.listener LEFT JOIN songs s ON s.id = t.song WHERE t.artist = %(artist)s""",
    "payout": f"""
        SELECT t.xid, t.key, {_PLACE}, t.item, t.payee, r.address, t.amount, t.deferred
        FROM payouts t JOIN accounts r ON r.id = t.recipient WHERE t.artist = %(artist)s""",
    "subscription": f"""
        SELECT t.xid, t.key, {_PLACE}, s.song_id, p.address, t.started_at, t.paid_through, t.price, t.periods, t.auto_renew, t.state,
               t.reason
        FROM subscriptions t JOIN accounts p ON p.id = t.patron JOIN songs s ON s.id = t.song WHERE t.artist = %(artist)s""",
    "auction": f"""
        SELECT t.xid, t.key, {_PLACE}, t.auction, s.song_id, t.start_price, t.end_price, t.starts_at, t.ends_at, t.supply, t.sold,
               t.per_wallet, t.closed
        FROM auctions t JOIN songs s ON s.id = t.song WHERE t.artist = %(artist)s""",
    "play": "SELECT t.xid, t.key, t.song, t.listener, t.at, t.seconds, t.paid FROM plays t WHERE t.artist = %(artist)s",
    "voucher_song": """
        SELECT t.xid, t.key, p.key, p.block_time, l.address, s.song_id, t.count, t.gross, t.net
        FROM voucher_songs t JOIN payments p USING (artist, chain_id, block, log_index, item) JOIN accounts l ON l.id = p.listener
        JOIN songs s ON s.id = t.song WHERE t.artist = %(artist)s""",
}  # fmt: skip


class BadCursor(Exception):
    """The cursor was not given by this node to this artist. ``gone`` means it belongs to another database."""

    def __init__(self, gone: bool) -> None:
        super().__init__("bad cursor")
        self.gone = gone


@dataclass(frozen=True, slots=True)
class Position:
    """A place in the feed: transaction, kind, key."""

    xid: int = 0
    kind: int = -1
    key: int = 0


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the feed: its place, its kind by name, and the columns after (xid, key) of the kind's query."""

    position: Position
    kind: str
    columns: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Page:
    """A part of the feed. ``more`` is False when it reaches the present; ``as_of`` is the moment up to which it is then complete."""

    rows: list[Row]
    end: Position
    more: bool
    as_of: datetime


_CURSOR: Final = struct.Struct(">QbQ8s")


def seal(position: Position, artist: int, epoch: str, key: bytes) -> str:
    """Return the opaque cursor of a place, valid for one artist and one database."""
    body = _CURSOR.pack(position.xid, position.kind, position.key, hashlib.sha256(epoch.encode()).digest()[:8])
    return base64.urlsafe_b64encode(body + _seal(body, artist, key)).rstrip(b"=").decode()


def unseal(cursor: str, artist: int, epoch: str, key: bytes) -> Position:
    """Return the place of a cursor.

    Raises:
        BadCursor: It was not made by :func:`seal` for this artist, or for another database.
    """
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except ValueError as error:
        raise BadCursor(False) from error
    body, mac = raw[: _CURSOR.size], raw[_CURSOR.size :]
    if len(body) != _CURSOR.size or len(mac) != 16:
        raise BadCursor(False)
    xid, kind, number, database = _CURSOR.unpack(body)
    if database != hashlib.sha256(epoch.encode()).digest()[:8]:
        raise BadCursor(True)
    if not hmac.compare_digest(mac, _seal(body, artist, key)):
        raise BadCursor(False)
    return Position(xid, kind, number)


def _seal(body: bytes, artist: int, key: bytes) -> bytes:
    return hmac.digest(key, artist.to_bytes(8) + body, "sha256")[:16]


async def read(connection: Connection, artist: int, after: Position, limit: int) -> Page:
    """Return up to ``limit`` rows after a place, all seen in one snapshot.

    The connection must be at the start of a transaction.
    """
    await connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    row = await (
        await connection.execute(
            "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
            " CASE WHEN pg_is_in_recovery() THEN coalesce(pg_last_xact_replay_timestamp(), now())"
            " ELSE least(now(), (SELECT min(xact_start) FROM pg_stat_activity WHERE backend_xid IS NOT NULL)) END"
        )
    ).fetchone()
    assert row is not None
    horizon, as_of = int(row[0]), row[1]
    found: list[Row] = []
    more = False
    for index, kind in enumerate(KINDS):
        rows = await _rows(connection, kind, index, artist, after, horizon, limit + 1)
        found += rows
    found.sort(key=lambda item: (item.position.xid, item.position.kind, item.position.key))
    if len(found) > limit:
        more = True
        del found[limit:]
    return Page(found, found[-1].position if found else after, more, as_of)


def query(kind: str, artist: int, after: Position, horizon: int, limit: int) -> tuple[str, dict[str, object]]:
    """Return the query of one kind's rows after a place and below a transaction, and its values."""
    index = KINDS.index(kind)
    key = "t.id" if kind == "song" else "t.key"
    if index == after.kind:
        beyond = f"(t.xid, {key}) > (%(xid)s, %(key)s)"
    elif index > after.kind:
        beyond = "t.xid >= %(xid)s"
    else:
        beyond = "t.xid > %(xid)s"
    text = f"{_QUERIES[kind]} AND {beyond} AND t.xid < %(horizon)s ORDER BY t.xid, {key} LIMIT %(limit)s"
    values: dict[str, object] = {
        "artist": artist,
        "xid": after.xid,
        "key": after.key,
        "horizon": horizon,
        "limit": limit,
    }
    return text, values


async def _rows(
    connection: Connection, kind: str, index: int, artist: int, after: Position, horizon: int, limit: int
) -> list[Row]:
    text, values = query(kind, artist, after, horizon, limit)
    cursor = await connection.execute(text.encode(), values)
    return [Row(Position(int(row[0]), index, int(row[1])), kind, tuple(row[2:])) for row in await cursor.fetchall()]


async def names(connection: Connection, songs: set[int], accounts: set[int]) -> tuple[dict[int, str], dict[int, str]]:
    """Return song ids and addresses by the numbers that play rows hold."""
    song_cursor = await connection.execute("SELECT id, song_id FROM songs WHERE id = ANY(%s)", (list(songs),))
    account_cursor = await connection.execute("SELECT id, address FROM accounts WHERE id = ANY(%s)", (list(accounts),))
    return dict(await song_cursor.fetchall()), dict(await account_cursor.fetchall())

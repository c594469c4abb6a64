"""Songs: what artists list and what the chain says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from mycelix_studio.chain.values import keccak
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName
from mycelix_studio.node.db.pool import Connection

Sort = Literal["newest", "oldest", "popular", "trending"]


@dataclass(frozen=True, slots=True)
class SongRow:
    """A song. ``artist`` is the account its id was made from, ``owner`` who owns it now; ``price`` in wei."""

    artist: int
    id: int
    song_id: str
    owner: int
    owner_address: str
    title: str
    artist_name: str
    genre: str
    duration: int | None
    cid: str
    content_hash: str
    strategy: int
    strategies: int
    price: Decimal
    payee: int | None
    splits: list[dict[str, object]]
    metadata: dict[str, object]
    listed: bool
    registered: bool
    created_at: datetime
    deleted_at: datetime | None
    plays: int


@dataclass(frozen=True, slots=True)
class NewSong:
    """What an artist lists."""

    title: str
    artist_name: str
    genre: str
    duration: int | None
    cid: str
    content_hash: str
    strategy: StrategyName
    price: int
    splits: list[dict[str, object]]
    metadata: dict[str, object]


_SELECT: Final = """
SELECT s.artist, s.id, s.song_id, s.owner, a.address AS owner_address, s.title, s.artist_name, s.genre, s.duration, s.cid, s.content_hash,
       s.strategy, s.strategies, s.price, s.payee, s.splits, s.metadata, s.listed, s.registered, s.created_at, s.deleted_at,
       coalesce(r.plays, 0) AS plays
FROM songs s JOIN accounts a ON a.id = s.owner LEFT JOIN roll_song r ON r.song = s.id
"""

_VISIBLE: Final = "s.listed AND s.deleted_at IS NULL"

_ORDER: Final[dict[Sort, str]] = {
    "newest": "s.created_at DESC, s.id DESC",
    "oldest": "s.created_at, s.id",
    "popular": "r.plays_step DESC, r.plays DESC, r.song",
    "trending": "r.trend_step DESC, r.trending DESC, r.song",
}


def song_id_of(artist: str, content_hash: str) -> str:
    """Return the id the Ledger gives: keccak256 of the address's 20 bytes as a word and the content hash (abi.encode)."""
    word = bytes(12) + bytes.fromhex(artist[2:])
    return "0x" + keccak(word + bytes.fromhex(content_hash[2:])).hex()


async def by_id(connection: Connection, song_id: str) -> SongRow | None:
    """Return a song by its id, deleted and unlisted ones too."""
    async with connection.cursor(row_factory=class_row(SongRow)) as cursor:
        await cursor.execute(f"{_SELECT} WHERE s.song_id = %s", (song_id,))
        return await cursor.fetchone()


def page_query(
    *,
    limit: int,
    offset: int,
    sort: Sort = "newest",
    strategy: StrategyName | None = None,
    genre: str | None = None,
    owner: int | None = None,
    words: str | None = None,
) -> tuple[str, list[object]]:
    """Return the query of a page of listed songs, and its values."""
    where, values = _condition(strategy, genre, owner, words)
    # A song is known to the rollups a moment after it was listed; only these two orders need it to be.
    known = " AND r.visible" if sort in {"popular", "trending"} else ""
    return f"{_SELECT} WHERE {where}{known} ORDER BY {_ORDER[sort]} LIMIT %s OFFSET %s", [*values, limit, offset]


def _condition(
    strategy: StrategyName | None, genre: str | None, owner: int | None, words: str | None
) -> tuple[str, list[object]]:
    conditions, values = [_VISIBLE], list[object]()
    if strategy is not None:
        conditions.append("s.strategies & %s <> 0")
        values.append(STRATEGY_BITS[strategy])
    if genre is not None:
        conditions.append("lower(s.genre) = lower(%s)")
        values.append(genre)
    if owner is not None:
        conditions.append("s.owner = %s")
        values.append(owner)
    if words is not None:
        conditions.append(
            "to_tsvector('simple', s.title || ' ' || s.artist_name || ' ' || s.genre) @@ plainto_tsquery('simple', %s)"
        )
        values.append(words)
    return " AND ".join(conditions), values


async def page(
    connection: Connection,
    *,
    limit: int,
    offset: int,
    sort: Sort = "newest",
    strategy: StrategyName | None = None,
    genre: str | None = None,
    owner: int | None = None,
    words: str | None = None,
) -> tuple[list[SongRow], int]:
    """Return a page of listed songs and how many there are in all."""
    where, values = _condition(strategy, genre, owner, words)
    counted = await (
        await connection.execute(f"SELECT count(*) FROM songs s WHERE {where}".encode(), values)
    ).fetchone()
    async with connection.cursor(row_factory=class_row(SongRow)) as cursor:
        query, given = page_query(
            limit=limit, offset=offset, sort=sort, strategy=strategy, genre=genre, owner=owner, words=words
        )
        await cursor.execute(query.encode(), given)
        return await cursor.fetchall(), int(counted[0]) if counted else 0


async def create(connection: Connection, artist: int, address: str, song: NewSong) -> str | None:
    """List a song and return its id; None when this account lists the same audio already.

    A song the chain registered before keeps its price, payee and strategies from there.
    """
    song_id = song_id_of(address, song.content_hash)
    bit = STRATEGY_BITS[song.strategy]
    cursor = await connection.execute(
        """
        INSERT INTO songs AS s (artist, song_id, owner, title, artist_name, genre, duration, cid, content_hash, strategy, strategies,
                                price, splits, metadata, listed)
        VALUES (%(artist)s, %(song_id)s, %(artist)s, %(title)s, %(name)s, %(genre)s, %(duration)s, %(cid)s, %(hash)s, %(bit)s, %(bit)s,
                %(price)s, %(splits)s, %(metadata)s, true)
        ON CONFLICT (artist, song_id) DO UPDATE SET
            title = excluded.title, artist_name = excluded.artist_name, genre = excluded.genre, duration = excluded.duration,
            cid = excluded.cid, strategy = excluded.strategy, metadata = excluded.metadata, listed = true, deleted_at = NULL,
            strategies = CASE WHEN s.registered THEN s.strategies ELSE excluded.strategies END,
            price = CASE WHEN s.registered THEN s.price ELSE excluded.price END,
            splits = CASE WHEN s.registered THEN s.splits ELSE excluded.splits END,
            xid = current_xid()
        WHERE NOT s.listed OR s.deleted_at IS NOT NULL
        """,
        {
            "artist": artist,
            "song_id": song_id,
            "title": song.title,
            "name": song.artist_name,
            "genre": song.genre,
            "duration": song.duration,
            "cid": song.cid,
            "hash": song.content_hash,
            "bit": bit,
            "price": song.price,
            "splits": Jsonb(song.splits),
            "metadata": Jsonb(song.metadata),
        },
    )
    return song_id if cursor.rowcount == 1 else None


async def change(connection: Connection, owner: int, song_id: str, values: dict[str, object]) -> bool:
    """Set columns of one's own song; False when there is no such song of this owner."""
    allowed = {"title", "artist_name", "genre", "duration", "metadata"}
    names = [name for name in values if name in allowed]
    sets = ", ".join([*(f"{name} = %s" for name in names), "xid = current_xid()"])
    arguments = [Jsonb(values[name]) if name == "metadata" else values[name] for name in names]
    query = f"UPDATE songs SET {sets} WHERE song_id = %s AND owner = %s AND deleted_at IS NULL"
    return (await connection.execute(query.encode(), (*arguments, song_id, owner))).rowcount == 1


async def delete(connection: Connection, owner: int, song_id: str) -> bool:
    """Take one's own song out of the catalogue; its history stays. False when there is no such song of this owner."""
    cursor = await connection.execute(
        "UPDATE songs SET deleted_at = now(), xid = current_xid() WHERE song_id = %s AND owner = %s AND deleted_at IS NULL",
        (song_id, owner),
    )
    return cursor.rowcount == 1


@dataclass(frozen=True, slots=True)
class SongKey:
    """What a play needs of a song: its number, its owner, whether it is open for plays."""

    id: int
    owner: int
    open: bool


async def keys_of(connection: Connection, song_ids: Sequence[str]) -> dict[str, SongKey]:
    """Return the keys of the songs that exist."""
    cursor = await connection.execute(
        "SELECT song_id, id, owner, deleted_at IS NULL FROM songs WHERE song_id = ANY(%s)", (list(song_ids),)
    )
    return {str(row[0]): SongKey(int(row[1]), int(row[2]), bool(row[3])) for row in await cursor.fetchall()}

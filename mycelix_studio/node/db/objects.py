"""Audio that artists keep at the node: finished objects and unfinished uploads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from mycelix_studio.node.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Stored:
    """A finished object of one artist. ``leaves`` are the digests of its MiBs; empty for what an older node kept."""

    cid: str
    content_hash: str
    size: int
    container: str
    codec: str
    duration_ms: int
    sample_rate: int
    channels: int
    name: str
    leaves: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Upload:
    """An upload under way, or finished when ``cid`` is set. ``metadata`` is the header as the client sent it."""

    artist: int
    id: UUID
    name: str
    size: int
    received: int
    metadata: str
    cid: str | None
    expires_at: datetime


_OBJECT = "cid, content_hash, size, container, codec, duration_ms, sample_rate, channels, name, leaves"
_UPLOAD = "artist, id, name, size, received, metadata, cid, expires_at"


async def find(connection: Connection, artist: int, cid: str) -> Stored | None:
    """Return an artist's object by its CID."""
    async with connection.cursor(row_factory=class_row(Stored)) as cursor:
        await cursor.execute(f"SELECT {_OBJECT} FROM objects WHERE artist = %s AND cid = %s", (artist, cid))
        return await cursor.fetchone()


async def keep(connection: Connection, artist: int, stored: Stored) -> None:
    """Note a finished object; noting it twice is the same as once."""
    await connection.execute(
        f"INSERT INTO objects (artist, {_OBJECT}) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT DO NOTHING",
        (
            artist,
            stored.cid,
            stored.content_hash,
            stored.size,
            stored.container,
            stored.codec,
            stored.duration_ms,
            stored.sample_rate,
            stored.channels,
            stored.name,
            stored.leaves,
        ),
    )


async def keep_leaves(connection: Connection, cid: str, leaves: bytes) -> None:
    """Note the digests of an object's MiBs, whoever keeps it."""
    await connection.execute("UPDATE objects SET leaves = %s WHERE cid = %s AND leaves = ''", (leaves, cid))


async def used_bytes(connection: Connection, artist: int) -> int:
    """Return the bytes an artist keeps, unfinished uploads counted with their full size."""
    cursor = await connection.execute(
        "SELECT coalesce((SELECT sum(size) FROM objects WHERE artist = %(artist)s), 0)"
        " + coalesce((SELECT sum(size) FROM uploads WHERE artist = %(artist)s AND cid IS NULL), 0)",
        {"artist": artist},
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def begin(connection: Connection, upload: Upload) -> None:
    """Note a new upload."""
    await connection.execute(
        "INSERT INTO uploads (artist, id, name, size, metadata, expires_at) VALUES (%s, %s, %s, %s, %s, %s)",
        (upload.artist, upload.id, upload.name, upload.size, upload.metadata, upload.expires_at),
    )


async def upload(connection: Connection, artist: int, number: UUID) -> Upload | None:
    """Return an artist's upload."""
    async with connection.cursor(row_factory=class_row(Upload)) as cursor:
        await cursor.execute(f"SELECT {_UPLOAD} FROM uploads WHERE artist = %s AND id = %s", (artist, number))
        return await cursor.fetchone()


async def advance(connection: Connection, artist: int, number: UUID, received: int) -> None:
    """Note how many bytes lie safely in the file."""
    await connection.execute(
        "UPDATE uploads SET received = %s WHERE artist = %s AND id = %s", (received, artist, number)
    )


async def finish(connection: Connection, artist: int, number: UUID, cid: str) -> None:
    """Note that an upload became an object."""
    await connection.execute("UPDATE uploads SET cid = %s WHERE artist = %s AND id = %s", (cid, artist, number))


async def forget(connection: Connection, artist: int, number: UUID) -> None:
    """Remove an upload."""
    await connection.execute("DELETE FROM uploads WHERE artist = %s AND id = %s", (artist, number))


async def expired(connection: Connection) -> list[tuple[int, UUID]]:
    """Remove uploads whose time is over and return their artists and ids, so that the files can go too."""
    cursor = await connection.execute("DELETE FROM uploads WHERE expires_at < now() RETURNING artist, id")
    return [(int(artist), number) for artist, number in await cursor.fetchall()]

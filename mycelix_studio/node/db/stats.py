"""Figures of artists, songs and the platform, from the rollups of :mod:`mycelix_studio.node.db.analytics`."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.node.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Figures:
    """Plays, different listeners, net earnings in wei, seconds listened in all, Unix second of the last play."""

    plays: int
    listeners: int
    earnings: int
    seconds: int
    last: int | None


@dataclass(frozen=True, slots=True)
class PlatformFigures:
    """Songs in the catalogue, plays, artists with songs, gross volume of payments in wei, strategies that songs use."""

    songs: int
    plays: int
    artists: int
    volume: int
    strategies: int


_NOTHING = Figures(0, 0, 0, 0, None)


async def of_artist(connection: Connection, owner: int) -> Figures:
    """Return an artist's figures. Rewards are paid from the artist's own budget and are no earnings."""
    cursor = await connection.execute(
        "SELECT plays, listeners, earnings, 0, last FROM roll_artist WHERE artist = %s", (owner,)
    )
    return _figures(await cursor.fetchone())


async def of_song(connection: Connection, song: int) -> Figures:
    """Return a song's figures; see :func:`of_artist`."""
    cursor = await connection.execute(
        "SELECT plays, listeners, earnings, seconds, last FROM roll_song WHERE song = %s", (song,)
    )
    return _figures(await cursor.fetchone())


async def top_songs(connection: Connection, owner: int, limit: int = 5) -> list[tuple[str, str, int, int]]:
    """Return (song id, title, plays, net wei) of an artist's most played songs."""
    cursor = await connection.execute(
        "SELECT s.song_id, s.title, coalesce(r.plays, 0) AS plays, coalesce(r.earnings, 0)"
        " FROM songs s LEFT JOIN roll_song r ON r.song = s.id"
        " WHERE s.owner = %s AND s.listed AND s.deleted_at IS NULL ORDER BY plays DESC, s.id LIMIT %s",
        (owner, limit),
    )
    return [(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in await cursor.fetchall()]


async def of_platform(connection: Connection) -> PlatformFigures:
    """Return the platform's totals."""
    cursor = await connection.execute(
        "SELECT songs, plays, artists, volume, (SELECT count(*) FROM unnest(songs_by_strategy) AS n WHERE n > 0) FROM roll_platform"
    )
    row = await cursor.fetchone()
    assert row is not None
    return PlatformFigures(*(int(value) for value in row))


def _figures(row: tuple[object, ...] | None) -> Figures:
    if row is None:
        return _NOTHING
    plays, listeners, earnings, seconds, last = row
    return Figures(
        int(str(plays)),
        int(str(listeners)),
        int(str(earnings)),
        int(str(seconds)),
        None if last is None else int(str(last)),
    )

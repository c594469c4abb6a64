"""Figures of artists and songs, straight from plays and payments."""

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


async def of_artist(connection: Connection, owner: int) -> Figures:
    """Return an artist's figures. Rewards are paid from the artist's own budget and are no earnings."""
    cursor = await connection.execute(
        "SELECT count(*), count(DISTINCT listener), coalesce(sum(seconds), 0), max(at),"
        " (SELECT coalesce(sum(net), 0) FROM payments WHERE artist = %(artist)s AND type <> 'reward')"
        " FROM plays WHERE artist = %(artist)s",
        {"artist": owner},
    )
    return _figures(await cursor.fetchone())


async def of_song(connection: Connection, owner: int, song: int) -> Figures:
    """Return a song's figures; see :func:`of_artist`."""
    cursor = await connection.execute(
        "SELECT count(*), count(DISTINCT listener), coalesce(sum(seconds), 0), max(at),"
        " (SELECT coalesce(sum(net), 0) FROM payments WHERE song = %(song)s AND type <> 'reward')"
        " FROM plays WHERE artist = %(artist)s AND song = %(song)s",
        {"artist": owner, "song": song},
    )
    return _figures(await cursor.fetchone())


async def top_songs(connection: Connection, owner: int, limit: int = 5) -> list[tuple[str, str, int, int]]:
    """Return (song id, title, plays, net wei) of an artist's most played songs."""
    cursor = await connection.execute(
        "SELECT s.song_id, s.title, count(p.key) AS plays,"
        " (SELECT coalesce(sum(net), 0) FROM payments y WHERE y.song = s.id AND y.type <> 'reward')"
        " FROM songs s LEFT JOIN plays p ON p.artist = s.owner AND p.song = s.id"
        " WHERE s.owner = %s AND s.deleted_at IS NULL GROUP BY s.artist, s.id ORDER BY plays DESC, s.id LIMIT %s",
        (owner, limit),
    )
    return [(str(row[0]), str(row[1]), int(row[2]), int(row[3])) for row in await cursor.fetchall()]


def _figures(row: tuple[object, ...] | None) -> Figures:
    assert row is not None
    plays, listeners, seconds, last, earnings = row
    return Figures(
        int(str(plays)),
        int(str(listeners)),
        int(str(earnings)),
        int(str(seconds)),
        None if last is None else int(str(last)),
    )

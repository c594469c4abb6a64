"""Artists: their pages, songs and figures."""

from __future__ import annotations

from datetime import datetime

from fastapi import APIRouter
from psycopg.types.json import Jsonb

from mycelix_studio.chain.values import checksum
from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.node.db import accounts, songs, stats
from mycelix_studio.node.http.deps import AddressPath, ContextDep, SignedIn, SongPath, own
from mycelix_studio.node.http.models import Artist, ArtistPatch, Artists, ArtistStats, Songs, SongStats, TopSong
from mycelix_studio.node.http.problems import not_found
from mycelix_studio.node.http.songs import LimitQuery, PageQuery, pagination, songs_page

router = APIRouter(prefix="/api", tags=["artists"])

_ARTISTS = """
SELECT a.address, coalesce(nullif(p.name, ''), max(s.artist_name) FILTER (WHERE s.listed), ''), coalesce(p.bio, ''),
       coalesce(p.links, '{}'), count(s.id) FILTER (WHERE s.listed AND s.deleted_at IS NULL), a.first_seen
FROM accounts a LEFT JOIN artists p ON p.artist = a.id LEFT JOIN songs s ON s.owner = a.id
WHERE (p.artist IS NOT NULL OR s.id IS NOT NULL)
"""
_GROUP = " GROUP BY a.id, p.artist"


def _artist(row: tuple[object, ...]) -> Artist:
    address, name, bio, links, count, since = row
    assert isinstance(links, dict)
    assert isinstance(since, datetime)
    return Artist(
        address=str(address),
        name=str(name),
        bio=str(bio),
        links=links,
        songCount=int(str(count)),
        createdAt=rfc3339(since),
    )


@router.get("/artists")
async def list_artists(context: ContextDep, page: PageQuery = 1, limit: LimitQuery = 20) -> Artists:
    """List artists, the first known first."""
    async with context.database.read("artists") as connection:
        cursor = await connection.execute(
            f"{_ARTISTS}{_GROUP} ORDER BY a.id LIMIT %s OFFSET %s", (limit, (page - 1) * limit)
        )
        rows = await cursor.fetchall()
        counted = await (await connection.execute(f"SELECT count(*) FROM ({_ARTISTS}{_GROUP}) AS x")).fetchone()
    total = int(counted[0]) if counted else 0
    return Artists(artists=[_artist(row) for row in rows], pagination=pagination(page, limit, total))


async def _one(context: ContextDep, address: str) -> Artist:
    async with context.database.write("artist") as connection:
        row = await (await connection.execute(f"{_ARTISTS} AND a.address = %s {_GROUP}", (address,))).fetchone()
    if row is None:
        raise not_found("artist", "There is no such artist")
    return _artist(row)


@router.get("/artists/{address}")
async def get_artist(address: AddressPath, context: ContextDep) -> Artist:
    """Give one artist's page."""
    return await _one(context, checksum(address))


@router.patch("/artists/{address}")
async def change_artist(address: AddressPath, body: ArtistPatch, account: SignedIn, context: ContextDep) -> Artist:
    """Change one's own page; what is left out stays."""
    mine = own(account, address)
    async with context.database.write("change-artist") as connection:
        await connection.execute(
            "INSERT INTO artists AS a (artist, name, bio, links) VALUES (%(id)s, coalesce(%(name)s, ''), coalesce(%(bio)s, ''),"
            " coalesce(%(links)s::jsonb, '{}')) ON CONFLICT (artist) DO UPDATE SET name = coalesce(%(name)s, a.name),"
            " bio = coalesce(%(bio)s, a.bio), links = coalesce(%(links)s::jsonb, a.links), updated_at = now()",
            {
                "id": account.id,
                "name": body.name,
                "bio": body.bio,
                "links": None if body.links is None else Jsonb(body.links),
            },
        )
    return await _one(context, mine)


async def _id_of(context: ContextDep, address: str) -> int:
    async with context.database.read("artist-id") as connection:
        number = await accounts.find(connection, checksum(address))
    if number is None:
        raise not_found("artist", "There is no such artist")
    return number


@router.get("/artists/{address}/songs")
async def artist_songs(address: AddressPath, context: ContextDep, page: PageQuery = 1, limit: LimitQuery = 20) -> Songs:
    """List an artist's songs, newest first."""
    number = await _id_of(context, address)
    async with context.database.read("artist-songs") as connection:
        rows, total = await songs.page(connection, limit=limit, offset=(page - 1) * limit, owner=number)
    return songs_page(rows, page, limit, total)


@router.get("/artists/{address}/stats")
async def artist_stats(address: AddressPath, context: ContextDep) -> ArtistStats:
    """Give an artist's figures: plays, different listeners, net earnings to the wei, most played songs."""
    number = await _id_of(context, address)
    async with context.database.read("artist-stats") as connection:
        figures = await stats.of_artist(connection, number)
        top = await stats.top_songs(connection, number)
    return ArtistStats(
        address=checksum(address),
        totalPlays=figures.plays,
        totalEarnings=str(figures.earnings),
        uniqueListeners=figures.listeners,
        avgEarningsPerPlay=str(figures.earnings // figures.plays if figures.plays else 0),
        topSongs=[TopSong(songId=row[0], title=row[1], playCount=row[2], totalEarnings=str(row[3])) for row in top],
    )


@router.get("/songs/{song_id}/stats", tags=["songs"])
async def song_stats(song_id: SongPath, context: ContextDep) -> SongStats:
    """Give a song's figures."""
    async with context.database.read("song-stats") as connection:
        row = await songs.by_id(connection, song_id)
        if row is None or not row.listed or row.deleted_at is not None:
            raise not_found("song", "There is no such song")
        figures = await stats.of_song(connection, row.id)
    return SongStats(
        songId=song_id,
        playCount=figures.plays,
        uniqueListeners=figures.listeners,
        totalEarnings=str(figures.earnings),
        avgPlayDuration=round(figures.seconds / figures.plays, 3) if figures.plays else 0.0,
        lastPlayed=None if figures.last is None else rfc3339(from_unix(figures.last)),
    )

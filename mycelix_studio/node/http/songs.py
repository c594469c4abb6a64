"""Songs: list, search, create, change, take away."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName, strategies_of
from mycelix_studio.errors import Known
from mycelix_studio.node.db import objects, songs
from mycelix_studio.node.db.songs import NewSong, SongRow
from mycelix_studio.node.http.deps import ContextDep, SignedIn, SongPath, checked
from mycelix_studio.node.http.models import Pagination, Song, SongCreate, SongPatch, Songs
from mycelix_studio.node.http.problems import Problem, invalid, not_found

router = APIRouter(prefix="/api/songs", tags=["songs"])

DEFAULT_PRICE = 10**16
"""Price of a stream where the artist names none: 0.01 of the token."""

PageQuery = Annotated[int, Query(ge=1, le=1_000_000, description="Page, from 1.")]
LimitQuery = Annotated[int, Query(ge=1, le=100, description="Songs a page.")]
WordsQuery = Annotated[
    str, Query(min_length=1, max_length=200, pattern=r"^[^\x00]*$", description="Words to look for.", examples=["lamp"])
]
GenreQuery = Annotated[str | None, Query(max_length=100, pattern=r"^[^\x00]*$")]


def song_body(row: SongRow) -> Song:
    """Return a song as clients see it."""
    main = next(name for name, bit in STRATEGY_BITS.items() if bit == row.strategy)
    return Song(
        songId=row.song_id,
        title=row.title,
        artist=row.artist_name,
        artistAddress=row.owner_address,
        genre=row.genre,
        duration=row.duration,
        ipfsHash=row.cid,
        strategy=main,
        strategies=list(strategies_of(row.strategies)),
        price=str(row.price),
        createdAt=rfc3339(row.created_at),
        playCount=row.plays,
        metadata=row.metadata,
        contentHash=row.content_hash,
        payee=row.payee,
        registered=row.registered,
        splits=row.splits,
    )


def songs_page(rows: list[SongRow], page: int, limit: int, total: int) -> Songs:
    """Return a page of songs as clients see it."""
    return Songs(songs=[song_body(row) for row in rows], pagination=pagination(page, limit, total))


def pagination(page: int, limit: int, total: int) -> Pagination:
    """Return where a page lies."""
    return Pagination(page=page, limit=limit, total=total, totalPages=-(-total // limit))


@router.get("")
async def list_songs(
    context: ContextDep,
    page: PageQuery = 1,
    limit: LimitQuery = 20,
    strategy: StrategyName | None = None,
    genre: GenreQuery = None,
    sort: Literal["newest", "oldest", "popular", "trending"] = "newest",
) -> Songs:
    """List songs, newest first unless asked otherwise."""
    async with context.database.read("songs") as connection:
        rows, total = await songs.page(
            connection, limit=limit, offset=(page - 1) * limit, sort=sort, strategy=strategy, genre=genre
        )
    return songs_page(rows, page, limit, total)


@router.get("/search")
async def search_songs(context: ContextDep, q: WordsQuery, page: PageQuery = 1, limit: LimitQuery = 20) -> Songs:
    """Find songs whose title, artist and genre hold all the words."""
    async with context.database.read("search") as connection:
        rows, total = await songs.page(connection, limit=limit, offset=(page - 1) * limit, words=q)
    return songs_page(rows, page, limit, total)


@router.post("", status_code=201, responses={409: {"description": "The account lists this audio already."}})
async def create_song(body: SongCreate, account: SignedIn, context: ContextDep, response: Response) -> Song:
    """List a song whose audio this account has uploaded. Its id is the one the Ledger gives on registration."""
    splits = _splits(body)
    async with context.database.write("create-song") as connection:
        stored = await objects.find(connection, account.id, body.ipfsHash)
        content_hash = stored.content_hash if stored is not None else body.contentHash
        if content_hash is None:
            raise invalid(("ipfsHash", "this account uploaded no such audio; upload it first or give contentHash"))
        if body.contentHash is not None and body.contentHash != content_hash:
            raise invalid(("contentHash", "it is not the sha2-256 of the uploaded audio"))
        if body.songId is not None and body.songId != songs.song_id_of(account.address, content_hash):
            raise invalid(("songId", "it is not keccak256 of this account and the audio's hash"))
        duration = body.duration if stored is None else round(stored.duration_ms / 1000)
        song = NewSong(
            body.title,
            body.artist,
            body.genre,
            duration,
            body.ipfsHash,
            content_hash,
            body.strategy,
            DEFAULT_PRICE if body.price is None else int(body.price),
            splits,
            body.metadata or {},
        )
        song_id = await songs.create(connection, account.id, account.address, song)
        if song_id is None:
            raise Problem(
                409, "song-exists", "This song is listed already", "Change it with PATCH, or delete it first."
            )
        row = await songs.by_id(connection, song_id)
    if row is None:
        raise not_found("song", "There is no such song")
    response.headers["Location"] = f"/api/songs/{song_id}"
    return song_body(row)


def _splits(body: SongCreate) -> list[dict[str, object]]:
    if not body.splits:
        return []
    shares = tuple(
        Share(checked(f"splits.{index}.recipient", share.recipient), share.basisPoints, share.role)
        for index, share in enumerate(body.splits)
    )
    try:
        Split(shares)
    except Known as error:
        raise invalid(("splits", error.message)) from error
    return [{"recipient": share.recipient, "basisPoints": share.bps, "role": share.role} for share in shares]


@router.get("/{song_id}")
async def get_song(song_id: SongPath, context: ContextDep) -> Song:
    """Give one song."""
    return song_body(await _visible(context, song_id))


@router.patch("/{song_id}")
async def change_song(song_id: SongPath, body: SongPatch, account: SignedIn, context: ContextDep) -> Song:
    """Change what an artist may change of an own song; price, strategy and splits change on chain."""
    values = body.model_dump(exclude_unset=True, exclude_none=True)
    if "artist" in values:
        values["artist_name"] = values.pop("artist")
    async with context.database.write("change-song") as connection:
        if not await songs.change(connection, account.id, song_id, values):
            raise not_found("song", "There is no such song of yours")
        row = await songs.by_id(connection, song_id)
    if row is None:
        raise not_found("song", "There is no such song of yours")
    return song_body(row)


@router.delete("/{song_id}", status_code=204, response_class=Response)
async def delete_song(song_id: SongPath, account: SignedIn, context: ContextDep) -> Response:
    """Take an own song out of the catalogue. Plays and payments stay."""
    async with context.database.write("delete-song") as connection:
        if not await songs.delete(connection, account.id, song_id):
            raise not_found("song", "There is no such song of yours")
    return Response(status_code=204)


async def _visible(context: ContextDep, song_id: str) -> SongRow:
    async with context.database.read("song") as connection:
        row = await songs.by_id(connection, song_id)
    if row is None or not row.listed or row.deleted_at is not None:
        raise not_found("song", "There is no such song")
    return row

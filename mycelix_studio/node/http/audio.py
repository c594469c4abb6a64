"""Playback of stored audio: whole or by range, to whoever the song's strategies let in."""

from __future__ import annotations

import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import StreamingResponse

from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.node import metrics
from mycelix_studio.node.access import ChainAway
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import objects, songs
from mycelix_studio.node.db.objects import Stored
from mycelix_studio.node.db.songs import SongRow
from mycelix_studio.node.http.deps import OPEN, ContextDep, MaybeAccount, SongPath
from mycelix_studio.node.http.problems import Problem, not_found, unauthorized
from mycelix_studio.node.stores import StoreAway, verified
from mycelix_studio.node.stores.verified import Damaged, Named

router = APIRouter(prefix="/api/songs", tags=["songs"])

_TYPES: Final = {
    "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg", "wav": "audio/wav", "aiff": "audio/aiff", "mov": "audio/mp4",
    "mp4": "audio/mp4", "m4a": "audio/mp4", "matroska": "audio/webm", "caf": "audio/x-caf", "w64": "audio/wav",
}  # fmt: skip
_RANGE: Final = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")
_NAMES: Final = {bit: name for name, bit in STRATEGY_BITS.items()}
_BINARY: Final = {"schema": {"type": "string", "format": "binary"}}


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes from ``start`` (included) to ``end`` (excluded)."""

    start: int
    end: int


def parse_range(header: str, size: int) -> Span | None:
    """Return the bytes a Range header asks for; None where the whole is to be sent (no header, several ranges, another unit).

    Raises:
        Problem: The range begins behind the end (416).
    """
    match = _RANGE.fullmatch(header.strip())
    if match is None or (match[1] is None and match[2] is None):
        return None
    if match[1] is None:
        length = min(int(match[2]), size)
        span = Span(size - length, size)
    else:
        if match[2] is not None and int(match[2]) < int(match[1]):
            return None
        span = Span(int(match[1]), min(int(match[2] or size - 1) + 1, size))
    if span.start >= span.end:
        headers = {"Content-Range": f"bytes */{size}"}
        raise Problem(
            416, "bad-range", "The range lies behind the end", f"The audio has {size} bytes.", headers=headers
        )
    return span


@router.get(
    "/{song_id}/audio",
    response_class=Response,
    openapi_extra=OPEN,
    responses={
        200: {"description": "The whole audio.", "content": {"audio/*": _BINARY}},
        206: {"description": "The range asked for.", "content": {"audio/*": _BINARY}},
        304: {"description": "The client has it: its name never changes its bytes."},
        402: {"description": "The song's strategies do not let this listener in."},
        416: {"description": "The range lies behind the end."},
    },
)
@router.head("/{song_id}/audio", response_class=Response, include_in_schema=False)
async def audio(
    song_id: SongPath,
    request: Request,
    account: MaybeAccount,
    context: ContextDep,
    range_: Annotated[
        str, Header(alias="Range", max_length=200, description="`bytes=a-b`; several are answered whole.")
    ] = "",
    if_range: Annotated[str, Header(max_length=200)] = "",
    if_none_match: Annotated[str, Header(max_length=2_000)] = "",
) -> Response:
    """Play a song. Open songs need no sign-in; others what their strategy asks for: a pass, a subscription, a paid stream or a purse."""
    async with context.database.read("audio") as connection:
        song = await songs.by_id(connection, song_id)
        if song is None or not song.listed or song.deleted_at is not None:
            raise not_found("song", "There is no such song")
        # Only what the song's own artist uploaded: a name alone gives nobody another's audio.
        stored = await objects.find(connection, song.artist, song.cid)
    await _check(context, song, account)
    size = None if stored is None else await context.store.size(stored.cid)
    if stored is None or size is None:
        raise not_found("audio", "The audio is not kept here")
    tag = f'"{stored.cid}"'
    headers = {
        "Accept-Ranges": "bytes",
        "ETag": tag,
        "Cache-Control": "private, max-age=3600",
        "Vary": "Authorization",
        "Content-Disposition": "inline",
    }
    if tag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}:
        return Response(status_code=304, headers=headers)
    span = parse_range(range_, size) if not if_range or if_range == tag else None
    status = 200 if span is None else 206
    span = span or Span(0, size)
    headers["Content-Length"] = str(span.end - span.start)
    if status == 206:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    media_type = _TYPES.get(stored.container, "application/octet-stream")
    if request.method == "HEAD":
        return Response(status_code=status, headers=headers, media_type=media_type)
    try:
        return StreamingResponse(await _begun(context, stored, size, span), status, headers, media_type)
    except Damaged as error:
        raise Problem(503, "audio-damaged", error.title, error.message) from error


async def _check(context: Context, song: SongRow, account: MaybeAccount) -> None:
    try:
        allowed = await context.access.may_hear(song, account)
    except ChainAway as error:
        headers = {"Retry-After": "5"}
        raise Problem(503, "chain-away", error.title, error.message, headers=headers) from error
    if allowed:
        return
    strategy = _NAMES[song.strategy]
    metrics.AUDIO_REFUSALS.labels(strategy).inc()
    if account is None:
        raise unauthorized("no-token", "This song is not open to everybody: sign in with POST /api/auth/verify.")
    raise Problem(
        402, "no-access", "This song is to be paid first", f"Its artist earns by {strategy}. {_WAYS[strategy]}"
    )


_WAYS: Final = {
    "pay-per-stream": "Pay a stream, or put money into your purse.",
    "gift-economy": "The song is not registered yet.",
    "patronage": "Become a patron.",
    "auction": "Buy a pass.",
}


async def _begun(context: Context, stored: Stored, size: int, span: Span) -> AsyncIterator[bytes]:
    """Return the bytes, each compared with its CID, the first piece already read: a store that does not answer is then still a 503."""
    started = time.perf_counter()
    leaves = stored.leaves
    if not leaves:
        leaves = await verified.leaves_of(context.store, stored.cid, size)
        async with context.database.write("leaves") as connection:
            await objects.keep_leaves(connection, stored.cid, leaves)
    pieces = verified.read(context.store, Named(stored.cid, size, leaves), span.start, span.end)
    first = await anext(aiter(pieces), b"")
    metrics.STORE_SECONDS.labels("read").observe(time.perf_counter() - started)

    async def rest() -> AsyncIterator[bytes]:
        metrics.AUDIO_BYTES.inc(len(first))
        yield first
        try:
            async for piece in pieces:
                metrics.AUDIO_BYTES.inc(len(piece))
                yield piece
        except (StoreAway, Damaged) as error:
            # The status is sent; a short body is all that is left to say that something went wrong.
            metrics.ERRORS.labels("store-away" if isinstance(error, StoreAway) else "audio-damaged").inc()

    return rest()

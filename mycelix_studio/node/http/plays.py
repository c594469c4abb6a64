"""Plays as players report them: one at a time or up to 1,000 at once, each accepted or refused on its own."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID, uuid4

import msgspec
from fastapi import APIRouter, Query, Request, Response
from fastapi.exceptions import RequestValidationError
from pydantic import ValidationError

from mycelix_studio.chain.values import checksum
from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.domain.wire import parse_time
from mycelix_studio.node import metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import accounts, songs
from mycelix_studio.node.db.accounts import Account
from mycelix_studio.node.db.plays import PAGE, Overloaded, Play
from mycelix_studio.node.http.deps import SECURED, ContextDep, SignedIn, SongPath, context_of, is_operator, signed_in
from mycelix_studio.node.http.models import PlayAnswer, PlayRequest
from mycelix_studio.node.http.problems import Problem, invalid, not_found

router = APIRouter(prefix="/api", tags=["plays"])

MOST_PLAYS = 1_000
"""Plays in one batch."""
EARLIEST = 1_230_768_000
"""2009-01-01: no play is older than that."""
AHEAD_SECONDS = 120
"""How far a player's clock may run ahead."""
LONGEST = 86_400
"""Seconds one play can last."""


class PlayItem(msgspec.Struct, forbid_unknown_fields=True):
    """One play of a batch. ``playedAt`` is RFC 3339; ``listener`` defaults to the signed-in account."""

    songId: Annotated[str, msgspec.Meta(pattern=r"^0x[0-9a-f]{64}$")]
    playId: UUID
    playedAt: Annotated[str, msgspec.Meta(max_length=40)]
    duration: int
    listener: Annotated[str, msgspec.Meta(pattern=r"^0x[0-9a-fA-F]{40}$")] | None = None


class PlayBatch(msgspec.Struct, forbid_unknown_fields=True):
    """Plays."""

    plays: Annotated[list[PlayItem], msgspec.Meta(min_length=1, max_length=MOST_PLAYS)]


class PlayResult(msgspec.Struct, omit_defaults=True):
    """What became of one play: accepted, duplicate (already held), or refused with the reason."""

    playId: UUID
    status: Literal["accepted", "duplicate", "refused"]
    reason: str = ""


class PlayResults(msgspec.Struct):
    """What became of a batch, in its order."""

    accepted: int
    duplicates: int
    refused: int
    results: list[PlayResult]


_decoder = msgspec.json.Decoder(PlayBatch)
_encoder = msgspec.json.Encoder()

_EXAMPLE = {
    "plays": [
        {
            "songId": "0x" + "5a" * 32,
            "playId": "0198f0c2-7f3e-7c11-9a54-3f6b6f0a1d2e",
            "playedAt": "2026-03-01T12:30:00Z",
            "duration": 181,
        }
    ]
}


def _schema(kind: type) -> dict[str, object]:
    schemas, components = msgspec.json.schema_components([kind], ref_template="#/components/schemas/{name}")
    reference = schemas[0]
    return _inline(reference, components)


def _inline(schema: object, components: dict[str, object]) -> dict[str, object]:
    """Return a schema with its references put in place, since the generated specification keeps no foreign components."""

    def visit(part: object) -> object:
        if isinstance(part, dict):
            if "$ref" in part:
                return visit(components[str(part["$ref"]).rsplit("/", 1)[1]])
            return {name: visit(inner) for name, inner in part.items()}
        return [visit(inner) for inner in part] if isinstance(part, list) else part

    result = visit(schema)
    assert isinstance(result, dict)
    return result


@router.post(
    "/plays",
    responses={200: {"content": {"application/json": {"schema": _schema(PlayResults)}}}},
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": _schema(PlayBatch), "example": _EXAMPLE}},
        }
    },
)
async def report_plays(request: Request, account: SignedIn, context: ContextDep) -> Response:
    """Report up to 1,000 plays. Idempotent by ``playId``: a play may be sent again as it was.

    Refused are a ``playId`` that another play has, and a play in the future of both the clock and the chain's head.
    """
    try:
        batch = _decoder.decode(await request.body())
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at `$")
        raise invalid((path.rstrip("`").lstrip(".") or "body", message)) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Problem(400, "bad-json", "The body is not JSON", str(error)) from error
    results = await _Report(context, account).take(batch.plays)
    return Response(_encoder.encode(results), media_type="application/json")


@router.post(
    "/songs/{song_id}/play",
    responses={200: {"model": PlayAnswer}},
    openapi_extra={
        **SECURED,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": PlayRequest.model_json_schema(), "example": {"duration": 181}}},
        },
    },
)
async def report_play(song_id: SongPath, request: Request) -> Response:
    """Report one play of a song by the signed-in listener. Payment, where the song has a price, is the listener's on chain."""
    # The busiest request of all: looking up what it depends on and reading its body here costs a quarter less than FastAPI's way.
    context, account = context_of(request), signed_in(request)
    try:
        body = PlayRequest.model_validate_json(await request.body())
    except ValidationError as error:
        raise RequestValidationError([{**item, "loc": ("body", *item["loc"])} for item in error.errors()]) from error
    play_id = UUID(body.playId) if body.playId else uuid4()
    played_at = body.playedAt or rfc3339(datetime.now(UTC))
    item = PlayItem(song_id, play_id, played_at, body.duration)
    result = (await _Report(context, account).take([item])).results[0]
    if result.status == "refused":
        if result.reason == "unknown song":
            raise not_found("song", "There is no such song")
        raise invalid((_FIELDS.get(result.reason, "playId"), result.reason))
    answer = PlayAnswer(playId=str(play_id), amountPaid="0")
    return Response(answer.model_dump_json(), media_type="application/json")


_FIELDS = {
    "not an RFC 3339 time": "playedAt",
    "played in the future": "playedAt",
    "played before 2009": "playedAt",
    "duration is negative or longer than a day": "duration",
}


class _Report:
    """Checks and writes the plays of one request."""

    def __init__(self, context: Context, account: Account) -> None:
        self._context = context
        self._account = account
        self._any_listener = is_operator(context, account)

    async def take(self, items: list[PlayItem]) -> PlayResults:
        results: list[PlayResult | None] = [None] * len(items)
        keys = await self._context.song_keys.get({item.songId for item in items})
        listeners = await self._listeners(items)
        latest = max(int(time.time()), await self._context.head_time()) + AHEAD_SECONDS
        plays: list[Play] = []
        places: list[int] = []
        for place, item in enumerate(items):
            key = keys.get(item.songId)
            listener = listeners.get(item.listener or "")
            at, reason = _moment(item, latest)
            if key is None or not key.open:
                reason = "unknown song"
            elif listener is None:
                reason = "the listener is not the signed-in account"
            if reason or key is None or listener is None:
                results[place] = PlayResult(item.playId, "refused", reason)
                continue
            plays.append(Play(key.owner, key.id, listener, item.playId, at, item.duration))
            places.append(place)
        try:
            outcomes = await self._context.plays.write(plays)
        except Overloaded as error:
            raise Problem(
                503, "overloaded", "Too many plays at once", "Nothing was taken.", headers={"Retry-After": "1"}
            ) from error
        for place, outcome in zip(places, outcomes, strict=True):
            play_id = items[place].playId
            if outcome == "conflict":
                results[place] = PlayResult(play_id, "refused", "another play has this id")
            else:
                results[place] = PlayResult(play_id, outcome)
        return _count([result for result in results if result is not None])

    async def _listeners(self, items: list[PlayItem]) -> dict[str, int]:
        """Return account numbers by address as written; the empty text stands for the signed-in account."""
        found = {"": self._account.id}
        others = {item.listener: checksum(item.listener) for item in items if item.listener is not None}
        own = {text for text, address in others.items() if address == self._account.address}
        found |= dict.fromkeys(own, self._account.id)
        wanted = {text: address for text, address in others.items() if text not in own}
        if wanted and self._any_listener:
            async with self._context.database.write("listeners") as connection:
                ids = await accounts.ids_of(connection, wanted.values())
            found |= {text: ids[address] for text, address in wanted.items()}
        return found


def _moment(item: PlayItem, latest: int) -> tuple[int, str]:
    if not 0 <= item.duration <= LONGEST:
        return 0, "duration is negative or longer than a day"
    try:
        at = int(parse_time(item.playedAt).timestamp())
    except (ValueError, OverflowError):
        return 0, "not an RFC 3339 time"
    if at > latest:
        return 0, "played in the future"
    if at < EARLIEST:
        return 0, "played before 2009"
    return at, ""


def _count(results: list[PlayResult]) -> PlayResults:
    accepted = sum(result.status == "accepted" for result in results)
    duplicates = sum(result.status == "duplicate" for result in results)
    refused = len(results) - accepted - duplicates
    metrics.PLAYS.labels("accepted").inc(accepted)
    metrics.PLAYS.labels("duplicate").inc(duplicates)
    metrics.PLAYS.labels("refused").inc(refused)
    return PlayResults(accepted, duplicates, refused, results)


class SongPlay(msgspec.Struct):
    """One play as the song's owner sees it."""

    playId: UUID
    listener: str
    playedAt: str
    duration: int
    paid: bool


class SongPlays(msgspec.Struct):
    """A page of a song's plays, newest key first; ``next`` goes on."""

    plays: list[SongPlay]
    next: int | None


@router.get(
    "/songs/{song_id}/plays", responses={200: {"content": {"application/json": {"schema": _schema(SongPlays)}}}}
)
async def song_plays(
    song_id: SongPath,
    account: SignedIn,
    context: ContextDep,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**62, description="Go on below this key.")] = None,
) -> Response:
    """List the plays of an own song, the last reported first. Listeners are only shown to the song's owner."""
    async with context.database.read("song-plays") as connection:
        row = await songs.by_id(connection, song_id)
        if row is None or row.owner != account.id:
            raise not_found("song", "There is no such song of yours")
        cursor = await connection.execute(
            PAGE,
            (account.id, row.id, before or 2**62, limit),
        )
        found = await cursor.fetchall()
    plays = [SongPlay(f[1], f[2], rfc3339(from_unix(f[3])), f[4], bool(f[5])) for f in found]
    page = SongPlays(plays, int(found[-1][0]) if len(found) == limit else None)
    return Response(_encoder.encode(page), media_type="application/json")

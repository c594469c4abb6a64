"""The sync feed for studios: pages of changes in commit order, plays in columns, compressed when asked."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Final, cast

import msgspec
import zstandard
from fastapi import APIRouter, Header, Query, Response

from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, strategies_of
from mycelix_studio.node import metrics
from mycelix_studio.node.db import feed
from mycelix_studio.node.db.feed import BadCursor, Position, Row
from mycelix_studio.node.http.deps import ContextDep, SignedIn
from mycelix_studio.node.http.problems import Problem

router = APIRouter(prefix="/api/sync", tags=["sync"])

MOST_RECORDS: Final = 20_000
_STRATEGY_BY_BIT: Final = {bit: name for name, bit in STRATEGY_BITS.items()}
_encoder = msgspec.json.Encoder()

_PLACE: Final = ("chain_id", "block", "block_time", "tx", "log_index")
_COLUMNS: Final[dict[str, tuple[str, ...]]] = {
    "song": (
        "song_id", "artist", "title", "artist_name", "genre", "duration", "cid", "content_hash", "strategy", "strategies", "price",
        "payee", "created_at", "deleted", "history",
    ),
    "split": (*_PLACE, "payee", "split_hash", "fee_bps", "locked", "shares"),
    "payment": (*_PLACE, "item", "listener", "payee", "song_id", "strategy", "type", "count", "gross", "fee", "net"),
    "payout": (*_PLACE, "item", "payee", "recipient", "amount", "deferred"),
    "subscription": (
        *_PLACE, "song_id", "patron", "started_at", "paid_through", "price", "periods", "auto_renew", "state", "reason",
    ),
    "auction": (
        *_PLACE, "auction", "song_id", "start_price", "end_price", "starts_at", "ends_at", "supply", "sold", "per_wallet", "closed",
    ),
    "voucher_song": ("payment", "block_time", "listener", "song_id", "count", "gross", "net"),
}  # fmt: skip
_TIMES: Final = frozenset({"block_time", "started_at", "paid_through", "starts_at", "ends_at"})

_EXAMPLE: Final = {
    "records": [
        {
            "kind": "play",
            "songs": ["0x" + "5a" * 32],
            "listeners": ["0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"],
            "key": [1, 2],
            "song": [0, 0],
            "listener": [0, 0],
            "at": [1772368200, 1772368400],
            "seconds": [181, 90],
            "paid": [1, 0],
        },
        {
            "kind": "voucher_song",
            "key": 5,
            "payment": 18,
            "block_time": "2026-03-01T12:24:10Z",
            "listener": "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf",
            "song_id": "0x" + "5a" * 32,
            "count": 3,
            "gross": "30000000000000000",
            "net": "29700000000000000",
        },
        {"kind": "retraction", "of": "payment", "keys": [17]},
    ],
    "next_cursor": "AAAAAAAAAvEHAAAAAAAAAAI",
    "more": False,
    "as_of": "2026-03-01T12:30:00Z",
    "chain": {"chain_id": 31337, "indexed": 1204, "indexed_at": "2026-03-01T12:29:58Z"},
}


@router.get(
    "/changes",
    responses={
        200: {
            "content": {"application/json": {"schema": {"type": "object"}, "example": _EXAMPLE}},
            "description": "Changes after the cursor.",
        },
        304: {"description": "Nothing new since the answer whose ETag was sent."},
        400: {"description": "The cursor was not given by this node to this account."},
        410: {"description": "The cursor belongs to another database: begin again without one."},
    },
)
async def changes(
    account: SignedIn,
    context: ContextDep,
    cursor: Annotated[str, Query(max_length=128, description="`next_cursor` of the last page; empty begins.")] = "",
    limit: Annotated[int, Query(ge=1, le=MOST_RECORDS, description="Rows a page.")] = 5_000,
    accept_encoding: Annotated[str, Header()] = "",
    if_none_match: Annotated[str, Header()] = "",
) -> Response:
    """Give what changed for the signed-in artist, in commit order and without gaps. Records are those of the sync protocol."""
    after = Position()
    if cursor:
        try:
            after = feed.unseal(cursor, account.id, context.epoch, context.cursor_key)
        except BadCursor as error:
            if error.gone:
                raise Problem(
                    410, "cursor-gone", "The cursor belongs to another database", "Begin again without one."
                ) from error
            raise Problem(
                400, "bad-cursor", "The cursor is not one of this account's", "Begin again without one."
            ) from error
    async with context.database.read("sync") as connection:
        page = await feed.read(connection, account.id, after, limit)
        plays = [row for row in page.rows if row.kind == "play"]
        songs, listeners = await feed.names(
            connection, {cast(int, row.columns[0]) for row in plays}, {cast(int, row.columns[1]) for row in plays}
        )
        head = await context.chain_head(connection)
    next_cursor = feed.seal(page.end, account.id, context.epoch, context.cursor_key) if page.rows else cursor
    tag = '"' + hashlib.sha256(f"{cursor}|{next_cursor}|{page.more}".encode()).hexdigest()[:32] + '"'
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Accept-Encoding, Authorization"}
    if not page.rows and tag in {part.strip().removeprefix("W/") for part in if_none_match.split(",")}:
        metrics.SYNC_UNCHANGED.inc()
        return Response(status_code=304, headers=headers)
    records: list[object] = [_record(row) for row in page.rows if row.kind != "play"]
    if plays:
        records.append(_columns(plays, songs, listeners))
    body = _encoder.encode(
        {"records": records, "next_cursor": next_cursor, "more": page.more, "as_of": rfc3339(page.as_of), "chain": head}
    )
    if re.search(r"\bzstd\b(?!\s*;\s*q=0(?:\.0*)?(?:,|$))", accept_encoding):
        body = zstandard.ZstdCompressor(level=3).compress(body)
        headers["Content-Encoding"] = "zstd"
    return Response(body, media_type="application/json", headers=headers)


def _record(row: Row) -> dict[str, object]:
    metrics.SYNC_RECORDS.labels(row.kind).inc()
    if row.kind == "retraction":
        return {"kind": "retraction", "of": row.columns[0], "keys": row.columns[1]}
    record: dict[str, object] = {"kind": row.kind, "key": row.position.key}
    for name, value in zip(_COLUMNS[row.kind], row.columns, strict=True):
        record[name] = _value(name, value)
    return record


def _value(name: str, value: object) -> object:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime):
        return rfc3339(value)
    make = _MAKE.get(name)
    return value if make is None else make(value)


def _history(states: list[dict[str, object]]) -> list[dict[str, object]]:
    """Return the terms of a song, oldest first, without states in which something else changed."""
    found: list[dict[str, object]] = []
    for state in states:
        terms = {"strategies": strategies_of(cast(int, state["strategies"])), "price": str(state["price"])}
        if not found or {**found[-1], "at": ""} != {**terms, "at": ""}:
            found.append({"at": rfc3339(from_unix(cast(int, state["at"]))), **terms})
    return found


_MAKE: Final[dict[str, Callable[[object], object]]] = {
    **dict.fromkeys(_TIMES, lambda value: rfc3339(from_unix(cast(int, value)))),
    "strategy": lambda value: _STRATEGY_BY_BIT.get(cast(int, value)),
    "strategies": lambda value: strategies_of(cast(int, value)),
    "history": lambda value: _history(cast("list[dict[str, object]]", value)),
}


def _columns(rows: list[Row], songs: dict[int, str], listeners: dict[int, str]) -> dict[str, object]:
    metrics.SYNC_RECORDS.labels("play").inc(len(rows))
    song_index = {number: index for index, number in enumerate(songs)}
    listener_index = {number: index for index, number in enumerate(listeners)}
    song, listener, at, seconds, paid = zip(*(row.columns for row in rows), strict=True)
    return {
        "kind": "play",
        "songs": list(songs.values()),
        "listeners": list(listeners.values()),
        "key": [row.position.key for row in rows],
        "song": [song_index[number] for number in cast("tuple[int, ...]", song)],
        "listener": [listener_index[number] for number in cast("tuple[int, ...]", listener)],
        "at": at,
        "seconds": seconds,
        "paid": paid,
    }

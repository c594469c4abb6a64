"""What the queue shows: rows, sums and the inspector, from what is kept and what is under way."""

from __future__ import annotations

from collections.abc import Sequence

from mycelix_studio.domain.upload import (
    ACTIVE,
    UNFINISHED,
    QueueTotals,
    UploadDetail,
    UploadRow,
    UploadState,
    steps_of,
)
from mycelix_studio.services.uploads_meter import Meter, eta
from mycelix_studio.store import song_terms
from mycelix_studio.store.connection import Database
from mycelix_studio.store.uploads import Stored


def row_of(stored: Stored, artist_name: str, running: tuple[int, Meter] | None) -> UploadRow:
    """Return a row of the queue.

    Args:
        stored: As kept.
        artist_name: Whom it is listed under when its tags name nobody.
        running: Bytes confirmed and speed of what is under way, None while nothing is.
    """
    confirmed, speed = stored.confirmed, 0
    if running is not None and stored.state is not UploadState.DONE:
        confirmed = min(running[0], stored.size)
        speed = running[1].speed() if stored.state in ACTIVE else 0
    left = stored.size - confirmed
    return UploadRow(
        id=stored.id,
        track_id=stored.track_id,
        title=stored.title,
        artist=stored.artist or artist_name,
        container=stored.container,
        cover=stored.cover,
        path=stored.path,
        size=stored.size,
        confirmed=confirmed,
        state=stored.state,
        step=stored.step,
        speed=speed,
        eta=eta(left, speed) if left else None,
        why=stored.why.text,
        title_of_why=stored.why.title,
        hint=stored.why.hint,
        waits_for=stored.why.waits_for,
        recognised=stored.recognised,
        changed_at=stored.changed_at,
        song_id=stored.song_id,
    )


def detail_of(
    database: Database, chain_id: int, stored: Stored, row: UploadRow, *, number: str, speeds: tuple[int, ...]
) -> UploadDetail:
    """Return what the inspector shows; whether the song stands on chain is what was read from the chain last."""
    terms = None
    if stored.song_id:
        terms = song_terms.get(database.read(), chain_id, [stored.song_id]).get(stored.song_id)
    on_chain = terms is not None and terms.terms is not None
    under_way = terms is not None and terms.pending is not None and not on_chain
    steps = steps_of(row.step, row.state, listed=bool(stored.song_id), on_chain=on_chain, under_way=under_way)
    return UploadDetail(
        row=row,
        album=stored.album,
        number=number,
        cid=stored.cid,
        strategy=stored.strategy,
        price=stored.price,
        steps=steps,
        speeds=speeds,
        on_chain=on_chain,
        under_way=under_way,
    )


def totals_of(rows: Sequence[UploadRow], offline: str) -> QueueTotals:
    """Return the sums above the queue."""
    going = [row for row in rows if row.state in UNFINISHED]
    speed = sum(row.speed for row in rows)
    return QueueTotals(
        uploads=len(rows),
        done=sum(row.state is UploadState.DONE for row in rows),
        size=sum(row.size for row in rows),
        confirmed=sum(row.confirmed for row in rows),
        speed=speed,
        eta=eta(sum(row.size - row.confirmed for row in going), speed) if going else None,
        running=sum(row.state in ACTIVE for row in rows),
        waiting=len(going),
        paused=sum(row.state is UploadState.PAUSED for row in rows),
        needs_you=sum(row.state in (UploadState.NEEDS_YOU, UploadState.STOPPED) for row in rows),
        offline=offline if going else "",
    )

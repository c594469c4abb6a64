"""Plays: written in large transactions, each exactly once by its id, and never lost once accepted."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal
from uuid import UUID

from psycopg import errors

from mycelix_studio.node import logs, metrics
from mycelix_studio.node.db.pool import Connection, Database
from mycelix_studio.node.db.songs import SongKey, keys_of

log = logs.get("plays")

Outcome = Literal["accepted", "duplicate", "conflict"]
MOST_ROWS: Final = 20_000
"""Plays in one transaction, at most."""
MOST_WAITING: Final = 200_000
"""Plays that may wait for their transaction before new ones are turned away."""
_WRITERS: Final = 2


@dataclass(frozen=True, slots=True)
class Play:
    """One play: owner's and listener's numbers, song's key, id, Unix second, seconds listened."""

    artist: int
    song: int
    listener: int
    play_id: UUID
    at: int
    seconds: int


PAGE: Final = (
    "SELECT p.key, p.play_id, a.address, p.at, p.seconds, p.paid FROM plays p JOIN accounts a ON a.id = p.listener"
    " WHERE p.artist = %s AND p.song = %s AND p.key < %s ORDER BY p.key DESC LIMIT %s"
)
"""A page of a song's plays, the last reported first."""


class Overloaded(Exception):
    """More plays wait than the database takes."""


async def insert(connection: Connection, plays: Sequence[Play]) -> list[Outcome]:
    """Write plays and tell the outcome of each, in order: ``duplicate`` was there before, ``conflict`` has the id of another play."""
    cursor = await connection.execute(
        "INSERT INTO plays (artist, song, listener, play_id, at, seconds)"
        " SELECT * FROM unnest(%s::int[], %s::bigint[], %s::int[], %s::uuid[], %s::bigint[], %s::int[])"
        " ON CONFLICT DO NOTHING RETURNING artist, play_id",
        (
            [play.artist for play in plays],
            [play.song for play in plays],
            [play.listener for play in plays],
            [play.play_id for play in plays],
            [play.at for play in plays],
            [play.seconds for play in plays],
        ),
        binary=True,
    )
    written = set(await cursor.fetchall())
    if len(written) == len(plays):
        return ["accepted"] * len(plays)
    held = await _held(connection, [play for play in plays if (play.artist, play.play_id) not in written] or plays)
    outcomes: list[Outcome] = []
    for play in plays:
        if (play.artist, play.play_id) in written:
            written.discard((play.artist, play.play_id))
            outcomes.append("accepted")
            continue
        same = held.get((play.artist, play.play_id))
        mine = (play.song, play.listener, play.at, play.seconds)
        outcomes.append("duplicate" if same is None or same == mine else "conflict")
    return outcomes


async def _held(connection: Connection, plays: Sequence[Play]) -> dict[tuple[int, UUID], tuple[int, int, int, int]]:
    cursor = await connection.execute(
        "SELECT p.artist, p.play_id, p.song, p.listener, p.at, p.seconds FROM plays p"
        " JOIN unnest(%s::int[], %s::uuid[]) AS w (artist, play_id) USING (artist, play_id)",
        ([play.artist for play in plays], [play.play_id for play in plays]),
    )
    return {(row[0], row[1]): (row[2], row[3], row[4], row[5]) for row in await cursor.fetchall()}


@dataclass(slots=True)
class _Waiting:
    plays: Sequence[Play]
    done: asyncio.Future[list[Outcome]]


class PlayWriter:
    """Gathers plays of many requests into few transactions: the disk's one flush then serves them all.

    A request is answered after the commit of its plays, never before.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: deque[_Waiting] = deque()
        self._rows = 0
        self._wake = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin to write; call on the event loop."""
        self._tasks = [asyncio.create_task(self._run(), name=f"plays-{number}") for number in range(_WRITERS)]

    async def stop(self) -> None:
        """Write what waits, then stop."""
        while self._waiting:
            await asyncio.sleep(0.01)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def write(self, plays: Sequence[Play]) -> list[Outcome]:
        """Write plays and return their outcomes once they are safe.

        Raises:
            Overloaded: Too many wait already; nothing was taken.
            DatabaseAway: The database does not answer; whether they were written is unknown, and repeating them is harmless.
        """
        if not plays:
            return []
        if self._rows + len(plays) > MOST_WAITING:
            raise Overloaded
        waiting = _Waiting(plays, asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._rows += len(plays)
        metrics.PLAY_QUEUE.set(self._rows)
        self._wake.set()
        return await waiting.done

    async def _run(self) -> None:
        while True:
            await self._wake.wait()
            batch = self._take()
            if not batch:
                self._wake.clear()
                continue
            await self._flush(batch)

    def _take(self) -> list[_Waiting]:
        batch: list[_Waiting] = []
        rows = 0
        while self._waiting and (not batch or rows + len(self._waiting[0].plays) <= MOST_ROWS):
            waiting = self._waiting.popleft()
            rows += len(waiting.plays)
            batch.append(waiting)
        self._rows -= rows
        metrics.PLAY_QUEUE.set(self._rows)
        return batch

    async def _flush(self, batch: list[_Waiting]) -> None:
        plays = [play for waiting in batch for play in waiting.plays]
        try:
            for attempt in (1, 2, 3):
                try:
                    async with self._database.statements("plays") as connection:
                        outcomes = await insert(connection, plays)
                    break
                except (errors.DeadlockDetected, errors.SerializationFailure):
                    # Two transactions held each other's ids; nothing was written.
                    if attempt == 3:
                        raise
        except Exception as error:  # noqa: BLE001 - handed to every request that waits
            for waiting in batch:
                if not waiting.done.done():
                    waiting.done.set_exception(error)
            return
        metrics.PLAY_BATCH.observe(len(plays))
        start = 0
        for waiting in batch:
            if not waiting.done.done():
                waiting.done.set_result(outcomes[start : start + len(waiting.plays)])
            start += len(waiting.plays)


class SongKeys:
    """Keys of songs by id, kept for a short time: a play need not ask the database which song it is of."""

    _SECONDS: Final = 5.0
    _MOST: Final = 100_000

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, SongKey]] = {}

    async def get(self, song_ids: set[str]) -> dict[str, SongKey]:
        """Return the keys of those that exist."""
        now = asyncio.get_running_loop().time()
        found = {}
        missing = []
        for song_id in song_ids:
            known = self._known.get(song_id)
            if known is not None and now - known[0] < self._SECONDS:
                found[song_id] = known[1]
            else:
                missing.append(song_id)
        metrics.CACHE.labels("songs", "hit").inc(len(found))
        if missing:
            metrics.CACHE.labels("songs", "miss").inc(len(missing))
            async with self._database.write("song-keys") as connection:
                fresh = await keys_of(connection, missing)
            if len(self._known) > self._MOST:
                self._known.clear()
            self._known.update({song_id: (now, key) for song_id, key in fresh.items()})
            found |= fresh
        return found

"""Rate limits over fixed windows: counted in memory, and shared with the other processes through the database every second."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from mycelix_studio.node import logs
from mycelix_studio.node.config import Rate
from mycelix_studio.node.db.pool import Database, DatabaseAway

log = logs.get("limits")
SHARE_SECONDS = 1.0
_MOST_SUBJECTS = 200_000


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a subject stands after a request: the limit, what remains in this window, seconds until the next."""

    rate: Rate
    remaining: int
    reset: int
    refused: bool


@dataclass(slots=True)
class _Window:
    bucket: int
    used: int = 0
    unshared: int = 0


class Limits:
    """Counts requests by subject. Only used on the event loop's thread."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._windows: dict[tuple[str, int], _Window] = {}

    def take(self, subject: str, rate: Rate, cost: int = 1) -> Standing:
        """Count a request of ``subject`` against ``rate`` and say whether it is refused. A refused one is not counted."""
        now = time.time()
        bucket = int(now) // rate.seconds
        key = (subject, rate.seconds)
        window = self._windows.get(key)
        if window is None or window.bucket != bucket:
            if len(self._windows) >= _MOST_SUBJECTS:
                self._forget(now)
            window = self._windows[key] = _Window(bucket)
        reset = rate.seconds - int(now) % rate.seconds
        if window.used + cost > rate.count:
            return Standing(rate, 0, reset, True)
        window.used += cost
        window.unshared += cost
        return Standing(rate, rate.count - window.used, reset, False)

    async def share_forever(self) -> None:
        """Exchange counts with the other processes until cancelled."""
        while True:
            await asyncio.sleep(SHARE_SECONDS)
            try:
                await self.share()
            except DatabaseAway:
                log.warning("counts not shared: the database does not answer")

    async def share(self) -> None:
        """Add what was counted since the last time to the database and take over the sums."""
        changed = [(key, window, window.unshared) for key, window in self._windows.items() if window.unshared]
        if not changed:
            return
        async with self._database.write("limits") as connection:
            cursor = await connection.execute(
                "INSERT INTO rate_windows (subject, bucket, used, expires_at)"
                " SELECT s, b, u, to_timestamp(e) FROM unnest(%s::text[], %s::bigint[], %s::bigint[], %s::bigint[]) AS t (s, b, u, e)"
                " ON CONFLICT (subject, bucket) DO UPDATE SET used = rate_windows.used + excluded.used"
                " RETURNING subject, bucket, used",
                (
                    [f"{key[1]}:{key[0]}" for key, _window, _used in changed],
                    [window.bucket for _key, window, _used in changed],
                    [used for _key, _window, used in changed],
                    [(window.bucket + 2) * key[1] for key, window, _used in changed],
                ),
            )
            sums = {(str(subject), int(bucket)): int(used) for subject, bucket, used in await cursor.fetchall()}
        for key, window, used in changed:
            window.unshared -= used
            window.used = sums[f"{key[1]}:{key[0]}", window.bucket] + window.unshared

    def _forget(self, now: float) -> None:
        self._windows = {
            key: window for key, window in self._windows.items() if window.bucket == int(now) // key[1]
        }  # fmt: skip

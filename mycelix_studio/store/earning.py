"""What came in, for lists: payments of the cache, streams of one song and day together. Only reads; the table is synced."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import join_gwei

WINDOW = 20_000
"""Payments looked at for one page, at least."""
_LAST = 2**62


@dataclass(frozen=True, slots=True)
class Income:
    """Money that came in: one payment, or all streams of one song on one UTC day.

    Attributes:
        key: Of the newest payment in it.
        at: Its Unix time.
        block: Its block.
        strategy: Bit of the way to earn; 0 for tips.
        kind: The record's ``type``.
        title: Song's title, empty when not known.
        listener: EIP-55 address of who paid, empty when several did.
        listeners: How many paid.
        count: Streams, periods or passes.
        net: Wei for the account that is paid.
        tx: Transaction of the newest payment.
    """

    key: int
    at: int
    block: int
    strategy: int
    kind: str
    title: str
    listener: str
    listeners: int
    count: int
    net: int
    tx: str


def income(
    db: sqlite3.Connection, chain_id: int, before: tuple[int, int] | None, limit: int, *, window: int = WINDOW
) -> tuple[Income, ...]:
    """Return what came in, newest first; ``before`` is (at, key) of the last row of the page before.

    Only the newest ``window`` payments or a few more are looked at, so that a page costs the same however many there are. It may be
    shorter than ``limit`` then; it is empty only at the end.
    """
    upper = _LAST if before is None else before[0]
    while True:
        edge = db.execute(
            "SELECT block_time FROM payment WHERE block_time <= ? ORDER BY block_time DESC LIMIT 1 OFFSET ?",
            (upper, window),
        ).fetchone()
        lower = 0 if edge is None else int(edge[0]) // DAY_SECONDS * DAY_SECONDS  # whole days, so that no row is halved
        found = _income(db, chain_id, (lower, upper), before, limit)
        if found or not lower:
            return found
        upper = lower - 1


def _income(
    db: sqlite3.Connection, chain_id: int, span: tuple[int, int], before: tuple[int, int] | None, limit: int
) -> tuple[Income, ...]:
    having = "" if before is None else "HAVING (max(p.block_time), max(p.key)) < (?, ?)"
    rows = db.execute(
        f"""
        SELECT max(p.key), max(p.block_time), max(p.block), p.strategy, p.type, coalesce(s.title, ''),
          CASE WHEN count(DISTINCT p.listener) = 1 THEN max(l.address) ELSE '' END, count(DISTINCT p.listener), sum(p.count),
          sum(p.net_gwei), sum(p.net_rem), max(p.tx)
        FROM payment p JOIN party l ON l.id = p.listener LEFT JOIN song s ON s.song = p.song
        WHERE p.block_time BETWEEN ? AND ? AND p.chain_id = ? AND p.type <> 'reward'
        GROUP BY p.type, p.song, CASE WHEN p.type IN ('stream', 'voucher') THEN p.block_time / 86400 ELSE -p.key END
        {having}
        ORDER BY 2 DESC, 1 DESC LIMIT ?
        """,
        (*span, chain_id, *(before or ()), limit),
    )
    return tuple(
        Income(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], join_gwei(row[9], row[10]), row[11]
        )
        for row in rows
    )

"""What came in, for lists: payments of the cache, streams of one song and day together. Only reads; the table is synced."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass

from mycelix_studio.domain.money import join_gwei


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


def income(db: sqlite3.Connection, chain_id: int, before: tuple[int, int] | None, limit: int) -> tuple[Income, ...]:
    """Return what came in, newest first; ``before`` is (at, key) of the last row of the page before."""
    where = "" if before is None else "HAVING (max(p.block_time), max(p.key)) < (?, ?)"
    rows = db.execute(
        f"""
        SELECT max(p.key), max(p.block_time), max(p.block), p.strategy, p.type, coalesce(s.title, ''),
          CASE WHEN count(DISTINCT p.listener) = 1 THEN max(l.address) ELSE '' END, count(DISTINCT p.listener), sum(p.count),
          sum(p.net_gwei), sum(p.net_rem), max(p.tx)
        FROM payment p JOIN party l ON l.id = p.listener LEFT JOIN song s ON s.song = p.song
        WHERE p.chain_id = ? AND p.type <> 'reward'
        GROUP BY p.type, p.song, CASE WHEN p.type IN ('stream', 'voucher') THEN p.block_time / 86400 ELSE -p.key END
        {where}
        ORDER BY 2 DESC, 1 DESC LIMIT ?
        """,
        (chain_id, *(before or ()), limit),
    )
    return tuple(
        Income(
            row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], join_gwei(row[9], row[10]), row[11]
        )
        for row in rows
    )

"""Which plays are paid: of each listener and song as many as streams were paid, the earliest first, whatever came first to the node.

Streams are paid one song at a time, or by vouchers. Where the node holds a voucher's song-by-song list, it pays those songs; where it
does not, it pays the listener's earliest plays, not paid otherwise, of any songs of the account it names.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Final

from mycelix_studio.node.db.pool import Connection

Pair = tuple[int, int, int]
"""Owner's account, song's key, listener's account."""

_MATCH: Final = """
WITH given AS (SELECT * FROM unnest(%(artists)s::int[], %(songs)s::bigint[], %(listeners)s::int[]) AS t (artist, song, listener)),
pools AS MATERIALIZED (
    SELECT q.payee, q.listener, sum(q.count) AS total FROM paid_plays q
    WHERE q.song IS NULL AND (q.payee, q.listener) IN
          (SELECT s.payee, g.listener FROM given g JOIN songs s ON s.id = g.song WHERE s.payee IS NOT NULL)
    GROUP BY 1, 2
),
pairs AS (
    SELECT artist, song, listener FROM given
    UNION SELECT s.owner, s.id, p.listener FROM pools p JOIN songs s ON s.payee = p.payee
),
totals AS MATERIALIZED (
    SELECT c.artist, c.song, c.listener,
           (SELECT coalesce(sum(y.count), 0) FROM payments y
            WHERE y.artist = c.artist AND y.song = c.song AND y.listener = c.listener AND y.type = 'stream')
           + (SELECT coalesce(sum(q.count), 0) FROM paid_plays q
              WHERE q.artist = c.artist AND q.song = c.song AND q.listener = c.listener) AS total
    FROM pairs c
),
ranked AS MATERIALIZED (
    SELECT p.artist, p.song, p.key, p.listener, p.at,
           row_number() OVER (PARTITION BY p.artist, p.song, p.listener ORDER BY p.at, p.key) <= t.total AS paid
    FROM totals t JOIN plays p USING (artist, song, listener)
),
pooled AS (
    SELECT r.artist, r.song, r.key, r.paid OR coalesce(
               row_number() OVER (PARTITION BY l.payee, l.listener, r.paid ORDER BY r.at, r.key) <= l.total, false
           ) AS paid
    FROM ranked r LEFT JOIN songs s ON s.id = r.song LEFT JOIN pools l ON l.payee = s.payee AND l.listener = r.listener
)
UPDATE plays p SET paid = now.paid::int, xid = current_xid()
FROM pooled now
WHERE p.artist = now.artist AND p.song = now.song AND p.key = now.key AND p.paid <> now.paid::int
"""


async def match(connection: Connection, pairs: Collection[Pair]) -> int:
    """Set ``paid`` of the plays of these pairs and return how many changed; changed plays go through the feed again."""
    if not pairs:
        return 0
    artists, songs, listeners = zip(*sorted(set(pairs)), strict=True)
    cursor = await connection.execute(
        _MATCH, {"artists": list(artists), "songs": list(songs), "listeners": list(listeners)}
    )
    return cursor.rowcount


async def match_new(connection: Connection) -> int:
    """Match plays that came since the last time with what was paid before them, and return how many changed.

    Only the indexer calls it, between its own transactions: a play that is still being written is seen the next time, since its
    transaction is not below the horizon yet, and a payment is never written meanwhile.
    """
    row = await (
        await connection.execute(
            "WITH place AS (SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS horizon,"
            " coalesce((SELECT value::text::bigint FROM node_state WHERE name = 'plays_matched'), 0) AS since)"
            " SELECT horizon, since, EXISTS (SELECT 1 FROM plays p WHERE p.xid >= since AND p.xid < horizon) FROM place"
        )
    ).fetchone()
    assert row is not None
    if not row[2]:
        return 0
    place = {"horizon": int(row[0]), "since": int(row[1])}
    cursor = await connection.execute(
        """
        SELECT DISTINCT p.artist, p.song, p.listener FROM plays p WHERE p.xid >= %(since)s AND p.xid < %(horizon)s AND p.paid = 0 AND (
            EXISTS (SELECT 1 FROM payments y WHERE y.song = p.song AND y.listener = p.listener AND y.type = 'stream')
            OR EXISTS (SELECT 1 FROM paid_plays q WHERE q.song = p.song AND q.listener = p.listener)
            OR EXISTS (SELECT 1 FROM songs s JOIN paid_plays q ON q.payee = s.payee AND q.song IS NULL
                       WHERE s.id = p.song AND q.listener = p.listener))
        """,
        place,
    )
    pairs = {(int(artist), int(song), int(listener)) for artist, song, listener in await cursor.fetchall()}
    changed = await match(connection, pairs)
    await connection.execute(
        "INSERT INTO node_state VALUES ('plays_matched', to_jsonb(%(horizon)s::bigint))"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        place,
    )
    return changed

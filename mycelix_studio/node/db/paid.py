"""Which plays are paid: of each listener and song as many as streams were paid, the earliest first, whatever came first to the node."""

from __future__ import annotations

from collections.abc import Collection

from mycelix_studio.node.db.pool import Connection

Pair = tuple[int, int, int]
"""Owner's account, song's key, listener's account."""


async def match(connection: Connection, pairs: Collection[Pair]) -> int:
    """Set ``paid`` of the plays of these pairs and return how many changed; changed plays go through the feed again."""
    if not pairs:
        return 0
    artists, songs, listeners = zip(*sorted(set(pairs)), strict=True)
    cursor = await connection.execute(
        """
        WITH pairs AS (SELECT * FROM unnest(%s::int[], %s::bigint[], %s::int[]) AS t (artist, song, listener)),
        totals AS (
            SELECT y.artist, y.song, y.listener, sum(y.count) AS total FROM payments y JOIN pairs USING (artist, song, listener)
            WHERE y.type IN ('stream', 'voucher') GROUP BY 1, 2, 3
        ),
        ranked AS (
            SELECT p.artist, p.key,
                   (row_number() OVER (PARTITION BY p.artist, p.song, p.listener ORDER BY p.at, p.key) <= coalesce(t.total, 0))::int AS paid
            FROM plays p JOIN pairs USING (artist, song, listener) LEFT JOIN totals t USING (artist, song, listener)
        )
        UPDATE plays p SET paid = r.paid, xid = current_xid()
        FROM ranked r WHERE p.artist = r.artist AND p.key = r.key AND p.paid <> r.paid
        """,
        (list(artists), list(songs), list(listeners)),
    )
    return cursor.rowcount

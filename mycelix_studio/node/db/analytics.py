"""Analytics: bringing the rollups up to date, and reading the six views over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final, Literal

import psycopg
from psycopg.types.json import Jsonb

from mycelix_studio.node.db.pool import Connection

View = Literal[
    "mv_artist_analytics",
    "mv_song_analytics",
    "mv_platform_stats",
    "mv_top_songs_week",
    "mv_listener_activity",
    "mv_genre_stats",
]
Cell = str | int | float | Decimal | datetime | None
Values = dict[str, Cell]
"""A row of a view by column."""

# The steps rise with what they are of and have an index that few plays move; they change no order.
TOP_ARTISTS: Final = "ORDER BY plays_step DESC, total_plays DESC, artist_key LIMIT %s"
TRENDING: Final = "WHERE trending_score > 0 ORDER BY trend_step DESC, trending_score DESC, song_key LIMIT %s"
POPULAR: Final = "ORDER BY plays_step DESC, play_count DESC, song_key LIMIT %s"


@dataclass(frozen=True, slots=True)
class Day:
    """A song's day, UTC: plays, seconds listened, net earnings in wei. ``day`` counts from 1970-01-01."""

    day: int
    plays: int
    seconds: int
    earnings: int


async def advance(connection: Connection, moment: int) -> int:
    """Fold in what was committed, move the windows on to ``moment`` (Unix second) and return the plays folded in."""
    # A backlog after a long stop takes longer than a request may.
    await connection.execute("SET LOCAL statement_timeout = 0")
    row = await (await connection.execute("SELECT analytics_advance(%s)", (moment,))).fetchone()
    return int(row[0]) if row else 0


async def age(connection: Connection) -> float:
    """Return the seconds since the rollups were last brought up to date."""
    cursor = await connection.execute("SELECT extract(epoch FROM now() - refreshed) FROM roll_platform")
    row = await cursor.fetchone()
    return max(0.0, float(row[0])) if row else 0.0


async def waiting(connection: Connection) -> int:
    """Return how many changed songs and payments wait to be folded in."""
    cursor = await connection.execute(
        "SELECT (SELECT count(*) FROM queue_songs) + (SELECT count(*) FROM queue_payments)"
    )
    row = await cursor.fetchone()
    return int(row[0]) if row else 0


async def read(
    connection: Connection, view: View, columns: Sequence[str], rest: str = "", values: Sequence[object] = ()
) -> list[Values]:
    """Return columns of a view; ``rest`` is what follows the FROM, put together from constants."""
    query = f"SELECT {', '.join(columns)} FROM {view} {rest}"
    async with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        await cursor.execute(query.encode(), values)
        return list(await cursor.fetchall())


async def days(connection: Connection, song_id: str, count: int) -> list[Day]:
    """Return a song's days with plays or payments among the last ``count`` before the windows' end, in order."""
    cursor = await connection.execute(
        "SELECT d.day, d.plays, d.seconds, d.earnings FROM songs s JOIN roll_song_day d ON d.song = s.id, roll_platform p"
        " WHERE s.song_id = %s AND d.day > p.as_of / 86400 - %s AND (d.plays, d.earnings) <> (0, 0) ORDER BY d.day",
        (song_id, count),
    )
    return [Day(int(row[0]), int(row[1]), int(row[2]), int(row[3])) for row in await cursor.fetchall()]


async def listener_of(connection: Connection, artist: int, listener: str) -> Values | None:
    """Return what one listener did with one artist's songs, in the columns of ``mv_listener_activity``; None without a play."""
    query = """
        WITH who AS (SELECT id FROM accounts WHERE address = %(listener)s),
        heard AS MATERIALIZED (
            SELECT p.song, p.at, s.genre, s.strategy FROM who JOIN plays p ON p.listener = who.id AND p.artist = %(artist)s
            JOIN songs s ON s.id = p.song WHERE p.born < (SELECT horizon FROM roll_platform)
        ), spent AS (
            SELECT coalesce(sum(y.gross), 0) AS total FROM payments y, who
            WHERE y.artist = %(artist)s AND y.listener = who.id AND y.type <> 'reward'
        )
        SELECT %(listener)s AS listener_address, count(*) AS total_plays, count(DISTINCT song) AS unique_songs_played,
               1 AS unique_artists, (SELECT total FROM spent) AS total_spent,
               div((SELECT total FROM spent), nullif(count(*), 0)) AS avg_spent_per_play,
               to_timestamp(max(at)) AS last_active, to_timestamp(min(at)) AS first_active,
               (SELECT genre FROM heard WHERE genre <> '' GROUP BY genre ORDER BY count(*) DESC, genre LIMIT 1) AS favorite_genre,
               (SELECT strategy_name(strategy) FROM heard GROUP BY strategy ORDER BY count(*) DESC, strategy LIMIT 1) AS favorite_strategy,
               count(*) FILTER (WHERE at > as_of - 7 * 86400) AS plays_last_7d,
               count(*) FILTER (WHERE at > as_of - 30 * 86400) AS plays_last_30d, to_timestamp(max(as_of)) AS last_refreshed
        FROM heard, roll_platform HAVING count(*) > 0
    """
    async with connection.cursor(row_factory=psycopg.rows.dict_row) as cursor:
        await cursor.execute(query, {"artist": artist, "listener": listener})
        return await cursor.fetchone()


async def keep_event(
    connection: Connection, account: int | None, event: str, properties: dict[str, object], at: datetime
) -> None:
    """Note what a client reports of its use."""
    await connection.execute(
        "INSERT INTO client_events (account, event, properties, at) VALUES (%s, %s, %s, %s)",
        (account, event, Jsonb(properties), at),
    )


async def expire_events(connection: Connection, days_kept: int) -> int:
    """Remove client events older than ``days_kept`` days and return how many."""
    cursor = await connection.execute(
        "DELETE FROM client_events WHERE received_at < now() - make_interval(days => %s)", (days_kept,)
    )
    return cursor.rowcount

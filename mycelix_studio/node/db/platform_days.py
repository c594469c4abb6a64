"""The platform day by day and month by month, from the rollups that ``analytics_days`` and ``analytics_advance`` keep."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from mycelix_studio.domain.clock import day_date, day_number
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName
from mycelix_studio.node.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some days, UTC.

    Attributes:
        plays: Plays begun in them.
        seconds: Listened, in all.
        listeners: Different ones, each counted once.
        new_listeners: Those who never listened before the first of the days.
        earning_artists: Different artists to whom more came than went.
        payments: Rewards not counted.
        volume: Wei gross, which listeners paid.
        earnings: Wei net, which artists got; the difference is the protocol's fee.
    """

    plays: int
    seconds: int
    listeners: int
    new_listeners: int
    earning_artists: int
    payments: int
    volume: int
    earnings: int


@dataclass(frozen=True, slots=True)
class Span:
    """A range of days: its figures as a whole, and those of each day on which something happened, in order.

    Attributes:
        first_day: The first day of all on which something happened; None before it.
        as_of: Unix second up to which it is told.
    """

    first: date
    last: date
    whole: Figures
    days: tuple[tuple[date, Figures], ...]
    first_day: date | None
    as_of: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month's money in wei: what listeners paid, and what artists got, in all and by way to earn."""

    first: date
    payments: int
    volume: int
    earnings: int
    by_strategy: dict[StrategyName, int]


DAYS: Final = """
SELECT d.day, d.plays, d.seconds, coalesce(g.listeners, 0), coalesce(g.fresh, 0), coalesce(a.earned, 0), d.payments, d.gross, d.net
FROM roll_day d
LEFT JOIN (SELECT day, sum(listeners) AS listeners, sum(listeners) FILTER (WHERE prev = 0) AS fresh FROM roll_gap
           WHERE day BETWEEN %(first)s AND %(last)s GROUP BY day) g USING (day)
LEFT JOIN (SELECT day, count(*) AS earned FROM roll_artist_day
           WHERE day BETWEEN %(first)s AND %(last)s AND net > 0 GROUP BY day) a USING (day)
WHERE d.day BETWEEN %(first)s AND %(last)s AND (d.plays, d.payments) <> (0, 0) ORDER BY d.day
"""
"""Each day from ``first`` to ``last`` on which something happened, in the columns of :class:`Figures`."""
WHOLE: Final = """
SELECT coalesce(sum(plays), 0), coalesce(sum(seconds), 0),
       (SELECT coalesce(sum(listeners), 0) FROM roll_gap WHERE day BETWEEN %(first)s AND %(last)s AND prev < %(first)s),
       (SELECT coalesce(sum(listeners), 0) FROM roll_gap WHERE day BETWEEN %(first)s AND %(last)s AND prev = 0),
       (SELECT count(*) FROM (SELECT artist FROM roll_artist_day WHERE day BETWEEN %(first)s AND %(last)s
                              GROUP BY artist HAVING sum(net) > 0) t),
       coalesce(sum(payments), 0), coalesce(sum(gross), 0), coalesce(sum(net), 0)
FROM roll_day WHERE day BETWEEN %(first)s AND %(last)s
"""
"""The days from ``first`` to ``last`` as one, in the columns of :class:`Figures`."""


async def fold(connection: Connection) -> int:
    """Fold the plays that the views know by now into the days and return how many."""
    await connection.execute("SET LOCAL statement_timeout = 0")
    row = await (await connection.execute("SELECT analytics_days()")).fetchone()
    return int(row[0]) if row else 0


async def span(connection: Connection, count: int, last: date | None = None) -> Span:
    """Return the ``count`` days up to ``last``, or up to the newest day."""
    row = await (
        await connection.execute(
            "SELECT CASE WHEN days_as_of = 0 THEN extract(epoch FROM now())::bigint ELSE days_as_of END,"
            " (SELECT min(day) FROM roll_day WHERE (plays, payments) <> (0, 0)) FROM roll_platform"
        )
    ).fetchone()
    assert row is not None
    as_of = int(row[0])
    end = day_number(as_of) if last is None else (last - day_date(0)).days
    place = {"first": end - count + 1, "last": end}
    whole = await (await connection.execute(WHOLE, place)).fetchone()
    assert whole is not None
    found = await (await connection.execute(DAYS, place)).fetchall()
    return Span(
        day_date(place["first"]),
        day_date(end),
        Figures(*map(int, whole)),
        tuple((day_date(int(day)), Figures(*map(int, figures))) for day, *figures in found),
        None if row[1] is None else day_date(int(row[1])),
        as_of,
    )


async def months(connection: Connection, count: int) -> tuple[list[Month], int]:
    """Return the last ``count`` months in which money moved, in order, and the Unix second up to which they are told."""
    cursor = await connection.execute(
        """
        WITH month AS (
            SELECT date_trunc('month', date '1970-01-01' + day)::date AS first, sum(payments) AS payments, sum(gross) AS gross,
                   sum(net) AS net FROM roll_day GROUP BY 1 HAVING sum(payments) <> 0 ORDER BY 1 DESC LIMIT %s
        ), way AS (
            SELECT date_trunc('month', date '1970-01-01' + day)::date AS first, strategy, sum(net) AS net FROM roll_way_day GROUP BY 1, 2
        )
        SELECT m.first, m.payments, m.gross, m.net, (SELECT jsonb_object_agg(w.strategy, w.net::text) FROM way w WHERE w.first = m.first)
        FROM month m ORDER BY m.first
        """,
        (count,),
    )
    found = [
        Month(
            first,
            int(payments),
            int(gross),
            int(net),
            {name: int((by_bit or {}).get(str(bit), 0)) for name, bit in STRATEGY_BITS.items()},
        )
        for first, payments, gross, net, by_bit in await cursor.fetchall()
    ]
    row = await (await connection.execute("SELECT as_of FROM roll_platform")).fetchone()
    assert row is not None
    return found, int(row[0])

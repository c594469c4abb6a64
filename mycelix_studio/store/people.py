"""Who listens and who pays by the month: people in groups, and people one by one."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.store.figures import MANY, Chosen, list_of, rows_of

if TYPE_CHECKING:
    from mycelix_studio.domain.zones import Zone


def patrons_at(db: sqlite3.Connection, moment: int, songs: Collection[int] | None) -> int:
    """Return how many people are paid-up patrons at a Unix second, each counted once."""
    where, values = ("", ()) if songs is None else (f" AND song IN {MANY}", (list_of(songs),))
    row = db.execute(
        f"SELECT count(DISTINCT patron) FROM subscription WHERE started_at <= ? AND paid_through > ?{where}",
        (moment, moment, *values),
    ).fetchone()
    return int(row[0])


GROUPS: Final = ("loyal", "fresh", "back", "lapsed")
"""Groups of :func:`listener_groups`."""


def listener_groups(
    db: sqlite3.Connection, today: int, span: int, most: int, zone: Zone | None = None
) -> list[tuple[str, int, str, int, int]]:
    """Return (group, people in it, address, last day, days) of who listened in the last three stretches of ``span`` days.

    Of each group the ``most`` people with the most days are given. Stretch 0 is the one that ends today. New are those first heard in it;
    lapsed those not heard in it; loyal those heard in all three; the others came back.
    """
    heard, values = _heard(today - 3 * span + 1, today, zone)
    begin = today - span + 1 if zone is None else zone.start(today - span + 1) // DAY_SECONDS
    rows = rows_of(
        db,
        f"""
        WITH heard AS ({heard}), near AS (
          SELECT listener, count(*) AS days, max(day) AS last, max(day > :today - :span) AS now,
            max(day BETWEEN :today - 2 * :span + 1 AND :today - :span) AS once, max(day <= :today - 2 * :span) AS before
          FROM heard GROUP BY listener
        ), grouped AS (
          SELECT listener, days, last, CASE
            WHEN NOT once AND NOT before
              AND (SELECT min(day) FROM listener_day d WHERE d.listener = near.listener) >= :begin THEN 'fresh'
            WHEN NOT now THEN 'lapsed' WHEN once AND before THEN 'loyal' ELSE 'back' END AS name
          FROM near
        ), ranked AS (
          SELECT name, count(*) OVER (PARTITION BY name) AS people, address, last, days,
            row_number() OVER (PARTITION BY name ORDER BY days DESC, address) AS place
          FROM grouped JOIN party ON party.id = grouped.listener
        )
        SELECT name, people, address, last, days FROM ranked WHERE place <= :most ORDER BY name, place
        """,
        {**values, "today": today, "span": span, "begin": begin, "most": most},
    )
    return list(rows)


def days_heard(
    db: sqlite3.Connection, first: int, last: int, addresses: Collection[str], zone: Zone | None = None
) -> dict[str, int]:
    """Return on how many of the days people listened; without those who did not."""
    heard, values = _heard(first, last, zone)
    rows = rows_of(
        db,
        f"SELECT p.address, count(*) FROM ({heard}) d JOIN party p ON p.id = d.listener"
        f" WHERE p.address IN (SELECT value FROM json_each(:addresses)) GROUP BY 1",
        {**values, "addresses": list_of(addresses)},
    )
    return dict(rows)


def _heard(first: int, last: int, zone: Zone | None) -> tuple[str, dict[str, object]]:
    """Return a query for (listener, day) of the days from ``first`` to ``last``, each pair once, and its values.

    The pairs kept are of UTC days; in another zone they are made of the plays between its midnights.
    """
    if zone is None:
        return "SELECT listener, day FROM listener_day WHERE day BETWEEN :first AND :last", {
            "first": first,
            "last": last,
        }
    starts = [(day, zone.start(day), zone.start(day + 1)) for day in range(first, last + 1)]
    query = (
        "SELECT DISTINCT p.listener, z.value ->> 0 AS day FROM json_each(:days) z, song_ref s JOIN play p"
        " ON p.song = s.id AND p.at >= z.value ->> 1 AND p.at < z.value ->> 2"
    )
    return query, {"days": json.dumps(starts)}


def listeners(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> list[tuple[str, int, int, int]]:
    """Return (address, first day ever, plays, days) of everybody who listened from ``first`` to ``last``."""
    if chosen.heard is None:
        rows = db.execute(
            "SELECT p.address, (SELECT min(day) FROM listener_day WHERE listener = d.listener), sum(d.n), count(*)"
            " FROM listener_day d JOIN party p ON p.id = d.listener WHERE d.day BETWEEN ? AND ? GROUP BY d.listener",
            (first, last),
        )
        return [tuple(row) for row in rows]
    found: dict[int, list[int]] = {}
    who = chosen.heard
    within = (who.day >= first) & (who.day <= last)
    columns = (column[within].tolist() for column in (who.listener, who.first, who.plays))
    for number, begin, plays in zip(*columns, strict=True):
        held = found.setdefault(number, [begin, 0, 0])
        held[1] += plays
        held[2] += 1
    addresses = db.execute(f"SELECT id, address FROM party WHERE id IN {MANY}", (list_of(found),)).fetchall()
    return [(address, *found[number]) for number, address in addresses]


def patrons_by_day(db: sqlite3.Connection, first: int, last: int, chosen: Chosen) -> list[int]:
    """Return how many people were paid-up patrons at the last second of each day, each counted once."""
    songs = chosen.played
    where, values = ("", ()) if songs is None else (f" AND song IN {MANY}", (list_of(songs),))
    start_at, end_at = chosen.bounds(first, last)
    rows = rows_of(
        db,
        "SELECT patron, started_at, paid_through FROM subscription"
        f" WHERE started_at < ? AND paid_through > ?{where} ORDER BY patron, started_at",
        (end_at, start_at, *values),
    )
    days = [0] * (last - first + 1)
    covered: dict[int, int] = {}
    for patron, since, through in rows:  # of several songs of one patron each day counts once
        begin, end = chosen.day(since), chosen.day(through)
        start, stop = max(begin, first, covered.get(patron, first)), min(end, last + 1)
        for day in range(start, stop):
            days[day - first] += 1
        covered[patron] = max(covered.get(patron, first), stop)
    return days


def patrons_ending(db: sqlite3.Connection, moment: int, until: int) -> list[tuple[str, int]]:
    """Return (address, paid through) of patrons whose paid time ends between two Unix seconds, the soonest first."""
    rows = db.execute(
        "SELECT p.address, max(s.paid_through) AS ends FROM subscription s JOIN party p ON p.id = s.patron"
        " GROUP BY s.patron HAVING ends > ? AND ends <= ? ORDER BY ends, 1",
        (moment, until),
    )
    return [(row[0], row[1]) for row in rows]

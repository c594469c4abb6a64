"""The last look at the whole platform, and the totals of each day it was looked at. Another server has a history of its own."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from mycelix_studio.domain.clock import day_date, day_number, from_unix, to_unix
from mycelix_studio.domain.platform import Genre, Health, History, Look, Totals, Trend

SCHEMA: Final = """
CREATE TABLE platform_day (
  server TEXT NOT NULL,
  day INTEGER NOT NULL,
  at INTEGER NOT NULL,
  totals TEXT NOT NULL CHECK (json_valid(totals)),
  look TEXT NOT NULL CHECK (json_valid(look)),
  PRIMARY KEY (server, day)
) STRICT, WITHOUT ROWID;
"""


def keep(db: sqlite3.Connection, server: str, look: Look) -> None:
    """Keep a look as the last one of its day; genres, trends and health are kept of the last two days only."""
    at = to_unix(look.at)
    db.execute(
        "INSERT OR REPLACE INTO platform_day VALUES (?, ?, ?, ?, ?)",
        (server, day_number(at), at, _totals_text(look.totals), _look_text(look)),
    )
    db.execute(
        "UPDATE platform_day SET look = '{}' WHERE server = ? AND look <> '{}' AND day NOT IN"
        " (SELECT day FROM platform_day WHERE server = ? ORDER BY day DESC LIMIT 2)",
        (server, server),
    )


def last_at(db: sqlite3.Connection, server: str) -> int | None:
    """Return the Unix second of the last look; None when there was none."""
    row = db.execute("SELECT max(at) FROM platform_day WHERE server = ?", (server,)).fetchone()
    return None if row[0] is None else int(row[0])


def history(db: sqlite3.Connection, server: str) -> History | None:
    """Return the last look and the totals of earlier days; None when there was no look yet."""
    rows = db.execute(
        "SELECT day, at, totals, look FROM platform_day WHERE server = ? ORDER BY day", (server,)
    ).fetchall()
    if not rows:
        return None
    days: dict[date, Totals] = {day_date(row[0]): _totals(row[2]) for row in rows}
    newest = json.loads(rows[-1][3])
    look = Look(
        from_unix(rows[-1][1]),
        _totals(rows[-1][2]),
        tuple(Genre(**each) for each in newest["genres"]),
        tuple(Trend(**{**each, "days": tuple(each["days"])}) for each in newest["trending"]),
        tuple(Health(**each) for each in newest["health"]),
    )
    before: list[dict[str, Any]] = json.loads(rows[-2][3]).get("trending", []) if len(rows) > 1 else []
    return History(look, days, {each["song_id"]: place for place, each in enumerate(before, start=1)})


def _totals_text(totals: Totals) -> str:
    return json.dumps({**asdict(totals), "volume": str(totals.volume)})


def _totals(text: str) -> Totals:
    values = json.loads(text)
    return Totals(
        **{**values, "volume": int(values["volume"]), "songs_by_strategy": tuple(values["songs_by_strategy"])}
    )


def _look_text(look: Look) -> str:
    parts = {name: [asdict(each) for each in getattr(look, name)] for name in ("genres", "trending", "health")}
    return json.dumps(parts, ensure_ascii=False)

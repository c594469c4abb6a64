"""The last look at the whole platform, and that of the day before. Another server has looks of its own."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Any, Final

from mycelix_studio.domain.clock import day_number, from_unix, to_unix
from mycelix_studio.domain.platform import Figures, Genre, Health, History, Look, Month, Span, Totals, Trend

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
    """Keep a look as the last one of its day; those of the last two days are kept."""
    at = to_unix(look.at)
    db.execute(
        "INSERT OR REPLACE INTO platform_day VALUES (?, ?, ?, ?, ?)",
        (server, day_number(at), at, _totals_text(look.totals), _look_text(look)),
    )
    db.execute(
        "DELETE FROM platform_day WHERE server = ? AND day NOT IN"
        " (SELECT day FROM platform_day WHERE server = ? ORDER BY day DESC LIMIT 2)",
        (server, server),
    )


def last_at(db: sqlite3.Connection, server: str) -> int | None:
    """Return the Unix second of the last look; None when there was none."""
    row = db.execute("SELECT max(at) FROM platform_day WHERE server = ?", (server,)).fetchone()
    return None if row[0] is None else int(row[0])


def history(db: sqlite3.Connection, server: str) -> History | None:
    """Return the last look and what is known of the day before; None when there was no look yet."""
    rows = db.execute(
        "SELECT at, totals, look FROM platform_day WHERE server = ? ORDER BY day DESC LIMIT 2", (server,)
    ).fetchall()
    if not rows:
        return None
    newest = json.loads(rows[0][2])
    look = Look(
        from_unix(rows[0][0]),
        _totals(rows[0][1]),
        tuple(Genre(**each) for each in newest["genres"]),
        tuple(Trend(**{**each, "days": tuple(each["days"])}) for each in newest["trending"]),
        tuple(Health(**each) for each in newest["health"]),
        _spans(newest["days"]),
        _spans(newest["spans"]),
        tuple(
            Month(date.fromisoformat(first), complete, (int(stream), int(gift), int(patronage), int(auction)))
            for first, complete, (stream, gift, patronage, auction) in newest["months"]
        ),
    )
    before: list[dict[str, Any]] = json.loads(rows[1][2])["trending"] if len(rows) > 1 else []
    return History(look, {each["song_id"]: place for place, each in enumerate(before, start=1)})


def _totals_text(totals: Totals) -> str:
    return json.dumps({**asdict(totals), "volume": str(totals.volume)})


def _totals(text: str) -> Totals:
    values = json.loads(text)
    return Totals(
        **{**values, "volume": int(values["volume"]), "songs_by_strategy": tuple(values["songs_by_strategy"])}
    )


def _look_text(look: Look) -> str:
    parts: dict[str, object] = {
        name: [asdict(each) for each in getattr(look, name)] for name in ("genres", "trending", "health")
    }
    for name, spans in (("days", look.days), ("spans", look.spans)):
        parts[name] = [[span.first.isoformat(), span.last.isoformat(), *_cells(span.figures)] for span in spans]
    # Wei as text: JSON's numbers are safe only up to 2**53 in other programs.
    parts["months"] = [[month.first.isoformat(), month.complete, list(map(str, month.paid))] for month in look.months]
    return json.dumps(parts, ensure_ascii=False)


def _cells(figures: Figures) -> tuple[object, ...]:
    return (
        figures.plays,
        figures.listeners,
        figures.fresh,
        figures.artists,
        str(figures.paid),
        str(figures.fees),
    )


def _spans(rows: Iterable[tuple[str, str, int, int | None, int, int | None, str, str]]) -> tuple[Span, ...]:
    return tuple(
        Span(
            date.fromisoformat(first),
            date.fromisoformat(last),
            Figures(plays, listeners, fresh, artists, int(paid), int(fees)),
        )
        for first, last, plays, listeners, fresh, artists, paid, fees in rows
    )

"""What was measured of files and what the delivery rules found. All of it can be made again from the files."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.preflight import SoundFacts, WaveFacts

SCHEMA: Final = """
CREATE TABLE measure (
  track_id INTEGER PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  low BLOB NOT NULL,
  high BLOB NOT NULL,
  sound TEXT NOT NULL CHECK (json_valid(sound)),
  wave TEXT,
  problem TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE TABLE check_result (
  track_id INTEGER PRIMARY KEY REFERENCES track (id) ON DELETE CASCADE,
  stamp TEXT NOT NULL,
  stops INTEGER NOT NULL,
  warns INTEGER NOT NULL
) STRICT;
CREATE INDEX check_to_fix ON check_result (track_id) WHERE stops + warns > 0;
"""


@dataclass(frozen=True, slots=True)
class Measure:
    """One file's measurement. ``problem`` says why there is none."""

    low: bytes
    high: bytes
    sound: SoundFacts | None
    wave: WaveFacts | None
    problem: str


@dataclass(frozen=True, slots=True)
class Due:
    """A track whose result or measurement is not of its present file and edits."""

    track_id: int
    stamp: str
    measured: bool


_STAMP: Final = (
    "t.size || ':' || t.mtime_ns || ':' || coalesce(t.edits, '') || ':' || t.cover || ':' || coalesce(t.cover_edit, '-')"
    " || ':' || (m.track_id IS NOT NULL)"
)
_JOIN: Final = (
    "FROM track t LEFT JOIN measure m ON m.track_id = t.id AND m.size = t.size AND m.mtime_ns = t.mtime_ns"
    " LEFT JOIN check_result c ON c.track_id = t.id"
)


def due(db: sqlite3.Connection) -> list[Due]:
    """Return tracks to check or to measure anew; missing files are left out."""
    rows = db.execute(
        f"SELECT t.id, {_STAMP} AS stamp, m.track_id IS NOT NULL {_JOIN}"
        f" WHERE t.missing = 0 AND (m.track_id IS NULL OR c.stamp IS NULL OR c.stamp <> {_STAMP}) ORDER BY t.id"
    )
    return [Due(row[0], row[1], bool(row[2])) for row in rows]


def stamp(db: sqlite3.Connection, track_id: int) -> str | None:
    """Return what a result of this track must be stamped with now; None without the track."""
    row = db.execute(f"SELECT {_STAMP} {_JOIN} WHERE t.id = ?", (track_id,)).fetchone()
    return None if row is None else str(row[0])


def measure(db: sqlite3.Connection, track_id: int) -> Measure | None:
    """Return the measurement of the track's present file."""
    row = db.execute(
        "SELECT m.* FROM measure m JOIN track t ON t.id = m.track_id AND m.size = t.size AND m.mtime_ns = t.mtime_ns"
        " WHERE m.track_id = ?",
        (track_id,),
    ).fetchone()
    if row is None:
        return None
    sound, wave = json.loads(row["sound"]), row["wave"]
    return Measure(
        row["low"],
        row["high"],
        SoundFacts(**sound) if sound else None,
        WaveFacts(**json.loads(wave)) if wave else None,
        row["problem"],
    )


def keep_measure(db: sqlite3.Connection, track_id: int, found: Measure) -> None:
    """Keep a measurement of a track's file as it was read last; does nothing when the track is gone."""
    sound = {} if found.sound is None else {name: getattr(found.sound, name) for name in SoundFacts.__slots__}
    wave = None if found.wave is None else json.dumps({name: getattr(found.wave, name) for name in WaveFacts.__slots__})
    db.execute(
        "INSERT OR REPLACE INTO measure (track_id, size, mtime_ns, low, high, sound, wave, problem)"
        " SELECT id, size, mtime_ns, ?, ?, ?, ?, ? FROM track WHERE id = ?",
        (found.low, found.high, json.dumps(sound), wave, found.problem, track_id),
    )


def keep_results(db: sqlite3.Connection, results: Sequence[tuple[int, str, int, int]]) -> None:
    """Keep (track, stamp, stops, warns); tracks that are gone are left out."""
    db.executemany(
        "INSERT OR REPLACE INTO check_result (track_id, stamp, stops, warns)"
        " SELECT ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM track WHERE id = ?)",
        [(*row, row[0]) for row in results],
    )


def counts(db: sqlite3.Connection, track_ids: Sequence[int]) -> Mapping[int, tuple[int, int]]:
    """Return (stops, warns) of the tracks that were checked."""
    # One step for all of them: sqlite3 lets go of the interpreter for each, which a window that paints takes and is waited for.
    rows = json.loads(
        db.execute(
            "SELECT json_group_array(json_array(track_id, stops, warns)) FROM check_result"
            " WHERE track_id IN (SELECT value FROM json_each(?))",
            (json.dumps(list(track_ids)),),
        ).fetchone()[0]
    )
    pairs: dict[
        tuple[int, int], tuple[int, int]
    ] = {}  # few are different; 100,000 of them are looked through for garbage
    return {track_id: pairs.setdefault((stops, warns), (stops, warns)) for track_id, stops, warns in rows}

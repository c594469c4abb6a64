"""Tracks of the library: what was read from each file, and edits not saved yet.

Columns that the table shows, sorts or searches hold values *with* unsaved edits; ``fields`` holds what the file holds, ``edits`` what was
edited. A sync never touches this table.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, cast

from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.fields import Family, Field
from mycelix_studio.domain.track import Audio, Fields, Track, TrackRow, Values

SCHEMA: Final = """
CREATE TABLE track (
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  mtime_ns INTEGER NOT NULL,
  added_at INTEGER NOT NULL,
  missing INTEGER NOT NULL DEFAULT 0,
  family TEXT NOT NULL,
  container TEXT NOT NULL,
  codec TEXT NOT NULL,
  duration_ms INTEGER NOT NULL,
  sample_rate INTEGER NOT NULL,
  bits INTEGER NOT NULL,
  channels INTEGER NOT NULL,
  bitrate INTEGER NOT NULL,
  fields TEXT NOT NULL CHECK (json_valid(fields)),
  edits TEXT CHECK (edits IS NULL OR json_valid(edits)),
  cover TEXT NOT NULL DEFAULT '',
  cover_edit TEXT,
  content_hash TEXT NOT NULL DEFAULT '',
  song_id TEXT NOT NULL DEFAULT '',
  title TEXT NOT NULL,
  artist TEXT NOT NULL,
  album TEXT NOT NULL,
  genre TEXT NOT NULL,
  date TEXT NOT NULL,
  isrc TEXT NOT NULL,
  search TEXT NOT NULL
) STRICT;
CREATE INDEX track_album ON track (album, title);
CREATE INDEX track_edited ON track (id) WHERE edits IS NOT NULL OR cover_edit IS NOT NULL;
CREATE INDEX track_content ON track (content_hash) WHERE content_hash <> '';
CREATE INDEX track_song ON track (song_id) WHERE song_id <> '';
"""


_NAMES: Final = frozenset(field.value for field in Field)


class Sort(StrEnum):
    """Columns the library can be sorted by."""

    TITLE = "title"
    ARTIST = "artist"
    ALBUM = "album"
    LENGTH = "duration_ms"
    CONTAINER = "container"
    ISRC = "isrc"
    DATE = "date"
    ADDED = "added_at"


class Only(StrEnum):
    """Segments of the library."""

    ALL = "all"
    TO_FIX = "to_fix"
    UNSAVED = "unsaved"
    NOT_EARNING = "not_earning"
    MISSING = "missing"


_ONLY: Final = {
    Only.ALL: "1",
    Only.TO_FIX: "id IN (SELECT track_id FROM check_result WHERE stops + warns > 0)",
    Only.UNSAVED: "(edits IS NOT NULL OR cover_edit IS NOT NULL)",
    Only.NOT_EARNING: "song_id = ''",
    Only.MISSING: "missing = 1",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file without reading it: to tell whether it changed."""

    id: int
    size: int
    mtime_ns: int
    missing: bool


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was read from a file. ``cover`` is the hash of the front cover, empty for none."""

    path: Path
    size: int
    mtime_ns: int
    family: Family
    audio: Audio
    fields: Fields
    cover: str


def known(db: sqlite3.Connection) -> dict[str, Known]:
    """Return what is known of every file, by path."""
    rows = db.execute("SELECT path, id, size, mtime_ns, missing FROM track")
    return {row[0]: Known(row[1], row[2], row[3], bool(row[4])) for row in rows}


def put(db: sqlite3.Connection, scanned: Scanned, now: int) -> int:
    """Insert a file or replace what was read of it; unsaved edits, song and date of adding stay. Returns its id."""
    row = db.execute(
        "SELECT id, edits, cover_edit, content_hash, size, mtime_ns FROM track WHERE path = ?", (str(scanned.path),)
    ).fetchone()
    edits = _load(row["edits"]) if row is not None and row["edits"] else {}
    same = row is not None and (row["size"], row["mtime_ns"]) == (scanned.size, scanned.mtime_ns)
    audio = scanned.audio
    values = {
        "path": str(scanned.path),
        "size": scanned.size,
        "mtime_ns": scanned.mtime_ns,
        "missing": 0,
        "family": scanned.family,
        "container": audio.container,
        "codec": audio.codec,
        "duration_ms": round(audio.seconds * 1000),
        "sample_rate": audio.sample_rate,
        "bits": audio.bits,
        "channels": audio.channels,
        "bitrate": audio.bitrate,
        "fields": _dump(scanned.fields),
        "cover": scanned.cover,
        "content_hash": row["content_hash"] if same else "",
        **_shown(scanned.path, {**scanned.fields, **edits}),
    }
    if row is None:
        values["added_at"] = now
        names = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        cursor = db.execute(f"INSERT INTO track ({names}) VALUES ({marks})", values)
        return int(cursor.lastrowid or 0)
    sets = ", ".join(f"{name} = :{name}" for name in values)
    db.execute(f"UPDATE track SET {sets} WHERE id = :id", {**values, "id": row["id"]})
    return int(row["id"])


def set_missing(db: sqlite3.Connection, ids: Iterable[int], missing: bool) -> None:
    """Remember that files are gone, or back."""
    db.executemany("UPDATE track SET missing = ? WHERE id = ?", [(int(missing), each) for each in ids])


def move(db: sqlite3.Connection, track_id: int, path: Path, mtime_ns: int) -> None:
    """Follow a file to its new name; edits and all else stay."""
    row = db.execute("SELECT fields, edits FROM track WHERE id = ?", (track_id,)).fetchone()
    if row is None:
        return
    shown = _shown(path, {**_load(row["fields"]), **(_load(row["edits"]) if row["edits"] else {})})
    sets = ", ".join(f"{name} = :{name}" for name in shown)
    db.execute(
        f"UPDATE track SET path = :path, mtime_ns = :mtime_ns, missing = 0, {sets} WHERE id = :id",
        {**shown, "path": str(path), "mtime_ns": mtime_ns, "id": track_id},
    )


def remove(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Take tracks off the list; files are not touched."""
    db.executemany("DELETE FROM track WHERE id = ?", [(each,) for each in ids])


def set_edits(db: sqlite3.Connection, track_id: int, edits: Fields) -> None:
    """Keep unsaved edits; those that equal the file fall away."""
    row = db.execute("SELECT path, fields FROM track WHERE id = ?", (track_id,)).fetchone()
    if row is None:
        return
    fields = _load(row["fields"])
    real = {field: values for field, values in edits.items() if values != fields.get(field, ())}
    shown = _shown(Path(row["path"]), {**fields, **real})
    sets = ", ".join(f"{name} = :{name}" for name in shown)
    db.execute(
        f"UPDATE track SET edits = :edits, {sets} WHERE id = :id",
        {**shown, "edits": _dump(real) if real else None, "id": track_id},
    )


def set_cover_edit(db: sqlite3.Connection, track_id: int, cover: str | None) -> None:
    """Keep a new front cover's hash, ``""`` for its removal, None for no edit."""
    db.execute(
        "UPDATE track SET cover_edit = CASE WHEN cover = :cover THEN NULL ELSE :cover END WHERE id = :id",
        {"cover": cover, "id": track_id},
    )


def set_content_hash(db: sqlite3.Connection, track_id: int, content_hash: str, size: int, mtime_ns: int) -> None:
    """Remember the sha2-256 of the file as it is; it is forgotten when the file changes."""
    db.execute(
        "UPDATE track SET content_hash = ? WHERE id = ? AND size = ? AND mtime_ns = ?",
        (content_hash, track_id, size, mtime_ns),
    )


def set_song(db: sqlite3.Connection, track_id: int, song_id: str) -> None:
    """Say which song on chain a track is."""
    db.execute("UPDATE track SET song_id = ? WHERE id = ?", (song_id, track_id))


def ids(
    db: sqlite3.Connection, *, text: str = "", only: Only = Only.ALL, sort: Sort = Sort.ALBUM, descending: bool = False
) -> list[int]:
    """Return the ids of matching tracks in order. Every word of ``text`` must occur in title, artist, album, ISRC or file name."""
    where, values = _where(text, only)
    direction = "DESC" if descending else "ASC"
    numeric = sort in (Sort.LENGTH, Sort.ADDED)
    order = f"{sort.value}{'' if numeric else ' COLLATE NOCASE'} {direction}"
    sql = f"SELECT id FROM track WHERE {where} ORDER BY {order}, album COLLATE NOCASE, title COLLATE NOCASE, id"
    return [row[0] for row in db.execute(sql, values)]


def count(db: sqlite3.Connection, *, text: str = "", only: Only = Only.ALL) -> int:
    """Return how many tracks match."""
    where, values = _where(text, only)
    return int(db.execute(f"SELECT count(*) FROM track WHERE {where}", values).fetchone()[0])


def totals(db: sqlite3.Connection) -> tuple[int, int, int]:
    """Return number of tracks, seconds and bytes of all."""
    row = db.execute(
        "SELECT count(*), coalesce(sum(duration_ms), 0) / 1000, coalesce(sum(size), 0) FROM track"
    ).fetchone()
    return int(row[0]), int(row[1]), int(row[2])


_ROW: Final = (
    "id, path, title, artist, album, genre, date, isrc, container, duration_ms, coalesce(cover_edit, cover) AS cover, edits, cover_edit, "
    "missing, song_id"
)
_WHOLE: Final = (
    f"{_ROW}, family, codec, sample_rate, bits, channels, bitrate, fields, size, mtime_ns, added_at, content_hash"
)


def rows(db: sqlite3.Connection, wanted: Sequence[int]) -> list[TrackRow]:
    """Return rows by id, in the order asked; ids that are gone are left out."""
    if not wanted:
        return []
    marks = ",".join("?" * len(wanted))
    found = {
        row["id"]: _row(row) for row in db.execute(f"SELECT {_ROW} FROM track WHERE id IN ({marks})", list(wanted))
    }
    return [found[each] for each in wanted if each in found]


def track(db: sqlite3.Connection, track_id: int) -> Track | None:
    """Return everything about one track, None when it is gone."""
    row = db.execute(
        f"SELECT {_WHOLE} FROM track WHERE id = ?",
        (track_id,),
    ).fetchone()
    if row is None:
        return None
    audio = Audio(
        row["container"],
        row["codec"],
        row["duration_ms"] / 1000,
        row["sample_rate"],
        row["bits"],
        row["channels"],
        row["bitrate"],
    )
    return Track(
        row=_row(row),
        audio=audio,
        family=cast(Family, row["family"]),
        fields=_load(row["fields"]),
        edits=_load(row["edits"]) if row["edits"] else {},
        cover_edit=row["cover_edit"],
        size=row["size"],
        modified_at=from_unix(row["mtime_ns"] // 10**9),
        added_at=from_unix(row["added_at"]),
        content_hash=row["content_hash"],
    )


def albums(db: sqlite3.Connection) -> list[tuple[str, int]]:
    """Return album titles with their number of tracks, most tracks first."""
    sql = "SELECT album, count(*) FROM track WHERE album <> '' GROUP BY album ORDER BY count(*) DESC, album COLLATE NOCASE"
    return [(row[0], row[1]) for row in db.execute(sql)]


def by_content(db: sqlite3.Connection, content_hash: str) -> int | None:
    """Return the id of the track with this content, None when there is none."""
    row = db.execute("SELECT id FROM track WHERE content_hash = ?", (content_hash,)).fetchone()
    return int(row[0]) if row else None


def _row(row: sqlite3.Row) -> TrackRow:
    return TrackRow(
        id=row["id"],
        path=Path(row["path"]),
        title=row["title"],
        artist=row["artist"],
        album=row["album"],
        genre=row["genre"],
        date=row["date"],
        isrc=row["isrc"],
        container=row["container"],
        seconds=row["duration_ms"] / 1000,
        cover=row["cover"],
        edited=row["edits"] is not None or row["cover_edit"] is not None,
        missing=bool(row["missing"]),
        song_id=row["song_id"],
    )


def _shown(path: Path, fields: Mapping[Field, Values]) -> dict[str, str]:
    def joined(field: Field) -> str:
        return "; ".join(fields.get(field, ()))

    shown = {
        "title": joined(Field.TITLE) or path.stem,
        "artist": joined(Field.ARTIST),
        "album": joined(Field.ALBUM),
        "genre": joined(Field.GENRE),
        "date": joined(Field.DATE),
        "isrc": joined(Field.ISRC),
    }
    plain = shown["isrc"].replace("-", "")
    shown["search"] = " ".join((shown["title"], shown["artist"], shown["album"], plain, path.name)).casefold()
    # A name that is no UTF-8 (surrogates from the file system) cannot be stored as text.
    return {key: value.encode("utf-8", "replace").decode() for key, value in shown.items()}


def _where(text: str, only: Only) -> tuple[str, list[str]]:
    words = text.casefold().split()
    parts = [_ONLY[only], *("instr(search, ?) > 0" for _ in words)]
    return " AND ".join(parts), words


def _dump(fields: Fields) -> str:
    return json.dumps(
        {field.value: list(values) for field, values in fields.items()}, ensure_ascii=True, sort_keys=True
    )


def _load(text: str) -> dict[Field, Values]:
    raw: dict[str, list[str]] = json.loads(text)
    return {Field(name): tuple(values) for name, values in raw.items() if name in _NAMES}

"""Tracks of the library: what was read from each file, and edits not saved yet.

Columns that the table shows, sorts or searches hold values *with* unsaved edits; ``fields`` holds what the file holds, ``edits`` what was
edited. A sync never touches this table.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, cast

from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.fields import Family, Field
from mycelix_studio.domain.track import Audio, Fields, Track, TrackRow, Values
from mycelix_studio.store.track_lists import folded, values_of

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
  position INTEGER NOT NULL DEFAULT 0,
  tag_version TEXT NOT NULL DEFAULT '',
  conflict TEXT CHECK (conflict IS NULL OR json_valid(conflict)),
  search TEXT NOT NULL
) STRICT;
CREATE INDEX track_album ON track (album, position, title);
CREATE INDEX track_conflict ON track (id) WHERE conflict IS NOT NULL;
CREATE INDEX track_edited ON track (id) WHERE edits IS NOT NULL OR cover_edit IS NOT NULL;
CREATE INDEX track_content ON track (content_hash) WHERE content_hash <> '';
CREATE INDEX track_song ON track (song_id) WHERE song_id <> '';
CREATE TABLE music_folder (
  path TEXT PRIMARY KEY
) STRICT;
"""

COVER: Final = "cover"
"""Name of the front cover among the fields in conflict."""


_NAMES: Final = frozenset(field.value for field in Field)


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a file without reading it: to tell whether it changed."""

    id: int
    size: int
    mtime_ns: int
    missing: bool
    read_in_part: bool
    """An older program read the file, which did not look at the version of its ID3 tag."""

    def differs(self, size: int, mtime_ns: int) -> bool:
        """Return whether the file, of this size and time now, must be read: it changed, or not all of it is known."""
        return self.read_in_part or (self.size, self.mtime_ns) != (size, mtime_ns)


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
    tag_version: str = ""


_NO_VERSION: Final = "none"
"""In the column of versions: the file was read and its tag has none. Empty means that nobody looked."""
_KNOWN: Final = "SELECT path, id, size, mtime_ns, missing, family = 'id3' AND tag_version = '' FROM track"


def known(db: sqlite3.Connection, paths: Sequence[str] | None = None) -> dict[str, Known]:
    """Return what is known of files, by path; of every file without ``paths``."""
    if paths is None:
        return _known(db.execute(_KNOWN))
    return _known(db.execute(f"{_KNOWN} WHERE path IN (SELECT value FROM json_each(?))", (json.dumps(list(paths)),)))


def known_below(db: sqlite3.Connection, folder: str) -> dict[str, Known]:
    """Return what is known of files in a folder and below it, by path."""
    head = folder.rstrip(os.sep) + os.sep
    return _known(db.execute(f"{_KNOWN} WHERE path >= ? AND path < ?", (head, head[:-1] + chr(ord(head[-1]) + 1))))


def known_as(db: sqlite3.Connection, marks: Iterable[tuple[int, int]]) -> dict[str, Known]:
    """Return what is known of files with one of these sizes and times (bytes, nanoseconds), by path."""
    wanted = json.dumps([f"{size}:{mtime_ns}" for size, mtime_ns in marks])
    return _known(db.execute(f"{_KNOWN} WHERE size || ':' || mtime_ns IN (SELECT value FROM json_each(?))", (wanted,)))


def _known(rows: Iterable[sqlite3.Row]) -> dict[str, Known]:
    return {row[0]: Known(row[1], row[2], row[3], bool(row[4]), bool(row[5])) for row in rows}


Made = Mapping[str, str | int]
"""Columns of a track that come from its file, by name; made by :func:`made_of`, every one with the same names in the same order."""
_ROWS_AT_ONCE: Final = 32


def made_of(scanned: Scanned) -> Made:
    """Return what the cache keeps of a file. Touches no database: the children that read files do it."""
    audio = scanned.audio
    return {
        "path": str(scanned.path),
        "size": scanned.size,
        "mtime_ns": scanned.mtime_ns,
        "missing": 0,
        "family": scanned.family,
        "tag_version": scanned.tag_version or _NO_VERSION,
        "container": audio.container,
        "codec": audio.codec,
        "duration_ms": round(audio.seconds * 1000),
        "sample_rate": audio.sample_rate,
        "bits": audio.bits,
        "channels": audio.channels,
        "bitrate": audio.bitrate,
        "fields": _dump(scanned.fields),
        "cover": scanned.cover,
        **_shown(scanned.path, scanned.fields),
    }


def put(db: sqlite3.Connection, files: Sequence[Made], now: int) -> None:
    """Insert files or replace what was read of them; unsaved edits, song and date of adding stay. Of a file named twice the last counts.

    Where another program changed what has an unsaved edit, the field is kept as in conflict until somebody decides.
    """
    wanted = {each["path"]: each for each in files}
    rows = db.execute(
        "SELECT path, id, fields, edits, cover, cover_edit, conflict, content_hash, size, mtime_ns FROM track"
        " WHERE path IN (SELECT value FROM json_each(?))",
        (json.dumps(list(wanted)),),
    )
    for row in rows.fetchall():
        _replace(db, row, wanted.pop(row["path"]))
    new = list(wanted.values())
    for start in range(0, len(new), _ROWS_AT_ONCE):
        some = new[start : start + _ROWS_AT_ONCE]
        marks = ", ".join(["(" + "?, " * len(some[0]) + "?)"] * len(some))
        values = [value for each in some for value in (*each.values(), now)]
        # Many rows in one statement: sqlite3 lets go of the interpreter once for each step of one, and beside a window that paints
        # it has to be waited for each time, by this thread and then by the window.
        db.execute(f"INSERT INTO track ({', '.join(some[0])}, added_at) VALUES {marks}", values)


def _replace(db: sqlite3.Connection, row: sqlite3.Row, made: Made) -> None:
    edits = _load(row["edits"]) if row["edits"] else {}
    fields = _load(str(made["fields"]))
    same = (row["size"], row["mtime_ns"]) == (made["size"], made["mtime_ns"])
    values = {
        **made,
        "content_hash": row["content_hash"] if same else "",
        "conflict": _conflicts(row, fields, str(made["cover"]), edits),
        **_shown(Path(str(made["path"])), {**fields, **edits}),
    }
    sets = ", ".join(f"{name} = :{name}" for name in values)
    db.execute(f"UPDATE track SET {sets} WHERE id = :id", {**values, "id": row["id"]})


def _conflicts(row: sqlite3.Row, fields: Fields, cover: str, edits: Fields) -> str | None:
    """Return the names of fields that are edited here and were changed in the file, to something else."""
    before = _load(row["fields"])
    open_ = set(json.loads(row["conflict"])) if row["conflict"] else set()
    for field, wanted in edits.items():
        now = fields.get(field, ())
        if now == wanted:
            open_.discard(field.value)
        elif now != before.get(field, ()):
            open_.add(field.value)
    if row["cover_edit"] == cover:
        open_.discard(COVER)
    elif row["cover_edit"] is not None and cover != row["cover"]:
        open_.add(COVER)
    return json.dumps(sorted(open_)) if open_ else None


def settle(db: sqlite3.Connection, track_id: int, names: Iterable[str]) -> None:
    """Take fields out of conflict: somebody decided. Edits stay as they are."""
    row = db.execute("SELECT conflict FROM track WHERE id = ?", (track_id,)).fetchone()
    if row is None or not row["conflict"]:
        return
    left = sorted(set(json.loads(row["conflict"])) - set(names))
    db.execute("UPDATE track SET conflict = ? WHERE id = ?", (json.dumps(left) if left else None, track_id))


def relocate(db: sqlite3.Connection, track_id: int, path: Path) -> None:
    """Remember that a file has another name now; everything known of it stays."""
    row = db.execute("SELECT fields, edits FROM track WHERE id = ?", (track_id,)).fetchone()
    if row is None:
        return
    shown = _shown(path, {**_load(row["fields"]), **(_load(row["edits"]) if row["edits"] else {})})
    sets = ", ".join(f"{name} = :{name}" for name in shown)
    db.execute(
        f"UPDATE track SET path = :path, missing = 0, {sets} WHERE id = :id",
        {**shown, "path": str(path), "id": track_id},
    )


def folders(db: sqlite3.Connection) -> list[Path]:
    """Return the folders whose new files come in by themselves."""
    return [Path(row[0]) for row in db.execute("SELECT path FROM music_folder ORDER BY path")]


def add_folder(db: sqlite3.Connection, path: Path) -> None:
    """Let new files of a folder come in by themselves."""
    db.execute("INSERT OR IGNORE INTO music_folder (path) VALUES (?)", (str(path),))


def remove_folder(db: sqlite3.Connection, path: Path) -> None:
    """Leave new files of a folder alone from now on."""
    db.execute("DELETE FROM music_folder WHERE path = ?", (str(path),))


def set_missing(db: sqlite3.Connection, ids: Iterable[int], missing: bool) -> None:
    """Remember that files are gone, or back."""
    db.executemany("UPDATE track SET missing = ? WHERE id = ?", [(int(missing), each) for each in ids])


def remove(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Take tracks off the list; files are not touched."""
    db.executemany("DELETE FROM track WHERE id = ?", [(each,) for each in ids])


def set_edits(db: sqlite3.Connection, track_id: int, edits: Fields) -> None:
    """Keep unsaved edits; those that equal the file fall away."""
    row = db.execute("SELECT path, fields, conflict FROM track WHERE id = ?", (track_id,)).fetchone()
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
    if row["conflict"]:
        settle(db, track_id, [field.value for field in Field if field not in real])


def set_cover_edit(db: sqlite3.Connection, track_id: int, cover: str | None) -> None:
    """Keep a new front cover's hash, ``""`` for its removal, None for no edit."""
    db.execute(
        "UPDATE track SET cover_edit = CASE WHEN cover = :cover THEN NULL ELSE :cover END WHERE id = :id",
        {"cover": cover, "id": track_id},
    )
    if cover is None:
        settle(db, track_id, [COVER])


def set_content_hash(db: sqlite3.Connection, track_id: int, content_hash: str, size: int, mtime_ns: int) -> None:
    """Remember the sha2-256 of the file as it is; it is forgotten when the file changes."""
    db.execute(
        "UPDATE track SET content_hash = ? WHERE id = ? AND size = ? AND mtime_ns = ?",
        (content_hash, track_id, size, mtime_ns),
    )


def set_song(db: sqlite3.Connection, track_id: int, song_id: str) -> None:
    """Say which song on chain a track is."""
    db.execute("UPDATE track SET song_id = ? WHERE id = ?", (song_id, track_id))


_PLAIN: Final = (
    "id", "path", "title", "artist", "album", "genre", "date", "isrc", "container", "duration_ms", "edits", "cover_edit", "missing",
    "song_id", "conflict",
)  # fmt: skip
_COVER: Final = "coalesce(cover_edit, cover)"
_WHOLE: Final = (
    f"{', '.join(_PLAIN)}, {_COVER} AS cover, family, tag_version, codec, sample_rate, bits, channels, bitrate, fields, size, mtime_ns, "
    "added_at, content_hash"
)


def rows(db: sqlite3.Connection, wanted: Sequence[int], extra: Sequence[Field] = ()) -> list[TrackRow]:
    """Return rows by id, in the order asked, with the values of ``extra`` fields; ids that are gone are left out."""
    if not wanted:
        return []
    names = (*_PLAIN, "cover", *(f"extra_{field.value}" for field in extra))
    columns = ", ".join((*_PLAIN, _COVER, *(f"{values_of(field)} || ''" for field in extra)))
    marks = ",".join("?" * len(wanted))
    # In one step: the window fetches while it paints, and sqlite3 lets go of the interpreter for each row, which threads take then.
    packed = db.execute(
        f"SELECT json_group_array(json_array({columns})) FROM track WHERE id IN ({marks})", list(wanted)
    ).fetchone()[0]
    found = {each[0]: _row(dict(zip(names, each, strict=True)), extra) for each in json.loads(packed)}
    return [found[each] for each in wanted if each in found]


def tracks(db: sqlite3.Connection, wanted: Sequence[int]) -> list[Track]:
    """Return everything about tracks, in the order asked; ids that are gone are left out."""
    found = {
        row["id"]: _track(row)
        for row in db.execute(
            f"SELECT {_WHOLE} FROM track WHERE id IN (SELECT value FROM json_each(?))", (json.dumps(list(wanted)),)
        )
    }
    return [found[each] for each in wanted if each in found]


def track(db: sqlite3.Connection, track_id: int) -> Track | None:
    """Return everything about one track, None when it is gone."""
    found = tracks(db, [track_id])
    return found[0] if found else None


def _track(row: sqlite3.Row) -> Track:
    conflict = frozenset(json.loads(row["conflict"])) if row["conflict"] else frozenset()
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
        mtime_ns=row["mtime_ns"],
        added_at=from_unix(row["added_at"]),
        content_hash=row["content_hash"],
        tag_version=row["tag_version"] if row["tag_version"] != _NO_VERSION else "",
        conflict=frozenset(field for field in Field if field.value in conflict),
        cover_conflict=COVER in conflict,
    )


def by_content(db: sqlite3.Connection, content_hash: str) -> int | None:
    """Return the id of the track with this content, None when there is none."""
    row = db.execute("SELECT id FROM track WHERE content_hash = ?", (content_hash,)).fetchone()
    return int(row[0]) if row else None


def _row(row: sqlite3.Row | Mapping[str, Any], extra: Sequence[Field] = ()) -> TrackRow:
    return TrackRow(
        id=row["id"],
        location=row["path"],
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
        conflict=row["conflict"] is not None,
        extra={field: tuple(json.loads(row[f"extra_{field.value}"] or "[]")) for field in extra},
    )


def _shown(path: Path, fields: Mapping[Field, Values]) -> dict[str, str | int]:
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
    shown["search"] = folded(" ".join((shown["title"], shown["artist"], shown["album"], plain, path.name)))
    # A name that is no UTF-8 (surrogates from the file system) cannot be stored as text.
    texts = {key: value.encode("utf-8", "replace").decode() for key, value in shown.items()}
    return {**texts, "position": 10_000 * _first_number(joined(Field.DISC)) + _first_number(joined(Field.TRACK))}


def _first_number(text: str) -> int:
    """Return 3 for ``3/12``, 0 where there is no number."""
    digits = text.partition("/")[0].strip()
    return min(int(digits), 9_999) if digits.isascii() and digits.isdigit() else 0


def _dump(fields: Fields) -> str:
    return json.dumps(
        {field.value: list(values) for field, values in fields.items()}, ensure_ascii=True, sort_keys=True
    )


def _load(text: str) -> dict[Field, Values]:
    raw: dict[str, list[str]] = json.loads(text)
    return {Field(name): tuple(values) for name, values in raw.items() if name in _NAMES}

"""Metadata of tracks as a table that leaves the program and comes back: CSV, one row a track.

Several values of a field are joined by ``; ``. Cells that a spreadsheet would take for a formula get a leading ``'`` on the way out, which
is taken off on the way in. A cell that says what the track says already changes nothing, so a table that went out and came back unedited
has no effect.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from mycelix_studio.domain.cells import guarded
from mycelix_studio.domain.fields import SPECS, Field
from mycelix_studio.domain.identifiers import compact
from mycelix_studio.domain.tag_edits import Change, shown, typed
from mycelix_studio.domain.track import Track
from mycelix_studio.errors import Known

MOST_ROWS: Final = 200_000
MOST_BYTES: Final = 64 * 1000 * 1000


class NotATable(Known):
    """What was opened is no table that can be read."""


class Key(StrEnum):
    """Columns that say which track a row is of."""

    FILE = "file"
    """The file's name."""
    PATH = "path"
    """The file with its folders."""


Target = Field | Key
_WORDS: Final[Mapping[str, Target]] = {
    "filename": Key.FILE, "path": Key.PATH, "filepath": Key.PATH, "location": Key.PATH, "fullpath": Key.PATH, "file": Key.FILE,
    "song": Field.TITLE, "name": Field.TITLE, "track": Field.TRACK, "trackno": Field.TRACK, "no": Field.TRACK,
    "year": Field.DATE, "releasedate": Field.DATE, "artists": Field.ARTIST, "band": Field.ARTIST, "release": Field.ALBUM,
    "upc": Field.BARCODE, "ean": Field.BARCODE, "genres": Field.GENRE, "tempo": Field.BPM, "writer": Field.COMPOSER,
    "songwriter": Field.COMPOSER, "explicitcontent": Field.EXPLICIT, "disk": Field.DISC, "discno": Field.DISC,
    "catno": Field.CATALOG_NUMBER, "catalogno": Field.CATALOG_NUMBER, "publisher": Field.LABEL,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read: headings, rows of as many cells."""

    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Matched:
    """What a table would change.

    Attributes:
        changes: Field by field.
        tracks: How many rows found their track.
        strangers: Numbers of rows (from 1, headings not counted) that fit no track, or more than one.
    """

    changes: tuple[Change, ...]
    tracks: int
    strangers: tuple[int, ...]


def export(tracks: Sequence[Track], fields: Sequence[Field], *, guard: bool = True) -> str:
    """Return a table of tracks, CSV with commas and CRLF (RFC 4180); file name and path stand first."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([Key.FILE.value, Key.PATH.value, *(field.value for field in fields)])
    for track in tracks:
        path = track.row.path
        cells = [_text(path.name), _text(str(path)), *(shown(track.value(field)) for field in fields)]
        writer.writerow([guarded(cell) for cell in cells] if guard else cells)
    return out.getvalue()


def read(data: bytes) -> Table:
    """Return the table of a file: UTF-8, UTF-16 with its mark, else Windows-1252; comma, semicolon or tab.

    Raises:
        NotATable: It is far too large, not text, has no rows, or a quote is left open.
    """
    if len(data) > MOST_BYTES:
        raise NotATable(
            "The table is too large", f"More than {MOST_BYTES // 10**6} MB cannot be metadata.", "Choose another file."
        )
    text = _decoded(data)
    if "\0" in text:
        raise NotATable("This is not a table", "It is not text.", "Save it as CSV, then open it again.")
    first = text.partition("\n")[0]
    mark = max(",;\t", key=lambda each: (first.count(each), each == ","))
    before = csv.field_size_limit(MOST_BYTES)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True) if any(row)]
    except csv.Error as error:
        raise NotATable("The table cannot be read", f"{error}.", "Save it as CSV again, then open it.") from error
    finally:
        csv.field_size_limit(before)
    if len(rows) < 2:
        raise NotATable(
            "The table is empty", "It needs a row of headings and a row for each track.", "Choose another file."
        )
    if len(rows) > MOST_ROWS:
        raise NotATable(
            "The table is too long", f"It has more than {MOST_ROWS:,} rows.", "Split it into several files."
        )
    width = len(rows[0])
    return Table(
        tuple(cell.strip() for cell in rows[0]),
        tuple(tuple(_plain(cell) for cell in (row + [""] * width)[:width]) for row in rows[1:]),
    )


def guess(heads: Sequence[str]) -> list[Target | None]:
    """Return what each column probably is, None for one to leave alone; nothing is guessed twice."""
    by_name: dict[str, Target] = dict(_WORDS)
    for spec in SPECS:
        by_name[_folded(spec.title)] = spec.field
        by_name[_folded(spec.field.value)] = spec.field
        by_name.setdefault(_folded(spec.vorbis), spec.field)
    found: list[Target | None] = []
    for head in heads:
        target = by_name.get(_folded(head))
        found.append(target if target not in found else None)
    return found


def match(
    table: Table, targets: Sequence[Target | None], tracks: Sequence[Track], *, empty_clears: bool = False
) -> Matched:
    """Find the track of each row and return what would change.

    A row's track is found by path, else by file name, else by ISRC, else by title and artist, where those are among the columns; a key that
    fits several tracks finds none.

    Args:
        table: As read.
        targets: What each column is.
        tracks: Among these.
        empty_clears: An empty cell empties the field; otherwise it leaves it alone.
    """
    indexes = _indexes(tracks)
    by_id = {track.row.id: track for track in tracks}
    found: dict[tuple[int, Field], Change] = {}
    strangers, seen = [], set()
    for place, row in enumerate(table.rows, start=1):
        cells = {target: cell for target, cell in zip(targets, row, strict=True) if target is not None}
        track_id = _track_of(cells, indexes)
        if track_id is None or track_id in seen:
            strangers.append(place)
            continue
        seen.add(track_id)
        track = by_id[track_id]
        for target, cell in cells.items():
            if isinstance(target, Key) or (not cell.strip() and not empty_clears):
                continue
            before = track.value(target)
            after = typed(target, cell.strip(), before)
            if target is Field.ISRC:
                after = tuple(compact(value) for value in after)
            if after != before:
                found[track_id, target] = Change(track_id, target, before, after)
    return Matched(tuple(found.values()), len(seen), tuple(strangers))


_Index = dict[str, int | None]


def _indexes(tracks: Sequence[Track]) -> tuple[_Index, _Index, _Index, _Index]:
    paths: _Index = {}
    names: _Index = {}
    codes: _Index = {}
    titles: _Index = {}
    for track in tracks:
        row = track.row
        for index, key in (
            (paths, _text(str(row.path))),
            (names, _text(row.path.name).casefold()),
            (codes, compact(shown(track.value(Field.ISRC)))),
            (titles, _title_key(shown(track.value(Field.TITLE)), shown(track.value(Field.ARTIST)))),
        ):
            if key:
                index[key] = row.id if key not in index else None
    return paths, names, codes, titles


def _track_of(cells: Mapping[Target, str], indexes: tuple[_Index, _Index, _Index, _Index]) -> int | None:
    paths, names, codes, titles = indexes
    path, name = cells.get(Key.PATH, "").strip(), cells.get(Key.FILE, "").strip()
    for index, key in (
        (paths, path),
        (names, (name or PurePath(path.replace("\\", "/")).name).casefold()),
        (codes, compact(cells.get(Field.ISRC, ""))),
        (titles, _title_key(cells.get(Field.TITLE, ""), cells.get(Field.ARTIST, ""))),
    ):
        if key and index.get(key) is not None:
            return index[key]
    return None


def _title_key(title: str, artist: str) -> str:
    return f"{title.strip().casefold()}\0{artist.strip().casefold()}" if title.strip() else ""


def _folded(head: str) -> str:
    return "".join(sign for sign in head.casefold() if sign.isalnum())


def _plain(cell: str) -> str:
    """Take the guard off a cell."""
    return cell[1:] if cell[:1] == "'" and guarded(cell[1:]) == cell else cell


def _text(name: str) -> str:
    return name.encode("utf-8", "replace").decode()


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252", "replace")

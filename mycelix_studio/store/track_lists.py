"""Lists of tracks: which ids match, in which order; counts and sums. Rows of a list are fetched by id, see :mod:`store.tracks`."""

from __future__ import annotations

import json
import os
import sqlite3
import unicodedata
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final

from mycelix_studio.domain.fields import Field


class Sort(StrEnum):
    """Columns the library can be sorted by."""

    TITLE = "title"
    ARTIST = "artist"
    ALBUM = "album"
    LENGTH = "duration_ms"
    CONTAINER = "container"
    ISRC = "isrc"
    DATE = "date"
    GENRE = "genre"
    ADDED = "added_at"
    CHECKS = "checks"
    NAME = "name"


class Only(StrEnum):
    """Segments of the library."""

    ALL = "all"
    TO_FIX = "to_fix"
    UNSAVED = "unsaved"
    NOT_EARNING = "not_earning"
    MISSING = "missing"
    CONFLICT = "conflict"


_ONLY: Final = {
    Only.ALL: "1",
    Only.TO_FIX: "id IN (SELECT track_id FROM check_result WHERE stops + warns > 0)",
    Only.UNSAVED: "(edits IS NOT NULL OR cover_edit IS NOT NULL)",
    Only.NOT_EARNING: "song_id = ''",
    Only.MISSING: "missing = 1",
    Only.CONFLICT: "conflict IS NOT NULL",
}


def ids(
    db: sqlite3.Connection,
    *,
    text: str = "",
    only: Only = Only.ALL,
    sort: Sort | Field = Sort.ALBUM,
    descending: bool = False,
) -> list[int]:
    """Return the ids of matching tracks in order. Every word of ``text`` must occur in title, artist, album, ISRC or file name.

    Tracks of an album follow each other by disc and track number.
    """
    where, values = _where(text, only)
    direction = "DESC" if descending else "ASC"
    order = ", ".join(f"{each} {direction}" for each in _order(sort))
    sql = (
        f"SELECT id FROM track WHERE {where} ORDER BY {order}, album COLLATE NOCASE, position, title COLLATE NOCASE, id"
    )
    return _column(db, "id", sql, values)


def _order(sort: Sort | Field) -> tuple[str, ...]:
    if isinstance(sort, Field):
        values = values_of(sort)
        # Numbers as numbers: track 10 comes after track 9.
        return (f"CAST(json_extract({values}, '$[0]') AS REAL)", f"json_extract({values}, '$[0]') COLLATE NOCASE")
    if sort is Sort.CHECKS:
        return ("(SELECT stops * 1000 + warns FROM check_result WHERE track_id = track.id)",)
    if sort is Sort.NAME:
        return ("path COLLATE NOCASE",)
    return (sort.value if sort in (Sort.LENGTH, Sort.ADDED) else f"{sort.value} COLLATE NOCASE",)


def values_of(field: Field) -> str:
    """Return the expression of a field's values, unsaved edits included: a JSON array, NULL for none."""
    return f"coalesce(json_extract(edits, '$.{field.value}'), json_extract(fields, '$.{field.value}'))"


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


def albums(db: sqlite3.Connection) -> list[str]:
    """Return album titles, that with most tracks first."""
    sql = "SELECT album FROM track WHERE album <> '' GROUP BY album ORDER BY count(*) DESC, album COLLATE NOCASE"
    return _column(db, "album", sql)


def beginning(db: sqlite3.Connection, letters: str) -> list[int]:
    """Return ids of tracks whose title begins with these letters, whatever their case and accents."""
    wanted = folded(letters)
    return [row[0] for row in db.execute("SELECT id FROM track WHERE substr(search, 1, ?) = ?", (len(wanted), wanted))]


def parents(db: sqlite3.Connection) -> set[str]:
    """Return the folders that hold a track."""
    return {row[0].rpartition(os.sep)[0] or os.sep for row in db.execute("SELECT path FROM track")}


def folded(text: str) -> str:
    """Return text as it is searched: without capitals and accents, so that ``cafe`` finds ``Café``."""
    if text.isascii():
        return text.lower()
    split = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in split if not unicodedata.combining(sign))


def _column(db: sqlite3.Connection, column: str, sql: str, values: Sequence[str] = ()) -> list[Any]:
    """Return a column of a query, in one step: with thousands of rows sqlite3 lets go of the interpreter as many times."""
    found: list[Any] = json.loads(db.execute(f"SELECT json_group_array({column}) FROM ({sql})", values).fetchone()[0])
    return found


def _where(text: str, only: Only) -> tuple[str, list[str]]:
    words = folded(text).split()
    parts = [_ONLY[only], *("instr(search, ?) > 0" for _ in words)]
    return " AND ".join(parts), words

"""Every write of tags and every rename, with the states of the files before and after: what is needed to bring any of them back.

A state is a recipe: lengths of bytes and of sound in turn, and the hashes of blobs that joined together are those bytes. Blobs lie outside
the database. A change is written down before the file is touched (``done`` 0) and marked when it was.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, cast

from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.track import Values

SCHEMA: Final = """
CREATE TABLE file_state (
  sha256 TEXT PRIMARY KEY,
  audio_sha256 TEXT NOT NULL,
  lengths TEXT NOT NULL CHECK (json_valid(lengths)),
  blobs TEXT NOT NULL CHECK (json_valid(blobs))
) STRICT, WITHOUT ROWID;
CREATE TABLE file_change (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  kind TEXT NOT NULL CHECK (kind IN ('write', 'restore', 'rename', 'undo', 'redo')),
  path TEXT NOT NULL,
  old_path TEXT NOT NULL,
  at INTEGER NOT NULL,
  before TEXT NOT NULL,
  after TEXT NOT NULL,
  details TEXT NOT NULL CHECK (json_valid(details)),
  owner TEXT NOT NULL,
  done INTEGER NOT NULL DEFAULT 0,
  undone INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX file_change_path ON file_change (path, id);
CREATE INDEX file_change_pending ON file_change (id) WHERE done = 0;
"""

ChangeKind = Literal["write", "restore", "rename", "undo", "redo"]


@dataclass(frozen=True, slots=True)
class StateRow:
    """A state of a file: lengths of bytes and of sound in turn, beginning with bytes, and the blobs that are those bytes."""

    sha256: str
    audio_sha256: str
    lengths: tuple[int, ...]
    blobs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One change of one file.

    Attributes:
        id: Local key, growing with time.
        kind: Tags were written, a past state was chosen, the file got another name, one of those was taken back, or made again.
        path: Where the file lies since.
        old_path: Where it lay before; the same but for a rename.
        at: UTC.
        before: sha2-256 of the file before; empty where only its name changed.
        after: And after.
        details: Values before and after, by field; ``cover`` where the front cover changed.
        undone: It was taken back.
    """

    id: int
    kind: ChangeKind
    path: Path
    old_path: Path
    at: datetime
    before: str
    after: str
    details: Mapping[str, tuple[Values, Values]]
    undone: bool


def keep_state(db: sqlite3.Connection, state: StateRow) -> None:
    """Keep a state; one that is known already stays as it is."""
    db.execute(
        "INSERT OR IGNORE INTO file_state VALUES (?, ?, ?, ?)",
        (state.sha256, state.audio_sha256, json.dumps(state.lengths), json.dumps(state.blobs)),
    )


def state(db: sqlite3.Connection, sha256: str) -> StateRow | None:
    """Return a state by the hash of the file it was; None when it was never kept."""
    row = db.execute("SELECT * FROM file_state WHERE sha256 = ?", (sha256,)).fetchone()
    if row is None:
        return None
    return StateRow(row[0], row[1], tuple(json.loads(row[2])), tuple(json.loads(row[3])))


def begin(
    db: sqlite3.Connection,
    kind: ChangeKind,
    path: Path,
    old_path: Path,
    *,
    at: int,
    before: str,
    after: str,
    details: Mapping[str, tuple[Values, Values]],
    owner: str,
) -> int:
    """Write down a change that is about to be made by a process (``owner``) and return its id."""
    cursor = db.execute(
        "INSERT INTO file_change (kind, path, old_path, at, before, after, details, owner) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (kind, _text(path), _text(old_path), at, before, after, json.dumps(details), owner),
    )
    return int(cursor.lastrowid or 0)


def finish(db: sqlite3.Connection, change_id: int) -> None:
    """Say that a change was made."""
    db.execute("UPDATE file_change SET done = 1 WHERE id = ?", (change_id,))


def drop(db: sqlite3.Connection, change_id: int) -> None:
    """Forget a change that was not made."""
    db.execute("DELETE FROM file_change WHERE id = ? AND done = 0", (change_id,))


def set_undone(db: sqlite3.Connection, change_id: int, undone: bool) -> None:
    """Say that a change was taken back, or made again."""
    db.execute("UPDATE file_change SET undone = ? WHERE id = ?", (int(undone), change_id))


def moved(db: sqlite3.Connection, old: Path, new: Path) -> None:
    """Let the changes of a file follow it to its new name."""
    db.execute("UPDATE file_change SET path = ? WHERE path = ?", (_text(new), _text(old)))


def changes(db: sqlite3.Connection, path: Path) -> list[ChangeRow]:
    """Return the changes made to a file, newest first."""
    sql = "SELECT * FROM file_change WHERE path = ? AND done = 1 ORDER BY id DESC"
    return [_row(row) for row in db.execute(sql, (_text(path),))]


def change(db: sqlite3.Connection, change_id: int) -> ChangeRow | None:
    """Return one change that was made, None without it."""
    row = db.execute("SELECT * FROM file_change WHERE id = ? AND done = 1", (change_id,)).fetchone()
    return _row(row) if row is not None else None


def pending(db: sqlite3.Connection) -> list[tuple[ChangeRow, str]]:
    """Return changes of which nobody knows yet whether they were made, each with the process that was to make it."""
    rows = db.execute("SELECT * FROM file_change WHERE done = 0 ORDER BY id")
    return [(_row(row), str(row["owner"])) for row in rows]


def forget(db: sqlite3.Connection, before: int) -> None:
    """Forget changes made before a moment (Unix seconds), and states nobody can go back to then.

    The newest change of tags of each file stays whatever its age, and with it the states before and after.
    """
    db.execute(
        """DELETE FROM file_change WHERE done = 1 AND at < ?
           AND id NOT IN (SELECT max(id) FROM file_change WHERE done = 1 AND before <> '' GROUP BY path)""",
        (before,),
    )
    db.execute(
        """DELETE FROM file_state
           WHERE sha256 NOT IN (SELECT before FROM file_change UNION SELECT after FROM file_change)"""
    )


def blobs(db: sqlite3.Connection) -> set[str]:
    """Return the names of all blobs that some state is made of."""
    return {str(row[0]) for row in db.execute("SELECT value FROM file_state, json_each(file_state.blobs)")}


def _row(row: sqlite3.Row) -> ChangeRow:
    raw: dict[str, list[list[str]]] = json.loads(row["details"])
    return ChangeRow(
        row["id"],
        cast(ChangeKind, row["kind"]),
        Path(row["path"]),
        Path(row["old_path"]),
        from_unix(row["at"]),
        row["before"],
        row["after"],
        {name: (tuple(before), tuple(after)) for name, (before, after) in raw.items()},
        bool(row["undone"]),
    )


def _text(path: Path) -> str:
    """Return a path as the database keeps it; names that are not text are written with escapes."""
    return str(path).encode("utf-8", "backslashreplace").decode()

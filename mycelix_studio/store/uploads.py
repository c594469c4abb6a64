"""The queue of uploads: what is to be sent, how far it is, and why it does not go on. It outlives the program."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, cast

from mycelix_studio.domain.clock import from_unix, to_unix
from mycelix_studio.domain.money import join_gwei, split_gwei
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.upload import UNFINISHED, Step, UploadState

SCHEMA: Final = """
CREATE TABLE upload (
  id INTEGER PRIMARY KEY,
  position INTEGER NOT NULL,
  track_id INTEGER REFERENCES track (id) ON DELETE SET NULL,
  path TEXT NOT NULL,
  title TEXT NOT NULL,
  artist TEXT NOT NULL,
  container TEXT NOT NULL,
  cover TEXT NOT NULL,
  size INTEGER NOT NULL CHECK (size >= 0),
  mtime_ns INTEGER NOT NULL,
  strategy TEXT NOT NULL,
  price_gwei INTEGER,
  price_rem INTEGER CHECK ((price_gwei IS NULL) = (price_rem IS NULL)),
  state TEXT NOT NULL,
  step TEXT NOT NULL,
  why_title TEXT NOT NULL DEFAULT '',
  why TEXT NOT NULL DEFAULT '',
  hint TEXT NOT NULL DEFAULT '',
  waits_for TEXT NOT NULL DEFAULT '',
  server TEXT NOT NULL DEFAULT '',
  account TEXT NOT NULL DEFAULT '',
  cid TEXT NOT NULL DEFAULT '',
  content_hash TEXT NOT NULL DEFAULT '',
  upload_id TEXT NOT NULL DEFAULT '',
  confirmed INTEGER NOT NULL DEFAULT 0,
  recognised INTEGER NOT NULL DEFAULT 0,
  song_id TEXT NOT NULL DEFAULT '',
  added_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX upload_next ON upload (position) WHERE state = 'waiting';
CREATE INDEX upload_track ON upload (track_id) WHERE track_id IS NOT NULL;
"""

_SELECT: Final = """
SELECT u.*, t.title AS track_title, t.artist AS track_artist, t.album AS track_album, coalesce(t.cover_edit, t.cover) AS track_cover
FROM upload u LEFT JOIN track t ON t.id = u.track_id
"""


@dataclass(frozen=True, slots=True)
class Why:
    """Why an upload does not go on, in words; ``waits_for`` is ``sign-in``, ``server`` or empty."""

    title: str = ""
    text: str = ""
    hint: str = ""
    waits_for: str = ""


NOTHING: Final = Why()


@dataclass(frozen=True, slots=True)
class NewUpload:
    """A file to send.

    Attributes:
        track_id: Its track.
        path: The file.
        title: As shown should the track be taken off the list.
        artist: The same.
        container: Such as ``FLAC``.
        cover: Key of the cover.
        size: Bytes.
        mtime_ns: Time of the file, to tell whether it changed.
        strategy: Way to earn it is listed with first.
        price: Gross price of a stream in wei, None for the platform's own.
    """

    track_id: int
    path: Path
    title: str
    artist: str
    container: str
    cover: str
    size: int
    mtime_ns: int
    strategy: StrategyName
    price: int | None


@dataclass(frozen=True, slots=True)
class Stored:
    """One upload as kept; what :class:`NewUpload` and :class:`Why` do not explain is as in :class:`mycelix_studio.domain.upload.UploadRow`.

    Attributes:
        server: Origin of the server that knows ``upload_id``.
        account: EIP-55 address that sends it, empty until it began.
        content_hash: sha2-256 of the file, ``0x`` and 64 hex digits.
        upload_id: Id at the server.
    """

    id: int
    track_id: int | None
    path: Path
    title: str
    artist: str
    album: str
    container: str
    cover: str
    size: int
    mtime_ns: int
    strategy: StrategyName
    price: int | None
    state: UploadState
    step: Step
    why: Why
    server: str
    account: str
    cid: str
    content_hash: str
    upload_id: str
    confirmed: int
    recognised: bool
    song_id: str
    changed_at: datetime


def add(db: sqlite3.Connection, uploads: Iterable[NewUpload], at: datetime) -> list[int]:
    """Put uploads at the end of the queue and return their ids."""
    (last,) = db.execute("SELECT coalesce(max(position), 0) FROM upload").fetchone()  # done ones keep theirs
    ids: list[int] = []
    for position, new in enumerate(uploads, start=int(last) + 1):
        gwei, rem = (None, None) if new.price is None else split_gwei(new.price)
        cursor = db.execute(
            "INSERT INTO upload (position, track_id, path, title, artist, container, cover, size, mtime_ns, strategy, price_gwei,"
            " price_rem, state, step, added_at, changed_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (position, new.track_id, str(new.path), new.title, new.artist, new.container, new.cover, new.size, new.mtime_ns,
             new.strategy, gwei, rem, UploadState.WAITING, Step.CHECK, to_unix(at), to_unix(at)),
        )  # fmt: skip
        ids.append(int(cursor.lastrowid or 0))
    return ids


def get(db: sqlite3.Connection, upload_id: int) -> Stored | None:
    """Return one upload, None when it was taken off the queue."""
    row = db.execute(f"{_SELECT} WHERE u.id = ?", (upload_id,)).fetchone()
    return None if row is None else _stored(row)


def queue(db: sqlite3.Connection, done: int) -> list[Stored]:
    """Return what is not done in its order, then the last ``done`` that are, newest first."""
    rows = db.execute(f"{_SELECT} WHERE u.state <> 'done' ORDER BY u.position").fetchall()
    rows += db.execute(
        f"{_SELECT} WHERE u.state = 'done' ORDER BY u.changed_at DESC, u.position DESC LIMIT ?", (done,)
    ).fetchall()
    return [_stored(row) for row in rows]


def next_waiting(db: sqlite3.Connection, without: Iterable[int]) -> int | None:
    """Return the first upload that waits and is not among ``without``."""
    skip = set(without)
    for row in db.execute("SELECT id FROM upload WHERE state = 'waiting' ORDER BY position"):
        if row[0] not in skip:
            return int(row[0])
    return None


def in_queue(db: sqlite3.Connection, track_ids: Sequence[int]) -> set[int]:
    """Return which tracks have an upload that is not done."""
    found: set[int] = set()
    for start in range(0, len(track_ids), 500):
        part = list(track_ids[start : start + 500])
        marks = ", ".join("?" * len(part))
        sql = f"SELECT track_id FROM upload WHERE state <> 'done' AND track_id IN ({marks})"
        found |= {int(row[0]) for row in db.execute(sql, part)}
    return found


def of_track(db: sqlite3.Connection, track_id: int) -> Stored | None:
    """Return the last upload of a track."""
    row = db.execute(f"{_SELECT} WHERE u.track_id = ? ORDER BY u.id DESC LIMIT 1", (track_id,)).fetchone()
    return None if row is None else _stored(row)


def set_state(
    db: sqlite3.Connection,
    upload_id: int,
    state: UploadState,
    at: datetime,
    *,
    step: Step | None = None,
    why: Why = NOTHING,
) -> None:
    """Say what an upload does now and why; the step stays when None."""
    db.execute(
        "UPDATE upload SET state = ?, step = coalesce(?, step), why_title = ?, why = ?, hint = ?, waits_for = ?, changed_at = ?"
        " WHERE id = ?",
        (state, step, why.title, why.text, why.hint, why.waits_for, to_unix(at), upload_id),
    )


def set_file(db: sqlite3.Connection, upload_id: int, size: int, mtime_ns: int) -> None:
    """Take the file as it is now: fingerprint, server's id and what was confirmed are forgotten."""
    db.execute(
        "UPDATE upload SET size = ?, mtime_ns = ?, cid = '', content_hash = '', upload_id = '', confirmed = 0, recognised = 0,"
        " step = 'check' WHERE id = ?",
        (size, mtime_ns, upload_id),
    )


def set_fingerprint(db: sqlite3.Connection, upload_id: int, cid: str, content_hash: str) -> None:
    """Keep the fingerprint computed here."""
    db.execute("UPDATE upload SET cid = ?, content_hash = ? WHERE id = ?", (cid, content_hash, upload_id))


def set_begun(
    db: sqlite3.Connection, upload_id: int, *, at_server: str, server: str, account: str, confirmed: int
) -> None:
    """Keep the id the server gave, for whom, and what it has."""
    db.execute(
        "UPDATE upload SET upload_id = ?, server = ?, account = ?, confirmed = ? WHERE id = ?",
        (at_server, server, account, confirmed, upload_id),
    )


def set_confirmed(db: sqlite3.Connection, upload_id: int, confirmed: int) -> None:
    """Keep how many bytes the server confirmed."""
    db.execute("UPDATE upload SET confirmed = ? WHERE id = ?", (confirmed, upload_id))


def set_sent(db: sqlite3.Connection, upload_id: int, *, recognised: bool) -> None:
    """Say that the server has the whole file."""
    db.execute("UPDATE upload SET confirmed = size, recognised = ? WHERE id = ?", (int(recognised), upload_id))


def set_song(db: sqlite3.Connection, upload_id: int, song_id: str) -> None:
    """Keep which song on the platform it became."""
    db.execute("UPDATE upload SET song_id = ? WHERE id = ?", (song_id, upload_id))


def recover(db: sqlite3.Connection, at: datetime) -> int:
    """After a start: what was under way waits again. Returns how many."""
    marks = ", ".join(f"'{state}'" for state in UNFINISHED)
    return db.execute(
        "UPDATE upload SET state = 'waiting', why_title = '', why = '', hint = '', waits_for = '', changed_at = ?"
        f" WHERE state IN ({marks})",
        (to_unix(at),),
    ).rowcount


def release(db: sqlite3.Connection, waits_for: str, at: datetime) -> int:
    """Let uploads that waited for something go on, such as those for a ``sign-in``. Returns how many."""
    return db.execute(
        "UPDATE upload SET state = 'waiting', why_title = '', why = '', hint = '', waits_for = '', changed_at = ? WHERE waits_for = ?",
        (to_unix(at), waits_for),
    ).rowcount


def move(db: sqlite3.Connection, ids: Iterable[int], step: int | None) -> None:
    """Move uploads that are not done ``step`` places later (earlier when negative), to the front when None; their own order stays."""
    order = [int(row[0]) for row in db.execute("SELECT id FROM upload WHERE state <> 'done' ORDER BY position")]
    chosen = set(ids)
    moving = [each for each in order if each in chosen]
    if not moving:
        return
    if step is None:
        order = moving + [each for each in order if each not in chosen]
    else:
        towards = 1 if step > 0 else -1
        for _ in range(abs(step)):
            # Towards the end the last goes first, so that none of them passes another.
            for each in reversed(moving) if step > 0 else moving:
                at = order.index(each)
                to = at + towards
                if 0 <= to < len(order) and order[to] not in chosen:
                    order[at], order[to] = order[to], order[at]
    db.executemany(
        "UPDATE upload SET position = ? WHERE id = ?", [(at, each) for at, each in enumerate(order, start=1)]
    )


def remove(db: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Take uploads off the queue."""
    db.executemany("DELETE FROM upload WHERE id = ?", [(each,) for each in ids])


def _stored(row: sqlite3.Row) -> Stored:
    known = row["track_title"] is not None
    return Stored(
        id=row["id"],
        track_id=row["track_id"],
        path=Path(row["path"]),
        title=row["track_title"] if known else row["title"],
        artist=(row["track_artist"] if known else "") or row["artist"],
        album=row["track_album"] if known else "",
        container=row["container"],
        cover=row["track_cover"] if known else row["cover"],
        size=row["size"],
        mtime_ns=row["mtime_ns"],
        strategy=cast(StrategyName, row["strategy"]),
        price=None if row["price_gwei"] is None else join_gwei(row["price_gwei"], row["price_rem"]),
        state=UploadState(row["state"]),
        step=Step(row["step"]),
        why=Why(row["why_title"], row["why"], row["hint"], row["waits_for"]),
        server=row["server"],
        account=row["account"],
        cid=row["cid"],
        content_hash=row["content_hash"],
        upload_id=row["upload_id"],
        confirmed=row["confirmed"],
        recognised=bool(row["recognised"]),
        song_id=row["song_id"],
        changed_at=from_unix(row["changed_at"]),
    )

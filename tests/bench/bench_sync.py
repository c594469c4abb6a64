"""From the API's compressed pages to all exact rollups, against sqlite-utils' upsert and a bare executemany."""

from __future__ import annotations

import json
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.rows import Row

START = 1_735_689_600  # 2025-01-01
PAGE = 10_000


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Measure rows a second, each way on an empty file, three times over, interleaved."""
    count = 1_000_000 if large else 200_000
    pages, plain = make_pages(count, seed)
    size = sum(len(page) for page in pages)
    ways: dict[str, Callable[[Path], None]] = {
        "own": lambda folder: _own(folder, pages),
        "bare": lambda folder: _bare(folder, pages),
        "utils": lambda folder: _sqlite_utils(folder, pages[: max(1, len(pages) // 4)]),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(3):
        for name, way in ways.items():
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                way(Path(folder))
                times[name].append(time.perf_counter() - start)
    own, bare, utils = (statistics.median(times[name]) for name in ways)
    utils *= len(pages) / max(1, len(pages) // 4)
    yield Row("pages to exact rollups", utils / own, "x", 5.0, ">=", "sqlite-utils upsert, three text indexes")
    yield Row("pages to exact rollups", bare / own, "x", 0.4, ">=", "bare executemany, one index")
    yield Row("bytes of the pages", size / plain, "x", 0.25, "<=", "plain JSON")
    yield Row("rows a second", count / own, "rows/s")


def make_pages(count: int, seed: int) -> tuple[list[bytes], int]:
    """Return compressed pages as the node sends them, and the bytes the same rows have as plain JSON."""
    import msgspec
    import numpy as np
    import zstandard

    rng = np.random.default_rng(seed)
    songs = ["0x" + random.Random(seed * 1000 + n).randbytes(32).hex() for n in range(200)]
    listeners = ["0x" + random.Random(-n - seed).randbytes(20).hex() for n in range(max(count // 50, 10))]
    weights = 1 / np.arange(1, len(songs) + 1)
    song = rng.choice(len(songs), count, p=weights / weights.sum())
    listener = np.minimum((rng.pareto(1.2, count) * len(listeners) / 20).astype(np.int64), len(listeners) - 1)
    # In the order of time, but for some that were reported late.
    at = START + np.sort(rng.integers(0, 365 * 86_400, count))
    late = rng.random(count) < 0.02
    at[late] -= rng.integers(0, 5 * 86_400, int(late.sum()))
    seconds = rng.integers(30, 300, count)
    encoder = msgspec.json.Encoder()
    pages, plain = [], 0
    for start in range(0, count, PAGE):
        part = slice(start, start + PAGE)
        used_songs, song_index = np.unique(song[part], return_inverse=True)
        used_listeners, listener_index = np.unique(listener[part], return_inverse=True)
        keys = list(range(start + 1, start + 1 + len(song_index)))
        record = {
            "kind": "play",
            "songs": [songs[n] for n in used_songs],
            "listeners": [listeners[n] for n in used_listeners],
            "key": keys,
            "song": song_index.tolist(),
            "listener": listener_index.tolist(),
            "at": at[part].tolist(),
            "seconds": seconds[part].tolist(),
            "paid": [0] * len(keys),
        }
        more = start + PAGE < count
        page = {"records": [record], "next_cursor": str(start), "more": more, "as_of": "2026-06-01T00:00:00Z"}
        pages.append(zstandard.ZstdCompressor(level=3).compress(encoder.encode(page)))
        if start == 0:
            rows = [
                {
                    "kind": "play",
                    "key": keys[n],
                    "song_id": songs[song[n]],
                    "listener": listeners[listener[n]],
                    "played_at": datetime.fromtimestamp(int(at[n]), UTC).isoformat(),
                    "seconds": int(seconds[n]),
                    "paid": False,
                }
                for n in range(len(keys))
            ]
            plain = len(json.dumps(rows, separators=(",", ":"))) * count // len(keys)
    return pages, plain


def _decoded(page: bytes) -> dict[str, object]:
    import msgspec
    import zstandard

    return dict(msgspec.json.decode(zstandard.ZstdDecompressor().decompress(page)))


def _own(folder: Path, pages: list[bytes]) -> None:
    from mycelix_studio.domain.wire import page_from_json
    from mycelix_studio.store import synced
    from mycelix_studio.store.migrations import open_database

    database = open_database(folder / "own.sqlite")
    with database.write() as db:
        synced.begin(db, "https://music.example", "0x1")
    for page in pages:
        made = page_from_json(_decoded(page))
        with database.write() as db:
            synced.apply(db, made)
    database.close()


def _columns(page: bytes) -> tuple[list[str], list[str], list[tuple[int, ...]]]:
    (record,) = _decoded(page)["records"]  # type: ignore[misc]
    names = ("key", "song", "listener", "at", "seconds", "paid")
    return record["songs"], record["listeners"], list(zip(*(record[name] for name in names), strict=True))


def _bare(folder: Path, pages: list[bytes]) -> None:
    db = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(
        "CREATE TABLE play (key INTEGER PRIMARY KEY, song INTEGER, listener INTEGER, at INTEGER, seconds INTEGER, paid INTEGER) STRICT"
    )
    db.execute("CREATE INDEX play_song ON play (song, at)")
    for page in pages:
        rows = _columns(page)[2]
        db.execute("BEGIN IMMEDIATE")
        db.executemany("INSERT INTO play VALUES (?, ?, ?, ?, ?, ?)", rows)
        db.execute("COMMIT")
    db.close()


def _sqlite_utils(folder: Path, pages: list[bytes]) -> None:
    import sqlite_utils

    db = sqlite_utils.Database(folder / "utils.sqlite")
    db.enable_wal()
    table = db["play"]
    for number, page in enumerate(pages):
        songs, listeners, rows = _columns(page)
        table.upsert_all(
            (
                {
                    "id": f"play-{key}",
                    "song_id": songs[song],
                    "listener": listeners[listener],
                    "played_at": str(at),
                    "seconds": s,
                    "paid": p,
                }
                for key, song, listener, at, s, p in rows
            ),
            pk="id",
        )
        if number == 0:
            for column in ("song_id", "listener", "played_at"):
                table.create_index([column])
    db.close()

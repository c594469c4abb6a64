"""`faults restore`: a million plays back, ten random moments with every table equal, and what is lost with and without the spool."""

from __future__ import annotations

import random
import shutil
import tempfile
import threading
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from mycelix_studio.ops.backup.restore import restore
from mycelix_studio.ops.backup.stream import Stream
from mycelix_studio.ops.backup.take import take
from tests.bench.rows import Row
from tests.fixtures.drill import Cluster, destroy, fingerprints, write_plays

PLAYS = 1_000_000
MOMENTS = 10
PART_SECONDS = 5.0


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Load, back up, write on, destroy, restore; with ``large`` three times as much."""
    plays, moments = (3 * PLAYS, MOMENTS) if large else (PLAYS, MOMENTS)
    with tempfile.TemporaryDirectory(prefix="faults-restore-") as name:
        yield from _million(Path(name) / "million", plays)
        yield from _moments(Path(name) / "moments", moments, seed)
        yield from _losses(Path(name) / "losses")


def _million(folder: Path, plays: int) -> Iterable[Row]:
    cluster = Cluster.start(folder)
    try:
        write_plays(cluster.url, plays, batch=50_000)
        taken = take(cluster.config, "full")
        write_plays(cluster.url, 100, batch=100)
        yield Row("backup of the plays", (taken.backup.stopped - taken.backup.started).total_seconds(), "s")
        yield Row("  stored, encrypted", taken.backup.stored_bytes / 2**20, "MiB")
        destroy(cluster)
        back = restore(cluster.config, cluster.identity)
        yield Row(f"{plays:,} plays back in", back.seconds, "s", 60 * plays / PLAYS, "<=", "4 h")
        with cluster.opened() as url, psycopg.connect(url) as connection:
            row = connection.execute("SELECT count(*) FROM plays").fetchone()
        assert row is not None
        yield Row("  of which are there", float(row[0]), "", plays, ">=")
    finally:
        cluster.close()


def _moments(folder: Path, count: int, seed: int) -> Iterable[Row]:
    """Write, note moments with the fingerprint of every table, then go to each."""
    chance = random.Random(seed)
    cluster = Cluster.start(folder)
    noted: list[tuple[datetime, dict[str, tuple[int, str]]]] = []
    equal = 0
    seconds: list[float] = []
    try:
        with cluster.streaming(Stream(cluster.config, synchronous=True, part_seconds=PART_SECONDS)):
            take(cluster.config, "full")
            for number in range(count):
                write_plays(cluster.url, chance.randrange(1, 3_000))
                noted.append((datetime.now(UTC), fingerprints(cluster.url)))
                if number == count // 2:
                    take(cluster.config, "incremental")
                    noted[-1] = (datetime.now(UTC), fingerprints(cluster.url))
            write_plays(cluster.url, 10)
            destroy(cluster)
        spool = cluster.config.spool / "wal"
        kept = folder / "kept"
        shutil.copytree(spool, kept)
        for moment, wanted in chance.sample(noted, len(noted)):
            destroy(cluster)
            shutil.rmtree(spool, ignore_errors=True)
            shutil.copytree(kept, spool)
            seconds.append(restore(cluster.config, cluster.identity, moment).seconds)
            with cluster.opened() as url:
                equal += fingerprints(url) == wanted
        yield Row(f"of {count} moments, all tables equal", equal, "", count, ">=")
        yield Row("  slowest", max(seconds), "s")
    finally:
        cluster.close()


def _losses(folder: Path) -> Iterable[Row]:
    """Write until the data is destroyed; what was acknowledged and did not come back is lost."""
    for with_spool in (True, False):
        cluster = Cluster.start(folder / f"spool-{with_spool}")
        stamps: list[float] = []
        stopping = threading.Event()
        try:
            stream = Stream(cluster.config, synchronous=with_spool, part_seconds=PART_SECONDS)
            with cluster.streaming(stream):
                take(cluster.config, "full")
                writer = threading.Thread(target=_write_until, args=(cluster.url, stopping, stamps), name="writer")
                writer.start()
                threading.Event().wait(4 if with_spool else 3 * PART_SECONDS)
                at = time.time()
                if not with_spool:
                    stream.part_seconds = 1e9  # the machine is gone: nothing is sent any more
                    stream.send = lambda *, everything=False: 0  # type: ignore[method-assign]
                destroy(cluster)
                stopping.set()
                writer.join()
            if not with_spool:
                shutil.rmtree(cluster.config.spool)
            restore(cluster.config, cluster.identity)
            with cluster.opened() as url, psycopg.connect(url) as connection:
                row = connection.execute("SELECT count(*) FROM plays").fetchone()
            assert row is not None
            lost = max(0, len(stamps) - int(row[0]))  # one may be there whose answer was under way
            if with_spool:
                yield Row("acknowledged plays lost, with the spool", lost, "", 0, "<=", "24 h")
                yield Row("  of so many acknowledged", len(stamps))
            else:
                gone = at - stamps[int(row[0]) - 1] if lost > 0 else 0.0
                yield Row("seconds lost, with the whole machine gone", gone, "s", 60, "<=", "24 h")
        finally:
            stopping.set()
            cluster.close()


def _write_until(url: str, stopping: threading.Event, stamps: list[float]) -> None:
    """Write one play after another and note when each was acknowledged, until the server is gone."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            while not stopping.is_set():
                connection.execute(
                    "INSERT INTO plays (artist, song, listener, play_id, at, seconds)"
                    " VALUES (1, 1, 1, gen_random_uuid(), 1790000000, 180)"
                )
                stamps.append(time.time())
    except psycopg.Error:
        return

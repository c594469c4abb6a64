"""System calls that fail while the cache is made and written: it is never corrupt, nothing acknowledged is lost, a new sync gives the same.

A child writes pages of a seeded feed and, after each, something the person made, trying each again until it is kept, and says what it kept.
In every third run it has to make the file and its tables first. ``strace`` makes its writes, flushes and truncations fail (full disk,
broken disk, interruption) many times a run, or kills it at one of them. Then the file is judged.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

from tests.bench.rows import Row

FAULTS = 1_000
PAGES = 40
CALLS = ("pwrite64", "fdatasync", "ftruncate", "fsync", "openat")
ERRORS = ("ENOSPC", "EIO", "EINTR")
ROOT = Path(__file__).resolve().parents[2]


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Inject at least a thousand faults."""
    strace = usable_strace()
    if strace is None:
        print("strace is missing or not allowed: nothing was injected (apt-get install strace)", file=sys.stderr)
        yield Row("faults injected", 0, "count", FAULTS, ">=")
        return
    rng = random.Random(seed)
    wanted = FAULTS * (5 if large else 1)
    injected = kills = corrupt = lost = different = runs = 0
    with ThreadPoolExecutor(2) as pool:
        while injected < wanted and runs < 400:
            jobs = [pool.submit(_one, strace, rng.randrange(2**31), number % 3 == 0) for number in range(6)]
            for job in jobs:
                faults, killed, sound, kept, same = job.result()
                runs += 1
                injected += faults
                kills += killed
                corrupt += not sound
                lost += not kept
                different += not same
    yield Row("faults injected", injected, "count", FAULTS, ">=")
    yield Row("of these kills", kills, "count")
    yield Row("runs", runs, "count")
    yield Row("corrupt caches", corrupt, "count", 0, "<=")
    yield Row("runs with something acknowledged lost", lost, "count", 0, "<=")
    yield Row("new syncs that gave other tables", different, "count", 0, "<=")


def usable_strace() -> str | None:
    """Return the path of strace where it is installed and may be used."""
    strace = shutil.which("strace")
    if strace is None:
        return None
    tried = subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True, check=False)
    return strace if tried.returncode == 0 else None


def _one(strace: str, seed: int, kill: bool) -> tuple[int, int, bool, bool, bool]:
    """Run the child once; return faults, kills, and whether the file was sound, whole and the same after a new sync."""
    rng = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "studio.sqlite"
        if rng.random() < 0.67:
            _child(path, 0, 0)  # made before anything fails
        call = rng.choice(CALLS[:3])
        inject = f"{call}:signal=KILL:when={rng.randint(1, 60)}" if kill else _failing(call, rng)
        trace = Path(folder) / "trace"
        command = [strace, "-f", "-qq", "-o", str(trace), "-P", str(path), "-P", f"{path}-wal", "-e", f"trace={call}", "-e",
                   f"inject={inject}", sys.executable, "-m", "tests.faults.fault_cache", str(path), str(seed)]  # fmt: skip
        child = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        text = trace.read_text(errors="replace") if trace.exists() else ""
        killed = "killed by SIGKILL" in text
        faults = text.count("(INJECTED)") + (killed and "(INJECTED)" not in text)
        words = child.stdout.split()
        kept = [int(word) for word in words if word.isdigit()]
        made = [word for word in words if word.startswith("draft-")]
        if not killed and child.returncode != 0:
            raise AssertionError(f"the writer broke off: {child.stderr[-2000:]}")
        return (faults, int(killed), *_judge(path, seed, len(set(kept)), made))


def _failing(call: str, rng: random.Random) -> str:
    first, every = rng.randint(1, 10), rng.randint(3, 9)
    return f"{call}:error={rng.choice(ERRORS)}:when={first}+{every}"


def _judge(path: Path, seed: int, kept: int, made: list[str]) -> tuple[bool, bool, bool]:
    from mycelix_studio.store import drafts, sync_state, synced
    from mycelix_studio.store.migrations import open_database
    from tests.unit.store.feeds import expected, held

    database = open_database(path)
    try:
        reader = database.read()
        sound = database.check() == [] and all(held(reader, t) == rows for t, rows in expected(reader).items())
        cursor = sync_state.state(reader).cursor
        reached = int(cursor.rpartition("-")[2]) if cursor else 0
        there = all(drafts.get(reader, target) is not None for target in made)
        pages = _pages(seed)
        with database.write() as db:
            for page in pages[reached:]:
                synced.apply(db, page)
        digest = synced.digest(database.read())
        with database.write() as db:
            synced.restart(db, "s", "a")
            for page in pages:
                synced.apply(db, page)
        return sound, reached >= kept and there, synced.digest(database.read()) == digest
    finally:
        database.close()


def _pages(seed: int) -> list[object]:
    from tests.unit.store.feeds import Feed

    return list(Feed(random.Random(seed)).grow(PAGES).pages) if seed else []


def _child(path: Path, seed: int, tries: int) -> None:
    """Write the pages of a seed and a draft after each, each again until it is kept, and print what is."""
    from mycelix_studio.store import drafts, synced
    from mycelix_studio.store.connection import CacheUnusable
    from mycelix_studio.store.migrations import open_database

    for left in range(tries, -1, -1):
        try:
            database = open_database(path)
            break
        except CacheUnusable:
            if not left:
                return  # the disk never let it be made; nothing was promised
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    for number, page in enumerate(_pages(seed), start=1):
        for _ in range(tries):
            try:
                with database.write() as db:
                    synced.apply(db, page)
                print(number, flush=True)
                with database.write() as db:
                    drafts.save(db, f"draft-{number}", title="Terms", body="{}", changed_at=moment, due_at=None)
            except CacheUnusable:
                continue
            print(f"draft-{number}", flush=True)
            break
        else:
            break
    database.close()


if __name__ == "__main__":
    _child(Path(sys.argv[1]), int(sys.argv[2]), 100)

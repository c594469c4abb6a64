"""System calls that fail, or kill, at every step of a save: the old file or the new one is there, whole, and nothing is left beside it.

``strace`` makes the n-th write, flush, rename and so on of a child fail (full disk, broken disk, interruption) or kills the child there,
for tags of every container, a file with two names, settings and a wallet file. Each child saves one file; many are started from one traced
process. Afterwards what a restart does is done, and every file is judged by its bytes.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture
from mycelix_studio.files import sweep, write_atomic
from mycelix_studio.media import saver
from mycelix_studio.settings import API_URL, Settings
from tests.bench.rows import Row
from tests.faults.fault_cache import usable_strace
from tests.fixtures import audio

FAULTS = 1_500
ROOT = Path(__file__).resolve().parents[2]
CALLS = (
    "write",
    "fsync",
    "rename",
    "fchmod,chmod",
    "utimensat",
    "unlink",
    "ftruncate",
    "fchown,chown,lchown",
    "setxattr,fsetxattr",
)
FAULTS_BY_CALL = {"write": 6, "fsync": 3}
ROUNDS = 6
ERRORS = ("ENOSPC", "EIO", "EINTR", "KILL")
EDITS = {Field.TITLE: ("Low Lamp",), Field.ARTIST: ("AC/DC", "B"), Field.COMMENT: ("x" * 9_000,)}
COVER = Picture(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 400 + b"\xff\xd9", "image/jpeg")
WALLET = b'{"version": 3, "crypto": {}}' * 40
TWO_NAMES = "two-names.flac"


@dataclass(frozen=True)
class Kind:
    """Something that is saved: its file's name; the bytes before, and after."""

    name: str
    old: bytes
    new: bytes


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Inject at least 1,500 faults, with ``large`` 6,000."""
    strace = usable_strace()
    if strace is None:
        print("strace is missing or not allowed: nothing was injected (apt-get install strace)", file=sys.stderr)
        yield Row("faults injected", 0, "count", FAULTS, ">=")
        return
    yield from rows(strace, FAULTS * (4 if large else 1), seed)


def rows(strace: str, wanted: int, seed: int) -> Iterator[Row]:
    """Inject ``wanted`` faults and return what came of it."""
    chance = random.Random(seed)
    injected = kills = broken = lost = left = saves = 0
    with tempfile.TemporaryDirectory(prefix="faults-save-") as name, ThreadPoolExecutor(2) as pool:
        kinds = prepare(Path(name) / "kinds")
        plans = _plans(chance)
        while injected < wanted:
            jobs = [pool.submit(_one, strace, kinds, next(plans), Path(name)) for _ in range(4)]
            for job in jobs:
                got = job.result()
                injected += got.faults
                kills += got.kills
                broken += got.broken
                lost += got.lost
                left += got.left
                saves += got.saves
    yield Row("faults injected", injected, "count", wanted, ">=")
    yield Row("of these kills", kills, "count")
    yield Row("saves", saves, "count")
    yield Row("broken files", broken, "count", 0, "<=")
    yield Row("saves that were acknowledged and are not there", lost, "count", 0, "<=")
    yield Row("files left behind after a restart", left, "count", 0, "<=")


def prepare(folder: Path) -> list[Kind]:
    """Make one file of each kind and find out what it becomes when nothing fails."""
    folder.mkdir()
    kinds = []
    for ending in sorted(audio.ENCODERS):
        path = audio.make(folder, ending, seconds=0.3)
        old = path.read_bytes()
        save(path)
        kinds.append(Kind(path.name, old, path.read_bytes()))
    two = next(kind for kind in kinds if kind.name.endswith(".flac"))
    kinds.append(Kind(TWO_NAMES, two.old, two.new))
    settings = folder / "settings.json"
    save(settings)
    kinds.append(Kind(settings.name, b"{}", settings.read_bytes()))
    kinds.append(Kind("wallet.json", WALLET, WALLET + WALLET))
    return kinds


def save(path: Path) -> None:
    """Save a file of a kind, told by its name."""
    if path.name.endswith("settings.json"):
        Settings(path).set(API_URL, "https://music.example")
    elif path.name.endswith("wallet.json"):
        write_atomic(path, WALLET + WALLET)
    else:
        saver.save(path, EDITS, COVER)


@dataclass(frozen=True)
class _Got:
    faults: int
    kills: int
    saves: int
    broken: int
    lost: int
    left: int


def _plans(chance: random.Random) -> Iterator[tuple[str, str, int]]:
    """Yield (calls, error, which one) for ever: every place once, then again."""
    while True:
        plans = [
            (calls, error, number)
            for calls in CALLS
            for error in ERRORS
            for number in range(1, FAULTS_BY_CALL.get(calls, 2) + 1)
        ]
        chance.shuffle(plans)
        yield from plans


def _one(strace: str, kinds: list[Kind], plan: tuple[str, str, int], base: Path) -> _Got:
    """Save every kind once under one plan and judge what is there."""
    calls, error, number = plan
    with tempfile.TemporaryDirectory(dir=base) as name:
        folder = Path(name)
        for turn in range(ROUNDS):
            for kind in kinds:
                place = folder / f"{turn} {kind.name}" / kind.name
                place.parent.mkdir()
                place.write_bytes(kind.old)
                if kind.name == TWO_NAMES:
                    (place.parent / "other name").hardlink_to(place)
        what = f"signal=KILL:when={number}" if error == "KILL" else f"error={error}:when={number}"
        trace = folder / "trace"
        command = [strace, "-f", "-qq", "-o", str(trace), "-e", f"trace={calls}", "-e", f"inject={calls}:{what}",
                   sys.executable, "-m", "tests.faults.fault_save", str(folder)]  # fmt: skip
        child = subprocess.run(
            command,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            capture_output=True,
            text=True,
            timeout=170,
            check=False,
        )
        text = trace.read_text(errors="replace") if trace.exists() else ""
        trace.unlink(missing_ok=True)
        kills = text.count("killed by SIGKILL")
        faults = text.count("(INJECTED)") if error != "KILL" else kills
        if child.returncode != 0:
            raise AssertionError(f"the saver broke off: {child.stderr[-2000:]}")
        broken = lost = left = 0
        for turn in range(ROUNDS):
            for kind in kinds:
                path = folder / f"{turn} {kind.name}" / kind.name
                saver.recover(path.parent)
                sweep(path.parent)
                found = path.read_bytes() if path.exists() else b""
                broken += found not in (kind.old, kind.new)
                lost += (path.parent / "done").exists() and found != kind.new
                if kind.name == TWO_NAMES:
                    broken += not path.samefile(path.parent / "other name")
        known = {kind.name for kind in kinds} | {"other name"}
        left += sum(each.name not in known for each in folder.glob("*/*") if each.is_file())
        return _Got(faults, kills, ROUNDS * len(kinds), broken, lost, left)


def _child(folder: Path) -> None:
    """Save every file of a folder, each in a process of its own, whose first calls are the ones that fail."""
    from mycelix_studio.errors import Known

    paths = sorted(each for each in folder.glob("*/*") if each.name != "other name")
    import mycelix_studio.media.reader  # noqa: F401 - before the fork, so that nothing is left to import

    for path in paths:
        process = os.fork()
        if process == 0:
            try:
                save(path)
                os.mkdir(path.parent / "done")  # noqa: PTH102 - a call that no plan makes fail
            except (Known, OSError):
                os._exit(0)
            except BaseException:  # noqa: BLE001 - whatever else comes is a bug, and is said by the exit code
                os._exit(9)
            os._exit(0)
        _, status = os.waitpid(process, 0)
        if os.WIFEXITED(status) and os.WEXITSTATUS(status) == 9:
            sys.exit(f"{path.name}: an error without words")


if __name__ == "__main__":
    _child(Path(sys.argv[1]))

"""The power is cut at any step of a save, on a disk that loses what was not flushed: no file is broken, no acknowledged save is lost.

SIGKILL does not show this, because the system still writes what a dead program left behind. The same disk is shown to lose files that are
copied and put in place without a flush, as most programs do.
"""

from __future__ import annotations

import importlib.util
import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mycelix_studio.errors import Known
from mycelix_studio.files import sweep
from mycelix_studio.media import saver
from tests.bench.rows import Row
from tests.faults.fault_save import TWO_NAMES, Kind, prepare, save

CUTS = 300
ROOT = Path(__file__).resolve().parents[2]


def usable() -> bool:
    """Tell whether a file system of our own can be mounted here."""
    if importlib.util.find_spec("mfusepy") is None or not Path("/dev/fuse").exists():
        return False
    try:
        import mfusepy  # noqa: F401
    except OSError:  # libfuse is not there
        return False
    return True


class Power:
    """A mounted disk and its switch."""

    def __init__(self, folder: Path, process: subprocess.Popen[str]) -> None:
        self.folder = folder
        self._process = process

    def tell(self, *words: object) -> int:
        """Give an order and return its answer."""
        assert self._process.stdin is not None and self._process.stdout is not None
        self._process.stdin.write(" ".join(map(str, words)) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


@contextmanager
def disk() -> Iterator[Power]:
    """Mount a disk for the time of the ``with``."""
    folder = Path(tempfile.mkdtemp(prefix="faults-powercut-"))
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.faults.power_disk", str(folder)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        power = Power(folder, process)
        power.tell("clear")
        while not folder.is_mount():
            if process.poll() is not None:
                raise RuntimeError("the disk could not be mounted")
        yield power
    finally:
        program = shutil.which("fusermount3") or shutil.which("fusermount")
        subprocess.run([program, "-u", str(folder)] if program else ["umount", str(folder)], check=False)
        with process:
            process.terminate()
        folder.rmdir()


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Cut at least 300 times, with ``large`` 3,000."""
    if not usable():
        print("no FUSE here: nothing was cut (apt-get install libfuse3-3 fuse3)", file=sys.stderr)
        yield Row("cuts", 0, "count", CUTS, ">=")
        return
    yield from rows(CUTS * (10 if large else 1), seed)


def rows(wanted: int, seed: int) -> Iterator[Row]:
    """Cut ``wanted`` times and return what came of it."""
    chance = random.Random(seed)
    cuts = broken = lost = left = careless = 0
    with tempfile.TemporaryDirectory() as name, disk() as power:
        kinds = prepare(Path(name) / "kinds")
        steps = {kind.name: _steps(power, kind) for kind in kinds}
        while cuts < wanted:
            kind = kinds[cuts % len(kinds)]
            found, acknowledged, others = _cut(
                power, kind, chance.randint(1, steps[kind.name] + 1), chance.randrange(2**31), save
            )
            cuts += 1
            broken += found not in (kind.old, kind.new)
            lost += acknowledged and found != kind.new
            left += others
            found, _, _ = _cut(
                power,
                kind,
                99,
                chance.randrange(2**31),
                lambda path, kind=kind: _careless(path, kind.new),
            )
            careless += found not in (kind.old, kind.new)
    yield Row("cuts", cuts, "count", wanted, ">=")
    yield Row("broken files", broken, "count", 0, "<=")
    yield Row("saves that were acknowledged and are not there", lost, "count", 0, "<=")
    yield Row("files left behind after a restart", left, "count", 0, "<=")
    yield Row("broken by as many cuts while a copy is renamed unflushed", careless, "count", 1, ">=", "copy and rename")


def _steps(power: Power, kind: Kind) -> int:
    """Return how many changes of the disk a save takes."""
    _fill(power, kind)
    power.tell("cut", 0, 0)
    save(power.folder / kind.name)
    return power.tell("boot")


def _fill(power: Power, kind: Kind) -> None:
    power.tell("clear")
    power.tell("put", kind.name, kind.old.hex())


def _cut(power: Power, kind: Kind, at: int, seed: int, work: object) -> tuple[bytes, bool, int]:
    """Save under one cut; return what is there after the restart, whether it was acknowledged, and how many files are too many."""
    assert callable(work)
    _fill(power, kind)
    path = power.folder / kind.name
    if kind.name == TWO_NAMES:
        (power.folder / "other name").hardlink_to(path)
    power.tell("cut", at, seed)
    acknowledged = True
    try:
        work(path)
    except (Known, OSError):
        acknowledged = False
    power.tell("cut", 1, seed)
    with suppress(OSError):
        path.with_name("dark").touch()  # the power goes now at the latest
    power.tell("boot")
    saver.recover(power.folder, own=True)
    sweep(power.folder, own=True)
    left = [each for each in power.folder.iterdir() if each.name not in (kind.name, "other name", "dark")]
    return path.read_bytes() if path.exists() else b"", acknowledged, len(left)


def _careless(path: Path, data: bytes) -> None:
    copy = path.with_name("copy")
    copy.write_bytes(data)
    copy.replace(path)

"""Files with turned bits, cut, doubled and false lengths: no error escapes, nothing hangs, memory stays small, and no tag is written wrong.

Files are mutated in memory and read where the library reads them: in child processes under limits. In the child the reader runs bare first,
so that an error of another kind than a refusal is seen; the parent sees how long it took. Some are saved too: either refused and untouched,
or with every other field as it was.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture
from mycelix_studio.errors import Known
from mycelix_studio.media import reader, saver
from mycelix_studio.media.formats.parts import Broken
from mycelix_studio.media.sandbox import Sandbox
from tests.bench.rows import Row
from tests.fixtures import audio

FILES = 100_000
SAVES = 50
"""One of so many mutated files is saved."""
KINDS = {kind.name: kind for kind in reader.KINDS}
PICTURE = Picture(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 6 + b"\xff\xd9", "image/jpeg")
MOST_SECONDS = 2.0
MOST_MEGABYTES = 512
BATCH = 25
EDITS = {Field.TITLE: ("Low Lamp",), Field.ARTIST: ("AC/DC", "B"), Field.LYRICS: ("one\ntwo",)}
LENGTHS = (0, 1, 7, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Mutate 100,000 files, with ``large`` 1,000,000."""
    yield from rows(FILES * (10 if large else 1), seed)


def rows(wanted: int, seed: int) -> Iterator[Row]:
    """Read ``wanted`` mutated files and return what came of it."""
    chance = random.Random(seed)
    place = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112 - memory, where it is
    with tempfile.TemporaryDirectory(prefix="faults-bad-audio-", dir=place) as name:
        folder = Path(name)
        seeds = _seeds(folder)
        sandbox = Sandbox(2)
        try:
            with ThreadPoolExecutor(2) as pool:
                jobs = [
                    pool.submit(_batch, sandbox, folder, number, seeds[number % len(seeds)], chance.randrange(2**31))
                    for number in range(-(-wanted // BATCH))
                ]
                found = [job.result() for job in jobs]
        finally:
            sandbox.close()
    yield Row("files mutated", BATCH * len(found), "count", wanted, ">=")
    yield Row("  read nevertheless", sum(each["read"] for each in found), "count")
    yield Row("  refused in words", sum(each["refused"] for each in found), "count")
    yield Row(
        "  ended by a limit of time or memory, and refused in words", sum(each["ended"] for each in found), "count"
    )
    yield Row("errors without words", sum(each["escaped"] for each in found), "count", 0, "<=")
    yield Row("longest for one file", max(each["longest"] for each in found), "s", MOST_SECONDS, "<=")
    yield Row("most memory of a reader", max(each["memory"] for each in found), "MB", MOST_MEGABYTES, "<=")
    yield Row("saved", sum(each["saved"] for each in found), "count")
    yield Row("saves that lost or changed something", sum(each["wrong"] for each in found), "count", 0, "<=")


def _seeds(folder: Path) -> list[tuple[str, bytes]]:
    """Return small files of every container with tags, as (ending, bytes)."""
    found = []
    for ending in audio.ENCODERS:
        path = audio.make(folder, ending, seconds=0.1)
        found.append((ending, path.read_bytes()))
        saver.save(path, {**EDITS, Field.COMMENT: ("mine",), Field.DATE: ("2026-05-08",)}, PICTURE)
        data = path.read_bytes()
        found += [(ending, data)] * 3
        path.unlink()
    return found


def _batch(sandbox: Sandbox, folder: Path, number: int, seed: tuple[str, bytes], chance: int) -> dict[str, float]:
    """Read some mutated files in a child; one that ends the child is found by reading the rest one by one."""
    ending, data = seed
    got = {"read": 0.0, "refused": 0, "escaped": 0, "ended": 0, "longest": 0, "memory": 0, "saved": 0, "wrong": 0}
    path = folder / f"{number}.{ending}"
    path.write_bytes(data)
    start = 0
    while start < BATCH:
        began = time.perf_counter()
        try:
            part = sandbox.run(judge, path, chance, start, BATCH, number % SAVES == 0)
        except Known:
            # The child was ended at one of them; find out which by what it wrote down.
            at = int((folder / f"{number}.at").read_text())
            got["ended"] += 1
            got["longest"] = max(got["longest"], time.perf_counter() - began)
            start = at + 1
            continue
        for key, value in part.items():
            got[key] = max(got[key], value) if key in ("longest", "memory") else got[key] + value
        break
    for each in folder.glob(f"{number}.*"):
        each.unlink()
    return got


def judge(path: Path, seed: int, start: int, end: int, saving: bool) -> dict[str, float]:
    """In the child: mutate the file many times, and read (and save) each of them."""
    from mycelix_studio.media.sandbox import PROCESSOR_SECONDS, _limit

    got = {"read": 0.0, "refused": 0, "escaped": 0, "longest": 0, "memory": 0, "saved": 0, "wrong": 0}
    whole = path.read_bytes()
    odd = path.with_name(f"{path.stem}.odd{path.suffix}")
    marker = path.with_suffix(".at")
    for number in range(start, end):
        data = mutate(whole, random.Random(seed * 1_000 + number))
        odd.write_bytes(data)
        marker.write_text(str(number))
        began = time.perf_counter()
        _limit(PROCESSOR_SECONDS)
        try:
            tags = reader.read_quick(odd) if number % 2 else reader.read(odd)  # as a scan does, and as everything else
            KINDS[tags.audio.container].parse(odd)
            got["read"] += 1
        except (Known, Broken):
            got["refused"] += 1
        except Exception:  # noqa: BLE001 - what this looks for
            got["escaped"] += 1
        else:
            if saving:
                verdict = _save(odd, data, tags)
                got[verdict] = got.get(verdict, 0) + 1
        got["longest"] = max(got["longest"], time.perf_counter() - began)
    with open("/proc/self/status") as status:  # noqa: PTH123
        got["memory"] = next(int(line.split()[1]) / 1024 for line in status if line.startswith("VmHWM"))
    odd.unlink()
    return got


def _save(odd: Path, data: bytes, before: object) -> str:
    """Save a mutated file that could be read; return ``saved``, ``refused`` or ``wrong``."""
    copy = odd.with_name(f"saving {odd.name}")
    shutil.copyfile(odd, copy)
    try:
        try:
            saver.save(copy, EDITS)
        except Known:
            return "refused" if copy.read_bytes() == data else "wrong"
        after, first = reader.read(copy), reader.read(odd)
        kept = all(after.fields.get(field) == values for field, values in first.fields.items() if field not in EDITS)
        edited = all(after.fields.get(field) == values for field, values in EDITS.items())
        return "saved" if kept and edited and after.pictures == first.pictures else "wrong"
    finally:
        copy.unlink()


def mutate(whole: bytes, chance: random.Random) -> bytes:
    """Return a file with one to four faults, most of them where the structure is: at both ends."""
    data = bytearray(whole)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        size = len(data)
        if size < 16:
            break
        near = chance.choice((64, 512, 4_096, size))
        at = (
            min(chance.randrange(near), size - 9)
            if chance.random() < 0.8
            else max(0, size - 1 - chance.randrange(min(near, size)))
        )
        kind = chance.randrange(7)
        if kind == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif kind == 1:
            data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            width = chance.choice((2, 3, 4, 8))
            number = chance.choice(LENGTHS) & (256**width - 1)
            data[at : at + width] = number.to_bytes(width, chance.choice(("big", "little")))
        elif kind == 3:
            del data[chance.choice((at, max(16, size - chance.randrange(1, 2_000)))) :]
        elif kind == 4:
            length = chance.randrange(1, 300)
            data[at:at] = data[at : at + length]
        elif kind == 5:
            del data[at : at + chance.randrange(1, 300)]
        else:
            length = chance.randrange(1, 60)
            data[at : at + length] = chance.randbytes(length)
    return bytes(data)

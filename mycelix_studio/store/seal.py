"""Checksums of the cache at rest: a byte that changes on the disk while nobody has the file open is found at the next start.

SQLite's own check sees a broken structure, not a changed amount. So whoever closes the file last writes a sum of each page beside it,
and whoever opens it next compares them, as long as nobody wrote into it meanwhile: size, time and an empty log say so. The first pages,
which hold the schema, are kept as they are, so that what happens to them can be undone exactly.

Sums of pages take a call each. So there are sums of blocks of pages too, which are computed without holding up other threads: pages are
looked at one by one only in blocks that are not what they were, at a start and at an end.
"""

from __future__ import annotations

import contextlib
import json
import os
import zlib
from array import array
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple

from mycelix_studio.files import write_atomic

PAGE: Final = 4_096
BLOCK_PAGES: Final = 64
KEPT_PAGES: Final = 256
"""Pages that are kept as they are, from the beginning of the file."""
FILLER: Final = b"\xff\xff\xff\xff" + b"mycelix: this page was damaged. "
"""Put in place of a damaged page: SQLite takes it neither for a page nor for text, and in a blob it is found."""
_VERSION: Final = 2
_BLOCK: Final = BLOCK_PAGES * PAGE
_FEW_BLOCKS: Final = 64


class Seal(NamedTuple):
    """What was written about a file at rest.

    Attributes:
        size: Bytes of the file.
        mtime_ns: Its time.
        sums: CRC-32 of each page.
        blocks: CRC-32 of each block of :data:`BLOCK_PAGES` pages.
        first: Its first pages.
    """

    size: int
    mtime_ns: int
    sums: array[int]
    blocks: array[int]
    first: bytes

    def pages(self, block: int) -> array[int]:
        """Return the sums of the pages of a block."""
        return self.sums[block * BLOCK_PAGES : (block + 1) * BLOCK_PAGES]

    def of(self, path: Path) -> bool:
        """Tell whether nobody wrote into the file since, and nobody has it open to write."""
        return self.tells(at_rest(path))

    def tells(self, rest: Rest | None) -> bool:
        """Tell whether it was written about a file of this size and time."""
        return rest == (self.size, self.mtime_ns)

    def unwritten(self, path: Path) -> bool:
        """Tell whether nobody wrote into the file itself since, whatever stands in its log."""
        return self.tells(_size_and_time(path))


Rest = tuple[int, int]
"""Size and time, in nanoseconds, of a file that nobody has open to write."""


def at_rest(path: Path) -> Rest | None:
    """Return size and time of a file; None when somebody has it open to write, or there is none."""
    return None if _log(path) else _size_and_time(path)


def place(path: Path) -> Path:
    """Return where the seal of a file lies."""
    return path.with_name(f"{path.name}.sums")


def keep(path: Path) -> bool:
    """Seal a file that nobody has open any more; True when it was done, or was sealed as it is before.

    A seal that cannot be written, or is not whole, is as if there was none.
    """
    with contextlib.suppress(OSError):
        if _log(path):
            return False  # another program has it open, and will seal it
        known = read(path)
        if known is not None and known.of(path):
            return True
        before = path.stat()
        first = _beginning(path)
        blocks = _block_sums(path)
        sums = array("I")
        with path.open("rb") as file:
            for number, block in enumerate(blocks):
                same = known is not None and list(known.blocks[number : number + 1]) == [block]
                sums += known.pages(number) if known is not None and same else _page_sums(file, number)
        seal = Seal(before.st_size, before.st_mtime_ns, sums, blocks, first)
        if not seal.of(path):
            return False
        facts = {
            "version": _VERSION,
            "size": seal.size,
            "mtimeNs": seal.mtime_ns,
            "first": len(first),
            "blocks": len(blocks),
        }
        body = json.dumps(facts).encode() + b"\n" + first + blocks.tobytes() + sums.tobytes()
        write_atomic(place(path), zlib.crc32(body).to_bytes(4, "little") + body, durable=False)
        return True
    return False


def read(path: Path) -> Seal | None:
    """Return the seal of a file; None when there is none, or it is damaged itself."""
    try:
        data = place(path).read_bytes()
        if zlib.crc32(data[4:]).to_bytes(4, "little") != data[:4]:
            return None
        head, _, rest = data[4:].partition(b"\n")
        facts = json.loads(head)
        if facts["version"] != _VERSION:
            return None
        length = int(facts["first"])
        sums = array("I")
        sums.frombytes(rest[length:])
        blocks, sums = sums[: int(facts["blocks"])], sums[int(facts["blocks"]) :]
        return Seal(int(facts["size"]), int(facts["mtimeNs"]), sums, blocks, rest[:length])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def damaged_pages(path: Path, seal: Seal) -> list[int]:
    """Return the numbers, from 0, of pages that are not what they were; empty for a sound file, or one that somebody wrote into.

    Raises:
        OSError: The file cannot be read.
    """
    if not seal.unwritten(path):
        return []
    found = []
    with path.open("rb") as file:
        for number, (block, wanted) in enumerate(zip(_block_sums(path), seal.blocks, strict=False)):
            if block != wanted:
                pages = zip(_page_sums(file, number), seal.pages(number), strict=False)
                found += [number * BLOCK_PAGES + place for place, (now, then) in enumerate(pages) if now != then]
    # Somebody may have written into it while it was read.
    return found if seal.unwritten(path) else []


def write_without(path: Path, target: Path, pages: Collection[int], seal: Seal | None) -> bool:
    """Copy a file with damaged pages put right where the seal holds them, and made unreadable where it does not.

    Returns:
        Whether the copy is what was sealed, byte for byte.

    Raises:
        OSError: The copy cannot be written.
    """
    first = seal.first if seal is not None and seal.unwritten(path) else b""
    exact = True
    with path.open("rb") as source, target.open("wb") as copy:
        number = 0
        while data := source.read(PAGE):
            if number in pages:
                kept = first[number * PAGE : (number + 1) * PAGE]
                exact = exact and bool(kept)
                data = kept or (FILLER * (PAGE // len(FILLER) + 1))[: len(data)]
            copy.write(data)
            number += 1
        copy.flush()
        os.fsync(copy.fileno())
    return exact


def _size_and_time(path: Path) -> Rest | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_size, found.st_mtime_ns


def _log(path: Path) -> bool:
    """Tell whether the write-ahead log holds something: the file is open, or was not closed."""
    try:
        return path.with_name(f"{path.name}-wal").stat().st_size > 0
    except OSError:
        return False


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(KEPT_PAGES * PAGE)


def _block_sums(path: Path) -> array[int]:
    """Return the sum of each block, by two threads where there is much to read."""
    count = -(-path.stat().st_size // _BLOCK)
    if count <= _FEW_BLOCKS:
        return _blocks_from(path, 0, count)
    with ThreadPoolExecutor(2) as pool:
        halves = [pool.submit(_blocks_from, path, *span) for span in ((0, count // 2), (count // 2, count))]
        return halves[0].result() + halves[1].result()


def _blocks_from(path: Path, start: int, end: int) -> array[int]:
    sums = array("I")
    buffer = bytearray(_BLOCK)
    view = memoryview(buffer)
    with path.open("rb") as file:
        file.seek(start * _BLOCK)
        for _ in range(start, end):
            sums.append(zlib.crc32(view[: file.readinto(buffer)]))
    return sums


def _page_sums(file: BinaryIO, block: int) -> array[int]:
    file.seek(block * _BLOCK)
    data = memoryview(file.read(_BLOCK))
    return array("I", (zlib.crc32(data[start : start + PAGE]) for start in range(0, len(data), PAGE)))

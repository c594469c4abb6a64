"""The files of uploads under way: written in large pieces off the event loop, hashed as they come, safe once acknowledged."""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import os
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, FileDigest, digest_file, piece_digest

if TYPE_CHECKING:
    from hashlib import _Hash

BLOCK_BYTES: Final = 4 * CHUNK_BYTES
"""What is written and hashed at once: large enough that the threads' hand-overs cost nothing beside it."""
LEAVES: Final = "sha256-mib"
"""Checksum of a piece that begins on a whole MiB and ends on one or with the file: the sha2-256 of the sha2-256 of each MiB."""
_MOST_HASHERS: Final = 256
_MOST_SPARE_BLOCKS: Final = 8
_SYNC_FILE_RANGE_WRITE: Final = 2


@dataclass(slots=True)
class _Running:
    """Hashes of the bytes up to ``size``, so that finishing needs no second reading."""

    cid: CidHasher = field(default_factory=CidHasher)
    whole: _Hash = field(default_factory=hashlib.sha256)

    @property
    def size(self) -> int:
        return self.cid.size


class ChecksumMismatch(Exception):
    """The bytes received are not those the client hashed."""


class UploadFiles:
    """Files ``<id>.part`` in one folder. Only one request at a time may write one file; :meth:`lock` sees to that within this process."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._hashers: dict[UUID, _Running] = {}
        self._spare: list[bytearray] = []

    def path(self, number: UUID) -> Path:
        """Return the file of an upload."""
        return self.folder / f"{number}.part"

    def lock(self, number: UUID) -> asyncio.Lock:
        """Return the lock of an upload."""
        return self._locks.setdefault(number, asyncio.Lock())

    async def append(
        self, number: UUID, offset: int, body: AsyncIterator[bytes], checksum: tuple[str, bytes] | None
    ) -> tuple[int, bool]:
        """Write a body at ``offset`` and return the new length and whether the body came to its end.

        What came of a body that broke off is kept, but with a checksum: then it is discarded, since it cannot be checked.

        Raises:
            ChecksumMismatch: The body differs from its checksum; the file ends at ``offset`` again.
            OSError: The disk is full or broken; the file ends at ``offset`` or later, and nothing after it counts.
        """
        running = self._hashers.pop(number, None) or (_Running() if offset == 0 else None)
        if running is not None and running.size != offset:
            running = None
        by_leaves = checksum is not None and checksum[0] == LEAVES
        leaves = CidHasher() if by_leaves and running is None else None
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum and not by_leaves else None
        descriptor = os.open(self.path(number), os.O_RDWR | os.O_CREAT, 0o600)
        whole = True
        updates = [] if running is None else [running.cid.update, running.whole.update]
        updates += [each.update for each in (digest, leaves) if each is not None]
        row = _Row(descriptor, offset, updates, self._spare)
        try:
            os.ftruncate(descriptor, offset)
            try:
                async for piece in body:
                    await row.take(piece)
            except BrokenOff:
                whole = False
            position = await row.end()
            found = None if digest is None else digest.digest()
            if by_leaves:
                hasher, first = (leaves, 0) if leaves is not None else (running.cid, offset // CHUNK_BYTES)  # type: ignore[union-attr]
                found = piece_digest(hasher.leaves(first))
            if checksum is not None and (not whole or found != checksum[1]):
                os.ftruncate(descriptor, offset)
                if whole:
                    raise ChecksumMismatch
                return offset, False
            await asyncio.get_running_loop().run_in_executor(None, os.fsync, descriptor)
        finally:
            await row.close()
            os.close(descriptor)
        if running is not None:
            while len(self._hashers) >= _MOST_HASHERS:
                self._hashers.pop(next(iter(self._hashers)))
            self._hashers[number] = running
        return position, whole

    async def digest(self, number: UUID, size: int) -> FileDigest:
        """Return the names of a finished file, from the running hashes or, when another process began it, by reading it."""
        running = self._hashers.pop(number, None)
        if running is not None and running.size == size:
            return FileDigest(running.cid.finish(), "0x" + running.whole.hexdigest(), size, running.cid.leaves(0))
        return await asyncio.to_thread(digest_file, self.path(number))

    def remove(self, number: UUID) -> None:
        """Remove an upload's file and what is remembered of it."""
        self._hashers.pop(number, None)
        self._locks.pop(number, None)
        self.path(number).unlink(missing_ok=True)


class BrokenOff(Exception):
    """The client went away in the middle of a body."""


class _Row:
    """Blocks on their way to the disk and the hashes, which work at the same time, and all of them while the next block fills.

    Blocks are used again and again, by all uploads: memory that is given back and taken anew for each costs more than the hashing.
    """

    def __init__(
        self, descriptor: int, position: int, updates: Sequence[Callable[[memoryview], None]], spare: list[bytearray]
    ) -> None:
        self._descriptor = descriptor
        self._position = position
        self._updates = updates
        self._spare = spare
        self._block: bytearray | None = None
        self._filled = 0
        self._working: list[asyncio.Future[None]] = []
        self._worked_on: bytearray | None = None

    async def take(self, data: bytes) -> None:
        """Take the next bytes; waits while the block before is worked on."""
        taken = 0
        while taken < len(data):
            if self._block is None:
                self._block = self._spare.pop() if self._spare else bytearray(BLOCK_BYTES)
            part = memoryview(data)[taken : taken + BLOCK_BYTES - self._filled]
            self._block[self._filled : self._filled + len(part)] = part
            self._filled += len(part)
            taken += len(part)
            if self._filled == BLOCK_BYTES:
                await self._begin()

    async def end(self) -> int:
        """Wait until all is written and hashed, and return where it ends."""
        if self._filled:
            await self._begin()
        await self._done()
        return self._position

    async def close(self) -> None:
        """Wait until nothing uses a block any more, whatever became of it."""
        await asyncio.gather(*self._working, return_exceptions=True)
        self._working = []
        for block in (self._block, self._worked_on):
            if block is not None and len(self._spare) < _MOST_SPARE_BLOCKS:
                self._spare.append(block)
        self._block = self._worked_on = None

    async def _begin(self) -> None:
        await self._done()
        assert self._block is not None
        view = memoryview(self._block)[: self._filled]
        loop = asyncio.get_running_loop()
        self._working = [loop.run_in_executor(None, _write, self._descriptor, self._position, view)]
        self._working += [loop.run_in_executor(None, update, view) for update in self._updates]
        self._position += self._filled
        self._worked_on, self._block, self._filled = self._block, None, 0

    async def _done(self) -> None:
        """Wait for all works, so that none still uses the block, then raise the first failure."""
        outcomes = await asyncio.gather(*self._working, return_exceptions=True)
        self._working = []
        if self._worked_on is not None:
            self._spare.append(self._worked_on)
            self._worked_on = None
        for outcome in outcomes:
            if outcome is not None:
                raise outcome


def _write(descriptor: int, position: int, block: memoryview) -> None:
    """Write a block and let the disk begin with it, so that the flush at the end has little left to wait for."""
    written = 0
    while written < len(block):
        written += os.pwrite(descriptor, block[written:], position + written)
    if _begin_writing is not None:
        _begin_writing(descriptor, position, len(block))


def _writer_behind() -> Callable[[int, int, int], object] | None:
    """Return Linux's ``sync_file_range`` that only begins; None elsewhere. What it does is a hint: only fsync promises anything."""
    try:
        function = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return lambda descriptor, offset, length: function(descriptor, offset, length, _SYNC_FILE_RANGE_WRITE)


_begin_writing = _writer_behind()

"""The files of uploads under way: written in large pieces off the event loop, hashed as they come, safe once acknowledged."""

from __future__ import annotations

import asyncio
import ctypes
import hashlib
import os
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, FileDigest, digest_file, piece_digest

if TYPE_CHECKING:
    from hashlib import _Hash

PIECE_BYTES: Final = 4 * CHUNK_BYTES
LEAVES: Final = "sha256-mib"
"""Checksum of a piece that begins on a whole MiB and ends on one or with the file: the sha2-256 of the sha2-256 of each MiB."""
_MOST_HASHERS: Final = 256
_MOST_PIECES: Final = 512
"""In one call of the system, which takes 1,024 at most."""
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
        position, whole = offset, True
        working: list[asyncio.Future[None]] = []
        loop = asyncio.get_running_loop()

        def begin(pieces: list[bytes]) -> list[asyncio.Future[None]]:
            # The disk and each hash work on the pieces at the same time, and all of them while the next ones come in.
            works: list[Callable[[], None]] = [partial(_write, descriptor, position, pieces)]
            hashes = [] if running is None else [running.cid.update, running.whole.update]
            hashes += [each.update for each in (digest, leaves) if each is not None]
            works += [partial(_hash, hash_, pieces) for hash_ in hashes]
            return [loop.run_in_executor(None, work) for work in works]

        try:
            os.ftruncate(descriptor, offset)
            pieces: list[bytes] = []
            held = 0
            try:
                async for piece in body:
                    pieces.append(piece)
                    held += len(piece)
                    if held >= PIECE_BYTES or len(pieces) >= _MOST_PIECES:
                        await _all(working)
                        working = begin(pieces)
                        position, held, pieces = position + held, 0, []
            except BrokenOff:
                whole = False
            await _all(working)
            working = begin(pieces)
            await _all(working)
            position += held
            found = None if digest is None else digest.digest()
            if by_leaves:
                hasher, first = (leaves, 0) if leaves is not None else (running.cid, offset // CHUNK_BYTES)  # type: ignore[union-attr]
                found = piece_digest(hasher.leaves(first))
            if checksum is not None and (not whole or found != checksum[1]):
                os.ftruncate(descriptor, offset)
                if whole:
                    raise ChecksumMismatch
                return offset, False
            await loop.run_in_executor(None, os.fsync, descriptor)
        finally:
            await asyncio.gather(*working, return_exceptions=True)
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


async def _all(futures: list[asyncio.Future[None]]) -> None:
    """Wait for all of them, so that none still uses a buffer, then raise the first failure."""
    for outcome in await asyncio.gather(*futures, return_exceptions=True):
        if outcome is not None:
            raise outcome


def _write(descriptor: int, position: int, pieces: list[bytes]) -> None:
    """Write pieces and let the disk begin with them, so that the flush at the end has little left to wait for."""
    start, left = position, [memoryview(piece) for piece in pieces if piece]
    while left:
        written = os.pwritev(descriptor, left[:_MOST_PIECES], position)
        position += written
        while left and written >= len(left[0]):
            written -= len(left.pop(0))
        if written:
            left[0] = left[0][written:]
    if _begin_writing is not None:
        _begin_writing(descriptor, start, position - start)


def _writer_behind() -> Callable[[int, int, int], object] | None:
    """Return Linux's ``sync_file_range`` that only begins; None elsewhere. What it does is a hint: only fsync promises anything."""
    try:
        function = ctypes.CDLL(None).sync_file_range
    except (AttributeError, OSError, TypeError):
        return None
    function.argtypes = (ctypes.c_int, ctypes.c_int64, ctypes.c_int64, ctypes.c_uint)
    return lambda descriptor, offset, length: function(descriptor, offset, length, _SYNC_FILE_RANGE_WRITE)


_begin_writing = _writer_behind()


def _hash(update: Callable[[bytes], object], pieces: list[bytes]) -> None:
    for piece in pieces:
        update(piece)

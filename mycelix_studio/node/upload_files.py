"""The files of uploads under way: written in large pieces off the event loop, hashed as they come, safe once acknowledged."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, FileDigest, digest_file

if TYPE_CHECKING:
    from hashlib import _Hash

PIECE_BYTES: Final = 4 * CHUNK_BYTES
_MOST_HASHERS: Final = 256


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
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum else None
        descriptor = os.open(self.path(number), os.O_RDWR | os.O_CREAT, 0o600)
        position, whole = offset, True
        writing: list[asyncio.Future[None]] = []
        loop = asyncio.get_running_loop()

        def begin(buffer: bytearray) -> list[asyncio.Future[None]]:
            # The disk and the hashes work on a piece at the same time, and both while the next one comes in.
            return [
                loop.run_in_executor(None, _write, descriptor, position, buffer),
                loop.run_in_executor(None, _hash, buffer, running, digest),
            ]

        try:
            os.ftruncate(descriptor, offset)
            buffer = bytearray()
            try:
                async for piece in body:
                    buffer += piece
                    if len(buffer) >= PIECE_BYTES:
                        await _all(writing)
                        writing = begin(buffer)
                        position += len(buffer)
                        buffer = bytearray()
            except BrokenOff:
                whole = False
            await _all(writing)
            writing = begin(buffer)
            await _all(writing)
            position += len(buffer)
            if digest is not None and checksum is not None and (not whole or digest.digest() != checksum[1]):
                os.ftruncate(descriptor, offset)
                if whole:
                    raise ChecksumMismatch
                return offset, False
            await loop.run_in_executor(None, os.fsync, descriptor)
        finally:
            await asyncio.gather(*writing, return_exceptions=True)
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
            return FileDigest(running.cid.finish(), "0x" + running.whole.hexdigest(), size)
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


def _write(descriptor: int, position: int, buffer: bytearray) -> None:
    view = memoryview(buffer)
    while view:
        written = os.pwrite(descriptor, view, position)
        position += written
        view = view[written:]


def _hash(buffer: bytearray, running: _Running | None, digest: _Hash | None) -> None:
    if running is not None:
        running.cid.update(buffer)
        running.whole.update(buffer)
    if digest is not None:
        digest.update(buffer)

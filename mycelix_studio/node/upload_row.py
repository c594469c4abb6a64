"""What comes in of an upload on its way to the disk and the hashes: blocks of memory that are used again, and lanes that work on them.

Receiving, writing and each hash go on at the same time, each at its own pace, up to a few blocks apart. Blocks are used by all uploads
again and again: memory that is given back and taken anew for each costs more than the hashing.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import mmap
import os
import threading
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from mycelix_studio.domain.cid import CHUNK_BYTES

BLOCK_BYTES: Final = 4 * CHUNK_BYTES
"""What is written and hashed at once: large enough that the threads' hand-overs cost nothing beside it."""
MOST_BLOCKS: Final = 2
"""Blocks of one upload that are worked on while the next one fills."""
_MOST_SPARE: Final = 8
_ALIGNED: Final = 4_096
"""What a write beside the page cache must begin and end on; blocks begin on whole pages of memory."""


class Blocks:
    """Memory and threads that all uploads of a process share."""

    def __init__(self) -> None:
        self.pool = ThreadPoolExecutor(thread_name_prefix="upload")
        self._spare: list[mmap.mmap] = []

    def take(self) -> mmap.mmap:
        """Return a block that nobody uses."""
        return self._spare.pop() if self._spare else _new_block()

    def give(self, block: mmap.mmap) -> None:
        """Take a block back."""
        if len(self._spare) < _MOST_SPARE:
            self._spare.append(block)

    def close(self) -> None:
        """End the threads; nothing may be under way."""
        self.pool.shutdown()


def _new_block() -> mmap.mmap:
    """Return memory that begins on a whole page, in large pages where the system has them: a write pins each of them."""
    if not hasattr(mmap, "MAP_PRIVATE"):
        return mmap.mmap(-1, BLOCK_BYTES)
    block = mmap.mmap(-1, BLOCK_BYTES, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        with contextlib.suppress(OSError):  # a kernel built without them
            block.madvise(mmap.MADV_HUGEPAGE)
    return block


class Target:
    """The file of an upload, open for writing. What is in it beyond ``size`` bytes is dropped.

    Whole pages go to the disk without a copy in the system's page cache where system and file system can do that (O_DIRECT): nobody reads
    them soon, the copy costs as much as the hashing, and the flush at the end has nothing left to wait for. What does not fill a page,
    and everything elsewhere, is written as usual.

    Raises:
        OSError: It cannot be opened.
    """

    def __init__(self, path: Path, size: int) -> None:
        self._plain = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        self._direct = _open_direct(path)
        self.cut(size)

    def write(self, position: int, block: memoryview) -> None:
        """Write a block.

        Raises:
            OSError: The disk is full or broken.
        """
        written = 0
        while written < len(block):
            at = position + written
            pages = (len(block) - written) // _ALIGNED * _ALIGNED
            if self._direct is None or not pages or at % _ALIGNED or written % _ALIGNED:
                written += os.pwrite(self._plain, block[written:], at)
                continue
            try:
                written += os.pwrite(self._direct, block[written : written + pages], at)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                os.close(self._direct)
                self._direct = None

    def flush(self) -> None:
        """Wait until all that was written is safe.

        Raises:
            OSError: The disk is full or broken.
        """
        os.fsync(self._plain)

    def cut(self, size: int) -> None:
        """Drop what is in it beyond ``size`` bytes."""
        os.ftruncate(self._plain, size)

    def close(self) -> None:
        """Close it."""
        os.close(self._plain)
        if self._direct is not None:
            os.close(self._direct)


def _open_direct(path: Path) -> int | None:
    """Open a file for writing beside the page cache; None where that cannot be done."""
    flag = getattr(os, "O_DIRECT", 0)
    if not flag:
        return None
    try:
        return os.open(path, os.O_RDWR | flag)
    except OSError:
        return None


class _Lane:
    """Works that are done one after another by the threads of a pool; lanes of several uploads take turns."""

    def __init__(self, pool: ThreadPoolExecutor) -> None:
        self._pool = pool
        self._lock = threading.Lock()
        self._waiting: deque[Callable[[], None]] = deque()
        self._busy = False

    def add(self, work: Callable[[], None]) -> None:
        """Do ``work``, which raises nothing, after what was added before."""
        with self._lock:
            if self._busy:
                self._waiting.append(work)
                return
            self._busy = True
        self._pool.submit(self._do, work)

    def _do(self, work: Callable[[], None]) -> None:
        work()
        with self._lock:
            if not self._waiting:
                self._busy = False
                return
            work = self._waiting.popleft()
        self._pool.submit(self._do, work)


class Row:
    """One body on its way: :meth:`take` its bytes, :meth:`end` it, and :meth:`close` the row whatever happened. Only for the event loop.

    Args:
        blocks: Memory and threads.
        target: The file.
        position: Where in the file the body begins.
        updates: The hashes.
    """

    def __init__(
        self, blocks: Blocks, target: Target, position: int, updates: Sequence[Callable[[memoryview], None]]
    ) -> None:
        self._blocks = blocks
        self._target = target
        self._position = position
        self._writer = _Lane(blocks.pool)
        self._hashers = [(_Lane(blocks.pool), update) for update in updates]
        self._loop = asyncio.get_running_loop()
        self._block: mmap.mmap | None = None
        self._filled = 0
        self._under_way = 0
        self._fewer = asyncio.Event()
        self._failure: Exception | None = None

    async def take(self, data: bytes) -> None:
        """Take the next bytes; waits while too many blocks are worked on.

        Raises:
            OSError: The disk is full or broken.
        """
        taken = 0
        while taken < len(data):
            if self._block is None:
                await self._until(MOST_BLOCKS - 1)
                self._block = self._blocks.take()
            part = memoryview(data)[taken : taken + BLOCK_BYTES - self._filled]
            self._block[self._filled : self._filled + len(part)] = part
            self._filled += len(part)
            taken += len(part)
            if self._filled == BLOCK_BYTES:
                self._begin()

    async def end(self) -> int:
        """Wait until all is hashed and safe on the disk, and return where it ends.

        Raises:
            OSError: The disk is full or broken.
        """
        if self._filled:
            self._begin()
        self._under_way += 1
        self._writer.add(self._part(self._target.flush, _Countdown(1, self._loop, self._done)))
        await self._until(0)
        return self._position

    async def close(self) -> None:
        """Wait until nothing uses a block or the file any more, whatever became of it."""
        self._failure = self._failure or _Closed()
        while self._under_way:
            self._fewer.clear()
            await self._fewer.wait()
        if self._block is not None:
            self._blocks.give(self._block)
            self._block = None

    def _begin(self) -> None:
        block = self._block
        assert block is not None
        view, position = memoryview(block)[: self._filled], self._position
        self._position += self._filled
        self._block, self._filled = None, 0
        self._under_way += 1
        left = _Countdown(1 + len(self._hashers), self._loop, lambda: self._done(block))
        self._writer.add(self._part(lambda: self._target.write(position, view), left))
        for lane, update in self._hashers:
            lane.add(self._part(lambda update=update: update(view), left))  # type: ignore[misc]

    def _part(self, work: Callable[[], None], left: _Countdown) -> Callable[[], None]:
        def do() -> None:
            try:
                if self._failure is None:
                    work()
            except Exception as error:  # noqa: BLE001 - told by the next take() or end()
                self._failure = self._failure or error
            finally:
                left.one()

        return do

    def _done(self, block: mmap.mmap | None = None) -> None:
        self._under_way -= 1
        if block is not None:
            self._blocks.give(block)
        self._fewer.set()

    async def _until(self, most: int) -> None:
        """Wait until at most so many blocks are under way."""
        while self._under_way > most and self._failure is None:
            self._fewer.clear()
            await self._fewer.wait()
        if self._failure is not None:
            raise self._failure


class _Closed(Exception):
    """The row was closed before its end."""


class _Countdown:
    """Calls ``done`` on the event loop when as many as were announced are through."""

    def __init__(self, count: int, loop: asyncio.AbstractEventLoop, done: Callable[[], None]) -> None:
        self._count = count
        self._loop = loop
        self._done = done
        self._lock = threading.Lock()

    def one(self) -> None:
        with self._lock:
            self._count -= 1
            last = self._count == 0
        if last:
            self._loop.call_soon_threadsafe(self._done)

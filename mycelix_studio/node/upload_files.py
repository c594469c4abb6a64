"""The files of uploads under way: written in large pieces off the event loop, hashed as they come, safe once acknowledged."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final
from uuid import UUID

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, FileDigest, digest_file, piece_digest
from mycelix_studio.files import try_lock
from mycelix_studio.node.upload_row import Blocks, Row, Target

if TYPE_CHECKING:
    from hashlib import _Hash

LEAVES: Final = "sha256-mib"
"""Checksum of a piece that begins on a whole MiB and ends on one or with the file: the sha2-256 of the sha2-256 of each MiB."""
LOOK_SECONDS: Final = 1.0
"""Seconds between two looks whether somebody is still there, and whether another process wants an upload."""
SUFFIXES: Final = (".part", ".lock", ".next")
"""What the files of an upload end on: the audio, who writes it, who waits for that."""
_, _LOCK, _NEXT = SUFFIXES
_POLL_SECONDS: Final = 0.05
_MOST_HASHERS: Final = 256


@dataclass(slots=True)
class _Running:
    """Hashes of the bytes up to ``size``, so that finishing needs no second reading; ``written`` is the file's own time then, in ns."""

    cid: CidHasher = field(default_factory=CidHasher)
    whole: _Hash = field(default_factory=hashlib.sha256)
    written: int = 0

    @property
    def size(self) -> int:
        return self.cid.size


class ChecksumMismatch(Exception):
    """The bytes received are not those the client hashed."""


class Hold:
    """One request's hold on an upload, and the bytes it waits for.

    One timer a request looks at times whether something came: one for each of many thousand pieces would be felt.

    Args:
        silence: Seconds without a byte after which the client counts as gone, give or take a second.
        wanted: Whether another process asks for the upload.
    """

    def __init__(self, silence: float, wanted: Callable[[], bool]) -> None:
        self._silence = silence
        self._wanted = wanted
        self._every = min(silence, LOOK_SECONDS)
        self._silent = 0.0
        self._task: asyncio.Task[object] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._waiting = self._came = self._left = False

    def leave(self) -> None:
        """Wait for bytes no more: somebody else begins where this one stands."""
        if self._waiting and self._task is not None and not self._left:
            self._task.cancel()  # once: a second time would count as somebody else's
        self._left = True

    async def follow(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """Yield a body.

        Raises:
            BrokenOff: Nothing came for too long, or :meth:`leave` was called.
        """
        self._task = asyncio.current_task()
        self._came = True
        self._look()
        try:
            while not self._left:
                self._waiting = True
                piece = await anext(body, None)
                self._waiting, self._came = False, True
                if piece is None:
                    return
                yield piece
            raise BrokenOff
        except asyncio.CancelledError as error:
            if not (self._left and self._waiting) or (self._task is not None and self._task.uncancel() > 0):
                raise
            raise BrokenOff from error
        finally:
            self._waiting = False
            if self._timer is not None:
                self._timer.cancel()

    def _look(self) -> None:
        self._silent = self._silent + self._every if self._waiting and not self._came else 0.0
        self._came = False
        if self._silent >= self._silence or self._wanted():
            self.leave()
            return
        self._timer = asyncio.get_running_loop().call_later(self._every, self._look)


class UploadFiles:
    """Files ``<id>.part`` in one folder. Only one request at a time may write one file; :meth:`hold` sees to that.

    Beside a file lies ``<id>.lock``, which the process locks whose request writes, and ``<id>.next``, which the one locks that waits for
    it. A lock lies where the file lies, so that it holds for just those who could write, and ends with its process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._locks: dict[UUID, asyncio.Lock] = {}
        self._holds: dict[UUID, Hold] = {}
        self._hashers: dict[UUID, _Running] = {}
        self._blocks = Blocks()
        self.stopping = False
        """Whether nobody may wait for bytes any more."""

    def path(self, number: UUID) -> Path:
        """Return the file of an upload."""
        return self.folder / f"{number}.part"

    @contextlib.asynccontextmanager
    async def hold(self, number: UUID, silence: float = 60.0) -> AsyncIterator[Hold]:
        """Have an upload to oneself. A request that still waits for bytes of it has to leave: its client, which begins anew, is not there.

        A computer that slept, or that changed its network, never said that it went, so that the old request would wait for ever. The old
        one may be another process's, which looks every second whether somebody wants it to leave.

        Raises:
            OSError: The disk is full, or cannot lock.
        """
        before = self._holds.get(number)
        if before is not None:
            before.leave()
        async with self._locks.setdefault(number, asyncio.Lock()), self._among_processes(number):
            mine = self._holds[number] = Hold(silence, lambda: self._wanted(number))
            if self.stopping:
                mine.leave()
            try:
                yield mine
            finally:
                if self._holds.get(number) is mine:  # a file that was removed has a new lock
                    del self._holds[number]

    @contextlib.asynccontextmanager
    async def _among_processes(self, number: UUID) -> AsyncIterator[None]:
        path = self.path(number)
        with path.with_suffix(_LOCK).open("ab") as mine:
            if not try_lock(mine):
                with path.with_suffix(_NEXT).open("ab") as turn:
                    for file in (turn, mine):
                        while not try_lock(file):
                            await asyncio.sleep(_POLL_SECONDS)
            yield

    def _wanted(self, number: UUID) -> bool:
        try:
            with self.path(number).with_suffix(_NEXT).open("rb") as turn:
                return not try_lock(turn)
        except FileNotFoundError:  # nobody ever waited
            return False

    def stop(self) -> None:
        """Let nobody wait for bytes any more: this process is about to end."""
        self.stopping = True
        for hold in self._holds.values():
            hold.leave()

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
        if running is not None and (running.size != offset or not self._untouched(number, running)):
            running = None
        by_leaves = checksum is not None and checksum[0] == LEAVES
        leaves = CidHasher() if by_leaves and running is None else None
        digest = hashlib.new(checksum[0], usedforsecurity=False) if checksum and not by_leaves else None
        whole = True
        updates = [] if running is None else [running.cid.update, running.whole.update]
        updates += [each.update for each in (digest, leaves) if each is not None]
        target = Target(self.path(number), offset)
        row = Row(self._blocks, target, offset, updates)
        try:
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
                target.cut(offset)
                if whole:
                    raise ChecksumMismatch
                return offset, False
        finally:
            await row.close()
            target.close()
        if running is not None:
            running.written = self.path(number).stat().st_mtime_ns
            while len(self._hashers) >= _MOST_HASHERS:
                self._hashers.pop(next(iter(self._hashers)))
            self._hashers[number] = running
        return position, whole

    async def digest(self, number: UUID, size: int) -> FileDigest:
        """Return the names of a finished file, from the running hashes or, when another process began it, by reading it."""
        running = self._hashers.pop(number, None)
        if running is not None and running.size == size and self._untouched(number, running):
            return FileDigest(running.cid.finish(), "0x" + running.whole.hexdigest(), size, running.cid.leaves(0))
        return await asyncio.to_thread(digest_file, self.path(number))

    def _untouched(self, number: UUID, running: _Running) -> bool:
        """Tell whether the file is as it was when its hashes were remembered: another process may have gone on with it."""
        return not running.size or running.written == self.path(number).stat().st_mtime_ns

    def remove(self, number: UUID) -> None:
        """Remove an upload's files and what is remembered of it. Whoever waits for it finds that it is over."""
        self._hashers.pop(number, None)
        self._locks.pop(number, None)
        self.path(number).unlink(missing_ok=True)
        for suffix in (_LOCK, _NEXT):
            # Windows removes no file that is open, as whoever holds this upload has its lock: the upkeep does so later.
            with contextlib.suppress(PermissionError):
                self.path(number).with_suffix(suffix).unlink(missing_ok=True)

    def close(self) -> None:
        """Let go of threads and memory; no body may be under way."""
        self._blocks.close()


class BrokenOff(Exception):
    """The client went away in the middle of a body."""

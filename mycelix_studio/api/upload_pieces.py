"""The pieces of a file on their way: read slice by slice as they are sent, never held whole."""

from __future__ import annotations

import hashlib
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, piece_digest
from mycelix_studio.errors import Known

BY_LEAVES: Final = "sha256-mib"
"""A piece's checksum by the digests of its MiBs, which the CID is made of: neither side hashes anything for it."""


class FileGone(Known):
    """The file vanished or cannot be read while it is sent."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"Could not read “{path.name}”", f"{why} What was sent so far is kept.", "Put the file back, then go on."
        )


class FileChanged(Known):
    """The file is not the one that was fingerprinted."""

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"“{path.name}” changed while it was sent",
            "Its fingerprint no longer fits. Nothing of the old version was published.",
            "Send the new version.",
        )


class Stretch:
    """Some bytes of a file that are read when they are asked for: ``len(it)`` of them, ``it[begin:end]`` some. Safe from any thread."""

    def __init__(self, path: Path, file: BinaryIO, lock: threading.Lock, offset: int, length: int) -> None:
        self._path = path
        self._file = file
        self._lock = lock
        self._offset = offset
        self._length = length

    def __len__(self) -> int:
        return self._length

    def __getitem__(self, part: slice) -> bytes:
        """Return a part of it.

        Raises:
            FileGone: The file cannot be read any more.
            FileChanged: It ends before.
        """
        begin, end, _step = part.indices(self._length)
        try:
            with self._lock:
                self._file.seek(self._offset + begin)
                data = self._file.read(end - begin)
        except OSError as error:
            raise FileGone(self._path, why_unreadable(error)) from error
        if len(data) < end - begin:
            raise FileChanged(self._path)
        return data


@dataclass(frozen=True, slots=True)
class Piece:
    """One piece: where it begins, its bytes, and their checksum with what it was computed by."""

    offset: int
    data: Stretch
    digest: bytes
    algorithm: str


class Pieces:
    """Cuts a file into pieces. Where checksums are not known beforehand, the next piece is hashed while the present one is on its way."""

    def __init__(self, path: Path, size: int, leaves: bytes = b"") -> None:
        self._path = path
        self._size = size
        self._leaves = leaves
        self._lock = threading.Lock()
        self._ahead: Future[Piece] | None = None
        self._wanted: tuple[int, int] = (-1, -1)

    @property
    def size(self) -> int:
        """Length of the file when it was fingerprinted."""
        return self._size

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    def __enter__(self) -> Pieces:
        try:
            self._file = self._path.open("rb", buffering=0)
        except OSError as error:
            raise FileGone(self._path, why_unreadable(error)) from error
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="upload-read")
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._file.close()

    def take(self, offset: int, length: int) -> Piece:
        """Return the piece at ``offset``: of ``length``, or a little shorter so that it ends on a whole MiB and its checksum is known.

        Raises:
            FileGone: The file cannot be read any more.
            FileChanged: It has another length now.
        """
        try:
            if os.fstat(self._file.fileno()).st_size != self._size:
                raise FileChanged(self._path)
        except OSError as error:
            raise FileGone(self._path, why_unreadable(error)) from error
        length = self._cut(offset, length)
        leaves = self._leaves_of(offset, length)
        if leaves:
            return Piece(offset, self._stretch(offset, length), piece_digest(leaves), BY_LEAVES)
        at, ready = self._wanted
        # A piece hashed ahead is used although the next ones shall be longer, or else it would be hashed twice.
        if self._ahead is None or at != offset or ready > length:
            self._ahead = self._pool.submit(self._hashed, offset, length)
        piece = self._ahead.result()
        self._ahead = None
        after = offset + len(piece.data)
        following = self._cut(after, length)
        if after < self._size and not self._leaves_of(after, following):
            self._wanted = (after, following)
            self._ahead = self._pool.submit(self._hashed, *self._wanted)
        return piece

    def _cut(self, offset: int, length: int) -> int:
        """Return how long a piece becomes that shall be ``length`` long."""
        end = min(offset + length, self._size)
        over = end % CHUNK_BYTES
        return end - offset - (over if self._leaves and end < self._size and over < end - offset else 0)

    def _stretch(self, offset: int, length: int) -> Stretch:
        return Stretch(self._path, self._file, self._lock, offset, length)

    def _hashed(self, offset: int, length: int) -> Piece:
        data = self._stretch(offset, length)
        digest = hashlib.sha256()
        for start in range(0, length, CHUNK_BYTES):
            digest.update(data[start : start + CHUNK_BYTES])
        return Piece(offset, data, digest.digest(), "sha256")

    def hash_each(self) -> None:
        """From now on hash each piece on its way: the server cannot check by leaves."""
        self._leaves = b""

    def is_as_fingerprinted(self, piece: Piece) -> bool:
        """Tell whether a piece still is what was fingerprinted; True when that cannot be known."""
        leaves = self._leaves_of(piece.offset, len(piece.data))
        if not leaves:
            return True
        hasher = CidHasher()
        for start in range(0, len(piece.data), CHUNK_BYTES):
            hasher.update(piece.data[start : start + CHUNK_BYTES])
        return hasher.leaves(0) == leaves

    def _leaves_of(self, offset: int, length: int) -> bytes:
        """Return the digests of the chunks of a piece, none unless it begins and ends on whole chunks or with the file."""
        end = offset + length
        if not length or offset % CHUNK_BYTES or (end % CHUNK_BYTES and end != self._size):
            return b""
        return self._leaves[offset // CHUNK_BYTES * 32 : -(-end // CHUNK_BYTES) * 32]


def why_unreadable(error: OSError) -> str:
    """Return a sentence that says why a file cannot be read."""
    if isinstance(error, FileNotFoundError):
        return "The file is not where it was."
    if isinstance(error, PermissionError):
        return "You may not read it."
    return f"The disk reported: {error.strerror or error}."

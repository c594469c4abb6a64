"""Content identifiers: the name a stored file has everywhere, computed while the file streams by.

The profile is ``unixfs-v1-2025``: CIDv1, sha2-256, fixed chunks of 1 MiB, a balanced tree of at most 1,024 links a node, raw leaves. A file
of one chunk is its leaf. The same bytes give the same name on any IPFS node that uses the profile, so anybody can check a stored file.
"""

from __future__ import annotations

import hashlib
import threading
from base64 import b32decode, b32encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final

CHUNK_BYTES: Final = 1 << 20
"""Length of a chunk in bytes; only the last may be shorter."""
MAX_LINKS: Final = 1_024
"""Links a node of the tree has at most."""

_RAW: Final = 0x55
_DAG_PB: Final = 0x70
_MULTIHASH: Final = b"\x12\x20"
_READ_BYTES: Final = 4 * CHUNK_BYTES


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _binary(codec: int, digest: bytes) -> bytes:
    return bytes((1, codec)) + _MULTIHASH + digest


def _text(binary: bytes) -> str:
    return "b" + b32encode(binary).decode().lower().rstrip("=")


def is_cid(text: str) -> bool:
    """Tell whether ``text`` is a CID of the profile: CIDv1 in base32, raw or dag-pb, sha2-256."""
    if len(text) != 59 or text[0] != "b" or text != text.lower():
        return False
    try:
        binary = b32decode(text[1:].upper() + "======")
    except ValueError:
        return False
    return binary[0] == 1 and binary[1] in (_RAW, _DAG_PB) and binary[2:4] == _MULTIHASH and _text(binary) == text


@dataclass(frozen=True, slots=True)
class _Node:
    cid: bytes
    file_bytes: int
    total_bytes: int


def _parent(children: Sequence[_Node]) -> _Node:
    """Return the dag-pb node over ``children``: links first, then the UnixFS file message, as every implementation writes it."""
    file_bytes = sum(child.file_bytes for child in children)
    sizes = b"".join(b"\x20" + _varint(child.file_bytes) for child in children)
    data = b"\x08\x02\x18" + _varint(file_bytes) + sizes
    block = bytearray()
    for child in children:
        link = b"\x0a\x24" + child.cid + b"\x12\x00\x18" + _varint(child.total_bytes)
        block += b"\x12" + _varint(len(link)) + link
    block += b"\x0a" + _varint(len(data)) + data
    digest = hashlib.sha256(block).digest()
    return _Node(_binary(_DAG_PB, digest), file_bytes, len(block) + sum(child.total_bytes for child in children))


def root(leaf_digests: Sequence[bytes], size: int) -> str:
    """Return the CID of a file from the sha2-256 digests of its chunks and its size in bytes.

    Raises:
        ValueError: The number of digests does not fit the size.
    """
    if len(leaf_digests) != max(1, -(-size // CHUNK_BYTES)):
        raise ValueError(f"{len(leaf_digests)} chunks cannot hold {size} bytes")
    last = size - (len(leaf_digests) - 1) * CHUNK_BYTES
    lengths = [CHUNK_BYTES] * (len(leaf_digests) - 1) + [last]
    level = [_Node(_binary(_RAW, digest), length, length) for digest, length in zip(leaf_digests, lengths, strict=True)]
    while len(level) > 1:
        level = [_parent(level[start : start + MAX_LINKS]) for start in range(0, len(level), MAX_LINKS)]
    return _text(level[0].cid)


class CidHasher:
    """Computes a CID from bytes as they come. Memory: 32 bytes a MiB of input.

    ``update`` takes pieces of any length; pieces that begin and end on whole MiB are hashed without a copy. hashlib lets go of the
    interpreter lock, so two hashers run on two cores.
    """

    def __init__(self) -> None:
        self._leaves: list[bytes] = []
        self._chunk = hashlib.sha256()
        self._filled = 0
        self._size = 0

    @property
    def size(self) -> int:
        """Bytes taken so far."""
        return self._size

    def update(self, data: bytes | bytearray | memoryview) -> None:
        """Take the next bytes of the file."""
        view = memoryview(data).cast("B")
        self._size += len(view)
        position = 0
        while position < len(view):
            piece = view[position : position + CHUNK_BYTES - self._filled]
            position += len(piece)
            if self._filled == 0 and len(piece) == CHUNK_BYTES:
                self._leaves.append(hashlib.sha256(piece).digest())
                continue
            self._chunk.update(piece)
            self._filled += len(piece)
            if self._filled == CHUNK_BYTES:
                self._leaves.append(self._chunk.digest())
                self._chunk = hashlib.sha256()
                self._filled = 0

    def finish(self) -> str:
        """Return the CID of everything taken so far; more may follow, and ``finish`` be called again."""
        return root(self._whole_leaves(), self._size)

    def leaves(self, first: int) -> bytes:
        """Return the digests of the chunks taken so far from the number ``first`` on, 32 bytes each; the last may be of a part."""
        return b"".join(self._whole_leaves()[first:])

    def _whole_leaves(self) -> list[bytes]:
        if self._filled or not self._leaves:
            return [*self._leaves, self._chunk.digest()]
        return self._leaves


def piece_digest(leaves: bytes) -> bytes:
    """Return the checksum of a piece of whole chunks by their digests: what it costs nothing to know once the file has its CID."""
    return hashlib.sha256(leaves).digest()


@dataclass(frozen=True, slots=True)
class FileDigest:
    """What a file is called.

    Attributes:
        cid: Its CID.
        content_hash: ``0x`` and 64 hex digits: the sha2-256 of the whole file, as the contracts register it.
        size: Length in bytes.
        leaves: The sha2-256 of each MiB, 32 bytes each: what the CID is made of, and what pieces on their way are checked by.
    """

    cid: str
    content_hash: str
    size: int
    leaves: bytes = field(default=b"", compare=False, repr=False)


def digest_file(path: Path, progress: Callable[[int], None] | None = None) -> FileDigest:
    """Return the names of a file, read once and hashed on two cores.

    Args:
        path: The file.
        progress: Called with the bytes read so far, about once a MiB; raise in it to stop.

    Raises:
        OSError: The file could not be read.
    """
    with path.open("rb", buffering=0) as file:
        return digest_stream(file, progress)


def digest_stream(file: BinaryIO, progress: Callable[[int], None] | None = None) -> FileDigest:
    """Return the names of what is left of an open binary file; see :func:`digest_file`."""
    whole = hashlib.sha256()
    hasher = CidHasher()
    buffers = [bytearray(_READ_BYTES), bytearray(_READ_BYTES)]
    running: threading.Thread | None = None
    turn = 0
    try:
        while True:
            buffer = buffers[turn]
            turn = 1 - turn
            filled = _fill(file, buffer)
            view = memoryview(buffer)[:filled]
            if running is not None:
                running.join()
                running = None
            if not filled:
                break
            # The second hash of the same bytes runs beside the first and beside the next read.
            running = threading.Thread(target=whole.update, args=(view,), name="digest")
            running.start()
            hasher.update(view)
            if progress is not None:
                progress(hasher.size)
    finally:
        if running is not None:
            running.join()
    return FileDigest(hasher.finish(), "0x" + whole.hexdigest(), hasher.size, hasher.leaves(0))


def _fill(file: BinaryIO, buffer: bytearray) -> int:
    """Fill ``buffer`` from ``file`` as far as the file goes and return the bytes read."""
    view = memoryview(buffer)
    filled = 0
    while filled < len(view):
        count = file.readinto(view[filled:])  # type: ignore[attr-defined]
        if not count:
            break
        filled += count
    return filled

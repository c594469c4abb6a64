"""What stands behind the sound of MP3, Monkey's Audio, Musepack and WavPack: APEv2, Lyrics3, ID3v1."""

from __future__ import annotations

from dataclasses import dataclass
from typing import BinaryIO

from mycelix_studio.media.formats.parts import exactly

V1_SIZE = 128


@dataclass(frozen=True, slots=True)
class Tail:
    """Where the sound ends and what follows it.

    Attributes:
        start: First byte behind the sound.
        ape: (offset, length) of the whole APEv2 tag, None without one.
        v1: The ID3v1 tag, empty without one.
        v1_at: Where it begins; the file's size without one.
    """

    start: int
    ape: tuple[int, int] | None
    v1: bytes
    v1_at: int


def read_tail(file: BinaryIO, size: int) -> Tail:
    """Find the tags at the end of a file of ``size`` bytes."""
    v1_at, v1 = size, b""
    if size >= V1_SIZE:
        file.seek(size - V1_SIZE)
        block = file.read(V1_SIZE)
        file.seek(max(0, size - V1_SIZE - 5))
        # The end of an APEv2 tag's own mark, APETAGEX, looks like the beginning of ID3v1.
        if block[:3] == b"TAG" and file.read(8)[:8] != b"APETAGEX":
            v1, v1_at = block, size - V1_SIZE
    start, ape = v1_at, None
    for _ in range(4):
        found = _lyrics(file, start) or 0
        if not found and ape is None and (tag := _ape(file, start)) is not None:
            ape, found = tag, start - tag[0]
        if not found:
            break
        start -= found
    return Tail(start, ape, v1, v1_at)


def ape_items(file: BinaryIO, tail: Tail) -> bytes:
    """Return what lies between header and footer of the APEv2 tag; nothing without one. Raises :class:`Broken`."""
    if tail.ape is None:
        return b""
    at, length = tail.ape
    whole = exactly(file, at, length)
    return whole[-int.from_bytes(whole[-20:-16], "little") : -32]


def _ape(file: BinaryIO, end: int) -> tuple[int, int] | None:
    """Return where an APEv2 tag that ends at ``end`` lies."""
    if end < 32:
        return None
    file.seek(end - 32)
    foot = file.read(32)
    if foot[:8] != b"APETAGEX":
        return None
    length, flags = int.from_bytes(foot[12:16], "little"), int.from_bytes(foot[20:24], "little")
    if length < 32 or length > end or flags & (1 << 29):
        return None
    begin = end - length
    if begin >= 32:
        file.seek(begin - 32)
        head = file.read(32)
        # Some writers forget to say in the footer that there is a header.
        if head[:8] == b"APETAGEX" and int.from_bytes(head[20:24], "little") & (1 << 29):
            begin -= 32
    return begin, end - begin


def _lyrics(file: BinaryIO, end: int) -> int:
    """Return the length of a Lyrics3 block that ends at ``end``, 0 without one. Source: id3.org, Lyrics3 and Lyrics3v2."""
    if end < 20:
        return 0
    file.seek(end - 15)
    foot = file.read(15)
    if foot[6:] == b"LYRICS200" and foot[:6].isdigit():
        length = int(foot[:6]) + 15
        if length <= end:
            file.seek(end - length)
            return length if file.read(11) == b"LYRICSBEGIN" else 0
    if foot[6:] == b"LYRICSEND":
        begin = max(0, end - 5_120)
        file.seek(begin)
        at = file.read(end - begin).rfind(b"LYRICSBEGIN")
        return end - begin - at if at >= 0 else 0
    return 0

"""FLAC: metadata blocks in front of the frames. Source: RFC 9639, section 8."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import id3, vorbis
from mycelix_studio.media.formats.parts import Broken, Cover, Keep, Part, Span, exactly
from mycelix_studio.media.formats.tail import read_tail

STREAMINFO, PADDING, COMMENT, PICTURE = 0, 1, 4, 6
_LARGEST = (1 << 24) - 1
_SPARE = 8_192
_KEPT = 1 << 16
_VENDOR = b"Mycelix Studio"


@dataclass(frozen=True, slots=True)
class Flac:
    """The parsed file. ``blocks`` are (type, body) without the last-block mark."""

    audio: tuple[Span, ...]
    before: Span
    blocks: tuple[tuple[int, bytes], ...]
    v1: bytes
    behind: Span

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with edited comments and front cover; blocks nobody edited stay byte for byte."""
        blocks = list(self.blocks)
        if edits:
            blocks = self._commented(blocks, edits)
        if not isinstance(cover, Keep):
            old = [at for at, (kind, body) in enumerate(blocks) if kind == PICTURE and vorbis.is_front(body)]
            new = [(PICTURE, vorbis.picture_block(cover))] if cover is not None else []
            place = old[0] if old else max(at for at, (kind, _) in enumerate(blocks) if kind != PADDING) + 1
            gone = set(old)
            blocks = blocks[:place] + new + [block for at, block in enumerate(blocks) if at >= place and at not in gone]
        if any(len(body) > _LARGEST for _, body in blocks):
            raise Broken("FLAC holds at most 16 MB in one comment or picture.")
        v1 = id3.edit_v1(self.v1, edits) if self.v1 else b""
        return [self.before, b"fLaC", self._rendered(blocks), *self.audio, self.behind, v1]

    def _commented(self, blocks: list[tuple[int, bytes]], edits: Mapping[Field, Values]) -> list[tuple[int, bytes]]:
        at = next((at for at, (kind, _) in enumerate(blocks) if kind == COMMENT), None)
        if at is None:
            before = vorbis.Comments(_VENDOR, (), b"")
            blocks = [blocks[0], (COMMENT, b""), *blocks[1:]]
            at = 1
        else:
            before = vorbis.parse(blocks[at][1])
        blocks[at] = (COMMENT, vorbis.render(vorbis.edit(before, edits)) + before.rest)
        return blocks

    def _rendered(self, blocks: list[tuple[int, bytes]]) -> bytes:
        """Return the blocks; padding takes up the difference so that the sound stays where it is, when it can."""
        padding = [at for at, (kind, _) in enumerate(blocks) if kind == PADDING]
        room = sum(4 + len(body) for _, body in self.blocks)
        fixed = sum(4 + len(body) for at, (_, body) in enumerate(blocks) if at not in padding[-1:])
        spare = room - fixed - 4
        if padding and 0 <= spare <= _KEPT:
            blocks[padding[-1]] = (PADDING, bytes(spare))
        elif fixed != room or padding:
            blocks = [block for at, block in enumerate(blocks) if at not in padding[-1:]] + [(PADDING, bytes(_SPARE))]
        parts = []
        for at, (kind, body) in enumerate(blocks):
            last = 0x80 if at == len(blocks) - 1 else 0
            parts.append(bytes([last | kind]) + len(body).to_bytes(3, "big") + body)
        return b"".join(parts)


def parse(path: Path) -> Flac:
    """Find the blocks of a file.

    Raises:
        Broken: The frames do not begin where the blocks end, as with blocks that give a wrong length.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        start = id3.size_of(file.read(10))
        if exactly(file, start, 4) != b"fLaC":
            raise Broken("It does not begin as a FLAC file.")
        at, last = start + 4, False
        blocks: list[tuple[int, bytes]] = []
        while not last:
            head = exactly(file, at, 4)
            last, kind, length = bool(head[0] & 0x80), head[0] & 0x7F, int.from_bytes(head[1:], "big")
            if kind == 127 or (kind == STREAMINFO) != (not blocks):
                raise Broken("Its head is broken.")
            blocks.append((kind, exactly(file, at + 4, length)))
            at += 4 + length
        sync = file.read(2)
        if sync and (len(sync) < 2 or sync[0] != 0xFF or sync[1] & 0xFC != 0xF8):
            raise Broken("A block of its head gives a wrong length; writing it would lose what lies behind.")
        tail = read_tail(file, size)
    end = max(at, tail.start)
    v1 = tail.v1 if tail.v1_at >= end else b""
    stop = tail.v1_at if v1 else size
    return Flac((Span(at, end - at),), Span(0, start), tuple(blocks), v1, Span(end, stop - end))

"""WAV (RIFF) and AIFF (FORM): chunks, one of them the sound.

Tags are written in front of the sound: some stores refuse a WAV with anything behind its data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from mycelix_studio.domain.fields import Field, spec
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import id3, riff
from mycelix_studio.media.formats.parts import Broken, Cover, Keep, Part, Span, exactly

SOUND = (b"data", b"SSND")
_TAGS = (b"id3 ", b"ID3 ")
_MAX_INFO = 1 << 24
_UNKNOWN = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Chunk:
    """A chunk: its id, ``INFO`` for a LIST of that kind, and where all of it lies, head and padding byte included."""

    name: bytes
    span: Span
    length: int

    @property
    def data(self) -> Span:
        """What it holds."""
        return Span(self.span.offset + 8, self.length)


@dataclass(frozen=True, slots=True)
class Iff:
    """The parsed file.

    Attributes:
        audio: The sound.
        order: Byte order of lengths.
        head: The first 12 bytes.
        chunks: All chunks, in order.
        tag: The ID3 tag, None without one.
        info: What the INFO lists hold behind ``INFO``, None without one.
        rest: Bytes behind the last chunk.
    """

    audio: tuple[Span, ...]
    order: Literal["little", "big"]
    head: bytes
    chunks: tuple[Chunk, ...]
    tag: bytes | None
    info: bytes | None
    rest: Span

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with edited tags in front of its sound."""
        tags = [*self._info(edits), *self._id3(edits, cover)]
        parts: list[Part] = []
        for chunk in self.chunks:
            if chunk.name in SOUND:
                parts += tags
                tags = []
            if chunk.name not in _TAGS and chunk.name != b"INFO":
                parts += [chunk.span, b"\0" if (chunk.span.length & 1) else b""]
        parts += tags
        size = 4 + sum(len(part) if isinstance(part, bytes) else part.length for part in parts)
        if size >= _UNKNOWN:
            raise Broken("It would be larger than 4 GB, which its format does not allow.")
        return [self.head[:4] + size.to_bytes(4, self.order) + self.head[8:], *parts, self.rest]

    def _info(self, edits: Mapping[Field, Values]) -> list[bytes]:
        """Return the LIST chunk. INFO is for WAV only."""
        if self.order == "big":
            return []
        data = riff.render(riff.edit(riff.parse(self.info or b""), edits))
        return [self._chunk(b"LIST", data)] if data else []

    def _id3(self, edits: Mapping[Field, Values], cover: Cover) -> list[bytes]:
        """Return the ID3 chunk. A WAV gets none as long as INFO holds all that is said: not every program reads ID3 there."""
        wave = self.order == "little"
        if self.tag is None and isinstance(cover, Keep):
            held = wave and all(riff.holds(values) and spec(field).riff for field, values in edits.items() if values)
            if held or not any(edits.values()):
                return []
        made = id3.edit(self.tag, edits, cover)
        if not made.frames:
            return []
        return [self._chunk(b"id3 " if wave else b"ID3 ", id3.render(made))]

    def _chunk(self, name: bytes, data: bytes) -> bytes:
        return name + len(data).to_bytes(4, self.order) + data + (b"\0" if len(data) & 1 else b"")


def parse(path: Path) -> Iff:
    """Find the chunks of a file.

    Raises:
        Broken: The chunks do not fit the file, so it is cut off, or still being recorded.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        head = exactly(file, 0, 12)
        order: Literal["little", "big"] = "little" if head[:4] == b"RIFF" else "big"
        if head[:4] not in (b"RIFF", b"FORM"):
            raise Broken("It is a kind of WAV that Studio reads and does not write.")
        chunks, end = _chunks(file, order, size)
        tags = [chunk for chunk in chunks if chunk.name in _TAGS]
        if len(tags) > 1:
            raise Broken("It holds several ID3 tags; writing one would hide the others.")
        tag = exactly(file, tags[0].data.offset, tags[0].length) if tags else None
        info = _infos(file, chunks)
    audio = tuple(chunk.data for chunk in chunks if chunk.name in SOUND)
    if not audio:
        raise Broken("There is no sound in it.")
    return Iff(audio, order, head, tuple(chunks), tag, info, Span(end, size - end))


def _chunks(file: BinaryIO, order: Literal["little", "big"], size: int) -> tuple[list[Chunk], int]:
    chunks = []
    at = 12
    while at + 8 <= size:
        file.seek(at)
        head = file.read(12)
        name, length = head[:4], int.from_bytes(head[4:8], order)
        if name in SOUND and at + 8 + length > size:
            length = size - at - 8  # a recorder that never closed the file; the sound reaches to its end
        if not all(32 <= byte < 127 for byte in name) or at + 8 + length > size:
            break
        if name == b"LIST" and head[8:] == b"INFO" and length <= _MAX_INFO:
            name = b"INFO"
        whole = min(8 + length + (length & 1), size - at)
        chunks.append(Chunk(name, Span(at, whole), length))
        at += whole
    return chunks, at


def info_of(path: Path) -> bytes | None:
    """Return what the INFO lists of a WAV hold behind ``INFO``; None without one. Never raises :class:`Broken`."""
    with path.open("rb") as file:
        chunks, _ = _chunks(file, "little", file.seek(0, 2))
        return _infos(file, chunks)


def _infos(file: BinaryIO, chunks: list[Chunk]) -> bytes | None:
    """Return the entries of all INFO lists, one behind the other."""
    found = None
    for chunk in chunks:
        if chunk.name == b"INFO":
            file.seek(chunk.data.offset + 4)
            data = file.read(chunk.length - 4)
            found = (found or b"") + data + (b"\0" if len(data) & 1 else b"")
    return found

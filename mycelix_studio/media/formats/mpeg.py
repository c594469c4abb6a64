"""MP3 and True Audio: an ID3v2 tag in front, ID3v1 at the end, perhaps APEv2 and Lyrics3 before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import id3
from mycelix_studio.media.formats.parts import Cover, Part, Span, exactly
from mycelix_studio.media.formats.tail import Tail, read_tail


@dataclass(frozen=True, slots=True)
class Mpeg:
    """The parsed file. ``head`` is the whole ID3v2 tag, None without one."""

    audio: tuple[Span, ...]
    head: bytes | None
    tail: Tail

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with an edited ID3v2 tag, and ID3v1 kept in step with it where there is one."""
        tag = id3.edit(self.head, edits, cover, v1=self.tail.v1)
        v1 = id3.edit_v1(self.tail.v1, edits) if self.tail.v1 else b""
        return [id3.render(tag), *self.audio, Span(self.tail.start, self.tail.v1_at - self.tail.start), v1]


def parse(path: Path) -> Mpeg:
    """Find the tags of a file. Raises :class:`Broken`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        length = id3.size_of(file.read(10))
        head = exactly(file, 0, length) if length else None
        tail = read_tail(file, size)
    start = min(length, tail.start)
    return Mpeg((Span(start, tail.start - start),), head, tail)

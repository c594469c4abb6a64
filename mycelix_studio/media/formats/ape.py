"""Monkey's Audio, Musepack, WavPack, OptimFROG and TAK: the sound, then an APEv2 tag, perhaps ID3v1 behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import ape, id3
from mycelix_studio.media.formats.parts import Broken, Cover, Part, Span
from mycelix_studio.media.formats.tail import Tail, ape_items, read_tail


@dataclass(frozen=True, slots=True)
class Ape:
    """The parsed file. ``items`` are what lies between header and footer of the tag."""

    audio: tuple[Span, ...]
    items: bytes
    tail: Tail

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with an edited APEv2 tag, and ID3v1 kept in step with it where there is one."""
        tail = self.tail
        tag = ape.render(ape.edit(ape.parse(self.items), edits, cover))
        v1 = id3.edit_v1(tail.v1, edits) if tail.v1 else b""
        at, length = tail.ape or (tail.v1_at, 0)
        before, after = Span(tail.start, at - tail.start), Span(at + length, tail.v1_at - at - length)
        return [*self.audio, before, tag, after, v1]


def parse(path: Path) -> Ape:
    """Find the tags of a file. Raises :class:`Broken`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        if file.read(8) == b"APETAGEX":
            raise Broken("Its tag stands in front of the sound, where no program looks.")
        tail = read_tail(file, size)
        items = ape_items(file, tail)
    return Ape((Span(0, tail.start),), items, tail)

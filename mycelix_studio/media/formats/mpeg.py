"""MP3 and True Audio: an ID3v2 tag in front, ID3v1 at the end, perhaps APEv2 and Lyrics3 before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import ape, id3
from mycelix_studio.media.formats.parts import Broken, Cover, Part, Span, exactly
from mycelix_studio.media.formats.tail import Tail, ape_items, read_tail


@dataclass(frozen=True, slots=True)
class Mpeg:
    """The parsed file. ``head`` is the whole ID3v2 tag, None without one."""

    audio: tuple[Span, ...]
    head: bytes | None
    tail: Tail
    items: bytes = b""

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with an edited ID3v2 tag, and with ID3v1 and APEv2 kept in step with it where there are some."""
        tag = id3.edit(self.head, edits, cover, v1=self.tail.v1)
        v1 = id3.edit_v1(self.tail.v1, edits) if self.tail.v1 else b""
        return [id3.render(tag), *self.audio, *self._behind(edits), v1]

    def moved(self) -> Mpeg:
        """Return the file with its ID3v2.3 tag as ID3v2.4. Raises :class:`Broken`."""
        return replace(self, head=id3.moved(self.head)) if self.head is not None else self

    def _behind(self, edits: Mapping[Field, Values]) -> list[Part]:
        """Return what stands between the sound and ID3v1."""
        tail = self.tail
        items = ape.parse(self.items) if self.items else ()
        held = ape.held(items, edits)
        if tail.ape is None or not held:
            return [Span(tail.start, tail.v1_at - tail.start)]
        at, length = tail.ape
        after = at + length
        return [Span(tail.start, at - tail.start), ape.render(ape.edit(items, held)), Span(after, tail.v1_at - after)]


def parse(path: Path) -> Mpeg:
    """Find the tags of a file. Raises :class:`Broken`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(0)
        length = id3.size_of(file.read(10))
        head = exactly(file, 0, length) if length else None
        tail = read_tail(file, size)
        items = ape_items(file, tail)
    start = min(length, tail.start)
    return Mpeg((Span(start, tail.start - start),), head, tail, items)


def ape_of(path: Path) -> bytes:
    """Return the items of an APEv2 tag behind the sound; nothing without one, or where it is cut off."""
    with path.open("rb") as file:
        try:
            return ape_items(file, read_tail(file, file.seek(0, 2)))
        except Broken:
            return b""

"""DSF: the ID3v2 tag stands at the end, its place in the head. Source: Sony, DSF File Format Specification 1.01."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import id3
from mycelix_studio.media.formats.parts import Broken, Cover, Part, Span, exactly


@dataclass(frozen=True, slots=True)
class Dsf:
    """The parsed file. ``tag`` is None without one; ``rest`` is what follows it."""

    audio: tuple[Span, ...]
    head: bytes
    tag: bytes | None
    rest: Span

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with an edited tag."""
        made = id3.edit(self.tag, edits, cover)
        # Without a tag nothing tells the sound from bytes behind it.
        tag = id3.render(made) if made.frames or self.rest.length else b""
        sound = self.audio[0]
        size = sound.end + len(tag) + self.rest.length
        place = sound.end if tag else 0
        head = self.head[:12] + size.to_bytes(8, "little") + place.to_bytes(8, "little")
        return [head, sound, tag, self.rest]


def parse(path: Path) -> Dsf:
    """Find the tag of a file. Raises :class:`Broken`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        head = exactly(file, 0, 28)
        place = int.from_bytes(head[20:28], "little")
        if place > size or 0 < place < 28:
            raise Broken("Its tag is said to be where the file does not reach.")
        tag, end = None, size
        if 0 < place < size:
            file.seek(place)
            length = id3.size_of(file.read(10))
            if not length:
                raise Broken("Its tag is broken.")
            tag = exactly(file, place, length)
            end = place + length
        begin = place if tag is not None else size
    return Dsf((Span(28, begin - 28),), head, tag, Span(end, size - end))

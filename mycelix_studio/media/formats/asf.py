"""ASF (WMA, WMV): a head of objects, then the sound. Source: Advanced Systems Format specification 01.20.06."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from mutagen.asf._util import guid2bytes

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Values
from mycelix_studio.media.families import asf
from mycelix_studio.media.formats.parts import Broken, Cover, Part, Span, exactly

_HEADER = guid2bytes("75B22630-668E-11CF-A6D9-00AA0062CE6C")
_DESCRIPTION = guid2bytes("75B22633-668E-11CF-A6D9-00AA0062CE6C")
_EXTENDED = guid2bytes("D2D0A440-E307-11D2-97F0-00A0C95EA850")
_EXTENSION = guid2bytes("5FBF03B5-A92E-11CF-8EE3-00C00C205365")
_METADATA = guid2bytes("C5F8CBEA-5BAF-4877-8467-AA8C44FA4CCA")
_LIBRARY = guid2bytes("44231C94-9498-49D1-A141-1D134E457054")
_PADDING = guid2bytes("1806D474-CADF-4509-A4BA-9AABCB96AAE8")
_PROPERTIES = guid2bytes("8CABDCA1-A947-11CF-8EE4-00C00C205365")
_EXTENSION_HEAD = guid2bytes("ABD3D211-A9BA-11CF-8EE6-00C00C205365") + b"\x06\0"
_MAX_HEAD = 1 << 28
_SPARE = 2_048
_KEPT = 1 << 16

T = TypeVar("T")
Objects = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Asf:
    """The parsed file: ``objects`` of the head as (id, body), ``marks`` its two reserved bytes."""

    audio: tuple[Span, ...]
    size: int
    objects: tuple[tuple[bytes, bytes], ...]
    marks: bytes

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the file with edited attributes; objects nobody edited stay byte for byte."""
        objects = list(self.objects)
        extension = next((body for name, body in objects if name == _EXTENSION), None)
        inner = _objects(extension[22:]) if extension is not None else []
        before = asf.Attributes(
            _parsed(objects, _DESCRIPTION, asf.parse_description),
            _parsed(objects, _EXTENDED, asf.parse_extended),
            _parsed(inner, _METADATA, asf.parse_library),
            _parsed(inner, _LIBRARY, asf.parse_library),
        )
        after = asf.edit(before, edits, cover)
        if after.description != before.description and after.description is not None:
            objects = _put(objects, _DESCRIPTION, asf.render_description(after.description))
        if after.extended != before.extended and after.extended is not None:
            objects = _put(objects, _EXTENDED, asf.render_extended(after.extended))
        if (after.metadata, after.library) != (before.metadata, before.library):
            if after.metadata != before.metadata and after.metadata is not None:
                inner = _put(inner, _METADATA, asf.render_library(after.metadata))
            if after.library != before.library and after.library is not None:
                inner = _put(inner, _LIBRARY, asf.render_library(after.library))
            head = extension[:18] if extension is not None else _EXTENSION_HEAD
            body = _rendered(inner)
            objects = _put(objects, _EXTENSION, head + len(body).to_bytes(4, "little") + body)
        return [self._head(objects), *self.audio]

    def _head(self, objects: Objects) -> bytes:
        """Return the head, padded to its old length when that is not wasteful, with the file's length in it made right."""
        old = self.audio[0].offset
        kept = [(name, body) for name, body in objects if name != _PADDING]
        bare = 30 + sum(24 + len(body) for _, body in kept)
        spare = old - bare - 24
        if old != bare:
            kept.append((_PADDING, bytes(spare if 0 <= spare <= _KEPT else _SPARE)))
        size = 30 + sum(24 + len(body) for _, body in kept)
        kept = [(name, self._sized(body, size) if name == _PROPERTIES else body) for name, body in kept]
        head = _HEADER + size.to_bytes(8, "little") + len(kept).to_bytes(4, "little") + self.marks
        return head + _rendered(kept)

    def _sized(self, body: bytes, head: int) -> bytes:
        if int.from_bytes(body[16:24], "little") != self.size:
            return body
        return body[:16] + (self.size - self.audio[0].offset + head).to_bytes(8, "little") + body[24:]


def parse(path: Path) -> Asf:
    """Take the head of a file apart. Raises :class:`Broken`."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        head = exactly(file, 0, 30)
        length = int.from_bytes(head[16:24], "little")
        if head[:16] != _HEADER or not 30 <= length <= min(size, _MAX_HEAD):
            raise Broken("Its head is broken.")
        objects = _objects(exactly(file, 30, length - 30))
    if len(objects) != int.from_bytes(head[24:28], "little"):
        raise Broken("Its head is broken.")
    names = [name for name, _ in objects if name in (_DESCRIPTION, _EXTENDED, _EXTENSION)]
    if len(set(names)) != len(names):
        raise Broken("It holds several tags of one kind; writing one would hide the others.")
    return Asf((Span(length, size - length),), size, tuple(objects), head[28:30])


def _objects(data: bytes) -> Objects:
    found = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at + 16 : at + 24], "little")
        if size < 24 or at + size > len(data):
            raise Broken("Its head is broken.")
        found.append((data[at : at + 16], data[at + 24 : at + size]))
        at += size
    return found


def _rendered(objects: Objects) -> bytes:
    return b"".join(name + (24 + len(body)).to_bytes(8, "little") + body for name, body in objects)


def _parsed(objects: Objects, name: bytes, parse: Callable[[bytes], T]) -> T | None:
    body = next((body for each, body in objects if each == name), None)
    return None if body is None else parse(body)


def _put(objects: Objects, name: bytes, body: bytes) -> Objects:
    """Return objects with one replaced where it stands, or added at the end."""
    if any(each == name for each, _ in objects):
        return [(each, body if each == name else old) for each, old in objects]
    return [*objects, (name, body)]

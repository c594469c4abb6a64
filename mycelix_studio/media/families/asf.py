"""ASF attributes (WMA, WMV), kept in up to four objects of the header.

Source: Microsoft, Advanced Systems Format specification 01.20.06, sections 3.10, 3.11, 4.7 and 4.8; WM/Picture: Windows Media
Format SDK.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from mycelix_studio.domain.fields import SPECS, Field, spec
from mycelix_studio.domain.track import FRONT_COVER, Picture, Values
from mycelix_studio.media.formats.parts import KEEP, Broken, Cover, Keep

DESCRIPTION_NAMES = ("Title", "Author", "Copyright", "Description", "Rating")
_UNICODE, _BYTES, _BOOL = 0, 1, 2
_LIMIT = 0xFFFF
_PICTURE = "WM/Picture"


# --- reading --------------------------------------------------------------------------------------------------------------------


def read(tags: Any) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of mutagen's attributes, and by its own name every other text."""
    by_name: dict[str, list[str]] = {}
    for name, value in tags:
        if isinstance(value.value, str | int) and str(value):
            by_name.setdefault(name, []).append("1" if value.value is True else str(value))
    found = {row.field: tuple(by_name[row.asf]) for row in SPECS if row.asf in by_name}
    used = {row.asf for row in SPECS}
    return found, {name: tuple(values) for name, values in by_name.items() if name not in used}


def pictures(tags: Any) -> tuple[Picture, ...]:
    """Return all pictures of mutagen's attributes; broken ones are left out."""
    found = []
    for attribute in tags.get(_PICTURE, []):
        data = bytes(attribute.value)
        if len(data) < 9:
            continue
        kind, size = data[0], int.from_bytes(data[1:5], "little")
        mime, rest = _utf16(data[5:])
        description, body = _utf16(rest)
        found.append(Picture(body[:size], mime, kind, description))
    return tuple(found)


def _utf16(data: bytes) -> tuple[str, bytes]:
    """Return a text ended by a double zero, and what follows it."""
    for at in range(0, len(data) - 1, 2):
        if data[at : at + 2] == b"\0\0":
            return data[:at].decode("utf-16-le", "replace"), data[at + 2 :]
    return "", b""


# --- the objects' own bytes -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Record:
    """One attribute: its raw name and value; language and stream are 0 in the extended content description, which has neither."""

    name: bytes
    kind: int
    value: bytes
    language: int = 0
    stream: int = 0

    @property
    def text(self) -> str:
        """Its name as text."""
        return self.name.decode("utf-16-le", "replace").strip("\0")


@dataclass(frozen=True, slots=True)
class Attributes:
    """What the four objects hold; None for an object that is not there."""

    description: tuple[bytes, ...] | None = None
    extended: tuple[Record, ...] | None = None
    metadata: tuple[Record, ...] | None = None
    library: tuple[Record, ...] | None = None


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def bytes(self, length: int) -> bytes:
        value = self.data[self.at : self.at + length]
        if len(value) != length:
            raise Broken("Its tags are cut off.")
        self.at += length
        return value

    def number(self, length: int) -> int:
        return int.from_bytes(self.bytes(length), "little")


def parse_description(data: bytes) -> tuple[bytes, ...]:
    """Return the five raw texts. Raises :class:`Broken`."""
    reader = _Reader(data)
    lengths = [reader.number(2) for _ in DESCRIPTION_NAMES]
    return tuple(reader.bytes(length) for length in lengths)


def parse_extended(data: bytes) -> tuple[Record, ...]:
    """Return the attributes of the extended content description. Raises :class:`Broken`."""
    reader = _Reader(data)
    found = []
    for _ in range(reader.number(2)):
        name = reader.bytes(reader.number(2))
        kind = reader.number(2)
        found.append(Record(name, kind, reader.bytes(reader.number(2))))
    return tuple(found)


def parse_library(data: bytes) -> tuple[Record, ...]:
    """Return the attributes of a metadata or metadata library object. Raises :class:`Broken`."""
    reader = _Reader(data)
    found = []
    for _ in range(reader.number(2)):
        language, stream, name_length, kind, length = (reader.number(size) for size in (2, 2, 2, 2, 4))
        name = reader.bytes(name_length)
        found.append(Record(name, kind, reader.bytes(length), language, stream))
    return tuple(found)


def render_description(texts: tuple[bytes, ...]) -> bytes:
    """Return the body of a content description."""
    return b"".join(len(text).to_bytes(2, "little") for text in texts) + b"".join(texts)


def render_extended(records: tuple[Record, ...]) -> bytes:
    """Return the body of an extended content description."""
    return len(records).to_bytes(2, "little") + b"".join(
        len(each.name).to_bytes(2, "little")
        + each.name
        + each.kind.to_bytes(2, "little")
        + len(each.value).to_bytes(2, "little")
        + each.value
        for each in records
    )


def render_library(records: tuple[Record, ...]) -> bytes:
    """Return the body of a metadata or metadata library object."""
    return len(records).to_bytes(2, "little") + b"".join(
        each.language.to_bytes(2, "little")
        + each.stream.to_bytes(2, "little")
        + len(each.name).to_bytes(2, "little")
        + each.kind.to_bytes(2, "little")
        + len(each.value).to_bytes(4, "little")
        + each.name
        + each.value
        for each in records
    )


def edit(before: Attributes, edits: Mapping[Field, Values], cover: Cover = KEEP) -> Attributes:
    """Return attributes with edited fields; every other one is kept byte for byte, in its object."""
    made = before
    for field, values in edits.items():
        name = spec(field).asf
        made = _without(made, name, lambda each: True)
        made = _with(made, name, [(_UNICODE, _unicode(value)) for value in values])
    if not isinstance(cover, Keep):
        made = _without(made, _PICTURE, lambda each: each.value[:1] == bytes([FRONT_COVER]))
        if cover is not None:
            head = bytes([FRONT_COVER]) + len(cover.data).to_bytes(4, "little")
            value = head + _unicode(cover.mime) + _unicode(cover.description) + cover.data
            made = replace(made, library=(Record(_unicode(_PICTURE), _BYTES, value), *(made.library or ())))
    return made


def _unicode(text: str) -> bytes:
    return text.encode("utf-16-le") + b"\0\0"


def _without(before: Attributes, name: str, which: Any) -> Attributes:
    def kept(records: tuple[Record, ...] | None) -> tuple[Record, ...] | None:
        return None if records is None else tuple(each for each in records if each.text != name or not which(each))

    description = before.description
    if description is not None and name in DESCRIPTION_NAMES:
        at = DESCRIPTION_NAMES.index(name)
        description = (*description[:at], b"", *description[at + 1 :])
    return Attributes(description, kept(before.extended), kept(before.metadata), kept(before.library))


def _with(before: Attributes, name: str, values: list[tuple[int, bytes]]) -> Attributes:
    """Add values: the first where every program looks, further ones in the metadata library."""
    if not values:
        return before
    (kind, first), *rest = values
    made = before
    if name in DESCRIPTION_NAMES and len(first) <= _LIMIT:
        at = DESCRIPTION_NAMES.index(name)
        texts = made.description or (b"",) * 5
        made = replace(made, description=(*texts[:at], first, *texts[at + 1 :]))
    elif len(first) <= _LIMIT and name not in DESCRIPTION_NAMES:
        made = replace(made, extended=(*(made.extended or ()), Record(_unicode(name), kind, first)))
    else:
        rest = values
    if rest:
        more = tuple(Record(_unicode(name), each, value) for each, value in rest)
        made = replace(made, library=(*(made.library or ()), *more))
    return made

"""Vorbis comments (FLAC, Ogg Vorbis, Opus, Speex, Ogg FLAC).

Sources: xiph.org, Ogg Vorbis I format specification: comment field and header specification; FLAC format, METADATA_BLOCK_PICTURE.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import mutagen.flac

from mycelix_studio.domain.fields import SPECS, Field, spec
from mycelix_studio.domain.track import FRONT_COVER, Picture, Values
from mycelix_studio.media.formats.parts import KEEP, Broken, Cover, Keep

_ALIASES = {
    "DATE": ("YEAR",),
    "LABEL": ("ORGANIZATION", "PUBLISHER"),
    "ALBUMARTIST": ("ALBUM ARTIST",),
    "LYRICS": ("UNSYNCEDLYRICS",),
    "COMMENT": ("DESCRIPTION",),
}
_PICTURE = "METADATA_BLOCK_PICTURE"
_NOT_TEXT = {_PICTURE, "COVERART", "COVERARTMIME", "COVERARTTYPE"}


def _names(place: str) -> tuple[str, ...]:
    return (place, *_ALIASES.get(place, ()))


_PLACES = tuple((row.field, _names(row.vorbis)) for row in SPECS)
"""Each field with the names it is read from, the first first."""


# --- reading --------------------------------------------------------------------------------------------------------------------


def read(tags: Iterable[tuple[str, str]]) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of comments, by name and value, and by its own name every other text."""
    by_name: dict[str, list[str]] = {}
    for name, value in tags:
        by_name.setdefault(name.upper(), []).append(value)
    found: dict[Field, Values] = {}
    used = set(_NOT_TEXT)
    for field, names in _PLACES:
        for name in names:
            if name in by_name and (values := tuple(value for value in by_name[name] if value)):
                used.add(name)
                found[field] = values
                break
    return found, {name: tuple(values) for name, values in by_name.items() if name not in used}


def pictures(file: Any) -> tuple[Picture, ...]:
    """Return all pictures of mutagen's file, links and broken ones left out; those stay in the file as they are."""
    blocks = list(getattr(file, "pictures", []))
    tags = file.tags if file.tags is not None else {}
    for text in tags.get(_PICTURE, []):
        try:
            blocks.append(mutagen.flac.Picture(base64.b64decode(text)))
        except (mutagen.flac.error, ValueError):
            continue
    found = [Picture(b.data, b.mime, int(b.type), b.desc) for b in blocks if b.mime != "-->"]
    types, mimes = tags.get("COVERARTTYPE", []), tags.get("COVERARTMIME", [])
    for at, text in enumerate(tags.get("COVERART", [])):
        try:
            data = base64.b64decode(text)
        except binascii.Error:
            continue
        kind = int(types[at]) if at < len(types) and types[at].isdigit() else FRONT_COVER
        found.append(Picture(data, mimes[at] if at < len(mimes) else mime_of(data), kind, ""))
    return tuple(found)


def mime_of(data: bytes) -> str:
    """Return PNG for what begins as one, otherwise JPEG."""
    return "image/png" if data[:4] == b"\x89PNG" else "image/jpeg"


# --- the comments' own bytes ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments as they lie in the file: vendor, ``NAME=value`` entries, and what follows them (framing bit, padding)."""

    vendor: bytes
    entries: tuple[bytes, ...]
    rest: bytes


def parse(data: bytes) -> Comments:
    """Take comments apart.

    Raises:
        Broken: They are cut off.
    """
    at = 0

    def text() -> bytes:
        nonlocal at
        length = int.from_bytes(data[at : at + 4], "little")
        value = data[at + 4 : at + 4 + length]
        if len(data) < at + 4 or len(value) != length:
            raise Broken("Its comments are cut off.")
        at += 4 + length
        return value

    vendor = text()
    count = int.from_bytes(data[at : at + 4], "little")
    if len(data) < at + 4 or count > len(data):
        raise Broken("Its comments are cut off.")
    at += 4
    entries = tuple(text() for _ in range(count))
    return Comments(vendor, entries, data[at:])


def render(comments: Comments) -> bytes:
    """Return the bytes of comments without what followed them."""
    texts = [comments.vendor, *comments.entries]
    sized = [len(text).to_bytes(4, "little") + text for text in texts]
    return sized[0] + len(comments.entries).to_bytes(4, "little") + b"".join(sized[1:])


def _name(entry: bytes) -> str:
    name, equals, _ = entry.partition(b"=")
    return name.decode("latin-1").upper() if equals else ""


def edit(comments: Comments, edits: Mapping[Field, Values], cover: Cover = KEEP) -> Comments:
    """Return comments with edited fields; every other entry is kept byte for byte.

    ``cover`` is for Ogg, where pictures are comments; FLAC has blocks for them, see :func:`picture_block`.
    """
    entries = list(comments.entries)
    for field, values in edits.items():
        names = _names(spec(field).vorbis)
        present = [name for name in names if any(_name(entry) == name for entry in entries)]
        # A field is kept under the name the file uses; one that is removed is removed under each of its names.
        name = present[0] if present and values else names[0]
        wanted = {name} if values else set(names)
        old = [at for at, entry in enumerate(entries) if _name(entry) in wanted]
        spelt = entries[old[0]].partition(b"=")[0] if old else name.encode("ascii")
        entries = _replaced(entries, old, [spelt + b"=" + value.encode("utf-8") for value in values])
    if not isinstance(cover, Keep):
        old = [at for at, entry in enumerate(entries) if _is_front(entry)]
        old += [at for at, entry in enumerate(entries) if _name(entry) in {"COVERART", "COVERARTMIME", "COVERARTTYPE"}]
        new = []
        if cover is not None:
            new = [_PICTURE.encode() + b"=" + base64.b64encode(picture_block(cover))]
        entries = _replaced(entries, sorted(old), new)
    return Comments(comments.vendor, tuple(entries), comments.rest)


def _replaced(entries: list[bytes], old: list[int], new: list[bytes]) -> list[bytes]:
    gone = set(old)
    at = old[0] if old else len(entries)
    return entries[:at] + new + [entry for i, entry in enumerate(entries) if i >= at and i not in gone]


def _is_front(entry: bytes) -> bool:
    if _name(entry) != _PICTURE:
        return False
    try:
        return is_front(base64.b64decode(entry.partition(b"=")[2]))
    except binascii.Error:
        return False


def is_front(block: bytes) -> bool:
    """Tell whether a picture block is a front cover."""
    return int.from_bytes(block[:4], "big") == FRONT_COVER


def picture_block(picture: Picture) -> bytes:
    """Return a picture as FLAC's picture block."""
    block = mutagen.flac.Picture()
    block.type, block.mime, block.desc, block.data = picture.type, picture.mime, picture.description, picture.data
    block.width, block.height, block.depth = _dimensions(picture.data)
    return bytes(block.write())


def _dimensions(data: bytes) -> tuple[int, int, int]:
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.width, image.height, 24
    except (UnidentifiedImageError, OSError, ValueError, Image.DecompressionBombError):
        return 0, 0, 0

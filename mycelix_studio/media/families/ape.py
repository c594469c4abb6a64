"""APEv2 (Monkey's Audio, Musepack, WavPack, OptimFROG, TAK).

Source: wiki.hydrogenaud.io, APEv2 specification.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mutagen.apev2 import APETextValue

from mycelix_studio.domain.fields import SPECS, Field, spec
from mycelix_studio.domain.track import FRONT_COVER, Picture, Values
from mycelix_studio.media.families.vorbis import mime_of
from mycelix_studio.media.formats.parts import KEEP, Broken, Cover, Keep

_BY_KEY = {row.ape.casefold(): row.field for row in SPECS if row.ape}
_FRONT = "Cover Art (Front)"
_TYPES = {
    "other": 0, "icon": 1, "other icon": 2, "front": 3, "back": 4, "leaflet": 5, "media": 6, "lead artist": 7, "artist": 8,
    "conductor": 9, "band": 10, "composer": 11, "lyricist": 12, "recording location": 13, "during recording": 14,
    "during performance": 15, "video capture": 16, "fish": 17, "illustration": 18, "band logotype": 19, "publisher logotype": 20,
}  # fmt: skip
_MARK = b"APETAGEX"
_HAS_HEADER, _IS_HEADER = 1 << 31, 1 << 29
_UTF8, _BINARY = 0, 2


# --- reading --------------------------------------------------------------------------------------------------------------------


def read(tags: Any) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of mutagen's APEv2 tag, and by its own name every other text."""
    found: dict[Field, Values] = {}
    used: set[str] = set()
    for row in SPECS:
        item = tags.get(row.ape) if row.ape else None
        if isinstance(item, APETextValue):
            used.add(row.ape.casefold())
            if values := tuple(value for value in item if value):
                found[row.field] = values
    others = {}
    for key, item in tags.items():
        if key.casefold() not in used and hasattr(item, "value") and not isinstance(item.value, bytes):
            others[key] = tuple(str(item).split("\0"))
    return found, others


def pictures(tags: Any) -> tuple[Picture, ...]:
    """Return all pictures of mutagen's APEv2 tag."""
    found = []
    for key, item in tags.items():
        folded = key.casefold()
        if not folded.startswith("cover art (") or isinstance(item, APETextValue):
            continue
        name, _, data = bytes(item.value).partition(b"\0")
        kind = _TYPES.get(folded[11:].rstrip(")"), 0)
        found.append(Picture(data, mime_of(data), kind, name.decode("utf-8", "replace")))
    return tuple(found)


# --- the tag's own bytes --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One item: key as it is spelt, flags, value."""

    key: str
    flags: int
    value: bytes


def read_items(items: tuple[Item, ...]) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of items, and by its own key every other text."""
    found: dict[Field, Values] = {}
    others: dict[str, Values] = {}
    for item in items:
        if item.flags >> 1 & 3:
            continue
        values = tuple(value for value in item.value.decode("utf-8", "replace").split("\0") if value)
        field = _BY_KEY.get(item.key.casefold())
        if field is not None and values:
            found.setdefault(field, values)
        elif values:
            others[item.key] = values
    return found, others


def held(items: tuple[Item, ...], edits: Mapping[Field, Values]) -> dict[Field, Values]:
    """Return those of the edited fields that are among the items."""
    keys = {item.key.casefold() for item in items}
    return {field: values for field, values in edits.items() if spec(field).ape.casefold() in keys}


def parse(data: bytes) -> tuple[Item, ...]:
    """Take the items of a tag apart, ``data`` being what lies between header and footer.

    Raises:
        Broken: They do not fill their place.
    """
    items = []
    at = 0
    while at < len(data):
        length, flags = int.from_bytes(data[at : at + 4], "little"), int.from_bytes(data[at + 4 : at + 8], "little")
        end = data.find(b"\0", at + 8)
        if end < 0 or end + 1 + length > len(data):
            raise Broken("Its tag is broken.")
        items.append(Item(data[at + 8 : end].decode("latin-1"), flags, data[end + 1 : end + 1 + length]))
        at = end + 1 + length
    return tuple(items)


def render(items: tuple[Item, ...]) -> bytes:
    """Return a whole tag with header and footer; nothing for no items."""
    if not items:
        return b""
    body = b"".join(
        len(item.value).to_bytes(4, "little")
        + item.flags.to_bytes(4, "little")
        + item.key.encode("latin-1")
        + b"\0"
        + item.value
        for item in items
    )

    def edge(flags: int) -> bytes:
        numbers = (2_000, len(body) + 32, len(items), flags)
        return _MARK + b"".join(number.to_bytes(4, "little") for number in numbers) + bytes(8)

    return edge(_HAS_HEADER | _IS_HEADER) + body + edge(_HAS_HEADER)


def edit(items: tuple[Item, ...], edits: Mapping[Field, Values], cover: Cover = KEEP) -> tuple[Item, ...]:
    """Return items with edited fields; every other one is kept byte for byte."""
    made = list(items)
    for field, values in edits.items():
        value = "\0".join(values).encode("utf-8") if values else None
        made = _put(made, spec(field).ape, value, _UTF8)
    if not isinstance(cover, Keep):
        data = None
        if cover is not None:
            name = cover.description or f"cover.{'png' if cover.mime == 'image/png' else 'jpg'}"
            data = name.encode("utf-8") + b"\0" + cover.data
        made = _put(made, _FRONT, data, _BINARY)
    return tuple(made)


def _put(items: list[Item], key: str, value: bytes | None, kind: int) -> list[Item]:
    old = [at for at, item in enumerate(items) if item.key.casefold() == key.casefold()]
    at = old[0] if old else len(items)
    new = [Item(items[at].key if old else key, kind, value)] if value is not None else []
    gone = set(old)
    return items[:at] + new + [item for i, item in enumerate(items) if i >= at and i not in gone]


__all__ = ["FRONT_COVER", "Item", "edit", "parse", "pictures", "read", "render"]

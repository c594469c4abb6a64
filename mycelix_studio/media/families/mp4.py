"""iTunes metadata atoms (M4A, M4B, MP4).

Sources: Apple, QuickTime file format, metadata atoms; mutagen's description of iTunes' atoms.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import mutagen.mp4

from mycelix_studio.domain.fields import SPECS, Field, spec
from mycelix_studio.domain.track import Picture, Values
from mycelix_studio.media.formats.parts import KEEP, Broken, Cover, Keep

_PAIRS = {"trkn", "disk"}
_NUMBERS = {"tmpo": 2, "rtng": 1}
_FLAGS = {"cpil"}
_FORMATS = {mutagen.mp4.MP4Cover.FORMAT_JPEG: "image/jpeg", mutagen.mp4.MP4Cover.FORMAT_PNG: "image/png"}
_TEXT, _JPEG, _PNG, _INTEGER, _IMPLICIT = 1, 13, 14, 21, 0


# --- reading --------------------------------------------------------------------------------------------------------------------


def read(tags: Any) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of mutagen's atoms, and by its own name every other text."""
    found: dict[Field, Values] = {}
    used = {"covr"}
    for row in SPECS:
        key = _key(tags, row.mp4) if row.mp4 else ""
        if key and key in tags:
            used.add(key)
            if values := _values(key, tags[key]):
                found[row.field] = values
    if "gnre" in tags and Field.GENRE not in found:
        found[Field.GENRE] = _values("gnre", tags["gnre"])
    others = {key: values for key, raw in tags.items() if key not in used and (values := _values(key, raw))}
    return found, others


def _values(key: str, raw: Any) -> Values:
    if key in _PAIRS:
        number, total = raw[0] if raw else (0, 0)
        values: tuple[str, ...] = (f"{number}/{total}" if total else str(number),) if number or total else ()
    elif isinstance(raw, bool):
        values = ("1",) if raw else ()
    elif key.startswith("----"):
        values = tuple(bytes(value).decode("utf-8", "replace") for value in raw)
    else:
        values = tuple(str(value) for value in (raw if isinstance(raw, list) else [raw]))
    return tuple(value for value in values if value)


def _key(tags: Any, place: str) -> str:
    if place.startswith("----"):
        folded = place.casefold()
        return next((key for key in tags if key.casefold() == folded), place)
    return place


def pictures(tags: Any) -> tuple[Picture, ...]:
    """Return all pictures of mutagen's atoms; MP4 says of none what it shows."""
    return tuple(Picture(bytes(cover), _FORMATS.get(cover.imageformat, "image/jpeg")) for cover in tags.get("covr", []))


# --- the atoms' own bytes -------------------------------------------------------------------------------------------------------


def atom(name: bytes, body: bytes) -> bytes:
    """Return an atom."""
    return (8 + len(body)).to_bytes(4, "big") + name + body


def children(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return (name, body) of atoms that follow each other.

    Raises:
        Broken: They do not fill the place they are in.
    """
    found = []
    at = 0
    while at < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        if size < 8 or at + size > len(data):
            raise Broken("Its tags are broken.")
        found.append((data[at + 4 : at + 8], data[at + 8 : at + size]))
        at += size
    return found


def edit(ilst: bytes, edits: Mapping[Field, Values], cover: Cover = KEEP) -> bytes:
    """Return the list of items with edited fields; every other item is kept byte for byte.

    Raises:
        Broken: The list cannot be walked through, or a value does not fit its atom.
    """
    items = children(ilst)
    for field, values in edits.items():
        place = spec(field).mp4
        folded = place.casefold()
        old = [at for at, (name, body) in enumerate(items) if _place(name, body).casefold() == folded]
        if field is Field.GENRE:
            old = sorted(old + [at for at, (name, _) in enumerate(items) if name == b"gnre"])
        new = []
        if values:
            head = _free_head(items[old[0]][1]) if old and place.startswith("----") else b""
            new = [_item(place, values, head)]
        items = _replaced(items, old, new)
    if not isinstance(cover, Keep):
        items = _put_cover(items, cover)
    return b"".join(atom(name, body) for name, body in items)


def _replaced(
    items: list[tuple[bytes, bytes]], old: list[int], new: list[tuple[bytes, bytes]]
) -> list[tuple[bytes, bytes]]:
    gone = set(old)
    at = old[0] if old else len(items)
    return items[:at] + new + [item for i, item in enumerate(items) if i >= at and i not in gone]


def _place(name: bytes, body: bytes) -> str:
    """Return an item's name as the table writes it."""
    if name != b"----":
        return name.decode("latin-1")
    try:
        parts = dict(children(body))
    except Broken:
        return ""
    words = [parts.get(part, b"")[4:].decode("utf-8", "replace") for part in (b"mean", b"name")]
    return f"----:{words[0]}:{words[1]}"


def _free_head(body: bytes) -> bytes:
    return b"".join(atom(name, part) for name, part in children(body) if name in (b"mean", b"name"))


def _data(kind: int, value: bytes) -> bytes:
    return atom(b"data", kind.to_bytes(4, "big") + bytes(4) + value)


def _item(place: str, values: Values, head: bytes) -> tuple[bytes, bytes]:
    try:
        if place in _PAIRS:
            number, _, total = values[0].partition("/")
            pair = int(number or 0).to_bytes(2, "big") + int(total or 0).to_bytes(2, "big")
            return place.encode(), _data(_IMPLICIT, b"\0\0" + pair + (b"\0\0" if place == "trkn" else b""))
        if place in _NUMBERS:
            return place.encode(), _data(_INTEGER, round(float(values[0])).to_bytes(_NUMBERS[place], "big"))
        if place in _FLAGS:
            return place.encode(), _data(_INTEGER, bytes([int(values[0].casefold() in {"1", "true", "yes"})]))
    except (ValueError, OverflowError) as error:
        raise Broken(f"MP4 takes a number there, not “{values[0]}”.") from error
    texts = b"".join(_data(_TEXT, value.encode("utf-8")) for value in values)
    if not place.startswith("----"):
        return place.encode("latin-1"), texts
    if not head:
        _, mean, name = place.split(":", 2)
        head = atom(b"mean", bytes(4) + mean.encode()) + atom(b"name", bytes(4) + name.encode())
    return b"----", head + texts


def _put_cover(items: list[tuple[bytes, bytes]], cover: Picture | None) -> list[tuple[bytes, bytes]]:
    """Replace the first picture, which programs show as the front cover."""
    old = [at for at, (name, _) in enumerate(items) if name == b"covr"]
    pictures = [part for at in old for part in children(items[at][1])]
    first = next((at for at, (name, _) in enumerate(pictures) if name == b"data"), None)
    new = []
    if cover is not None:
        kind = _PNG if cover.mime == "image/png" else _JPEG
        new = [(b"data", kind.to_bytes(4, "big") + bytes(4) + cover.data)]
    pictures = _replaced(pictures, [] if first is None else [first], new)
    if first is None:
        pictures = new + [part for part in pictures if part not in new]
    body = b"".join(atom(name, part) for name, part in pictures)
    return _replaced(items, old, [(b"covr", body)] if body else [])

"""RIFF INFO of a WAV, which mutagen does not read: many WAVs look empty without it.

Source: Microsoft and IBM, Multimedia Programming Interface and Data Specifications 1.0, INFO list chunk.
"""

from __future__ import annotations

from collections.abc import Mapping

from mycelix_studio.domain.fields import SPECS, Field, spec
from mycelix_studio.domain.track import Values
from mycelix_studio.media.formats.parts import Broken

JOINER = "; "
_BY_PLACE = {row.riff: row.field for row in SPECS if row.riff}
_ALIASES = {"IPRT": "ITRK", "ITRK": "ITRK"}


def parse(data: bytes) -> list[tuple[bytes, bytes]]:
    """Return (id, data) of the chunks of an INFO list, ``data`` being what follows ``INFO``.

    Raises:
        Broken: A chunk reaches beyond the list.
    """
    found = []
    at = 0
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        if at + 8 + length > len(data):
            raise Broken("Its INFO list is broken.")
        found.append((name, data[at + 8 : at + 8 + length]))
        at += 8 + length + (length & 1)
    return found


def read(data: bytes) -> tuple[dict[Field, Values], dict[str, Values]]:
    """Return the fields of an INFO list as far as it can be read, and by its id every other text."""
    found: dict[Field, Values] = {}
    others: dict[str, Values] = {}
    at = 0
    while at + 8 <= len(data):
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        text = _decode(data[at + 8 : at + 8 + length].split(b"\0", 1)[0]).strip()
        place = name.decode("latin-1").upper()
        field = _BY_PLACE.get(_ALIASES.get(place, place))
        if text and field is not None:
            found.setdefault(field, (text,))
        elif text:
            others[place] = (text,)
        at += 8 + length + (length & 1)
    return found, others


def edit(chunks: list[tuple[bytes, bytes]], edits: Mapping[Field, Values]) -> list[tuple[bytes, bytes]]:
    """Return chunks with those of the edited fields that INFO has a place for; several values are joined by ``; ``."""
    made = list(chunks)
    for field, values in edits.items():
        place = spec(field).riff
        if not place:
            continue
        names = {place, *(old for old, new in _ALIASES.items() if new == place)}
        old = [at for at, (name, _) in enumerate(made) if name.decode("latin-1").upper() in names]
        at = old[0] if old else len(made)
        new = [(made[at][0] if old else place.encode(), JOINER.join(values).encode("utf-8") + b"\0")] if values else []
        gone = set(old)
        made = made[:at] + new + [chunk for i, chunk in enumerate(made) if i >= at and i not in gone]
    return made


def render(chunks: list[tuple[bytes, bytes]]) -> bytes:
    """Return what a LIST chunk of these holds, ``INFO`` in front; nothing for no chunks."""
    if not chunks:
        return b""
    return b"INFO" + b"".join(
        name + len(data).to_bytes(4, "little") + data + (b"\0" if len(data) & 1 else b"") for name, data in chunks
    )


def holds(values: Values) -> bool:
    """Tell whether INFO can say these values as they are: one, or none."""
    return len(values) < 2


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")

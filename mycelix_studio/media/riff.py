"""The INFO list of a WAV, which mutagen does not read: many WAVs look empty without it."""

from __future__ import annotations

import struct
from pathlib import Path

from mycelix_studio.domain.fields import SPECS, Field
from mycelix_studio.domain.track import Values

_MAX_INFO = 1 << 20


def chunks(path: Path) -> list[tuple[bytes, int, int]]:
    """Return (id, offset of the data, size) of each chunk of a RIFF/WAVE file, as far as the file goes."""
    found: list[tuple[bytes, int, int]] = []
    with path.open("rb") as file:
        head = file.read(12)
        if len(head) < 12 or head[:4] not in (b"RIFF", b"RF64") or head[8:] != b"WAVE":
            return []
        end = path.stat().st_size
        at = 12
        while at + 8 <= end:
            file.seek(at)
            name, size = struct.unpack("<4sI", file.read(8))
            found.append((name, at + 8, min(size, end - at - 8)))
            at += 8 + size + (size & 1)
    return found


def read_info(path: Path) -> dict[Field, Values]:
    """Return the fields of the INFO list; empty when there is none."""
    by_place = {row.riff.encode(): row.field for row in SPECS if row.riff}
    found: dict[Field, Values] = {}
    for name, offset, size in chunks(path):
        if name != b"LIST" or size > _MAX_INFO:
            continue
        with path.open("rb") as file:
            file.seek(offset)
            data = file.read(size)
        if data[:4] != b"INFO":
            continue
        at = 4
        while at + 8 <= len(data):
            place, length = struct.unpack_from("<4sI", data, at)
            raw = data[at + 8 : at + 8 + length].split(b"\0", 1)[0]
            text = _decode(raw).strip()
            if text and place in by_place:
                found[by_place[place]] = (text,)
            at += 8 + length + (length & 1)
    return found


def _decode(raw: bytes) -> str:
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("cp1252", "replace")

"""Reads several files, for scans in a child: what they hold, and each front cover once."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycelix_studio.domain.track import FRONT_COVER, FileTags
from mycelix_studio.errors import Known
from mycelix_studio.media import art, reader


@dataclass(frozen=True, slots=True)
class Scan:
    """What a file holds, pictures left out.

    Attributes:
        tags: What it holds.
        cover: Key of its front cover, empty without one.
        picture: The cover itself, the first time in a call; None afterwards.
    """

    tags: FileTags
    cover: str
    picture: bytes | None


def scan(paths: Sequence[Path]) -> list[Scan | Known]:
    """Read files; one that cannot be read gives its error."""
    gc.disable()  # looking for cycles among what a batch makes costs more than the batch can leave behind
    try:
        return _scan(paths)
    finally:
        gc.enable()


def _scan(paths: Sequence[Path]) -> list[Scan | Known]:
    found: list[Scan | Known] = []
    sent: set[str] = set()
    for path in paths:
        try:
            tags = reader.read_quick(path)
        except Known as error:
            found.append(error)
            continue
        front = next((p for p in tags.pictures if p.type == FRONT_COVER), next(iter(tags.pictures), None))
        cover = art.digest(front.data) if front is not None else ""
        picture = front.data if front is not None and cover not in sent else None
        sent.add(cover)
        found.append(Scan(replace(tags, pictures=()), cover, picture))
    return found

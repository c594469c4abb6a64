"""What kinds of file cannot hold: worked out for edits of many tracks before anything is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.domain.track import Track, Values


class Fate(StrEnum):
    """What becomes of a value in a file."""

    KEPT = "kept"
    NOT_STORED = "not stored"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file among the tracks: its name, such as ``FLAC``, and how many files there are."""

    name: str
    files: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Fields by kinds of file.

    Attributes:
        kinds: The columns, most files first.
        rows: For each field the fate in each kind.
        losing: How many files cannot hold everything.
    """

    kinds: tuple[Kind, ...]
    rows: tuple[tuple[Field, tuple[Fate, ...]], ...]
    losing: int


def matrix(tracks: Sequence[Track], edits: Mapping[Field, Values]) -> Matrix:
    """Return what becomes of edits in the kinds of file among the tracks."""
    groups: dict[str, list[Track]] = {}
    for track in tracks:
        groups.setdefault(track.audio.container, []).append(track)
    kinds = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    rows = tuple(
        (field, tuple(_fate(of_kind[0], field, values) for _name, of_kind in kinds)) for field, values in edits.items()
    )
    losing = sum(
        len(of_kind)
        for place, (_name, of_kind) in enumerate(kinds)
        if any(fates[place] is not Fate.KEPT for _field, fates in rows)
    )
    return Matrix(tuple(Kind(name, len(of_kind)) for name, of_kind in kinds), rows, losing)


def _fate(track: Track, field: Field, values: Values) -> Fate:
    return Fate.KEPT if not values or BY_FIELD[field].place(track.family) else Fate.NOT_STORED

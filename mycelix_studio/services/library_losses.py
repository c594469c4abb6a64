"""What kinds of file cannot hold: worked out for edits of many tracks by :mod:`~mycelix_studio.domain.losses`, before a write."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.losses import TARGETS, Target, losses, target
from mycelix_studio.domain.track import FRONT_COVER, FileTags, Picture, Track, Values

COVER = "cover"
"""The front cover among the rows of a matrix."""
_OLD_ID3 = {each.version: each for each in TARGETS if each.name == each.version}


class Fate(StrEnum):
    """What becomes of a value in a file."""

    KEPT = "kept"
    FEW_READ = "few programs read it"
    """In a WAV: the ID3 chunk holds it, which not every program reads; RIFF INFO does not."""
    JOINED = "joined"
    FIRST_SHOWN = "many show the first"
    """In ID3v2.3: Studio keeps several values apart, many programs show the first only."""
    SHORTENED = "shortened"
    NOT_STORED = "not stored"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file among the tracks: its name, such as ``FLAC`` or ``MP3 2.3``, and how many files there are."""

    name: str
    files: int


@dataclass(frozen=True, slots=True)
class Matrix:
    """Fields by kinds of file.

    Attributes:
        kinds: The columns, most files first.
        rows: For each field (or :data:`COVER`) the fate in each kind.
        losing: Ids of the tracks whose files cannot hold everything.
        why: Sentences that say what would happen, each once.
        movable: Those of the losing ones whose MP3 would hold everything in tag version 2.4.
    """

    kinds: tuple[Kind, ...] = ()
    rows: tuple[tuple[Field | str, tuple[Fate, ...]], ...] = ()
    losing: tuple[int, ...] = ()
    why: tuple[str, ...] = ()
    movable: tuple[int, ...] = ()


def matrix(tracks: Sequence[Track], edits: Mapping[Field, Values], *, cover: bool = False) -> Matrix:
    """Return what becomes of edits, and of a new front cover, in the kinds of file among the tracks."""
    groups: dict[str, list[Track]] = {}
    for track in tracks:
        groups.setdefault(_kind(track), []).append(track)
    kinds = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    why: dict[str, None] = {}
    wanted: list[tuple[Field | str, Values]] = list(edits.items())
    if cover:
        wanted.append((COVER, ("",)))
    rows = tuple(
        (field, tuple(_fate(kind[0], field, values, why) for _name, kind in kinds)) for field, values in wanted
    )
    losing = tuple(
        track.row.id
        for place, (_name, kind) in enumerate(kinds)
        if any(fates[place] is not Fate.KEPT for _field, fates in rows)
        for track in kind
    )
    movable = tuple(
        track.row.id
        for track in tracks
        if track.row.id in losing and track.audio.container == "MP3" and track.tag_version == "ID3v2.3"
    )
    return Matrix(tuple(Kind(name, len(kind)) for name, kind in kinds), rows, losing, tuple(why), movable)


def _kind(track: Track) -> str:
    old = track.tag_version in ("ID3v2.2", "ID3v2.3")
    return f"{track.audio.container} {track.tag_version.removeprefix('ID3v')}" if old else track.audio.container


def _fate(track: Track, field: Field | str, values: Values, why: dict[str, None]) -> Fate:
    to = _OLD_ID3.get(track.tag_version) if track.audio.container != "WAV" else None
    to = to or target(track.audio.container) or Target(track.audio.container, track.family)
    pictures = (Picture(b"", "image/jpeg", FRONT_COVER),) if field == COVER else ()
    fields = {field: values} if isinstance(field, Field) and values else {}
    found = losses(FileTags(track.audio, track.family, fields, pictures, track.tag_version), to)
    if not found:
        return Fate.KEPT
    loss = found[0]
    why[loss.why] = None
    if not loss.becomes:
        return Fate.FEW_READ if to.family == "riff" else Fate.NOT_STORED
    if len(values) > 1:
        return Fate.FIRST_SHOWN if loss.becomes == values else Fate.JOINED
    return Fate.SHORTENED

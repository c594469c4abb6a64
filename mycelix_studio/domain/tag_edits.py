"""Changes of tags worked out before anything is kept: each tool returns :class:`Change` objects, which are shown, then kept as edits.

Nothing here touches a file or the cache.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.domain.preflight import title_case
from mycelix_studio.domain.tag_patterns import Part, read_name
from mycelix_studio.domain.track import Fields, Track, Values

TAG_SET: Final = "application/x-mycelix-tags"
"""MIME type of tag sets on the clipboard."""
OWN: Final = frozenset(
    {Field.TITLE, Field.VERSION, Field.TRACK, Field.ISRC, Field.ISWC, Field.LYRICS, Field.ENCODED_BY}
)
"""Fields that belong to one recording, so that they are not offered first when one track's tags go to many."""


@dataclass(frozen=True, slots=True)
class Change:
    """One field of one track: its values now, unsaved edits included, and what they would be."""

    track_id: int
    field: Field
    before: Values
    after: Values


@dataclass(frozen=True, slots=True)
class Held:
    """What tracks hold of one field.

    Attributes:
        values: What all of them say; None when they differ.
        different: How many values there are, an empty one not counted.
        empty: How many tracks have none.
        total: How many tracks.
    """

    values: Values | None
    different: int
    empty: int
    total: int


def held(tracks: Sequence[Track], field: Field) -> Held:
    """Return what tracks hold of a field, unsaved edits included."""
    values = Counter(track.value(field) for track in tracks)
    only = next(iter(values)) if len(values) == 1 else None
    return Held(only, len(values) - (() in values), values[()], len(tracks))


Transform = Callable[[Track], Mapping[Field, Values]]


def changes(tracks: Iterable[Track], transform: Transform) -> tuple[Change, ...]:
    """Return what a transform would change; values that stay as they are are left out."""
    found = []
    for track in tracks:
        for field, values in transform(track).items():
            after = tuple(value.strip() for value in values if value.strip())
            if after != track.value(field):
                found.append(Change(track.row.id, field, track.value(field), after))
    return tuple(found)


def from_names(
    tracks: Sequence[Track], parts: Sequence[Part], *, underscores: bool, each: Callable[[], None] = lambda: None
) -> tuple[tuple[Change, ...], tuple[str, ...]]:
    """Return what file names say by a pattern, and the names that do not fit it; ``each`` is called for every track.

    ``3/12`` stays where the name says 3: a file's name does not know how many there are.
    """
    found = {track.row.id: read_name(parts, track.row.path, underscores=underscores) for track in tracks}
    strange = tuple(track.row.path.name for track in tracks if found[track.row.id] is None)

    def of(track: Track) -> Fields:
        each()
        return {field: _kept_total(track, field, values) for field, values in (found[track.row.id] or {}).items()}

    return changes(tracks, of), strange


def _kept_total(track: Track, field: Field, values: Values) -> Values:
    before = track.value(field)
    same = bool(before) and field in (Field.TRACK, Field.DISC) and before[0].partition("/")[0].lstrip("0") == values[0]
    return before if same else values


def as_edits(wanted: Iterable[Change]) -> dict[int, dict[Field, Values]]:
    """Return changes as edits by track."""
    edits: dict[int, dict[Field, Values]] = {}
    for change in wanted:
        edits.setdefault(change.track_id, {})[change.field] = change.after
    return edits


def shown(values: Values) -> str:
    """Return values as one line, as fields show them."""
    return "; ".join(values)


def typed(field: Field, words: str, before: Values) -> Values:
    """Return values from one line: parted by ``;`` where a field may have several, and unchanged when the line is what was shown."""
    if words == shown(before):
        return before
    parts = words.split(";") if BY_FIELD[field].multi else (words,)
    return tuple(part.strip() for part in parts if part.strip())


class Case(StrEnum):
    """Ways to write words."""

    TITLE = "title"
    SENTENCE = "sentence"
    UPPER = "upper"
    LOWER = "lower"
    SPACES = "spaces"
    """Only surplus spaces go."""


def cased(text: str, case: Case) -> str:
    """Return words written another way; surplus spaces go in every one."""
    text = " ".join(text.split())
    if case is Case.TITLE:
        return title_case(text)
    if case is Case.SENTENCE:
        return text[:1].upper() + text[1:].lower()
    if case is Case.UPPER:
        return text.upper()
    return text.lower() if case is Case.LOWER else text


def recase(case: Case, fields: Sequence[Field]) -> Transform:
    """Return a transform that writes fields another way."""
    return lambda track: {field: tuple(cased(value, case) for value in track.value(field)) for field in fields}


def number(
    tracks: Sequence[Track], *, start: int = 1, total: bool = True, each_album: bool = False, field: Field = Field.TRACK
) -> tuple[Change, ...]:
    """Number tracks in the order given.

    Args:
        tracks: In order.
        start: First number.
        total: Write ``3/12``, not only ``3``.
        each_album: Begin anew with each album.
        field: Track or disc number.
    """
    groups: dict[Values, list[Track]] = {}
    for track in tracks:
        groups.setdefault(track.value(Field.ALBUM) if each_album else (), []).append(track)
    wanted: dict[int, str] = {}
    for group in groups.values():
        last = start + len(group) - 1
        for place, track in enumerate(group, start=start):
            wanted[track.row.id] = f"{place}/{last}" if total else str(place)
    return changes(tracks, lambda track: {field: (wanted[track.row.id],)})


def dump_sets(tracks: Sequence[Track]) -> bytes:
    """Return the tags of tracks for the clipboard."""
    sets = [{field.value: list(track.value(field)) for field in Field if track.value(field)} for track in tracks]
    return json.dumps(sets, ensure_ascii=True).encode()


def load_sets(data: bytes) -> list[dict[Field, Values]]:
    """Return tag sets from the clipboard; an empty list when they are none. Fields this version does not know fall away."""
    try:
        raw = json.loads(data)
    except (ValueError, UnicodeDecodeError):
        return []
    if not isinstance(raw, list) or not all(isinstance(each, dict) for each in raw):
        return []
    known = {field.value: field for field in Field}
    return [
        {
            known[name]: tuple(str(value) for value in values)
            for name, values in each.items()
            if name in known and isinstance(values, list)
        }
        for each in raw
    ]


def paste(tracks: Sequence[Track], sets: Sequence[Fields], fields: Sequence[Field]) -> tuple[Change, ...]:
    """Give tracks the fields of tag sets: one set goes to all of them, several go one by one in order; the others stay as they are.

    A field a set does not have is emptied, as it is empty where it was copied.
    """
    if not sets:
        return ()
    by_track = {
        track.row.id: sets[0] if len(sets) == 1 else sets[place]
        for place, track in enumerate(tracks)
        if len(sets) == 1 or place < len(sets)
    }
    wanted = [track for track in tracks if track.row.id in by_track]
    return changes(wanted, lambda track: {field: by_track[track.row.id].get(field, ()) for field in fields})

"""What a container or tag version cannot hold, said field by field before anything is saved there."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.fields import Family, Field, spec
from mycelix_studio.domain.track import FRONT_COVER, FileTags, Picture, Values


@dataclass(frozen=True, slots=True)
class Target:
    """Where tags could be saved: a container, or one tag version in it.

    Attributes:
        name: As written on the command line and shown.
        family: How its tags are kept.
        version: Tag version where it matters, such as ``ID3v2.3``.
    """

    name: str
    family: Family
    version: str = ""


TARGETS: Final = (
    Target("MP3", "id3", "ID3v2.4"),
    Target("ID3v2.4", "id3", "ID3v2.4"),
    Target("ID3v2.3", "id3", "ID3v2.3"),
    Target("ID3v2.2", "id3", "ID3v2.2"),
    Target("AIFF", "id3", "ID3v2.4"),
    Target("DSF", "id3", "ID3v2.4"),
    Target("TTA", "id3", "ID3v2.4"),
    Target("WAV", "riff"),
    Target("FLAC", "vorbis"),
    Target("OGG", "vorbis"),
    Target("Opus", "vorbis"),
    Target("M4A", "mp4"),
    Target("WMA", "asf"),
    Target("APE", "ape"),
    Target("MPC", "ape"),
    Target("WavPack", "ape"),
)
"""What can be asked for. A WAV is judged by its RIFF INFO, which every program reads; see :func:`losses`."""

_ALIASES: Final = {
    "wave": "wav", "riff": "wav", "riffinfo": "wav", "info": "wav", "mp4": "m4a", "alac": "m4a", "aac": "m4a", "m4b": "m4a",
    "vorbis": "ogg", "oga": "ogg", "asf": "wma", "aif": "aiff", "wv": "wavpack", "id3": "id3v2.4", "id3v24": "id3v2.4",
    "id3v23": "id3v2.3", "id3v22": "id3v2.2", "apev2": "ape", "musepack": "mpc",
}  # fmt: skip
_NOT_IN_V22: Final = {Field.DISC_SUBTITLE, Field.MOOD}
_NUMBERS: Final = (Field.BPM, Field.EXPLICIT)


@dataclass(frozen=True, slots=True)
class Loss:
    """What would happen to one field.

    Attributes:
        field: Its name, the tag's own name for a text that is no field, or ``pictures``.
        title: What an artist reads.
        values: What there is.
        becomes: What would be left of it.
        why: What would happen, in one sentence.
    """

    field: str
    title: str
    values: Values
    becomes: Values
    why: str


def target(name: str) -> Target | None:
    """Return a target by its name or a usual ending, None for one nobody knows."""
    folded = name.strip().lstrip(".").replace(" ", "").casefold()
    folded = _ALIASES.get(folded, folded)
    return next((each for each in TARGETS if each.name.casefold() == folded), None)


def losses(tags: FileTags, to: Target, edits: Mapping[Field, Values] | None = None) -> tuple[Loss, ...]:
    """Return what would be lost or changed if a file's tags, with edits, were saved in ``to``; nothing when all of it fits."""
    fields = {**tags.fields, **(edits or {})}
    found = [
        loss for field in Field if (values := fields.get(field, ())) and (loss := _field(field, values, to)) is not None
    ]
    if to.family != tags.family:
        found += [
            Loss(name, name, values, (), f"It is no field that has a place in {to.name}; it stays in this file only.")
            for name, values in sorted(tags.others.items())
        ]
    return (*found, *_pictures(tags.pictures, to))


def _field(field: Field, values: Values, to: Target) -> Loss | None:
    row = spec(field)

    def loss(becomes: Values, why: str) -> Loss:
        return Loss(field.value, row.title, values, becomes, why)

    found: Loss | None = None
    if not row.place(to.family) and to.family == "riff":
        found = loss(
            (), "RIFF INFO has no place for it; an ID3 chunk holds it, which not every program reads in a WAV."
        )
    elif not row.place(to.family):
        found = loss((), f"{to.name} has no place for it; it would be left out.")
    elif to.family == "riff" and len(values) > 1:
        found = loss(("; ".join(values),), "RIFF INFO holds one value; several would be joined by “; ”.")
    elif to.version in ("ID3v2.3", "ID3v2.2"):
        found = _old_id3(field, values, to.version, loss)
    elif to.family == "mp4":
        found = _mp4(field, values, loss)
    return found


def _old_id3(field: Field, values: Values, version: str, loss: Callable[[Values, str], Loss]) -> Loss | None:
    if version == "ID3v2.2" and field in _NOT_IN_V22:
        return loss((), "ID3v2.2 has no frame for it; it would be left out.")
    if len(values) > 1 and not spec(field).id3.startswith(("TIPL", "TMCL", "USLT")):
        return loss(
            values,
            f"{version} has no rule for several values; Studio keeps them apart, many programs show the first only.",
        )
    if field in (Field.DATE, Field.ORIGINAL_DATE):
        whole = r"\d{4}(-\d\d-\d\d([T ]\d\d:\d\d(:00)?)?)?" if field is Field.DATE else r"\d{4}"
        if not re.fullmatch(whole, values[0]):
            return loss(
                (values[0][:4],), f"{version} says year and day; programs that know no more show the year only."
            )
    return None


def _mp4(field: Field, values: Values, loss: Callable[[Values, str], Loss]) -> Loss | None:
    if field in (Field.TRACK, Field.DISC) and not re.fullmatch(r"\d*(/\d*)?", values[0]):
        return loss((), "MP4 holds numbers here; this is none.")
    if field in _NUMBERS and not re.fullmatch(r"\d+", values[0]):
        rounded = (str(round(float(values[0]))),) if re.fullmatch(r"\d+\.\d+", values[0]) else ()
        return loss(rounded, "MP4 holds a whole number here.")
    return None


def _pictures(pictures: tuple[Picture, ...], to: Target) -> list[Loss]:
    if not pictures:
        return []
    shown = tuple(f"{picture.mime}, type {picture.type}" for picture in pictures)

    def loss(becomes: Values, why: str) -> list[Loss]:
        return [Loss("pictures", "Pictures", shown, becomes, why)]

    if to.family == "riff":
        return loss((), "RIFF INFO holds no pictures; an ID3 chunk holds them, which not every program reads in a WAV.")
    if to.family == "mp4" and any(picture.type != FRONT_COVER or picture.description for picture in pictures):
        return loss(
            tuple(picture.mime for picture in pictures),
            "MP4 does not say what a picture shows; the first is the cover.",
        )
    types = [picture.type for picture in pictures]
    if to.family == "ape" and len(set(types)) < len(types):
        return loss(tuple(dict.fromkeys(shown)), "APEv2 holds one picture of each type.")
    return []

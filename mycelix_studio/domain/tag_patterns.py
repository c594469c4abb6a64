"""Patterns between file names and tags: ``%track% - %artist% - %title%`` reads a name, and writes one.

A pattern is text with fields between percent signs, as Mp3tag, foobar2000 and Picard write them: ``%title%``, ``%album_artist%`` (or
``%albumartist%``), ``%skip%`` for a part of a name that means nothing. ``[...]`` stands only when every field in it has a value. ``/`` is a
folder when a name is read, and the new folder when one is written. ``%%`` is a percent sign.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from mycelix_studio.domain.fields import SPECS, Field
from mycelix_studio.domain.track import Fields, Values
from mycelix_studio.errors import Known

SKIP: Final = "skip"
EXAMPLES: Final = (
    "%track% - %title%",
    "%track%. %artist% - %title%",
    "%artist% - %title%",
    "%artist% - %album% - %track% - %title%",
    "%artist%/%album%/[%disc%-]%track% %title%",
)
NAME_BYTES: Final = 240
"""Most file systems take 255 bytes; a little is left for programs that write a copy beside a file."""

_BY_NAME: Final = {spec.field.value.replace("_", ""): spec.field for spec in SPECS}
_NUMERIC: Final = {Field.TRACK: r"\d{1,4}", Field.DISC: r"\d{1,3}", Field.DATE: r"\d{4}(?:-\d\d){0,2}"}
_FORBIDDEN: Final = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*]')
_RESERVED: Final = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")


class BadPattern(Known):
    """A pattern that cannot be used, with the place."""


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a pattern: text, a field, or (in brackets) pieces of their own."""

    text: str = ""
    field: Field | None = None
    skip: bool = False
    inner: tuple[Part, ...] = ()


def parse(pattern: str) -> tuple[Part, ...]:
    """Return the pieces of a pattern.

    Raises:
        BadPattern: A field nobody knows, a percent sign or bracket left open, or no field at all.
    """
    parts, rest = _parse(pattern, 0, nested=False)
    assert rest == len(pattern)
    if not any(part.field is not None or part.skip for part in _flat(parts)):
        raise BadPattern("Nothing to fill in", "The pattern has no field.", "Write one, such as %title%.")
    return parts


def fields_in(parts: Sequence[Part]) -> tuple[Field, ...]:
    """Return the fields of a pattern, each once, in order."""
    return tuple(dict.fromkeys(part.field for part in _flat(parts) if part.field is not None))


def read_name(parts: Sequence[Part], path: PurePath, *, underscores: bool = False) -> dict[Field, Values] | None:
    """Return what a file's name says by a pattern, None when it does not fit.

    Args:
        parts: The pattern.
        path: The file; its ending is not read, and as many folders above it as the pattern has slashes.
        underscores: Read ``_`` as a space.
    """
    depth = sum(part.text.count("/") for part in _flat(parts))
    names = [*path.parent.parts[len(path.parent.parts) - depth :], path.stem] if depth else [path.stem]
    text = "/".join(names)
    if underscores:
        text = text.replace("_", " ")
    found = re.fullmatch(_expression(parts, {}), text.strip())
    if found is None:
        return None
    read = {name: value.strip() for name, value in found.groupdict().items() if value is not None}
    return {Field(name): (_number(Field(name), value),) for name, value in read.items() if value}


def write_name(parts: Sequence[Part], fields: Fields, suffix: str) -> tuple[str, tuple[Field, ...]]:
    """Return a file name (with folders where the pattern has slashes) and the fields that were missing for it.

    What no file system takes becomes ``_``; every part is cut to what all of them hold. ``suffix`` is the ending with its dot.
    """
    missing: list[Field] = []
    # A slash of the pattern makes a folder; one inside a value does not.
    text = "".join(_written(part, fields, missing) for part in parts)
    names = [_safe(name) for name in text.split("/")]
    names = [name for name in names[:-1] if name] + names[-1:]
    names[-1] = _cut(names[-1] or "_", NAME_BYTES - len(suffix.encode())) + suffix
    return "/".join(_cut(name, NAME_BYTES) for name in names), tuple(dict.fromkeys(missing))


def _parse(pattern: str, at: int, *, nested: bool) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    text = ""
    while at < len(pattern):
        sign = pattern[at]
        if sign == "]" and nested:
            break
        if sign == "%":
            end = pattern.find("%", at + 1)
            if end < 0:
                raise BadPattern(
                    "A percent sign is left open", f"“{pattern[at:]}” has no second %.", "Write fields as %title%."
                )
            name = pattern[at + 1 : end]
            if not name:
                text += "%"
            else:
                parts += [Part(text)] if text else []
                text = ""
                parts.append(_named(name))
            at = end + 1
        elif sign == "[" and not nested:
            parts += [Part(text)] if text else []
            text = ""
            inner, at = _parse(pattern, at + 1, nested=True)
            if at >= len(pattern):
                raise BadPattern(
                    "A bracket is left open", "It is never closed.", "Add a ] where the optional part ends."
                )
            parts.append(Part(inner=inner))
            at += 1
        else:
            text += sign
            at += 1
    parts += [Part(text)] if text else []
    return tuple(parts), at


def _named(name: str) -> Part:
    plain = name.casefold().replace("_", "").replace(" ", "")
    if plain == SKIP:
        return Part(skip=True)
    field = _BY_NAME.get(plain)
    if field is None:
        known = ", ".join(f"%{spec.field.value}%" for spec in SPECS[:9])
        raise BadPattern(f"There is no field “{name}”", f"Fields are {known} and so on.", "Use one of them.")
    return Part(field=field)


def _flat(parts: Sequence[Part]) -> list[Part]:
    return [each for part in parts for each in (_flat(part.inner) if part.inner else [part])]


def _expression(parts: Sequence[Part], seen: dict[Field, bool]) -> str:
    made = ""
    for part in parts:
        if part.inner:
            made += f"(?:{_expression(part.inner, seen)})?"
        elif part.skip:
            made += "[^/]*?"
        elif part.field is None:
            made += re.escape(part.text)
        elif part.field in seen:
            made += f"(?P={part.field.value})"
        else:
            seen[part.field] = True
            made += f"(?P<{part.field.value}>{_NUMERIC.get(part.field, '[^/]+?')})"
    return made


def _number(field: Field, value: str) -> str:
    """Return ``03`` as ``3``: leading zeros belong to file names."""
    return str(int(value)) if field in (Field.TRACK, Field.DISC) else value


def _written(part: Part, fields: Mapping[Field, Values], missing: list[Field]) -> str:
    if part.inner:
        lacking: list[Field] = []
        made = "".join(_written(each, fields, lacking) for each in part.inner)
        return "" if lacking else made
    if part.field is None:
        return part.text
    value = ", ".join(fields.get(part.field, ())).strip()
    if part.field in (Field.TRACK, Field.DISC):
        number = value.partition("/")[0].strip()
        value = number.zfill(2) if part.field is Field.TRACK and number.isdigit() else number
    if not value:
        missing.append(part.field)
    return _FORBIDDEN.sub("_", value)


def _safe(name: str) -> str:
    name = _FORBIDDEN.sub("_", name).strip().rstrip(". ")
    if name.startswith("."):
        name = "_" + name[1:]
    return f"_{name}" if _RESERVED.fullmatch(name) else name


def _cut(name: str, most: int) -> str:
    return name.encode("utf-8", "replace")[:most].decode("utf-8", "ignore").rstrip(". ") or "_"

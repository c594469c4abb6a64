"""A file as a list of parts: bytes, or a span of another file. What is not a span of the old file is all that a save changes."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture, Values

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Span:
    """Bytes of the source file, taken as they are."""

    offset: int
    length: int

    @property
    def end(self) -> int:
        """The first byte after it."""
        return self.offset + self.length


Part = bytes | Span


class Broken(Exception):
    """The structure does not fit together, so nothing may be written. The text is a sentence for a person."""


@dataclass(frozen=True, slots=True)
class Keep:
    """No change of the cover."""


KEEP = Keep()
Cover = Picture | Keep | None
"""A new front cover, None to remove it, :data:`KEEP` to leave it."""


class Structure(Protocol):
    """A parsed file."""

    @property
    def audio(self) -> tuple[Span, ...]:
        """Where the sound lies, in order."""

    def edited(self, edits: Mapping[Field, Values], cover: Cover) -> list[Part]:
        """Return the whole file with edited tags. Raises :class:`Broken`."""


def pieces(source: BinaryIO, parts: Iterable[Part]) -> Iterator[bytes]:
    """Yield the bytes of parts, in blocks. Raises :class:`Broken` when a span reaches beyond the source."""
    for part in parts:
        if isinstance(part, bytes):
            yield part
            continue
        source.seek(part.offset)
        left = part.length
        while left:
            block = source.read(min(left, BLOCK))
            if not block:
                raise Broken("It is shorter than it says.")
            left -= len(block)
            yield block


def digest(path: Path, parts: Iterable[Part]) -> str:
    """Return the sha2-256 of parts of a file, as 64 hex digits."""
    found = hashlib.sha256()
    with path.open("rb", buffering=0) as source:
        for block in pieces(source, parts):
            found.update(block)
    return found.hexdigest()


def write(source: Path, target: Path, parts: Iterable[Part]) -> str:
    """Write parts of ``source`` into ``target``, which exists and is empty, and return their sha2-256 as 64 hex digits.

    Raises:
        OSError: As the file system raises it, a short write included.
        Broken: A span reaches beyond the source.
    """
    meant = hashlib.sha256()
    with source.open("rb", buffering=0) as reading, target.open("r+b", buffering=0) as writing:
        for block in pieces(reading, parts):
            meant.update(block)
            view = memoryview(block)
            while view:
                view = view[writing.write(view) :]
    return meant.hexdigest()


def joined(parts: Sequence[Part]) -> list[Part]:
    """Return parts with neighbours joined: bytes to bytes, and spans that follow each other."""
    found: list[Part] = []
    run: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            if part:
                run.append(part)
            continue
        if not part.length:
            continue
        if run:
            found.append(b"".join(run))
            run = []
        last = found[-1] if found else None
        if isinstance(last, Span) and last.end == part.offset:
            found[-1] = Span(last.offset, last.length + part.length)
        else:
            found.append(part)
    if run:
        found.append(b"".join(run))
    return found


def exactly(file: BinaryIO, offset: int, length: int) -> bytes:
    """Read bytes of a file. Raises :class:`Broken` when there are fewer."""
    file.seek(offset)
    data = file.read(length)
    if len(data) != length:
        raise Broken("It ends too early.")
    return data

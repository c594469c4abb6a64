"""What comes of work on the library's files: what was read, saved, refused."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes


@dataclass(frozen=True, slots=True)
class Refused:
    """A file that could not be read or saved, and why."""

    path: Path
    error: Known


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What came of adding files.

    Attributes:
        added: New tracks.
        updated: Known files read again because they changed.
        unchanged: Known files left alone.
        refused: Files that could not be read; folders that could not be entered too.
        changes: For the window.
    """

    added: int
    updated: int
    unchanged: int
    refused: tuple[Refused, ...]
    changes: Changes


@dataclass(frozen=True, slots=True)
class SaveResult:
    """What came of saving: ids saved, files refused with their edits kept, and the changes."""

    saved: tuple[int, ...]
    refused: tuple[Refused, ...]
    changes: Changes


@dataclass(frozen=True, slots=True)
class Totals:
    """The footer of the table: tracks, seconds, bytes."""

    tracks: int
    seconds: int
    size: int

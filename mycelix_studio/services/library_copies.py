"""FLAC copies of tracks with every tag, for files that cannot hold them all: the sound from the file, the tags from Studio."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library
from mycelix_studio.services.library_results import Refused
from mycelix_studio.services.preflight import Preflight


@dataclass(frozen=True, slots=True)
class CopyResult:
    """The copies made, and files of which none could be made."""

    made: tuple[Path, ...]
    refused: tuple[Refused, ...]


def tagged_copies(library: Library, preflight: Preflight, ids: Sequence[int], work: Work) -> CopyResult:
    """MEDIA. Write a FLAC copy beside the file of each track, with every tag and the front cover; the file stays as it is.

    Raises:
        Cancelled: Between two files; the copies made so far stay.
    """
    from mycelix_studio.media import art, saver

    made: list[Path] = []
    refused: list[Refused] = []
    for done, track in enumerate(library.tracks_of(ids)):
        path = track.row.path
        work.progress(done, len(ids), path.name)
        try:
            copy = preflight.clean_copy(path)
            data = library.cover(track.row.cover) if track.row.cover else None
            values = {field: track.value(field) for field in Field if track.value(field)}
            saver.save(copy, values, art.check(data) if data is not None else saver.KEEP)
            made.append(copy)
        except Known as error:
            refused.append(Refused(path, error))
    work.progress(len(ids), len(ids))
    return CopyResult(tuple(made), tuple(refused))

"""From files and folders straight into the queue: they become tracks of the library first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.track import Track
from mycelix_studio.domain.upload import CleanKind, UploadState
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import ImportResult, Library
from mycelix_studio.services.library_files import search
from mycelix_studio.services.library_results import Refused
from mycelix_studio.services.preflight import Preflight
from mycelix_studio.services.uploads import Added, Uploads
from mycelix_studio.settings import CLEAN_COPIES, Settings


@dataclass(frozen=True, slots=True)
class AddedFiles:
    """What came of it: the reading of the files, the queue, and the changes of both."""

    imported: ImportResult
    added: Added
    changes: Changes


def add_files(
    library: Library,
    uploads: Uploads,
    paths: Sequence[Path],
    work: Work,
    *,
    strategy: StrategyName = "pay-per-stream",
    price: int | None = None,
) -> AddedFiles:
    """Bring files and folders into the library and put their tracks in the queue, in the library's order.

    Args:
        library: The library.
        uploads: The queue.
        paths: Audio files, and folders that are searched for some.
        work: Progress counts files read.
        strategy: Way to earn they are listed with first.
        price: Gross price of a stream in wei, None for the platform's own.

    Raises:
        Cancelled: Between two files; what was read stays in the library and nothing is queued.
    """
    imported = library.add(paths, work)
    added = uploads.add(tracks_below(library, paths), strategy=strategy, price=price)
    return AddedFiles(imported, added, imported.changes | added.changes)


def tracks_below(library: Library, paths: Sequence[Path]) -> list[int]:
    """Return the tracks of files, and of everything in folders, in the library's order."""
    wanted = [path.absolute() for path in paths]
    rows = library.rows(library.ids())
    return [row.id for row in rows if any(row.path == path or row.path.is_relative_to(path) for path in wanted)]


def add_clean(
    library: Library,
    preflight: Preflight,
    uploads: Uploads,
    track_ids: Sequence[int],
    work: Work,
    *,
    kind: CleanKind = "flac",
    strategy: StrategyName = "pay-per-stream",
    price: int | None = None,
) -> AddedFiles:
    """MEDIA. Deliver a copy without tags beside each tagged file: FLAC or WAV, stereo, nothing but sound, as stores take it.

    The copy becomes a track of the library whose details are those of the tagged one, kept in Studio and not written into it. The
    uploads it takes the place of leave the queue.

    Raises:
        Cancelled: Between two files; copies made so far stay, and nothing is queued.
    """
    refused: list[Refused] = []
    copies: dict[Path, Track] = {}
    for done, track in enumerate(library.tracks_of(track_ids)):
        work.progress(done, len(track_ids), track.row.path.name)
        try:
            copies[preflight.clean_copy(track.row.path, kind)] = track
        except Known as error:
            refused.append(Refused(track.row.path, error))
    imported = library.add(list(copies), work)
    ids = {row.path: row.id for row in library.rows(library.ids()) if row.path in copies}
    details = {
        ids[path]: {f: v for f in Field if (v := track.value(f))} for path, track in copies.items() if path in ids
    }
    changes = imported.changes | library.edit_each(details)
    replaced = {track.row.id for path, track in copies.items() if path in ids}
    waiting = [row.id for row in uploads.rows() if row.track_id in replaced and row.state is not UploadState.DONE]
    changes |= uploads.remove(waiting)
    added = uploads.add(list(details), strategy=strategy, price=price)
    whole = replace(imported, refused=(*refused, *imported.refused))
    return AddedFiles(whole, added, changes | added.changes)


def clean_kind(settings: Settings) -> CleanKind:
    """Return what clean copies shall be, as Settings say."""
    return "wav" if settings.get(CLEAN_COPIES) == "wav" else "flac"


def find_files(paths: Sequence[Path]) -> tuple[list[Path], tuple[Refused, ...]]:
    """Return the audio files that :func:`add_files` would take, and what cannot be entered. Reads names only, changes nothing."""
    from mycelix_studio.media.reader import EXTENSIONS

    refused: list[Refused] = []
    return [Path(name) for name in search(paths, EXTENSIONS, refused)], tuple(refused)

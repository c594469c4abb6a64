"""From files and folders straight into the queue: they become tracks of the library first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.wire import StrategyName
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import ImportResult, Library
from mycelix_studio.services.library_files import search
from mycelix_studio.services.library_results import Refused
from mycelix_studio.services.uploads import Added, Uploads


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
    wanted = [path.absolute() for path in paths]
    rows = library.rows(library.ids())
    ids = [row.id for row in rows if any(row.path == path or row.path.is_relative_to(path) for path in wanted)]
    added = uploads.add(ids, strategy=strategy, price=price)
    return AddedFiles(imported, added, imported.changes | added.changes)


def find_files(paths: Sequence[Path]) -> tuple[list[Path], tuple[Refused, ...]]:
    """Return the audio files that :func:`add_files` would take, and what cannot be entered. Reads names only, changes nothing."""
    from mycelix_studio.media.reader import EXTENSIONS

    refused: list[Refused] = []
    return list(search(paths, EXTENSIONS, refused)), tuple(refused)

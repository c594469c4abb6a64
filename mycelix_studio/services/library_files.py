"""Files to be read into the library: found below folders, told apart from those that are known and unchanged."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library_results import Refused
from mycelix_studio.store import tracks


def search(paths: Sequence[Path], endings: frozenset[str], refused: list[Refused]) -> Iterator[Path]:
    """Yield files given and audio files below folders, in order of names; folders that cannot be entered are reported."""
    for path in paths:
        if not path.is_dir():
            yield path.absolute()
            continue
        failures: list[OSError] = []
        for folder, below, names in os.walk(path.absolute(), onerror=failures.append):
            below[:] = sorted(name for name in below if not name.startswith("."))
            for name in sorted(names):
                if not name.startswith(".") and Path(name).suffix.lower() in endings:
                    yield Path(folder, name)
        refused += [_refused(Path(str(error.filename)), error) for error in failures]


def storable(path: Path) -> str:
    """Return a path as the cache could hold it: one that is no text (surrogates) is not in it."""
    return str(path).encode("utf-8", "replace").decode()


def sort_out(
    found: Sequence[Path], known: Mapping[str, tracks.Known], refused: list[Refused], work: Work
) -> tuple[list[tuple[Path, os.stat_result]], list[int], int]:
    """Return files to read, ids of files that are back, and how many are as they were.

    Raises:
        Cancelled: Between two files.
    """
    wanted: list[tuple[Path, os.stat_result]] = []
    back: list[int] = []
    unchanged = 0
    for path in found:
        work.token.raise_if_cancelled()
        try:
            status = path.stat()
        except OSError as error:
            refused.append(_refused(path, error))
            continue
        before = known.get(str(path))
        if before is None or before.differs(status):
            wanted.append((path, status))
            continue
        unchanged += 1
        if before.missing:
            back.append(before.id)
    return wanted, back, unchanged


def renamed(
    wanted: Sequence[tuple[Path, os.stat_result]], known: Mapping[str, tracks.Known]
) -> tuple[list[tuple[Path, os.stat_result]], dict[int, Path]]:
    """Return the files that are still to be read, and tracks whose file has another name now.

    A new file with size and time (in nanoseconds) of exactly one known file that is gone is taken for it; edits and song go with it.
    """
    new = [(path, status) for path, status in wanted if str(path) not in known]
    marks = {(status.st_size, status.st_mtime_ns) for _path, status in new}
    gone: dict[tuple[int, int], list[int]] = {}
    for name, each in known.items():
        mark = (each.size, each.mtime_ns)
        if mark in marks and not os.path.lexists(name):
            gone.setdefault(mark, []).append(each.id)
    twins = Counter((status.st_size, status.st_mtime_ns) for _path, status in new)
    moved: dict[int, Path] = {}
    left = []
    for path, status in wanted:
        mark = (status.st_size, status.st_mtime_ns)
        if str(path) not in known and twins[mark] == 1 and len(gone.get(mark, ())) == 1:
            moved[gone[mark][0]] = path
        else:
            left.append((path, status))
    return left, moved


def _refused(path: Path, error: OSError) -> Refused:
    from mycelix_studio.media.errors import from_os

    return Refused(path, from_os(path, error, saving=False))

"""Files to be read into the library: found below folders, told apart from those that are known and unchanged."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from mycelix_studio.services.library_results import Refused
from mycelix_studio.store import tracks


class FileSeen(NamedTuple):
    """A file and what tells whether it changed: its size in bytes, its time in nanoseconds."""

    path: str
    size: int
    mtime_ns: int


def is_music(name: str, endings: frozenset[str]) -> bool:
    """Tell whether a file's name, with or without folders, is one of music that is not hidden."""
    last = name.rpartition(os.sep)[2]
    before, dot, ending = last.rpartition(".")
    return bool(before) and before[0] != "." and dot + ending.lower() in endings


def search(paths: Sequence[Path], endings: frozenset[str], refused: list[Refused]) -> Iterator[str]:
    """Yield files given and audio files below folders, in order of names; folders that cannot be entered are reported."""
    for path in paths:
        if not path.is_dir():
            yield str(path.absolute())
            continue
        failures: list[OSError] = []
        for folder, below, names in os.walk(path.absolute(), onerror=failures.append):
            below[:] = sorted(name for name in below if not name.startswith("."))
            head = folder.rstrip(os.sep) + os.sep
            yield from (head + name for name in sorted(names) if is_music(name, endings))
        refused += [_refused(Path(str(error.filename)), error) for error in failures]


def look(_first: Path, paths: Sequence[Path]) -> tuple[list[str], list[int], list[int], list[Refused]]:
    """Return names, sizes and times of the audio files given and below folders, and what cannot be looked at.

    Called in the child process: the system is asked about every file, and each time an answer would wait for the window's interpreter,
    and the window for it. The first path is the one a refusal of the whole call is about.
    """
    from mycelix_studio.media.reader import EXTENSIONS

    refused: list[Refused] = []
    names, sizes, times = [], [], []
    for name in dict.fromkeys(search(paths, EXTENSIONS, refused)):
        try:
            status = Path(name).stat()
        except OSError as error:
            refused.append(_refused(Path(name), error))
            continue
        names.append(name)
        sizes.append(status.st_size)
        times.append(status.st_mtime_ns)
    return names, sizes, times, refused


def storable(path: str) -> str:
    """Return a path as the cache could hold it: one that is no text (surrogates) is not in it."""
    return path if path.isascii() else path.encode("utf-8", "replace").decode()


def sort_out(found: Sequence[FileSeen], known: Mapping[str, tracks.Known]) -> tuple[list[FileSeen], list[int], int]:
    """Return files to read, ids of files that are back, and how many are as they were."""
    wanted: list[FileSeen] = []
    back: list[int] = []
    unchanged = 0
    for seen in found:
        before = known.get(seen.path)
        if before is None or before.differs(seen.size, seen.mtime_ns):
            wanted.append(seen)
            continue
        unchanged += 1
        if before.missing:
            back.append(before.id)
    return wanted, back, unchanged


def renamed(wanted: Sequence[FileSeen], known: Mapping[str, tracks.Known]) -> tuple[list[FileSeen], dict[int, Path]]:
    """Return the files that are still to be read, and tracks whose file has another name now.

    A new file with size and time (in nanoseconds) of exactly one known file that is gone is taken for it; edits and song go with it.
    """
    marks = {(seen.size, seen.mtime_ns) for seen in wanted if seen.path not in known}
    gone: dict[tuple[int, int], list[int]] = {}
    for name, each in known.items():
        mark = (each.size, each.mtime_ns)
        if mark in marks and not os.path.lexists(name):
            gone.setdefault(mark, []).append(each.id)
    if not gone:
        return list(wanted), {}
    twins = Counter((seen.size, seen.mtime_ns) for seen in wanted if seen.path not in known)
    moved: dict[int, Path] = {}
    left = []
    for seen in wanted:
        mark = (seen.size, seen.mtime_ns)
        if seen.path not in known and twins[mark] == 1 and len(gone.get(mark, ())) == 1:
            moved[gone[mark][0]] = Path(seen.path)
        else:
            left.append(seen)
    return left, moved


def _refused(path: Path, error: OSError) -> Refused:
    from mycelix_studio.media.errors import from_os

    return Refused(path, from_os(path, error, saving=False))

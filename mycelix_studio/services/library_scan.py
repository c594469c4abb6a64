"""Finds and reads files for the library in child processes, many in one call, and keeps their covers.

The window's process gets what goes into the cache as it goes there. Whatever a thread of it does beside a window that paints, with the
interpreter that both need, is time the window may have to wait for.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.jobs import CancelToken
from mycelix_studio.services.library_files import FileSeen, look, storable
from mycelix_studio.services.library_results import Refused
from mycelix_studio.store import tracks

if TYPE_CHECKING:
    from mycelix_studio.media.sandbox import Sandbox

BATCH = 32
"""Files in one call: enough to make the calls cheap, few enough to read again one by one when one of them ends the child."""
LOOK_SECONDS = 3_600.0
"""Until a search is given up: a hundred thousand files on a slow disk take their time, and Stop ends it sooner."""


@dataclass(frozen=True, slots=True)
class Read:
    """What came of one call.

    Attributes:
        made: Of every file that was read, what goes into the cache.
        refused: The others, and why.
        covers: Front covers by their key.
    """

    made: list[tracks.Made]
    refused: list[Refused]
    covers: dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Scanner:
    """Finds and reads files. Safe to use from as many threads as the sandbox has children.

    Args:
        sandbox: Where files are read.
        covers: Folder for covers, by their hash.
    """

    sandbox: Sandbox
    covers: Path

    def look(self, paths: Sequence[Path], token: CancelToken) -> tuple[list[FileSeen], list[Refused]]:
        """Return the audio files given and below folders, and what cannot be looked at.

        Raises:
            Cancelled: By the token.
            Unreadable: Looking took far too long.
        """
        if not paths:
            return [], []
        wanted = [path.absolute() for path in paths]
        names, sizes, times, refused = self.sandbox.run(
            look, wanted[0], wanted, seconds=LOOK_SECONDS, stop=lambda: token.cancelled
        )
        return list(map(FileSeen, names, sizes, times)), refused

    def read(self, wanted: Sequence[FileSeen]) -> Read:
        """Read files in one call of the child; when one of them ends it, they are read one by one."""
        named: list[FileSeen] = []
        nameless: list[Refused] = []
        for seen in wanted:
            if storable(seen.path) == seen.path:
                named.append(seen)
            else:
                nameless.append(Refused(Path(seen.path), _no_text(seen.path)))
        if not named:
            return Read([], nameless, {})
        try:
            found = self.sandbox.run(read, Path(named[0].path), [tuple(seen) for seen in named])
        except Known as error:
            if len(named) > 1:
                each = [self.read([seen]) for seen in named]
                return Read(
                    [made for one in each for made in one.made],
                    [*nameless, *(refused for one in each for refused in one.refused)],
                    {},
                )
            found = Read([], [Refused(Path(named[0].path), error)], {})
        for key, data in found.covers.items():
            self._keep(key, data)
        return Read(found.made, [*nameless, *found.refused], {})

    def _keep(self, key: str, data: bytes) -> None:
        """Keep a cover that is in a file too, so that nothing is lost if the power goes before it is on the disk."""
        path = self.covers / key[:2] / key
        if not path.exists():
            write_atomic(path, data, durable=False)


def read(_first: Path, wanted: Sequence[tuple[str, int, int]]) -> Read:
    """Read files, called in the child process: (path, size, time). The first path is the one a refusal of the whole call is about."""
    from mycelix_studio.media.scan import scan

    made: list[tracks.Made] = []
    refused: list[Refused] = []
    covers: dict[str, bytes] = {}
    paths = [Path(name) for name, _size, _time in wanted]
    for path, (_name, size, mtime_ns), outcome in zip(paths, wanted, scan(paths), strict=True):
        if isinstance(outcome, Known):
            refused.append(Refused(path, outcome))
            continue
        if outcome.picture is not None:
            covers[outcome.cover] = outcome.picture
        tags = outcome.tags
        made.append(
            tracks.made_of(
                tracks.Scanned(path, size, mtime_ns, tags.family, tags.audio, tags.fields, outcome.cover, tags.version)
            )
        )
    return Read(made, refused, covers)


def batched(wanted: Sequence[FileSeen]) -> list[Sequence[FileSeen]]:
    """Return files in groups that are read in one call."""
    return [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]


def _no_text(path: str) -> Known:
    return Known("A file's name is not text", f"{os.fsencode(path)!r} cannot be shown.", "Rename it, then add it.")

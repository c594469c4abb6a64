"""Reads files for the library in child processes, several in one call, and keeps their covers."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.library_files import storable
from mycelix_studio.store import tracks

if TYPE_CHECKING:
    from mycelix_studio.media.sandbox import Sandbox


@dataclass(frozen=True, slots=True)
class Scanner:
    """Reads files. Safe to use from as many threads as the sandbox has children.

    Args:
        sandbox: Where files are read.
        covers: Folder for covers, by their hash.
    """

    sandbox: Sandbox
    covers: Path

    def scan(self, wanted: Sequence[tuple[Path, os.stat_result]]) -> list[tuple[Path, tracks.Scanned | Known]]:
        """Read files in one call of the child; when one of them ends it, they are read one by one."""
        from mycelix_studio.media.scan import Scan, scan

        named = [(path, status) for path, status in wanted if storable(path) == str(path)]
        paths = [path for path, _ in named]
        outcomes: list[Scan | Known] = []
        try:
            outcomes = self.sandbox.run(scan, paths[0], paths) if paths else []
        except Known as error:
            if len(wanted) > 1:
                return [each for one in wanted for each in self.scan([one])]
            outcomes = [error]
        found: list[tuple[Path, tracks.Scanned | Known]] = [
            (path, _no_text(path)) for path, _ in wanted if path not in paths
        ]
        for (path, status), outcome in zip(named, outcomes, strict=True):
            if isinstance(outcome, Known):
                found.append((path, outcome))
                continue
            if outcome.picture is not None:
                self._keep(outcome.cover, outcome.picture)
            tags = outcome.tags
            found.append(
                (
                    path,
                    tracks.Scanned(
                        path,
                        status.st_size,
                        status.st_mtime_ns,
                        tags.family,
                        tags.audio,
                        tags.fields,
                        outcome.cover,
                        tags.version,
                    ),
                )
            )
        return found

    def _keep(self, key: str, data: bytes) -> None:
        """Keep a cover that is in a file too, so that nothing is lost if the power goes before it is on the disk."""
        path = self.covers / key[:2] / key
        if not path.exists():
            write_atomic(path, data, durable=False)


def batched(wanted: Sequence[tuple[Path, os.stat_result]]) -> list[Sequence[tuple[Path, os.stat_result]]]:
    """Return files in groups that are read in one call."""
    from mycelix_studio.media.scan import BATCH

    return [wanted[start : start + BATCH] for start in range(0, len(wanted), BATCH)]


def _no_text(path: Path) -> Known:
    return Known("A file's name is not text", f"{os.fsencode(path)!r} cannot be shown.", "Rename it, then add it.")

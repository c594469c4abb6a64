"""Waveforms down to the millisecond, made when somebody looks closely, and kept in files that can be made again."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.files import sweep, write_atomic
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library

if TYPE_CHECKING:
    from mycelix_studio.media.peaks import Peaks
    from mycelix_studio.media.sandbox import Sandbox

log = logging.getLogger(__name__)
KEPT_BYTES = 256_000_000
"""Of waveforms on the disk: those looked at least lately go. An hour takes 7 MB."""
SECONDS = 600.0


@dataclass(eq=False)
class Waveforms:
    """The service of one profile.

    Args:
        library: Where tracks are.
        folder: Where waveforms are kept.
    """

    library: Library
    folder: Path
    _sandbox: Sandbox | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def peaks(self, track_id: int, work: Work) -> Peaks | None:
        """MEDIA. The points of a track's present file, decoded in a child process where they are not kept; None without the track.

        Raises:
            Unreadable: The file is gone or cannot be decoded.
            Cancelled: It is wanted no more.
        """
        from mycelix_studio.media.errors import from_os
        from mycelix_studio.media.peaks import peaks

        work.token.raise_if_cancelled()
        rows = self.library.rows([track_id])
        if not rows:
            return None
        path = rows[0].path
        try:
            status = path.stat()
        except OSError as error:
            raise from_os(path, error, saving=False) from error
        place = self.folder / f"{track_id}-{status.st_size}-{status.st_mtime_ns}.peaks"
        if (kept := _kept(place)) is not None:
            return kept
        made = self._children().run(peaks, path, seconds=SECONDS, stop=lambda: work.token.cancelled)
        try:
            write_atomic(place, made.to_bytes(), durable=False)
            self._forget(place)
        except OSError as error:  # a full disk: it is made again next time
            log.warning("waveform not kept: %s", error.strerror)
        return made

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    def _forget(self, newest: Path) -> None:
        """Let waveforms go that were looked at long ago, and those of other states of the newest one's file."""
        track = newest.name.split("-")[0]
        sweep(self.folder)
        room = KEPT_BYTES
        files = sorted(self.folder.glob("*.peaks"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in files:
            room -= path.stat().st_size
            if path != newest and (room < 0 or path.name.split("-")[0] == track):
                path.unlink(missing_ok=True)

    def _children(self) -> Sandbox:
        from mycelix_studio.media.sandbox import READING_BYTES, Sandbox

        with self._lock:
            if self._sandbox is None:
                self._sandbox = Sandbox(children=1, memory=READING_BYTES)
            return self._sandbox


def _kept(place: Path) -> Peaks | None:
    """Return what is kept, and that it was looked at; None where there is nothing, or nothing whole."""
    from mycelix_studio.media.peaks import Peaks

    try:
        found = Peaks.from_bytes(place.read_bytes())
    except OSError:
        return None
    if found is not None:
        with contextlib.suppress(OSError):
            os.utime(place)
    return found

"""Watches the folders of the library: what other programs change, rename, remove and add appears by itself.

Watched are the folders somebody added, with everything below, and every folder that holds a track, by one thread for all, see
``docs/decisions/0011-watching-folders.md``. It compares what changed with the cache, and only what differs is taken in on lane DB.
Where the system cannot watch (no inotify watches left, some network shares), :attr:`FolderWatch.problem` says so and nothing else breaks.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import Jobs, Lane, Work
from mycelix_studio.services.library import Library
from mycelix_studio.services.library_files import FileSeen, is_music

log = logging.getLogger(__name__)
QUIET_MS: Final = 400
"""What changes is looked at when nothing changed for so long..."""
LONGEST_MS: Final = 1_600
"""...and at the latest after so long."""
BEAT_MS: Final = 1_000
AFTER_FAILURE: Final = 60.0
"""Seconds until it is tried again."""


@dataclass(eq=False)
class FolderWatch:
    """Watching for one profile; ``start`` begins, ``close`` ends.

    Args:
        library: What is kept up to date.
        jobs: Where it is looked at.
        hub: Where results are made known.
    """

    library: Library
    jobs: Jobs
    hub: ChangeHub
    problem: Known | None = None
    """Why folders are not watched; None while they are."""
    _stop: threading.Event = field(default_factory=threading.Event)
    _again: threading.Event = field(default_factory=threading.Event)
    _ready: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin; calling it again changes nothing."""
        if self._thread is None and not self._stop.is_set():
            self._unsubscribe = self.hub.subscribe(self._on_changes)
            self._thread = threading.Thread(target=self._run, name="studio-watch", daemon=True)
            self._thread.start()

    def wait_until_watching(self, seconds: float) -> bool:
        """Return True as soon as every folder known now is watched, or cannot be: see :attr:`problem`."""
        return self._ready.wait(seconds)

    def close(self) -> None:
        """End it."""
        self._stop.set()
        self._again.set()
        if self._thread is not None:
            self._unsubscribe()
            self._thread.join(10)
            self._thread = None

    # inside -------------------------------------------------------------------------------------------------------------

    def _on_changes(self, changes: Changes, initiator: object | None) -> None:
        # Tracks that are named were there before; unnamed ones may be in folders that are not watched yet.
        if initiator is not self and changes.touches(Kind.TRACKS) and not changes.track_ids:
            self._ready.clear()
            self._again.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._again.clear()
            folders = sorted(folders_to_watch(self.library))
            try:
                self._watch(folders)
            except FileNotFoundError:  # a folder that went meanwhile
                self._again.wait(BEAT_MS / 1000)
            except (OSError, RuntimeError) as error:
                log.warning("folders cannot be watched: %s", error)
                self.problem = Known(
                    "Your folders are not watched",
                    f"The system says: {error}.",
                    "Changes by other programs appear after “Look at your files again”.",
                )
                self._ready.set()
                self._again.wait(AFTER_FAILURE)

    def _watch(self, folders: Sequence[str]) -> None:
        """Look at what changes in these folders until others are wanted."""
        from watchfiles import watch

        if not folders:
            self._ready.set()
            self._again.wait()
            return
        watched = frozenset(folders)
        # First everything is compared: what changed while nobody watched, before the start and between two lists of folders.
        names = set(_topmost(folders))
        for changes in watch(
            *folders, watch_filter=None, debounce=LONGEST_MS, step=QUIET_MS, stop_event=self._again, rust_timeout=BEAT_MS,
            yield_on_timeout=True, raise_interrupt=False, recursive=False, ignore_permission_denied=True,
        ):  # fmt: skip
            names |= {path for _change, path in changes}
            self._look(sorted(names))
            if any(name not in watched and Path(name).is_dir() for name in names):
                self._again.set()
                return
            names = set()
            self.problem = None
            self._ready.set()

    def _look(self, names: Sequence[str]) -> None:
        seen = compare(self.library, names) if names else Seen()
        if not seen:
            return
        try:
            changes = self.jobs.submit(Lane.DB, lambda work: take_in(self.library, seen, work), name="watch").result()
        except (Cancelled, RuntimeError):
            self._stop.set()  # the lanes are closing
            self._again.set()
            return
        except Known as error:
            log.warning("what changed in a folder could not be taken in: %s %s", error.title, error.message)
            return
        self.hub.publish(changes, self)


@dataclass(frozen=True, slots=True)
class Seen:
    """What became of files: ids of tracks whose file is gone, files to be read."""

    gone: tuple[int, ...] = ()
    files: tuple[Path, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.gone or self.files)


def folders_to_watch(library: Library) -> frozenset[str]:
    """Return the folders added, all folders below them, and every folder with a track; those that are gone are left out."""
    wanted = library.places.track_folders()
    for root in library.places.folders():
        for folder, below, _names in os.walk(root):
            below[:] = [name for name in below if not name.startswith(".")]
            wanted.add(folder)
    return frozenset(folder for folder in wanted if Path(folder).is_dir())


def compare(library: Library, names: Sequence[str]) -> Seen:
    """Compare files and folders (with everything below) with what is known of them. Reads only; any thread.

    New files count where they lie below a folder that was added; elsewhere only when they are a known file with another name.
    """
    from mycelix_studio.media.reader import EXTENSIONS

    roots = [str(root) for root in library.places.folders()]
    known = library.places.known(names)
    there: dict[str, None] = {}
    for name in names:
        if name in known:
            continue
        if Path(name).is_dir():
            known |= library.places.known_below(name)
            there |= dict.fromkeys(_below(name, EXTENSIONS, deep=_is_below(name, roots)))
        elif not os.path.lexists(name):
            known |= library.places.known_below(name)  # a folder that is gone, with all that was in it
        elif is_music(name, EXTENSIONS):
            there[name] = None
    gone, files = [], []
    strangers: list[FileSeen] = []
    for name in dict.fromkeys([*known, *there]):
        before = known.get(name)
        try:
            status = Path(name).stat()
        except OSError:
            if before is not None and not before.missing:
                gone.append(before.id)
            continue
        if before is None and not _is_below(name, roots):
            strangers.append(FileSeen(name, status.st_size, status.st_mtime_ns))
        elif before is None or before.missing or before.differs(status.st_size, status.st_mtime_ns):
            files.append(Path(name))
    _rest, moved = library.places.find_renamed(strangers)
    moving = set(moved)
    return Seen(tuple(each for each in gone if each not in moving), (*files, *moved.values()))


def take_in(library: Library, seen: Seen, work: Work) -> Changes:
    """DB. Take in what was seen. Unsaved edits stay; where they meet a change of the file somebody must decide, see ``Library.settle``.

    Raises:
        Cancelled: Between two files.
    """
    missing = library.places.set_missing(seen.gone)
    result = library.add(seen.files, work)
    for each in result.refused:
        log.info("not taken in: %s: %s", each.path, each.error.message)
    return missing | result.changes


def _topmost(folders: Iterable[str]) -> list[str]:
    """Return the folders that lie in none of the others."""
    found: list[str] = []
    for folder in sorted(folders):
        if not found or not _is_below(folder, found[-1:]):
            found.append(folder)
    return found


def _is_below(name: str, roots: Sequence[str]) -> bool:
    return any(name == root or name.startswith(root.rstrip(os.sep) + os.sep) for root in roots)


def _below(folder: str, endings: frozenset[str], *, deep: bool) -> list[str]:
    found = []
    for at, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if deep and not name.startswith("."))
        found += [f"{at.rstrip(os.sep)}{os.sep}{name}" for name in sorted(names) if is_music(name, endings)]
    return found

"""Where the library's files are: folders whose new files come in by themselves, names that changed, files that are gone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.library_files import FileSeen, renamed
from mycelix_studio.store import track_lists, tracks
from mycelix_studio.store.connection import Database


@dataclass(frozen=True, slots=True)
class Places:
    """Files and folders of one profile."""

    database: Database

    def known(self, paths: Sequence[str]) -> dict[str, tracks.Known]:
        """Return size and time of those files that are tracks, by path."""
        return tracks.known(self.database.read(), paths)

    def known_below(self, folder: str) -> dict[str, tracks.Known]:
        """Return the same of all tracks in a folder and below it."""
        return tracks.known_below(self.database.read(), folder)

    def track_folders(self) -> set[str]:
        """Return the folders that hold a track."""
        return track_lists.parents(self.database.read())

    def find_renamed(self, found: Sequence[FileSeen]) -> tuple[list[FileSeen], dict[int, Path]]:
        """Return those files that are not tracks with another name, and ids of those that are with the new one."""
        marks = [(seen.size, seen.mtime_ns) for seen in found]
        return renamed(found, tracks.known_as(self.database.read(), marks))

    def set_missing(self, ids: Sequence[int], missing: bool = True) -> Changes:
        """Remember that files are gone, or back."""
        with self.database.write() as db:
            tracks.set_missing(db, ids, missing)
        return Changes.of(Kind.TRACKS, track_ids=frozenset(ids))

    def folders(self) -> list[Path]:
        """Return the folders whose new files come in by themselves."""
        return tracks.folders(self.database.read())

    def forget_folder(self, path: Path) -> Changes:
        """Leave new files of a folder alone; the tracks that are listed stay, and changes to them are still noticed."""
        with self.database.write() as db:
            tracks.remove_folder(db, path)
        return Changes.of(Kind.TRACKS)

    def relocate(self, track_id: int, path: Path) -> Changes:
        """Say that a track's file has another name now."""
        with self.database.write() as db:
            tracks.relocate(db, track_id, path)
        return Changes.of(Kind.TRACKS, track_ids=frozenset({track_id}))

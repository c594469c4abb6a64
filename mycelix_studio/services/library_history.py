"""The history of tracks: what was written into their files and how they were renamed, and the way back to any of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mycelix_studio.domain.track import Track
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.library import Library
from mycelix_studio.services.tag_history import NothingToUndo, TagHistory, Written
from mycelix_studio.store.file_history import ChangeRow


@dataclass(frozen=True, slots=True)
class LibraryHistory:
    """The history of one profile's tracks, by their ids.

    Args:
        library: The tracks.
        history: The history of files.
    """

    library: Library
    history: TagHistory

    def changes(self, track_id: int) -> list[ChangeRow]:
        """Any lane. Return what was done to a track's file, newest first; empty when it was taken off the list."""
        track = self.library.track(track_id)
        return [] if track is None else self.history.changes(track.row.path)

    def undo(self, track_id: int) -> Changes:
        """DB. Take the newest write or rename of a track's file back that was not taken back yet. Unsaved edits stay.

        Raises:
            NothingToUndo: There is none, or another program changed the file since.
            SaveFailed: The file could not be written; it is as it was.
        """
        track = self._track(track_id)
        newest = next((each for each in self.history.changes(track.row.path) if not each.undone), None)
        done = self.history.undo(track.row.path)
        return self._took(
            track, newest.old_path if newest is not None and newest.kind == "rename" else track.row.path, done
        )

    def redo(self, track_id: int) -> Changes:
        """DB. Make the write again that was taken back last. Raises as :meth:`undo`."""
        track = self._track(track_id)
        return self._took(track, track.row.path, self.history.redo(track.row.path))

    def restore(self, track_id: int, change_id: int) -> Changes:
        """DB. Bring a track's file back to its state before a change of :meth:`changes`; its present state can be brought back too.

        Raises:
            NothingToUndo: There is no such change.
            SaveFailed: The sound is another since, or the file could not be written; it is as it was.
        """
        track = self._track(track_id)
        return self._took(track, track.row.path, self.history.restore(track.row.path, change_id))

    def _track(self, track_id: int) -> Track:
        track = self.library.track(track_id)
        if track is None:
            raise NothingToUndo(
                "This track is no longer in the library",
                "It was taken off the list.",
                "Add its file again; what was kept of it is still there.",
            )
        return track

    def _took(self, track: Track, path: Path, done: Written) -> Changes:
        if path != track.row.path:
            self.library.places.relocate(track.row.id, path)
        self.library.written(track.row.id, path, done.tags, track.edits)
        return Changes.of(Kind.TRACKS, Kind.CHECKS, track_ids=frozenset({track.row.id}))


__all__ = ["ChangeRow", "LibraryHistory"]

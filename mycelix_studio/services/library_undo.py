"""Edits taken back and made again. Steps last as long as the program runs, or until edits are written to files."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field

from mycelix_studio.domain.track import Fields
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.store import tracks
from mycelix_studio.store.connection import Database

MOST = 200
_Edits = dict[int, tuple[Fields, str | None]]
"""Unsaved edits and change of cover of some tracks."""


@dataclass(eq=False)
class EditSteps:
    """What can be taken back, and what was."""

    _undo: list[_Edits] = field(default_factory=list)
    _redo: list[_Edits] = field(default_factory=list)

    @property
    def can_undo(self) -> bool:
        """Whether there is a step to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether a step was taken back."""
        return bool(self._redo)

    def remember(self, db: sqlite3.Connection, ids: Sequence[int]) -> None:
        """Keep the edits of tracks as they are now, to come back to; what was taken back before is forgotten."""
        self._undo.append(_edits_of(db, ids))
        del self._undo[:-MOST]
        self._redo.clear()

    def undo(self, database: Database) -> Changes:
        """Take the last step back; empty changes when there is none."""
        return _step(database, self._undo, self._redo)

    def redo(self, database: Database) -> Changes:
        """Make what was taken back again."""
        return _step(database, self._redo, self._undo)

    def clear(self) -> None:
        """Forget every step."""
        self._undo.clear()
        self._redo.clear()


def _edits_of(db: sqlite3.Connection, ids: Sequence[int]) -> _Edits:
    return {track.row.id: (track.edits, track.cover_edit) for track in tracks.tracks(db, ids)}


def _step(database: Database, take: list[_Edits], give: list[_Edits]) -> Changes:
    if not take:
        return Changes()
    wanted = take.pop()
    with database.write() as db:
        give.append(_edits_of(db, list(wanted)))
        for track_id, (edits, cover) in wanted.items():
            tracks.set_edits(db, track_id, edits)
            tracks.set_cover_edit(db, track_id, cover)
    return Changes.of(Kind.TRACKS, track_ids=frozenset(wanted))

"""The library: bring in files, show them, edit their tags, save them safely.

Reads look at the cache and are quick enough for the GUI thread where said so. Writes run on lane DB; files are parsed in child processes.
Until :meth:`Library.save` nothing changes a file: edits are kept in the cache and survive a restart.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import threading
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.domain.clock import now, to_unix
from mycelix_studio.domain.fields import EDITABLE, Field, cannot_hold
from mycelix_studio.domain.track import FRONT_COVER, Fields, FileTags, Picture, Track, TrackRow, Values
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.collector import held_back
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library_files import sort_out, storable
from mycelix_studio.services.library_places import Places
from mycelix_studio.services.library_results import ImportResult, Refused, SaveResult, Totals
from mycelix_studio.services.library_scan import Scanner, batched
from mycelix_studio.services.library_undo import EditSteps
from mycelix_studio.store import track_lists, tracks
from mycelix_studio.store.connection import Database
from mycelix_studio.store.track_lists import Only, Sort

if TYPE_CHECKING:
    from mycelix_studio.media.sandbox import Sandbox
    from mycelix_studio.services.tag_history import TagHistory

SCANNERS = 2
PUT_ROWS = 256
"""Files that go into the cache in one transaction."""


@dataclass(eq=False)
class Library:
    """Tracks of one profile.

    Args:
        database: The cache.
        covers: Folder for covers, which can be made again from the files, but for covers chosen and not saved yet.
        history: Writes files, and keeps what was in them.
    """

    database: Database
    covers: Path
    history: TagHistory
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sandbox: object | None = None
    _steps: EditSteps = field(default_factory=EditSteps)

    @property
    def places(self) -> Places:
        """Where the files are."""
        return Places(self.database)

    # reading ------------------------------------------------------------------------------------------------------------

    def ids(
        self, *, text: str = "", only: Only = Only.ALL, sort: Sort | Field = Sort.ALBUM, descending: bool = False
    ) -> list[int]:
        """Return ids of matching tracks in order; about 0.1 s for 100,000, so not on the GUI thread."""
        return track_lists.ids(self.database.read(), text=text, only=only, sort=sort, descending=descending)

    def rows(self, ids: Sequence[int], extra: Sequence[Field] = ()) -> list[TrackRow]:
        """Return a page of rows by id, with the values of further fields; quick for some hundred."""
        return tracks.rows(self.database.read(), ids, extra)

    def tracks_of(self, ids: Sequence[int]) -> list[Track]:
        """IO. Return everything about tracks, in the order asked; those taken off the list are left out."""
        return tracks.tracks(self.database.read(), ids)

    def beginning(self, letters: str) -> list[int]:
        """IO. Return ids of tracks whose title begins with these letters."""
        return track_lists.beginning(self.database.read(), letters)

    def count(self, *, text: str = "", only: Only = Only.ALL) -> int:
        """Return how many tracks match."""
        return track_lists.count(self.database.read(), text=text, only=only)

    def totals(self) -> Totals:
        """Return the sums for the footer."""
        return Totals(*track_lists.totals(self.database.read()))

    def track(self, track_id: int) -> Track | None:
        """Return everything about a track, None when it was taken off the list."""
        return tracks.track(self.database.read(), track_id)

    def albums(self) -> list[str]:
        """Return album titles, that with most tracks first."""
        return track_lists.albums(self.database.read())

    def cover(self, key: str, pixels: int | None = None) -> bytes | None:
        """Return a cover by its key, or a small square copy of it; None when it is not there any more."""
        from mycelix_studio.media import art

        if not key:
            return None
        whole = self.covers / key[:2] / key
        try:
            if pixels is None:
                data = whole.read_bytes()
                if art.digest(data) != key:  # half written when the power went
                    whole.unlink()
                    return None
                return data
            small = whole.with_name(f"{key}.{pixels}.jpg")
            if not small.exists():
                write_atomic(small, art.thumbnail(whole.read_bytes(), pixels))
            return small.read_bytes()
        except (FileNotFoundError, art.NotAPicture):
            return None

    def losses(self, track_id: int) -> tuple[Field, ...]:
        """Return the fields with values, edits included, that the track's container cannot hold."""
        track = self.track(track_id)
        if track is None:
            return ()
        return cannot_hold(track.family, {**track.fields, **track.edits})

    # bringing in --------------------------------------------------------------------------------------------------------

    def add(self, paths: Sequence[Path], work: Work) -> ImportResult:
        """Add files and folders (searched for audio by ending), reading in child processes; progress counts files.

        Known files are read again only when size or time changed. A new file that is the same as one that is gone is that one with
        another name. Folders are remembered: their new files come in by themselves, see :mod:`~mycelix_studio.services.library_watch`.

        Raises:
            Cancelled: After a few dozen files; what was read so far stays.
        """
        with held_back():
            return self._add(paths, work)

    def _add(self, paths: Sequence[Path], work: Work) -> ImportResult:
        scanner = Scanner(self._children(), self.covers)
        found, refused = scanner.look(paths, work.token)
        known = tracks.known(self.database.read(), [storable(seen.path) for seen in found])
        wanted, back, unchanged = sort_out(found, known)
        wanted, moved = self.places.find_renamed(wanted)
        added, updated = 0, len(moved)
        with self.database.write() as db:
            tracks.set_missing(db, back, False)
            for track_id, path in moved.items():
                tracks.relocate(db, track_id, path)
            for path in paths:
                if path.is_dir():
                    tracks.add_folder(db, path.absolute())
        batch: list[tracks.Made] = []
        groups = batched(wanted)
        done = 0
        with ThreadPoolExecutor(SCANNERS, thread_name_prefix="studio-scan") as pool:
            try:
                for group, got in zip(groups, pool.map(scanner.read, groups), strict=True):
                    refused += got.refused
                    batch += got.made
                    again = sum(made["path"] in known for made in got.made)
                    added, updated = added + len(got.made) - again, updated + again
                    if len(batch) >= PUT_ROWS:
                        self._put(batch)
                        batch = []
                    done += len(group)
                    work.progress(done, len(wanted), Path(group[-1].path).name)
            finally:
                self._put(batch)
                pool.shutdown(wait=True, cancel_futures=True)
        return ImportResult(added, updated, unchanged, tuple(refused), Changes.of(Kind.TRACKS))

    def refresh(self, work: Work) -> ImportResult:
        """Look at every known file: read those that changed, mark those that are gone."""
        known = tracks.known(self.database.read())
        gone = [each.id for path, each in known.items() if not each.missing and not Path(path).exists()]
        with self.database.write() as db:
            tracks.set_missing(db, gone, True)
        return self.add([Path(path) for path in known if Path(path).exists()], work)

    def remove(self, ids: Sequence[int]) -> Changes:
        """Take tracks off the list; their files are not touched."""
        with self.database.write() as db:
            tracks.remove(db, ids)
        return Changes.of(Kind.TRACKS)

    # editing ------------------------------------------------------------------------------------------------------------

    def edit(self, ids: Sequence[int], edits: Mapping[Field, Values]) -> Changes:
        """Keep edits of one or many tracks; an empty tuple removes a field. Nothing is written to files."""
        return self.edit_each(dict.fromkeys(ids, edits))

    def edit_each(self, edits: Mapping[int, Mapping[Field, Values]], work: Work | None = None) -> Changes:
        """Keep edits of tracks, each its own; all of them are taken back in one step.

        Raises:
            Cancelled: By ``work``; nothing was changed then.
        """
        with self.database.write() as db:
            if work is not None:
                work.progress(0, len(edits))
            self._steps.remember(db, list(edits))
            for done, track in enumerate(tracks.tracks(db, list(edits))):
                if work is not None:
                    work.progress(done, len(edits), track.row.title)
                clean = {
                    field: tuple(value.strip() for value in values if value.strip())
                    for field, values in edits[track.row.id].items()
                }
                tracks.set_edits(db, track.row.id, {**track.edits, **clean})
        return Changes.of(Kind.TRACKS, track_ids=frozenset(edits))

    def settle(
        self, track_id: int, *, mine: Collection[Field], theirs: Collection[Field], cover_mine: bool | None = None
    ) -> Changes:
        """Decide what another program changed as well: keep the edits of some fields, take others as they are in the file.

        Args:
            track_id: The track.
            mine: Fields whose edits stay.
            theirs: Fields whose edits are forgotten.
            cover_mine: The same for the front cover; None leaves it open.
        """
        with self.database.write() as db:
            track = tracks.track(db, track_id)
            if track is None:
                return Changes()
            self._steps.remember(db, [track_id])
            if theirs:
                tracks.set_edits(db, track_id, {f: v for f, v in track.edits.items() if f not in theirs})
            if cover_mine is False:
                tracks.set_cover_edit(db, track_id, None)
            names = [field.value for field in (*mine, *theirs)]
            tracks.settle(db, track_id, names if cover_mine is None else [*names, tracks.COVER])
        return Changes.of(Kind.TRACKS, track_ids=frozenset({track_id}))

    def edit_cover(self, ids: Sequence[int], picture: Picture | None) -> Changes:
        """Keep a new front cover for tracks, None to remove it."""
        key = self._keep_cover(picture.data) if picture is not None else ""
        with self.database.write() as db:
            self._steps.remember(db, ids)
            for track_id in ids:
                tracks.set_cover_edit(db, track_id, key)
        return Changes.of(Kind.TRACKS, track_ids=frozenset(ids))

    def load_picture(self, path: Path) -> Picture:
        """Read a picture file as a cover.

        Raises:
            NotAPicture: It is no JPEG or PNG, broken, or far too large.
        """
        from mycelix_studio.media import art

        return art.load(path)

    def revert(self, ids: Sequence[int]) -> Changes:
        """Forget unsaved edits."""
        with self.database.write() as db:
            self._steps.remember(db, ids)
            for track_id in ids:
                tracks.set_edits(db, track_id, {})
                tracks.set_cover_edit(db, track_id, None)
        return Changes.of(Kind.TRACKS, track_ids=frozenset(ids))

    @property
    def can_undo(self) -> bool:
        """Whether there is an edit to take back, made since the program started and not written to a file yet."""
        return self._steps.can_undo

    @property
    def can_redo(self) -> bool:
        """Whether there is an edit that was taken back and can be made again."""
        return self._steps.can_redo

    def undo(self) -> Changes:
        """Take the last edit, revert or change of cover back; empty changes when there is none."""
        return self._steps.undo(self.database)

    def redo(self) -> Changes:
        """Make what was taken back again."""
        return self._steps.redo(self.database)

    def save(self, ids: Sequence[int], work: Work, *, newer: Collection[int] = ()) -> SaveResult:
        """Write the edits of tracks to their files, one after the other; a file that fails keeps its edits and stops no other.

        Args:
            ids: The tracks; those without edits are left alone.
            work: Tells progress and may stop it.
            newer: Those of them whose MP3 moves from ID3v2.3 to ID3v2.4 with this save.

        Raises:
            Cancelled: Between two files; what was saved stays saved.
        """
        saved: list[int] = []
        refused: list[Refused] = []
        # Edits say how a track differs from its file, so those of before a save mean nothing after it.
        self._steps.clear()
        for done, track_id in enumerate(ids):
            track = self.track(track_id)
            if track is None or not track.row.edited:
                continue
            work.progress(done, len(ids), track.row.path.name)
            try:
                self._save(track, newer=track_id in newer)
                saved.append(track_id)
            except Known as error:
                refused.append(Refused(track.row.path, error))
        work.progress(len(ids), len(ids))
        return SaveResult(tuple(saved), tuple(refused), Changes.of(Kind.TRACKS, track_ids=frozenset(ids)))

    def unsaved(self) -> list[int]:
        """Return ids of all tracks with unsaved edits."""
        return self.ids(only=Only.UNSAVED)

    # the song behind a track --------------------------------------------------------------------------------------------

    def content_hash(self, track_id: int) -> str:
        """Return the sha2-256 of the track's file, computing it when not known: the content a song is registered under.

        Raises:
            Unreadable: The file cannot be read.
        """
        from mycelix_studio.media import payload
        from mycelix_studio.media.errors import cannot_read, from_os

        track = self.track(track_id)
        if track is None:
            raise cannot_read(Path(str(track_id)), "It was taken off the list.")
        if track.content_hash:
            return track.content_hash
        try:
            before = track.row.path.stat()
            value = payload.file_sha256(track.row.path)
        except OSError as error:
            raise from_os(track.row.path, error, saving=False) from error
        with self.database.write() as db:
            tracks.set_content_hash(db, track_id, value, before.st_size, before.st_mtime_ns)
        return value

    def note_content_hash(self, track_id: int, content_hash: str, size: int, mtime_ns: int) -> None:
        """Keep the sha2-256 (64 hex digits) that somebody computed of a track's file of this size and time."""
        with self.database.write() as db:
            tracks.set_content_hash(db, track_id, content_hash, size, mtime_ns)

    def link_song(self, track_id: int, song_id: str) -> Changes:
        """Say which song on chain a track is."""
        with self.database.write() as db:
            tracks.set_song(db, track_id, song_id)
        return Changes.of(Kind.TRACKS, Kind.SONGS, track_ids=frozenset({track_id}))

    def close(self) -> None:
        """End the child processes."""
        from mycelix_studio.media.sandbox import Sandbox

        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if isinstance(sandbox, Sandbox):
            sandbox.close()

    # inside -------------------------------------------------------------------------------------------------------------

    def _read(self, path: Path) -> FileTags:
        from mycelix_studio.media import reader

        return self._children().run(reader.read, path)

    def _children(self) -> Sandbox:
        from mycelix_studio.media.sandbox import Sandbox

        with self._lock:
            if not isinstance(self._sandbox, Sandbox):
                self._sandbox = Sandbox(SCANNERS)
            return self._sandbox

    def _made(self, path: Path, status: os.stat_result, read: FileTags) -> tracks.Made:
        front = next((p for p in read.pictures if p.type == FRONT_COVER), next(iter(read.pictures), None))
        cover = self._keep_cover(front.data) if front is not None else ""
        return tracks.made_of(
            tracks.Scanned(
                path, status.st_size, status.st_mtime_ns, read.family, read.audio, read.fields, cover, read.version
            )
        )

    def _put(self, batch: Sequence[tracks.Made]) -> None:
        if batch:
            with self.database.write() as db:
                tracks.put(db, batch, to_unix(now()))

    def _keep_cover(self, data: bytes) -> str:
        key = hashlib.sha256(data).hexdigest()[:32]
        path = self.covers / key[:2] / key
        if not path.exists():
            write_atomic(path, data)
        return key

    def _look_first(self, track: Track) -> Track:
        """Read a file again that another program changed since, so that nothing is overwritten unseen.

        Raises:
            Known: It changed what is edited here, and nobody decided yet.
        """
        path = track.row.path
        with contextlib.suppress(OSError):  # a file that is gone or closed is the saver's to tell
            status = path.stat()
            if (status.st_size, status.st_mtime_ns) != (track.size, track.mtime_ns):
                self._put([self._made(path, status, self._read(path))])
                track = self.track(track.row.id) or track
        if track.row.conflict:
            raise Known(
                f"Could not save “{path.name}”",
                "Another program changed what you edited as well. Your file is unchanged, your edits are kept.",
                "Choose which of the two stays, then save again.",
            )
        return track

    def _save(self, track: Track, *, newer: bool) -> None:
        from mycelix_studio.media import art

        track = self._look_first(track)
        cover: Picture | None = None
        if track.cover_edit:
            data = self.cover(track.cover_edit)
            if data is None:
                raise Known(
                    f"Could not save “{track.row.path.name}”",
                    "The new cover is no longer there. Your file is unchanged.",
                    "Choose the cover again.",
                )
            cover = art.check(data)
        written = self.history.write(
            track.row.path, track.edits, cover, keep_cover=track.cover_edit is None, newer=newer
        )
        after = written.tags
        kept = {
            f: v
            for f, v in track.edits.items()
            if after.fields.get(f, ()) != v and f in cannot_hold(track.family, track.edits)
        }
        self.written(track.row.id, track.row.path, after, kept)

    def written(self, track_id: int, path: Path, after: FileTags, edits: Fields) -> None:
        """Take over what a file holds after a write, with the edits of the track that are not in it."""
        made = self._made(path, path.stat(), after)
        with self.database.write() as db:
            tracks.put(db, [made], to_unix(now()))
            # What the container cannot hold stays in Studio as an edit, and goes into a copy in another format.
            tracks.set_edits(db, track_id, edits)
            tracks.set_cover_edit(db, track_id, None)


__all__ = ["EDITABLE", "Field", "ImportResult", "Library", "Only", "Refused", "SaveResult", "Sort", "Totals"]

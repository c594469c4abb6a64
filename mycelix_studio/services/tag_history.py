"""Writes tags into files, and can take every write and every rename back, across restarts, byte for byte and pictures included.

Before a file is touched, the cache says what is about to happen and holds all of the file but its sound; a crash at any moment leaves the
old file or the new one, and the next start knows which. What is kept lies in ``history/`` of the profile, each piece once.

Files are named by path here; :mod:`mycelix_studio.services.library_history` does the same for tracks of the library.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from mycelix_studio.domain.clock import now, to_unix
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import FRONT_COVER, FileTags, Picture, Values
from mycelix_studio.errors import Known
from mycelix_studio.files import is_gone, owner, sweep, sync_folder, write_atomic
from mycelix_studio.store import file_history
from mycelix_studio.store.connection import Database
from mycelix_studio.store.file_history import ChangeKind, ChangeRow, StateRow

if TYPE_CHECKING:
    from mycelix_studio.media.formats.parts import Part
    from mycelix_studio.media.sandbox import Sandbox
    from mycelix_studio.media.saver import Prepared, State

SAVE_SECONDS = 600.0
STEPS = ("write", "restore", "rename")
"""What can be taken back; taking back and making again are no steps of their own."""
DAY_SECONDS = 86_400
LARGE = 1 << 16
"""Pictures of this many bytes are kept apart, so that one cover in many files and states takes its room once."""


class NothingToUndo(Known):
    """No write of this file that could be taken back."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds after a write; ``change_id`` is None when nothing had to be written. ``path`` is where it lies now."""

    path: Path
    tags: FileTags
    change_id: int | None


@dataclass(eq=False)
class TagHistory:
    """Writes and history of one profile. One write at a time; reads from any thread.

    Args:
        database: The cache.
        folder: Where what was in files before is kept.
    """

    database: Database
    folder: Path
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _sandbox: Sandbox | None = None

    # writing ------------------------------------------------------------------------------------------------------------

    def write(
        self,
        path: Path,
        edits: Mapping[Field, Values],
        cover: Picture | None = None,
        *,
        keep_cover: bool = True,
        whole: bool = False,
        newer: bool = False,
    ) -> Written:
        """DB. Write edited fields, and the front cover unless ``keep_cover``, into a file.

        Args:
            path: The file.
            edits: New values; an empty tuple removes a field. What the container cannot hold is left out.
            cover: The new front cover, None to remove it; looked at without ``keep_cover`` only.
            keep_cover: Leave the front cover as it is.
            whole: Refuse what the container cannot hold instead of leaving it out.
            newer: Move an MP3's tag from ID3v2.3 to ID3v2.4 as well, which holds every field.

        Raises:
            Unreadable: The file is no audio that is known here; it is untouched.
            SaveFailed: It could not be written, or would not read back as asked; it is untouched.
        """
        from mycelix_studio.media import saver
        from mycelix_studio.media.formats.parts import KEEP

        wanted = KEEP if keep_cover else cover
        with self._lock:
            prepare = saver.prepare_newer if newer else saver.prepare_whole if whole else saver.prepare
            ready = self._prepare(prepare, path, dict(edits), wanted)
            if isinstance(ready, FileTags):
                return Written(path, ready, None)
            return Written(path, ready.after, self._commit("write", ready))

    def rehearse(
        self, path: Path, edits: Mapping[Field, Values], cover: Picture | None = None, *, keep_cover: bool = True
    ) -> dict[str, tuple[Values, Values]]:
        """DB. Go through a write, copy and comparison included, and throw the copy away; returns values before and after, by field.

        Raises:
            Unreadable: As :meth:`write`.
            SaveFailed: As :meth:`write` with ``whole``.
        """
        from mycelix_studio.media import saver
        from mycelix_studio.media.formats.parts import KEEP

        with self._lock:
            ready = self._prepare(saver.prepare_whole, path, dict(edits), KEEP if keep_cover else cover)
            if isinstance(ready, FileTags):
                return {}
            ready.copy.unlink(missing_ok=True)
            return _details(ready)

    # looking back -------------------------------------------------------------------------------------------------------

    def changes(self, path: Path) -> list[ChangeRow]:
        """Any lane. Return what was done to a file, newest first."""
        return file_history.changes(self.database.read(), _real(path))

    def undo(self, path: Path) -> Written:
        """DB. Take the newest write, restore or rename of a file back that was not taken back yet.

        Raises:
            NothingToUndo: There is none, or another program changed the file since.
            Unreadable: The file is no audio any more.
            SaveFailed: As in :meth:`write`.
        """
        real = _real(path)
        newest = next((each for each in self.changes(real) if each.kind in STEPS and not each.undone), None)
        if newest is None:
            raise NothingToUndo(
                f"Nothing to take back in “{path.name}”",
                "Studio wrote nothing into it that is left.",
                "Its history shows what there was.",
            )
        if newest.kind == "rename":
            self.rename(real, newest.old_path, undoing=newest.id)
            return Written(newest.old_path, self._tags(newest.old_path), newest.id)
        if _sha256(real) != newest.after:
            raise NothingToUndo(
                f"“{path.name}” was changed since",
                "Another program wrote into it after Studio. Nothing was changed.",
                "Look at its history and choose the state you want.",
            )
        return self._bring_back(real, newest.before, undoing=newest.id)

    def redo(self, path: Path) -> Written:
        """DB. Make the change again that was taken back last, as long as nothing was written since.

        Raises:
            NothingToUndo: There is none.
            SaveFailed: As in :meth:`write`.
        """
        real = _real(path)
        present = _sha256(real)
        undone = (each for each in self.changes(real) if each.undone and each.kind in ("write", "restore"))
        last = next((each for each in undone if each.before == present), None)
        if last is None:
            raise NothingToUndo(
                f"Nothing to make again in “{path.name}”",
                "Nothing was taken back since it was last saved.",
                "Its history shows what there was.",
            )
        return self._bring_back(real, last.after, undoing=last.id, again=True)

    def restore(self, path: Path, change_id: int) -> Written:
        """DB. Bring a file back to its state before a change, whatever was done since; what it holds now is kept as a state too.

        Raises:
            NothingToUndo: There is no such change of tags.
            SaveFailed: Its sound is another now, what was kept is damaged, or as in :meth:`write`.
        """
        wanted = file_history.change(self.database.read(), change_id)
        if wanted is None or not wanted.before:
            raise NothingToUndo(
                f"“{path.name}” has no such state",
                "It is not in the history of this profile.",
                "Choose a state that its history lists.",
            )
        return self._bring_back(_real(path), wanted.before)

    def rename(self, path: Path, target: Path, *, undoing: int | None = None) -> None:
        """DB. Give a file another name or folder on the same disk; nothing is ever replaced.

        Raises:
            Known: There is a file of that name, the folder is on another disk, or the file system refused; nothing was changed.
        """
        from mycelix_studio.media.errors import from_os

        real, target = (
            Path(os.path.realpath(each.parent)) / each.name for each in (path.absolute(), target.absolute())
        )
        with self._lock:
            kind: ChangeKind = "rename" if undoing is None else "undo"
            with self.database.write() as db:
                change = file_history.begin(
                    db, kind, target, real, at=to_unix(now()), before="", after="", details={}, owner=owner()
                )
            try:
                _move(real, target)
            except (OSError, Known) as error:
                with self.database.write() as db:
                    file_history.drop(db, change)
                if isinstance(error, OSError):
                    raise from_os(path, error, saving=True) from error
                raise
            with self.database.write() as db:
                file_history.moved(db, real, target)
                file_history.finish(db, change)
                if undoing is not None:
                    file_history.set_undone(db, undoing, True)

    # starting and ending ------------------------------------------------------------------------------------------------

    def recover(self) -> None:
        """DB. Find out how changes ended that a crash interrupted, and take away what it left beside the files."""
        from mycelix_studio.media import saver

        if self.folder.is_dir():
            for folder in self.folder.iterdir():
                sweep(folder)
        for each, writer in file_history.pending(self.database.read()):
            if not is_gone(writer):
                continue
            with suppress(OSError):
                saver.recover(each.old_path.parent)
                if not each.after and each.path.samefile(each.old_path) and each.path != each.old_path:
                    each.old_path.unlink()  # stopped between the new name and the end of the old one
            made = _sha256(each.path) == each.after
            if not each.after:
                made = each.path.exists() and not each.old_path.exists()
            with self.database.write() as db:
                if made:
                    file_history.finish(db, each.id)
                    if not each.after:
                        file_history.moved(db, each.old_path, each.path)
                else:
                    file_history.drop(db, each.id)

    def forget(self, days: int) -> None:
        """DB. Forget what was done more than ``days`` days ago, nothing with 0; the newest change of tags of each file stays."""
        if days <= 0:
            return
        present = to_unix(now())
        with self._lock:
            with self.database.write() as db:
                file_history.forget(db, present - days * DAY_SECONDS)
                used = file_history.blobs(db)
            for path in self.folder.glob("*/*"):
                # A young piece may belong to a save that another process is about to write down.
                with suppress(OSError):
                    if path.name not in used and path.stat().st_mtime < present - DAY_SECONDS:
                        path.unlink()

    def tidy(self, folders: Sequence[Path]) -> None:
        """DB. Take away copies that a crash left in folders; folders that cannot be read are left."""
        from mycelix_studio.media import saver

        for folder in dict.fromkeys(folders):
            with suppress(OSError):
                saver.recover(folder)

    def close(self) -> None:
        """End the child process."""
        with self._lock:
            sandbox, self._sandbox = self._sandbox, None
        if sandbox is not None:
            sandbox.close()

    # inside -------------------------------------------------------------------------------------------------------------

    def _prepare(self, function: object, path: Path, *arguments: object) -> Prepared | FileTags:
        """Make the copy in a child under limits; what a crash of the child leaves is taken away."""
        from mycelix_studio.media import reader, saver
        from mycelix_studio.media.sandbox import WORKING_BYTES, Sandbox

        if self._sandbox is None:
            self._sandbox = Sandbox(1, memory=WORKING_BYTES)
        try:
            self._sandbox.run(reader.read, path)  # a file built to harm is given up soon, work on a large one is not
            return self._sandbox.run(function, path, *arguments, seconds=SAVE_SECONDS)  # type: ignore[arg-type]
        except Known:
            with suppress(OSError):
                saver.recover(_real(path).parent, own=True)
            raise

    def _tags(self, path: Path) -> FileTags:
        from mycelix_studio.media import reader

        found = self._prepare(reader.read, path)
        assert isinstance(found, FileTags)
        return found

    def _commit(self, kind: ChangeKind, ready: Prepared) -> int:
        from mycelix_studio.media import saver
        from mycelix_studio.media.errors import from_os

        try:
            # The new state is kept when it is left in its turn.
            row = self._keep(ready.old, ready.before)
            with self.database.write() as db:
                file_history.keep_state(db, row)
                change = file_history.begin(
                    db,
                    kind,
                    ready.real,
                    ready.real,
                    at=to_unix(now()),
                    before=ready.old.sha256,
                    after=ready.new.sha256,
                    details=_details(ready),
                    owner=owner(),
                )
        except BaseException as error:
            ready.copy.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise from_os(ready.path, error, saving=True) from error
            raise
        try:
            saver.commit(ready)
        except Known:
            with self.database.write() as db:
                file_history.drop(db, change)
            raise
        with self.database.write() as db:
            file_history.finish(db, change)
        return change

    def _bring_back(self, real: Path, sha256: str, *, undoing: int | None = None, again: bool = False) -> Written:
        from mycelix_studio.media import saver

        wanted = file_history.state(self.database.read(), sha256)
        if wanted is None:
            raise NothingToUndo(
                f"“{real.name}” has no such state", "It was not kept.", "Choose a state that its history lists."
            )
        with self._lock:
            ready = self._prepare(saver.prepare_state, real, self._state(wanted))
            kind: ChangeKind = "restore" if undoing is None else "redo" if again else "undo"
            change = None if isinstance(ready, FileTags) else self._commit(kind, ready)
            if undoing is not None:
                with self.database.write() as db:
                    file_history.set_undone(db, undoing, not again)
        return Written(real, ready if isinstance(ready, FileTags) else ready.after, change)

    def _keep(self, state: State, tags: FileTags) -> StateRow:
        """Write the bytes of a state that are not there yet."""
        lengths, runs = _lengths(state.parts)
        pieces = [piece for run in runs for piece in _split(run, tags.pictures)]
        small: list[bytes] = []
        blobs: list[bytes] = []
        for piece in pieces:
            if len(piece) < LARGE:
                small.append(piece)
                continue
            blobs += [b"".join(small), piece]
            small = []
        blobs.append(b"".join(small))
        names = tuple(self._keep_blob(blob) for blob in blobs if blob)
        return StateRow(state.sha256, state.audio_sha256, lengths, names)

    def _keep_blob(self, data: bytes) -> str:
        import zstandard

        name = hashlib.sha256(data).hexdigest()
        path = self.folder / name[:2] / name
        if path.exists():
            os.utime(path)  # young again, so that it is not forgotten before the state that needs it is written down
        else:
            write_atomic(path, zstandard.compress(data))
        return name

    def _state(self, row: StateRow) -> State:
        """Return a kept state.

        Raises:
            SaveFailed: A piece of it is gone or damaged.
        """
        import zstandard

        from mycelix_studio.media.errors import SaveFailed
        from mycelix_studio.media.formats.parts import Span
        from mycelix_studio.media.saver import State

        try:
            stream = b"".join(zstandard.decompress((self.folder / name[:2] / name).read_bytes()) for name in row.blobs)
        except (OSError, zstandard.ZstdError) as error:
            raise SaveFailed(
                "This state cannot be brought back",
                "What was kept of it is damaged. Nothing was changed.",
                "Choose another state.",
            ) from error
        parts: list[Part] = []
        at = counted = 0
        for place, length in enumerate(row.lengths):
            if place % 2:
                parts.append(Span(counted, length))
                counted += length
            else:
                parts.append(stream[at : at + length])
                at += length
        return State(tuple(parts), row.sha256, row.audio_sha256)


def _lengths(parts: Sequence[Part]) -> tuple[tuple[int, ...], list[bytes]]:
    """Return lengths of bytes and of sound in turn, and the runs of bytes."""
    lengths: list[int] = []
    runs: list[bytes] = []
    for part in parts:
        is_bytes = isinstance(part, bytes)
        if is_bytes == bool(len(lengths) % 2):
            lengths.append(0)
        if isinstance(part, bytes):
            lengths.append(len(part))
            runs.append(part)
        else:
            lengths.append(part.length)
    return tuple(lengths), runs


def _split(run: bytes, pictures: Sequence[Picture]) -> list[bytes]:
    """Return a run in pieces, each large picture a piece of its own."""
    if len(run) < LARGE:
        return [run]
    for picture in pictures:
        at = run.find(picture.data) if LARGE <= len(picture.data) < len(run) else -1
        if at >= 0:
            end = at + len(picture.data)
            return [*_split(run[:at], pictures), run[at:end], *_split(run[end:], pictures)]
    return [run]


def _details(ready: Prepared) -> dict[str, tuple[Values, Values]]:
    before, after = ready.before.fields, ready.after.fields
    found = {f.value: (before.get(f, ()), after.get(f, ())) for f in Field if before.get(f, ()) != after.get(f, ())}
    fronts = [tuple(_name(p) for p in tags.pictures if p.type == FRONT_COVER) for tags in (ready.before, ready.after)]
    if fronts[0] != fronts[1]:
        found["cover"] = (fronts[0], fronts[1])
    return found


def _name(picture: Picture) -> str:
    return hashlib.sha256(picture.data).hexdigest()


def _real(path: Path) -> Path:
    return Path(os.path.realpath(path))


def _sha256(path: Path) -> str:
    """Return the hash of a file, empty when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""


def _move(source: Path, target: Path) -> None:
    """Rename without replacing anything, durably. A change of capitals only is one too."""
    from mycelix_studio.media.errors import SaveFailed

    same = target.exists() and target.samefile(source)
    if target.exists() and not same:
        raise SaveFailed(
            f"Could not rename “{source.name}”",
            f"There is a file “{target.name}” already. Both are as they were.",
            "Choose another name.",
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    if source.stat().st_dev != target.parent.stat().st_dev:
        raise SaveFailed(
            f"Could not rename “{source.name}”",
            "That folder is on another disk. Nothing was changed.",
            "Copy the file there.",
        )
    if same or source.is_symlink() or not _linked(source, target):
        source.rename(target)
    else:
        source.unlink()
    sync_folder(target.parent)
    sync_folder(source.parent)


def _linked(source: Path, target: Path) -> bool:
    """Give a file a second name, which fails rather than replacing a file made meanwhile; False where there are no hard links.

    Raises:
        FileExistsError: There is a file of that name now.
    """
    try:
        target.hardlink_to(source)
    except FileExistsError:
        raise
    except (NotImplementedError, OSError):
        return False
    return True

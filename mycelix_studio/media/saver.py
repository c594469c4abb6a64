"""Saving tags without ever risking the file: a copy with the edit, read back and compared, then put in the file's place.

At any moment the path holds the old file or the new one, whole. A save without an edit changes no byte, and an edit changes nothing else:
entries of the tag that were not edited are kept byte for byte, and the sound's bytes are hashed before and after.

Steps are apart so that a caller can write down what is about to happen: :func:`prepare` (or :func:`prepare_state`, to bring a past state
back) makes the copy, :func:`commit` puts it in place. What a crash leaves beside a file is taken away by :func:`recover`.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from mycelix_studio.domain.fields import Field, cannot_hold, spec
from mycelix_studio.domain.track import FRONT_COVER, FileTags, Values
from mycelix_studio.files import is_abandoned, owner, sync_folder
from mycelix_studio.media import reader
from mycelix_studio.media.errors import SaveFailed, Unreadable, from_os
from mycelix_studio.media.formats import parts as pieces
from mycelix_studio.media.formats.mpeg import Mpeg
from mycelix_studio.media.formats.parts import KEEP, Broken, Cover, Keep, Part, Span, Structure
from mycelix_studio.media.payload import packets_sha256

__all__ = ["KEEP", "Prepared", "State", "commit", "prepare", "prepare_state", "recover", "save", "state"]

COPY = ".mycelix-saving"
"""In the name of a copy that is being made, before the file's own ending; one that nobody works on any more is rubbish."""
IN_PLACE = ".mycelix-in-place"
"""Ending of a finished copy that is being written into a file with several names; it is needed until that is done."""
OLD = "ID3v2.3"
_OTHER_FRAMES = (Field.DATE, Field.ORIGINAL_DATE, Field.PERFORMER)
_INDEXED = ("M4A", "OGG", "Opus", "OGG FLAC", "Speex")
"""Containers that find their sound by numbers that a save may change: FFmpeg has to find the same packets there."""


@dataclass(frozen=True, slots=True)
class State:
    """A file as it was, without its sound: bytes, and spans counted in the sound alone.

    Attributes:
        parts: The whole file, in order.
        sha256: Of the whole file, 64 hex digits.
        audio_sha256: Of its sound, 64 hex digits.
    """

    parts: tuple[Part, ...]
    sha256: str
    audio_sha256: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A copy that was read back and found right, ready to take the file's place.

    Attributes:
        path: As it was named.
        real: The file behind it.
        copy: The copy, in the same folder.
        before: What the file holds.
        after: What the copy holds.
        old: The file as it is, to come back to.
        new: The copy as a state, its parts left out: they are in the file from then on.
        stamp: Time of change (ns) and size of the file when it was read.
    """

    path: Path
    real: Path
    copy: Path
    before: FileTags
    after: FileTags
    old: State
    new: State
    stamp: tuple[int, int]


def save(path: Path, edits: Mapping[Field, Values], cover: Cover = KEEP) -> FileTags:
    """Write edited fields, and the front cover where given, into a file; return what the file holds now.

    Raises:
        Unreadable: The file cannot be read as audio; it is untouched.
        SaveFailed: It could not be written, or what was written does not read back as asked; the file is untouched.
    """
    ready = prepare(path, edits, cover)
    if isinstance(ready, FileTags):
        return ready
    commit(ready)
    return ready.after


def prepare(
    path: Path, edits: Mapping[Field, Values], cover: Cover = KEEP, *, whole: bool = False, newer: bool = False
) -> Prepared | FileTags:
    """Make a copy of a file with edited fields and prove it; the file itself is not touched.

    Args:
        path: The file; a symbolic link is followed and stays a link.
        edits: New values; an empty tuple removes a field. Fields the container cannot hold are left out.
        cover: A new front cover, None to remove it, :data:`KEEP` to leave it.
        whole: Refuse what the container cannot hold instead of leaving it out.
        newer: Move an MP3's tag from ID3v2.3 to ID3v2.4 as well; files without such a tag are edited as they are.

    Returns:
        The copy, or what the file holds when there is nothing to write.

    Raises:
        Unreadable: The file cannot be read as audio.
        SaveFailed: The copy could not be written, or does not hold what was asked.
    """
    real = Path(os.path.realpath(path))
    before = reader.read(real)
    if whole and (lost := cannot_hold(before.family, edits)):
        names = ", ".join(spec(field).title for field in lost)
        raise _refused(
            path, f"{before.audio.container} has no place for: {names}.", "Leave them empty, or save as FLAC."
        )
    wanted = {
        field: values
        for field, values in edits.items()
        if spec(field).place(before.family) and before.fields.get(field, ()) != values
    }
    if not isinstance(cover, Keep) and _front(before) == (cover and (cover.data, cover.mime)):
        cover = KEEP
    move = newer and before.version == OLD and before.audio.container == "MP3"
    if not wanted and isinstance(cover, Keep) and not move:
        return before
    try:
        status = _writable(path, real)
        structure = reader.open_file(real)[1].parse(real)
        written = wanted
        if move and isinstance(structure, Mpeg):
            structure = structure.moved()
            # What 2.4 says in other frames than 2.3 is written anew, with the values it has.
            written = {**{f: before.fields[f] for f in _OTHER_FRAMES if f in before.fields}, **wanted}
        parts = pieces.joined(structure.edited(written, cover))
        old = state(real, structure)
        with _copy(real) as copy:
            expected = pieces.write(real, copy, parts)
            after = _verify(path, copy, before, wanted, cover)
            if move and after.version == OLD:
                raise Broken("Its tag could not be moved.")
            new = _proven(real, copy, before, old, expected)
            _dress(copy, real, status)
            return Prepared(
                path, real, copy, before, after, old, replace(new, parts=()), (status.st_mtime_ns, status.st_size)
            )
    except Broken as error:
        raise _refused(
            path, str(error), "Open it in another program: if it plays there, save it anew with that."
        ) from error
    except OSError as error:
        raise from_os(path, error, saving=True) from error


def prepare_newer(path: Path, edits: Mapping[Field, Values], cover: Cover = KEEP) -> Prepared | FileTags:
    """Do as :func:`prepare_whole`, and move an MP3's tag from ID3v2.3 to ID3v2.4."""
    return prepare(path, edits, cover, whole=True, newer=True)


def prepare_whole(path: Path, edits: Mapping[Field, Values], cover: Cover = KEEP) -> Prepared | FileTags:
    """Do as :func:`prepare`, and refuse what the container cannot hold."""
    return prepare(path, edits, cover, whole=True)


def prepare_state(path: Path, wanted: State) -> Prepared | FileTags:
    """Make a copy of a file as it was in a past state, byte for byte; the file itself is not touched.

    Raises:
        Unreadable: The file cannot be read as audio.
        SaveFailed: It has another sound than that state, or the copy could not be written.
    """
    real = Path(os.path.realpath(path))
    before = reader.read(real)
    try:
        status = _writable(path, real)
        structure = reader.open_file(real)[1].parse(real)
        old = state(real, structure)
        if old.sha256 == wanted.sha256:
            return before
        if old.audio_sha256 != wanted.audio_sha256:
            raise _refused(path, "It holds another sound than it did then.", "Choose a state of the present sound.")
        with _copy(real) as copy:
            expected = pieces.write(real, copy, _placed(wanted.parts, structure.audio))
            if expected != wanted.sha256 or pieces.digest(copy, [Span(0, copy.stat().st_size)]) != wanted.sha256:
                raise _refused(path, "What was kept of that state is damaged.", "Choose another state.")
            after = _read_back(copy)
            _dress(copy, real, status)
            return Prepared(
                path, real, copy, before, after, old, replace(wanted, parts=()), (status.st_mtime_ns, status.st_size)
            )
    except Broken as error:
        raise _refused(
            path, str(error), "Open it in another program: if it plays there, save it anew with that."
        ) from error
    except OSError as error:
        raise from_os(path, error, saving=True) from error


def commit(ready: Prepared) -> None:
    """Put a copy in the file's place, durably.

    Raises:
        SaveFailed: Another program changed the file meanwhile, or the file system refused; the file is as it was.
    """
    try:
        status = ready.real.stat()
        if (status.st_mtime_ns, status.st_size) != ready.stamp:
            raise SaveFailed(
                f"Could not save “{ready.path.name}”",
                "Another program changed it meanwhile. Your edits are kept.",
                "Look at what changed, then save again.",
            )
        if status.st_nlink > 1:
            _into_place(ready.copy, ready.real)
        else:
            ready.copy.replace(ready.real)
        sync_folder(ready.real.parent)
    except OSError as error:
        raise from_os(ready.path, error, saving=True) from error
    finally:
        ready.copy.unlink(missing_ok=True)


def recover(folder: Path, *, own: bool = False) -> list[Path]:
    """Finish or take away what a crash left in a folder; returns the files looked after. Copies in use are left alone.

    Args:
        folder: Where files were saved.
        own: Copies of this process are left-overs too, because none of its saves is under way.

    Raises:
        OSError: The folder cannot be read or written.
    """
    found = []
    for path in sorted(folder.glob(".*.mycelix-*")):
        name = path.name
        if COPY in name:
            with contextlib.suppress(FileNotFoundError):  # somebody else took it away
                if is_abandoned(path, own=own):
                    path.unlink()
                    found.append(path)
        elif name.endswith(IN_PLACE) and name[1 : -len(IN_PLACE)].isdigit():
            target = _named(folder, int(name[1 : -len(IN_PLACE)]))
            if target is not None:
                _pour(path, target)
            path.unlink(missing_ok=True)
            found.append(target or path)
    if found:
        sync_folder(folder)
    return found


def state(path: Path, structure: Structure | None = None) -> State:
    """Return a file as a state to come back to.

    Raises:
        Broken: Its parts do not fit together.
        Unreadable: It is no audio that is known here.
    """
    made = structure or reader.open_file(path)[1].parse(path)
    size = path.stat().st_size
    parts: list[Part] = []
    whole, sound = hashlib.sha256(), hashlib.sha256()
    at = counted = 0
    with path.open("rb", buffering=0) as file:
        for span in [*made.audio, Span(size, 0)]:
            if span.offset < at:
                raise Broken("Its parts overlap.")
            between = b"".join(pieces.pieces(file, [Span(at, span.offset - at)]))
            whole.update(between)
            parts += [between, Span(counted, span.length)]
            for block in pieces.pieces(file, [span]):
                whole.update(block)
                sound.update(block)
            at, counted = span.end, counted + span.length
    return State(tuple(pieces.joined(parts)), whole.hexdigest(), sound.hexdigest())


# inside -------------------------------------------------------------------------------------------------------------------------


def _refused(path: Path, why: str, hint: str) -> SaveFailed:
    return SaveFailed(f"Could not save “{path.name}”", f"{why} Your file is unchanged, your edits are kept.", hint)


def _writable(path: Path, real: Path) -> os.stat_result:
    status = real.stat()
    if not status.st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH):
        raise SaveFailed(
            f"Could not save “{path.name}”",
            "It is marked as read-only. Your file is unchanged, your edits are kept.",
            "Take the mark off, then save again.",
        )
    return status


@contextlib.contextmanager
def _copy(real: Path) -> Iterator[Path]:
    """Give an empty file beside the real one, which is gone again when something fails; its name says whose it is."""
    handle, name = tempfile.mkstemp(prefix=f".{owner()}-", suffix=f"{COPY}{real.suffix[:8]}", dir=real.parent)
    os.close(handle)
    try:
        yield Path(name)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _verify(path: Path, copy: Path, before: FileTags, wanted: Mapping[Field, Values], cover: Cover) -> FileTags:
    """Read the copy back: every edit is there, everything else as before."""
    after = _read_back(copy)
    expected = {**before.fields, **wanted}
    differs = [
        spec(field).title
        for field in Field
        if _loose(field, after.fields.get(field, ())) != _loose(field, expected.get(field, ()))
    ]
    differs += [name for name in {*before.others, *after.others} if before.others.get(name) != after.others.get(name)]
    if not _right_pictures(before, after, cover):
        differs.append("the pictures")
    if (before.audio.container, before.audio.sample_rate, before.audio.channels) != (
        after.audio.container,
        after.audio.sample_rate,
        after.audio.channels,
    ):
        differs.append("the sound")
    if differs:
        raise SaveFailed(
            f"Could not save “{path.name}”",
            f"{', '.join(differs)} would not have come back as written. Your file is unchanged, your edits are kept.",
            "Try another value, or save the track in another format.",
        )
    return after


def _read_back(copy: Path) -> FileTags:
    try:
        return reader.read(copy)
    except Unreadable as error:
        raise Broken("It could not be read any more.") from error


def _right_pictures(before: FileTags, after: FileTags, cover: Cover) -> bool:
    if isinstance(cover, Keep):
        return after.pictures == before.pictures
    others = [p for p in before.pictures if p.type != FRONT_COVER]
    if before.family == "mp4":  # MP4 has no types; its first picture is the cover
        others = list(before.pictures[1:])
        return [p.data for p in after.pictures] == [
            *([cover.data] if cover is not None else []),
            *(p.data for p in others),
        ]
    fronts = [p.data for p in after.pictures if p.type == FRONT_COVER]
    rest = [p for p in after.pictures if p.type != FRONT_COVER]
    return fronts == ([cover.data] if cover is not None else []) and rest == others


def _front(before: FileTags) -> tuple[bytes, str] | None:
    fronts = [p for p in before.pictures if p.type == FRONT_COVER]
    return (fronts[0].data, fronts[0].mime) if fronts else None


def _proven(real: Path, copy: Path, before: FileTags, old: State, expected: str) -> State:
    """Return the copy as a state once it holds what was meant and the same sound."""
    new = state(copy)
    same = new.sha256 == expected and new.audio_sha256 == old.audio_sha256
    if same and before.audio.container in _INDEXED:
        packets = packets_sha256(real)
        same = packets is None or packets_sha256(copy) == packets
    if not same:
        raise Broken("The sound would have changed.")
    return new


def _dress(copy: Path, real: Path, status: os.stat_result) -> None:
    """Give the copy the file's permissions, attributes and owner, and the time of now; then bring it to the disk."""
    shutil.copystat(real, copy)
    with contextlib.suppress(PermissionError, AttributeError):  # another owner's file in a shared folder
        os.chown(copy, status.st_uid, status.st_gid)
        copy.chmod(stat.S_IMODE(status.st_mode))  # a change of owner takes some bits away
    os.utime(copy)
    with copy.open("rb") as file:
        os.fsync(file.fileno())


def _placed(parts: Sequence[Part], audio: Sequence[Span]) -> list[Part]:
    """Return parts whose spans count in the sound alone as parts of a file whose sound lies at ``audio``."""
    found: list[Part] = []
    for part in parts:
        if isinstance(part, bytes):
            found.append(part)
            continue
        counted = 0
        for span in audio:
            first, last = max(part.offset, counted), min(part.end, counted + span.length)
            if first < last:
                found.append(Span(span.offset + first - counted, last - first))
            counted += span.length
    return pieces.joined(found)


def _loose(field: Field, values: Values) -> Values:
    """Values as compared after a save: containers write numbers and dates in their own way (``1/0`` is ``1``)."""
    if field in (Field.TRACK, Field.DISC):
        return tuple("/".join(str(int(p)) for p in v.split("/") if p.strip().isdigit() and int(p)) for v in values)
    if field in (Field.BPM, Field.EXPLICIT, Field.COMPILATION):
        return tuple(str(round(float(v))) if v.replace(".", "", 1).isdigit() else v for v in values)
    if field in (Field.DATE, Field.ORIGINAL_DATE):
        return tuple(v.replace("T", " ") for v in values)
    if field is Field.LYRICS:
        return tuple(v[v.index("]") + 1 :].lstrip() if v.startswith("[la:") and "]" in v else v for v in values)
    return values


def _into_place(copy: Path, real: Path) -> None:
    """Write a file that has several names (hard links) in place, so that all of them keep showing the same file.

    The finished copy gets a name that says so first: after a crash in the middle :func:`recover` writes it once more.
    """
    finished = real.with_name(f".{real.stat().st_ino}{IN_PLACE}")
    copy.replace(finished)
    sync_folder(real.parent)
    _pour(finished, real)
    finished.unlink()


def _pour(finished: Path, real: Path) -> None:
    with finished.open("rb") as source, real.open("r+b") as target:
        while block := source.read(pieces.BLOCK):
            target.write(block)
        target.truncate()
        target.flush()
        os.fsync(target.fileno())


def _named(folder: Path, inode: int) -> Path | None:
    """Return the file of a folder with this inode."""
    with os.scandir(folder) as entries:
        return next((Path(entry) for entry in entries if entry.inode() == inode), None)

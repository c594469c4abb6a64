"""Saving tags without ever risking the file: copy, edit the copy, read it back, compare, then replace.

At any moment the path holds the old file or the new one, whole. A save without an edit changes no byte.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mutagen.id3

from mycelix_studio.domain.fields import Field, spec
from mycelix_studio.domain.track import FRONT_COVER, FileTags, Picture, Values
from mycelix_studio.files import sync_folder
from mycelix_studio.media import reader
from mycelix_studio.media.errors import SaveFailed, from_os
from mycelix_studio.media.families import CODECS
from mycelix_studio.media.payload import audio_sha256


@dataclass(frozen=True, slots=True)
class Keep:
    """No change of the cover."""


KEEP = Keep()


def save(path: Path, edits: Mapping[Field, Values], cover: Picture | Keep | None = KEEP) -> FileTags:
    """Write edited fields, and the front cover where given, into a file; return what the file holds now.

    Args:
        path: The file; a symbolic link is followed and stays a link.
        edits: New values; an empty tuple removes a field. Fields the container cannot hold are left out.
        cover: A new front cover, None to remove it, :data:`KEEP` to leave it.

    Raises:
        Unreadable: The file cannot be read as audio; it is untouched.
        SaveFailed: It could not be written, or what was written does not read back as asked; the file is untouched.
    """
    real = Path(os.path.realpath(path))
    before = reader.read(real)
    wanted = {
        field: values
        for field, values in edits.items()
        if spec(field).place(before.family) and before.fields.get(field, ()) != values
    }
    if not wanted and isinstance(cover, Keep):
        return before
    try:
        status = real.stat()
        handle, name = tempfile.mkstemp(prefix=".", suffix=f".saving{real.suffix[:8]}", dir=real.parent)
    except OSError as error:
        raise from_os(path, error, saving=True) from error
    copy = Path(name)
    try:
        os.close(handle)
        shutil.copyfile(real, copy)
        _write(copy, before, wanted, cover)
        after = _verify(path, copy, before, wanted, cover)
        if audio_sha256(copy) != audio_sha256(real):
            raise SaveFailed(
                f"Could not save “{path.name}”",
                "The sound would have changed. Your file is unchanged, your edits are kept.",
            )
        shutil.copystat(real, copy)
        with contextlib.suppress(PermissionError, AttributeError):  # another owner's file in a shared folder
            os.chown(copy, status.st_uid, status.st_gid)
        os.utime(copy)
        with copy.open("rb") as file:
            os.fsync(file.fileno())
        now = real.stat()
        if (now.st_mtime_ns, now.st_size) != (status.st_mtime_ns, status.st_size):
            raise SaveFailed(
                f"Could not save “{path.name}”",
                "Another program changed it meanwhile. Your edits are kept.",
                "Look at what changed, then save again.",
            )
        if status.st_nlink > 1:
            _into_place(copy, real)
        else:
            copy.replace(real)
        sync_folder(real.parent)
    except OSError as error:
        raise from_os(path, error, saving=True) from error
    finally:
        copy.unlink(missing_ok=True)
    return after


def _write(copy: Path, before: FileTags, wanted: Mapping[Field, Values], cover: Picture | Keep | None) -> None:
    file, _, family = reader.open_file(copy)
    if file.tags is None:
        file.add_tags()
    CODECS[family].write(file, wanted)
    if not isinstance(cover, Keep):
        CODECS[family].set_cover(file, cover)
    try:
        _save(file, family, before)
    except mutagen.MutagenError as error:
        inner = error.args[0] if error.args else None
        if isinstance(inner, OSError):
            raise inner from error
        raise SaveFailed(
            f"Could not save “{copy.name}”",
            f"Its tags cannot be written ({error}). Your file is unchanged, your edits are kept.",
        ) from error


def _save(file: Any, family: str, before: FileTags) -> None:
    if family == "id3" and before.version == "ID3v2.3":
        # The default of 2.3 joins several values by "/", so that AC/DC and B become AC/DC/B; None keeps them apart.
        file.tags.update_to_v23()
        file.save(v2_version=3, v23_sep=None)
    else:
        file.save()


def _verify(
    path: Path,
    copy: Path,
    before: FileTags,
    wanted: Mapping[Field, Values],
    cover: Picture | Keep | None,
) -> FileTags:
    """Read the copy back: every edit is there, every other field and picture as before, the sound the same."""
    after = reader.read(copy)
    expected = {**before.fields, **wanted}
    differs = [
        field for field in Field if _loose(field, after.fields.get(field, ())) != _loose(field, expected.get(field, ()))
    ]
    pictures = after.pictures
    if isinstance(cover, Keep):
        right = pictures == before.pictures
    else:
        fronts = [p.data for p in pictures if p.type == FRONT_COVER]
        right = fronts[:1] == ([cover.data] if cover is not None else []) or (cover is None and before.family == "mp4")
    if differs or not right:
        what = ", ".join(spec(field).title for field in differs) or "the pictures"
        raise SaveFailed(
            f"Could not save “{path.name}”",
            f"{what} would not have come back as written. Your file is unchanged, your edits are kept.",
            "Try another value, or save the track in another format.",
        )
    return after


def _loose(field: Field, values: Values) -> Values:
    """Values as compared after a save: containers write numbers and dates in their own way (``1/0`` is ``1``)."""
    if field in (Field.TRACK, Field.DISC):
        return tuple("/".join(str(int(p)) for p in v.split("/") if p.strip().isdigit() and int(p)) for v in values)
    if field in (Field.BPM, Field.EXPLICIT):
        return tuple(str(round(float(v))) if v.replace(".", "", 1).isdigit() else v for v in values)
    if field is Field.DATE:
        return tuple(v.replace("T", " ") for v in values)
    return values


def _into_place(copy: Path, real: Path) -> None:
    """Write a file that has several names (hard links) in place, so that all of them keep showing the same file.

    This alone is not proof against a power cut in the middle, so the verified copy stays beside it until the end.
    """
    with copy.open("rb") as source, real.open("r+b") as target:
        shutil.copyfileobj(source, target, 1 << 20)
        target.truncate()
        target.flush()
        os.fsync(target.fileno())

"""Files and folders as one encrypted object: tar, zstd, age (https://age-encryption.org/v1).

``age -d -i IDENTITY OBJECT | zstd -d | tar x`` opens one by hand.
"""

from __future__ import annotations

import os
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath
from typing import IO

import pyrage
import zstandard

from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic

LEVEL = 3
"""zstd's own default: about as quick as the disk."""


class CannotOpen(Known):
    """A backup does not open with the identity that was given."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "The backup does not open", f"{detail}.", "Name the identity file whose recipient it was encrypted to."
        )


def new_identity(path: Path) -> str:
    """Write a new age identity, readable by its owner only, and return its recipient (``age1…``).

    Raises:
        Known: The file exists already.
    """
    if path.exists():
        raise Known(
            f"“{path}” exists", "It may be the only key of older backups. Nothing was changed.", "Name a new file."
        )
    identity = pyrage.x25519.Identity.generate()
    recipient = str(identity.to_public())
    write_atomic(path, f"# recipient: {recipient}\n{identity}\n".encode())
    return recipient


def recipient_of(text: str) -> pyrage.x25519.Recipient:
    """Return a recipient.

    Raises:
        Known: There is none, or it is not one: backups are never written unencrypted.
    """
    if not text:
        raise Known(
            "There is nobody to encrypt backups to",
            "They are never written unencrypted.",
            "Make a key with `mycelix backup key FILE` and set MYCELIX_BACKUP_RECIPIENT to what it prints.",
        )
    try:
        return pyrage.x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError as error:
        raise Known(
            "Not a recipient", f"“{text}” is not an age1… key.", "Copy it from `mycelix backup key`."
        ) from error


def read_identity(path: Path) -> pyrage.x25519.Identity:
    """Return the identity in a file.

    Raises:
        Known: It cannot be read or holds none.
    """
    try:
        lines = [line.strip() for line in path.read_text().splitlines() if line.strip() and not line.startswith("#")]
        return pyrage.x25519.Identity.from_str(lines[0])
    except OSError as error:
        raise Known(
            f"Could not read “{path}”", f"{error.strerror}.", "Name the file of `mycelix backup key`."
        ) from error
    except (IndexError, pyrage.IdentityError) as error:
        raise Known(
            f"“{path}” holds no identity", "It has no AGE-SECRET-KEY line.", "Name the file of `mycelix backup key`."
        ) from error


def seal_folder(
    folder: Path, to: Path, recipient: pyrage.x25519.Recipient, extra: dict[str, Path] | None = None
) -> None:
    """Encrypt a folder, and single files under names of their own, into one file.

    Raises:
        OSError: Something cannot be read or written; nothing is left at ``to``.
    """

    def write(sink: IO[bytes]) -> None:
        with tarfile.open(fileobj=sink, mode="w|") as tar:
            tar.add(folder, arcname=".")
            for name, path in (extra or {}).items():
                tar.add(path, arcname=name)

    _seal(write, to, recipient)


def seal_file(path: Path, to: Path, recipient: pyrage.x25519.Recipient) -> None:
    """Encrypt one file."""

    def write(sink: IO[bytes]) -> None:
        with path.open("rb") as file:
            while piece := file.read(1 << 20):
                sink.write(piece)

    _seal(write, to, recipient)


def _seal(write: Callable[[IO[bytes]], None], to: Path, recipient: pyrage.x25519.Recipient) -> None:
    """Run ``write`` into zstd into age into a file. age pulls, so the writing side has a thread and a pipe of its own."""
    failures: list[BaseException] = []
    reading, writing = os.pipe()

    def produce() -> None:
        try:
            with os.fdopen(writing, "wb") as pipe, zstandard.ZstdCompressor(level=LEVEL).stream_writer(pipe) as sink:
                write(sink)
        except BaseException as error:  # noqa: BLE001 - raised again below, on the calling thread
            failures.append(error)

    thread = threading.Thread(target=produce, name="seal")
    thread.start()
    try:
        with os.fdopen(reading, "rb") as source, to.open("wb") as target:
            pyrage.encrypt_io(source, target, [recipient])
            target.flush()
            os.fsync(target.fileno())
    finally:
        thread.join()
    if failures:
        to.unlink(missing_ok=True)
        raise failures[0]


def unseal_file(path: Path, to: Path, identity: pyrage.x25519.Identity) -> None:
    """Decrypt one file.

    Raises:
        CannotOpen: Wrong identity, or the file is damaged; nothing is left at ``to``.
    """
    packed = to.with_name(f".{to.name}.zst")
    try:
        with path.open("rb") as source, packed.open("wb") as target:
            pyrage.decrypt_io(source, target, [identity])
        with packed.open("rb") as source, to.open("wb") as target:
            zstandard.ZstdDecompressor().copy_stream(source, target)
    except (pyrage.DecryptError, zstandard.ZstdError, OSError) as error:
        to.unlink(missing_ok=True)
        raise CannotOpen(str(error)) from error
    finally:
        packed.unlink(missing_ok=True)


def unseal_folder(path: Path, folder: Path, identity: pyrage.x25519.Identity) -> None:
    """Decrypt a folder into a new one.

    Raises:
        CannotOpen: Wrong identity, the file is damaged, or it holds what no backup does.
    """
    folder.mkdir(parents=True)
    bundle = folder.with_name(f".{folder.name}.tar")
    try:
        unseal_file(path, bundle, identity)
        with tarfile.open(bundle) as tar:
            # Python 3.11 has filters since 3.11.4 only, and Debian 12 comes with 3.11.2: what they refuse is refused here too.
            tar.extraction_filter = getattr(tarfile, "data_filter", None)
            tar.extractall(folder, members=_plain(tar))  # noqa: S202 - each member was looked at
    except tarfile.TarError as error:
        raise CannotOpen(str(error)) from error
    finally:
        bundle.unlink(missing_ok=True)


def _plain(tar: tarfile.TarFile) -> Iterator[tarfile.TarInfo]:
    """Give the members of an archive, folders and files below its root, for the user who opens it.

    Anybody can encrypt for a recipient, so a storage could hand out an archive of its own.

    Raises:
        CannotOpen: It holds something else: a link, a device, a path that leads out.
    """
    for member in tar:
        path = PurePosixPath(member.name)
        if not (member.isfile() or member.isdir()) or path.is_absolute() or ".." in path.parts:
            raise CannotOpen(f"The archive holds “{member.name}”, which is no file or folder of a backup")
        member.mode &= 0o755
        member.uid, member.gid, member.uname, member.gname = os.geteuid(), os.getegid(), "", ""
        yield member

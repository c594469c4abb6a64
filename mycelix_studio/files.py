"""Writing a file so that a crash or a power cut leaves the old one or the new one, never a part.

Files under way are named after the program that writes them, so that what a crash leaves is known to be rubbish: see :func:`sweep`.
"""

from __future__ import annotations

import contextlib
import os
import sys
import time
from functools import cache
from pathlib import Path
from typing import IO

UNDER_WAY = ".tmp"
ABANDONED_SECONDS = 86_400


def write_atomic(path: Path, data: bytes, mode: int = 0o600, *, durable: bool = True) -> None:
    """Replace ``path`` with ``data`` durably: temporary file, fsync, rename, fsync of the folder.

    Without both fsyncs a power cut can leave an empty file (os.replace alone does not order data before the rename): ``durable``
    False is for what can be made again and is checked when it is read.

    Raises:
        OSError: As raised by the file system; the old file is then untouched and no temporary file is left.
    """
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{owner()}-{path.name[:40]}.", suffix=UNDER_WAY, dir=path.parent)
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode) if hasattr(os, "fchmod") else temporary.chmod(mode)
            file.write(data)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            temporary.unlink()
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make renames and new names in ``folder`` durable. Does nothing where folders cannot be opened (Windows)."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def try_lock(file: IO[bytes]) -> bool:
    """Lock an open file against whoever else opens it, here or in another process, and tell whether that could be done at once.

    The system lets go of it when the file is closed, however the process ends.

    Raises:
        OSError: The file system cannot lock.
    """
    try:
        if sys.platform == "win32":
            import msvcrt

            file.seek(0)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    return True


def sweep(folder: Path, *, own: bool = False) -> list[Path]:
    """Take away what programs that ended left of :func:`write_atomic` in a folder; returns what was taken away.

    Args:
        folder: Where files were written.
        own: Files of this program are left-overs too, because none of its writes is under way.

    Raises:
        OSError: The folder cannot be read or written.
    """
    found = []
    for path in folder.iterdir():
        if not (path.name.startswith(".") and path.name.endswith(UNDER_WAY)):
            continue
        with contextlib.suppress(FileNotFoundError):  # somebody else took it away
            if is_abandoned(path, own=own):
                path.unlink()
                found.append(path)
    return found


def owner() -> str:
    """Return the name of this computer and program (of the one that started it, in a child), for what it has under way."""
    # A child of ours has this module; importing it only to ask would be felt when the window starts.
    processes = sys.modules.get("multiprocessing.process")
    parent = processes.parent_process() if processes is not None else None
    return f"{_host()}-{parent.pid if parent is not None else os.getpid()}"


@cache
def _host() -> str:
    import hashlib
    import socket

    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def is_gone(name: str) -> bool:
    """Tell whether a program by its :func:`owner` has ended; False when that cannot be known."""
    host, _, process = name.partition("-")
    if host != owner().partition("-")[0] or not process.isdigit() or os.name == "nt":
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def is_abandoned(path: Path, *, own: bool = False) -> bool:
    """Tell whether nobody works on a file ``.<owner>-…`` any more: its program is gone, or it is a day old where that cannot be asked.

    Args:
        path: The file.
        own: What this program has under way counts as abandoned too.

    Raises:
        FileNotFoundError: It is gone.
    """
    name = "-".join(path.name[1:].split("-")[:2])
    if name == owner():
        return own
    return is_gone(name) or time.time() - path.stat().st_mtime > ABANDONED_SECONDS

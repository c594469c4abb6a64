"""Audio in a folder, spread over sub-folders by the end of the name."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

from mycelix_studio.domain.cid import is_cid
from mycelix_studio.files import sync_folder
from mycelix_studio.node.stores import PIECE_BYTES, StoreAway


class FolderStore:
    """Objects as files ``xy/<cid>``; a file is complete or absent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, cid: str) -> Path:
        """Return the file of a CID.

        Raises:
            ValueError: It is not a CID, so it could name a path of somebody's choice.
        """
        if not is_cid(cid):
            raise ValueError(f"not a CID: {cid!r}")
        return self.folder / cid[-3:-1] / cid

    async def put(self, cid: str, path: Path) -> None:
        """Move the file in, durably; see :class:`AudioStore`."""
        try:
            await asyncio.to_thread(self._put, self.path(cid), path)
        except OSError as error:
            raise StoreAway(f"The folder cannot be written ({error.strerror}).") from error

    async def size(self, cid: str) -> int | None:
        """Return the file's length; see :class:`AudioStore`."""
        try:
            return self.path(cid).stat().st_size
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreAway(f"The folder cannot be read ({error.strerror}).") from error

    async def read(self, cid: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield a range; see :class:`AudioStore`."""
        try:
            with self.path(cid).open("rb") as file:
                file.seek(start)
                while start < end:
                    piece = await asyncio.to_thread(file.read, min(PIECE_BYTES, end - start))
                    if not piece:
                        raise StoreAway("A stored file is shorter than it was.")
                    start += len(piece)
                    yield piece
        except OSError as error:
            raise StoreAway(f"The folder cannot be read ({error.strerror}).") from error

    async def delete(self, cid: str) -> None:
        """Remove the file; see :class:`AudioStore`."""
        try:
            self.path(cid).unlink(missing_ok=True)
        except OSError as error:
            raise StoreAway(f"The folder cannot be written ({error.strerror}).") from error

    async def check(self) -> None:
        """Make sure the folder can be written; see :class:`AudioStore`."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreAway(f"The folder cannot be made ({error.strerror}).") from error
        if not os.access(self.folder, os.W_OK):
            raise StoreAway("The folder cannot be written.")

    async def close(self) -> None:
        """Nothing is held open."""

    @staticmethod
    def _put(target: Path, path: Path) -> None:
        target.parent.mkdir(parents=True, exist_ok=True)
        if path.stat().st_dev != target.parent.stat().st_dev:
            local = target.with_suffix(".part")
            shutil.copyfile(path, local)
            with local.open("rb") as file:
                os.fsync(file.fileno())
            local.replace(target)
            path.unlink()
        else:
            with path.open("rb") as file:
                os.fsync(file.fileno())
            path.replace(target)
        sync_folder(target.parent)

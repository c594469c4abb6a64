"""Where audio is kept: a folder, an S3-compatible server, or a Kubo node. Objects are named by their CID and never change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Protocol

from mycelix_studio.errors import Known
from mycelix_studio.node.config import Config

PIECE_BYTES = 256 * 1024
"""Length of the pieces in which audio is read."""


class StoreAway(Known):
    """The audio store does not answer or refuses."""

    def __init__(self, detail: str) -> None:
        super().__init__(
            "The audio store does not answer", f"{detail} Nothing was lost.", "Try again in a few minutes."
        )


class AudioStore(Protocol):
    """A store of immutable objects by CID."""

    async def put(self, cid: str, path: Path) -> None:
        """Keep the file under its CID; the file may be moved. Doing it twice is the same as once.

        Raises:
            StoreAway: It could not be kept; the file is untouched.
        """

    async def size(self, cid: str) -> int | None:
        """Return the length in bytes, None when there is no such object.

        Raises:
            StoreAway: The store does not answer.
        """

    def read(self, cid: str, start: int, end: int) -> AsyncIterator[bytes]:
        """Yield bytes ``start`` (included) to ``end`` (excluded).

        Raises:
            StoreAway: The store does not answer, or the object is gone.
        """

    async def delete(self, cid: str) -> None:
        """Remove an object; one that is not there is no error.

        Raises:
            StoreAway: The store does not answer.
        """

    async def check(self) -> None:
        """Make sure that the store can be reached.

        Raises:
            StoreAway: It cannot.
        """

    async def close(self) -> None:
        """Let go of connections."""


def open_store(config: Config) -> AudioStore:
    """Return the store the configuration names."""
    if config.store == "s3":
        from mycelix_studio.node.stores.s3 import S3Store

        return S3Store(config.s3_bucket, config.s3_endpoint)
    if config.store == "kubo":
        from mycelix_studio.node.stores.kubo import KuboStore

        return KuboStore(config.kubo_url)
    from mycelix_studio.node.stores.folder import FolderStore

    return FolderStore(config.data_dir / "audio")

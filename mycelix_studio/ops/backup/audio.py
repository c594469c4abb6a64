"""The audio of a node on its way into the repository: every object once, proven against its CID first."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import psycopg

from mycelix_studio.domain.cid import digest_file
from mycelix_studio.node.stores import open_store
from mycelix_studio.ops.backup import catalog, sealing
from mycelix_studio.ops.backup.config import BackupConfig
from mycelix_studio.ops.backup.repository import Repository, store

Report = Callable[[int, int, str], None]
"""Called with how much is done, of how much (0 while unknown), and what."""


def silent(_done: int, _total: int, _text: str) -> None:
    """Report to nobody."""


@dataclass(frozen=True, slots=True)
class SentAudio:
    """What became of audio that was not in the repository.

    Attributes:
        added: CIDs that are there now.
        damaged: CIDs whose stored audio is not what its name says; nothing of it was sent.
        missing: CIDs that the store does not have.
    """

    added: tuple[str, ...] = ()
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


def named(url: str) -> list[str]:
    """Return the CIDs of all audio that a node's database names."""
    with psycopg.connect(url) as connection:
        return [str(cid) for (cid,) in connection.execute("SELECT DISTINCT cid FROM objects ORDER BY cid")]


def send_audio(
    config: BackupConfig, repository: Repository, cids: Collection[str], work: Path, report: Report = silent
) -> SentAudio:
    """Send these objects of the node's store, one after the other.

    Raises:
        RepositoryAway: It does not answer; what was sent before is there.
    """
    return asyncio.run(_send(config, repository, cids, work, report))


async def _send(
    config: BackupConfig, repository: Repository, cids: Collection[str], work: Path, report: Report
) -> SentAudio:
    recipient = sealing.recipient_of(config.recipient)
    added: list[str] = []
    damaged: list[str] = []
    missing: list[str] = []
    audio = open_store(config.node)
    try:
        for number, cid in enumerate(cids):
            report(number, len(cids), "Audio")
            length = await audio.size(cid)
            if length is None:
                missing.append(cid)
                continue
            plain, packed = work / "audio", work / "audio.age"
            with plain.open("wb") as file:
                async for piece in audio.read(cid, 0, length):
                    file.write(piece)
            if digest_file(plain).cid != cid:
                damaged.append(cid)
                continue
            sealing.seal_file(plain, packed, recipient)
            store(repository, catalog.AUDIO, cid, "zst.age", packed)
            added.append(cid)
    finally:
        await audio.close()
    return SentAudio(tuple(added), tuple(damaged), tuple(missing))

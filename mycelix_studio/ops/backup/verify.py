"""Is everything in the repository, and on the node's own disk, still what was written? Needs no identity: hashes stand in the names."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import psycopg

from mycelix_studio.domain.cid import CidHasher
from mycelix_studio.domain.clock import now
from mycelix_studio.errors import Known
from mycelix_studio.node.config import Config
from mycelix_studio.node.stores import open_store
from mycelix_studio.ops.backup import catalog, signs
from mycelix_studio.ops.backup.audio import Report, silent
from mycelix_studio.ops.backup.catalog import Backup
from mycelix_studio.ops.backup.config import BackupConfig
from mycelix_studio.ops.backup.repository import ObjectDamaged, load, open_repository
from mycelix_studio.ops.backup.take import work_folder


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found.

    Attributes:
        backups: Those whose facts are whole, oldest first.
        objects: Objects looked at.
        damaged: Keys of objects that are not what was written.
        missing: Ids of backups whose cluster is not there.
        gaps: First missing segment of each gap in the log since the oldest backup.
    """

    backups: tuple[Backup, ...]
    objects: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]
    gaps: tuple[str, ...]

    @property
    def sound(self) -> bool:
        """True when there is a backup and nothing is wrong with any."""
        return bool(self.backups) and not (self.damaged or self.missing or self.gaps)


def verify(config: BackupConfig, report: Report = silent) -> Verified:
    """Read every object of the repository and compare it with the hash in its name.

    Raises:
        RepositoryAway: It does not answer.
    """
    repository = open_repository(config.to, config.endpoint)
    damaged: list[str] = []
    found: list[Backup] = []
    with work_folder(config) as work:
        keys = [key for place in catalog.PLACES for key in repository.keys(place)]
        for number, key in enumerate(keys):
            report(number, len(keys), key.partition("/")[0])
            path = work / "object"
            try:
                load(repository, key, path)
            except ObjectDamaged:
                damaged.append(key)
                continue
            if key.startswith(f"{catalog.FACTS}/"):
                found.append(Backup.from_json(path.read_bytes()))
    there = set(keys)
    found.sort(key=lambda each: each.id)
    names = [each.name for each in catalog.segments(repository)]
    since = [name for name in names if found and name[8:] >= found[0].segment[8:]]
    result = Verified(
        tuple(found),
        len(keys),
        tuple(damaged),
        tuple(each.id for each in found if each.stored not in there),
        tuple(catalog.gaps(since)),
    )
    signs.show(config.spool, "damaged_objects", len(result.damaged) + len(result.missing))
    if result.sound:
        signs.show(config.spool, "last_verify_seconds", now().timestamp())
    return result


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """What a look through the node's audio found: how many objects, and the CIDs of damaged and missing ones."""

    objects: int
    damaged: tuple[str, ...]
    missing: tuple[str, ...]


def scrub(config: Config, cids: list[str], report: Report = silent) -> Scrubbed:
    """Read all audio and compare it with its CID."""
    return asyncio.run(_scrub(config, cids, report))


def cids_of(url: str) -> list[str]:
    """Return the audio that a node's database names."""
    with psycopg.connect(url) as connection:
        return [str(row[0]) for row in connection.execute("SELECT DISTINCT cid FROM objects ORDER BY cid")]


async def _scrub(config: Config, cids: list[str], report: Report) -> Scrubbed:
    damaged: list[str] = []
    missing: list[str] = []
    store = open_store(config)
    try:
        for number, cid in enumerate(cids):
            report(number, len(cids), "Audio")
            size = await store.size(cid)
            if size is None:
                missing.append(cid)
                continue
            hasher = CidHasher()
            try:
                async for piece in store.read(cid, 0, size):
                    hasher.update(piece)
            except Known:
                damaged.append(cid)
                continue
            if hasher.finish() != cid:
                damaged.append(cid)
    finally:
        await store.close()
    return Scrubbed(len(cids), tuple(damaged), tuple(missing))

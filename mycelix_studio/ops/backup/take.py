"""Taking a backup: the cluster, then the audio that is not there yet; and letting go of what is older than what is kept."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final, Literal

import psycopg

from mycelix_studio.domain.clock import now
from mycelix_studio.node.key import key_files
from mycelix_studio.ops.backup import catalog, cluster, sealing, signs
from mycelix_studio.ops.backup.audio import Report, named, send_audio, silent
from mycelix_studio.ops.backup.catalog import Backup, Kind
from mycelix_studio.ops.backup.config import BackupConfig
from mycelix_studio.ops.backup.repository import Repository, open_repository, store

FULL_EVERY: Final = timedelta(days=6, hours=12)
"""Nightly backups are full once a week: what is kept is counted in full ones, and a chain of incrementals stays short."""


@dataclass(frozen=True, slots=True)
class Taken:
    """What a backup brought.

    Attributes:
        backup: Its facts.
        audio_added: Audio objects that were not backed up before.
        audio_damaged: CIDs whose stored audio is not what its name says; their older copies stay.
        audio_missing: CIDs that the database names and the store does not have.
        removed: Ids of backups that were let go.
    """

    backup: Backup
    audio_added: int
    audio_damaged: tuple[str, ...]
    audio_missing: tuple[str, ...]
    removed: tuple[str, ...]


@contextmanager
def work_folder(config: BackupConfig) -> Iterator[Path]:
    """Give a folder for work beside the spool, and remove it at the end."""
    place = config.spool / "work"
    place.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.TemporaryDirectory(prefix="w-", dir=place) as name:
        yield Path(name)


def take(config: BackupConfig, kind: Literal["auto", "full", "incremental"] = "auto", report: Report = silent) -> Taken:
    """Back up the running node.

    Args:
        config: Where to.
        kind: ``auto`` is incremental on a full one of the last week whose manifests are on this machine, else full.
        report: Progress.

    Raises:
        Known: The node does not run, the repository does not answer, or a tool failed; no backup is recorded then.
    """
    recipient = sealing.recipient_of(config.recipient)
    repository = open_repository(config.to, config.endpoint)
    server = cluster.running(config.node)
    with work_folder(config) as work:
        before = catalog.backups(repository, work)
        started = now()
        parent = _parent(config, before, server.system) if kind != "full" else None
        if kind == "auto" and parent is not None and started - _full(before, parent).started >= FULL_EVERY:
            parent = None
        if kind == "incremental" and parent is None:
            raise catalog.NoBackup(
                "An incremental one needs the manifest of one taken on this machine; take a full one."
            )
        number = f"{started:%Y%m%dT%H%M%S}{started.microsecond // 1000:03d}Z"
        report(0, 0, "Copying the cluster")
        folder = work / "cluster"
        manifest = _manifest(config, parent.id) if parent is not None else None
        try:
            cluster.base_backup(server, folder, manifest)
        except cluster.ToolFailed:
            if kind != "auto" or parent is None:
                raise
            # The summaries that an incremental backup needs are kept for ten days only.
            shutil.rmtree(folder, ignore_errors=True)
            parent = None
            cluster.base_backup(server, folder, None)
        stopped = now()
        report(0, 0, "Encrypting")
        packed = work / "cluster.age"
        length = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        extra = {f"mycelix-{holder}-key": path for holder, path in key_files(config.node).items()}
        sealing.seal_folder(folder, packed, recipient, extra)
        size = packed.stat().st_size
        key = store(repository, catalog.BASE, number, "tar.zst.age", packed)
        cids, schema = named(server.url), _schema(server.url)
        made: Kind = "full" if parent is None else "incremental"
        backup = Backup(
            id=number,
            kind=made,
            parent=parent.id if parent is not None else "",
            started=started,
            stopped=stopped,
            segment=cluster.first_segment(folder),
            stored=key,
            stored_bytes=size,
            cluster_bytes=length,
            postgres=server.version,
            system=server.system,
            schema=schema,
            songs_audio=len(cids),
        )
        there = catalog.audio_cids(repository)
        audio = send_audio(config, repository, [cid for cid in cids if cid not in there], work, report)
        target = _manifest(config, number)
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        shutil.copyfile(folder / "backup_manifest", target)
        catalog.record(repository, backup, work)
        signs.show(config.spool, "last_success_seconds", stopped.timestamp())
        removed = prune(config, repository, [*before, backup])
    return Taken(backup, len(audio.added), audio.damaged, audio.missing, tuple(removed))


def prune(config: BackupConfig, repository: Repository, known: list[Backup]) -> list[str]:
    """Let go of backups older than the full ones that are kept, and of the log before them; returns the ids."""
    fulls = [each for each in known if each.kind == "full"]
    if len(fulls) <= config.keep:
        return []
    oldest = fulls[-config.keep]
    gone = [each for each in known if each.id < oldest.id]
    ids = {each.id for each in gone}
    for key in repository.keys(catalog.FACTS):  # facts first: what has none does not exist
        if key.rpartition("/")[2].split(".")[0] in ids:
            repository.delete(key)
    for each in gone:
        repository.delete(each.stored)
        _manifest(config, each.id).unlink(missing_ok=True)
    for segment in catalog.segments(repository):
        if not segment.name.endswith(".history") and segment.name[8:] < oldest.segment[8:]:
            repository.delete(segment.key)
    return sorted(ids)


def _manifest(config: BackupConfig, number: str) -> Path:
    return config.spool / "manifests" / number


def _full(known: list[Backup], backup: Backup) -> Backup:
    """Return the full backup that a backup builds on."""
    by_id = {each.id: each for each in known}
    while backup.parent in by_id:
        backup = by_id[backup.parent]
    return backup


def _parent(config: BackupConfig, before: list[Backup], system: str) -> Backup | None:
    """Return the newest backup of this cluster if its manifest is here: the repository's copy only the identity opens."""
    own = [each for each in before if each.system == system]
    return own[-1] if own and _manifest(config, own[-1].id).is_file() else None


def _schema(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT max(number) FROM schema_steps").fetchone()
    return int(row[0]) if row else 0

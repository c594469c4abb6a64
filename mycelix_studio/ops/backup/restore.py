"""The way back: a cluster at a moment, then its audio. A restored node has a new epoch, so that studios sync anew."""

from __future__ import annotations

import asyncio
import re
import shutil
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import get_args

import psycopg
import pyrage

from mycelix_studio.domain.cid import digest_file
from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.domain.wire import parse_time
from mycelix_studio.errors import Known
from mycelix_studio.node.embedded import EmbeddedPostgres, NoPostgres, give_to_server
from mycelix_studio.node.key import Holder, key_files
from mycelix_studio.node.stores import open_store
from mycelix_studio.ops.backup import catalog, cluster, sealing
from mycelix_studio.ops.backup.audio import Report, silent
from mycelix_studio.ops.backup.catalog import Backup
from mycelix_studio.ops.backup.config import BackupConfig
from mycelix_studio.ops.backup.repository import Repository, load, open_repository
from mycelix_studio.ops.backup.take import work_folder
from mycelix_studio.ops.backup.verify import cids_of

RECOVERY_SECONDS = 4 * 3600.0
"""The platform's own published aim for a recovery."""
_NOT_REACHED = "recovery ended before configured recovery target was reached"


class NotEmpty(Known):
    """There is a cluster already."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"“{folder}” holds a database",
            "A restore never writes over one. Nothing was changed.",
            "Move it away, or name another folder.",
        )


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back.

    Attributes:
        backups: Ids it was put together from.
        asked: The moment that was asked for; None for everything there is.
        reached: The last transaction that came back, UTC; None when there was none after the base.
        segments: Pieces of the log that were used or at hand.
        seconds: How long it took, audio included.
        cluster_seconds: Until the database was whole.
        gaps: First missing segment of each gap in the log; what comes after one did not come back.
        audio: Audio objects that came back.
        audio_missing: CIDs that the database names and no copy of which is good.
    """

    backups: tuple[str, ...]
    asked: datetime | None
    reached: datetime | None
    segments: int
    seconds: float
    cluster_seconds: float
    gaps: tuple[str, ...]
    audio: int
    audio_missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a restore takes things from: repository, what opens them, and a folder for work."""

    repository: Repository
    identity: pyrage.x25519.Identity
    work: Path

    def file(self, key: str, to: Path) -> None:
        """Fetch, prove and decrypt one file."""
        packed = self.work / "object.age"
        load(self.repository, key, packed)
        sealing.unseal_file(packed, to, self.identity)
        packed.unlink()

    def cluster(self, backup: Backup) -> Path:
        """Fetch, prove and decrypt one base backup."""
        packed, folder = self.work / f"{backup.id}.age", self.work / backup.id
        load(self.repository, backup.stored, packed)
        sealing.unseal_folder(packed, folder, self.identity)
        packed.unlink()
        folder.chmod(0o700)
        return folder


def restore(
    config: BackupConfig,
    identity_file: Path,
    to: datetime | None = None,
    *,
    rehearsal: bool = False,
    report: Report = silent,
) -> Restored:
    """Bring a node back into its (empty) data folder, which must not be in use.

    Args:
        config: The node's folder and the repository.
        identity_file: age identity of the recipient.
        to: Moment to go back to, UTC; None for the newest.
        rehearsal: Only prove that it works: audio and the spool are left alone.
        report: Progress.

    Raises:
        NotEmpty: There is a cluster.
        NoBackup: None serves.
        CannotOpen, ObjectDamaged, ToolFailed: What came from the repository does not serve; the data folder stays empty.
    """
    began = time.monotonic()
    identity = sealing.read_identity(identity_file)
    repository = open_repository(config.to, config.endpoint)
    server = EmbeddedPostgres(config.node.data_dir / "postgres")
    if server.data.exists() and any(server.data.iterdir()):
        raise NotEmpty(server.data)
    with work_folder(config) as work:
        source = _Source(repository, identity, work)
        links = catalog.chain(catalog.backups(repository, work), to)
        folders = []
        for number, link in enumerate(links):
            report(number, len(links), f"Fetching {link.id}")
            folders.append(source.cluster(link))
        report(0, 0, "Putting it together")
        for folder in folders:
            _keys(folder, config)
        whole = work / "whole"
        cluster.combine(folders, whole)
        report(0, 0, "Fetching the log")
        log = work / "log"
        names = _gather_log(config, source, links[0], log)
        server.folder.mkdir(parents=True, exist_ok=True)
        shutil.rmtree(server.data, ignore_errors=True)
        shutil.move(whole, server.data)
        report(0, 0, "Replaying the log")
        try:
            reached = _recover(server, log, to)
            cids = cids_of(server.url)
        except BaseException:
            server.stop(1.0)
            shutil.rmtree(server.data, ignore_errors=True)
            raise
        cluster_seconds = time.monotonic() - began
        server.stop()
        found: int = 0
        missing: list[str] = []
        if not rehearsal:
            # Not before the log was read to its end: what follows belongs to a new line of time.
            _set_aside(config)
            found, missing = asyncio.run(_audio(config, source, cids, report))
    return Restored(
        backups=tuple(link.id for link in links),
        asked=to,
        reached=reached,
        segments=len(names),
        seconds=time.monotonic() - began,
        cluster_seconds=cluster_seconds,
        gaps=tuple(catalog.gaps(names)),
        audio=found,
        audio_missing=tuple(missing),
    )


def rehearse(
    config: BackupConfig, identity_file: Path, to: datetime | None = None, report: Report = silent
) -> Restored:
    """Prove the newest backup by restoring it into a folder that is thrown away. The node goes on meanwhile.

    Raises:
        Known: As :func:`restore`.
    """
    with work_folder(config) as work:
        node = replace(config.node, data_dir=work / "node", settler_key_file=None, attestor_key_file=None)
        return restore(replace(config, node=node), identity_file, to, rehearsal=True, report=report)


def _keys(folder: Path, config: BackupConfig) -> None:
    """Put the key files of settler and attestor back where they were, unless one is there."""
    targets = key_files(config.node)
    for holder in get_args(Holder):
        kept = folder / f"mycelix-{holder}-key"
        target = targets.get(holder)
        if kept.is_file():
            if target is not None and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(kept, target)
                target.chmod(0o600)
            kept.unlink()


def _gather_log(config: BackupConfig, source: _Source, first: Backup, log: Path) -> list[str]:
    """Lay the log out as PostgreSQL asks for it: whole segments, the newest part of a last one, and what the spool still holds."""
    log.mkdir()
    names = set()
    for segment in catalog.segments(source.repository):  # parts before whole ones, so that the whole one stays
        if segment.name.endswith(".history") or segment.name[8:] >= first.segment[8:]:
            source.file(segment.key, log / segment.name)
            names.add(segment.name)
    spool = config.spool / "wal"
    for path in sorted(spool.iterdir()) if spool.is_dir() else []:
        name = path.name.removesuffix(".partial")
        if path.suffix == ".partial" or not (log / name).exists():
            shutil.copyfile(path, log / name)
            names.add(name)
    return sorted(names)


def _recover(server: EmbeddedPostgres, log: Path, to: datetime | None) -> datetime | None:
    """Replay the log to a moment, open the cluster for writing, and return the moment of the last transaction that came back.

    A moment after the end of the log is no error: then everything there is comes back.
    """
    base = _base_settings(server.data)
    wanted = to
    give_to_server(server.data)
    give_to_server(log)
    while True:
        target = (
            f"recovery_target_time = '{wanted.isoformat()}'\nrecovery_target_action = 'promote'\n" if wanted else ""
        )
        settings = f'restore_command = \'cp "{log}/%f" "%p"\'\n{target}'
        (server.data / "postgresql.auto.conf").write_text(base + settings)
        (server.data / "recovery.signal").touch()
        give_to_server(server.data)
        mark = server.log.stat().st_size if server.log.exists() else 0
        try:
            server.start(RECOVERY_SECONDS)
            _wait_until_open(server)
            break
        except NoPostgres:
            if wanted is None or _NOT_REACHED not in _since(server.log, mark):
                raise
            server.stop(5.0)
            wanted = None
    with psycopg.connect(server.url, autocommit=True) as connection:
        for name in ("restore_command", "recovery_target_time", "recovery_target_action"):
            connection.execute(f"ALTER SYSTEM RESET {name}".encode())
    cluster.renew_epoch(server.url)
    found = re.findall(r"last completed transaction was at log time (\S+ \S+)(?: UTC|\+00)", _since(server.log, mark))
    return parse_time(f"{found[-1].replace(' ', 'T')}+00:00") if found else None


def _base_settings(data: Path) -> str:
    """Return the cluster's own settings, without what belonged to the machine that is gone: nobody there reads the log any more."""
    path = data / "postgresql.auto.conf"
    lines = path.read_text().splitlines() if path.exists() else []
    skipped = ("restore_command", "recovery_target", "synchronous_standby_names", "primary_", "archive_command")
    return "".join(f"{line}\n" for line in lines if not line.startswith(skipped))


def _wait_until_open(server: EmbeddedPostgres) -> None:
    """Wait until recovery has ended and the cluster takes writes.

    Raises:
        NoPostgres: The server ended before.
    """
    deadline = time.monotonic() + RECOVERY_SECONDS
    while time.monotonic() < deadline:
        if not server.running:
            raise NoPostgres(f"Recovery ended it: {_since(server.log, 0)[-300:]}")
        try:
            with psycopg.connect(server.url, connect_timeout=5) as connection:
                row = connection.execute("SELECT pg_is_in_recovery()").fetchone()
            if row is not None and not row[0]:
                return
        except psycopg.OperationalError:
            pass
        time.sleep(0.05)
    raise NoPostgres("Recovery took longer than four hours.")


def _since(log: Path, mark: int) -> str:
    with log.open("rb") as file:
        file.seek(mark)
        return file.read().decode(errors="replace")


def _set_aside(config: BackupConfig) -> None:
    """Move the spool of the old line of time away; a stream that begins anew must not go on with it."""
    spool = config.spool / "wal"
    if spool.is_dir() and any(spool.iterdir()):
        spool.replace(config.spool / f"wal-before-{rfc3339(now()).replace(':', '')}")


async def _audio(config: BackupConfig, source: _Source, cids: Sequence[str], report: Report) -> tuple[int, list[str]]:
    """Bring back audio that the store does not have, each proven against its CID; returns how many, and what has no good copy."""
    kept = catalog.audio_cids(source.repository)
    store = open_store(config.node)
    missing: list[str] = []
    found = 0
    try:
        for number, cid in enumerate(cids):
            report(number, len(cids), "Audio")
            if await store.size(cid) is not None:
                continue
            plain = source.work / "audio"
            try:
                source.file(kept[cid], plain)
            except (KeyError, Known):
                missing.append(cid)
                continue
            if digest_file(plain).cid != cid:
                missing.append(cid)
                continue
            await store.put(cid, plain)
            found += 1
    finally:
        await store.close()
    return found, missing

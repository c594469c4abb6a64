"""The log as it is written: pg_receivewal takes it from the running node, and what it got is encrypted and sent on, new audio with it.

With the spool on another disk than the data, nothing that was committed is lost with the data; with the machine itself lost, at most what
was written since the last part was sent. ``synchronous`` makes the node wait for the spool at each commit.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import time
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from threading import Event
from typing import Final

import psycopg

from mycelix_studio.node.embedded import binaries
from mycelix_studio.ops.backup import catalog, cluster, sealing, signs
from mycelix_studio.ops.backup.audio import named, send_audio
from mycelix_studio.ops.backup.cluster import SLOT, Server
from mycelix_studio.ops.backup.config import BackupConfig
from mycelix_studio.ops.backup.repository import Repository, RepositoryAway, open_repository, store
from mycelix_studio.ops.backup.take import work_folder

PART_SECONDS: Final = 30.0
"""How often the segment that is being written is sent as it is."""
LOOK_SECONDS: Final = 0.5
AGAIN_SECONDS: Final = 1.0


@dataclass
class Stream:
    """One stream. :meth:`run` goes on until :meth:`stop`; a node that is restarted is found again."""

    config: BackupConfig
    synchronous: bool = False
    part_seconds: float = PART_SECONDS
    stopping: Event = field(default_factory=Event)
    _process: subprocess.Popen[bytes] | None = None
    _sent: dict[str, tuple[int, int]] = field(default_factory=dict)
    _part_at: float = 0.0
    _audio_at: float = 0.0
    _audio_seen: set[str] | None = None

    @property
    def folder(self) -> Path:
        """Where the log lies until it is sent."""
        return self.config.spool / "wal"

    def stop(self) -> None:
        """Ask :meth:`run` to end."""
        self.stopping.set()

    def run(self) -> None:
        """Receive and send until stopped.

        Raises:
            Known: There is no recipient or repository to send to.
        """
        sealing.recipient_of(self.config.recipient)
        open_repository(self.config.to, self.config.endpoint)
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        server: Server | None = None
        try:
            while not self.stopping.is_set():
                if self._process is None or self._process.poll() is not None:
                    self._process = None
                    try:
                        server = cluster.running(self.config.node)
                        self._begin(server)
                    except (cluster.NodeNotRunning, psycopg.Error):
                        self.stopping.wait(AGAIN_SECONDS)
                        continue
                self.send()
                if server is not None:
                    self.send_audio(server)
                self.stopping.wait(LOOK_SECONDS)
        finally:
            self._end(server)
            self.send(everything=True)
            if server is not None:
                self.send_audio(server, everything=True)

    def send(self, *, everything: bool = False) -> int:
        """Encrypt and send what was received, whole segments at once and the one being written now and then; returns how many.

        A repository that does not answer is tried again: the spool grows meanwhile.
        """
        part_due = everything or time.monotonic() - self._part_at >= self.part_seconds
        count = 0
        try:
            for path in sorted(self.folder.iterdir()):
                if path.suffix == ".partial":
                    if part_due:
                        count += self._send_part(path)
                elif path.name.endswith(".history") or len(path.name) == 24:
                    self._send_file(path, path.name)
                    path.unlink()
                    count += 1
        except (RepositoryAway, FileNotFoundError):
            # pg_receivewal renames a segment when it is whole; the next look finds it.
            return count
        if part_due:
            self._part_at = time.monotonic()
            if self._process is not None and self._process.poll() is None:
                signs.show(self.config.spool, "stream_sent_seconds", time.time())
        return count

    def send_audio(self, server: Server, *, everything: bool = False) -> int:
        """Send audio that came in since the last look, as often as parts of the log are sent; returns how many objects.

        What is damaged or missing is left to the next backup, which says so.
        """
        if not everything and time.monotonic() - self._audio_at < self.part_seconds:
            return 0
        try:
            if self._audio_seen is None:
                self._audio_seen = set(catalog.audio_cids(self._repository))
            new = [cid for cid in named(server.url) if cid not in self._audio_seen]
            with work_folder(self.config) as work:
                sent = send_audio(self.config, self._repository, new, work)
        except (RepositoryAway, psycopg.Error):
            return 0  # tried again at the next look
        self._audio_seen.update(new)
        self._audio_at = time.monotonic()
        return len(sent.added)

    def _send_part(self, path: Path) -> int:
        stamp = (path.stat().st_mtime_ns, path.stat().st_size)
        if self._sent.get(path.name) == stamp:
            return 0
        self._send_file(path, f"{path.stem}-part{time.time_ns()}")
        older = [each for each in catalog.segments(self._repository) if each.name == path.stem and each.partial]
        for each in older[:-1]:
            self._repository.delete(each.key)
        self._sent = {path.name: stamp}
        return 1

    @cached_property
    def _repository(self) -> Repository:
        return open_repository(self.config.to, self.config.endpoint)

    def _send_file(self, path: Path, stem: str) -> None:
        with work_folder(self.config) as work:
            plain, packed = work / "segment", work / "segment.age"
            shutil.copyfile(path, plain)
            sealing.seal_file(plain, packed, sealing.recipient_of(self.config.recipient))
            store(self._repository, catalog.WAL, stem, "zst.age", packed)

    def _begin(self, server: Server) -> None:
        with psycopg.connect(server.url, autocommit=True) as connection:
            row = connection.execute("SELECT 1 FROM pg_replication_slots WHERE slot_name = %s", (SLOT,)).fetchone()
            if row is None:
                connection.execute("SELECT pg_create_physical_replication_slot(%s, true)", (SLOT,))
        more = ["--synchronous"] if self.synchronous else []
        command = [
            str(binaries() / "pg_receivewal"), "-d", f"{server.url}&application_name={SLOT}", "-D", str(self.folder), "-S", SLOT,
            "--no-loop", "--no-password", "--status-interval=1", *more,
        ]  # fmt: skip
        setpriv = shutil.which("setpriv")
        if setpriv is not None:
            command = [setpriv, "--pdeathsig", "INT", *command]
        self._process = subprocess.Popen(command, stderr=subprocess.DEVNULL, env={**os.environ, "LC_ALL": "C"})  # noqa: S603 - our own words
        if self.synchronous:
            self._wait_for(server, SLOT)

    @staticmethod
    def _wait_for(server: Server, names: str) -> None:
        with psycopg.connect(server.url, autocommit=True) as connection:
            connection.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{names}'".encode())
            connection.execute("SELECT pg_reload_conf()")

    def _end(self, server: Server | None) -> None:
        if server is not None and self.synchronous:
            with contextlib.suppress(psycopg.Error):
                self._wait_for(server, "")  # else every commit would wait for a stream that is gone
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(10)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait(5)

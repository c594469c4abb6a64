"""Prometheus, Alertmanager and the exporters of the distribution, run as children with the rendered configuration."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from mycelix_studio.errors import Known

PACKAGES: Final = {
    "prometheus": "prometheus",
    "promtool": "prometheus",
    "prometheus-alertmanager": "prometheus-alertmanager",
    "amtool": "prometheus-alertmanager",
    "prometheus-postgres-exporter": "prometheus-postgres-exporter",
    "prometheus-node-exporter": "prometheus-node-exporter",
}
"""Program -> Debian package."""
START_SECONDS: Final = 30.0


class NotInstalled(Known):
    """A program of the distribution is missing."""

    def __init__(self, programs: Sequence[str]) -> None:
        packages = " ".join(sorted({PACKAGES[name] for name in programs}))
        super().__init__(
            f"{', '.join(programs)} is not installed",
            "Nothing was started.",
            f"On Debian or Ubuntu: apt install {packages}. Or use packaging/compose/compose.yml.",
        )


class DoesNotStart(Known):
    """A program ended at once or does not answer."""

    def __init__(self, name: str, log: Path) -> None:
        said = log.read_text(errors="replace")[-400:] if log.exists() else ""
        super().__init__(f"{name} does not start", " ".join(said.split()), f"Its whole log is {log}.")


@dataclass
class Programs:
    """Children in one folder, stopped together."""

    folder: Path
    _running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self, name: str, words: Sequence[str], address: str, **environment: str) -> None:
        """Start a program and wait until it listens on host:port.

        Raises:
            NotInstalled: It is missing.
            DoesNotStart: It ends, or does not listen in time.
        """
        program = shutil.which(name)
        if program is None:
            raise NotInstalled([name])
        self.folder.mkdir(parents=True, exist_ok=True)
        log = self.folder / f"{name}.log"
        setpriv = shutil.which("setpriv")
        prefix = [setpriv, "--pdeathsig", "TERM"] if setpriv is not None else []
        with log.open("ab") as file:
            child = subprocess.Popen(  # noqa: S603 - our own words
                [*prefix, program, *words],
                stdout=file,
                stderr=file,
                stdin=subprocess.DEVNULL,
                env={**os.environ, **environment},
            )
        self._running[name] = child
        host, _, port = address.rpartition(":")
        deadline = time.monotonic() + START_SECONDS
        while not _listens(host, int(port)):
            if child.poll() is not None or time.monotonic() > deadline:
                raise DoesNotStart(name, log)
            time.sleep(0.05)

    def dead(self) -> str:
        """Return the name of one that ended by itself, empty while all run."""
        return next((name for name, child in self._running.items() if child.poll() is not None), "")

    def kill(self, name: str) -> None:
        """End one at once."""
        self._running[name].kill()
        self._running[name].wait(5)

    def stop(self) -> None:
        """Stop all, the last one first."""
        for child in reversed(self._running.values()):
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        for child in reversed(self._running.values()):
            try:
                child.wait(15)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait(5)
        self._running.clear()


def _listens(host: str, port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection((host, port), timeout=1):
        return True
    return False


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Programs]:
    """Give a group of children that ends with the block."""
    group = Programs(folder)
    try:
        yield group
    finally:
        group.stop()


def start_prometheus(group: Programs, configuration: Path, data: Path, address: str) -> None:
    """Start Prometheus on a rendered configuration."""
    words = [
        f"--config.file={configuration / 'prometheus.yml'}", f"--storage.tsdb.path={data}", f"--web.listen-address={address}",
        "--storage.tsdb.retention.time=30d", "--web.enable-lifecycle",
    ]  # fmt: skip
    group.start("prometheus", words, address)


def start_alertmanager(group: Programs, configuration: Path, data: Path, address: str) -> None:
    """Start Alertmanager on a rendered configuration."""
    words = [
        f"--config.file={configuration / 'alertmanager.yml'}", f"--storage.path={data}", f"--web.listen-address={address}",
        "--cluster.listen-address=",
    ]  # fmt: skip
    group.start("prometheus-alertmanager", words, address)


def start_postgres_exporter(group: Programs, url: str, address: str) -> None:
    """Start the exporter of a PostgreSQL; the address stands in its environment, since it may hold a password."""
    group.start(
        "prometheus-postgres-exporter",
        [f"--web.listen-address={address}", "--no-collector.bgwriter"],
        address,
        DATA_SOURCE_NAME=url,
    )


def start_node_exporter(group: Programs, textfiles: Path, address: str) -> None:
    """Start the exporter of the machine, which also shows what backups write into ``textfiles``."""
    textfiles.mkdir(parents=True, exist_ok=True)
    group.start(
        "prometheus-node-exporter",
        [f"--web.listen-address={address}", f"--collector.textfile.directory={textfiles}"],
        address,
    )


def checked(*words: str | Path) -> str:
    """Run promtool or amtool and return what it said.

    Raises:
        NotInstalled: It is missing.
        Known: It found something wrong.
    """
    program = shutil.which(str(words[0]))
    if program is None:
        raise NotInstalled([str(words[0])])
    done = subprocess.run([program, *map(str, words[1:])], capture_output=True, text=True, check=False)  # noqa: S603 - our own words
    said = (done.stdout + done.stderr).strip()
    if done.returncode != 0:
        raise Known(f"{words[0]} found something wrong", said[-800:], "Correct it, then try again.")
    return said

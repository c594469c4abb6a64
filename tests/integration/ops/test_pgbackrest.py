"""An external PostgreSQL 15 with pgBackRest: configured by our command, backed up, destroyed, restored to a named moment."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.ops.backup.external import External, PgBackRestFailed
from tests.fixtures.cli import mycelix
from tests.fixtures.drill import fingerprints, write_plays

BIN = Path("/usr/lib/postgresql/15/bin")
pytestmark = [
    pytest.mark.postgres,
    pytest.mark.skipif(not (BIN / "postgres").exists(), reason="apt install postgresql-15"),
    pytest.mark.skipif(shutil.which("pgbackrest") is None, reason="apt install pgbackrest"),
    pytest.mark.skipif(
        os.geteuid() != 0, reason="becomes the user postgres, as pgBackRest must run as the owner of the data"
    ),
]


def as_postgres() -> None:
    entry = pwd.getpwnam("postgres")
    os.setgroups([])
    os.setgid(entry.pw_gid)
    os.setuid(entry.pw_uid)


@dataclass
class Outside:
    """A cluster of the distribution's PostgreSQL."""

    folder: Path
    port: int

    def run(self, *words: object) -> str:
        words_ = [str(word) for word in words]
        home = {**os.environ, "HOME": "/tmp"}
        done = subprocess.run(
            words_, preexec_fn=as_postgres, capture_output=True, text=True, check=False, cwd="/tmp", env=home
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def ctl(self, what: str, *options: str) -> None:
        log = self.folder / "log"
        try:
            self.run(BIN / "pg_ctl", "-D", self.data, "-w", "-t", "60", "-l", log, *options, what)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{log.read_text(errors='replace')[-3_000:]}") from error


@pytest.fixture
def outside() -> Iterator[Outside]:
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/outside-XXXXXX"], text=True).strip())
    entry = pwd.getpwnam("postgres")
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    made = Outside(folder, port)
    made.run(BIN / "initdb", "-D", made.data, "-U", "postgres", "--auth=trust", "--no-sync")
    try:
        yield made
    finally:
        subprocess.run(
            [BIN / "pg_ctl", "-D", made.data, "-m", "immediate", "stop"],
            preexec_fn=as_postgres,
            capture_output=True,
            check=False,
        )
        shutil.rmtree(folder)


def test_a_destroyed_external_database_comes_back_to_a_named_moment(outside: Outside, tmp_path: Path) -> None:
    config = outside.folder / "mycelix.conf"
    secret = tmp_path / "secret"
    secret.write_text("marble-tundra-falcon")
    made = mycelix(
        "backup", "pgbackrest", "configure", "--cluster", outside.data, "--config", config, "--to", outside.folder / "repository",
        "--passphrase-file", secret, "--port", outside.port, "--socket", outside.folder, "--json",
    ).data  # fmt: skip
    entry = pwd.getpwnam("postgres")
    os.chown(config, entry.pw_uid, entry.pw_gid)
    assert config.stat().st_mode & 0o077 == 0
    with (outside.data / "postgresql.conf").open("a") as file:
        file.write(
            f"port = {outside.port}\nunix_socket_directories = '{outside.folder}'\narchive_mode = on\nfsync = off\n"
            f"archive_command = '{made['archiveCommand']}'\n"
        )
    outside.ctl("start")
    migrate(outside.url)
    external = External(outside.data, config, outside.port, outside.folder)
    pgbackrest = ("pgbackrest", f"--config={config}", "--stanza=mycelix")
    outside.run(*pgbackrest, "stanza-create")
    write_plays(outside.url, 3_000)
    outside.run(*pgbackrest, "backup", "--type=full")
    write_plays(outside.url, 2_000)
    outside.run(*pgbackrest, "backup", "--type=incr")
    write_plays(outside.url, 1_000)
    wanted, moment = fingerprints(outside.url), datetime.now(UTC)
    write_plays(outside.url, 500)
    with psycopg.connect(outside.url, autocommit=True) as connection:
        connection.execute("SELECT pg_switch_wal()")
        for _attempt in range(200):
            row = connection.execute("SELECT archived_count, last_archived_wal FROM pg_stat_archiver").fetchone()
            last = connection.execute("SELECT pg_walfile_name(pg_current_wal_lsn() - 1)").fetchone()
            if row is not None and last is not None and row[1] and row[1] >= last[0]:
                break
            time.sleep(0.05)
    pid = int((outside.data / "postmaster.pid").read_text().split()[0])
    os.kill(pid, signal.SIGKILL)
    shutil.rmtree(outside.data)
    for left in outside.folder.glob(
        ".s.PGSQL.*"
    ):  # on another machine they would not be there, and the dead one may still be unreaped
        left.unlink()
    began = time.monotonic()
    outside.run(
        *pgbackrest, "restore", "--type=time", f"--target={moment:%Y-%m-%d %H:%M:%S.%f}+00", "--target-action=promote"
    )
    outside.ctl("start")
    with psycopg.connect(outside.url, autocommit=True) as connection:
        while connection.execute("SELECT pg_is_in_recovery()").fetchone() == (True,):
            time.sleep(0.05)
    print(f"external database back in {time.monotonic() - began:.1f} s")
    assert fingerprints(outside.url) == wanted

    assert "full backup" in external.run("info")
    bundles = [
        path for path in (outside.folder / "repository" / "backup" / "mycelix").rglob("bundle/*") if path.is_file()
    ]
    largest = max(bundles, key=lambda path: path.stat().st_size)
    data = bytearray(largest.read_bytes())
    data[len(data) // 2] ^= 1
    largest.write_bytes(bytes(data))
    with pytest.raises(PgBackRestFailed):
        external.run("verify", "--log-level-console=info")

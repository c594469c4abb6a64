"""An external PostgreSQL 15 with pgBackRest: configured by our command, backed up, destroyed, restored to a named moment."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.ops.backup.external import External, PgBackRestFailed
from tests.fixtures.cli import mycelix
from tests.fixtures.drill import fingerprints, write_plays
from tests.fixtures.outside import NEEDED, Outside, cluster

pytestmark = [
    pytest.mark.postgres,
    NEEDED,
    pytest.mark.skipif(shutil.which("pgbackrest") is None, reason="apt install pgbackrest"),
]


@pytest.fixture
def outside() -> Iterator[Outside]:
    with cluster() as made:
        yield made


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

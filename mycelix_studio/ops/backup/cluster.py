"""PostgreSQL's own tools over a node's embedded cluster: pg_basebackup, pg_combinebackup, pg_receivewal."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from mycelix_studio.errors import Known
from mycelix_studio.node.config import Config
from mycelix_studio.node.embedded import binaries
from mycelix_studio.ops.backup.manifest import check

SLOT = "mycelix_backup"
"""Replication slot of the stream: the server keeps what the stream has not got yet."""


class ToolFailed(Known):
    """One of PostgreSQL's programs failed."""

    def __init__(self, tool: str, said: str) -> None:
        super().__init__(f"{tool} failed", f"{said.strip()[-600:]}", "See docs/operations/recovery.md.")


class NodeNotRunning(Known):
    """The embedded PostgreSQL does not run."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "The node does not run",
            f"Its PostgreSQL in {folder} does not answer.",
            "Start it, or name its data folder.",
        )


@dataclass(frozen=True, slots=True)
class Server:
    """A running cluster. ``segment_bytes`` is the length of a segment of its log."""

    url: str
    version: str
    system: str
    timeline: int
    segment_bytes: int


def run_tool(name: str, *arguments: str | Path, ok: Sequence[int] = (0,)) -> str:
    """Run one of PostgreSQL's programs and return what it said.

    Raises:
        ToolFailed: It ended otherwise.
    """
    command = [str(binaries() / name), *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})  # noqa: S603 - our own words
    if done.returncode not in ok:
        raise ToolFailed(name, done.stderr or done.stdout)
    return done.stdout + done.stderr


def running(config: Config) -> Server:
    """Return the node's running embedded cluster.

    Raises:
        Known: The node uses a server of its own kind, which pgBackRest backs up.
        NodeNotRunning: It does not answer.
    """
    if config.database_url:
        raise Known(
            "This node's database is not its own",
            "MYCELIX_DATABASE_URL names a server, which has a backup of its own kind.",
            "Use `mycelix backup pgbackrest` on that server.",
        )
    folder = config.data_dir / "postgres"
    try:
        place = (folder / "socket").read_text()
        url = f"postgresql://postgres@/postgres?host={quote(place, safe='')}&port=5432"
        with psycopg.connect(url, connect_timeout=5) as connection:
            row = connection.execute(
                "SELECT current_setting('server_version'), (SELECT system_identifier FROM pg_control_system()),"
                " (SELECT timeline_id FROM pg_control_checkpoint()),"
                " (SELECT setting::bigint FROM pg_settings WHERE name = 'wal_segment_size')"
            ).fetchone()
    except (OSError, psycopg.OperationalError) as error:
        raise NodeNotRunning(folder) from error
    assert row is not None
    return Server(url, str(row[0]), str(row[1]), int(row[2]), int(row[3]))


def base_backup(server: Server, to: Path, manifest: Path | None) -> None:
    """Copy the running cluster into a new folder, whole or what changed since a manifest, and verify the copy.

    Raises:
        ToolFailed: As the tool says; with an old manifest it may say that the summaries of the log are gone.
    """
    more = ["--incremental", str(manifest)] if manifest is not None else []
    # Not flushed: what is kept is the encrypted object made of it.
    run_tool(
        "pg_basebackup", "-d", server.url, "-D", to, "-X", "stream", "-c", "fast", "--manifest-checksums=SHA256",
        "--no-password", "--no-sync", *more,
    )  # fmt: skip
    check(to)


def combine(folders: Sequence[Path], to: Path) -> None:
    """Put a full backup and its incrementals together into one cluster, and verify it."""
    if len(folders) == 1:
        folders[0].rename(to)
    else:
        run_tool(
            "pg_combinebackup", "--manifest-checksums=SHA256", "--no-sync", "-o", to, *folders
        )  # the server flushes it all when it starts
    check(to)


def first_segment(folder: Path) -> str:
    """Return the first segment of the log that a base backup needs, from its label."""
    label = (folder / "backup_label").read_text()
    return label.split("(file ", 1)[1].split(")", 1)[0]


def renew_epoch(url: str) -> None:
    """Make studios begin their sync anew: transaction numbers given out after the restored moment will be given out again."""
    with psycopg.connect(url) as connection:
        connection.execute("UPDATE node_state SET value = to_jsonb(gen_random_uuid()::text) WHERE name = 'epoch'")

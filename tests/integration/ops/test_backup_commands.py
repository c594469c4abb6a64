"""The commands of backup and restore, on a real cluster, a folder and an S3 server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.ops.backup import signs
from mycelix_studio.ops.node_env import render
from tests.fixtures.cli import mycelix
from tests.fixtures.drill import Cluster, destroy, fingerprints, write_plays

pytestmark = pytest.mark.postgres


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    made = Cluster.start(tmp_path)
    yield made
    made.close()


@pytest.fixture
def bucket(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """The address of a real S3 server with the bucket `backups`."""
    from moto.server import ThreadedMotoServer

    for name, value in (("ACCESS_KEY_ID", "test"), ("SECRET_ACCESS_KEY", "test"), ("DEFAULT_REGION", "us-east-1")):
        monkeypatch.setenv(f"AWS_{name}", value)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    import boto3

    boto3.client("s3", endpoint_url=f"http://{host}:{port}").create_bucket(Bucket="backups")
    yield f"http://{host}:{port}"
    server.stop()


def test_a_node_is_backed_up_to_s3_verified_and_restored_by_commands(
    cluster: Cluster, bucket: str, tmp_path: Path
) -> None:
    env = tmp_path / "node.env"
    env.write_text(
        render(
            {
                "MYCELIX_DATA_DIR": str(cluster.config.node.data_dir),
                "MYCELIX_BACKUP_TO": "s3://backups/node one",
                "MYCELIX_BACKUP_ENDPOINT": bucket,
                "MYCELIX_BACKUP_RECIPIENT": cluster.config.recipient,
                "MYCELIX_BACKUP_SPOOL": str(cluster.config.spool),
            }
        )
    )
    write_plays(cluster.url, 200)
    assert mycelix("backup", "now", "--env", env, "--dry-run", "--json").data["to"] == "s3://backups/node one"
    assert mycelix("backup", "list", "--env", env, "--json").data == []
    made = mycelix("backup", "now", "--env", env, "--json").data
    assert (made["kind"], made["audioAdded"], made["audioMissing"]) == ("full", 3, [])
    verified = mycelix("backup", "verify", "--env", env, "--live", "--identity-file", cluster.identity, "--json").data
    assert (verified["sound"], verified["audio"]["objects"]) == (True, 3)
    wanted = fingerprints(cluster.url)
    destroy(cluster)
    assert mycelix("restore", "--env", env, "--identity-file", cluster.identity, ok=False).code == 3, "nobody agreed"
    back = mycelix("restore", "--env", env, "--identity-file", cluster.identity, "--yes", "--json").data
    assert (back["audio"], back["audioMissing"]) == (3, [])
    with cluster.opened() as url:
        assert fingerprints(url) == wanted


def test_the_stream_runs_as_a_service_and_ends_on_sigterm(cluster: Cluster) -> None:
    environment = {
        "MYCELIX_DATA_DIR": str(cluster.config.node.data_dir),
        "MYCELIX_BACKUP_TO": cluster.config.to,
        "MYCELIX_BACKUP_RECIPIENT": cluster.config.recipient,
        "MYCELIX_BACKUP_SPOOL": str(cluster.config.spool),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mycelix_studio.cli.main", "backup", "stream", "--part-seconds", "0.2", "--json"],
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        sent = signs.folder(cluster.config.spool) / "mycelix_backup_stream_sent_seconds.prom"
        deadline = time.monotonic() + 40
        while not sent.exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        assert float(sent.read_text().split()[-1]) > time.time() - 60
    finally:
        process.terminate()
        out, _err = process.communicate(timeout=30)
    assert (process.returncode, json.loads(out)) == (0, {"stopped": True})


def test_a_key_is_never_written_over(tmp_path: Path) -> None:
    file = tmp_path / "backup.key"
    made = mycelix("backup", "key", file, "--json").data
    assert made["recipient"].startswith("age1")
    assert file.stat().st_mode & 0o077 == 0
    again = mycelix("backup", "key", file, ok=False)
    assert again.error is not None and "only key of older backups" in again.error.message

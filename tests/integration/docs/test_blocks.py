"""Every block of commands in the documents is run, page by page and in order, against one node on one local chain.

A block that cannot be run here says why in the line above it; `tests/unit/docs/test_commands.py` checks it in other ways and counts.
"""

from __future__ import annotations

import shutil
import socket
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.ops.backup import cluster, sealing
from mycelix_studio.ops.backup.config import BackupConfig
from mycelix_studio.ops.node_env import read, render
from tests.fixtures.audio import make
from tests.fixtures.cli import mycelix
from tests.fixtures.ledger import Stage, set_stage
from tests.fixtures.node import NodeProcess, Person, audio, list_song, make_node
from tests.fixtures.pages import BLOCKS, SHELL
from tests.fixtures.reader import Reader, reading

pytestmark = [
    pytest.mark.anvil,
    pytest.mark.postgres,
    pytest.mark.skipif(shutil.which("curl") is None, reason="apt install curl"),
]

ELSEWHERE = {"docs/integration.md"}
"""Run by `tests/integration/node/test_attestor.py`: it needs a node that counts listens of gifts."""
PAGES = sorted(
    {b.page for b in BLOCKS if not b.not_run and (b.language in SHELL or b.language == "python")} - ELSEWHERE
)


@dataclass
class Place:
    """What the pages are about: a node with its own PostgreSQL in its folder, and a chain with the contracts."""

    node: NodeProcess
    home: Path
    anvil: LocalChain
    stage: Stage

    @property
    def env(self) -> Path:
        return self.home / "node.env"

    @property
    def config(self) -> BackupConfig:
        return BackupConfig.from_environment(read(self.env))

    def set(self, **settings: str) -> None:
        """Write the node's settings, with these changed."""
        kept = read(self.env) if self.env.exists() else {}
        self.env.write_text(render({**kept, **settings}))


def ports(count: int) -> int:
    """Return the first of some free ports in a row."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        try:
            for port in range(first, first + count):
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            continue
        return first


def answers(url: str) -> Callable[[], bool]:
    """Return a test that asks an address."""

    def ask() -> bool:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return True
        except OSError:
            return False

    return ask


@pytest.fixture(scope="module")
def place(anvil: LocalChain, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    home = tmp_path_factory.mktemp("srv")
    with anvil.rpc() as rpc:
        snapshot = rpc.request("evm_snapshot")
        stage = set_stage(rpc, home)
        settings = {
            "MYCELIX_DATA_DIR": str(home / "data"),
            "MYCELIX_PORT": str(ports(1)),
            "MYCELIX_CHAIN_ID": "31337",
            "MYCELIX_RPC_URL": anvil.url,
            "MYCELIX_DEPLOYMENT": str(stage.deployment_file),
        }
        node = make_node(home, **settings)
        made = Place(node.start(), home, anvil, stage)
        made.set(
            **settings,
            MYCELIX_BACKUP_TO=str(home / "backups"),
            MYCELIX_BACKUP_RECIPIENT=sealing.new_identity(home / "first.key"),
        )
        with Person.new().sign_in(node.url) as client:
            list_song(client, 7)
        yield made
        assert node.stop() == 0, node.log.read_text()[-3_000:]
        rpc.request("evm_revert", snapshot)


@pytest.fixture
def reader(place: Place, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Reader:
    """Somebody with a profile of their own, and what every page has in common."""
    deployments = tmp_path / "profile" / "config" / "deployments"
    deployments.mkdir(parents=True)
    deployment = place.stage.deployment_file.read_bytes()
    (deployments / "31337.json").write_bytes(deployment)
    folder = tmp_path / "here"
    folder.mkdir()
    (folder / "deployment.json").write_bytes(deployment)
    (folder / "passphrase").write_text("marble-tundra-falcon\n")
    monkeypatch.setenv("MYCELIX_PROFILE_DIR", str(tmp_path / "profile"))
    instead = {
        "https://music.example": place.node.url,
        "/srv/mycelix": str(place.home),
        "--environment production": "--environment local",
    }
    return Reader(folder, instead)


def an_api(reader: Reader, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    file = reader.folder / "song.flac"
    file.write_bytes(audio(0.4, seed=77))
    for name, value in (("SERVER", place.node.url), ("CHAIN_ID", "31337"), ("AUDIO", str(file))):
        monkeypatch.setenv(name, value)


def a_deployment(reader: Reader, place: Place, _monkeypatch: pytest.MonkeyPatch) -> None:
    (reader.folder / "deployment.json").unlink()
    reader.instead |= {
        "mycelix deploy": "mycelix deploy --no-build",
        "--network local": f"--network local --rpc {place.anvil.url}",
    }


def an_artist(reader: Reader, place: Place, _monkeypatch: pytest.MonkeyPatch) -> None:
    music = reader.folder / "music"
    music.mkdir()
    make(music, "wav").rename(music / "low-lamp.wav")

    def fund() -> None:
        address = mycelix("wallet", "list", "--json").data[0]["address"]
        place.stage.rpc.request("anvil_setBalance", address, hex(10**19))

    reader.instead |= {
        "--network gnosis": f"--network local --rpc {place.anvil.url}",
        "2026-11": f"{datetime.now(UTC):%Y-%m}",
    }
    reader.before = {"library import": fund}


def a_first_node(reader: Reader, place: Place, _monkeypatch: pytest.MonkeyPatch) -> None:
    port = ports(1)
    reader.instead |= {
        "mycelix init node": f"mycelix init node --port {port}",
        "http://127.0.0.1:8390": f"http://127.0.0.1:{port}",
        "http://127.0.0.1:8545": place.anvil.url,
    }
    reader.wait = {"mycelix node": answers(f"http://127.0.0.1:{port}/health")}


def an_operator(reader: Reader, place: Place, _monkeypatch: pytest.MonkeyPatch) -> None:
    compose = reader.folder / "compose"
    compose.mkdir()
    reader.instead |= {"/srv/mycelix": str(reader.folder / "srv"), "packaging/compose": str(compose)}
    reader.before = {"openssl": lambda: shutil.copy(place.stage.deployment_file, compose / "deployment.json")}


def a_watcher(reader: Reader, _place: Place, _monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("prometheus", "amtool", "prometheus-postgres-exporter", "prometheus-node-exporter"):
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
    port = ports(4)
    reader.instead |= {
        "mycelix monitor up": f"mycelix monitor up --port {port}",
        "mycelix monitor alerts": f"mycelix monitor alerts --prometheus http://127.0.0.1:{port}",
    }
    reader.wait = {"mycelix monitor up": answers(f"http://127.0.0.1:{port}/-/ready")}


def a_disaster(reader: Reader, place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = reader.folder
    reader.instead |= {
        "s3://backups/node-one": str(folder / "repository"),
        "/mnt/other-disk/mycelix-spool": str(folder / "spool"),
        "/var/lib/postgresql/15/main": str(folder),
        "/mnt/backups": str(folder / "pgbackrest"),
        "/root/backup-passphrase": str(folder / "passphrase"),
        "pgbackrest configure": f"pgbackrest configure --config {folder / 'pgbackrest.conf'}",
        "--profile-dir elsewhere": f"--profile-dir {folder / 'elsewhere'}",
    }

    def settle() -> None:
        recipient = reader.output[-1].strip()
        place.set(
            MYCELIX_BACKUP_TO=str(folder / "repository"),
            MYCELIX_BACKUP_RECIPIENT=recipient,
            MYCELIX_BACKUP_SPOOL=str(folder / "spool"),
        )

    def receiving() -> bool:
        with psycopg.connect(cluster.running(place.config.node).url) as connection:
            row = connection.execute("SELECT count(*) FROM pg_stat_replication WHERE state = 'streaming'").fetchone()
        return row == (1,)

    def go_on() -> None:
        with Person.new().sign_in(place.node.url) as client:
            list_song(client, 8)
        reader.instead["2026-11-26T00:15:00Z"] = datetime.now(UTC).isoformat().replace("+00:00", "Z")
        with Person.new().sign_in(place.node.url) as client:
            list_song(client, 9)

    def start() -> None:
        place.node.start()
        with place.node.client() as client:
            titles = {song["title"] for song in client.get("/api/songs").json()["songs"]}
        assert "Song 8" in titles and "Song 9" not in titles, "what was there at the moment, and nothing later"

    def stop() -> None:
        reader.stop()
        place.node.stop()

    reader.before = {
        "MYCELIX_BACKUP_TO=": settle,
        "backup verify --env /srv/mycelix/node.env --live": go_on,
        "systemctl stop": stop,
        "systemctl start": start,
    }
    reader.wait = {"mycelix backup stream": receiving}


PREPARED: dict[str, Callable[[Reader, Place, Any], None]] = {
    "docs/api-guide.md": an_api,
    "docs/cli.md": an_artist,
    "docs/deploy.md": a_deployment,
    "docs/node.md": a_first_node,
    "docs/operations/alerts.md": a_watcher,
    "docs/operations/install.md": an_operator,
    "docs/operations/recovery.md": a_disaster,
}
"""What a page needs beyond what all have."""


@pytest.mark.parametrize("page", PAGES)
def test_every_block_of_a_page_works_in_order(
    page: str, reader: Reader, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    if page in PREPARED:
        PREPARED[page](reader, place, monkeypatch)
    with reading(reader):
        for block in (each for each in BLOCKS if each.page == page):
            reader.follow(block)


def test_what_prepares_a_page_is_of_a_page_with_blocks() -> None:
    assert set(PREPARED) <= set(PAGES)

"""`faults alerts`: real faults on a real node, watched by a real Prometheus; the right alert fires, and none before."""

from __future__ import annotations

import contextlib
import json
import os
import re
import signal
import socket
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import psycopg
from eth_account import Account

from mycelix_studio.deploy.deployer import deploy_local
from mycelix_studio.deploy.local import DEPLOYER_KEY, LocalChain
from mycelix_studio.ops.backup import signs
from mycelix_studio.ops.backup.take import take
from mycelix_studio.ops.backup.verify import verify
from mycelix_studio.ops.monitoring import programs
from mycelix_studio.ops.monitoring.render import Targets, render
from mycelix_studio.paths import resource
from tests.bench.rows import Row
from tests.fixtures.drill import Cluster
from tests.fixtures.node import NodeProcess, Person, list_song, make_node

SECONDS = 60.0
"""Most that an alert may take to fire: a dead worker's last figures count for 30 seconds."""
WANTED = 12


def shortened(rules: str) -> str:
    """Return the rules with every duration a sixtieth, but windows of ten samples at least: minutes become seconds."""

    def seconds(text: str) -> float:
        return float(text[:-1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[text[-1]]

    rules = re.sub(r"\[(\d+[smhd])\]", lambda found: f"[{max(15, round(seconds(found[1]) / 60))}s]", rules)
    return re.sub(r"for: (\d+[smhd])", lambda found: f"for: {max(1, round(seconds(found[1]) / 60))}s", rules)


@dataclass
class Scene:
    """Everything that runs."""

    cluster: Cluster
    chain: LocalChain
    node: NodeProcess
    prometheus: str
    group: programs.Programs
    token: str
    song_id: str = ""

    def signed_in(self) -> httpx.Client:
        """Return a client that carries the token of somebody with a song."""
        return httpx.Client(base_url=self.node.url, timeout=60, headers={"Authorization": f"Bearer {self.token}"})

    def firing(self) -> set[str]:
        """Return the names of the alerts that fire now."""
        with urllib.request.urlopen(f"http://{self.prometheus}/api/v1/alerts", timeout=10) as answer:
            found = json.loads(answer.read())["data"]["alerts"]
        return {each["labels"]["alertname"] for each in found if each["state"] == "firing"}

    def sql(self) -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection to the node's database."""
        return psycopg.connect(self.cluster.url, autocommit=True)

    def worker(self) -> psutil.Process:
        """Return the worker child."""
        assert self.node.process is not None
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            for child in psutil.Process(self.node.process.pid).children():
                if "mycelix_studio.node" in " ".join(child.cmdline()):
                    return child
            time.sleep(0.1)
        raise AssertionError("there is no worker")


def free() -> str:
    """Return a free address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Set the scene, then one fault after another."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="faults-alerts-")))
        scene = _scene(folder, stack)
        rules = len(re.findall(r"(?m)^ +- alert:", resource("monitoring/rules.yml").read_text()))
        yield Row("alert rules", rules, "", 25, ">=")
        time.sleep(15)
        false = scene.firing() - {"AlwaysOn", "SettlerPoor", "ClockWrong"}  # the last is this machine's own clock
        yield Row(f"alerts before any fault {' '.join(sorted(false))}".strip(), len(false), "", 0, "<=")
        fired: set[str] = set()
        for wanted, fault in FAULTS:
            with fault(scene):
                found = _wait(scene, wanted - fired)
            fired |= found
            for name in sorted(wanted):
                yield Row(f"{fault.__name__.strip('_').replace('_', ' ')}: {name}", float(name in fired), "", 1, ">=")
        yield Row("alerts that fired from a real fault", len(fired), "", WANTED, ">=")


def _wait(scene: Scene, wanted: set[str]) -> set[str]:
    deadline = time.monotonic() + SECONDS
    found: set[str] = set()
    while wanted - found and time.monotonic() < deadline:
        found |= scene.firing() & wanted
        time.sleep(0.3)
    return found


def _scene(folder: Path, stack: ExitStack) -> Scene:
    cluster = Cluster.start(folder)
    stack.callback(cluster.close)
    chain = stack.enter_context(LocalChain.start())
    deployment = folder / "deployment.json"
    with chain.rpc() as rpc:
        deploy_local(rpc, DEPLOYER_KEY, deployment)
    settler = folder / "settler.key"
    settler.write_text("0x" + bytes(Account.create().key).hex())
    settler.chmod(0o600)
    node = make_node(
        folder / "process",
        MYCELIX_DATABASE_URL=cluster.url,
        MYCELIX_CHAIN_ID="31337",
        MYCELIX_RPC_URL=chain.url,
        MYCELIX_DEPLOYMENT=str(deployment),
        MYCELIX_SETTLER_KEY_FILE=str(settler),
        MYCELIX_POLL_SECONDS="0.2",
        MYCELIX_POOL_SIZE="6",
        MYCELIX_RATE_ANONYMOUS="200/30",
    )
    node.start()
    stack.callback(node.stop)
    targets = Targets(
        api=(node.url.removeprefix("http://"),),
        prometheus=free(),
        alertmanager=free(),
        postgres=(free(),),
        machine=(free(),),
        interval=3,
    )
    configuration = folder / "monitoring"
    made = render(targets)
    made.files["rules.yml"] = shortened(made.files["rules.yml"])
    made.write(configuration)
    group = stack.enter_context(programs.running(folder / "logs"))
    programs.start_alertmanager(group, configuration, folder / "am", targets.alertmanager)
    programs.start_prometheus(group, configuration, folder / "series", targets.prometheus)
    programs.start_postgres_exporter(group, cluster.url, targets.postgres[0])
    programs.start_node_exporter(group, signs.folder(cluster.config.spool), targets.machine[0])
    token = Person.new().token(node.url)
    with httpx.Client(base_url=node.url, timeout=60, headers={"Authorization": f"Bearer {token}"}) as client:
        song_id = str(list_song(client)["songId"])
    take(cluster.config)
    verify(cluster.config)
    return Scene(cluster, chain, node, targets.prometheus, group, token, song_id)


@contextlib.contextmanager
def _beside(work: Callable[[threading.Event], None], count: int = 1) -> Iterator[None]:
    """Run something in threads until the block ends."""
    stopping = threading.Event()
    threads = [threading.Thread(target=work, args=(stopping,), name=f"fault-{number}") for number in range(count)]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stopping.set()
        for thread in threads:
            thread.join()


def _asking(scene: Scene, path: str, **options: object) -> Callable[[threading.Event], None]:
    def work(stopping: threading.Event) -> None:
        with httpx.Client(base_url=scene.node.url, timeout=20, **options) as client:  # type: ignore[arg-type]
            while not stopping.is_set():
                with contextlib.suppress(httpx.HTTPError):
                    client.get(path)
                stopping.wait(0.02)

    return work


@contextlib.contextmanager
def _the_settler_is_poor(scene: Scene) -> Iterator[None]:
    """Its account was empty from the beginning."""
    yield


@contextlib.contextmanager
def _tokens_are_guessed(scene: Scene) -> Iterator[None]:
    with _beside(_asking(scene, "/api/sync/changes", headers={"Authorization": "Bearer " + "x" * 43})):
        yield


@contextlib.contextmanager
def _somebody_asks_too_often(scene: Scene) -> Iterator[None]:
    with _beside(_asking(scene, "/api/songs"), 2):
        yield


@contextlib.contextmanager
def _garbage_is_uploaded(scene: Scene) -> Iterator[None]:
    def work(stopping: threading.Event) -> None:
        with scene.signed_in() as client:
            while not stopping.is_set():
                client.post("/api/upload/ipfs", files={"file": ("a.flac", b"no audio" * 100, "audio/flac")})
                stopping.wait(0.1)

    with _beside(work):
        yield


def _locking(scene: Scene, tables: str) -> Callable[[threading.Event], None]:
    """Hold tables for nine seconds of every ten."""

    def lock(stopping: threading.Event) -> None:
        with psycopg.connect(scene.cluster.url) as connection:
            while not stopping.is_set():
                with contextlib.suppress(psycopg.errors.DeadlockDetected):
                    connection.execute(f"LOCK TABLE {tables} IN ACCESS EXCLUSIVE MODE".encode())
                    stopping.wait(9)
                connection.rollback()
                stopping.wait(1)

    return lock


@contextlib.contextmanager
def _songs_cannot_be_read(scene: Scene) -> Iterator[None]:
    reading = _asking(scene, f"/api/songs/{scene.song_id}", headers={"Authorization": f"Bearer {scene.token}"})
    with _beside(_locking(scene, "songs")), _beside(reading, 16):
        yield


@contextlib.contextmanager
def _plays_cannot_be_written(scene: Scene) -> Iterator[None]:
    from uuid import uuid4

    def play(stopping: threading.Event) -> None:
        with scene.signed_in() as client:
            while not stopping.is_set():
                plays = [
                    {"songId": scene.song_id, "playId": str(uuid4()), "playedAt": "2026-03-01T12:30:00Z", "duration": 1}
                    for _each in range(1_000)
                ]
                with contextlib.suppress(httpx.HTTPError):
                    client.post("/api/plays", json={"plays": plays})

    with _beside(_locking(scene, "plays")), _beside(play, 16):
        yield


@contextlib.contextmanager
def _connections_are_used_up(scene: Scene) -> Iterator[None]:
    with ExitStack() as stack:
        for _number in range(86):
            stack.enter_context(scene.sql())
        yield


@contextlib.contextmanager
def _transactions_block_each_other(scene: Scene) -> Iterator[None]:
    def work(stopping: threading.Event) -> None:
        keys = [1, 2] if threading.current_thread().name.endswith("0") else [2, 1]
        with psycopg.connect(scene.cluster.url) as connection:
            connection.execute("SET deadlock_timeout = '50ms'")
            while not stopping.is_set():
                with contextlib.suppress(psycopg.errors.DeadlockDetected):
                    for key in keys:
                        connection.execute("SELECT pg_advisory_xact_lock(%s)", (key,))
                        time.sleep(0.05)
                connection.rollback()

    with _beside(work, 2):
        yield


@contextlib.contextmanager
def _the_chain_is_rewritten(scene: Scene) -> Iterator[None]:
    with scene.chain.rpc() as rpc:
        rpc.request("anvil_mine", hex(40))
        time.sleep(3)
        rpc.request("anvil_reorg", 30, [])
        rpc.request("anvil_mine", hex(2))
    yield


@contextlib.contextmanager
def _a_stored_backup_rots(scene: Scene) -> Iterator[None]:
    path = next(path for path in Path(scene.cluster.config.to).rglob("*.age"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    verify(scene.cluster.config)
    yield
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))
    verify(scene.cluster.config)


@contextlib.contextmanager
def _somebody_holds_the_locks(scene: Scene) -> Iterator[None]:
    with scene.sql() as connection:
        scene.worker().kill()
        for number in (1, 2, 3):
            connection.execute("SELECT pg_advisory_lock(%s, %s)", (0x6D79, number))
        yield


@contextlib.contextmanager
def _the_worker_hangs(scene: Scene) -> Iterator[None]:
    worker = scene.worker()
    worker.suspend()
    yield
    worker.resume()


@contextlib.contextmanager
def _alertmanager_is_gone(scene: Scene) -> Iterator[None]:
    scene.group.kill("prometheus-alertmanager")
    yield


@contextlib.contextmanager
def _the_database_is_gone(scene: Scene) -> Iterator[None]:
    scene.cluster.server.stop()
    with _beside(_asking(scene, "/api/artists", headers={"Authorization": f"Bearer {scene.token}"}), 8):
        yield


@contextlib.contextmanager
def _the_node_hangs(scene: Scene) -> Iterator[None]:
    assert scene.node.process is not None
    os.kill(scene.node.process.pid, signal.SIGSTOP)
    yield
    os.kill(scene.node.process.pid, signal.SIGCONT)


FAULTS: tuple[tuple[set[str], Callable[[Scene], contextlib.AbstractContextManager[None]]], ...] = (
    ({"SettlerPoor"}, _the_settler_is_poor),
    ({"SignInsRefused"}, _tokens_are_guessed),
    ({"UploadsRefused"}, _garbage_is_uploaded),
    ({"BackupDamaged"}, _a_stored_backup_rots),
    ({"ConnectionsAlmostUsed"}, _connections_are_used_up),
    ({"Deadlocks"}, _transactions_block_each_other),
    ({"DeepReorganisation"}, _the_chain_is_rewritten),
    ({"SlowQueries", "SlowRequests", "PoolExhausted"}, _songs_cannot_be_read),
    ({"PlayQueueFull"}, _plays_cannot_be_written),
    ({"NobodyIndexes", "NobodySettles", "NobodyKeepsUp"}, _somebody_holds_the_locks),
    ({"ManyRefused"}, _somebody_asks_too_often),
    ({"WorkerDown"}, _the_worker_hangs),
    ({"AlertsNotSent"}, _alertmanager_is_gone),
    ({"NodeDown"}, _the_node_hangs),
    ({"PostgresDown", "DatabaseErrors", "ManyErrors"}, _the_database_is_gone),
)

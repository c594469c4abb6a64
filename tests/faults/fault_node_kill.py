"""`faults node-kill`: a node of two APIs, three workers and a database, whose processes are killed a hundred times under load.

Listeners report plays and bring vouchers all the while, to either API, and send again what was not answered. In the end every play and
every voucher that was answered is there exactly once, in the feed and on the chain.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import tempfile
import threading
import time
import uuid
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.events import decode_all
from mycelix_studio.deploy.local import LocalChain
from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.vouchers import Item, Play
from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.bench.rows import Row
from tests.fixtures.cluster import Cluster, Worker, ready, until
from tests.fixtures.market import PRICE, Market
from tests.fixtures.node import NodeProcess, Person, list_song
from tests.fixtures.postgres import new_database
from tests.fixtures.vouchers import body_of

DOMAIN = "music.example"
SETTLER_KEY = "0x" + "d7" * 32
MIX = {"api": 30, "indexer": 20, "settler": 20, "worker": 10, "database": 20}
LATE = 4_000_000_000
BATCH = 50


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Kill a hundred times, with ``large`` five hundred."""
    with tempfile.TemporaryDirectory(prefix="faults-node-kill-") as name, LocalChain.start() as chain:
        storm = Storm.open(Path(name), chain, random.Random(seed))
        try:
            storm.blow({kind: count * (5 if large else 1) for kind, count in MIX.items()})
            storm.calm()
            storm.judge()
        finally:
            storm.close()
    yield from storm.rows()


@dataclass
class Storm:
    """The node, its load, and what is known of both."""

    cluster: Cluster
    server: EmbeddedPostgres
    market: Market
    dice: random.Random
    song: str
    players: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(12))
    over: threading.Event = field(default_factory=threading.Event)
    closed: threading.Event = field(default_factory=threading.Event)
    answered: set[str] = field(default_factory=set)
    brought: set[tuple[str, int]] = field(default_factory=set)
    repeated: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    returns: dict[str, list[Future[float]]] = field(default_factory=lambda: {"API": [], "database": []})
    processor: list[float] = field(default_factory=list)
    takeovers: list[Future[float]] = field(default_factory=list)
    found: dict[str, float] = field(default_factory=dict)
    _load: list[Future[None]] = field(default_factory=list)

    @classmethod
    def open(cls, folder: Path, chain: LocalChain, dice: random.Random, workers: int = 3) -> Storm:
        """Start everything: database, two APIs, workers, a song on chain and listeners with money."""
        server = EmbeddedPostgres(folder / "postgres")
        server.start()
        url = new_database(server)
        migrate(url)
        rpc = chain.rpc()
        market = Market.open(rpc, folder, listeners=4)
        for person in market.listeners:
            person.deposit(10**21)
        key = folder / "settler.key"
        key.write_text(SETTLER_KEY)
        key.chmod(0o600)
        rpc.request("anvil_setBalance", Person.of(SETTLER_KEY).address, hex(10**21))
        settings = {
            "MYCELIX_RPC_URL": chain.url,
            "MYCELIX_DEPLOYMENT": str(market.deployment_file),
            "MYCELIX_CHAIN_ID": "31337",
            "MYCELIX_DOMAIN": DOMAIN,
            "MYCELIX_POLL_SECONDS": "0.1",
            "MYCELIX_SETTLER_KEY_FILE": str(key),
            "MYCELIX_SETTLE_SECONDS": "0.3",
        }
        cluster = Cluster(folder, url, settings)
        for _ in range(2):
            cluster.api()
        for _ in range(workers):
            cluster.worker()
        until(lambda: len(cluster.holders()) == 3, 60)
        artist = Person.of(market.artist_key)
        with artist.sign_in(cluster.apis[0].url, DOMAIN) as client:
            song = list_song(client, seed=9)
        market.register(str(song["contentHash"]))
        made = cls(cluster, server, market, dice, str(song["songId"]))
        with artist.sign_in(cluster.apis[0].url, DOMAIN) as client:
            until(lambda: client.get(f"/api/songs/{made.song}").json()["registered"], 60)
        return made

    # the load

    def start_load(self) -> None:
        """Begin to play, and to bring vouchers."""
        people = [Person.of(listener._key) for listener in self.market.listeners]
        tokens = [person.token(self.cluster.apis[0].url, DOMAIN) for person in people]
        for number in range(2):
            self._load.append(self.players.submit(self._play, number, tokens[number]))
            self._load.append(self.players.submit(self._sign, number + 2, tokens[number + 2]))

    def _play(self, number: int, token: str) -> None:
        dice = random.Random(number)
        with httpx.Client(timeout=10, headers={"Authorization": f"Bearer {token}"}) as client:
            while not self.over.is_set():
                moment = rfc3339(now().replace(microsecond=0))
                batch = [
                    {"songId": self.song, "playId": str(uuid.uuid4()), "playedAt": moment, "duration": 30}
                    for _ in range(BATCH)
                ]
                answer = self._send(client, dice, "/api/plays", {"plays": batch})
                for result in answer["results"]:
                    assert result["status"] in {"accepted", "duplicate"}, result
                    self.answered.add(result["playId"])

    def _sign(self, number: int, token: str) -> None:
        listener = self.market.listeners[number]
        dice = random.Random(number)
        nonce = 0
        with httpx.Client(timeout=10, headers={"Authorization": f"Bearer {token}"}) as client:
            while not self.over.is_set():
                nonce += 1
                amount = Wei(PRICE)
                plays = [Play(self.song, 1, amount)]
                voucher = listener.sign_plays([Item(self.market.payee, 1, amount)], plays, nonce=nonce, deadline=LATE)
                self._send(client, dice, "/api/vouchers", body_of(voucher, plays))
                self.brought.add((listener.address, nonce))
                self.over.wait(0.25)

    def _send(self, client: httpx.Client, dice: random.Random, path: str, body: dict[str, Any]) -> dict[str, Any]:
        """Send until it is answered, to either API."""
        while not self.closed.is_set():
            node = dice.choice(self.cluster.apis)
            try:
                answer = client.post(node.url + path, json=body)
                if answer.status_code in {200, 201}:
                    return dict(answer.json())
                assert answer.status_code == 503, answer.text
            except httpx.TransportError:
                pass
            self.repeated += 1
            self.closed.wait(0.2)
        raise AssertionError("the node ended before it answered")

    # the kills

    def blow(self, mix: dict[str, int]) -> None:
        """Kill as often as the mix says, in any order, each time starting the victim again at once."""
        self.start_load()
        victims = [kind for kind, count in mix.items() for _ in range(count)]
        self.dice.shuffle(victims)
        for kind in victims:
            time.sleep(self.dice.uniform(0.6, 1.6))
            self._revive()
            self.kill(kind)
            for future in self._load:
                if future.done():
                    future.result()

    def kill(self, kind: str) -> None:
        """Kill one process of a kind."""
        if kind == "database":
            self._kill_database()
        elif kind == "api":
            self._kill_api()
        else:
            self._kill_worker(kind)
        self.kills[kind] += 1

    def _kill_api(self) -> None:
        # One that is on its way back is not killed again, or the time it takes would be that of two kills.
        until(lambda: any(ready(node) for node in self.cluster.apis), 90)
        node = self.dice.choice([node for node in self.cluster.apis if ready(node)] or self.cluster.apis[:1])
        assert node.process is not None
        node.process.kill()
        node.process.wait()
        started = time.monotonic()
        self._restart(node)
        self.returns["API"].append(self.players.submit(self._until_ready, started, node))

    def _restart(self, node: NodeProcess) -> None:
        worker = Worker(node.environment, node.log).start()
        node.process = worker.process

    def _until_ready(self, started: float, *nodes: NodeProcess) -> float:
        def again(node: NodeProcess) -> bool:
            # A process that met the database in the wrong moment has ended; a service manager starts it again.
            if node.process is not None and node.process.poll() is not None and not self.closed.is_set():
                self._restart(node)
            return ready(node)

        until(lambda: all(again(node) for node in nodes), 60, every=0.05)
        if len(nodes) == 1 and nodes[0].process is not None:
            times = psutil.Process(nodes[0].process.pid).cpu_times()
            self.processor.append(times.user + times.system)
        return time.monotonic() - started

    def _kill_database(self) -> None:
        until(lambda: all(ready(node) for node in self.cluster.apis), 90)
        assert self.server.pid is not None
        os.kill(self.server.pid, signal.SIGKILL)
        started = time.monotonic()
        until(lambda: not self.server.running)
        self.server.start()
        self.returns["database"].append(self.players.submit(self._until_ready, started, *self.cluster.apis))

    def _kill_worker(self, kind: str) -> None:
        workers = {worker.process.pid: worker for worker in self.cluster.workers if worker.process is not None}
        pid = self.dice.choice(sorted(workers))
        if kind != "worker":
            until(lambda: kind in self._holders(), 30)
            pid = self._holders().get(kind, pid)
        worker = workers[pid]
        held = {task for task, holder in self._holders().items() if holder == pid}
        worker.stop(signal.SIGKILL)
        started = time.monotonic()
        worker.start()
        for task in held:
            self.takeovers.append(self.players.submit(self._until_taken, started, task, pid))

    def _holders(self) -> dict[str, int]:
        with suppress(psycopg.OperationalError):
            return self.cluster.holders()
        return {}

    def _revive(self) -> None:
        for worker in self.cluster.workers:
            if worker.process is not None and worker.process.poll() is not None:
                worker.start()

    def _until_taken(self, started: float, task: str, former: int) -> float:
        until(lambda: self._holders().get(task, former) != former, 60, every=0.05)
        return time.monotonic() - started

    # the end

    def calm(self) -> None:
        """End the load and wait until everything has come to rest."""
        self.over.set()
        self._revive()
        for future in self._load:
            future.result(60)
        for wait in (*self.returns["API"], *self.returns["database"], *self.takeovers):
            wait.result(90)
        until(lambda: self._count("SELECT count(*) FROM vouchers WHERE state <> 'settled'") == 0, 60)
        head = self.market.rpc.block_number()
        until(lambda: self._count("SELECT indexed FROM chain_heads") >= head, 60)

    def judge(self) -> None:
        """Compare what was answered with the feed, the database and the chain."""
        with Person.of(self.market.artist_key).sign_in(self.cluster.apis[0].url, DOMAIN) as client:
            keys: Counter[int] = Counter()
            vouchers = 0
            cursor = ""
            while True:
                page = client.get("/api/sync/changes", params={"cursor": cursor}).json()
                for record in page["records"]:
                    if record["kind"] == "play":
                        keys.update(set(record["key"]))
                    vouchers += record["kind"] == "payment" and record["type"] == "voucher"
                cursor = page["next_cursor"]
                if not page["more"]:
                    break
        with psycopg.connect(self.cluster.url) as connection:
            held = [str(row[0]) for row in connection.execute("SELECT play_id FROM plays").fetchall()]
            rows = {int(row[0]) for row in connection.execute("SELECT key FROM plays").fetchall()}
        charged: Counter[tuple[str, int]] = Counter()
        skipped = 0
        for event in decode_all(self.market.rpc.logs(0, self.market.rpc.block_number(), [self.market.ledger.address])):
            if isinstance(event, abi.VoucherSettled):
                charged[event.listener, event.nonce] += 1
            skipped += isinstance(event, abi.VoucherSkipped)
        self.found = {
            "lost": len(self.answered - set(held)),
            "unasked": len(set(held) - self.answered),
            "doubled": len(held) - len(set(held)),
            "feed": len(rows ^ set(keys)),
            "vouchers lost": len(self.brought - set(charged)) + abs(len(self.brought) - vouchers),
            "vouchers doubled": sum(count - 1 for count in charged.values()) + skipped,
        }

    def _count(self, query: str) -> int:
        with psycopg.connect(self.cluster.url, autocommit=True) as connection:
            row = connection.execute(query).fetchone()  # type: ignore[call-overload]
        return int(row[0])

    def rows(self) -> Iterable[Row]:
        """Return the figures."""
        back = sorted(future.result() for futures in self.returns.values() for future in futures)
        taken = sorted(future.result() for future in self.takeovers)
        yield Row("SIGKILLs under load", self.kills.total(), "", 100, ">=")
        for kind, count in sorted(self.kills.items()):
            yield Row(f"  {kind}", count)
        yield Row("plays answered", len(self.answered))
        yield Row("vouchers answered", len(self.brought))
        yield Row("requests sent again", self.repeated)
        yield Row("answered plays lost", self.found["lost"], "", 0, "<=")
        yield Row("plays doubled", self.found["doubled"] + self.found["unasked"], "", 0, "<=")
        yield Row("plays missing in the feed, or only there", self.found["feed"], "", 0, "<=")
        yield Row("answered vouchers not charged", self.found["vouchers lost"], "", 0, "<=")
        yield Row("vouchers charged or submitted twice", self.found["vouchers doubled"], "", 0, "<=")
        yield Row(
            "ready again, p95", statistics.quantiles(back, n=20)[-1] if len(back) > 1 else back[0], "s", 5.0, "<="
        )
        for kind, futures in self.returns.items():
            yield Row(f"  slowest after the {kind}", max((future.result() for future in futures), default=0.0), "s")
        yield Row("  processor time of an API until then, median", statistics.median(self.processor or [0.0]), "s")
        yield Row("take-over, slowest", taken[-1] if taken else 0.0, "s", 10.0, "<=")

    def close(self) -> None:
        """End everything that was started."""
        self.over.set()
        self.closed.set()
        self.cluster.close()
        self.server.stop()
        self.market.rpc.close()
        self.players.shutdown(wait=True, cancel_futures=True)

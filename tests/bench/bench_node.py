"""`bench node`: plays, sync and reads at once on one node; then plays while API, worker and database are killed. Nothing may be lost.

What was accepted stands in the generators' journals; at the end the artist reads the whole feed, in which every accepted play must come
exactly once, whatever was killed meanwhile.
"""

from __future__ import annotations

import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

import httpx
import psutil
import psycopg

from mycelix_studio.node.db.connect import find
from tests.bench.rows import Row
from tests.fixtures.cluster import ready, until
from tests.fixtures.load import Answers, accepted, gather, generators, wrk
from tests.fixtures.node import NodeProcess, Person, list_song, make_node

SONGS = 3


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Load for half a minute and kill 6 times; with ``large`` for five minutes and 60 times."""
    seconds, kills = (150, 60) if large else (12, 6)
    with tempfile.TemporaryDirectory(prefix="bench-node-") as name:
        folder = Path(name)
        node = make_node(folder / "node", MYCELIX_CHAIN_ID="31337").start()
        node.environment["MYCELIX_PORT"] = node.url.rsplit(":", 1)[1]
        try:
            with Person.new().sign_in(node.url) as client:
                songs = [str(list_song(client, seed=seed * 10 + number)["songId"]) for number in range(SONGS)]
                tokens = [Person.new().token(node.url) for _ in range(2)]
                began = time.perf_counter()
                feed = _Follower(client)
                with generators(node.url, tokens, seconds, folder, songs) as loading:
                    feed.start()
                    try:
                        reads = wrk(
                            f"{node.url}/api/songs?sort=trending", tokens[0], max(5, seconds - 4), connections=8
                        )
                        plays = gather(loading)
                        rate = len(accepted(folder)) / (time.perf_counter() - began)
                    finally:
                        feed.finish()
                yield Row("plays accepted a second", rate)
                yield from _shown("batch of 1,000 plays", plays)
                yield Row("reads a second", reads.rate)
                for label, value in (("p50", reads.p50), ("p95", reads.p95), ("p99", reads.p99)):
                    yield Row(f"  read, {label}", value, "ms")
                yield Row("sync pages a second", feed.pages / max(0.1, feed.seconds))
                yield from _shown("sync page", feed.answers)
                yield Row("errors", plays.errors + reads.errors + feed.answers.errors, "", 0, "<=")
                with generators(node.url, tokens, kills * 3, folder, songs) as loading:
                    back = _killed(node, kills, random.Random(seed))
                    gather(loading)
                yield Row("kills of API, worker and database", kills)
                yield Row("ready again after the database or the API was killed, slowest", back, "s", 10.0, "<=")
                lost, twice = _compare(client, node, accepted(folder))
                yield Row("accepted plays in the feed", len(accepted(folder)) - lost)
                yield Row("accepted plays lost", lost, "", 0, "<=")
                yield Row("plays in the feed twice, or never accepted", twice, "", 0, "<=")
        finally:
            node.stop()


def _shown(name: str, answers: Answers) -> Iterable[Row]:
    for label, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99)):
        yield Row(f"  {name}, {label}", answers.percentile(share), "ms")


class _Follower(threading.Thread):
    """Reads the artist's feed page by page while it grows."""

    def __init__(self, client: httpx.Client) -> None:
        super().__init__()
        self.answers = Answers()
        self.pages = 0
        self.seconds = 0.0
        self._client = client
        self._over = threading.Event()

    def run(self) -> None:
        cursor, began = "", time.monotonic()
        while not self._over.is_set():
            asked = time.perf_counter()
            answer = self._client.get("/api/sync/changes", params={"cursor": cursor, "limit": 5_000})
            self.answers.milliseconds.append((time.perf_counter() - asked) * 1_000)
            self.pages += 1
            if answer.status_code != 200:
                self.answers.errors += 1
                continue
            cursor = answer.json()["next_cursor"]
            if not answer.json()["more"]:
                self._over.wait(0.2)
        self.seconds = time.monotonic() - began

    def finish(self) -> None:
        self._over.set()
        self.join()


def _killed(node: NodeProcess, kills: int, dice: random.Random) -> float:
    """Kill one of the three again and again under load; return the longest time until the node was ready again."""
    slowest = 0.0
    for number in range(kills):
        time.sleep(dice.uniform(0.5, 2.0))
        began = time.monotonic()
        what = ("worker", "database", "api")[number % 3]
        if what == "api":
            node.stop(signal.SIGKILL)
            node.start()
        else:
            _part(node, what).kill()
        until(lambda: ready(node), 60)
        slowest = max(slowest, time.monotonic() - began)
    return slowest


def _part(node: NodeProcess, what: str) -> psutil.Process:
    assert node.process is not None
    marks = {"database": "postgres", "worker": "mycelix_studio.node"}
    found: list[psutil.Process] = []

    def look() -> bool:
        for child in psutil.Process(node.process.pid if node.process is not None else 0).children():
            with suppress(psutil.NoSuchProcess):  # what looks into uploads comes and goes
                if any(word.endswith(marks[what]) for word in child.cmdline()[:8]):
                    found.append(child)
        return bool(found)

    until(look, 60)
    return found[0]


def _compare(client: httpx.Client, node: NodeProcess, ids: set[str]) -> tuple[int, int]:
    """Read the whole feed and return how many accepted plays it lacks, and how many it has twice or nobody reported."""
    keys: list[int] = []
    cursor, more = "", True
    while more:
        page = client.get("/api/sync/changes", params={"cursor": cursor, "limit": 20_000}).json()
        keys += [key for record in page["records"] if record["kind"] == "play" for key in record["key"]]
        cursor, more = page["next_cursor"], page["more"]
    with psycopg.connect(find("", Path(node.environment["MYCELIX_DATA_DIR"]))) as connection:
        names = dict(connection.execute("SELECT key, play_id::text FROM plays").fetchall())
    seen = [names[key] for key in keys]
    return len(ids - set(seen)), len(seen) - len(set(seen) & ids)

"""`faults soak`: a node under a mixed load, and a window that syncs from it, hold their memory, handles and threads."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import httpx
import psutil

from tests.bench.rows import Row
from tests.fixtures.life import Sample, judged, sample
from tests.fixtures.load import gather, generators
from tests.fixtures.node import NodeProcess, Person, audio, list_song, make_node, upload
from tests.fixtures.window_life import said, walked

WARM_UP_MINUTES = 40 / 60
WARM_UP_ROUNDS = 5
"""Rounds after which the library's tools have filled what they keep."""
NODE_RATE, WINDOW_RATE = 0.5, 0.05
"""Batches of 1,000 plays a second: of everybody's songs, and of the artist's who looks on: four million plays a day."""
BURST = 32
"""Requests at a time, several for each thread of a pool."""
LAST_ROUND_SECONDS = 60
"""How long a window may take to come to the end of its round and to close."""


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Watch both for 2.5 minutes, with ``large`` for an hour."""
    seconds = 3_600 if large else 150
    with tempfile.TemporaryDirectory(prefix="faults-soak-") as name:
        folder = Path(name)
        node = make_node(folder / "node", MYCELIX_CHAIN_ID="31337").start()
        try:
            samples, of_window, requests = _soak(node, folder, seconds, seed)
        finally:
            node.stop()
    yield Row("requests beside the plays", requests)
    yield from judged("node", [each for each in samples if each.minutes >= WARM_UP_MINUTES])
    yield from judged("window", of_window[WARM_UP_ROUNDS:])


def _soak(node: NodeProcess, folder: Path, seconds: float, seed: int) -> tuple[list[Sample], list[Sample], int]:
    artist = Person.new()
    for name in ("window", "heard"):
        (folder / name).mkdir()
    with Person.new().sign_in(node.url) as client, artist.sign_in(node.url) as looking:
        songs = [_listed(client, seed * 10 + number) for number in range(2)]
        heard = [_listed(looking, seed * 10 + 2)]
        _burst(client, songs)
        listeners = [[Person.new().token(node.url)] for _ in range(2)]
        with (
            generators(node.url, listeners[0], seconds, folder, songs, NODE_RATE) as playing,
            generators(node.url, listeners[1], seconds, folder / "heard", heard, WINDOW_RATE) as hearing,
            walked(folder / "window", node.url, artist.secret, seconds) as window,
            _mixed(client, songs) as mixed,
        ):
            began = time.monotonic()
            samples = []
            while time.monotonic() - began < seconds:
                time.sleep(2)
                mixed.check()
                samples.append(sample(_processes(node), (time.monotonic() - began) / 60))
            of_window = said(window, folder / "window", LAST_ROUND_SECONDS)
            gather([*playing, *hearing])
    return samples, of_window, mixed.count


def _listed(client: httpx.Client, seed: int) -> str:
    return str(list_song(client, seed=seed, strategy="gift-economy")["songId"])


class _Mixed:
    """Requests of all kinds, one after another, until told to end."""

    def __init__(self, client: httpx.Client, songs: list[str]) -> None:
        self.count = 0
        self.over = threading.Event()
        self._client = client
        self._songs = songs
        self._pool = ThreadPoolExecutor(1)
        self._asking = self._pool.submit(self._ask)

    def check(self) -> None:
        """Raise what ended the requests, if something did: a node that nobody asks holds everything."""
        if self._asking.done():
            self._asking.result()

    def end(self) -> None:
        """End after the present request."""
        self.over.set()
        self._pool.shutdown()

    def _ask(self) -> None:
        number = 0
        while not self.over.wait(0.02):
            number += 1
            for path in (
                "/api/songs?sort=trending",
                f"/api/songs/{self._songs[0]}/audio",
                "/api/analytics/genres",
                "/metrics",
                "/api/none",
            ):
                self._client.get(path)
                self.count += 1
            self._client.get("/api/sync/changes", params={"limit": 100})
            if number % 50 == 0:
                upload(self._client, audio(0.2, number))


@contextmanager
def _mixed(client: httpx.Client, songs: list[str]) -> Iterator[_Mixed]:
    mixed = _Mixed(client, songs)
    try:
        yield mixed
    finally:
        mixed.end()
    mixed.check()


def _burst(client: httpx.Client, songs: list[str]) -> None:
    """Ask for much at once: pools of threads grow to their bound only then, and a thread more after it is one too many."""

    def ask(number: int) -> None:
        client.get(f"/api/songs/{songs[number % 2]}/audio")
        upload(client, audio(0.2, 1_000 + number))
        client.get("/health/ready")

    with ThreadPoolExecutor(BURST) as pool:
        list(pool.map(ask, range(4 * BURST)))


def _processes(node: NodeProcess) -> list[psutil.Process]:
    """Return the node's own processes, without its database."""
    assert node.process is not None
    parent = psutil.Process(node.process.pid)
    return [parent, *(child for child in parent.children(recursive=True) if _is_ours(child))]


def _is_ours(child: psutil.Process) -> bool:
    try:
        return "python" in child.name()
    except psutil.NoSuchProcess:  # what looked into an upload ends when it has
        return False

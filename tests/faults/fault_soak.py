"""`faults soak`: a node under a mixed load holds its memory, handles and threads."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import httpx
import psutil

from tests.bench.rows import Row
from tests.fixtures.load import gather, generators
from tests.fixtures.node import NodeProcess, Person, audio, list_song, make_node, upload

WARM_UP_SECONDS = 40
BURST = 32
"""Requests at a time, several for each thread of a pool."""


@dataclass(frozen=True)
class Sample:
    """The API and worker processes at one moment: minutes since the start, megabytes of their own, handles, threads."""

    minutes: float
    megabytes: float
    handles: int
    threads: int


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Watch a node for 2.5 minutes, with ``large`` for an hour."""
    seconds = 3_600 if large else 150
    with tempfile.TemporaryDirectory(prefix="faults-soak-") as name:
        folder = Path(name)
        node = make_node(folder / "node", MYCELIX_CHAIN_ID="31337").start()
        try:
            samples, requests = _soak(node, folder, seconds, seed)
        finally:
            node.stop()
    settled = [sample for sample in samples if sample.minutes * 60 >= WARM_UP_SECONDS]
    # Theil and Sen's slope: a sample taken while one process takes another's place is 10 MB too low and would tilt a line of least squares.
    slope = statistics.median(
        (b.megabytes - a.megabytes) / (b.minutes - a.minutes) for a, b in combinations(settled, 2)
    )
    half = len(settled) // 2
    yield Row("requests beside the plays", requests)
    yield Row("memory of the node's own processes", settled[-1].megabytes, "MB")
    yield Row("memory, slope after the warm-up", slope, "MB/min", 1.0, "<=")
    for what in ("handles", "threads"):
        first = statistics.median(getattr(s, what) for s in settled[:half])
        last = statistics.median(getattr(s, what) for s in settled[half:])
        yield Row(f"{what}, more in the second half", last - first, "", 0, "<=")


def _soak(node: NodeProcess, folder: Path, seconds: float, seed: int) -> tuple[list[Sample], int]:
    with Person.new().sign_in(node.url) as client:
        songs = [
            str(list_song(client, seed=seed * 10 + number, strategy="gift-economy")["songId"]) for number in range(2)
        ]
        token = client.headers["Authorization"].split()[1]
        _burst(client, songs)
        playing = generators(node.url, [Person.new().token(node.url)], seconds, folder, songs, 0.5)
        stop = threading.Event()
        count = [0]

        def mixed() -> None:
            number = 0
            while not stop.wait(0.02):
                number += 1
                for path in (
                    "/api/songs?sort=trending",
                    f"/api/songs/{songs[0]}/audio",
                    "/api/analytics/genres",
                    "/metrics",
                    "/api/none",
                ):
                    client.get(path)
                    count[0] += 1
                client.get("/api/sync/changes", params={"limit": 100})
                if number % 50 == 0:
                    upload(client, audio(0.2, number))

        worker = threading.Thread(target=mixed)
        worker.start()
        assert token
        began = time.monotonic()
        samples = []
        while time.monotonic() - began < seconds:
            time.sleep(2)
            samples.append(_sample(node, (time.monotonic() - began) / 60))
        stop.set()
        worker.join()
        gather(playing)
    return samples, count[0]


def _burst(client: httpx.Client, songs: list[str]) -> None:
    """Ask for much at once: pools of threads grow to their bound only then, and a thread more after it is one too many."""

    def ask(number: int) -> None:
        client.get(f"/api/songs/{songs[number % 2]}/audio")
        upload(client, audio(0.2, 1_000 + number))
        client.get("/health/ready")

    with ThreadPoolExecutor(BURST) as pool:
        list(pool.map(ask, range(4 * BURST)))


def _sample(node: NodeProcess, minutes: float) -> Sample:
    assert node.process is not None
    parent = psutil.Process(node.process.pid)
    ours = [parent, *(child for child in parent.children(recursive=True) if "python" in child.name())]
    return Sample(
        minutes,
        sum(process.memory_full_info().uss for process in ours) / 2**20,
        sum(process.num_fds() for process in ours),
        sum(process.num_threads() for process in ours),
    )

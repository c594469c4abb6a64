"""`faults load`: durable plays a second in batches, single plays beside `/health`, delays at 60 % of the load, and no error."""

from __future__ import annotations

import json
import tempfile
import time
import uuid
from collections.abc import Iterable
from pathlib import Path

from tests.bench.rows import Row
from tests.fixtures.load import BATCH, Wrk, accepted, gather, generators, wrk
from tests.fixtures.node import Person, list_song, make_node

SONGS = 4


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Load one node whose database, API and worker share this machine with the generators."""
    seconds = 60 if large else 12
    with tempfile.TemporaryDirectory(prefix="faults-load-") as name:
        folder = Path(name)
        node = make_node(folder / "node", MYCELIX_CHAIN_ID="31337").start()
        try:
            artist = Person.new()
            with artist.sign_in(node.url) as client:
                songs = [str(list_song(client, seed=seed * 10 + number)["songId"]) for number in range(SONGS)]
            tokens = [Person.new().token(node.url) for _ in range(3)]
            began = time.perf_counter()
            with generators(node.url, tokens, seconds, folder, songs) as loading:
                batches = gather(loading)
            rate = len(accepted(folder)) / (time.perf_counter() - began)
            body = json.dumps({"duration": 30})
            rounds = [
                (
                    wrk(f"{node.url}/health", tokens[0], 4, connections=64),
                    wrk(f"{node.url}/api/songs/{songs[0]}/play", tokens[0], 4, body, connections=64),
                )
                for _ in range(3)
            ]
            # The round in the middle: both of a round saw the same machine.
            health, single = sorted(rounds, key=lambda pair: pair[1].rate / pair[0].rate)[1]
            # At 60 %: as many batches a second as that, the rest of the time is idle.
            calm = folder / "calm"
            calm.mkdir()
            with generators(node.url, tokens, seconds, calm, songs, rate * 0.6 / BATCH / len(tokens)) as loading:
                eased = gather(loading)
            kept = accepted(folder) | accepted(calm)
            lost = _missing(node.environment["MYCELIX_DATA_DIR"], kept)
        finally:
            node.stop()
    yield Row("durable plays a second, in batches", rate, "", 10_000, ">=")
    yield Row("  batch, p99", batches.percentile(0.99), "ms")
    yield Row("single plays", single.rate / health.rate, "x", 0.35, ">=", "/health")
    yield from _shown("/health", health)
    yield from _shown("single plays", single)
    yield Row("batch at 60 % of the load, p99", eased.percentile(0.99), "ms", 250, "<=")
    errors = batches.errors + eased.errors + sum(found.errors for pair in rounds for found in pair)
    yield Row("errors", errors, "", 0, "<=")
    yield Row("accepted plays that are not there", lost, "", 0, "<=")


def _shown(name: str, found: Wrk) -> Iterable[Row]:
    yield Row(f"  {name}", found.rate, "a second")
    yield Row(f"  {name}, p50 / p95 / p99: p99", found.p99, "ms")


def _missing(data_dir: str, ids: set[str]) -> int:
    """Return how many of the plays are not in the database."""
    import psycopg

    from mycelix_studio.node.db.connect import find

    with psycopg.connect(find("", Path(data_dir))) as connection:
        rows = connection.execute(
            "SELECT count(*) FROM plays WHERE play_id = ANY(%s)", ([uuid.UUID(text) for text in ids],)
        ).fetchone()
    return len(ids) - int(rows[0] if rows else 0)

"""`bench simulator`: replaying a million plays under one strategy, reading included, against one plain SQL pass over the same rows.

The pass reads every play once and sums its columns, without grouping: the least SQLite can do. The replay answers by month and listener
group, with the contracts' whole numbers. Medians of repeated runs, in one process.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.bench.bench_analytics import fill
from tests.bench.rows import Row

PASS = "SELECT count(*), sum(seconds), sum(paid), max(at) FROM play"
BY_MONTH = "SELECT strftime('%Y-%m', at, 'unixepoch') AS month, count(*) FROM play GROUP BY month"
RUNS = 5


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Measure a million plays; ten times as many with ``--large``."""
    from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS
    from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS
    from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS
    from mycelix_studio.domain.strategy.terms import WAYS
    from mycelix_studio.services import simulator
    from mycelix_studio.services.simulator_history import load
    from mycelix_studio.services.simulator_scenarios import Pick, default_scenario
    from mycelix_studio.store.migrations import open_database

    count = 10_000_000 if large else 1_000_000
    terms = simulator.Terms(PLAN_PRESETS[0].plan, AUCTION_PRESETS[0].terms, DEFAULT_TERMS, 100)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "studio.sqlite")
        try:
            fill(database, count, seed)
            db = database.read()
            plain = _median(lambda: db.execute(PASS).fetchall())
            by_month = _median(lambda: db.execute(BY_MONTH).fetchall())
            read = _median(lambda: load(database, 1_000, price=10**16))
            base = load(database, 1_000, price=10**16)
            assert (
                base.history.total_plays
                == db.execute("SELECT count(*) FROM play WHERE at < ?", (base.history.end_day * 86_400,)).fetchone()[0]
            )
            for way in WAYS:
                scenario = default_scenario(way, base.known)
                once = _median(lambda s=scenario: simulator.replay(base.history, s, terms, Pick.VALUE))  # type: ignore[misc]
                yield Row(f"{way}: reading and one replay", (read + once) / plain, "x", 3, "<=", "one plain SQL pass")
                yield Row(f"  {way}: a changed assumption, replay alone", once / plain, "x")
            yield Row("  reading the history", read * 1e3, "ms")
            yield Row("  one plain SQL pass", plain * 1e3, "ms")
            yield Row("  the same grouped by month", by_month * 1e3, "ms")
        finally:
            database.close()


def _median(work: Callable[[], object]) -> float:
    taken = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)

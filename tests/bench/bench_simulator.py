"""`bench simulator`: replaying a million plays under one strategy, reading included, against one plain SQL pass over the same rows.

The pass reads every play once and sums its columns, without grouping: the least SQLite can do. The replay answers by month and listener
group, with the contracts' whole numbers. Medians of ratios of runs made in turn.
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
RUNS = 7


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Measure a million plays; ten times as many with ``--large``."""
    from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS
    from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS
    from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS
    from mycelix_studio.domain.strategy.terms import WAYS
    from mycelix_studio.services import simulator
    from mycelix_studio.services.simulator_history import load, read_plays
    from mycelix_studio.services.simulator_scenarios import Pick, default_scenario
    from mycelix_studio.store.migrations import open_database

    count = 10_000_000 if large else 1_000_000
    terms = simulator.Terms(PLAN_PRESETS[0].plan, AUCTION_PRESETS[0].terms, DEFAULT_TERMS, 100)
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(Path(folder) / "studio.sqlite")
        try:
            fill(database, count, seed)
            db = database.read()
            base = load(database, 1_000, price=10**16)
            counted = "SELECT count(*) FROM play WHERE at < ?"
            plays = db.execute(counted, (base.history.end_day * 86_400,)).fetchone()[0]
            assert base.history.total_plays == plays
            scenarios = {way: default_scenario(way, base.known) for way in WAYS}
            work: dict[str, Callable[[], object]] = {
                "plain": lambda: db.execute(PASS).fetchall(),
                "by month": lambda: db.execute(BY_MONTH).fetchall(),
                "read": lambda: read_plays(db, base.history.months, None),
                "desk": lambda: load(database, 1_000, price=10**16),
            }
            for way, scenario in scenarios.items():
                work[way] = lambda s=scenario: simulator.replay(base.history, s, terms, Pick.VALUE)  # type: ignore[misc]
            taken = _rounds(work)
            read = taken["read"]
            for way in WAYS:
                whole = [a + b for a, b in zip(read, taken[way], strict=True)]
                ratio = _ratio(whole, taken["plain"])
                yield Row(f"{way}: reading and one replay", ratio, "x", 3, "<=", "one plain SQL pass")
                alone = _ratio(taken[way], taken["plain"])
                yield Row(f"  {way}: a changed assumption, replay alone", alone, "x")
            for name, key in (
                ("reading the plays", "read"),
                ("plays, payments and what they say", "desk"),
                ("one plain SQL pass", "plain"),
                ("grouped by month", "by month"),
            ):
                yield Row(f"  {name}", statistics.median(taken[key]) * 1e3, "ms")
        finally:
            database.close()


def _rounds(work: dict[str, Callable[[], object]]) -> dict[str, list[float]]:
    """Run everything in turn, several times, so that all of it meets the same load."""
    taken: dict[str, list[float]] = {name: [] for name in work}
    for _ in range(RUNS):
        for name, run_it in work.items():
            begun = time.perf_counter()
            run_it()
            taken[name].append(time.perf_counter() - begun)
    return taken


def _ratio(times: list[float], peer: list[float]) -> float:
    return statistics.median(a / b for a, b in zip(times, peer, strict=True))

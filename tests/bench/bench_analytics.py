"""The twelve questions of a dashboard from rollups, against raw SQLite with indexes and DuckDB, all answers equal.

Both peers hold the same rows under the cache's own whole numbers, in the order of time, where an export of a platform would hold texts;
SQLite with an index for each question and all of it mapped into memory, DuckDB in memory with every core, which skips what lies before a
range since the rows are in order. Neither keeps answers, neither reads sums made before. Every side is asked for rows as Python has them;
the studio's answer holds more than was asked (each song and its income, not ten and their plays).
"""

from __future__ import annotations

import math
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.bench.rows import Row

if TYPE_CHECKING:
    from mycelix_studio.store.connection import Database

DAYS = 3 * 365
FIRST = date(2023, 6, 1)
LAST = FIRST + timedelta(days=DAYS - 1)
SONGS, GENRES = 200, ("ambient", "folk", "drone", "jazz", "techno", "")
BITS = (1, 2, 4, 8)
ARTIST = "0x" + "A7" * 20
ROUNDS = 25


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Measure each question as a median of repeated runs; 10 million plays with ``--large``, else one million."""
    try:
        import duckdb
    except ImportError:
        duckdb = None  # type: ignore[assignment]
        print("duckdb is not installed: measured against SQLite only", file=sys.stderr)
    counts = (1_000_000, 10_000_000) if large else (100_000, 1_000_000)
    with tempfile.TemporaryDirectory() as name:
        folders = [Path(name, str(count)) for count in counts]
        for folder, count in zip(folders, counts, strict=True):
            folder.mkdir()
            found = _measure(folder, count, seed, duckdb)
        sums = _by_turns(folders)
    raw = _mean(times["raw"] / times["own"] for times in found.values())
    # The targets of the ratios are for ten million plays: a raw query takes longer with every play, a rollup does not.
    yield Row("12 questions, geometric mean", raw, "x", 1_000 if large else None, ">=", "SQLite, raw with indexes")
    if duckdb is not None:
        ratios = {name: times["duckdb"] / times["own"] for name, times in found.items()}
        yield Row("12 questions, geometric mean", _mean(ratios.values()), "x", 100 if large else None, ">=", "DuckDB")
        yield Row("the least of the 12", min(ratios.values()), "x", 4 if large else None, ">=", "DuckDB")
    yield Row("12 questions together", sums[1], "ms", 10.0, "<=")
    yield Row(f"{counts[1]:,} plays against {counts[0]:,}", sums[1] / sums[0], "x", 1.2, "<=", "itself")
    for name, times in found.items():
        yield Row(name, times["own"], "ms")
        for peer in ("raw", "duckdb"):
            if peer in times:
                yield Row(f"{name}, {peer}", times[peer], "ms")


def _mean(values: Any) -> float:
    return math.exp(statistics.fmean(math.log(value) for value in values))


@dataclass(frozen=True)
class Question:
    """One question: how the studio answers it, and the SQL that answers it from the raw rows."""

    name: str
    own: Callable[[sqlite3.Connection], Any]
    sql: str
    shape: Callable[[Any], list[Any]]


def questions() -> list[Question]:
    """Return the twelve, for the days up to the last one."""
    from mycelix_studio.domain.metrics import day_of
    from mycelix_studio.store import figures
    from mycelix_studio.store.figures import Chosen

    every, last, all_time = Chosen(), day_of(LAST), FIRST
    month, year = LAST - timedelta(days=29), LAST - timedelta(days=364)

    def income(first: date) -> Callable[[sqlite3.Connection], Any]:
        return lambda db: figures.income_by_day(db, day_of(first), last, every)

    def top(first: date) -> Callable[[sqlite3.Connection], Any]:
        def ask(db: sqlite3.Connection) -> Any:
            rows = ((n, plays) for n, (plays, _net) in figures.song_totals(db, first, LAST, every).items() if plays)
            return sorted(rows, key=lambda row: (-row[1], row[0]))[:10]

        return ask

    def genres(db: sqlite3.Connection) -> Any:
        names = figures.all_songs(db)
        sums: dict[str, int] = {}
        for number, (plays, _net) in figures.song_totals(db, year, LAST, every).items():
            if plays:
                genre = names[number].genre
                sums[genre] = sums.get(genre, 0) + plays
        return sums

    def split(db: sqlite3.Connection) -> Any:
        return figures.income_by_strategy(db, day_of(year), last, every)

    def unique(first: date) -> Callable[[sqlite3.Connection], Any]:
        return lambda db: figures.unique_listeners(db, day_of(first), last, every)

    def per_day(first: date) -> Callable[[sqlite3.Connection], Any]:
        return lambda db: figures.plays_by_day(db, day_of(first), last, every)

    def pairs(answer: Any) -> list[Any]:
        return sorted(answer.items())

    def dated(columns: Any) -> list[Any]:
        """Put the days to columns that end with the last one; days without anything are no rows of a raw query."""
        rows = list(zip(*columns, strict=True))
        return [(day, *row) for day, row in enumerate(rows, last - len(rows) + 1) if any(row)]

    def by_day(answer: Any) -> list[Any]:
        return [row[:2] for row in dated(answer)]

    def people(answer: Any) -> list[Any]:
        return [(day, listeners, fresh) for day, _plays, listeners, fresh in dated(answer)]

    def moneys(answer: Any) -> list[Any]:
        return [(day, bit, net) for day, *row in dated(answer) for bit, net in zip(BITS, row, strict=True) if net]

    def one(answer: Any) -> list[Any]:
        return [(answer,)]

    plays = "SELECT played // 86400 AS day, count(*) FROM play WHERE played >= {} GROUP BY 1 ORDER BY 1"
    money = (
        "SELECT block_time // 86400 AS day, strategy, sum(net_gwei), sum(net_rem) FROM payment WHERE block_time >= {}"
        " GROUP BY 1, 2 ORDER BY 1, 2"
    )
    ranked = "SELECT song, count(*) AS n FROM play WHERE played >= {} GROUP BY 1 ORDER BY n DESC, song LIMIT 10"
    different = "SELECT count(DISTINCT listener) FROM play WHERE played >= {}"
    return [
        Question("earnings a day, 30 d", income(month), _since(money, month), moneys),
        Question("earnings a day, all", income(all_time), _since(money, all_time), moneys),
        Question("plays a day, all", per_day(all_time), _since(plays, all_time), by_day),
        Question("top 10 songs, 30 d", top(month), _since(ranked, month), list),
        Question("top 10 songs, 1 y", top(year), _since(ranked, year), list),
        Question(
            "strategies, 1 y",
            split,
            _since(
                "SELECT strategy, sum(net_gwei), sum(net_rem) FROM payment WHERE block_time >= {} GROUP BY 1 ORDER BY 1",
                year,
            ),
            pairs,
        ),
        Question(
            "genres, 1 y",
            genres,
            _since(
                "SELECT s.genre, count(*) FROM play p JOIN song s ON s.song = p.song WHERE p.played >= {} GROUP BY 1 ORDER BY 1",
                year,
            ),
            pairs,
        ),
        Question("unique listeners, 30 d", unique(month), _since(different, month), one),
        Question("unique listeners, 1 y", unique(year), _since(different, year), one),
        Question("unique listeners, all", unique(all_time), _since(different, all_time), one),
        Question("calendar, 1 y", per_day(year), _since(plays, year), by_day),
        Question(
            "new and returning, 30 d",
            per_day(month),
            _since(
                "SELECT p.day, count(*), sum(CASE WHEN f.day = p.day THEN 1 ELSE 0 END)"
                " FROM (SELECT DISTINCT listener, played // 86400 AS day FROM play WHERE played >= {}) p"
                " JOIN (SELECT listener, min(played) // 86400 AS day FROM play GROUP BY 1) f ON f.listener = p.listener"
                " GROUP BY 1 ORDER BY 1",
                month,
            ),
            people,
        ),
    ]


def _since(sql: str, first: date) -> str:
    from mycelix_studio.domain.metrics import day_of

    return sql.format(day_of(first) * 86_400)


def _measure(folder: Path, count: int, seed: int, duckdb: Any) -> dict[str, dict[str, float]]:
    from mycelix_studio.store.migrations import open_database

    database = open_database(folder / "studio.sqlite")
    try:
        tables = fill(database, count, seed)
        raw = _raw(folder / "raw.sqlite", tables)
        duck = _duck(duckdb, tables) if duckdb is not None else None
        own = database.read()
        found: dict[str, dict[str, float]] = {}
        for question in questions():
            ask = {"own": lambda q=question: q.own(own), "raw": lambda q=question: _plain(raw, q.sql)}
            if duck is not None:
                ask["duckdb"] = lambda q=question: _plain(duck, q.sql)
            answers: dict[str, Any] = {}
            times: dict[str, float] = {}
            for name, answer in ask.items():
                repeats = {"own": ROUNDS, "raw": 3, "duckdb": 7}[name]
                answers[name], times[name] = _timed(answer, repeats)
            answers["own"] = question.shape(answers["own"])
            for name, rows in answers.items():
                assert rows == answers["own"], f"{question.name}: {name} answers otherwise"
            found[question.name] = times
        raw.close()
        if duck is not None:
            duck.close()
    finally:
        database.close()
    return found


def _by_turns(folders: Sequence[Path]) -> list[float]:
    """Return how long the twelve take together in each cache, asked by turns, so that a busy moment of the machine hits all."""
    from mycelix_studio.store.migrations import open_database

    databases = [open_database(folder / "studio.sqlite") for folder in folders]
    try:
        connections = [database.read() for database in databases]
        sums = [0.0 for _ in folders]
        for question in questions():
            times: list[list[float]] = [[] for _ in folders]
            for _ in range(ROUNDS):
                for place, connection in enumerate(connections):
                    times[place].append(_timed(lambda db=connection, ask=question.own: ask(db), 1)[1])  # type: ignore[misc]
            for place, each in enumerate(times):
                sums[place] += statistics.median(each)
        return sums
    finally:
        for database in databases:
            database.close()


def _timed(ask: Callable[[], object], repeats: int) -> tuple[object, float]:
    answer = ask()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        answer = ask()
        times.append((time.perf_counter() - start) * 1000)
    return answer, statistics.median(times)


def _plain(db: Any, sql: str) -> object:
    """Return the rows of a raw query as the studio gives them: the two columns of an amount joined."""
    money = "net_gwei" in sql
    query = sql.replace("//", "/") if isinstance(db, sqlite3.Connection) else sql
    rows = db.execute(query).fetchall()
    if not money:
        return [tuple(row) for row in rows]
    return [(*row[:-2], int(row[-2]) * 10**9 + int(row[-1])) for row in rows]


def fill(database: Database, count: int, seed: int) -> dict[str, dict[str, Any]]:
    """Fill a cache through the sync's own path and return the same rows as columns."""
    import numpy as np

    from mycelix_studio.domain import wire
    from mycelix_studio.domain.clock import from_unix
    from mycelix_studio.domain.metrics import day_of
    from mycelix_studio.domain.strategy.names import STRATEGY_BITS
    from mycelix_studio.store import synced

    rng = np.random.default_rng(seed)
    ids = tuple("0x" + f"{number:064x}" for number in range(SONGS))
    people = tuple("0x" + f"{number:040X}" for number in range(max(count // 100, 10)))
    weights = 1 / np.arange(1, SONGS + 1)
    song = rng.choice(SONGS, count, p=weights / weights.sum())
    listener = np.minimum((rng.pareto(1.2, count) * len(people) / 20).astype(np.int64), len(people) - 1)
    start = day_of(FIRST) * 86_400
    at = start + np.sort(rng.integers(0, DAYS * 86_400, count))
    with database.write() as db:
        synced.begin(db, "https://music.example", ARTIST)
    made = from_unix(start)
    songs = [
        wire.SongRecord(
            n + 1, ids[n], ARTIST, f"Song {n}", "Ada Lark", GENRES[n % len(GENRES)], 180, f"bafk{n}", None, "pay-per-stream",
            ("pay-per-stream",), 10**16, 1, made, False,
        )
        for n in range(SONGS)
    ]  # fmt: skip
    _apply(database, songs)
    for first in range(0, count, 50_000):
        part = slice(first, first + 50_000)
        used, index = np.unique(listener[part], return_inverse=True)
        keys = tuple(range(first + 1, first + 1 + len(index)))
        names = tuple(people[n] for n in used)
        columns = (tuple(song[part].tolist()), tuple(index.tolist()), tuple(at[part].tolist()))
        _apply(database, [wire.PlayPage(ids, names, keys, *columns, (60,) * len(keys), (0,) * len(keys))])
    paid = max(count // 10, 1)
    paid_at = start + np.sort(rng.integers(0, DAYS * 86_400, paid))
    bits, paid_song = rng.choice(BITS, paid, p=(0.6, 0.1, 0.2, 0.1)), rng.integers(0, SONGS, paid)
    net = rng.integers(1, 10**18, paid)
    ways = {bit: name for name, bit in STRATEGY_BITS.items()}
    for first in range(0, paid, 20_000):
        _apply(
            database,
            [
                wire.PaymentRecord(
                    n + 1, 100, n, from_unix(int(paid_at[n])), f"0x{n:064x}", 0, 0, people[0], 1, ids[paid_song[n]], ways[int(bits[n])],
                    "stream", 1, int(net[n]), 0, int(net[n]),
                )
                for n in range(first, min(first + 20_000, paid))
            ],
        )  # fmt: skip
    with database.write() as db:
        db.execute("ANALYZE")
    numbers = dict(tuple(row) for row in database.read().execute("SELECT song_id, id FROM song_ref"))
    local = np.array([numbers[name] for name in ids])
    return {
        "play": {"key": np.arange(1, count + 1), "song": local[song], "listener": listener, "played": at},
        "payment": {
            "block_time": paid_at,
            "strategy": bits,
            "song": local[paid_song],
            "net_gwei": net // 10**9,
            "net_rem": net % 10**9,
        },
        "song": {"song": local, "genre": np.array([GENRES[n % len(GENRES)] for n in range(SONGS)])},
    }


def _apply(database: Database, records: list[Any]) -> None:
    from datetime import UTC, datetime

    from mycelix_studio.domain.wire import SyncPage
    from mycelix_studio.store import synced

    with database.write() as db:
        synced.apply(db, SyncPage(tuple(records), "c", False, datetime(2026, 6, 1, tzinfo=UTC)))


def _raw(path: Path, tables: dict[str, dict[str, Any]]) -> sqlite3.Connection:
    db = sqlite3.connect(path)
    db.execute("PRAGMA cache_size = -262144")
    db.execute("PRAGMA mmap_size = 4294967296")
    for name, columns in tables.items():
        kinds = ", ".join(f"{column} {'TEXT' if column == 'genre' else 'INTEGER'}" for column in columns)
        db.execute(f"CREATE TABLE {name} ({kinds})")
        rows = zip(*(values.tolist() for values in columns.values()), strict=True)
        db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
    for index in (
        "play (played, song)",
        "play (played, listener)",
        "play (listener, played)",
        "payment (block_time, strategy)",
    ):
        db.execute(f"CREATE INDEX {index.translate(str.maketrans(' (,)', '____'))} ON {index}")
    db.execute("ANALYZE")
    db.commit()
    return db


def _duck(duckdb: Any, tables: dict[str, dict[str, Any]]) -> Any:
    db = duckdb.connect()
    for name, columns in tables.items():
        rows = dict(columns)  # noqa: F841 - DuckDB finds it by its name
        db.execute(f"CREATE TABLE {name} AS SELECT * FROM rows")
    return db

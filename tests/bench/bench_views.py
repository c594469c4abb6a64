"""`bench views`: the six analytics views over rollups beside the raw SQL and beside real materialized views, on one database.

1M plays (10M with ``--large``), seeded: 2,000 songs of 200 artists in 24 genres, listeners of uneven habits, a year of play, a tenth of it
in the last week. Every view is compared with its raw query before anything is timed. A view and its raw query are timed alike, by what the
server says that planning and running them took: the way to a client and back costs several times a view's reading, and belongs to neither.
"""

from __future__ import annotations

import statistics
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

import psycopg
from psycopg import sql

from mycelix_studio.node.db.analytics import TRENDING
from mycelix_studio.node.db.migrations import migrate
from mycelix_studio.node.embedded import EmbeddedPostgres
from tests.bench.rows import Row
from tests.fixtures.analytics_raw import ARTIST, GENRE, PLATFORM, SONG, VIEWS, WEEK

NOW = 1_770_000_000
ARTISTS, SONGS, GENRES, LISTENERS = 200, 2_000, 24, 50_000
TURNS = 3
"""Refreshing and folding take turns as often, so that a machine that gets slower or quicker meanwhile is in both."""
_KEYS = {
    "mv_artist_analytics": "artist_address",
    "mv_song_analytics": "song_id",
    "mv_platform_stats": "total_plays",
    "mv_top_songs_week": "song_id",
    "mv_listener_activity": "listener_address",
    "mv_genre_stats": "genre",
}
_SONG_COLUMNS = (
    "song_id, title, artist_address, artist_name, genre, strategy, play_count, unique_listeners, total_earnings, avg_play_duration,"
    " avg_earning_per_play, last_played, first_played, plays_last_7_days, plays_last_30_days, trending_score, last_refreshed"
)
_TRENDING_READ = f"SELECT {_SONG_COLUMNS} FROM mv_song_analytics {TRENDING % 20}"
_TRENDING_RAW = f"SELECT * FROM ({SONG}) AS x WHERE trending_score > 0 ORDER BY trending_score DESC, song_id LIMIT 20"
_READS = {
    "artist": ("SELECT * FROM mv_artist_analytics WHERE artist_address = {address}", 3_000),
    "trending": (_TRENDING_READ, 2_500),
    "platform": ("SELECT * FROM mv_platform_stats", 5_000),
    "top week": ("SELECT * FROM mv_top_songs_week LIMIT 20", 100),
    "genre": ("SELECT * FROM mv_genre_stats", 25_000),
}  # fmt: skip
_RAW = {
    "artist": ARTIST,
    "trending": _TRENDING_RAW,
    "platform": PLATFORM,
    "top week": WEEK.replace("LIMIT 100", "LIMIT 20"),
    "genre": GENRE,
}


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Measure at 1M plays; with ``large`` at 10M too."""
    with tempfile.TemporaryDirectory(prefix="bench-views-") as folder:
        server = EmbeddedPostgres(Path(folder) / "postgres")
        server.start()
        try:
            small_url = _database(server, "small")
            small = yield from _measure(small_url, 1_000_000, seed, "1M")
            if large:
                big_url = _database(server, "big")
                big = yield from _measure(big_url, 10_000_000, seed, "10M")
                for name, ratio in _grown(small_url, big_url).items():
                    yield Row(f"{name}, 10M/1M", ratio, "x", 1.3, "<=", "itself at 1M")
                yield Row("fold, 10M/1M", big["fold"] / small["fold"], "x", peer="itself at 1M")
        finally:
            server.stop()


def _database(server: EmbeddedPostgres, name: str) -> str:
    with psycopg.connect(server.url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[call-overload]
    url = server.url.replace("@/postgres?", f"@/{name}?")
    migrate(url)
    return url


def _grown(small_url: str, big_url: str) -> dict[str, float]:
    """Return by name how many times longer a view is read in the larger database; both in turns, so that whatever else runs is in both."""
    with psycopg.connect(small_url, autocommit=True) as small, psycopg.connect(big_url, autocommit=True) as big:
        texts = {name: _read(small, name) for name in _READS}
        return {
            name: statistics.median(_cost(big, text, 200) / _cost(small, text, 200) for _ in range(9))
            for name, text in texts.items()
        }


def _read(connection: psycopg.Connection, name: str) -> str:
    address = connection.execute("SELECT address FROM accounts WHERE id = 7").fetchone()
    assert address is not None
    return _READS[name][0].format(address=sql.Literal(address[0]).as_string())


def _measure(url: str, plays: int, seed: int, label: str) -> Iterable[Row]:
    """Fill, compare, time; returns seconds by name."""
    with psycopg.connect(url, autocommit=True) as connection:
        fill(connection, plays, seed)
        began = time.perf_counter()
        connection.execute("SELECT analytics_advance(%s)", (NOW,))
        yield Row(f"first fold of {label} plays", time.perf_counter() - began, "s")
        connection.execute("VACUUM ANALYZE")
        # What the raw queries say is kept as real materialized views, as a platform without rollups has them.
        _materialize(connection)
        # Nobody reads what all listeners did at once; at 10M it takes minutes, so that one in 16 is compared.
        some = plays > 1_000_000
        wrong = sum(_differs(connection, name, f"SELECT * FROM real_{name}", NOW, some) for name in VIEWS)
        yield Row(f"views that differ from the raw SQL, {label}", wrong, "", 0, "<=")
        took: dict[str, float] = {}
        for name, (_, target) in _READS.items():
            text = _read(connection, name)
            took[name] = _cost(connection, text, 2_000)
            raw = _cost(connection, _RAW[name].replace("%(now)s", str(NOW)), 1 if some else 3)
            yield Row(f"{name}, {label}", raw / took[name], "x", target, ">=", "raw SQL")
            yield Row(f"{name}, {label}: read", took[name] * 1_000, "ms")
            yield Row(
                f"{name}, {label}: with the way to a client and back", _round_trip(connection, text) * 1_000, "ms"
            )
        moment = NOW
        folds: list[float] = []
        refreshes: list[float] = []
        ratios: list[float] = []
        # Days belong to no view; what folding 15 s of plays into them costs is told beside, without the history, which would take a minute.
        connection.execute("UPDATE roll_platform SET days_horizon = horizon")
        for turn in range(TURNS):
            refreshes.append(_refresh(connection, seed + 10_000 + turn, moment))
            connection.execute("SELECT analytics_days()")
            # The first change of a page after a checkpoint logs the whole page. A node folds 900 times between two checkpoints, so
            # the first ones are left out: 20 at 1M, ten times as many where there are ten times as many pages; later a few.
            left_out = plays // 50_000 if turn == 0 else 5
            took_now = []
            for _ in range(left_out + 10):
                moment += 5
                new_plays(connection, 1_000, seed + moment - NOW, moment)
                began = time.perf_counter()
                connection.execute("SELECT analytics_advance(%s)", (moment,))
                took_now.append(time.perf_counter() - began)
            folds += took_now[left_out:]
            ratios.append(refreshes[-1] / statistics.median(took_now[left_out:]))
        took["fold"] = statistics.median(folds)
        began = time.perf_counter()
        connection.execute("SELECT analytics_days()")
        yield Row(f"days of 15,000 plays, {label}", (time.perf_counter() - began) * 1_000, "ms")
        yield Row(f"folding in 1,000 plays, {label}", took["fold"] * 1_000, "ms")
        yield Row(f"refreshing the six views, {label}", statistics.median(refreshes), "s")
        yield Row(
            f"folding in 1,000 plays, {label}",
            statistics.median(ratios),
            "x",
            300,
            ">=",
            "REFRESH ... CONCURRENTLY of six",
        )
        wrong = sum(_differs(connection, name, query, moment, some) for name, query in VIEWS.items())
        yield Row(f"views that differ afterwards, {label}", wrong, "", 0, "<=")
        return took


def fill(connection: psycopg.Connection, plays: int, seed: int) -> None:
    """Write artists, songs, listeners, plays and a payment for every tenth play."""
    connection.execute("SELECT setseed(%s)", (seed % 1_000 / 1_000,))
    connection.execute(
        "INSERT INTO accounts (address) SELECT '0x' || lpad(to_hex(n), 40, '0') FROM generate_series(1, %s) n",
        (ARTISTS + LISTENERS,),
    )
    connection.execute(
        "INSERT INTO songs (artist, owner, song_id, title, artist_name, genre, content_hash, strategy, listed, created_at)"
        " SELECT n %% %s + 1, n %% %s + 1, '0x' || lpad(to_hex(n), 64, '0'), 'Song ' || n, 'Artist ' || n %% %s, 'genre ' || n %% %s,"
        " '0x' || lpad(to_hex(n), 64, '0'), 1 << (n %% 4)::int, true, to_timestamp(%s - n * 40000) FROM generate_series(0, %s) n",
        (ARTISTS, ARTISTS, ARTISTS, GENRES, NOW, SONGS - 1),
    )
    # A tree over random values is made by sorting in a tenth of the time that growing it row by row takes.
    indexes = connection.execute(
        "SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i"
        " WHERE i.indrelid = 'plays'::regclass AND NOT i.indisprimary"
    ).fetchall()
    for name, _ in indexes:
        connection.execute(f"DROP INDEX {name}".encode())
    _history(connection, plays, seed)
    for _, definition in indexes:
        connection.execute(definition.encode())
    connection.execute(
        "INSERT INTO payments (artist, chain_id, block, block_time, tx, log_index, item, listener, payee, song, type, count,"
        " gross, fee, net) SELECT artist, 1, key, at, '0x', 0, 0, listener, 1, song, 'stream', 1, 10000000000000000, 100000000000000,"
        " 9900000000000000 FROM plays WHERE key % 10 = 0"
    )


def _history(connection: psycopg.Connection, count: int, seed: int) -> None:
    """A year of plays, a tenth of them in the last week."""
    moment = f"{NOW} - CASE WHEN d.a < 0.1 THEN floor(d.b * 7 * 86400) ELSE floor(d.b * 365 * 86400) END"
    _plays(connection, count, seed, moment)


def new_plays(connection: psycopg.Connection, count: int, seed: int, now: int) -> None:
    """Plays as they come in: of the last minute, one in twenty late; half are of songs that their listener heard before."""
    _plays(
        connection,
        count // 2,
        seed,
        f"{now} - CASE WHEN d.a < 0.05 THEN floor(d.b * 40 * 86400) ELSE floor(d.b * 60) END",
    )
    connection.execute(
        "INSERT INTO plays (artist, song, listener, play_id, at, seconds)"
        " SELECT artist, song, listener, gen_random_uuid(), %s - floor(random() * 60), 90"
        " FROM plays TABLESAMPLE SYSTEM (1) REPEATABLE (%s) LIMIT %s",
        (now, seed, count - count // 2),
    )


def _plays(connection: psycopg.Connection, count: int, seed: int, moment: str) -> None:
    """Popular songs and eager listeners come up more often."""
    connection.execute("SELECT setseed(%s)", (seed % 1_000 / 1_000,))
    query = (
        "INSERT INTO plays (artist, song, listener, play_id, at, seconds)"
        f" SELECT s.owner, s.id, %s + 1 + floor(%s * d.c * d.c)::int, gen_random_uuid(), {moment}, 20 + floor(d.b * 200)"
        " FROM (SELECT random() AS a, random() AS b, random() AS c,"
        " floor(power(random(), 2) * %s)::int AS pick FROM generate_series(1, %s)) d"
        " JOIN (SELECT owner, id, row_number() OVER (ORDER BY id) - 1 AS place FROM songs) s ON s.place = d.pick"
    )
    connection.execute(query.encode(), (ARTISTS, LISTENERS, SONGS, count))


def _materialize(connection: psycopg.Connection) -> None:
    for name, query in VIEWS.items():
        text = query.replace("%(now)s", str(NOW))
        connection.execute(f"CREATE MATERIALIZED VIEW real_{name} AS {text}")  # type: ignore[call-overload]
        connection.execute(f"CREATE UNIQUE INDEX ON real_{name} ({_KEYS[name]})")  # type: ignore[call-overload]


def _refresh(connection: psycopg.Connection, seed: int, moment: int) -> float:
    new_plays(connection, 1_000, seed, moment)
    connection.execute("SELECT analytics_advance(%s)", (moment,))
    began = time.perf_counter()
    for name in VIEWS:
        connection.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY real_{name}")  # type: ignore[call-overload]
    return time.perf_counter() - began


def _cost(connection: psycopg.Connection, query: str, times: int) -> float:
    """Return the seconds that planning and running a prepared query takes by the server's own account, the median of several."""
    connection.execute(f"PREPARE measured AS {query}".encode())
    took = []
    for _ in range(times):
        lines = connection.execute("EXPLAIN (ANALYZE, TIMING OFF, SUMMARY ON) EXECUTE measured").fetchall()
        took.append(
            sum(float(line.split()[2]) for (line,) in lines if line.startswith(("Planning Time", "Execution Time")))
        )
    connection.execute("DEALLOCATE measured")
    return statistics.median(took) / 1_000


def _round_trip(connection: psycopg.Connection, query: str) -> float:
    took = []
    for _ in range(200):
        began = time.perf_counter()
        connection.execute(query.encode()).fetchall()
        took.append(time.perf_counter() - began)
    return statistics.median(took)


def _differs(connection: psycopg.Connection, name: str, query: str, now: int, some: bool) -> bool:
    """Compare a view with a query, with ``some`` only one listener in 16."""
    where = " WHERE listener_address LIKE '%%0'" if some and name == "mv_listener_activity" else ""
    cursor = connection.execute(f"SELECT * FROM ({query}) raw{where}".encode(), {"now": now})
    columns = ", ".join(column.name for column in cursor.description or ())
    expected = cursor.fetchall()
    actual = connection.execute(f"SELECT {columns} FROM {name}{where}".encode(), {}).fetchall()
    return sorted(expected, key=repr) != sorted(actual, key=repr)

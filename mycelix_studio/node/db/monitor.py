"""What an operator wants to know of the database: slow statements, sizes, indexes nobody uses, how fresh the views are, plans by name."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, TypeVar

import psycopg
from psycopg.rows import class_row

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.errors import Known
from mycelix_studio.node.db import analytics, feed, plays, songs
from mycelix_studio.node.db.feed import Position
from mycelix_studio.node.db.pool import Connection

T = TypeVar("T")
_MOST: Final = 20
_SLOW_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement by the time it took in all: text without values, calls, milliseconds in all and on average, rows."""

    query: str
    calls: int
    total_ms: float
    mean_ms: float
    rows: int


@dataclass(frozen=True, slots=True)
class Running:
    """A statement that runs now for longer than a second, or a transaction that waits with locks held."""

    pid: int
    application: str
    state: str
    seconds: float
    waits_for: str
    query: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table: estimated rows and dead rows, bytes of the rows and of its indexes, scans of the whole, last clean-up."""

    name: str
    rows: int
    dead_rows: int
    bytes: int
    index_bytes: int
    whole_scans: int
    index_scans: int
    vacuumed: datetime | None
    analyzed: datetime | None


@dataclass(frozen=True, slots=True)
class Index:
    """An index: its table, bytes, how often it was used since the statistics were last reset."""

    name: str
    table: str
    bytes: int
    scans: int


@dataclass(frozen=True, slots=True)
class Views:
    """How fresh the analytics are: end of their windows, when brought up to date, seconds since, rows that wait."""

    as_of: datetime
    refreshed: datetime
    age_seconds: float
    waiting: int


@dataclass(frozen=True, slots=True)
class Report:
    """The database at one moment. ``slow`` is None where the extension pg_stat_statements is not present."""

    version: str
    bytes: int
    connections: int
    cache_hit_ratio: float
    slow: list[Statement] | None
    running: list[Running]
    tables: list[Table]
    indexes: list[Index]
    unused_indexes: list[Index]
    views: Views


class Unreachable(Known):
    """The database does not answer as a node's would."""

    def __init__(self, why: str) -> None:
        super().__init__("The database cannot be read", f"It says: {why}.", "Look at its address, and whether it runs.")


class UnknownPlan(Known):
    """No query of the node has this name."""

    def __init__(self, name: str) -> None:
        super().__init__(
            "There is no such query", f"“{name}” is none of: {', '.join(sorted(PLANS))}.", "Choose one of them."
        )


def look(url: str, ask: Callable[[Connection], Awaitable[T]]) -> T:
    """Ask something of the database at an address, from outside a node, in one transaction.

    Raises:
        Unreachable: It does not answer, or has not been a node's yet.
    """

    async def inside() -> T:
        async with await psycopg.AsyncConnection.connect(url, connect_timeout=5) as connection:
            return await ask(connection)

    try:
        return asyncio.run(inside())
    except psycopg.Error as error:
        raise Unreachable(str(error).strip().split("\n")[0]) from error


def as_data(found: Report) -> dict[str, object]:
    """Return a report as JSON has it."""
    plain = _plain(asdict(found))
    assert isinstance(plain, dict)
    return plain


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    if isinstance(value, list):
        return [_plain(part) for part in value]
    return rfc3339(value) if isinstance(value, datetime) else value


async def report(connection: Connection) -> Report:
    """Look at the database; reads PostgreSQL's own statistics only, so it costs little on a large one."""
    row = await (
        await connection.execute(
            "SELECT current_setting('server_version'), pg_database_size(current_database()), numbackends,"
            " coalesce(blks_hit::float / nullif(blks_hit + blks_read, 0), 1) FROM pg_stat_database WHERE datname = current_database()"
        )
    ).fetchone()
    assert row is not None
    indexes = await _indexes(connection, "")
    return Report(
        version=str(row[0]),
        bytes=int(row[1]),
        connections=int(row[2]),
        cache_hit_ratio=round(float(row[3]), 4),
        slow=await _slow(connection),
        running=await _running(connection),
        tables=await _tables(connection),
        indexes=indexes,
        # Unique ones are needed whether they are read or not.
        unused_indexes=await _indexes(connection, "AND s.idx_scan = 0 AND NOT i.indisunique"),
        views=await _views(connection),
    )


async def _slow(connection: Connection) -> list[Statement] | None:
    found = await (
        await connection.execute("SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace"
                                 " WHERE extname = 'pg_stat_statements'")
    ).fetchone()  # fmt: skip
    if found is None:
        return None
    try:
        return await _statements(connection, str(found[0]))
    except psycopg.errors.ObjectNotInPrerequisiteState:
        # The extension is there, but the server was not started with its library.
        return None


async def _statements(connection: Connection, schema: str) -> list[Statement]:
    async with connection.transaction(), connection.cursor(row_factory=class_row(Statement)) as cursor:
        await cursor.execute(
            "SELECT left(query, 600) AS query, calls, total_exec_time AS total_ms, mean_exec_time AS mean_ms, rows"
            f' FROM "{schema}".pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())'
            f" ORDER BY total_exec_time DESC LIMIT {_MOST}"
        )
        return await cursor.fetchall()


async def _running(connection: Connection) -> list[Running]:
    async with connection.cursor(row_factory=class_row(Running)) as cursor:
        await cursor.execute(
            "SELECT pid, application_name AS application, state, extract(epoch FROM clock_timestamp() - xact_start)::float AS seconds,"
            " concat_ws(' ', wait_event_type, wait_event) AS waits_for, left(query, 600) AS query FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'"
            " AND clock_timestamp() - xact_start > make_interval(secs => %s) ORDER BY xact_start",
            (_SLOW_SECONDS,),
        )
        return await cursor.fetchall()


async def _tables(connection: Connection) -> list[Table]:
    async with connection.cursor(row_factory=class_row(Table)) as cursor:
        await cursor.execute(
            "SELECT s.relname AS name, greatest(c.reltuples, s.n_live_tup)::bigint AS rows, s.n_dead_tup AS dead_rows,"
            " pg_table_size(s.relid) AS bytes, pg_indexes_size(s.relid) AS index_bytes, coalesce(s.seq_scan, 0) AS whole_scans,"
            " coalesce(s.idx_scan, 0) AS index_scans, greatest(s.last_vacuum, s.last_autovacuum) AS vacuumed,"
            " greatest(s.last_analyze, s.last_autoanalyze) AS analyzed"
            " FROM pg_stat_user_tables s JOIN pg_class c ON c.oid = s.relid ORDER BY pg_total_relation_size(s.relid) DESC, s.relname"
        )
        return await cursor.fetchall()


async def _indexes(connection: Connection, condition: str) -> list[Index]:
    async with connection.cursor(row_factory=class_row(Index)) as cursor:
        await cursor.execute(
            "SELECT s.indexrelname AS name, s.relname AS table, pg_relation_size(s.indexrelid) AS bytes, s.idx_scan AS scans"
            f" FROM pg_stat_user_indexes s JOIN pg_index i ON i.indexrelid = s.indexrelid WHERE true {condition}"
            f" ORDER BY pg_relation_size(s.indexrelid) DESC, s.indexrelname LIMIT {5 * _MOST}".encode()
        )
        return await cursor.fetchall()


async def _views(connection: Connection) -> Views:
    async with connection.cursor(row_factory=class_row(Views)) as cursor:
        await cursor.execute(
            "SELECT to_timestamp(as_of) AS as_of, refreshed, extract(epoch FROM now() - refreshed)::float AS age_seconds,"
            " (SELECT count(*) FROM queue_songs) + (SELECT count(*) FROM queue_payments) AS waiting FROM roll_platform"
        )
        found = await cursor.fetchone()
        assert found is not None
        return found


Query = tuple[str, Sequence[object] | Mapping[str, object]]
"""Text and values."""


def _feed(kind: str) -> Callable[[int, int, str], Query]:
    def query(artist: int, _song: int, _words: str) -> Query:
        return feed.query(kind, artist, Position(1), 2**62, 5_000)

    return query


def _view(text: str) -> Callable[[int, int, str], Query]:
    return lambda _artist, _song, _words: (text, ())


PLANS: Final[dict[str, Callable[[int, int, str], Query]]] = {
    "songs-newest": lambda artist, song, words: songs.page_query(limit=20, offset=0),
    "songs-popular": lambda artist, song, words: songs.page_query(limit=20, offset=0, sort="popular"),
    "songs-trending": lambda artist, song, words: songs.page_query(limit=20, offset=0, sort="trending"),
    "songs-search": lambda artist, song, words: songs.page_query(limit=20, offset=0, words=words),
    "artist-songs": lambda artist, song, words: songs.page_query(limit=20, offset=0, owner=artist),
    "song-plays": lambda artist, song, words: (plays.PAGE, (artist, song, 2**62, 100)),
    **{f"sync-{kind.replace('_', '-')}": _feed(kind) for kind in feed.KINDS},
    "top-artists": lambda artist, song, words: (f"SELECT * FROM mv_artist_analytics {analytics.TOP_ARTISTS}", (20,)),
    "trending": lambda artist, song, words: (f"SELECT * FROM mv_song_analytics {analytics.TRENDING}", (20,)),
    "top-week": _view("SELECT * FROM mv_top_songs_week"),
    "platform": _view("SELECT * FROM mv_platform_stats"),
    "genres": _view("SELECT * FROM mv_genre_stats"),
}
"""The node's main queries by name, for the most played artist and that artist's most played song."""


async def explain(connection: Connection, name: str, run: bool) -> list[str]:
    """Return the plan of a query by name, line by line; with ``run`` it is run, read only and for 10 seconds at most, and timed.

    Raises:
        UnknownPlan: There is no query of this name.
    """
    if name not in PLANS:
        raise UnknownPlan(name)
    await connection.execute("SET TRANSACTION READ ONLY")
    await connection.execute("SET LOCAL statement_timeout = '10s'")
    row = await (
        await connection.execute(
            "SELECT s.owner, s.id, s.title FROM roll_song r JOIN songs s ON s.id = r.song WHERE r.visible"
            " ORDER BY r.plays_step DESC, r.plays DESC, r.song LIMIT 1"
        )
    ).fetchone()
    artist, song, words = (int(row[0]), int(row[1]), str(row[2])) if row else (0, 0, "song")
    text, values = PLANS[name](artist, song, words)
    options = "ANALYZE, BUFFERS, VERBOSE" if run else "VERBOSE"
    cursor = await connection.execute(f"EXPLAIN ({options}) {text}".encode(), values)
    return [str(line[0]) for line in await cursor.fetchall()]

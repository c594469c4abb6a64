"""Connections to the main database and, when there is one, to the replica that answers reads."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final, TypeAlias

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from mycelix_studio.errors import Known
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.config import Config

log = logs.get("database")
_REPLICA_SECONDS: Final = 0.5
"""Seconds a read waits for a connection to the replica before the main database answers it."""
_REPLICA_AWAY_SECONDS: Final = 5.0
"""Seconds until a replica that did not answer is asked again."""

Connection: TypeAlias = psycopg.AsyncConnection[TupleRow]
"""A connection in a transaction."""

Pool: TypeAlias = AsyncConnectionPool[Connection]


class DatabaseAway(Known):
    """No connection to the database could be had in time."""

    def __init__(self) -> None:
        super().__init__(
            "The database does not answer", "The node has no connection to it just now.", "Try again in a few seconds."
        )


class Database:
    """The pools of one process. ``read`` is the replica where one is configured, and the main database while the replica is away."""

    def __init__(self, config: Config, url: str) -> None:
        self.url = url
        self._main = _pool(url, config.pool_size, "main")
        self._replica = _pool(config.read_database_url, config.pool_size, "read") if config.read_database_url else None
        self._replica_away_until = 0.0

    async def open(self) -> None:
        """Open the pools; connections are made in the background."""
        await self._main.open()
        if self._replica is not None:
            await self._replica.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._main.close(timeout=5)
        if self._replica is not None:
            await self._replica.close(timeout=5)

    @asynccontextmanager
    async def write(self, query: str = "other") -> AsyncIterator[Connection]:
        """A transaction on the main database, committed when the block ends well. ``query`` names it in the metrics.

        Raises:
            DatabaseAway: No connection within a few seconds, or it broke.
        """
        async with _timed(self._main, query) as connection:
            yield connection

    @asynccontextmanager
    async def read(self, query: str = "other") -> AsyncIterator[Connection]:
        """Like :meth:`write`, on the replica when there is one that answers; see :class:`DatabaseAway`."""
        replica = await self._from_replica()
        if replica is None or self._replica is None:
            async with _timed(self._main, query) as connection:
                yield connection
            return
        started = time.perf_counter()
        try:
            async with replica.transaction():
                yield replica
        except psycopg.OperationalError as error:
            metrics.DATABASE_ERRORS.labels(type(error).__name__).inc()
            raise DatabaseAway from error
        finally:
            await self._replica.putconn(replica)
            metrics.QUERY_SECONDS.labels(query).observe(time.perf_counter() - started)

    async def _from_replica(self) -> Connection | None:
        """Return a living connection to the replica; None where there is none, or it is away, which is remembered for some seconds."""
        if self._replica is None or time.monotonic() < self._replica_away_until:
            return None
        try:
            connection = await self._replica.getconn(timeout=_REPLICA_SECONDS)
            try:
                await self._replica.check_connection(connection)
            except psycopg.OperationalError:
                await self._replica.putconn(connection)
                raise
        except (PoolTimeout, psycopg.OperationalError) as error:
            metrics.DATABASE_ERRORS.labels(f"replica {type(error).__name__}").inc()
            log.warning("the replica does not answer; the main database reads for it", why=str(error))
            self._replica_away_until = time.monotonic() + _REPLICA_AWAY_SECONDS
            return None
        return connection

    @asynccontextmanager
    async def statements(self, query: str = "other") -> AsyncIterator[Connection]:
        """Like :meth:`write`, but each statement commits by itself: one way to the server and back instead of three."""
        async with _timed(self._main, query) as connection:
            await connection.set_autocommit(True)
            try:
                yield connection
            finally:
                if connection.info.transaction_status == TransactionStatus.IDLE:
                    await connection.set_autocommit(False)

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return the pools' own counters by name of the pool."""
        pools = {"main": self._main, "read": self._replica or self._main}
        return {name: dict(pool.get_stats()) for name, pool in pools.items()}


def _pool(url: str, size: int, name: str) -> Pool:
    return AsyncConnectionPool(
        url,
        min_size=2,
        max_size=size,
        open=False,
        name=name,
        timeout=5.0,
        # After this it gives up until somebody asks again, which is at once; otherwise it would wait longer and longer by itself.
        reconnect_timeout=1.0,
        check=None,
        kwargs={
            "application_name": f"mycelix-{name}",
            "options": "-c statement_timeout=30000 -c timezone=UTC -c jit=off",
        },
    )


@asynccontextmanager
async def _timed(pool: Pool, query: str) -> AsyncIterator[Connection]:
    started = time.perf_counter()
    try:
        async with pool.connection() as connection:
            yield connection
    except (PoolTimeout, psycopg.OperationalError) as error:
        metrics.DATABASE_ERRORS.labels(type(error).__name__).inc()
        # Connections that died with the server would otherwise be handed out one by one.
        await pool.check()
        raise DatabaseAway from error
    finally:
        metrics.QUERY_SECONDS.labels(query).observe(time.perf_counter() - started)

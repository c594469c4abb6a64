"""Connections to the main database and, when there is one, to the replica that answers reads."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeAlias

import psycopg
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from mycelix_studio.errors import Known
from mycelix_studio.node import metrics
from mycelix_studio.node.config import Config

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
    """The pools of one process. ``read`` is the replica where one is configured."""

    def __init__(self, config: Config, url: str) -> None:
        self.url = url
        self._main = _pool(url, config.pool_size, "main")
        self._read = (
            _pool(config.read_database_url, config.pool_size, "read") if config.read_database_url else self._main
        )

    async def open(self) -> None:
        """Open the pools; connections are made in the background."""
        await self._main.open()
        if self._read is not self._main:
            await self._read.open()

    async def close(self) -> None:
        """Close all connections."""
        await self._main.close(timeout=5)
        if self._read is not self._main:
            await self._read.close(timeout=5)

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
        """Like :meth:`write`, on the replica when there is one; see :class:`DatabaseAway`."""
        async with _timed(self._read, query) as connection:
            yield connection

    def statistics(self) -> dict[str, dict[str, int]]:
        """Return the pools' own counters by name of the pool."""
        pools = {"main": self._main, "read": self._read}
        return {name: dict(pool.get_stats()) for name, pool in pools.items()}


def _pool(url: str, size: int, name: str) -> Pool:
    return AsyncConnectionPool(
        url,
        min_size=2,
        max_size=size,
        open=False,
        name=name,
        timeout=5.0,
        reconnect_timeout=30.0,
        check=None,
        kwargs={"application_name": f"mycelix-{name}", "options": "-c statement_timeout=30000 -c timezone=UTC"},
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

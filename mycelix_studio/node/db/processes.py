"""Series of processes that answer no requests: workers leave them in the database, and any API process shows them."""

from __future__ import annotations

from mycelix_studio.node.db.pool import Connection

STALE_SECONDS = 30
"""A process that said nothing for so long is over."""


async def publish(connection: Connection, process: str, body: str) -> None:
    """Leave a process's series, in Prometheus' text format, and remove those of processes that are over."""
    await connection.execute(
        "INSERT INTO process_metrics (process, body) VALUES (%s, %s)"
        " ON CONFLICT (process) DO UPDATE SET body = excluded.body, at = now()",
        (process, body),
    )
    await connection.execute(
        "DELETE FROM process_metrics WHERE at < now() - make_interval(secs => %s)", (20 * STALE_SECONDS,)
    )


async def published(connection: Connection) -> dict[str, str]:
    """Return the series by process of those that still run."""
    cursor = await connection.execute(
        "SELECT process, body FROM process_metrics WHERE at > now() - make_interval(secs => %s)", (STALE_SECONDS,)
    )
    return dict(await cursor.fetchall())

"""Is the process alive, can it serve, and its metrics."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

from fastapi import APIRouter, Response

from mycelix_studio import __version__
from mycelix_studio.errors import Known
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db.pool import DatabaseAway
from mycelix_studio.node.http.deps import ContextDep
from mycelix_studio.node.http.models import Check, Health, Ready

router = APIRouter(tags=["health"])
log = logs.get("health")
_GAUGES_SECONDS = 1.0
"""Most that the database may take; Prometheus waits for some seconds only."""


@router.get("/health")
async def health(context: ContextDep) -> Health:
    """Tell that the process answers; looks at nothing else."""
    return Health(status="ok", version=__version__, uptime_seconds=round(time.monotonic() - context.started, 3))


@router.get("/ready", responses={503: {"model": Ready, "description": "Something the node needs does not answer."}})
async def ready(context: ContextDep, response: Response) -> Ready:
    """Tell whether requests can be served: database, chain and audio store, each with its latency."""
    checks = {"database": await _timed(_database(context)), "store": await _timed(context.store.check())}
    if context.rpc is not None:
        checks["chain"] = await _timed(asyncio.to_thread(context.rpc.block_number))
    fine = all(check.ok for check in checks.values())
    response.status_code = 200 if fine else 503
    return Ready(status="ready" if fine else "not-ready", checks=checks)


@router.get(
    "/metrics",
    response_class=Response,
    responses={200: {"content": {"text/plain": {"example": "mycelix_sign_ins_total 3.0"}}}},
)
async def series(context: ContextDep) -> Response:
    """Give all series in Prometheus' text format."""
    for name, pool in context.database.statistics().items():
        size, free = pool.get("pool_size", 0), pool.get("pool_available", 0)
        metrics.POOL_CONNECTIONS.labels(name, "busy").set(size - free)
        metrics.POOL_CONNECTIONS.labels(name, "free").set(free)
        metrics.POOL_WAITING.labels(name).set(pool.get("requests_waiting", 0))
    workers: dict[str, str] = {}
    try:
        async with asyncio.timeout(_GAUGES_SECONDS):
            await context.refresh_gauges()
            workers = await context.workers_series()
    except (TimeoutError, DatabaseAway):
        # The series of a node whose database is away are the ones that somebody wants to see; what stands there stays as it was.
        log.warning("the gauges that stand in the database are not up to date")
    return Response(metrics.text(workers), media_type="text/plain; version=0.0.4; charset=utf-8")


async def _database(context: Context) -> None:
    async with context.database.write("ready") as connection:
        await connection.execute("SELECT 1")


async def _timed(work: Awaitable[object]) -> Check:
    started = time.perf_counter()
    detail = ""
    try:
        await asyncio.wait_for(work, 5)
    except TimeoutError:
        detail = "no answer within 5 seconds"
    except Known as error:
        detail = error.title
    return Check(ok=not detail, latency_ms=round((time.perf_counter() - started) * 1000, 2), detail=detail)

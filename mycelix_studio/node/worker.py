"""The background of a node: tasks of which exactly one process runs each at a time, whoever holds its lock in the database."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from typing import Final

import psycopg

from mycelix_studio.errors import Known
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.config import Config
from mycelix_studio.node.context import Context

log = logs.get("worker")

_LOCKS: Final = {"indexer": 1, "settler": 2, "upkeep": 3, "analytics": 4, "attestor": 5}
_LOCK_SPACE: Final = 0x6D79
TAKE_OVER_SECONDS: Final = 1.0
"""Seconds between a waiting process's attempts to take over."""


class Lost(Exception):
    """The connection that holds a lock is gone, and the lock with it."""


class Held:
    """A task's lock, held as long as its own connection lives. The database frees it when the process dies."""

    def __init__(self, url: str, task: str) -> None:
        self._url = url
        self._task = task
        self._connection: psycopg.AsyncConnection[tuple[object, ...]] | None = None

    async def take(self) -> bool:
        """Try to take the lock and tell whether it is held now; the session stays open to try again."""
        if self._connection is None:
            self._connection = await psycopg.AsyncConnection.connect(
                self._url,
                autocommit=True,
                application_name=f"mycelix-{self._task} {os.getpid()}",
                # A process that hangs or whose machine is gone must not hold the lock for hours.
                options="-c tcp_keepalives_idle=3 -c tcp_keepalives_interval=1 -c tcp_keepalives_count=3",
            )
        row = await (
            await self._connection.execute("SELECT pg_try_advisory_lock(%s, %s)", (_LOCK_SPACE, _LOCKS[self._task]))
        ).fetchone()
        return row is not None and bool(row[0])

    async def check(self) -> None:
        """Make sure that the lock is still held.

        Raises:
            Lost: It is not.
        """
        try:
            if self._connection is None:
                raise Lost
            await self._connection.execute("SELECT 1")
        except psycopg.Error as error:
            raise Lost from error

    async def idle(self) -> None:
        """Hold the lock with nothing to do, until it is lost.

        Raises:
            Lost: It is.
        """
        while True:
            await self.check()
            await asyncio.sleep(TAKE_OVER_SECONDS)

    async def release(self) -> None:
        """Give the lock back."""
        if self._connection is not None:
            with contextlib.suppress(psycopg.Error):
                await self._connection.close()
            self._connection = None


async def exclusively(
    url: str, task: str, work: Callable[[Held], Awaitable[None]], *, retry_seconds: float = TAKE_OVER_SECONDS
) -> None:
    """Run ``work`` whenever this process holds the task's lock, until cancelled. Work that fails is begun anew.

    ``work`` calls :meth:`Held.check` before every step that only one process may take.
    """
    metrics.ACTIVE.labels(task).set(0)  # a series that was never set could not tell that nobody holds the lock
    while True:
        held = Held(url, task)
        try:
            while not await held.take():
                await asyncio.sleep(retry_seconds)
            log.info("active", task=task, pid=os.getpid())
            metrics.ACTIVE.labels(task).set(1)
            await work(held)
        except Lost:
            log.warning("lock lost", task=task)
        except (Known, psycopg.Error, OSError) as error:
            log.warning("task failed and begins anew", task=task, why=str(error))
        finally:
            metrics.ACTIVE.labels(task).set(0)
            await held.release()
        await asyncio.sleep(retry_seconds)


async def run_worker(config: Config) -> None:
    """Run all tasks until SIGTERM or SIGINT, or until the parent process is gone."""
    context = Context(config, config.database_url)
    await context.open()
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopping.set)
    tasks = [asyncio.create_task(work, name=name) for name, work in _tasks(context).items()]
    watch = asyncio.create_task(_orphaned(stopping))
    try:
        await stopping.wait()
    finally:
        for task in (*tasks, watch):
            task.cancel()
        await asyncio.gather(*tasks, watch, return_exceptions=True)
        await context.close()


def _tasks(context: Context) -> dict[str, Coroutine[None, None, None]]:
    from mycelix_studio.node.attestor import attest_listens
    from mycelix_studio.node.indexer.follow import follow_chain
    from mycelix_studio.node.settler.settle import settle_vouchers
    from mycelix_studio.node.upkeep import analyse, keep_up, report

    url = context.database.url
    return {
        "upkeep": exclusively(url, "upkeep", lambda held: keep_up(context, held)),
        "analytics": exclusively(url, "analytics", lambda held: analyse(context, held)),
        "report": report(context),
        "indexer": exclusively(url, "indexer", lambda held: follow_chain(context, held)),
        "settler": exclusively(url, "settler", lambda held: settle_vouchers(context, held)),
        "attestor": exclusively(url, "attestor", lambda held: attest_listens(context, held)),
    }


async def _orphaned(stopping: asyncio.Event) -> None:
    """Stop when the parent died, on systems that cannot tell the child."""
    parent = os.getppid()
    while os.getppid() == parent:
        await asyncio.sleep(1)
    stopping.set()

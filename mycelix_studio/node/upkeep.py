"""What must be done now and then: remove what is over, free its files."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from typing import TYPE_CHECKING
from uuid import UUID

from mycelix_studio.node import metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import accounts, analytics, objects, processes
from mycelix_studio.node.db.pool import DatabaseAway
from mycelix_studio.node.upload_files import SUFFIXES

if TYPE_CHECKING:
    from mycelix_studio.node.worker import Held

ROUND_SECONDS = 5.0
FOLD_SECONDS = 1.0
"""Seconds between two times that new plays and payments are folded into the analytics."""
DAYS_SECONDS = 15.0
"""Seconds between two times that new plays are folded into the platform's days."""
EVENT_DAYS = 90
"""Days for which events of clients are kept."""


async def keep_up(context: Context, held: Held) -> None:
    """Remove what is over, again and again."""
    while True:
        await held.check()
        await expire(context)
        await asyncio.sleep(ROUND_SECONDS)


async def analyse(context: Context, held: Held) -> None:
    """Keep the analytics up to date."""
    days_due = 0.0
    while True:
        await held.check()
        await context.analyse()
        if time.monotonic() >= days_due:
            await context.analyse_days()
            days_due = time.monotonic() + DAYS_SECONDS
        await asyncio.sleep(FOLD_SECONDS)


async def report(context: Context) -> None:
    """Leave this process's series where the API finds them, again and again; a database that is away gets them later."""
    process = f"{socket.gethostname()}-{os.getpid()}"
    while True:
        with contextlib.suppress(DatabaseAway):
            async with context.database.write("process-metrics") as connection:
                await processes.publish(connection, process, metrics.text().decode())
        await asyncio.sleep(ROUND_SECONDS)


async def expire(context: Context) -> None:
    """Remove sign-ins and uploads whose time is over, and files no upload knows."""
    async with context.database.write("expire") as connection:
        metrics.EXPIRED.labels("session").inc(await accounts.expire(connection))
        metrics.EXPIRED.labels("client_event").inc(await analytics.expire_events(connection, EVENT_DAYS))
        over = await objects.expired(connection)
        known = {
            str(row[0])
            for row in await (await connection.execute("SELECT id FROM uploads WHERE cid IS NULL")).fetchall()
        }
    for _artist, number in over:
        context.files.remove(number)
        metrics.EXPIRED.labels("upload").inc()
    for path in (path for path in context.files.folder.iterdir() if path.suffix in SUFFIXES):
        # The file of an upload that is being finished right now is younger than a minute.
        with contextlib.suppress(ValueError, FileNotFoundError):
            if str(UUID(path.stem)) not in known and _age(path.stat().st_mtime) > 60:
                path.unlink()
                metrics.EXPIRED.labels("file").inc()


def _age(moment: float) -> float:
    return time.time() - moment

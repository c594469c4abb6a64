"""What a worker says of tasks it does not hold."""

from __future__ import annotations

import asyncio

from mycelix_studio.node import metrics
from mycelix_studio.node.worker import Held, exclusively


def test_a_worker_that_never_held_a_lock_says_so() -> None:
    """Else the alert that nobody indexes had no series to look at once the worker before was gone."""

    async def work(_held: Held) -> None:
        raise AssertionError("nobody gives it the lock")

    async def began() -> float | None:
        task = asyncio.create_task(exclusively("postgresql://127.0.0.1:9/none", "settler", work))
        await asyncio.sleep(0)
        said = metrics.REGISTRY.get_sample_value("mycelix_worker_active", {"task": "settler"})
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        return said

    assert asyncio.run(began()) == 0

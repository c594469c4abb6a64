"""Work off the calling thread: named lanes, a cancel token and progress for every job, one end for each.

Lanes are thread pools by purpose: ``db`` has one thread and is the only writer of the cache, ``chain`` has one so that nonces stay in
order, ``keyring`` has one because a keyring call can hang. A job ends exactly once: success, failure or cancelled.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

from mycelix_studio.errors import Cancelled

T = TypeVar("T")


class Lane(StrEnum):
    """Which pool runs a job."""

    DB = "db"
    IO = "io"
    MEDIA = "media"
    KEYRING = "keyring"
    CHAIN = "chain"


LANE_THREADS: dict[Lane, int] = {Lane.DB: 1, Lane.IO: 6, Lane.MEDIA: 2, Lane.KEYRING: 1, Lane.CHAIN: 1}


class CancelToken:
    """Set once by whoever wants work to stop; asked by the work at safe points."""

    def __init__(self) -> None:
        self._event = threading.Event()

    def cancel(self) -> None:
        """Ask the work to stop."""
        self._event.set()

    @property
    def cancelled(self) -> bool:
        """True once :meth:`cancel` was called."""
        return self._event.is_set()

    def raise_if_cancelled(self) -> None:
        """Leave the work at a safe point.

        Raises:
            Cancelled: :meth:`cancel` was called.
        """
        if self._event.is_set():
            raise Cancelled

    def wait(self, seconds: float) -> bool:
        """Sleep up to ``seconds`` and return True as soon as the token is cancelled."""
        return self._event.wait(seconds)


class Progress(NamedTuple):
    """How far a job is. ``total`` is 0 while unknown."""

    done: int
    total: int
    text: str = ""


class Work:
    """What a running job gets: its cancel token, and a way to report progress (at most about 20 times a second)."""

    def __init__(self, token: CancelToken | None = None, report: Callable[[Progress], None] | None = None) -> None:
        self.token = token if token is not None else CancelToken()
        self.report = report
        self._last = 0.0

    def progress(self, done: int, total: int = 0, text: str = "") -> None:
        """Report progress and stop here if cancelled.

        Raises:
            Cancelled: The job was cancelled.
        """
        self.token.raise_if_cancelled()
        now = time.monotonic()
        if self.report is not None and (now - self._last >= 0.05 or done == total):
            self._last = now
            self.report(Progress(done, total, text))


class Job(Generic[T]):
    """One piece of work on a lane. ``future`` ends exactly once; cancelling ends it with :class:`Cancelled`."""

    def __init__(self, name: str, lane: Lane, work: Work, future: Future[T]) -> None:
        self.name = name
        self.lane = lane
        self.work = work
        self.future = future

    def cancel(self) -> None:
        """Ask the job to stop; one that has not begun never begins."""
        self.work.token.cancel()

    @property
    def done(self) -> bool:
        """True once it succeeded, failed or was cancelled."""
        return self.future.done()

    def result(self, timeout: float | None = None) -> T:
        """Wait for the end and return the result or raise the failure."""
        return self.future.result(timeout)


class Jobs:
    """The lanes. Threads start with the first job of a lane and end with :meth:`close`."""

    def __init__(self) -> None:
        self._pools: dict[Lane, ThreadPoolExecutor] = {}
        self._running: set[Job[object]] = set()
        self._lock = threading.Lock()
        self._closed = False

    def submit(
        self,
        lane: Lane,
        run: Callable[[Work], T],
        *,
        name: str = "",
        report: Callable[[Progress], None] | None = None,
    ) -> Job[T]:
        """Run ``run(work)`` on a lane.

        Args:
            lane: The pool.
            run: Gets the :class:`Work`; should call ``work.progress`` or ask ``work.token`` at safe points.
            name: For logs and the list of running jobs.
            report: Called on the lane's thread with progress.

        Raises:
            RuntimeError: The lanes are closed.
        """
        work = Work(report=report)
        future: Future[T] = Future()
        job: Job[T] = Job(name or getattr(run, "__name__", "job"), lane, work, future)

        def body() -> None:
            future.set_running_or_notify_cancel()
            try:
                work.token.raise_if_cancelled()
                result = run(work)
            except BaseException as error:  # noqa: BLE001 - every end must reach whoever waits
                self._forget(job)
                future.set_exception(error)
            else:
                self._forget(job)
                future.set_result(result)

        with self._lock:
            if self._closed:
                raise RuntimeError("the lanes are closed")
            pool = self._pools.get(lane)
            if pool is None:
                pool = ThreadPoolExecutor(LANE_THREADS[lane], thread_name_prefix=f"studio-{lane}")
                self._pools[lane] = pool
            self._running.add(job)  # type: ignore[arg-type]
            pool.submit(body)
        return job

    def _forget(self, job: Job[T]) -> None:
        with self._lock:
            self._running.discard(job)

    def running(self) -> tuple[str, ...]:
        """Return the names of jobs queued or running."""
        with self._lock:
            return tuple(job.name for job in self._running)

    def close(self) -> None:
        """Cancel everything, wait for the threads to end. Later submits raise."""
        with self._lock:
            self._closed = True
            jobs = tuple(self._running)
            pools = tuple(self._pools.values())
            self._pools.clear()
        for job in jobs:
            job.cancel()
        for pool in pools:
            pool.shutdown(wait=True, cancel_futures=False)

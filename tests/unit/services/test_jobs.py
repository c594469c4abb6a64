from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from mycelix_studio.errors import Cancelled
from mycelix_studio.services.jobs import Jobs, Lane, Progress, Work


@pytest.fixture
def jobs() -> Iterator[Jobs]:
    lanes = Jobs()
    yield lanes
    lanes.close()


def test_a_job_ends_with_its_result(jobs: Jobs) -> None:
    assert jobs.submit(Lane.IO, lambda work: 7).result(5) == 7


def test_a_job_ends_with_its_failure(jobs: Jobs) -> None:
    def fail(work: Work) -> None:
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        jobs.submit(Lane.IO, fail).result(5)


def test_one_lane_of_one_thread_keeps_order(jobs: Jobs) -> None:
    seen: list[int] = []
    last = [jobs.submit(Lane.DB, lambda work, i=i: seen.append(i)) for i in range(200)][-1]
    last.result(5)
    assert seen == list(range(200))


def test_a_cancelled_job_ends_at_its_next_safe_point(jobs: Jobs) -> None:
    started = threading.Event()

    def run(work: Work) -> None:
        started.set()
        while True:
            work.token.wait(0.01)
            work.token.raise_if_cancelled()

    job = jobs.submit(Lane.IO, run)
    assert started.wait(5)
    job.cancel()
    with pytest.raises(Cancelled):
        job.result(5)
    assert jobs.running() == ()


def test_a_job_cancelled_in_the_queue_never_begins(jobs: Jobs) -> None:
    gate = threading.Event()
    begun: list[int] = []
    jobs.submit(Lane.DB, lambda work: gate.wait(5))
    job = jobs.submit(Lane.DB, lambda work: begun.append(1))
    job.cancel()
    gate.set()
    with pytest.raises(Cancelled):
        job.result(5)
    assert begun == []


def test_progress_reaches_the_reporter_and_the_last_step_is_never_dropped(jobs: Jobs) -> None:
    seen: list[Progress] = []

    def run(work: Work) -> None:
        for i in range(1_001):
            work.progress(i, 1_000)

    jobs.submit(Lane.IO, run, report=seen.append).result(5)
    assert seen[-1] == Progress(1_000, 1_000)
    assert len(seen) < 1_000


def test_closing_cancels_what_runs_and_ends_the_threads() -> None:
    lanes = Jobs()
    job = lanes.submit(Lane.IO, lambda work: work.token.wait(30))
    lanes.close()
    assert job.done
    with pytest.raises(RuntimeError):
        lanes.submit(Lane.IO, lambda work: 1)

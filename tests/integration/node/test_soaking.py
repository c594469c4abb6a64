"""What a soak stands on: generators that end with whoever started them, and samples of processes that come and go."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.fixtures import load
from tests.fixtures.life import Sample, judged, sample


def test_generators_of_a_run_that_failed_do_not_look_for_its_node_for_ever(tmp_path: Path) -> None:
    with (
        pytest.raises(ZeroDivisionError),
        load.generators("http://127.0.0.1:9", ["token"], 60, tmp_path, ["song"]) as started,
    ):
        raise ZeroDivisionError
    assert [process.returncode is not None for process in started] == [True]


def test_a_batch_that_nobody_accepts_ends_a_generator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(load, "PATIENCE_SECONDS", 0.1)
    with pytest.raises(TimeoutError):
        load.generate("http://127.0.0.1:9", "token", 60, tmp_path / "0.ids", 0, ["song"])
    assert not load.accepted(tmp_path)


def test_a_process_that_ended_takes_nothing() -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        ended = psutil.Process(child.pid)
        ended.wait()
    alone = sample([psutil.Process()], 1.0)
    both = sample([psutil.Process(), ended], 1.0)
    assert both.handles == alone.handles and both.threads == alone.threads
    assert sample([ended], 1.0) == Sample(1.0, 0.0, 0, 0)


def test_what_grows_is_judged() -> None:
    samples = [Sample(minute, 10.0 + 3 * minute, 20 + (minute > 5), 4) for minute in range(9)]
    rows = {row.name: row for row in judged("node", samples)}
    assert rows["node: memory, slope after the warm-up"].value == pytest.approx(3.0)
    assert rows["node: memory, slope after the warm-up"].met is False
    assert rows["node: handles, more in the second half"].met is False
    assert rows["node: threads, more in the second half"].met is True

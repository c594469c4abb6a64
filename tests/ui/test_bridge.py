from __future__ import annotations

import threading
import time
from collections.abc import Iterator

import pytest
import shiboken6
from PySide6.QtCore import QObject, QTimer
from pytestqt.qtbot import QtBot

from mycelix_studio.errors import Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import Jobs, Lane, Progress, Work
from mycelix_studio.ui.bridge import Bridge


class Receiver(QObject):
    def __init__(self) -> None:
        super().__init__()
        self.results: list[object] = []
        self.threads: set[int] = set()
        self.errors: list[Exception] = []
        self.progress: list[Progress] = []
        self.stopped = 0
        self.changes: list[tuple[Changes, object]] = []

    def got(self, result: object) -> None:
        self.results.append(result)
        self.threads.add(threading.get_ident())

    def failed(self, error: Exception) -> None:
        self.errors.append(error)

    def cancelled(self) -> None:
        self.stopped += 1

    def progressed(self, progress: Progress) -> None:
        self.progress.append(progress)

    def changed(self, changes: Changes, initiator: object) -> None:
        self.changes.append((changes, initiator))


@pytest.fixture
def hub() -> ChangeHub:
    return ChangeHub()


@pytest.fixture
def bridge(qtbot: QtBot, hub: ChangeHub) -> Iterator[Bridge]:
    lanes = Jobs()
    made = Bridge(lanes, hub)
    yield made
    lanes.close()
    made.close()


def test_settling_shows_what_ends_in_time_and_waits_no_longer(bridge: Bridge, qtbot: QtBot) -> None:
    receiver, gate = Receiver(), threading.Event()
    bridge.run(Lane.IO, lambda _work: 1, success=receiver.got)
    bridge.settle(20)
    assert receiver.results == [1], "without a turn of the event loop"
    bridge.run(Lane.IO, lambda _work: gate.wait(20), success=receiver.got)
    bridge.settle(0.01)
    assert receiver.results == [1]
    gate.set()
    qtbot.waitUntil(lambda: receiver.results == [1, True])


def test_every_one_of_4000_results_arrives_on_the_gui_thread_without_a_long_stall(bridge: Bridge, qtbot: QtBot) -> None:
    receiver = Receiver()
    for number in range(4_000):
        bridge.run(Lane.IO, lambda work, n=number: n, success=receiver.got)
    qtbot.waitUntil(lambda: len(receiver.results) == 4_000, timeout=20_000)
    assert sorted(receiver.results) == list(range(4_000))  # type: ignore[type-var]
    assert receiver.threads == {threading.get_ident()}


def test_draining_gives_the_event_loop_a_turn_under_load(bridge: Bridge, qtbot: QtBot) -> None:
    class Slow(Receiver):
        def got(self, result: object) -> None:
            end = time.perf_counter() + 0.001
            while time.perf_counter() < end:
                pass
            super().got(result)

    receiver = Slow()
    turns: list[int] = []
    timer = QTimer()
    timer.timeout.connect(lambda: turns.append(len(receiver.results)))
    timer.start(0)
    for _ in range(300):
        bridge.run(Lane.IO, lambda work: 1, success=receiver.got)
    qtbot.waitUntil(lambda: len(receiver.results) == 300, timeout=20_000)
    timer.stop()
    assert len({turn for turn in turns if 0 < turn < 300}) >= 5


def test_failure_and_cancel_reach_their_own_methods(bridge: Bridge, qtbot: QtBot) -> None:
    receiver = Receiver()

    def fail(work: Work) -> None:
        raise Known("No")

    bridge.run(Lane.IO, fail, success=receiver.got, failure=receiver.failed)

    def wait(work: Work) -> None:
        work.token.wait(30)
        work.token.raise_if_cancelled()

    job = bridge.run(Lane.IO, wait, cancelled=receiver.cancelled)
    job.cancel()
    qtbot.waitUntil(lambda: bool(receiver.errors) and receiver.stopped == 1)
    assert receiver.results == []


def test_a_failure_nobody_named_reaches_the_window(bridge: Bridge, qtbot: QtBot) -> None:
    def fail(work: Work) -> None:
        raise Known("Nobody listens")

    with qtbot.waitSignal(bridge.failed) as signal:
        bridge.run(Lane.IO, fail)
    assert "Nobody listens" in str(signal.args[0])  # type: ignore[index]


def test_a_write_is_announced_before_its_success_and_with_its_initiator(bridge: Bridge, qtbot: QtBot) -> None:
    receiver = Receiver()
    bridge.store_changed.connect(receiver.changed)
    changes = Changes.of(Kind.TRACKS)
    bridge.run(Lane.DB, lambda work: changes, success=receiver.got, initiator=receiver)
    qtbot.waitUntil(lambda: bool(receiver.results))
    assert receiver.changes == [(changes, receiver)]


def test_a_write_published_from_another_thread_is_announced(bridge: Bridge, hub: ChangeHub, qtbot: QtBot) -> None:
    receiver = Receiver()
    bridge.store_changed.connect(receiver.changed)
    bridge.jobs.submit(Lane.IO, lambda work: hub.publish(Changes.of(Kind.SYNC)))
    qtbot.waitUntil(lambda: bool(receiver.changes))
    assert receiver.changes[0][0].touches(Kind.SYNC)


def test_progress_arrives_and_a_lambda_is_refused(bridge: Bridge, qtbot: QtBot) -> None:
    receiver = Receiver()
    bridge.run(Lane.IO, lambda work: work.progress(5, 5, "Saving"), progress=receiver.progressed)
    qtbot.waitUntil(lambda: bool(receiver.progress))
    assert receiver.progress[-1] == Progress(5, 5, "Saving")
    with pytest.raises(TypeError):
        bridge.run(Lane.IO, lambda work: 1, success=lambda value: None)


def test_a_result_for_a_destroyed_page_is_dropped(bridge: Bridge, qtbot: QtBot) -> None:
    gate = threading.Event()
    gone, other = Receiver(), Receiver()
    bridge.run(Lane.DB, lambda work: gate.wait(5), success=gone.got)
    bridge.run(Lane.DB, lambda work: 2, success=other.got)
    shiboken6.delete(gone)
    gate.set()
    qtbot.waitUntil(lambda: bool(other.results))
    assert gone.results == []


def test_a_write_of_the_window_is_heard_once_by_pages_and_by_the_background(
    bridge: Bridge, hub: ChangeHub, qtbot: QtBot
) -> None:
    receiver, heard = Receiver(), []
    bridge.store_changed.connect(receiver.changed)
    hub.subscribe(lambda changes, initiator: heard.append((changes, initiator)))
    written = Changes.of(Kind.ACCOUNTS)
    bridge.run(Lane.DB, lambda work: written, success=receiver.got, initiator=receiver)
    qtbot.waitUntil(lambda: receiver.results == [written])
    assert receiver.changes == heard == [(written, receiver)]
    hub.publish(written)
    qtbot.waitUntil(lambda: len(receiver.changes) == 2)

"""The one way results come back to the GUI thread.

A single long-lived QObject with one queued signal. Results are put in a deque and drained under a budget of 8 ms a tick, because
4,000 results delivered one by one froze the window for over a second. Slots are QObject methods (a lambda or a signal object per
task loses results under PySide6); a slot whose owner was destroyed is dropped.
"""

from __future__ import annotations

import inspect
import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar
from weakref import WeakMethod

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from mycelix_studio.errors import Cancelled
from mycelix_studio.services.changes import ChangeHub, Changes
from mycelix_studio.services.jobs import Job, Jobs, Lane, Progress, Work

T = TypeVar("T")
DRAIN_SECONDS = 0.008

log = logging.getLogger(__name__)


class Bridge(QObject):
    """Runs jobs and brings success, failure, cancellation and progress to methods of QObjects on the GUI thread.

    Signals:
        store_changed(Changes, initiator): After every write, whoever made it. Pages refresh what concerns them; the initiator
            may skip its own change.
        failed(Exception): A job failed and named no method for it; the window shows it.
    """

    store_changed = Signal(object, object)
    failed = Signal(object)
    _wake = Signal()

    def __init__(self, jobs: Jobs, hub: ChangeHub, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = jobs
        self._queue: deque[Callable[[], None]] = deque()
        self._pending = False
        self._under_way = 0
        self._ended = threading.Condition()
        self._lock = threading.Lock()
        self._wake.connect(self._drain, Qt.ConnectionType.QueuedConnection)
        self._hub = hub
        self._own: Changes | None = None
        self._unsubscribe = hub.subscribe(self._on_changes)

    def run(
        self,
        lane: Lane,
        run: Callable[[Work], T],
        *,
        name: str = "",
        success: Callable[[T], None] | None = None,
        failure: Callable[[Exception], None] | None = None,
        cancelled: Callable[[], None] | None = None,
        progress: Callable[[Progress], None] | None = None,
        initiator: object | None = None,
    ) -> Job[T]:
        """Run ``run(work)`` on a lane and call one of the bound methods on the GUI thread when it ends.

        A result that is :class:`Changes`, or has ``changes``, is announced by :attr:`store_changed` before ``success`` is called.

        Raises:
            TypeError: A callback is not a bound method of a QObject.
        """
        on_success, on_failure, on_cancelled, on_progress = map(_Slot, (success, failure, cancelled, progress))

        def report(value: Progress) -> None:
            self._post(lambda: on_progress.call(value))

        def ended(future: Future[T]) -> None:
            self._post(lambda: self._finish(future, on_success, on_failure, on_cancelled, initiator))
            with self._ended:
                self._under_way -= 1
                self._ended.notify_all()

        job = self.jobs.submit(lane, run, name=name, report=report if progress is not None else None)
        with self._ended:
            self._under_way += 1
        job.future.add_done_callback(ended)
        return job

    def settle(self, seconds: float) -> None:
        """Give jobs under way a moment to end, and show what they brought: for a window that is about to appear."""
        with self._ended:
            self._ended.wait_for(lambda: self._under_way == 0, seconds)
        self._drain()

    @property
    def idle(self) -> bool:
        """True when no result waits to be shown."""
        with self._lock:
            return not self._pending

    def close(self) -> None:
        """Stop listening to writes; results still queued are dropped."""
        self._unsubscribe()
        with self._lock:
            self._queue.clear()

    def _on_changes(self, changes: Changes, initiator: object | None) -> None:
        if changes is not self._own:
            self._post(lambda: self.store_changed.emit(changes, initiator))

    def _finish(
        self, future: Future[T], success: _Slot, failure: _Slot, cancelled: _Slot, initiator: object | None
    ) -> None:
        error = future.exception()
        if error is None:
            result = future.result()
            changes = result if isinstance(result, Changes) else getattr(result, "changes", None)
            if isinstance(changes, Changes) and changes.kinds:
                self._announce(changes, initiator)
            success.call(result)
        elif isinstance(error, Cancelled):
            cancelled.call()
        elif failure.given:
            failure.call(error)
        else:
            self.failed.emit(error)

    def _announce(self, changes: Changes, initiator: object | None) -> None:
        """Tell the pages now, and whatever works in the background by the hub."""
        self._own = changes
        self._hub.publish(changes, initiator)
        self._own = None
        self.store_changed.emit(changes, initiator)

    def _post(self, call: Callable[[], None]) -> None:
        with self._lock:
            self._queue.append(call)
            if self._pending:
                return
            self._pending = True
        if shiboken6.isValid(self):
            self._wake.emit()

    @Slot()
    def _drain(self) -> None:
        deadline = time.perf_counter() + DRAIN_SECONDS
        while True:
            with self._lock:
                if not self._queue:
                    self._pending = False
                    return
                call = self._queue.popleft()
            try:
                call()
            except Exception as error:
                log.exception("a result could not be shown")
                self.failed.emit(error)
            if time.perf_counter() >= deadline:
                self._wake.emit()
                return


class _Slot:
    """A weak bound method of a QObject, or nothing."""

    def __init__(self, method: Callable[..., Any] | None) -> None:
        self.given = method is not None
        self._ref: WeakMethod[Callable[..., Any]] | None = None
        if method is not None:
            if not inspect.ismethod(method) or not isinstance(method.__self__, QObject):
                raise TypeError(f"{method!r} is not a bound method of a QObject")
            self._ref = WeakMethod(method)

    def call(self, *arguments: object) -> None:
        method = self._ref() if self._ref is not None else None
        if method is not None and shiboken6.isValid(method.__self__):  # type: ignore[attr-defined]
            method(*arguments)

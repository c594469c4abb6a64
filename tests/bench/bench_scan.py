"""`bench scan`: 10,000 tagged MP3 and FLAC files come into the library while somebody scrolls through it.

A clock asks for a frame 60 times a second, by scrolling the table a few rows. Counted is the time on the clock from the moment a frame was
due until the window has painted it, waiting for the interpreter and for a processor included; a frame later than the next one is due was
dropped. A frame that was due while the window could not answer counts too, from when it was due: a stop of 100 ms makes six late frames.
An earlier measure, gaps between ticks of 4 ms, had four ticks for each frame and one gap for all that such a stop hides, so that 99 of 100
of them meant 96 of 100 frames.

The files are really read, by the library's own children; the table has 300 tracks before, which are being measured all the while.
"""

from __future__ import annotations

import gc
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from tests.bench.rows import Row

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

FILES = 10_000
BEFORE = 300
FRAME_MS = 16.7
DROPPED = 1.0
"""Percent of frames that may come late."""
STUTTER_MS = 100.0
NUMBER = "000000"


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Scan with the library open, with ``large`` ten times as many files."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    gc.disable()  # as the program does until its first page is painted
    with tempfile.TemporaryDirectory(prefix="bench-scan-") as folder:
        yield from _measure(Path(folder), FILES * (10 if large else 1))


def make_files(folder: Path, count: int) -> None:
    """Write so many files, half MP3, half FLAC, twelve to an album; each has a title and an album of its own."""
    from mycelix_studio.domain.fields import Field
    from mycelix_studio.media import saver
    from tests.fixtures import audio

    folder.mkdir(parents=True)
    whole = []
    for ending in ("mp3", "flac"):
        path = audio.make(folder, ending, seconds=0.4)
        tags = {
            Field.TITLE: (f"Song {NUMBER}",), Field.ALBUM: (f"Album {NUMBER}",), Field.ARTIST: ("Maren Okafor", "Ilse Brandt"),
            Field.GENRE: ("Ambient", "Folk"), Field.DATE: ("2026-05-08",), Field.TRACK: ("3/12",), Field.LABEL: ("Tidewater",),
        }  # fmt: skip
        saver.save(path, tags)
        whole.append((ending, path.read_bytes()))
        path.unlink()
    for number in range(count):
        ending, data = whole[number % 2]
        below = folder / f"{number // 12:06}"
        below.mkdir(exist_ok=True)
        titled = data.replace(f"Song {NUMBER}".encode(), f"Song {number:06}".encode())
        placed = titled.replace(f"Album {NUMBER}".encode(), f"Album {number // 12:06}".encode())
        (below / f"{number:06}.{ending}").write_bytes(placed)


def _measure(folder: Path, count: int) -> Iterator[Row]:
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from mycelix_studio.app import App, make_application
    from mycelix_studio.paths import Paths
    from mycelix_studio.services.jobs import Work
    from mycelix_studio.services.opening import open_studio
    from mycelix_studio.ui.pages.library.page import LibraryPage

    make_files(folder / "before", BEFORE)
    make_files(folder / "music", count)
    qt = make_application(["bench"])
    assert isinstance(qt, QApplication)
    studio = open_studio(Paths.under(folder / "profile"))
    studio.library.add([folder / "before"], Work())
    app = App(qt, studio)
    app.window.set_welcomed()

    def wait(ms: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    app.open()
    app.start()
    page = app.window.page("library")
    assert isinstance(page, LibraryPage)
    while len(page.model.ids) != BEFORE or not gc.isenabled():
        wait(50)
    bar = page.view.table.verticalScrollBar()
    frames = _frames(app.window, lambda: bar.setValue((bar.value() + 90) % max(bar.maximum(), 1)))
    frames.start()
    wait(1_500)
    before = frames.stop()
    frames.start()
    started = time.perf_counter()
    page.files.add_paths([folder / "music"])
    while page.files.job is not None or len(page.model.ids) != BEFORE + count:
        wait(20)
    seconds = time.perf_counter() - started
    found = frames.stop()
    app.close()
    yield Row("scrolling before the scan: 99 of 100 frames painted after", _most(before.waits), "ms")
    late = sum(wait > FRAME_MS for wait in found.waits) / len(found.waits)
    yield Row("scrolling while it scans: half of the frames painted after", statistics.median(found.waits), "ms")
    yield Row("scrolling while it scans: 99 of 100 frames painted after", _most(found.waits), "ms", FRAME_MS)
    yield Row("scrolling while it scans: frames dropped", late * 100, "%", DROPPED)
    yield Row("scrolling while it scans: longest wait for a frame", max(found.waits), "ms", STUTTER_MS)
    yield Row("scrolling while it scans: 99 of 100 frames' own work", _most(found.works), "ms", FRAME_MS)
    yield Row("scanned, files a second", count / seconds)


def _most(values: Sequence[float]) -> float:
    """Return what 99 of 100 do not pass."""
    return sorted(values)[int(len(values) * 0.99)]


@dataclass(frozen=True, slots=True)
class Painted:
    """Frames of a while.

    Attributes:
        waits: From when a frame was due until it was painted, in ms.
        works: What the window's thread computed from one painted frame to the next, in ms.
    """

    waits: list[float]
    works: list[float]


class Frames(Protocol):
    """A clock that asks for frames."""

    def start(self) -> None:
        """Ask from now on, as often as a screen shows them."""

    def stop(self) -> Painted:
        """Ask no more and return what came; frames that are late by now and not painted yet are among it."""


def _frames(window: QWidget, ask: Callable[[], None]) -> Frames:
    """Return the clock that asks for frames of a window; Qt must be there already."""
    from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer

    done = QEvent.Type(QEvent.registerEventType())

    class Clock(QObject):
        """Asks for a frame whenever one is due, and notes when the window has painted it."""

        def __init__(self) -> None:
            super().__init__(window)
            self._timer = QTimer(self, singleShot=True, timerType=Qt.TimerType.PreciseTimer)
            self._timer.timeout.connect(self._ask)
            self._painted = Painted([], [])
            self._waiting: list[float] = []
            self._sent = False
            self._begun, self._asked, self._worked = 0.0, 0, 0.0
            window.installEventFilter(self)

        def start(self) -> None:
            self._painted, self._waiting = Painted([], []), []
            self._begun, self._asked, self._worked = time.perf_counter(), 0, time.thread_time()
            self._next()

        def stop(self) -> Painted:
            self._timer.stop()
            now = time.perf_counter()
            self._painted.waits.extend((now - due) * 1000 for due in self._waiting if (now - due) * 1000 > FRAME_MS)
            self._waiting = []
            return self._painted

        def _next(self) -> None:
            due = self._begun + (self._asked + 1) / 60
            self._timer.start(max(0, math.ceil((due - time.perf_counter()) * 1000)))

        def _ask(self) -> None:
            due = int((time.perf_counter() - self._begun) * 60)
            self._waiting += [self._begun + number / 60 for number in range(self._asked + 1, due + 1)]
            self._asked = max(self._asked, due)
            ask()
            self._next()

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            """Have an event of its own come right after the window has painted."""
            if event.type() == QEvent.Type.UpdateRequest and not self._sent:
                self._sent = True
                QCoreApplication.postEvent(self, QEvent(done), Qt.EventPriority.HighEventPriority.value)
            return False

        def event(self, event: QEvent) -> bool:
            """Note the frames that are painted now."""
            if event.type() != done:
                return super().event(event)
            self._sent = False
            if self._waiting:
                now, worked = time.perf_counter(), time.thread_time()
                self._painted.waits.extend((now - due) * 1000 for due in self._waiting)
                self._painted.works.append((worked - self._worked) * 1000)
                self._waiting, self._worked = [], worked
            return True

    return Clock()

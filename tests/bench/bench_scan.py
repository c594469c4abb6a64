"""`bench scan`: 10,000 tagged MP3 and FLAC files come into the library while somebody scrolls through it.

A timer of 4 ms ticks in the window's thread. Counted is the time on the clock between two ticks, waiting for the interpreter and for a
processor included: a time in which nothing could be painted. The files are really read, by the library's own children, and the table has
300 tracks before; each frame it is scrolled by a few rows.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Row

FILES = 10_000
BEFORE = 300
BEAT_MS = 4
FRAME_MS = 16.7
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
    from mycelix_studio.services.studio import open_studio
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
    gaps: list[float] = []
    works: list[float] = []
    last, worked = time.perf_counter(), time.thread_time()

    def tick() -> None:
        nonlocal last, worked
        now, own = time.perf_counter(), time.thread_time()
        gaps.append((now - last) * 1000)
        works.append((own - worked) * 1000)
        last, worked = now, own

    def scroll() -> None:
        bar.setValue((bar.value() + 90) % max(bar.maximum(), 1))

    beat, frames = QTimer(interval=BEAT_MS), QTimer(interval=16)
    beat.timeout.connect(tick)
    frames.timeout.connect(scroll)
    frames.start()
    beat.start()
    wait(1_500)
    quiet = sorted(gaps[1:])
    gaps.clear()
    works.clear()
    started = time.perf_counter()
    page.files.add_paths([folder / "music"])
    while page.files.job is not None or len(page.model.ids) != BEFORE + count:
        wait(20)
    seconds = time.perf_counter() - started
    beat.stop()
    frames.stop()
    app.close()
    yield Row("scrolling before the scan: 99 of 100 gaps on the clock", quiet[int(len(quiet) * 0.99)], "ms")
    found, own = sorted(gaps), sorted(works)
    yield Row("scrolling while it scans: half of the gaps", found[len(found) // 2], "ms")
    yield Row("scrolling while it scans: 99 of 100 gaps on the clock", found[int(len(found) * 0.99)], "ms", FRAME_MS)
    yield Row("scrolling while it scans: longest gap on the clock", found[-1], "ms", STUTTER_MS)
    yield Row("scrolling while it scans: 99 of 100 gaps of own work", own[int(len(own) * 0.99)], "ms", FRAME_MS)
    yield Row("scanned, files a second", count / seconds)

"""The library's table over 100,000 tracks: how long the window is silent while one types, sorts, scrolls and selects.

A timer of 4 ms ticks in the GUI thread meanwhile. Counted is how long that thread worked between two ticks (its own processor time, so that
other programs on a shared machine do not count): a time in which nothing could be painted. Targets are those of a display of 60 frames a
second; ``longest`` is what a person would notice as a stutter.
"""

from __future__ import annotations

import gc
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.rows import Row

if TYPE_CHECKING:
    from mycelix_studio.services.studio import Studio
    from mycelix_studio.ui.pages.library.page import LibraryPage

TRACKS = 100_000
BEAT_MS = 4
FRAME_MS = 16.7
STUTTER_MS = 100.0


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Walk through the table and measure the gaps."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    count = TRACKS * (10 if large else 1)
    gc.disable()  # as the program does until its first page is painted
    with tempfile.TemporaryDirectory() as folder:
        yield from _walk(Path(folder), count)


def fill(studio: Studio, count: int) -> None:
    """Put tracks into the cache, with tags, and measured, so that the rules have work and nothing has to be decoded."""
    from mycelix_studio.store import checks

    with studio.database.write() as db:
        db.execute(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
               INSERT INTO track (path, size, mtime_ns, added_at, family, container, codec, duration_ms, sample_rate, bits,
                 channels, bitrate, fields, title, artist, album, genre, date, isrc, position, search)
               SELECT '/music/' || (i / 12) || '/' || i || '.flac', 1, 1, 1, 'vorbis', 'FLAC', '', 60000 + i, 44100, 16, 2, 1,
                 json_object('title', json_array('Song ' || i), 'artist', json_array('Artist ' || (i % 97)), 'album',
                   json_array('Album ' || (i / 12)), 'genre',
                   json_array('Genre ' || (i % 31)), 'track', json_array(CAST(i % 12 + 1 AS TEXT))),
                 'Song ' || i, 'Artist ' || (i % 97), 'Album ' || (i / 12), 'Genre ' || (i % 31), '', '', i % 12 + 1,
                 'song ' || i || ' artist ' || (i % 97) || ' album ' || (i / 12)
               FROM n""",
            (count,),
        )
        db.execute("INSERT INTO measure SELECT id, size, mtime_ns, x'', x'', '{}', NULL, '' FROM track")
        checks.keep_results(db, [(each.track_id, each.stamp, 0, 1) for each in checks.due(db)])


def _walk(folder: Path, count: int) -> Iterator[Row]:
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from mycelix_studio.app import App, make_application
    from mycelix_studio.paths import Paths
    from mycelix_studio.services.opening import open_studio
    from mycelix_studio.ui.pages.library.page import LibraryPage

    qt = make_application(["bench"])
    assert isinstance(qt, QApplication)
    studio = open_studio(Paths.under(folder))
    fill(studio, count)
    app = App(qt, studio)
    app.window.set_welcomed()
    gaps: list[float] = []
    last = time.thread_time()
    beat = QTimer(interval=BEAT_MS)

    def tick() -> None:
        nonlocal last
        now = time.thread_time()
        gaps.append((now - last) * 1000)
        last = now

    beat.timeout.connect(tick)

    def wait(ms: int) -> None:
        loop = QEventLoop()
        QTimer.singleShot(ms, loop.quit)
        loop.exec()

    app.open()
    app.start()
    page = app.window.page("library")
    assert isinstance(page, LibraryPage)
    while len(page.model.ids) != count or not gc.isenabled():
        wait(50)
    wait(1_000)
    last = time.thread_time()
    yield from _rows("a quiet window", gaps, beat, wait, lambda: None, 1_000)
    for name, act, ms in _acts(page, wait):
        last = time.thread_time()
        yield from _rows(name, gaps, beat, wait, act, ms)
    app.close()


def _rows(
    name: str,
    gaps: list[float],
    beat: object,
    wait: Callable[[int], None],
    act: Callable[[], None],
    ms: int,
) -> Iterator[Row]:
    from PySide6.QtCore import QTimer

    assert isinstance(beat, QTimer)
    gaps.clear()
    beat.start()
    act()
    wait(ms)
    beat.stop()
    found = sorted(gaps) or [float(ms)]
    yield Row(f"{name}: half of the gaps", found[len(found) // 2], "ms")
    yield Row(f"{name}: 99 of 100 gaps", found[int(len(found) * 0.99)], "ms", FRAME_MS, "<=")
    yield Row(f"{name}: longest", found[-1], "ms", STUTTER_MS, "<=")


def _acts(page: LibraryPage, wait: Callable[[int], None]) -> Iterator[tuple[str, Callable[[], None], int]]:
    table = page.view.table

    def typing() -> None:
        for words in ("s", "so", "son", "song", "song 1", "song 12", "song 1", "song", ""):
            page.view.filter.setText(words)
            wait(60)

    def scrolling() -> None:
        bar = table.verticalScrollBar()
        for step in range(150):
            bar.setValue(bar.maximum() * step // 150)
            wait(8)

    def arrows() -> None:
        for place in range(100):
            table.setCurrentIndex(page.model.index(place, 1))
            wait(8)

    def edits() -> None:
        from mycelix_studio.domain.fields import Field
        from mycelix_studio.services.jobs import Lane

        ids = page.model.ids[:500]
        page.bridge.run(Lane.DB, lambda _work: page.library.edit(ids, {Field.GENRE: ("Folk",)}), name="edit")

    yield "typing into the filter", typing, 1_500
    yield "sorting by title", lambda: page.lister.sort_by("title", True), 1_500
    yield "sorting by a tag", lambda: page.lister.sort_by("track", False), 2_000
    yield "scrolling through all", scrolling, 300
    yield "going down by keys", arrows, 300
    yield "selecting all", table.selectAll, 1_000
    yield "selecting one", lambda: table.select_ids(page.model.ids[:1]), 500
    yield "finding by letters", lambda: page.lister.seek("song 77"), 500
    yield "showing another column", lambda: page.show_columns(["title", "genre", "album", "checks"]), 500
    yield "editing 500 tracks", edits, 2_000

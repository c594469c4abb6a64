"""From the start of the process to the first painted dashboard, and to all of its charts, against a bare window of PySide6."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]
ROUNDS = 9


def run(*, large: bool, seed: int) -> Iterator[Row]:
    """Start both in turns, so that a busy moment of the machine hits both; 10 million plays with ``--large``, else one million."""
    count = 10_000_000 if large else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        _profile(Path(folder), count, seed)
        _started("studio", folder)  # the files of the first start are not in memory yet
        _started("bare", folder)
        rounds = [(_started("bare", folder)[0], *_started("studio", folder)) for _ in range(ROUNDS)]
    bare, first, whole = (statistics.median(column) for column in zip(*rounds, strict=True))
    peer = "bare PySide6 window"
    yield Row(f"first painted figures of {count:,} plays", first / bare, "x", 2.0, "<=", peer)
    yield Row("all charts painted", whole / bare, "x", 4.0, "<=", peer)
    yield Row("bare window", bare * 1000, "ms")
    yield Row("first painted figures", first * 1000, "ms")
    yield Row("all charts", whole * 1000, "ms")


def _profile(folder: Path, count: int, seed: int) -> None:
    """Make a profile whose cache is filled as a sync fills it."""
    from mycelix_studio.paths import Paths
    from mycelix_studio.services.studio import open_studio
    from tests.bench.bench_analytics import fill

    studio = open_studio(Paths.under(folder))
    try:
        fill(studio.database, count, seed)
        studio.paths.config.mkdir(parents=True, exist_ok=True)
        (studio.paths.config / "window.ini").write_text("[General]\nwelcomed=true\n")
    finally:
        studio.close()


def _started(what: str, folder: str) -> tuple[float, ...]:
    """Start a process and return the seconds until it said that it had painted."""
    begin = time.monotonic()
    child = subprocess.run(
        [sys.executable, "-m", "tests.bench.bench_startup", what, folder],
        cwd=ROOT,
        env={
            **_environment(),
            "QT_QPA_PLATFORM": "offscreen",
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    found = [float(line) - begin for line in child.stdout.split()]
    assert len(found) == (1 if what == "bare" else 2), child.stderr[-3000:]
    return tuple(found)


def _environment() -> dict[str, str]:
    """Return the environment, with compiled files kept as they are on everybody's machine."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


def _say() -> None:
    print(time.monotonic(), flush=True)


def _bare() -> None:
    """Show a window with one word, and say when it is painted."""
    from PySide6.QtCore import QTimer
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QLabel

    class Word(QLabel):
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            _say()
            QTimer.singleShot(0, app.quit)

    app = QApplication([])
    word = Word("Mycelix Studio")
    word.resize(1440, 900)
    word.show()
    app.exec()


def _studio(folder: str) -> None:
    """Open Studio on the profile at its dashboard, and say when figures, and when all charts, are painted."""
    from mycelix_studio.app import make_application, run
    from mycelix_studio.paths import Paths

    app = make_application(["mycelix-studio"])

    from PySide6.QtCore import QEvent, QObject, QTimer

    class Watch(QObject):
        """Looks at what was painted with data in it."""

        def __init__(self) -> None:
            super().__init__()
            self.painted: set[QObject] = set()
            self.said = 0

        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint and type(watched).__module__.startswith("mycelix_studio.ui.charts"):
                QTimer.singleShot(0, self, lambda: self.look(watched))  # once it is painted
            return False

        def look(self, watched: QObject) -> None:
            from mycelix_studio.ui.charts.base import Chart
            from mycelix_studio.ui.charts.stat_card import StatCard

            if isinstance(watched, StatCard):
                full = watched.figure.value is not None
            else:
                full = isinstance(watched, Chart) and watched.state.value == "ready" and not watched.data.empty
            if full:
                self.painted.add(watched)
            cards = sum(isinstance(each, StatCard) for each in self.painted)
            if self.said == 0 and cards == 5:
                self.said = 1
                _say()
            if self.said == 1 and len(self.painted) == 10:
                self.said = 2
                _say()
                QTimer.singleShot(0, app, app.quit)

    watch = Watch()
    app.installEventFilter(watch)
    run(Paths.under(Path(folder)), "analytics")
    app.removeEventFilter(watch)


if __name__ == "__main__":
    _studio(sys.argv[2]) if sys.argv[1] == "studio" else _bare()

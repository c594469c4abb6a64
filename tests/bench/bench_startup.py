"""From the start of the process to the first painted dashboard, and to all of its charts, against a bare window of PySide6."""

from __future__ import annotations

import importlib.util
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, SourceFileLoader
from pathlib import Path
from types import ModuleType

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
    from mycelix_studio.services.opening import open_studio
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


class _AfterApp(MetaPathFinder):
    """Begins to watch once the program has imported its window: all that is imported before is imported by the program, in its order."""

    def find_spec(self, name: str, _path: object, _target: object = None) -> ModuleSpec | None:
        if name != "mycelix_studio.app":
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(name)
        assert spec is not None and isinstance(spec.loader, SourceFileLoader)
        run = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            run(module)
            _watch()

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


def _studio(folder: str) -> None:
    """Open Studio on the profile at its dashboard, as the program does."""
    sys.meta_path.insert(0, _AfterApp())
    from mycelix_studio.__main__ import main

    main(["--profile-dir", folder, "--page", "analytics"])


def _watch() -> None:
    """Say when figures, and when all charts, are painted; quit then."""
    from PySide6.QtGui import QPaintEvent
    from PySide6.QtWidgets import QApplication, QWidget

    from mycelix_studio.ui.charts.base import Chart
    from mycelix_studio.ui.charts.stat_card import StatCard

    painted: set[QWidget] = set()

    def note(kind: type[QWidget]) -> None:
        paint = kind.paintEvent

        def painting(self: QWidget, event: QPaintEvent) -> None:
            paint(self, event)
            if isinstance(self, StatCard):
                full = self.figure.value is not None
            else:
                full = isinstance(self, Chart) and self.state.value == "ready" and not self.data.empty
            if full and self not in painted:
                painted.add(self)
                cards = sum(isinstance(each, StatCard) for each in painted)
                if (cards == 5 and isinstance(self, StatCard)) or len(painted) == 10:
                    _say()
                if len(painted) == 10 and (app := QApplication.instance()) is not None:
                    app.quit()

        kind.paintEvent = painting  # type: ignore[method-assign]

    note(Chart)
    note(StatCard)


if __name__ == "__main__":
    _studio(sys.argv[2]) if sys.argv[1] == "studio" else _bare()

"""Fixtures every test has: an offscreen display, a private HOME, and a failure for whatever a test leaves behind."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyside6")
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

settings.register_profile(
    "default", deadline=None, print_blob=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
settings.load_profile("default")

CORPORA = Path(os.environ.get("MYCELIX_CORPORA") or Path(__file__).resolve().parents[2] / "shared" / "corpora")

_BACKGROUND = ("ThreadPoolExecutor-", "pytest_timeout", "QThread", "Dummy-", "asyncio_")


@pytest.fixture
def corpora() -> Path:
    """The folder of real audio files, beside the checkout."""
    if not CORPORA.is_dir():
        pytest.skip("no corpora beside this checkout")
    return CORPORA


@pytest.fixture(autouse=True)
def _private_home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test may see or write the person's own profile."""
    home = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HOME", str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(autouse=True)
def _no_leaks(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves a thread, a running timer or a visible top-level widget."""
    before = set(threading.enumerate())
    yield
    leaked = [thread for thread in _new_threads(before) if not thread.name.startswith(_BACKGROUND)]
    if leaked:
        pytest.fail(f"leaked threads: {', '.join(thread.name for thread in leaked)}")
    if "PySide6.QtWidgets" in sys.modules:
        from PySide6.QtCore import QCoreApplication, QEvent, QTimer
        from PySide6.QtWidgets import QApplication

        app = QApplication.instance()
        if isinstance(app, QApplication):
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
            shown = [widget for widget in app.topLevelWidgets() if widget.isVisible()]
            ticking = [timer for timer in app.findChildren(QTimer) if timer.isActive()]
            names = [f"{type(widget).__name__} {widget.objectName()}" for widget in shown]
            for widget in shown:
                widget.close()
                widget.deleteLater()
            if names or ticking:
                pytest.fail(f"leaked widgets {names}, timers {len(ticking)}")


def _new_threads(before: set[threading.Thread], grace: float = 2.0) -> list[threading.Thread]:
    deadline = time.monotonic() + grace
    while True:
        new = [t for t in threading.enumerate() if t not in before and t.is_alive()]
        relevant = [t for t in new if not t.name.startswith(_BACKGROUND)]
        if not relevant or time.monotonic() > deadline:
            return new
        relevant[0].join(0.05)

"""Drives the real window and takes a picture of every page, in dark and light."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.errors import Bug
from mycelix_studio.ui.pages import PAGES

SIZE = (1440, 900)
QUIET_SECONDS = 0.5
MOST_SECONDS = 60.0


def take(
    app: App, folder: Path, step: Callable[[int, int], None], themes: Sequence[str] = ("dark", "light")
) -> list[Path]:
    """Write ``NN-page-dark.png`` and ``NN-page-light.png`` for every page and return them.

    Raises:
        Bug: A page went on working for 60 seconds.
    """
    folder.mkdir(parents=True, exist_ok=True)
    app.window.resize(*SIZE)
    taken: list[Path] = []
    for theme in themes:
        app.studio.settings.set(settings.THEME, theme)
        for number, spec in enumerate(PAGES, start=1):
            app.window.go(spec.key)
            settle(app)
            app.window.toasts.clear()
            path = folder / f"{number:02d}-{spec.key}-{theme}.png"
            if not app.window.grab().save(str(path)):
                raise Bug("A picture of the tour was not written", str(path))
            taken.append(path)
            step(len(taken), len(themes) * len(PAGES))
    return taken


def settle(app: App) -> None:
    """Process events until no job has run for a moment."""
    quiet_since = time.monotonic()
    deadline = quiet_since + MOST_SECONDS
    while time.monotonic() - quiet_since < QUIET_SECONDS:
        QApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if app.studio.jobs.running() or not app.bridge.idle or not app.window.status().network:
            quiet_since = time.monotonic()
        if time.monotonic() > deadline:
            raise Bug("A page does not come to rest", ", ".join(app.studio.jobs.running()))
        time.sleep(0.01)

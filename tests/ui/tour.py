"""Opens everything of a window that can be seen: each page, each of its tabs, and each dialog that a command brings up."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from PySide6.QtCore import QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QWidget

from mycelix_studio.app import App
from mycelix_studio.ui.pages import PAGES
from mycelix_studio.ui.pages.base import Command, Page
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.pages.uploads.page import UploadsPage
from mycelix_studio.ui.widgets.segment import Tabs

QUIET_SECONDS = 0.03
LONG_QUIET_SECONDS = 0.3
MOST_SECONDS = 20.0
POLL_MS = 20
LEFT_OUT = (
    "Add music", "Choose files", "Export a table", "Import a table", "Import rates", "Save statement", "Sign a file",
    "Go to", "Switch", "Lock", "Upload", "Save tags", "Save everything", "Take", "Stop", "Pause", "Try", "Play", "Compare two",
    "Add person",
)  # fmt: skip
"""Commands that open a menu or a dialog of the system's own, or change what the others show."""


class Tour:
    """Walks through a window and keeps in :attr:`found` what ``measure`` says about it and about each dialog, at rest."""

    def __init__(self, app: App, measure: Callable[[QWidget], list[str]]) -> None:
        self.app = app
        self.measure = measure
        self.found: list[str] = []

    def look(self, name: str, shown: QWidget) -> None:
        """Measure; what is found counts when it is still there a moment later, as what follows a last reading is laid out."""
        if self.measure(shown):
            self.settle(LONG_QUIET_SECONDS)
            self.found.extend(f"{name}: {line}" for line in self.measure(shown))

    def settle(self, seconds: float = QUIET_SECONDS) -> None:
        """Process events until no job has run for a moment."""
        quiet = begun = time.monotonic()
        while time.monotonic() - quiet < seconds:
            QTest.qWait(1)
            if self.app.studio.jobs.running() or not self.app.bridge.idle:
                quiet = time.monotonic()
            assert time.monotonic() - begun < MOST_SECONDS, self.app.studio.jobs.running()

    def pages(self) -> Iterator[Page]:
        """Open each page, look at each of its tabs and at its drawer, and hand it over."""
        for spec in PAGES:
            self.app.window.go(spec.key)
            self.settle()
            page = self.app.window.page(spec.key)
            if isinstance(page, LibraryPage | UploadsPage):
                page.view.table.selectRow(0)
                self.settle()
                if page.view.inspector.isHidden() and not page.view.table.isHidden():
                    self.look(f"{spec.key}, without its drawer", self.app.window)
                    page.toggle_drawer()
                    self.settle()
            self._tabs(spec.key, page)
            yield page

    def _tabs(self, name: str, page: Page) -> None:
        rows = [tabs for tabs in page.findChildren(Tabs) if tabs.isVisible()]
        for tabs in rows:
            for key in tabs.inner.keys:
                tabs.inner.button(key).click()
                self.settle()
                self.app.window.toasts.clear()
                self.look(f"{name}, {key}", self.app.window)
            tabs.inner.button(tabs.inner.keys[0]).click()
            self.settle()
        if not rows:
            self.look(name, self.app.window)

    def commands(self) -> list[str]:
        """Do what the open page offers, look at each dialog it brings up, and close that; returns the names of their classes."""
        page = self.app.window.current
        assert page is not None
        return [seen for command in page.commands() for seen in self._do(command)]

    def _do(self, command: Command) -> list[str]:
        if command.words.startswith((*LEFT_OUT, "Show")) or not command.when():
            return []
        return self.dialog(command.words, command.run)

    def dialog(self, name: str, run: Callable[[], object]) -> list[str]:
        """Run what opens a dialog, whether it returns at once or when that closes; returns the class that was seen, if any."""
        seen: list[str] = []

        def close() -> None:
            popup = QApplication.activePopupWidget()
            if popup is not None:
                popup.close()
                return
            shown = QApplication.activeModalWidget()
            if not isinstance(shown, QDialog) or seen:
                return
            seen.append(type(shown).__name__)
            self.settle()
            self.look(f"{name}, {seen[0]}", shown)
            shown.reject()

        timer = QTimer(interval=POLL_MS)
        timer.timeout.connect(close)
        timer.start()
        run()
        self.settle()
        timer.stop()
        for left in QApplication.topLevelWidgets():
            if isinstance(left, QDialog) and left.isVisible():
                left.reject()
        self.app.window.toasts.clear()
        self.settle()
        return seen

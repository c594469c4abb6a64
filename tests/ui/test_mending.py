"""A damaged cache is looked through while a dialog says so, and the window opens on what became of it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio import app
from mycelix_studio.errors import Cancelled
from mycelix_studio.paths import Paths
from mycelix_studio.store import drafts, seal
from mycelix_studio.store.connection import suspect_marker
from mycelix_studio.store.migrations import open_database
from mycelix_studio.ui import mending
from mycelix_studio.ui.mending import MendingDialog
from tests.fixtures import damage


@pytest.fixture
def paths(tmp_path: Path, qapp: QApplication) -> Paths:
    """A closed profile with drafts."""
    paths = Paths.under(tmp_path / "profile")
    database = open_database(paths.database)
    with database.write() as db:
        for number in range(50):
            drafts.save(
                db, f"s{number}", title="T", body="{}", changed_at=datetime(2026, 1, 1, tzinfo=UTC), due_at=None
            )
    database.close()
    return paths


@pytest.fixture
def held(paths: Paths, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], None]]:
    """Another program holds the file, so that looking through it waits until the returned function is called; the dialog comes at once."""
    damage.first_page(paths.database, "play_month")
    suspect_marker(paths.database).touch()
    monkeypatch.setattr(mending, "SHOW_MS", 0)
    other = sqlite3.connect(paths.database, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN EXCLUSIVE")
    yield other.close
    other.close()


def once_shown(do: Callable[[MendingDialog], None]) -> QTimer:
    """Do something with the dialog as soon as it is there."""
    timer = QTimer(interval=20)

    def look() -> None:
        for widget in QApplication.topLevelWidgets():
            if isinstance(widget, MendingDialog) and widget.isVisible():
                timer.stop()
                do(widget)

    timer.timeout.connect(look)
    timer.start()
    return timer


def test_while_it_is_looked_through_a_dialog_says_so_and_moves(paths: Paths, held: Callable[[], None]) -> None:
    said: list[str] = []

    def see(dialog: MendingDialog) -> None:
        said.extend((dialog.windowTitle(), dialog.now.text()))
        begun = dialog.bar._phase
        moved = QTimer(dialog, interval=20)
        moved.timeout.connect(
            lambda: (said.append("moved"), moved.stop(), held()) if dialog.bar._phase != begun else None
        )
        moved.start()

    timer = once_shown(see)
    studio = app.opened(paths)
    try:
        assert said == ["Studio checks its own file", "Looking through it", "moved"]
        assert studio.rebuilt is not None and studio.rebuilt.whole and studio.rebuilt.kept["draft"] == 50
        assert not any(isinstance(each, MendingDialog) and each.isVisible() for each in QApplication.topLevelWidgets())
    finally:
        timer.stop()
        studio.close()


def test_closing_it_leaves_the_file_as_it_was(paths: Paths, held: Callable[[], None], qtbot: QtBot) -> None:
    def leave(dialog: MendingDialog) -> None:
        dialog.close()
        assert dialog.isVisible() and dialog.now.text() == "Stopping" and not dialog.stop.isEnabled()
        held()

    timer = once_shown(leave)
    before = paths.database.read_bytes()
    with pytest.raises(Cancelled):
        app.opened(paths)
    timer.stop()
    assert paths.database.read_bytes() == before
    assert suspect_marker(paths.database).exists()


def test_damage_that_opening_finds_is_put_right_where_a_seal_holds_it(paths: Paths) -> None:
    assert seal.keep(paths.database)
    was = paths.database.stat()
    with paths.database.open("r+b") as file:
        file.write(b"\xff" * 100)
    os.utime(paths.database, ns=(was.st_atime_ns, was.st_mtime_ns))
    studio = app.opened(paths)
    try:
        assert studio.rebuilt is not None and studio.rebuilt.exact
        assert len(drafts.all_drafts(studio.database.read())) == 50
    finally:
        studio.close()


def test_a_sound_cache_is_opened_without_it(paths: Paths) -> None:
    studio = app.opened(paths)
    assert studio.rebuilt is None
    studio.close()

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from PySide6.QtCore import QProcess, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.first_run import FirstRun

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def fresh(profile: Studio, qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    """A window on a profile that was never used."""
    app = App(qapp, profile)
    app.open()
    qtbot.waitExposed(app.window)
    yield app
    app.close()


def _doors(app: App) -> FirstRun:
    made = app.window.first_run
    assert made is not None and made.isVisible()
    return made


def test_a_new_profile_is_welcomed_with_four_named_doors(fresh: App) -> None:
    doors = _doors(fresh)
    names = [door.button.accessibleName() for door in (doors.demo, doors.music, doors.connect_door, doors.restore)]
    assert names == ["Explore the demo", "Add music", "Connect", "Restore"]
    assert all(door.button.accessibleDescription() for door in (doors.demo, doors.music, doors.connect_door))
    assert not fresh.window.sidebar.isVisible()


def test_a_door_leads_on_and_is_remembered(fresh: App, qtbot: QtBot) -> None:
    qtbot.mouseClick(_doors(fresh).connect_door.button, Qt.MouseButton.LeftButton)
    assert fresh.window.current is fresh.window.page("settings")
    assert fresh.window.sidebar.isVisible()
    assert fresh.window.welcomed


def test_a_profile_with_a_platform_is_not_welcomed_again(profile: Studio, qapp: QApplication) -> None:
    profile.settings.set(settings.API_URL, "https://music.example")
    app = App(qapp, profile)
    try:
        app.open()
        assert app.window.first_run is None
    finally:
        app.close()


def test_the_demo_is_prepared_with_progress_and_ends_with_the_window(fresh: App, qtbot: QtBot, until: Until) -> None:
    doors = _doors(fresh)
    qtbot.mouseClick(doors.demo.button, Qt.MouseButton.LeftButton)
    process = doors._process
    assert process is not None
    until(lambda: process.state() is QProcess.ProcessState.Running)
    assert doors.bar.isVisible() and not doors.demo.button.isEnabled()
    fresh.window.close()
    assert process.state() is QProcess.ProcessState.NotRunning


def test_a_demo_that_cannot_start_says_why_and_can_be_tried_again(fresh: App, until: Until) -> None:
    doors = _doors(fresh)
    doors._said = "The local chain is not installed\nRun packaging/dev demo from a checkout."
    doors._ended(1)
    assert doors.problem.count() == 1
    assert doors.demo.button.isEnabled()

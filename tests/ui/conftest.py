"""A whole window on a throw-away profile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtGui import QFont, QPalette
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.charts import paint
from tests.fixtures.anvil import anvil, chain  # noqa: F401
from tests.fixtures.dashboard import page  # noqa: F401
from tests.fixtures.wallet import sealed, set_once, stage  # noqa: F401
from tests.fixtures.ways import past, ways, world  # noqa: F401


@pytest.fixture(autouse=True)
def _plain_look(qapp: QApplication) -> Iterator[None]:
    """Text size, font, colours and style sheet belong to the process: a test that changed them leaves them as they were."""
    yield
    paint.set_text_percent(100)
    qapp.setStyleSheet("")
    qapp.setPalette(QPalette())
    qapp.setFont(QFont())


@pytest.fixture
def profile(tmp_path: Path) -> Iterator[Studio]:
    """An open profile; closed by the window that is made of it."""
    studio = open_studio(Paths.under(tmp_path / "profile"))
    studio.settings.set(settings.THEME, "dark")
    yield studio
    studio.close()


@pytest.fixture
def window(profile: Studio, qapp: QApplication, qtbot: QtBot) -> Iterator[App]:
    """The whole application, shown offscreen."""
    app = App(qapp, profile)
    app.window.set_welcomed()
    app.open()
    qtbot.waitExposed(app.window)
    yield app
    app.close()


Waiter = Callable[[Callable[[], bool]], None]


@pytest.fixture
def until(qtbot: QtBot) -> Waiter:
    """Wait until something holds."""

    def wait(holds: Callable[[], bool]) -> None:
        qtbot.waitUntil(holds, timeout=20_000)

    return wait

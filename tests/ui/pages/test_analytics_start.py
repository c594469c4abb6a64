"""How the page of figures comes up: the figures first, then the charts in their places."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio.app import App
from mycelix_studio.services.studio import Studio
from mycelix_studio.ui.charts.stat_card import StatCard
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage
from mycelix_studio.ui.pages.analytics.view import SIDE, AnalyticsView, Music, Place
from mycelix_studio.ui.theme import DARK
from tests.fixtures.dashboard import fill_year

Until = Callable[[Callable[[], bool]], None]


def start(profile: Studio, qapp: QApplication) -> tuple[App, Music]:
    """Start Studio at its figures, as the program does; not one event has passed then."""
    fill_year(profile)
    app = App(qapp, profile)
    app.window.set_welcomed()
    app.open("analytics")
    app.start()
    page = app.window.page("analytics")
    assert isinstance(page, AnalyticsPage)
    return app, page.view.music


def test_the_figures_are_painted_before_the_charts_are_made(
    profile: Studio, qapp: QApplication, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    order: list[str] = []
    paint = StatCard.paintEvent

    def painting(card: StatCard, event: QPaintEvent) -> None:
        paint(card, event)
        order.append("figure" if card.figure.value is not None else "nothing")

    monkeypatch.setattr(StatCard, "paintEvent", painting)
    app, music = start(profile, qapp)
    music.made.connect(lambda: order.append("charts made"))
    assert not music.whole
    until(lambda: music.whole)
    assert order[: order.index("charts made")][-5:] == ["figure"] * 5
    assert music.charts.earnings.chart.data.total() == music.cards[0].figure.value
    assert music.charts.songs.chart.data.points and music.charts.plays.caption == "dashed: the 90 days before"
    app.close()


def test_nothing_moves_when_the_charts_take_their_places(window: App, qtbot: QtBot, until: Until) -> None:
    for width, height in ((820, 560), (1240, 800), (1700, 900)):
        view = AnalyticsView(DARK)
        qtbot.addWidget(view)
        view.resize(width, height)
        view.show()
        music = view.music
        place = music.findChildren(Place)[1]
        until(lambda: place.width() in SIDE and place.x() + place.width() == place.parentWidget().width())  # noqa: B023 - asked at once
        before = [each.geometry() for each in (*music.cards, *music.findChildren(Place))]
        assert len(before) == 10 and not music.whole
        music.complete()
        QApplication.processEvents()
        QApplication.processEvents()
        assert [each.geometry() for each in (*music.cards, *music.panels)] == before
        view.close()


@pytest.mark.parametrize("painted", [False, True])
def test_closing_while_it_starts_makes_no_charts_and_leaves_no_timer(
    profile: Studio, qapp: QApplication, until: Until, painted: bool
) -> None:
    app, music = start(profile, qapp)
    if painted:  # right after the cards, before the turn that makes the charts
        music.findChildren(Place)[-1].painted.connect(app.close, Qt.ConnectionType.QueuedConnection)
        until(lambda: not app.window.isVisible())
    else:
        app.close()
    QApplication.processEvents()
    assert not music.whole
    left = [owner for owner in (app, app.window) if shiboken6.isValid(owner)]
    assert not [timer for owner in left for timer in owner.findChildren(QTimer) if timer.isActive()]


def test_charts_that_are_asked_for_are_made_at_once(profile: Studio, qapp: QApplication) -> None:
    app, music = start(profile, qapp)
    assert not music.whole
    assert [panel.chart.state.value for panel in music.panels] and music.whole
    app.close()

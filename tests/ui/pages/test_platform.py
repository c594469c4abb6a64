"""The tab of the whole platform: asked for over HTTP, shown from what is kept, also when the server is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date

import pytest

from mycelix_studio.app import App
from mycelix_studio.domain.dashboard import Against, Filter, Range
from mycelix_studio.domain.period import Period
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import API_URL, CHAIN_ID
from mycelix_studio.ui.charts.trending import place_text
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage
from tests.unit.services.test_platform import Server

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def page(profile: Studio, window: App, server: Server, until: Until) -> AnalyticsPage:
    profile.settings.set(API_URL, server.url)
    profile.settings.set(CHAIN_ID, 31337)
    window.window.go("analytics", "platform")
    made = window.window.page("analytics")
    assert isinstance(made, AnalyticsPage)
    return made


def test_totals_appear_though_the_artist_has_no_figures_yet(page: AnalyticsPage, until: Until, server: Server) -> None:
    tab = page.platform.tab
    until(lambda: page.platform.history is not None and tab.states.showing == "content")
    assert [card.figure.value for card in tab.cards] == [78, 77, 4, 78 * 99, 78], "78 of 90 days are no Mondays"
    assert tab.cards[0].figure.before == 64, "the 90 days before began in the old year"
    assert page.view.states.showing == "content" and not page.view.filter.isVisible() and page.view.against.isVisible()
    assert tab.songs.chart.data.points[0].label == "Song 1" and tab.trending.days[0] == (0, 0, 0, 0, 0, 4, 0)
    assert [series.values for series in tab.genres.chart.data.series] == [(500,), (10**21 * 1000 // 500,)]
    paid = tab.paid.chart.data
    assert [point.state.value for point in paid.points] == ["complete", "incomplete"]
    assert {series.key: series.values for series in paid.series} == {
        "gift": (10**20, 5), "patronage": (2 * 10**20, 10), "auction": (3 * 10**20, 15)
    }  # fmt: skip
    assert [sum(value or 0 for value in series.values) for series in tab.listeners.chart.data.series] == [0, 78]
    assert tab.catalogue.said.text() == "8 songs of 4 artists" and tab.catalogue.ring.shares() == [250] * 4
    assert "totals only" in page.view.as_of.text()
    assert tab.health.rows.count() == 2

    page._tab("music")
    until(lambda: page.view.states.showing == "other")
    page._tab("platform")
    assert page.view.states.showing == "content"


def test_ranges_and_comparison_hold_for_the_platform_too(page: AnalyticsPage, until: Until) -> None:
    until(lambda: page.platform.history is not None and page.platform.tab.states.showing == "content")
    cards = page.platform.tab.cards
    page._range_chosen("7d")
    assert (cards[0].figure.value, cards[0].figure.before) == (6, 6)
    page._against_chosen("nothing")
    assert cards[0].figure.before is None
    page.choose_view(Range.CUSTOM, Against.NOTHING, Filter(), Period(date(2026, 3, 2), date(2026, 3, 8)))
    assert [card.figure.value for card in cards] == [6, None, None, 6 * 99, 6]


def test_what_is_kept_is_shown_when_the_server_is_gone(page: AnalyticsPage, until: Until, server: Server) -> None:
    until(lambda: page.platform.history is not None)
    server.gone = True
    page.platform.ask()
    until(lambda: not page.platform._asking)
    assert page.platform.tab.states.showing == "content"


def test_a_server_that_tells_nothing_of_the_whole_is_said(
    profile: Studio, window: App, until: Until, server: Server
) -> None:
    window.window.go("analytics", "platform")
    page = window.window.page("analytics")
    assert isinstance(page, AnalyticsPage)
    until(lambda: page.platform.tab.states.showing == "other")
    server.gone = True
    profile.settings.set(API_URL, server.url)
    page.platform.refresh()
    until(lambda: "no figures of the whole" in _shown(page))


def _shown(page: AnalyticsPage) -> str:
    other = page.platform.tab.states.other
    from PySide6.QtWidgets import QLabel

    return " ".join(label.text() for label in other.findChildren(QLabel)) if other is not None else ""


def test_places_are_said_with_a_sign() -> None:
    assert [place_text(change) for change in (3, -2, 0, None)] == ["+3", "−2", "0", "new"]

"""The tab of the whole platform: asked for over HTTP, shown from what is kept, also when the server is gone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest

from mycelix_studio.app import App
from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.platform import Look
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import API_URL, CHAIN_ID
from mycelix_studio.store import platform as stored
from mycelix_studio.ui.charts.trending import place_text
from mycelix_studio.ui.pages.analytics.page import AnalyticsPage
from mycelix_studio.ui.pages.analytics.platform_model import buckets
from tests.unit.services.test_platform import NOW, Server

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
    assert [card.figure.value for card in tab.cards] == [1_000, 77, 4, 1_000 * 10**30, 8]
    assert page.view.states.showing == "content" and not page.view.filter.isVisible()
    assert tab.songs.chart.data.points[0].label == "Song 1" and tab.trending.days[0] == (0, 0, 0, 0, 0, 4, 0)
    assert [series.values for series in tab.genres.chart.data.series] == [(500,), (10**21 * 1000 // 500,)]
    assert tab.paid.chart.state.value == "empty", "one look is no history"
    assert "totals only" in page.view.as_of.text()
    assert tab.health.rows.count() == 2

    page._tab("music")
    until(lambda: page.view.states.showing == "other")
    page._tab("platform")
    assert page.view.states.showing == "content"


def test_kept_days_become_trends_and_bars(page: AnalyticsPage, until: Until, server: Server) -> None:
    until(lambda: page.platform.history is not None and page.platform.tab.states.showing == "content")
    history = page.platform.history
    assert history is not None
    with page.studio.database.write() as db:
        for back in range(1, 40):
            totals = history.look.totals
            earlier = type(totals)(totals.plays - 10 * back, 77 - back, 4, 8, totals.volume - back * WEI_PER_TOKEN)
            stored.keep(db, server.url, Look(NOW - timedelta(days=back), earlier))
    page.platform.refresh()
    until(lambda: len(page.platform.history.days) == 40)  # type: ignore[union-attr]
    page._range_chosen("7d")
    tab = page.platform.tab
    assert tab.cards[0].figure.before == 1_000 - 70
    assert tab.paid.chart.data.series[0].values == (WEI_PER_TOKEN,) * 7
    page._range_chosen("90d")
    until(lambda: tab.cards[0].figure.before is not None and len(tab.paid.chart.data.points) == 6)
    assert sum(value or 0 for value in tab.paid.chart.data.series[0].values) == 35 * WEI_PER_TOKEN, (
        "the first bar has nothing before it"
    )


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


@pytest.mark.parametrize(("days", "bars"), [(1, 1), (31, 31), (32, 5), (217, 31), (218, 8), (400, 14)])
def test_bars_cover_every_day_once(days: int, bars: int) -> None:
    every = [date(2026, 1, 1) + timedelta(days=n) for n in range(days)]
    found = buckets(every)
    assert len(found) == bars
    covered = [first + timedelta(days=n) for first, last in found for n in range((last - first).days + 1)]
    assert covered == every


def test_places_are_said_with_a_sign() -> None:
    assert [place_text(change) for change in (3, -2, 0, None)] == ["+3", "−2", "0", "new"]

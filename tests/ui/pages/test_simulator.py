"""The simulator on a real cache: what is shown, what an assumption does, what is kept, and terms taken over as a draft."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import now
from mycelix_studio.services.studio import Studio
from mycelix_studio.store import synced
from mycelix_studio.ui.pages.strategies.assumptions import AssumptionRow, BandSlider
from mycelix_studio.ui.pages.strategies.page import StrategiesPage
from mycelix_studio.ui.pages.strategies.simulator import SimulatorTab
from mycelix_studio.ui.pages.strategies.terms import TermsTab
from tests.fixtures.listening import listen
from tests.fixtures.wallet import opened_wallet
from tests.fixtures.ways import song_record

Until = Callable[[Callable[[], bool]], None]
FLOW = 10**18


@pytest.fixture
def listened(profile: Studio, sealed: Path) -> Studio:
    """A profile without a chain, with two songs that were listened to for a year."""
    profile.settings.set(settings.RPC_URLS, "http://127.0.0.1:9")
    account = opened_wallet(profile, sealed)
    records = (song_record(1, "Low Lamp", account.address), song_record(2, "Thaw", account.address))
    with profile.database.write() as db:
        synced.begin(db, "http://node", account.address)
        synced.apply(db, wire.SyncPage(records, "c1", False, now()))
    listen(profile.database, tuple(record.song_id for record in records), plays=1_500)
    return profile


def _tab(window: App, until: Until) -> SimulatorTab:
    page = window.window.page("strategies")
    assert isinstance(page, StrategiesPage)
    window.window.go("strategies")
    page.show_tab("simulator")
    tab = page.current
    assert isinstance(tab, SimulatorTab)
    until(lambda: tab.state is not None)
    return tab


def _rows(tab: SimulatorTab) -> list[AssumptionRow]:
    places = [tab.view.rows.itemAt(n).widget() for n in range(tab.view.rows.count())]
    return [row for row in places if isinstance(row, AssumptionRow)]


def test_without_a_history_the_tab_says_what_comes_first(profile: Studio, window: App, until: Until) -> None:
    tab = _tab(window, until)
    assert tab.states.showing == "other"


def test_four_scenarios_stand_beside_what_happened(listened: Studio, window: App, until: Until) -> None:
    tab = _tab(window, until)
    assert tab.states.showing == "content"
    assert [str(tab.model.index(row, 0).data()) for row in range(5)] == [
        "What really happened", "Keep as it is", "Album as patronage", "Everything a gift", "One auction a quarter"
    ]  # fmt: skip
    data = tab.view.chart.data
    assert data.series[0].label == "What happened"
    assert len(data.points) == 12
    assert tab.state is not None
    assert data.series[0].values == tab.state.desk.base.actual.net
    assert set(tab.view.chart.bands) == {"1", "2", "3"}, "what the history knows has no band"
    assert tab.view.count.text() == "4 of 4 scenarios"
    tab.view.which.button("groups").click()
    amounts = [tab.group_model.items[row] for row in range(len(tab.group_model.items))]
    assert [name for name, _place in amounts][:4] == ["1 play", "2 to 9 plays", "10 to 49 plays", "50 plays or more"]


def test_an_assumption_is_moved_and_everything_follows(
    listened: Studio, window: App, qtbot: QtBot, until: Until
) -> None:
    tab = _tab(window, until)
    tab.view.scenario_table.select_ids([2])
    until(lambda: tab.chosen == 1)
    rows = _rows(tab)
    assert [row.assumption.key for row in rows] == ["join", "leave", "lost", "loyal", "plan", "price"]
    assert tab.state is not None
    before = tab.state.bands[1].value.total
    join = rows[0]
    join.value.setFocus()
    join.value.selectAll()
    qtbot.keyClicks(join.value, "40")
    qtbot.keyClick(join.value, Qt.Key.Key_Return)
    until(lambda: tab.state is not None and tab.state.bands[1].value.total > before)
    assert join.source.words == "Assumed"
    join.low.setText("1")
    join.low.editingFinished.emit()
    until(lambda: tab.state is not None and tab.state.scenarios[1].assumptions[0].low == 100)
    qtbot.mouseClick(tab.view.reset, Qt.MouseButton.LeftButton)
    until(lambda: tab.state is not None and tab.state.bands[1].value.total == before)


def test_the_slider_moves_by_keyboard_and_mouse(listened: Studio, window: App, qtbot: QtBot, until: Until) -> None:
    tab = _tab(window, until)
    tab.view.scenario_table.select_ids([2])
    until(lambda: tab.chosen == 1)
    slider: BandSlider = _rows(tab)[0].slider
    start = slider.assumption.value
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    assert slider.assumption.value > start
    qtbot.mouseClick(slider, Qt.MouseButton.LeftButton, pos=QPoint(1, slider.height() // 2))
    assert slider.assumption.value == slider.assumption.minimum


def test_scenarios_are_duplicated_removed_kept_and_opened_again(
    listened: Studio, window: App, qtbot: QtBot, until: Until
) -> None:
    tab = _tab(window, until)
    qtbot.mouseClick(tab.view.remove, Qt.MouseButton.LeftButton)
    until(lambda: tab.state is not None and len(tab.state.scenarios) == 3)
    qtbot.mouseClick(tab.view.duplicate, Qt.MouseButton.LeftButton)
    until(lambda: tab.state is not None and len(tab.state.scenarios) == 4)
    assert tab.state is not None
    assert tab.state.scenarios[3].name == "Album as patronage, again"
    assert not tab.view.duplicate.isEnabled()
    scenarios = tab.state.scenarios
    tab.keep("Before the album")
    until(lambda: tab.state is not None and "Before the album" in tab.state.kept)
    qtbot.mouseClick(tab.view.remove, Qt.MouseButton.LeftButton)
    until(lambda: tab.state is not None and len(tab.state.scenarios) == 3)
    tab.view.kept.picked.emit("Before the album")
    until(lambda: tab.state is not None and tab.state.scenarios == scenarios)


def test_terms_are_taken_over_as_a_draft(listened: Studio, window: App, qtbot: QtBot, until: Until) -> None:
    tab = _tab(window, until)
    tab.view.scenario_table.select_ids([2])
    until(lambda: tab.chosen == 1)
    qtbot.mouseClick(tab.view.use, Qt.MouseButton.LeftButton)
    page = tab.page
    until(lambda: isinstance(page.current, TermsTab) and page.current.state is not None)
    terms = page.current
    assert isinstance(terms, TermsTab) and terms.state is not None
    assert terms.state.choice.title == "2 songs"
    assert terms.state.is_draft
    assert terms.form.ways == ("pay-per-stream", "patronage")

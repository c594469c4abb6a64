"""The tabs of what goes on right now: shown from a real chain, acted on through the signing dialog, kept without a server."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import now
from mycelix_studio.services.studio import Studio
from mycelix_studio.store import synced
from mycelix_studio.ui.pages.strategies.auctions import AuctionsTab
from mycelix_studio.ui.pages.strategies.gifts import GiftsTab
from mycelix_studio.ui.pages.strategies.page import TABS, StrategiesPage
from mycelix_studio.ui.pages.strategies.patrons import PatronsTab
from mycelix_studio.ui.pages.strategies.payouts import PayoutsTab
from mycelix_studio.ui.pages.strategies.tab import Tab
from tests.fixtures.ways import FLOW, Ways, settle_in, songs_of

pytestmark = pytest.mark.anvil
Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def artist(profile: Studio, ways: Ways, sealed: Path) -> Studio:
    """A profile on the chain of the ways, with its songs known."""
    account = settle_in(profile, ways, sealed)
    with profile.database.write() as db:
        synced.begin(db, "http://node", account.address)
        synced.apply(db, wire.SyncPage(songs_of(account.address), "c1", False, now()))
    return profile


@pytest.fixture
def page(artist: Studio, window: App, until: Until) -> StrategiesPage:
    made = window.window.page("strategies")
    assert isinstance(made, StrategiesPage)
    window.window.go("strategies")
    return made


def _shown(page: StrategiesPage, key: str, until: Until) -> Tab:
    page.show_tab(key)
    tab = page.current
    until(lambda: tab.state is not None and not tab._reading)  # type: ignore[attr-defined]
    return tab


def _sign(tab: Tab, count: int, qtbot: QtBot, until: Until) -> None:
    until(lambda: tab.dialog is not None and tab.dialog.isVisible())
    dialog = tab.dialog
    assert dialog is not None
    for number in range(1, count + 1):
        until(lambda number=number: dialog.view.sign.isEnabled() and len(dialog.signed) == number - 1)  # type: ignore[misc]
        qtbot.mouseClick(dialog.view.sign, Qt.MouseButton.LeftButton)
        until(lambda number=number: len(dialog.signed) >= number)  # type: ignore[misc]
    until(lambda: tab.dialog is None)


def _texts(tab: PatronsTab | GiftsTab | AuctionsTab, row: int) -> list[str]:
    model = tab.model
    return [str(model.index(row, column).data()) for column in range(len(model.columns))]


def test_patrons_are_shown_by_urgency_and_those_due_are_renewed(
    page: StrategiesPage, ways: Ways, qtbot: QtBot, until: Until
) -> None:  # fmt: skip
    tab = _shown(page, "patrons", until)
    assert isinstance(tab, PatronsTab)
    assert _texts(tab, 0)[1:4] == ["Low Lamp", "New", "Due"]
    assert _texts(tab, 0)[0].startswith("Tiago M.")
    assert [_texts(tab, row)[3] for row in range(4)] == ["Due", "Paid", "Grace is over", "Stopped"]
    assert tab.active.figure.text() == "1"
    assert tab.due.figure.text() == "1"
    assert tab.monthly.figure.text() == "20.00"
    assert tab.renew.text() == "Renew 1 patron"
    qtbot.mouseClick(tab.renew, Qt.MouseButton.LeftButton)
    _sign(tab, 1, qtbot, until)
    until(lambda: tab.due.figure.text() == "0")
    assert ways.patronage.subscription(ways.plan, ways.patrons[1].address).read(ways.stage.rpc).periods == 3
    assert not tab.renew.isEnabled()


def test_an_auction_counts_down_with_every_sale_on_its_curve(page: StrategiesPage, ways: Ways, until: Until) -> None:
    tab = _shown(page, "auctions", until)
    assert isinstance(tab, AuctionsTab)
    assert tab.chip.words == "Live"
    assert (tab.sold.figure.text(), tab.sold.unit.text()) == ("3", "of 20, 17 left")
    assert [_texts(tab, row)[0] for row in range(3)] == ["#3", "#2", "#1"]
    auction = tab.auction
    assert tab.revenue.figure.toolTip().replace(",", "") == f"{auction.revenue // FLOW}.{auction.revenue % FLOW:018d}"
    data = tab.panel.chart.data
    assert len(data.annotations) == 3
    assert data.series[0].values[0] == 10 * FLOW and data.series[0].values[-1] == FLOW
    assert "passes sell before the end" in tab.forecast.itemAt(0).widget().accessibleName()


def test_a_gift_budget_is_topped_up_through_the_dialog(
    page: StrategiesPage, ways: Ways, qtbot: QtBot, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    tab = _shown(page, "gifts", until)
    assert isinstance(tab, GiftsTab)
    assert tab.left.figure.text() == "474.00"
    assert [_texts(tab, row)[0] for row in range(3)] == ["Thanked", "Thanked", "Topped up"]
    monkeypatch.setattr(
        tab, "_ask", lambda dialog: (dialog.field.setText("26"), dialog.amount(), dialog.deleteLater())[1]
    )
    qtbot.mouseClick(tab.top_up, Qt.MouseButton.LeftButton)
    _sign(tab, 2, qtbot, until)
    until(lambda: tab.left.figure.text() == "500.00")
    assert ways.gifts.fund_of(ways.songs["gift"]).read(ways.stage.rpc).budget == 500 * FLOW


def test_everyone_is_paid_and_the_tab_says_who_got_what(
    page: StrategiesPage, ways: Ways, qtbot: QtBot, until: Until
) -> None:  # fmt: skip
    tab = _shown(page, "payouts", until)
    assert isinstance(tab, PayoutsTab)
    waits = tab.state.waits
    assert waits > 0 and tab.pay.isEnabled() and not tab.collect.isEnabled()
    qtbot.mouseClick(tab.pay, Qt.MouseButton.LeftButton)
    _sign(tab, 1, qtbot, until)
    until(lambda: tab.state.waits == 0)
    assert sum(person.paid for person in tab.state.people) == waits
    assert not tab.pay.isEnabled()


def test_without_a_server_the_last_reading_stays_and_without_one_the_tab_says_why(
    page: StrategiesPage, until: Until
) -> None:
    tab = _shown(page, "patrons", until)
    page.studio.settings.set(settings.RPC_URLS, "http://127.0.0.1:9")
    tab.read_again()  # type: ignore[attr-defined]
    until(lambda: tab.notes.count() == 1)  # type: ignore[attr-defined]
    assert tab.states.showing == "content"  # type: ignore[attr-defined]
    page.show_tab("payouts")
    other = page.current
    until(lambda: other.states.showing == "other")  # type: ignore[attr-defined]


def test_every_control_of_every_tab_has_a_name(page: StrategiesPage, until: Until) -> None:
    for kind in TABS:
        page.show_tab(kind.key)
        tab = page.current
        until(lambda tab=tab: tab.state is not None)  # type: ignore[misc]
        for button in tab.findChildren(QAbstractButton):
            assert button.accessibleName() or button.text() or not button.isVisibleTo(tab), button

"""The tab of who listens: how many, who came back, what genres bring, and groups of people behind each card."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QGridLayout, QVBoxLayout

from mycelix_studio.services.analytics_groups import Groups
from mycelix_studio.services.jobs import Lane
from mycelix_studio.ui.charts.area import StackedArea
from mycelix_studio.ui.charts.cohorts import CohortGrid
from mycelix_studio.ui.charts.columns import Columns
from mycelix_studio.ui.charts.line import GrowthChart, LineChart
from mycelix_studio.ui.pages.analytics.card_grid import GAP, CardGrid
from mycelix_studio.ui.pages.analytics.model import Charts, group_cards
from mycelix_studio.ui.pages.analytics.panels import NOTHING, panel_of
from mycelix_studio.ui.pages.analytics.view import Body
from mycelix_studio.ui.theme import Theme

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.analytics.page import AnalyticsPage


class Listeners(Body):
    """Layout of the tab."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.engagement = panel_of(LineChart(NOTHING, theme), (300, 180), legend=True)
        self.growth = panel_of(GrowthChart(NOTHING, theme), (240, 180))
        self.daily = panel_of(StackedArea(NOTHING, theme), (300, 180), legend=True)
        self.genres = panel_of(Columns(NOTHING, theme), (240, 180), legend=True)
        self.cohorts = panel_of(CohortGrid(NOTHING, theme), (300, 200))
        self.panels = (self.engagement, self.growth, self.daily, self.genres, self.cohorts)
        self.head = CardGrid(theme)
        self.cards = self.head.cards
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addWidget(self.head)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        whole.addLayout(grid, 1)
        for number, panel in enumerate(self.panels[:4]):
            grid.addWidget(panel, number // 2, number % 2)
        grid.addWidget(self.cohorts, 2, 0, 1, 2)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(1, 2)
        for row in range(3):
            grid.setRowStretch(row, 1)


class ListenersDesk(QObject):
    """Behaviour of the tab.

    Attributes:
        groups: People by when they listened, as last read.
    """

    def __init__(self, page: AnalyticsPage) -> None:
        super().__init__(page)
        self._page = page
        self.groups = Groups()
        self.tab = Listeners(page.theme)
        self._show_cards(None)
        page.view.put("listeners", self.tab)
        page.watch(self.tab.panels)
        tab = self.tab
        for panel, mark in (
            (tab.engagement, "listeners"),
            (tab.growth, "listeners"),
            (tab.daily, "listeners"),
            (tab.genres, "genre"),
            (tab.cohorts, "cohort"),
        ):
            panel.chart.activated.connect(partial(page.open_behind, mark))
        for place, card in enumerate(tab.cards):
            card.opened.connect(partial(page.open_behind, "group", place))

    def show(self, charts: Charts) -> None:
        """Show a dashboard, then read the groups, which takes longer."""
        tab = self.tab
        for panel, data in (
            (tab.engagement, charts.engagement()),
            (tab.growth, charts.growth()),
            (tab.daily, charts.listeners()),
            (tab.genres, charts.genres()),
            (tab.cohorts, charts.cohorts()),
        ):
            panel.set_data(data)
        analytics = self._page.studio.analytics
        self._page.bridge.run(
            Lane.IO,
            lambda _work: analytics.groups(),
            name="groups of listeners",
            success=self._show_groups,
            failure=self._page.failed,
        )

    @Slot(object)
    def _show_groups(self, groups: Groups) -> None:
        self.groups = groups
        self._show_cards(groups)

    def _show_cards(self, groups: Groups | None) -> None:
        for card, figure in zip(self.tab.cards, group_cards(groups), strict=True):
            card.set_figure(figure)

"""Layout of the Simulator tab: what is replayed, the chart, the scenarios, and every assumption of the chosen one."""

from __future__ import annotations

from typing import Any

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts.data import FLOW, ChartData
from mycelix_studio.ui.charts.panel import ChartPanel
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.pages.strategies.simulator_chart import ScenarioChart
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.inputs import Choice, Field
from mycelix_studio.ui.widgets.rows import RowsModel
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.segment import Segment
from mycelix_studio.ui.widgets.tables import Table

SIDE = 316
MONTHS = (3, 6, 12, 24)
SCENARIOS, GROUPS = "scenarios", "groups"


class SimulatorView(QWidget):
    """Layout only; ``simulator.py`` gives it behaviour."""

    def __init__(self, scenarios: RowsModel[Any], groups: RowsModel[Any], theme: Theme) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(20, 16, 20, 20)
        row.setSpacing(12)
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addLayout(self._top(theme))
        self.notes = QVBoxLayout()
        left.addLayout(self.notes)
        self.chart = ScenarioChart(ChartData(tr("Net per month, FLOW"), FLOW), theme)
        self.panel = ChartPanel(self.chart)
        left.addWidget(self.panel, 3)
        left.addWidget(self._table(scenarios, groups, theme), 2)
        row.addLayout(left, 1)
        self.side = self._side(theme)
        row.addWidget(self.side)

    def _top(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(8)
        self.choice = Choice(tr("Songs to replay"), theme)
        sizes.keep(self.choice, least_width=160)
        self.months = Choice(tr("Months to replay"), theme)
        self.months.set_choices([(n, tr("Last {n} months").format(n=n)) for n in MONTHS])
        self.months.set_value(12)
        self.kept = Choice(tr("Saved comparisons"), theme)
        row.addWidget(self.choice)
        row.addWidget(self.months)
        row.addWidget(self.kept)
        row.addStretch(1)
        self.count = text("", theme, "small", "t3")
        self.add = Button(tr("Add…"), theme, "default", "ph.plus", small=True)
        self.duplicate = Button(tr("Duplicate"), theme, "default", "ph.copy", small=True)
        self.remove = Button(tr("Remove"), theme, "quiet", small=True)
        self.export = Button(tr("Export"), theme, "default", "ph.download-simple", small=True)
        row.addWidget(self.export)
        return row

    def _table(self, scenarios: RowsModel[Any], groups: RowsModel[Any], theme: Theme) -> Card:
        card = Card(12, 6)
        self.which = Segment(
            tr("What the table shows"), [(SCENARIOS, tr("Scenarios")), (GROUPS, tr("By listener group"))]
        )
        self._head = QHBoxLayout()
        self._head.addWidget(self.which)
        self._head.addStretch(1)
        self._tools = QWidget()
        tools = QHBoxLayout(self._tools)
        tools.setContentsMargins(0, 0, 0, 0)
        for widget in (self.count, self.add, self.duplicate, self.remove):
            tools.addWidget(widget)
        self._head.addWidget(self._tools)
        card.column.addLayout(self._head)
        self._below = QVBoxLayout()
        card.column.addLayout(self._below)
        self.tables = QStackedWidget()
        self.scenario_table = Table(scenarios, theme, tr("Scenarios"), row_height=32)
        self.group_table = Table(groups, theme, tr("Net by listener group"), row_height=32)
        for table in (self.scenario_table, self.group_table):
            table.setProperty("ground", "bg2")
            self.tables.addWidget(table)
        card.column.addWidget(self.tables, 1)
        return card

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the tools of the table below its choice where both do not fit beside each other."""
        super().resizeEvent(event)
        room = self.width() - self.side.width() - 40 - 12 - 24
        below = self.which.sizeHint().width() + 24 + self._tools.sizeHint().width() > room
        if below != (self._head.indexOf(self._tools) < 0):
            (self._head if below else self._below).removeWidget(self._tools)
            (self._below if below else self._head).addWidget(self._tools)

    def _side(self, theme: Theme) -> Card:
        side = Card(14, 6)
        sizes.keep(side, width=SIDE)
        head = QHBoxLayout()
        self.icon = Icon("ph.play-circle", theme, "stream", 18)
        head.addWidget(self.icon)
        self.name = Field(tr("Name of the scenario"), theme, small=True)
        head.addWidget(self.name, 1)
        side.column.addLayout(head)
        self.assumed = text("", theme, "small", "t2", wrap=True)
        side.column.addWidget(self.assumed)
        scroller = Scroller()
        inner = QWidget()
        inner.setProperty("ground", "none")
        column = QVBoxLayout(inner)
        column.setContentsMargins(0, 0, 6, 0)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(0)
        column.addLayout(self.rows)
        self.replay_note = QVBoxLayout()
        column.addSpacing(8)
        column.addLayout(self.replay_note)
        column.addStretch(1)
        scroller.setWidget(inner)
        side.column.addWidget(scroller, 1)
        foot = QHBoxLayout()
        self.reset = Button(tr("Reset"), theme, "quiet")
        self.use = Button(tr("Use these terms"), theme, "primary")
        foot.addWidget(self.reset)
        foot.addStretch(1)
        foot.addWidget(self.use)
        side.column.addLayout(foot)
        return side

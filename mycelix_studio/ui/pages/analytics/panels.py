"""Charts in their cards, and those of the first tab. Imported once the first figures are painted."""

from __future__ import annotations

from mycelix_studio.ui.charts.area import StackedArea
from mycelix_studio.ui.charts.bars import HorizontalBars
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import ChartData, Unit, UnitKind
from mycelix_studio.ui.charts.donut import Donut
from mycelix_studio.ui.charts.heatmap import CalendarHeatmap
from mycelix_studio.ui.charts.line import LineChart
from mycelix_studio.ui.charts.panel import ChartPanel
from mycelix_studio.ui.pages.analytics.model import tr
from mycelix_studio.ui.pages.analytics.view import LEAST
from mycelix_studio.ui.theme import Theme

NOTHING = ChartData("", Unit(UnitKind.COUNT))


def panel_of(chart: Chart, least: tuple[int, int], **how: object) -> ChartPanel:
    """Return a chart in its card, never smaller than ``least``."""
    chart.setMinimumSize(*least)
    return ChartPanel(chart, **how)  # type: ignore[arg-type]


class MusicCharts:
    """The charts of earnings and plays.

    Attributes:
        panels: All of them, in the order of :data:`LEAST`.
    """

    def __init__(self, theme: Theme) -> None:
        earnings, sources, songs, plays, every = LEAST
        self.earnings = panel_of(StackedArea(NOTHING, theme), earnings, legend=True)
        self.sources = panel_of(Donut(NOTHING, theme), sources, tools=False)
        self.bars = HorizontalBars(NOTHING, theme)
        self.songs = panel_of(self.bars, songs, tools=False)
        self.plays = panel_of(LineChart(NOTHING, theme), plays, tools=False)
        self.every = panel_of(CalendarHeatmap(NOTHING, theme), every, caption=tr("plays"), tools=False)
        self.panels = (self.earnings, self.sources, self.songs, self.plays, self.every)

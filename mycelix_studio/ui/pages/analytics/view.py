"""Layout of analytics: toolbar, cards, charts. The page gives it behaviour."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.domain.dashboard import Range
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.area import StackedArea
from mycelix_studio.ui.charts.bars import HorizontalBars
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import ChartData, Unit, UnitKind
from mycelix_studio.ui.charts.donut import Donut
from mycelix_studio.ui.charts.heatmap import CalendarHeatmap
from mycelix_studio.ui.charts.line import LineChart
from mycelix_studio.ui.charts.panel import ChartPanel
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.analytics.card_grid import GAP, CardGrid, narrow
from mycelix_studio.ui.pages.analytics.model import range_name, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Choice
from mycelix_studio.ui.widgets.segment import Segment, Tabs
from mycelix_studio.ui.widgets.states import States

TABS = ("music", "listeners", "platform", "alerts")
SIDE = (280, 322)
MOST_WIDE = 1760
NOTHING = ChartData("", Unit(UnitKind.COUNT))


class RangeSegment(Segment):
    """The ranges; own dates are an icon with a name."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(tr("Range"), [(kind.value, range_name(kind)) for kind in Range])
        own = self.button(Range.CUSTOM.value)
        own.setText("")
        own.setAccessibleName(range_name(Range.CUSTOM))
        own.setToolTip(range_name(Range.CUSTOM))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Tint the icon."""
        own = self.button(Range.CUSTOM.value)
        own.setIcon(icon("ph.calendar-blank", theme, "t1"))
        own.setIconSize(QSize(paint.scaled(16), paint.scaled(16)))


class Body(QWidget):
    """What a tab shows.

    Attributes:
        panels: Its charts with a title.
    """

    panels: tuple[ChartPanel, ...] = ()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("ground", "none")


class Scroller(QScrollArea):
    """A page of charts that scrolls when the window is low and stays under 1760 px when it is wide; empty until it has a body."""

    def __init__(self) -> None:
        super().__init__()
        self.body: Body | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def put(self, body: Body) -> None:
        """Show a body."""
        self.body = body
        holder = QWidget()
        holder.setProperty("ground", "none")
        row = QHBoxLayout(holder)
        row.setContentsMargins(20, 0, 20, 16)
        row.addWidget(body)
        row.setAlignment(body, Qt.AlignmentFlag(0))
        body.setMaximumWidth(MOST_WIDE)
        self.setWidget(holder)


class Music(Body):
    """The tab of earnings and plays."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.grid = CardGrid(theme)
        self.cards = self.grid.cards
        self.earnings = panel_of(StackedArea(NOTHING, theme), (360, 190), legend=True)
        self.sources = panel_of(Donut(NOTHING, theme), (180, 190), tools=False)
        self.bars = HorizontalBars(NOTHING, theme)
        self.songs = panel_of(self.bars, (200, 180), tools=False)
        self.plays = panel_of(LineChart(NOTHING, theme), (200, 160), tools=False)
        self.every = panel_of(CalendarHeatmap(NOTHING, theme), (180, 190), caption=tr("plays"), tools=False)
        self.panels = (self.earnings, self.sources, self.songs, self.plays, self.every)
        charts = QGridLayout()
        charts.setSpacing(GAP)
        charts.addWidget(self.earnings, 0, 0, 1, 2)
        charts.addWidget(self.sources, 0, 2)
        charts.addWidget(self.songs, 1, 0)
        charts.addWidget(self.plays, 1, 1)
        charts.addWidget(self.every, 1, 2)
        charts.setColumnStretch(0, 1)
        charts.setColumnStretch(1, 1)
        charts.setRowStretch(0, 6)
        charts.setRowStretch(1, 5)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addWidget(self.grid)
        whole.addLayout(charts, 1)

    @property
    def across(self) -> int:
        """How many cards stand side by side."""
        return self.grid.across

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow the side when there is less room."""
        super().resizeEvent(event)
        self._fit_side()

    def set_theme(self, _theme: Theme) -> None:
        """Give the side more room for larger text."""
        self._fit_side()

    def _fit_side(self) -> None:
        for panel in (self.sources, self.every):
            panel.setFixedWidth(paint.scaled(SIDE[0 if narrow(self.width()) else 1]))


def panel_of(chart: Chart, least: tuple[int, int], **how: object) -> ChartPanel:
    """Return a chart in its card, never smaller than ``least``."""
    chart.setMinimumSize(*least)
    return ChartPanel(chart, **how)  # type: ignore[arg-type]


class AnalyticsView(QWidget):
    """Tabs, toolbar, charts. The first tab is there at once; the others are put in when they are first opened."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = Tabs(
            tr("Parts of analytics"),
            [
                ("music", tr("My music")),
                ("listeners", tr("Listeners")),
                ("platform", tr("Platform")),
                ("alerts", tr("Alerts")),
            ],
        )
        column.addWidget(self.tabs)
        self.toolbar = QWidget()
        row = QHBoxLayout(self.toolbar)
        row.setContentsMargins(20, GAP, 20, GAP)
        row.setSpacing(8)
        self.range = RangeSegment(theme)
        self.against = Choice(tr("Compare with"), theme, small=True)
        self.filter = Button(tr("Filter"), theme, "default", "ph.funnel", small=True)
        self.clear = Button(tr("Clear"), theme, "quiet", small=True)
        self.clear.setAccessibleName(tr("Clear the filter"))
        self.clear.hide()
        self.as_of = text("", theme, "small", "t3", wrap=True)
        self.as_of.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        for widget in (self.range, self.against, self.filter, self.clear):
            row.addWidget(widget)
        row.addWidget(self.as_of, 1)
        column.addWidget(self.toolbar)
        self.music = Music(theme)
        self.stack = QStackedWidget()
        self.scrollers = {key: Scroller() for key in TABS}
        for scroller in self.scrollers.values():
            self.stack.addWidget(scroller)
        self.scrollers["music"].put(self.music)
        self.states = States(self.stack, theme, skeleton="cards")
        column.addWidget(self.states, 1)

    @property
    def open_body(self) -> Body:
        """Everything of the open tab, also what is scrolled away."""
        return self.scrollers[TABS[self.stack.currentIndex()]].body or self.music

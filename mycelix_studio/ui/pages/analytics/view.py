"""Layout of analytics: toolbar, cards, charts. The page gives it behaviour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.domain.dashboard import Range
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.analytics.card_grid import GAP, CardGrid, narrow
from mycelix_studio.ui.pages.analytics.model import range_name, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Choice
from mycelix_studio.ui.widgets.segment import Segment, Tabs
from mycelix_studio.ui.widgets.states import States

if TYPE_CHECKING:
    from mycelix_studio.ui.charts.panel import ChartPanel
    from mycelix_studio.ui.pages.analytics.panels import MusicCharts

TABS = ("music", "listeners", "platform", "alerts")
SIDE = (280, 322)
MOST_WIDE = 1760
LEAST = ((360, 190), (180, 190), (200, 180), (200, 160), (180, 190))
"""Smallest sizes of the charts of the first tab: earnings, sources, songs, plays, every day."""
FRAME = (32, 50)
"""What a panel takes around its chart."""
TOOLS = 4
"""What it takes more where it has tools: the first does."""


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

    def set_loading(self) -> None:
        """Let the charts wait for other figures."""
        for panel in self.panels:
            panel.chart.set_loading()

    def complete(self) -> None:
        """Make now what is made after the first picture."""


class Scroller(QScrollArea):
    """A page of charts that scrolls when the window is low and stays under 1760 px when it is wide."""

    def __init__(self, body: Body) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.body = body
        holder = QWidget()
        holder.setProperty("ground", "none")
        row = QHBoxLayout(holder)
        row.setContentsMargins(20, 0, 20, 16)
        row.addWidget(body)
        row.setAlignment(body, Qt.AlignmentFlag(0))
        body.setMaximumWidth(MOST_WIDE)
        self.setWidget(holder)


class Place(QWidget):
    """An empty card where a chart will be, as large as its panel.

    Signals:
        painted(): It was painted, and with it everything that stands before it.
    """

    painted = Signal()

    def __init__(self, theme: Theme, least: tuple[int, int]) -> None:
        super().__init__()
        self.theme = theme
        self.setMinimumSize(*least)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card."""
        painter = QPainter(self)
        paint.draw_card(painter, QRectF(self.rect()), self.theme)
        painter.end()
        self.painted.emit()


class Music(Body):
    """The tab of earnings and plays. Its charts are made once its cards are painted, or when first asked for.

    Signals:
        made(): The charts are there.
    """

    made = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.grid = CardGrid(theme)
        self.cards = self.grid.cards
        self._charts: MusicCharts | None = None
        self._due = False
        self._soon = QTimer(self, singleShot=True, interval=0)
        self._soon.timeout.connect(self.complete)
        self._places = [
            Place(theme, (width + FRAME[0], height + FRAME[1] + (0 if number else TOOLS)))
            for number, (width, height) in enumerate(LEAST)
        ]
        self._rows = QGridLayout()
        self._rows.setSpacing(GAP)
        for place, where in zip(
            self._places, ((0, 0, 1, 2), (0, 2, 1, 1), (1, 0, 1, 1), (1, 1, 1, 1), (1, 2, 1, 1)), strict=True
        ):
            self._rows.addWidget(place, *where)
            place.painted.connect(self._painted)
        self._rows.setColumnStretch(0, 1)
        self._rows.setColumnStretch(1, 1)
        self._rows.setRowStretch(0, 6)
        self._rows.setRowStretch(1, 5)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(GAP)
        whole.addWidget(self.grid)
        whole.addLayout(self._rows, 1)

    @property
    def charts(self) -> MusicCharts:
        """The charts, made when first asked for."""
        if self._charts is None:
            from mycelix_studio.ui.pages.analytics.panels import MusicCharts

            self._soon.stop()
            self._charts = charts = MusicCharts(self.theme)
            for place, panel in zip(self._places, charts.panels, strict=True):
                self._rows.replaceWidget(place, panel)
                place.deleteLater()
            self._places = []
            self._fit()
            self.made.emit()
        return self._charts

    @property
    def whole(self) -> bool:
        """True once the charts are there."""
        return self._charts is not None

    @property
    def panels(self) -> tuple[ChartPanel, ...]:  # type: ignore[override]
        """The charts in their cards."""
        return self.charts.panels

    def make_charts_soon(self) -> None:
        """Make the charts in the turn after the one that paints the cards."""
        self._due = True
        for place in self._places:
            place.update()

    def complete(self) -> None:
        """Make the charts now."""
        _made = self.charts

    def set_loading(self) -> None:
        """Let the charts that are there wait for other figures."""
        if self._charts is not None:
            super().set_loading()

    def set_theme(self, theme: Theme) -> None:
        """Make the charts in other colours, and give the side more room for larger text."""
        self.theme = theme
        self._fit()

    @property
    def across(self) -> int:
        """How many cards stand side by side."""
        return self.grid.across

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Narrow the side when there is less room."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        wide = paint.scaled(SIDE[0 if narrow(self.width()) else 1])
        for side in (
            (self._places[1], self._places[4]) if self._charts is None else (self._charts.sources, self._charts.every)
        ):
            side.setFixedWidth(wide)

    @Slot()
    def _painted(self) -> None:
        if self._due:
            self._due = False
            self._soon.start()


class AnalyticsView(QWidget):
    """Tabs, toolbar, charts. The first tab is there at once; the others are put in when they are first opened.

    Attributes:
        views: Button of the page's head for views kept under a name.
        export: Button of the page's head for export.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.views = Button(tr("Views"), theme, "default", "ph.bookmark-simple")
        self.export = Button(tr("Export"), theme, "default", "ph.export")
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
        self._scrollers: dict[str, Scroller] = {}
        self.put("music", self.music)
        self.states = States(self.stack, theme, skeleton="cards")
        column.addWidget(self.states, 1)

    def put(self, key: str, body: Body) -> None:
        """Put in what a tab shows."""
        self._scrollers[key] = Scroller(body)
        self.stack.addWidget(self._scrollers[key])

    def body(self, key: str) -> Body | None:
        """Return what a tab shows; None before it was put in."""
        scroller = self._scrollers.get(key)
        return None if scroller is None else scroller.body

    def open(self, key: str) -> None:
        """Open a tab that was put in."""
        self.stack.setCurrentWidget(self._scrollers[key])

    @property
    def open_body(self) -> Body:
        """Everything of the open tab, also what is scrolled away."""
        body = next(s.body for s in self._scrollers.values() if s is self.stack.currentWidget())
        body.complete()
        return body

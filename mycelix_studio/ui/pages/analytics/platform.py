"""The tab of the whole platform: totals, genres, what trends, how its server is. Shown from what is kept; asked for when it is old."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.dashboard import compared, period_of
from mycelix_studio.domain.platform import Health, History
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.platform import NoFigures
from mycelix_studio.settings import API_URL
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.area import StackedArea
from mycelix_studio.ui.charts.columns import Columns
from mycelix_studio.ui.charts.donut import MiniDonut
from mycelix_studio.ui.charts.trending import Trending
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.pages.analytics.card_grid import GAP, CardGrid
from mycelix_studio.ui.pages.analytics.model import tr
from mycelix_studio.ui.pages.analytics.panels import NOTHING, panel_of
from mycelix_studio.ui.pages.analytics.platform_model import PlatformCharts, health_words
from mycelix_studio.ui.pages.analytics.view import Body
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.states import States

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.analytics.page import AnalyticsPage


class HealthCard(Card):
    """What the platform's server needs, a row each."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(padding=16, spacing=0)
        self._theme = theme
        self.setAccessibleName(tr("Platform health"))
        head = QHBoxLayout()
        head.addWidget(text(tr("Health"), theme, "section"))
        head.addStretch(1)
        self.chip = Chip("", theme)
        head.addWidget(self.chip)
        self.column.addLayout(head)
        self.column.addSpacing(6)
        self.rows = QVBoxLayout()
        self.rows.setSpacing(0)
        self.column.addLayout(self.rows)
        self.column.addStretch(1)
        self._shown: tuple[Health, ...] | None = None

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours for rows made later."""
        self._theme = theme

    def show_all(self, found: tuple[Health, ...]) -> None:
        """Show how each thing is."""
        if found == self._shown:
            return
        self._shown = found
        while (item := self.rows.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        wrong = sum(not each.ok for each in found)
        if wrong:
            self.chip.set_state(tr("{n} to watch").format(n=wrong), "warn", "ph.warning")
        else:
            self.chip.set_state(tr("all well"), "ok", "ph.check-circle")
        self.chip.setVisible(bool(found))
        for each in found:
            name, state = health_words(each)
            frame = QFrame()
            frame.setProperty("kind", "row")
            frame.setAccessibleName(f"{name}, {state}")
            row = QHBoxLayout(frame)
            row.setContentsMargins(0, 7, 0, 7)
            row.setSpacing(8)
            row.addWidget(
                Icon("ph.check-circle" if each.ok else "ph.warning", self._theme, "ok" if each.ok else "warn")
            )
            row.addWidget(text(name, self._theme))
            row.addStretch(1)
            row.addWidget(text(state, self._theme, "body", "t2"))
            self.rows.addWidget(frame)


class SongsCard(Card):
    """How many songs there are, of how many artists, and which ways to earn they have."""

    def __init__(self, theme: Theme) -> None:
        super().__init__(padding=16)
        row = QHBoxLayout()
        row.setSpacing(12)
        self.ring = MiniDonut(NOTHING, theme)
        self.ring.setFixedSize(36, 36)
        self.said = text("", theme, "body", "t1", wrap=True)
        row.addWidget(self.ring)
        row.addWidget(self.said, 1)
        self.column.addLayout(row)

    def show_look(self, charts: PlatformCharts) -> None:
        """Show what a look found."""
        self.ring.set_data(charts.songs())
        self.said.setText(charts.songs_words())


class PlatformTab(Body):
    """Layout of the tab."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.head = CardGrid(theme)
        self.cards = self.head.cards
        self.paid = panel_of(Columns(NOTHING, theme), (340, 190), legend=True)
        self.genres = panel_of(Columns(NOTHING, theme), (300, 190), legend=True)
        self.trending = Trending(NOTHING, theme)
        self.songs = panel_of(self.trending, (320, 200), caption=tr("10 for a play today, 5 this week, 1 this month"))
        self.listeners = panel_of(StackedArea(NOTHING, theme), (200, 190), caption=tr("each once"), tools=False)
        self.health = HealthCard(theme)
        self.panels = (self.paid, self.genres, self.songs, self.listeners)
        grid = QGridLayout()
        grid.setSpacing(GAP)
        grid.addWidget(self.paid, 0, 0, 1, 6)
        grid.addWidget(self.genres, 0, 6, 1, 6)
        grid.addWidget(self.songs, 1, 0, 1, 6)
        grid.addWidget(self.listeners, 1, 6, 1, 3)
        side = QVBoxLayout()
        side.setSpacing(GAP)
        self.catalogue = SongsCard(theme)
        side.addWidget(self.health, 1)
        side.addWidget(self.catalogue)
        grid.addLayout(side, 1, 9, 1, 3)
        for number in range(12):
            grid.setColumnStretch(number, 1)
        grid.setRowStretch(0, 6)
        grid.setRowStretch(1, 5)
        body = QWidget()
        body.setProperty("ground", "none")
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(GAP)
        column.addWidget(self.head)
        column.addLayout(grid, 1)
        self.states = States(body, theme, skeleton="cards")
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self.states)


class PlatformDesk(QObject):
    """Behaviour of the tab."""

    def __init__(self, page: AnalyticsPage) -> None:
        super().__init__(page)
        self._page = page
        self.tab = PlatformTab(page.theme)
        page.view.put("platform", self.tab)
        page.watch(self.tab.panels)
        self.history: History | None = None
        self._asking = False

    def refresh(self) -> None:
        """Show what is kept, and ask the server when that is old."""
        if not self._page.studio.settings.get(API_URL):
            self.tab.states.show_empty(
                "ph.chart-line-up",
                tr("No platform yet"),
                tr("Say which platform you use, and its totals appear here."),
                [(tr("Choose the platform"), self._page.to_settings)],
            )
            return
        if self.history is None:
            self.tab.states.show_loading()
        platform = self._page.studio.platform
        self._page.bridge.run(
            Lane.IO,
            lambda _work: (platform.history(), platform.due()),
            name="platform",
            success=self._kept,
            failure=self._failed,
        )

    @Slot(object)
    def _kept(self, found: tuple[History | None, bool]) -> None:
        self.history, due = found
        if self.history is not None:
            self.show()
        if due:
            self.ask()

    def ask(self) -> None:
        """Ask the server now."""
        if self._asking:
            return
        self._asking = True
        platform = self._page.studio.platform

        def look(work: Work) -> Changes:
            return platform.look(work)

        self._page.bridge.run(
            Lane.IO, look, name="platform figures", success=self._looked, failure=self._failed, cancelled=self._ended
        )

    @Slot(object)
    def _looked(self, _changes: Changes) -> None:
        self._ended()  # the page is told of the change and reads

    @Slot()
    def _ended(self) -> None:
        self._asking = False

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._ended()
        if self.history is not None and isinstance(error, Known):
            return  # what is kept says as of when
        actions = [] if isinstance(error, NoFigures) else [(tr("Try again"), self.ask)]
        self.tab.states.show_error(as_known(error), actions)

    def show(self) -> None:
        """Show what was read for the range chosen."""
        history = self.history
        if history is None:
            return
        look, wanted = history.look, self._page.wanted
        begun = look.days[0].first if look.days else None
        period = period_of(wanted.range, look.at.date(), begun, wanted.custom)
        charts = PlatformCharts(history, period, compared(period, wanted.against))
        for card, figure in zip(self.tab.cards, charts.cards(), strict=True):
            card.set_figure(figure)
        self.tab.paid.set_data(charts.paid())
        self.tab.genres.set_data(charts.genres())
        self.tab.listeners.set_data(charts.listeners())
        data, places, days = charts.trending()
        self.tab.songs.set_data(data)
        self.tab.trending.set_rows(data, places, days)
        self.tab.catalogue.show_look(charts)
        self.tab.health.show_all(history.look.health)
        self.tab.states.show_content()
        self._page.show_context()

    def context_words(self) -> str:
        """Return the line that says how fresh the figures are."""
        if self.history is None:
            return ""
        at = self.history.look.at
        parts = [
            tr("As of {time}").format(time=words.moment_text(at)),
            tr("totals only, no artist sees another’s listeners"),
        ]
        if datetime.now(UTC) - at > timedelta(hours=1):
            parts.insert(1, tr("kept on this computer"))
        return " · ".join(parts)

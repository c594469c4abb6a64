"""Analytics: ranges, comparison, filter, and what is behind each mark. Everything is read from this computer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import cached_property, partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QPixmap

from mycelix_studio.domain.dashboard import (
    LENGTHS,
    Against,
    Dashboard,
    Filter,
    Parts,
    Query,
    Range,
    compared,
    period_of,
)
from mycelix_studio.domain.period import Period
from mycelix_studio.services.analytics import NothingSynced
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.pages.analytics.model import (
    Charts,
    against_name,
    context_words,
    range_name,
    tr,
)
from mycelix_studio.ui.pages.analytics.view import TABS, AnalyticsView
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.widgets.cards import Action

if TYPE_CHECKING:
    from mycelix_studio.ui.charts.panel import ChartPanel
    from mycelix_studio.ui.pages.analytics.alerts_desk import AlertsDesk
    from mycelix_studio.ui.pages.analytics.behind import BehindDesk
    from mycelix_studio.ui.pages.analytics.listeners import ListenersDesk
    from mycelix_studio.ui.pages.analytics.platform import PlatformDesk
    from mycelix_studio.ui.pages.analytics.views import ViewsDesk

STEPS = (Range.WEEK, Range.MONTH, Range.QUARTER, Range.YEAR, Range.ALL)
COVER = 48
SOON_MS = 150
"""Until the alerts are read: the figures are painted before."""


class Wanted(NamedTuple):
    """What is asked for."""

    range: Range = Range.QUARTER
    against: Against = Against.PREVIOUS
    filter: Filter = Filter()
    custom: Period | None = None


class Answer(NamedTuple):
    """What was read: ``board`` is None while nothing ever came in."""

    number: int
    wanted: Wanted
    board: Dashboard | None
    parts: Parts


class AnalyticsPage(Page):
    """Figures of the artist's own music."""

    concerns = frozenset({Kind.EARNINGS, Kind.SONGS, Kind.SYNC, Kind.NOTICES, Kind.PLATFORM})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Analytics"))
        self._number = 0
        self.wanted = Wanted()
        self._ask()  # read while the page is made
        self.stale = False
        self.view = AnalyticsView(self.theme)
        self.header.add(self.view.views, self.view.export)
        self.column.addWidget(self.view, 1)
        self.board: Dashboard | None = None
        self.charts: Charts | None = None
        self.parts = Parts()
        self._soon = QTimer(self, singleShot=True, interval=SOON_MS)
        self._soon.timeout.connect(self._read_alerts)
        self._restate: Callable[[], object] = self.view.states.show_content
        self._allow(there=False)
        self._connect()
        self._show_toolbar()
        self._state(self.view.states.show_loading)

    def _connect(self) -> None:
        view = self.view
        view.tabs.chosen.connect(self._tab)
        view.views.clicked.connect(self._open_views)
        view.export.clicked.connect(self._open_export)
        view.range.chosen.connect(self._range_chosen)
        view.against.picked.connect(self._against_chosen)
        view.filter.clicked.connect(self.ask_filter)
        view.clear.clicked.connect(self.clear_filter)
        music = view.music
        music.made.connect(self._charts_made)
        for card, mark in zip(music.cards, ("earnings", "all_songs", "everybody", "patrons", "everybody"), strict=True):
            card.opened.connect(partial(self.open_behind, mark))
        self.context.covers.ready.connect(self._show_covers)

    @Slot()
    def _charts_made(self) -> None:
        """Do what the charts of the first tab ask for, and show what was read."""
        made = self.view.music.charts
        self.watch(made.panels)
        for panel, mark in zip(made.panels, ("day", "source", "song", "plays", "plays"), strict=True):
            panel.chart.activated.connect(partial(self.open_behind, mark))
        made.songs.more.connect(partial(self.open_behind, "all_songs"))
        if self.charts is not None:
            self._show_charts(self.charts)

    def watch(self, panels: Sequence[ChartPanel]) -> None:
        """Do what the charts of a tab ask for."""
        for panel in panels:
            panel.failed.connect(self.failed)
            panel.chart.range_step.connect(self._step)

    def open_behind(self, mark: str, *place: int) -> None:
        """Open what a kind of mark is made of; see :class:`BehindDesk`."""
        getattr(self.behind, mark)(*place)

    @cached_property
    def behind(self) -> BehindDesk:
        """Opens what is behind the marks."""
        from mycelix_studio.ui.pages.analytics.behind import BehindDesk

        return BehindDesk(self)

    @cached_property
    def desk(self) -> ViewsDesk:
        """Opens views and export."""
        from mycelix_studio.ui.pages.analytics.views import ViewsDesk

        return ViewsDesk(self)

    def _allow(self, *, there: bool) -> None:
        """Allow views and export while there are figures."""
        self.view.views.setEnabled(there)
        self.view.export.setEnabled(there)

    @Slot()
    def _open_views(self) -> None:
        self.desk.open_views()

    @Slot()
    def _open_export(self) -> None:
        self.desk.open_export()

    def _ask_name(self) -> None:
        self.desk.ask_name()

    # tabs made when they are first opened ---------------------------------------------------------------------------------

    @cached_property
    def listeners(self) -> ListenersDesk:
        """The tab of who listens."""
        from mycelix_studio.ui.pages.analytics.listeners import ListenersDesk

        desk = ListenersDesk(self)
        if self.charts is not None:
            desk.show(self.charts)
        return desk

    @cached_property
    def platform(self) -> PlatformDesk:
        """The tab of the whole platform."""
        from mycelix_studio.ui.pages.analytics.platform import PlatformDesk

        return PlatformDesk(self)

    @cached_property
    def alerts(self) -> AlertsDesk:
        """The tab of what happened."""
        from mycelix_studio.ui.pages.analytics.alerts_desk import AlertsDesk

        return AlertsDesk(self)

    def _made(self, key: str) -> bool:
        return self.view.body(key) is not None

    def show_now(self) -> None:
        """Read again when days are now those of another zone."""
        zone = self.studio.analytics.zone()
        if self.board is not None and self.board.zone != (zone.name if zone is not None else "UTC"):
            self.stale = True
        super().show_now()

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the figures again; what is shown stays until there is something newer."""
        if self.board is None:
            self._state(self.view.states.show_loading)
        for key in ("music", "listeners"):
            body = self.view.body(key)
            if body is not None:
                body.set_loading()
        self._ask()

    def _ask(self) -> None:
        self._number += 1
        self.bridge.run(
            Lane.IO,
            partial(self._read, self._number, self.wanted),
            name="analytics",
            success=self._show,
            failure=self._cannot_read,
        )

    def _read(self, number: int, wanted: Wanted, work: Work) -> Answer:
        analytics = self.studio.analytics
        today = analytics.today()
        if today is None:
            raise NothingSynced
        first_day = analytics.first_day()
        parts = analytics.parts()
        if first_day is None:
            return Answer(number, wanted, None, parts)
        period = period_of(wanted.range, today, first_day, wanted.custom)
        return Answer(
            number,
            wanted,
            analytics.artist(Query(period, compared(period, wanted.against), wanted.filter)),
            parts,
        )

    @Slot(object)
    def _show(self, answer: Answer) -> None:
        if answer.number != self._number:
            return
        self.parts = answer.parts
        self.board = board = answer.board
        self._soon.start()
        self._allow(there=board is not None)
        self._show_toolbar()
        if board is None:
            self._empty(
                "ph.chart-line-up",
                tr("Nothing came in yet"),
                tr("Figures appear with the first play. Upload a song, choose how it earns, then share it."),
                [(tr("Choose how songs earn"), self._to_strategies), (tr("Sync now"), self.shell.sync_now)],
            )
            return
        self.charts = charts = Charts(board, answer.wanted.against)
        music = self.view.music
        for card, figure in zip(music.cards, charts.cards(), strict=True):
            card.set_figure(figure)
        if music.whole:
            self._show_charts(charts)
        else:
            music.make_charts_soon()
        if self._made("listeners"):
            self.listeners.show(charts)
        if board.query.filter.count and not (board.figures.plays or board.figures.net):
            self._empty(
                "ph.magnifying-glass",
                tr("Nothing matches the filter"),
                tr("No play and no payment of what you ticked in this range."),
                [(tr("Clear the filter"), self.clear_filter)],
                primary=False,
            )
        else:
            self._state(self.view.states.show_content)

    def _show_charts(self, charts: Charts) -> None:
        made, board = self.view.music.charts, charts.board
        for panel, data in zip(
            made.panels,
            (charts.earnings(), charts.strategies(), charts.songs(), charts.plays(), charts.heatmap()),
            strict=True,
        ):
            panel.set_data(data)
        made.plays.set_caption(charts.compared_words())
        more = board.song_count > len(made.songs.chart.data.points)
        made.songs.set_link(tr("Show all {n}").format(n=words.number(board.song_count, 0, 0)) if more else "")
        self._show_covers()

    def _state(self, put: Callable[[], object]) -> None:
        """Put the artist's figures into a state; the platform's tab has states of its own."""
        self._restate = put
        if self.view.tabs.value() != "platform":
            put()

    def _empty(self, icon: str, title: str, said: str, actions: Sequence[Action], *, primary: bool = True) -> None:
        self._state(partial(self.view.states.show_empty, icon, title, said, actions, primary=primary))

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.board = self.charts = None
        self._show_toolbar()
        self._allow(there=False)
        if isinstance(error, NothingSynced):
            self._empty(
                "ph.chart-line-up",
                tr("Nothing came in yet"),
                tr(
                    "Nothing was fetched from your platform so far. Sync once; afterwards this works without a network."
                ),
                [(tr("Sync now"), self.shell.sync_now), (tr("Choose the platform"), self.to_settings)],
            )
            return
        self._state(partial(self.view.states.show_error, as_known(error), [(tr("Try again"), self.refresh)]))

    def open(self, target: object) -> None:
        """Open a tab by its key."""
        if target in TABS:
            self.view.tabs.set_value(str(target))
            self._tab(str(target))

    @Slot()
    def _read_alerts(self) -> None:
        self.alerts.read()

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Read the alerts alone when only they changed."""
        if changes.kinds == frozenset({Kind.NOTICES}):
            self.alerts.read_again()
        elif changes.kinds == frozenset({Kind.PLATFORM}):
            if self.view.tabs.value() == "platform":
                self.platform.refresh()
        else:
            self.refresh()

    def _show_toolbar(self) -> None:
        view, wanted = self.view, self.wanted
        view.range.set_value(wanted.range.value)
        days = self.board.days.count if self.board is not None else LENGTHS.get(wanted.range, LENGTHS[Range.QUARTER])
        view.against.set_choices([(each, against_name(each, days)) for each in Against])
        view.against.set_value(wanted.against)
        count = wanted.filter.count
        view.filter.setText(tr("Filter · {n}").format(n=count) if count else tr("Filter"))
        view.filter.setAccessibleName(tr("Filter, {n} in use").format(n=count) if count else tr("Filter"))
        tab = view.tabs.value()
        view.filter.setVisible(tab != "platform")
        view.clear.setVisible(bool(count) and tab != "platform")
        view.toolbar.setVisible(tab == "platform" or (tab != "alerts" and self.board is not None))
        self.show_context()

    def show_context(self) -> None:
        """Say how fresh what is shown is."""
        line = ""
        if self.view.tabs.value() == "platform":
            line = self.platform.context_words()
        elif self.board is not None:
            line = context_words(self.board, self.board.day_of(datetime.now(UTC)))
        self.view.as_of.setText(line)
        self.view.as_of.setToolTip(line)

    @Slot()
    def _show_covers(self) -> None:
        if self.board is None or not self.view.music.whole:
            return
        found: dict[str, QPixmap] = {}
        for song in self.board.songs[:6]:
            picture = self.context.covers.get(self.parts.covers.get(song.song_id, ""), COVER)
            if picture is not None:
                scaled = QPixmap(picture)
                scaled.setDevicePixelRatio(max(picture.width() / 24, 1))
                found[song.song_id] = scaled
        self.view.music.charts.bars.set_covers(found)

    # choosing -----------------------------------------------------------------------------------------------------------

    def choose(self, wanted: Wanted) -> None:
        """Show something else."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._show_toolbar()
            self.refresh()
            if self._made("platform"):
                self.platform.show()

    def choose_view(self, kind: Range, against: Against, part: Filter, custom: Period | None) -> None:
        """Show a view that was kept."""
        self.choose(Wanted(kind, against, part, custom))

    @Slot(str)
    def _tab(self, key: str) -> None:
        if key != "music":
            _made = getattr(self, key).tab  # for the first time, if it never was
        self.view.open(key)
        if key == "platform":
            self.view.states.show_content()
            self.platform.refresh()
        else:
            self._restate()
        self._show_toolbar()
        if key == "alerts":
            self.alerts.seen()

    @Slot(str)
    def _range_chosen(self, key: str) -> None:
        if Range(key) is Range.CUSTOM:
            self.ask_dates()
        else:
            self.choose(self.wanted._replace(range=Range(key)))

    @Slot(object)
    def _against_chosen(self, against: object) -> None:
        self.choose(self.wanted._replace(against=Against(str(against))))

    @Slot(int)
    def _step(self, direction: int) -> None:
        """Take the next longer or shorter range, as ``+`` and ``-`` on a chart ask."""
        place = STEPS.index(self.wanted.range) if self.wanted.range in STEPS else len(STEPS) - 1
        self.choose(self.wanted._replace(range=STEPS[min(max(place + direction, 0), len(STEPS) - 1)]))

    def ask_dates(self) -> None:
        """Ask for own dates."""
        if self.board is None:
            return
        from mycelix_studio.ui.widgets.dates import DatesDialog

        dialog = DatesDialog(self.board.query.period, self.board.today, self.theme, self)
        if dialog.exec():
            self.choose(self.wanted._replace(range=Range.CUSTOM, custom=dialog.period()))
        dialog.deleteLater()
        self._show_toolbar()

    @Slot()
    def ask_filter(self) -> None:
        """Ask which part of the music counts."""
        from mycelix_studio.ui.pages.analytics.dialogs import FilterDialog

        dialog = FilterDialog(self.parts, self.wanted.filter, self.theme, self)
        if dialog.exec():
            self.choose(self.wanted._replace(filter=dialog.chosen()))
        dialog.deleteLater()

    @Slot()
    def clear_filter(self) -> None:
        """Let all of the music count."""
        self.choose(self.wanted._replace(filter=Filter()))

    # the window ---------------------------------------------------------------------------------------------------------

    def focus_filter(self) -> None:
        """Ask for the filter."""
        if self.board is not None:
            self.ask_filter()

    def commands(self) -> Sequence[Command]:
        """Return the ranges and the filter."""
        here = tr("Analytics")
        ranges = [
            Command(
                tr("Show {range}").format(range=range_name(kind)),
                partial(self._range_chosen, kind.value),
                "",
                here,
                "ph.calendar-blank",
            )
            for kind in Range
        ]
        return (
            *ranges,
            Command(tr("Filter the figures"), self.focus_filter, "", here, "ph.funnel"),
            Command(tr("Save this view"), self._ask_name, "", here, "ph.bookmark-simple"),
        )

    def _to_strategies(self) -> None:
        self._go("strategies")

    def to_settings(self) -> None:
        """Open the settings of platform and sync."""
        self.shell.go("settings", "Platform and sync")

    def _go(self, page: str) -> None:
        from mycelix_studio.ui.pages import PAGES

        self.shell.go(page if page in {spec.key for spec in PAGES} else "library")

"""Analytics: ranges, comparison, filter, and what is behind each mark. Everything is read from this computer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QPixmap

from mycelix_studio.domain.dashboard import (
    STRATEGIES,
    Against,
    Dashboard,
    Filter,
    Milestone,
    Parts,
    Query,
    Range,
    SongRow,
    compared,
    period_of,
)
from mycelix_studio.domain.period import Period
from mycelix_studio.services.analytics import NothingSynced
from mycelix_studio.services.analytics_groups import Groups, Listener
from mycelix_studio.services.analytics_rows import MOST, Behind, PaymentRow
from mycelix_studio.services.changes import Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW, ChartData
from mycelix_studio.ui.pages.analytics.dialogs import FilterDialog
from mycelix_studio.ui.pages.analytics.model import (
    Charts,
    against_name,
    context_words,
    group_cards,
    group_names,
    group_words,
    range_name,
    short_address,
    strategy_name,
    tr,
    type_name,
)
from mycelix_studio.ui.pages.analytics.view import AnalyticsView
from mycelix_studio.ui.pages.analytics.views import ViewsDesk
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.widgets.dates import DatesDialog
from mycelix_studio.ui.widgets.sheet import RowsDialog, Sheet

STEPS = (Range.WEEK, Range.MONTH, Range.QUARTER, Range.YEAR, Range.ALL)
COVER = 48


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for."""

    range: Range = Range.QUARTER
    against: Against = Against.PREVIOUS
    filter: Filter = field(default_factory=Filter)
    custom: Period | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was read: ``board`` is None while nothing ever came in."""

    number: int
    wanted: Wanted
    board: Dashboard | None
    parts: Parts
    milestones: tuple[Milestone, ...] = ()
    groups: Groups = field(default_factory=Groups)


@dataclass(frozen=True, slots=True)
class Opened:
    """Rows behind a mark, and what the mark is called."""

    title: str
    behind: Behind


@dataclass(frozen=True, slots=True)
class Ranking:
    """Songs behind a mark, and what the mark is called."""

    title: str
    songs: tuple[SongRow, ...]
    count: int


class AnalyticsPage(Page):
    """Figures of the artist's own music."""

    concerns = frozenset({Kind.EARNINGS, Kind.SONGS, Kind.SYNC})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Analytics"))
        self.view = AnalyticsView(self.theme)
        self.column.addWidget(self.view, 1)
        self.wanted = Wanted()
        self.board: Dashboard | None = None
        self.parts = Parts()
        self.groups = Groups()
        self._number = 0
        self.desk = ViewsDesk(self)
        self.desk.set_enabled(False)
        self._connect()
        self._show_toolbar()

    def _connect(self) -> None:
        view, music = self.view, self.view.music
        view.tabs.chosen.connect(self._tab)
        view.range.chosen.connect(self._range_chosen)
        view.against.picked.connect(self._against_chosen)
        view.filter.clicked.connect(self.ask_filter)
        view.clear.clicked.connect(self.clear_filter)
        for panel in view.panels:
            panel.failed.connect(self.failed)
            panel.chart.range_step.connect(self._step)
        music.earnings.chart.activated.connect(self._open_day)
        music.sources.chart.activated.connect(self._open_source)
        music.songs.chart.activated.connect(self._open_song)
        music.songs.more.connect(self._open_songs)
        music.plays.chart.activated.connect(self._open_plays)
        music.every.chart.activated.connect(self._open_plays)
        view.listeners.genres.chart.activated.connect(self._open_genre)
        for place, card in enumerate(view.listeners.cards):
            card.opened.connect(partial(self._open_group, place))
        self.context.covers.ready.connect(self._show_covers)

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the figures again; what is shown stays until there is something newer."""
        self._number += 1
        if self.board is None:
            self.view.states.show_loading()
        for panel in self.view.panels:
            panel.chart.set_loading()
        self.bridge.run(
            Lane.IO,
            partial(self._read, self._number, self.wanted),
            name="analytics",
            success=self._show,
            failure=self._cannot_read,
        )

    def _read(self, number: int, wanted: Wanted, work: Work) -> Answer:
        analytics = self.studio.analytics
        as_of = analytics.as_of()
        if as_of is None:
            raise NothingSynced
        first_day = analytics.first_day()
        parts = analytics.parts()
        if first_day is None:
            return Answer(number, wanted, None, parts)
        period = period_of(wanted.range, as_of.date(), first_day, wanted.custom)
        return Answer(
            number,
            wanted,
            analytics.artist(Query(period, compared(period, wanted.against), wanted.filter)),
            parts,
            analytics.milestones(),
            analytics.groups(),
        )

    @Slot(object)
    def _show(self, answer: Answer) -> None:
        if answer.number != self._number:
            return
        self.parts = answer.parts
        self.board = board = answer.board
        self.view.milestones.show_all(answer.milestones)
        self.view.toolbar.setVisible(board is not None and self.view.tabs.value() != "milestones")
        self.desk.set_enabled(board is not None)
        self._show_toolbar()
        if board is None:
            self.view.states.show_empty(
                "ph.chart-line-up",
                tr("Nothing came in yet"),
                tr("Figures appear with the first play. Upload a song, choose how it earns, then share it."),
                [(tr("Choose how songs earn"), self._to_strategies), (tr("Sync now"), self.shell.sync_now)],
            )
            return
        charts = Charts(board, answer.wanted.against)
        music, listeners = self.view.music, self.view.listeners
        for card, figure in zip(music.cards, charts.cards(), strict=True):
            card.set_figure(figure)
        self.groups = answer.groups
        for card, figure in zip(listeners.cards, group_cards(answer.groups), strict=True):
            card.set_figure(figure)
        for panel, data in (
            (music.earnings, charts.earnings()),
            (music.sources, charts.strategies()),
            (music.songs, charts.songs()),
            (music.plays, charts.plays()),
            (music.every, charts.heatmap()),
            (listeners.daily, charts.listeners()),
            (listeners.growth, charts.growth()),
            (listeners.cohorts, charts.cohorts()),
            (listeners.genres, charts.genres()),
        ):
            panel.set_data(data)
        music.plays.set_caption(charts.compared_words())
        shown = len(charts.songs().points)
        more = board.song_count > shown
        music.songs.set_link(tr("Show all {n}").format(n=words.number(board.song_count, 0, 0)) if more else "")
        self._show_covers()
        if board.query.filter.count and not (board.figures.plays or board.figures.net):
            self.view.states.show_empty(
                "ph.magnifying-glass",
                tr("Nothing matches the filter"),
                tr("No play and no payment of what you ticked in this range."),
                [(tr("Clear the filter"), self.clear_filter)],
                primary=False,
            )
        else:
            self.view.states.show_content()

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.board = None
        self.view.toolbar.hide()
        self.desk.set_enabled(False)
        if isinstance(error, NothingSynced):
            self.view.states.show_empty(
                "ph.chart-line-up",
                tr("Nothing came in yet"),
                tr(
                    "Nothing was fetched from your platform so far. Sync once; afterwards this works without a network."
                ),
                [(tr("Sync now"), self.shell.sync_now), (tr("Choose the platform"), self._to_settings)],
            )
            return
        self.view.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    def _show_toolbar(self) -> None:
        view, wanted = self.view, self.wanted
        view.range.set_value(wanted.range.value)
        days = self.board.days.count if self.board is not None else 90
        view.against.set_choices([(each, against_name(each, days)) for each in Against])
        view.against.set_value(wanted.against)
        count = wanted.filter.count
        view.filter.setText(tr("Filter · {n}").format(n=count) if count else tr("Filter"))
        view.filter.setAccessibleName(tr("Filter, {n} in use").format(n=count) if count else tr("Filter"))
        view.clear.setVisible(bool(count))
        if self.board is not None:
            line = context_words(self.board, datetime.now(UTC).date())
            view.as_of.setText(line)
            view.as_of.setToolTip(line)

    @Slot()
    def _show_covers(self) -> None:
        if self.board is None:
            return
        found: dict[str, QPixmap] = {}
        for song in self.board.songs[:6]:
            picture = self.context.covers.get(self.parts.covers.get(song.song_id, ""), COVER)
            if picture is not None:
                scaled = QPixmap(picture)
                scaled.setDevicePixelRatio(max(picture.width() / 24, 1))
                found[song.song_id] = scaled
        self.view.music.bars.set_covers(found)

    # choosing -----------------------------------------------------------------------------------------------------------

    def choose(self, wanted: Wanted) -> None:
        """Show something else."""
        if wanted != self.wanted:
            self.wanted = wanted
            self._show_toolbar()
            self.refresh()

    def choose_view(self, kind: Range, against: Against, part: Filter, custom: Period | None) -> None:
        """Show a view that was kept."""
        self.choose(Wanted(kind, against, part, custom))

    @Slot(str)
    def _tab(self, key: str) -> None:
        self.view.stack.setCurrentIndex(("music", "listeners", "milestones").index(key))
        self.view.toolbar.setVisible(self.board is not None and key != "milestones")

    @Slot(str)
    def _range_chosen(self, key: str) -> None:
        if Range(key) is Range.CUSTOM:
            self.ask_dates()
        else:
            self.choose(replace(self.wanted, range=Range(key)))

    @Slot(object)
    def _against_chosen(self, against: object) -> None:
        self.choose(replace(self.wanted, against=Against(str(against))))

    @Slot(int)
    def _step(self, direction: int) -> None:
        """Take the next longer or shorter range, as ``+`` and ``-`` on a chart ask."""
        place = STEPS.index(self.wanted.range) if self.wanted.range in STEPS else len(STEPS) - 1
        self.choose(replace(self.wanted, range=STEPS[min(max(place + direction, 0), len(STEPS) - 1)]))

    def ask_dates(self) -> None:
        """Ask for own dates."""
        if self.board is None:
            return
        dialog = DatesDialog(self.board.query.period, self.board.as_of.date(), self.theme, self)
        if dialog.exec():
            self.choose(replace(self.wanted, range=Range.CUSTOM, custom=dialog.period()))
        dialog.deleteLater()
        self._show_toolbar()

    @Slot()
    def ask_filter(self) -> None:
        """Ask which part of the music counts."""
        dialog = FilterDialog(self.parts, self.wanted.filter, self.theme, self)
        if dialog.exec():
            self.choose(replace(self.wanted, filter=dialog.chosen()))
        dialog.deleteLater()

    @Slot()
    def clear_filter(self) -> None:
        """Let all of the music count."""
        self.choose(replace(self.wanted, filter=Filter()))

    # behind a mark ------------------------------------------------------------------------------------------------------

    @Slot(int, int)
    def _open_day(self, index: int, series: int) -> None:
        chart = self.view.music.earnings.chart.data
        layer = chart.series[series].key if 0 <= series < len(chart.series) else ""
        day = chart.points[index].day
        if day is not None:
            title = words.day_text(day, weekday=True, year=True)
            self._read_behind(f"{title} · {strategy_name(layer)}" if layer else title, Period(day, day), layer)

    @Slot(int, int)
    def _open_source(self, index: int, _series: int) -> None:
        if self.board is not None:
            layer = self.view.music.sources.chart.data.points[index].key
            self._read_behind(strategy_name(layer), self.board.query.period, layer)

    @Slot(int, int)
    def _open_song(self, index: int, _series: int) -> None:
        if self.board is not None:
            point = self.view.music.songs.chart.data.points[index]
            self._read_behind(point.label, self.board.query.period, song=point.key)

    def _read_behind(self, title: str, period: Period, layer: str = "", song: str = "") -> None:
        wanted = self.wanted.filter
        if layer:
            wanted = replace(wanted, strategies=frozenset({layer}))
        if song:
            wanted = replace(wanted, songs=frozenset({song}))

        def read(work: Work) -> Opened:
            return Opened(title, self.studio.analytics.behind(period, wanted))

        self.bridge.run(Lane.IO, read, name="rows behind a mark", success=self._show_behind, failure=self.failed)

    @Slot(object)
    def _show_behind(self, opened: Opened) -> None:
        behind = opened.behind
        said = tr("{n} payments, {net} FLOW net") if behind.count != 1 else tr("1 payment, {net} FLOW net")
        line = said.format(n=words.number(behind.count, 0, 0), net=words.exact_text(FLOW, behind.net))
        if behind.count > MOST:
            line += " · " + tr("the newest {n} are listed").format(n=words.number(MOST, 0, 0))
        heads = [
            tr(head)
            for head in ("When, UTC", "Type", "Song", "Listener", "Count", "Gross", "Fee", "Net, FLOW", "Payment")
        ]
        rows = [[_payment_cells(row, exact=exact) for row in behind.rows] for exact in (False, True)]
        self._open_sheet(opened.title, line, Sheet(heads, rows[0], rows[1], frozenset({4, 5, 6, 7})))

    @Slot(int, int)
    def _open_plays(self, index: int, _series: int) -> None:
        chart: ChartData = self.view.music.plays.chart.data
        day = chart.points[index].day if index < len(chart.points) else None
        if day is None:
            return
        self._read_ranking(words.day_text(day, weekday=True, year=True), Period(day, day), self.wanted.filter)

    @Slot(int, int)
    def _open_genre(self, index: int, _series: int) -> None:
        if self.board is not None:
            point = self.view.listeners.genres.chart.data.points[index]
            wanted = replace(self.wanted.filter, genres=frozenset({point.key}))
            self._read_ranking(point.label, self.board.query.period, wanted)

    def _open_group(self, place: int) -> None:
        key, name = group_names()[place]
        found: tuple[Listener, ...] = getattr(self.groups, key)
        heads = [
            tr("Name"),
            tr("Paid until") if key == "ending" else tr("Last listen"),
            tr("Address"),
            tr("Days in 90"),
        ]
        rows = [
            [
                [
                    each.name or words.NONE,
                    words.day_text(each.last, year=True),
                    each.address if exact else short_address(each.address),
                    words.number(each.days, 0, 0),
                ]
                for each in found[:MOST]
            ]
            for exact in (False, True)
        ]
        line = tr("{n} people, {who}").format(n=words.number(len(found), 0, 0), who=group_words(key))
        self._open_sheet(name, line, Sheet(heads, rows[0], rows[1], frozenset({3})))

    @Slot()
    def _open_songs(self) -> None:
        if self.board is not None:
            self._show_ranking(Ranking(tr("Songs by plays"), self.board.songs, self.board.song_count))

    def _read_ranking(self, title: str, period: Period, wanted: Filter) -> None:
        def read(work: Work) -> Ranking:
            board = self.studio.analytics.artist(Query(period, None, wanted))
            return Ranking(title, board.songs, board.song_count)

        self.bridge.run(Lane.IO, read, name="songs behind a mark", success=self._show_ranking, failure=self.failed)

    @Slot(object)
    def _show_ranking(self, ranking: Ranking) -> None:
        plays, net = sum(row.plays for row in ranking.songs), sum(row.net for row in ranking.songs)
        line = tr("{n} songs, {plays} plays, {net} FLOW net").format(
            n=words.number(len(ranking.songs), 0, 0),
            plays=words.number(plays, 0, 0),
            net=words.exact_text(FLOW, net),
        )
        if ranking.count > len(ranking.songs):
            line += " · " + tr("the first of {n}").format(n=words.number(ranking.count, 0, 0))
        heads = [tr(head) for head in ("Rank", "Way to earn", "Song", "Plays", "Net, FLOW")]
        cells = [
            [
                [
                    str(place),
                    strategy_name(row.strategy) if row.strategy in STRATEGIES else words.NONE,
                    row.title or tr("(no title)"),
                    words.number(row.plays, 0, 0),
                    net_text(FLOW, row.net),
                ]
                for place, row in enumerate(ranking.songs, start=1)
            ]
            for net_text in (words.list_text, words.exact_text)
        ]
        self._open_sheet(ranking.title, line, Sheet(heads, cells[0], cells[1], frozenset({0, 3, 4})))

    def _open_sheet(self, title: str, line: str, sheet: Sheet) -> None:
        dialog = RowsDialog(title, line, sheet, self.theme, self)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

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
            Command(tr("Save this view"), self.desk.ask_name, "", here, "ph.bookmark-simple"),
        )

    def _to_strategies(self) -> None:
        self._go("strategies")

    def _to_settings(self) -> None:
        self.shell.go("settings", "Platform and sync")

    def _go(self, page: str) -> None:
        from mycelix_studio.ui.pages import PAGES

        self.shell.go(page if page in {spec.key for spec in PAGES} else "library")


def _payment_cells(row: PaymentRow, *, exact: bool) -> list[str]:
    money = words.exact_text if exact else words.list_text
    return [
        words.moment_text(row.when),
        type_name(row.type),
        row.title or words.NONE,
        row.listener if exact else short_address(row.listener),
        words.number(row.count, 0, 0),
        money(FLOW, row.gross),
        money(FLOW, row.fee),
        money(FLOW, row.net),
        row.tx if exact else short_address(row.tx),
    ]

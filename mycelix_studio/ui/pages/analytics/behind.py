"""What is behind a mark: the payments, songs or people it is made of, and behind a payment its transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, Qt, Slot

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.dashboard import STRATEGIES, Filter, Query, SongRow
from mycelix_studio.domain.period import Period
from mycelix_studio.services.analytics_groups import Group
from mycelix_studio.services.analytics_people import Patron, People
from mycelix_studio.services.analytics_rows import MOST, Behind, PaymentRow
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW, ChartData
from mycelix_studio.ui.pages.analytics.model import (
    group_names,
    group_words,
    strategy_name,
    tr,
    type_name,
)
from mycelix_studio.ui.pages.analytics.payment import PaymentDialog
from mycelix_studio.ui.widgets.sheet import RowsDialog, Sheet

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.analytics.page import AnalyticsPage


T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Payments:
    """Payments behind a mark, and what the mark is called."""

    title: str
    behind: Behind


@dataclass(frozen=True, slots=True)
class Ranking:
    """Songs behind a mark, and what the mark is called."""

    title: str
    songs: tuple[SongRow, ...]
    count: int


@dataclass(frozen=True, slots=True)
class Heard:
    """People behind a mark, and what the mark is called."""

    title: str
    people: People


@dataclass(frozen=True, slots=True)
class Patrons:
    """Patrons behind a figure."""

    patrons: tuple[Patron, ...]


class BehindDesk(QObject):
    """Opens what is behind the marks of a page: each public method one kind of mark (its point, its series) or card."""

    def __init__(self, page: AnalyticsPage) -> None:
        super().__init__(page)
        self._page = page
        self._payments: tuple[PaymentRow, ...] = ()

    # payments -----------------------------------------------------------------------------------------------------------

    @Slot(int, int)
    def day(self, index: int, series: int) -> None:
        """Open the payments of a day."""
        chart = self._page.view.music.charts.earnings.chart.data
        layer = chart.series[series].key if 0 <= series < len(chart.series) else ""
        day = chart.points[index].day
        if day is not None:
            title = words.day_text(day, weekday=True, year=True)
            self.payments(f"{title} · {strategy_name(layer)}" if layer else title, Period(day, day), layer)

    @Slot(int, int)
    def source(self, index: int, _series: int) -> None:
        """Open the payments of one way to earn."""
        layer = self._page.view.music.charts.sources.chart.data.points[index].key
        self.payments(strategy_name(layer), self._period, layer)

    @Slot(int, int)
    def song(self, index: int, _series: int) -> None:
        """Open the payments of a song."""
        point = self._page.view.music.charts.songs.chart.data.points[index]
        self.payments(point.label, self._period, song=point.key)

    @Slot()
    def earnings(self) -> None:
        """Open the payments of the range."""
        if self._page.board is not None:
            self.payments(tr("Earnings, net"), self._period)

    def payments(self, title: str, period: Period, layer: str = "", song: str = "") -> None:
        """Read and show the payments of a period, of one way to earn or of one song."""
        wanted = self._page.wanted.filter
        if layer:
            wanted = replace(wanted, strategies=frozenset({layer}))
        if song:
            wanted = replace(wanted, songs=frozenset({song}))
        analytics = self._page.studio.analytics
        self._read(lambda: Payments(title, analytics.behind(period, wanted)), self._show_payments)

    @Slot(object)
    def _show_payments(self, opened: Payments) -> None:
        behind = opened.behind
        self._payments = behind.rows
        said = tr("{n} payments, {net} FLOW net") if behind.count != 1 else tr("1 payment, {net} FLOW net")
        line = said.format(n=words.number(behind.count, 0, 0), net=words.exact_text(FLOW, behind.net))
        if behind.count > MOST:
            line += " · " + tr("the newest {n} are listed").format(n=words.number(MOST, 0, 0))
        heads = [
            tr(head)
            for head in (
                "When, UTC",
                "Type",
                "Song",
                "Listener",
                "Count",
                "Gross, FLOW",
                "Fee, FLOW",
                "Net, FLOW",
                "Payment",
            )
        ]
        rows = [[_payment_cells(row, exact=exact) for row in behind.rows] for exact in (False, True)]
        sheet = Sheet(heads, rows[0], rows[1], frozenset({4, 5, 6, 7}))
        self._open(opened.title, line, sheet, self._open_payment, tr("Show the payment"))

    @Slot(int)
    def _open_payment(self, row: int) -> None:
        dialog = PaymentDialog(self._payments[row], self._page.theme, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # songs --------------------------------------------------------------------------------------------------------------

    @Slot(int, int)
    def plays(self, index: int, _series: int) -> None:
        """Open the songs of a day."""
        chart: ChartData = self._page.view.music.charts.plays.chart.data
        day = chart.points[index].day if index < len(chart.points) else None
        if day is not None:
            title = words.day_text(day, weekday=True, year=True)
            self._read_ranking(title, Period(day, day), self._page.wanted.filter)

    @Slot(int, int)
    def genre(self, index: int, _series: int) -> None:
        """Open the songs of a genre."""
        point = self._page.listeners.tab.genres.chart.data.points[index]
        wanted = replace(self._page.wanted.filter, genres=frozenset({point.key}))
        self._read_ranking(point.label, self._period, wanted)

    @Slot()
    def all_songs(self) -> None:
        """Open the songs of the range."""
        board = self._page.board
        if board is not None:
            self._show_ranking(Ranking(tr("Songs by plays"), board.songs, board.song_count))

    def _read_ranking(self, title: str, period: Period, wanted: Filter) -> None:
        analytics = self._page.studio.analytics

        def read() -> Ranking:
            board = analytics.artist(Query(period, None, wanted))
            return Ranking(title, board.songs, board.song_count)

        self._read(read, self._show_ranking)

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
        sheet = Sheet(heads, cells[0], cells[1], frozenset({0, 3, 4}))
        songs = ranking.songs

        def payments(row: int) -> None:
            self.payments(songs[row].title or tr("(no title)"), self._period, song=songs[row].song_id)

        self._open(ranking.title, line, sheet, payments, tr("Show its payments"))

    # people -------------------------------------------------------------------------------------------------------------

    @Slot(int, int)
    def listeners(self, index: int, _series: int) -> None:
        """Open the people of a day."""
        day = self._page.listeners.tab.daily.chart.data.points[index].day
        if day is not None:
            self._read_people(words.day_text(day, weekday=True, year=True), Period(day, day))

    @Slot()
    def everybody(self) -> None:
        """Open the people of the range."""
        if self._page.board is not None:
            self._read_people(tr("Listeners, each once"), self._period)

    @Slot(int, int)
    def cohort(self, index: int, series: int) -> None:
        """Open the people of a month who came back."""
        board = self._page.board
        if board is None or not 0 <= series < len(board.cohorts):
            return
        month, wanted, analytics = board.cohorts[series].month, self._page.wanted.filter, self._page.studio.analytics
        title = tr("First heard in {month}, again {n} months later").format(
            month=words.month_text(month, year=True), n=index
        )
        self._read(lambda: Heard(title, analytics.cohort(month, index, wanted)), self._show_people)

    def _read_people(self, title: str, period: Period) -> None:
        wanted, analytics = self._page.wanted.filter, self._page.studio.analytics
        self._read(lambda: Heard(title, analytics.heard(period, wanted)), self._show_people)

    @Slot(object)
    def _show_people(self, heard: Heard) -> None:
        people = heard.people
        line = tr("{n} people").format(n=words.number(people.count, 0, 0))
        if people.count > len(people.people):
            line += " · " + tr("the {n} with the most plays are listed").format(n=words.number(MOST, 0, 0))
        heads = [tr(head) for head in ("Name", "First listen", "Address", "Plays", "Days")]
        rows = [
            [
                [
                    each.name or words.NONE,
                    words.day_text(each.first, year=True),
                    each.address if exact else short_address(each.address),
                    words.number(each.plays, 0, 0),
                    words.number(each.days, 0, 0),
                ]
                for each in people.people
            ]
            for exact in (False, True)
        ]
        self._open(heard.title, line, Sheet(heads, rows[0], rows[1], frozenset({3, 4})))

    @Slot()
    def patrons(self) -> None:
        """Open the patrons of the range."""
        if self._page.board is None:
            return
        period, wanted, analytics = self._period, self._page.wanted.filter, self._page.studio.analytics
        self._read(lambda: Patrons(analytics.patrons(period, wanted)), self._show_patrons)

    @Slot(object)
    def _show_patrons(self, found: Patrons) -> None:
        count = len({each.address for each in found.patrons})
        line = tr("{n} people. Discounts of loyalty come off what they agreed to.").format(n=words.number(count, 0, 0))
        heads = [tr(head) for head in ("Name", "Address", "Song", "Patron since", "Paid until", "Agreed a month, FLOW")]
        rows = [
            [
                [
                    each.name or words.NONE,
                    each.address if exact else short_address(each.address),
                    each.title or tr("(no title)"),
                    words.moment_text(each.since) if exact else words.day_text(each.since.date(), year=True),
                    words.moment_text(each.through) if exact else words.day_text(each.through.date(), year=True),
                    (words.exact_text if exact else words.list_text)(FLOW, each.price),
                ]
                for each in found.patrons[:MOST]
            ]
            for exact in (False, True)
        ]
        self._open(tr("Patrons"), line, Sheet(heads, rows[0], rows[1], frozenset({5})))

    def group(self, place: int) -> None:
        """Open the people of a group, by the place of its card."""
        key, name = group_names()[place]
        group: Group = getattr(self._page.listeners.groups, key)
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
                for each in group.people
            ]
            for exact in (False, True)
        ]
        line = tr("{n} people, {who}").format(n=words.number(group.count, 0, 0), who=group_words(key))
        if group.count > len(group.people):
            line += " · " + tr("the {n} with the most days are listed").format(n=words.number(len(group.people), 0, 0))
        self._open(name, line, Sheet(heads, rows[0], rows[1], frozenset({3})))

    # inside -------------------------------------------------------------------------------------------------------------

    @property
    def _period(self) -> Period:
        board = self._page.board
        assert board is not None
        return board.query.period

    def _read(self, read: Callable[[], T], show: Callable[[T], None]) -> None:
        def run(_work: Work) -> T:
            return read()

        self._page.bridge.run(Lane.IO, run, name="rows behind a mark", success=show, failure=self._page.failed)

    def _open(
        self,
        title: str,
        line: str,
        sheet: Sheet,
        opens: Callable[[int], None] | None = None,
        action: str = "",
    ) -> None:
        dialog = RowsDialog(title, line, sheet, self._page.theme, self._page, opens=opens, action=action)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()


def _payment_cells(row: PaymentRow, *, exact: bool) -> Sequence[str]:
    money, paid = words.exact_text if exact else words.list_text, row.payment
    return [
        words.moment_text(paid.block_time),
        type_name(paid.type),
        row.title or words.NONE,
        paid.listener if exact else short_address(paid.listener),
        words.number(paid.count, 0, 0),
        money(FLOW, paid.gross),
        money(FLOW, paid.fee),
        money(FLOW, paid.net),
        paid.tx if exact else short_address(paid.tx),
    ]

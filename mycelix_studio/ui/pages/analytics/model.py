"""Dashboards as chart data: no widget, no query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from mycelix_studio.domain.dashboard import (
    STRATEGIES,
    Against,
    Change,
    ChangeKind,
    Dashboard,
    Days,
    Range,
)
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import (
    FLOW,
    PLAYS,
    Annotation,
    ChartData,
    Comparison,
    Point,
    Series,
    Unit,
    UnitKind,
    day_points,
)
from mycelix_studio.ui.charts.stat_card import NO_DATA, Figure
from mycelix_studio.ui.theme import STRATEGY_DASH, STRATEGY_ICON, Strategy

if TYPE_CHECKING:
    from mycelix_studio.services.analytics_groups import Groups

COUNT = Unit(UnitKind.COUNT)
PERCENT = Unit(UnitKind.BPS, additive=False)
LISTENERS = Unit(UnitKind.COUNT, "listeners", additive=False)


def tr(text: str) -> str:
    """Translate words of this page."""
    return QCoreApplication.translate("Analytics", text)


def strategy_name(key: str) -> str:
    """Return a strategy's name for a person."""
    return {
        "stream": tr("Pay per stream"),
        "gift": tr("Gift"),
        "patronage": tr("Patronage"),
        "auction": tr("Auction"),
    }.get(key, key)


def type_name(kind: str) -> str:
    """Return what a payment was for."""
    return {
        "stream": tr("Streams"),
        "voucher": tr("Streams"),
        "tip": tr("Tip"),
        "subscription": tr("New patron"),
        "renewal": tr("Renewal"),
        "pass": tr("Pass"),
        "reward": tr("Reward"),
    }.get(kind, kind)


def range_name(kind: Range) -> str:
    """Return the words on the segment."""
    return {
        Range.WEEK: tr("7 d"),
        Range.MONTH: tr("30 d"),
        Range.QUARTER: tr("90 d"),
        Range.YEAR: tr("1 y"),
        Range.ALL: tr("All"),
        Range.CUSTOM: tr("Own dates"),
    }[kind]


def against_name(against: Against, days: int) -> str:
    """Return the words of the comparison's choice."""
    return {
        Against.NOTHING: tr("No comparison"),
        Against.PREVIOUS: tr("Against the {n} days before").format(n=days),
        Against.YEAR: tr("Against a year earlier"),
    }[against]


def comparison_name(against: Against, days: int) -> str:
    """Return the comparison within a sentence."""
    if against is Against.YEAR:
        return tr("a year earlier")
    return tr("the {n} days before").format(n=days)


def context_words(board: Dashboard, today: date) -> str:
    """Return the line that says how fresh the figures are; ``today`` is the present day of the zone."""
    parts = [tr("As of {time}").format(time=words.moment_text(board.as_of))]
    last = board.today
    if board.query.period.last >= last:
        parts.append(
            tr("today is not complete")
            if last == today
            else tr("{day} is not complete").format(day=words.day_text(last))
        )
    zone = "UTC" if board.zone == "UTC" else tr("times in UTC, days of {zone}").format(zone=board.zone)
    return " · ".join([*parts, zone])


class Charts:
    """The charts of one dashboard. Every method gives a :class:`ChartData` of equal days and range."""

    def __init__(self, board: Dashboard, against: Against = Against.PREVIOUS) -> None:
        self.board = board
        self.days: Days = board.days
        self._against = comparison_name(against, board.days.count)
        period = board.query.period
        incomplete = [board.today] if period.last >= board.today else []
        self._points = day_points(self.days.first, self.days.count, incomplete=incomplete, missing=board.missing)
        self._range = tr("1 day") if self.days.count == 1 else tr("{n} days").format(n=self.days.count)

    def _values(self, values: Sequence[int]) -> tuple[int | None, ...]:
        missing = self.board.missing
        return tuple(None if point.day in missing else v for point, v in zip(self._points, values, strict=True))

    def _data(self, title: str, unit: Unit, *series: Series, total: str = "", notes: bool = False) -> ChartData:
        return ChartData(
            title,
            unit,
            self._points,
            series,
            self._range,
            self.board.as_of,
            annotations=self._annotations() if notes else (),
            total_label=total,
        )

    def _annotations(self) -> tuple[Annotation, ...]:
        # An album that changes is one mark, not twelve.
        alike: dict[tuple[date, ChangeKind, str], list[Change]] = {}
        for change in self.board.changes:
            way = change.strategy if change.kind is ChangeKind.STRATEGY else ""
            alike.setdefault((change.day, change.kind, way), []).append(change)
        found = []
        for (day, _kind, _way), changes in alike.items():
            index = (day - self.days.first).days
            if 0 <= index < self.days.count:
                color = changes[0].strategy or "t1"
                found.append(Annotation(index, changes_words(changes), color, changes[0].song_id))
        return tuple(found)

    def earnings(self) -> ChartData:
        """Return net a day, stacked by strategy, with the changes made; strategies that never earned are left out."""
        layers = [
            Series(
                key,
                strategy_name(key),
                self._values(self.days.net[key]),
                key,
                STRATEGY_ICON[Strategy(key)],
                STRATEGY_DASH[Strategy(key)],
            )
            for key in STRATEGIES
            if any(self.days.net.get(key, ()))
        ]
        return self._data(tr("Earnings a day, FLOW net"), FLOW, *layers, total=tr("Net"), notes=True)

    def plays(self) -> ChartData:
        """Return plays a day with the period compared with."""
        made = self._data(tr("Plays a day"), PLAYS, Series("plays", tr("Plays"), self._values(self.days.plays)))
        before = self.board.days_before
        if before is None:
            return made
        comparison = Comparison(self._against, tuple(before.plays), before.first)
        return ChartData(
            made.title, made.unit, made.points, made.series, made.range_text, made.as_of, comparison=comparison
        )

    def compared_words(self) -> str:
        """Return what the dashed line is; empty without one."""
        return tr("dashed: {period}").format(period=self._against) if self.board.days_before is not None else ""

    def heatmap(self) -> ChartData:
        """Return plays of every day as a calendar."""
        return self._data(tr("Every day"), PLAYS, Series("plays", tr("Plays"), self._values(self.days.plays)))

    def listeners(self) -> ChartData:
        """Return new and returning listeners a day."""
        back = [every - new for every, new in zip(self.days.listeners, self.days.fresh, strict=True)]
        return self._data(
            tr("Listeners a day"),
            LISTENERS,
            Series("back", tr("came back"), self._values(back), "t3"),
            Series("new", tr("new"), self._values(self.days.fresh), "acc"),
            total=tr("Listeners"),
        )

    def engagement(self) -> ChartData:
        """Return plays, listeners and paid-up patrons of each day, side by side."""
        lines = [
            Series("plays", tr("Plays"), self._values(self.days.plays), "acc"),
            Series("listeners", tr("Listeners"), self._values(self.days.listeners), "info", dash=(8, 4)),
        ]
        if len(self.board.patron_days) == self.days.count:
            patrons = self._values(self.board.patron_days)
            lines.append(Series("patrons", tr("Patrons"), patrons, "patronage", dash=(2, 4)))
        return self._data(tr("Engagement a day"), Unit(UnitKind.COUNT, additive=False), *lines, notes=True)

    def growth(self) -> ChartData:
        """Return new listeners added up over the range."""
        total, sums = 0, []
        for fresh in self.days.fresh:
            total += fresh
            sums.append(total)
        return self._data(tr("New listeners, added up"), LISTENERS, Series("all", tr("New so far"), self._values(sums)))

    def strategies(self) -> ChartData:
        """Return the share of each strategy."""
        sums = {key: sum(values) for key, values in self.days.net.items()}
        points = tuple(
            Point(strategy_name(key), key=key, color=key, icon=STRATEGY_ICON[Strategy(key)])
            for key in STRATEGIES
            if sums.get(key)
        )
        values = tuple(sums[point.key] for point in points)
        return ChartData(
            tr("Where it came from"),
            FLOW,
            points,
            (Series("net", tr("Net"), values),),
            self._range,
            self.board.as_of,
            total_label=tr("net"),
        )

    def songs(self, most: int = 6) -> ChartData:
        """Return the songs played most."""
        rows = self.board.songs[:most]
        points = tuple(
            Point(
                row.title or tr("(no title)"),
                key=row.song_id,
                color=row.strategy,
                icon=STRATEGY_ICON[Strategy(row.strategy)] if row.strategy in STRATEGIES else "",
            )
            for row in rows
        )
        values = tuple(row.plays for row in rows)
        return ChartData(
            tr("Top songs by plays"),
            PLAYS,
            points,
            (Series("plays", tr("Plays"), values),),
            self._range,
            self.board.as_of,
        )

    def genres(self) -> ChartData:
        """Return plays of each genre and what a thousand plays of it brought."""
        rows = [(row.genre, row.plays, row.net) for row in self.board.genres]
        return genres_data(rows, self._range, self.board.as_of)

    def cohorts(self) -> ChartData:
        """Return who came back, by month of the first listen."""
        width = max((len(cohort.returned) for cohort in self.board.cohorts), default=0) + 1
        series = tuple(
            Series(
                cohort.month.isoformat(),
                f"{words.month_text(cohort.month)} {cohort.month.year} · {words.number(cohort.size, 0, 0)}",
                (10_000, *cohort.returned, *(None,) * (width - 1 - len(cohort.returned))),
            )
            for cohort in self.board.cohorts
        )
        return ChartData(
            tr("Came back, by month of the first listen"),
            PERCENT,
            tuple(Point(str(number)) for number in range(width)) if series else (),
            series,
            tr("months since"),
            self.board.as_of,
        )

    def cards(self) -> tuple[Figure, ...]:
        """Return the five figures of the head."""
        now, before = self.board.figures, self.board.before
        spark = self._spark
        return (
            Figure(
                tr("Earnings, net"), FLOW, now.net, before.net if before else None, spark(self.days.net_total(), "acc")
            ),
            Figure(tr("Plays"), COUNT, now.plays, before.plays if before else None, spark(self.days.plays, "t2")),
            Figure(
                tr("Listeners, each once"),
                COUNT,
                now.listeners,
                before.listeners if before else None,
                spark(self.days.listeners, "t2"),
            ),
            Figure(
                tr("Patrons"),
                COUNT,
                now.patrons,
                before.patrons if before else None,
                spark(self.board.patron_days, "patronage"),
            ),
            Figure(
                tr("Came back in 30 days"),
                PERCENT,
                now.returned,
                before.returned if before else None,
                _spread_spark(self.board.returned),
                places=1,
            ),
        )

    def _spark(self, values: Sequence[int], color: str) -> ChartData:
        if len(values) != self.days.count:
            return NO_DATA
        return ChartData("", COUNT, self._points, (Series("spark", "", self._values(values), color),))


def genres_data(rows: Sequence[tuple[str, int, int]], said: str, as_of: datetime, most: int = 8) -> ChartData:
    """Return plays of genres and what a thousand plays of each brought, from (genre, plays, wei)."""
    shown = [row for row in rows if row[1]][:most]
    rates = tuple(wei * 1000 // plays for _genre, plays, wei in shown)
    return ChartData(
        tr("Genres"),
        PLAYS,
        tuple(Point(genre or tr("no genre"), key=genre) for genre, _plays, _wei in shown),
        (
            Series("plays", tr("Plays, left"), tuple(plays for _genre, plays, _wei in shown), "bg4"),
            Series("rate", tr("FLOW per 1,000 plays, right"), rates, "acc", right=True),
        ),
        said,
        as_of,
        right_unit=Unit(UnitKind.MONEY, "FLOW", additive=False),
    )


def _spread_spark(values: Sequence[int | None]) -> ChartData:
    """Return a sparkline of points that are no days; nothing where fewer than two are known."""
    if sum(value is not None for value in values) < 2:
        return NO_DATA
    points = tuple(Point(str(number)) for number in range(len(values)))
    return ChartData("", PERCENT, points, (Series("spark", "", tuple(values), "t2"),))


def change_words(change: Change) -> str:
    """Return the words beside a diamond."""
    title = change.title or tr("(no title)")
    if change.kind is ChangeKind.STRATEGY:
        if change.strategy:
            return f"{title} → {strategy_name(change.strategy)}"
        ended = ", ".join(strategy_name(name) for name in change.ended)
        return tr("{title}: no more {way}").format(title=title, way=ended)
    if change.kind is ChangeKind.PRICE and change.price is not None:
        before, now = (words.short_exact(FLOW, price) for price in change.price)
        return tr("{title}: {before} → {now} FLOW").format(title=title, before=before, now=now)
    if change.kind is ChangeKind.AUCTION:
        return tr("Auction opens: {title}").format(title=title)
    return title


def changes_words(changes: Sequence[Change]) -> str:
    """Return the words of what changed in the same way on one day: of one song, or how many songs."""
    if len(changes) == 1:
        return change_words(changes[0])
    first, n = changes[0], words.number(len(changes), 0, 0)
    if first.kind is ChangeKind.STRATEGY and first.strategy:
        return tr("{n} songs → {way}").format(n=n, way=strategy_name(first.strategy))
    if first.kind is ChangeKind.PRICE:
        return tr("{n} songs: another price").format(n=n)
    if first.kind is ChangeKind.AUCTION:
        return tr("{n} auctions open").format(n=n)
    return tr("{n} songs: another way to earn").format(n=n) if first.ended else tr("{n} songs released").format(n=n)


def group_names() -> tuple[tuple[str, str], ...]:
    """Return the groups of listeners: key and name, in the order of their cards."""
    return (
        ("loyal", tr("Loyal")),
        ("fresh", tr("New")),
        ("back", tr("Came back")),
        ("lapsed", tr("Stopped listening")),
        ("ending", tr("Patrons ending soon")),
    )


def group_words(key: str) -> str:
    """Return who is in a group."""
    return {
        "loyal": tr("each 30 days, for 90 days"),
        "fresh": tr("first heard in 30 days"),
        "back": tr("again in 30 days"),
        "lapsed": tr("not for 30 days"),
        "ending": tr("within 7 days, or in grace"),
    }[key]


def group_cards(groups: Groups | None) -> tuple[Figure, ...]:
    """Return a card for each group of listeners; None while they are counted."""
    return tuple(
        Figure(name, COUNT, None if groups is None else getattr(groups, key).count, note=group_words(key))
        for key, name in group_names()
    )

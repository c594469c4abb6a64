"""The whole platform as chart data: no widget, no query."""

from __future__ import annotations

from datetime import timedelta

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.dashboard import STRATEGIES
from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.platform import Figures, Health, History
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW, ChartData, Point, PointState, Series, Unit, UnitKind, day_points
from mycelix_studio.ui.charts.stat_card import NO_DATA, Figure
from mycelix_studio.ui.pages.analytics.model import COUNT, LISTENERS, PERCENT, genres_data, strategy_name, tr
from mycelix_studio.ui.theme import STRATEGY_ICON, Strategy

NOBODY = Figures(listeners=0, artists=0)


class PlatformCharts:
    """The charts of one look at the platform.

    Args:
        history: The look.
        period: The days chosen.
        before: What they are compared with, if anything.
    """

    def __init__(self, history: History, period: Period, before: Period | None) -> None:
        self.history = history
        self.look = history.look
        self._now = self.look.figures(period)
        self._before = self.look.figures(before) if before is not None else None
        days = {day.first: day.figures for day in self.look.days}
        count = (period.last - period.first).days + 1
        self._points = day_points(period.first, count, incomplete=[self.look.at.date()])
        self._days = [days.get(period.first + timedelta(days=n), NOBODY) for n in range(count)]
        self._range = tr("1 day") if count == 1 else tr("{n} days").format(n=count)

    def cards(self) -> tuple[Figure, ...]:
        """Return the five figures of the head."""

        paid, fees = self._now.paid, self._now.fees
        part = words.value_text(PERCENT, fees * BPS // (paid + fees), places=1) if paid + fees else ""
        of = tr("{part} of {sum}").format(part=part, sum=words.value_text(FLOW, paid + fees, places=0)) if part else ""

        def figure(name: str, key: str, unit: Unit, color: str = "t2", note: str = "") -> Figure:
            was = getattr(self._before, key) if self._before is not None else None
            values = tuple(getattr(day, key) for day in self._days)
            spark = ChartData("", COUNT, self._points, (Series(key, "", values, color),)) if any(values) else NO_DATA
            return Figure(name, unit, getattr(self._now, key), was, spark, note=note)

        return (
            figure(tr("Plays"), "plays", COUNT),
            figure(tr("Listeners, each once"), "listeners", COUNT),
            figure(tr("Artists who earned"), "artists", COUNT),
            figure(tr("Paid to artists"), "paid", FLOW, "acc"),
            figure(tr("Platform fee"), "fees", FLOW, note=of),
        )

    def paid(self) -> ChartData:
        """Return what came to artists in the last twelve months, by way to earn."""
        months = self.look.months
        points = tuple(
            Point(
                words.month_text(month.first),
                month.first,
                PointState.COMPLETE if month.complete else PointState.INCOMPLETE,
                key=month.first.isoformat(),
            )
            for month in months
        )
        layers = tuple(
            Series(
                key, strategy_name(key), tuple(month.paid[place] for month in months), key, STRATEGY_ICON[Strategy(key)]
            )
            for place, key in enumerate(STRATEGIES)
            if any(month.paid[place] for month in months)
        )
        title, said = tr("Paid to artists a month, FLOW"), tr("{n} months").format(n=len(months))
        return ChartData(title, FLOW, points if layers else (), layers, said, self.look.at, total_label=tr("Paid"))

    def listeners(self) -> ChartData:
        """Return new and returning listeners a day."""
        fresh = tuple(day.fresh for day in self._days)
        back = tuple((day.listeners or 0) - day.fresh for day in self._days)
        there = any(fresh) or any(back)
        return ChartData(
            tr("Listeners a day"),
            LISTENERS,
            self._points if there else (),
            (Series("back", tr("came back"), back, "t3"), Series("new", tr("new"), fresh, "acc")) if there else (),
            self._range,
            self.look.at,
            total_label=tr("Listeners"),
        )

    def genres(self) -> ChartData:
        """Return plays of each genre and what a thousand plays of it brought."""
        rows = [(genre.name, genre.plays, genre.earnings) for genre in self.look.genres]
        return genres_data(rows, tr("all time"), self.look.at, most=7)

    def songs(self) -> ChartData:
        """Return how many songs have each way to earn; one may have several."""
        found = [pair for pair in zip(STRATEGIES, self.look.totals.songs_by_strategy, strict=True) if pair[1]]
        points = tuple(
            Point(strategy_name(key), key=key, color=key, icon=STRATEGY_ICON[Strategy(key)]) for key, _count in found
        )
        series = (Series("songs", tr("Songs"), tuple(count for _key, count in found)),) if found else ()
        return ChartData(
            tr("Songs by way to earn"), Unit(UnitKind.COUNT, "songs"), points, series, tr("now"), self.look.at
        )

    def songs_words(self) -> str:
        """Return how many songs there are, of how many artists."""
        totals = self.look.totals
        songs, artists = words.number(totals.songs, 0, 0), words.number(totals.artists, 0, 0)
        return tr("{songs} songs of {artists} artists").format(songs=songs, artists=artists)

    def trending(self) -> tuple[ChartData, tuple[int | None, ...], tuple[tuple[int, ...], ...]]:
        """Return the songs that trend with how their places changed and their days."""
        rows = self.look.trending
        points = tuple(
            Point(
                row.title or tr("(no title)"),
                key=row.song_id,
                color=row.strategy,
                icon=STRATEGY_ICON[Strategy(row.strategy)],
                detail=short_address(row.artist) if row.artist.startswith("0x") else row.artist,
            )
            for row in rows
        )
        scores = Series("score", tr("Score"), tuple(row.score for row in rows))
        data = ChartData(
            tr("Trending"), Unit(UnitKind.COUNT, additive=False), points, (scores,), tr("now"), self.look.at
        )
        known = self.history.places
        places = tuple(
            known[row.song_id] - place if row.song_id in known else None if known else 0
            for place, row in enumerate(rows, start=1)
        )
        return data, places, tuple(row.days for row in rows)


def health_words(health: Health) -> tuple[str, str]:
    """Return the name of one thing the server needs, and how it is."""
    name = {
        "database": tr("Database"),
        "chain": tr("Chain reader"),
        "store": tr("Storage"),
        "server": tr("Server"),
    }.get(health.name, health.name.capitalize())
    if not health.ok:
        return name, health.detail or tr("does not answer")
    return name, tr("{n} ms").format(n=words.number(round(health.milliseconds), 0, 0))

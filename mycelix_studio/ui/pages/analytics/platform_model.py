"""The whole platform as chart data: no widget, no query."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.platform import Health, History, Totals
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW, PLAYS, ChartData, Point, PointState, Series, Unit, UnitKind
from mycelix_studio.ui.charts.stat_card import NO_DATA, Figure
from mycelix_studio.ui.pages.analytics.model import COUNT, tr
from mycelix_studio.ui.theme import STRATEGY_ICON, Strategy

MOST_BARS = 31
RATE = Unit(UnitKind.MONEY, "FLOW", additive=False)


class PlatformCharts:
    """The charts of one look at the platform, over the days from ``first``."""

    def __init__(self, history: History, first: date) -> None:
        self.history = history
        self.look = history.look
        last = self.look.at.date()
        kept = min(history.days)
        self.first = max(first, kept)
        self._days = [self.first + timedelta(days=n) for n in range((last - self.first).days + 1)]
        since = tr("since Studio first looked, on {day}").format(day=words.day_text(kept, year=True))
        self._range = tr("{n} days").format(n=len(self._days)) if first > kept else since
        self.since = since if first < kept else ""

    def cards(self) -> tuple[Figure, ...]:
        """Return the five figures of the head: totals, and what they were when the range began."""
        found = self.history.totals_at(self.first - timedelta(days=1)) if len(self.history.days) > 1 else None
        before = found[1] if found is not None else None

        def figure(name: str, key: str, unit: Unit, color: str = "t2") -> Figure:
            was = getattr(before, key) if before is not None else None
            return Figure(name, unit, getattr(self.look.totals, key), was, self._spark(key, color), places=0)

        return (
            figure(tr("Plays"), "plays", COUNT),
            figure(tr("Listeners, each once"), "listeners", COUNT),
            figure(tr("Artists"), "artists", COUNT),
            figure(tr("Paid by listeners"), "volume", FLOW, "acc"),
            figure(tr("Songs"), "songs", COUNT),
        )

    def _spark(self, key: str, color: str) -> ChartData:
        kept = [(day, totals) for day, totals in self.history.days.items() if day >= self.first]
        if len(kept) < 2:
            return NO_DATA
        points = tuple(Point(words.day_text(day), day) for day, _totals in kept)
        return ChartData("", COUNT, points, (Series(key, "", tuple(getattr(t, key) for _d, t in kept), color),))

    def paid(self) -> ChartData:
        """Return what listeners paid, by day or, over long ranges, by week or month."""
        return self._grown(tr("Paid by listeners, FLOW"), FLOW, "volume", tr("Paid"), "acc")

    def listeners(self) -> ChartData:
        """Return listeners never heard from before, likewise."""
        return self._grown(tr("New listeners"), Unit(UnitKind.COUNT, "listeners"), "listeners", tr("New"), "t2")

    def _grown(self, title: str, unit: Unit, key: str, name: str, color: str) -> ChartData:
        points, values = [], []
        for first, last in buckets(self._days):
            before, now = self._before(first), self._last(last)
            state = PointState.INCOMPLETE if last >= self.look.at.date() else PointState.COMPLETE
            known = before is not None and now is not None
            points.append(
                Point(words.day_text(first), first, state if known else PointState.MISSING, key=first.isoformat())
            )
            values.append(getattr(now, key) - getattr(before, key) if before is not None and now is not None else None)
        if not any(value is not None for value in values):
            points, values = [], []
        return ChartData(
            title, unit, tuple(points), (Series(key, name, tuple(values), color),), self._range, self.look.at
        )

    def _before(self, day: date) -> Totals | None:
        """Return the totals as last known before a day."""
        kept = [totals for at, totals in self.history.days.items() if at < day]
        return kept[-1] if kept else None

    def _last(self, day: date) -> Totals | None:
        """Return the totals as last known on or before a day."""
        kept = [totals for at, totals in self.history.days.items() if at <= day]
        return kept[-1] if kept else None

    def genres(self, most: int = 7) -> ChartData:
        """Return plays of each genre and what a thousand plays of it brought."""
        rows = [genre for genre in self.look.genres if genre.plays][:most]
        return ChartData(
            tr("Genres"),
            PLAYS,
            tuple(Point(genre.name or tr("no genre"), key=genre.name) for genre in rows),
            (
                Series("plays", tr("Plays, left"), tuple(genre.plays for genre in rows), "bg4"),
                Series(
                    "rate",
                    tr("FLOW per 1,000 plays, right"),
                    tuple(genre.earnings * 1000 // genre.plays for genre in rows),
                    "acc",
                    right=True,
                ),
            ),
            tr("all time"),
            self.look.at,
            right_unit=RATE,
        )

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


def buckets(days: Sequence[date]) -> list[tuple[date, date]]:
    """Return first and last days of the bars: days, weeks from the end back, or calendar months."""
    if len(days) <= MOST_BARS:
        return [(day, day) for day in days]
    if len(days) <= 7 * MOST_BARS:
        ends = list(reversed(days[::-1][::7]))
        return [(max(end - timedelta(days=6), days[0]), end) for end in ends]
    months: dict[tuple[int, int], list[date]] = {}
    for day in days:
        months.setdefault((day.year, day.month), []).append(day)
    return [(part[0], part[-1]) for part in months.values()]


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

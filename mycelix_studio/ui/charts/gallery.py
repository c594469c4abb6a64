"""Every chart in every state, for developers (``mycelix-studio --gallery``). The figures are made up and say so."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, date, datetime

from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.ui.charts.area import StackedArea
from mycelix_studio.ui.charts.bars import HorizontalBars
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.cohorts import CohortGrid
from mycelix_studio.ui.charts.columns import Columns
from mycelix_studio.ui.charts.data import (
    FLOW,
    PLAYS,
    Annotation,
    ChartData,
    Comparison,
    Point,
    PointState,
    Series,
    Unit,
    UnitKind,
    day_points,
)
from mycelix_studio.ui.charts.donut import Donut, MiniDonut
from mycelix_studio.ui.charts.heatmap import CalendarHeatmap
from mycelix_studio.ui.charts.line import GrowthChart, LineChart, PriceCurve
from mycelix_studio.ui.charts.panel import ChartPanel
from mycelix_studio.ui.charts.sparkline import Sparkline
from mycelix_studio.ui.charts.stat_card import Figure, StatCard
from mycelix_studio.ui.charts.trending import Trending
from mycelix_studio.ui.theme import DARK, STRATEGY_DASH, STRATEGY_ICON, Strategy, Theme

AS_OF = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
FIRST = date(2026, 3, 17)
DAYS = 90
NAMES = {
    Strategy.STREAM: "Pay per stream",
    Strategy.GIFT: "Gift",
    Strategy.PATRONAGE: "Patronage",
    Strategy.AUCTION: "Auction",
}
PERCENT = Unit(UnitKind.BPS, additive=False)
LISTENERS = Unit(UnitKind.COUNT, "listeners", additive=False)


def _points(missing: tuple[date, ...] = ()) -> tuple[Point, ...]:
    return day_points(FIRST, DAYS, incomplete=[AS_OF.date()], missing=missing)


def _wave(seed: int, low: int, high: int, drift: float = 1.0) -> list[int]:
    chance = random.Random(seed)  # noqa: S311 - shapes for a gallery
    return [int(chance.uniform(low, high) * (1 + (drift - 1) * i / DAYS)) for i in range(DAYS)]


def _series(strategy: Strategy, values: list[int]) -> Series:
    scaled = tuple(value * WEI_PER_TOKEN // 100 for value in values)
    return Series(
        strategy.value, NAMES[strategy], scaled, strategy.value, STRATEGY_ICON[strategy], STRATEGY_DASH[strategy]
    )


def earnings() -> ChartData:
    """Return a stacked chart with two changes and a day that is not complete."""
    patrons = [0] * 16 + [
        int(v * (1 + (i in (16, 17, 46, 76)))) for i, v in enumerate(_wave(3, 900, 1500, 1.5)[16:], 16)
    ]
    auction = [0] * 86 + [9000, 7600, 7400, 2600]
    return ChartData(
        "Earnings a day, FLOW net",
        FLOW,
        _points(),
        (
            _series(Strategy.STREAM, _wave(1, 300, 480)),
            _series(Strategy.GIFT, _wave(2, 70, 140)),
            _series(Strategy.PATRONAGE, patrons),
            _series(Strategy.AUCTION, auction),
        ),
        "90 days",
        AS_OF,
        annotations=(
            Annotation(16, "Salt Meridian → Patronage", "patronage"),
            Annotation(86, "Auction opens", "auction"),
        ),
        total_label="Net",
    )


def plays(missing: tuple[date, ...] = ()) -> ChartData:
    """Return plays a day with the period before."""
    gone = set(missing)
    points = _points(missing)
    values = tuple(
        None if point.day in gone else value for point, value in zip(points, _wave(5, 430, 760, 1.3), strict=True)
    )
    return ChartData(
        "Plays a day",
        PLAYS,
        points,
        (Series("plays", "Plays", values),),
        "90 days",
        AS_OF,
        Comparison("the 90 days before", tuple(_wave(6, 360, 680))),
    )


def strategies() -> ChartData:
    """Return shares by strategy."""
    wei = {Strategy.STREAM: 33448, Strategy.GIFT: 9802, Strategy.PATRONAGE: 110062, Strategy.AUCTION: 29536}
    points = tuple(Point(NAMES[s], key=s.value, color=s.value, icon=STRATEGY_ICON[s]) for s in wei)
    values = tuple(value * WEI_PER_TOKEN // 100 for value in wei.values())
    return ChartData(
        "Where it came from", FLOW, points, (Series("net", "Net", values),), "90 days", AS_OF, total_label="net"
    )


def songs() -> ChartData:
    """Return a ranking."""
    rows = (
        ("Salt Meridian", 11904, "patronage"),
        ("Night Ferry", 9871, "stream"),
        ("Glass Orchard", 8230, "gift"),
        ("Tidewater Psalm", 7655, "patronage"),
        ("Last Bus to Ekholm", 5410, "stream"),
        ("Marigold Static", 4192, "auction"),
    )
    points = tuple(Point(n, key=n, color=c, icon=STRATEGY_ICON[Strategy(c)]) for n, _v, c in rows)
    return ChartData(
        "Top songs by plays",
        PLAYS,
        points,
        (Series("plays", "Plays", tuple(v for _n, v, _c in rows)),),
        "90 days",
        AS_OF,
    )


def months() -> ChartData:
    """Return stacked months, the last not complete."""
    names = ("Jul", "Aug", "Sep", "Oct", "Nov", "Dec", "Jan", "Feb", "Mar", "Apr", "May", "Jun")
    points = tuple(Point(name, state=PointState.INCOMPLETE if name == "Jun" else PointState.COMPLETE) for name in names)
    chance = random.Random(9)  # noqa: S311 - shapes for a gallery
    bases = {Strategy.STREAM: 17000, Strategy.GIFT: 4000, Strategy.PATRONAGE: 12000, Strategy.AUCTION: 7000}
    series = tuple(
        _series(s, [])._replace(
            values=tuple(
                int(base * (1 + i * 0.06) * chance.uniform(0.8, 1.2)) * WEI_PER_TOKEN // (2 if i == 11 else 1)
                for i in range(12)
            ),
        )
        for s, base in bases.items()
    )
    return ChartData("Paid to artists a month, FLOW", FLOW, points, series, "12 months", AS_OF, total_label="Paid")


def genres() -> ChartData:
    """Return plays against earnings per thousand plays."""
    rows = (
        ("Ambient", 182, 9.1),
        ("Folk", 151, 11.8),
        ("Electronic", 240, 7.4),
        ("Jazz", 88, 14.2),
        ("Hip-hop", 203, 5.9),
        ("Classical", 64, 16.5),
        ("Punk", 71, 6.1),
    )
    return ChartData(
        "Genres",
        PLAYS,
        tuple(Point(name, key=name) for name, _p, _e in rows),
        (
            Series("plays", "Plays, left", tuple(p * 1000 for _n, p, _e in rows), "bg4"),
            Series(
                "rate",
                "FLOW per 1,000 plays, right",
                tuple(int(e * 10) * WEI_PER_TOKEN // 10 for _n, _p, e in rows),
                "acc",
                right=True,
            ),
        ),
        "90 days",
        AS_OF,
        right_unit=Unit(UnitKind.MONEY, "FLOW", additive=False),
    )


def returning() -> ChartData:
    """Return new and returning listeners a day."""
    return ChartData(
        "Listeners a day",
        LISTENERS,
        _points(),
        (
            Series("back", "came back", tuple(_wave(11, 230, 280, 1.4)), "t3"),
            Series("new", "new", tuple(_wave(12, 80, 110)), "acc"),
        ),
        "90 days",
        AS_OF,
        total_label="Listeners",
    )


def engagement() -> ChartData:
    """Return several lines."""
    return ChartData(
        "Engagement",
        Unit(UnitKind.COUNT, additive=False),
        _points(),
        (
            Series("plays", "Plays", tuple(_wave(21, 400, 600, 1.3)), "acc"),
            Series("listeners", "Listeners", tuple(_wave(22, 240, 320)), "info", dash=(8, 4)),
            Series("tips", "Tips", tuple(_wave(23, 10, 60)), "warn", dash=(2, 4)),
        ),
        "90 days",
        AS_OF,
    )


def growth() -> ChartData:
    """Return listeners gathered."""
    total, sums = 1800, []
    for value in _wave(31, 5, 25):
        total += value
        sums.append(total)
    return ChartData(
        "All listeners so far", LISTENERS, _points(), (Series("all", "Listeners", tuple(sums)),), "90 days", AS_OF
    )


def auction() -> ChartData:
    """Return a price that falls, with sales so far."""
    price = Unit(UnitKind.MONEY, "FLOW", additive=False)
    points = tuple(
        p._replace(state=PointState.FORECAST if i > 4 else PointState.COMPLETE)
        for i, p in enumerate(day_points(date(2026, 6, 10), 8))
    )
    values = tuple((100 - i * 90 // 7) * WEI_PER_TOKEN for i in range(8))
    sold = tuple(Annotation(i, f"Pass {i} sold", "auction") for i in (1, 3, 4))
    return ChartData(
        "Price of a pass",
        price,
        points,
        (Series("price", "Price", values, "auction"),),
        "7 days",
        AS_OF,
        annotations=sold,
    )


def cohorts() -> ChartData:
    """Return retention by month."""
    names = ("Jan 2026 · 210", "Feb 2026 · 243", "Mar 2026 · 198", "Apr 2026 · 265", "May 2026 · 301", "Jun 2026 · 144")
    series = tuple(
        Series(
            name,
            name,
            tuple((10_000 if c == 0 else 5200 - 600 * c + 130 * r) if c + r < 6 else None for c in range(6)),
        )
        for r, name in enumerate(names)
    )
    points = tuple(Point(str(c)) for c in range(6))
    return ChartData("Came back, by month of first listen", PERCENT, points, series, "6 months", AS_OF)


def tiers() -> ChartData:
    """Return patrons by tier."""
    points = tuple(Point(f"Tier {n}") for n in (1, 2, 3, 4))
    return ChartData(
        "Patrons by tier",
        Unit(UnitKind.COUNT, "patrons"),
        points,
        (Series("patrons", "Patrons", (31, 18, 11, 4), "patronage"),),
        "",
        AS_OF,
    )


KINDS: tuple[tuple[str, Callable[[], ChartData], type[Chart], bool], ...] = (
    ("Earnings, stacked area", earnings, StackedArea, True),
    ("Plays, line with comparison", plays, LineChart, False),
    ("Missing days", lambda: plays((date(2026, 4, 20), date(2026, 4, 21), date(2026, 4, 22))), LineChart, False),
    ("Strategy distribution, donut", strategies, Donut, False),
    ("Top songs, bars", songs, HorizontalBars, False),
    ("Months, stacked columns", months, Columns, True),
    ("Genres, two axes", genres, Columns, True),
    ("Calendar heatmap", plays, CalendarHeatmap, False),
    ("New and returning, area", returning, StackedArea, True),
    ("Engagement, several lines", engagement, LineChart, True),
    ("Growth", growth, GrowthChart, False),
    ("Auction price", auction, PriceCurve, False),
    ("Cohorts", cohorts, CohortGrid, False),
    ("Patron tiers", tiers, Columns, False),
    ("Trending songs", songs, Trending, False),
)


class ChartGallery(QScrollArea):
    """A page of all charts: ready, empty, loading and error of each, and the small ones."""

    def __init__(self, theme: Theme = DARK) -> None:
        super().__init__()
        self.setAccessibleName("Charts")
        self.panels: list[ChartPanel] = []
        self.small: list[Chart] = []
        inner = QWidget()
        grid = QGridLayout(inner)
        grid.setSpacing(12)
        for row, (name, make, kind, legend) in enumerate(KINDS):
            for column, state in enumerate(("ready", "empty", "loading", "error")):
                panel = ChartPanel(kind(make(), theme), legend=legend)
                panel.setMinimumSize(520 if column == 0 else 260, 260)
                panel.chart.setObjectName(f"{name}, {state}")
                if state == "empty":
                    panel.chart.set_empty("No plays in this range. Take a longer one.")
                elif state == "loading":
                    panel.chart.set_loading()
                elif state == "error":
                    panel.chart.set_error("The figures could not be read. Your data is safe. Sync again.")
                grid.addWidget(panel, row, column)
                self.panels.append(panel)
        grid.addWidget(self._small_ones(theme), len(KINDS), 0)
        self.setWidget(inner)
        self.setWidgetResizable(True)
        self.set_theme(theme)

    def _small_ones(self, theme: Theme) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.addWidget(QLabel("Small charts. All figures on this page are made up."))
        figures = (
            Figure("Earnings, net", FLOW, 182848 * 10**16, 61725 * 10**16, spark=plays()),
            Figure("Came back in 30 days", PERCENT, 4120, 4300, spark=plays(), places=1),
            Figure("Patrons", Unit(UnitKind.COUNT), 64, 0),
            Figure("Not known", Unit(UnitKind.COUNT), None),
        )
        self.small = [*(StatCard(figure, theme) for figure in figures), Sparkline(plays(), theme)]
        self.small.append(MiniDonut(strategies(), theme))
        for chart in self.small:
            column.addWidget(chart)
        return box

    def set_theme(self, theme: Theme) -> None:
        """Change the colours of every chart at once."""
        self.setStyleSheet(f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.bg0}; }}")
        for panel in self.panels:
            panel.set_theme(theme)
        for chart in self.small:
            chart.set_theme(theme)

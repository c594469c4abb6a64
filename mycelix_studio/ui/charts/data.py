"""What a chart shows: the one contract between pages and chart widgets.

Values are ``int`` in the unit's smallest step (wei, plays, basis points), never float, so that a table twin and a CSV are exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from mycelix_studio.domain.money import DECIMALS


class UnitKind(StrEnum):
    """What an integer value counts."""

    MONEY = "money"
    """Wei."""
    COUNT = "count"
    """Things."""
    BPS = "bps"
    """Hundredths of a percent."""


class Unit(NamedTuple):
    """Unit of a chart's values.

    Attributes:
        kind: What the integers count.
        symbol: Word after the number, such as ``FLOW`` or ``plays``; empty for none.
        additive: False when a sum over the points means nothing (a price, a share, a count of distinct people).
    """

    kind: UnitKind
    symbol: str = ""
    additive: bool = True

    @property
    def decimals(self) -> int:
        """Decimal places between the integer and the number shown."""
        return {UnitKind.MONEY: DECIMALS, UnitKind.COUNT: 0, UnitKind.BPS: 2}[self.kind]

    def plain(self, value: int | None) -> str:
        """Return the exact value with a dot and without grouping, for CSV and the clipboard; empty when not known."""
        if value is None:
            return ""
        if self.decimals == 0:
            return str(value)
        whole, fraction = divmod(abs(value), 10**self.decimals)
        return f"{'-' if value < 0 else ''}{whole}.{fraction:0{self.decimals}d}"


FLOW = Unit(UnitKind.MONEY, "FLOW")
PLAYS = Unit(UnitKind.COUNT, "plays")


class PointState(StrEnum):
    """Whether a point's figure is whole."""

    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    """Still growing: today, this month. Hatched or dotted."""
    MISSING = "missing"
    """Not fetched. Left out of sums, drawn as a gap that says so."""
    FORECAST = "forecast"
    """Computed, not happened. Dashed."""


class Point(NamedTuple):
    """One place on the horizontal axis (or one bar, one part, one row).

    Attributes:
        label: Short text, such as ``1 Apr`` or a song's title.
        day: The UTC day (or first day of the month); None for categories.
        state: See :class:`PointState`.
        key: What a drill-down opens: a song id, a genre, a strategy.
        color: Token of the theme for this point alone, such as ``patronage``; empty uses the series' colour.
        icon: Icon name beside the label.
        detail: More about it, shown in t3 after the label.
    """

    label: str
    day: date | None = None
    state: PointState = PointState.COMPLETE
    key: str = ""
    color: str = ""
    icon: str = ""
    detail: str = ""


class Series(NamedTuple):
    """One line, layer or kind of bar: a value per point, None where there is none.

    Attributes:
        color: Token of the theme, such as ``acc`` or ``gift``.
        dash: Dash pattern in pixels; solid when empty. Colour is never the only difference between lines.
        right: Measured on the right axis, in :attr:`ChartData.right_unit`.
    """

    key: str
    label: str
    values: tuple[int | None, ...]
    color: str = "acc"
    icon: str = ""
    dash: tuple[int, ...] = ()
    right: bool = False


class Comparison(NamedTuple):
    """The same figures of another period, aligned by position.

    Attributes:
        label: In a sentence: ``the 90 days before``.
        values: One per point of the chart; shorter when the other period is.
    """

    label: str
    values: tuple[int | None, ...]
    first_day: date | None = None


@dataclass(frozen=True, slots=True)
class Annotation:
    """Something that changed: a diamond and a dotted line at a point.

    Attributes:
        index: Position among the points.
        text: Such as ``Salt Meridian → Patronage``.
        color: Token of the theme.
    """

    index: int
    text: str
    color: str = "t1"
    key: str = ""


@dataclass(frozen=True, slots=True)
class ChartData:
    """Everything a chart shows.

    Attributes:
        range_text: As in the summary: ``90 days``.
        as_of: Moment of the last sync the figures come from; None when never synced.
        total_label: What the sum over series of one point is called, such as ``Net``; empty when the series do not add up.

    Raises:
        ValueError: A series does not have one value per point.
    """

    title: str
    unit: Unit
    points: tuple[Point, ...] = ()
    series: tuple[Series, ...] = ()
    range_text: str = ""
    as_of: datetime | None = None
    comparison: Comparison | None = None
    annotations: tuple[Annotation, ...] = ()
    total_label: str = ""
    right_unit: Unit | None = None
    note: str = ""

    def __post_init__(self) -> None:
        for series in self.series:
            if len(series.values) != len(self.points):
                raise ValueError(f"{series.key} has {len(series.values)} values for {len(self.points)} points")

    @property
    def empty(self) -> bool:
        """True when there is no value at all."""
        return not any(value is not None for series in self.series for value in series.values)

    def unit_of(self, series: Series) -> Unit:
        """Return the unit a series is measured in."""
        return self.right_unit if series.right and self.right_unit is not None else self.unit

    def total_at(self, index: int) -> int | None:
        """Return the sum of the left-axis series at a point; None when none has a value."""
        values = [s.values[index] for s in self.series if not s.right and s.values[index] is not None]
        return sum(v for v in values if v is not None) if values else None

    def totals(self) -> tuple[int | None, ...]:
        """Return :meth:`total_at` of every point."""
        return tuple(self.total_at(index) for index in range(len(self.points)))

    def total(self) -> int:
        """Return the sum over all points that are not missing."""
        return sum(value for value in self.totals() if value is not None)

    def count(self, state: PointState) -> int:
        """Return how many points are in a state."""
        return sum(point.state is state for point in self.points)


def day_points(
    first: date,
    count: int,
    *,
    incomplete: Iterable[date] = (),
    missing: Iterable[date] = (),
    label: str = "{0.day} {0:%b}",
) -> tuple[Point, ...]:
    """Return ``count`` consecutive days from ``first``, with the incomplete and the missing ones marked."""
    growing, gone = frozenset(incomplete), frozenset(missing)
    points = []
    for offset in range(count):
        day = first + timedelta(days=offset)
        state = PointState.MISSING if day in gone else PointState.INCOMPLETE if day in growing else PointState.COMPLETE
        points.append(Point(label.format(day), day, state))
    return tuple(points)


class Extremes(NamedTuple):
    """Index and value of the highest and lowest whole point, the earliest when equal."""

    highest: tuple[int, int]
    lowest: tuple[int, int]


def extremes(data: ChartData, values: Sequence[int | None]) -> Extremes | None:
    """Return where ``values`` are highest and lowest, leaving out points that are not whole; None when there are none."""
    whole = [
        (index, value)
        for index, value in enumerate(values)
        if value is not None and data.points[index].state is PointState.COMPLETE
    ]
    if not whole:
        return None
    return Extremes(max(whole, key=lambda item: (item[1], -item[0])), min(whole, key=lambda item: (item[1], item[0])))

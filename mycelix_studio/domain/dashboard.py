"""What a dashboard asks and what it gets: whole numbers by UTC day, from rows on this computer.

The services that answer build these; pages turn them into charts. Money is wei, shares are basis points.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple, Protocol

from mycelix_studio.domain.period import Period
from mycelix_studio.domain.zones import date_in, zone_of

STRATEGIES = ("stream", "gift", "patronage", "auction")
"""Layers of the earnings chart, bottom first; tips go to the strategy of their song."""


@dataclass(frozen=True, slots=True)
class Filter:
    """Part of the music; empty means all of it."""

    songs: frozenset[str] = frozenset()
    albums: frozenset[str] = frozenset()
    genres: frozenset[str] = frozenset()
    strategies: frozenset[str] = frozenset()

    @property
    def count(self) -> int:
        """How many kinds of filter are on."""
        return sum(bool(part) for part in (self.songs, self.albums, self.genres, self.strategies))


class Parts(NamedTuple):
    """What a filter can name.

    Attributes:
        songs: Id and title of every song, by title.
        covers: Song id to the key of its picture on this computer.
    """

    songs: tuple[tuple[str, str], ...] = ()
    albums: tuple[str, ...] = ()
    genres: tuple[str, ...] = ()
    covers: Mapping[str, str] = MappingProxyType({})


class Query(NamedTuple):
    """One dashboard: a period, another to compare with, a filter."""

    period: Period
    before: Period | None = None
    filter: Filter = Filter()


@dataclass(frozen=True, slots=True)
class Days:
    """Figures of consecutive days from ``first``; every tuple has one entry a day.

    Attributes:
        net: Wei by strategy.
        plays: Plays.
        listeners: Different listeners of each day.
        fresh: Of these, those never heard from before.
    """

    first: date
    plays: tuple[int, ...]
    net: Mapping[str, tuple[int, ...]]
    listeners: tuple[int, ...] = ()
    fresh: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """How many days."""
        return len(self.plays)

    def day(self, index: int) -> date:
        """Return the date of an entry."""
        return self.first + timedelta(days=index)

    def net_total(self) -> tuple[int, ...]:
        """Return the net of each day over all strategies, in wei."""
        return tuple(sum(values) for values in zip(*self.net.values(), strict=True)) if self.net else (0,) * self.count


class Figures(NamedTuple):
    """Sums of a period; None is not known, which is not 0.

    Attributes:
        listeners: Each counted once in the whole period.
        returned: Of the listeners before, the share that came back within 30 days, in basis points.
    """

    net: int
    plays: int
    listeners: int
    patrons: int | None = None
    returned: int | None = None


class SongRow(NamedTuple):
    """One song in a ranking."""

    song_id: str
    title: str
    strategy: str
    plays: int
    net: int


class GenreRow(NamedTuple):
    """One genre."""

    genre: str
    plays: int
    net: int


class ChangeKind(StrEnum):
    """What changed on a day."""

    STRATEGY = "strategy"
    PRICE = "price"
    AUCTION = "auction"
    RELEASE = "release"


class Change(NamedTuple):
    """Something the artist did that a chart should show.

    Attributes:
        strategy: For a change of strategy the one switched on, empty when one was only switched off; else the main one of the song.
        ended: Strategies switched off.
        price: For a change of price, wei before and after.
    """

    day: date
    kind: ChangeKind
    title: str
    strategy: str = ""
    song_id: str = ""
    ended: tuple[str, ...] = ()
    price: tuple[int, int] | None = None


class Cohort(NamedTuple):
    """Listeners first heard in one month: how many, and the share heard again in each later month, in basis points."""

    month: date
    size: int
    returned: tuple[int, ...]


class Dashboard(NamedTuple):
    """The answer to one query.

    Attributes:
        as_of: Everything before this moment is in the cache.
        missing: Days of the period that could not be fetched; their figures are no zeros.
        patron_days: Paid-up patrons at the end of each day of the period, or at ``as_of``.
        zone: Whose days these are, by its name in the IANA database.
        returned: The share that came back, as in :class:`Figures`, at days spread evenly over the period, oldest first.
        songs: Ranked by plays, at most ``limit`` of ``song_count``.
    """

    query: Query
    as_of: datetime
    days: Days
    figures: Figures
    before: Figures | None = None
    days_before: Days | None = None
    songs: tuple[SongRow, ...] = ()
    song_count: int = 0
    genres: tuple[GenreRow, ...] = ()
    changes: tuple[Change, ...] = ()
    missing: frozenset[date] = frozenset()
    cohorts: tuple[Cohort, ...] = ()
    patron_days: tuple[int, ...] = ()
    returned: tuple[int | None, ...] = ()
    zone: str = "UTC"

    @property
    def today(self) -> date:
        """The day of the zone that ``as_of`` lies in; its figures still grow."""
        return self.day_of(self.as_of)

    def day_of(self, moment: datetime) -> date:
        """Return the zone's day that a moment lies in."""
        return date_in(zone_of(self.zone), moment)


class Dashboards(Protocol):
    """Answers dashboards from the cache, without a network."""

    def as_of(self) -> datetime | None:
        """Return the moment the cache is complete to; None when it was never synced."""
        ...

    def first_day(self) -> date | None:
        """Return the first day with a play or a payment; None when there is none."""
        ...

    def parts(self) -> Parts:
        """Return what a filter can name."""
        ...

    def artist(self, query: Query) -> Dashboard:
        """Return the artist's own dashboard.

        Raises:
            Known: The cache cannot be read.
        """
        ...


class Range(StrEnum):
    """Lengths a dashboard offers."""

    WEEK = "7d"
    MONTH = "30d"
    QUARTER = "90d"
    YEAR = "1y"
    ALL = "all"
    CUSTOM = "custom"


LENGTHS = {Range.WEEK: 7, Range.MONTH: 30, Range.QUARTER: 90, Range.YEAR: 365}
"""Days of the ranges that have a length."""


class Against(StrEnum):
    """What a period is compared with."""

    NOTHING = "nothing"
    PREVIOUS = "previous"
    YEAR = "year"


def period_of(kind: Range, last: date, first_day: date | None, custom: Period | None = None) -> Period:
    """Return the days a range covers, ending on ``last``; ``ALL`` begins with the first day there is anything."""
    if kind is Range.CUSTOM and custom is not None:
        return custom
    if kind is Range.ALL or kind is Range.CUSTOM:
        return Period(min(first_day or last, last), last)
    return Period(last - timedelta(days=LENGTHS[kind] - 1), last)


def compared(period: Period, against: Against) -> Period | None:
    """Return the period to compare with: as many days right before, or the same days a year earlier."""
    if against is Against.NOTHING:
        return None
    length = (period.last - period.first).days
    if against is Against.PREVIOUS:
        last = period.first - timedelta(days=1)
        return Period(last - timedelta(days=length), last)
    first = _year_before(period.first)
    return Period(first, first + timedelta(days=length))


def _year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:  # 29 February
        return date(day.year - 1, 2, 28)

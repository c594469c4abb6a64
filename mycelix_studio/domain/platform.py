"""The whole platform in figures, as its server tells them: totals only, nobody's listeners."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from mycelix_studio.domain.period import Period


@dataclass(frozen=True, slots=True)
class Totals:
    """Totals of the platform up to a moment; ``volume`` is what listeners paid, wei gross."""

    plays: int
    listeners: int
    artists: int
    songs: int
    volume: int
    songs_by_strategy: tuple[int, int, int, int] = (0, 0, 0, 0)
    plays_24h: int = 0
    plays_7d: int = 0
    plays_30d: int = 0
    new_songs_7d: int = 0
    new_songs_30d: int = 0


@dataclass(frozen=True, slots=True)
class Genre:
    """One genre; ``earnings`` is wei net."""

    name: str
    songs: int
    plays: int
    earnings: int


@dataclass(frozen=True, slots=True)
class Trend:
    """One song among those that trend.

    Attributes:
        score: 10 for each play of the last day, 5 of the last seven, 1 of the last thirty.
        artist: The artist's name, or the address where the name is not known.
        days: Plays of each of the last seven days, the oldest first.
    """

    song_id: str
    title: str
    artist: str
    strategy: str
    score: int
    days: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Health:
    """One thing the server needs: whether it works, and how fast it answers or what is wrong."""

    name: str
    ok: bool
    milliseconds: float = 0.0
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Figures:
    """What happened in some days. Money is wei.

    Attributes:
        listeners: Each counted once in these days; None where that was not asked for.
        fresh: Of these, those never heard from before.
        artists: Those who earned, each once; None likewise.
        paid: What came to artists.
        fees: What the protocol kept of what listeners paid.
    """

    plays: int = 0
    listeners: int | None = None
    fresh: int = 0
    artists: int | None = None
    paid: int = 0
    fees: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """Figures of a period."""

    first: date
    last: date
    figures: Figures


@dataclass(frozen=True, slots=True)
class Month:
    """Wei that came to artists in a month, by way to earn in the order of ``STRATEGIES``."""

    first: date
    complete: bool
    paid: tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the platform.

    Attributes:
        at: When the server's figures were true.
        trending: The highest score first.
        days: Every day on which anything happened, in order: spans of one day.
        spans: The ranges a dashboard offers and what they are compared with.
        months: In order.
    """

    at: datetime
    totals: Totals
    genres: tuple[Genre, ...] = ()
    trending: tuple[Trend, ...] = ()
    health: tuple[Health, ...] = ()
    days: tuple[Span, ...] = ()
    spans: tuple[Span, ...] = ()
    months: tuple[Month, ...] = ()

    def figures(self, period: Period) -> Figures:
        """Return the figures of a period. Of one not asked for, how many different people there were is not known."""
        for span in self.spans:
            if (span.first, span.last) == (period.first, period.last):
                return span.figures
        within = [day.figures for day in self.days if period.first <= day.first <= period.last]
        return Figures(
            sum(day.plays for day in within),
            None if within else 0,
            sum(day.fresh for day in within),
            None if within else 0,
            sum(day.paid for day in within),
            sum(day.fees for day in within),
        )


@dataclass(frozen=True, slots=True)
class History:
    """The last look, and what is known of the day before.

    Attributes:
        places: Song id to its place among those that trended at the last look before today's; 1 is the first.
    """

    look: Look
    places: Mapping[str, int] = field(default_factory=dict)

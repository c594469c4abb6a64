"""The whole platform in figures, as its server tells them: totals only, nobody's listeners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta


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
class Look:
    """One look at the platform.

    Attributes:
        at: When the server's figures were true.
        trending: The highest score first.
    """

    at: datetime
    totals: Totals
    genres: tuple[Genre, ...] = ()
    trending: tuple[Trend, ...] = ()
    health: tuple[Health, ...] = ()


@dataclass(frozen=True, slots=True)
class History:
    """The last look, and what was kept of earlier days: the last look of each.

    Attributes:
        days: Day to totals, ascending.
        places: Song id to its place among those that trended at the last look before today's; 1 is the first.
    """

    look: Look
    days: Mapping[date, Totals] = field(default_factory=dict)
    places: Mapping[str, int] = field(default_factory=dict)

    def totals_at(self, day: date) -> tuple[date, Totals] | None:
        """Return the totals at the end of a day, or at the first kept day after it; None when nothing older is kept."""
        found = [(kept, totals) for kept, totals in self.days.items() if kept >= day]
        if not found or found[0][0] >= self.look.at.date():
            return None
        return found[0]


def by_day(days: Mapping[date, Totals], wanted: Sequence[date], name: str) -> tuple[int | None, ...]:
    """Return how much a total grew on each day; None where it or the day before was not looked at."""
    found: list[int | None] = []
    for day in wanted:
        now, before = days.get(day), days.get(day - timedelta(days=1))
        found.append(None if now is None or before is None else getattr(now, name) - getattr(before, name))
    return tuple(found)

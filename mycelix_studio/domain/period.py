"""Periods of whole UTC days: a month, a year, a tax year, any two dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from mycelix_studio.errors import Known


@dataclass(frozen=True, slots=True)
class Period:
    """Whole UTC days from ``first`` to ``last``, both included.

    Raises:
        Known: On construction, when it ends before it begins.
    """

    first: date
    last: date
    name: str = ""

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise Known("Not a period", "It ends before it begins.", "Choose a later last day.")

    @classmethod
    def month(cls, year: int, month: int) -> Period:
        """Return a calendar month."""
        first = date(year, month, 1)
        following = date(year + month // 12, month % 12 + 1, 1)
        return cls(first, following - timedelta(days=1), f"{first:%B %Y}")

    @classmethod
    def year(cls, year: int, starts: tuple[int, int] = (1, 1)) -> Period:
        """Return a year that begins on ``starts`` (month, day): a tax year of 6 April is ``(4, 6)``."""
        first = date(year, *starts)
        last = date(year + 1, *starts) - timedelta(days=1)
        name = str(year) if starts == (1, 1) else f"{year}/{(year + 1) % 100:02d}"
        return cls(first, last, name)

    @property
    def title(self) -> str:
        """The name, or the two dates."""
        return self.name or f"{self.first.isoformat()} to {self.last.isoformat()}"

    @property
    def slug(self) -> str:
        """Part of a file name: ``2026-05``, ``2026``, ``2026-05-03_2026-06-02``."""
        if self == Period.month(self.first.year, self.first.month):
            return f"{self.first:%Y-%m}"
        if (self.first.month, self.first.day, self.last.month, self.last.day) == (1, 1, 12, 31) and (
            self.first.year == self.last.year
        ):
            return str(self.first.year)
        return f"{self.first.isoformat()}_{self.last.isoformat()}"

    @property
    def bounds(self) -> tuple[datetime, datetime]:
        """First moment in it and first moment after it, UTC."""
        midnight = datetime.min.time()
        return (
            datetime.combine(self.first, midnight, UTC),
            datetime.combine(self.last + timedelta(days=1), midnight, UTC),
        )

    def holds(self, moment: datetime) -> bool:
        """Tell whether a moment lies in it."""
        start, end = self.bounds
        return start <= moment < end

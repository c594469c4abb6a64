"""Days of a time zone: when each begins, and which one a moment lies in. Days are numbers counted from 1970-01-01, moments Unix seconds."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple

from mycelix_studio.domain.clock import DAY_SECONDS, EPOCH
from mycelix_studio.domain.period import Period

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo


class Zone(NamedTuple):
    """A time zone by its name in the IANA database, such as ``Europe/Oslo``.

    A day lasts 23, 24 or 25 hours where clocks are set, and none at all where a date was left out.
    """

    name: str

    @property
    def info(self) -> ZoneInfo:
        """The zone as the standard library has it."""
        from zoneinfo import ZoneInfo

        return ZoneInfo(self.name)

    def day(self, second: int) -> int:
        """Return the day a moment lies in."""
        return (datetime.fromtimestamp(second, self.info).date() - EPOCH).days

    def date(self, moment: datetime) -> date:
        """Return the date of a moment."""
        return moment.astimezone(self.info).date()

    def start(self, day: int) -> int:
        """Return the first second of a day: the first whose date is this one or, for a date left out, the next."""
        at = EPOCH + timedelta(days=day)
        second = int(datetime(at.year, at.month, at.day, tzinfo=self.info).timestamp())
        if self.day(second - 1) < day <= self.day(second):
            return second
        low, high = second - 2 * DAY_SECONDS, second + 2 * DAY_SECONDS  # clocks were set across midnight
        while low < high:
            middle = (low + high) // 2
            low, high = (low, middle) if self.day(middle) >= day else (middle + 1, high)
        return low

    def bounds(self, period: Period) -> tuple[int, int]:
        """Return the first second of a period and the first after it."""
        return self.start((period.first - EPOCH).days), self.start((period.last - EPOCH).days + 1)


def zone_of(name: str) -> Zone | None:
    """Return a zone by its name; None for UTC, which needs no reckoning, and for names that are not known here."""
    if name in ("", "UTC", "Etc/UTC"):
        return None
    from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
    return Zone(name)


def date_in(zone: Zone | None, moment: datetime) -> date:
    """Return the date of a moment in a zone; None is UTC."""
    return moment.astimezone(UTC).date() if zone is None else zone.date(moment)

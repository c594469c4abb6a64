"""Time: always aware, always UTC; days are UTC days."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

EPOCH = date(1970, 1, 1)
DAY_SECONDS = 86_400


def now() -> datetime:
    """Return the present moment in UTC."""
    return datetime.now(UTC)


def from_unix(seconds: int) -> datetime:
    """Return the UTC moment of a Unix time in whole seconds."""
    return datetime.fromtimestamp(seconds, UTC)


def to_unix(moment: datetime) -> int:
    """Return whole Unix seconds of an aware moment.

    Raises:
        ValueError: The moment has no time zone.
    """
    if moment.tzinfo is None:
        raise ValueError("naive datetime")
    return int(moment.timestamp())


def day_number(seconds: int) -> int:
    """Return the UTC day of a Unix time, counted from 1970-01-01."""
    return seconds // DAY_SECONDS


def day_date(day: int) -> date:
    """Return the date of a day number."""
    return EPOCH + timedelta(days=day)


def rfc3339(moment: datetime) -> str:
    """Return an aware moment as RFC 3339 in UTC with a Z, to the second unless it has a fraction."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")

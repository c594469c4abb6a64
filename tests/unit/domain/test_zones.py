"""Days of a zone tile time without gap or overlap, also where clocks are set at midnight or a date is left out."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.metrics import day_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.zones import Zone, zone_of

ZONES = (
    "Europe/Oslo", "America/New_York", "America/Havana", "America/Santiago", "Africa/Cairo", "Asia/Beirut", "Asia/Kathmandu",
    "Australia/Lord_Howe", "Pacific/Apia", "Pacific/Chatham", "Atlantic/Azores", "America/Asuncion",
)  # fmt: skip
SECONDS = st.integers(946_684_800, 1_900_000_000)  # 2000 to 2030


@given(name=st.sampled_from(ZONES), second=SECONDS)
def test_a_moment_lies_between_the_starts_of_its_day_and_the_next(name: str, second: int) -> None:
    zone = Zone(name)
    day = zone.day(second)
    assert zone.start(day) <= second < zone.start(day + 1)
    assert zone.date(datetime.fromtimestamp(second, UTC)) == date(1970, 1, 1) + timedelta(days=day)


@given(name=st.sampled_from(ZONES), day=st.integers(10_957, 21_990))
def test_a_day_begins_where_the_one_before_ends(name: str, day: int) -> None:
    zone = Zone(name)
    start = zone.start(day)
    assert zone.day(start - 1) < day <= zone.day(start)
    assert 0 <= zone.start(day + 1) - start <= 25 * 3600


@pytest.mark.parametrize(
    ("name", "day", "hours"),
    [
        ("Europe/Oslo", date(2026, 3, 29), 23),
        ("Europe/Oslo", date(2026, 10, 25), 25),
        ("America/Havana", date(2026, 3, 8), 23),
        ("Australia/Lord_Howe", date(2026, 4, 5), 24.5),
        ("Pacific/Apia", date(2011, 12, 30), 0),
        ("Asia/Kathmandu", date(2026, 6, 1), 24),
    ],
)
def test_a_day_is_as_long_as_clocks_make_it(name: str, day: date, hours: float) -> None:
    first, after = Zone(name).bounds(Period(day, day))
    assert after - first == hours * 3600


def test_utc_needs_no_reckoning_and_unknown_names_are_utc() -> None:
    assert zone_of("UTC") is zone_of("") is zone_of("Mars/Olympus") is zone_of("../etc/passwd") is None
    assert zone_of("Europe/Oslo") == Zone("Europe/Oslo")
    assert Zone("UTC").start(day_of(date(2026, 6, 1))) == day_of(date(2026, 6, 1)) * DAY_SECONDS

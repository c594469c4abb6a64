"""Ranges and comparisons of dashboards."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.dashboard import Against, Days, Filter, Range, compared, period_of
from mycelix_studio.domain.period import Period

TODAY = date(2026, 6, 14)


def test_ranges_end_today_and_have_their_length() -> None:
    for kind, length in ((Range.WEEK, 7), (Range.MONTH, 30), (Range.QUARTER, 90), (Range.YEAR, 365)):
        period = period_of(kind, TODAY, None)
        assert (period.last - period.first).days + 1 == length and period.last == TODAY
    assert period_of(Range.ALL, TODAY, date(2025, 1, 2)) == Period(date(2025, 1, 2), TODAY)
    assert period_of(Range.ALL, TODAY, None) == Period(TODAY, TODAY)
    own = Period(date(2026, 1, 1), date(2026, 1, 9))
    assert period_of(Range.CUSTOM, TODAY, None, own) == own


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)), st.integers(0, 800))
def test_a_comparison_has_as_many_days_and_never_overlaps(first: date, length: int) -> None:
    period = Period(first, first + timedelta(days=length))
    before = compared(period, Against.PREVIOUS)
    assert before is not None and before.last + timedelta(days=1) == period.first
    assert before.last - before.first == period.last - period.first
    year = compared(period, Against.YEAR)
    assert year is not None and year.first.year == first.year - 1
    assert year.last - year.first == period.last - period.first
    assert compared(period, Against.NOTHING) is None


def test_days_without_strategies_have_no_net() -> None:
    assert Days(TODAY, (1, 2), {}).net_total() == (0, 0)
    assert Filter(genres=frozenset({"Jazz"}), songs=frozenset({"x"})).count == 2

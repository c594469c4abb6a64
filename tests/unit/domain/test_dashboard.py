"""Ranges, comparisons and milestones of dashboards."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.dashboard import Against, Days, Filter, Range, compared, milestones, period_of
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


@given(
    st.lists(st.tuples(st.integers(0, 3000), st.integers(-(10**18), 10**20)), min_size=1, max_size=40),
    st.integers(0, 40),
)
def test_milestones_are_reached_once_wherever_the_history_is_cut(history: list[tuple[int, int]], cut: int) -> None:
    def days(part: list[tuple[int, int]], first: date) -> Days:
        return Days(first, tuple(p for p, _n in part), {"stream": tuple(max(n, 0) for _p, n in part)})

    cut = min(cut, len(history))
    whole = milestones(days(history, TODAY))
    head, tail = history[:cut], history[cut:]
    plays, net = sum(p for p, _n in head), sum(max(n, 0) for _p, n in head)
    parts = milestones(days(tail, TODAY + timedelta(days=cut)), plays, net) + milestones(days(head, TODAY))
    assert sorted(whole, key=str) == sorted(parts, key=str)
    assert [m.day for m in whole] == sorted((m.day for m in whole), reverse=True)


def test_the_first_thousand_plays_are_said_on_their_day() -> None:
    found = milestones(Days(TODAY, (600, 399, 1, 5), {"stream": (0, 0, 0, 10**18)}))
    assert [(m.day - TODAY, m.text) for m in found] == [
        (timedelta(days=3), "1 FLOW net"),
        (timedelta(days=2), "1,000 plays"),
        (timedelta(0), "500 plays"),
        (timedelta(0), "100 plays"),
    ]


def test_days_without_strategies_have_no_net() -> None:
    assert Days(TODAY, (1, 2), {}).net_total() == (0, 0)
    assert Filter(genres=frozenset({"Jazz"}), songs=frozenset({"x"})).count == 2

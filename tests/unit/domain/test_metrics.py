"""Trends, returns, and periods put together from months and days."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.metrics import (
    day_of,
    month_of,
    month_start,
    returned_bps,
    spans,
    trend_bps,
)

DAYS = st.dates(date(1999, 12, 1), date(2035, 1, 1))


def days_of_month(month: int) -> range:
    return range(day_of(month_start(month)), day_of(month_start(month + 1)))


@given(DAYS, st.integers(0, 1500))
def test_spans_hold_every_day_exactly_once_and_few_days(first: date, length: int) -> None:
    last = first + timedelta(days=length)
    counts: Counter[int] = Counter()
    edges = 0
    for span in spans(first, last):
        numbers = range(span.first, span.last + 1)
        edges += 0 if span.months else len(numbers)
        for number in numbers:
            for day in days_of_month(number) if span.months else (number,):
                counts[day] += span.sign
    assert {day for day, n in counts.items() if n} == set(range(day_of(first), day_of(last) + 1))
    assert max(counts.values()) == 1
    assert edges <= 31
    assert not any(span.months for span in spans(first, last)[1:])


def test_months_and_their_numbers() -> None:
    assert month_start(month_of(date(2026, 6, 14))) == date(2026, 6, 1)
    assert month_start(month_of(date(1999, 12, 31))) == date(1999, 12, 1)


def test_a_trend_is_computed_and_absent_without_history() -> None:
    assert trend_bps(150, 100) == 5_000
    assert trend_bps(0, 3) == -10_000
    assert trend_bps(2, 3) == -3_333
    assert trend_bps(5, 0) is None


def test_who_came_back_follows_from_three_counts() -> None:
    assert returned_bps(0, 0) is None
    assert returned_bps(4, 1) == 2_500
    assert returned_bps(4, 4) == 10_000

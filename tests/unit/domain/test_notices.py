"""Round numbers are told once, wherever the history is cut."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.dashboard import Days
from mycelix_studio.domain.notices import NoticeKind, crossed, milestones

TODAY = date(2026, 6, 14)


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
    assert len({m.key for m in whole}) == len(whole)


def test_the_first_thousand_plays_are_said_on_their_day() -> None:
    found = milestones(Days(TODAY, (600, 399, 1, 5), {"stream": (0, 0, 0, 10**18)}))
    assert [(m.day - TODAY, m.kind, m.value) for m in found] == [
        (timedelta(days=3), NoticeKind.NET, 10**18),
        (timedelta(days=2), NoticeKind.PLAYS, 1_000),
        (timedelta(0), NoticeKind.PLAYS, 500),
        (timedelta(0), NoticeKind.PLAYS, 100),
    ]


@given(st.lists(st.integers(-50, 120), max_size=30), st.integers(0, 200))
def test_a_mark_is_crossed_where_the_sum_first_reaches_it(amounts: list[int], before: int) -> None:
    marks = (10, 100, 150, 1000)
    found = list(crossed(enumerate(amounts), marks, before))
    sums = [before + sum(amounts[: n + 1]) for n in range(len(amounts))]
    expected = [
        (mark, next(n for n, total in enumerate(sums) if total >= mark))
        for mark in marks
        if mark > before and any(total >= mark for total in sums)
    ]
    assert sorted(found) == expected

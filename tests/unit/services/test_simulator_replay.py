"""The replay against slow, obvious counting, listener by listener and day by day."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain.clock import EPOCH, day_date
from mycelix_studio.services.simulator_replay import (
    MICRO,
    History,
    Sale,
    auctions,
    patron_share,
    patronage,
    streams,
    tips,
    whole_months,
)

FIRST = (date(2026, 1, 1) - EPOCH).days
END = (date(2026, 7, 1) - EPOCH).days
MONTHS = whole_months(FIRST, END)
FLOW = 10**18

Rows = dict[tuple[int, int], int]
plays_by_day = st.dictionaries(
    st.tuples(st.integers(0, 6), st.integers(FIRST, END - 1)), st.integers(1, 9), min_size=1, max_size=120
)


def history_of(rows: Rows) -> History:
    who = {listener: place for place, listener in enumerate(sorted({listener for listener, _ in rows}))}
    ordered = sorted((who[listener], day, plays) for (listener, day), plays in rows.items())
    columns = np.array(ordered, dtype=np.int64)
    return History(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy(), MONTHS, FIRST, END)


def month(day: int) -> int:
    return MONTHS.index(day_date(day).replace(day=1))


def slow_loyal_since(history: History, wanted: int) -> list[int]:
    days: list[dict[int, int]] = [defaultdict(int) for _ in range(history.listeners)]
    for listener, day, plays in zip(history.listener, history.day, history.plays, strict=True):
        days[int(listener)][int(day)] += int(plays)
    return [
        next((day for day in sorted(own) if sum(n for d, n in own.items() if day - 30 < d <= day) >= wanted), -1)
        for own in days
    ]


def test_only_whole_months_are_replayed() -> None:
    assert tuple(date(2026, m, 1) for m in range(1, 7)) == MONTHS
    assert whole_months(FIRST + 1, END - 1) == MONTHS[1:5]
    assert whole_months(FIRST + 3, FIRST + 20) == ()


@given(plays_by_day, st.integers(1, 20))
def test_loyal_is_counted_over_thirty_days_for_each_listener(rows: Rows, wanted: int) -> None:
    history = history_of(rows)
    assert history.loyal_since(wanted).tolist() == slow_loyal_since(history, wanted)


@given(plays_by_day, st.integers(1, 10**20), st.integers(0, 500))
def test_streams_without_assumptions_are_plays_times_price_to_the_wei(rows: Rows, price: int, fee_bps: int) -> None:
    history = history_of(rows)
    result = streams(history, price, fee_bps, lost_bps=0)
    each = price - price * fee_bps // 10_000
    expected = [0] * len(MONTHS)
    for (_, day), plays in rows.items():
        expected[month(day)] += plays * each
    assert list(result.net) == expected
    assert result.total == sum(result.by_group) == history.total_plays * each
    assert result.payers == history.listeners


@given(plays_by_day, st.integers(1, 12), st.integers(0, 10_000), st.integers(0, 10_000), st.integers(0, 3))
@settings(max_examples=60)
def test_patrons_pay_each_thirty_days_from_the_day_they_became_loyal(
    rows: Rows, loyal: int, join: int, leave: int, minimum: int
) -> None:
    history = history_of(rows)
    prices = [10 * FLOW, 10 * FLOW, 9 * FLOW, 9 * FLOW, 9 * FLOW, 8 * FLOW, 8 * FLOW]
    share = patron_share(join, leave, minimum, 7)
    since = history.loyal_since(loyal)
    result = patronage(history, since, share, lambda k: prices[k], fee_bps=100, minimum_periods=minimum)
    first = max(minimum, 1)
    expected = 0
    for day in slow_loyal_since(history, loyal):
        for period in (0, *range(first, 7)):
            if day >= 0 and day + 30 * period < END:
                gross = sum(prices[:first]) if period == 0 else prices[period]
                expected += int(share[period]) * (gross - gross // 100) // MICRO
    cells = len(MONTHS) * 4 * 7
    assert 0 <= result.total - expected <= cells, "rounded down once a cell instead of once a person"


def test_a_patron_pays_nothing_for_streams_while_subscribed() -> None:
    history = history_of({(0, FIRST): 10, (0, FIRST + 5): 4, (1, FIRST + 5): 4, (0, FIRST + 35): 4})
    since = history.loyal_since(10)
    everyone_stays = patron_share(10_000, 0, 1, 7)
    assert streams(history, FLOW, 0, 0, (since, everyone_stays)).net[:2] == (4 * FLOW, 0)
    half_leaves = patron_share(10_000, 5_000, 1, 7)
    assert streams(history, FLOW, 0, 0, (since, half_leaves)).net[:2] == (4 * FLOW, 2 * FLOW)


def test_nobody_leaves_before_what_was_prepaid_is_over() -> None:
    assert patron_share(1_000, 5_000, 3, 5).tolist() == [100_000, 100_000, 100_000, 50_000, 25_000]


@given(plays_by_day)
def test_tips_come_from_a_share_of_each_months_listeners(rows: Rows) -> None:
    history = history_of(rows)
    result = tips(history, tippers_bps=200, tips_a_month_micro=MICRO, tip=2 * FLOW, fee_bps=100)
    for place, first in enumerate(MONTHS):
        active = len({listener for listener, day in rows if day_date(day).replace(day=1) == first})
        assert abs(result.net[place] - active * 198 * FLOW // 10_000 * 2) < 10


def test_passes_never_exceed_the_supply_and_the_most_devoted_buy_first() -> None:
    rows = {(listener, FIRST + 1): 60 if listener < 2 else 12 for listener in range(6)}
    history = history_of(rows)
    sale = Sale(starts=FIRST + 31, bought=FIRST + 33, price=10 * FLOW)
    result = auctions(history, history.loyal_since(10), [sale], buy_bps=10_000, supply=3, fee_bps=100)
    assert result.payers == 3
    assert result.net == (0, 3 * 99 * FLOW // 10, 0, 0, 0, 0)
    assert result.by_group == (0, 0, 99 * FLOW // 10, 2 * 99 * FLOW // 10)


@pytest.mark.parametrize("bought", [END, END + 40])
def test_an_auction_after_the_last_month_brings_nothing(bought: int) -> None:
    history = history_of({(0, FIRST): 10})
    sale = Sale(starts=END - 1, bought=bought, price=FLOW)
    assert auctions(history, history.loyal_since(1), [sale], buy_bps=10_000, supply=9, fee_bps=0).total == 0

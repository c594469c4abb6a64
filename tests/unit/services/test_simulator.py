"""Scenarios: bands, what is combined, and gifts by the contract's arithmetic."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain.clock import EPOCH
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS
from mycelix_studio.domain.strategy.gift_economy import GiftTerms
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS
from mycelix_studio.services.simulator import Terms, group_names, replay, rewards, try_out
from mycelix_studio.services.simulator_replay import History, whole_months
from mycelix_studio.services.simulator_scenarios import (
    Known,
    Pick,
    Source,
    default_scenario,
    streams_alone,
)

FIRST = (date(2026, 1, 1) - EPOCH).days
END = (date(2026, 7, 1) - EPOCH).days
FLOW = 10**18
GIFT = GiftTerms(FLOW, 3, 10 * FLOW, 2, 12 * FLOW)
TERMS = Terms(PLAN_PRESETS[0].plan, AUCTION_PRESETS[0].terms, GIFT, 100)
WAYS: tuple[StrategyName, ...] = ("pay-per-stream", "gift-economy", "patronage", "auction")
Rows = dict[tuple[int, int], int]
plays_by_day = st.dictionaries(
    st.tuples(st.integers(0, 8), st.integers(FIRST, END - 1)), st.integers(1, 30), min_size=1, max_size=150
)


def history_of(rows: Rows) -> History:
    who = {listener: place for place, listener in enumerate(sorted({listener for listener, _ in rows}))}
    ordered = sorted((who[listener], day, plays) for (listener, day), plays in rows.items())
    columns = np.array(ordered, dtype=np.int64).reshape(-1, 3)
    months = whole_months(FIRST, END)
    return History(columns[:, 0].copy(), columns[:, 1].copy(), columns[:, 2].copy(), months, FIRST, END)


@given(plays_by_day, st.sampled_from(WAYS), st.booleans())
@settings(max_examples=60)
def test_the_chosen_result_lies_between_low_and_high(rows: Rows, way: StrategyName, combined: bool) -> None:
    scenario = default_scenario(way, Known(), with_streams=combined)
    if combined and way in ("patronage", "auction"):
        # Patrons stop paying for streams, so more patrons can mean less in a month: only the totals of one way are ordered.
        scenario = default_scenario(way, Known(), with_streams=False)
    band = try_out(history_of(rows), scenario, TERMS)
    assert band.low.total <= band.value.total <= band.high.total


def test_streams_are_called_as_it_is_only_where_songs_earn_by_nothing_else() -> None:
    assert streams_alone(Known(ways=frozenset({"pay-per-stream"}))).name == "Keep as it is"
    for more in ("patronage", "gift-economy", "auction"):
        assert streams_alone(Known(ways=frozenset({"pay-per-stream", more}))).name == "Pay per stream alone"


@given(plays_by_day)
@settings(max_examples=40)
def test_keeping_it_as_it_is_adds_nothing_to_what_was_played(rows: Rows) -> None:
    history = history_of(rows)
    band = try_out(history, streams_alone(Known(price=FLOW // 100)), TERMS)
    assert band.low == band.value == band.high
    assert band.value.total == history.total_plays * (FLOW // 100) * 99 // 100


@given(plays_by_day)
@settings(max_examples=60)
def test_thanks_for_listens_follow_the_contract_day_by_day(rows: Rows) -> None:
    history = history_of(rows)
    counted: dict[int, int] = defaultdict(int)
    arrivals = [int(listener) for listener in history.listener[np.lexsort((history.listener, history.day))]]
    early = set(list(dict.fromkeys(arrivals))[:3])
    expected = 0
    for listener, _day, plays in zip(history.listener, history.day, history.plays, strict=True):
        who = int(listener)
        expected += GIFT.reward(counted[who], int(plays), early=who in early and counted[who] == 0)
        counted[who] += int(plays)
    assert rewards(history, GIFT) == expected


def test_every_assumption_says_where_it_comes_from_and_a_changed_one_is_assumed() -> None:
    known = Known(price=FLOW, tippers_bps=300, tips_a_month_micro=500_000, tip=2 * FLOW, loyal_plays=12)
    gift = default_scenario("gift-economy", known)
    assert {assumption.source for assumption in gift.assumptions} == {Source.HISTORY}
    moved = gift.assumptions[0].with_value(400)
    assert (moved.low, moved.value, moved.high, moved.source) == (325, 400, 475, Source.ASSUMED)
    changed = gift.with_assumption(moved)
    assert changed.value("tippers", Pick.VALUE) == 400
    with pytest.raises(KeyError):
        changed.value("price")


def test_without_history_nothing_is_invented() -> None:
    empty = History(*(np.array([], dtype=np.int64) for _ in range(3)), whole_months(FIRST, END), FIRST, END)
    for way in WAYS:
        assert replay(empty, default_scenario(way, Known()), TERMS, Pick.HIGH).total == 0
    assert rewards(empty, GIFT) == 0


def test_groups_are_named_without_gaps() -> None:
    assert group_names() == ("1 play", "2 to 9 plays", "10 to 49 plays", "50 plays or more")

"""The arithmetic of the four ways to earn, as the contracts' rules have it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.strategy.dutch_auction import (
    AUCTION_PRESETS,
    GWEI,
    MAX_DURATION,
    MAX_PRICE,
    MAX_SUPPLY,
    AuctionTerms,
)
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS, GiftTerms
from mycelix_studio.domain.strategy.patronage import (
    GRACE_SECONDS,
    PERIOD_SECONDS,
    PLAN_PRESETS,
    Plan,
    Standing,
    renewed,
    standing,
    tier_of,
)
from mycelix_studio.domain.strategy.pay_per_stream import DEFAULT_PRICE, SHARE_PRESETS, cost, net
from mycelix_studio.errors import Known

FLOW = 10**18
discounts = st.lists(st.integers(0, BPS), min_size=4, max_size=4).map(lambda bps: tuple(sorted(bps)))


def test_every_share_preset_makes_a_whole() -> None:
    assert all(sum(bps for _role, bps in preset.shares) == BPS for preset in SHARE_PRESETS)


@given(st.integers(1, 10**24), st.integers(1, 10**6), st.integers(0, 500))
def test_streams_cost_their_price_and_the_fee_is_rounded_down_once(price: int, streams: int, fee_bps: int) -> None:
    gross = cost(price, streams)
    assert gross == price * streams
    assert 0 <= gross - net(price, streams, fee_bps) <= gross * fee_bps // BPS
    assert cost(DEFAULT_PRICE, 100) == FLOW


@pytest.mark.parametrize(
    ("days", "tier"), [(0, 0), (89, 0), (90, 1), (179, 1), (180, 2), (364, 2), (365, 3), (9_999, 3)]
)
def test_tiers_are_reached_after_paid_days(days: int, tier: int) -> None:
    assert tier_of(days * DAY_SECONDS) == tier


def test_the_basic_plan_is_the_one_of_the_design() -> None:
    basic = PLAN_PRESETS[0].plan
    assert [basic.price_at(tier) for tier in range(4)] == [10 * FLOW, 19 * FLOW // 2, 9 * FLOW, 8 * FLOW]
    assert [basic.charge(period) for period in (0, 2, 3, 5, 6, 12, 13)] == [
        10 * FLOW, 10 * FLOW, 19 * FLOW // 2, 19 * FLOW // 2, 9 * FLOW, 9 * FLOW, 8 * FLOW,
    ]  # fmt: skip


@given(st.integers(1, 10**24), discounts, st.integers(1, 12))
def test_loyalty_never_raises_a_price(price: int, bps: tuple[int, int, int, int], minimum: int) -> None:
    plan = Plan(price, minimum, bps)
    charges = [plan.charge(period) for period in range(20)]
    assert charges == sorted(charges, reverse=True)
    assert plan.first_charge() == sum(charges[:minimum])


def test_a_discount_that_shrinks_is_refused() -> None:
    with pytest.raises(Known, match="never shrinks"):
        Plan(FLOW, 1, (0, 500, 400, 600))


@given(st.integers(0, 10**9), st.integers(1, 10**7))
def test_a_renewal_extends_the_old_end_and_after_the_grace_begins_anew(start: int, late: int) -> None:
    end = start + PERIOD_SECONDS
    if late <= GRACE_SECONDS:
        assert renewed(start, end, end + late) == (start, end + PERIOD_SECONDS)
    else:
        assert renewed(start, end, end + late) == (end + late, end + late + PERIOD_SECONDS)


def test_standing_of_a_patron_over_time() -> None:
    end = 1_000 * DAY_SECONDS
    assert standing(end, end - 1, auto_renew=False) is Standing.PAID
    assert standing(end, end, auto_renew=True) is Standing.DUE
    assert standing(end, end + GRACE_SECONDS, auto_renew=True) is Standing.DUE
    assert standing(end, end + GRACE_SECONDS + 1, auto_renew=True) is Standing.LAPSED
    assert standing(end, end, auto_renew=False) is Standing.STOPPED


@given(
    st.integers(1, 10**16),
    st.integers(0, 10**16),
    st.integers(1, 10**8),
    st.lists(st.integers(0, 2 * 10**8), min_size=2),
)
def test_an_auction_price_never_rises_and_stays_between_its_ends(
    end: int, above: int, duration: int, moments: list[int]
) -> None:
    terms = AuctionTerms((end + above) * GWEI, end * GWEI, duration, 10)
    prices = [terms.price_at(moment) for moment in sorted(moments)]
    assert prices == sorted(prices, reverse=True)
    assert all(terms.end_price <= price <= terms.start_price for price in prices)
    assert terms.price_at(0) == terms.start_price
    assert terms.price_at(duration) == terms.end_price


def test_the_week_long_preset_falls_from_100_to_10() -> None:
    week = AUCTION_PRESETS[0].terms
    assert week.price_at(7 * DAY_SECONDS // 2) == 55 * FLOW
    assert week.least_revenue == 1_000 * FLOW


@pytest.mark.parametrize(("start", "end", "duration", "supply", "limit"), [
    (1, 2, 10, 1, 0), (2, 0, 10, 1, 0), (2, 1, 0, 1, 0), (2, 1, 10, 0, 0), (2, 1, 10, 3, 4),
    (2**56, 1, 10, 1, 0), (2, 1, 2**28, 1, 0), (2, 1, 10, 2**24, 0),
])  # fmt: skip
def test_impossible_auctions_are_refused(start: int, end: int, duration: int, supply: int, limit: int) -> None:
    with pytest.raises(Known):
        AuctionTerms(start * GWEI, end * GWEI, duration, supply, limit)


def test_the_largest_auction_the_contract_can_keep_is_allowed_and_a_part_of_a_gwei_is_not() -> None:
    assert AuctionTerms(MAX_PRICE, GWEI, MAX_DURATION, MAX_SUPPLY).price_at(MAX_DURATION) == GWEI
    for start, end in ((2 * GWEI, GWEI + 1), (2 * GWEI - 1, GWEI)):
        with pytest.raises(Known, match="decimals"):
            AuctionTerms(start, end, 10, 1)


@given(st.integers(0, 20), st.integers(0, 50), st.booleans(), st.integers(0, 20 * FLOW))
def test_a_gift_never_exceeds_the_cap_of_a_day(before: int, listens: int, early: bool, paid: int) -> None:
    given_now = DEFAULT_TERMS.reward(before, listens, early=early, paid_today=paid)
    assert 0 <= given_now <= DEFAULT_TERMS.daily_cap - paid
    assert DEFAULT_TERMS.reward(before, listens + 1, early=early, paid_today=paid) >= given_now


def test_listens_after_the_fifth_count_more_and_the_first_listeners_get_a_bonus() -> None:
    terms = GiftTerms(FLOW, 100, 10 * FLOW, 3, 1_000 * FLOW)
    assert terms.reward(0, 5, early=False) == 5 * FLOW
    assert terms.reward(0, 7, early=False) == 11 * FLOW
    assert terms.reward(7, 2, early=False) == 6 * FLOW
    assert terms.reward(0, 1, early=True) == 11 * FLOW

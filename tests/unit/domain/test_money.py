from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain import money
from mycelix_studio.errors import Known

wei = st.integers(-(10**40), 10**40)


@given(wei)
def test_gwei_and_rest_give_the_amount_back(amount: int) -> None:
    gwei, rem = money.split_gwei(amount)
    assert 0 <= rem < money.WEI_PER_GWEI
    assert money.join_gwei(gwei, rem) == amount


@given(st.lists(wei, max_size=50))
def test_sums_of_the_two_columns_are_the_sum_of_the_amounts(amounts: list[int]) -> None:
    parts = [money.split_gwei(amount) for amount in amounts]
    assert money.join_gwei(sum(p[0] for p in parts), sum(p[1] for p in parts)) == sum(amounts)


@given(st.integers(0, 10**40))
def test_formatting_with_18_places_is_exact_and_parses_back(amount: int) -> None:
    assert money.parse_token(money.format_token(amount, 18)) == amount


@given(wei, st.integers(0, 18))
def test_formatting_truncates_towards_zero(amount: int, places: int) -> None:
    shown = money.format_token(amount, places)
    exact = money.format_token(amount, 18)
    assert exact.startswith(shown) or places == 0


@pytest.mark.parametrize("text", ["", "-1", "1e5", "NaN", "inf", "1,5", "0.0000000000000000001", "abc"])
def test_what_is_not_an_amount_is_refused(text: str) -> None:
    with pytest.raises(Known):
        money.parse_token(text)


@given(st.integers(0, 10**40), st.integers(0, 500))
def test_fee_is_rounded_down_and_never_exceeds_its_rate(gross: int, bps: int) -> None:
    fee = money.fee_of(gross, bps)
    assert fee * money.BPS <= gross * bps < (fee + 1) * money.BPS


@given(st.lists(st.integers(0, 2**96), max_size=50), st.integers(0, 500))
def test_parts_of_a_fee_add_up_to_the_fee_of_the_sum_and_stay_within_a_wei(amounts: list[int], bps: int) -> None:
    fees = money.fees_of(amounts, bps)
    assert sum(fees) == money.fee_of(sum(amounts), bps)
    assert all(0 <= fee - money.fee_of(amount, bps) <= 1 for fee, amount in zip(fees, amounts, strict=True))

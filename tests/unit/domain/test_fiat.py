"""Rates and values: exact, with the currency's own decimals."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.fiat import Rate, RateTable, exponent, format_fine, format_minor, minor_of, parse_rates
from mycelix_studio.errors import Known

MAY = date(2026, 5, 15)


@pytest.mark.parametrize(("code", "places"), [("EUR", 2), ("JPY", 0), ("KWD", 3)])
def test_currencies_have_their_own_decimals(code: str, places: int) -> None:
    assert exponent(code) == places


@pytest.mark.parametrize(
    ("minor", "code", "text"),
    [(58527, "EUR", "585.27"), (-5, "EUR", "-0.05"), (1250, "KWD", "1.250"), (42, "JPY", "42"), (-42, "JPY", "-42")],
)
def test_minor_units_are_written_with_them(minor: int, code: str, text: str) -> None:
    assert format_minor(minor, code) == text
    assert format_fine(minor * 10**6, code) == text + ("." if "." not in text else "") + "000000"


@given(st.integers(-(10**30), 10**30), st.integers(1, 10**9), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_a_value_is_within_half_a_minor_unit_of_the_exact_one(wei: int, price: int, code: str) -> None:
    rate = Rate(MAY, code, f"{price // 1000}.{price % 1000:03d}" if price >= 1000 else f"0.{price:03d}", "table")
    exact = Fraction(wei, 10**18) * rate.exact * 10 ** exponent(code)
    assert abs(rate.value(wei) - exact) <= Fraction(1, 2)
    assert abs(rate.fine(wei) - exact * 10**6) <= Fraction(1, 2) and minor_of(rate.fine(wei)) - rate.value(wei) in (
        -1,
        0,
        1,
    )
    assert rate.fine(-wei) == -rate.fine(wei)


@pytest.mark.parametrize(
    ("fine", "minor"),
    [
        (0, 0),
        (499_999, 0),
        (500_000, 0),
        (500_001, 1),
        (1_500_000, 2),
        (2_500_000, 2),
        (-1_500_000, -2),
        (891_000_000, 891),
    ],
)
def test_sums_of_fine_values_are_rounded_half_to_even(fine: int, minor: int) -> None:
    assert minor_of(fine) == minor


def test_a_single_stream_keeps_its_value_below_a_cent() -> None:
    rate = Rate(MAY, "EUR", "0.912", "table")
    assert (rate.fine(99 * 10**14), rate.value(99 * 10**14)) == (902_880, 1)
    assert format_fine(902_880, "EUR") == "0.00902880" and format_fine(-902_880, "JPY") == "-0.902880"


def test_a_rate_serves_a_week_and_no_longer() -> None:
    table = RateTable([Rate(MAY, "EUR", "0.9", "a"), Rate(date(2026, 5, 20), "EUR", "0.8", "a")])
    assert table.at(date(2026, 5, 14), "EUR") is None
    assert table.at(date(2026, 5, 19), "EUR") == Rate(MAY, "EUR", "0.9", "a")
    assert table.at(date(2026, 5, 27), "EUR") is not None
    assert table.at(date(2026, 5, 28), "EUR") is None
    assert table.at(MAY, "USD") is None


def test_the_later_of_two_rates_of_a_day_counts() -> None:
    table = RateTable([Rate(MAY, "EUR", "0.9", "first"), Rate(MAY, "EUR", "0.91", "second")])
    found = table.at(MAY, "EUR")
    assert found is not None and found.source == "second" and len(table) == 1


@pytest.mark.parametrize(
    "text",
    [
        "date,price\n2026-05-15,0.9\n",
        "\ufeffDate;Rate\r\n2026-05-15;0,9\r\n",
        "price\tdate\tcurrency\n0.9\t2026-05-15\teur\n",
        "day,close\n2026-05-15, 0.9\n",
    ],
)
def test_tables_of_several_tools_are_read(text: str) -> None:
    (rate,) = parse_rates(text, "EUR", "bank.csv")
    assert (rate.day, rate.currency, rate.exact, rate.source) == (MAY, "EUR", Fraction(9, 10), "bank.csv")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "name the columns"),
        ("a,b\n1,2\n", "name the columns"),
        ("date,price\n", "no lines"),
        ("date,price\n2026-05-15,0.9\n2026-13-01,0.9\n", "Line 3"),
        ("date,price\n2026-05-15,-1\n", "“-1” is not a price"),
        ("date,price\n2026-05-15,0\n", "“0” is not a price"),
        ("date,price\n2026-05-15,1e9\n", "“1e9” is not a price"),
        ("date,price,currency\n2026-05-15,1,EURO\n", "Line 2"),
    ],
)
def test_what_cannot_be_read_is_named_and_nothing_is_taken(text: str, words: str) -> None:
    with pytest.raises(Known, match=words):
        parse_rates(text, "EUR", "x")

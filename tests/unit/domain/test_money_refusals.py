"""What rules of money refuse, to the word, and what they just still accept: every limit from both sides."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction

import pytest

from mycelix_studio.domain.fiat import Rate, RateTable, exponent, format_minor, parse_rates
from mycelix_studio.domain.money import format_token, parse_token
from mycelix_studio.domain.splits import MAX_RECIPIENTS, Share, Split
from mycelix_studio.domain.strategy.dutch_auction import GWEI, MAX_DURATION, MAX_PRICE, MAX_SUPPLY, AuctionTerms
from mycelix_studio.domain.strategy.gift_economy import GiftTerms
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, MAX_PERIODS, PERIOD_SECONDS, Plan, renewed
from mycelix_studio.errors import Known


def split(*bps: int) -> Split:
    return Split(tuple(Share(f"0x{number:040X}", each, "artist") for number, each in enumerate(bps)))


def gift(per_listen: int = 1, first: int = 1, bonus: int = 1, times: int = 1, cap: int = 1) -> GiftTerms:
    return GiftTerms(per_listen, first, bonus, times, cap)


NOT_AN_AMOUNT = ("Not an amount", "“{0}” is not a number.", "Type a number such as 0.01.")
TOO_EXACT = ("Too exact", "An amount has at most 18 decimals.", "Shorten the number.")
PEOPLE = ("Who gets paid is not complete", "A song pays 1 to 100 people; this has {0}.", "Add or remove people.")
EMPTY = ("A share is empty", "Everyone in the list needs more than 0 %.", "Remove who gets nothing.")
TWICE = ("Someone is listed twice", "An address can have one share only.", "Join the two shares.")
SUM = ("Shares do not add up to 100 %", "They add up to {0} %.", "Change a share so that the sum is 100 %.")
FALL = ("The price must fall", "The end price is above 0 and not above the start price.", "Change one of them.")
NOT_KEPT = (
    "A price the contract cannot keep", "Prices have at most 9 decimals and are at most 72,057,594 FLOW.", "Round them.",
)  # fmt: skip
TOO_LARGE = (
    "Larger than an auction can be", "The price falls for at most 8 years, and there are at most 16,777,215 passes.", "Choose less.",
)  # fmt: skip
NO_AUCTION = ("Not an auction yet", "It needs a duration and at least one pass.", "Fill in both.")
MORE = ("More than there are", "One person cannot buy more passes than there are.", "Lower the limit.")
TIMES = ("Not a multiplier", "Loyal listens count 1 to 5 times.", "Choose one of them.")
REWARD = ("Not a reward", "Rewards are not negative and a day needs a cap above 0.", "Correct them.")
PERIODS = ("Not a commitment", "Between 1 and 12 periods can be asked for.", "Choose fewer.")
LOYALTY = (
    "Loyalty never costs more", "A discount lies between 0 and 100 % and never shrinks with time.", "Raise the later discounts.",
)  # fmt: skip
CURRENCY = ("Not a currency", "“{0}” is not a code such as EUR or JPY.", "Choose a currency.")
RATES = "Could not read these rates"
AGAIN = "Correct it, then import again."
HEADS = (
    RATES, "The first line must name the columns date and price.", "Add the line “date,price” at the top, then import again.",
)  # fmt: skip

Refused = tuple[Callable[[], object], tuple[str, str, str], str]
REFUSED: list[Refused] = [
    *((lambda text=text: parse_token(text), NOT_AN_AMOUNT, text) for text in ("", "-1", "-0.5", "1E5", "1e5", "NaN", "inf", "1,5")),
    (lambda: parse_token("0.0000000000000000001"), TOO_EXACT, ""),
    (split, PEOPLE, "0"),
    (lambda: split(*[1] * 101), PEOPLE, "101"),
    (lambda: split(10_000, 0), EMPTY, ""),
    (lambda: split(10_001, -1), EMPTY, ""),
    (lambda: Split((Share("0xAA", 5_000, "a"), Share("0xaa", 5_000, "b"))), TWICE, ""),
    (lambda: split(5_000, 4_999), SUM, "99.99"),
    (lambda: split(10_001), SUM, "100.01"),
    (lambda: AuctionTerms(5 * GWEI, 0, 1, 1), FALL, ""),
    (lambda: AuctionTerms(5 * GWEI, 6 * GWEI, 1, 1), FALL, ""),
    (lambda: AuctionTerms(5 * GWEI + 1, GWEI, 1, 1), NOT_KEPT, ""),
    (lambda: AuctionTerms(5 * GWEI, 1, 1, 1), NOT_KEPT, ""),
    (lambda: AuctionTerms(MAX_PRICE + GWEI, GWEI, 1, 1), NOT_KEPT, ""),
    (lambda: AuctionTerms(5 * GWEI, GWEI, MAX_DURATION + 1, 1), TOO_LARGE, ""),
    (lambda: AuctionTerms(5 * GWEI, GWEI, 1, MAX_SUPPLY + 1), TOO_LARGE, ""),
    (lambda: AuctionTerms(5 * GWEI, 5 * GWEI, 0, 1), NO_AUCTION, ""),
    (lambda: AuctionTerms(5 * GWEI, 5 * GWEI, 1, 0), NO_AUCTION, ""),
    (lambda: AuctionTerms(5 * GWEI, 5 * GWEI, 1, 3, 4), MORE, ""),
    (lambda: gift(times=0), TIMES, ""),
    (lambda: gift(times=6), TIMES, ""),
    (lambda: gift(per_listen=-1), REWARD, ""),
    (lambda: gift(first=-1), REWARD, ""),
    (lambda: gift(bonus=-1), REWARD, ""),
    (lambda: gift(cap=0), REWARD, ""),
    (lambda: Plan(1, 0), PERIODS, ""),
    (lambda: Plan(1, MAX_PERIODS + 1), PERIODS, ""),
    (lambda: Plan(1, 1, (0, 0, 0, 10_001)), LOYALTY, ""),
    (lambda: Plan(1, 1, (-1, 0, 0, 0)), LOYALTY, ""),
    (lambda: Plan(1, 1, (0, 2, 1, 3)), LOYALTY, ""),
    *((lambda code=code: exponent(code), CURRENCY, code) for code in ("", "eur", "EURO", "E1R", "EUR\n")),
    (lambda: parse_rates("", "EUR", "x"), HEADS, ""),
    (lambda: parse_rates("date,value\n", "EUR", "x"), HEADS, ""),
    (lambda: parse_rates("when,price\n", "EUR", "x"), HEADS, ""),
    (lambda: parse_rates("date,price\n", "EUR", "x"), (RATES, "There are no lines below the first.", "Choose another file."), ""),
    (lambda: parse_rates("date,price\n2026-05-15,0.9\n2026-05-16\n", "EUR", "x"),
     (RATES, "Line 3: “” is not a price. Nothing was taken.", AGAIN), ""),
    (lambda: parse_rates("date,price\n2026-5-15,0.9\n", "EUR", "x"),
     (RATES, "Line 2: “2026-5-15” is not a date such as 2026-05-31. Nothing was taken.", AGAIN), ""),
    (lambda: parse_rates("price,date\n0.9\n", "EUR", "x"),
     (RATES, "Line 2: “None” is not a date such as 2026-05-31. Nothing was taken.", AGAIN), ""),
    (lambda: parse_rates("date,price,currency\n2026-05-15,1,EURO\n", "EUR", "x"),
     (RATES, "Line 2: “EURO” is not a code such as EUR or JPY. Nothing was taken.", AGAIN), ""),
    (lambda: parse_rates("date,price\n2026-05-15,0.000\n", "EUR", "x"),
     (RATES, "Line 2: “0.000” is not a price. Nothing was taken.", AGAIN), ""),
    (lambda: parse_rates("date;price\n2026-05-15;1,000,5\n", "EUR", "x"),
     (RATES, "Line 2: “1,000,5” is not a price. Nothing was taken.", AGAIN), ""),
    (lambda: parse_rates("date;price\n2026-05-15;1.000,5\n", "EUR", "x"),
     (RATES, "Line 2: “1.000,5” is not a price. Nothing was taken.", AGAIN), ""),
]  # fmt: skip


@pytest.mark.parametrize(("ask", "words", "value"), REFUSED)
def test_what_cannot_be_is_refused_with_its_words(
    ask: Callable[[], object], words: tuple[str, str, str], value: str
) -> None:
    with pytest.raises(Known) as caught:
        ask()
    error = caught.value
    assert (error.title, error.message, error.hint) == (words[0], words[1].format(value), words[2])


def test_the_limits_themselves_are_accepted() -> None:
    assert len(split(*[100] * MAX_RECIPIENTS).shares) == 100
    assert split(10_000).divide(7) == (7,) and split(9_999, 1).divide(10_000) == (9_999, 1)
    assert AuctionTerms(5 * GWEI, 5 * GWEI, 1, 3, 3).least_revenue == 15 * GWEI
    assert AuctionTerms(MAX_PRICE, GWEI, MAX_DURATION, MAX_SUPPLY, MAX_SUPPLY).price_at(0) == MAX_PRICE
    assert gift(per_listen=0, first=0, bonus=0, times=5, cap=1).reward(9, 1, early=False) == 0
    assert Plan(1, MAX_PERIODS, (0, 0, 10_000, 10_000)).price_at(3) == 0
    assert parse_token(" 1\u202f234.5\u00a0") == 12345 * 10**17
    assert parse_token("0.000000000000000001") == 1 and parse_token("0") == 0 and parse_token("-0") == 0
    assert parse_token("1 000") == 10**21


def test_an_auctions_price_at_its_edges() -> None:
    terms = AuctionTerms(100 * GWEI, 10 * GWEI, 9, 1)
    prices = [100, 100, 90, 20, 10, 10]
    assert [terms.price_at(second) // GWEI for second in (-1, 0, 1, 8, 9, 10)] == prices
    assert terms.fall_an_hour() == 90 * GWEI * 3_600 // 9
    assert AuctionTerms(10**18, GWEI, 7 * 86_400, 1).fall_an_hour() == (10**18 - GWEI) * 3_600 // (7 * 86_400)


def test_rewards_at_their_edges() -> None:
    terms = GiftTerms(10, 3, 7, 2, 1_000)
    assert terms.reward(0, 5, early=False) == 50
    assert terms.reward(0, 6, early=False) == 70
    assert terms.reward(4, 2, early=True) == 10 + 20 + 7
    assert terms.reward(5, 1, early=False) == 20
    assert terms.reward(50, 0, early=False) == 0
    assert terms.reward(0, 5, early=False, paid_today=960) == 40
    assert terms.reward(0, 5, early=False, paid_today=1_001) == 0


def test_renewals_at_their_edges() -> None:
    plan = Plan(1_001, 2, (0, 1_000, 2_000, 5_000))
    assert [plan.price_at(tier) for tier in range(4)] == [1_001, 901, 801, 501]
    assert (plan.charge(1), plan.charge(2), plan.charge(3)) == (1_001, 1_001, 901)
    assert Plan(1_001, 4, (0, 1_000, 2_000, 5_000)).charge(3) == 1_001, "prepaid periods cost the full price"
    assert renewed(0, 100, 100 + GRACE_SECONDS) == (0, 100 + PERIOD_SECONDS)
    late = 101 + GRACE_SECONDS
    assert renewed(0, 100, late) == (late, late + PERIOD_SECONDS)


def test_amounts_are_written_without_zeros_where_asked() -> None:
    amount = 1_230_000 * 10**12
    assert format_token(amount, 18, strip=True) == "1.23" and format_token(2 * 10**18, strip=True) == "2.00"
    assert format_token(-amount) == "-1.230000" and format_token(amount, 0) == "1"
    assert format_token(10**18 + 1, 18, strip=True) == "1.000000000000000001"


def test_currencies_decimals_and_signs() -> None:
    zero = [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
    three = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
    assert {exponent(code) for code in zero} == {0} and {exponent(code) for code in three} == {3}
    assert (format_minor(-1, "KWD"), format_minor(0, "EUR"), format_minor(1000, "KWD")) == ("-0.001", "0.00", "1.000")


def test_a_table_of_rates_may_name_everything_itself() -> None:
    text = "Source,CURRENCY,close,day\n bank ,usd, 1.5 ,2026-05-15 \n,,2,2026-05-16\n"
    first, second = parse_rates(text, "EUR", "file.csv")
    assert first == Rate(date(2026, 5, 15), "USD", "1.5", "bank")
    assert second == Rate(date(2026, 5, 16), "EUR", "2", "file.csv")
    table = RateTable([second, first])
    assert table.currencies() == ("EUR", "USD") and len(table) == 2
    (comma,) = parse_rates("\ufeffdate\tprice\n2026-05-15\t0,25\n", "EUR", "x")
    assert comma.exact == Fraction(1, 4)
    (point,) = parse_rates("date;rate\n2026-05-15;0.25\n", "EUR", "x")
    assert point.price == "0.25"

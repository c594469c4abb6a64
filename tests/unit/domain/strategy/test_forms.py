"""The forms of gift, patronage and auction: what is wrong with what was typed, and what has to be signed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.money import WEI_PER_TOKEN, Wei
from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.auction_form import (
    AuctionForm,
    AuctionOffer,
    DurationUnit,
    auction_changes,
    duration_text,
)
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS, GWEI, AuctionTerms
from mycelix_studio.domain.strategy.gift_form import GiftForm, gift_changes
from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS, Plan
from mycelix_studio.domain.strategy.patronage_form import PlanForm, PlanOffer, plan_changes, renewal_steps
from mycelix_studio.domain.strategy.shares import SplitForm
from mycelix_studio.domain.strategy.terms import SongTerms, TermsForm, differences

MAREN = "0x" + "a1" * 20
ALONE = Split((Share(MAREN, 10_000, "Artist"),))
FLOW = WEI_PER_TOKEN


@pytest.mark.parametrize("preset", PLAN_PRESETS, ids=lambda p: p.key)
def test_every_plan_preset_comes_back_from_the_form_as_it_is(preset: object) -> None:
    plan = preset.plan  # type: ignore[attr-defined]
    assert PlanForm.of_plan(plan).offer() == PlanOffer(plan)


@pytest.mark.parametrize("preset", AUCTION_PRESETS, ids=lambda p: p.key)
def test_every_auction_preset_comes_back_from_the_form_as_it_is(preset: object) -> None:
    terms = preset.terms  # type: ignore[attr-defined]
    assert AuctionForm.of_terms(terms).offer() == AuctionOffer(terms)


@given(
    st.integers(1, 10**24), st.integers(1, 12), st.lists(st.integers(0, 10_000), min_size=4, max_size=4), st.booleans()
)
def test_any_plan_survives_being_shown_in_the_form(price: int, periods: int, tiers: list[int], early: bool) -> None:
    one, two, three, four = sorted(tiers)
    offer = PlanOffer(Plan(price, periods, (one, two, three, four), early))
    assert PlanForm.of(offer).offer() == offer


@given(st.integers(1, 10**15), st.integers(0, 10**15), st.integers(1, 365), st.integers(1, 10_000))
def test_any_auction_survives_being_shown_in_the_form(end: int, more: int, days: int, supply: int) -> None:
    terms = AuctionTerms((end + more) * GWEI, end * GWEI, days * 86_400, supply, supply // 3, 750)
    assert AuctionForm.of(AuctionOffer(terms)).offer() == AuctionOffer(terms)


def test_an_auction_price_the_contract_cannot_keep_is_named_in_its_field() -> None:
    form = AuctionForm(start_price="2.0000000001", end_price="1")
    message = "At most 9 decimals, and at most 72,057,594 FLOW."
    assert [(p.field, p.message) for p in form.problems()] == [("auction.start_price", message)]
    assert [p.field for p in AuctionForm(start_price="72057595", end_price="1").problems()] == ["auction.start_price"]
    assert AuctionForm(start_price="72057594.037927935", end_price="0.000000001").problems() == []


def test_discounts_never_fall_with_time_nor_below_what_was_promised() -> None:
    form = PlanForm(discounts=("0", "10", "5", "20"))
    assert [(p.field, p.message) for p in form.problems()] == [
        ("patronage.discount.2", "At least 10 %: staying longer never costs more.")
    ]
    promised = PlanOffer(Plan(FLOW, 1, (0, 500, 1_500, 2_000)), True, 3)
    form = PlanForm(discounts=("0", "5", "10", "20"))
    assert [p.message for p in form.problems([promised])] == ["At least 15 %, as your patrons were promised."]


def test_what_a_plan_fixed_cannot_be_edited_afterwards() -> None:
    made = PlanOffer(Plan(FLOW, 3, (0, 0, 0, 0), early_cancel=False), True, 3)
    form = replace(PlanForm.of(made), minimum="1", early_cancel=True)
    assert {p.field for p in form.problems([made])} == {"patronage.minimum", "patronage.early_cancel"}
    assert PlanForm.of(made).problems([made]) == []


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (AuctionForm(start_price="5", end_price="6"), "auction.end_price"),
        (AuctionForm(end_price="0"), "auction.end_price"),
        (AuctionForm(duration="0"), "auction.duration"),
        (AuctionForm(duration="9000", unit=DurationUnit.HOURS), "auction.duration"),
        (AuctionForm(supply="1.5"), "auction.supply"),
        (AuctionForm(supply="10", per_wallet="11"), "auction.per_wallet"),
        (AuctionForm(royalty="101"), "auction.royalty"),
        (GiftForm(attestor=""), "gift.attestor"),
        (GiftForm(attestor="0x" + "0" * 40), "gift.attestor"),
        (GiftForm(attestor=MAREN, daily_cap="0"), "gift.daily_cap"),
        (GiftForm(attestor=MAREN, repeat_multiplier="6"), "gift.repeat_multiplier"),
        (GiftForm(attestor=MAREN, per_listen="x"), "gift.per_listen"),
        (PlanForm(price="0"), "patronage.price"),
        (PlanForm(minimum="13"), "patronage.minimum"),
        (PlanForm(discounts=("0", "5", "10", "x")), "patronage.discount.3"),
    ],
)
def test_what_is_wrong_is_said_at_its_field(form: AuctionForm | GiftForm | PlanForm, field: str) -> None:
    assert [problem.field for problem in form.problems()] == [field]


def test_an_empty_limit_is_no_limit() -> None:
    assert AuctionForm(per_wallet="").offer().terms.per_wallet == 0


def test_the_ways_of_a_song_are_checked_only_while_they_are_on() -> None:
    split = SplitForm.of(ALONE)
    form = TermsForm(("pay-per-stream",), split=split, patronage=PlanForm(price="x"))
    assert form.problems() == ()
    assert [p.field for p in form.with_way("patronage", True).problems()] == ["patronage.price"]


def test_a_running_auction_stays_as_it_is_whatever_the_form_says() -> None:
    running = AuctionOffer(AuctionTerms(10 * FLOW, FLOW, 86_400, 5), 100, 7, 2)
    old = SongTerms(("auction",), 0, ALONE, 1, auction=running)
    form = replace(TermsForm.of(old), auction=AuctionForm(start_price="x"))
    assert form.problems([old]) == ()
    after = form.terms(before=[old])
    assert after.auction == running
    assert differences([old], after) == ()
    ended = replace(running, sold=0, closed=True)
    assert auction_changes([ended], AuctionOffer(AUCTION_PRESETS[0].terms), {}) != []


def test_a_difference_names_only_what_changes_in_an_artists_words() -> None:
    old = PlanOffer(Plan(8 * FLOW, 1, (0, 500, 800, 2_000)))
    new = PlanOffer(Plan(10 * FLOW, 1, (0, 500, 1_000, 2_000)))
    assert [(c.label, c.before, c.after) for c in plan_changes([old], new, {})] == [
        ("Price every 30 days", "8.00 FLOW", "10.00 FLOW"),
        ("Devoted discount", "8 %", "10 %"),
    ]
    gift = GiftForm(attestor=MAREN).offer()
    assert [c.before for c in gift_changes([None], gift, {MAREN: "Maren"})] == [None] * 5
    assert gift_changes([gift, gift], gift, {}) == []
    assert [c.before for c in plan_changes([old, new], new, {})] == ["differs", "differs"]


def test_terms_are_the_same_when_only_numbers_on_chain_and_sales_differ() -> None:
    plan = PlanOffer(Plan(FLOW), True, None)
    one = SongTerms(("patronage",), 0, ALONE, patronage=plan)
    two = replace(one, payee=4, fee_bps=100, patronage=replace(plan, number=9))
    assert one.said() == two.said()
    assert one.said() != replace(two, ways=("patronage", "auction")).said()


def test_renewals_get_cheaper_by_the_contracts_rounding() -> None:
    assert renewal_steps(Plan(10**19 + 1, 1, (0, 500, 1_000, 2_000))) == (
        Wei(10**19 + 1),
        Wei(10**19 + 1 - (10**19 + 1) * 500 // 10_000),
        Wei(9 * 10**18 + 1),
        Wei(8 * 10**18 + 1),
    )


def test_durations_are_said_in_days_and_hours() -> None:
    assert [duration_text(s) for s in (3_600, 86_400, 7 * 86_400, 90_000)] == [
        "1 hour",
        "1 day",
        "7 days",
        "1 day 1 hour",
    ]

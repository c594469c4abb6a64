"""Forms and terms survive being kept as JSON, old drafts included."""

from __future__ import annotations

import json

import pytest

from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.auction_form import AuctionForm, AuctionOffer, DurationUnit
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS
from mycelix_studio.domain.strategy.gift_form import GiftForm, GiftOffer
from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS
from mycelix_studio.domain.strategy.patronage_form import PlanForm, PlanOffer
from mycelix_studio.domain.strategy.shares import ShareEntry, SplitForm
from mycelix_studio.domain.strategy.terms import SongTerms, TermsForm
from mycelix_studio.errors import Known
from mycelix_studio.services.strategies_forms import (
    form_from_json,
    form_to_json,
    terms_from_json,
    terms_to_json,
    with_term,
)

MAREN = "0x" + "a1" * 20


def test_a_form_with_everything_in_it_is_kept_as_typed() -> None:
    form = TermsForm(
        ("pay-per-stream", "patronage", "auction"),
        "0.0",
        SplitForm((ShareEntry(MAREN, "Maren", "Artist", "1oo"),)),
        GiftForm(per_listen="?", attestor=MAREN),
        PlanForm(discounts=("0", "", "x", "20"), early_cancel=False, open=False),
        AuctionForm(unit=DurationUnit.HOURS, per_wallet="3"),
    )
    assert form_from_json(form_to_json(form)) == form


def test_a_draft_of_an_older_version_takes_defaults_for_what_it_did_not_know() -> None:
    kept = json.dumps({"ways": ["patronage", "unknown"], "price": "0.5", "patronage": {"price": "7", "open": "x"}})
    form = form_from_json(kept)
    assert form.ways == ("patronage",)
    assert form.patronage == PlanForm(price="7")
    assert form.auction == AuctionForm()


def test_terms_of_all_ways_come_back_from_the_cache() -> None:
    terms = SongTerms(
        ("gift-economy", "patronage", "auction"),
        0,
        Split((Share(MAREN, 10_000, "Artist"),)),
        3,
        100,
        True,
        GiftOffer(DEFAULT_TERMS, MAREN),
        PlanOffer(PLAN_PRESETS[1].plan, False, 4),
        AuctionOffer(AUCTION_PRESETS[2].terms, 1_700_000_000, 5, 3, True),
    )
    assert terms_from_json(terms_to_json(terms)) == terms


def test_a_term_is_written_as_way_term_and_value() -> None:
    form = TermsForm()
    for text in (
        "patronage.price=12",
        "patronage.discounts=0, 1,2,3",
        "patronage.early_cancel=no",
        "auction.unit=hours",
    ):
        form = with_term(form, text)
    assert (form.patronage.price, form.patronage.discounts) == ("12", ("0", "1", "2", "3"))
    assert (form.patronage.early_cancel, form.auction.unit) == (False, DurationUnit.HOURS)
    assert with_term(form, "gift-economy.per_listen=2").gift.per_listen == "2"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("streams.price=1", "gift-economy, patronage, auction"),
        ("auction.colour=red", "start_price"),
        ("patronage.early_cancel=perhaps", "yes or no"),
        ("patronage.discounts=1,2", "0, 5, 10, 20"),
        ("auction.unit=weeks", "hours, days"),
        ("nonsense", "gift-economy"),
    ],
)
def test_a_term_that_does_not_exist_is_answered_with_those_that_do(text: str, told: str) -> None:
    with pytest.raises(Known) as raised:
        with_term(TermsForm(), text)
    assert told in raised.value.message

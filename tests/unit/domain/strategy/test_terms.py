"""What is edited against what is on chain."""

from __future__ import annotations

import pytest

from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.shares import Problem, ShareEntry, SplitForm
from mycelix_studio.domain.strategy.terms import SongTerms, TermsForm, differences, ways_text
from mycelix_studio.domain.strategy.typed import Change
from mycelix_studio.errors import Known

MAREN = "0x" + "a1" * 20
ILSE = "0x" + "b2" * 20
TOMAS = "0x" + "c3" * 20
NAMES = {MAREN: "Maren Okafor", ILSE: "Ilse Brandt", TOMAS: "Tomas Rey"}
CENT = 10**16

OLD = SongTerms(
    ("pay-per-stream",),
    CENT,
    Split((Share(MAREN, 8500, "Artist"), Share(ILSE, 1500, "Producer"))),
    payee=7,
    fee_bps=100,
)


def form(price: str = "0.01", *shares: tuple[str, str, str]) -> TermsForm:
    entries = tuple(ShareEntry(address, NAMES[address], role, share) for address, role, share in shares)
    return TermsForm(price=price, split=SplitForm(entries or (ShareEntry(MAREN, "", "Artist", "100"),)))


def test_nothing_to_sign_when_the_form_shows_the_chain() -> None:
    assert differences([OLD], TermsForm.of(OLD, NAMES).terms()) == ()


def test_a_song_not_on_chain_has_no_old_values() -> None:
    rows = differences([None], form().terms(), NAMES)
    assert rows == (
        Change("ways", "Earns by", None, "Pay per stream"),
        Change("price", "Price of a stream", None, "0.01 FLOW"),
        Change(f"share:{MAREN}", "Maren Okafor, artist", None, "100 %"),
    )


def test_old_and_new_shares_stand_side_by_side_as_in_the_design() -> None:
    edited = form("0.02", (MAREN, "Artist", "80"), (ILSE, "Producer", "15"), (TOMAS, "Cello", "5"))
    assert differences([OLD], edited.terms(), NAMES) == (
        Change("price", "Price of a stream", "0.01 FLOW", "0.02 FLOW"),
        Change(f"share:{MAREN}", "Maren Okafor’s share", "85 %", "80 %"),
        Change(f"share:{TOMAS}", "Tomas Rey, cello", "not paid", "5 %"),
    )


def test_who_is_taken_out_is_named() -> None:
    rows = differences([OLD], form().terms(), NAMES)
    assert Change(f"share:{ILSE}", "Ilse Brandt’s share", "15 %", "not paid") in rows


def test_a_changed_role_alone_is_a_change() -> None:
    edited = form("0.01", (MAREN, "Artist", "85"), (ILSE, "Mix", "15"))
    assert differences([OLD], edited.terms(), NAMES) == (
        Change(f"share:{ILSE}", "Ilse Brandt’s role", "Producer", "Mix"),
    )


def test_songs_that_differ_say_so() -> None:
    other = SongTerms(("pay-per-stream",), 3 * CENT, OLD.split, payee=8, fee_bps=100)
    edited = TermsForm.of(OLD, NAMES).terms()
    assert differences([OLD, other], edited, NAMES) == (Change("price", "Price of a stream", "differs", "0.01 FLOW"),)


def test_switching_a_way_on_keeps_the_others() -> None:
    both = form().with_way("patronage", True)
    assert both.ways == ("pay-per-stream", "patronage")
    assert both.with_way("pay-per-stream", False).ways == ("patronage",)
    assert ways_text(both.ways) == "Pay per stream and Patronage"
    assert ways_text(()) == "Tips only"


@pytest.mark.parametrize(
    ("price", "message"),
    [
        ("", "“” is not a number."),
        ("ten", "“ten” is not a number."),
        ("0", "A price is more than 0. To give it away, choose Gift."),
        ("0.0000000000000000001", "An amount has at most 18 decimals."),
        ("1000000000", "At most 309485009 FLOW."),
    ],
)
def test_a_price_that_cannot_be_signed_is_explained(price: str, message: str) -> None:
    edited = form(price)
    assert edited.problems() == (Problem("price", message),)
    with pytest.raises(Known):
        edited.terms()


def test_ending_every_way_leaves_tips() -> None:
    ended = TermsForm.of(OLD, NAMES).with_way("pay-per-stream", False)
    assert ended.problems() == ()
    assert differences([OLD], ended.terms(), NAMES) == (Change("ways", "Earns by", "Pay per stream", "Tips only"),)

"""Shares as typed become exactly the split that is signed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.previews import payment_preview
from mycelix_studio.domain.strategy.shares import (
    Problem,
    ShareEntry,
    ShareUnit,
    SplitForm,
    format_percent,
    format_share,
    parse_share,
)
from mycelix_studio.errors import Known

A = "0x" + "a1" * 20
B = "0x" + "b2" * 20
C = "0x" + "c3" * 20


def form(*rows: tuple[str, str], unit: ShareUnit = ShareUnit.PERCENT) -> SplitForm:
    return SplitForm(tuple(ShareEntry(address, role="Artist", share=share) for address, share in rows), unit)


@given(st.integers(0, BPS), st.sampled_from(ShareUnit))
def test_a_share_survives_being_shown_and_typed_again(bps: int, unit: ShareUnit) -> None:
    assert parse_share(format_share(bps, unit), unit) == bps


@pytest.mark.parametrize("text", ["", "abc", "1e2", "NaN", "Infinity", "-1", "100.01", "33.333", "0x10"])
def test_what_is_not_a_share_is_refused(text: str) -> None:
    with pytest.raises(Known):
        parse_share(text)


def test_a_comma_and_a_percent_sign_are_understood() -> None:
    assert parse_share(" 14,85 % ") == 1485
    assert format_percent(1485) == "14.85 %"
    assert format_percent(7920) == "79.2 %"
    assert format_percent(8000) == "80 %"


def test_a_sum_of_9999_is_not_a_split_and_says_what_is_missing() -> None:
    shares = form((A, "80"), (B, "19.99"))
    assert shares.problems() == (Problem("split", "0.01 % missing."),)
    with pytest.raises(Known, match=r"0\.01 % missing"):
        shares.split()


def test_too_much_is_said_as_well() -> None:
    assert form((A, "80"), (B, "25")).problems() == (Problem("split", "5 % too much."),)


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", "Whose share is it?"),
        ("0x12", "This is not an address."),
        ("0x" + "0" * 40, "Nobody can be paid there."),
        (A.upper().replace("X", "x"), "Listed twice. Join the two shares."),
    ],
)
def test_each_row_says_what_is_wrong_with_its_address(address: str, message: str) -> None:
    assert Problem("share.1.address", message) in form((A, "50"), (address, "50")).problems()


def test_a_row_of_nothing_is_a_problem() -> None:
    assert Problem("share.1.share", "More than 0 %, or remove the row.") in form((A, "100"), (B, "0")).problems()


def test_the_same_shares_in_percent_and_basis_points_make_the_same_split() -> None:
    shares = form((A, "79.5"), (B, "20.5"))
    assert shares.with_unit(ShareUnit.BPS).split() == shares.split()
    assert [entry.share for entry in shares.with_unit(ShareUnit.BPS).entries] == ["7950", "2050"]


def test_text_that_cannot_be_read_is_kept_when_the_unit_changes() -> None:
    assert form((A, "much")).with_unit(ShareUnit.BPS).entries[0].share == "much"


def test_a_new_row_gets_what_is_missing() -> None:
    assert form((A, "80")).added(ShareEntry(B)).entries[1].share == "20"
    assert form((A, "100")).added(ShareEntry(B)).entries[1].share == ""


@given(st.integers(1, 100))
def test_even_shares_always_make_a_whole(people: int) -> None:
    shares = SplitForm(tuple(ShareEntry(f"0x{row + 1:040x}") for row in range(people))).evened()
    assert shares.total_bps == BPS
    assert len(shares.split().shares) == people


def test_a_split_and_its_form_are_the_same_thing() -> None:
    split = Split((Share(A, 8000, "Artist"), Share(B, 1485, "Producer"), Share(C, 515, "Cello")))
    shown = SplitForm.of(split, {A.upper().replace("X", "x"): "Maren"})
    assert shown.split() == split
    assert shown.entries[0].label == "Maren"
    assert shown.entries[1].label == "0xb2b2…b2b2"


@given(st.integers(0, 10**30), st.integers(0, 500), st.lists(st.integers(1, 500), min_size=1, max_size=12))
def test_a_previewed_payment_is_divided_to_the_last_wei(gross: int, fee_bps: int, weights: list[int]) -> None:
    bps = [weight * BPS // sum(weights) for weight in weights]
    bps[0] += BPS - sum(bps)
    shares = SplitForm(
        tuple(ShareEntry(f"0x{row + 1:040x}", share=str(part)) for row, part in enumerate(bps)), ShareUnit.BPS
    )
    preview = payment_preview(gross, fee_bps, shares)
    assert preview is not None
    assert sum(part.amount for part in preview.parts) == gross
    assert preview.net == gross - gross * fee_bps // BPS


def test_the_preview_of_ten_flow_is_the_one_of_the_design() -> None:
    preview = payment_preview(10 * 10**18, 100, form((A, "80"), (B, "15"), (C, "5")))
    assert preview is not None
    assert [part.amount for part in preview.parts] == [792 * 10**16, 1485 * 10**15, 495 * 10**15, 10**17]
    assert [format_percent(part.of_gross_bps) for part in preview.parts] == ["79.2 %", "14.85 %", "4.95 %", "1 %"]


def test_no_division_is_shown_while_the_sum_is_wrong() -> None:
    assert payment_preview(10**18, 100, form((A, "80"))) is None
    assert payment_preview(10**18, 100, form((A, "x"))) is None

"""States and previews answer the questions pages ask of them."""

from __future__ import annotations

import pytest

from mycelix_studio.domain.account import NewWords
from mycelix_studio.domain.transaction import Finding, FindingKind, Prepared, RequestKind, TxState


def test_words_never_show_in_a_repr() -> None:
    assert "abandon" not in repr(NewWords(("abandon",) * 12, "0x0"))


@pytest.mark.parametrize(
    ("state", "under_way", "ended"),
    [
        (TxState.DRAFT, False, False),
        (TxState.SIGNED, True, False),
        (TxState.MINED, True, False),
        (TxState.FINAL, False, True),
        (TxState.DROPPED, False, True),
    ],
)
def test_a_state_says_whether_its_end_is_open(state: TxState, under_way: bool, ended: bool) -> None:
    assert (state.under_way, state.ended) == (under_way, ended)


def test_a_refused_request_cannot_be_signed_and_findings_keep_their_lists() -> None:
    finding = Finding(FindingKind.LOOK_AGAIN, "Never paid before.")
    prepared = Prepared("1", RequestKind.TEXT, "0x0", "t", "s", 1, "c", findings=(finding,), refused="No.")
    assert not prepared.can_sign
    assert prepared.of_kind(FindingKind.LOOK_AGAIN) == (finding,)
    assert prepared.of_kind(FindingKind.CHECKED) == ()

"""The fewest signatures that make the chain say what the form says."""

from __future__ import annotations

from mycelix_studio.domain.splits import Share, Split
from mycelix_studio.domain.strategy.terms import SongTerms
from mycelix_studio.domain.transaction import ChangeRow
from mycelix_studio.services.strategies_plan import Plan, StepKind, Target, make_plan

MAREN = "0x" + "a1" * 20
ILSE = "0x" + "b2" * 20
NAMES = {MAREN: "Maren", ILSE: "Ilse"}
ALONE = Split((Share(MAREN, 10_000, "Artist"),))
BOTH = Split((Share(MAREN, 8_000, "Artist"), Share(ILSE, 2_000, "Producer")))
CENT = 10**16


def target(number: int, terms: SongTerms | None = None) -> Target:
    return Target(f"0x{number:064x}", f"0x{number + 100:064x}", f"Song {number}", terms)


def kinds(plan: Plan) -> tuple[list[StepKind], list[StepKind]]:
    return [step.kind for step in plan.first], [step.kind for step in plan.later]


def terms(price: int = CENT, split: Split = ALONE, payee: int | None = 3) -> SongTerms:
    return SongTerms(("pay-per-stream",), price, split, payee)


def test_a_new_song_with_a_new_split_takes_an_account_and_then_the_song() -> None:
    plan = make_plan([target(1), target(2)], terms(payee=None), None, NAMES)
    assert kinds(plan) == ([StepKind.SPLIT], [StepKind.REGISTER, StepKind.REGISTER])
    assert plan.signatures == 3
    assert plan.first[0].rows == (ChangeRow("Maren, artist", None, "100 %"),)


def test_an_account_with_the_same_split_is_used_again() -> None:
    plan = make_plan([target(1)], terms(payee=None), 3, NAMES)
    assert kinds(plan) == ([StepKind.REGISTER], [])


def test_nothing_changed_takes_no_signature() -> None:
    plan = make_plan([target(1, terms())], terms(), 3, NAMES)
    assert plan.signatures == 0
    assert plan.changes == ()


def test_a_new_price_is_one_signature_for_each_song_that_differs() -> None:
    plan = make_plan([target(1, terms()), target(2, terms(2 * CENT))], terms(2 * CENT), 3, NAMES)
    assert kinds(plan) == ([StepKind.PRICE], [])
    assert plan.first[0].rows == (ChangeRow("Price of a stream", "0.01 FLOW", "0.02 FLOW"),)


def test_a_new_split_keeps_the_price_change_apart_from_what_waits() -> None:
    plan = make_plan([target(1, terms())], terms(2 * CENT, BOTH), None, NAMES)
    assert kinds(plan) == ([StepKind.SPLIT, StepKind.PRICE], [StepKind.PAYEE])
    assert [row.label for row in plan.later[0].rows] == ["Maren’s share", "Ilse, producer"]


def test_a_price_is_set_before_pay_per_stream_is_switched_on() -> None:
    gift = SongTerms(("gift-economy",), 0, ALONE, 3)
    plan = make_plan([target(1, gift)], terms(), 3, NAMES)
    assert kinds(plan) == ([StepKind.PRICE, StepKind.WAYS], [])


def test_locking_comes_last_and_only_where_it_is_open() -> None:
    locked = SongTerms(("pay-per-stream",), CENT, ALONE, 3, locked=True)
    plan = make_plan([target(1, terms()), target(2, locked)], terms(), 3, NAMES, lock=True)
    assert kinds(plan) == ([StepKind.LOCK], [])
    assert plan.changes[-1].after == "locked for good"

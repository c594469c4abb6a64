"""When the signing button is on."""

from __future__ import annotations

from dataclasses import replace

from mycelix_studio.domain.clock import now
from mycelix_studio.domain.transaction import FeeLevel, FeeOption, Prepared, RequestKind, Signed
from mycelix_studio.ui.dialogs.sign.flow import SigningFlow

FEE = FeeOption(FeeLevel.NORMAL, gas=50_000, max_fee=2, tip=1, expected=75_000, at_most=100_000, seconds=10)
REQUEST = Prepared(
    "p1",
    RequestKind.TRANSACTION,
    "0x" + "a1" * 20,
    "Change the price",
    "It costs more.",
    31337,
    "Local chain",
    fees=(FEE,),
)


def test_a_decoded_request_with_a_fee_may_be_signed() -> None:
    assert SigningFlow([REQUEST]).may_sign("")


def test_a_refused_request_says_why_and_stays_off() -> None:
    flow = SigningFlow([replace(REQUEST, refused="Studio cannot read this request.")])
    assert flow.why_not("secret") == "Studio cannot read this request."


def test_a_passphrase_that_is_asked_must_be_given() -> None:
    flow = SigningFlow([replace(REQUEST, needs_passphrase=True)])
    assert not flow.may_sign("")
    assert flow.may_sign("secret")


def test_without_a_known_fee_a_transaction_waits_but_a_message_does_not() -> None:
    flow = SigningFlow([replace(REQUEST, fees=())])
    assert not flow.may_sign("")
    assert SigningFlow([replace(REQUEST, fees=(), kind=RequestKind.MESSAGE)]).may_sign("")
    assert not SigningFlow([REQUEST], level=FeeLevel.FAST).may_sign("")


def test_several_are_signed_in_order_and_never_twice() -> None:
    second = replace(REQUEST, id="p2", position=(2, 2))
    flow = SigningFlow([REQUEST, second])
    flow.busy = True
    assert not flow.may_sign("")
    flow.busy = False
    assert not flow.done(Signed("tx:1"), now())
    assert flow.current is second
    assert flow.number == 2
    assert flow.done(Signed("tx:2"), now())
    assert flow.why_not("") == "Everything is signed."

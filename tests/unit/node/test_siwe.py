"""Only exact ERC-4361 messages and the account's own signatures sign in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from eth_account import Account
from eth_account.messages import encode_defunct
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.node import siwe

# The specification's example, with its address.
EXAMPLE = """example.com wants you to sign in with your Ethereum account:
0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2

I accept the ExampleOrg Terms of Service: https://example.com/tos

URI: https://example.com/login
Version: 1
Chain ID: 1
Nonce: 32891756
Issued At: 2021-09-30T16:25:24Z
Resources:
- ipfs://bafybeiemxf5abjwjbikoz4mc3a3dla6ual3jsgpdr4cjr3oz3evfyavhwq/
- https://example.com/my-web2-claim.json"""

WHEN = datetime(2021, 9, 30, 16, 26, tzinfo=UTC)
PLACE = {"domains": frozenset({"example.com"}), "chain_id": 1, "now": WHEN, "max_age_seconds": 600}


def test_the_specifications_example_is_read() -> None:
    sign_in = siwe.parse(EXAMPLE)
    assert sign_in.domain == "example.com"
    assert sign_in.statement == "I accept the ExampleOrg Terms of Service: https://example.com/tos"
    assert sign_in.nonce == "32891756"
    assert sign_in.issued_at == datetime(2021, 9, 30, 16, 25, 24, tzinfo=UTC)
    assert len(sign_in.resources) == 2
    siwe.check(sign_in, **PLACE)  # type: ignore[arg-type]


def test_without_statement_scheme_and_with_all_options() -> None:
    text = (
        EXAMPLE.replace("I accept the ExampleOrg Terms of Service: https://example.com/tos\n", "")
        .replace("example.com wants", "https://example.com wants")
        .replace(
            "\nResources:",
            "\nExpiration Time: 2021-09-30T17:00:00.5+02:00\nNot Before: 2021-09-30T16:00:00Z\nRequest ID: \nResources:",
        )
    )
    sign_in = siwe.parse(text)
    assert sign_in.statement == ""
    assert sign_in.request_id == ""
    assert sign_in.expiration_time == datetime(2021, 9, 30, 15, 0, 0, 500_000, tzinfo=UTC)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("\n", "\r\n"),
        ("Version: 1", "Version: 2"),
        ("0xC02aaA39", "0xc02aaA39"),
        ("Chain ID: 1", "Chain ID: one"),
        ("Nonce: 32891756", "Nonce: 3289"),
        ("Nonce: 32891756", "Nonce: 3289-756"),
        ("2021-09-30T16:25:24Z", "2021-09-30 16:25:24Z"),
        ("2021-09-30T16:25:24Z", "2021-09-30T16:25:24"),
        ("2021-09-30T16:25:24Z", "2021-13-30T16:25:24Z"),
        ("URI: https://example.com/login", "URI: login"),
        ("Version: 1\nChain ID: 1", "Chain ID: 1\nVersion: 1"),
        ("I accept", "I \u00e4ccept"),
        (" wants you", "  wants you"),
        ("- https", "* https"),
        ("Issued At", "Issued at"),
    ],
)
def test_any_other_form_is_refused(before: str, after: str) -> None:
    with pytest.raises(siwe.NotASignIn):
        siwe.parse(EXAMPLE.replace(before, after))


@given(st.text(max_size=300))
def test_nothing_else_is_read_and_nothing_else_is_raised(text: str) -> None:
    for candidate in (text, EXAMPLE + text if text else "", text + EXAMPLE if text else ""):
        try:
            siwe.parse(candidate)
        except siwe.NotASignIn:
            continue
        assert candidate.startswith(("http", text + "example.com", EXAMPLE))


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"domains": frozenset({"evil.com"})}, "wrong-domain"),
        ({"chain_id": 100}, "wrong-chain"),
        ({"now": WHEN + timedelta(minutes=11)}, "expired"),
        ({"now": WHEN - timedelta(minutes=3)}, "expired"),
    ],
)
def test_a_message_for_another_place_or_time_is_refused(change: dict[str, object], reason: str) -> None:
    with pytest.raises(siwe.NotASignIn) as caught:
        siwe.check(siwe.parse(EXAMPLE), **{**PLACE, **change})  # type: ignore[arg-type]
    assert caught.value.reason == reason


def test_a_uri_of_another_place_expiry_and_not_before_are_refused() -> None:
    for text, reason in (
        (EXAMPLE.replace("URI: https://example.com", "URI: https://evil.com"), "wrong-domain"),
        (EXAMPLE.replace("\nResources", "\nExpiration Time: 2021-09-30T16:25:59Z\nResources"), "expired"),
        (EXAMPLE.replace("\nResources", "\nNot Before: 2021-09-30T16:27:00Z\nResources"), "not-yet-valid"),
    ):
        with pytest.raises(siwe.NotASignIn) as caught:
            siwe.check(siwe.parse(text), **PLACE)  # type: ignore[arg-type]
        assert caught.value.reason == reason


def _no_contract(*_: object) -> bool:
    return False


def test_the_accounts_signature_is_accepted_in_both_forms_and_no_other() -> None:
    account = Account.create()
    signed = account.sign_message(encode_defunct(text=EXAMPLE))
    raw = bytes(signed.signature)
    siwe.verify(EXAMPLE, account.address, "0x" + raw.hex(), _no_contract)
    compact = raw[:32] + (int.from_bytes(raw[32:64]) | (raw[64] - 27) << 255).to_bytes(32)
    siwe.verify(EXAMPLE, account.address, "0x" + compact.hex(), _no_contract)
    order = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
    malleable = raw[:32] + (order - int.from_bytes(raw[32:64])).to_bytes(32) + bytes([55 - raw[64] + 0])
    for wrong in (malleable, bytes(65), raw[:64] + b"\x05", raw[:10], bytes(64), b"\xff" * 65):
        with pytest.raises(siwe.NotASignIn):
            siwe.verify(EXAMPLE, account.address, "0x" + wrong.hex(), _no_contract)
    with pytest.raises(siwe.NotASignIn):
        siwe.verify(EXAMPLE + " ", account.address, "0x" + raw.hex(), _no_contract)
    with pytest.raises(siwe.NotASignIn):
        siwe.verify(EXAMPLE, account.address, "0xzz", _no_contract)


def test_a_contract_wallet_may_agree() -> None:
    asked: list[tuple[str, bytes, bytes]] = []

    def agrees(address: str, digest: bytes, signature: bytes) -> bool:
        asked.append((address, digest, signature))
        return True

    address = "0xC02aaA39b223FE8D0A0e5C4F27eAD9083C756Cc2"
    siwe.verify(EXAMPLE, address, "0x1234", agrees)
    assert asked == [(address, siwe.message_hash(EXAMPLE), b"\x12\x34")]

"""Strict reading of hex and addresses, with EIP-55's own examples."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.chain.values import checksum, hex_bytes, hex_int, word


@pytest.mark.parametrize(
    "address",
    [
        "0x52908400098527886E0F7030069857D2E4169EE7",
        "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
        "0xde709f2102306220921060314715629080e2fb77",
        "0x27b1fdb04752bbc536007a920d24acb045561c26",
        "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed",
        "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
        "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB",
        "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb",
    ],
)
def test_checksums_are_those_of_eip_55(address: str) -> None:
    assert checksum(address.lower()) == address
    assert checksum("0x" + address[2:].upper()) == address


@pytest.mark.parametrize("text", ["", "0x", "0x12", "5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedXX", "0x" + "g" * 40])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not an address"):
        checksum(text)


@given(st.integers(min_value=0, max_value=2**256))
def test_quantities_round_trip(number: int) -> None:
    assert hex_int(hex(number)) == number


@pytest.mark.parametrize("value", [None, 12, "12", True, ["0x1"]])
def test_what_is_no_quantity_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="not"):
        hex_int(value)
    with pytest.raises(ValueError, match="not"):
        hex_bytes(value)


def test_fixed_bytes_have_their_length() -> None:
    assert word("0x" + "ab" * 32) == b"\xab" * 32
    with pytest.raises(ValueError, match="31 bytes"):
        word(b"\x00" * 31)

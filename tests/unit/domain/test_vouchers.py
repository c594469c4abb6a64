"""Packed lists of signed plays come back as they went in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.money import Wei, fee_of
from mycelix_studio.domain.vouchers import ITEM_BYTES, Item, Play, net_by_song, pack_items, pack_plays, unpack_items
from mycelix_studio.errors import Known

ITEMS = st.lists(
    st.builds(Item, st.integers(1, 2**64 - 1), st.integers(1, 2**32 - 1), st.integers(0, 2**96 - 1).map(Wei)),
    max_size=20,
    unique_by=lambda item: item.payee,
)


@given(ITEMS)
def test_items_come_back_in_ascending_order(items: list[Item]) -> None:
    packed = pack_items(items)
    assert len(packed) == ITEM_BYTES * len(items)
    assert list(unpack_items(packed)) == sorted(items, key=lambda item: item.payee)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(Known, match="once"):
        pack_items([Item(1, 1, Wei(1)), Item(1, 2, Wei(2))])
    with pytest.raises(Known, match="fit"):
        pack_items([Item(1, 2**32, Wei(1))])
    with pytest.raises(Known, match="whole"):
        unpack_items(b"\x00" * 25)
    with pytest.raises(Known, match="not complete"):
        pack_plays([Play("0x12", 1, Wei(1))])


def test_plays_are_ordered_by_song() -> None:
    one, two = Play("0x" + "11" * 32, 1, Wei(5)), Play("0x" + "22" * 32, 2, Wei(6))
    assert pack_plays([two, one]) == pack_plays([one, two])
    assert pack_plays([one])[32:] == (1).to_bytes(4, "big") + (5).to_bytes(12, "big")


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 2**96 - 1)), max_size=12), st.integers(0, 1_000))
def test_songs_add_up_to_what_their_account_got_whatever_the_order(paid: list[tuple[int, int]], bps: int) -> None:
    lines = [(f"0x{number:064x}", payee, amount) for number, (payee, amount) in enumerate(paid)]
    fees = {1: bps, 2: 0, 3: 10_000}
    nets = net_by_song(lines, fees)
    assert nets == net_by_song(reversed(lines), fees)
    for payee, fee_bps in fees.items():
        gross = sum(amount for _song, account, amount in lines if account == payee)
        mine = [nets[song] for song, account, _amount in lines if account == payee]
        assert sum(mine) == gross - fee_of(gross, fee_bps)
        assert all(net >= 0 for net in mine)

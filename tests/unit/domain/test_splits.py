from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.splits import Share, Split, divide
from mycelix_studio.errors import Known


@st.composite
def shares(draw: st.DrawFn) -> list[int]:
    cuts = sorted(draw(st.sets(st.integers(1, 9_999), max_size=99)))
    return [b - a for a, b in zip([0, *cuts], [*cuts, 10_000], strict=True)]


@given(st.integers(0, 10**30), shares())
def test_parts_sum_to_the_whole_and_are_within_a_wei_of_their_share(net: int, bps: list[int]) -> None:
    parts = divide(net, bps)
    assert sum(parts) == net
    for part, share in zip(parts, bps, strict=True):
        assert abs(part * 10_000 - net * share) < 10_000


@pytest.mark.parametrize(
    "bps",
    [[], [9_999], [10_001], [5_000, 4_999], [10_000, 0], [100] * 101],
)
def test_a_split_that_is_no_whole_is_refused(bps: list[int]) -> None:
    with pytest.raises(Known):
        Split(tuple(Share(f"0x{i:040x}", b, "artist") for i, b in enumerate(bps)))


def test_the_same_address_twice_is_refused() -> None:
    with pytest.raises(Known, match="twice"):
        Split((Share("0xAA", 5_000, "a"), Share("0xaa", 5_000, "b")))

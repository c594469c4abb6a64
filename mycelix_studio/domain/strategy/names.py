"""The four ways to earn by name and by bit, and which of them a song had when: apart, since what starts first needs nothing more."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final, Literal, NamedTuple

StrategyName = Literal["pay-per-stream", "gift-economy", "patronage", "auction"]
"""A way to earn, as it is named on the wire."""

STRATEGY_BITS: Final[dict[StrategyName, int]] = {
    "pay-per-stream": 1,
    "gift-economy": 2,
    "patronage": 4,
    "auction": 8,
}
"""The bit of each strategy in a song's bitmask on chain, in the order they are shown."""


def strategies_of(bitmask: int) -> tuple[StrategyName, ...]:
    """Return the names of the strategies in a song's bitmask."""
    return tuple(name for name, bit in STRATEGY_BITS.items() if bitmask & bit)


def bitmask_of(strategies: Sequence[StrategyName]) -> int:
    """Return the bitmask of strategies by name."""
    return sum({STRATEGY_BITS[name] for name in strategies})


class TermsAt(NamedTuple):
    """How a song earned from a moment on, as registered or changed on chain.

    Attributes:
        at: Time of the block.
        strategies: Ways switched on.
        price: Gross price of a stream in wei.
    """

    at: datetime
    strategies: tuple[StrategyName, ...]
    price: int

"""Dutch auction: a limited number of passes whose price falls in a straight line until somebody buys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import WEI_PER_TOKEN, Wei
from mycelix_studio.errors import Known

GWEI: Final = 10**9
MAX_PRICE: Final = (2**56 - 1) * GWEI
"""Highest price, wei: what 56 bits of gwei hold, 72,057,594 FLOW."""
MAX_DURATION: Final = 2**28 - 1
"""Longest fall, seconds: above 8 years."""
MAX_SUPPLY: Final = 2**24 - 1


@dataclass(frozen=True, slots=True)
class AuctionTerms:
    """Terms, fixed from the first minute; only the supply may shrink.

    The contract keeps a whole auction in one word, so prices are whole gwei (a billionth of FLOW) and everything has a limit.

    Attributes:
        start_price: Gross wei at the start, whole gwei, at most :data:`MAX_PRICE`.
        end_price: Gross wei from the end of the duration on, whole gwei.
        duration: Seconds of the fall, at most :data:`MAX_DURATION`.
        supply: Passes there are, at most :data:`MAX_SUPPLY`.
        per_wallet: Passes one wallet may buy; 0 is no limit.
        royalty_bps: Share of a resale asked for by ERC-2981, voluntary.
    """

    start_price: int
    end_price: int
    duration: int
    supply: int
    per_wallet: int = 0
    royalty_bps: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.end_price <= self.start_price:
            raise Known(
                "The price must fall", "The end price is above 0 and not above the start price.", "Change one of them."
            )
        if self.start_price % GWEI or self.end_price % GWEI or self.start_price > MAX_PRICE:
            raise Known(
                "A price the contract cannot keep",
                f"Prices have at most 9 decimals and are at most {MAX_PRICE // WEI_PER_TOKEN:,} FLOW.",
                "Round them.",
            )
        if self.duration > MAX_DURATION or self.supply > MAX_SUPPLY:
            raise Known(
                "Larger than an auction can be",
                f"The price falls for at most 8 years, and there are at most {MAX_SUPPLY:,} passes.",
                "Choose less.",
            )
        if self.duration <= 0 or self.supply <= 0:
            raise Known("Not an auction yet", "It needs a duration and at least one pass.", "Fill in both.")
        if self.per_wallet > self.supply:
            raise Known("More than there are", "One person cannot buy more passes than there are.", "Lower the limit.")

    def price_at(self, elapsed: int) -> Wei:
        """Return the gross price ``elapsed`` seconds after the start: never rises, stays within [end, start]."""
        if elapsed >= self.duration:
            return Wei(self.end_price)
        fall = (self.start_price - self.end_price) * max(elapsed, 0) // self.duration
        return Wei(self.start_price - fall)

    def fall_an_hour(self) -> Wei:
        """Return by how much the price falls in an hour, rounded down."""
        return Wei((self.start_price - self.end_price) * 3_600 // self.duration)

    @property
    def least_revenue(self) -> Wei:
        """Gross wei if every pass went at the end price."""
        return Wei(self.end_price * self.supply)


@dataclass(frozen=True, slots=True)
class AuctionPreset:
    """A usual auction."""

    key: str
    title: str
    terms: AuctionTerms


AUCTION_PRESETS: Final = (
    AuctionPreset("week", "A week", AuctionTerms(100 * WEI_PER_TOKEN, 10 * WEI_PER_TOKEN, 7 * DAY_SECONDS, 100)),
    AuctionPreset("flash", "Flash, one day", AuctionTerms(50 * WEI_PER_TOKEN, 5 * WEI_PER_TOKEN, DAY_SECONDS, 50)),
    AuctionPreset(
        "limited", "Limited edition", AuctionTerms(500 * WEI_PER_TOKEN, 100 * WEI_PER_TOKEN, 3 * DAY_SECONDS, 10)
    ),
)

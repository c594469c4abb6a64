"""Pay per stream: a price for each play, paid at once or by signed plays; and the usual ways to share it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.money import WEI_PER_TOKEN, Wei, fee_of

DEFAULT_PRICE: Final = Wei(WEI_PER_TOKEN // 100)
"""0.01 FLOW."""


@dataclass(frozen=True, slots=True)
class SharePreset:
    """A usual split: role and basis points, in order. The first is the artist; ``platform`` marks the platform's own share."""

    key: str
    title: str
    shares: tuple[tuple[str, int], ...]


INDEPENDENT: Final = SharePreset("independent", "Independent artist", (("Artist", 9_500), ("Platform", 500)))
COLLABORATIVE: Final = SharePreset(
    "collaborative",
    "Collaboration",
    (("Artist", 5_000), ("Artist", 3_000), ("Producer", 1_500), ("Platform", 500)),
)
COMMUNITY: Final = SharePreset(
    "community",
    "Community collective",
    (("Artist", 8_000), ("DAO treasury", 1_000), ("Local scene", 500), ("Platform", 500)),
)
ALONE: Final = SharePreset("alone", "Just me", (("Artist", 10_000),))
SHARE_PRESETS: Final = (ALONE, INDEPENDENT, COLLABORATIVE, COMMUNITY)


def cost(price: int, streams: int) -> Wei:
    """Return what a listener pays for streams, gross wei."""
    return Wei(price * streams)


def net(price: int, streams: int, fee_bps: int) -> Wei:
    """Return what the people of the split get for streams paid together: the fee is rounded down once a payment."""
    gross = price * streams
    return Wei(gross - fee_of(gross, fee_bps))

"""The ways to earn that have a contract of their own: how their terms are read from the chain, signed for, and kept.

A new way is one module here with the functions of :class:`WayOnChain`, and one line in :data:`ON_CHAIN`. Pay per stream is the
Ledger's own and stands in ``strategies_plan.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.terms import Offer
from mycelix_studio.domain.transaction import Call
from mycelix_studio.services.ways import auction, gift, patronage

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc


@dataclass(frozen=True, slots=True)
class WayOnChain:
    """What reading, planning and keeping need of a way. ``Any`` stands for the way's own offer.

    Attributes:
        contract: Its name in the deployment.
        read: Returns song id to offer at a block, for songs that have one.
        differs: Tells whether a new offer has to be signed for: (old, new).
        call: Returns the call that makes the chain say the new offer: (deployment, song id, old, new).
        to_json: The offer as plain JSON values; amounts are decimal strings.
        from_json: And back.
        gas: About what the call needs, for the estimate before anything is tried out.
    """

    contract: str
    read: Callable[[Rpc, Deployment, Sequence[str], int], Mapping[str, Offer]]
    differs: Callable[[Any, Any], bool]
    call: Callable[[Deployment, str, Any, Any], Call]
    to_json: Callable[[Any], dict[str, object]]
    from_json: Callable[[Mapping[str, Any]], Offer]
    gas: int


ON_CHAIN: Mapping[StrategyName, WayOnChain] = {
    "gift-economy": WayOnChain(
        "GiftEconomyStrategy", gift.read, gift.differs, gift.call, gift.to_json, gift.from_json, 90_000
    ),
    "patronage": WayOnChain(
        "PatronageStrategy",
        patronage.read,
        patronage.differs,
        patronage.call,
        patronage.to_json,
        patronage.from_json,
        130_000,
    ),
    "auction": WayOnChain(
        "AuctionStrategy", auction.read, auction.differs, auction.call, auction.to_json, auction.from_json, 140_000
    ),
}
"""By name; a song's terms have a field for each."""

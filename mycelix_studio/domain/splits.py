"""Who gets paid: a split is an ordered list of shares in basis points that sum to 10,000."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycelix_studio.domain.money import BPS, Wei
from mycelix_studio.errors import Known

MAX_RECIPIENTS = 100


@dataclass(frozen=True, slots=True)
class Share:
    """One recipient of a split.

    Attributes:
        recipient: EIP-55 address.
        bps: Basis points of the net, 1 to 10,000.
        role: Free text such as ``artist`` or ``producer``; appears in the event and on statements.
    """

    recipient: str
    bps: int
    role: str


@dataclass(frozen=True, slots=True)
class Split:
    """A valid split.

    Raises:
        Known: On construction, when the shares do not make a whole; the message names the sum.
    """

    shares: tuple[Share, ...]

    def __post_init__(self) -> None:
        if not 1 <= len(self.shares) <= MAX_RECIPIENTS:
            raise Known(
                "Who gets paid is not complete",
                f"A song pays 1 to {MAX_RECIPIENTS} people; this has {len(self.shares)}.",
                "Add or remove people.",
            )
        if any(share.bps <= 0 for share in self.shares):
            raise Known("A share is empty", "Everyone in the list needs more than 0 %.", "Remove who gets nothing.")
        addresses = [share.recipient.lower() for share in self.shares]
        if len(set(addresses)) != len(addresses):
            raise Known("Someone is listed twice", "An address can have one share only.", "Join the two shares.")
        total = sum(share.bps for share in self.shares)
        if total != BPS:
            raise Known(
                "Shares do not add up to 100 %",
                f"They add up to {total / 100:g} %.",
                "Change a share so that the sum is 100 %.",
            )

    def divide(self, net: int) -> tuple[Wei, ...]:
        """Return what each recipient gets of ``net`` wei, in order, without dust: see :func:`divide`."""
        return divide(net, [share.bps for share in self.shares])


def divide(net: int, bps: Sequence[int]) -> tuple[Wei, ...]:
    """Divide ``net`` wei by cumulative rounding, as ``Ledger.distribute`` does.

    Recipient *i* gets ``floor(net * cum(i) / 10000) - floor(net * cum(i - 1) / 10000)``: the parts always sum to ``net`` and each
    differs from its exact share by less than one wei.
    """
    parts: list[Wei] = []
    cumulative = 0
    before = 0
    for share in bps:
        cumulative += share
        upto = net * cumulative // BPS
        parts.append(Wei(upto - before))
        before = upto
    return tuple(parts)

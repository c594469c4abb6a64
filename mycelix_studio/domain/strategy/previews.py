"""What terms would do, computed with the contracts' integer arithmetic: one payment divided to the last wei."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.domain.money import BPS, Wei, fee_of
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.strategy.shares import SplitForm


@dataclass(frozen=True, slots=True)
class Part:
    """What one receives of a payment.

    Attributes:
        label: Name, address 4 + 4, or ``Platform fee``.
        role: What for; empty for the fee.
        amount: Wei.
        of_gross_bps: Basis points of what the listener pays, rounded down.
        fee: True for the protocol fee.
    """

    label: str
    role: str
    amount: Wei
    of_gross_bps: int
    fee: bool = False


@dataclass(frozen=True, slots=True)
class PaymentPreview:
    """One payment, divided. ``parts`` always sum to ``gross``; the fee is last and left out when it is 0 %."""

    gross: Wei
    parts: tuple[Part, ...]

    @property
    def net(self) -> Wei:
        """What all recipients get together."""
        return Wei(sum(part.amount for part in self.parts if not part.fee))


def payment_preview(gross: int, fee_bps: int, split: SplitForm) -> PaymentPreview | None:
    """Divide a payment of ``gross`` wei as ``Ledger`` does: fee first, rounded down, then cumulative rounding over the shares.

    Returns None while the shares do not sum to 100 %, since no division would be true.
    """
    shares = split.shares_bps()
    if not shares or any(bps is None for bps in shares) or split.total_bps != BPS:
        return None
    fee = fee_of(gross, fee_bps)
    amounts = divide(gross - fee, [bps or 0 for bps in shares])
    parts = [
        Part(entry.label, entry.role, amount, amount * BPS // gross if gross else 0)
        for entry, amount in zip(split.entries, amounts, strict=True)
    ]
    if fee_bps:
        parts.append(Part("Platform fee", "", fee, fee * BPS // gross if gross else 0, fee=True))
    return PaymentPreview(Wei(gross), tuple(parts))

"""Patronage: a price every 30 days, a week of grace, and a discount that grows with the time paid without a gap.

Seconds and wei are whole numbers and every division rounds down, as in the contract.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import BPS, WEI_PER_TOKEN, Wei
from mycelix_studio.errors import Known

PERIOD_SECONDS: Final = 30 * DAY_SECONDS
GRACE_SECONDS: Final = 7 * DAY_SECONDS
TIER_DAYS: Final = (0, 90, 180, 365)
TIER_NAMES: Final = ("New", "Regular", "Devoted", "Founding")
MAX_PERIODS: Final = 12
"""Most periods that can be prepaid at once."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Terms of patronage.

    Attributes:
        price: Gross wei every 30 days.
        minimum_periods: Periods prepaid at the first subscription, at least 1.
        tier_bps: Discount on a renewal at each tier, in basis points; never falling.
        early_cancel: A patron may stop before the minimum is over (access lasts until it is paid for in any case).
    """

    price: int
    minimum_periods: int = 1
    tier_bps: tuple[int, int, int, int] = (0, 0, 0, 0)
    early_cancel: bool = True

    def __post_init__(self) -> None:
        if not 1 <= self.minimum_periods <= MAX_PERIODS:
            raise Known("Not a commitment", f"Between 1 and {MAX_PERIODS} periods can be asked for.", "Choose fewer.")
        if any(not 0 <= bps <= BPS for bps in self.tier_bps) or list(self.tier_bps) != sorted(self.tier_bps):
            raise Known(
                "Loyalty never costs more",
                "A discount lies between 0 and 100 % and never shrinks with time.",
                "Raise the later discounts.",
            )

    def price_at(self, tier: int) -> Wei:
        """Return what a renewal costs at a tier, gross wei; the discount is rounded down."""
        return Wei(self.price - self.price * self.tier_bps[tier] // BPS)

    def charge(self, period: int) -> Wei:
        """Return the charge at the start of period number ``period`` (0 is the first) of a patron who paid all before."""
        return Wei(self.price) if period < self.minimum_periods else self.price_at(tier_of(period * PERIOD_SECONDS))

    def first_charge(self) -> Wei:
        """Return what the first subscription costs: the prepaid periods at the full price."""
        return Wei(self.price * self.minimum_periods)


def tier_of(paid_seconds: int) -> int:
    """Return the tier, 0 to 3, that paid continuous time reaches. Elapsed time counts for nothing."""
    return max(tier for tier, days in enumerate(TIER_DAYS) if paid_seconds >= days * DAY_SECONDS)


class Standing(StrEnum):
    """Where a patron stands."""

    PAID = "paid"
    DUE = "due"
    """Paid time is over; within the grace a renewal keeps the loyalty."""
    LAPSED = "lapsed"
    """After the grace: a renewal begins anew."""
    STOPPED = "stopped"
    """Cancelled, and the paid time is over."""


def standing(paid_through: int, now: int, *, auto_renew: bool) -> Standing:
    """Return where a patron stands at a moment; both moments in Unix seconds."""
    if now < paid_through:
        return Standing.PAID
    if not auto_renew:
        return Standing.STOPPED
    return Standing.DUE if now <= paid_through + GRACE_SECONDS else Standing.LAPSED


def renewed(start: int, paid_through: int, now: int) -> tuple[int, int]:
    """Return start and paid-through after a renewal: it extends the old end without drift; after the grace it starts again now."""
    if now > paid_through + GRACE_SECONDS:
        return now, now + PERIOD_SECONDS
    return start, paid_through + PERIOD_SECONDS


@dataclass(frozen=True, slots=True)
class PlanPreset:
    """A usual plan."""

    key: str
    title: str
    plan: Plan


PLAN_PRESETS: Final = (
    PlanPreset("basic", "Basic", Plan(10 * WEI_PER_TOKEN, 1, (0, 500, 1_000, 2_000))),
    PlanPreset("premium", "Premium", Plan(20 * WEI_PER_TOKEN, 3, (0, 1_000, 2_000, 5_000), early_cancel=False)),
    PlanPreset("supporter", "Supporter", Plan(5 * WEI_PER_TOKEN, 1, (0, 200, 500, 1_000))),
)

"""The terms of patronage: as the chain has them, and as a person types them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mycelix_studio.domain.money import Wei, parse_token
from mycelix_studio.domain.strategy.patronage import MAX_PERIODS, PLAN_PRESETS, TIER_NAMES, Plan
from mycelix_studio.domain.strategy.shares import Problem, format_percent, format_share, parse_share
from mycelix_studio.domain.strategy.typed import Change, amount_text, changed, flow, number_problems, price_problems
from mycelix_studio.errors import Known

FIRST = PLAN_PRESETS[0].plan


@dataclass(frozen=True, slots=True)
class PlanOffer:
    """Patronage of a song on chain.

    Attributes:
        plan: Its terms.
        open: New patrons and renewals are taken.
        number: Of the plan on chain; None before it is made.
    """

    plan: Plan
    open: bool = True
    number: int | None = None


@dataclass(frozen=True, slots=True)
class PlanForm:
    """The form of patronage, as typed.

    Attributes:
        price: FLOW every 30 days.
        minimum: Periods paid at first; fixed once the plan is on chain.
        discounts: Percent off a renewal at each loyalty level.
        early_cancel: A patron may stop before the minimum is over; fixed once the plan is on chain.
        open: New patrons and renewals are taken.
    """

    price: str = amount_text(FIRST.price)
    minimum: str = str(FIRST.minimum_periods)
    discounts: tuple[str, str, str, str] = ("0", "5", "10", "20")
    early_cancel: bool = FIRST.early_cancel
    open: bool = True

    @classmethod
    def of(cls, offer: PlanOffer) -> PlanForm:
        """Return the form that shows terms on chain."""
        return cls.of_plan(offer.plan, open=offer.open)

    @classmethod
    def of_plan(cls, plan: Plan, *, open: bool = True) -> PlanForm:
        """Return the form of a plan, such as a preset."""
        one, two, three, four = (format_share(bps) for bps in plan.tier_bps)
        return cls(amount_text(plan.price), str(plan.minimum_periods), (one, two, three, four), plan.early_cancel, open)

    def with_discount(self, tier: int, text: str) -> PlanForm:
        """Return the form with another discount at a level, 0 to 3."""
        typed = list(self.discounts)
        typed[tier] = text
        one, two, three, four = typed
        return replace(self, discounts=(one, two, three, four))

    def problems(self, before: Sequence[PlanOffer | None] = ()) -> list[Problem]:
        """Return everything that keeps this from being signed; ``before`` is what cannot be taken back on chain."""
        found = [
            *price_problems("patronage.price", self.price, zero="A price is more than 0."),
            *number_problems("patronage.minimum", self.minimum, 1, MAX_PERIODS),
        ]
        last = 0
        kept = [offer.plan.tier_bps for offer in before if offer is not None]
        for tier, text in enumerate(self.discounts):
            name = f"patronage.discount.{tier}"
            try:
                bps = parse_share(text)
            except Known as error:
                found.append(Problem(name, error.message))
                continue
            promised = max((tiers[tier] for tiers in kept), default=0)
            if bps < last:
                found.append(Problem(name, f"At least {format_percent(last)}: staying longer never costs more."))
            elif bps < promised:
                found.append(Problem(name, f"At least {format_percent(promised)}, as your patrons were promised."))
            last = max(last, bps)
        fixed = next((offer.plan for offer in before if offer is not None), None)
        if fixed is not None and not found:
            if int(self.minimum) != fixed.minimum_periods:
                found.append(Problem("patronage.minimum", "Fixed since the plan was made."))
            if self.early_cancel != fixed.early_cancel:
                found.append(Problem("patronage.early_cancel", "Fixed since the plan was made."))
        return found

    def plan(self) -> Plan | None:
        """Return the plan, for a preview; None while something is wrong with it."""
        if self.problems():
            return None
        one, two, three, four = (parse_share(text) for text in self.discounts)
        price = int(parse_token(self.price))
        return Plan(price, int(self.minimum), (one, two, three, four), self.early_cancel)

    def offer(self) -> PlanOffer:
        """Return the terms to be signed; call it only without :meth:`problems`."""
        plan = self.plan()
        assert plan is not None
        return PlanOffer(plan, self.open)


def minimum_text(periods: int) -> str:
    """Return how long a patron commits at first."""
    return "No minimum" if periods == 1 else f"{periods * 30} days"


def plan_changes(before: Sequence[PlanOffer | None], after: PlanOffer, _names: dict[str, str]) -> list[Change]:
    """Return the rows of a difference."""

    def rows(offer: PlanOffer) -> list[tuple[str, str, str]]:
        plan = offer.plan
        return [
            ("price", "Price every 30 days", flow(plan.price)),
            ("minimum", "Commit at first", minimum_text(plan.minimum_periods)),
            *(
                (f"tier{tier}", f"{name} discount", format_percent(bps))
                for tier, (name, bps) in enumerate(zip(TIER_NAMES, plan.tier_bps, strict=True))
                if bps or any(old is not None and old.plan.tier_bps[tier] for old in before)
            ),
            ("cancel", "Stop early", "whenever they like" if plan.early_cancel else "after the commitment"),
            ("open", "New patrons and renewals", "taken" if offer.open else "not taken"),
        ]

    old = [{key: text for key, _label, text in rows(offer)} if offer is not None else None for offer in before]
    return [
        change
        for key, label, text in rows(after)
        for change in changed(f"patronage:{key}", label, [row.get(key) if row else None for row in old], text)
    ]


def renewal_steps(plan: Plan) -> tuple[Wei, ...]:
    """Return what a renewal costs at each loyalty level, gross wei."""
    return tuple(plan.price_at(tier) for tier in range(len(TIER_NAMES)))

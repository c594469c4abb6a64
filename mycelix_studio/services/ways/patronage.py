"""Patronage on chain: the plan of a song."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mycelix_studio.domain.strategy.patronage import Plan
from mycelix_studio.domain.strategy.patronage_form import PlanOffer
from mycelix_studio.domain.transaction import Call

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.patronage_strategy import Plan as PlanOnChain
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc


def read(rpc: Rpc, deployment: Deployment, song_ids: Sequence[str], block: int) -> Mapping[str, PlanOffer]:
    """Return the plans of songs that have one."""
    from mycelix_studio.chain.abi import PatronageStrategy
    from mycelix_studio.chain.binding import read_all

    contract = PatronageStrategy(deployment.address("PatronageStrategy"))
    numbers = read_all(rpc, [contract.plan_of(song_id) for song_id in song_ids], block)
    made = {song_id: number for song_id, number in zip(song_ids, numbers, strict=True) if number}
    plans = read_all(rpc, [contract.plan(number) for number in made.values()], block)
    return {song_id: offer_of(number, plan) for (song_id, number), plan in zip(made.items(), plans, strict=True)}


def offer_of(number: int, plan: PlanOnChain) -> PlanOffer:
    """Return a plan as the forms know it."""
    one, two, three, four = plan.tier_bps
    terms = Plan(plan.price, plan.minimum_periods, (one, two, three, four), plan.early_cancel)
    return PlanOffer(terms, plan.open, number)


def differs(old: PlanOffer | None, new: PlanOffer) -> bool:
    """Tell whether the new terms have to be signed for."""
    return old is None or (old.plan, old.open) != (new.plan, new.open)


def call(deployment: Deployment, song_id: str, old: PlanOffer | None, new: PlanOffer) -> Call:
    """Return the call that makes the plan, or changes it: then minimum and early end stay as they were made."""
    from mycelix_studio.chain.abi import PatronageStrategy

    contract = PatronageStrategy(deployment.address("PatronageStrategy"))
    plan = new.plan
    if old is None or old.number is None:
        return contract.create_plan(song_id, plan.price, plan.minimum_periods, plan.tier_bps, plan.early_cancel)
    return contract.update_plan(old.number, plan.price, plan.tier_bps, new.open)


def to_json(offer: PlanOffer) -> dict[str, object]:
    """Return an offer as JSON values."""
    plan = offer.plan
    return {
        "price": str(plan.price),
        "minimum": plan.minimum_periods,
        "tiers": list(plan.tier_bps),
        "early_cancel": plan.early_cancel,
        "open": offer.open,
        "number": offer.number,
    }


def from_json(item: Mapping[str, Any]) -> PlanOffer:
    """Return an offer from JSON values."""
    one, two, three, four = (int(bps) for bps in item["tiers"])
    plan = Plan(int(item["price"]), int(item["minimum"]), (one, two, three, four), bool(item["early_cancel"]))
    return PlanOffer(plan, bool(item["open"]), item["number"])

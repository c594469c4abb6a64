"""Tries out scenarios on a history: what each would have brought a month, between its low and its high assumptions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.strategy.dutch_auction import AuctionTerms
from mycelix_studio.domain.strategy.gift_economy import GiftTerms
from mycelix_studio.domain.strategy.patronage import PERIOD_SECONDS, Plan
from mycelix_studio.services.simulator_replay import (
    GROUPS,
    MICRO,
    PERIOD_DAYS,
    History,
    Ints,
    Result,
    Sale,
    auctions,
    nothing,
    patron_share,
    patronage,
    streams,
    tips,
)
from mycelix_studio.services.simulator_scenarios import Pick, Scenario

QUARTER_DAYS = 90
FIRST_AUCTION_DAY = 60
"""The first auction starts after two months, since only those who are loyal by then are asked."""


@dataclass(frozen=True, slots=True)
class Band:
    """A scenario's results.

    Attributes:
        value: With the chosen values.
        low: With every assumption at its low.
        high: With every assumption at its high.
        credit: CGC wei the artist would have given as thanks, with the chosen values; 0 but for gifts.
    """

    scenario: Scenario
    value: Result
    low: Result
    high: Result
    credit: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms scenarios use, from the forms.

    Attributes:
        plan: Patronage plan; its price gives way to the scenario's.
        auction: Auction terms.
        gift: Gift terms.
        fee_bps: Protocol fee.
    """

    plan: Plan
    auction: AuctionTerms
    gift: GiftTerms
    fee_bps: int


def try_out(history: History, scenario: Scenario, terms: Terms) -> Band:
    """Return what a scenario would have brought, three times: low, chosen, high."""
    low, value, high = (replay(history, scenario, terms, pick) for pick in (Pick.LOW, Pick.VALUE, Pick.HIGH))
    credit = rewards(history, terms.gift) if "gift-economy" in scenario.ways else 0
    return Band(scenario, value, low, high, credit)


def replay(history: History, scenario: Scenario, terms: Terms, pick: Pick) -> Result:
    """Return what a scenario would have brought with one set of values: the sum of the ways it combines."""
    if not history.months or not len(history.listener):
        return nothing(history)
    total = nothing(history)
    patrons: tuple[Ints, Ints] | None = None
    if "patronage" in scenario.ways:
        plan = Plan(scenario.value("plan", pick), terms.plan.minimum_periods, terms.plan.tier_bps)
        since = history.loyal_since(scenario.value("loyal", pick))
        periods = -(-(history.end_day - history.first_day) // PERIOD_DAYS)
        share = patron_share(scenario.value("join", pick), scenario.value("leave", pick), plan.minimum_periods, periods)
        patrons = (since, share)
        total += patronage(
            history, since, share, plan.charge, fee_bps=terms.fee_bps, minimum_periods=plan.minimum_periods
        )
    if "pay-per-stream" in scenario.ways:
        lost = scenario.value("lost", pick) if _has(scenario, "lost") else 0
        total += streams(history, scenario.value("price", pick), terms.fee_bps, lost, patrons)
    if "gift-economy" in scenario.ways:
        total += tips(
            history,
            scenario.value("tippers", pick),
            scenario.value("tips", pick) * MICRO // 12,
            scenario.value("tip", pick),
            terms.fee_bps,
        )
    if "auction" in scenario.ways:
        total += auctions(
            history,
            history.loyal_since(scenario.value("loyal", pick)),
            _sales(history, terms.auction, scenario.value("wait", pick)),
            buy_bps=scenario.value("buy", pick),
            supply=terms.auction.supply,
            fee_bps=terms.fee_bps,
        )
    return total


def rewards(history: History, terms: GiftTerms) -> int:
    """Return the CGC wei that the listens of a history would have earned, by the contract's own arithmetic, day by day."""
    if not len(history.listener):
        return 0
    total = np.cumsum(history.plays)
    first = np.searchsorted(history.listener, np.arange(history.listeners))
    before_listener = np.where(first > 0, total[first - 1], 0)
    before = total - history.plays - before_listener[history.listener]
    arrival = np.argsort(history.day[first], kind="stable")
    early_listener = np.zeros(history.listeners, dtype=bool)
    early_listener[arrival[: terms.early_listeners]] = True
    early = early_listener[history.listener] & (before == 0)
    # Rows with equal (before, plays, early) earn the same, and there are few kinds of row: only those are computed with whole numbers.
    kinds, counts = np.unique(np.stack([np.minimum(before, 5), history.plays, early]), axis=1, return_counts=True)
    return sum(
        terms.reward(int(b), int(n), early=bool(e)) * int(count)
        for (b, n, e), count in zip(kinds.T, counts, strict=True)
    )


def group_names() -> tuple[str, ...]:
    """Return the listener groups in words."""
    names = []
    for place, least in enumerate(GROUPS):
        last = GROUPS[place + 1] - 1 if place + 1 < len(GROUPS) else None
        if last is None:
            names.append(f"{least} plays or more")
        elif last == least:
            names.append("1 play" if least == 1 else f"{least} plays")
        else:
            names.append(f"{least} to {last} plays")
    return tuple(names)


def _has(scenario: Scenario, key: str) -> bool:
    return any(assumption.key == key for assumption in scenario.assumptions)


def _sales(history: History, terms: AuctionTerms, wait_bps: int) -> Sequence[Sale]:
    bought_after = terms.duration * wait_bps // BPS
    price = terms.price_at(bought_after)
    starts = range(history.first_day + FIRST_AUCTION_DAY, history.end_day, QUARTER_DAYS)
    return [Sale(start, start + bought_after // DAY_SECONDS, price) for start in starts]


assert PERIOD_SECONDS == PERIOD_DAYS * DAY_SECONDS

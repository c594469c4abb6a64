"""Scenarios of the simulator: terms, and every assumption they need, each stated with a low and a high and where it comes from."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from mycelix_studio.domain.money import BPS
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.terms import WAY_TITLE

MAX_SCENARIOS: Final = 4


class Source(StrEnum):
    """Where an assumption's value comes from; always shown beside it."""

    ASSUMED = "Assumed"
    HISTORY = "Your history"
    TERMS = "Your terms"


class AssumptionUnit(StrEnum):
    """How a value is shown and typed."""

    PERCENT = "percent"
    """Basis points."""
    PLAYS = "plays"
    FLOW = "flow"
    """Wei."""
    DAYS = "days"


@dataclass(frozen=True, slots=True)
class Assumption:
    """One thing the replay cannot know.

    ``low`` is the value that makes the result low and ``high`` the one that makes it high, so ``low`` may be the greater number.
    Values are whole numbers of the unit's smallest step.

    Attributes:
        key: ``join``, ``leave``, ``lost``, ``loyal``, ``price``, ``tippers``, ``tips``, ``tip``, ``buy``, ``wait``, ``every``.
        label: In an artist's words.
        minimum: Smallest value that can be chosen.
        maximum: Greatest value that can be chosen.
    """

    key: str
    label: str
    low: int
    value: int
    high: int
    unit: AssumptionUnit
    source: Source
    minimum: int = 0
    maximum: int = 10_000

    @property
    def fixed(self) -> bool:
        """True when there is no band: it follows from terms."""
        return self.low == self.value == self.high

    def with_value(self, value: int) -> Assumption:
        """Return it with another value; the band moves along, within what can be chosen, and it is then assumed."""
        moved = [min(max(bound + value - self.value, self.minimum), self.maximum) for bound in (self.low, self.high)]
        value = min(max(value, self.minimum), self.maximum)
        source = self.source if self.source is Source.TERMS else Source.ASSUMED
        return replace(self, low=moved[0], value=value, high=moved[1], source=source)

    def with_band(self, low: int, high: int) -> Assumption:
        """Return it with another band; the value stays between."""
        inside = sorted((low, high))
        return replace(self, low=low, high=high, value=min(max(self.value, inside[0]), inside[1]))


class Pick(StrEnum):
    """Which value of every assumption is replayed."""

    LOW = "low"
    VALUE = "value"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class Scenario:
    """Terms to try out.

    Attributes:
        name: ``Album as patronage``; the artist may change it.
        way: The way that gives it colour, dash and icon.
        ways: All ways it combines.
        assumptions: All of them; there is no other.
    """

    name: str
    way: StrategyName
    ways: tuple[StrategyName, ...]
    assumptions: tuple[Assumption, ...]

    def value(self, key: str, pick: Pick = Pick.VALUE) -> int:
        """Return one assumption's value.

        Raises:
            KeyError: The scenario has no such assumption.
        """
        for assumption in self.assumptions:
            if assumption.key == key:
                return int(getattr(assumption, pick.value))
        raise KeyError(key)

    def with_assumption(self, changed: Assumption) -> Scenario:
        """Return the scenario with one assumption changed."""
        return replace(self, assumptions=tuple(changed if a.key == changed.key else a for a in self.assumptions))


@dataclass(frozen=True, slots=True)
class Known:
    """What the history says about things that are otherwise assumed; None where there is none of it.

    Attributes:
        price: Wei of a stream as the songs have it now (the median of the selection).
        tippers_bps: Share of the listeners who tipped.
        tips_a_month_micro: Tips of a tipper in a month, in millionths.
        tip: Median tip in wei.
        loyal_plays: Plays within 30 days that the most loyal tenth of the listeners reached.
        patron_price: Wei of a plan that is on chain.
        paid_bps: Share of the plays that were paid for.
        ways: Every way that any of the songs earns by today; empty when the terms are not known.
    """

    price: int | None = None
    tippers_bps: int | None = None
    tips_a_month_micro: int | None = None
    tip: int | None = None
    loyal_plays: int | None = None
    patron_price: int | None = None
    paid_bps: int | None = None
    ways: frozenset[StrategyName] = frozenset()


FLOW: Final = 10**18


def _percent(key: str, label: str, low: int, value: int, high: int) -> Assumption:
    return Assumption(key, label, low, value, high, AssumptionUnit.PERCENT, Source.ASSUMED)


def _term(key: str, label: str, value: int, unit: AssumptionUnit, maximum: int) -> Assumption:
    return Assumption(key, label, value, value, value, unit, Source.TERMS, 0, maximum)


def _price(known: Known) -> Assumption:
    return _term("price", "Price of a stream", known.price or FLOW // 100, AssumptionUnit.FLOW, 100 * FLOW)


def _loyal(known: Known) -> Assumption:
    plays = known.loyal_plays
    value, source = (plays, Source.HISTORY) if plays else (10, Source.ASSUMED)
    return Assumption(
        "loyal",
        "Loyal means plays in 30 days",
        value + max(1, value // 5),
        value,
        max(1, value - max(1, value // 5)),
        AssumptionUnit.PLAYS,
        source,
        1,
        500,
    )


def _tips(known: Known) -> tuple[Assumption, ...]:
    if known.tippers_bps is not None and known.tip is not None and known.tips_a_month_micro is not None:
        share, each, micro = known.tippers_bps, known.tip, known.tips_a_month_micro
        source = Source.HISTORY
    else:
        share, each, micro, source = 200, FLOW, 250_000, Source.ASSUMED
    return (
        Assumption("tippers", "Listeners who tip", share * 3 // 4, share, share * 5 // 4, AssumptionUnit.PERCENT, source),
        Assumption("tips", "Tips of each in a year", micro * 12 * 4 // 5 // 10**6, max(1, micro * 12 // 10**6),
                   max(1, micro * 12 * 6 // 5 // 10**6), AssumptionUnit.PLAYS, source, 0, 1_000),
        Assumption("tip", "A tip", each * 4 // 5, each, each * 6 // 5, AssumptionUnit.FLOW, source, 0, 1_000 * FLOW),
    )  # fmt: skip


def streams_alone(known: Known) -> Scenario:
    """Return today's price on the same plays: as many of them paid for as were, which the history says; all where it says nothing.

    It is called what it is to the songs: keeping all as it is only where they earn by nothing else.
    """
    kept = known.ways <= {"pay-per-stream"}
    assumptions = [_price(known)]
    if known.paid_bps is not None:
        unpaid = BPS - known.paid_bps
        assumptions.append(
            Assumption("lost", "Plays nobody paid for", unpaid, unpaid, unpaid, AssumptionUnit.PERCENT, Source.HISTORY)
        )
    return Scenario(
        "Keep as it is" if kept else "Pay per stream alone", "pay-per-stream", ("pay-per-stream",), tuple(assumptions)
    )


def default_scenario(way: StrategyName, known: Known, *, with_streams: bool = True) -> Scenario:
    """Return the usual first try of a way, its assumptions taken from the history where it knows them."""
    lost = _percent("lost", "Plays lost behind a price", 2_000, 1_200, 500)
    extra: tuple[StrategyName, ...] = ("pay-per-stream",) if with_streams else ()
    priced = (lost, _price(known)) if with_streams else ()
    if way == "pay-per-stream":
        return Scenario(f"{WAY_TITLE[way]}, everything", way, (way,), (lost, _price(known)))
    if way == "gift-economy":
        return Scenario("Everything a gift", way, (way,), _tips(known))
    if way == "patronage":
        plan = known.patron_price or 10 * FLOW
        return Scenario(
            "Album as patronage",
            way,
            (*extra, way),
            (
                _percent("join", "Loyal listeners who join", 250, 400, 550),
                _percent("leave", "Patrons who leave, a month", 800, 600, 400),
                *priced[:1],
                _loyal(known),
                _term("plan", "Price every 30 days", plan, AssumptionUnit.FLOW, 1_000 * FLOW),
                *priced[1:],
            ),
        )
    return Scenario(
        "One auction a quarter",
        way,
        (*extra, way),
        (
            _percent("buy", "Loyal listeners who buy a pass", 500, 1_000, 1_500),
            _percent("wait", "Of the way down before they buy", 7_000, 5_000, 3_000),
            _loyal(known),
            *priced,
        ),
    )

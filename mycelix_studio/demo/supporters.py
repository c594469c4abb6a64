"""What the demo's listeners do beyond streaming, as data made from a seed: become patrons, buy passes, collect thanks for listening."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mycelix_studio.demo.audience import DAYS, Audience
from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.patronage import PERIOD_SECONDS

PATRONS: Final = 6
"""Patrons of a song that takes some."""
FAITHFUL: Final = 3
"""Of these, who join in the first days and stay, so that they reach the next loyalty level within the story."""
PASSES: Final = 5
"""Passes bought of a song that sells some."""
CLAIM_DAYS: Final = 15
"""Days between two times a listener collects thanks."""
KEEPER_HOUR: Final = 12 * 3_600


@dataclass(frozen=True, slots=True)
class Join:
    """A listener becomes a patron of a song. Times as in ``audience.Listen``."""

    day: int
    at: int
    listener: int
    song: int


@dataclass(frozen=True, slots=True)
class Quit:
    """A patron stops renewals."""

    day: int
    at: int
    listener: int
    song: int


@dataclass(frozen=True, slots=True)
class Round:
    """The keeper renews patrons of a song who are due."""

    day: int
    at: int
    listeners: tuple[int, ...]
    song: int


@dataclass(frozen=True, slots=True)
class Purchase:
    """A listener buys a pass."""

    day: int
    at: int
    listener: int
    song: int


@dataclass(frozen=True, slots=True)
class Thanks:
    """A listener collects thanks for ``listens`` plays of a song in all."""

    day: int
    at: int
    listener: int
    song: int
    listens: int


Support = Join | Quit | Round | Purchase | Thanks


def imagine_support(
    audience: Audience, ways: Sequence[Sequence[StrategyName]], listeners: int, *, seed: int = 7, days: int = DAYS
) -> tuple[Support, ...]:
    """Return what supporters do, in order of time.

    Args:
        audience: Who plays what; thanks follow from it.
        ways: How each song earns.
        listeners: Number of listeners.
        seed: Same seed, same supporters.
        days: Length of the story.
    """
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    happened: list[Support] = []
    for song, earns in enumerate(ways):
        if "patronage" in earns:
            happened += _patrons(rng, song, listeners, days)
        if "auction" in earns:
            happened += _purchases(rng, song, listeners, days)
        if "gift-economy" in earns:
            happened += _thanks(audience, song, days)
    return tuple(sorted(happened, key=lambda each: each.at))


def _patrons(rng: random.Random, song: int, listeners: int, days: int) -> list[Support]:
    happened: list[Support] = []
    due: dict[int, list[int]] = {}
    for number, listener in enumerate(rng.sample(range(listeners), min(PATRONS, listeners))):
        day = number if number < FAITHFUL else rng.randrange(5, max(6, days * 2 // 3))
        at = day * DAY_SECONDS + 20 * 3_600 + rng.randrange(3_600)
        happened.append(Join(day, at, listener, song))
        # The last of them stops after the second renewal; renewals come at noon of the day after the paid time ended.
        last = days if number < PATRONS - 1 else day + 70
        for period in range(1, days * DAY_SECONDS // PERIOD_SECONDS + 1):
            renewal = (at + period * PERIOD_SECONDS) // DAY_SECONDS + 1
            if renewal < min(days, last):
                due.setdefault(renewal, []).append(listener)
        if last < days:
            happened.append(Quit(last, last * DAY_SECONDS + 9 * 3_600, listener, song))
    happened += [Round(day, day * DAY_SECONDS + KEEPER_HOUR, tuple(who), song) for day, who in due.items()]
    return happened


def _purchases(rng: random.Random, song: int, listeners: int, days: int) -> list[Support]:
    buyers = rng.sample(range(listeners), min(PASSES, listeners))
    moments = sorted(rng.randrange(1, max(2, days * 3 // 4)) for _ in buyers)
    return [
        Purchase(day, day * DAY_SECONDS + 18 * 3_600 + rng.randrange(3_600), listener, song)
        for day, listener in zip(moments, buyers, strict=True)
    ]


def _thanks(audience: Audience, song: int, days: int) -> list[Support]:
    happened: list[Support] = []
    counted: dict[int, int] = {}
    asked: dict[int, int] = {}
    plays = [listen for listen in audience.listens if listen.song == song]
    for day in range(CLAIM_DAYS, days, CLAIM_DAYS):
        for listen in plays:
            if day - CLAIM_DAYS <= listen.at // DAY_SECONDS < day:
                counted[listen.listener] = counted.get(listen.listener, 0) + listen.times
        for listener, total in sorted(counted.items()):
            if total > asked.get(listener, 0):
                asked[listener] = total
                happened.append(Thanks(day, day * DAY_SECONDS + 11 * 3_600 + listener, listener, song, total))
    return happened

"""What the demo's listeners do in 120 days, as data made from a seed: who plays what, when, and tips how much.

Nothing here touches chain or node: :mod:`mycelix_studio.demo.listening` carries it out with real signatures.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import WEI_PER_TOKEN

DAYS: Final = 120
LISTENERS: Final = 20
_EVENING: Final = (8, 12, 17, 19, 20, 21, 22)
_TIPS: Final = (WEI_PER_TOKEN // 2, WEI_PER_TOKEN, 2 * WEI_PER_TOKEN, 5 * WEI_PER_TOKEN)


@dataclass(frozen=True, slots=True)
class Listen:
    """One listener plays one song some times in a row on one day.

    Attributes:
        day: Day since the beginning, 0 to 119.
        at: Seconds since the beginning of the 120 days.
        listener: Index of the listener.
        song: Index of the song.
        times: Plays in a row, 1 to 4; paid in one payment.
        seconds: Seconds listened to of each play.
    """

    day: int
    at: int
    listener: int
    song: int
    times: int
    seconds: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Tip:
    """A listener thanks for a song; ``amount`` in wei. Times as in :class:`Listen`."""

    day: int
    at: int
    listener: int
    song: int
    amount: int


@dataclass(frozen=True, slots=True)
class Audience:
    """Everything that happens, in order of time."""

    listens: tuple[Listen, ...]
    tips: tuple[Tip, ...]

    @property
    def plays(self) -> int:
        """Number of single plays."""
        return sum(listen.times for listen in self.listens)


def imagine(
    popularity: Sequence[int],
    lengths: Sequence[int],
    *,
    seed: int = 20_26,
    days: int = DAYS,
    listeners: int = LISTENERS,
) -> Audience:
    """Return what an audience does.

    Args:
        popularity: Weight of each song.
        lengths: Length of each song in seconds.
        seed: Same seed, same audience.
        days: Length of the story.
        listeners: Number of listeners; they join over the first two thirds, and some stay away after a while.
    """
    rng = random.Random(seed)  # noqa: S311 - a story, not a secret
    joins = [0 if i < 4 else rng.randrange(max(1, days * 2 // 3)) for i in range(listeners)]
    leaves = [days if rng.random() < 0.75 else min(days, join + rng.randrange(10, 50)) for join in joins]
    habit = [rng.uniform(0.15, 0.85) for _ in range(listeners)]
    taste = [[weight * rng.uniform(0.2, 2.2) for weight in popularity] for _ in range(listeners)]
    listens: list[Listen] = []
    tips: list[Tip] = []
    for day in range(days):
        weekend = 1.35 if day % 7 in (4, 5) else 1.0
        swell = 1 + 0.5 * math.exp(-((day - 78) ** 2) / 40)  # a good review in week twelve
        for listener in range(listeners):
            if not joins[listener] <= day < leaves[listener] or rng.random() > habit[listener] * weekend * swell:
                continue
            for song in rng.choices(range(len(popularity)), taste[listener], k=1 + (rng.random() < 0.45)):
                at = day * DAY_SECONDS + rng.choice(_EVENING) * 3_600 + rng.randrange(3_600)
                times = rng.choice((1, 1, 1, 2, 2, 3, 4))
                heard = tuple(
                    lengths[song] if rng.random() < 0.8 else rng.randrange(5, lengths[song]) for _ in range(times)
                )
                listens.append(Listen(day, at, listener, song, times, heard))
                if rng.random() < 0.03:
                    tips.append(Tip(day, at + 60, listener, song, rng.choice(_TIPS)))
    return Audience(tuple(sorted(listens, key=lambda each: each.at)), tuple(sorted(tips, key=lambda each: each.at)))

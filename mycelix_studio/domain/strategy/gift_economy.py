"""Gift: listening is free; the artist thanks listeners in CGC from a budget of their own, and listeners may tip."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.money import WEI_PER_TOKEN, Wei
from mycelix_studio.errors import Known

REPEAT_AFTER: Final = 5
"""Listens of one listener that are rewarded once; those after them are multiplied."""
MAX_MULTIPLIER: Final = 5


@dataclass(frozen=True, slots=True)
class GiftTerms:
    """Terms of a gift song.

    Attributes:
        per_listen: CGC wei for a listen.
        early_listeners: The first so many listeners get a bonus once; 0 for none.
        early_bonus: CGC wei of that bonus.
        repeat_multiplier: Times a listen counts after the fifth, 1 to 5.
        daily_cap: Most CGC wei a listener gets on one UTC day, bonus included.
    """

    per_listen: int
    early_listeners: int
    early_bonus: int
    repeat_multiplier: int
    daily_cap: int

    def __post_init__(self) -> None:
        if not 1 <= self.repeat_multiplier <= MAX_MULTIPLIER:
            raise Known("Not a multiplier", f"Loyal listens count 1 to {MAX_MULTIPLIER} times.", "Choose one of them.")
        if min(self.per_listen, self.early_listeners, self.early_bonus) < 0 or self.daily_cap <= 0:
            raise Known("Not a reward", "Rewards are not negative and a day needs a cap above 0.", "Correct them.")

    def reward(self, before: int, listens: int, *, early: bool, paid_today: int = 0) -> Wei:
        """Return the CGC wei for new listens of one listener.

        Args:
            before: Listens of this listener that were counted already.
            listens: New ones.
            early: This is one of the first listeners and has not had the bonus.
            paid_today: CGC wei this listener got today already.
        """
        once = max(0, min(REPEAT_AFTER - before, listens))
        more = listens - once
        earned = self.per_listen * (once + more * self.repeat_multiplier) + (self.early_bonus if early else 0)
        return Wei(max(0, min(earned, self.daily_cap - paid_today)))


DEFAULT_TERMS: Final = GiftTerms(
    per_listen=WEI_PER_TOKEN,
    early_listeners=100,
    early_bonus=10 * WEI_PER_TOKEN,
    repeat_multiplier=2,
    daily_cap=20 * WEI_PER_TOKEN,
)

"""Round axis steps in whole numbers, so that a scale of wei is as exact as one of plays."""

from __future__ import annotations

from dataclasses import dataclass

_STEPS = (1, 2, 4, 5)


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from ``low`` to ``high`` with a label every ``step``; ``low <= 0 <= high`` and both are multiples of the step."""

    low: int
    high: int
    step: int

    @property
    def ticks(self) -> tuple[int, ...]:
        """The labelled values, ascending."""
        return tuple(range(self.low, self.high + 1, self.step))

    def fraction(self, value: int) -> float:
        """Return where a value lies, 0 at the bottom to 1 at the top."""
        return (value - self.low) / (self.high - self.low)


def nice_scale(low: int, high: int, most: int = 4) -> Scale:
    """Return the finest round scale that covers ``low``, 0 and ``high`` with at most ``most`` steps on the longer side of zero."""
    low, high = min(low, 0), max(high, 0)
    longest = max(high, -low)
    if longest == 0:
        return Scale(0, most, most)
    step = next_step(longest, most)
    return Scale(low // step * step, -(-high // step) * step, step)


def next_step(longest: int, most: int) -> int:
    """Return the smallest 1, 2, 4 or 5 times a power of ten of which ``most`` reach ``longest``."""
    power = int("1" + "0" * max(0, len(str(longest)) - 2))
    while True:
        for factor in _STEPS:
            if factor * power * most >= longest:
                return factor * power
        power *= 10


def matching_scale(high: int, steps: int) -> Scale:
    """Return a scale from zero with exactly ``steps`` steps, for a right axis that shares the left one's lines."""
    step = next_step(max(high, 1), steps)
    return Scale(0, step * steps, step)

"""How fast an upload is, from what the server confirmed: one figure a second, kept for a minute."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

SECONDS = 60
"""How long figures are kept."""
WINDOW = 5
"""Seconds the present speed is taken over."""
STALL = 8.0
"""Seconds without a confirmation after which nothing moves; a piece takes at most a few."""


class Meter:
    """Speed of one upload. Not safe for several threads at once: the queue's lock guards it.

    A piece is confirmed all at once, after seconds on a slow line, so its bytes are spread over the time since the confirmation before.
    """

    def __init__(self, confirmed: int, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._confirmed = confirmed
        self._last = self._begun = clock()
        self._seconds: dict[int, float] = {}

    def note(self, confirmed: int) -> None:
        """Take what the server has now; less than before (a piece that was lost) counts as a new beginning."""
        present = self._clock()
        sent, since = confirmed - self._confirmed, self._last
        self._confirmed, self._last = confirmed, present
        if sent <= 0:
            return
        since = min(since, present - 1e-6)
        rate = sent / (present - since)
        for second in range(int(since), int(present) + 1):
            share = min(present, second + 1) - max(since, second)
            if share > 0 and second > present - SECONDS - STALL - 1:
                self._seconds[second] = self._seconds.get(second, 0.0) + rate * share
        for second in [each for each in self._seconds if each < present - SECONDS - STALL - 1]:
            del self._seconds[second]

    def speed(self) -> int:
        """Return bytes a second over the last whole seconds, or since the beginning while that is short; 0 once nothing came for long."""
        present = self._clock()
        if present - self._last > STALL:
            return 0
        length = min(WINDOW, max(present - self._begun, 1e-3))
        if length < 2:
            return round(sum(self._seconds.values()) / length)
        until = int(self._last)
        whole = [self._seconds.get(second, 0.0) for second in range(until - WINDOW, until) if second > int(self._begun)]
        return round(sum(whole) / len(whole)) if whole else round(sum(self._seconds.values()) / length)

    def history(self) -> tuple[int, ...]:
        """Return bytes a second of the last :data:`SECONDS` whole seconds, oldest first.

        They end with the second of the last confirmation, since what is on its way is not known yet; with now when nothing came for long.
        """
        present = self._clock()
        until = int(present if present - self._last > STALL else self._last)
        return tuple(round(self._seconds.get(second, 0.0)) for second in range(until - SECONDS, until))


def eta(left: int, speed: int) -> int | None:
    """Return the seconds ``left`` bytes take, None when nothing moves."""
    return None if speed <= 0 else -(-left // speed)

"""Notices that the computer slept: a clock that goes on in sleep got ahead of one that does not, or nobody looked for long."""

from __future__ import annotations

import time
from collections.abc import Callable

LEAST_SECONDS = 10.0
"""Shorter sleeps break no connection, and a clock that is set by seconds is no sleep."""


def _through_sleep() -> float:
    """Return seconds on a clock that goes on while the computer sleeps."""
    if hasattr(time, "CLOCK_BOOTTIME"):
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.time()


class Waking:
    """Tells once after each sleep. Ask at every beat.

    Where the system's one steady clock goes on in sleep, too (Windows), a beat that comes much too late tells it.

    Args:
        beat: Seconds between two questions.
        through: Seconds on a clock that goes on in sleep.
        awake: Seconds on one that stands still.
    """

    def __init__(
        self,
        beat: float,
        through: Callable[[], float] = _through_sleep,
        awake: Callable[[], float] = time.monotonic,
    ) -> None:
        self._beat = beat
        self._through, self._awake = through, awake
        self._seen = through(), awake()

    def begin(self) -> None:
        """Begin to count beats anew: nobody asked for a while, and that is no sleep."""
        through, awake = self._seen
        present = self._awake()
        self._seen = through + (present - awake), present

    def slept(self) -> bool:
        """Tell whether the computer slept since the last question."""
        through, awake = self._seen
        self._seen = self._through(), self._awake()
        gone, stood = self._seen[0] - through, self._seen[1] - awake
        return gone - stood > LEAST_SECONDS or stood > self._beat + LEAST_SECONDS

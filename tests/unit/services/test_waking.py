"""A sleep of the computer is told once, whichever of its clocks stood still; a clock that is set a little is none."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from mycelix_studio.services.waking import Waking


@dataclass
class Clocks:
    """Two clocks of one computer."""

    through: float = 1_000.0
    awake: float = 50.0

    def waking(self) -> Waking:
        return Waking(5.0, lambda: self.through, lambda: self.awake)

    def go(self, through: float, awake: float) -> None:
        self.through += through
        self.awake += awake


@pytest.mark.parametrize(
    ("through", "awake", "slept"),
    [
        (5.0, 5.0, False),  # a beat
        (9.0, 5.0, False),  # a clock was set, or a nap that broke nothing
        (5.0, 14.0, False),  # a beat that was late, under load
        (-3_600.0, 5.0, False),  # a clock was set back
        (9 * 3_600.0, 3.0, True),  # Linux, macOS: the steady clock stood still
        (9 * 3_600.0, 9 * 3_600.0, True),  # Windows: it went on
    ],
)
def test_a_sleep_is_told_once(through: float, awake: float, slept: bool) -> None:
    clocks = Clocks()
    waking = clocks.waking()
    clocks.go(through, awake)
    assert waking.slept() is slept
    clocks.go(5.0, 5.0)
    assert not waking.slept()


def test_who_had_nothing_to_ask_for_hours_was_not_asleep_but_may_have_been() -> None:
    clocks = Clocks()
    waking = clocks.waking()
    clocks.go(7_200.0, 7_200.0)
    waking.begin()
    assert not waking.slept()
    clocks.go(30_000.0, 7_200.0)
    waking.begin()
    assert waking.slept()


def test_the_clocks_of_this_computer_tell_no_sleep_while_it_is_awake() -> None:
    waking = Waking(5.0)
    assert not waking.slept()

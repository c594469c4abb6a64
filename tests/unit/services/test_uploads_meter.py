"""Speeds from confirmed bytes: whole pieces become an even flow, and no byte is lost or counted twice."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.services.uploads_meter import SECONDS, Meter, eta


class Clock:
    def __init__(self) -> None:
        self.now = 1_000.25

    def __call__(self) -> float:
        return self.now


def test_pieces_that_come_every_four_seconds_are_an_even_flow() -> None:
    clock = Clock()
    meter = Meter(0, clock)
    for piece in range(1, 6):
        clock.now += 4
        meter.note(piece * 4_000_000)
    assert meter.speed() == 1_000_000
    assert set(meter.history()[-19:-1]) == {1_000_000}
    assert meter.history()[0] == 0


def test_what_was_there_before_is_no_speed() -> None:
    clock = Clock()
    meter = Meter(50_000_000, clock)
    clock.now += 1
    meter.note(51_000_000)
    assert meter.speed() == 1_000_000


def test_a_piece_that_was_lost_begins_anew() -> None:
    clock = Clock()
    meter = Meter(10, clock)
    clock.now += 1
    meter.note(5)
    clock.now += 1
    meter.note(10)
    assert sum(meter.history()) <= 5


def test_after_a_long_silence_nothing_moves() -> None:
    clock = Clock()
    meter = Meter(0, clock)
    clock.now += 10
    meter.note(10_000_000)
    assert meter.speed() == 1_000_000
    clock.now += 7
    assert meter.speed() == 1_000_000
    clock.now += 2
    assert meter.speed() == 0
    assert meter.history()[-8:] == (0,) * 8


@given(st.lists(st.tuples(st.floats(0.01, 5), st.integers(0, 10**7)), max_size=11))
def test_all_bytes_of_the_last_minute_are_in_the_history(steps: list[tuple[float, int]]) -> None:
    clock = Clock()
    meter = Meter(0, clock)
    total = 0
    for seconds, size in steps:
        clock.now += seconds
        total += size
        meter.note(total)
    clock.now = int(clock.now) + 9.0  # so long after the last that every second counts, not only whole ones
    assert abs(sum(meter.history()) - total) <= SECONDS
    assert meter.speed() >= 0


def test_time_left_is_rounded_up_and_unknown_while_nothing_moves() -> None:
    assert (eta(1_001, 1_000), eta(0, 5), eta(10, 0)) == (2, 0, None)

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.demo import catalogue
from mycelix_studio.demo.audience import DAYS, LISTENERS, imagine
from mycelix_studio.domain.clock import DAY_SECONDS

POPULARITY = [song.popularity for song in catalogue.SONGS]
LENGTHS = [song.seconds for song in catalogue.SONGS]


def test_the_same_seed_gives_the_same_story() -> None:
    assert imagine(POPULARITY, LENGTHS) == imagine(POPULARITY, LENGTHS)


def test_every_listener_and_song_appears_over_the_whole_time() -> None:
    audience = imagine(POPULARITY, LENGTHS)
    assert {listen.listener for listen in audience.listens} == set(range(LISTENERS))
    assert {listen.song for listen in audience.listens} == set(range(len(POPULARITY)))
    assert audience.listens[0].day < 3
    assert audience.listens[-1].day >= DAYS - 3
    assert audience.plays > 1_500
    assert len(audience.tips) > 20


@given(st.integers(0, 2**32), st.integers(1, 40), st.integers(1, 30))
def test_what_happens_is_in_order_and_possible(seed: int, days: int, listeners: int) -> None:
    audience = imagine(POPULARITY, LENGTHS, seed=seed, days=days, listeners=listeners)
    for events in (audience.listens, audience.tips):
        assert [event.at for event in events] == sorted(event.at for event in events)
        assert all(event.at // DAY_SECONDS - event.day in (0, 1) for event in events)
    for listen in audience.listens:
        assert len(listen.seconds) == listen.times
        assert all(0 < seconds <= LENGTHS[listen.song] for seconds in listen.seconds)

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.demo import catalogue
from mycelix_studio.demo.audience import DAYS, LISTENERS, imagine
from mycelix_studio.demo.supporters import FAITHFUL, Join, Purchase, Quit, Round, Thanks, imagine_support
from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, PERIOD_SECONDS

WAYS: list[tuple[StrategyName, ...]] = [("pay-per-stream",), ("patronage",), ("gift-economy",), ("auction",)] * 3
AUDIENCE = imagine([song.popularity for song in catalogue.SONGS], [song.seconds for song in catalogue.SONGS])


@given(st.integers(0, 2**32))
def test_supporters_do_what_each_song_offers_in_order_of_time(seed: int) -> None:
    support = imagine_support(AUDIENCE, WAYS, LISTENERS, seed=seed)
    assert [each.at for each in support] == sorted(each.at for each in support)
    offers = {Join: "patronage", Quit: "patronage", Round: "patronage", Purchase: "auction", Thanks: "gift-economy"}
    for each in support:
        assert 0 <= each.day < DAYS
        assert each.at // DAY_SECONDS == each.day
        assert offers[type(each)] in WAYS[each.song]


@given(st.integers(0, 2**32))
def test_everybody_is_renewed_when_due_and_within_the_grace(seed: int) -> None:
    support = imagine_support(AUDIENCE, WAYS, LISTENERS, seed=seed)
    paid: dict[tuple[int, int], int] = {}
    left: set[tuple[int, int]] = set()
    for each in support:
        if isinstance(each, Join):
            paid[(each.song, each.listener)] = each.at + PERIOD_SECONDS
        elif isinstance(each, Quit):
            left.add((each.song, each.listener))
        elif isinstance(each, Round):
            for listener in each.listeners:
                end = paid[(each.song, listener)]
                assert end + 3_600 < each.at < end + GRACE_SECONDS
                assert (each.song, listener) not in left
                paid[(each.song, listener)] = end + PERIOD_SECONDS


def test_the_faithful_stay_long_enough_for_the_next_level() -> None:
    support = imagine_support(AUDIENCE, WAYS, LISTENERS)
    rounds = [each for each in support if isinstance(each, Round) and each.song == 1]
    early = [each.listener for each in support if isinstance(each, Join) and each.song == 1][:FAITHFUL]
    for listener in early:
        assert len([each for each in rounds if listener in each.listeners]) == 3


def test_thanks_are_asked_for_plays_of_the_past_and_only_for_new_ones() -> None:
    counted: dict[tuple[int, int], int] = {}
    for each in imagine_support(AUDIENCE, WAYS, LISTENERS):
        if isinstance(each, Thanks):
            heard = sum(
                listen.times
                for listen in AUDIENCE.listens
                if (listen.song, listen.listener) == (each.song, each.listener) and listen.at // DAY_SECONDS < each.day
            )
            assert counted.get((each.song, each.listener), 0) < each.listens == heard
            counted[(each.song, each.listener)] = each.listens
    assert counted

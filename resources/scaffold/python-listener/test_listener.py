"""Against a running node: MYCELIX_SERVER names it, MYCELIX_CHAIN_ID its chain. It needs one song."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest
from listener import Listener, Play

SERVER = os.environ.get("MYCELIX_SERVER", "")
pytestmark = pytest.mark.skipif(not SERVER, reason="MYCELIX_SERVER names no node")


@pytest.fixture
def listener() -> Iterator[Listener]:
    made = Listener(SERVER, chain_id=int(os.environ.get("MYCELIX_CHAIN_ID", "100")))
    made.sign_in()
    yield made
    made.close()


def test_a_reported_play_is_counted_once_however_often_it_is_sent(listener: Listener) -> None:
    (song,) = listener.songs(1)
    play = Play(song.song_id, 1)
    assert [listener.report(play) for _time in range(3)] == ["accepted", "duplicate", "duplicate"]


def test_audio_comes_in_the_range_that_was_asked_for(listener: Listener) -> None:
    (song,) = listener.songs(1)
    if not listener.may_hear(song):
        pytest.skip("this song is not to be heard without paying")
    whole = listener.audio(song, 0, 1_023)
    assert listener.audio(song, 100, 199) == whole[100:200]

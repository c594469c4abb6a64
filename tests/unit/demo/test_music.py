from __future__ import annotations

import dataclasses
import io
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from mycelix_studio.demo import catalogue, music

SHORT = {song.container: dataclasses.replace(song, seconds=4) for song in catalogue.SONGS}


def test_composing_is_repeatable_loud_and_in_stereo() -> None:
    first, second = music.compose(SHORT["flac"]), music.compose(SHORT["flac"])
    assert np.array_equal(first, second)
    assert first.shape == (2, 4 * music.RATE)
    assert np.abs(first).max() == pytest.approx(10 ** (-1.5 / 20))
    assert np.sqrt(np.mean(first**2)) > 0.03, "silence is not music"
    assert not np.allclose(first[0], first[1])


@pytest.mark.parametrize("container", sorted(SHORT))
def test_every_container_decodes_to_the_length_composed(container: str, tmp_path: Path) -> None:
    path = music.write(SHORT[container], tmp_path)
    with av.open(str(path)) as file:
        stream = file.streams.audio[0]
        samples = sum(frame.samples for frame in file.decode(stream))
        assert samples / stream.rate == pytest.approx(4, abs=0.15)


def test_covers_meet_the_stores_rule_of_3000_pixels() -> None:
    with Image.open(io.BytesIO(music.cover(catalogue.SALT))) as image:
        assert image.size == (3_000, 3_000)
        assert image.mode == "RGB"


def test_the_catalogue_has_twelve_songs_in_several_containers_long_enough_for_a_single() -> None:
    assert len(catalogue.SONGS) == 12
    assert len({song.container for song in catalogue.SONGS}) >= 6
    assert len({song.isrc for song in catalogue.SONGS}) == 12
    assert min(song.seconds for song in catalogue.SONGS) >= 30

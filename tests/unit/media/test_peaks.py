"""The points of a waveform: every point, and every level above them, is what brute force over the samples finds."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.media import peaks as peaking
from mycelix_studio.media.errors import Unreadable
from mycelix_studio.media.peaks import Peaks, peaks
from mycelix_studio.media.sandbox import READING_BYTES, Sandbox
from mycelix_studio.media.sound import outline
from mycelix_studio.ui.charts.pyramid import Pyramid
from tests.fixtures import audio


def _wav(path: Path, samples: np.ndarray, rate: int) -> Path:
    """Write 16 bit WAV of int16 samples, shape (n, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(samples.astype("<i2").tobytes())
    return path


def _brute(samples: np.ndarray, rate: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return least and greatest of each ``step`` milliseconds, one by one."""
    small = np.clip(samples.astype(np.float32) / 32_768 * np.float32(127), -128, 127).astype(np.int8)
    low, high = [], []
    point = 0
    while (start := point * step * rate // 1_000) < len(small):
        stretch = small[start : (point + 1) * step * rate // 1_000]
        low.append(stretch.min())
        high.append(stretch.max())
        point += 1
    return np.array(low, np.int8), np.array(high, np.int8)


@settings(max_examples=30)
@given(
    st.integers(0, 2**32 - 1),
    st.sampled_from([8_000, 11_025, 22_050, 44_100, 48_000, 96_000]),
    st.integers(1, 2),
    st.floats(0.001, 6.5),
)
def test_every_level_holds_the_extremes_of_its_samples(
    tmp_path: Path, seed: int, rate: int, channels: int, seconds: float
) -> None:
    samples = np.random.default_rng(seed).integers(-32_768, 32_768, (max(1, int(rate * seconds)), channels))
    found = peaks(_wav(tmp_path / "noise.wav", samples, rate))
    low, high = _brute(samples, rate, found.step)
    assert found.step == 1
    pyramid = Pyramid(np.frombuffer(found.low, np.int8), np.frombuffer(found.high, np.int8))
    assert len(pyramid) == len(low) and pyramid.low[0].dtype == np.int8
    for level, (least, most) in enumerate(zip(pyramid.low, pyramid.high, strict=True)):
        starts = np.arange(0, len(low), 2**level)
        assert least.tolist() == [low[at : at + 2**level].min() for at in starts]
        assert most.tolist() == [high[at : at + 2**level].max() for at in starts]


@pytest.mark.parametrize("seconds", [3.9, 4.0, 9.3, 17.001])
def test_a_point_grows_where_there_would_be_too_many(tmp_path: Path, seconds: float) -> None:
    rate = 44_100
    samples = np.random.default_rng(7).integers(-32_768, 32_768, (int(rate * seconds), 2))
    found = peaks(_wav(tmp_path / "long.wav", samples, rate), most=4_000)
    low, high = _brute(samples, rate, found.step)
    assert found.step == (1 if seconds < 4 else 2 if seconds < 8 else 4 if seconds < 16 else 8)
    assert (found.low, found.high) == (low.tobytes(), high.tobytes())


@pytest.mark.parametrize("ending", list(audio.ENCODERS))
def test_points_of_every_container_are_of_its_whole_length(tmp_path: Path, ending: str) -> None:
    found = peaks(audio.make(tmp_path, ending, seconds=2.0))
    assert found.step == 1 and 1_990 <= len(found.low) <= 2_080
    assert np.median(np.frombuffer(found.high, np.int8)) == pytest.approx(0.35 * 127, abs=10)


def test_three_hours_are_read_within_the_memory_of_a_reader(tmp_path: Path) -> None:
    """A sparse file of 3 hours with three loud samples: found to the millisecond by a child that may have 512 MB."""
    rate, seconds = 8_000, 3 * 3_600
    path, size = tmp_path / "long.wav", rate * seconds * 2
    spots = [0, rate * 5_000 + rate // 1_000 * 123, rate * seconds - 1]
    with path.open("wb") as file:
        head = struct.pack("<4sIHHIIHH4sI", b"fmt ", 16, 1, 1, rate, rate * 2, 2, 16, b"data", size)
        file.write(struct.pack("<4sI4s", b"RIFF", size + 36, b"WAVE") + head)
        begin = file.tell()
        for spot in spots:
            file.seek(begin + spot * 2)
            file.write(struct.pack("<h", 32_767))
        file.truncate(begin + size)
    sandbox = Sandbox(children=1, memory=READING_BYTES)
    try:
        found = sandbox.run(peaks, path, seconds=120.0)
    finally:
        sandbox.close()
    high = np.frombuffer(found.high, np.int8)
    assert (found.step, len(high)) == (1, seconds * 1_000)
    assert np.flatnonzero(high).tolist() == [0, 5_000_123, seconds * 1_000 - 1]
    pyramid = Pyramid(np.frombuffer(found.low, np.int8), high)
    assert sum(each.nbytes for each in (*pyramid.low, *pyramid.high)) < 44_000_000


def test_kept_points_are_checked_when_they_are_read() -> None:
    made = Peaks(b"\x81\x00\x05", b"\x00\x7f\x06", 2, 14)
    kept = made.to_bytes()
    assert Peaks.from_bytes(kept) == made
    for broken in (b"", kept[:-1], kept[:-2], kept[:10], b"x" + kept[1:], kept[:-1] + b"\x07"):
        assert Peaks.from_bytes(broken) is None


def test_the_outline_is_of_the_same_points(tmp_path: Path) -> None:
    samples = np.random.default_rng(3).integers(-32_768, 32_768, (44_100 * 3, 1))
    path = _wav(tmp_path / "noise.wav", samples, 44_100)
    found, fine = outline(path, points=10), peaks(path)
    low = np.frombuffer(fine.low, np.int8).reshape(10, 300).min(axis=1)
    assert found.low == low.tobytes()
    assert found.clipped == fine.clipped


def test_no_sound_is_one_silent_point_and_no_audio_is_refused(tmp_path: Path) -> None:
    assert peaks(_wav(tmp_path / "nothing.wav", np.zeros((0, 2)), 8_000)) == Peaks(b"\0", b"\0", 1, 0)
    (tmp_path / "noise.mp3").write_bytes(b"\0" * 4_000)
    with pytest.raises(Unreadable):
        peaks(tmp_path / "noise.mp3")


def test_clipped_runs_are_counted_once_across_channels() -> None:
    loud = np.zeros((2, 20), np.float32)
    loud[0, 3:7] = 1.0
    loud[1, 10:12] = 1.0  # two in a row are no run
    loud[1, 17:20] = -1.0
    assert peaking._clips(loud) == 2

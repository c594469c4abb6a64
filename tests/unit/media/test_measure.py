from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from mycelix_studio.domain.preflight import SoundFacts, WaveFacts
from mycelix_studio.media import measure as measuring
from mycelix_studio.media import payload
from mycelix_studio.media.clean import clean_copy
from mycelix_studio.media.errors import Unreadable
from tests.fixtures import audio

RATE = 44_100


def _wav(path: Path, samples: np.ndarray) -> Path:
    """Write 16 bit WAV; samples in [-1, 1], shape (n, channels)."""
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes((np.clip(samples, -1, 1) * 32_767).astype("<i2").tobytes())
    return path


def _tone(seconds: float, gain: float, channels: int = 2) -> np.ndarray:
    time = np.arange(round(seconds * RATE)) / RATE
    return np.repeat((gain * np.sin(2 * np.pi * 997 * time))[:, None], channels, axis=1)


def test_a_tone_has_the_loudness_the_standard_gives_it(tmp_path: Path) -> None:
    """BS.1770: a 997 Hz sine in both channels reads as its level in dBFS: -20 dBFS is -20 LUFS."""
    found = measuring.measure(_wav(tmp_path / "tone.wav", _tone(5, 10 ** (-20 / 20))))
    assert found.sound.integrated == pytest.approx(-20.0, abs=0.2)
    assert found.sound.true_peak == pytest.approx(-20.0, abs=0.2)
    assert found.sound.clipped == 0
    assert found.sound.dc == pytest.approx(0, abs=0.001)


def test_silence_at_both_ends_is_measured(tmp_path: Path) -> None:
    quiet = np.zeros((RATE, 2))
    found = measuring.measure(_wav(tmp_path / "ends.wav", np.concatenate([quiet, quiet, _tone(1, 0.5), quiet])))
    assert found.sound.silence_start == pytest.approx(2.0, abs=0.01)
    assert found.sound.silence_end == pytest.approx(1.0, abs=0.01)


def test_clipping_and_offset_are_found(tmp_path: Path) -> None:
    assert measuring.measure(_wav(tmp_path / "clip.wav", _tone(1, 1.8))).sound.clipped > 100
    assert measuring.measure(_wav(tmp_path / "dc.wav", _tone(1, 0.2) + 0.05)).sound.dc == pytest.approx(0.05, abs=0.002)


def test_a_whole_file_of_silence_is_measured_without_a_level(tmp_path: Path) -> None:
    found = measuring.measure(_wav(tmp_path / "nothing.wav", np.zeros((RATE, 2)))).sound
    assert (found.silence_start, found.silence_end) == pytest.approx((1.0, 1.0))
    assert (found.integrated, found.range, found.true_peak, found.dc) == (None, None, None, 0.0)


def test_samples_that_are_no_numbers_spoil_no_other_figure(tmp_path: Path) -> None:
    samples = _tone(1, 0.5).astype("<f4")
    samples[RATE // 2] = np.nan
    samples[RATE // 4] = np.inf
    body = samples.tobytes()
    head = struct.pack("<HHIIHH", 3, 2, RATE, RATE * 8, 8, 32)  # 3: floating point
    path = tmp_path / "float.wav"
    size = struct.pack("<I", 20 + len(head) + len(body))
    path.write_bytes(
        b"RIFF" + size + b"WAVEfmt " + struct.pack("<I", 16) + head + b"data" + struct.pack("<I", len(body)) + body
    )
    found = measuring.measure(path)
    figures = [getattr(found.sound, name) for name in SoundFacts.__slots__]
    assert all(figure is None or math.isfinite(figure) for figure in figures)
    assert found.sound.dc is None
    assert max(np.frombuffer(found.outline.high, np.int8)) > 60


def test_the_header_of_a_wav_is_read_and_what_follows_the_audio(tmp_path: Path) -> None:
    path = _wav(tmp_path / "plain.wav", _tone(0.1, 0.5))
    assert measuring.wave(path) == WaveFacts(1, 0)
    with path.open("ab") as file:
        file.write(b"id3 \x04\x00\x00\x00abcd")
    assert measuring.wave(path) == WaveFacts(1, 12)


def test_other_files_have_no_wav_header(tmp_path: Path) -> None:
    assert measuring.wave(audio.make(tmp_path, "flac")) is None


def test_what_cannot_be_decoded_is_refused(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF\x00\x00\x00\x00WAVEjunk" + bytes(200))
    with pytest.raises(Unreadable):
        measuring.measure(bad)


def test_a_clean_copy_is_stereo_flac_with_the_same_sound_and_nothing_is_replaced(tmp_path: Path) -> None:
    path = _wav(tmp_path / "mono.wav", _tone(0.5, 0.5, channels=1))
    before = path.read_bytes()
    first, second = clean_copy(path), clean_copy(path)
    assert (first.name, second.name) == ("mono (clean).flac", "mono (clean 2).flac")
    assert path.read_bytes() == before
    assert payload.audio_sha256(first) == payload.audio_sha256(second)
    found = measuring.measure(first)
    assert found.sound.true_peak == pytest.approx(measuring.measure(path).sound.true_peak, abs=0.1)
    assert [left.name for left in tmp_path.iterdir() if left.name.startswith(".")] == []


@pytest.mark.parametrize("deep", [False, True])
def test_a_clean_wav_holds_the_same_samples_under_the_plain_tag_and_ends_with_them(tmp_path: Path, deep: bool) -> None:
    source = audio.make(tmp_path, "flac", seconds=0.2)
    if deep:
        source = _wav24(tmp_path / "deep.wav")
    copy = clean_copy(source, "wav")
    assert copy.name == f"{source.stem} (clean).wav"
    found = measuring.measure(copy)
    assert found.wave == WaveFacts(1, 0)
    with wave.open(str(copy)) as file:
        assert (file.getnchannels(), file.getsampwidth()) == (2, 3 if deep else 2)
        samples = file.readframes(file.getnframes())
    again = clean_copy(clean_copy(source), "wav")
    with wave.open(str(again)) as file:
        assert file.readframes(file.getnframes()) == samples, "FLAC and WAV hold the same"
    if deep:
        with wave.open(str(source)) as file:
            assert file.readframes(file.getnframes()) == samples


def _wav24(path: Path) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(3)
        file.setframerate(48_000)
        file.writeframes(np.random.default_rng(1).integers(0, 256, 6 * 9_000, dtype=np.uint8).tobytes())
    return path


def test_a_copy_of_a_broken_file_leaves_nothing(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"no audio at all")
    with pytest.raises(Unreadable):
        clean_copy(bad)
    assert [path.name for path in tmp_path.iterdir()] == ["bad.wav"]

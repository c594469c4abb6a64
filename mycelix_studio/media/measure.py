"""Everything about a sound that takes decoding, in one call for the child: outline, loudness, silence, offset, WAV header."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycelix_studio.domain.preflight import SoundFacts, WaveFacts
from mycelix_studio.media.decoding import RATE, samples_of
from mycelix_studio.media.errors import Unreadable, from_os
from mycelix_studio.media.sound import Loudness, Outline, loudness, outline

SILENCE = 10 ** (-60 / 20)
"""-60 dBFS."""
EXTENSIBLE = 0xFFFE


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured. ``wave`` is None for anything but WAV."""

    outline: Outline
    sound: SoundFacts
    wave: WaveFacts | None


def measure(path: Path) -> Measured:
    """Decode a file and return its figures.

    Raises:
        Unreadable: It cannot be decoded.
    """
    shape = outline(path)
    level = _loudness(path)
    start, end, offset = ends(path)
    sound = SoundFacts(
        level.integrated if level is not None else None,
        level.range if level is not None else None,
        level.true_peak if level is not None else None,
        shape.clipped,
        start,
        end,
        offset,
    )
    return Measured(shape, sound, wave(path))


def _loudness(path: Path) -> Loudness | None:
    """Return loudness; None for a file too short or too quiet to measure."""
    try:
        return loudness(path)
    except Unreadable:
        return None


def ends(path: Path) -> tuple[float, float, float | None]:
    """Return seconds of silence at both ends and the greatest DC offset of a channel, None where samples are no numbers.

    Raises:
        Unreadable: It cannot be decoded.
    """
    rate = RATE
    total = first = 0
    last = -1
    sums: np.ndarray | None = None
    for said, samples in samples_of(path):
        rate = said
        loud = np.flatnonzero(np.abs(samples).max(axis=0) > SILENCE)
        if loud.size:
            first = total + int(loud[0]) if last < 0 else first
            last = total + int(loud[-1])
        total += samples.shape[1]
        sums = samples.sum(axis=1, dtype=np.float64) + (0 if sums is None else sums)
    if not total or sums is None:
        return 0.0, 0.0, 0.0
    if last < 0:
        return total / rate, total / rate, 0.0
    offset = float(np.abs(sums / total).max())
    return first / rate, (total - 1 - last) / rate, offset if np.isfinite(offset) else None


def wave(path: Path) -> WaveFacts | None:
    """Return how a WAV file is built; None for other files and for RF64, whose sizes lie elsewhere.

    Raises:
        Unreadable: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            head = file.read(12)
            if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
                return None
            size = path.stat().st_size
            tag, place, after = 0, 12, 0
            while place + 8 <= size:
                file.seek(place)
                name, length = struct.unpack("<4sI", file.read(8))
                if name == b"fmt ":
                    tag = int.from_bytes(file.read(2), "little")
                following = place + 8 + length + (length & 1)
                if name == b"data":
                    after = max(0, size - following)
                    break
                place = following
            return WaveFacts(tag, after)
    except OSError as error:
        raise from_os(path, error, saving=False) from error

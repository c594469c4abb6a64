"""Least and greatest sample of every millisecond of a sound: what a waveform is painted from at any zoom."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mycelix_studio.media.decoding import RATE, samples_of

MOST = 1 << 24
"""Points of one sound; longer than four and a half hours, a point is two milliseconds, then four. So memory has an end: 2 bytes a point."""
FULL = 0.999969
"""A sample at full scale of 16 bit."""
_HEAD = struct.Struct("<8sIIQ")
_MARK = b"MYCPEAKS"


@dataclass(frozen=True, slots=True)
class Peaks:
    """A sound in points of equal length.

    Attributes:
        low: Least sample of each point, int8; -127 is full scale.
        high: Greatest sample.
        step: Milliseconds of a point. The last point may be shorter.
        clipped: Runs of three or more samples at full scale.
    """

    low: bytes
    high: bytes
    step: int
    clipped: int

    def to_bytes(self) -> bytes:
        """Return it as it is kept in a file, with a checksum."""
        data = self.low + self.high
        return _HEAD.pack(_MARK, self.step, self.clipped, zlib.crc32(data)) + data

    @classmethod
    def from_bytes(cls, data: bytes) -> Peaks | None:
        """Return what :meth:`to_bytes` made; None where it is not whole, or not of this kind."""
        if len(data) < _HEAD.size or (len(data) - _HEAD.size) % 2:
            return None
        mark, step, clipped, checksum = _HEAD.unpack_from(data)
        body = memoryview(data)[_HEAD.size :]
        if mark != _MARK or zlib.crc32(body) != checksum:
            return None
        half = len(body) // 2
        return cls(bytes(body[:half]), bytes(body[half:]), step, clipped)


def peaks(path: Path, most: int = MOST) -> Peaks:
    """Decode a file once, a second at a time, and return its points: fewer than ``most``, which is 4,000 at least, and a second's.

    Raises:
        Unreadable: It cannot be decoded.
    """
    folding: _Folding | None = None
    block: list[np.ndarray] = []
    held = 0
    for rate, samples in samples_of(path):
        folding = folding or _Folding(rate, most)
        block.append(samples)
        held += samples.shape[1]
        if held >= rate:
            folding.add(np.concatenate(block, axis=1))
            block, held = [], 0
    folding = folding or _Folding(RATE, most)
    if block:
        folding.add(np.concatenate(block, axis=1))
    return folding.finish()


class _Folding:
    """Takes samples as they come and keeps a point for every step."""

    def __init__(self, rate: int, most: int) -> None:
        self._rate = rate
        self._most = most
        self._step = max(1, -(-1_000 // rate))
        self._low, self._high = bytearray(), bytearray()
        self._open_low, self._open_high = np.empty(0, np.float32), np.empty(0, np.float32)
        self._seen = 0
        self._clipped = 0

    def add(self, samples: np.ndarray) -> None:
        """Take more samples, shape (channels, n)."""
        self._clipped += _clips(samples)
        self._open_low = np.concatenate([self._open_low, samples.min(axis=0)])
        self._open_high = np.concatenate([self._open_high, samples.max(axis=0)])
        self._seen += samples.shape[1]
        done = len(self._low)
        until = (self._seen * 1_000 // (self._step * self._rate)) & ~1  # in pairs, so that they can be halved
        if until <= done:
            return
        edges = self._edges(done, until)
        start, end = int(edges[0]), int(edges[-1])
        self._keep(edges[:-1] - start, end - start)
        self._open_low, self._open_high = self._open_low[end - start :], self._open_high[end - start :]
        if len(self._low) >= self._most:
            low, high = (np.frombuffer(each, np.int8) for each in (self._low, self._high))
            low, high = np.minimum(low[0::2], low[1::2]), np.maximum(high[0::2], high[1::2])
            self._low, self._high = bytearray(low.tobytes()), bytearray(high.tobytes())
            self._step *= 2

    def finish(self) -> Peaks:
        """Return everything; a sound without a sample is one silent point."""
        if len(self._open_low):
            done = len(self._low)
            starts = self._edges(done, done + 2)[:-1]
            starts = starts - starts[0]
            self._keep(starts[starts < len(self._open_low)], len(self._open_low))
        return Peaks(bytes(self._low) or b"\0", bytes(self._high) or b"\0", self._step, self._clipped)

    def _edges(self, first: int, last: int) -> np.ndarray:
        """Return the samples that the points ``first`` to ``last`` begin with."""
        return np.arange(first, last + 1, dtype=np.int64) * self._step * self._rate // 1_000

    def _keep(self, starts: np.ndarray, end: int) -> None:
        self._low += _small(np.minimum.reduceat(self._open_low[:end], starts))
        self._high += _small(np.maximum.reduceat(self._open_high[:end], starts))


def _small(values: np.ndarray) -> bytes:
    """Return samples in [-1, 1] as int8; no number is silence."""
    finite = np.nan_to_num(values, posinf=1.0, neginf=-1.0)
    small: bytes = np.clip(finite * 127.0, -128, 127).astype(np.int8).tobytes()
    return small


def _clips(samples: np.ndarray) -> int:
    full = np.abs(samples) >= FULL
    runs = full[:, 2:] & full[:, 1:-1] & full[:, :-2]
    starts = runs[:, 1:] & ~runs[:, :-1]
    return int(starts.sum() + runs[:, :1].sum())

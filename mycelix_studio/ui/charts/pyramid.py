"""Least and greatest value of every stretch of a long series, at every power of two, so that a frame costs the same at any zoom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]
    Numbers = NDArray[np.number]


@dataclass(frozen=True, slots=True)
class Columns:
    """Least and greatest value within each pixel column; NaN where there is no point."""

    low: Floats
    high: Floats


class Pyramid:
    """A min/max pyramid over values at equal steps.

    Args:
        values: One number a step. They are for pixels only; exact figures stay in the rows they came from.
        highs: The greatest of each step, where ``values`` are the least of each; both keep their kind of number, and with it their size.
    """

    def __init__(self, values: ArrayLike, highs: Numbers | None = None) -> None:
        base: Numbers = np.ascontiguousarray(values, dtype=None if highs is not None else np.float64)
        if base.ndim != 1 or (highs is not None and highs.shape != base.shape):
            raise ValueError("a series has one dimension")
        self.low: list[Numbers] = [base]
        self.high: list[Numbers] = [base if highs is None else highs]
        while len(self.low[-1]) > 1:
            self.low.append(_halved(self.low[-1], np.fmin))
            self.high.append(_halved(self.high[-1], np.fmax))

    def __len__(self) -> int:
        return len(self.low[0])

    @property
    def values(self) -> Numbers:
        """The series itself."""
        return self.low[0]

    def bounds(self, first: float, last: float) -> tuple[float, float]:
        """Return least and greatest value between two places; (0, 0) when there is none."""
        columns = self.columns(first, last, 1)
        low, high = float(columns.low[0]), float(columns.high[0])
        return (0.0, 0.0) if np.isnan(low) else (low, high)

    def columns(self, first: float, last: float, count: int, *, joined: bool = True) -> Columns:
        """Return ``count`` columns over the places ``first`` to ``last`` (fractions allowed), exact to a fraction of a column.

        Each column covers every point in it and the ends of the line into it, so that a line drawn from columns has no holes. Not
        ``joined``, a point is the stretch from its place to the next, and a column covers the stretches it touches.
        """
        span = max(last - first, 1e-9)
        level = 0
        while level + 1 < len(self.low) and span / count >= 2 ** (level + 2):
            level += 1
        size = 2**level
        low, high = self.low[level], self.high[level]
        edges = (first + np.arange(count + 1) * (span / count)) / size
        slack = 0.0 if joined else 1e-6  # where a stretch begins is no fraction
        starts = np.clip(np.floor(edges[:-1] + slack).astype(np.int64), 0, len(low) - 1)
        ends = np.clip(np.ceil(edges[1:] - slack).astype(np.int64) + joined, starts + 1, len(low))
        width = int((ends - starts).max())
        least, most = low[starts].astype(np.float64), high[starts].astype(np.float64)
        for step in range(1, width):
            place = np.minimum(starts + step, ends - 1)
            least = np.fmin(least, low[place])
            most = np.fmax(most, high[place])
        end = len(self) - 1 if joined else len(self) - slack
        outside = (edges[1:] * size < 0) | (edges[:-1] * size > end)
        least[outside] = np.nan
        most[outside] = np.nan
        return Columns(least, most)


def _halved(values: Numbers, pick: np.ufunc) -> Numbers:
    even = values[: len(values) // 2 * 2]
    halved: Numbers = pick(even[0::2], even[1::2])
    return np.append(halved, values[-1]) if len(values) % 2 else halved

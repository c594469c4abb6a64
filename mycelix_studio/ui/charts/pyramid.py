"""Least and greatest value of every stretch of a long series, at every power of two, so that a frame costs the same at any zoom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

    Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Columns:
    """Least and greatest value within each pixel column; NaN where there is no point."""

    low: Floats
    high: Floats


class Pyramid:
    """A min/max pyramid over values at equal steps.

    Args:
        values: One number a step. They are for pixels only; exact figures stay in the rows they came from.
    """

    def __init__(self, values: ArrayLike) -> None:
        base = np.ascontiguousarray(values, dtype=np.float64)
        if base.ndim != 1:
            raise ValueError("a series has one dimension")
        self.low: list[Floats] = [base]
        self.high: list[Floats] = [base]
        while len(self.low[-1]) > 1:
            self.low.append(_halved(self.low[-1], np.fmin))
            self.high.append(_halved(self.high[-1], np.fmax))

    def __len__(self) -> int:
        return len(self.low[0])

    @property
    def values(self) -> Floats:
        """The series itself."""
        return self.low[0]

    def bounds(self, first: float, last: float) -> tuple[float, float]:
        """Return least and greatest value between two places; (0, 0) when there is none."""
        columns = self.columns(first, last, 1)
        low, high = float(columns.low[0]), float(columns.high[0])
        return (0.0, 0.0) if np.isnan(low) else (low, high)

    def columns(self, first: float, last: float, count: int) -> Columns:
        """Return ``count`` columns over the places ``first`` to ``last`` (fractions allowed), exact to a fraction of a column.

        Each column covers every point in it and the ends of the line into it, so that a line drawn from columns has no holes.
        """
        span = max(last - first, 1e-9)
        level = 0
        while level + 1 < len(self.low) and span / count >= 2 ** (level + 2):
            level += 1
        size = 2**level
        low, high = self.low[level], self.high[level]
        edges = (first + np.arange(count + 1) * (span / count)) / size
        starts = np.clip(np.floor(edges[:-1]).astype(np.int64), 0, len(low) - 1)
        ends = np.clip(np.ceil(edges[1:]).astype(np.int64) + 1, starts + 1, len(low))
        width = int((ends - starts).max())
        least, most = low[starts], high[starts]
        for step in range(1, width):
            place = np.minimum(starts + step, ends - 1)
            least = np.fmin(least, low[place])
            most = np.fmax(most, high[place])
        outside = (edges[1:] * size < 0) | (edges[:-1] * size > len(self) - 1)
        least[outside] = np.nan
        most[outside] = np.nan
        return Columns(least, most)


def _halved(values: Floats, pick: np.ufunc) -> Floats:
    even = values[: len(values) // 2 * 2]
    halved: Floats = pick(even[0::2], even[1::2])
    return np.append(halved, values[-1]) if len(values) % 2 else halved

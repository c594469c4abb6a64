"""What is shown of something long: zoomed and moved, and never beyond its ends."""

from __future__ import annotations


class Span:
    """The places ``first`` to ``last`` of 0 to ``end``.

    Args:
        end: Where it ends.
        least: The narrowest that is shown.
    """

    def __init__(self, end: float, least: float) -> None:
        self.end = end
        self.least = least
        self.first, self.last = 0.0, end

    @property
    def width(self) -> float:
        """How much is shown."""
        return self.last - self.first

    @property
    def whole(self) -> bool:
        """Whether all of it is shown."""
        return self.first <= 0.0 and self.last >= self.end

    def holds(self, place: float) -> bool:
        """Tell whether a place is shown."""
        return self.first <= place <= self.last

    def show(self, first: float, last: float) -> bool:
        """Show ``first`` to ``last``, kept within the ends and no narrower than the least; returns whether anything moved."""
        width = min(max(last - first, min(self.least, self.end)), self.end)
        first = min(max(first, 0.0), self.end - width)
        before = self.first, self.last
        self.first, self.last = first, first + width
        return before != (self.first, self.last)

    def zoom(self, factor: float, at: float) -> bool:
        """Zoom by a factor (below 1: closer); the place at the share ``at`` of what is shown stays where it is."""
        place = self.first + self.width * at
        width = min(max(self.width * factor, min(self.least, self.end)), self.end)
        return self.show(place - width * at, place + width * (1 - at))

    def pan(self, share: float) -> bool:
        """Move by a share of what is shown, towards the end when positive."""
        step = self.width * share
        return self.show(self.first + step, self.last + step)

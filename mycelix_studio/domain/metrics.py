"""Arithmetic of figures: whole numbers in, whole numbers out."""

from __future__ import annotations

from datetime import date
from typing import NamedTuple

from mycelix_studio.domain.clock import EPOCH
from mycelix_studio.domain.money import BPS

RETURN_DAYS = 30
"""Days within which a listener counts as having come back."""


def day_of(day: date) -> int:
    """Return the number of a day, counted from 1970-01-01."""
    return (day - EPOCH).days


def month_of(day: date) -> int:
    """Return the number of a month: ``12 * year + month - 1``."""
    return day.year * 12 + day.month - 1


def month_start(month: int) -> date:
    """Return the first day of a month's number."""
    return date(month // 12, month % 12 + 1, 1)


def trend_bps(now: int, before: int) -> int | None:
    """Return the change against ``before`` in basis points, towards zero; None where there is nothing to compare with."""
    if before == 0:
        return None
    change = (now - before) * BPS
    return change // abs(before) if change >= 0 else -(-change // abs(before))


def returned_bps(before: int, again: int) -> int | None:
    """Return the share of the people of a time before who were there again, in basis points; None when there were none."""
    return None if before == 0 else again * BPS // before


class Span(NamedTuple):
    """Months (``months`` True) or days from ``first`` to ``last``, both included, that are added (sign 1) or subtracted (-1)."""

    months: bool
    first: int
    last: int
    sign: int = 1


def spans(first: date, last: date) -> tuple[Span, ...]:
    """Return few months and days whose sums make up the days from ``first`` to ``last``; whole months are one span and the first.

    Whole months are taken where they cost less than days; a month of which most is wanted is taken whole and its other days are subtracted.
    """
    if month_of(first) == month_of(last) and (last - first).days < 16:
        return (Span(False, day_of(first), day_of(last)),)
    found: list[Span] = []
    start, end = month_of(first), month_of(last)
    head = day_of(month_start(start + 1)) - day_of(first)
    before = day_of(first) - day_of(month_start(start))
    whole_head = before <= head
    tail = day_of(last) - day_of(month_start(end)) + 1
    after = day_of(month_start(end + 1)) - day_of(last) - 1
    whole_tail = after <= tail
    if start == end:  # most of one month
        found.append(Span(True, start, start))
        whole_head = whole_tail = True
    else:
        inner = (start if whole_head else start + 1, end if whole_tail else end - 1)
        if inner[0] <= inner[1]:
            found.append(Span(True, *inner))
    if whole_head and before:
        found.append(Span(False, day_of(month_start(start)), day_of(first) - 1, -1))
    elif not whole_head:
        found.append(Span(False, day_of(first), day_of(month_start(start + 1)) - 1))
    if whole_tail and after:
        found.append(Span(False, day_of(last) + 1, day_of(month_start(end + 1)) - 1, -1))
    elif not whole_tail:
        found.append(Span(False, day_of(month_start(end)), day_of(last)))
    return tuple(found)

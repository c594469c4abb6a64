"""Token amounts, exact to the wei.

An amount is a Python ``int`` of wei (10**-18 of a token). SQLite's INTEGER has 64 bits, which wei overflow, so the cache keeps
two columns: ``gwei`` and ``rem`` with ``amount = gwei * 10**9 + rem`` and ``0 <= rem < 10**9``; sums of each column stay exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NewType

from mycelix_studio.errors import Known

Wei = NewType("Wei", int)
"""An amount in wei. Negative for money that leaves."""

DECIMALS = 18
WEI_PER_TOKEN = 10**DECIMALS
WEI_PER_GWEI = 10**9
BPS = 10_000
"""Basis points in a whole."""


def split_gwei(amount: int) -> tuple[int, int]:
    """Return ``(gwei, rem)`` of an amount in wei, with ``0 <= rem < 10**9`` for negative amounts too."""
    return divmod(amount, WEI_PER_GWEI)


def join_gwei(gwei: int, rem: int) -> Wei:
    """Return the wei of sums of the two columns; ``rem`` may exceed 10**9 after a SUM."""
    return Wei(gwei * WEI_PER_GWEI + rem)


def parse_token(text: str) -> Wei:
    """Return the wei of a decimal number a person typed, such as ``0.01``.

    Raises:
        Known: Not a plain non-negative number, or more than 18 decimals.
    """
    from decimal import Decimal, InvalidOperation

    cleaned = text.strip().replace(" ", "").replace("\u202f", "").replace("\u00a0", "")
    try:
        value = Decimal(cleaned)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or value < 0 or "e" in cleaned.lower():
        raise Known("Not an amount", f"“{text}” is not a number.", "Type a number such as 0.01.")
    _sign, digits, exponent = value.as_tuple()
    if not isinstance(exponent, int) or -exponent > DECIMALS:
        raise Known("Too exact", "An amount has at most 18 decimals.", "Shorten the number.")
    return Wei(int("".join(map(str, digits))) * 10 ** (DECIMALS + exponent))


def format_token(amount: int, places: int = 6, *, strip: bool = False) -> str:
    """Return an amount as plain digits with a dot and ``places`` decimals, truncated towards zero and never rounded up.

    Args:
        amount: Wei.
        places: Decimals shown, 0 to 18. 18 is exact.
        strip: Leave out trailing zeros beyond the second decimal.
    """
    sign = "-" if amount < 0 else ""
    whole, fraction = divmod(abs(amount), WEI_PER_TOKEN)
    digits = f"{fraction:018d}"[:places]
    if strip:
        digits = digits[:2] + digits[2:].rstrip("0")
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def fees_of(amounts: Sequence[int], fee_bps: int) -> tuple[Wei, ...]:
    """Return each amount's part of the protocol fee of their sum, by cumulative rounding in order.

    For payments that were credited together, such as a round of renewals: the contract rounds the fee of the sum down once, and the
    parts always add up to it.
    """
    upto = [fee_of(total, fee_bps) for total in accumulate(amounts, initial=0)]
    return tuple(Wei(after - before) for before, after in pairwise(upto))


def fee_of(gross: int, fee_bps: int) -> Wei:
    """Return the protocol fee of a gross amount, rounded down as the contract does; net = gross - fee."""
    return Wei(gross * fee_bps // BPS)

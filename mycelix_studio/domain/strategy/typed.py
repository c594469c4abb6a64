"""What the forms of all ways share: amounts and numbers as typed, what is wrong with them, and one row of a difference."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from mycelix_studio.domain.money import format_token, parse_token
from mycelix_studio.domain.strategy.shares import Problem
from mycelix_studio.errors import Known

MAX_PRICE: Final = 2**88 - 1
"""Wei; a bound far below what an account on chain can hold (96 bits), far above any price."""


@dataclass(frozen=True, slots=True)
class Change:
    """One row of "Changes to sign".

    Attributes:
        key: What changes: ``price``, ``ways``, ``share:<address>``, ``patronage:price``.
        label: In an artist's words.
        before: On chain now; None when there is nothing yet.
        after: After the signatures.
    """

    key: str
    label: str
    before: str | None
    after: str


def price_problems(
    name: str, text: str, *, zero: str = "A price is more than 0. To give it away, choose Gift.", symbol: str = "FLOW"
) -> list[Problem]:
    """Return what is wrong with an amount as typed, for the field ``name``; ``zero`` empty allows 0."""
    try:
        amount = parse_token(text)
    except Known as error:
        return [Problem(name, error.message)]
    if amount == 0 and zero:
        return [Problem(name, zero)]
    if amount > MAX_PRICE:
        return [Problem(name, f"At most {format_token(MAX_PRICE, 0)} {symbol}.")]
    return []


def number_problems(name: str, text: str, least: int, most: int) -> list[Problem]:
    """Return what is wrong with a whole number as typed."""
    cleaned = text.strip()
    if not (cleaned.isascii() and cleaned.isdigit()):
        return [Problem(name, f"“{cleaned}” is not a whole number." if cleaned else "Type a number.")]
    if not least <= int(cleaned) <= most:
        return [Problem(name, f"Between {least:,} and {most:,}.")]
    return []


def amount_text(amount: int) -> str:
    """Return wei as typed into a field: exact, at least two decimals."""
    return format_token(amount, 18, strip=True)


def flow(amount: int) -> str:
    """Return wei for reading: ``10.00 FLOW``, exact."""
    return f"{amount_text(amount)} FLOW"


def cgc(amount: int) -> str:
    """Return wei of the reward token for reading: ``1.00 CGC``, exact."""
    return f"{amount_text(amount)} CGC"


def one_of(texts: Sequence[str | None]) -> str | None:
    """Return the one old value of several songs, or say that they differ; None when there is none."""
    distinct = list(dict.fromkeys(texts))
    return distinct[0] if len(distinct) == 1 else "differs"


def changed(key: str, label: str, before: Sequence[str | None], after: str) -> list[Change]:
    """Return a row unless all songs have the new value already."""
    return [] if set(before) == {after} else [Change(key, label, one_of(before), after)]

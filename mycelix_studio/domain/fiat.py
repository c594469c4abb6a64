"""Values in everyday money from a table of rates the artist keeps: exact fractions in, minor units out.

A receipt's value is what it was worth when it was recorded on chain. The rate used, its day and its source stay with the receipt.

A single stream is worth about a cent, so a receipt's value is kept finer than the currency's own decimals and only sums are rounded to
them: ten thousand streams of 0.9 cents are 90.00, not 100.00.
"""

from __future__ import annotations

import csv
import io
import re
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.errors import Known

MOST_DAYS_OLD = 7
"""A rate serves the days after it until the next one, but not longer than this: over a weekend or a holiday, not a quarter."""

FINE_PLACES = 6
"""Decimals that the value of a receipt has beyond those of its currency."""
FINE = 1_000_000

_ZERO = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_PRICE = re.compile(r"\d{1,18}(\.\d{1,18})?")


def exponent(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217): EUR 2, JPY 0, KWD 3.

    Raises:
        Known: Not a code of three capital letters.
    """
    if not re.fullmatch(r"[A-Z]{3}", currency):
        raise Known("Not a currency", f"“{currency}” is not a code such as EUR or JPY.", "Choose a currency.")
    return 0 if currency in _ZERO else 3 if currency in _THREE else 2


def format_minor(minor: int, currency: str) -> str:
    """Return minor units as plain digits with the currency's decimals: ``585.27``, ``-12``, ``1.250``."""
    return _decimal(minor, exponent(currency))


def format_fine(fine: int, currency: str) -> str:
    """Return millionths of the minor unit as plain digits: ``0.00902880`` for a stream in EUR."""
    return _decimal(fine, exponent(currency) + FINE_PLACES)


def minor_of(fine: int) -> int:
    """Return a sum of fine values in minor units, rounded half to even."""
    return round(Fraction(fine, FINE))


def _decimal(number: int, places: int) -> str:
    if places == 0:
        return str(number)
    whole, fraction = divmod(abs(number), 10**places)
    return f"{'-' if number < 0 else ''}{whole}.{fraction:0{places}d}"


@dataclass(frozen=True, slots=True)
class Rate:
    """What one FLOW was worth on a UTC day.

    Attributes:
        price: Decimal text as entered, so that it is printed as it was given: ``0.912``.
        source: Where it is from, in the artist's words.
    """

    day: date
    currency: str
    price: str
    source: str

    @property
    def exact(self) -> Fraction:
        """The price as an exact fraction."""
        return Fraction(self.price)

    def value(self, wei: int) -> int:
        """Return the value of an amount of FLOW in minor units, rounded half to even; exact for any size."""
        return round(self._minor(wei))

    def fine(self, wei: int) -> int:
        """Return the value of an amount of FLOW in millionths of the minor unit, rounded half to even."""
        return round(self._minor(wei) * FINE)

    def _minor(self, wei: int) -> Fraction:
        return Fraction(wei, WEI_PER_TOKEN) * self.exact * int(10 ** exponent(self.currency))


class RateTable:
    """Rates of one or several currencies, looked up by day."""

    def __init__(self, rates: Iterable[Rate] = ()) -> None:
        self._days: dict[str, list[date]] = {}
        self._rates: dict[str, list[Rate]] = {}
        for rate in sorted(rates, key=lambda item: (item.currency, item.day)):
            days = self._days.setdefault(rate.currency, [])
            kept = self._rates.setdefault(rate.currency, [])
            if days and days[-1] == rate.day:
                kept[-1] = rate
            else:
                days.append(rate.day)
                kept.append(rate)

    def at(self, day: date, currency: str) -> Rate | None:
        """Return the rate of a day, or the last one before it if that is at most seven days old; None otherwise."""
        days = self._days.get(currency, [])
        place = bisect_right(days, day) - 1
        if place < 0 or (day - days[place]).days > MOST_DAYS_OLD:
            return None
        return self._rates[currency][place]

    def currencies(self) -> tuple[str, ...]:
        """Return the currencies there are rates for, in order."""
        return tuple(sorted(self._rates))

    def __len__(self) -> int:
        return sum(map(len, self._rates.values()))


def parse_rates(text: str, currency: str, source: str) -> tuple[Rate, ...]:
    """Return the rates of a CSV with the columns date and price, and optionally currency and source, in any order.

    The separator may be a comma, a semicolon or a tab. Dates are ISO (2026-05-31); a price has a decimal point, or a decimal comma
    where the separator is none.

    Args:
        currency: For rows that name none.
        source: For rows that name none; usually the file's name.

    Raises:
        Known: A line cannot be read; the message names it. Nothing is taken then.
    """
    body = text.removeprefix("\ufeff")
    first = body.split("\n", 1)[0]
    separator = max(",;\t", key=first.count)
    reader = csv.DictReader(io.StringIO(body, newline=""), delimiter=separator)
    names = {(name or "").strip().lower(): name for name in reader.fieldnames or ()}
    day_column = names.get("date") or names.get("day")
    price_column = names.get("price") or names.get("rate") or names.get("close")
    if day_column is None or price_column is None:
        raise Known(
            "Could not read these rates",
            "The first line must name the columns date and price.",
            "Add the line “date,price” at the top, then import again.",
        )
    rates = []
    for row in reader:
        line = reader.line_num
        price = (row.get(price_column) or "").strip()
        if separator != "," and price.count(",") == 1 and "." not in price:
            price = price.replace(",", ".")
        code = (row.get(names.get("currency", ""), "") or currency).strip().upper()
        if not _PRICE.fullmatch(price) or Fraction(price) == 0:
            raise _unread(line, f"“{price}” is not a price.")
        try:
            day = date.fromisoformat((row.get(day_column) or "").strip())
            exponent(code)
        except ValueError:
            raise _unread(line, f"“{row.get(day_column)}” is not a date such as 2026-05-31.") from None
        except Known as error:
            raise _unread(line, error.message) from None
        rates.append(Rate(day, code, price, (row.get(names.get("source", ""), "") or source).strip()))
    if not rates:
        raise Known("Could not read these rates", "There are no lines below the first.", "Choose another file.")
    return tuple(rates)


def _unread(line: int, why: str) -> Known:
    return Known(
        "Could not read these rates", f"Line {line}: {why} Nothing was taken.", "Correct it, then import again."
    )

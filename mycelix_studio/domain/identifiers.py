"""Identifiers of recordings, works, people and releases, with their check digits where they have them.

``*_problem`` functions return one sentence for a person, empty when the identifier is right. Compact forms have no hyphens, dots or spaces.
"""

from __future__ import annotations

import re
from typing import Final

_ISRC: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[0-9]{7}")
_PREFIX: Final = re.compile(r"[A-Z]{2}[A-Z0-9]{3}")
_SEPARATORS: Final = str.maketrans("", "", " -.")


def compact(text: str) -> str:
    """Return an identifier without separators, in capitals."""
    return text.translate(_SEPARATORS).upper()


def isrc_problem(text: str) -> str:
    """Return what is wrong with an ISRC (ISO 3901): two letters, three letters or digits, seven digits; it has no check digit."""
    code = compact(text)
    if len(code) != 12:
        return f"12 letters and digits needed, {len(code)} given."
    if not re.fullmatch("[A-Z]{2}", code[:2]):
        return "The first two must be letters."
    return "" if _ISRC.fullmatch(code) else "The last seven must be digits."


def isrc_shown(code: str) -> str:
    """Return an ISRC as it is printed: ``NO-A1B-26-00011``; anything else as it is."""
    return f"{code[:2]}-{code[2:5]}-{code[5:7]}-{code[7:]}" if len(code) == 12 else code


def isrc_prefix_problem(text: str) -> str:
    """Return what is wrong with a prefix: two letters of the agency and three letters or digits of the registrant."""
    code = compact(text)
    if not code:
        return "None is set."
    return "" if _PREFIX.fullmatch(code) else "A prefix has two letters and three letters or digits, such as NOA1B."


def isrc(beginning: str, number: int) -> str:
    """Return a code from prefix and year of two digits (``NOA1B26``) and a designation from 0 to 99999."""
    return f"{beginning}{number:05}"


def iswc_problem(text: str) -> str:
    """Return what is wrong with an ISWC (ISO 15707): T, nine digits and a check digit."""
    code = compact(text)
    if not re.fullmatch(r"T[0-9]{10}", code):
        return "An ISWC is a T and ten digits, such as T-034.524.680-1."
    total = 1 + sum(place * int(digit) for place, digit in enumerate(code[1:10], start=1))
    return "" if (10 - total % 10) % 10 == int(code[10]) else "The check digit does not fit. Is a digit mistyped?"


def ipi_problem(text: str) -> str:
    """Return what is wrong with an IPI name number: 11 digits, the last two a check modulo 101."""
    code = compact(text)
    if not re.fullmatch(r"[0-9]{11}", code):
        return "An IPI name number has 11 digits."
    total = sum(weight * int(digit) for weight, digit in zip(range(10, 1, -1), code[:9], strict=True))
    check = (101 - total % 101) % 101 % 100
    return "" if check == int(code[9:]) else "The check digits do not fit. Is a digit mistyped?"


def isni_problem(text: str) -> str:
    """Return what is wrong with an ISNI (ISO 27729): 16 characters, check by ISO 7064 MOD 11-2."""
    code = compact(text)
    if not re.fullmatch(r"[0-9]{15}[0-9X]", code):
        return "An ISNI has 16 digits; the last may be X."
    total = 0
    for digit in code[:15]:
        total = (total + int(digit)) * 2
    check = (12 - total % 11) % 11
    return "" if "0123456789X"[check] == code[15] else "The check digit does not fit. Is a digit mistyped?"


def barcode_problem(text: str) -> str:
    """Return what is wrong with a UPC or EAN (GTIN): 8, 12, 13 or 14 digits, weights 3 and 1 from the right."""
    code = compact(text)
    if not re.fullmatch(r"[0-9]{8}|[0-9]{12,14}", code):
        return "A UPC has 12 digits, an EAN 13."
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(code[:-1])))
    return "" if (10 - total % 10) % 10 == int(code[-1]) else "The check digit does not fit. Is a digit mistyped?"

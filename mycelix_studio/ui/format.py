"""Values in the words of an artist: sizes, lengths, addresses, identifiers. Numbers and dates of charts are in ``charts/words.py``."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from mycelix_studio.domain.identifiers import isrc_shown
from mycelix_studio.domain.money import DECIMALS
from mycelix_studio.ui.charts import words

NONE = words.NONE
isrc = isrc_shown


def tr(source: str) -> str:
    """Translate a text of this module."""
    return QCoreApplication.translate("Format", source)


def length(seconds: float) -> str:
    """Return ``3:50`` or ``1:02:09``; a dash when not known."""
    whole = round(seconds)
    if whole <= 0:
        return NONE
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02d}:{rest % 60:02d}" if hours else f"{rest // 60}:{rest % 60:02d}"


def place(seconds: float) -> str:
    """Return a place in a sound, ``0:00`` at its beginning."""
    return length(seconds) if seconds >= 0.5 else "0:00"


def exact(seconds: float) -> str:
    """Return a place in a sound to the millisecond, ``1:13.204``."""
    whole, rest = divmod(round(seconds * 1_000), 1_000)
    return f"{length(whole) if whole else '0:00'}.{rest:03d}"


def long_length(seconds: int) -> str:
    """Return ``9 h 14 min`` or ``3 min``."""
    hours, rest = divmod(seconds, 3600)
    minutes = rest // 60
    if hours:
        return tr("{h} h {m} min").format(h=words.number(hours, 0, 0), m=minutes)
    return tr("{m} min").format(m=minutes) if minutes or not rest else tr("{s} s").format(s=rest)


def size(count: int) -> str:
    """Return bytes as ``6.1 GB``; one MB is 10**6 bytes."""
    for unit, power in (("TB", 12), ("GB", 9), ("MB", 6), ("kB", 3)):
        if count >= 10**power:
            return f"{words.number(count, power, 1)} {unit}"
    return f"{count} B"


def coins(amount: int | None, places: int = 6) -> str:
    """Return wei as lists show it: grouped, truncated to ``places`` digits, never rounded up; a dash when not known."""
    return NONE if amount is None else words.number(amount, DECIMALS, places)


def count(number: int) -> str:
    """Return a whole number, grouped."""
    return words.number(number, 0, 0)

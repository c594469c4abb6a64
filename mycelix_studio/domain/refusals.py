"""One sentence for each way a contract can refuse: what happened with the values that matter, and what to do.

The table's keys are the custom errors of the contracts; a test holds it complete.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from mycelix_studio.domain.money import format_token

Values = Mapping[str, object]
Words = tuple[str, str]


def sentence_of(name: str, values: Values) -> Words:
    """Return (message, hint) for a custom error; a plain one for an unknown error, never an exception."""
    make = _TABLE.get(name)
    if make is None:
        return (f"The contract gave the reason “{name}”." if name else "The contract gave no reason.", "")
    return make(values)


def known_errors() -> frozenset[str]:
    """Return the names the table has words for."""
    return frozenset(_TABLE)


def _number(values: Values, key: str) -> int:
    value = values.get(key)
    return value if isinstance(value, int) else 0


def _flow(values: Values, key: str) -> str:
    return f"{format_token(_number(values, key), 18, strip=True)} FLOW"


def _percent(values: Values, key: str) -> str:
    return f"{_number(values, key) / 100:g} %"


def _time(values: Values, key: str) -> str:
    seconds = _number(values, key)
    if not 0 < seconds < 2**40:
        return "not known"
    return f"{datetime.fromtimestamp(seconds, UTC):%d %b %Y, %H:%M} UTC"


def _short(values: Values, key: str) -> str:
    text = str(values.get(key, ""))
    return f"{text[:6]}…{text[-4:]}" if len(text) >= 12 else text or "not known"


def _reason(values: Values) -> Words:
    return f"It says: {values.get('reason', '')}", ""


def _panic(values: Values) -> Words:
    return f"A calculation in the contract failed (code {_number(values, 'code'):#x}).", ""


_TABLE: dict[str, Callable[[Values], Words]] = {
    "Error": _reason,
    "Panic": _panic,
}

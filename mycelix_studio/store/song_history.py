"""The column ``song.history``: how a song earned, from when on."""

from __future__ import annotations

import json
from collections.abc import Sequence

from mycelix_studio.domain.clock import from_unix, to_unix
from mycelix_studio.domain.strategy.names import TermsAt, bitmask_of, strategies_of


def history_text(terms: Sequence[TermsAt]) -> tuple[str]:
    """Return the column's value."""
    # Wei as text: JSON's numbers are safe only up to 2**53 in other programs.
    return (json.dumps([[to_unix(each.at), bitmask_of(each.strategies), str(each.price)] for each in terms]),)


def history(text: str) -> tuple[TermsAt, ...]:
    """Return the terms, oldest first."""
    return tuple(TermsAt(from_unix(at), strategies_of(bits), int(price)) for at, bits, price in json.loads(text))

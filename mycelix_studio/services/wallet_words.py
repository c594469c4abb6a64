"""One sentence for every function of our contracts, in the words of an artist. A test holds the table complete.

A function of ours that is not in the table yet is shown by :func:`in_general`: every argument by its name, and a line that says so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from mycelix_studio.domain.transaction import ChangeRow
from mycelix_studio.services import (
    wallet_words_auction,
    wallet_words_gift,
    wallet_words_money,
    wallet_words_patronage,
    wallet_words_purse,
    wallet_words_songs,
    wallet_words_timelock,
)
from mycelix_studio.services.wallet_speech import Args, Speaker, Words, clean, look_again

TABLE: Mapping[tuple[str, str], Callable[[Args, Speaker], Words]] = {
    **wallet_words_songs.TABLE,
    **wallet_words_money.TABLE,
    **wallet_words_purse.TABLE,
    **wallet_words_gift.TABLE,
    **wallet_words_patronage.TABLE,
    **wallet_words_auction.TABLE,
    **wallet_words_timelock.TABLE,
}


def words_of(contract: str, signature: str, arguments: Mapping[str, object], say: Speaker) -> Words:
    """Return what a decoded call does, in words."""
    make = TABLE.get((contract, signature))
    if make is None:
        return in_general(contract, signature, arguments)
    return make(Args(arguments), say)


def in_general(contract: str, signature: str, arguments: Mapping[str, object]) -> Words:
    """Return words for a function the table does not have: its name and every argument, nothing hidden."""
    name = signature.split("(", 1)[0]
    readable = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    title = f"{readable[:1].upper()}{readable[1:]}"
    rows = tuple(ChangeRow(key, None, clean(str(value), 200)) for key, value in arguments.items())
    return Words(
        title,
        f"Calls {name} of Mycelix {contract} with the values below.",
        title,
        changes=rows,
        findings=(look_again("Studio has no sentence of its own for this.", "Read every value before you sign"),),
    )

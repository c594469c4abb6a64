"""What an artist is told by itself: round numbers reached, a new patron, an auction sold out, a renewal that failed, a payment taken back.

A notice is found in the rows of the cache, so it is the same on every computer; its key says whether it was told already.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from mycelix_studio.domain.dashboard import Days
from mycelix_studio.domain.money import WEI_PER_TOKEN


class NoticeKind(StrEnum):
    """What happened."""

    PLAYS = "plays"
    """All songs together reached a round number of plays."""
    NET = "net"
    """All songs together reached a round sum of net."""
    SONG_PLAYS = "song-plays"
    """One song reached a round number of plays."""
    PATRON = "patron"
    """Somebody became a patron of a song."""
    RENEWAL_FAILED = "renewal-failed"
    """A patron's renewal could not be charged."""
    SOLD_OUT = "sold-out"
    """Every pass of an auction is sold."""
    AUCTION_OVER = "auction-over"
    """An auction reached its lowest price, with passes left."""
    TAKEN_BACK = "taken-back"
    """The chain took a payment back."""
    REWARD_BACK = "reward-back"
    """The chain took back a reward to a listener."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing to tell.

    Attributes:
        key: Names it for ever, on every computer.
        day: Day it happened, of the zone asked for.
        value: Plays or passes; wei of net for money, which is FLOW, and CGC for a reward.
        of: Passes there were; 0 where that has no meaning.
        title: The song's title, empty where it is about no song, or its title is not known.
        who: Address of a patron.
        name: Of ``who`` in the address book, empty for strangers.
        reason: Why, in the chain's own words.
        tx: Transaction, empty where there is not one.
    """

    key: str
    day: date
    kind: NoticeKind
    value: int = 0
    of: int = 0
    title: str = ""
    song_id: str = ""
    who: str = ""
    name: str = ""
    reason: str = ""
    tx: str = ""


PLAY_MARKS: Final = tuple(factor * 10**power for power in range(2, 9) for factor in (1, 5))
"""Numbers of plays, of all songs, that are told."""
SONG_MARKS: Final = tuple(10**power for power in range(3, 9))
"""Numbers of plays of one song that are told: the first 1,000 and every tenfold."""
NET_MARKS: Final = tuple(10**power * WEI_PER_TOKEN for power in range(9))
"""Sums of net, in wei, that are told."""


def milestones(days: Days, plays_before: int = 0, net_before: int = 0) -> tuple[Notice, ...]:
    """Return when sums of plays and of net first reached round numbers, newest first.

    Args:
        days: Consecutive days.
        plays_before: Plays before the first of them.
        net_before: Wei before the first of them.
    """
    found = [
        *(
            Notice(f"plays:{mark}", days.day(index), NoticeKind.PLAYS, mark)
            for mark, index in crossed(enumerate(days.plays), PLAY_MARKS, plays_before)
        ),
        *(
            Notice(f"net:{mark}", days.day(index), NoticeKind.NET, mark)
            for mark, index in crossed(enumerate(days.net_total()), NET_MARKS, net_before)
        ),
    ]
    return tuple(sorted(found, key=lambda notice: (notice.day, notice.kind, notice.value), reverse=True))


def crossed(amounts: Iterable[tuple[int, int]], marks: Iterable[int], before: int = 0) -> Iterator[tuple[int, int]]:
    """Yield (mark, place) for every mark that the running sum of (place, amount) reaches for the first time.

    Args:
        amounts: In order; an amount below zero takes back, and a mark reached again is not told twice.
        marks: Ascending.
        before: Sum before the first; marks up to it are passed over.
    """
    left = [mark for mark in marks if mark > before]
    total = before
    for place, amount in amounts:
        total += amount
        while left and left[0] <= total:
            yield left.pop(0), place

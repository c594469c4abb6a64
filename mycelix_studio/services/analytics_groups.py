"""Groups of listeners by when they listened: who stays, who is new, who stopped, whose patronage ends soon.

Nothing more of a person is shown than an address, or the name the artist gave it in the address book.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from mycelix_studio.domain.clock import DAY_SECONDS, day_date, day_number, from_unix, to_unix
from mycelix_studio.store import address_book, figures, synced
from mycelix_studio.store.connection import Database

SPAN: Final = 30
"""Days of a stretch; groups look at the last three."""
ENDING_DAYS: Final = 7


@dataclass(frozen=True, slots=True)
class Listener:
    """One listener of a group.

    Attributes:
        name: From the address book; empty for strangers.
        last: Day of the last listen, or the day to which a patron paid.
        days: Days with a listen in the last 90.
    """

    address: str
    name: str
    last: date
    days: int


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups on the day the cache is complete to. Listeners of one group are in no other, but patrons may be in any.

    Attributes:
        loyal: Heard in each of the last three stretches of 30 days.
        fresh: First heard in the last 30 days.
        back: Heard in the last 30 days, neither new nor loyal.
        lapsed: Heard 31 to 90 days ago and not since.
        ending: Patrons whose paid time ends within a week.
    """

    loyal: tuple[Listener, ...] = ()
    fresh: tuple[Listener, ...] = ()
    back: tuple[Listener, ...] = ()
    lapsed: tuple[Listener, ...] = ()
    ending: tuple[Listener, ...] = ()


def groups(database: Database) -> Groups:
    """Return the groups of the present.

    Raises:
        CacheUnusable: The cache cannot be read.
    """
    with database.snapshot() as db:
        as_of = synced.state(db).as_of
        if as_of is None:
            return Groups()
        today = day_number(to_unix(as_of))
        rows = figures.heard_by(db, today - 3 * SPAN + 1)
        now = to_unix(as_of)
        ending = figures.patrons_ending(db, now, now + ENDING_DAYS * DAY_SECONDS)
        names = {contact.address: contact.name for contact in address_book.contacts(db)}
    days: dict[str, list[int]] = {}
    first: dict[str, int] = {}
    for address, day, begin in rows:
        if day <= today:
            days.setdefault(address, []).append(day)
            first[address] = begin
    found: dict[str, list[Listener]] = {"loyal": [], "fresh": [], "back": [], "lapsed": []}
    for address, heard in days.items():
        stretches = {(today - day) // SPAN for day in heard}
        if first[address] > today - SPAN:
            group = "fresh"
        elif 0 not in stretches:
            group = "lapsed"
        else:
            group = "loyal" if len(stretches) == 3 else "back"
        found[group].append(Listener(address, names.get(address, ""), day_date(max(heard)), len(heard)))
    for group_rows in found.values():
        group_rows.sort(key=lambda each: (-each.days, each.name, each.address))
    return Groups(
        tuple(found["loyal"]),
        tuple(found["fresh"]),
        tuple(found["back"]),
        tuple(found["lapsed"]),
        tuple(_ending(address, from_unix(at), names, days) for address, at in ending),
    )


def _ending(address: str, at: datetime, names: Mapping[str, str], days: Mapping[str, list[int]]) -> Listener:
    return Listener(address, names.get(address, ""), at.date(), len(days.get(address, ())))

"""Groups of listeners by when they listened: who stays, who is new, who stopped, whose patronage ends soon.

Nothing more of a person is shown than an address, or the name the artist gave it in the address book.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from mycelix_studio.domain.clock import DAY_SECONDS, day_date, day_number, from_unix, to_unix
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS
from mycelix_studio.domain.zones import Zone, date_in
from mycelix_studio.store import address_book, people, sync_state
from mycelix_studio.store.connection import Database

SPAN: Final = 30
"""Days of a stretch; groups look at the last three."""
ENDING_DAYS: Final = 7
MOST: Final = 2_000


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
class Group:
    """People of a group, those of the most days first: at most :data:`MOST` of ``count``."""

    people: tuple[Listener, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Groups:
    """Groups on the day the cache is complete to. Listeners of one group are in no other, but patrons may be in any.

    Attributes:
        loyal: Heard in each of the last three stretches of 30 days.
        fresh: First heard in the last 30 days.
        back: Heard in the last 30 days, neither new nor loyal.
        lapsed: Heard 31 to 90 days ago and not since.
        ending: Patrons whose paid time ends within a week, or ended in the last one: within the grace a renewal keeps their loyalty.
    """

    loyal: Group = Group()
    fresh: Group = Group()
    back: Group = Group()
    lapsed: Group = Group()
    ending: Group = Group()


def groups(database: Database, zone: Zone | None = None) -> Groups:
    """Return the groups of the present, by the days of a zone; None is UTC.

    Raises:
        CacheUnusable: The cache cannot be read.
    """
    with database.snapshot() as db:
        as_of = sync_state.state(db).as_of
        if as_of is None:
            return Groups()
        now = to_unix(as_of)
        today = day_number(now) if zone is None else zone.day(now)
        rows = people.listener_groups(db, today, SPAN, MOST, zone)
        ending = people.patrons_ending(db, now - GRACE_SECONDS, now + ENDING_DAYS * DAY_SECONDS)
        days = people.days_heard(db, today - 3 * SPAN + 1, today, [address for address, _at in ending], zone)
        names = {contact.address: contact.name for contact in address_book.contacts(db)}
    found: dict[str, list[Listener]] = {name: [] for name in people.GROUPS}
    counts = dict.fromkeys(people.GROUPS, 0)
    for group, count, address, last, heard in rows:
        counts[group] = count
        found[group].append(Listener(address, names.get(address, ""), day_date(last), heard))
    until = (
        Listener(address, names.get(address, ""), date_in(zone, from_unix(at)), days.get(address, 0))
        for address, at in ending
    )
    listed = {name: Group(tuple(found[name]), counts[name]) for name in people.GROUPS}
    return Groups(**listed, ending=Group(tuple(until), len(ending)))

"""Patrons: who they are, where they stand, what the next period costs them, and charging those who are due."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, TIER_NAMES, Standing, standing, tier_of
from mycelix_studio.domain.transaction import Call
from mycelix_studio.services.live.reading import Reader

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.patronage_strategy import PatronageStrategy

REFUSALS: Final = (
    "",
    "not a patron",
    "not due yet",
    "starts again if they return",
    "stopped renewals",
    "has not agreed to the new price",
    "no renewals are taken now",
    "too little money, or not allowed to be taken",
)
"""Words for the contract's ``Refusal``, by number."""
BATCH: Final = 48
"""Patrons in one signature; the contract's cost a patron is measured at this size."""


@dataclass(frozen=True, slots=True)
class Charge:
    """One payment of a patron, as an event said it."""

    plan: int
    patron: str
    amount: int
    block: int
    index: int


@dataclass(frozen=True, slots=True)
class Patron:
    """One patron of one plan. Times are Unix seconds, amounts gross wei.

    Attributes:
        plan: Number of the plan.
        address: EIP-55 address.
        start: Begin of the paid continuous time.
        paid_through: End of the paid time.
        agreed: Highest list price a keeper may charge.
        periods: Periods ever paid.
        auto_renew: A keeper may renew.
        renewal: What the next period costs now.
        refusal: Why a keeper cannot renew now, index of :data:`REFUSALS`; 0 when one could.
        paid: Everything paid so far.
    """

    plan: int
    address: str
    start: int
    paid_through: int
    agreed: int
    periods: int
    auto_renew: bool
    renewal: int
    refusal: int
    paid: int

    def standing(self, now: int) -> Standing:
        """Return where this patron stands."""
        return standing(self.paid_through, now, auto_renew=self.auto_renew)

    def tier(self, now: int) -> int | None:
        """Return the loyalty level, 0 to 3, by paid time; None after the grace."""
        if now > self.paid_through + GRACE_SECONDS:
            return None
        return tier_of(min(now, self.paid_through) - self.start)


@dataclass(frozen=True, slots=True)
class PlanNow:
    """One plan.

    Attributes:
        number: On chain.
        song_id: Its song.
        title: The song's title.
        price: Gross wei every 30 days.
        tiers: Discounts in basis points.
        open: New patrons and renewals are taken, and the song earns this way.
    """

    number: int
    song_id: str
    title: str
    price: int
    tiers: tuple[int, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class Patrons:
    """What the tab shows, as read at a block.

    Attributes:
        block: Block it was read at.
        at: Its Unix time.
        plans: Of the artist's songs.
        patrons: Of all plans, who must be looked at first.
        charges: Payments known so far.
    """

    block: int
    at: int
    plans: tuple[PlanNow, ...]
    patrons: tuple[Patron, ...]
    charges: tuple[Charge, ...]

    def renewable(self, plan: int | None = None) -> tuple[Patron, ...]:
        """Return whom a keeper could charge now."""
        return tuple(p for p in self.patrons if p.refusal == 0 and plan in (None, p.plan))

    def by_tier(self) -> Mapping[int, int]:
        """Return how many patrons with access stand on each level."""
        found: dict[int, int] = dict.fromkeys(range(len(TIER_NAMES)), 0)
        for patron in self.patrons:
            tier = patron.tier(self.at)
            if tier is not None and self.at < patron.paid_through:
                found[tier] += 1
        return found

    def count(self, wanted: Standing) -> int:
        """Return how many patrons stand so."""
        return sum(patron.standing(self.at) is wanted for patron in self.patrons)

    @property
    def monthly(self) -> int:
        """Gross wei that the patrons with paid or due time and renewals agreed bring every 30 days, at their levels."""
        return sum(
            p.renewal for p in self.patrons if p.auto_renew and p.standing(self.at) in (Standing.PAID, Standing.DUE)
        )


def read(reader: Reader, kept: Patrons | None) -> Patrons:
    """Return plans and patrons now; events up to the last reading are not asked for again."""
    from mycelix_studio.chain.abi import PatronageStrategy
    from mycelix_studio.chain.abi.events import Renewed, RenewedFromPurses, Subscribed
    from mycelix_studio.chain.binding import read_all
    from mycelix_studio.chain.events import purse_charges

    plans = _plans(reader)
    contract = PatronageStrategy(reader.deployment.address("PatronageStrategy"))
    known = {plan.number for plan in kept.plans} if kept is not None else set()
    first = reader.first_block(kept.block if kept is not None and known >= {p.number for p in plans} else None)
    charges = [charge for charge in kept.charges if charge.block < first] if kept is not None else []
    kinds = (Subscribed, Renewed, RenewedFromPurses)
    for event in reader.events(contract.address, kinds, first, [plan.number for plan in plans]):
        assert isinstance(event, Subscribed | Renewed | RenewedFromPurses)
        paid_by = (
            [(patron, amount) for _item, patron, amount in purse_charges(event)]
            if isinstance(event, RenewedFromPurses)
            else [(event.patron, event.amount)]
        )
        place = event.log.block_number, event.log.log_index
        charges += [Charge(event.plan, patron, amount, *place) for patron, amount in paid_by]
    paid: dict[tuple[int, str], int] = defaultdict(int)
    for charge in charges:
        paid[charge.plan, charge.patron] += charge.amount
    people = list(paid)
    subscriptions = read_all(reader.rpc, [contract.subscription(*who) for who in people], reader.block)
    renewals = read_all(reader.rpc, [contract.renewal_price(*who) for who in people], reader.block)
    refusals = read_all(reader.rpc, [contract.why_not_renewable(*who) for who in people], reader.block)
    found = [
        Patron(
            plan,
            address,
            s.start,
            s.paid_through,
            s.agreed_price,
            s.periods,
            s.auto_renew,
            renewal,
            refusal,
            paid[plan, address],
        )
        for (plan, address), s, renewal, refusal in zip(people, subscriptions, renewals, refusals, strict=True)
    ]
    order = [Standing.DUE, Standing.PAID, Standing.LAPSED, Standing.STOPPED]
    found.sort(key=lambda patron: (order.index(patron.standing(reader.at)), patron.paid_through))
    return Patrons(reader.block, reader.at, plans, tuple(found), tuple(charges))


def renewal_calls(reader: Reader, state: Patrons, plan: int | None) -> list[Call]:
    """Return one call for each batch of patrons of a plan who can be charged now."""
    contract = _contract(reader)
    calls = []
    for number in [p.number for p in state.plans if plan in (None, p.number)]:
        people = [patron.address for patron in state.renewable(number)]
        calls += [contract.renew_many(number, people[at : at + BATCH]) for at in range(0, len(people), BATCH)]
    return calls


def _contract(reader: Reader) -> PatronageStrategy:
    from mycelix_studio.chain.abi import PatronageStrategy

    return PatronageStrategy(reader.deployment.address("PatronageStrategy"))


def _plans(reader: Reader) -> tuple[PlanNow, ...]:
    found = []
    for song_id, (title, terms) in reader.songs.items():
        offer = terms.patronage
        if offer is not None and offer.number is not None:
            is_open = offer.open and "patronage" in terms.ways
            found.append(PlanNow(offer.number, song_id, title, offer.plan.price, offer.plan.tier_bps, is_open))
    return tuple(found)

"""The terms of songs: what a person edits, what is on chain, and the difference that has to be signed.

A :class:`TermsForm` holds text as typed and is what a draft keeps; a :class:`SongTerms` holds values as the chain has them. Neither knows
where the other came from: ``services/strategies.py`` reads, compares and makes the calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final, TypeAlias

from mycelix_studio.domain.money import Wei, parse_token
from mycelix_studio.domain.splits import Split
from mycelix_studio.domain.strategy.auction_form import AuctionForm, AuctionOffer, auction_changes
from mycelix_studio.domain.strategy.gift_form import GiftForm, GiftOffer, gift_changes
from mycelix_studio.domain.strategy.names import STRATEGY_BITS, StrategyName
from mycelix_studio.domain.strategy.patronage_form import PlanForm, PlanOffer, plan_changes
from mycelix_studio.domain.strategy.pay_per_stream import DEFAULT_PRICE
from mycelix_studio.domain.strategy.shares import Problem, SplitForm, format_percent
from mycelix_studio.domain.strategy.typed import Change, amount_text, flow, one_of, price_problems
from mycelix_studio.errors import Known

WAYS: Final[tuple[StrategyName, ...]] = tuple(STRATEGY_BITS)
"""The four ways to earn in the order they are shown."""

WAY_TITLE: Final[dict[StrategyName, str]] = {
    "pay-per-stream": "Pay per stream",
    "gift-economy": "Gift",
    "patronage": "Patronage",
    "auction": "Auction",
}

Offer: TypeAlias = GiftOffer | PlanOffer | AuctionOffer
"""What one way beyond pay per stream offers on chain."""


@dataclass(frozen=True, slots=True)
class SongTerms:
    """How one song earns, as the chain has it (or as it will after the signatures).

    Attributes:
        ways: Ways switched on; tips are always on.
        price: Gross wei of one stream.
        split: Who gets paid; None while the shares are not known on this computer.
        payee: Number of the account that is paid; None for a song not on chain yet.
        fee_bps: Protocol fee, fixed for this payee.
        locked: The shares can never change.
        gift: Terms of the gift, None while it has none. They stay on chain when the way is switched off.
        patronage: Its plan, likewise.
        auction: Its auction, likewise.
    """

    ways: tuple[StrategyName, ...]
    price: int
    split: Split | None
    payee: int | None = None
    fee_bps: int = 0
    locked: bool = False
    gift: GiftOffer | None = None
    patronage: PlanOffer | None = None
    auction: AuctionOffer | None = None

    def offer(self, way: StrategyName) -> Offer | None:
        """Return what a way offers on chain; None for pay per stream, whose price is :attr:`price`."""
        if way == "gift-economy":
            return self.gift
        if way == "patronage":
            return self.patronage
        return self.auction if way == "auction" else None

    def said(self) -> tuple[object, ...]:
        """Return what a person would call the terms: numbers on chain, what was sold and ways that are off do not count."""
        price = self.price if "pay-per-stream" in self.ways else 0
        gift = self.gift if "gift-economy" in self.ways else None
        plan = (self.patronage.plan, self.patronage.open) if self.patronage and "patronage" in self.ways else None
        auction = self.auction.terms if self.auction and "auction" in self.ways else None
        return (self.ways, price, self.split, gift, plan, auction)


@dataclass(frozen=True, slots=True)
class TermsForm:
    """Everything the Terms tab edits, as typed.

    Attributes:
        ways: Ways switched on; none means free to hear, with tips.
        price: Price of a stream in FLOW.
        split: Who gets paid.
        gift: Terms of a gift.
        patronage: Terms of patronage.
        auction: Terms of an auction.
    """

    ways: tuple[StrategyName, ...] = ("pay-per-stream",)
    price: str = "0.01"
    split: SplitForm = field(default_factory=SplitForm)
    gift: GiftForm = field(default_factory=GiftForm)
    patronage: PlanForm = field(default_factory=PlanForm)
    auction: AuctionForm = field(default_factory=AuctionForm)

    @classmethod
    def of(cls, terms: SongTerms, names: dict[str, str] | None = None) -> TermsForm:
        """Return the form that shows terms."""
        split = SplitForm.of(terms.split, names) if terms.split is not None else SplitForm()
        return cls(
            terms.ways,
            amount_text(terms.price or DEFAULT_PRICE),
            split,
            GiftForm.of(terms.gift) if terms.gift else GiftForm(),
            PlanForm.of(terms.patronage) if terms.patronage else PlanForm(),
            AuctionForm.of(terms.auction) if terms.auction else AuctionForm(),
        )

    def problems(self, before: Sequence[SongTerms | None] = ()) -> tuple[Problem, ...]:
        """Return everything that keeps this from being signed; ``before`` is what the songs have on chain."""
        old = [terms for terms in before if terms is not None]
        found: list[Problem] = []
        if "pay-per-stream" in self.ways:
            found += price_problems("price", self.price)
        if "gift-economy" in self.ways:
            found += self.gift.problems()
        if "patronage" in self.ways:
            found += self.patronage.problems([terms.patronage for terms in old])
        if "auction" in self.ways and not (old and len(old) == len(before) and all(_sells(terms) for terms in old)):
            found += self.auction.problems()
        return (*found, *self.split.problems())

    def terms(
        self,
        *,
        payee: int | None = None,
        fee_bps: int = 0,
        locked: bool = False,
        before: Sequence[SongTerms | None] = (),
    ) -> SongTerms:
        """Return the values that are signed.

        Raises:
            Known: Something of :meth:`problems`.
        """
        problems = self.problems(before)
        if problems:
            raise Known("The terms are not complete", problems[0].message, "Correct the marked fields.")
        price = parse_token(self.price) if "pay-per-stream" in self.ways else Wei(0)
        running = next((terms.auction for terms in before if terms is not None and _sells(terms)), None)
        auction = running if self.auction.problems() else self.auction.offer()
        return SongTerms(
            self.ways,
            price,
            self.split.split(),
            payee,
            fee_bps,
            locked,
            self.gift.offer() if "gift-economy" in self.ways else None,
            self.patronage.offer() if "patronage" in self.ways else None,
            auction if "auction" in self.ways else None,
        )

    def with_way(self, way: StrategyName, on: bool) -> TermsForm:
        """Return the form with one way switched on or off, the others as they are."""
        return replace(self, ways=tuple(w for w in WAYS if (on if w == way else w in self.ways)))


def _sells(terms: SongTerms) -> bool:
    return terms.auction is not None and terms.auction.fixed


def differences(
    before: Sequence[SongTerms | None], after: SongTerms, names: dict[str, str] | None = None
) -> tuple[Change, ...]:
    """Return the rows of "Changes to sign" for songs that shall all have the terms ``after``.

    Args:
        before: Terms on chain of each song; None for one that is not registered yet.
        after: What the form says.
        names: Address to name.
    """
    rows: list[Change] = []
    old_ways = {terms.ways if terms else None for terms in before}
    if old_ways != {after.ways}:
        rows.append(
            Change("ways", "Earns by", one_of([ways_text(w) if w else None for w in old_ways]), ways_text(after.ways))
        )
    if "pay-per-stream" in after.ways:
        old_prices = {terms.price if terms and "pay-per-stream" in terms.ways else None for terms in before}
        if old_prices != {after.price}:
            old = one_of([flow(p) if p is not None else None for p in old_prices])
            rows.append(Change("price", "Price of a stream", old, flow(after.price)))
    known = names or {}
    if after.gift is not None:
        rows += gift_changes([terms.gift if terms else None for terms in before], after.gift, known)
    if after.patronage is not None:
        rows += plan_changes([terms.patronage if terms else None for terms in before], after.patronage, known)
    if after.auction is not None:
        rows += auction_changes([terms.auction if terms else None for terms in before], after.auction, known)
    return (*rows, *_share_changes(before, after, known))


def ways_text(ways: Sequence[StrategyName]) -> str:
    """Return ways in words: ``Pay per stream and Patronage``; only tips when there is none."""
    titles = [WAY_TITLE[way] for way in ways]
    if not titles:
        return "Tips only"
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _share_changes(before: Sequence[SongTerms | None], after: SongTerms, names: dict[str, str]) -> list[Change]:
    if after.split is None:
        return []
    known = {address.lower(): name for address, name in names.items()}
    old: list[dict[str, tuple[int, str]]] = [
        {share.recipient.lower(): (share.bps, share.role) for share in terms.split.shares}
        if terms and terms.split
        else {}
        for terms in before
    ]
    new = {share.recipient.lower(): (share.bps, share.role) for share in after.split.shares}
    order = [*new, *(address for split in old for address in split if address not in new)]
    spelling = {
        share.recipient.lower(): share.recipient for t in (*before, after) if t and t.split for share in t.split.shares
    }
    rows = []
    for address in dict.fromkeys(order):
        now = {split.get(address) for split in old}
        then = new.get(address)
        if now == {then}:
            continue
        who = known.get(address) or _short(spelling[address])
        texts = [format_percent(value[0]) if value else ("not paid" if any(old) else None) for value in now]
        after_text = format_percent(then[0]) if then else "not paid"
        roles = {value[1] for value in now if value}
        if then and {value[0] if value else None for value in now} == {then[0]}:
            label, old_text, after_text = f"{who}’s role", one_of([role or "none" for role in roles]), then[1] or "none"
        elif then and then[1] and (None in now):
            label, old_text = f"{who}, {then[1][:1].lower()}{then[1][1:]}", one_of(texts)
        else:
            label, old_text = f"{who}’s share", one_of(texts)
        rows.append(Change(f"share:{address}", label, old_text, after_text))
    return rows


def _short(address: str) -> str:
    return f"{address[:6]}…{address[-4:]}"

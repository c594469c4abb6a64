"""The terms of songs: what a person edits, what is on chain, and the difference that has to be signed.

A :class:`TermsForm` holds text as typed and is what a draft keeps; a :class:`SongTerms` holds values as the chain has them. Neither knows
where the other came from: ``services/strategies.py`` reads, compares and makes the calls.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mycelix_studio.domain.money import Wei, format_token, parse_token
from mycelix_studio.domain.splits import Split
from mycelix_studio.domain.strategy.shares import Problem, SplitForm, format_percent
from mycelix_studio.domain.wire import STRATEGY_BITS, StrategyName
from mycelix_studio.errors import Known

WAYS: Final[tuple[StrategyName, ...]] = tuple(STRATEGY_BITS)
"""The four ways to earn in the order they are shown."""

WAY_TITLE: Final[dict[StrategyName, str]] = {
    "pay-per-stream": "Pay per stream",
    "gift-economy": "Gift",
    "patronage": "Patronage",
    "auction": "Auction",
}

MAX_PRICE: Final = 2**88 - 1
"""Wei; a bound far below what an account on chain can hold (96 bits), far above any price."""


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
    """

    ways: tuple[StrategyName, ...]
    price: int
    split: Split | None
    payee: int | None = None
    fee_bps: int = 0
    locked: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One row of "Changes to sign".

    Attributes:
        key: What changes: ``price``, ``ways``, ``share:<address>``.
        label: In an artist's words.
        before: On chain now; None when there is nothing yet.
        after: After the signatures.
    """

    key: str
    label: str
    before: str | None
    after: str


@dataclass(frozen=True, slots=True)
class TermsForm:
    """Everything the Terms tab edits, as typed.

    Attributes:
        ways: Ways switched on; none means free to hear, with tips.
        price: Price of a stream in FLOW.
        split: Who gets paid.
    """

    ways: tuple[StrategyName, ...] = ("pay-per-stream",)
    price: str = "0.01"
    split: SplitForm = field(default_factory=SplitForm)

    @classmethod
    def of(cls, terms: SongTerms, names: dict[str, str] | None = None) -> TermsForm:
        """Return the form that shows terms."""
        split = SplitForm.of(terms.split, names) if terms.split is not None else SplitForm()
        return cls(terms.ways, amount_text(terms.price), split)

    def problems(self) -> tuple[Problem, ...]:
        """Return everything that keeps this from being signed."""
        found: list[Problem] = []
        if "pay-per-stream" in self.ways:
            found += price_problems("price", self.price)
        return (*found, *self.split.problems())

    def terms(self, *, payee: int | None = None, fee_bps: int = 0, locked: bool = False) -> SongTerms:
        """Return the values that are signed.

        Raises:
            Known: Something of :meth:`problems`.
        """
        problems = self.problems()
        if problems:
            raise Known("The terms are not complete", problems[0].message, "Correct the marked fields.")
        price = parse_token(self.price) if "pay-per-stream" in self.ways else Wei(0)
        return SongTerms(self.ways, price, self.split.split(), payee, fee_bps, locked)

    def with_way(self, way: StrategyName, on: bool) -> TermsForm:
        """Return the form with one way switched on or off, the others as they are."""
        return replace(self, ways=tuple(w for w in WAYS if (on if w == way else w in self.ways)))


def price_problems(
    name: str, text: str, *, zero: str = "A price is more than 0. To give it away, choose Gift."
) -> list[Problem]:
    """Return what is wrong with an amount of FLOW as typed, for the field ``name``."""
    try:
        amount = parse_token(text)
    except Known as error:
        return [Problem(name, error.message)]
    if amount == 0:
        return [Problem(name, zero)]
    if amount > MAX_PRICE:
        return [Problem(name, f"At most {format_token(MAX_PRICE, 0)} FLOW.")]
    return []


def amount_text(amount: int) -> str:
    """Return wei as typed into a field: exact, at least two decimals."""
    return format_token(amount, 18, strip=True)


def flow(amount: int) -> str:
    """Return wei for reading: ``10.00 FLOW``, exact."""
    return f"{amount_text(amount)} FLOW"


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
            Change("ways", "Earns by", _one([ways_text(w) if w else None for w in old_ways]), ways_text(after.ways))
        )
    if "pay-per-stream" in after.ways:
        old_prices = {terms.price if terms and "pay-per-stream" in terms.ways else None for terms in before}
        if old_prices != {after.price}:
            old = _one([flow(p) if p is not None else None for p in old_prices])
            rows.append(Change("price", "Price of a stream", old, flow(after.price)))
    return (*rows, *_share_changes(before, after, names or {}))


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
            label, old_text, after_text = f"{who}’s role", _one([role or "none" for role in roles]), then[1] or "none"
        elif then and then[1] and (None in now):
            label, old_text = f"{who}, {then[1][:1].lower()}{then[1][1:]}", _one(texts)
        else:
            label, old_text = f"{who}’s share", _one(texts)
        rows.append(Change(f"share:{address}", label, old_text, after_text))
    return rows


def _one(texts: Sequence[str | None]) -> str | None:
    """Return the one old value, or say that the songs differ."""
    distinct = list(dict.fromkeys(texts))
    return distinct[0] if len(distinct) == 1 else "differs"


def _short(address: str) -> str:
    return f"{address[:6]}…{address[-4:]}"

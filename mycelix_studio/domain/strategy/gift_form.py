"""The terms of a gift song: as the chain has them, and as a person types them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from mycelix_studio.domain.address import ADDRESS, ZERO_ADDRESS, short_address
from mycelix_studio.domain.money import parse_token
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS, MAX_MULTIPLIER, GiftTerms
from mycelix_studio.domain.strategy.shares import Problem
from mycelix_studio.domain.strategy.typed import Change, amount_text, cgc, changed, number_problems, price_problems

MAX_EARLY = 2**32 - 1


@dataclass(frozen=True, slots=True)
class GiftOffer:
    """Terms of a gift song on chain.

    Attributes:
        terms: What a listen earns.
        attestor: EIP-55 address of who counts listens: its signature is what a reward is paid for.
    """

    terms: GiftTerms
    attestor: str


@dataclass(frozen=True, slots=True)
class GiftForm:
    """The form of a gift, as typed. Amounts are CGC.

    Attributes:
        attestor: Address of who counts listens.
    """

    per_listen: str = amount_text(DEFAULT_TERMS.per_listen)
    early_listeners: str = str(DEFAULT_TERMS.early_listeners)
    early_bonus: str = amount_text(DEFAULT_TERMS.early_bonus)
    repeat_multiplier: str = str(DEFAULT_TERMS.repeat_multiplier)
    daily_cap: str = amount_text(DEFAULT_TERMS.daily_cap)
    attestor: str = ""

    @classmethod
    def of(cls, offer: GiftOffer) -> GiftForm:
        """Return the form that shows terms on chain."""
        terms = offer.terms
        return cls(
            amount_text(terms.per_listen),
            str(terms.early_listeners),
            amount_text(terms.early_bonus),
            str(terms.repeat_multiplier),
            amount_text(terms.daily_cap),
            offer.attestor,
        )

    def problems(self, before: Sequence[GiftOffer | None] = ()) -> list[Problem]:
        """Return everything that keeps this from being signed."""
        found = [
            *price_problems("gift.per_listen", self.per_listen, zero="", symbol="CGC"),
            *number_problems("gift.early_listeners", self.early_listeners, 0, MAX_EARLY),
            *price_problems("gift.early_bonus", self.early_bonus, zero="", symbol="CGC"),
            *number_problems("gift.repeat_multiplier", self.repeat_multiplier, 1, MAX_MULTIPLIER),
            *price_problems("gift.daily_cap", self.daily_cap, zero="A day needs a limit above 0.", symbol="CGC"),
        ]
        address = self.attestor.strip()
        if not ADDRESS.fullmatch(address):
            found.append(Problem("gift.attestor", "Whose signature counts listens? Type an address."))
        elif address == ZERO_ADDRESS:
            found.append(Problem("gift.attestor", "Nobody can sign with this address."))
        return found

    def terms(self) -> GiftTerms | None:
        """Return what a listen would earn, for a preview; None while something is wrong with it."""
        if [problem for problem in self.problems() if problem.field != "gift.attestor"]:
            return None
        return GiftTerms(
            int(parse_token(self.per_listen)),
            int(self.early_listeners),
            int(parse_token(self.early_bonus)),
            int(self.repeat_multiplier),
            int(parse_token(self.daily_cap)),
        )

    def offer(self) -> GiftOffer:
        """Return the terms to be signed; call it only without :meth:`problems`."""
        terms = self.terms()
        assert terms is not None
        return GiftOffer(terms, self.attestor.strip())


def gift_changes(before: Sequence[GiftOffer | None], after: GiftOffer, names: dict[str, str]) -> list[Change]:
    """Return the rows of a difference."""
    known = {address.lower(): name for address, name in names.items()}

    def who(address: str) -> str:
        return known.get(address.lower(), "") or short_address(address)

    def rows(offer: GiftOffer) -> list[tuple[str, str, str]]:
        terms = offer.terms
        early = f"{cgc(terms.early_bonus)} to the first {terms.early_listeners:,}" if terms.early_listeners else "none"
        return [
            ("per_listen", "Thanks for a listen", cgc(terms.per_listen)),
            ("early", "Bonus for early listeners", early),
            ("repeat", "From the sixth listen", f"{terms.repeat_multiplier} times"),
            ("cap", "At most a day and listener", cgc(terms.daily_cap)),
            ("attestor", "Who counts listens", who(offer.attestor)),
        ]

    old = [rows(offer) if offer is not None else None for offer in before]
    return [
        change
        for place, (key, label, text) in enumerate(rows(after))
        for change in changed(f"gift:{key}", label, [row[place][2] if row else None for row in old], text)
    ]

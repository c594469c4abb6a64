"""The terms of an auction of passes: as the chain has them, and as a person types them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import WEI_PER_TOKEN, parse_token
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS, GWEI, MAX_PRICE, AuctionTerms
from mycelix_studio.domain.strategy.shares import Problem, format_percent, format_share, parse_share
from mycelix_studio.domain.strategy.typed import Change, amount_text, changed, flow, number_problems, price_problems
from mycelix_studio.errors import Known

MAX_PASSES = 1_000_000
MAX_DURATION = 365 * DAY_SECONDS
"""Seconds; a year, far below the contract's 32 bits."""
FIRST = AUCTION_PRESETS[0].terms


class DurationUnit(StrEnum):
    """How a duration is typed."""

    HOURS = "hours"
    DAYS = "days"

    @property
    def seconds(self) -> int:
        """Seconds of one."""
        return 3_600 if self is DurationUnit.HOURS else DAY_SECONDS


@dataclass(frozen=True, slots=True)
class AuctionOffer:
    """An auction on chain.

    Attributes:
        terms: Fixed from the first minute; the supply may shrink to what was sold.
        starts_at: Begin of the fall, Unix seconds; 0 is the moment of the signature.
        number: Of the auction on chain; None before it is made.
        sold: Passes sold.
        closed: No more are sold.
    """

    terms: AuctionTerms
    starts_at: int = 0
    number: int | None = None
    sold: int = 0
    closed: bool = False

    @property
    def fixed(self) -> bool:
        """True when the song cannot have another: passes are or were sold. One closed without a sale may be followed by another."""
        return self.number is not None and not (self.closed and self.sold == 0)


@dataclass(frozen=True, slots=True)
class AuctionForm:
    """The form of an auction, as typed.

    Attributes:
        start_price: FLOW at the start.
        end_price: FLOW at the end.
        duration: Number of ``unit``.
        supply: Passes.
        per_wallet: Passes one wallet may buy; empty or 0 is no limit.
        royalty: Percent of a resale asked for.
    """

    start_price: str = amount_text(FIRST.start_price)
    end_price: str = amount_text(FIRST.end_price)
    duration: str = str(FIRST.duration // DAY_SECONDS)
    unit: DurationUnit = DurationUnit.DAYS
    supply: str = str(FIRST.supply)
    per_wallet: str = ""
    royalty: str = "5"

    @classmethod
    def of(cls, offer: AuctionOffer) -> AuctionForm:
        """Return the form that shows an auction on chain."""
        return cls.of_terms(offer.terms)

    @classmethod
    def of_terms(cls, terms: AuctionTerms) -> AuctionForm:
        """Return the form of terms, such as a preset."""
        unit = (
            DurationUnit.HOURS if terms.duration % DAY_SECONDS or terms.duration <= DAY_SECONDS else DurationUnit.DAYS
        )
        return cls(
            amount_text(terms.start_price),
            amount_text(terms.end_price),
            str(terms.duration // unit.seconds),
            unit,
            str(terms.supply),
            str(terms.per_wallet) if terms.per_wallet else "",
            format_share(terms.royalty_bps),
        )

    def problems(self, before: Sequence[AuctionOffer | None] = ()) -> list[Problem]:
        """Return everything that keeps this from being signed. Songs with a running auction keep it whatever the form says."""
        found = [
            *price_problems("auction.start_price", self.start_price, zero="A price is more than 0."),
            *price_problems("auction.end_price", self.end_price, zero="A price is more than 0."),
            *number_problems("auction.duration", self.duration, 1, MAX_DURATION // self.unit.seconds),
            *number_problems("auction.supply", self.supply, 1, MAX_PASSES),
        ]
        if self.per_wallet.strip():
            found += number_problems("auction.per_wallet", self.per_wallet, 0, MAX_PASSES)
        try:
            parse_share(self.royalty or "0")
        except Known as error:
            found.append(Problem("auction.royalty", error.message))
        if found:
            return found
        for name, typed in (("auction.start_price", self.start_price), ("auction.end_price", self.end_price)):
            price = parse_token(typed)
            if price % GWEI or price > MAX_PRICE:
                found.append(Problem(name, f"At most 9 decimals, and at most {MAX_PRICE // WEI_PER_TOKEN:,} FLOW."))
        if parse_token(self.end_price) > parse_token(self.start_price):
            found.append(Problem("auction.end_price", "The price falls: at most the price at the start."))
        if int(self.per_wallet.strip() or 0) > int(self.supply):
            found.append(Problem("auction.per_wallet", "More than there are."))
        return found

    def terms(self) -> AuctionTerms | None:
        """Return the terms, for a preview; None while something is wrong with them."""
        if self.problems():
            return None
        return AuctionTerms(
            int(parse_token(self.start_price)),
            int(parse_token(self.end_price)),
            int(self.duration) * self.unit.seconds,
            int(self.supply),
            int(self.per_wallet.strip() or 0),
            parse_share(self.royalty or "0"),
        )

    def offer(self) -> AuctionOffer:
        """Return the terms to be signed; call it only without :meth:`problems`."""
        terms = self.terms()
        assert terms is not None
        return AuctionOffer(terms)


def duration_text(seconds: int) -> str:
    """Return a duration in days and hours."""
    days, rest = divmod(seconds, DAY_SECONDS)
    hours = rest // 3_600
    parts = [f"{days} {'day' if days == 1 else 'days'}"] if days else []
    if hours or not days:
        parts.append(f"{hours} {'hour' if hours == 1 else 'hours'}")
    return " ".join(parts)


def auction_changes(before: Sequence[AuctionOffer | None], after: AuctionOffer, _names: dict[str, str]) -> list[Change]:
    """Return the rows of a difference: nothing for songs whose auction is fixed."""
    open_to_change = [offer for offer in before if offer is None or not offer.fixed]
    if before and not open_to_change:
        return []

    def rows(offer: AuctionOffer) -> list[tuple[str, str, str]]:
        terms = offer.terms
        return [
            ("start", "Price at the start", flow(terms.start_price)),
            ("end", "Price at the end", flow(terms.end_price)),
            ("duration", "Falls for", duration_text(terms.duration)),
            ("supply", "Passes", f"{terms.supply:,}"),
            ("limit", "At most a person", f"{terms.per_wallet:,}" if terms.per_wallet else "no limit"),
            ("royalty", "Share of resales, voluntary", format_percent(terms.royalty_bps)),
        ]

    return [
        change
        for key, label, text in rows(after)
        for change in changed(f"auction:{key}", label, [None for _ in open_to_change] or [None], text)
    ]

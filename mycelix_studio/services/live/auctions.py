"""Auctions: price now, who bought when and for how much, what is left, and ending the sale."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.domain.clock import DAY_SECONDS
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.strategy.dutch_auction import AuctionTerms
from mycelix_studio.domain.transaction import Call
from mycelix_studio.services.live.reading import Reader


@dataclass(frozen=True, slots=True)
class Sale:
    """One pass sold.

    Attributes:
        auction: Number.
        serial: Counts from 1.
        buyer: EIP-55 address of who got it.
        price: Gross wei.
        block: Of the sale.
        at: Unix time.
    """

    auction: int
    serial: int
    buyer: str
    price: int
    block: int
    at: int


@dataclass(frozen=True, slots=True)
class AuctionNow:
    """One auction. Times are Unix seconds, amounts gross wei.

    Attributes:
        number: On chain.
        supply: Passes there are; those sold once it is closed.
        per_wallet: Passes one wallet may buy; 0 is no limit.
        fee_bps: Protocol fee of the song's account.
        closed: No more are sold.
        open: The song earns this way.
        sales: By serial.
    """

    number: int
    song_id: str
    title: str
    start_price: int
    end_price: int
    starts_at: int
    duration: int
    supply: int
    per_wallet: int
    royalty_bps: int
    fee_bps: int
    closed: bool
    open: bool
    sales: tuple[Sale, ...]

    @property
    def sold(self) -> int:
        """Passes sold."""
        return len(self.sales)

    @property
    def ends_at(self) -> int:
        """When the price has fallen to its end."""
        return self.starts_at + self.duration

    @property
    def running(self) -> bool:
        """Passes can be bought."""
        return not self.closed and self.open and self.sold < self.supply

    @property
    def revenue(self) -> int:
        """Gross wei of all sales."""
        return sum(sale.price for sale in self.sales)

    @property
    def net(self) -> int:
        """Wei of all sales after the fee, which is rounded down at each sale."""
        return sum(sale.price - fee_of(sale.price, self.fee_bps) for sale in self.sales)

    @property
    def average(self) -> int | None:
        """Mean price of a pass, rounded down; None before the first sale."""
        return self.revenue // self.sold if self.sales else None

    def price_at(self, at: int) -> int:
        """Return the price at a moment, as the contract computes it."""
        terms = AuctionTerms(self.start_price, self.end_price, self.duration, max(self.supply, 1))
        return int(terms.price_at(at - self.starts_at))

    @property
    def fall_an_hour(self) -> int:
        """Wei by which the price falls in an hour."""
        return (self.start_price - self.end_price) * 3_600 // self.duration

    def forecast(self, now: int) -> int | None:
        """Return how many passes are sold by the end if the last 24 hours go on; None when nothing was sold in them or it is over."""
        recent = sum(sale.at > now - DAY_SECONDS for sale in self.sales)
        left = self.ends_at - now
        if not recent or left <= 0 or not self.running:
            return None
        return min(self.supply, self.sold + recent * left // DAY_SECONDS)


@dataclass(frozen=True, slots=True)
class Auctions:
    """What the tab shows, as read at a block: ``at`` is its Unix time, ``confirmations`` how many blocks make a sale final."""

    block: int
    at: int
    confirmations: int
    auctions: tuple[AuctionNow, ...]

    def is_final(self, sale: Sale) -> bool:
        """Tell whether a sale has enough blocks on top of it."""
        return self.block - sale.block + 1 >= self.confirmations


def read(reader: Reader, kept: Auctions | None) -> Auctions:
    """Return the auctions of all songs now; sales up to the last reading are not asked for again."""
    from mycelix_studio.chain.abi import AuctionStrategy
    from mycelix_studio.chain.abi.events import PassBought

    offers = {
        offer.number: (song_id, title, terms, offer)
        for song_id, (title, terms) in reader.songs.items()
        if (offer := terms.auction) is not None and offer.number is not None
    }
    known = {auction.number for auction in kept.auctions} if kept is not None else set()
    first = reader.first_block(kept.block if kept is not None and known >= set(offers) else None)
    sales = [s for a in kept.auctions for s in a.sales if s.block < first] if kept is not None else []
    contract = AuctionStrategy(reader.deployment.address("AuctionStrategy"))
    bought = [
        e for e in reader.events(contract.address, (PassBought,), first, list(offers)) if isinstance(e, PassBought)
    ]
    times = reader.times([event.log.block_number for event in bought])
    sales += [
        Sale(e.auction, e.serial, e.buyer, e.price, e.log.block_number, times[e.log.block_number])
        for e in bought
        if e.log.block_number in times
    ]
    found = []
    for number, (song_id, title, terms, offer) in offers.items():
        its = offer.terms
        found.append(
            AuctionNow(
                number,
                song_id,
                title,
                its.start_price,
                its.end_price,
                offer.starts_at,
                its.duration,
                its.supply,
                its.per_wallet,
                its.royalty_bps,
                terms.fee_bps,
                offer.closed,
                "auction" in terms.ways,
                tuple(sorted((s for s in sales if s.auction == number), key=lambda sale: sale.serial)),
            )
        )
    found.sort(key=lambda auction: (not auction.running, -auction.starts_at))
    return Auctions(reader.block, reader.at, reader.confirmations, tuple(found))


def close_call(reader: Reader, auction: int) -> Call:
    """Return the call that ends the sale."""
    from mycelix_studio.chain.abi import AuctionStrategy

    return AuctionStrategy(reader.deployment.address("AuctionStrategy")).close(auction)

"""Auctions on chain: the passes of a song."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mycelix_studio.domain.strategy.auction_form import AuctionOffer
from mycelix_studio.domain.strategy.dutch_auction import AuctionTerms
from mycelix_studio.domain.transaction import Call

if TYPE_CHECKING:
    from mycelix_studio.chain.abi.auction_strategy import Auction
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc


def read(rpc: Rpc, deployment: Deployment, song_ids: Sequence[str], block: int) -> Mapping[str, AuctionOffer]:
    """Return the auctions of songs that have one."""
    from mycelix_studio.chain.abi import AuctionStrategy
    from mycelix_studio.chain.binding import read_all

    contract = AuctionStrategy(deployment.address("AuctionStrategy"))
    numbers = read_all(rpc, [contract.auction_of(song_id) for song_id in song_ids], block)
    made = {song_id: number for song_id, number in zip(song_ids, numbers, strict=True) if number}
    auctions = read_all(rpc, [contract.auction(number) for number in made.values()], block)
    return {
        song_id: offer_of(number, auction)
        for (song_id, number), auction in zip(made.items(), auctions, strict=True)
        if auction.supply or not auction.closed
    }


def offer_of(number: int, auction: Auction) -> AuctionOffer:
    """Return an auction as the forms know it."""
    terms = AuctionTerms(
        auction.start_price,
        auction.end_price,
        auction.duration,
        auction.supply,
        min(auction.per_wallet, auction.supply),
        auction.royalty_bps,
    )
    return AuctionOffer(terms, auction.starts_at, number, auction.sold, auction.closed)


def differs(old: AuctionOffer | None, _new: AuctionOffer) -> bool:
    """Tell whether an auction has to be signed for: not when the song's is fixed, since terms never change."""
    return old is None or not old.fixed


def call(deployment: Deployment, song_id: str, _old: AuctionOffer | None, new: AuctionOffer) -> Call:
    """Return the call that begins an auction."""
    from mycelix_studio.chain.abi import AuctionStrategy

    terms = new.terms
    return AuctionStrategy(deployment.address("AuctionStrategy")).create(
        song_id,
        terms.start_price,
        terms.end_price,
        new.starts_at,
        terms.duration,
        terms.supply,
        terms.per_wallet,
        terms.royalty_bps,
    )


def to_json(offer: AuctionOffer) -> dict[str, object]:
    """Return an offer as JSON values."""
    terms = offer.terms
    return {
        "start_price": str(terms.start_price),
        "end_price": str(terms.end_price),
        "duration": terms.duration,
        "supply": terms.supply,
        "per_wallet": terms.per_wallet,
        "royalty": terms.royalty_bps,
        "starts_at": offer.starts_at,
        "number": offer.number,
        "sold": offer.sold,
        "closed": offer.closed,
    }


def from_json(item: Mapping[str, Any]) -> AuctionOffer:
    """Return an offer from JSON values."""
    terms = AuctionTerms(
        int(item["start_price"]),
        int(item["end_price"]),
        int(item["duration"]),
        int(item["supply"]),
        int(item["per_wallet"]),
        int(item["royalty"]),
    )
    return AuctionOffer(terms, int(item["starts_at"]), item["number"], int(item["sold"]), bool(item["closed"]))

"""Gifts on chain: what a listen earns and who counts listens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from mycelix_studio.domain.strategy.gift_economy import GiftTerms
from mycelix_studio.domain.strategy.gift_form import GiftOffer
from mycelix_studio.domain.transaction import Call

if TYPE_CHECKING:
    from mycelix_studio.chain.artifacts import Deployment
    from mycelix_studio.chain.rpc import Rpc


def read(rpc: Rpc, deployment: Deployment, song_ids: Sequence[str], block: int) -> Mapping[str, GiftOffer]:
    """Return the terms of songs that have some."""
    from mycelix_studio.chain.abi import GiftEconomyStrategy
    from mycelix_studio.chain.binding import read_all

    contract = GiftEconomyStrategy(deployment.address("GiftEconomyStrategy"))
    found = read_all(rpc, [contract.gift(song_id) for song_id in song_ids], block)
    return {
        song_id: GiftOffer(
            GiftTerms(gift.per_listen, gift.early_listeners, gift.early_bonus, gift.repeat_multiplier, gift.daily_cap),
            gift.attestor,
        )
        for song_id, gift in zip(song_ids, found, strict=True)
        if gift.daily_cap
    }


def differs(old: GiftOffer | None, new: GiftOffer) -> bool:
    """Tell whether the new terms have to be signed for."""
    return old is None or old.terms != new.terms or old.attestor.lower() != new.attestor.lower()


def call(deployment: Deployment, song_id: str, _old: GiftOffer | None, new: GiftOffer) -> Call:
    """Return the call that sets new terms."""
    from mycelix_studio.chain.abi import GiftEconomyStrategy
    from mycelix_studio.chain.abi.gift_economy_strategy import Gift

    terms = new.terms
    made = Gift(
        terms.per_listen,
        terms.early_bonus,
        terms.early_listeners,
        terms.repeat_multiplier,
        terms.daily_cap,
        new.attestor,
    )
    return GiftEconomyStrategy(deployment.address("GiftEconomyStrategy")).configure(song_id, made)


def to_json(offer: GiftOffer) -> dict[str, object]:
    """Return an offer as JSON values."""
    terms = offer.terms
    return {
        "per_listen": str(terms.per_listen),
        "early_listeners": terms.early_listeners,
        "early_bonus": str(terms.early_bonus),
        "repeat_multiplier": terms.repeat_multiplier,
        "daily_cap": str(terms.daily_cap),
        "attestor": offer.attestor,
    }


def from_json(item: Mapping[str, Any]) -> GiftOffer:
    """Return an offer from JSON values."""
    terms = GiftTerms(
        int(item["per_listen"]),
        int(item["early_listeners"]),
        int(item["early_bonus"]),
        int(item["repeat_multiplier"]),
        int(item["daily_cap"]),
    )
    return GiftOffer(terms, str(item["attestor"]))

"""What the events of the strategies mean: plans and patrons, auctions and passes, gifts."""

from __future__ import annotations

from dataclasses import asdict
from typing import Final, cast

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.events import purse_charges
from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, PERIOD_SECONDS
from mycelix_studio.node.indexer.draft import Draft
from mycelix_studio.node.indexer.states import AuctionState, Place, PlanState, SubscriptionState

_GIFT: Final = STRATEGY_BITS["gift-economy"]
_PATRONAGE: Final = STRATEGY_BITS["patronage"]
_AUCTION: Final = STRATEGY_BITS["auction"]

REFUSALS: Final = (
    "", "no-subscription", "not-due", "lapsed", "not-agreed", "price-rose", "plan-closed", "payment",
)  # fmt: skip
"""Why a renewal was refused, by the number in ``RenewalFailed``."""
_NOTHING_FAILED: Final = frozenset({"no-subscription", "not-due"})
"""A keeper's round over people of whom nothing is due. Anybody can start one, so it must not make a good subscription look failed."""


# patronage


async def plan_created(draft: Draft, event: Event, place: Place) -> None:
    """Patronage of a song is offered."""
    made = cast(abi.PlanCreated, event)
    state: PlanState = {
        "song_id": made.song_id,
        "price": str(made.price),
        "minimum_periods": made.minimum_periods,
        "tier_bps": list(made.tier_bps),
        "early_cancel": made.early_cancel,
        "open": True,
    }
    draft.states.put(f"plan:{made.plan}", place, state)


async def plan_updated(draft: Draft, event: Event, place: Place) -> None:
    """A plan's price, discounts or openness changed."""
    change = cast(abi.PlanUpdated, event)
    state = await _plan(draft, change.plan)
    state["price"], state["tier_bps"], state["open"] = str(change.price), list(change.tier_bps), change.open
    draft.states.put(f"plan:{change.plan}", place, state)


async def subscribed(draft: Draft, event: Event, place: Place) -> None:
    """Somebody became a patron, paid by themselves or by another."""
    new = cast(abi.Subscribed, event)
    song_id = (await _plan(draft, new.plan))["song_id"]
    state: SubscriptionState = {
        "song_id": song_id,
        "patron": new.patron,
        "started_at": new.start,
        "paid_through": new.start + new.periods * PERIOD_SECONDS,
        "price": str(new.amount // new.periods),
        "auto_renew": new.payer == new.patron,
        "state": "subscribed",
        "reason": "",
        **asdict(place),  # type: ignore[typeddict-item]
    }
    draft.states.put(entity_of(song_id, new.patron), place, state)
    await draft.charged(
        event,
        place,
        song_id,
        new.payer,
        kind="subscription",
        strategy=_PATRONAGE,
        count=new.periods,
        gross=new.amount,
    )


async def renewed(draft: Draft, event: Event, place: Place) -> None:
    """A patron paid the next period; after the grace it begins anew, with the plan's minimum."""
    renewal = cast(abi.Renewed, event)
    song_id = (await _plan(draft, renewal.plan))["song_id"]
    state = await _subscription(draft, song_id, renewal.patron)
    begins = state["paid_through"]
    if place.block_time > begins + GRACE_SECONDS:
        begins = state["started_at"] = place.block_time
    state["paid_through"] = renewal.paid_through
    state["state"], state["reason"] = "renewed", ""
    _put(draft, entity_of(state["song_id"], state["patron"]), state, place)
    await draft.charged(
        event,
        place,
        song_id,
        renewal.patron,
        kind="renewal",
        strategy=_PATRONAGE,
        count=(renewal.paid_through - begins) // PERIOD_SECONDS,
        gross=renewal.amount,
    )


async def renewed_from_purses(draft: Draft, event: Event, place: Place) -> None:
    """A keeper's round out of purses: each patron it names paid the next period, which follows the one before."""
    batch = cast(abi.RenewedFromPurses, event)
    song_id = (await _plan(draft, batch.plan))["song_id"]
    for item, patron, amount in purse_charges(batch):
        state = await _subscription(draft, song_id, patron)
        state["paid_through"] += PERIOD_SECONDS
        state["state"], state["reason"] = "renewed", ""
        _put(draft, entity_of(song_id, patron), state, place)
        await draft.charged(
            event,
            place,
            song_id,
            patron,
            kind="renewal",
            strategy=_PATRONAGE,
            count=1,
            gross=amount,
            item=item,
        )


async def renewal_failed(draft: Draft, event: Event, place: Place) -> None:
    """A keeper could not renew."""
    failed = cast(abi.RenewalFailed, event)
    reason = REFUSALS[failed.reason]
    if reason in _NOTHING_FAILED:
        return
    state = await _subscription(draft, (await _plan(draft, failed.plan))["song_id"], failed.patron)
    if state["auto_renew"]:
        state["state"], state["reason"] = "renewal-failed", reason
        _put(draft, entity_of(state["song_id"], state["patron"]), state, place)


async def auto_renew_set(draft: Draft, event: Event, place: Place) -> None:
    """A patron agreed to renewals up to a price."""
    agreed = cast(abi.AutoRenewSet, event)
    state = await _subscription(draft, (await _plan(draft, agreed.plan))["song_id"], agreed.patron)
    state["auto_renew"], state["price"] = True, str(agreed.max_price)
    if state["state"] in {"cancelled", "renewal-failed"}:
        state["state"], state["reason"] = "subscribed", ""
    _put(draft, entity_of(state["song_id"], state["patron"]), state, place)


async def cancelled(draft: Draft, event: Event, place: Place) -> None:
    """A patron wants no more renewals."""
    end = cast(abi.PatronageStrategyCancelled, event)
    state = await _subscription(draft, (await _plan(draft, end.plan))["song_id"], end.patron)
    state["auto_renew"], state["state"], state["reason"] = False, "cancelled", ""
    _put(draft, entity_of(state["song_id"], state["patron"]), state, place)


def entity_of(song_id: str, patron: str) -> str:
    """Return the name of a subscription's state."""
    return f"subscription:{song_id}:{patron}"


def _put(draft: Draft, entity: str, state: SubscriptionState | AuctionState, place: Place) -> None:
    """Note a state with the place of the event that made it so."""
    draft.states.put(entity, place, {**state, **asdict(place)})


async def _plan(draft: Draft, plan: int) -> PlanState:
    state = await draft.states.get(f"plan:{plan}")
    if state is None:
        raise ValueError(f"the chain speaks of plan {plan} before it was created")
    return cast(PlanState, dict(state))


async def _subscription(draft: Draft, song_id: str, patron: str) -> SubscriptionState:
    state = await draft.states.get(entity_of(song_id, patron))
    if state is None:
        raise ValueError(f"the chain speaks of {patron}, who never subscribed")
    return cast(SubscriptionState, dict(state))


# auctions


async def auction_created(draft: Draft, event: Event, place: Place) -> None:
    """Passes are offered."""
    made = cast(abi.AuctionCreated, event)
    state: AuctionState = {
        "song_id": made.song_id,
        "start_price": str(made.start_price),
        "end_price": str(made.end_price),
        "starts_at": made.starts_at,
        "ends_at": made.starts_at + made.duration,
        "supply": made.supply,
        "sold": 0,
        "per_wallet": made.per_wallet,
        "closed": False,
        **asdict(place),  # type: ignore[typeddict-item]
    }
    draft.states.put(f"auction:{made.auction}", place, state)


async def pass_bought(draft: Draft, event: Event, place: Place) -> None:
    """A pass was sold."""
    sale = cast(abi.PassBought, event)
    state = await _auction(draft, sale.auction)
    state["sold"] = sale.serial
    _put(draft, f"auction:{sale.auction}", state, place)
    await draft.charged(
        event, place, state["song_id"], sale.buyer, kind="pass", strategy=_AUCTION, count=1, gross=sale.price
    )


async def auction_closed(draft: Draft, event: Event, place: Place) -> None:
    """No more passes are sold."""
    end = cast(abi.AuctionClosed, event)
    state = await _auction(draft, end.auction)
    state["closed"], state["supply"] = True, end.sold
    _put(draft, f"auction:{end.auction}", state, place)


async def _auction(draft: Draft, auction: int) -> AuctionState:
    state = await draft.states.get(f"auction:{auction}")
    if state is None:
        raise ValueError(f"the chain speaks of auction {auction} before it was created")
    return cast(AuctionState, dict(state))


# gifts


async def listens_rewarded(draft: Draft, event: Event, place: Place) -> None:
    """A listener was thanked in CGC from the artist's own budget: no income, and no fee."""
    reward = cast(abi.ListensRewarded, event)
    await draft.rewarded(
        place, reward.song_id, reward.listener, strategy=_GIFT, count=reward.listens, amount=reward.amount
    )

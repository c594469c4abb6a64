"""What the events of the Ledger mean: accounts, songs, streams, tips, vouchers, payouts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import cast

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.vouchers import unpack_items
from mycelix_studio.node.indexer.draft import STREAM, Draft
from mycelix_studio.node.indexer.rows import Payment, Payout
from mycelix_studio.node.indexer.states import PayeeState, Place, SongState, VoucherState, owner_of

# who gets paid


async def payee_created(draft: Draft, event: Event, place: Place) -> None:
    """An account was made, with its split for ever."""
    made = cast(abi.PayeeCreated, event)
    state: PayeeState = {
        "split_hash": made.split_hash,
        "fee_bps": made.fee_bps,
        "to": list(made.to),
        "bps": list(made.bps),
        "roles": [role.replace("\x00", "") for role in made.roles],
        "artist": "",
        "locked": False,
        **asdict(place),  # type: ignore[typeddict-item]
    }
    draft.states.put(f"payee:{made.payee}", place, state)


async def fee_lowered(draft: Draft, event: Event, place: Place) -> None:
    """An account's fee fell."""
    lowered = cast(abi.PayeeFeeLowered, event)
    state = await draft.payee(lowered.payee)
    state["fee_bps"] = lowered.fee_bps
    draft.states.put(f"payee:{lowered.payee}", place, state)


async def _belongs(draft: Draft, payee: int, artist: str, place: Place) -> None:
    """Note whose account it is: the owner of the first song that pays it."""
    state = await draft.payee(payee)
    if not state["artist"]:
        state["artist"] = artist
        draft.states.put(f"payee:{payee}", place, state)


# songs


async def registered(draft: Draft, event: Event, place: Place) -> None:
    """A song came."""
    song = cast(abi.SongRegistered, event)
    state: SongState = {
        "registrant": song.artist,
        "owner": song.artist,
        "content_hash": song.content_hash,
        "payee": song.payee,
        "price": str(song.price),
        "strategies": song.strategies,
        "locked": False,
    }
    draft.states.put(f"song:{song.song_id}", place, state)
    await _belongs(draft, song.payee, song.artist, place)


async def updated(draft: Draft, event: Event, place: Place) -> None:
    """A song's account, price or strategies changed."""
    change = cast(abi.SongUpdated, event)
    state = await draft.song(change.song_id)
    state["payee"], state["price"], state["strategies"] = change.payee, str(change.price), change.strategies
    draft.states.put(f"song:{change.song_id}", place, state)
    await _belongs(draft, change.payee, state["owner"], place)


async def transferred(draft: Draft, event: Event, place: Place) -> None:
    """A song has another owner."""
    transfer = cast(abi.SongTransferred, event)
    state = await draft.song(transfer.song_id)
    state["owner"] = transfer.to
    draft.states.put(f"song:{transfer.song_id}", place, state)


async def locked(draft: Draft, event: Event, place: Place) -> None:
    """A song's account can never change again."""
    lock = cast(abi.SplitLocked, event)
    state = await draft.song(lock.song_id)
    state["locked"] = True
    draft.states.put(f"song:{lock.song_id}", place, state)
    payee = await draft.payee(lock.payee)
    payee["locked"] = True
    draft.states.put(f"payee:{lock.payee}", place, payee)


# money


async def stream_paid(draft: Draft, event: Event, place: Place) -> None:
    """A listener paid for streams of a song, from its wallet or its purse."""
    stream = cast(abi.StreamPaid, event)
    await draft.paid(
        place,
        stream.song_id,
        stream.listener,
        kind="stream",
        strategy=STREAM,
        count=stream.count,
        gross=stream.amount,
    )


async def tipped(draft: Draft, event: Event, place: Place) -> None:
    """A listener gave thanks."""
    tip = cast(abi.Tipped, event)
    await draft.paid(place, tip.song_id, tip.listener, kind="tip", strategy=0, count=1, gross=tip.amount)


async def credited(draft: Draft, event: Event, place: Place) -> None:
    """Money arrived through the open port."""
    await draft.credited(cast(abi.Credited, event), place)


async def voucher_settled(draft: Draft, event: Event, place: Place) -> None:
    """A voucher was charged: one payment an item. It names accounts, not songs; which songs it is for, the list behind it says."""
    settled = cast(abi.VoucherSettled, event)
    for number, item in enumerate(unpack_items(settled.items)):
        payee = await draft.payee(item.payee)
        owner = owner_of(payee)
        fee = fee_of(item.amount, payee["fee_bps"])
        draft.payments.append(
            Payment(
                place, number, settled.listener, item.payee, None, owner, STREAM, "voucher", item.count, item.amount, fee
            )
        )  # fmt: skip
    state: VoucherState = {
        "plays_hash": settled.plays_hash,
        "items": settled.items.hex(),
        "reason": 0,
        "tx": place.tx,
        "block": place.block,
    }
    draft.states.put(f"voucher:{settled.listener}:{settled.nonce}", place, state)


async def voucher_skipped(draft: Draft, event: Event, place: Place) -> None:
    """A voucher was left out. Anybody may submit nonsense in a listener's name, so this alone decides nothing; see ``vouchers.derive``."""
    skipped = cast(abi.VoucherSkipped, event)
    entity = f"voucher:{skipped.listener}:{skipped.nonce}"
    known = await draft.states.get(entity)
    if known is None or known["reason"]:
        state: VoucherState = {
            "plays_hash": "",
            "items": "",
            "reason": skipped.reason,
            "tx": place.tx,
            "block": place.block,
        }
        draft.states.put(entity, place, state)


async def distributed(draft: Draft, event: abi.Distributed, place: Place, later: Sequence[Event]) -> None:
    """An account was paid out; ``later`` are the events after it, among which those of transfers that failed."""
    payee = await draft.payee(event.payee)
    deferred: set[str] = set()
    for other in later:
        # Its own transfers follow it in the same transaction, before the next account's.
        if other.log.tx_hash != event.log.tx_hash or isinstance(other, abi.Distributed):
            break
        if isinstance(other, abi.TransferDeferred):
            deferred.add(other.recipient)
    owner = owner_of(payee)
    for item, (recipient, amount) in enumerate(zip(payee["to"], divide(event.net, payee["bps"]), strict=True)):
        waits = not event.pushed or recipient in deferred
        draft.payouts.append(Payout(place, item, event.payee, owner, recipient, amount, waits))

"""Applies the events of a range of blocks: each is kept as it came, and what it means goes into states, payments and payouts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, TypeAlias

from psycopg.types.json import Jsonb

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.events import purse_charges
from mycelix_studio.domain.strategy.names import strategies_of
from mycelix_studio.domain.vouchers import unpack_items
from mycelix_studio.node import metrics
from mycelix_studio.node.db import paid
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer import ledger, strategies
from mycelix_studio.node.indexer.derive import derive
from mycelix_studio.node.indexer.draft import Draft
from mycelix_studio.node.indexer.rows import write_payments, write_payouts
from mycelix_studio.node.indexer.states import Place, States

Handler: TypeAlias = Callable[[Draft, Event, Place], Awaitable[None]]

HANDLERS: Final[dict[type[Event], Handler]] = {
    abi.PayeeCreated: ledger.payee_created,
    abi.PayeeFeeLowered: ledger.fee_lowered,
    abi.SongRegistered: ledger.registered,
    abi.SongUpdated: ledger.updated,
    abi.SongTransferred: ledger.transferred,
    abi.SplitLocked: ledger.locked,
    abi.StreamPaid: ledger.stream_paid,
    abi.Tipped: ledger.tipped,
    abi.VoucherSettled: ledger.voucher_settled,
    abi.VoucherSkipped: ledger.voucher_skipped,
    abi.Credited: ledger.credited,
    abi.PlanCreated: strategies.plan_created,
    abi.PlanUpdated: strategies.plan_updated,
    abi.Subscribed: strategies.subscribed,
    abi.Renewed: strategies.renewed,
    abi.RenewedFromPurses: strategies.renewed_from_purses,
    abi.RenewalFailed: strategies.renewal_failed,
    abi.AutoRenewSet: strategies.auto_renew_set,
    abi.PatronageStrategyCancelled: strategies.cancelled,
    abi.AuctionCreated: strategies.auction_created,
    abi.PassBought: strategies.pass_bought,
    abi.AuctionClosed: strategies.auction_closed,
    abi.ListensRewarded: strategies.listens_rewarded,
}
"""What changes a state or moves money. ``Distributed`` needs the events after it and is apart; of all others (deposits, withdrawals,
session keys, gift terms and budgets, fees, pauses) the record in ``chain_events`` is all there is to keep."""

_WEI: Final = 10**18


@dataclass(slots=True)
class Batch:
    """The events of one range of blocks, applied in one transaction."""

    connection: Connection
    chain_id: int
    times: dict[int, int]
    _draft: Draft = field(init=False)
    _names: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._draft = Draft(States(self.connection, self.chain_id))

    async def apply(self, events: Sequence[Event]) -> None:
        """Write what the events mean. Each event is kept as it came, too.

        Raises:
            ValueError: Events before these are missing, or they contradict each other; nothing of it may be committed.
        """
        draft = self._draft
        await _prefetch(draft.states, events)
        for number, event in enumerate(events):
            place = self._place(event)
            handler = HANDLERS.get(type(event))
            if isinstance(event, abi.Distributed):
                await ledger.distributed(draft, event, place, events[number + 1 :])
            elif handler is not None:
                await handler(draft, event, place)
        draft.finish()
        await self._write_events(events)
        touched = draft.states.changed
        await draft.states.write()
        pairs = await derive(self.connection, self.chain_id, touched)
        pairs |= await write_payments(self.connection, self.chain_id, draft.payments)
        await write_payouts(self.connection, self.chain_id, draft.payouts)
        await paid.match(self.connection, pairs)

    def count(self) -> None:
        """Count what was written, once it is committed."""
        for name in self._names:
            metrics.INDEXER_EVENTS.labels(name).inc()
        for payment in self._draft.payments:
            metrics.PAYMENTS.labels(payment.type).inc()
            metrics.PAYMENT_GROSS.labels(payment.type).inc(payment.gross / _WEI)
            strategy = (strategies_of(payment.strategy) or ("tip",))[0]
            metrics.STRATEGY_PAYMENTS.labels(strategy).inc()
            metrics.STRATEGY_GROSS.labels(strategy).inc(payment.gross / _WEI)

    def _place(self, event: Event) -> Place:
        entry = event.log
        return Place(entry.block_number, self.times[entry.block_number], entry.tx_hash, entry.log_index)

    async def _write_events(self, events: Sequence[Event]) -> None:
        rows = []
        for event in events:
            place = self._place(event)
            name = type(event).__name__
            self._names.append(name)
            arguments = {key: _plain(value) for key, value in asdict(event).items() if key != "log"}
            rows.append(
                (
                    self.chain_id,
                    place.block,
                    place.log_index,
                    place.block_time,
                    place.tx,
                    event.log.address,
                    name,
                    Jsonb(arguments),
                )
            )
        async with self.connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO chain_events (chain_id, block, log_index, block_time, tx, contract, name, arguments)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s)",
                rows,
            )


async def _prefetch(states: States, events: Sequence[Event]) -> None:
    """Look up in three queries what the events will ask for one by one."""
    await states.load({entity for event in events for entity in _entities(event)})
    plans = {e.plan: e.song_id for e in events if isinstance(e, abi.PlanCreated)}
    songs = {event.song_id for event in events if isinstance(event, _OF_SONGS)}
    patrons: set[str] = set()
    for event in events:
        if isinstance(event, _OF_PATRONS):
            plan = await states.get(f"plan:{event.plan}")
            song_id = str(plan["song_id"]) if plan is not None else plans.get(event.plan)
            if song_id is not None:
                songs.add(song_id)
                named = (
                    [patron for _item, patron, _amount in purse_charges(event)]
                    if isinstance(event, abi.RenewedFromPurses)
                    else [event.patron]
                )
                patrons.update(strategies.entity_of(song_id, patron) for patron in named)
        elif isinstance(event, abi.PassBought):
            auction = await states.get(f"auction:{event.auction}")
            if auction is not None:
                songs.add(str(auction["song_id"]))
    await states.load({f"song:{song_id}" for song_id in songs} | patrons)
    known = [await states.get(f"song:{song_id}") for song_id in songs]
    await states.load({f"payee:{song['payee']}" for song in known if song is not None})


_OF_PATRONS: Final = (
    abi.Subscribed, abi.Renewed, abi.RenewedFromPurses, abi.RenewalFailed, abi.AutoRenewSet, abi.PatronageStrategyCancelled,
)  # fmt: skip
_OF_SONGS: Final = (
    abi.SongRegistered, abi.SongUpdated, abi.SongTransferred, abi.SplitLocked, abi.StreamPaid, abi.Tipped, abi.ListensRewarded,
    abi.PlanCreated, abi.AuctionCreated,
)  # fmt: skip


def _entities(event: Event) -> Iterator[str]:
    """Yield what an event names itself."""
    for kind in ("payee", "plan", "auction"):
        number = getattr(event, kind, None)
        if number is not None:
            yield f"{kind}:{number}"
    if isinstance(event, abi.VoucherSettled | abi.VoucherSkipped):
        yield f"voucher:{event.listener}:{event.nonce}"
    if isinstance(event, abi.VoucherSettled):
        yield from (f"payee:{item.payee}" for item in unpack_items(event.items))


def _plain(value: object) -> object:  # noqa: PLR0911 - one kind of value a line
    """Return a value as JSON keeps it: big integers as text, bytes as hex, no null characters."""
    if isinstance(value, bytes):
        return "0x" + value.hex()
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else str(value)
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if isinstance(value, dict):
        return {str(name): _plain(part) for name, part in value.items()}
    return str(value)

"""What each event means: payments, payouts, and the state of songs, payees, subscriptions and auctions."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, dataclass, field
from typing import Final, cast

from psycopg.types.json import Jsonb

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.wire import STRATEGY_BITS, PaymentType, strategies_of
from mycelix_studio.node import logs, metrics
from mycelix_studio.node.db import accounts, paid
from mycelix_studio.node.db.pool import Connection
from mycelix_studio.node.indexer.derive import derive
from mycelix_studio.node.indexer.states import PayeeState, Place, SongState, States

log = logs.get("indexer")

_STREAM: Final = STRATEGY_BITS["pay-per-stream"]
_WEI: Final = 10**18


@dataclass(slots=True)
class _Payment:
    place: Place
    item: int
    listener: str
    payee: int
    song_id: str | None
    artist: str
    strategy: int
    type: PaymentType
    count: int
    gross: int
    fee: int


@dataclass(slots=True)
class _Payout:
    place: Place
    item: int
    payee: int
    artist: str
    recipient: str
    amount: int
    deferred: bool


@dataclass(slots=True)
class Batch:
    """The events of one range of blocks, applied in one transaction."""

    connection: Connection
    chain_id: int
    times: dict[int, int]
    _payments: list[_Payment] = field(default_factory=list)
    _payouts: list[_Payout] = field(default_factory=list)
    _names: list[str] = field(default_factory=list)
    _states: States = field(init=False)

    def __post_init__(self) -> None:
        self._states = States(self.connection, self.chain_id)

    async def apply(self, events: Sequence[Event]) -> None:
        """Write what the events mean. Each event is kept as it came, too."""
        handlers: dict[type[Event], Callable[[Event, Place], Awaitable[None]]] = {
            abi.PayeeCreated: self._payee_created,
            abi.PayeeFeeLowered: self._fee_lowered,
            abi.SongRegistered: self._registered,
            abi.SongUpdated: self._updated,
            abi.SongTransferred: self._transferred,
            abi.SplitLocked: self._locked,
            abi.StreamPaid: self._stream_paid,
            abi.Tipped: self._tipped,
        }
        await self._prefetch(events)
        for number, event in enumerate(events):
            place = self._place(event)
            handler = handlers.get(type(event))
            if isinstance(event, abi.Distributed):
                await self._distributed(event, place, events[number + 1 :])
            elif handler is not None:
                await handler(event, place)
        await self._write_events(events)
        touched = self._states.changed
        await self._states.write()
        await derive(self.connection, self.chain_id, touched)
        await self._write_payments()
        await self._write_payouts()

    def count(self) -> None:
        """Count what was written, once it is committed."""
        for name in self._names:
            metrics.INDEXER_EVENTS.labels(name).inc()
        for payment in self._payments:
            metrics.PAYMENTS.labels(payment.type).inc()
            metrics.PAYMENT_GROSS.labels(payment.type).inc(payment.gross / _WEI)
            strategy = (strategies_of(payment.strategy) or ("tip",))[0]
            metrics.STRATEGY_PAYMENTS.labels(strategy).inc()
            metrics.STRATEGY_GROSS.labels(strategy).inc(payment.gross / _WEI)

    def _place(self, event: Event) -> Place:
        entry = event.log
        return Place(entry.block_number, self.times[entry.block_number], entry.tx_hash, entry.log_index)

    async def _prefetch(self, events: Sequence[Event]) -> None:
        songs = {f"song:{song_id}" for event in events if (song_id := getattr(event, "song_id", None)) is not None}
        payees = {f"payee:{payee}" for event in events if (payee := getattr(event, "payee", None)) is not None}
        await self._states.load(songs | payees)
        states = [await self._states.get(entity) for entity in songs]
        await self._states.load({f"payee:{state['payee']}" for state in states if state is not None})

    async def _song(self, song_id: str) -> SongState:
        state = await self._states.get(f"song:{song_id}")
        if state is None:
            raise ValueError(f"the chain speaks of song {song_id} before it was registered")
        return cast(SongState, dict(state))

    async def _payee(self, payee: int) -> PayeeState:
        state = await self._states.get(f"payee:{payee}")
        if state is None:
            raise ValueError(f"the chain speaks of payee {payee} before it was created")
        return cast(PayeeState, dict(state))

    # who gets paid

    async def _payee_created(self, event: Event, place: Place) -> None:
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
        self._states.put(f"payee:{made.payee}", place, state)

    async def _fee_lowered(self, event: Event, place: Place) -> None:
        lowered = cast(abi.PayeeFeeLowered, event)
        state = await self._payee(lowered.payee)
        state["fee_bps"] = lowered.fee_bps
        self._states.put(f"payee:{lowered.payee}", place, state)

    async def _belongs(self, payee: int, artist: str, place: Place) -> None:
        """Note whose payee it is: the owner of the first song that pays it."""
        state = await self._payee(payee)
        if not state["artist"]:
            state["artist"] = artist
            self._states.put(f"payee:{payee}", place, state)

    # songs

    async def _registered(self, event: Event, place: Place) -> None:
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
        self._states.put(f"song:{song.song_id}", place, state)
        await self._belongs(song.payee, song.artist, place)

    async def _updated(self, event: Event, place: Place) -> None:
        change = cast(abi.SongUpdated, event)
        state = await self._song(change.song_id)
        state["payee"], state["price"], state["strategies"] = change.payee, str(change.price), change.strategies
        self._states.put(f"song:{change.song_id}", place, state)
        await self._belongs(change.payee, state["owner"], place)

    async def _transferred(self, event: Event, place: Place) -> None:
        transfer = cast(abi.SongTransferred, event)
        state = await self._song(transfer.song_id)
        state["owner"] = transfer.to
        self._states.put(f"song:{transfer.song_id}", place, state)

    async def _locked(self, event: Event, place: Place) -> None:
        lock = cast(abi.SplitLocked, event)
        state = await self._song(lock.song_id)
        state["locked"] = True
        self._states.put(f"song:{lock.song_id}", place, state)
        payee = await self._payee(lock.payee)
        payee["locked"] = True
        self._states.put(f"payee:{lock.payee}", place, payee)

    # money

    async def _paid(
        self, place: Place, song_id: str, listener: str, *, kind: PaymentType, strategy: int, count: int, gross: int
    ) -> None:
        song = await self._song(song_id)
        payee = await self._payee(song["payee"])
        fee = fee_of(gross, payee["fee_bps"])
        self._payments.append(
            _Payment(place, 0, listener, song["payee"], song_id, song["owner"], strategy, kind, count, gross, fee)
        )

    async def _stream_paid(self, event: Event, place: Place) -> None:
        stream = cast(abi.StreamPaid, event)
        await self._paid(
            place,
            stream.song_id,
            stream.listener,
            kind="stream",
            strategy=_STREAM,
            count=stream.count,
            gross=stream.amount,
        )

    async def _tipped(self, event: Event, place: Place) -> None:
        tip = cast(abi.Tipped, event)
        await self._paid(place, tip.song_id, tip.listener, kind="tip", strategy=0, count=1, gross=tip.amount)

    async def _distributed(self, event: abi.Distributed, place: Place, later: Sequence[Event]) -> None:
        payee = await self._payee(event.payee)
        deferred: set[str] = set()
        for other in later:
            # Its own transfers follow it in the same transaction, before the next payee's.
            if other.log.tx_hash != event.log.tx_hash or isinstance(other, abi.Distributed):
                break
            if isinstance(other, abi.TransferDeferred):
                deferred.add(other.recipient)
        for item, (recipient, amount) in enumerate(zip(payee["to"], divide(event.net, payee["bps"]), strict=True)):
            self._payouts.append(
                _Payout(
                    place,
                    item,
                    event.payee,
                    payee["artist"] or payee["to"][0],
                    recipient,
                    amount,
                    not event.pushed or recipient in deferred,
                )
            )

    # writing

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

    async def _write_payments(self) -> None:
        if not self._payments:
            return
        ids = await accounts.ids_of(
            self.connection, {name for payment in self._payments for name in (payment.listener, payment.artist)}
        )
        song_ids = {payment.song_id for payment in self._payments if payment.song_id is not None}
        cursor = await self.connection.execute(
            "SELECT song_id, id FROM songs WHERE song_id = ANY(%s)", (list(song_ids),)
        )
        songs = {str(song_id): int(key) for song_id, key in await cursor.fetchall()}
        pairs: set[paid.Pair] = set()
        rows = []
        for p in self._payments:
            song = songs[p.song_id] if p.song_id is not None else None
            rows.append(
                (
                    ids[p.artist], self.chain_id, p.place.block, p.place.block_time, p.place.tx, p.place.log_index, p.item, ids[p.listener],
                    p.payee, song, p.strategy, p.type, p.count, p.gross, p.fee, p.gross - p.fee,
                )
            )  # fmt: skip
            if song is not None and p.type in {"stream", "voucher"}:
                pairs.add((ids[p.artist], song, ids[p.listener]))
        async with self.connection.cursor() as writer:
            await writer.executemany(
                "INSERT INTO payments (artist, chain_id, block, block_time, tx, log_index, item, listener, payee, song, strategy, type,"
                " count, gross, fee, net) VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                rows,
            )
        await paid.match(self.connection, pairs)

    async def _write_payouts(self) -> None:
        if not self._payouts:
            return
        ids = await accounts.ids_of(
            self.connection, {name for payout in self._payouts for name in (payout.recipient, payout.artist)}
        )
        rows = [
            (
                ids[p.artist], self.chain_id, p.place.block, p.place.block_time, p.place.tx, p.place.log_index, p.item, p.payee,
                ids[p.recipient], p.amount, p.deferred,
            )
            for p in self._payouts
        ]  # fmt: skip
        async with self.connection.cursor() as cursor:
            await cursor.executemany(
                "INSERT INTO payouts (artist, chain_id, block, block_time, tx, log_index, item, payee, recipient, amount, deferred)"
                " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
                rows,
            )


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

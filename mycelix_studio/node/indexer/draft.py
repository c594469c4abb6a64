"""What one range of blocks adds up to, before it is written: new states, payments and payouts."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, cast

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.domain.money import fee_of, fees_of
from mycelix_studio.domain.strategy.names import STRATEGY_BITS
from mycelix_studio.domain.wire import PaymentType
from mycelix_studio.node.indexer.rows import Payment, Payout
from mycelix_studio.node.indexer.states import PayeeState, Place, SongState, States, owner_of

STREAM: Final = STRATEGY_BITS["pay-per-stream"]


@dataclass(slots=True)
class Draft:
    """The range so far. Handlers of events add to it, in the order of the chain."""

    states: States
    payments: list[Payment] = field(default_factory=list)
    payouts: list[Payout] = field(default_factory=list)
    _charged: dict[tuple[str, str], list[Payment]] = field(default_factory=dict)

    async def song(self, song_id: str) -> SongState:
        """Return a song as it stands at this point of the chain, to change freely."""
        state = await self.states.get(f"song:{song_id}")
        if state is None:
            raise ValueError(f"the chain speaks of song {song_id} before it was registered")
        return cast(SongState, dict(state))

    async def payee(self, payee: int) -> PayeeState:
        """Return an account as it stands at this point of the chain, to change freely."""
        state = await self.states.get(f"payee:{payee}")
        if state is None:
            raise ValueError(f"the chain speaks of payee {payee} before it was created")
        return cast(PayeeState, dict(state))

    async def paid(
        self, place: Place, song_id: str, listener: str, *, kind: PaymentType, strategy: int, count: int, gross: int
    ) -> None:
        """Note what a listener paid for a song into its account by one call of the Ledger; the fee is rounded down by itself."""
        song = await self.song(song_id)
        fee = fee_of(gross, (await self.payee(song["payee"]))["fee_bps"])
        self.payments.append(
            Payment(place, 0, listener, song["payee"], song_id, song["owner"], strategy, kind, count, gross, fee)
        )

    async def rewarded(
        self, place: Place, song_id: str, listener: str, *, strategy: int, count: int, amount: int
    ) -> None:
        """Note what an artist's budget paid to a listener."""
        song = await self.song(song_id)
        self.payments.append(
            Payment(place, 0, listener, song["payee"], song_id, song["owner"], strategy, "reward", count, amount, 0)
        )

    async def charged(
        self,
        event: Event,
        place: Place,
        song_id: str,
        listener: str,
        *,
        kind: PaymentType,
        strategy: int,
        count: int,
        gross: int,
        item: int = 0,
    ) -> None:
        """Note what a strategy charged for a song; its fee is known once the Ledger says what arrived."""
        song = await self.song(song_id)
        payment = Payment(place, item, listener, song["payee"], song_id, song["owner"], strategy, kind, count, gross, 0)
        self.payments.append(payment)
        if gross:
            self._charged.setdefault((place.tx, event.log.address.lower()), []).append(payment)

    async def credited(self, event: abi.Credited, place: Place) -> None:
        """Note what arrived through the open port.

        Payments of our strategies that came before it in the transaction are credited together: the fee of their sum, rounded down
        once, is divided among them. Money of a contract that is none of ours is a tip of that contract.
        """
        payee = await self.payee(event.payee)
        together = self._charged.pop((place.tx, event.strategy.lower()), [])
        if not together:
            owner = owner_of(payee)
            fee = fee_of(event.amount, payee["fee_bps"])
            self.payments.append(
                Payment(place, 0, event.strategy, event.payee, None, owner, 0, "tip", 1, event.amount, fee)
            )
            return
        if sum(p.gross for p in together) != event.amount or {p.payee for p in together} != {event.payee}:
            raise ValueError(f"{event.amount} wei were credited in {place.tx}, other than what the strategy charged")
        for payment, fee in zip(together, fees_of([p.gross for p in together], payee["fee_bps"]), strict=True):
            payment.fee = fee

    def finish(self) -> None:
        """Make sure that everything charged was credited.

        Raises:
            ValueError: It was not: logs are missing.
        """
        if self._charged:
            raise ValueError(f"nothing was credited for what was charged in {next(iter(self._charged))[0]}")

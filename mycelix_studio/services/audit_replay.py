"""Makes an artist's payments, payouts and splits from the contracts' events alone, in a second way, independent of the platform's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.chain.events import purse_charges
from mycelix_studio.domain.audit import ChainRows, Signed
from mycelix_studio.domain.clock import from_unix, to_unix
from mycelix_studio.domain.money import fee_of, fees_of
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, PERIOD_SECONDS
from mycelix_studio.domain.wire import PaymentRecord, PaymentType, PayoutRecord, SplitRecord, WireShare

VOUCHER_ITEM: Final = 24
"""Bytes of one item of a voucher."""


class UnknownOnChain(Exception):
    """An event speaks of something no earlier event made: the server left logs out."""


@dataclass(slots=True)
class _Song:
    owner: str
    payee: int


@dataclass(slots=True)
class _Payee:
    split: SplitRecord
    fee_bps: int
    artist: str = ""
    balance: int = 0


@dataclass(frozen=True, slots=True)
class _Charge:
    """What a strategy charged; the Ledger's ``Credited`` follows and tells what arrived."""

    event: Event
    when: datetime
    song_id: str
    listener: str
    kind: PaymentType
    strategy: StrategyName
    count: int
    gross: int
    item: int = 0


@dataclass(slots=True)
class Replay:
    """Reads events in order; :attr:`rows` then holds what belongs to the artist.

    Args:
        chain_id: Chain of the events.
        artist: EIP-55 address.
    """

    chain_id: int
    artist: str
    rows: ChainRows = field(default_factory=ChainRows)
    _songs: dict[str, _Song] = field(default_factory=dict)
    _payees: dict[int, _Payee] = field(default_factory=dict)
    _plans: dict[int, str] = field(default_factory=dict)
    _auctions: dict[int, str] = field(default_factory=dict)
    _paid_through: dict[tuple[int, str], int] = field(default_factory=dict)
    _charges: list[_Charge] = field(default_factory=list)

    def take(self, events: Sequence[tuple[Event, int]]) -> None:
        """Read the events of whole blocks, each with its block's Unix time.

        Raises:
            UnknownOnChain: Events before these are missing.
        """
        for number, (event, seconds) in enumerate(events):
            if isinstance(event, abi.Distributed):
                self._distributed(event, from_unix(seconds), _deferred(events, number))
            else:
                self._one(event, from_unix(seconds))

    def finish(self) -> ChainRows:
        """Return the rows, with the splits and balances of the artist's accounts as they are after the last event.

        Raises:
            UnknownOnChain: What strategies charged never arrived.
        """
        if self._charges:
            raise UnknownOnChain(f"the credit of what was charged in {self._charges[0].event.log.tx_hash}")
        own = {number: payee for number, payee in self._payees.items() if payee.artist == self.artist}
        self.rows.splits = [replace(payee.split, fee_bps=payee.fee_bps) for payee in own.values()]
        self.rows.balances = {number: payee.balance for number, payee in own.items()}
        return self.rows

    def _one(self, event: Event, when: datetime) -> None:
        match event:
            case abi.PayeeCreated():
                self._payees[event.payee] = _Payee(self._split(event, when), event.fee_bps)
            case abi.PayeeFeeLowered():
                self._payee(event.payee).fee_bps = event.fee_bps
            case abi.SongRegistered():
                self._songs[event.song_id] = _Song(event.artist, event.payee)
                self._belongs(event.payee, event.artist)
            case abi.SongUpdated():
                song = self._song(event.song_id)
                song.payee = event.payee
                self._belongs(event.payee, song.owner)
            case abi.SongTransferred():
                self._song(event.song_id).owner = event.to
            case abi.SplitLocked():
                payee = self._payee(event.payee)
                payee.split = replace(payee.split, locked=True)
            case abi.StreamPaid():
                self._paid(event, when, "stream", "pay-per-stream", event.count)
            case abi.Tipped():
                self._paid(event, when, "tip", None, 1)
            case abi.VoucherSettled():
                self._settled(event, when)
            case abi.Credited():
                self._credited(event, when)
            case _:
                self._of_strategies(event, when)

    def _of_strategies(self, event: Event, when: datetime) -> None:
        match event:
            case abi.PlanCreated():
                self._plans[event.plan] = event.song_id
            case abi.AuctionCreated():
                self._auctions[event.auction] = event.song_id
            case abi.Subscribed():
                song_id = self._sold(self._plans, event.plan)
                self._paid_through[event.plan, event.patron] = event.start + event.periods * PERIOD_SECONDS
                self._charged(
                    _Charge(event, when, song_id, event.payer, "subscription", "patronage", event.periods, event.amount)
                )
            case abi.Renewed():
                song_id = self._sold(self._plans, event.plan)
                former = self._paid_through.get((event.plan, event.patron), 0)
                # After the grace it begins at the block's own time.
                begins = former if to_unix(when) <= former + GRACE_SECONDS else to_unix(when)
                self._paid_through[event.plan, event.patron] = event.paid_through
                periods = (event.paid_through - begins) // PERIOD_SECONDS
                self._charged(
                    _Charge(event, when, song_id, event.patron, "renewal", "patronage", periods, event.amount)
                )
            case abi.RenewedFromPurses():
                song_id = self._sold(self._plans, event.plan)
                for item, patron, amount in purse_charges(event):
                    self._paid_through[event.plan, patron] = (
                        self._paid_through.get((event.plan, patron), 0) + PERIOD_SECONDS
                    )
                    self._charged(_Charge(event, when, song_id, patron, "renewal", "patronage", 1, amount, item))
            case abi.PassBought():
                song_id = self._sold(self._auctions, event.auction)
                self._charged(_Charge(event, when, song_id, event.buyer, "pass", "auction", 1, event.price))
            case abi.ListensRewarded():
                song_id, listener = event.song_id, event.listener
                reward = _Charge(event, when, song_id, listener, "reward", "gift-economy", event.listens, event.amount)
                self._keep(reward, self._song(song_id).payee, 0)
            case _:
                return

    @staticmethod
    def _sold(known: Mapping[int, str], number: int) -> str:
        """Return the song of a plan or an auction."""
        if number not in known:
            raise UnknownOnChain(f"plan or auction {number}")
        return known[number]

    def _charged(self, charge: _Charge) -> None:
        """Keep a charge until it is credited; one of nothing never is."""
        if charge.gross:
            self._charges.append(charge)
        else:
            self._keep(charge, self._song(charge.song_id).payee, 0)

    def _keep(self, charge: _Charge, payee: int, fee: int) -> None:
        if self._song(charge.song_id).owner != self.artist:
            return
        place = charge.event.log
        self.rows.payments.append(
            PaymentRecord(
                0, self.chain_id, place.block_number, charge.when, place.tx_hash, place.log_index, charge.item, charge.listener,
                payee,
                charge.song_id, charge.strategy, charge.kind, charge.count, charge.gross, fee, charge.gross - fee,
            )
        )  # fmt: skip

    def _song(self, song_id: str) -> _Song:
        if song_id not in self._songs:
            raise UnknownOnChain(f"song {song_id}")
        return self._songs[song_id]

    def _payee(self, payee: int) -> _Payee:
        if payee not in self._payees:
            raise UnknownOnChain(f"account {payee}")
        return self._payees[payee]

    def _belongs(self, number: int, artist: str) -> None:
        """An account belongs to the owner of the first song that pays it."""
        payee = self._payee(number)
        payee.artist = payee.artist or artist

    def _split(self, event: abi.PayeeCreated, when: datetime) -> SplitRecord:
        shares = tuple(
            WireShare(to, bps, role.replace("\x00", ""))
            for to, bps, role in zip(event.to, event.bps, event.roles, strict=True)
        )
        log = event.log
        return SplitRecord(
            0, self.chain_id, log.block_number, when, log.tx_hash, log.log_index, event.payee, event.split_hash, event.fee_bps, False,
            shares,
        )  # fmt: skip

    def _paid(
        self,
        event: abi.StreamPaid | abi.Tipped,
        when: datetime,
        kind: PaymentType,
        strategy: StrategyName | None,
        count: int,
    ) -> None:
        song_id, listener, gross = event.song_id, event.listener, event.amount
        song = self._song(song_id)
        payee = self._payee(song.payee)
        fee = fee_of(gross, payee.fee_bps)
        payee.balance += gross - fee
        if song.owner != self.artist:
            return
        log = event.log
        self.rows.payments.append(
            PaymentRecord(
                0, self.chain_id, log.block_number, when, log.tx_hash, log.log_index, 0, listener, song.payee, song_id, strategy, kind,
                count, gross, fee, gross - fee,
            )
        )  # fmt: skip

    def _settled(self, event: abi.VoucherSettled, when: datetime) -> None:
        """A voucher pays accounts, not songs: one payment an item, each of 8 bytes account, 4 bytes streams, 12 bytes amount."""
        if len(event.items) % VOUCHER_ITEM:
            raise UnknownOnChain(f"voucher {event.nonce} of {event.listener}")
        log, fees = event.log, dict[int, int]()
        for item, start in enumerate(range(0, len(event.items), VOUCHER_ITEM)):
            packed = event.items[start : start + VOUCHER_ITEM]
            number, count = int.from_bytes(packed[:8]), int.from_bytes(packed[8:12])
            gross = int.from_bytes(packed[12:])
            payee = self._payee(number)
            fee = fee_of(gross, payee.fee_bps)
            payee.balance += gross - fee
            if (payee.artist or payee.split.shares[0].recipient) == self.artist:
                fees[item] = payee.fee_bps
                self.rows.payments.append(
                    PaymentRecord(
                        0, self.chain_id, log.block_number, when, log.tx_hash, log.log_index, item, event.listener, number, None,
                        "pay-per-stream", "voucher", count, gross, fee, gross - fee,
                    )
                )  # fmt: skip
        if fees:
            self.rows.vouchers[log.block_number, log.log_index] = Signed(event.plays_hash, event.total, fees)

    def _credited(self, event: abi.Credited, when: datetime) -> None:
        """Money came through the open port: for what the strategy just charged, or, from a contract that is none of ours, as a tip."""
        payee = self._payee(event.payee)
        fee = fee_of(event.amount, payee.fee_bps)
        payee.balance += event.amount - fee
        place = event.log
        own = [
            c for c in self._charges if (c.event.log.tx_hash, c.event.log.address) == (place.tx_hash, event.strategy)
        ]
        if own:
            self._charges = [charge for charge in self._charges if charge not in own]
            if sum(charge.gross for charge in own) != event.amount:
                raise UnknownOnChain(f"a part of what was charged in {place.tx_hash}")
            for charge, part in zip(own, fees_of([charge.gross for charge in own], payee.fee_bps), strict=True):
                self._keep(charge, event.payee, part)
        elif (payee.artist or payee.split.shares[0].recipient) == self.artist:
            self.rows.payments.append(
                PaymentRecord(
                    0, self.chain_id, place.block_number, when, place.tx_hash, place.log_index, 0, event.strategy, event.payee, None,
                    None, "tip", 1, event.amount, fee, event.amount - fee,
                )
            )  # fmt: skip

    def _distributed(self, event: abi.Distributed, when: datetime, deferred: set[str]) -> None:
        payee = self._payee(event.payee)
        payee.balance -= event.net
        shares = payee.split.shares
        if (payee.artist or shares[0].recipient) != self.artist:
            return
        log = event.log
        for item, (share, amount) in enumerate(zip(shares, divide(event.net, [s.bps for s in shares]), strict=True)):
            waits = not event.pushed or share.recipient in deferred
            self.rows.payouts.append(
                PayoutRecord(
                    0, self.chain_id, log.block_number, when, log.tx_hash, log.log_index, item, event.payee, share.recipient, amount, waits
                )
            )  # fmt: skip


def _deferred(events: Sequence[tuple[Event, int]], number: int) -> set[str]:
    """Return who could not be paid by the distribution at a place: their events follow it in its transaction, before the next one's."""
    found = set()
    for other, _seconds in (events[place] for place in range(number + 1, len(events))):
        if other.log.tx_hash != events[number][0].log.tx_hash or isinstance(other, abi.Distributed):
            break
        if isinstance(other, abi.TransferDeferred):
            found.add(other.recipient)
    return found

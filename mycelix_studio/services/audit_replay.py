"""Makes an artist's payments, payouts and splits from the contracts' events alone, in a second way, independent of the platform's."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from mycelix_studio.chain.abi import events as abi
from mycelix_studio.chain.binding import Event
from mycelix_studio.domain.audit import ChainRows
from mycelix_studio.domain.clock import from_unix
from mycelix_studio.domain.money import fee_of
from mycelix_studio.domain.splits import divide
from mycelix_studio.domain.wire import PaymentRecord, PaymentType, PayoutRecord, SplitRecord, StrategyName, WireShare

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
        """Return the rows, with the splits and balances of the artist's accounts as they are after the last event."""
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
                return

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
        log = event.log
        for item, start in enumerate(range(0, len(event.items), VOUCHER_ITEM)):
            packed = event.items[start : start + VOUCHER_ITEM]
            number, count = int.from_bytes(packed[:8]), int.from_bytes(packed[8:12])
            gross = int.from_bytes(packed[12:])
            payee = self._payee(number)
            fee = fee_of(gross, payee.fee_bps)
            payee.balance += gross - fee
            if (payee.artist or payee.split.shares[0].recipient) == self.artist:
                self.rows.payments.append(
                    PaymentRecord(
                        0, self.chain_id, log.block_number, when, log.tx_hash, log.log_index, item, event.listener, number, None,
                        "pay-per-stream", "voucher", count, gross, fee, gross - fee,
                    )
                )  # fmt: skip

    def _credited(self, event: abi.Credited, when: datetime) -> None:
        """Income of another strategy's contract. What it was for is in that contract's events; here only the sum is known."""
        payee = self._payee(event.payee)
        payee.balance += event.amount - fee_of(event.amount, payee.fee_bps)
        if payee.artist == self.artist:
            self.rows.credited.append((when, event.payee, event.amount))

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

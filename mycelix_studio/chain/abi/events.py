"""Every event of the contracts. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.chain.binding import Event


@dataclass(frozen=True, slots=True)
class FeeChanged(Event):
    """``FeeChanged(uint16,address)`` of FeePolicy."""

    fee_bps: int
    treasury: str


@dataclass(frozen=True, slots=True)
class FeeScheduled(Event):
    """``FeeScheduled(uint16,uint48)`` of FeePolicy."""

    fee_bps: int
    at: int


@dataclass(frozen=True, slots=True)
class OwnershipTransferStarted(Event):
    """``OwnershipTransferStarted(address,address)`` of FeePolicy."""

    previous_owner: str
    new_owner: str


@dataclass(frozen=True, slots=True)
class OwnershipTransferred(Event):
    """``OwnershipTransferred(address,address)`` of FeePolicy, FlowToken."""

    previous_owner: str
    new_owner: str


@dataclass(frozen=True, slots=True)
class Approval(Event):
    """``Approval(address,address,uint256)`` of FlowToken."""

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged(Event):
    """``EIP712DomainChanged()`` of FlowToken, Ledger."""


@dataclass(frozen=True, slots=True)
class Transfer(Event):
    """``Transfer(address,address,uint256)`` of FlowToken."""

    from_: str
    to: str
    value: int


@dataclass(frozen=True, slots=True)
class Claimed(Event):
    """``Claimed(address,address,uint256)`` of Ledger."""

    recipient: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class Distributed(Event):
    """``Distributed(uint64,uint256,uint256,bool)`` of Ledger."""

    payee: int
    net: int
    fee: int
    pushed: bool


@dataclass(frozen=True, slots=True)
class PausedUntil(Event):
    """``PausedUntil(uint48)`` of Ledger."""

    until: int


@dataclass(frozen=True, slots=True)
class PayeeCreated(Event):
    """``PayeeCreated(uint64,bytes32,uint16,address[],uint16[],string[])`` of Ledger."""

    payee: int
    split_hash: str
    fee_bps: int
    to: tuple[str, ...]
    bps: tuple[int, ...]
    roles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PayeeFeeLowered(Event):
    """``PayeeFeeLowered(uint64,uint16)`` of Ledger."""

    payee: int
    fee_bps: int


@dataclass(frozen=True, slots=True)
class SongRegistered(Event):
    """``SongRegistered(bytes32,address,uint64,bytes32,uint128,uint8)`` of Ledger."""

    song_id: str
    artist: str
    payee: int
    content_hash: str
    price: int
    strategies: int


@dataclass(frozen=True, slots=True)
class SongTransferOffered(Event):
    """``SongTransferOffered(bytes32,address,address)`` of Ledger."""

    song_id: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class SongTransferred(Event):
    """``SongTransferred(bytes32,address,address)`` of Ledger."""

    song_id: str
    from_: str
    to: str


@dataclass(frozen=True, slots=True)
class SongUpdated(Event):
    """``SongUpdated(bytes32,uint64,uint128,uint8)`` of Ledger."""

    song_id: str
    payee: int
    price: int
    strategies: int


@dataclass(frozen=True, slots=True)
class SplitLocked(Event):
    """``SplitLocked(bytes32,uint64)`` of Ledger."""

    song_id: str
    payee: int


@dataclass(frozen=True, slots=True)
class StreamPaid(Event):
    """``StreamPaid(bytes32,address,uint256,uint256)`` of Ledger."""

    song_id: str
    listener: str
    count: int
    amount: int


@dataclass(frozen=True, slots=True)
class Tipped(Event):
    """``Tipped(bytes32,address,uint256)`` of Ledger."""

    song_id: str
    listener: str
    amount: int


@dataclass(frozen=True, slots=True)
class TransferDeferred(Event):
    """``TransferDeferred(address,uint256)`` of Ledger."""

    recipient: str
    amount: int


EVENTS: dict[tuple[str, str], type[Event]] = {
    ("FeePolicy", "FeeChanged(uint16,address)"): FeeChanged,
    ("FeePolicy", "FeeScheduled(uint16,uint48)"): FeeScheduled,
    ("FeePolicy", "OwnershipTransferStarted(address,address)"): OwnershipTransferStarted,
    ("FeePolicy", "OwnershipTransferred(address,address)"): OwnershipTransferred,
    ("FlowToken", "Approval(address,address,uint256)"): Approval,
    ("FlowToken", "EIP712DomainChanged()"): EIP712DomainChanged,
    ("FlowToken", "Transfer(address,address,uint256)"): Transfer,
    ("Ledger", "Claimed(address,address,uint256)"): Claimed,
    ("Ledger", "Distributed(uint64,uint256,uint256,bool)"): Distributed,
    ("Ledger", "PausedUntil(uint48)"): PausedUntil,
    ("Ledger", "PayeeCreated(uint64,bytes32,uint16,address[],uint16[],string[])"): PayeeCreated,
    ("Ledger", "PayeeFeeLowered(uint64,uint16)"): PayeeFeeLowered,
    ("Ledger", "SongRegistered(bytes32,address,uint64,bytes32,uint128,uint8)"): SongRegistered,
    ("Ledger", "SongTransferOffered(bytes32,address,address)"): SongTransferOffered,
    ("Ledger", "SongTransferred(bytes32,address,address)"): SongTransferred,
    ("Ledger", "SongUpdated(bytes32,uint64,uint128,uint8)"): SongUpdated,
    ("Ledger", "SplitLocked(bytes32,uint64)"): SplitLocked,
    ("Ledger", "StreamPaid(bytes32,address,uint256,uint256)"): StreamPaid,
    ("Ledger", "Tipped(bytes32,address,uint256)"): Tipped,
    ("Ledger", "TransferDeferred(address,uint256)"): TransferDeferred,
}

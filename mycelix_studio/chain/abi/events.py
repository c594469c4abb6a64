"""Every event of the contracts. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from dataclasses import dataclass

from mycelix_studio.chain.binding import Event


@dataclass(frozen=True, slots=True)
class ApprovalForAll(Event):
    """``ApprovalForAll(address,address,bool)`` of AuctionStrategy."""

    account: str
    operator: str
    approved: bool


@dataclass(frozen=True, slots=True)
class AuctionClosed(Event):
    """``AuctionClosed(uint256,uint256)`` of AuctionStrategy."""

    auction: int
    sold: int


@dataclass(frozen=True, slots=True)
class AuctionCreated(Event):
    """``AuctionCreated(uint256,bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)`` of AuctionStrategy."""

    auction: int
    song_id: str
    start_price: int
    end_price: int
    starts_at: int
    duration: int
    supply: int
    per_wallet: int
    royalty_bps: int


@dataclass(frozen=True, slots=True)
class PassBought(Event):
    """``PassBought(uint256,address,uint256,uint256)`` of AuctionStrategy."""

    auction: int
    buyer: str
    price: int
    serial: int


@dataclass(frozen=True, slots=True)
class TransferBatch(Event):
    """``TransferBatch(address,address,address,uint256[],uint256[])`` of AuctionStrategy."""

    operator: str
    from_: str
    to: str
    ids: tuple[int, ...]
    values: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TransferSingle(Event):
    """``TransferSingle(address,address,address,uint256,uint256)`` of AuctionStrategy."""

    operator: str
    from_: str
    to: str
    id: int
    value: int


@dataclass(frozen=True, slots=True)
class URI(Event):
    """``URI(string,uint256)`` of AuctionStrategy."""

    value: str
    id: int


@dataclass(frozen=True, slots=True)
class Approval(Event):
    """``Approval(address,address,uint256)`` of CreditToken, FlowToken."""

    owner: str
    spender: str
    value: int


@dataclass(frozen=True, slots=True)
class EIP712DomainChanged(Event):
    """``EIP712DomainChanged()`` of CreditToken, FlowToken, GiftEconomyStrategy, Ledger."""


@dataclass(frozen=True, slots=True)
class OwnershipTransferred(Event):
    """``OwnershipTransferred(address,address)`` of CreditToken, FeePolicy, FlowToken."""

    previous_owner: str
    new_owner: str


@dataclass(frozen=True, slots=True)
class Transfer(Event):
    """``Transfer(address,address,uint256)`` of CreditToken, FlowToken."""

    from_: str
    to: str
    value: int


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
class GiftConfigured(Event):
    """``GiftConfigured(bytes32,address,uint96,uint96,uint32,uint8,uint96)`` of GiftEconomyStrategy."""

    song_id: str
    attestor: str
    per_listen: int
    early_bonus: int
    early_listeners: int
    repeat_multiplier: int
    daily_cap: int


@dataclass(frozen=True, slots=True)
class GiftFunded(Event):
    """``GiftFunded(bytes32,address,uint256)`` of GiftEconomyStrategy."""

    song_id: str
    from_: str
    amount: int


@dataclass(frozen=True, slots=True)
class GiftWithdrawn(Event):
    """``GiftWithdrawn(bytes32,address,uint256)`` of GiftEconomyStrategy."""

    song_id: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class ListensRewarded(Event):
    """``ListensRewarded(bytes32,address,uint256,uint256,uint256)`` of GiftEconomyStrategy."""

    song_id: str
    listener: str
    listens: int
    cumulative: int
    amount: int


@dataclass(frozen=True, slots=True)
class Claimed(Event):
    """``Claimed(address,address,uint256)`` of Ledger."""

    recipient: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class Credited(Event):
    """``Credited(address,uint64,uint256)`` of Ledger."""

    strategy: str
    payee: int
    amount: int


@dataclass(frozen=True, slots=True)
class Deposited(Event):
    """``Deposited(address,address,uint256)`` of Ledger."""

    listener: str
    from_: str
    amount: int


@dataclass(frozen=True, slots=True)
class Distributed(Event):
    """``Distributed(uint64,uint256,uint256,bool)`` of Ledger."""

    payee: int
    net: int
    fee: int
    pushed: bool


@dataclass(frozen=True, slots=True)
class NewFee(Event):
    """``NewFee(uint16)`` of Ledger."""

    fee_bps: int


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
class SessionSet(Event):
    """``SessionSet(address,address,uint48,uint96)`` of Ledger."""

    listener: str
    key: str
    expiry: int
    cap: int


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


@dataclass(frozen=True, slots=True)
class VoucherSettled(Event):
    """``VoucherSettled(address,uint64,uint256,bytes32,bytes)`` of Ledger."""

    listener: str
    nonce: int
    total: int
    plays_hash: str
    items: bytes


@dataclass(frozen=True, slots=True)
class VoucherSkipped(Event):
    """``VoucherSkipped(address,uint64,uint8)`` of Ledger."""

    listener: str
    nonce: int
    reason: int


@dataclass(frozen=True, slots=True)
class WithdrawRequested(Event):
    """``WithdrawRequested(address,uint256,uint48)`` of Ledger."""

    listener: str
    amount: int
    thaws_at: int


@dataclass(frozen=True, slots=True)
class Withdrawn(Event):
    """``Withdrawn(address,address,uint256)`` of Ledger."""

    listener: str
    to: str
    amount: int


@dataclass(frozen=True, slots=True)
class AutoRenewSet(Event):
    """``AutoRenewSet(uint256,address,uint96,bool)`` of PatronageStrategy."""

    plan: int
    patron: str
    max_price: int
    from_purse: bool


@dataclass(frozen=True, slots=True)
class PatronageStrategyCancelled(Event):
    """``Cancelled(uint256,address,uint256)`` of PatronageStrategy."""

    plan: int
    patron: str
    paid_through: int


@dataclass(frozen=True, slots=True)
class PlanCreated(Event):
    """``PlanCreated(uint256,bytes32,uint96,uint8,uint16[4],bool)`` of PatronageStrategy."""

    plan: int
    song_id: str
    price: int
    minimum_periods: int
    tier_bps: tuple[int, ...]
    early_cancel: bool


@dataclass(frozen=True, slots=True)
class PlanUpdated(Event):
    """``PlanUpdated(uint256,uint96,uint16[4],bool)`` of PatronageStrategy."""

    plan: int
    price: int
    tier_bps: tuple[int, ...]
    open: bool


@dataclass(frozen=True, slots=True)
class RenewalFailed(Event):
    """``RenewalFailed(uint256,address,uint8)`` of PatronageStrategy."""

    plan: int
    patron: str
    reason: int


@dataclass(frozen=True, slots=True)
class Renewed(Event):
    """``Renewed(uint256,address,uint256,uint256)`` of PatronageStrategy."""

    plan: int
    patron: str
    amount: int
    paid_through: int


@dataclass(frozen=True, slots=True)
class RenewedFromPurses(Event):
    """``RenewedFromPurses(uint256,uint256[],uint256)`` of PatronageStrategy."""

    plan: int
    charges: tuple[int, ...]
    refused: int


@dataclass(frozen=True, slots=True)
class Subscribed(Event):
    """``Subscribed(uint256,address,address,uint256,uint256,uint256)`` of PatronageStrategy."""

    plan: int
    patron: str
    payer: str
    amount: int
    periods: int
    start: int


@dataclass(frozen=True, slots=True)
class CallExecuted(Event):
    """``CallExecuted(bytes32,uint256,address,uint256,bytes)`` of TimelockController."""

    id: str
    index: int
    target: str
    value: int
    data: bytes


@dataclass(frozen=True, slots=True)
class CallSalt(Event):
    """``CallSalt(bytes32,bytes32)`` of TimelockController."""

    id: str
    salt: str


@dataclass(frozen=True, slots=True)
class CallScheduled(Event):
    """``CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)`` of TimelockController."""

    id: str
    index: int
    target: str
    value: int
    data: bytes
    predecessor: str
    delay: int


@dataclass(frozen=True, slots=True)
class TimelockControllerCancelled(Event):
    """``Cancelled(bytes32)`` of TimelockController."""

    id: str


@dataclass(frozen=True, slots=True)
class MinDelayChange(Event):
    """``MinDelayChange(uint256,uint256)`` of TimelockController."""

    old_duration: int
    new_duration: int


@dataclass(frozen=True, slots=True)
class RoleAdminChanged(Event):
    """``RoleAdminChanged(bytes32,bytes32,bytes32)`` of TimelockController."""

    role: str
    previous_admin_role: str
    new_admin_role: str


@dataclass(frozen=True, slots=True)
class RoleGranted(Event):
    """``RoleGranted(bytes32,address,address)`` of TimelockController."""

    role: str
    account: str
    sender: str


@dataclass(frozen=True, slots=True)
class RoleRevoked(Event):
    """``RoleRevoked(bytes32,address,address)`` of TimelockController."""

    role: str
    account: str
    sender: str


EVENTS: dict[tuple[str, str], type[Event]] = {
    ("AuctionStrategy", "ApprovalForAll(address,address,bool)"): ApprovalForAll,
    ("AuctionStrategy", "AuctionClosed(uint256,uint256)"): AuctionClosed,
    (
        "AuctionStrategy",
        "AuctionCreated(uint256,bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)",
    ): AuctionCreated,
    ("AuctionStrategy", "PassBought(uint256,address,uint256,uint256)"): PassBought,
    ("AuctionStrategy", "TransferBatch(address,address,address,uint256[],uint256[])"): TransferBatch,
    ("AuctionStrategy", "TransferSingle(address,address,address,uint256,uint256)"): TransferSingle,
    ("AuctionStrategy", "URI(string,uint256)"): URI,
    ("CreditToken", "Approval(address,address,uint256)"): Approval,
    ("CreditToken", "EIP712DomainChanged()"): EIP712DomainChanged,
    ("CreditToken", "OwnershipTransferred(address,address)"): OwnershipTransferred,
    ("CreditToken", "Transfer(address,address,uint256)"): Transfer,
    ("FeePolicy", "FeeChanged(uint16,address)"): FeeChanged,
    ("FeePolicy", "FeeScheduled(uint16,uint48)"): FeeScheduled,
    ("FeePolicy", "OwnershipTransferStarted(address,address)"): OwnershipTransferStarted,
    ("GiftEconomyStrategy", "GiftConfigured(bytes32,address,uint96,uint96,uint32,uint8,uint96)"): GiftConfigured,
    ("GiftEconomyStrategy", "GiftFunded(bytes32,address,uint256)"): GiftFunded,
    ("GiftEconomyStrategy", "GiftWithdrawn(bytes32,address,uint256)"): GiftWithdrawn,
    ("GiftEconomyStrategy", "ListensRewarded(bytes32,address,uint256,uint256,uint256)"): ListensRewarded,
    ("Ledger", "Claimed(address,address,uint256)"): Claimed,
    ("Ledger", "Credited(address,uint64,uint256)"): Credited,
    ("Ledger", "Deposited(address,address,uint256)"): Deposited,
    ("Ledger", "Distributed(uint64,uint256,uint256,bool)"): Distributed,
    ("Ledger", "NewFee(uint16)"): NewFee,
    ("Ledger", "PausedUntil(uint48)"): PausedUntil,
    ("Ledger", "PayeeCreated(uint64,bytes32,uint16,address[],uint16[],string[])"): PayeeCreated,
    ("Ledger", "PayeeFeeLowered(uint64,uint16)"): PayeeFeeLowered,
    ("Ledger", "SessionSet(address,address,uint48,uint96)"): SessionSet,
    ("Ledger", "SongRegistered(bytes32,address,uint64,bytes32,uint128,uint8)"): SongRegistered,
    ("Ledger", "SongTransferOffered(bytes32,address,address)"): SongTransferOffered,
    ("Ledger", "SongTransferred(bytes32,address,address)"): SongTransferred,
    ("Ledger", "SongUpdated(bytes32,uint64,uint128,uint8)"): SongUpdated,
    ("Ledger", "SplitLocked(bytes32,uint64)"): SplitLocked,
    ("Ledger", "StreamPaid(bytes32,address,uint256,uint256)"): StreamPaid,
    ("Ledger", "Tipped(bytes32,address,uint256)"): Tipped,
    ("Ledger", "TransferDeferred(address,uint256)"): TransferDeferred,
    ("Ledger", "VoucherSettled(address,uint64,uint256,bytes32,bytes)"): VoucherSettled,
    ("Ledger", "VoucherSkipped(address,uint64,uint8)"): VoucherSkipped,
    ("Ledger", "WithdrawRequested(address,uint256,uint48)"): WithdrawRequested,
    ("Ledger", "Withdrawn(address,address,uint256)"): Withdrawn,
    ("PatronageStrategy", "AutoRenewSet(uint256,address,uint96,bool)"): AutoRenewSet,
    ("PatronageStrategy", "Cancelled(uint256,address,uint256)"): PatronageStrategyCancelled,
    ("PatronageStrategy", "PlanCreated(uint256,bytes32,uint96,uint8,uint16[4],bool)"): PlanCreated,
    ("PatronageStrategy", "PlanUpdated(uint256,uint96,uint16[4],bool)"): PlanUpdated,
    ("PatronageStrategy", "RenewalFailed(uint256,address,uint8)"): RenewalFailed,
    ("PatronageStrategy", "Renewed(uint256,address,uint256,uint256)"): Renewed,
    ("PatronageStrategy", "RenewedFromPurses(uint256,uint256[],uint256)"): RenewedFromPurses,
    ("PatronageStrategy", "Subscribed(uint256,address,address,uint256,uint256,uint256)"): Subscribed,
    ("TimelockController", "CallExecuted(bytes32,uint256,address,uint256,bytes)"): CallExecuted,
    ("TimelockController", "CallSalt(bytes32,bytes32)"): CallSalt,
    ("TimelockController", "CallScheduled(bytes32,uint256,address,uint256,bytes,bytes32,uint256)"): CallScheduled,
    ("TimelockController", "Cancelled(bytes32)"): TimelockControllerCancelled,
    ("TimelockController", "MinDelayChange(uint256,uint256)"): MinDelayChange,
    ("TimelockController", "RoleAdminChanged(bytes32,bytes32,bytes32)"): RoleAdminChanged,
    ("TimelockController", "RoleGranted(bytes32,address,address)"): RoleGranted,
    ("TimelockController", "RoleRevoked(bytes32,address,address)"): RoleRevoked,
}

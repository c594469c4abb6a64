"""The contract Ledger. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.chain.codec import Structs
from mycelix_studio.domain.transaction import Call


@dataclass(frozen=True, slots=True)
class Account:
    """Struct ``Account`` of Ledger."""

    balance: int
    fee: int
    streams: int
    fee_bps: int


@dataclass(frozen=True, slots=True)
class Split:
    """Struct ``Split`` of Ledger."""

    to: tuple[str, ...]
    bps: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Purse:
    """Struct ``Purse`` of Ledger."""

    balance: int
    top: int
    window: int
    requested: int
    requested_at: int


@dataclass(frozen=True, slots=True)
class Session:
    """Struct ``Session`` of Ledger."""

    expiry: int
    cap: int
    spent: int


@dataclass(frozen=True, slots=True)
class Voucher:
    """Struct ``Voucher`` of Ledger."""

    listener: str
    nonce: int
    deadline: int
    total: int
    plays_hash: str
    items: bytes
    signature: bytes


@dataclass(frozen=True, slots=True)
class Song:
    """Struct ``Song`` of Ledger."""

    artist: str
    payee: int
    price: int
    strategies: int
    locked: bool


@dataclass(frozen=True, slots=True)
class Eip712DomainResult:
    """What ``eip712Domain()`` returns."""

    fields: str
    name: str
    version: str
    chain_id: int
    verifying_contract: str
    salt: str
    extensions: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class TermsResult:
    """What ``terms(bytes32)`` returns."""

    payee: int
    price: int
    strategies: int


class Ledger(Contract):
    """Ledger at an address. Amounts are wei."""

    NAME = "Ledger"
    STRUCTS: ClassVar[Structs] = {
        "Account": Account,
        "Split": Split,
        "Purse": Purse,
        "Session": Session,
        "Voucher": Voucher,
        "Song": Song,
    }

    def max_charges(self) -> View[int]:
        """Read ``MAX_CHARGES()``."""
        return self._view("MAX_CHARGES()")

    def max_pause(self) -> View[int]:
        """Read ``MAX_PAUSE()``."""
        return self._view("MAX_PAUSE()")

    def max_recipients(self) -> View[int]:
        """Read ``MAX_RECIPIENTS()``."""
        return self._view("MAX_RECIPIENTS()")

    def stream(self) -> View[int]:
        """Read ``STREAM()``."""
        return self._view("STREAM()")

    def thaw(self) -> View[int]:
        """Read ``THAW()``."""
        return self._view("THAW()")

    def voucher_typehash(self) -> View[str]:
        """Read ``VOUCHER_TYPEHASH()``."""
        return self._view("VOUCHER_TYPEHASH()")

    def accept_song(self, song_id: str) -> Call:
        """Call ``acceptSong(bytes32)``."""
        return self._call("acceptSong(bytes32)", song_id)

    def account(self, payee: int) -> View[Account]:
        """Read ``account(uint64)``."""
        return self._view("account(uint64)", payee)

    def charge_purse(self, song_id: str, payer: str, amount: int, strategy: int) -> Call:
        """Call ``chargePurse(bytes32,address,uint256,uint8)``."""
        return self._call("chargePurse(bytes32,address,uint256,uint8)", song_id, payer, amount, strategy)

    def charge_purses(self, song_id: str, charges: Sequence[int], strategy: int) -> Call:
        """Call ``chargePurses(bytes32,uint256[],uint8)``."""
        return self._call("chargePurses(bytes32,uint256[],uint8)", song_id, charges, strategy)

    def claim(self, to: str) -> Call:
        """Call ``claim(address)``."""
        return self._call("claim(address)", to)

    def claimable(self, recipient: str) -> View[int]:
        """Read ``claimable(address)``."""
        return self._view("claimable(address)", recipient)

    def create_payee(self, split: Split, roles: Sequence[str]) -> Call:
        """Call ``createPayee((address[],uint16[]),string[])``."""
        return self._call("createPayee((address[],uint16[]),string[])", split, roles)

    def credit(self, payee: int, data: bytes) -> Call:
        """Call ``credit(uint64,bytes)``."""
        return self._call("credit(uint64,bytes)", payee, data)

    def credit_song(self, song_id: str, payer: str, amount: int, strategy: int) -> Call:
        """Call ``creditSong(bytes32,address,uint256,uint8)``."""
        return self._call("creditSong(bytes32,address,uint256,uint8)", song_id, payer, amount, strategy)

    def deposit(self, listener: str, amount: int) -> Call:
        """Call ``deposit(address,uint256)``."""
        return self._call("deposit(address,uint256)", listener, amount)

    def deposit_with_permit(self, listener: str, amount: int, deadline: int, v: int, r: str, s: str) -> Call:
        """Call ``depositWithPermit(address,uint256,uint256,uint8,bytes32,bytes32)``."""
        return self._call(
            "depositWithPermit(address,uint256,uint256,uint8,bytes32,bytes32)", listener, amount, deadline, v, r, s
        )

    def distribute(self, payee: int, split: Split, push: bool) -> Call:
        """Call ``distribute(uint64,(address[],uint16[]),bool)``."""
        return self._call("distribute(uint64,(address[],uint16[]),bool)", payee, split, push)

    def eip712_domain(self) -> View[Eip712DomainResult]:
        """Read ``eip712Domain()``."""
        return self._view("eip712Domain()", make=Eip712DomainResult)

    def fee_policy(self) -> View[str]:
        """Read ``feePolicy()``."""
        return self._view("feePolicy()")

    def guardian(self) -> View[str]:
        """Read ``guardian()``."""
        return self._view("guardian()")

    def has_access(self, song_id: str, arg1: str) -> View[bool]:
        """Read ``hasAccess(bytes32,address)``."""
        return self._view("hasAccess(bytes32,address)", song_id, arg1)

    def hash_split(self, split: Split) -> View[str]:
        """Read ``hashSplit((address[],uint16[]))``."""
        return self._view("hashSplit((address[],uint16[]))", split)

    def is_earning(self, song_id: str, strategy: int) -> View[bool]:
        """Read ``isEarning(bytes32,uint8)``."""
        return self._view("isEarning(bytes32,uint8)", song_id, strategy)

    def lock_split(self, song_id: str) -> Call:
        """Call ``lockSplit(bytes32)``."""
        return self._call("lockSplit(bytes32)", song_id)

    def lower_fee(self, payee: int) -> Call:
        """Call ``lowerFee(uint64)``."""
        return self._call("lowerFee(uint64)", payee)

    def new_fee_bps(self) -> View[int]:
        """Read ``newFeeBps()``."""
        return self._view("newFeeBps()")

    def offer_song(self, song_id: str, to: str) -> Call:
        """Call ``offerSong(bytes32,address)``."""
        return self._call("offerSong(bytes32,address)", song_id, to)

    def offered_to(self, song_id: str) -> View[str]:
        """Read ``offeredTo(bytes32)``."""
        return self._view("offeredTo(bytes32)", song_id)

    def pause_allowed_at(self) -> View[int]:
        """Read ``pauseAllowedAt()``."""
        return self._view("pauseAllowedAt()")

    def pause_inflows(self, until: int, value: int = 0) -> Call:
        """Call ``pauseInflows(uint48)``."""
        return self._call("pauseInflows(uint48)", until, value=value)

    def paused_until(self) -> View[int]:
        """Read ``pausedUntil()``."""
        return self._view("pausedUntil()")

    def pay_prepaid(self, song_id: str, count: int, max_cost: int) -> Call:
        """Call ``payPrepaid(bytes32,uint32,uint256)``."""
        return self._call("payPrepaid(bytes32,uint32,uint256)", song_id, count, max_cost)

    def pay_stream(self, song_id: str, count: int, max_cost: int) -> Call:
        """Call ``payStream(bytes32,uint32,uint256)``."""
        return self._call("payStream(bytes32,uint32,uint256)", song_id, count, max_cost)

    def payees(self) -> View[int]:
        """Read ``payees()``."""
        return self._view("payees()")

    def purse(self, listener: str) -> View[Purse]:
        """Read ``purse(address)``."""
        return self._view("purse(address)", listener)

    def quote(self, song_id: str, arg1: str) -> View[int]:
        """Read ``quote(bytes32,address)``."""
        return self._view("quote(bytes32,address)", song_id, arg1)

    def register(self, content_hash: str, payee: int, price: int, strategies: int) -> Call:
        """Call ``register(bytes32,uint64,uint128,uint8)``."""
        return self._call("register(bytes32,uint64,uint128,uint8)", content_hash, payee, price, strategies)

    def register_for(
        self, artist: str, content_hash: str, payee: int, price: int, strategies: int, deadline: int, signature: bytes
    ) -> Call:
        """Call ``registerFor(address,bytes32,uint64,uint128,uint8,uint256,bytes)``."""
        return self._call(
            "registerFor(address,bytes32,uint64,uint128,uint8,uint256,bytes)",
            artist,
            content_hash,
            payee,
            price,
            strategies,
            deadline,
            signature,
        )

    def request_withdraw(self, amount: int) -> Call:
        """Call ``requestWithdraw(uint96)``."""
        return self._call("requestWithdraw(uint96)", amount)

    def return_coin(self) -> Call:
        """Call ``returnCoin()``."""
        return self._call("returnCoin()")

    def session(self, listener: str, key: str) -> View[Session]:
        """Read ``session(address,address)``."""
        return self._view("session(address,address)", listener, key)

    def set_payee(self, song_id: str, payee: int) -> Call:
        """Call ``setPayee(bytes32,uint64)``."""
        return self._call("setPayee(bytes32,uint64)", song_id, payee)

    def set_price(self, song_id: str, price: int) -> Call:
        """Call ``setPrice(bytes32,uint128)``."""
        return self._call("setPrice(bytes32,uint128)", song_id, price)

    def set_session(self, key: str, expiry: int, cap: int) -> Call:
        """Call ``setSession(address,uint48,uint96)``."""
        return self._call("setSession(address,uint48,uint96)", key, expiry, cap)

    def set_strategies(self, song_id: str, strategies: int) -> Call:
        """Call ``setStrategies(bytes32,uint8)``."""
        return self._call("setStrategies(bytes32,uint8)", song_id, strategies)

    def settle(self, vouchers: Sequence[Voucher]) -> Call:
        """Call ``settle((address,uint64,uint48,uint96,bytes32,bytes,bytes)[])``."""
        return self._call("settle((address,uint64,uint48,uint96,bytes32,bytes,bytes)[])", vouchers)

    def song(self, song_id: str) -> View[Song]:
        """Read ``song(bytes32)``."""
        return self._view("song(bytes32)", song_id)

    def song_id_of(self, artist: str, content_hash: str) -> View[str]:
        """Read ``songIdOf(address,bytes32)``."""
        return self._view("songIdOf(address,bytes32)", artist, content_hash)

    def split_hash(self, payee: int) -> View[str]:
        """Read ``splitHash(uint64)``."""
        return self._view("splitHash(uint64)", payee)

    def supports_interface(self, id: str) -> View[bool]:
        """Read ``supportsInterface(bytes4)``."""
        return self._view("supportsInterface(bytes4)", id)

    def terms(self, song_id: str) -> View[TermsResult]:
        """Read ``terms(bytes32)``."""
        return self._view("terms(bytes32)", song_id, make=TermsResult)

    def tip(self, song_id: str, amount: int) -> Call:
        """Call ``tip(bytes32,uint256)``."""
        return self._call("tip(bytes32,uint256)", song_id, amount)

    def token(self) -> View[str]:
        """Read ``token()``."""
        return self._view("token()")

    def update_fee(self) -> Call:
        """Call ``updateFee()``."""
        return self._call("updateFee()")

    def withdraw(self, to: str) -> Call:
        """Call ``withdraw(address)``."""
        return self._call("withdraw(address)", to)

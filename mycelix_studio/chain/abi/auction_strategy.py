"""The contract AuctionStrategy. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.chain.codec import Structs
from mycelix_studio.domain.transaction import Call


@dataclass(frozen=True, slots=True)
class Auction:
    """Struct ``Auction`` of AuctionStrategy."""

    song_id: str
    start_price: int
    end_price: int
    starts_at: int
    duration: int
    supply: int
    sold: int
    per_wallet: int
    royalty_bps: int
    closed: bool


@dataclass(frozen=True, slots=True)
class RoyaltyInfoResult:
    """What ``royaltyInfo(uint256,uint256)`` returns."""

    receiver: str
    amount: int


class AuctionStrategy(Contract):
    """AuctionStrategy at an address. Amounts are wei."""

    NAME = "AuctionStrategy"
    STRUCTS: ClassVar[Structs] = {"Auction": Auction}

    def strategy(self) -> View[int]:
        """Read ``STRATEGY()``."""
        return self._view("STRATEGY()")

    def auction(self, id: int) -> View[Auction]:
        """Read ``auction(uint256)``."""
        return self._view("auction(uint256)", id)

    def auction_of(self, song_id: str) -> View[int]:
        """Read ``auctionOf(bytes32)``."""
        return self._view("auctionOf(bytes32)", song_id)

    def auctions(self) -> View[int]:
        """Read ``auctions()``."""
        return self._view("auctions()")

    def balance_of(self, account: str, id: int) -> View[int]:
        """Read ``balanceOf(address,uint256)``."""
        return self._view("balanceOf(address,uint256)", account, id)

    def balance_of_batch(self, accounts: Sequence[str], ids: Sequence[int]) -> View[tuple[int, ...]]:
        """Read ``balanceOfBatch(address[],uint256[])``."""
        return self._view("balanceOfBatch(address[],uint256[])", accounts, ids)

    def bought_by(self, id: int, wallet: str) -> View[int]:
        """Read ``boughtBy(uint256,address)``."""
        return self._view("boughtBy(uint256,address)", id, wallet)

    def buy(self, song_id: str, to: str, max_price: int) -> Call:
        """Call ``buy(bytes32,address,uint256)``."""
        return self._call("buy(bytes32,address,uint256)", song_id, to, max_price)

    def buy_from_purse(self, song_id: str, to: str, max_price: int) -> Call:
        """Call ``buyFromPurse(bytes32,address,uint256)``."""
        return self._call("buyFromPurse(bytes32,address,uint256)", song_id, to, max_price)

    def close(self, id: int) -> Call:
        """Call ``close(uint256)``."""
        return self._call("close(uint256)", id)

    def create(
        self,
        song_id: str,
        start_price: int,
        end_price: int,
        starts_at: int,
        duration: int,
        supply: int,
        per_wallet: int,
        royalty_bps: int,
    ) -> Call:
        """Call ``create(bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)``."""
        return self._call(
            "create(bytes32,uint96,uint96,uint40,uint32,uint32,uint32,uint16)",
            song_id,
            start_price,
            end_price,
            starts_at,
            duration,
            supply,
            per_wallet,
            royalty_bps,
        )

    def has_access(self, song_id: str, listener: str) -> View[bool]:
        """Read ``hasAccess(bytes32,address)``."""
        return self._view("hasAccess(bytes32,address)", song_id, listener)

    def is_approved_for_all(self, account: str, operator: str) -> View[bool]:
        """Read ``isApprovedForAll(address,address)``."""
        return self._view("isApprovedForAll(address,address)", account, operator)

    def ledger(self) -> View[str]:
        """Read ``ledger()``."""
        return self._view("ledger()")

    def price_at(self, id: int, time: int) -> View[int]:
        """Read ``priceAt(uint256,uint256)``."""
        return self._view("priceAt(uint256,uint256)", id, time)

    def quote(self, song_id: str, arg1: str) -> View[int]:
        """Read ``quote(bytes32,address)``."""
        return self._view("quote(bytes32,address)", song_id, arg1)

    def royalty_info(self, id: int, sale_price: int) -> View[RoyaltyInfoResult]:
        """Read ``royaltyInfo(uint256,uint256)``."""
        return self._view("royaltyInfo(uint256,uint256)", id, sale_price, make=RoyaltyInfoResult)

    def safe_batch_transfer_from(
        self, from_: str, to: str, ids: Sequence[int], values: Sequence[int], data: bytes
    ) -> Call:
        """Call ``safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)``."""
        return self._call(
            "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)", from_, to, ids, values, data
        )

    def safe_transfer_from(self, from_: str, to: str, id: int, value: int, data: bytes) -> Call:
        """Call ``safeTransferFrom(address,address,uint256,uint256,bytes)``."""
        return self._call("safeTransferFrom(address,address,uint256,uint256,bytes)", from_, to, id, value, data)

    def set_approval_for_all(self, operator: str, approved: bool) -> Call:
        """Call ``setApprovalForAll(address,bool)``."""
        return self._call("setApprovalForAll(address,bool)", operator, approved)

    def supports_interface(self, id: str) -> View[bool]:
        """Read ``supportsInterface(bytes4)``."""
        return self._view("supportsInterface(bytes4)", id)

    def take_from(self, payer: str, amount: int) -> Call:
        """Call ``takeFrom(address,uint256)``."""
        return self._call("takeFrom(address,uint256)", payer, amount)

    def token(self) -> View[str]:
        """Read ``token()``."""
        return self._view("token()")

    def uri(self, arg0: int) -> View[str]:
        """Read ``uri(uint256)``."""
        return self._view("uri(uint256)", arg0)

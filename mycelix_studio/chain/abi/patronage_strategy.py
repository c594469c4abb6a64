"""The contract PatronageStrategy. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.chain.codec import Structs
from mycelix_studio.domain.transaction import Call


@dataclass(frozen=True, slots=True)
class Plan:
    """Struct ``Plan`` of PatronageStrategy."""

    song_id: str
    price: int
    minimum_periods: int
    tier_bps: tuple[int, ...]
    early_cancel: bool
    open: bool


@dataclass(frozen=True, slots=True)
class Subscription:
    """Struct ``Subscription`` of PatronageStrategy."""

    start: int
    paid_through: int
    committed_until: int
    agreed_price: int
    periods: int
    auto_renew: bool
    from_purse: bool


class PatronageStrategy(Contract):
    """PatronageStrategy at an address. Amounts are wei."""

    NAME = "PatronageStrategy"
    STRUCTS: ClassVar[Structs] = {"Plan": Plan, "Subscription": Subscription}

    def grace(self) -> View[int]:
        """Read ``GRACE()``."""
        return self._view("GRACE()")

    def max_periods(self) -> View[int]:
        """Read ``MAX_PERIODS()``."""
        return self._view("MAX_PERIODS()")

    def period(self) -> View[int]:
        """Read ``PERIOD()``."""
        return self._view("PERIOD()")

    def strategy(self) -> View[int]:
        """Read ``STRATEGY()``."""
        return self._view("STRATEGY()")

    def cancel(self, plan_id: int) -> Call:
        """Call ``cancel(uint256)``."""
        return self._call("cancel(uint256)", plan_id)

    def create_plan(
        self, song_id: str, price: int, minimum_periods: int, tier_bps: Sequence[int], early_cancel: bool
    ) -> Call:
        """Call ``createPlan(bytes32,uint96,uint8,uint16[4],bool)``."""
        return self._call(
            "createPlan(bytes32,uint96,uint8,uint16[4],bool)", song_id, price, minimum_periods, tier_bps, early_cancel
        )

    def expires_at(self, token_id: int) -> View[int]:
        """Read ``expiresAt(uint256)``."""
        return self._view("expiresAt(uint256)", token_id)

    def has_access(self, song_id: str, listener: str) -> View[bool]:
        """Read ``hasAccess(bytes32,address)``."""
        return self._view("hasAccess(bytes32,address)", song_id, listener)

    def is_renewable(self, token_id: int) -> View[bool]:
        """Read ``isRenewable(uint256)``."""
        return self._view("isRenewable(uint256)", token_id)

    def ledger(self) -> View[str]:
        """Read ``ledger()``."""
        return self._view("ledger()")

    def on_charged(self, song_id: str, charges: Sequence[int], refused: int) -> Call:
        """Call ``onCharged(bytes32,uint256[],uint256)``."""
        return self._call("onCharged(bytes32,uint256[],uint256)", song_id, charges, refused)

    def on_credit(self, data: bytes) -> Call:
        """Call ``onCredit(bytes)``."""
        return self._call("onCredit(bytes)", data)

    def plan(self, id: int) -> View[Plan]:
        """Read ``plan(uint256)``."""
        return self._view("plan(uint256)", id)

    def plan_of(self, song_id: str) -> View[int]:
        """Read ``planOf(bytes32)``."""
        return self._view("planOf(bytes32)", song_id)

    def plans(self) -> View[int]:
        """Read ``plans()``."""
        return self._view("plans()")

    def quote(self, song_id: str, listener: str) -> View[int]:
        """Read ``quote(bytes32,address)``."""
        return self._view("quote(bytes32,address)", song_id, listener)

    def renew(self, song_id: str, patron: str, max_cost: int) -> Call:
        """Call ``renew(bytes32,address,uint256)``."""
        return self._call("renew(bytes32,address,uint256)", song_id, patron, max_cost)

    def renew_many(self, plan_id: int, patrons: Sequence[str]) -> Call:
        """Call ``renewMany(uint256,address[])``."""
        return self._call("renewMany(uint256,address[])", plan_id, patrons)

    def renewal_price(self, plan_id: int, patron: str) -> View[int]:
        """Read ``renewalPrice(uint256,address)``."""
        return self._view("renewalPrice(uint256,address)", plan_id, patron)

    def set_auto_renew(self, plan_id: int, max_price: int, from_purse: bool) -> Call:
        """Call ``setAutoRenew(uint256,uint96,bool)``."""
        return self._call("setAutoRenew(uint256,uint96,bool)", plan_id, max_price, from_purse)

    def song_of(self, plan: int) -> View[str]:
        """Read ``songOf(uint256)``."""
        return self._view("songOf(uint256)", plan)

    def subscribe(self, song_id: str, patron: str, periods: int, max_cost: int) -> Call:
        """Call ``subscribe(bytes32,address,uint256,uint256)``."""
        return self._call("subscribe(bytes32,address,uint256,uint256)", song_id, patron, periods, max_cost)

    def subscribe_from_purse(self, song_id: str, patron: str, periods: int, max_cost: int) -> Call:
        """Call ``subscribeFromPurse(bytes32,address,uint256,uint256)``."""
        return self._call("subscribeFromPurse(bytes32,address,uint256,uint256)", song_id, patron, periods, max_cost)

    def subscription(self, plan_id: int, patron: str) -> View[Subscription]:
        """Read ``subscription(uint256,address)``."""
        return self._view("subscription(uint256,address)", plan_id, patron)

    def supports_interface(self, id: str) -> View[bool]:
        """Read ``supportsInterface(bytes4)``."""
        return self._view("supportsInterface(bytes4)", id)

    def take_from(self, payer: str, amount: int) -> Call:
        """Call ``takeFrom(address,uint256)``."""
        return self._call("takeFrom(address,uint256)", payer, amount)

    def tier(self, plan_id: int, patron: str) -> View[int]:
        """Read ``tier(uint256,address)``."""
        return self._view("tier(uint256,address)", plan_id, patron)

    def tier_of(self, paid_seconds: int) -> View[int]:
        """Read ``tierOf(uint256)``."""
        return self._view("tierOf(uint256)", paid_seconds)

    def token(self) -> View[str]:
        """Read ``token()``."""
        return self._view("token()")

    def update_plan(self, plan_id: int, price: int, tier_bps: Sequence[int], open: bool) -> Call:
        """Call ``updatePlan(uint256,uint96,uint16[4],bool)``."""
        return self._call("updatePlan(uint256,uint96,uint16[4],bool)", plan_id, price, tier_bps, open)

    def why_not_renewable(self, plan_id: int, patron: str) -> View[int]:
        """Read ``whyNotRenewable(uint256,address)``."""
        return self._view("whyNotRenewable(uint256,address)", plan_id, patron)

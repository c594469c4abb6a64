"""The contract GiftEconomyStrategy. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.chain.codec import Structs
from mycelix_studio.domain.transaction import Call


@dataclass(frozen=True, slots=True)
class Gift:
    """Struct ``Gift`` of GiftEconomyStrategy."""

    per_listen: int
    early_bonus: int
    early_listeners: int
    repeat_multiplier: int
    daily_cap: int
    attestor: str


@dataclass(frozen=True, slots=True)
class Fund:
    """Struct ``Fund`` of GiftEconomyStrategy."""

    budget: int
    welcomed: int


@dataclass(frozen=True, slots=True)
class Profile:
    """Struct ``Profile`` of GiftEconomyStrategy."""

    listens: int
    day: int
    paid_today: int


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


class GiftEconomyStrategy(Contract):
    """GiftEconomyStrategy at an address. Amounts are wei."""

    NAME = "GiftEconomyStrategy"
    STRUCTS: ClassVar[Structs] = {"Gift": Gift, "Fund": Fund, "Profile": Profile}

    def listens_typehash(self) -> View[str]:
        """Read ``LISTENS_TYPEHASH()``."""
        return self._view("LISTENS_TYPEHASH()")

    def max_multiplier(self) -> View[int]:
        """Read ``MAX_MULTIPLIER()``."""
        return self._view("MAX_MULTIPLIER()")

    def repeat_after(self) -> View[int]:
        """Read ``REPEAT_AFTER()``."""
        return self._view("REPEAT_AFTER()")

    def strategy(self) -> View[int]:
        """Read ``STRATEGY()``."""
        return self._view("STRATEGY()")

    def claim_listens(self, song_id: str, listener: str, cumulative: int, deadline: int, signature: bytes) -> Call:
        """Call ``claimListens(bytes32,address,uint64,uint48,bytes)``."""
        return self._call(
            "claimListens(bytes32,address,uint64,uint48,bytes)", song_id, listener, cumulative, deadline, signature
        )

    def configure(self, song_id: str, gift_: Gift) -> Call:
        """Call ``configure(bytes32,(uint96,uint96,uint32,uint8,uint96,address))``."""
        return self._call("configure(bytes32,(uint96,uint96,uint32,uint8,uint96,address))", song_id, gift_)

    def credit(self) -> View[str]:
        """Read ``credit()``."""
        return self._view("credit()")

    def eip712_domain(self) -> View[Eip712DomainResult]:
        """Read ``eip712Domain()``."""
        return self._view("eip712Domain()", make=Eip712DomainResult)

    def fund(self, song_id: str, amount: int) -> Call:
        """Call ``fund(bytes32,uint256)``."""
        return self._call("fund(bytes32,uint256)", song_id, amount)

    def fund_of(self, song_id: str) -> View[Fund]:
        """Read ``fundOf(bytes32)``."""
        return self._view("fundOf(bytes32)", song_id)

    def gift(self, song_id: str) -> View[Gift]:
        """Read ``gift(bytes32)``."""
        return self._view("gift(bytes32)", song_id)

    def has_access(self, song_id: str, arg1: str) -> View[bool]:
        """Read ``hasAccess(bytes32,address)``."""
        return self._view("hasAccess(bytes32,address)", song_id, arg1)

    def ledger(self) -> View[str]:
        """Read ``ledger()``."""
        return self._view("ledger()")

    def profile(self, song_id: str, listener: str) -> View[Profile]:
        """Read ``profile(bytes32,address)``."""
        return self._view("profile(bytes32,address)", song_id, listener)

    def quote(self, song_id: str, arg1: str) -> View[int]:
        """Read ``quote(bytes32,address)``."""
        return self._view("quote(bytes32,address)", song_id, arg1)

    def reward_for(self, terms: Gift, before: int, listens: int, early: bool, paid_today: int) -> View[int]:
        """Read ``rewardFor((uint96,uint96,uint32,uint8,uint96,address),uint64,uint64,bool,uint256)``."""
        return self._view(
            "rewardFor((uint96,uint96,uint32,uint8,uint96,address),uint64,uint64,bool,uint256)",
            terms,
            before,
            listens,
            early,
            paid_today,
        )

    def supports_interface(self, id: str) -> View[bool]:
        """Read ``supportsInterface(bytes4)``."""
        return self._view("supportsInterface(bytes4)", id)

    def withdraw_unused(self, song_id: str, amount: int, to: str) -> Call:
        """Call ``withdrawUnused(bytes32,uint256,address)``."""
        return self._call("withdrawUnused(bytes32,uint256,address)", song_id, amount, to)

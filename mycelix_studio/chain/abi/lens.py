"""The contract Lens. Written by packaging/bindings.py from the artifacts' ABI; do not edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from mycelix_studio.chain.binding import Contract, View
from mycelix_studio.chain.codec import Structs


@dataclass(frozen=True, slots=True)
class Account:
    """Struct ``Account`` of Lens."""

    balance: int
    fee: int
    streams: int
    fee_bps: int


@dataclass(frozen=True, slots=True)
class Offer:
    """Struct ``Offer`` of Lens."""

    access: bool
    quoted: bool
    price: int


@dataclass(frozen=True, slots=True)
class Purse:
    """Struct ``Purse`` of Lens."""

    balance: int
    top: int
    window: int
    requested: int
    requested_at: int


@dataclass(frozen=True, slots=True)
class Song:
    """Struct ``Song`` of Lens."""

    artist: str
    payee: int
    price: int
    strategies: int
    locked: bool


class Lens(Contract):
    """Lens at an address. Amounts are wei."""

    NAME = "Lens"
    STRUCTS: ClassVar[Structs] = {"Account": Account, "Offer": Offer, "Purse": Purse, "Song": Song}

    def accounts(self, payees: Sequence[int]) -> View[tuple[Account, ...]]:
        """Read ``accounts(uint64[])``."""
        return self._view("accounts(uint64[])", payees)

    def claimables(self, recipients: Sequence[str]) -> View[tuple[int, ...]]:
        """Read ``claimables(address[])``."""
        return self._view("claimables(address[])", recipients)

    def ledger(self) -> View[str]:
        """Read ``ledger()``."""
        return self._view("ledger()")

    def offers(
        self, strategies: Sequence[str], song_ids: Sequence[str], listener: str
    ) -> View[tuple[tuple[Offer, ...], ...]]:
        """Read ``offers(address[],bytes32[],address)``."""
        return self._view("offers(address[],bytes32[],address)", strategies, song_ids, listener)

    def purses(self, listeners: Sequence[str]) -> View[tuple[Purse, ...]]:
        """Read ``purses(address[])``."""
        return self._view("purses(address[])", listeners)

    def songs(self, song_ids: Sequence[str]) -> View[tuple[Song, ...]]:
        """Read ``songs(bytes32[])``."""
        return self._view("songs(bytes32[])", song_ids)

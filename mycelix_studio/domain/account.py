"""Accounts, balances and the address book, as pages see them. No key, word or passphrase is ever in one of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class AccountKind(StrEnum):
    """What an account can do."""

    KEY = "key"
    """Studio holds its wallet file and can sign."""
    WATCH = "watch"
    """Only looked at."""


class Origin(StrEnum):
    """Where the key came from: only words made here need a recovery drill."""

    CREATED = "created"
    WORDS = "words"
    PRIVATE_KEY = "private_key"
    KEYSTORE = "keystore"
    WATCH = "watch"


@dataclass(frozen=True, slots=True)
class Account:
    """One account.

    Attributes:
        address: EIP-55.
        name: Chosen by the person.
        kind: With key or watch-only.
        origin: Where the key came from.
        path: BIP-44 path such as ``m/44'/60'/0'/0/0``; empty when not from words.
        created_at: UTC.
        backup_proven_at: UTC moment of the last recovery drill that restored this address; None when never proven.
        own_passphrase: The person's passphrase is asked for each signature, beside the keyring's.
        position: Order in the list.
    """

    address: str
    name: str
    kind: AccountKind
    origin: Origin
    created_at: datetime
    path: str = ""
    backup_proven_at: datetime | None = None
    own_passphrase: bool = False
    position: int = 0

    @property
    def needs_drill(self) -> bool:
        """True while the words were made here and never proven: the account cannot sign until they are."""
        return self.origin is Origin.CREATED and self.backup_proven_at is None

    @property
    def can_sign(self) -> bool:
        """True when there is a wallet file and nothing is left to prove."""
        return self.kind is AccountKind.KEY and not self.needs_drill


@dataclass(frozen=True, slots=True)
class NewWords:
    """Words made for a new account, shown once. Its repr hides them.

    Attributes:
        words: 12 or 24 English BIP-39 words.
        address: EIP-55 address they give.
    """

    words: tuple[str, ...]
    address: str

    def __repr__(self) -> str:
        return f"NewWords({len(self.words)} words hidden, {self.address})"


@dataclass(frozen=True, slots=True)
class LockState:
    """Whether signing needs the wallet to be opened first.

    Attributes:
        locked: True after auto-lock or "Lock now".
        locks_at: UTC moment of auto-lock; None when locked or auto-lock is off.
    """

    locked: bool
    locks_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Balances:
    """What an account holds, as read at a block.

    Attributes:
        address: EIP-55.
        flow: FLOW in wei, None while never read.
        credit: CGC in wei, None where the chain has none or never read.
        native: Coin for network fees in wei, None while never read.
        earned: FLOW in wei in payee accounts and claimable, that this account could take out; None while never read.
        native_symbol: ``xDAI``, ``ETH``.
        as_of: UTC time of the block; None while never read.
        block: Its number.
        signatures_left: About how many signatures ``native`` pays for at today's fee; None when not known.
    """

    address: str
    flow: int | None = None
    credit: int | None = None
    native: int | None = None
    earned: int | None = None
    native_symbol: str = "ETH"
    as_of: datetime | None = None
    block: int | None = None
    signatures_left: int | None = None


@dataclass(frozen=True, slots=True)
class Contact:
    """One entry of the address book.

    Attributes:
        address: EIP-55.
        name: Chosen by the person.
        note: Free text.
        added_at: UTC.
        confirmed: The person said the address was confirmed by another way, such as a call.
    """

    address: str
    name: str
    added_at: datetime
    note: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class AddressCheck:
    """What can be said about an address somebody typed or pasted.

    Attributes:
        address: EIP-55 form; empty when it is not an address.
        problem: Why it cannot be used; empty when it can.
        warning: What to look at again: it looks like a known one, its letters carry no check, it is a contract.
        name: From accounts, address book or deployment; empty when unknown.
    """

    address: str
    problem: str = ""
    warning: str = ""
    name: str = ""

"""Sign-In with Ethereum: the message (ERC-4361), the token it gives, and its renewal.

The token lives in memory. With a :class:`TokenStore`, which the keyring serves, it also outlives the program; it is never written to
a file of ours.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol
from urllib.parse import urlsplit

import msgspec

from mycelix_studio.api.errors import BadAnswer, NobodySignsIn, NotSigned
from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.errors import Known

log = logging.getLogger(__name__)

STATEMENT: Final = "Sign in to the platform. This costs nothing and moves no money."
MESSAGE_MINUTES: Final = 5
"""How long a signed message is good for."""
RENEW_BEFORE: Final = timedelta(minutes=2)
"""A token with less time left is renewed before it is used."""


class TokenStore(Protocol):
    """Where a token may outlive the program. Failures are the store's own :class:`Known` errors; a token is then kept in memory only."""

    def load(self, name: str) -> str | None:
        """Return what was kept under a name."""

    def save(self, name: str, value: str) -> None:
        """Keep a secret."""

    def forget(self, name: str) -> None:
        """Remove it; nothing happens when it is not there."""


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signs in.

    Attributes:
        address: Returns the EIP-55 address, None while there is no account.
        sign: Signs a text as a wallet does (EIP-191) and returns ``0x`` and hex; may raise :class:`Known` (locked, refused).
    """

    address: Callable[[], str | None]
    sign: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Token:
    """A bearer token: whose, where, until when."""

    value: str = field(repr=False)
    address: str
    origin: str
    expires_at: datetime

    def fresh(self) -> bool:
        """Tell whether it is still good for a request."""
        return self.expires_at - RENEW_BEFORE > now()


class Asks(Protocol):
    """The two calls of a sign-in, each ``(path, body) -> decoded JSON``; raise :class:`Known` on refusal."""

    def __call__(self, path: str, body: dict[str, object]) -> bytes:
        """POST without a token and return the answer's body."""


class _Nonce(msgspec.Struct, frozen=True):
    nonce: str
    expires_at: datetime


class _Token(msgspec.Struct, frozen=True):
    token: str
    expires_at: datetime
    address: str


def message(*, origin: str, address: str, chain_id: int, nonce: str, issued_at: datetime) -> str:
    """Return the text to sign, exactly as ERC-4361 lays it out.

    Args:
        origin: Scheme, host and port of the server, such as ``https://music.example``.
        address: EIP-55 address.
        chain_id: Chain of the platform.
        nonce: As the server gave it.
        issued_at: Now; the message is good for :data:`MESSAGE_MINUTES` from then.
    """
    return (
        f"{urlsplit(origin).netloc} wants you to sign in with your Ethereum account:\n"
        f"{address}\n\n{STATEMENT}\n\n"
        f"URI: {origin}/\nVersion: 1\nChain ID: {chain_id}\nNonce: {nonce}\n"
        f"Issued At: {rfc3339(issued_at)}\n"
        f"Expiration Time: {rfc3339(issued_at + timedelta(minutes=MESSAGE_MINUTES))}"
    )


class Session:
    """The sign-in of one profile. Safe to use from any thread: one signs, the others wait for the token.

    Args:
        origin: Returns the server's scheme, host and port.
        chain_id: Returns the platform's chain.
        store: Where the token may outlive the program.
    """

    def __init__(self, origin: Callable[[], str], chain_id: Callable[[], int], store: TokenStore | None = None) -> None:
        self._origin = origin
        self._chain_id = chain_id
        self._store = store
        self._signer: Signer | None = None
        self._token: Token | None = None
        self._lock = threading.RLock()

    def use(self, signer: Signer | None) -> None:
        """Say who signs in from now on; None signs nobody in."""
        with self._lock:
            self._signer = signer

    @property
    def address(self) -> str | None:
        """EIP-55 address of who signs in, None for nobody."""
        with self._lock:
            return self._signer.address() if self._signer is not None else None

    @property
    def signed_in(self) -> bool:
        """True while there is a token for the present account and server. Does not ask the server."""
        with self._lock:
            return self._present() is not None

    def token(self, ask: Asks) -> str:
        """Return a token that is good for a while, signing in when there is none.

        Raises:
            NobodySignsIn: There is no account.
            NotSigned: The wallet is locked, or somebody said no.
            Known: The server cannot be reached or refused.
        """
        with self._lock:
            present = self._present()
            return present.value if present is not None else self._sign_in(ask).value

    def drop(self, value: str) -> None:
        """Forget a token the server no longer accepts."""
        with self._lock:
            if self._token is not None and self._token.value == value:
                name, self._token = self._name(self._token), None
                self._forget(name)

    def take(self) -> Token | None:
        """Forget the present token and return it, so that it can be revoked."""
        with self._lock:
            token = self._present()
            if token is not None:
                self.drop(token.value)
            return token

    # inside -------------------------------------------------------------------------------------------------------------

    def _present(self) -> Token | None:
        address = self._signer.address() if self._signer is not None else None
        if address is None:
            return None
        origin = self._origin()
        if self._token is None or (self._token.address, self._token.origin) != (address, origin):
            self._token = self._load(address, origin)
        return self._token if self._token is not None and self._token.fresh() else None

    def _sign_in(self, ask: Asks) -> Token:
        address = self._signer.address() if self._signer is not None else None
        if self._signer is None or address is None:
            raise NobodySignsIn
        origin = self._origin()
        try:
            given = msgspec.json.decode(ask("/api/auth/nonce", {"address": address}), type=_Nonce)
            text = message(
                origin=origin, address=address, chain_id=self._chain_id(), nonce=given.nonce, issued_at=now()
            )
            body: dict[str, object] = {"message": text, "signature": self._sign(self._signer, text)}
            got = msgspec.json.decode(ask("/api/auth/verify", body), type=_Token)
        except msgspec.DecodeError as error:
            raise BadAnswer(urlsplit(origin).netloc, str(error)) from error
        token = Token(got.token, address, origin, got.expires_at)
        self._token = token
        self._save(token)
        return token

    @staticmethod
    def _sign(signer: Signer, text: str) -> str:
        try:
            return signer.sign(text)
        except Known as error:
            raise NotSigned(error) from error

    def _name(self, token: Token) -> str:
        return f"platform-token {token.origin} {token.address}"

    def _load(self, address: str, origin: str) -> Token | None:
        if self._store is None:
            return None
        name = self._name(Token("", address, origin, now()))
        try:
            kept = self._store.load(name)
        except Known as error:
            log.info("a kept sign-in could not be read: %s", error.title)
            return None
        if kept is None:
            return None
        try:
            value = json.loads(kept)
            return Token(str(value["token"]), address, origin, datetime.fromisoformat(value["expires_at"]))
        except (ValueError, KeyError, TypeError):
            self._forget(name)
            return None

    def _save(self, token: Token) -> None:
        if self._store is None:
            return
        value = json.dumps({"token": token.value, "expires_at": token.expires_at.isoformat()})
        try:
            self._store.save(self._name(token), value)
        except Known as error:
            log.info("the sign-in is kept until Studio closes: %s", error.title)

    def _forget(self, name: str) -> None:
        if self._store is None:
            return
        try:
            self._store.forget(name)
        except Known as error:
            log.info("a kept sign-in could not be removed: %s", error.title)

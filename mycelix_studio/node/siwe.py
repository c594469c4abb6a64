"""Sign-In with Ethereum: a strict reader of ERC-4361 messages and of the signatures over them.

Strict means: exactly the lines of the specification in their order, line feeds only, an EIP-55 address, Version 1, RFC 3339 times
with zone. What another reader might forgive is refused here, since a sign-in is a permission.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from mycelix_studio.chain.values import checksum, keccak
from mycelix_studio.errors import Known

MAX_LENGTH = 4_096
"""Longest message that is read, in characters."""

_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0
_LINES = re.compile(
    r"(?:(?P<scheme>[a-zA-Z][a-zA-Z0-9+.-]*)://)?(?P<domain>[^\s/?#]+) wants you to sign in with your Ethereum account:\n"
    r"(?P<address>0x[0-9a-fA-F]{40})\n"
    r"\n"
    r"(?:(?P<statement>[^\n]+)\n)?"
    r"\n"
    r"URI: (?P<uri>[^\s]+)\n"
    r"Version: (?P<version>[0-9]+)\n"
    r"Chain ID: (?P<chain_id>[0-9]{1,18})\n"
    r"Nonce: (?P<nonce>[a-zA-Z0-9]{8,})\n"
    r"Issued At: (?P<issued_at>[^\n]+)"
    r"(?:\nExpiration Time: (?P<expiration_time>[^\n]+))?"
    r"(?:\nNot Before: (?P<not_before>[^\n]+))?"
    r"(?:\nRequest ID: (?P<request_id>[^\n]*))?"
    r"(?:\nResources:(?P<resources>(?:\n- [^\n]+)*))?"
)
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)")
_STATEMENT = re.compile(r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;= ]+")


class NotASignIn(Known):
    """The message or its signature does not sign anybody in. ``reason`` is a short name, ``field`` the part that is wrong."""

    def __init__(self, field: str, reason: str, message: str) -> None:
        super().__init__("The sign-in was refused", message, "Ask for a new nonce and sign again.")
        self.field = field
        self.reason = reason


@dataclass(frozen=True, slots=True)
class SignIn:
    """The parts of a message; times are aware UTC."""

    domain: str
    address: str
    statement: str
    uri: str
    chain_id: int
    nonce: str
    issued_at: datetime
    expiration_time: datetime | None
    not_before: datetime | None
    request_id: str | None
    resources: tuple[str, ...]


def parse(text: str) -> SignIn:
    """Return the parts of a message.

    Raises:
        NotASignIn: It is not exactly of the form of ERC-4361.
    """
    if len(text) > MAX_LENGTH:
        raise NotASignIn("message", "malformed", "The message is too long.")
    match = _LINES.fullmatch(text)
    if match is None:
        raise NotASignIn("message", "malformed", "The message is not of the form of ERC-4361.")
    part = match.groupdict()
    if part["version"] != "1":
        raise NotASignIn("version", "malformed", "The message's version is not 1.")
    if checksum(part["address"]) != part["address"]:
        raise NotASignIn("address", "malformed", "The address is not in the form of EIP-55.")
    if part["statement"] is not None and not _STATEMENT.fullmatch(part["statement"]):
        raise NotASignIn("statement", "malformed", "The statement holds characters that are not allowed.")
    try:
        uri = urlsplit(part["uri"])
    except ValueError as error:
        raise NotASignIn("uri", "malformed", "The URI cannot be read.") from error
    if not uri.scheme:
        raise NotASignIn("uri", "malformed", "The URI names no scheme.")
    resources = tuple((part["resources"] or "").split("\n- ")[1:])
    return SignIn(
        domain=part["domain"],
        address=part["address"],
        statement=part["statement"] or "",
        uri=part["uri"],
        chain_id=int(part["chain_id"]),
        nonce=part["nonce"],
        issued_at=_time("issued_at", part["issued_at"]),
        expiration_time=_time("expiration_time", part["expiration_time"]) if part["expiration_time"] else None,
        not_before=_time("not_before", part["not_before"]) if part["not_before"] else None,
        request_id=part["request_id"],
        resources=resources,
    )


def check(sign_in: SignIn, *, domains: frozenset[str], chain_id: int, now: datetime, max_age_seconds: int) -> None:
    """Refuse a message for another place or time.

    Raises:
        NotASignIn: Wrong domain, URI or chain, expired, not yet valid, or issued too long ago or in the future.
    """
    if sign_in.domain not in domains:
        raise NotASignIn("domain", "wrong-domain", f"The message is for {sign_in.domain}, not for this node.")
    if urlsplit(sign_in.uri).netloc not in domains:
        raise NotASignIn("uri", "wrong-domain", "The message's URI belongs to another place.")
    if sign_in.chain_id != chain_id:
        raise NotASignIn(
            "chain_id", "wrong-chain", f"The message is for chain {sign_in.chain_id}; this node is on {chain_id}."
        )
    if sign_in.expiration_time is not None and sign_in.expiration_time <= now:
        raise NotASignIn("expiration_time", "expired", "The message has expired.")
    if sign_in.not_before is not None and sign_in.not_before > now:
        raise NotASignIn("not_before", "not-yet-valid", "The message is not valid yet.")
    age = (now - sign_in.issued_at).total_seconds()
    if not -60 <= age <= max_age_seconds:
        raise NotASignIn("issued_at", "expired", "The message was issued too long ago, or its clock is ahead.")


def message_hash(text: str) -> bytes:
    """Return the hash that a wallet signs for a text (EIP-191, version E)."""
    data = text.encode()
    return keccak(b"\x19Ethereum Signed Message:\n" + str(len(data)).encode() + data)


def recover(digest: bytes, signature: bytes) -> str | None:
    """Return the EIP-55 address of who signed a digest, or None when the signature has no such form.

    Takes 65 bytes with v of 0, 1, 27 or 28, or the 64 bytes of ERC-2098; refuses the malleable upper half of s.
    """
    import coincurve

    if len(signature) == 64:
        s = int.from_bytes(signature[32:])
        parity = s >> 255
        signature = signature[:32] + (s & (1 << 255) - 1).to_bytes(32) + bytes((parity,))
    if len(signature) != 65:
        return None
    parity = signature[64] - 27 if signature[64] >= 27 else signature[64]
    if parity not in (0, 1) or not 0 < int.from_bytes(signature[32:64]) <= _HALF_ORDER:
        return None
    try:
        key = coincurve.PublicKey.from_signature_and_message(signature[:64] + bytes((parity,)), digest, hasher=None)
    except ValueError:
        return None
    except Exception as error:
        # libsecp256k1's wrapper raises a bare Exception for a point that is not on the curve.
        if type(error) is Exception:
            return None
        raise
    return checksum("0x" + keccak(key.format(compressed=False)[1:])[-20:].hex())


def verify(text: str, address: str, signature: str, contract_agrees: Callable[[str, bytes, bytes], bool]) -> None:
    """Refuse a signature that is not the address's, by key or, for a contract wallet, by ERC-1271.

    Args:
        text: The message as signed.
        address: EIP-55 address it names.
        signature: ``0x`` and hex.
        contract_agrees: Asks the contract at an address whether it approves a digest and signature.

    Raises:
        NotASignIn: Nobody at this address signed it.
    """
    if not re.fullmatch(r"0x(?:[0-9a-fA-F]{2}){1,4096}", signature):
        raise NotASignIn("signature", "bad-signature", "The signature is not hex.")
    raw = bytes.fromhex(signature[2:])
    digest = message_hash(text)
    if recover(digest, raw) != address and not contract_agrees(address, digest, raw):
        raise NotASignIn("signature", "bad-signature", "The signature is not the account's.")


def _time(field: str, text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise NotASignIn(field, "malformed", f"“{text[:40]}” is not an RFC 3339 time with a zone.")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotASignIn(field, "malformed", f"“{text[:40]}” is not a time.") from error

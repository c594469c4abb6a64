"""The text of Sign-In with Ethereum: a strict reader of ERC-4361 messages, for the node that checks them and the wallet that signs them.

Strict means: exactly the lines of the specification in their order, line feeds only, an EIP-55 address, Version 1, RFC 3339 times
with zone. What another reader might forgive is refused here, since a sign-in is a permission.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from mycelix_studio.chain.values import checksum
from mycelix_studio.errors import Known

MAX_LENGTH = 4_096
"""Longest message that is read, in characters."""

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


def _time(field: str, text: str) -> datetime:
    if not _TIME.fullmatch(text):
        raise NotASignIn(field, "malformed", f"“{text[:40]}” is not an RFC 3339 time with a zone.")
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotASignIn(field, "malformed", f"“{text[:40]}” is not a time.") from error

"""Sign-In with Ethereum: whether a message is for this node and this moment, and whether its account signed it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from mycelix_studio.chain.sign_in import MAX_LENGTH, NotASignIn, SignIn, parse
from mycelix_studio.chain.values import checksum, keccak
from mycelix_studio.errors import Known
from mycelix_studio.node import logs

if TYPE_CHECKING:
    from mycelix_studio.chain.rpc import Rpc

__all__ = [
    "MAX_LENGTH",
    "NotASignIn",
    "SignIn",
    "check",
    "contract_agrees",
    "message_hash",
    "parse",
    "recover",
    "verify",
]

log = logs.get("signatures")
_ERC1271_MAGIC = bytes.fromhex("1626ba7e")
_HALF_ORDER = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0


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


def contract_agrees(rpc: Rpc | None) -> Callable[[str, bytes, bytes], bool]:
    """Return the ERC-1271 question for a chain: False without one, where no contract agrees, and where no server answers."""

    def ask(address: str, digest: bytes, signature: bytes) -> bool:
        if rpc is None:
            return False
        padded = signature + bytes(-len(signature) % 32)
        data = _ERC1271_MAGIC + digest + (64).to_bytes(32) + len(signature).to_bytes(32) + padded
        try:
            return bool(rpc.code(address)) and rpc.call(checksum(address), data)[:32] == _ERC1271_MAGIC + bytes(28)
        except Known as error:
            log.info("contract did not confirm a signature", account=address, why=error.title)
            return False

    return ask


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

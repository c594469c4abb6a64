"""The EIP-712 messages of the contracts: built here, signed by the wallet or with a key at hand.

A message is the JSON object that ``eth_signTypedData_v4`` takes; integers are ``int``, fixed bytes and addresses 0x hex. Types stand in
:data:`TYPES` once; a test compares each with the contract's own hash.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from mycelix_studio.chain.abi import CreditToken, FlowToken, GiftEconomyStrategy, Ledger
from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.chain.values import checksum, keccak, word

TypedMessage: TypeAlias = dict[str, object]

TYPES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "Permit": (
        ("owner", "address"),
        ("spender", "address"),
        ("value", "uint256"),
        ("nonce", "uint256"),
        ("deadline", "uint256"),
    ),
    "Register": (
        ("artist", "address"),
        ("contentHash", "bytes32"),
        ("payee", "uint64"),
        ("price", "uint128"),
        ("strategies", "uint8"),
        ("deadline", "uint256"),
    ),
    "Voucher": (
        ("listener", "address"),
        ("nonce", "uint64"),
        ("deadline", "uint48"),
        ("total", "uint96"),
        ("playsHash", "bytes32"),
        ("items", "bytes"),
    ),
    "Listens": (
        ("songId", "bytes32"),
        ("listener", "address"),
        ("cumulative", "uint64"),
        ("deadline", "uint48"),
    ),
}
NAMES: Mapping[str, tuple[str, str]] = {
    "Ledger": ("Mycelix Ledger", "1"),
    "GiftEconomyStrategy": ("Mycelix Gift", "1"),
    "FlowToken": ("Flow", "1"),
    "CreditToken": ("Cultural Gift Credit", "1"),
}
"""Name and version that each contract's messages carry (EIP-5267); a test asks the contracts."""
_DOMAIN = (("name", "string"), ("version", "string"), ("chainId", "uint256"), ("verifyingContract", "address"))


@dataclass(frozen=True, slots=True)
class Domain:
    """Which contract on which chain a message is for (EIP-5267)."""

    name: str
    version: str
    chain_id: int
    contract: str

    @classmethod
    def of(cls, rpc: Rpc, contract: Ledger | FlowToken | CreditToken | GiftEconomyStrategy) -> Domain:
        """Return a contract's own domain, read from it."""
        found = contract.eip712_domain().read(rpc)
        return cls(found.name, found.version, found.chain_id, found.verifying_contract)


def message(domain: Domain, primary: str, values: Mapping[str, object]) -> TypedMessage:
    """Return a complete message of a type of :data:`TYPES`.

    Raises:
        KeyError: There is no such type, or a value is missing.
    """
    fields = TYPES[primary]
    return {
        "types": {
            "EIP712Domain": [{"name": name, "type": kind} for name, kind in _DOMAIN],
            primary: [{"name": name, "type": kind} for name, kind in fields],
        },
        "primaryType": primary,
        "domain": {
            "name": domain.name,
            "version": domain.version,
            "chainId": domain.chain_id,
            "verifyingContract": checksum(domain.contract),
        },
        "message": {name: values[name] for name, _kind in fields},
    }


def permit(domain: Domain, owner: str, spender: str, *, value: int, nonce: int, deadline: int) -> TypedMessage:
    """Return an EIP-2612 permit: ``spender`` may take ``value`` wei of the token until ``deadline`` (Unix seconds)."""
    return message(
        domain,
        "Permit",
        {
            "owner": checksum(owner),
            "spender": checksum(spender),
            "value": value,
            "nonce": nonce,
            "deadline": deadline,
        },
    )


def register(
    domain: Domain, artist: str, content_hash: str, *, payee: int, price: int, strategies: int, deadline: int
) -> TypedMessage:
    """Return what an artist signs so that somebody else may register a song for them. ``price`` in wei, ``deadline`` in Unix seconds."""
    return message(
        domain,
        "Register",
        {
            "artist": checksum(artist),
            "contentHash": "0x" + word(content_hash).hex(),
            "payee": payee,
            "price": price,
            "strategies": strategies,
            "deadline": deadline,
        },
    )


def voucher(
    domain: Domain, listener: str, *, nonce: int, deadline: int, total: int, plays_hash: str, items: bytes
) -> TypedMessage:
    """Return what a listener, or its session key, signs for many plays.

    Args:
        domain: Of the Ledger.
        listener: Whose purse is charged.
        nonce: Charged once; within 63 of the highest one charged, or above it.
        deadline: Last second it can be settled, Unix time.
        total: Wei, gross: the sum of the items.
        plays_hash: keccak256 of the packed song-by-song list, 0x hex.
        items: Packed items, see ``domain.vouchers``.
    """
    return message(
        domain,
        "Voucher",
        {
            "listener": checksum(listener),
            "nonce": nonce,
            "deadline": deadline,
            "total": total,
            "playsHash": "0x" + word(plays_hash).hex(),
            "items": "0x" + items.hex(),
        },
    )


def listens(domain: Domain, song_id: str, listener: str, *, cumulative: int, deadline: int) -> TypedMessage:
    """Return what an attestor signs: ``listener`` heard a gift song ``cumulative`` times in all. The domain is the gift strategy's."""
    return message(
        domain,
        "Listens",
        {
            "songId": "0x" + word(song_id).hex(),
            "listener": checksum(listener),
            "cumulative": cumulative,
            "deadline": deadline,
        },
    )


def digest_of(typed: TypedMessage) -> bytes:
    """Return the 32 bytes that are signed for a message."""
    from eth_account.messages import encode_typed_data

    parts = encode_typed_data(full_message=typed)
    return keccak(b"\x19" + parts.version + parts.header + parts.body)


def sign(typed: TypedMessage, key: str) -> bytes:
    """Return the 65-byte signature of a message with a private key at hand (0x + 64 hex)."""
    from eth_account import Account

    return bytes(Account.sign_typed_data(key, full_message=typed).signature)


def signer_of(typed: TypedMessage, signature: bytes) -> str:
    """Return the address whose key made a signature of a message."""
    from eth_account import Account
    from eth_account.messages import encode_typed_data

    return checksum(str(Account.recover_message(encode_typed_data(full_message=typed), signature=signature)))


def split_signature(signature: bytes) -> tuple[int, str, str]:
    """Return (v, r, s) of a 65-byte signature, as ``permit`` takes them.

    Raises:
        ValueError: It has another length.
    """
    if len(signature) != 65:
        raise ValueError("a signature has 65 bytes")
    return signature[64], "0x" + signature[:32].hex(), "0x" + signature[32:64].hex()

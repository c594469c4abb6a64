"""Reading the values servers and contracts give: hex numbers, hex bytes, EIP-55 addresses, fixed bytes.

Everything here is strict: a value of another shape is a ``ValueError``, never a guess.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

ZERO_ADDRESS = "0x" + "0" * 40


def hex_int(value: object) -> int:
    """Return the integer of a JSON-RPC quantity such as ``0x1a``."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError(f"not a quantity: {value!r}")
    return int(value, 16)


def hex_bytes(value: object) -> bytes:
    """Return the bytes of a JSON-RPC string such as ``0xab01``."""
    if not isinstance(value, str) or not value.startswith("0x"):
        raise ValueError(f"not hex bytes: {value!r}")
    return bytes.fromhex(value[2:])


def require_text(value: object) -> str:
    """Return a JSON string."""
    if not isinstance(value, str):
        raise ValueError(f"not a text: {value!r}")
    return value


def require_list(value: object) -> Sequence[object]:
    """Return a JSON array."""
    if not isinstance(value, list):
        raise ValueError(f"not a list: {value!r}")
    return value


def require_object(value: object) -> Mapping[str, object]:
    """Return a JSON object."""
    if not isinstance(value, dict):
        raise ValueError(f"not an object: {value!r}")
    return value


def keccak(data: bytes) -> bytes:
    """Return the Keccak-256 hash."""
    from eth_hash.auto import keccak as hashed

    return bytes(hashed(data))


@lru_cache(maxsize=65_536)
def checksum(address: str) -> str:
    """Return an address in EIP-55 form.

    Raises:
        ValueError: It is not 0x and 40 hex digits.
    """
    digits = address[2:].lower()
    if address[:2] not in {"0x", "0X"} or len(digits) != 40 or any(c not in "0123456789abcdef" for c in digits):
        raise ValueError(f"not an address: {address!r}")
    hashed = keccak(digits.encode()).hex()
    return "0x" + "".join(c.upper() if int(nibble, 16) >= 8 else c for c, nibble in zip(digits, hashed, strict=False))


def word(value: str | bytes, size: int = 32) -> bytes:
    """Return exactly ``size`` bytes of a fixed-bytes value given as hex or bytes.

    Raises:
        ValueError: It has another length.
    """
    data = bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else value
    if len(data) != size:
        raise ValueError(f"{len(data)} bytes where {size} are needed")
    return data

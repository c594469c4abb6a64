"""Python values to ABI values and back, by the ABI's own types.

In Python: integers are ``int``, addresses EIP-55 ``str``, fixed bytes 0x-hex ``str``, dynamic bytes ``bytes``, arrays ``tuple``, structs
frozen dataclasses (or tuples where nobody named the struct).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence

from mycelix_studio.chain.artifacts import AbiType
from mycelix_studio.chain.values import checksum, word

Structs = Mapping[str, Callable[..., object]]


def encode(types: Sequence[AbiType], values: Sequence[object]) -> bytes:
    """Return the ABI encoding of values.

    Raises:
        ValueError: A value does not fit its type, or their number differs.
    """
    from eth_abi.abi import encode as abi_encode
    from eth_abi.exceptions import EncodingError

    if len(types) != len(values):
        raise ValueError(f"{len(values)} values for {len(types)} types")
    lowered = [lower(kind, value) for kind, value in zip(types, values, strict=True)]
    try:
        return bytes(abi_encode([kind.canonical for kind in types], lowered))
    except (EncodingError, OverflowError, TypeError) as error:
        raise ValueError(str(error)) from error


def decode(types: Sequence[AbiType], data: bytes, structs: Structs | None = None) -> tuple[object, ...]:
    """Return the values of an ABI encoding. Strict: bytes left over or padding that is not zero are refused.

    Raises:
        ValueError: The data does not hold these types, or holds more than them.
    """
    from eth_abi.abi import decode as abi_decode
    from eth_abi.exceptions import DecodingError

    try:
        raw = abi_decode([kind.canonical for kind in types], data)
    except (DecodingError, OverflowError, UnicodeDecodeError) as error:
        raise ValueError(f"not the ABI encoding of these types: {error}") from error
    return tuple(lift(kind, value, structs or {}) for kind, value in zip(types, raw, strict=True))


def lower(kind: AbiType, value: object) -> object:
    """Return a Python value in the form eth_abi wants."""
    if kind.type.endswith("]"):
        if isinstance(value, str | bytes) or not isinstance(value, Sequence):
            raise ValueError(f"{kind.name}: a list is needed")
        element = _element(kind)
        return [lower(element, item) for item in value]
    if kind.type == "tuple":
        return tuple(lower(part, item) for part, item in zip(kind.parts, _members(kind, value), strict=True))
    if kind.type == "address":
        return checksum(str(value))
    if kind.type == "bytes":
        return bytes.fromhex(value.removeprefix("0x")) if isinstance(value, str) else value
    if kind.type.startswith("bytes") and isinstance(value, str | bytes):
        return word(value, int(kind.type[5:]))
    return value


def lift(kind: AbiType, value: object, structs: Structs) -> object:
    """Return eth_abi's value in the form the program uses."""
    if kind.type.endswith("]"):
        if not isinstance(value, Sequence):
            raise ValueError("not a list")
        element = _element(kind)
        return tuple(lift(element, item, structs) for item in value)
    if kind.type == "tuple":
        if not isinstance(value, tuple):
            raise ValueError("not a struct")
        members = [lift(part, item, structs) for part, item in zip(kind.parts, value, strict=True)]
        make = structs.get(kind.struct)
        return make(*members) if make is not None else tuple(members)
    if kind.type == "address":
        return checksum(str(value))
    if kind.type.startswith("bytes") and kind.type != "bytes" and isinstance(value, bytes):
        return "0x" + value.hex()
    return value


def _element(kind: AbiType) -> AbiType:
    return dataclasses.replace(kind, type=kind.type[: kind.type.rindex("[")])


def _members(kind: AbiType, value: object) -> Sequence[object]:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return [getattr(value, field.name) for field in dataclasses.fields(value)]
    if isinstance(value, tuple | list) and len(value) == len(kind.parts):
        return value
    raise ValueError(f"{kind.name or kind.struct}: a struct of {len(kind.parts)} parts is needed")

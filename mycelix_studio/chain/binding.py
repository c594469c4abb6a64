"""What the generated contract classes in ``chain/abi/`` stand on: typed calls, typed reads, typed events.

No selector and no topic is written anywhere by hand: all come from the artifacts' ABI.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import ClassVar, Generic, TypeVar, cast

from mycelix_studio.chain import codec
from mycelix_studio.chain.artifacts import AbiEntry, AbiType, artifact
from mycelix_studio.chain.rpc import LATEST, Log, Rpc
from mycelix_studio.chain.values import checksum, hex_bytes
from mycelix_studio.domain.transaction import Call

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View(Generic[T]):
    """A read that can be made at any block.

    Attributes:
        call: The request.
        decode: Turns the answer's bytes into the value.
    """

    call: Call
    decode: Callable[[bytes], T] = field(repr=False)

    def read(self, rpc: Rpc, block: int | str = LATEST, sender: str | None = None) -> T:
        """Return the value at a block.

        Raises:
            RpcRefused: The contract reverted.
            ValueError: The answer is not of the declared type, for instance because no contract lies there.
        """
        return self.decode(rpc.call(self.call.to, self.call.data, sender=sender, block=block))


def read_all(rpc: Rpc, views: Sequence[View[T]], block: int | str = LATEST) -> list[T]:
    """Return the values of several reads of one type, asked in one request at one block."""
    at = hex(block) if isinstance(block, int) else block
    requests = [("eth_call", ({"to": v.call.to, "data": "0x" + v.call.data.hex()}, at)) for v in views]
    answers = rpc.batch(requests) if requests else []
    return [view.decode(hex_bytes(answer)) for view, answer in zip(views, answers, strict=True)]


class Contract:
    """A contract at an address. Subclasses are generated from the ABI."""

    NAME: ClassVar[str]
    STRUCTS: ClassVar[codec.Structs] = {}

    def __init__(self, address: str) -> None:
        self.address = checksum(address)

    def _call(self, signature: str, *values: object, value: int = 0) -> Call:
        return Call(self.address, encode_call(self.NAME, signature, values), value)

    def _view(self, signature: str, *values: object, make: Callable[..., object] | None = None) -> View[T]:
        entry = _functions(self.NAME)[signature]
        structs = self.STRUCTS

        def decoded(data: bytes) -> T:
            found = codec.decode(entry.outputs, data, structs)
            if make is not None:
                return cast(T, make(*found))
            return cast(T, found[0])

        return View(Call(self.address, encode_call(self.NAME, signature, values)), decoded)


def encode_call(contract: str, signature: str, values: Iterable[object]) -> bytes:
    """Return selector and arguments of a function of a shipped contract.

    Raises:
        KeyError: The contract has no such function.
        ValueError: A value does not fit.
    """
    entry = _functions(contract)[signature]
    return entry.selector + codec.encode(entry.inputs, list(values))


@lru_cache(maxsize=64)
def _functions(contract: str) -> Mapping[str, AbiEntry]:
    return {entry.signature: entry for entry in artifact(contract).functions()}


@lru_cache(maxsize=64)
def _selectors(contract: str) -> Mapping[bytes, AbiEntry]:
    return {entry.selector: entry for entry in artifact(contract).functions()}


@dataclass(frozen=True, slots=True)
class DecodedCall:
    """A call read back: contract, function and arguments by name."""

    contract: str
    function: AbiEntry
    arguments: Mapping[str, object]


def decode_call(contract: str, data: bytes, structs: codec.Structs | None = None) -> DecodedCall:
    """Return a call's function and arguments.

    Encoding the arguments again must give the same bytes, so nothing can hide behind or between them.

    Raises:
        ValueError: The selector is unknown, the arguments do not decode, or bytes are hidden in them.
    """
    entry = _selectors(contract).get(data[:4])
    if entry is None:
        raise ValueError(f"{contract} has no function {data[:4].hex() or 'without a name'}")
    values = codec.decode(entry.inputs, data[4:], structs)
    if entry.selector + codec.encode(entry.inputs, values) != data:
        raise ValueError("the request holds more than its arguments")
    names = [part.name or f"arg{index}" for index, part in enumerate(entry.inputs)]
    return DecodedCall(contract, entry, dict(zip(names, values, strict=True)))


@dataclass(frozen=True, slots=True)
class Event:
    """Base of the generated events. ``log`` says where it happened; ``log.address`` which contract said it."""

    log: Log


def event_values(entry: AbiEntry, log: Log) -> list[object]:
    """Return an event's values in the order of its declaration.

    Indexed values of dynamic types are hashes on chain and come back as 0x + 64 hex.

    Raises:
        ValueError: The log is not of this event.
    """
    indexed = [part for part in entry.inputs if part.indexed]
    plain = [part for part in entry.inputs if not part.indexed]
    if len(log.topics) != len(indexed) + 1:
        raise ValueError(f"{entry.name}: {len(log.topics)} topics")
    from_topics = iter([_topic(kind, topic) for kind, topic in zip(indexed, log.topics[1:], strict=True)])
    from_data = iter(codec.decode(plain, log.data) if plain else ())
    return [next(from_topics) if part.indexed else next(from_data) for part in entry.inputs]


def _topic(kind: AbiType, topic: bytes) -> object:
    if kind.type in {"string", "bytes"} or kind.type.endswith("]") or kind.type == "tuple":
        return "0x" + topic.hex()
    return codec.decode([kind], topic)[0]

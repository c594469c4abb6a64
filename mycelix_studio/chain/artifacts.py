"""What the contracts room of this repository built: ABI and bytecode of each contract, and where they lie on each chain."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from mycelix_studio.chain.values import checksum, keccak, require_list, require_object, require_text
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.paths import resource


class NoDeployment(Known):
    """The contracts are not known on this chain."""

    def __init__(self, chain_id: int) -> None:
        super().__init__(
            "The contracts are not on this network",
            f"Studio knows no addresses of the contracts on network {chain_id}.",
            "Choose another network in Settings, or deploy them with “mycelix deploy”.",
        )


@dataclass(frozen=True, slots=True)
class AbiType:
    """One input or output: its name, canonical type (tuples written out), and the parts of a tuple.

    ``struct`` is Solidity's name of a tuple's struct without the contract: ``Share`` of ``struct Ledger.Share[]``.
    """

    name: str
    type: str
    parts: tuple[AbiType, ...] = ()
    struct: str = ""
    indexed: bool = False

    @property
    def canonical(self) -> str:
        """The type as it stands in a signature."""
        if not self.type.startswith("tuple"):
            return self.type
        return "(" + ",".join(part.canonical for part in self.parts) + ")" + self.type[5:]


@dataclass(frozen=True, slots=True)
class AbiEntry:
    """One function, event or error of an ABI."""

    kind: str
    name: str
    inputs: tuple[AbiType, ...]
    outputs: tuple[AbiType, ...] = ()
    mutability: str = ""

    @property
    def signature(self) -> str:
        """Name and canonical input types: ``payStream(bytes32,uint32,uint256)``."""
        return f"{self.name}({','.join(part.canonical for part in self.inputs)})"

    @property
    def hash(self) -> bytes:
        """Keccak-256 of the signature: an event's topic; its first 4 bytes are a function's or an error's selector."""
        return keccak(self.signature.encode())

    @property
    def selector(self) -> bytes:
        """First 4 bytes of :attr:`hash`."""
        return self.hash[:4]


@dataclass(frozen=True, slots=True)
class Artifact:
    """One compiled contract.

    Attributes:
        name: Solidity name.
        abi: The ABI as JSON.
        entries: The ABI parsed.
        bytecode: Creation code without constructor arguments.
        deployed: Code after deployment, with immutables as zeros.
        immutables: (start, length) of the immutables in ``deployed``.
        constructor: Inputs of the constructor.
    """

    name: str
    abi: str = field(repr=False)
    entries: tuple[AbiEntry, ...] = field(repr=False)
    bytecode: bytes = field(repr=False)
    deployed: bytes = field(repr=False)
    immutables: tuple[tuple[int, int], ...] = field(repr=False)
    constructor: tuple[AbiType, ...] = ()

    def functions(self) -> tuple[AbiEntry, ...]:
        """The functions."""
        return tuple(entry for entry in self.entries if entry.kind == "function")

    def events(self) -> tuple[AbiEntry, ...]:
        """The events."""
        return tuple(entry for entry in self.entries if entry.kind == "event")

    def errors(self) -> tuple[AbiEntry, ...]:
        """The custom errors."""
        return tuple(entry for entry in self.entries if entry.kind == "error")


@dataclass(frozen=True, slots=True)
class Deployment:
    """Where the contracts lie on a chain.

    Attributes:
        chain_id: The chain.
        block: Block of the first of them: an indexer begins here.
        version: Of the contracts.
        contracts: Name to EIP-55 address.
        arguments: Name to ABI-encoded constructor arguments as 0x hex, where known; ``mycelix verify`` uses them.
    """

    chain_id: int
    block: int
    version: str
    contracts: Mapping[str, str]
    arguments: Mapping[str, str] = field(default_factory=dict)

    def address(self, name: str) -> str:
        """Return a contract's address.

        Raises:
            NoDeployment: It is not among them.
        """
        found = self.contracts.get(name)
        if found is None:
            raise NoDeployment(self.chain_id)
        return found

    def name_of(self, address: str) -> str | None:
        """Return the contract's name at an address, None for a stranger."""
        wanted = address.lower()
        return next((name for name, at in self.contracts.items() if at.lower() == wanted), None)

    @classmethod
    def parse(cls, text: str | bytes) -> Deployment:
        """Return a deployment from its JSON.

        Raises:
            ValueError: It is not one.
        """
        item = require_object(json.loads(text))
        chain_id, block = item["chainId"], item["block"]
        if not isinstance(chain_id, int) or not isinstance(block, int):
            raise ValueError("chainId and block must be integers")
        contracts = {
            name: checksum(require_text(address)) for name, address in require_object(item["contracts"]).items()
        }
        arguments = {name: require_text(value) for name, value in require_object(item.get("arguments") or {}).items()}
        return cls(chain_id, block, require_text(item["version"]), contracts, arguments)

    @classmethod
    def read(cls, path: Path) -> Deployment:
        """Return a deployment from a file.

        Raises:
            OSError: It cannot be read.
            ValueError: It is not one.
        """
        return cls.parse(path.read_bytes())

    def write(self, path: Path) -> None:
        """Write it durably, readable by everyone: nothing in it is secret."""
        body = {
            "chainId": self.chain_id,
            "block": self.block,
            "version": self.version,
            "contracts": dict(self.contracts),
            "arguments": dict(self.arguments),
        }
        write_atomic(path, (json.dumps(body, indent=2) + "\n").encode(), 0o644)


def find_deployment(chain_id: int, folders: tuple[Path, ...] = ()) -> Deployment:
    """Return the deployment of a chain: from ``<folder>/<chainId>.json`` of the first folder that has it, else the shipped one.

    Raises:
        NoDeployment: None has it.
        ValueError: The file is damaged or names another chain.
    """
    for folder in folders:
        path = folder / f"{chain_id}.json"
        if path.is_file():
            return _of_chain(Deployment.read(path), chain_id)
    try:
        shipped = resource(f"contracts/deployments/{chain_id}.json")
    except FileNotFoundError:
        raise NoDeployment(chain_id) from None
    return _of_chain(Deployment.read(shipped), chain_id)


def _of_chain(deployment: Deployment, chain_id: int) -> Deployment:
    if deployment.chain_id != chain_id:
        raise ValueError(f"the deployment file of chain {chain_id} names chain {deployment.chain_id}")
    return deployment


@lru_cache(maxsize=64)
def artifact(name: str) -> Artifact:
    """Return a shipped contract by its Solidity name.

    Raises:
        FileNotFoundError: It is not shipped.
    """
    return parse_artifact(resource(f"contracts/artifacts/{name}.json").read_bytes())


@lru_cache(maxsize=1)
def artifact_names() -> tuple[str, ...]:
    """Return the names of all shipped contracts, sorted."""
    return tuple(sorted(path.stem for path in resource("contracts/artifacts").glob("*.json") if path.stem != "index"))


def parse_artifact(text: str | bytes) -> Artifact:
    """Return a contract from an artifact's JSON.

    Raises:
        ValueError: It is not one.
    """
    item = require_object(json.loads(text))
    raw = require_list(item["abi"])
    entries = []
    constructor: tuple[AbiType, ...] = ()
    for value in raw:
        entry = require_object(value)
        kind = require_text(entry["type"])
        inputs = _types(entry.get("inputs") or [])
        if kind == "constructor":
            constructor = inputs
        elif kind in {"function", "event", "error"}:
            outputs = _types(entry.get("outputs") or [])
            mutability = str(entry.get("stateMutability") or "")
            entries.append(AbiEntry(kind, require_text(entry["name"]), inputs, outputs, mutability))
    spans = []
    references = item.get("immutableReferences") or {}
    for places in require_object(references).values():
        for place in require_list(places):
            span = require_object(place)
            start, length = span["start"], span["length"]
            if not isinstance(start, int) or not isinstance(length, int):
                raise ValueError("immutable reference is not a span")
            spans.append((start, length))
    return Artifact(
        require_text(item["contractName"]),
        json.dumps(raw),
        tuple(entries),
        _code(item["bytecode"]),
        _code(item["deployedBytecode"]),
        tuple(sorted(spans)),
        constructor,
    )


def _code(value: object) -> bytes:
    return bytes.fromhex(require_text(value).removeprefix("0x"))


def _types(raw: object) -> tuple[AbiType, ...]:
    found = []
    for value in require_list(raw):
        item = require_object(value)
        internal = str(item.get("internalType") or "")
        struct = ""
        if internal.startswith("struct "):
            struct = internal.removeprefix("struct ").split("[")[0].split(".")[-1]
        found.append(
            AbiType(
                str(item.get("name") or ""),
                require_text(item["type"]),
                _types(item.get("components") or []),
                struct,
                item.get("indexed") is True,
            )
        )
    return tuple(found)

"""A contract's refusal as a sentence: revert data decoded by the artifacts' ABI, worded by ``domain/refusals.py``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from mycelix_studio.chain import codec
from mycelix_studio.chain.artifacts import AbiEntry, AbiType, artifact, artifact_names
from mycelix_studio.chain.rpc import RpcRefused
from mycelix_studio.domain.refusals import sentence_of
from mycelix_studio.errors import Known

_REASON = (AbiType("reason", "string"),)
_PANIC = (AbiType("code", "uint256"),)
_ERROR_SELECTOR = bytes.fromhex("08c379a0")  # Error(string), built into Solidity and in no ABI
_PANIC_SELECTOR = bytes.fromhex("4e487b71")  # Panic(uint256), likewise


class ContractRefused(Known):
    """A contract refused a call.

    Attributes:
        name: Of the custom error, ``Error`` for a plain text, empty when not known.
        arguments: The error's values by name.
    """

    def __init__(self, name: str, arguments: Mapping[str, object], text: str = "") -> None:
        message, hint = sentence_of(name, arguments)
        super().__init__("Refused by the contract", text or message, hint)
        self.name = name
        self.arguments = dict(arguments)


def explain(error: RpcRefused) -> ContractRefused | RpcRefused:
    """Return a server's error as the contract's refusal when the contract said why, else the error itself."""
    if error.data:
        return decode_refusal(error.data)
    if error.code == 3 or "revert" in error.reason.lower():
        return ContractRefused("", {})
    return error


def decode_refusal(data: bytes) -> ContractRefused:
    """Return the refusal in revert data; one without a name when no contract of ours has such an error."""
    selector, body = data[:4], data[4:]
    try:
        if selector == _ERROR_SELECTOR:
            (reason,) = codec.decode(_REASON, body)
            return ContractRefused("Error", {"reason": reason})
        if selector == _PANIC_SELECTOR:
            (code,) = codec.decode(_PANIC, body)
            return ContractRefused("Panic", {"code": code})
        entry = custom_errors().get(selector)
        if entry is None:
            return ContractRefused("", {"data": "0x" + data.hex()})
        values = codec.decode(entry.inputs, body)
    except ValueError:
        return ContractRefused("", {"data": "0x" + data.hex()})
    names = [part.name or f"arg{index}" for index, part in enumerate(entry.inputs)]
    return ContractRefused(entry.name, dict(zip(names, values, strict=True)))


@lru_cache(maxsize=1)
def custom_errors() -> Mapping[bytes, AbiEntry]:
    """Return selector -> error of every shipped contract."""
    return {entry.selector: entry for name in artifact_names() for entry in artifact(name).errors()}

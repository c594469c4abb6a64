"""Submitting sources to a Sourcify server, so that block explorers show them."""

from __future__ import annotations

import json
from pathlib import Path

from mycelix_studio.chain.values import keccak
from mycelix_studio.errors import Known


def submit(server: str, chain_id: int, name: str, address: str, contracts: Path) -> str:
    """Submit one contract (Sourcify's API version 2) and return a line for the person.

    Args:
        server: Base address, such as the public one's.
        chain_id: The chain.
        name: Contract.
        address: Where it lies.
        contracts: The folder with the sources and what they were compiled to.

    Raises:
        Known: It was not compiled here, or the server did not take it.
    """
    import httpx

    url = f"{server.rstrip('/')}/v2/verify/{chain_id}/{address}"
    standard, version, identifier = compiler_input(name, contracts)
    body = {"stdJsonInput": standard, "compilerVersion": version, "contractIdentifier": identifier}
    try:
        response = httpx.post(url, json=body, timeout=60, trust_env=False)
        answer = response.json()
    except (httpx.HTTPError, ValueError) as error:
        raise Known(f"Could not submit {name}", f"The server did not answer ({error}).", "Try again later.") from error
    if response.status_code == 409:
        return f"{name}: already verified there"
    if response.status_code not in (200, 202) or not isinstance(answer, dict):
        text = answer.get("message") if isinstance(answer, dict) else response.text
        raise Known(
            f"Could not submit {name}", f"The server says: {text}.", "Try again, or submit the sources by hand."
        )
    return f"{name}: submitted, {server.rstrip('/')}/v2/verify/{answer.get('verificationId', '')}"


def compiler_input(name: str, contracts: Path) -> tuple[object, str, str]:
    """Return (standard JSON input, compiler version, ``path:Name``) of a contract, as it was compiled.

    Args:
        name: Contract.
        contracts: The folder with sources, and in ``out`` what forge wrote about compiling them.

    Raises:
        Known: It was not compiled here, or from other sources.
    """
    try:
        built = json.loads((contracts / "out" / f"{name}.sol" / f"{name}.json").read_bytes())["metadata"]
        sources = {path: {"content": (contracts / path).read_text(encoding="utf-8")} for path in built["sources"]}
    except (OSError, ValueError, KeyError) as error:
        raise Known(
            f"Could not submit {name}",
            f"What its compiler said is not here ({error}).",
            "Run “packaging/dev contracts build” first.",
        ) from error
    said = {path: source["keccak256"] for path, source in built["sources"].items()}
    if any("0x" + keccak(source["content"].encode()).hex() != said[path] for path, source in sources.items()):
        raise Known(
            f"Could not submit {name}",
            "Its sources are not those that were compiled.",
            "Run “packaging/dev contracts build” first.",
        )
    settings = {key: value for key, value in built["settings"].items() if key != "compilationTarget"}
    settings["outputSelection"] = {"*": {"*": ["abi", "evm.bytecode", "evm.deployedBytecode", "metadata"]}}
    ((source, _),) = built["settings"]["compilationTarget"].items()
    standard = {"language": built["language"], "sources": sources, "settings": settings}
    return standard, str(built["compiler"]["version"]), f"{source}:{name}"

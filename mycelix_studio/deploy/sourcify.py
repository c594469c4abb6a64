"""Submitting sources to a Sourcify server, so that block explorers show them."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from mycelix_studio.errors import Known


def submit(server: str, chain_id: int, name: str, address: str, contracts: Path) -> str:
    """Submit one contract (Sourcify's API version 2) and return a line for the person.

    Args:
        server: Base address, such as the public one's.
        chain_id: The chain.
        name: Contract.
        address: Where it lies.
        contracts: The folder with sources and forge, which gives the compiler's exact input.

    Raises:
        Known: Forge is not installed, or the server did not take it.
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
        raise Known(f"Could not submit {name}", f"The server says: {text}.", "")
    return f"{name}: submitted, {server.rstrip('/')}/v2/verify/{answer.get('verificationId', '')}"


def compiler_input(name: str, contracts: Path) -> tuple[object, str, str]:
    """Return (standard JSON input, compiler version, ``path:Name``) of a contract, from forge itself.

    Raises:
        Known: Forge is not installed or does not know the contract.
    """
    found = sorted((contracts / "node_modules" / "@foundry-rs").glob("forge-*/bin/forge*"))
    forge = str(found[0]) if found else shutil.which("forge")
    if forge is None:
        raise Known("No compiler", "Submitting sources needs forge.", "Run “npm ci” in contracts/.")
    built = json.loads((contracts / "out" / f"{name}.sol" / f"{name}.json").read_bytes())
    (source,) = built["metadata"]["settings"]["compilationTarget"]
    identifier = f"{source}:{name}"
    done = subprocess.run(  # noqa: S603 - our own tool
        [forge, "verify-contract", "--show-standard-json-input", "0x" + "0" * 40, identifier],
        cwd=contracts,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise Known(
            f"Could not submit {name}", done.stderr.strip()[-500:], "Run “packaging/dev contracts build” first."
        )
    return json.loads(done.stdout), str(built["metadata"]["compiler"]["version"]), identifier

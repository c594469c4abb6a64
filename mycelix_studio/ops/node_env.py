"""The file `node.env` of a node: read by systemd (`EnvironmentFile`), compose (`env_file`) and a shell."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path

from mycelix_studio.domain.networks import NETWORKS, by_key
from mycelix_studio.errors import Known


def chain_settings(network: str, rpc_urls: Sequence[str], deployment: Path | None) -> dict[str, str]:
    """Return the settings that follow from a network.

    Raises:
        Known: There is no such network.
    """
    chosen = by_key(network)
    if chosen is None:
        raise Known(f"No network “{network}”", f"There are {', '.join(each.key for each in NETWORKS)}.", "Choose one.")
    return {
        "MYCELIX_CHAIN_ID": str(chosen.chain_id),
        "MYCELIX_RPC_URL": " ".join(rpc_urls or chosen.servers),
        "MYCELIX_DEPLOYMENT": "" if deployment is None else str(deployment.absolute()),
    }


def render(values: Mapping[str, str]) -> str:
    """Return the file's text: what is empty is left out, values are quoted where a shell needs it."""
    lines = [
        "# Settings of this node; docs/node.md explains each. It may hold a password: keep it readable by its owner only."
    ]
    lines += [f"{name}={shlex.quote(value) if value else ''}" for name, value in values.items() if value]
    return "\n".join(lines) + "\n"


def read(path: Path) -> dict[str, str]:
    """Return the settings of such a file.

    Raises:
        Known: It cannot be read, or a line is no setting.
    """
    try:
        lines = path.read_text().splitlines()
    except OSError as error:
        raise Known(f"Could not read “{path}”", f"{error.strerror}.", "Name a file that you may read.") from error
    found: dict[str, str] = {}
    for number, line in enumerate(lines, 1):
        text = line.strip()
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.removeprefix("export ").partition("=")
        try:
            words = shlex.split(value)
        except ValueError as error:
            raise Known(f"Line {number} of “{path}” is no setting", f"{error}.", "Write NAME=value.") from error
        if not equals or len(words) > 1:
            raise Known(f"Line {number} of “{path}” is no setting", "", "Write NAME=value, in quotes if it has spaces.")
        found[name.strip()] = words[0] if words else ""
    return found

"""A worker's own key: a file with the key in hex, or a wallet file (Web3 Secret Storage v3) with its password in another file."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Literal

from mycelix_studio.node import logs
from mycelix_studio.node.config import Config, WrongConfiguration

log = logs.get("keys")

Holder = Literal["settler", "attestor"]
"""Who signs with a key: the settler pays in vouchers, the attestor counts listens."""


def load_key(config: Config, holder: Holder) -> str | None:
    """Return the private key as 0x + 64 hex, None where none is configured. The message of an error never holds the key.

    Raises:
        WrongConfiguration: A file cannot be read or opened.
    """
    path = key_files(config).get(holder)
    if path is None:
        return None
    password_file = config.settler_password_file if holder == "settler" else config.attestor_password_file
    key_variable, password_variable = (f"MYCELIX_{holder.upper()}_{kind}_FILE" for kind in ("KEY", "PASSWORD"))
    text = _read(key_variable, path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        log.warning("others on this machine can read a key; set its mode to 0600", holder=holder, file=str(path))
    if password_file is None:
        digits = text.strip().removeprefix("0x")
        if len(digits) != 64 or not set(digits.lower()) <= set("0123456789abcdef") or not int(digits, 16):
            raise WrongConfiguration(key_variable, f"{path} does not hold a key as 64 hex digits.")
        return "0x" + digits.lower()
    password = _read(password_variable, password_file).rstrip("\r\n")
    from eth_keyfile.keyfile import decode_keyfile_json

    try:
        return "0x" + bytes(decode_keyfile_json(json.loads(text), password.encode())).hex()
    except (ValueError, KeyError, TypeError, NotImplementedError):
        raise WrongConfiguration(key_variable, f"{path} is not a wallet file that the given password opens.") from None


def key_files(config: Config) -> dict[Holder, Path]:
    """Return where the keys lie that are configured."""
    files: dict[Holder, Path | None] = {"settler": config.settler_key_file, "attestor": config.attestor_key_file}
    return {holder: path for holder, path in files.items() if path is not None}


def _read(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongConfiguration(variable, f"{path} cannot be read ({type(error).__name__}).") from None

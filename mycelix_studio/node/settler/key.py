"""The settler's own key: a file with the key in hex, or a wallet file (Web3 Secret Storage v3) with its password in another file."""

from __future__ import annotations

import json
import os
from pathlib import Path

from mycelix_studio.node import logs
from mycelix_studio.node.config import Config, WrongConfiguration

log = logs.get("settler")


def load_key(config: Config) -> str | None:
    """Return the private key as 0x + 64 hex, None where no settler is configured. The message of an error never holds the key.

    Raises:
        WrongConfiguration: A file cannot be read or opened.
    """
    path = config.settler_key_file
    if path is None:
        return None
    text = _read("MYCELIX_SETTLER_KEY_FILE", path)
    if os.name == "posix" and path.stat().st_mode & 0o077:
        log.warning("others on this machine can read the settler's key; set its mode to 0600", file=str(path))
    if config.settler_password_file is None:
        digits = text.strip().removeprefix("0x")
        if len(digits) != 64 or not set(digits.lower()) <= set("0123456789abcdef") or not int(digits, 16):
            raise WrongConfiguration("MYCELIX_SETTLER_KEY_FILE", f"{path} does not hold a key as 64 hex digits.")
        return "0x" + digits.lower()
    password = _read("MYCELIX_SETTLER_PASSWORD_FILE", config.settler_password_file).rstrip("\r\n")
    from eth_keyfile.keyfile import decode_keyfile_json

    try:
        return "0x" + bytes(decode_keyfile_json(json.loads(text), password.encode())).hex()
    except (ValueError, KeyError, TypeError, NotImplementedError):
        raise WrongConfiguration(
            "MYCELIX_SETTLER_KEY_FILE", f"{path} is not a wallet file that the given password opens."
        ) from None


def _read(variable: str, path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise WrongConfiguration(variable, f"{path} cannot be read ({type(error).__name__}).") from None

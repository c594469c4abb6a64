"""One case of `faults keyring`, inside a D-Bus session with a real, unlocked Secret Service: STATE DEED FOLDER; prints one JSON line."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import secretstorage

from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.wallet import StudioWallet
from mycelix_studio.vault import keystore
from mycelix_studio.vault.errors import VaultError

KEY = "d47c" * 16


def main(state: str, deed: str, folder: Path) -> None:
    """Make an account, bring the keyring into a state, do the deed, say what came of it."""
    studio = open_studio(Paths(*(folder / name for name in ("config", "data", "cache", "logs"))).create())
    wallet = studio.wallet
    words, more = keystore.make_words(12), keystore.make_words(12)
    account = wallet.create(words, "Main")
    if deed == "sign":
        wallet.drill(account.address, words)
    secret = _spoil(state)
    deeds: dict[str, Callable[[], object]] = {
        "create": lambda: wallet.create(more, "Second"),
        "sign": wallet.unlock,
        "import": lambda: wallet.import_key(KEY, "Third"),
        "wipe": lambda: wallet.remove(account.address),
    }
    begun = time.monotonic()
    try:
        deeds[deed]()
        said = "ok"
    except VaultError as error:
        said = error.title
    seconds = time.monotonic() - begun
    found = _plain(folder, [KEY, " ".join(words[:2]), " ".join(more[:2]), secret])
    kept = _kept(wallet, deed, account.address)
    studio.close()
    print(json.dumps({"said": said, "seconds": seconds, "plain": found, "kept": kept}))


def _spoil(state: str) -> str:
    bus = secretstorage.dbus_init()
    ring = secretstorage.get_default_collection(bus)
    item = next(iter(ring.search_items({"service": "mycelix-studio"})))
    secret = item.get_secret().decode()
    if state == "locked":
        ring.lock()
    elif state == "wrong":
        item.set_secret(b"somebody else's secret")
    elif state == "changed":
        item.delete()
    elif state == "absent":
        os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"
    elif state == "hung":
        os.environ["PYTHON_KEYRING_BACKEND"] = "tests.fixtures.hung_keyring.Keyring"
    bus.close()
    return str(secret)


def _plain(folder: Path, secrets: list[str]) -> int:
    files = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return sum(secret.encode() in data for secret in secrets for data in files)


def _kept(wallet: StudioWallet, deed: str, address: str) -> bool:
    """Tell whether the account that was there before still is, unless it was wiped on purpose."""
    return deed == "wipe" or any(account.address == address for account in wallet.accounts())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]))

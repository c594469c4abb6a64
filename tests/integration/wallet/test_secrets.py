"""Words, keys and passphrases are in no file, log, repr or error of a profile that used them all."""

from __future__ import annotations

import contextlib
import gc
import logging
from pathlib import Path

import pytest

from mycelix_studio.errors import Known
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.wallet import StudioWallet
from tests.fixtures.ledger import Stage

pytestmark = pytest.mark.anvil

KEY = "0x" + "d47c" * 16
PASSPHRASE = "quince-lantern-otter-61"
EXPORT = "marble-tundra-falcon-88"


def test_no_secret_is_left_behind(
    wallet: StudioWallet, studio: Studio, stage: Stage, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    said: list[str] = []
    words = wallet.new_words()
    said += [repr(words), repr(wallet.create(words.words, "One", PASSPHRASE))]
    account = wallet.import_key(KEY, "Two", passphrase=PASSPHRASE)
    wallet.set_current(account.address)
    stage.rpc.request("anvil_setBalance", account.address, hex(10**18))
    (request,) = wallet.prepare([wallet.send_call(stage.artist.address, 5, symbol="ETH")])
    said += [repr(request), repr(wallet.sign_and_send(request, PASSPHRASE)), repr(wallet.activity())]
    attempts = [
        lambda: wallet.unlock(PASSPHRASE + "x"),
        lambda: wallet.import_key(KEY + "0", "Three"),
        lambda: wallet.import_words(" ".join(words.words[:11]), "Four"),
        lambda: wallet.sign_and_send(request, PASSPHRASE + "x"),
        lambda: wallet.export_keystore(account.address, tmp_path / "no" / "\0", EXPORT, passphrase=PASSPHRASE),
    ]
    for attempt in attempts:
        with contextlib.suppress(ValueError):
            try:
                attempt()
            except Known as error:
                said += [str(error), repr(error), repr(vars(error))]
    wallet.export_keystore(account.address, tmp_path / "export.json", EXPORT, passphrase=PASSPHRASE)
    said += [repr(wallet), repr(studio), caplog.text]
    secrets = [KEY[2:], PASSPHRASE, EXPORT, " ".join(words.words), words.words[0] + " " + words.words[1]]
    for text in said:
        for secret in secrets:
            assert secret not in text
    for file in tmp_path.rglob("*"):
        if not file.is_file():
            continue
        data = file.read_bytes()
        for secret in secrets:
            assert secret.encode() not in data, file
        assert bytes.fromhex(KEY[2:]) not in data, file
    gc.collect()
    held = [value for service in (wallet, wallet.context) for value in _attributes(service)]
    assert not [value for value in held if isinstance(value, str) and any(secret in value for secret in secrets)]


def _attributes(owner: object) -> list[object]:
    names = list(getattr(owner, "__dict__", {})) or list(getattr(type(owner), "__slots__", ()))
    return [getattr(owner, name, None) for name in names]

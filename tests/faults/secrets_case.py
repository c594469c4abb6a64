"""The window of `faults secrets`: does with secrets what a person does, then waits to be looked into. FOLDER on the command line.

Each line on standard input is one step with its secret, as from a keyboard; each is answered by one line. The last step is ``wait``.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from mycelix_studio import settings
from mycelix_studio.app import App
from mycelix_studio.errors import Known
from mycelix_studio.paths import Paths
from mycelix_studio.services.crash import log_to, write_report
from mycelix_studio.services.opening import open_studio
from mycelix_studio.ui.dialogs.wallet.base import secret_field
from mycelix_studio.ui.theme import DARK


def main(folder: Path) -> None:
    """Open the window and obey."""
    studio = open_studio(Paths(*(folder / name for name in ("config", "data", "cache", "logs"))).create())
    studio.settings.set(settings.RPC_URLS, "http://127.0.0.1:9")
    handler = log_to(studio.paths.logs)
    app = QApplication([])
    window = App(app, studio)
    window.window.set_welcomed()
    window.open()
    wallet = studio.wallet
    field = secret_field("Secret", DARK)
    field.show()
    addresses: list[str] = []

    def typed(secret: str) -> str:
        """Return a secret as it comes out of a field, and empty the field."""
        field.setText(secret)
        app.processEvents()
        text = field.text()
        field.clear()
        return text

    def words(secret: str) -> None:
        addresses.append(wallet.import_words(typed(secret), "Words").address)

    def key(secret: str) -> None:
        addresses.append(wallet.import_key(typed(secret), "Key").address)

    def keystore(secret: str) -> None:
        addresses.append(wallet.import_keystore(folder.parent / "other.json", typed(secret), "File").address)

    def passphrase(secret: str) -> None:
        wallet.change_passphrase(addresses[0], None, typed(secret))

    def changed(secret: str) -> None:
        old, new = json.loads(secret)
        wallet.change_passphrase(addresses[0], typed(old), typed(new))

    def unlock(secret: str) -> None:
        wallet.set_current(addresses[0])
        wallet.unlock(typed(secret))

    def wrong(secret: str) -> None:
        with contextlib.suppress(Known):
            wallet.unlock(typed(secret))

    def broken_words(secret: str) -> None:
        try:
            wallet.import_words(typed(secret), "Broken")
        except Known as error:
            write_report(studio.paths.logs, error)

    def broken_key(secret: str) -> None:
        try:
            wallet.import_key(typed(secret), "Broken")
        except Known as error:
            write_report(studio.paths.logs, error)

    def export(secret: str) -> None:
        wallet.export_keystore(addresses[1], folder.parent / "export.json", typed(secret))

    def lock(_secret: str) -> None:
        wallet.lock()

    steps: dict[str, Callable[[str], None]] = {
        "words": words, "key": key, "keystore": keystore, "passphrase": passphrase, "changed": changed, "unlock": unlock,
        "wrong": wrong, "broken-words": broken_words, "broken-key": broken_key, "export": export, "lock": lock,
    }  # fmt: skip
    while True:
        name, _tab, secret = _line().partition("\t")
        if name == "wait":
            break
        steps[name](secret)
        del secret
        app.processEvents()
        wallet.scrub_memory()  # as the dialogs do when they close
        _say("done")
    field.close()
    for _ in range(3):
        app.processEvents()
        gc.collect()
    _say("ready")
    _line()
    window.close()
    handler.close()


def _line() -> str:
    """Return one line without a buffer of our own keeping a copy of it."""
    taken = bytearray(4096)
    end = 0
    while (piece := os.read(0, 1)) not in {b"", b"\n"}:
        taken[end : end + 1] = piece
        end += 1
    text = taken[:end].decode()
    taken[:] = bytes(len(taken))
    return text


def _say(word: str) -> None:
    print(word, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]))

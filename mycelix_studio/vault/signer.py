"""The signing process: short-lived, not dumpable, the only place where a key is ever in memory.

It reads requests as JSON lines on standard input, answers as JSON lines on standard output, and ends when the input ends. Nothing
secret is on its command line or in its environment. Answers are ``{"ok": ...}`` or ``{"error": code, "text": ...}``; before an answer,
``{"stage": ...}`` lines tell the parent what it waits for.
"""

from __future__ import annotations

import json
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

from mycelix_studio.vault import keystore
from mycelix_studio.vault.errors import (
    AccountExists,
    BrokenWalletFile,
    DoesNotSign,
    NoWalletFile,
    VaultError,
    WordsWrong,
)
from mycelix_studio.vault.secrets import SecretStore, open_store

Request = dict[str, object]


def harden() -> None:
    """Forbid core dumps and, on Linux, every look into this process's memory by others of the same user."""
    if sys.platform == "win32":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        import ctypes

        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(4, 0, 0, 0, 0) != 0:  # PR_SET_DUMPABLE
            raise OSError(ctypes.get_errno(), "the process could not be made undumpable")


class Signer:
    """Answers requests. Holds the key only between ``open`` and the end of the process."""

    def __init__(self, output: TextIO) -> None:
        self._output = output
        self._key: bytes | None = None

    def say(self, answer: Request) -> None:
        """Write one line."""
        self._output.write(json.dumps(answer) + "\n")
        self._output.flush()

    def answer(self, request: Request) -> Request:
        """Return the answer to one request."""
        handlers: dict[object, Callable[[Request], Request]] = {
            "new_words": self._new_words,
            "address_of_words": self._address_of_words,
            "seal_words": self._seal_words,
            "seal_key": self._seal_key,
            "seal_keystore": self._seal_keystore,
            "open": self._open,
            "sign_transaction": self._sign_transaction,
            "sign_typed": self._sign_typed,
            "sign_text": self._sign_text,
            "export": self._export,
            "change_passphrase": self._change_passphrase,
            "forget": self._forget,
        }
        handler = handlers.get(request.get("op"))
        if handler is None:
            return {"error": "request", "text": "unknown request"}
        return handler(request)

    # accounts ---------------------------------------------------------------------------------------------------------------------

    def _new_words(self, request: Request) -> Request:
        words = keystore.make_words(24 if request.get("count") == 24 else 12)
        return {"words": words, "address": keystore.address_of(keystore.key_of_words(words, 0))}

    def _address_of_words(self, request: Request) -> Request:
        key = keystore.key_of_words(_words(request), _number(request, "index"))
        return {"address": keystore.address_of(key)}

    def _seal_words(self, request: Request) -> Request:
        index = _number(request, "index")
        return self._seal(keystore.key_of_words(_words(request), index), request) | {"path": keystore.path_of(index)}

    def _seal_key(self, request: Request) -> Request:
        return self._seal(keystore.parse_key(_text(request, "key")), request)

    def _seal_keystore(self, request: Request) -> Request:
        data = _text(request, "file").encode()
        return self._seal(keystore.unseal(data, _text(request, "file_passphrase"), None), request)

    def _seal(self, key: bytes, request: Request) -> Request:
        address = keystore.address_of(key)
        passphrase = _text(request, "passphrase")
        secret = keystore.new_secret()
        taken = request.get("taken")
        if isinstance(taken, list) and keystore.bare(address) in taken:
            raise AccountExists(address)
        self._store(request).set(keystore.bare(address), secret)
        data = keystore.seal(key, secret + passphrase, heavy=bool(passphrase), own_passphrase=bool(passphrase))
        return {"address": address, "file": data.decode()}

    def _forget(self, request: Request) -> Request:
        self._store(request).delete(keystore.bare(_text(request, "address")))
        return {}

    # an opened wallet file --------------------------------------------------------------------------------------------------------

    def _open(self, request: Request) -> Request:
        key, _secret = self._unsealed(request)
        self._key = key
        return {"address": keystore.address_of(key)}

    def _export(self, request: Request) -> Request:
        key, _secret = self._unsealed(request)
        return {"file": keystore.seal(key, _text(request, "export_passphrase"), heavy=True).decode()}

    def _change_passphrase(self, request: Request) -> Request:
        key, secret = self._unsealed(request)
        new = _text(request, "new")
        return {
            "file": keystore.seal(key, secret + new, heavy=bool(new), own_passphrase=bool(new)).decode(),
        }

    def _unsealed(self, request: Request) -> tuple[bytes, str]:
        address = _text(request, "address")
        try:
            data = Path(_text(request, "path")).read_bytes()
        except FileNotFoundError:
            raise NoWalletFile(address) from None
        except OSError as error:
            raise BrokenWalletFile(error.strerror or "it cannot be opened") from error
        keystore.parse(data)
        secret = self._store(request).get(keystore.bare(address))
        return keystore.unseal(data, secret + _text(request, "passphrase"), address), secret

    def _sign_transaction(self, request: Request) -> Request:
        from eth_account import Account

        fields = request.get("fields")
        if not isinstance(fields, dict):
            raise DoesNotSign("no fields")
        signed = Account.sign_transaction(fields, self._opened())
        return {"raw": "0x" + bytes(signed.raw_transaction).hex()}

    def _sign_typed(self, request: Request) -> Request:
        from eth_account import Account

        message = request.get("message")
        if not isinstance(message, dict):
            raise DoesNotSign("no message")
        signed = Account.sign_typed_data(self._opened(), full_message=message)
        return {"signature": "0x" + bytes(signed.signature).hex()}

    def _sign_text(self, request: Request) -> Request:
        from eth_account import Account
        from eth_account.messages import encode_defunct

        signed = Account.sign_message(encode_defunct(text=_text(request, "text")), self._opened())
        return {"signature": "0x" + bytes(signed.signature).hex()}

    def _opened(self) -> bytes:
        if self._key is None:
            raise DoesNotSign("nothing is opened")
        return self._key

    def _store(self, request: Request) -> SecretStore:
        self.say({"stage": "keyring"})
        store = open_store(
            _text(request, "store"), _text(request, "store_path"), lambda: self.say({"stage": "unlocking"})
        )
        return _Announced(store, lambda: self.say({"stage": "work"}))


class _Announced:
    """A store that tells when the keyring has answered, so that slow arithmetic afterwards is not taken for a silent keyring."""

    def __init__(self, store: SecretStore, answered: Callable[[], None]) -> None:
        self._store = store
        self._answered = answered

    def get(self, name: str) -> str:
        found = self._store.get(name)
        self._answered()
        return found

    def set(self, name: str, secret: str) -> None:
        self._store.set(name, secret)
        self._answered()

    def delete(self, name: str) -> None:
        self._store.delete(name)
        self._answered()


def _text(request: Request, name: str) -> str:
    value = request.get(name)
    return value if isinstance(value, str) else ""


def _number(request: Request, name: str) -> int:
    value = request.get(name)
    return value if isinstance(value, int) and 0 <= value < 2**31 else 0


def _words(request: Request) -> list[str]:
    words = request.get("words")
    if not isinstance(words, list):
        raise WordsWrong("There are no words.")
    return [str(word) for word in words]


def _spare_bls() -> None:
    """Keep eth-keyfile from loading the BLS curves of version 4 files, which are refused: two thirds of this process's start."""
    signatures, curve = types.ModuleType("py_ecc.bls"), types.ModuleType("py_ecc.bls12_381")
    vars(signatures)["G2ProofOfPossession"] = None
    vars(curve)["curve_order"] = 1
    sys.modules.update({signatures.__name__: signatures, curve.__name__: curve})


def serve(source: TextIO, output: TextIO) -> None:
    """Answer requests until the input ends."""
    signer = Signer(output)
    for line in source:
        try:
            signer.say({"ok": signer.answer(json.loads(line))})
        except VaultError as error:
            signer.say({"error": error.code, "title": error.title, "text": error.message, "hint": error.hint})
        except Exception as error:  # noqa: BLE001 - the process answers every request; a bug's type is told, never its values
            signer.say({"error": "signer", "text": type(error).__name__})


def main() -> None:
    """Run the process."""
    harden()
    _spare_bls()
    serve(sys.stdin, sys.stdout)


if __name__ == "__main__":
    main()

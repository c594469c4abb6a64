"""Wallet files and signatures for the rest of the program. Every key stays in a child process; see ``signer.py``.

Nothing here keeps a word, a key or a passphrase: they pass through as arguments.
"""

from __future__ import annotations

import contextlib
import io
import json
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from mycelix_studio.files import sync_folder, write_atomic
from mycelix_studio.paths import module_command
from mycelix_studio.vault import errors, keystore
from mycelix_studio.vault.errors import (
    AccountExists,
    BrokenWalletFile,
    KeyringSilent,
    NoWalletFile,
    SignerFailed,
    VaultError,
)
from mycelix_studio.vault.scrub import scrub_heap

_BOOT = "import sys; sys.path.insert(0, sys.argv[1]); from mycelix_studio.vault.signer import main; main()"
START_SECONDS = 20.0
KEYRING_SECONDS = 3.6
"""With the start of the signing process a person waits less than 5 seconds for a keyring that says nothing."""
UNLOCK_SECONDS = 60.0
WORK_SECONDS = 30.0

_ERRORS: dict[str, type[VaultError]] = {
    kind.code: kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, VaultError) and kind is not VaultError
}


@dataclass(frozen=True, slots=True)
class Sealed:
    """A new wallet file was written. ``path`` is the BIP-44 path, empty when not from words."""

    address: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds the signing process may take: to start and work, for the keyring to answer, for a person to unlock it."""

    start: float = START_SECONDS
    keyring: float = KEYRING_SECONDS
    unlock: float = UNLOCK_SECONDS
    work: float = WORK_SECONDS


class Vault:
    """The wallet files of one profile.

    Args:
        folder: Where they lie, one ``<address>.json`` each, readable by their owner only.
        throwaway_secrets: For a throw-away profile, the file that stands in for the system's keyring; None for the keyring.
        limits: How long to wait.
    """

    def __init__(self, folder: Path, *, throwaway_secrets: Path | None = None, limits: Limits | None = None) -> None:
        self.folder = folder
        self._secrets = throwaway_secrets
        self._limits = limits or Limits()

    # files ------------------------------------------------------------------------------------------------------------------------

    def addresses(self) -> tuple[str, ...]:
        """Return the addresses (lower case, 0x) of all wallet files."""
        found = sorted(path.stem for path in self.folder.glob("*.json") if len(path.stem) == 40)
        return tuple(f"0x{stem}" for stem in found)

    def file_of(self, address: str) -> Path:
        """Return where the wallet file of an address lies, or would."""
        return self.folder / f"{address.lower().removeprefix('0x')}.json"

    def has(self, address: str) -> bool:
        """Tell whether there is a wallet file of an address."""
        return self.file_of(address).is_file()

    def own_passphrase(self, address: str) -> bool:
        """Tell whether an account's file needs the person's own passphrase.

        Raises:
            NoWalletFile: There is none.
            BrokenWalletFile: It cannot be read.
        """
        try:
            return keystore.own_passphrase_of(self.file_of(address).read_bytes())
        except FileNotFoundError:
            raise NoWalletFile(address) from None
        except OSError as error:
            raise BrokenWalletFile(error.strerror or "it cannot be opened") from error

    # accounts ---------------------------------------------------------------------------------------------------------------------

    def new_words(self, count: int = 12) -> tuple[tuple[str, ...], str]:
        """Return new words and the address they give; nothing is kept."""
        with self._process() as signer:
            answer = signer.ask({"op": "new_words", "count": count})
        words = answer.get("words")
        return tuple(str(word) for word in words) if isinstance(words, list) else (), str(answer["address"])

    def address_of_words(self, words: Sequence[str], index: int = 0) -> str:
        """Return the address words restore.

        Raises:
            WordsWrong: They are not valid.
        """
        with self._process() as signer:
            return str(signer.ask({"op": "address_of_words", "words": list(words), "index": index})["address"])

    def add_words(self, words: Sequence[str], index: int = 0, passphrase: str | None = None) -> Sealed:
        """Keep an account of words. Raises WordsWrong, AccountExists and the keyring's errors."""
        return self._add({"op": "seal_words", "words": list(words), "index": index}, passphrase)

    def add_key(self, key: str, passphrase: str | None = None) -> Sealed:
        """Keep an account of a private key. Raises NotAKey, AccountExists and the keyring's errors."""
        return self._add({"op": "seal_key", "key": key}, passphrase)

    def add_keystore(self, data: bytes, file_passphrase: str, passphrase: str | None = None) -> Sealed:
        """Keep an account of another program's wallet file. Raises WrongPassphrase, BrokenWalletFile, AccountExists ..."""
        text = data.decode("utf-8", "replace")
        return self._add({"op": "seal_keystore", "file": text, "file_passphrase": file_passphrase}, passphrase)

    def _add(self, request: dict[str, object], passphrase: str | None) -> Sealed:
        taken = [address.removeprefix("0x") for address in self.addresses()]
        with self._process() as signer:
            answer = signer.ask({**request, **self._where(), "passphrase": passphrase or "", "taken": taken})
        address = str(answer["address"])
        path = self.file_of(address)
        if path.exists():
            raise AccountExists(address)
        write_atomic(path, str(answer["file"]).encode(), 0o600)
        return Sealed(address, str(answer.get("path") or ""))

    def export(self, address: str, export_passphrase: str, passphrase: str | None = None) -> bytes:
        """Return a v3 wallet file that opens with ``export_passphrase`` alone, in any program."""
        request = self._opening(address, passphrase) | {"op": "export", "export_passphrase": export_passphrase}
        with self._process() as signer:
            return str(signer.ask(request)["file"]).encode()

    def change_passphrase(self, address: str, old: str | None, new: str | None) -> None:
        """Set, change or remove the own passphrase; the file is replaced in one step."""
        request = self._opening(address, old) | {"op": "change_passphrase", "new": new or ""}
        with self._process() as signer:
            answer = signer.ask(request)
        write_atomic(self.file_of(address), str(answer["file"]).encode(), 0o600)

    def wipe(self, address: str) -> None:
        """Remove the wallet file and its keyring entry; the file first overwritten, as far as the disk allows it."""
        path = self.file_of(address)
        with self._process() as signer:
            signer.ask({"op": "forget", "address": address, **self._where()})
        with contextlib.suppress(FileNotFoundError):
            with path.open("r+b") as file:
                file.write(b"\0" * path.stat().st_size)
            path.unlink()
            sync_folder(path.parent)

    # signatures -------------------------------------------------------------------------------------------------------------------

    def check(self, address: str, passphrase: str | None = None) -> None:
        """Prove that keyring and passphrase open the wallet file. Raises as :meth:`open`."""
        with self.open(address, passphrase):
            pass

    @contextlib.contextmanager
    def open(self, address: str, passphrase: str | None = None) -> Iterator[Signing]:
        """Open a wallet file in a signing process that lives as long as the ``with`` block.

        Raises:
            KeyringAbsent, KeyringLocked, KeyringSilent, SecretMissing: The keyring.
            WrongPassphrase: The passphrase.
            NoWalletFile, BrokenWalletFile, WalletFileReplaced: The file.
        """
        with self._process() as signer:
            signer.ask(self._opening(address, passphrase) | {"op": "open"})
            yield Signing(signer)

    def _opening(self, address: str, passphrase: str | None) -> dict[str, object]:
        path = self.file_of(address)
        if not path.is_file():
            raise NoWalletFile(address)
        return {"address": address, "path": str(path), "passphrase": passphrase or "", **self._where()}

    def _where(self) -> dict[str, object]:
        if self._secrets is not None:
            return {"store": "file", "store_path": str(self._secrets)}
        return {"store": "keyring", "store_path": ""}

    @contextlib.contextmanager
    def _process(self) -> Iterator[_Process]:
        process = _Process(self._limits)
        try:
            yield process
        finally:
            process.close()
            scrub_heap()


@dataclass(frozen=True, slots=True)
class Signing:
    """An opened wallet file in its signing process."""

    _process: _Process = field(repr=False)

    def transaction(self, fields: Mapping[str, object]) -> bytes:
        """Return a signed EIP-1559 transaction, raw.

        Args:
            fields: As eth-account takes them; ``data`` as bytes or 0x hex.
        """
        plain = {key: "0x" + value.hex() if isinstance(value, bytes) else value for key, value in fields.items()}
        return _hex(self._process.ask({"op": "sign_transaction", "fields": plain}), "raw")

    def typed(self, message: Mapping[str, object]) -> str:
        """Return the signature of an EIP-712 message as 0x + 130 hex."""
        return "0x" + _hex(self._process.ask({"op": "sign_typed", "message": dict(message)}), "signature").hex()

    def text(self, text: str) -> str:
        """Return the EIP-191 signature of a text as 0x + 130 hex."""
        return "0x" + _hex(self._process.ask({"op": "sign_text", "text": text}), "signature").hex()


def _hex(answer: Mapping[str, object], name: str) -> bytes:
    value = answer.get(name)
    if not isinstance(value, str):
        raise SignerFailed("it gave no signature")
    return bytes.fromhex(value.removeprefix("0x"))


class _Process:
    """One signing process and the thread that reads its lines."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._process = subprocess.Popen(  # noqa: S603 - our own program; secrets go through the pipe only
            signer_command(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,  # no buffer of ours keeps a copy of what was written
            close_fds=True,
        )
        self._lines: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._reader = threading.Thread(target=self._read, name="signer-reader", daemon=True)
        self._reader.start()

    def _read(self) -> None:
        output = self._process.stdout
        if output is not None:
            with io.BufferedReader(output) as lines:  # type: ignore[type-var]
                for line in lines:
                    self._lines.put(line.decode())
        self._lines.put(None)

    def ask(self, request: Mapping[str, object]) -> Mapping[str, object]:
        """Return the answer to one request, or raise what the process answered.

        Raises:
            KeyringSilent: The keyring did not answer in time.
            SignerFailed: The process ended or took too long.
            VaultError: What it answered.
        """
        pipe = self._process.stdin
        if pipe is None:
            raise SignerFailed
        try:
            _write(pipe, request)
        except OSError as error:
            raise SignerFailed("it ended") from error
        stage = "start"
        limits = {
            "start": self._limits.start,
            "keyring": self._limits.keyring,
            "unlocking": self._limits.unlock,
            "work": self._limits.work,
        }
        while True:
            try:
                line = self._lines.get(timeout=limits.get(stage, self._limits.work))
            except queue.Empty:
                self.kill()
                raise KeyringSilent if stage in {"keyring", "unlocking"} else SignerFailed("it took too long") from None
            if line is None:
                raise SignerFailed("it ended")
            answer = json.loads(line)
            if "stage" in answer:
                stage = str(answer["stage"])
                continue
            if "error" in answer:
                raise _error(answer)
            result = answer.get("ok")
            return result if isinstance(result, dict) else {}

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    def close(self) -> None:
        """End it: close its input, wait a moment, then kill it; the key's memory goes with the process."""
        pipe = self._process.stdin
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
        deadline = time.monotonic() + 2
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._reader.join()
        if self._process.stdout is not None:
            self._process.stdout.close()


def _write(pipe: IO[bytes], request: Mapping[str, object]) -> None:
    """Write a request as one line, from a buffer that is wiped afterwards: it may hold words, a key or a passphrase."""
    import msgspec

    line = bytearray()
    msgspec.json.Encoder().encode_into(dict(request), line)
    line += b"\n"
    try:
        with memoryview(line) as view:
            sent = 0
            while sent < len(view):
                sent += pipe.write(view[sent:]) or 0
    finally:
        line[:] = bytes(len(line))


def signer_command() -> list[str]:
    """Return the command of the signing process. Isolated from the environment's Python settings; secrets are never in it."""
    if getattr(sys, "frozen", False):
        return module_command("mycelix_studio.vault.signer")
    root = Path(__file__).resolve().parents[2]
    return [sys.executable, "-I", "-c", _BOOT, str(root)]


def _error(answer: Mapping[str, object]) -> VaultError:
    kind = _ERRORS.get(str(answer["error"]), SignerFailed)
    if "title" not in answer:
        return SignerFailed(str(answer.get("text") or ""))
    error = kind.__new__(kind)
    title, text, hint = (str(answer.get(name) or "") for name in ("title", "text", "hint"))
    VaultError.__init__(error, title, text, hint)
    return error

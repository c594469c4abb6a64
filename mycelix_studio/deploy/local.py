"""A local chain (anvil) for tests, the demo and trying things out: starts on a free loopback port, ends with the program that began it."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from mycelix_studio.chain.rpc import Rpc
from mycelix_studio.errors import Known

CHAIN_ID = 31337
MNEMONIC = "test test test test test test test test test test test junk"
"""The words every local chain's rich accounts come from. Public: never for a real network."""
DEPLOYER_KEY = "0x" + "ac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80"
"""Key of the first rich account of a local chain. Public: never for a real network."""  # pragma: allowlist secret


class NoAnvil(Known):
    """The program for local chains is not installed."""

    def __init__(self) -> None:
        super().__init__(
            "No local chain",
            "The program anvil was not found; it comes with the contracts' npm packages.",
            "Run “npm ci” in contracts/ (it needs Node 20 or newer), or put anvil on your PATH.",
        )


def find_anvil(root: Path | None = None) -> Path:
    """Return anvil's own program: from ``MYCELIX_ANVIL``, ``contracts/node_modules`` below ``root``, or the PATH.

    The program itself is preferred to npm's wrapper, so that ending it by its id ends the chain and not only the wrapper.

    Raises:
        NoAnvil: Not found.
    """
    named = os.environ.get("MYCELIX_ANVIL")
    if named and Path(named).is_file():
        return Path(named)
    base = root or Path(__file__).resolve().parents[2]
    packages = base / "contracts" / "node_modules" / "@foundry-rs"
    for found in sorted(packages.glob("anvil-*/bin/anvil*")):
        if found.is_file():
            return found
    on_path = shutil.which("anvil")
    if on_path is None:
        raise NoAnvil
    return Path(on_path)


class LocalChain:
    """One running anvil. Use as a context manager, or call :meth:`stop`.

    Attributes:
        url: HTTP address of its JSON-RPC, on 127.0.0.1.
        pid: Its process.
    """

    def __init__(self, process: subprocess.Popen[bytes], url: str, log: Path) -> None:
        self._process = process
        self._log = log
        self.url = url
        self.pid = process.pid

    @classmethod
    def start(
        cls,
        *,
        chain_id: int = CHAIN_ID,
        timestamp: int | None = None,
        accounts: int = 10,
        port: int = 0,
        options: Sequence[str] = (),
        prefix: Sequence[str] = (),
        root: Path | None = None,
        seconds: float = 30.0,
    ) -> LocalChain:
        """Start a chain that makes a block for every transaction.

        Args:
            chain_id: Its id.
            timestamp: Unix time of its first block; now when None.
            accounts: Rich accounts, of :data:`MNEMONIC`.
            port: Port; 0 for any free one.
            options: More of anvil's own options.
            prefix: Program that starts anvil, with its arguments, such as one that ends it with this process.
            root: Checkout to look for anvil in.
            seconds: How long it may take to start.

        Raises:
            NoAnvil: It is not installed.
            Known: It did not start, for instance because the port is in use; the message says what it printed.
        """
        command = [*prefix, str(find_anvil(root)), "--port", str(port), "--chain-id", str(chain_id)]
        command += ["--accounts", str(accounts), "--balance", "1000000", "--mnemonic", MNEMONIC]
        if timestamp is not None:
            command += ["--timestamp", str(timestamp)]
        command += options
        handle, name = tempfile.mkstemp(prefix="mycelix-anvil-", suffix=".log")
        with os.fdopen(handle, "wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        path = Path(name)
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            text = path.read_text(errors="replace")
            if "Listening on " in text:
                address = text.split("Listening on ", 1)[1].split()[0]
                return cls(process, f"http://{address}", path)
            if process.poll() is not None:
                path.unlink()
                raise Known("The local chain did not start", text.strip()[-400:], "Try another port, or port 0.")
            time.sleep(0.02)
        process.kill()
        process.wait()
        path.unlink()
        raise Known("The local chain did not start", f"It did not answer within {seconds:g} seconds.", "Try again.")

    def rpc(self, timeout: float = 30.0) -> Rpc:
        """Return a new client of it."""
        return Rpc([self.url], chain_id=None, timeout=timeout)

    def stop(self) -> None:
        """End it and wait until it has ended. May be called twice."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._log.unlink(missing_ok=True)

    def __enter__(self) -> LocalChain:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.stop()

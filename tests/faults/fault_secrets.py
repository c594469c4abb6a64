"""`faults secrets`: twelve seeded secrets go through a real window with a real keyring; none may be found anywhere afterwards.

Looked at: every file of the profile (settings, cache, logs, crash reports, wallet files), command lines and environments of every process
while they ran, and all memory of the window's process (`/proc/PID/mem`), as text in UTF-8 and UTF-16, as hex and as raw bytes.
What the person types passes through the window; keys and the keyring's secrets never do. Both are counted.
"""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.bench.rows import Row

ROOT = Path(__file__).resolve().parents[2]
SYLLABLES = [
    "ba",
    "ce",
    "di",
    "fo",
    "gu",
    "ha",
    "je",
    "ki",
    "lo",
    "mu",
    "na",
    "pe",
    "ri",
    "so",
    "tu",
    "va",
    "we",
    "xi",
    "yo",
    "zu",
]


@dataclass(frozen=True, slots=True)
class Secret:
    """One seeded secret.

    Attributes:
        name: For the report.
        forms: The bytes it must not be found as.
        typed: The person types it, so it passes through the window.
    """

    name: str
    forms: tuple[bytes, ...]
    typed: bool


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Do everything once; ``large`` three times."""
    if not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")):
        raise SystemExit("faults secrets needs dbus-run-session and gnome-keyring: apt install dbus gnome-keyring")
    found: dict[str, int] = {}
    secrets = 0
    for number in range(3 if large else 1):
        secrets, hits = _once(seed + number)
        for place, count in hits.items():
            found[place] = found.get(place, 0) + count
    yield Row("secrets", secrets, "", 12, ">=")
    for place in (
        "files",
        "command lines and environments",
        "keys in the window's memory",
        "typed, in the window's memory",
    ):
        yield Row(f"found in {place}" if "memory" not in place else place, found.get(place, 0), "", 0, "<=")


def _once(seed: int) -> tuple[int, dict[str, int]]:
    from mycelix_studio.vault import keystore

    chance = random.Random(seed)
    phrase = lambda: "-".join("".join(chance.choice(SYLLABLES) for _ in range(4)) for _ in range(3))  # noqa: E731
    words = keystore.make_words(12)
    broken_words = keystore.make_words(12)[:11]
    keys = [keystore.key_of_words(words, 0), chance.randbytes(32), chance.randbytes(32)]
    own, new, wrong, export, file_phrase = (phrase() for _ in range(5))
    broken_key = chance.randbytes(32).hex() + "0"
    steps = [
        ("words", " ".join(words)), ("key", keys[1].hex()), ("keystore", file_phrase), ("passphrase", own),
        ("unlock", own), ("changed", f'["{own}", "{new}"]'), ("wrong", wrong), ("broken-words", " ".join(broken_words)),
        ("broken-key", broken_key), ("export", export), ("lock", ""),
    ]  # fmt: skip
    secrets = [
        *(
            Secret(f"key {n}", (key, key.hex().encode()) if n != 1 else (key,), typed=False)
            for n, key in enumerate(keys)
        ),
        _typed("the words", " ".join(words)),
        _typed("an imported key", keys[1].hex()),
        _typed("the passphrase of a wallet file", file_phrase),
        _typed("a passphrase", own),
        _typed("a new passphrase", new),
        _typed("a wrong passphrase", wrong),
        _typed("words with one missing", " ".join(broken_words)),
        _typed("a key with a digit too many", broken_key),
        _typed("the passphrase of an export", export),
    ]
    with tempfile.TemporaryDirectory(prefix="faults-secrets-") as name:
        folder = Path(name)
        (folder / "other.json").write_bytes(keystore.seal(keys[2], file_phrase, heavy=False))
        watch = _Watch()
        memory, ring = _carry_out(folder, steps, watch)
        secrets += [Secret("a secret of the keyring", (item,), typed=False) for item in ring]
        allowed = {folder / "other.json", folder / "export.json"}
        files = [path.read_bytes() for path in folder.rglob("*") if path.is_file() and path not in allowed]
        hits = {
            "files": sum(_in(secret, data) for secret in secrets for data in files),
            "command lines and environments": sum(_in(secret, b"\0".join(watch.seen)) for secret in secrets),
        }
    for secret in secrets:
        place = "typed, in the window's memory" if secret.typed else "keys in the window's memory"
        count = sum(memory.count(form) for form in secret.forms)
        hits[place] = hits.get(place, 0) + count
        if count:
            print(f"  {secret.name}: {count} in memory", file=sys.stderr)
    return len(secrets), hits


def _typed(name: str, text: str) -> Secret:
    return Secret(name, (text.encode(), text.encode("utf-16-le")), typed=True)


def _in(secret: Secret, data: bytes) -> bool:
    return any(form in data for form in secret.forms)


def _carry_out(folder: Path, steps: list[tuple[str, str]], watch: _Watch) -> tuple[bytes, list[bytes]]:
    """Run the window through the steps; return its memory and the keyring's secrets."""
    runtime = tempfile.mkdtemp(prefix="faults-secrets-run-")
    environment = {key: value for key, value in os.environ.items() if key != "PYTHON_KEYRING_BACKEND"}
    environment |= {
        "HOME": runtime,
        "XDG_RUNTIME_DIR": runtime,
        "PYTHONPATH": str(ROOT),
        "QT_QPA_PLATFORM": "offscreen",
    }
    command = (
        'printf "login" | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1; '
        f'echo $$; "{sys.executable}" -m tests.faults.secrets_case "{folder / "profile"}"; '
        f'"{sys.executable}" -c "{_READ_RING}"'
    )
    process = subprocess.Popen(
        ["dbus-run-session", "--", "sh", "-c", command],
        env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    try:
        shell = int(process.stdout.readline())
        watch.start(process.pid)
        for step, secret in steps:
            process.stdin.write(f"{step}\t{secret}\n".encode())
            process.stdin.flush()
            if process.stdout.readline() != b"done\n":
                raise SystemExit(f"the window ended at step {step}")
        process.stdin.write(b"wait\n")
        process.stdin.flush()
        if process.stdout.readline() != b"ready\n":
            raise SystemExit("the window ended before it could be looked into")
        window = next(pid for pid in _children(shell) if b"secrets_case" in _read(pid, "cmdline"))
        memory = _memory(window)
        process.stdin.write(b"\n")
        process.stdin.close()
        ring = [bytes.fromhex(line.decode()) for line in process.stdout.read().split()]
        process.wait(60)
    finally:
        watch.stop()
        if process.poll() is None:
            process.kill()
            process.wait()
        shutil.rmtree(runtime, ignore_errors=True)
    return memory, ring


_READ_RING = (
    "import secretstorage; bus = secretstorage.dbus_init(); ring = secretstorage.get_default_collection(bus); "
    "print(*(item.get_secret().hex() for item in ring.search_items({'service': 'mycelix-studio'})))"
)


class _Watch:
    """Notes command lines and environments of a process and all its descendants while they run."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, pid: int) -> None:
        """Begin to look."""
        self._thread = threading.Thread(target=self._loop, args=(pid,), name="watch")
        self._thread.start()

    def _loop(self, pid: int) -> None:
        while not self._stop.is_set():
            for child in (pid, *_descendants(pid)):
                self.seen |= {_read(child, "cmdline"), _read(child, "environ")}
            self._stop.wait(0.02)

    def stop(self) -> None:
        """End it."""
        self._stop.set()
        if self._thread is not None:
            self._thread.join()


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""  # it ended, or may not be looked into


def _children(pid: int) -> list[int]:
    return [int(child) for child in _read(pid, f"task/{pid}/children").split()]


def _descendants(pid: int) -> list[int]:
    found = []
    for child in _children(pid):
        found += [child, *_descendants(child)]
    return found


def _memory(pid: int) -> bytes:
    """Return everything a process can write to: heap, stacks, anonymous memory."""
    found = bytearray()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in _read(pid, "maps").decode().splitlines():
            span, rights, *_rest = line.split()
            if not rights.startswith("rw") or "[v" in line:
                continue
            begin, end = (int(part, 16) for part in span.split("-"))
            memory.seek(begin)
            try:
                while begin < end:
                    piece = memory.read(min(end - begin, 1 << 24))
                    if not piece:
                        break
                    found += piece
                    begin += len(piece)
            except OSError:
                continue  # a page that cannot be read by anybody
    return bytes(found)

"""`faults keyring`: a real Secret Service in six states, four deeds in each: each failure has its own message, soon, nothing in plain."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.bench.rows import Row

STATES = ("unlocked", "locked", "absent", "wrong", "hung", "changed")
DEEDS = ("create", "sign", "import", "wipe")
ROOT = Path(__file__).resolve().parents[2]
EXPECTED = {
    "locked": {"The keyring is locked"},
    "absent": {"No keyring on this system"},
    "hung": {"The keyring does not answer"},
}
"""What every deed must say; a wrong or missing entry hinders nothing but signing."""
WHEN_SIGNING = {"wrong": {"Wrong passphrase"}, "changed": {"The keyring entry of this wallet is missing"}}


def run(*, large: bool, seed: int) -> Iterable[Row]:
    """Go through the 24 cases."""
    if not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")):
        raise SystemExit("faults keyring needs dbus-run-session and gnome-keyring: apt install dbus gnome-keyring")
    messages: dict[str, set[str]] = {}
    slowest = 0.0
    unexpected, plain, lost = [], 0, 0
    for state in STATES:
        for deed in DEEDS:
            found = _case(state, deed)
            said = str(found["said"])
            expected = EXPECTED.get(state) or (WHEN_SIGNING.get(state) if deed == "sign" else None) or {"ok"}
            if said not in expected:
                unexpected.append(f"{state}, {deed}: {said}")
            if said != "ok":
                messages.setdefault(said, set()).add(state)
            slowest = max(slowest, float(str(found["seconds"])))
            plain += int(str(found["plain"]))
            lost += not found["kept"]
    yield Row("cases", len(STATES) * len(DEEDS), "", 24, ">=")
    for words, states in sorted(messages.items()):
        yield Row(f"  {words} ({', '.join(sorted(states))})", len(states))
    for line in unexpected:
        yield Row(f"  not expected: {line}", 1)
    yield Row("answers not expected", len(unexpected), "", 0, "<=")
    yield Row("distinct messages", len(messages), "", 4, ">=")
    yield Row("longest wait", slowest, "s", 5, "<=")
    yield Row("secrets in plain", plain, "", 0, "<=")
    yield Row("accounts lost", lost, "", 0, "<=")


def _case(state: str, deed: str) -> dict[str, object]:
    with tempfile.TemporaryDirectory(prefix="faults-keyring-") as name:
        folder = Path(name)
        environment = {key: value for key, value in os.environ.items() if key != "PYTHON_KEYRING_BACKEND"}
        environment |= {"HOME": name, "XDG_RUNTIME_DIR": name, "PYTHONPATH": str(ROOT)}
        command = (
            'printf "login" | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1; '
            f'exec "{sys.executable}" -m tests.faults.keyring_case {state} {deed} "{folder / "profile"}"'
        )
        done = subprocess.run(
            ["dbus-run-session", "--", "sh", "-c", command],
            env=environment, cwd=ROOT, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{state}, {deed}: {done.stderr[-800:]}")
    found: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return found

"""Four states of a real keyring, each with its own words, and no secret anywhere but in it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.vault.errors import KeyringAbsent

SCRIPT = """
import json, sys, time
from pathlib import Path
import secretstorage
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.vault.errors import VaultError

root = Path(sys.argv[1])
paths = Paths(root / "config", root / "data", root / "cache", root / "logs").create()
said = {}

def attempt(name, action):
    begun = time.monotonic()
    try:
        action()
        said[name] = "ok"
    except VaultError as error:
        said[name] = error.title
    said[name + " seconds"] = time.monotonic() - begun

studio = open_studio(paths)
wallet = studio.wallet
words = wallet.new_words()
account = wallet.create(words.words, "Main")
wallet.drill(account.address, words.words)
wallet.lock()
attempt("unlocked", wallet.unlock)
bus = secretstorage.dbus_init()
secrets = secretstorage.get_default_collection(bus)
entry = next(iter(secrets.search_items({"service": "mycelix-studio"})))
held = entry.get_secret()
entry.delete()
attempt("missing", wallet.unlock)
secrets.create_item("mycelix", {"service": "mycelix-studio", "username": account.address[2:].lower(), "application": "x"}, b"other")
attempt("wrong", wallet.unlock)
secrets.lock()
attempt("locked", wallet.unlock)
studio.close()
said["secret"] = held.decode()
said["words"] = " ".join(words.words)
print(json.dumps(said))
"""


@pytest.mark.secret_service
@pytest.mark.skipif(
    not (shutil.which("dbus-run-session") and shutil.which("gnome-keyring-daemon")),
    reason="needs dbus-run-session and gnome-keyring",
)
def test_a_real_keyring_unlocked_missing_wrong_and_locked(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(textwrap.dedent(SCRIPT))
    home = tmp_path / "home"
    home.mkdir()
    environment = {key: value for key, value in os.environ.items() if key != "PYTHON_KEYRING_BACKEND"}
    environment |= {"HOME": str(home), "XDG_RUNTIME_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[3])}
    inner = (
        'printf "login" | gnome-keyring-daemon --unlock --components=secrets --daemonize >/dev/null 2>&1; '
        f'exec "{sys.executable}" -W error "{script}" "{tmp_path / "profile"}"'
    )
    done = subprocess.run(
        ["dbus-run-session", "--", "sh", "-c", inner],
        env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["unlocked"] == "ok"
    assert said["missing"] == "The keyring entry of this wallet is missing"
    assert said["wrong"] in {"Wrong passphrase", "The keyring entry of this wallet is missing"}
    assert said["locked"] in {"The keyring is locked", "The keyring does not answer"}
    assert len({said["missing"], said["locked"]}) == 2
    for name in ("unlocked", "missing", "wrong"):
        assert said[f"{name} seconds"] < 5
    for file in (tmp_path / "profile").rglob("*"):
        if file.is_file():
            data = file.read_bytes()
            assert said["secret"].encode() not in data, file
            assert said["words"].encode() not in data, file
            assert said["words"].split()[0].encode() + b" " + said["words"].split()[1].encode() not in data, file


def test_without_a_keyring_nothing_is_kept_and_the_message_says_so(tmp_path: Path) -> None:
    folders = [tmp_path / name for name in ("config", "data", "cache", "logs")]
    studio = open_studio(Paths(*folders).create())  # a person's own profile: only the system's keyring will do
    try:
        words = studio.wallet.new_words()
        with pytest.raises(KeyringAbsent) as caught:
            studio.wallet.create(words.words, "Main")
        assert "No keyring" in caught.value.title
        assert studio.wallet.accounts() == ()
        assert list(studio.paths.keystores.glob("*")) == []
    finally:
        studio.close()

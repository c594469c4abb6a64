"""An artist's whole way without a window: from nothing to a song that earns, on a real node and a real chain."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from mycelix_studio.deploy.local import LocalChain
from tests.fixtures.cli import Said, mycelix
from tests.fixtures.ledger import Stage
from tests.fixtures.node import NodeProcess
from tests.integration.api.test_queue import tone

pytestmark = [pytest.mark.anvil, pytest.mark.postgres]


@pytest.fixture
def profile(tmp_path: Path, node: NodeProcess, stage: Stage, anvil: LocalChain) -> Path:
    """A profile made by commands only, with an account that can pay for its signatures."""
    folder = tmp_path / "profile"
    deployments = folder / "config" / "deployments"
    deployments.mkdir(parents=True)
    (deployments / "31337.json").write_bytes(stage.deployment_file.read_bytes())
    done = mycelix(
        "setup", "--server", node.url, "--network", "local", "--rpc", anvil.url, "--artist-name", "Ada Lark", profile=folder
    )  # fmt: skip
    assert "answers, version" in done.out
    words = tmp_path / "words"
    address = mycelix("wallet", "create", "Main", "--words-file", words, "--json", profile=folder).data["address"]
    assert words.stat().st_mode & 0o077 == 0
    assert (
        mycelix("wallet", "practise", "Main", "--secret-file", "-", profile=folder, stdin=words.read_text()).code == 0
    )
    stage.rpc.request("anvil_setBalance", address, hex(10**19))
    return folder


def test_from_a_file_to_a_song_that_earns_and_on(
    profile: Path, stage: Stage, tmp_path: Path, node: NodeProcess
) -> None:
    file = tone(tmp_path, "Low Lamp")
    rehearsal = mycelix("upload", file, "--price", "0.01", "--dry-run", "--json", profile=profile)
    assert rehearsal.data["files"] == [{"file": str(file), "bytes": file.stat().st_size}]
    assert mycelix("library", "list", "--json", profile=profile).data == []

    unasked = mycelix("upload", file, "--price", "0.01", "--json", profile=profile, ok=False)
    assert unasked.code == 3, "nobody agreed to sign"
    assert "repeat with --yes" in unasked.err
    (uploaded,) = unasked.data
    assert (uploaded["state"], uploaded["strategies"]) == ("done", [])

    done = mycelix("upload", file, "--strategy", "pay-per-stream", "--price", "0.01", "--yes", profile=profile)
    assert "Register" in done.err
    song = stage.ledger.song(uploaded["songId"]).read(stage.rpc)
    assert song.price == 10**16

    rehearsed = mycelix(
        "strategy", "set", "Low Lamp", "--price", "0.02", "--strategy", "pay-per-stream", "--strategy", "patronage", "--dry-run",
        "--json", profile=profile,
    )  # fmt: skip
    assert rehearsed.data["signatures"] == 3, "the price, the ways, and the patrons' terms"
    assert stage.ledger.song(uploaded["songId"]).read(stage.rpc).price == 10**16
    changed = mycelix(
        "strategy", "set", uploaded["songId"], "--price", "0.02", "--strategy", "pay-per-stream", "--strategy", "patronage", "--yes",
        "--json", profile=profile,
    )  # fmt: skip
    assert {row["state"] for row in changed.data} <= {"mined", "final"}
    (listed,) = mycelix("strategy", "list", "--json", profile=profile).data
    terms = listed["songs"][0]["terms"]
    assert (terms["price"], terms["strategies"]) == (str(2 * 10**16), ["pay-per-stream", "patronage"])
    parts = mycelix("strategy", "preview", "Low Lamp", "--gross", "1", "--json", profile=profile).data["parts"]
    assert sum(int(part["amount"]) for part in parts) == 10**18

    _the_scaffolded_listener_plays_it(tmp_path, node)
    synced = mycelix("sync", "--json", profile=profile).data
    assert synced["rows"]["play"] == 1
    figures = mycelix("stats", "mine", "--range", "7d", "--json", profile=profile).data
    assert (figures["plays"], figures["listeners"]) == (1, 1)
    assert "Low Lamp" in mycelix("stats", "mine", "--range", "all", profile=profile).out


def _the_scaffolded_listener_plays_it(tmp_path: Path, node: NodeProcess) -> None:
    project = tmp_path / "listener"
    mycelix("scaffold", "python-listener", project, "--server", node.url)
    assert node.url in (project / "README.md").read_text()
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:pytestqt"],
        cwd=project,
        env={**os.environ, "MYCELIX_SERVER": node.url, "MYCELIX_CHAIN_ID": "31337"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    again = mycelix("scaffold", "python-listener", project, ok=False)
    assert again.error is not None and "is not empty" in again.error.title


def test_money_is_sent_after_it_was_shown_and_agreed_to(profile: Path, stage: Stage) -> None:
    friend = "0x3C44CdDdB6a900fa2b585dd299e03d12FA4293BC"
    before = stage.rpc.balance(friend)
    shown = mycelix("wallet", "send", friend, "0.5", "--symbol", "ETH", "--dry-run", "--json", profile=profile).data
    assert shown["requests"][0]["refused"] is None
    sent = mycelix("wallet", "send", friend, "0.5", "--symbol", "ETH", "--yes", "--json", profile=profile).data
    assert sent[0]["state"] in ("mined", "final")
    assert stage.rpc.balance(friend) == before + 5 * 10**17
    rows = mycelix("wallet", "activity", "--json", profile=profile).data
    assert rows[0]["transactionHash"] == sent[0]["transactionHash"]
    (held,) = mycelix("wallet", "balance", "--json", profile=profile).data
    assert 9 * 10**18 < int(held["native"]) < 95 * 10**17


def test_an_account_goes_to_another_computer_and_back(profile: Path, tmp_path: Path) -> None:
    def secret(name: str, text: str) -> Path:
        (tmp_path / name).write_text(text + "\n")
        return tmp_path / name

    address = mycelix("wallet", "list", "--json", profile=profile).data[0]["address"]
    file = tmp_path / "main.json"
    mycelix("wallet", "export", "Main", file, "--secret-file", secret("out", "carried-over"), profile=profile)
    other = tmp_path / "other"
    wrong = mycelix(
        "wallet", "import", "keystore", "--file", file, "--secret-file", secret("no", "guess"), profile=other, ok=False
    )  # fmt: skip
    assert wrong.error is not None
    mycelix(
        "wallet", "import", "keystore", "--file", file, "--secret-file", tmp_path / "out", "--name", "There",
        "--own-passphrase-file", secret("own", "mine-alone"), profile=other,
    )  # fmt: skip
    (there,) = mycelix("wallet", "list", "--json", profile=other).data
    assert (there["address"], there["ownPassphrase"], there["canSign"]) == (address, True, True)
    mycelix("wallet", "passphrase", "There", "--old-file", tmp_path / "own", "--none", profile=other)
    assert not mycelix("wallet", "list", "--json", profile=other).data[0]["ownPassphrase"]
    kept = mycelix("wallet", "remove", "There", profile=other, ok=False)
    assert kept.code == 3
    mycelix("wallet", "remove", "There", "--yes", profile=other)
    assert mycelix("wallet", "list", "--json", profile=other).data == []


def test_the_doctor_finds_everything_well_and_then_what_is_not(profile: Path) -> None:
    def levels(said: Said) -> dict[str, str]:
        return {f"{each['stage']}: {each['name']}": each["level"] for each in said.data["findings"]}

    well = levels(mycelix("doctor", "--json", profile=profile))
    assert well["chain: Contracts"] == well["cache: Cache"] == well["window: Qt"] == "ok"
    assert well["keyring: Account “Main”"] == "ok"
    for name in ("network.rpc_urls", "platform.url"):
        mycelix("settings", "set", name, "http://127.0.0.1:9", profile=profile)
    ill = mycelix("doctor", "--json", profile=profile, ok=False)
    assert ill.code == 1
    assert levels(ill)["chain: 127.0.0.1:9"] == levels(ill)["platform: 127.0.0.1:9"] == "failed"
    assert levels(ill)["chain: Contracts"] == "not-checked"


def test_an_error_is_json_when_json_was_asked_for(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mycelix_studio.cli.main", "stats", "mine", "--json", "--profile-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["hint"] == "Run `mycelix sync` once."

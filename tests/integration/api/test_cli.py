"""The commands of an artist as somebody runs them: in a process of their own, on a real node."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from mycelix_studio.domain.cid import digest_file
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.settings import API_URL, ARTIST_NAME, CHAIN_ID
from tests.fixtures.node import NodeProcess
from tests.integration.api.conftest import api_of
from tests.integration.api.test_queue import tone


def mycelix(profile: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mycelix_studio.cli.main", *words, "--profile-dir", str(profile)],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=90,
        stdin=subprocess.DEVNULL,
        check=False,
    )


@pytest.fixture(scope="module")
def profile(tmp_path_factory: pytest.TempPathFactory, node: NodeProcess) -> Iterator[Path]:
    """A profile with a proven account whose server is the node."""
    folder = tmp_path_factory.mktemp("profile")
    studio = open_studio(Paths.under(folder))
    for setting, value in ((API_URL, node.url), (ARTIST_NAME, "Ada Lark"), (CHAIN_ID, 31337)):
        studio.settings.set(setting, value)  # type: ignore[type-var]
    words = studio.wallet.new_words()
    account = studio.wallet.create(words.words, "Main")
    studio.wallet.drill(account.address, words.words)
    studio.wallet.set_current(account.address)
    studio.close()
    yield folder


def test_upload_then_sync_then_export(profile: Path, tmp_path: Path, node: NodeProcess) -> None:
    file = tone(tmp_path, "Low Lamp")
    done = mycelix(
        profile, "upload", str(file), "--strategy", "pay-per-stream", "--price", "0.01", "--no-sign", "--json"
    )
    assert (done.returncode, done.stderr) == (0, "")
    (said,) = json.loads(done.stdout)
    assert (said["state"], said["ipfsHash"]) == ("done", digest_file(file).cid)
    api = api_of(node.url)
    song = api.songs.get(said["songId"])
    api.close()
    assert (song.artist, song.price_wei, song.strategy) == ("Ada Lark", 10**16, "pay-per-stream")

    again = mycelix(profile, "upload", str(file), "--no-sign")
    assert (again.returncode, again.stdout) == (
        0,
        "Nothing new: everything named is uploaded, and unchanged since.\n",
    )

    synced = mycelix(profile, "sync", "--json")
    assert (synced.returncode, synced.stderr) == (0, "")
    assert json.loads(synced.stdout)["rows"]["song"] >= 1

    month = f"{datetime.now(UTC):%Y-%m}"
    exported = mycelix(profile, "export", "--month", month, "--out", str(tmp_path / "out"), "--format", "csv,json")
    assert (exported.returncode, exported.stderr) == (0, "")
    files = [Path(line) for line in exported.stdout.splitlines()]
    assert {each.suffix for each in files} == {".csv", ".json"}
    assert all(each.stat().st_size for each in files)


def test_what_is_no_music_is_refused_in_words_and_the_rest_is_sent(profile: Path, tmp_path: Path) -> None:
    notes = tmp_path / "notes.mp3"
    notes.write_text("no music\n" * 300)
    done = mycelix(profile, "upload", str(notes), str(tone(tmp_path, "Fine")), "--no-sign")
    assert done.returncode == 1
    assert "notes.mp3" in done.stderr
    assert done.stdout.startswith("Fine\t0x")


def test_with_the_server_away_the_files_stay_queued(profile: Path, tmp_path: Path) -> None:
    studio = open_studio(Paths.under(profile))
    url = studio.settings.get(API_URL)
    studio.settings.set(API_URL, "http://127.0.0.1:9")
    studio.close()
    file = tone(tmp_path, "Later")
    try:
        away = mycelix(profile, "upload", str(file), "--no-sign", "--no-wait")
        assert away.returncode == 1
        assert "Could not reach 127.0.0.1:9" in away.stderr
    finally:
        studio = open_studio(Paths.under(profile))
        studio.settings.set(API_URL, url)
        studio.close()
    done = mycelix(profile, "upload", str(file), "--no-sign")
    assert (done.returncode, done.stdout.split("\t")[0]) == (0, "Later")


def test_without_an_account_the_command_says_what_to_do(tmp_path: Path) -> None:
    done = mycelix(tmp_path / "new", "upload", str(tone(tmp_path, "Who")))
    assert done.returncode == 1
    assert "Create or import one in Wallet." in done.stderr


@pytest.mark.parametrize(
    "words", [("--month", "2026-13"), ("--year", "2026", "--month", "2026-05"), ("--from", "2026-05-01"), ()]
)
def test_a_period_that_is_none_is_wrong_usage(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert mycelix(tmp_path / "new", "export", *words).returncode == 2

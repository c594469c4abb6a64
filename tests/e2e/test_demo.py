"""The demo as the README says to run it, without a display: its own proof, checked from outside."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import psutil
import pytest
from PIL import Image
from PySide6.QtWidgets import QApplication

from mycelix_studio.app import App
from mycelix_studio.demo import tour
from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.ui.pages import PAGES
from mycelix_studio.ui.widgets.cards import Note
from tests.fixtures import audio

pytestmark = [pytest.mark.anvil, pytest.mark.postgres, pytest.mark.timeout(400)]
ROOT = Path(__file__).resolve().parents[2]


def _start(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    """Start the demo with its temporary files below ``folder``, so that whatever it leaves can be found."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "demo.log").open("wb") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "mycelix_studio.demo", *arguments],
            env={**os.environ, "TMPDIR": str(folder), "PYTHONPATH": str(ROOT), "QT_QPA_PLATFORM": "offscreen"},
            stdout=log,
            stderr=log,
            start_new_session=True,
        )


def _left(folder: Path) -> list[str]:
    """Return programs that were started by a demo in this folder and still run."""
    left = []
    for process in psutil.process_iter():
        try:
            if process.environ().get("TMPDIR") == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                left.append(" ".join(process.cmdline())[:200])
        except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
            continue
    return left


def _outlived(folder: Path) -> list[str]:
    """Return what still runs once the demo has ended.

    Python's own tracker of shared resources ends a moment later: when the last pipe of its parent has closed.
    """
    deadline = time.monotonic() + 10
    while (left := _left(folder)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return left


@pytest.fixture(scope="module")
def proof(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder a whole run wrote."""
    folder = tmp_path_factory.mktemp("demo")
    out = folder / "proof"
    process = _start(folder, "--headless", "--out", str(out), "--profile-dir", str(folder / "profile"))
    code = process.wait(380)
    log = (folder / "demo.log").read_text(errors="replace")
    assert code == 0, log[-4_000:]
    assert _outlived(folder) == []
    yield out


def test_the_same_money_by_four_ways_is_the_same_to_the_wei(proof: Path) -> None:
    summary = json.loads((proof / "summary.json").read_text())
    nets = {summary[name] for name in ("net_wei", "cache_net_wei", "songs_net_wei", "api_net_wei", "statement_net_wei")}
    assert len(nets) == 1
    assert int(summary["gross_wei"]) == int(summary["fee_wei"]) + int(summary["net_wei"])
    assert 0 < int(summary["distributed_wei"]) < int(summary["net_wei"])
    assert summary["tracks_imported"] == summary["songs_registered"] == summary["uploads"]["count"] == 12
    assert summary["uploads"]["cid_matches"] == 12
    assert summary["plays"] > 1_000
    assert summary["payments"] > 500
    assert summary["tags_written"] == 12 * 10
    assert all(seconds >= 0 for seconds in summary["seconds"].values())


def test_all_four_ways_earn_and_their_nets_add_up(proof: Path) -> None:
    summary = json.loads((proof / "summary.json").read_text())
    by_way = {way: int(net) for way, net in summary["net_by_strategy_wei"].items()}
    assert list(by_way) == ["pay-per-stream", "gift-economy", "patronage", "auction"]
    assert all(net > 0 for net in by_way.values())
    assert sum(by_way.values()) == int(summary["net_wei"])
    assert int(summary["rewards_wei"]) > 0
    happened = summary["happened"]
    assert happened["patrons"] == 18
    assert happened["passes"] == 15
    assert happened["renewals"] > 20
    assert happened["vouchers"] > 100
    assert happened["rewards"] > 50


def test_the_statement_shows_a_loyal_renewal_and_a_falling_price(proof: Path) -> None:
    rows = list(csv.DictReader((proof / "statement.csv").read_text(encoding="utf-8-sig").splitlines()))
    renewals = {Decimal(row["subtotal"]) for row in rows if row["item type"] == "renewal"}
    assert renewals == {Decimal("5"), Decimal("4.75")}
    passes: dict[str, list[Decimal]] = {}
    for row in rows:
        if row["item type"] == "pass":
            passes.setdefault(row["song id"], []).append(Decimal(row["subtotal"]))
    assert len(passes) == 3
    for prices in passes.values():
        assert prices == sorted(prices, reverse=True)
        assert len(set(prices)) > 2
    assert {row["item type"] for row in rows} >= {"stream", "voucher", "tip", "subscription", "reward", "payout"}


def test_the_statement_adds_up_to_the_same_net(proof: Path) -> None:
    summary = json.loads((proof / "summary.json").read_text())
    rows = list(csv.DictReader((proof / "statement.csv").read_text(encoding="utf-8-sig").splitlines()))
    net = sum(Decimal(row["net"].lstrip("'")) for row in rows if row["item type"] not in ("payout", "reward"))
    assert net * WEI_PER_TOKEN == int(summary["statement_net_wei"])
    assert (proof / "statement.pdf").read_bytes().startswith(b"%PDF-")


def test_there_is_a_picture_of_every_page_in_dark_and_light(proof: Path) -> None:
    """The sidebar's ground tells the theme: some pages show paper, which is always light."""
    for number, spec in enumerate(PAGES, start=1):
        grounds = {}
        for theme in ("dark", "light"):
            with Image.open(proof / "tour" / f"{number:02d}-{spec.key}-{theme}.png") as picture:
                assert picture.size == (1440, 900)
                assert len(picture.convert("RGB").getcolors(1_000_000) or []) > 30
                grounds[theme] = picture.convert("L").getpixel((104, 620))
        assert grounds == {"dark": 25, "light": 233}, spec.key


def test_everything_is_there_with_node_and_chain_stopped(proof: Path, qapp: QApplication) -> None:
    app = App(qapp, open_studio(Paths.under(proof.parent / "profile")))
    try:
        app.open()
        app.start()
        pictures = tour.take(app, proof / "offline", lambda _done, _all: None, themes=["dark"])
        status = app.window.status()
        errors = [toast.message.title for toast in app.window.toasts.shown if toast.message.tone == "bad"]
        shown = [
            widget.accessibleName() for widget in app.window.findChildren(Note) if widget.property("tone") == "bad"
        ]
    finally:
        app.close()
    assert len(pictures) == len(PAGES)
    assert status.online is False
    assert status.as_of is not None
    assert (errors, shown) == ([], [])


def test_own_music_is_taken_untouched_and_an_end_at_the_open_window_leaves_nothing(tmp_path: Path) -> None:
    """SIGTERM and Ctrl-C have one handler there; the next test presses Ctrl-C."""
    music = tmp_path / "my music"
    music.mkdir()
    files = [audio.make(music, ending, name=f"tune {ending}", seconds=1.2) for ending in ("flac", "mp3")]
    before = [path.read_bytes() for path in files]
    process = _start(tmp_path, "--music", str(music))
    log = tmp_path / "demo.log"
    try:
        deadline = time.monotonic() + 180
        while "Studio opens" not in log.read_text(errors="replace"):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text(errors="replace")[-3_000:]
            time.sleep(0.2)
    finally:
        process.send_signal(signal.SIGTERM)
        code = process.wait(60)
    assert code == 0, log.read_text(errors="replace")[-3_000:]
    assert [path.read_bytes() for path in files] == before
    assert _outlived(tmp_path) == []


def test_ctrl_c_stops_every_child(tmp_path: Path) -> None:
    # A shell that starts the tests in the background has them ignore Ctrl-C, and every program they start would too.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    process = _start(tmp_path, "--headless", "--out", str(tmp_path / "proof"))
    signal.signal(signal.SIGINT, before)
    try:
        deadline = time.monotonic() + 120
        while not any("anvil" in left for left in _left(tmp_path)):
            assert process.poll() is None and time.monotonic() < deadline, (tmp_path / "demo.log").read_text()[-2_000:]
            time.sleep(0.1)
    finally:
        process.send_signal(signal.SIGINT)
        code = process.wait(60)
    assert code == 130
    assert _outlived(tmp_path) == []

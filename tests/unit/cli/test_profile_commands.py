"""What the window does with a profile alone, the command line does too."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from mycelix_studio.domain.statement import Choices
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.paths import Paths
from mycelix_studio.services.live.auctions import Auctions
from mycelix_studio.services.live.gifts import GiftNow, Gifts, Move
from mycelix_studio.services.live.patrons import Patrons
from mycelix_studio.services.live.payouts import Payouts, PurseNow
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.reports import Format, Options
from mycelix_studio.services.reports_templates import Template
from mycelix_studio.services.strategies import Choice, KnownSong
from tests.fixtures import audio
from tests.fixtures.cli import mycelix
from tests.fixtures.listening import AS_OF, listen

FRIEND = "0x70997970C51812dc3A010C7d01b50e0d17dc79C8"
SONG = "0x" + "ab" * 32


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


def lines(text: str) -> list[str]:
    return text.strip().splitlines()


def test_the_history_of_a_file_leads_to_any_state(profile: Path, tmp_path: Path) -> None:
    file = audio.make(tmp_path, "flac")
    first = file.read_bytes()
    shown = mycelix("tags", "set", file, "--field", "title=Low Lamp", "--dry-run", profile=profile).out
    assert "title: — → Low Lamp" in shown
    assert (file.read_bytes(), list(tmp_path.glob("*.flac"))) == (first, [file])
    for title in ("Low Lamp", "Tide Table"):
        mycelix("tags", "set", file, "--field", f"title={title}", profile=profile)
    second = file.read_bytes()
    mycelix("tags", "undo", file, profile=profile)
    mycelix("tags", "redo", file, profile=profile)
    assert file.read_bytes() == second
    shown = mycelix("tags", "history", file, profile=profile).out
    assert "title: Low Lamp → Tide Table" in shown
    (*_, oldest) = [line.split()[0] for line in lines(shown) if " write" in line]
    mycelix("tags", "restore", file, "--change", oldest, profile=profile)
    assert file.read_bytes() == first


def test_contacts_are_kept_and_what_is_odd_is_said(profile: Path) -> None:
    mycelix("contacts", "set", FRIEND, "Ilse", "--note", "cello", "--confirmed", profile=profile)
    alike = FRIEND[:6].lower() + "0" * 32 + FRIEND[-4:].lower()
    odd = mycelix("contacts", "set", alike, "Other", "--dry-run", "--json", profile=profile)
    assert "Ilse" in odd.data["warning"] and "Look again" in odd.err
    (kept,) = mycelix("contacts", "list", "--json", profile=profile).data
    assert kept == {"address": FRIEND, "name": "Ilse", "note": "cello", "confirmed": True}
    assert mycelix("contacts", "remove", FRIEND, profile=profile, ok=False).code == 3, "nobody agreed"
    mycelix("contacts", "remove", FRIEND, "--yes", profile=profile)
    assert mycelix("contacts", "list", "--json", profile=profile).data == []
    assert mycelix("contacts", "set", "0x12", "X", profile=profile, ok=False).code == 1


def test_rates_are_typed_taken_from_a_table_and_taken_out(profile: Path, tmp_path: Path) -> None:
    table = tmp_path / "rates.csv"
    table.write_text("date,price\n2026-05-01,0.91\n2026-05-02,0.92\n")
    mycelix("rates", "set", "2026-05-02", "eur", "0.95", profile=profile)
    assert mycelix("rates", "import", table, "--dry-run", "--json", profile=profile).data["rates"] == 2
    assert mycelix("rates", "import", table, "--json", profile=profile).data == {"added": 1, "replaced": 1}
    mycelix("rates", "remove", "2026-05-01", "EUR", profile=profile)
    (kept,) = mycelix("rates", "list", "--json", profile=profile).data
    assert (kept["date"], kept["price"], kept["source"]) == ("2026-05-02", "0.92", "rates.csv")
    assert mycelix("rates", "set", "2026-05-02", "EUR", "much", profile=profile, ok=False).code == 1


def test_a_statement_is_written_as_it_was_kept_and_rehearsed_before(profile: Path, tmp_path: Path) -> None:
    studio = open_studio(Paths.under(profile))
    options = Options(frozenset({Format.JSON, Format.CSV}))
    listen(studio.database, (SONG,), plays=4, people=2)
    studio.report_templates.save(Template("Label", Choices(strategies=frozenset({"patronage"})), options))
    studio.close()
    out = tmp_path / "out"
    words = ("export", "--month", "2026-05", "--out", out, "--template", "Label", "--json")
    planned = mycelix(*words, "--dry-run", profile=profile).data["files"]
    assert not out.exists()
    assert mycelix(*words, profile=profile).data["files"] == planned
    assert sorted(planned) == sorted(map(str, out.iterdir()))
    assert {Path(each).name for each in planned} == {f"statement-2026-05-patronage.{end}" for end in ("csv", "json")}
    (csv,) = mycelix(*words, "--format", "csv", "--dry-run", profile=profile).data["files"]
    assert csv.endswith(".csv")
    unknown = mycelix(*words[:-2], "Else", profile=profile, ok=False)
    assert unknown.error is not None and "Label" in unknown.error.message


def test_what_a_sync_would_send_is_said_without_a_network(profile: Path) -> None:
    assert mycelix("sync", "--dry-run", "--json", profile=profile).data == {"dryRun": True, "waiting": []}
    studio = open_studio(Paths.under(profile))
    studio.outbox.put("profile", {}, title="Your name")
    studio.close()
    found = mycelix("sync", "--dry-run", "--json", profile=profile).data["waiting"]
    assert found == [{"kind": "profile", "title": "Your name", "state": "waiting"}]


def test_settings_are_those_of_the_window(profile: Path) -> None:
    mycelix("settings", "set", "look.zone", "Europe/Oslo", profile=profile)
    mycelix("settings", "set", "uploads.at_once", "3", profile=profile)
    mycelix("settings", "set", "reports.csv_guard", "false", profile=profile)
    mycelix("settings", "set", "sync.minutes", "7", "--dry-run", profile=profile)
    values = mycelix("settings", "list", "--json", profile=profile).data
    assert [values[key] for key in ("look.zone", "uploads.at_once", "reports.csv_guard", "sync.minutes")] == [
        "Europe/Oslo", 3, False, 10,
    ]  # fmt: skip
    for name, value in (("uploads.at_once", "9"), ("sync.minutes", "soon"), ("reports.csv_guard", "no"), ("x", "1")):
        assert mycelix("settings", "set", name, value, profile=profile, ok=False).code == 2


def test_the_queue_is_listed_and_steered(profile: Path, tmp_path: Path) -> None:
    one, two = (Path(shutil.copy(audio.make(tmp_path, "wav"), tmp_path / f"{name}.wav")) for name in ("one", "two"))
    studio = open_studio(Paths.under(profile))
    studio.library.add([one, two], _work())
    ids = studio.uploads.add(studio.library.ids()).ids
    studio.close()
    mycelix("queue", "pause", *ids, profile=profile)
    assert {row["state"] for row in mycelix("queue", "list", "--json", profile=profile).data} == {"paused"}
    mycelix("queue", "resume", ids[1], profile=profile)
    mycelix("queue", "first", ids[1], profile=profile)
    assert mycelix("queue", "list", "--json", profile=profile).data[0]["id"] == ids[1]
    mycelix("queue", "remove", ids[0], "--dry-run", profile=profile)
    mycelix("queue", "remove", ids[1], profile=profile)
    assert [row["id"] for row in mycelix("queue", "list", "--json", profile=profile).data] == [ids[0]]
    assert mycelix("queue", "retry", 99, profile=profile, ok=False).code == 2


def _work() -> object:
    from mycelix_studio.services.jobs import Work

    return Work()


def test_amounts_for_programs_name_their_token(profile: Path) -> None:
    studio = open_studio(Paths.under(profile))
    studio.wallet.import_key("0x" + "a1" * 32, "Main")
    listen(studio.database, (SONG,), plays=40, people=4)
    gift = GiftNow(
        SONG, "Low Lamp", 5 * 10**18, 1, 10, 10**18, True, (Move(SONG, "reward", FRIEND, 10**18, 1, 3, 0, 0),)
    )
    studio.live._keep("gifts", Gifts(9, 1_790_000_000, 10**18, (gift,)))
    studio.live._keep("auctions", Auctions(9, 1_790_000_000, 1, ()))
    studio.live._keep("patrons", Patrons(9, 1_790_000_000, (), (), ()))
    studio.live._keep("payouts", Payouts(9, 1_790_000_000, 0, (), (), PurseNow(0, 0, 0), ()))
    studio.close()
    figures = mycelix("stats", "mine", "--range", "all", "--json", profile=profile).data
    assert figures["currency"] == "FLOW" and int(figures["net"]) > 0
    told = {
        kind: mycelix("live", kind, "--offline", "--json", profile=profile).data
        for kind in ("gifts", "auctions", "patrons", "payouts")
    }
    assert {kind: data["currency"] for kind, data in told.items()} == {
        "gifts": "CGC", "auctions": "FLOW", "patrons": "FLOW", "payouts": "FLOW",
    }  # fmt: skip
    assert told["gifts"]["gifts"][0]["budget"] == str(5 * 10**18)
    assert "5.00 CGC" in mycelix("live", "gifts", "--offline", profile=profile).out


def test_scenarios_are_tried_out_with_every_assumption_said_and_kept_as_a_draft(profile: Path) -> None:
    assert mycelix("simulate", profile=profile, ok=False).error is not None, "there is no whole month yet"
    studio = open_studio(Paths.under(profile))
    studio.wallet.import_key("0x" + "a1" * 32, "Main")
    listen(studio.database, (SONG,), plays=400, people=40)
    studio.close()
    found = mycelix("simulate", "--months", 6, "--json", profile=profile).data
    assert (len(found["months"]), found["asOf"]) == (6, AS_OF.date().isoformat())
    assert [each["ways"][-1] for each in found["scenarios"]] == [
        "pay-per-stream", "patronage", "gift-economy", "auction",
    ]  # fmt: skip
    for each in found["scenarios"]:
        assert int(each["low"]) <= int(each["value"]) <= int(each["high"])
        assert sum(map(int, each["byMonth"])) == int(each["value"])
        assert each["assumptions"] and all(a["label"] and a["source"] for a in each["assumptions"])
    more = mycelix(
        "simulate", "--months", 6, "--scenario", "patronage", "--assume", "1.join=50", "--assume", "1.plan=20", "--json", profile=profile,
    ).data  # fmt: skip
    assert int(more["scenarios"][0]["value"]) > int(found["scenarios"][1]["value"])
    assert {a["key"]: a["value"] for a in more["scenarios"][0]["assumptions"]}["plan"] == str(20 * 10**18)
    assert "1 Album as patronage takes as given:" in mycelix("simulate", "--scenario", "patronage", profile=profile).out
    for words in (("--assume", "1.colour=2"), ("--assume", "9.join=2"), ("--scenario", "luck"), ("--use", "9")):
        assert mycelix("simulate", *words, profile=profile, ok=False).code == 2


def test_drafts_are_listed_and_forgotten(profile: Path) -> None:
    studio = open_studio(Paths.under(profile))
    studio.wallet.import_key("0x" + "a1" * 32, "Main")
    title = "Low Lamp"
    song = KnownSong(SONG, title)
    studio.strategies.keep_draft(Choice(f"song:{SONG}", title, (song,)), TermsForm(price="0.03"))
    studio.close()
    (draft,) = mycelix("drafts", "list", "--json", profile=profile).data
    assert draft["title"] == title
    assert mycelix("drafts", "discard", title, profile=profile, ok=False).code == 3, "nobody agreed"
    mycelix("drafts", "discard", title, "--yes", profile=profile)
    assert mycelix("drafts", "list", "--json", profile=profile).data == []
    assert mycelix("drafts", "discard", title, "--yes", profile=profile, ok=False).code == 1

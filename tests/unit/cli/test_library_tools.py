"""What the window's tools do to many tracks, the command line does too, and shows it before."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.fixtures import audio
from tests.fixtures.cli import mycelix


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    return tmp_path / "profile"


@pytest.fixture
def music(tmp_path: Path, profile: Path) -> Path:
    """Two files without tags in the library."""
    sound, folder = audio.make(tmp_path, "flac"), tmp_path / "music"
    folder.mkdir()
    for name in ("01 - Low_Lamp", "02 - Tide"):
        shutil.copy(sound, folder / f"{name}.flac")
    mycelix("library", "import", folder, profile=profile)
    return folder


def shown(music: Path, name: str) -> Any:
    return mycelix("tags", "show", music / name, "--json").data["fields"]


def names(music: Path) -> list[str]:
    return sorted(each.name for each in music.glob("*.flac"))


def test_names_become_tags_and_tags_names(music: Path, profile: Path) -> None:
    fill = ("library", "fill", "--pattern", "%track% - %title%")
    rehearsed = mycelix(*fill, "--dry-run", "--json", profile=profile).data["changes"]
    assert mycelix("library", "save", "--json", profile=profile).data["saved"] == [], "a rehearsal changes nothing"
    assert mycelix(*fill, "--json", profile=profile).data["changes"] == rehearsed
    assert len(mycelix("library", "save", "--json", profile=profile).data["saved"]) == 2
    fields = shown(music, "01 - Low_Lamp.flac")
    assert (fields["title"], fields["track"]) == (["Low Lamp"], ["1"])
    rename = ("library", "rename", "--pattern", "%track%. %title%")
    before = names(music)
    planned = mycelix(*rename, "--dry-run", "--json", profile=profile).data["renamed"]
    assert names(music) == before
    done = mycelix(*rename, "--json", profile=profile).data["renamed"]
    assert done == planned
    assert names(music) == sorted(Path(each["to"]).name for each in planned)
    assert mycelix("library", "rename", "--pattern", "%nothing%", profile=profile, ok=False).code == 1
    assert mycelix(*rename, 99, profile=profile, ok=False).code == 2


def test_an_isrc_is_given_once(music: Path, profile: Path) -> None:
    give = ("library", "isrc", "--year", 2026, "--json")
    assert mycelix(*give, profile=profile, ok=False).error is not None, "there is no prefix yet"
    mycelix("settings", "set", "library.isrc_prefix", "NOA1B", profile=profile)
    one, two = (row["id"] for row in mycelix("library", "list", "--json", profile=profile).data)
    for more in (["--dry-run"], []):
        found = mycelix(*give, one, "--from", 7, *more, profile=profile).data["isrcs"]
        assert found == [{"track": one, "isrc": "NOA1B2600007"}]
    mycelix("library", "remove", one, "--yes", profile=profile)
    assert mycelix(*give, profile=profile).data["isrcs"] == [{"track": two, "isrc": "NOA1B2600008"}]
    assert mycelix(*give, profile=profile).data["isrcs"] == []


def test_a_table_goes_out_and_comes_back(music: Path, profile: Path, tmp_path: Path) -> None:
    table = tmp_path / "tracks.csv"
    mycelix("library", "export-table", table, "--dry-run", profile=profile)
    assert not table.exists()
    assert mycelix("library", "export-table", table, "--json", profile=profile).data["tracks"] == 2
    assert mycelix("library", "export-table", table, profile=profile, ok=False).code == 1, "nothing is replaced"
    assert mycelix("library", "import-table", table, "--json", profile=profile).data["changes"] == []
    table.write_text("file,Werk,Artist\n01 - Low_Lamp.flac,Low Lamp,Ada\nother.flac,X,Y\n")
    take = ("library", "import-table", table, "--json", "--column", "Werk=title", "--column", "Artist=")
    rehearsed = mycelix(*take, "--dry-run", profile=profile)
    assert "rows 2" in rehearsed.err
    (change,) = mycelix(*take, profile=profile).data["changes"]
    assert rehearsed.data["changes"] == [change]
    assert (change["field"], change["after"]) == ("title", ["Low Lamp"])
    assert mycelix("library", "revert", profile=profile, ok=False).code == 3, "nobody agreed"
    (file,) = mycelix("library", "revert", "--yes", "--json", profile=profile).data["reverted"]
    assert (Path(file).name, mycelix("library", "save", "--dry-run", "--json", profile=profile).data["saved"]) == (
        "01 - Low_Lamp.flac", [],
    )  # fmt: skip
    assert mycelix("library", "import-table", table, "--column", "No=title", profile=profile, ok=False).code == 2
    assert mycelix("library", "import-table", table, "--column", "Werk=artist", "--column", "Artist=artist",
                   profile=profile, ok=False).code == 2  # fmt: skip

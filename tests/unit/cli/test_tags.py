"""`mycelix tags` and `mycelix preflight` as scripts use them."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from pathlib import Path

import mutagen.id3
import pytest
from PIL import Image
from typer.testing import CliRunner

from mycelix_studio.cli.main import app
from tests.fixtures import audio

ENDINGS = ("flac", "m4a", "mp3", "ogg", "wav")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    for ending in ENDINGS:
        audio.make(folder, ending)
    return folder


@pytest.fixture
def music(sounds: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(sounds, tmp_path / "music"))


def _run(*words: object, profile: Path | None = None) -> tuple[int, list[dict[str, object]]]:
    words = (*words, "--json", *(("--profile-dir", profile) if profile is not None else ()))
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()]


def _hashes(folder: Path) -> dict[str, str]:
    return {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in folder.iterdir()}


def test_files_are_written_shown_saved_again_and_taken_back(music: Path, tmp_path: Path) -> None:
    files, profile = sorted(music.iterdir()), tmp_path / "profile"
    before = _hashes(music)
    _, shown = _run("tags", "show", *files)
    sound = {row["file"]: row["audio_sha256"] for row in shown}
    picture = tmp_path / "cover.png"
    buffer = io.BytesIO()
    Image.new("RGB", (32, 32), (200, 10, 10)).save(buffer, "PNG")
    picture.write_bytes(buffer.getvalue())
    words = ("--field", "title=Low Lamp", "--field", "artist=AC/DC", "--field", "artist=B = C", "--cover", picture)
    code, rows = _run("tags", "set", *files, *words, profile=profile)
    assert code == 0
    for row in rows:
        fields = row["fields"]
        assert isinstance(fields, dict)
        assert (fields["title"], fields["artist"]) == (["Low Lamp"], ["AC/DC", "B = C"])
        (cover,) = row["pictures"]  # type: ignore[misc]
        assert (cover["type"], cover["sha256"]) == (3, hashlib.sha256(buffer.getvalue()).hexdigest())
        assert row["audio_sha256"] == sound[row["file"]]
    written = _hashes(music)
    code, again = _run("tags", "resave", *files, profile=profile)
    assert (code, again, _hashes(music)) == (0, rows, written)
    code, _ = _run("tags", "undo", *files, profile=profile)
    assert (code, _hashes(music)) == (0, before)
    code, rows = _run("tags", "undo", files[0], profile=profile)
    assert code == 3 and "Nothing to take back" in str(rows[0]["refused"])


def test_an_old_tag_moves_to_id3v24_and_comes_back(music: Path, tmp_path: Path) -> None:
    path, profile = next(music.glob("*.mp3")), tmp_path / "profile"
    tag = mutagen.id3.ID3()
    tag.add(mutagen.id3.TIT2(encoding=1, text=["Low Lamp"]))
    tag.save(path, v2_version=3)
    before = path.read_bytes()
    code, rows = _run("tags", "set", path, "--id3v2.4", "--dry-run", profile=profile)
    assert (code, rows[0]["fields"]) == (0, {"tag version": {"before": ["ID3v2.3"], "after": ["ID3v2.4"]}})
    assert path.read_bytes() == before
    code, _ = _run("tags", "set", path, "--id3v2.4", profile=profile)
    assert (code, mutagen.id3.ID3(path).version) == (0, (2, 4, 0))
    code, _ = _run("tags", "undo", path, profile=profile)
    assert (code, path.read_bytes()) == (0, before)


def test_a_refused_file_is_untouched_and_stops_no_other(music: Path, tmp_path: Path) -> None:
    bad, gone = music / "bad.flac", music / "gone.mp3"
    bad.write_bytes(b"fLaC" + bytes(40))
    before = bad.read_bytes()
    code, rows = _run("tags", "set", bad, music / "tone.flac", gone, "--field", "title=X", profile=tmp_path / "profile")
    assert code == 3
    assert ["refused" in row for row in rows] == [True, False, True]
    assert "no longer there" in str(rows[2]["refused"])
    assert bad.read_bytes() == before
    code, rows = _run(
        "tags", "set", music / "tone.m4a", "--field", "performer=Ilse (viola)", profile=tmp_path / "profile"
    )
    assert code == 3 and "Performer" in str(rows[0]["refused"])


@pytest.mark.parametrize(
    "words",
    [
        ("tags", "set", "x.flac"),
        ("tags", "set", "x.flac", "--field", "colour=red"),
        ("tags", "set", "x.flac", "--field", "title"),
        ("tags", "losses", "x.flac", "--to", "vinyl"),
        ("tags", "show"),
        ("preflight",),
    ],
)
def test_wrong_usage_ends_with_2(words: tuple[str, ...]) -> None:
    assert CliRunner().invoke(app, list(words)).exit_code == 2


def test_losses_are_said_before_a_file_is_saved_elsewhere(music: Path, tmp_path: Path) -> None:
    path = music / "tone.flac"
    fields = ("isrc=NOA1B2600015", "artist=A", "artist=B", "performer=Ilse (viola)", "title=Kelp")
    _run("tags", "set", path, *(w for f in fields for w in ("--field", f)), profile=tmp_path / "profile")
    before = path.read_bytes()
    _, (row,) = _run("tags", "losses", path, "--to", "wav")
    found = {loss["field"]: loss["becomes"] for loss in row["losses"]}  # type: ignore[attr-defined]
    assert found == {"isrc": [], "performer": [], "artist": ["A; B"], "ENCODER": []}
    _, (row,) = _run("tags", "losses", path, "--to", "M4A")
    assert [loss["field"] for loss in row["losses"]] == ["performer", "ENCODER"]  # type: ignore[attr-defined]
    _, (row,) = _run("tags", "losses", path, "--to", "Opus")
    assert row["losses"] == []
    assert path.read_bytes() == before


def test_preflight_says_what_stores_would(music: Path) -> None:
    code, rows = _run("preflight", music / "tone.mp3", music / "tone.wav", music / "none.wav")
    assert code == 3
    first, second, third = rows
    assert "audio-container" in {finding["id"] for finding in first["findings"]}  # type: ignore[attr-defined]
    assert "audio-container" not in {finding["id"] for finding in second["findings"]}  # type: ignore[attr-defined]
    assert second["sound"]["true_peak"] == pytest.approx(-8, abs=1)  # type: ignore[index]
    assert "refused" in third
    assert all(each["explanation"] and each["source"] for each in first["findings"])  # type: ignore[attr-defined]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_read_and_written(music: Path, tmp_path: Path) -> None:
    path = os.fsdecode(os.fsencode(music) + b"/caf\xe9.flac")
    shutil.copy(music / "tone.flac", path)
    code, rows = _run("tags", "set", path, "--field", "title=X", profile=tmp_path / "profile")
    assert code == 0 and rows[0]["file"] == path
    code, rows = _run("tags", "undo", path, profile=tmp_path / "profile")
    assert code == 0

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.tag_patterns import parse
from mycelix_studio.media import saver
from mycelix_studio.paths import Paths
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library, Only
from mycelix_studio.services.library_rename import TAKEN, plan_renames, rename
from mycelix_studio.services.opening import open_studio
from tests.fixtures import audio

F = Field


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    studio = open_studio(Paths.under(tmp_path / "profile"))
    folder = tmp_path / "music"
    folder.mkdir()
    for n, title in enumerate(("Thaw", "Low Lamp", "Thaw"), start=1):
        saver.save(audio.make(folder, "flac", name=f"song {n}", seconds=0.1), {F.TITLE: (title,), F.TRACK: (f"{n}/3",)})
    studio.library.add([folder], Work())
    yield studio.library
    studio.close()


def _names(library: Library) -> list[str]:
    rows = library.rows(library.ids())
    assert all(row.path.exists() for row in rows)
    return sorted(row.path.name for row in rows)


def test_files_get_the_names_of_their_tags_and_get_them_back(library: Library) -> None:
    ids = library.ids()
    library.edit(ids[:1], {F.GENRE: ("Folk",)})
    plan = plan_renames(library.tracks_of(ids), parse("%track% %title%"), library.places.folders())
    result = rename(library, plan, Work())
    assert len(result.done) == 3 and not result.refused
    assert _names(library) == ["01 Thaw.flac", "02 Low Lamp.flac", "03 Thaw.flac"]
    assert library.ids(only=Only.UNSAVED) == ids[:1]
    rename(library, result.undoing(), Work())
    assert _names(library) == ["song 1.flac", "song 2.flac", "song 3.flac"]


def test_folders_of_a_pattern_begin_at_the_music_folder(library: Library, tmp_path: Path) -> None:
    tracks = library.tracks_of(library.ids())
    rename(library, plan_renames(tracks, parse("Disc 1/%track% %title%"), [tmp_path / "music"]), Work())
    assert (tmp_path / "music" / "Disc 1" / "01 Thaw.flac").exists()
    assert len(_names(library)) == 3


def test_two_files_never_get_one_name_and_no_file_is_replaced(library: Library, tmp_path: Path) -> None:
    stranger = tmp_path / "music" / "LOW LAMP.flac"
    stranger.write_bytes(b"mine")
    (tmp_path / "music" / "Low Lamp.flac").write_bytes(b"mine as well")
    plan = plan_renames(library.tracks_of(library.ids()), parse("%title%"), [])
    assert [each.problem for each in plan].count(TAKEN) == 2
    result = rename(library, plan, Work())
    assert len(result.done) == 1 and stranger.read_bytes() == b"mine"
    assert (tmp_path / "music" / "Low Lamp.flac").read_bytes() == b"mine as well"


def test_a_file_made_in_the_last_moment_is_not_replaced(library: Library, tmp_path: Path) -> None:
    plan = plan_renames(library.tracks_of(library.ids()), parse("%track% %title%"), [])
    (tmp_path / "music" / "02 Low Lamp.flac").write_bytes(b"late")
    result = rename(library, plan, Work())
    assert [each.path.name for each in result.refused] == ["song 2.flac"]
    assert (tmp_path / "music" / "02 Low Lamp.flac").read_bytes() == b"late"
    assert _names(library) == ["01 Thaw.flac", "03 Thaw.flac", "song 2.flac"]


def test_names_are_handed_on_in_a_row_and_a_ring_is_refused(library: Library, tmp_path: Path) -> None:
    ids = [row.id for row in sorted(library.rows(library.ids()), key=lambda row: row.path)]
    library.edit_each({ids[0]: {F.TITLE: ("song 2",)}, ids[1]: {F.TITLE: ("song 3",)}, ids[2]: {F.TITLE: ("song 4",)}})
    tracks = library.tracks_of(ids)
    assert len(rename(library, plan_renames(tracks, parse("%title%"), []), Work()).done) == 3
    assert _names(library) == ["song 2.flac", "song 3.flac", "song 4.flac"]
    library.edit_each({ids[0]: {F.TITLE: ("song 3",)}, ids[1]: {F.TITLE: ("song 2",)}})
    result = rename(library, plan_renames(library.tracks_of(ids[:2]), parse("%title%"), []), Work())
    assert not result.done and len(result.refused) == 2


def test_a_missing_tag_and_other_capitals(library: Library) -> None:
    ids = library.ids()
    plan = plan_renames(library.tracks_of(ids), parse("%artist% - %title%"), [])
    assert {each.problem for each in plan} == {"no artist"}
    assert not rename(library, plan, Work()).done
    library.edit(ids[:1], {F.TITLE: (library.rows(ids[:1])[0].path.stem.upper(),)})
    result = rename(library, plan_renames(library.tracks_of(ids[:1]), parse("%title%"), []), Work())
    assert result.done[0].new.name.startswith("SONG") and result.done[0].new.exists()

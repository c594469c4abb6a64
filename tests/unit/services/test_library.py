from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from mutagen.id3 import ID3, TIT2

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture
from mycelix_studio.errors import Cancelled
from mycelix_studio.media import reader
from mycelix_studio.media.sandbox import Sandbox
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library, Only, Sort
from mycelix_studio.services.library_watch import compare
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from tests.fixtures import audio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path / "profile"))
    yield opened
    opened.close()


@pytest.fixture
def library(studio: Studio) -> Library:
    return studio.library


@pytest.fixture(scope="session")
def music_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("music")
    for index, ending in enumerate(("flac", "mp3", "m4a")):
        audio.make(folder, ending, name=f"song {index}", hertz=200 + 50 * index)
    return folder


@pytest.fixture
def music(music_folder: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(music_folder, tmp_path / "music"))


def cover(color: int = 200) -> Picture:
    import io

    from PIL import Image

    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), (color, 10, 10)).save(buffer, "PNG")
    return Picture(buffer.getvalue(), "image/png")


def test_a_folder_is_added_once_and_again_only_where_it_changed(library: Library, music: Path) -> None:
    first = library.add([music], Work())
    assert (first.added, first.updated, first.unchanged, first.refused) == (3, 0, 0, ())
    second = library.add([music, music / "song 0.flac"], Work())
    assert (second.added, second.updated, second.unchanged) == (0, 0, 3)
    os.utime(music / "song 1.mp3", ns=(1, 1))
    third = library.add([music], Work())
    assert (third.added, third.updated, third.unchanged) == (0, 1, 2)
    assert library.totals().tracks == 3


def test_a_copy_of_a_file_is_a_track_of_its_own(library: Library, music: Path) -> None:
    song, copy = music / "song 0.flac", music / "copy of song 0.flac"
    shutil.copy(song, copy)
    before = song.read_bytes()
    assert library.add([music], Work()).added == 4
    (number,) = (row.id for row in library.rows(library.ids()) if row.path == copy)
    library.edit([number], {Field.TITLE: ("Only the copy",)})
    assert len(library.save([number], Work()).saved) == 1
    assert song.read_bytes() == before
    assert reader.read(copy).fields[Field.TITLE] == ("Only the copy",)


def test_a_file_of_which_an_older_program_knew_no_tag_version_is_read_once_more(studio: Studio, music: Path) -> None:
    library = studio.library
    old = ID3()
    old.add(TIT2(encoding=3, text="Thaw"))
    old.save(music / "song 1.mp3", v2_version=3)
    bare = audio.make(music, "mp3", name="bare")
    ID3(bare).delete(bare)  # there is no version to find
    wav = audio.make(music, "wav", name="no tag")
    library.add([music], Work())
    with studio.database.write() as db:
        db.execute("UPDATE track SET tag_version = '', edits = NULL")
    assert {path.name for path in compare(library, [str(music)]).files} == {"song 1.mp3", "bare.mp3", wav.name}
    again = library.refresh(Work())
    assert (again.updated, again.unchanged) == (3, 2)
    versions = {track.row.path.name: track.tag_version for track in library.tracks_of(library.ids())}
    assert (versions["song 1.mp3"], versions["song 0.flac"], versions[wav.name]) == ("ID3v2.3", "", "")
    assert library.refresh(Work()).unchanged == 5
    assert not compare(library, [str(music)])


def test_what_is_no_audio_is_reported_and_the_rest_is_added(library: Library, music: Path) -> None:
    (music / "broken.flac").write_bytes(b"fLaC" + bytes(10))
    (music / "empty.mp3").touch()
    (music / "letter.mp3").write_text("Dear Sir or Madam, this is not music.\n" * 40)
    (music / "🎵 夜.flac").write_bytes((music / "song 0.flac").read_bytes())
    (music / "notes.txt").write_text("not looked at")
    result = library.add([music], Work())
    assert result.added == 4
    assert {refused.path.name for refused in result.refused} == {"broken.flac", "empty.mp3", "letter.mp3"}
    assert all(refused.error.title and refused.error.hint for refused in result.refused)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_not_text_is_refused_in_words(library: Library, music: Path) -> None:
    odd = os.fsencode(music) + b"/caf\xe9.flac"
    shutil.copy(music / "song 0.flac", os.fsdecode(odd))
    result = library.add([music], Work())
    assert result.added == 3
    assert "Rename it" in result.refused[0].error.hint


def test_a_folder_that_cannot_be_entered_is_reported(
    library: Library, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (music / "locked").mkdir()
    scandir = os.scandir

    def refuse(path: object = ".") -> object:
        if str(path).endswith("locked"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)  # type: ignore[call-overload]

    monkeypatch.setattr(os, "scandir", refuse)
    monkeypatch.setattr(Sandbox, "run", lambda _self, function, *arguments, **_limits: function(*arguments))
    result = library.add([music], Work())
    assert result.added == 3
    assert result.refused[0].path.name == "locked"
    assert "protected" in result.refused[0].error.message


def test_edits_are_kept_across_a_restart_and_written_only_by_save(studio: Studio, music: Path) -> None:
    library = studio.library
    library.add([music], Work())
    ids = library.ids()
    library.edit(ids, {Field.ALBUM: ("Salt Meridian",), Field.ARTIST: ("Maren Okafor", "Ilse Brandt")})
    library.edit_cover(ids, cover())
    assert all(row.edited and row.album == "Salt Meridian" for row in library.rows(ids))
    assert all(Field.ALBUM not in reader.read(row.path).fields for row in library.rows(ids))
    paths = studio.paths
    studio.close()
    again = open_studio(paths)
    try:
        assert len(again.library.unsaved()) == 3
        result = again.library.save(again.library.unsaved(), Work())
        assert len(result.saved) == 3
        assert result.refused == ()
        for row in again.library.rows(ids):
            back = reader.read(row.path)
            assert back.fields[Field.ARTIST] == ("Maren Okafor", "Ilse Brandt")
            assert back.pictures[0].data == cover().data
            assert not row.edited
            assert again.library.cover(row.cover) == cover().data
            small = again.library.cover(row.cover, 22)
            assert small is not None
            assert small[:2] == b"\xff\xd8"
    finally:
        again.close()


def test_an_edit_that_equals_the_file_is_no_edit(library: Library, music: Path) -> None:
    library.add([music], Work())
    (first, *_) = library.ids()
    library.edit([first], {Field.TITLE: ("New",)})
    library.edit([first], {Field.TITLE: ()})
    assert library.unsaved() == []


def test_revert_forgets_edits_and_a_chosen_cover(library: Library, music: Path) -> None:
    library.add([music], Work())
    ids = library.ids()
    library.edit(ids, {Field.TITLE: ("X",)})
    library.edit_cover(ids, cover())
    library.revert(ids)
    assert library.unsaved() == []
    assert {row.title for row in library.rows(ids)} == {"song 0", "song 1", "song 2"}


def test_a_save_that_fails_keeps_the_edits_of_that_file_and_saves_the_others(library: Library, music: Path) -> None:
    library.add([music], Work())
    ids = library.ids()
    library.edit(ids, {Field.TITLE: ("X",)})
    gone = library.rows(ids)[1]
    gone.path.unlink()
    result = library.save(ids, Work())
    assert len(result.saved) == 2
    assert "no longer there" in result.refused[0].error.message
    assert library.unsaved() == [gone.id]


def test_a_full_disk_at_save_leaves_file_and_edits(
    library: Library, music: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library.add([music], Work())
    (track_id, *_) = library.ids()
    row = library.rows([track_id])[0]
    before = row.path.read_bytes()
    library.edit([track_id], {Field.TITLE: ("X",)})

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    result = library.save([track_id], Work())
    assert result.refused[0].error.title == f"Could not save “{row.path.name}”"
    assert "disk is full" in result.refused[0].error.message
    assert row.path.read_bytes() == before
    assert library.unsaved() == [track_id]


def test_saving_can_be_stopped_between_files(library: Library, music: Path) -> None:
    library.add([music], Work())
    ids = library.ids()
    library.edit(ids, {Field.TITLE: ("X",)})
    work = Work()
    work.report = lambda progress: work.token.cancel()
    with pytest.raises(Cancelled):
        library.save(ids, work)
    assert 0 < len(library.unsaved()) < 3


def test_files_that_are_gone_are_marked_and_come_back(library: Library, music: Path) -> None:
    library.add([music], Work())
    moved = music / "song 0.flac"
    moved.rename(music.parent / "elsewhere.flac")
    library.refresh(Work())
    assert library.count(only=Only.MISSING) == 1
    (music.parent / "elsewhere.flac").rename(moved)
    library.add([music], Work())
    assert library.count(only=Only.MISSING) == 0


def test_every_word_of_a_filter_must_occur_somewhere(library: Library, music: Path) -> None:
    library.add([music], Work())
    ids = library.ids()
    library.edit(
        ids[:1], {Field.TITLE: ("Kelp & Copper",), Field.ALBUM: ("Salt Meridian",), Field.ISRC: ("NO-A1B-26-00015",)}
    )
    assert library.ids(text="copper SALT") == ids[:1]
    assert library.ids(text="noa1b26") == ids[:1]
    assert library.ids(text="copper nothing") == []


def test_content_hash_is_that_of_the_file_and_forgotten_when_it_changes(library: Library, music: Path) -> None:
    import hashlib

    library.add([music], Work())
    (track_id, *_) = library.ids()
    path = library.rows([track_id])[0].path
    assert library.content_hash(track_id) == hashlib.sha256(path.read_bytes()).hexdigest()
    library.edit([track_id], {Field.TITLE: ("Another",)})
    library.save([track_id], Work())
    assert library.content_hash(track_id) == hashlib.sha256(path.read_bytes()).hexdigest()


def test_a_hundred_thousand_tracks_are_listed_by_index_and_paged_by_key(studio: Studio) -> None:
    with studio.database.write() as db:
        db.execute(
            """WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
               INSERT INTO track (path, size, mtime_ns, added_at, family, container, codec, duration_ms, sample_rate, bits,
                 channels, bitrate, fields, title, artist, album, genre, date, isrc, search)
               SELECT '/m/' || i, 1, 1, 1, 'vorbis', 'FLAC', '', i, 44100, 16,
                 2, 1, '{}', 'Song ' || i, 'A', 'Album ' || (i / 12), '', '', '', 'song ' || i
               FROM n"""
        )
    ids = studio.library.ids(sort=Sort.LENGTH)
    assert len(ids) == 100_000
    page = studio.library.rows(ids[50_000:50_200])
    assert [row.title for row in page] == [f"Song {i}" for i in range(50_001, 50_201)]
    plan = studio.database.read().execute("EXPLAIN QUERY PLAN SELECT id FROM track WHERE id IN (1, 2, 3)").fetchall()
    assert any("INTEGER PRIMARY KEY" in row[3] for row in plan), plan


def test_edits_of_many_tracks_are_taken_back_and_made_again(library: Library, music_folder: Path) -> None:
    library.add([music_folder], Work())
    first, second, _third = library.ids(sort=Sort.TITLE)
    library.edit([first, second], {Field.ALBUM: ("Salt Meridian",)})
    library.edit([first], {Field.TITLE: ("Low Lamp",)})
    assert library.undo().track_ids == {first}
    assert {row.album for row in library.rows([first, second])} == {"Salt Meridian"}
    library.undo()
    assert library.unsaved() == []
    assert not library.can_undo
    library.redo()
    library.redo()
    assert library.rows([first])[0].title == "Low Lamp"
    assert not library.can_redo
    assert library.redo() == Changes()


def test_a_new_edit_forgets_what_was_taken_back(library: Library, music_folder: Path) -> None:
    library.add([music_folder], Work())
    track = library.ids()[0]
    library.edit([track], {Field.TITLE: ("One",)})
    library.undo()
    library.edit([track], {Field.TITLE: ("Two",)})
    assert not library.can_redo
    library.undo()
    assert library.unsaved() == []


def test_undo_brings_back_the_cover_and_what_a_revert_forgot(library: Library, music_folder: Path) -> None:
    library.add([music_folder], Work())
    track = library.ids()[0]
    library.edit_cover([track], Picture(b"\xff\xd8\xff" + bytes(20), "image/jpeg"))
    library.edit([track], {Field.TITLE: ("Kept",)})
    library.revert([track])
    assert library.unsaved() == []
    library.undo()
    found = library.track(track)
    assert found is not None and found.edits == {Field.TITLE: ("Kept",)} and found.cover_edit

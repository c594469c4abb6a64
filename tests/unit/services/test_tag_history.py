"""Every write and rename can be taken back byte for byte, across restarts, and a crash leaves the old file or the new one."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from mycelix_studio import files
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture
from mycelix_studio.errors import Known
from mycelix_studio.media import reader, saver
from mycelix_studio.media.errors import SaveFailed
from mycelix_studio.paths import Paths
from mycelix_studio.services import tag_history
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library_rename import Renaming, rename
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.tag_history import NothingToUndo, TagHistory
from mycelix_studio.store import file_history
from tests.fixtures import audio

ENDINGS = ("flac", "m4a", "mp3", "ogg", "wav", "wv")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sounds")
    for ending in ENDINGS:
        audio.make(folder, ending)
    return folder


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path / "profile"))
    yield opened
    opened.close()


@pytest.fixture
def history(studio: Studio) -> TagHistory:
    return studio.tag_history


def _file(sounds: Path, to: Path, ending: str) -> Path:
    return Path(shutil.copy(sounds / f"tone.{ending}", to / f"tone.{ending}"))


def _picture(side: int = 400) -> Picture:
    buffer = io.BytesIO()
    Image.effect_noise((side, side), 90).convert("RGB").save(buffer, "PNG")
    assert len(buffer.getvalue()) > 1 << 16
    return Picture(buffer.getvalue(), "image/png")


def test_every_state_of_every_container_comes_back_byte_for_byte(
    sounds: Path, tmp_path: Path, history: TagHistory
) -> None:
    cover = _picture()
    for ending in ENDINGS:
        path = _file(sounds, tmp_path, ending)
        states = [path.read_bytes()]
        for edits, picture in (
            ({Field.TITLE: ("One",), Field.ARTIST: ("AC/DC", "B")}, None),
            ({Field.LYRICS: ("la " * 9_000,)}, cover),
            ({Field.LYRICS: (), Field.TITLE: ("Two",)}, cover),
        ):
            written = history.write(path, edits, picture, keep_cover=picture is None)
            assert written.change_id is not None
            states.append(path.read_bytes())
        for wanted in reversed(states[:-1]):
            history.undo(path)
            assert path.read_bytes() == wanted, ending
        with pytest.raises(NothingToUndo):
            history.undo(path)
        for wanted in states[1:]:
            history.redo(path)
            assert path.read_bytes() == wanted, ending
        second = next(
            each for each in reversed(history.changes(path)) if each.details.get("title", ("", ""))[1] == ("Two",)
        )
        history.restore(path, second.id)
        assert path.read_bytes() == states[2], ending
        assert list(tmp_path.glob(".*")) == []


def test_what_was_written_before_a_restart_is_taken_back_after_it(sounds: Path, tmp_path: Path, studio: Studio) -> None:
    path = _file(sounds, tmp_path, "flac")
    before = path.read_bytes()
    studio.tag_history.write(path, {}, _picture(), keep_cover=False)
    studio.close()
    again = open_studio(studio.paths)
    try:
        assert [change.kind for change in again.tag_history.changes(path)] == ["write"]
        again.tag_history.undo(path)
        assert path.read_bytes() == before
    finally:
        again.close()


def test_old_states_are_forgotten_but_for_the_newest_change_of_each_file(
    sounds: Path, tmp_path: Path, history: TagHistory
) -> None:
    one, other = _file(sounds, tmp_path, "flac"), _file(sounds, tmp_path, "mp3")
    history.write(one, {}, _picture(), keep_cover=False)
    history.write(one, {}, None, keep_cover=False)
    history.write(other, {Field.TITLE: ("Old",)})
    before = one.read_bytes()
    history.write(one, {Field.TITLE: ("New",)})
    history.forget(30)
    assert len(history.changes(one)) == 3, "nothing of it is old"
    with history.database.write() as db:
        db.execute("UPDATE file_change SET at = at - 40 * 86400")
    for each in history.folder.glob("*/*"):
        os.utime(each, (0, 0))
    history.forget(0)
    assert len(history.changes(one)) == 3, "0 is for ever"
    history.forget(30)
    assert [len(history.changes(path)) for path in (one, other)] == [1, 1]
    assert sum(each.stat().st_size for each in history.folder.glob("*/*")) < 60_000, "the picture's piece is gone"
    history.undo(one)
    history.undo(other)
    assert (one.read_bytes(), reader.read(other).fields.get(Field.TITLE)) == (before, None)


def test_nothing_of_another_program_is_undone(sounds: Path, tmp_path: Path, history: TagHistory) -> None:
    path = _file(sounds, tmp_path, "flac")
    history.write(path, {Field.TITLE: ("Ours",)})
    saver.save(path, {Field.ALBUM: ("Theirs",)})
    theirs = path.read_bytes()
    with pytest.raises(NothingToUndo, match="changed since"):
        history.undo(path)
    assert path.read_bytes() == theirs
    # By choice it goes, and theirs can be brought back too.
    (first,) = history.changes(path)
    done = history.restore(path, first.id)
    assert Field.ALBUM not in done.tags.fields
    history.undo(path)
    assert path.read_bytes() == theirs


def test_a_cover_takes_its_room_once(sounds: Path, tmp_path: Path, history: TagHistory) -> None:
    cover = _picture()
    for ending in ("flac", "mp3", "m4a"):
        path = _file(sounds, tmp_path, ending)
        history.write(path, {}, cover, keep_cover=False)
        history.write(path, {Field.TITLE: ("One",)})
    kept = sum(each.stat().st_size for each in history.folder.rglob("*") if each.is_file())
    assert kept < len(cover.data) + 60_000


def test_another_sound_is_never_given_old_tags(sounds: Path, tmp_path: Path, history: TagHistory) -> None:
    path = _file(sounds, tmp_path, "flac")
    history.write(path, {Field.TITLE: ("One",)})
    other = audio.make(tmp_path, "flac", name="other", hertz=500)
    shutil.copy(other, path)
    before = path.read_bytes()
    with pytest.raises(SaveFailed, match="another sound"):
        history.restore(path, history.changes(path)[0].id)
    assert path.read_bytes() == before


def test_a_damaged_piece_of_the_history_brings_nothing_back(sounds: Path, tmp_path: Path, history: TagHistory) -> None:
    path = _file(sounds, tmp_path, "flac")
    history.write(path, {Field.TITLE: ("One",)})
    after = path.read_bytes()
    for each in history.folder.rglob("*"):
        if each.is_file():
            data = bytearray(each.read_bytes())
            data[-1] ^= 1
            each.write_bytes(data)
    with pytest.raises(SaveFailed, match="damaged"):
        history.undo(path)
    assert path.read_bytes() == after
    assert list(tmp_path.glob(".*")) == []


@pytest.mark.parametrize("moved", [False, True])
def test_after_a_crash_the_next_start_knows_what_was_done(
    moved: bool, sounds: Path, tmp_path: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _file(sounds, tmp_path, "mp3")
    before = path.read_bytes()

    class Stop(BaseException):
        pass

    commit = saver.commit

    def stop(ready: saver.Prepared) -> None:
        if moved:
            commit(ready)
        raise Stop

    monkeypatch.setattr(saver, "commit", stop)
    with pytest.raises(Stop):
        studio.tag_history.write(path, {Field.TITLE: ("One",)})
    monkeypatch.undo()
    studio.close()
    # As another program sees it once this one is gone.
    monkeypatch.setattr(files, "owner", lambda: "000000-1")
    monkeypatch.setattr(files, "is_gone", lambda name: True)
    monkeypatch.setattr(tag_history, "is_gone", lambda name: True)
    again = open_studio(studio.paths)
    try:
        assert len(again.tag_history.changes(path)) == int(moved)
        assert file_history.pending(again.database.read()) == []
        assert list(tmp_path.glob(".*")) == []
        if moved:
            again.tag_history.undo(path)
        assert path.read_bytes() == before
    finally:
        again.close()


def test_a_rename_is_taken_back_and_the_history_follows_the_file(sounds: Path, tmp_path: Path, studio: Studio) -> None:
    path = _file(sounds, tmp_path, "flac")
    library, history = studio.library, studio.library_history
    library.add([path], Work())
    (track,) = library.ids()
    library.edit([track], {Field.TITLE: ("Kelp",)})
    library.save([track], Work())
    target = tmp_path / "Salt Meridian" / "01 Kelp.flac"
    result = rename(library, [Renaming(track, path, target, target.name)], Work())
    assert ([each.track_id for each in result.done], result.refused) == ([track], ())
    assert (path.exists(), target.exists()) == (False, True)
    found = library.track(track)
    assert found is not None and found.row.path == target and not found.row.missing
    assert [change.kind for change in history.changes(track)] == ["rename", "write"]
    history.undo(track)
    assert (path.exists(), target.exists()) == (True, False)
    history.undo(track)
    assert [change.kind for change in history.changes(track)] == ["undo", "undo", "rename", "write"]
    back = library.track(track)
    assert back is not None and back.row.path == path and Field.TITLE not in back.fields
    assert library.unsaved() == []


def test_a_rename_never_replaces_a_file(sounds: Path, tmp_path: Path, history: TagHistory) -> None:
    first, second = _file(sounds, tmp_path, "flac"), tmp_path / "other.flac"
    second.write_bytes(b"mine")
    with pytest.raises(Known, match="already"):
        history.rename(first, second)
    assert (first.exists(), second.read_bytes()) == (True, b"mine")
    history.rename(first, tmp_path / "TONE.flac")
    assert (tmp_path / "TONE.flac").exists()


def test_undo_keeps_edits_that_are_not_saved_yet(sounds: Path, tmp_path: Path, studio: Studio) -> None:
    path = _file(sounds, tmp_path, "flac")
    library = studio.library
    library.add([path], Work())
    (track,) = library.ids()
    library.edit([track], {Field.TITLE: ("Written",)})
    library.save([track], Work())
    library.edit([track], {Field.ALBUM: ("Not yet",)})
    studio.library_history.undo(track)
    found = library.track(track)
    assert found is not None and found.edits == {Field.ALBUM: ("Not yet",)}
    assert reader.read(path).fields == {}

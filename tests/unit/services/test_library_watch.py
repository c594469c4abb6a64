from __future__ import annotations

import errno
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mycelix_studio.domain.fields import Field
from mycelix_studio.errors import Known
from mycelix_studio.media import saver
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Library, Only
from mycelix_studio.services.library_watch import compare, folders_to_watch, take_in
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from tests.fixtures import audio

F = Field


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for index in range(2):
        saver.save(
            audio.make(folder, "flac", name=f"song {index}", hertz=200 + 50 * index), {F.TITLE: (f"Song {index}",)}
        )
    return folder


@pytest.fixture
def music(songs: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(songs, tmp_path / "music"))


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path / "profile"))
    yield opened
    opened.close()


@pytest.fixture
def library(studio: Studio, music: Path) -> Library:
    studio.library.add([music], Work())
    return studio.library


def _by_title(library: Library) -> dict[str, int]:
    return {row.title: row.id for row in library.rows(library.ids())}


def _seen(library: Library, *paths: Path) -> Changes:
    return take_in(library, compare(library, [str(path) for path in paths]), Work())


def _conflicts(library: Library) -> dict[int, frozenset[Field]]:
    return {track.row.id: track.conflict for track in library.tracks_of(library.ids(only=Only.CONFLICT))}


def test_nothing_is_seen_where_nothing_changed(library: Library, music: Path) -> None:
    assert not compare(library, [str(music), str(music / "song 0.flac")])


def test_a_change_by_another_program_is_read(library: Library, music: Path) -> None:
    saver.save(music / "song 0.flac", {F.ALBUM: ("Salt Meridian",)})
    assert _seen(library, music / "song 0.flac").touches(Kind.TRACKS)
    assert [row.album for row in library.rows(library.ids(text="song 0"))] == ["Salt Meridian"]


def test_a_file_that_is_gone_is_missing_and_comes_back(library: Library, music: Path) -> None:
    (music / "song 0.flac").rename(music.parent / "aside")
    _seen(library, music)
    assert library.count(only=Only.MISSING) == 1
    (music.parent / "aside").rename(music / "song 0.flac")
    _seen(library, music / "song 0.flac")
    assert library.count(only=Only.MISSING) == 0


def test_a_folder_that_is_gone_takes_its_tracks_along(library: Library, music: Path) -> None:
    music.rename(music.with_name("elsewhere"))
    _seen(library, music)
    assert library.count(only=Only.MISSING) == 2


def test_a_renamed_file_keeps_edits_and_song(library: Library, music: Path) -> None:
    track_id = _by_title(library)["Song 0"]
    library.edit([track_id], {F.GENRE: ("Folk",)})
    library.link_song(track_id, "7")
    (music / "below").mkdir()
    (music / "song 0.flac").rename(music / "below" / "renamed.flac")
    _seen(library, music)
    track = library.track(track_id)
    assert track is not None and not track.row.missing
    assert (track.row.path, track.row.song_id, track.edits) == (
        music / "below" / "renamed.flac",
        "7",
        {F.GENRE: ("Folk",)},
    )
    assert library.count() == 2


def test_new_files_come_in_below_added_folders_only(library: Library, music: Path, tmp_path: Path, songs: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    shutil.copyfile(songs / "song 0.flac", other / "known.flac")
    library.add([other / "known.flac"], Work())
    shutil.copyfile(songs / "song 1.flac", other / "stranger.flac")
    (music / "new").mkdir()
    shutil.copyfile(songs / "song 1.flac", music / "new" / "song 2.flac")
    (music / "new" / ".hidden.flac").write_bytes(b"x")
    _seen(library, music, other)
    names = {row.path.name for row in library.rows(library.ids())}
    assert names == {"song 0.flac", "song 1.flac", "known.flac", "song 2.flac"}
    assert {str(music), str(music / "new"), str(other)} == folders_to_watch(library)
    (other / "known.flac").rename(other / "other name.flac")
    _seen(library, other)
    assert "other name.flac" in {row.path.name for row in library.rows(library.ids())}
    assert library.count(only=Only.MISSING) == 0
    library.places.forget_folder(music)
    assert str(music / "new") in folders_to_watch(library)


def test_what_both_changed_is_a_conflict_until_somebody_decides(library: Library, music: Path) -> None:
    track_id = _by_title(library)["Song 0"]
    library.edit([track_id], {F.TITLE: ("Mine",), F.GENRE: ("Folk",)})
    saver.save(music / "song 0.flac", {F.TITLE: ("Theirs",), F.ALBUM: ("Theirs too",)})
    _seen(library, music)
    assert _conflicts(library) == {track_id: frozenset({F.TITLE})}
    track = library.track(track_id)
    assert track is not None and (track.value(F.TITLE), track.fields[F.TITLE]) == (("Mine",), ("Theirs",))
    refused = library.save([track_id], Work()).refused
    assert "Another program" in refused[0].error.message
    library.edit([track_id], {F.TITLE: ("Mine again",)})
    assert _conflicts(library), "going on typing decides nothing"
    library.settle(track_id, mine=[F.TITLE], theirs=[])
    assert not _conflicts(library)
    assert library.save([track_id], Work()).saved == (track_id,)
    saved = library.track(track_id)
    assert saved is not None and saved.fields[F.TITLE] == ("Mine again",) and saved.fields[F.ALBUM] == ("Theirs too",)


def test_taking_theirs_forgets_the_edit_and_can_be_taken_back(library: Library, music: Path) -> None:
    track_id = _by_title(library)["Song 0"]
    library.edit([track_id], {F.TITLE: ("Mine",)})
    saver.save(music / "song 0.flac", {F.TITLE: ("Theirs",)})
    _seen(library, music)
    library.settle(track_id, mine=[], theirs=[F.TITLE])
    assert not _conflicts(library) and library.rows([track_id])[0].title == "Theirs"
    library.undo()
    assert library.rows([track_id])[0].title == "Mine"


def test_the_same_change_by_both_is_no_conflict_and_reverting_ends_one(library: Library, music: Path) -> None:
    ids = _by_title(library)
    library.edit(list(ids.values()), {F.TITLE: ("Same",)})
    saver.save(music / "song 0.flac", {F.TITLE: ("Same",)})
    saver.save(music / "song 1.flac", {F.TITLE: ("Other",)})
    _seen(library, music)
    assert list(_conflicts(library)) == [ids["Song 1"]]
    library.revert([ids["Song 1"]])
    assert not _conflicts(library)


def test_a_save_looks_first_though_nobody_watched(library: Library, music: Path) -> None:
    track_id = _by_title(library)["Song 0"]
    library.edit([track_id], {F.TITLE: ("Mine",)})
    saver.save(music / "song 0.flac", {F.TITLE: ("Theirs",)})
    result = library.save([track_id], Work())
    assert isinstance(result.refused[0].error, Known) and not result.saved
    assert _conflicts(library) == {track_id: frozenset({F.TITLE})}


def test_what_happens_in_a_watched_folder_appears_by_itself(
    studio: Studio, library: Library, music: Path, songs: Path
) -> None:
    holds: Callable[[], bool] = lambda: True  # noqa: E731
    met = threading.Event()

    def told(_changes: Changes, _initiator: object) -> None:
        if holds():
            met.set()

    def until(wanted: Callable[[], bool]) -> bool:
        nonlocal holds
        met.clear()
        holds = wanted
        return wanted() or met.wait(20) or wanted()

    studio.hub.subscribe(told)
    (music / "song 1.flac").unlink()
    studio.watch.start()
    assert studio.watch.wait_until_watching(20)
    assert until(lambda: library.count(only=Only.MISSING) == 1), "what went before the start"
    saver.save(music / "song 0.flac", {F.ALBUM: ("Salt Meridian",)})
    assert until(lambda: library.count(text="salt meridian") == 1)
    (music / "later").mkdir()
    shutil.copyfile(songs / "song 1.flac", music / "later" / "song 2.flac")
    assert until(lambda: library.count(text="song 2.flac") == 1)
    shutil.copyfile(songs / "song 1.flac", music / "later" / "song 3.flac")
    assert until(lambda: library.count(text="song 3.flac") == 1), "the new folder is watched as well"
    assert studio.watch.problem is None


def test_edits_outlive_a_program_that_is_killed(library: Library, studio: Studio, tmp_path: Path) -> None:
    track_id = _by_title(library)["Song 0"]
    code = (
        "import os, signal, sys\n"
        "from pathlib import Path\n"
        "from mycelix_studio.domain.fields import Field\n"
        "from mycelix_studio.paths import Paths\n"
        "from mycelix_studio.services.opening import open_studio\n"
        "library = open_studio(Paths.under(Path(sys.argv[1]))).library\n"
        "library.edit([int(sys.argv[2])], {Field.TITLE: ('Not saved yet',)})\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "profile"), str(track_id)], check=False, timeout=60
    )
    assert ended.returncode == -signal.SIGKILL
    assert library.unsaved() == [track_id]
    assert library.rows([track_id])[0].title == "Not saved yet"


def test_a_system_that_watches_no_more_folders_is_told(
    studio: Studio, library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_folders: str, **_how: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")  # what inotify says when its watches are used up

    monkeypatch.setattr("watchfiles.watch", full)
    studio.watch.start()
    assert studio.watch.wait_until_watching(20)
    assert studio.watch.problem is not None and "not watched" in studio.watch.problem.title

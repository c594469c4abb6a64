"""Waveforms to the millisecond: made once for each state of a file, checked when read, within their room on the disk."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.errors import Cancelled
from mycelix_studio.media.errors import Unreadable
from mycelix_studio.media.peaks import peaks
from mycelix_studio.paths import Paths
from mycelix_studio.services import waveforms
from mycelix_studio.services.jobs import CancelToken, Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from tests.fixtures import audio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path / "profile"))
    music = tmp_path / "music"
    music.mkdir()
    for number in range(3):
        audio.make(music, "flac", name=f"song {number}", hertz=200 + 100 * number)
    opened.library.add([music], Work())
    yield opened
    opened.close()


def _path(studio: Studio, track_id: int) -> Path:
    return studio.library.rows([track_id])[0].path


def _kept(studio: Studio) -> list[Path]:
    return sorted(studio.waveforms.folder.iterdir())


def test_points_are_made_once_and_again_when_they_or_the_file_changed(studio: Studio) -> None:
    track = studio.library.ids()[0]
    made = studio.waveforms.peaks(track, Work())
    assert made == peaks(_path(studio, track)) and made is not None and len(made.low) == 600
    (kept,) = _kept(studio)
    written = kept.stat().st_ino
    assert studio.waveforms.peaks(track, Work()) == made and _kept(studio)[0].stat().st_ino == written
    kept.write_bytes(kept.read_bytes()[:-1] + b"\x55")  # the disk changed a byte
    assert studio.waveforms.peaks(track, Work()) == made and _kept(studio)[0].stat().st_ino != written
    audio.make(_path(studio, track).parent, "flac", name="song 0", seconds=0.9)
    again = studio.waveforms.peaks(track, Work())
    assert again is not None and len(again.low) == 900
    assert len(_kept(studio)) == 1, "what was kept of the file as it was is let go"


def test_those_looked_at_least_lately_go_when_there_is_no_room(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> None:
    first, second, third = studio.library.ids()
    for age, track in ((100, first), (200, second)):
        studio.waveforms.peaks(track, Work())
        newest = max(_kept(studio), key=lambda path: path.stat().st_ctime_ns)
        past = newest.stat().st_mtime - age
        os.utime(newest, (past, past))
    studio.waveforms.peaks(second, Work())  # looked at again: now the younger one
    monkeypatch.setattr(waveforms, "KEPT_BYTES", 2_600)
    studio.waveforms.peaks(third, Work())
    assert [path.name.split("-")[0] for path in _kept(studio)] == [str(second), str(third)]


def test_a_file_that_is_gone_or_broken_says_so_and_a_track_that_is_gone_is_none(studio: Studio) -> None:
    first, second, third = studio.library.ids()
    _path(studio, first).unlink()
    with pytest.raises(Unreadable):
        studio.waveforms.peaks(first, Work())
    _path(studio, second).write_bytes(b"fLaC" + bytes(4_000))
    with pytest.raises(Unreadable):
        studio.waveforms.peaks(second, Work())
    studio.library.remove([third])
    assert studio.waveforms.peaks(third, Work()) is None


def test_points_are_told_where_the_disk_takes_none(studio: Studio) -> None:
    studio.waveforms.folder.parent.mkdir(parents=True, exist_ok=True)
    studio.waveforms.folder.write_text("in the way")
    found = studio.waveforms.peaks(studio.library.ids()[0], Work())
    assert found is not None and len(found.low) == 600


def test_a_reader_of_what_nobody_wants_any_more_is_ended(studio: Studio) -> None:
    """The file is a pipe that never ends, so that only the token can end it."""
    track = studio.library.ids()[0]
    path = _path(studio, track)
    path.unlink()
    os.mkfifo(path)
    token = CancelToken()
    timer = threading.Timer(0.3, token.cancel)
    timer.start()
    with pytest.raises(Cancelled):
        studio.waveforms.peaks(track, Work(token))
    timer.join()

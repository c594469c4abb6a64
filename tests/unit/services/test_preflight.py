from __future__ import annotations

import wave
from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.domain.fields import Field
from mycelix_studio.errors import Cancelled
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library import Only
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from tests.fixtures import audio


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path / "profile"))
    music = tmp_path / "music"
    music.mkdir()
    for number, ending in enumerate(("flac", "mp3")):
        audio.make(music, ending, name=f"song {number}")
    opened.library.add([music], Work())
    yield opened
    opened.close()


def test_every_track_is_checked_then_measured_and_results_are_made_known(studio: Studio) -> None:
    seen: list[Changes] = []
    studio.hub.subscribe(lambda changes, _by: seen.append(changes))
    studio.preflight.check_due(Work())
    ids = studio.library.ids()
    counts = studio.preflight.counts(ids)
    assert set(counts) == set(ids)
    assert all(stops + warns > 0 for stops, warns in counts.values())
    assert studio.library.count(only=Only.TO_FIX) == 2
    assert {kind for changes in seen for kind in changes.kinds} == {Kind.CHECKS}
    sounding = studio.preflight.sounding(ids[0])
    assert sounding is not None and sounding.measured and len(sounding.low) == len(sounding.high) > 3


def test_nothing_is_done_twice_and_an_edit_is_checked_again(studio: Studio) -> None:
    studio.preflight.check_due(Work())
    track = studio.library.ids()[0]
    before = studio.preflight.counts([track])[track]
    seen: list[Changes] = []
    studio.hub.subscribe(lambda changes, _by: seen.append(changes))
    studio.preflight.check_due(Work())
    assert seen == []
    studio.library.edit([track], {Field.ISRC: ("NOA1B2600011",)})
    studio.preflight.check_due(Work())
    after = studio.preflight.counts([track])[track]
    assert after[0] == before[0] - 1
    assert len(seen) == 1


def test_a_file_that_cannot_be_measured_says_why_and_is_not_tried_again(studio: Studio, tmp_path: Path) -> None:
    track = studio.library.ids()[0]
    row = studio.library.rows([track])[0]
    data = row.path.read_bytes()
    row.path.write_bytes(data[:200] + bytes(len(data) - 200))
    studio.preflight.check_due(Work())
    sounding = studio.preflight.sounding(track)
    assert sounding is not None and sounding.measured
    assert studio.preflight.check_due(Work()) == Changes()


def test_a_silent_track_has_no_level_and_stops_no_other(studio: Studio, tmp_path: Path) -> None:
    silent = tmp_path / "music" / "a silence.wav"
    with wave.open(str(silent), "wb") as file:
        file.setnchannels(2)
        file.setsampwidth(2)
        file.setframerate(44_100)
        file.writeframes(bytes(4 * 44_100))
    studio.library.remove(studio.library.ids())
    studio.library.add([silent], Work())
    studio.library.add([tmp_path / "music"], Work())
    studio.preflight.check_due(Work())
    found = {row.path: studio.preflight.sounding(row.id) for row in studio.library.rows(studio.library.ids())}
    assert len(found) == 3
    assert all(each is not None and each.measured and each.sound is not None for each in found.values())
    quiet = found[silent]
    assert quiet is not None and quiet.sound is not None
    assert (quiet.sound.integrated, quiet.sound.true_peak) == (None, None)


def test_stopping_keeps_what_was_measured(studio: Studio) -> None:
    work = Work()
    measured: list[int] = []

    def stop(progress: object) -> None:
        measured.append(1)
        if len(measured) == 1:
            work.token.cancel()

    work.report = stop
    with pytest.raises(Cancelled):
        studio.preflight.check_due(work)
    found = [studio.preflight.sounding(track) for track in studio.library.ids()]
    assert sum(each is not None and each.measured for each in found) == 1

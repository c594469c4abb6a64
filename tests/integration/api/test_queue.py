"""The queue on a real node: sent, listed and linked; paused, restarted, offline, changed and vanished files."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mycelix_studio.api.sign_in import Signer
from mycelix_studio.domain.cid import digest_file
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.upload import Step, StepState, UploadRow, UploadState
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import API_URL, ARTIST_NAME, CHAIN_ID, UPLOAD_KBPS, UPLOADS_AT_ONCE
from tests.fixtures.audio import make
from tests.fixtures.line import Line
from tests.fixtures.node import NodeProcess, Person
from tests.integration.api.conftest import api_of
from tests.integration.api.test_uploads import write_wav


@pytest.fixture(autouse=True)
def _quick_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("api.uploads", "api.client", "services.uploads"):
        monkeypatch.setattr(f"mycelix_studio.{name}.FIRST_WAIT", 0.02)
    monkeypatch.setattr("mycelix_studio.services.uploads.LONGEST_WAIT", 0.2)


def open_profile(folder: Path, url: str, person: Person | None) -> Studio:
    studio = open_studio(Paths.under(folder / "profile"))
    studio.settings.set(API_URL, url)
    studio.settings.set(CHAIN_ID, 31337)
    studio.settings.set(ARTIST_NAME, "Ada Lark")
    if person is not None:
        studio.api.use(Signer(lambda: person.address, person.sign))
    return studio


@pytest.fixture
def studio(tmp_path: Path, node: NodeProcess, person: Person) -> Iterator[Studio]:
    opened = open_profile(tmp_path, node.url, person)
    yield opened
    opened.close()


def tracks(studio: Studio, *files: Path) -> list[int]:
    studio.library.add(files, Work())
    by_path = {row.path: row.id for row in studio.library.rows(studio.library.ids())}
    return [by_path[file] for file in files]


def tone(folder: Path, name: str, ending: str = "flac") -> Path:
    """A short real file that no other test has."""
    hertz = 200 + int.from_bytes(os.urandom(2)) / 100
    return make(folder, ending, name=name, hertz=hertz, seconds=1.2)


def big(folder: Path, name: str = "Salt Meridian") -> Path:
    write_wav(folder / f"{name}.wav", 5_000_000)
    return folder / f"{name}.wav"


def until(condition: Callable[[], bool], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came about"
        time.sleep(0.01)


def row_of(studio: Studio, number: int) -> UploadRow:
    row = studio.uploads.row(number)
    assert row is not None
    return row


def moving(studio: Studio, number: int) -> bool:
    row = row_of(studio, number)
    return row.state is UploadState.SENDING and row.confirmed > 0


def test_tracks_are_sent_listed_and_linked(studio: Studio, tmp_path: Path) -> None:
    files = [tone(tmp_path, "Low Lamp"), tone(tmp_path, "Kelp – 夜 🎧", "mp3"), tone(tmp_path, "Nine", "m4a")]
    ids = tracks(studio, *files)
    studio.library.edit(
        [ids[0]],
        {
            Field.TITLE: ("Low Lamp",),
            Field.ARTIST: ("Bo Reed", "Ada Lark"),
            Field.GENRE: ("ambient",),
            Field.ISRC: ("NOA1B2600001",),
        },
    )
    told: list[Changes] = []
    studio.hub.subscribe(lambda changes, initiator: told.append(changes))

    added = studio.uploads.add(ids, price=5 * 10**15)
    assert [row.state for row in studio.uploads.rows()] == [UploadState.WAITING] * 3
    studio.uploads.start()
    rows = studio.uploads.wait(added.ids, 30)

    assert [(row.state, row.confirmed) for row in rows] == [(UploadState.DONE, row.size) for row in rows]
    song = studio.api.songs.get(rows[0].song_id)
    digest = digest_file(files[0])
    assert (song.title, song.artist, song.genre, song.price_wei) == (
        "Low Lamp",
        "Bo Reed; Ada Lark",
        "ambient",
        5 * 10**15,
    )
    assert (song.cid, song.content_hash, song.metadata) == (digest.cid, digest.content_hash, {"isrc": "NOA1B2600001"})
    assert studio.api.songs.get(rows[1].song_id).artist == "Ada Lark"
    track = studio.library.track(ids[0])
    assert track is not None
    assert (track.row.song_id, track.content_hash) == (song.song_id, digest.content_hash[2:])
    assert any(changes.touches(Kind.UPLOADS) for changes in told)
    assert any(changes.touches(Kind.TRACKS) for changes in told)
    detail = studio.uploads.detail(added.ids[0])
    assert detail is not None
    assert dict(detail.steps) == {**dict.fromkeys(Step, StepState.DONE), Step.REGISTER: StepState.TODO}
    totals = studio.uploads.totals()
    assert (totals.done, totals.uploads, totals.confirmed == totals.size) == (3, 3, True)


def test_what_is_in_the_queue_or_uploaded_is_not_added_again(studio: Studio, tmp_path: Path) -> None:
    (track_id,) = tracks(studio, tone(tmp_path, "Once"))
    first = studio.uploads.add([track_id, track_id])
    assert (len(first.ids), studio.uploads.add([track_id]).already) == (1, (track_id,))
    studio.uploads.start()
    studio.uploads.wait(first.ids, 20)
    assert studio.uploads.add([track_id]).already == (track_id,)
    assert studio.uploads.add([9_999]).gone == (9_999,)


def test_a_song_listed_before_gets_its_details_brought_up_to_date(
    studio: Studio, tmp_path: Path, node: NodeProcess, person: Person
) -> None:
    file = tone(tmp_path, "Before")
    (track_id,) = tracks(studio, file)
    studio.uploads.start()
    (first,) = studio.uploads.wait(studio.uploads.add([track_id]).ids, 20)
    other = open_profile(tmp_path / "other computer", node.url, person)
    try:
        (there,) = tracks(other, file)
        other.library.edit([there], {Field.TITLE: ("After",)})
        other.uploads.start()
        (second,) = other.uploads.wait(other.uploads.add([there]).ids, 20)
    finally:
        other.close()
    assert second.song_id == first.song_id
    assert studio.api.songs.get(first.song_id).title == "After"


def test_pausing_keeps_what_is_confirmed_and_resuming_goes_on(studio: Studio, tmp_path: Path) -> None:
    studio.settings.set(UPLOAD_KBPS, 3_000)
    (number,) = studio.uploads.add(tracks(studio, big(tmp_path))).ids
    studio.uploads.start()
    until(lambda: moving(studio, number))
    studio.uploads.pause()
    (paused,) = studio.uploads.wait([number], 10)
    assert paused.state is UploadState.PAUSED
    assert 0 < paused.confirmed < paused.size
    assert studio.uploads.totals().paused == 1
    studio.settings.set(UPLOAD_KBPS, 0)
    studio.uploads.resume([number])
    (done,) = studio.uploads.wait([number], 20)
    assert (done.state, done.confirmed) == (UploadState.DONE, done.size)


def test_the_queue_outlives_the_program_and_goes_on_where_the_server_stands(
    tmp_path: Path, node: NodeProcess, person: Person
) -> None:
    first = open_profile(tmp_path, node.url, person)
    first.settings.set(UPLOAD_KBPS, 3_000)
    numbers = first.uploads.add(tracks(first, big(tmp_path), tone(tmp_path, "Later"))).ids
    first.settings.set(UPLOADS_AT_ONCE, 1)
    first.uploads.start()
    until(lambda: moving(first, numbers[0]))
    first.close()

    second = open_profile(tmp_path, node.url, person)
    try:
        rows = second.uploads.rows()
        assert [row.state for row in rows] == [UploadState.WAITING] * 2
        assert rows[0].confirmed > 0
        second.settings.set(UPLOAD_KBPS, 0)
        least: list[int] = []
        second.hub.subscribe(lambda changes, initiator: least.append(row_of(second, numbers[0]).confirmed))
        second.uploads.start()
        assert {row.state for row in second.uploads.wait(numbers, 20)} == {UploadState.DONE}
        assert min(least) >= rows[0].confirmed
    finally:
        second.close()


def test_while_the_server_is_away_the_queue_waits_and_then_goes_on_by_itself(
    tmp_path: Path, node: NodeProcess, person: Person
) -> None:
    direct = api_of(node.url, person)
    direct.sign_in()
    token = direct.session.token(lambda path, body: pytest.fail("a token is there"))
    direct.close()
    line = Line(node.url)
    port = int(line.url.rsplit(":", 1)[1])
    line.close()
    studio = open_profile(tmp_path, line.url, person)
    studio.api.session.token = lambda ask: token  # type: ignore[method-assign]
    try:
        numbers = studio.uploads.add(tracks(studio, tone(tmp_path, "One"), tone(tmp_path, "Two"))).ids
        studio.uploads.start()
        until(lambda: studio.uploads.totals().offline != "")
        until(lambda: row_of(studio, numbers[0]).state is UploadState.WAITING)
        row = row_of(studio, numbers[0])
        assert row.title_of_why.startswith("Could not reach 127.0.0.1")
        assert "goes on by itself" in row.hint
        with Line(node.url, port):
            rows = studio.uploads.wait(numbers, 20)
            assert [each.state for each in rows] == [UploadState.DONE] * 2
            assert studio.uploads.totals().offline == ""
            studio.close()
    finally:
        studio.close()


def test_a_file_that_vanished_needs_somebody_and_goes_on_once_it_is_back(studio: Studio, tmp_path: Path) -> None:
    file = tone(tmp_path, "Gone")
    (number,) = studio.uploads.add(tracks(studio, file)).ids
    file.rename(tmp_path / "elsewhere.flac")
    studio.uploads.start()
    (row,) = studio.uploads.wait([number], 10)
    assert (row.state, row.title_of_why) == (UploadState.NEEDS_YOU, "Could not read “Gone.flac”")
    assert row.hint == "Put the file back, then go on."
    (tmp_path / "elsewhere.flac").rename(file)
    studio.uploads.retry([number])
    assert studio.uploads.wait([number], 20)[0].state is UploadState.DONE


def test_a_file_saved_again_while_it_is_sent_needs_somebody_and_the_new_one_is_sent(
    studio: Studio, tmp_path: Path
) -> None:
    file = big(tmp_path)
    (track_id,) = tracks(studio, file)
    studio.settings.set(UPLOAD_KBPS, 3_000)
    (number,) = studio.uploads.add([track_id]).ids
    studio.uploads.start()
    until(lambda: moving(studio, number))
    studio.uploads.pause([number])
    studio.uploads.wait([number], 10)
    digest = write_wav(file, 1_000_000)
    studio.settings.set(UPLOAD_KBPS, 0)
    studio.uploads.resume([number])
    (row,) = studio.uploads.wait([number], 10)
    assert (row.state, row.title_of_why) == (UploadState.NEEDS_YOU, "“Salt Meridian.wav” changed while it was sent")
    studio.uploads.retry([number])
    (row,) = studio.uploads.wait([number], 20)
    assert (row.state, studio.api.songs.get(row.song_id).cid) == (UploadState.DONE, digest.cid)


def test_a_file_saved_again_before_it_was_sent_is_simply_taken_as_it_is(studio: Studio, tmp_path: Path) -> None:
    file = big(tmp_path)
    (number,) = studio.uploads.add(tracks(studio, file)).ids
    digest = write_wav(file, 900_000)
    studio.uploads.start()
    (row,) = studio.uploads.wait([number], 20)
    assert studio.api.songs.get(row.song_id).cid == digest.cid


def test_a_song_without_an_artist_waits_until_there_is_one(studio: Studio, tmp_path: Path) -> None:
    studio.settings.set(ARTIST_NAME, "")
    (number,) = studio.uploads.add(tracks(studio, tone(tmp_path, "Nobody"))).ids
    studio.uploads.start()
    (row,) = studio.uploads.wait([number], 10)
    assert (row.state, row.title_of_why) == (UploadState.NEEDS_YOU, "No artist")
    detail = studio.uploads.detail(number)
    assert detail is not None
    assert detail.steps[0] == (Step.CHECK, StepState.FAILED)
    studio.settings.set(ARTIST_NAME, "Ada Lark")
    assert studio.uploads.wait([number], 20)[0].state is UploadState.DONE


def test_without_an_account_it_waits_until_there_is_one(tmp_path: Path, node: NodeProcess, person: Person) -> None:
    studio = open_profile(tmp_path, node.url, None)
    try:
        (number,) = studio.uploads.add(tracks(studio, tone(tmp_path, "Who"))).ids
        studio.uploads.start()
        (row,) = studio.uploads.wait([number], 10)
        assert (row.state, row.title_of_why, row.hint) == (
            UploadState.NEEDS_YOU,
            "Not signed in",
            "Create or import an account in Wallet.",
        )
        studio.api.use(Signer(lambda: person.address, person.sign))
        studio.hub.publish(Changes.of(Kind.ACCOUNTS))
        assert studio.uploads.wait([number], 20)[0].state is UploadState.DONE
    finally:
        studio.close()


def test_another_account_does_not_take_over_what_one_began(studio: Studio, tmp_path: Path, person: Person) -> None:
    studio.settings.set(UPLOAD_KBPS, 3_000)
    (number,) = studio.uploads.add(tracks(studio, big(tmp_path))).ids
    studio.uploads.start()
    until(lambda: moving(studio, number))
    studio.uploads.pause()
    studio.uploads.wait([number], 10)
    other = Person.new()
    studio.api.use(Signer(lambda: other.address, other.sign))
    studio.uploads.resume()
    (row,) = studio.uploads.wait([number], 10)
    assert (row.state, row.title_of_why) == (UploadState.NEEDS_YOU, "This belongs to another account")


def test_stopping_and_removing(studio: Studio, tmp_path: Path) -> None:
    studio.settings.set(UPLOAD_KBPS, 3_000)
    (number,) = studio.uploads.add(tracks(studio, big(tmp_path))).ids
    studio.uploads.start()
    until(lambda: moving(studio, number))
    studio.uploads.stop([number])
    (row,) = studio.uploads.wait([number], 10)
    assert (row.state, row.title_of_why) == (UploadState.STOPPED, "Stopped by you")
    studio.uploads.retry()
    until(lambda: moving(studio, number))
    studio.uploads.remove([number])
    assert studio.uploads.rows() == []
    until(lambda: studio.jobs.running() == ())


def test_no_more_run_at_once_than_the_setting_says(studio: Studio, tmp_path: Path) -> None:
    studio.settings.set(UPLOADS_AT_ONCE, 2)
    studio.settings.set(UPLOAD_KBPS, 4_000)
    numbers = studio.uploads.add(tracks(studio, *(big(tmp_path, f"Part {part}") for part in range(3)))).ids
    most = [0]
    lock = threading.Lock()

    def look(changes: Changes, initiator: object | None) -> None:
        with lock:
            most[0] = max(most[0], studio.uploads.totals().running)

    studio.hub.subscribe(look)
    studio.uploads.start()
    until(lambda: moving(studio, numbers[0]) and moving(studio, numbers[1]))
    assert row_of(studio, numbers[2]).state is UploadState.WAITING
    studio.settings.set(UPLOAD_KBPS, 0)
    assert {row.state for row in studio.uploads.wait(numbers, 30)} == {UploadState.DONE}
    assert most[0] == 2

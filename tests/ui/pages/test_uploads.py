"""The Uploads page: on a real node, without one, by mouse and by keys."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLineEdit, QTableView
from pytestqt.qtbot import QtBot

from mycelix_studio import settings
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.app import App
from mycelix_studio.domain.clock import now
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.upload import Step, StepState, UploadState
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui.pages.uploads import model, view
from mycelix_studio.ui.pages.uploads.model import Act
from mycelix_studio.ui.pages.uploads.page import UploadsPage
from tests.fixtures.audio import make
from tests.fixtures.node import NodeProcess, Person, node  # noqa: F401
from tests.fixtures.postgres import postgres  # noqa: F401
from tests.integration.api.test_uploads import write_wav

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def page(window: App) -> UploadsPage:
    """The open page."""
    window.studio.settings.set(settings.ARTIST_NAME, "Maren Okafor")
    window.window.go("uploads")
    made = window.window.page("uploads")
    assert isinstance(made, UploadsPage)
    return made


@pytest.fixture
def signed_in(page: UploadsPage, node: NodeProcess) -> UploadsPage:  # noqa: F811
    """The open page of somebody whom a running node knows."""
    person = Person.new()
    page.studio.settings.set(settings.API_URL, node.url)
    page.studio.settings.set(settings.CHAIN_ID, 31337)
    page.studio.api.use(Signer(lambda: person.address, person.sign))
    return page


def tone(folder: Path, name: str = "Low Lamp") -> Path:
    return make(folder, "flac", name=name, hertz=200 + int.from_bytes(os.urandom(2)) / 100, seconds=1.2)


def track(page: UploadsPage, file: Path) -> int:
    page.studio.library.add([file], Work())
    return next(row.id for row in page.studio.library.rows(page.studio.library.ids()) if row.path == file)


def cell(page: UploadsPage, row: int, key: str) -> str:
    column = next(n for n, each in enumerate(page.model.columns) if each.key == key)
    return str(page.model.index(row, column).data())


def press(page: UploadsPage, act: Act, qtbot: QtBot) -> None:
    """Click the painted button of the first row that does this."""
    table = page.view.table
    rect = table.visualRect(page.model.index(0, len(page.model.columns) - 1))
    for x in range(rect.left(), rect.right(), 4):
        point = QPoint(x, rect.center().y())
        if table.act_at(point) == (0, act):
            qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=point)
            return
    pytest.fail(f"no button for {act}")


def test_an_empty_queue_says_what_to_do(page: UploadsPage, window: App, until: Until, qtbot: QtBot) -> None:
    until(lambda: page.view.states.showing == "other")
    assert not page.view.inspector.isVisible()
    assert not page.view.strip.isVisible()
    assert not page.pause_all.isEnabled()
    assert page.view.states.other is not None
    buttons = page.view.states.other.findChildren(QAbstractButton)
    assert [button.accessibleName() for button in buttons] == ["Choose in Library", "Choose files"]
    qtbot.mouseClick(buttons[0], Qt.MouseButton.LeftButton)
    assert window.window.current is window.window.page("library")


def test_a_track_goes_from_the_library_to_the_platform(
    signed_in: UploadsPage, window: App, tmp_path: Path, until: Until
) -> None:
    page = signed_in
    page.uploads.start()
    window.window.go("uploads", [track(page, tone(tmp_path))])
    until(lambda: bool(page.model.ids) and cell(page, 0, "state") == "Done")
    assert cell(page, 0, "track") == "Low Lamp"
    assert cell(page, 0, "progress").startswith("Fingerprints equal, ")
    until(lambda: page.view.inspector.steps[Step.LIST].state is StepState.DONE)
    assert page.view.inspector.steps[Step.FINGERPRINT].line.text().startswith("bafkrei")
    assert page.view.inspector.steps[Step.REGISTER].line.text() == "Waits for your signature, in Strategies"
    assert (page.view.done.text(), page.view.bar.share) == ("1 of 1 done", 1.0)
    assert page.header.context.text() == "1 in the queue"
    assert window.window.toasts.shown[-1].message.title == "1 track in the queue"
    assert "done" in page.view.inspector.steps[Step.SEND].accessibleName()


def test_pause_and_go_on_by_mouse_and_by_key(
    signed_in: UploadsPage, tmp_path: Path, until: Until, qtbot: QtBot
) -> None:
    page = signed_in
    file = tmp_path / "Salt Meridian.wav"
    write_wav(file, 5_000_000)
    page.studio.settings.set(settings.UPLOAD_KBPS, 3_000)
    page.uploads.start()
    page.open([track(page, file)])
    until(lambda: bool(page.model.ids) and page.model.by_id[page.model.ids[0]].confirmed > 0)
    assert page._tick.isActive()
    press(page, Act.PAUSE, qtbot)
    until(lambda: cell(page, 0, "state") == "Paused")
    until(lambda: "Paused by you, " in cell(page, 0, "progress"))
    until(lambda: not page._tick.isActive())
    assert page.pause_all.accessibleName() == "Go on with all"
    until(lambda: 0 < page.model.by_id[page.model.ids[0]].confirmed < 5_000_000)
    page.studio.settings.set(settings.UPLOAD_KBPS, 0)
    page.view.table.setFocus()
    next(command for command in page.commands() if command.keys == "Ctrl+P").run()
    until(lambda: cell(page, 0, "state") == "Done")


def test_the_order_is_changed_by_keys(page: UploadsPage, tmp_path: Path, until: Until) -> None:
    page.open([track(page, tone(tmp_path, name)) for name in ("One", "Two", "Three")])
    until(lambda: len(page.model.ids) == 3)
    assert [cell(page, row, "progress") for row in range(3)] == ["Next", "In line", "In line"]
    page.view.table.select_ids([page.model.ids[2]])
    page.view.table.setFocus()
    next(command for command in page.commands() if command.keys == "Alt+Home").run()
    until(lambda: [cell(page, row, "track") for row in range(3)] == ["Three", "One", "Two"])
    next(command for command in page.commands() if command.keys == "Alt+Down").run()
    until(lambda: [cell(page, row, "track") for row in range(3)] == ["One", "Three", "Two"])
    assert page.view.table.selected_ids() == [page.model.ids[1]]


def test_stopping_then_taking_off_the_queue(page: UploadsPage, tmp_path: Path, until: Until, qtbot: QtBot) -> None:
    page.open([track(page, tone(tmp_path))])
    until(lambda: bool(page.model.ids))
    assert cell(page, 0, "progress") == "Next"
    press(page, Act.STOP, qtbot)
    until(lambda: cell(page, 0, "state") == "Stopped")
    until(lambda: page.view.inspector.note is not None)
    press(page, Act.REMOVE, qtbot)
    until(lambda: page.view.states.showing == "other")


def test_without_a_server_it_says_where_to_choose_one(
    page: UploadsPage, window: App, tmp_path: Path, until: Until, qtbot: QtBot
) -> None:
    page.uploads.start()
    page.open([track(page, tone(tmp_path))])
    until(lambda: bool(page.model.ids) and cell(page, 0, "state") == "Needs you")
    assert cell(page, 0, "progress") == "No server chosen yet"
    until(lambda: page.view.inspector.note is not None)
    note = page.view.inspector.note
    assert note is not None
    assert "https://music.example" in note.words.text()
    assert page.view.inspector.steps[Step.CHECK].state is StepState.FAILED
    assert page.header.context.text() == "1 in the queue · 1 needs you"
    qtbot.mouseClick(note.buttons[0], Qt.MouseButton.LeftButton)
    assert window.window.current is window.window.page("settings")


def test_an_artist_typed_in_the_library_lets_the_upload_go_on(
    page: UploadsPage, window: App, tmp_path: Path, until: Until
) -> None:
    page.studio.settings.set(settings.ARTIST_NAME, "")
    page.studio.settings.set(settings.API_URL, "http://127.0.0.1:9")
    page.uploads.start()
    number = track(page, tone(tmp_path))
    page.open([number])
    until(lambda: bool(page.model.ids) and cell(page, 0, "progress") == "No artist")
    library = page.studio.library
    page.bridge.run(Lane.DB, lambda work: library.edit([number], {Field.ARTIST: ("Ada Lark",)}))
    until(lambda: cell(page, 0, "progress") != "No artist")


def test_while_the_server_is_away_the_page_says_so(page: UploadsPage, tmp_path: Path, until: Until) -> None:
    page.studio.settings.set(settings.API_URL, "http://127.0.0.1:9")
    person = Person.new()
    page.studio.api.use(Signer(lambda: person.address, person.sign))
    page.uploads.start()
    page.open([track(page, tone(tmp_path))])
    until(lambda: page._offline_note is not None)
    until(lambda: "Goes on by itself" in cell(page, 0, "progress"))
    assert cell(page, 0, "state") == "Waiting"
    assert page._offline_note is not None
    assert "kept on this computer" in page._offline_note.words.text()
    page.uploads.pause()
    page.refresh()
    until(lambda: page._offline_note is None)


def test_dropped_music_is_queued_and_a_text_file_is_refused_in_words(
    page: UploadsPage, window: App, tmp_path: Path, until: Until
) -> None:
    notes = tmp_path / "notes.mp3"
    notes.write_text("no music\n" * 200)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(tone(tmp_path))), QUrl.fromLocalFile(str(notes))])
    copy = Qt.DropAction.CopyAction
    page.dropEvent(QDropEvent(QPointF(9, 9), copy, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier))
    until(lambda: len(page.model.ids) == 1)
    titles = {toast.message.title for toast in window.window.toasts.shown}
    assert "1 track in the queue" in titles
    assert any("notes.mp3" in title for title in titles)


def test_what_cannot_be_read_is_an_error_with_a_way_out(page: UploadsPage, until: Until, qtbot: QtBot) -> None:
    until(lambda: page.view.states.showing == "other")
    page._cannot_read(Known("Could not read the queue", "The disk does not answer.", "Try again."))
    assert page.view.states.other is not None
    (button,) = page.view.states.other.findChildren(QAbstractButton)
    assert button.accessibleName() == "Try again"
    assert not page.view.strip.isVisible()


def test_the_limit_is_kept_at_once_and_another_one_is_shown(page: UploadsPage, qtbot: QtBot) -> None:
    page.view.limit.setCurrentIndex(page.view.limit.findText("2 MB/s"))
    page.view.limit.activated.emit(page.view.limit.currentIndex())
    assert page.studio.settings.get(settings.UPLOAD_KBPS) == 2_000
    page.studio.settings.set(settings.UPLOAD_KBPS, 333)
    page.show_now()
    assert page.view.limit.currentText() == "333 kB/s"


def test_every_control_has_a_name_and_rows_speak(page: UploadsPage, tmp_path: Path, until: Until) -> None:
    page.open([track(page, tone(tmp_path))])
    until(lambda: bool(page.model.ids))
    for kind in (QAbstractButton, QLineEdit, QComboBox, QTableView):
        for widget in page.findChildren(kind):
            inner = widget.objectName().startswith("qt_") or (kind is QAbstractButton and not widget.isVisible())
            assert widget.accessibleName() or inner or not widget.isEnabled(), widget
    spoken = Qt.ItemDataRole.AccessibleTextRole
    said = [str(page.model.index(0, column).data(spoken)) for column in range(5)]
    assert said[1:] == [
        "Track: Low Lamp",
        "State: Waiting",
        "Confirmed by the server: Next",
        "Buttons: Pause, Stop",
    ]


def test_words_for_bytes_time_and_moments() -> None:
    assert model.of_words(38_100_000, 61_400_000) == "38.1 of 61.4 MB"
    assert model.of_words(900_000, 61_400_000) == "900.0 kB of 61.4 MB"
    assert model.of_words(0, 61_400_000) == "0 of 61.4 MB"
    assert [model.left_words(seconds) for seconds in (6, 600, 7_300, None)] == [
        "6 s left",
        "10 min left",
        "2 h left",
        "",
    ]
    assert model.left_words(34, about=True) == "about 34 s left"
    zone = ZoneInfo("UTC")
    assert model.time_words(now(), zone) == now().strftime("%H:%M")
    assert "2019" in model.time_words(now().replace(year=2019, day=13), zone)
    assert ":" not in model.time_words(now() - timedelta(days=2), zone)
    assert [view.rate_words(speed) for speed in (6_000_000, 500_000, 1_500_000)] == ["6 MB/s", "500 kB/s", "1.5 MB/s"]
    assert [view.nice_top(most) for most in (1, 3_900_000, 4_100_000, 9_000_000)] == [
        1_000,
        4 * 10**6,
        6 * 10**6,
        10**7,
    ]


def test_what_the_delivery_rules_found_stands_beside_the_check(page: UploadsPage, tmp_path: Path, until: Until) -> None:
    number = track(page, tone(tmp_path))
    page.open([number])
    until(lambda: bool(page.model.ids))
    page.studio.preflight.check_due(Work())
    stops, warnings = page.studio.preflight.counts([number])[number]
    with page.studio.database.write() as db:
        db.execute("UPDATE upload SET step = 'send', state = 'paused'")
    page.refresh()
    until(lambda: page.view.inspector.steps[Step.CHECK].line.text() == model.checks_words(stops, warnings))
    assert stops + warnings > 0
    assert model.checks_words(0, 2) == "2 hints left, none that stop a delivery"
    assert model.checks_words(1, 0).startswith("1 finding that other stores would refuse")
    assert model.checks_words(0, 0) == "Nothing stands in the way of a delivery"


@pytest.mark.parametrize("state", list(UploadState))
def test_every_state_has_a_chip_and_buttons(state: UploadState) -> None:
    assert state in model.STATE_CHIP
    assert set(model.ACT_ICON) == set(model.ACT_WORDS) == set(Act)

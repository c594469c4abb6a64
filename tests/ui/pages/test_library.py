from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent, QGuiApplication
from pytestqt.qtbot import QtBot

from mycelix_studio.app import App
from mycelix_studio.domain.fields import Field
from mycelix_studio.media import reader
from mycelix_studio.ui.pages.library.page import LibraryPage
from tests.fixtures import audio

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("songs")
    for index, ending in enumerate(("flac", "mp3", "wav")):
        audio.make(folder, ending, name=f"song {index}", hertz=220 + 40 * index)
    return folder


@pytest.fixture
def page(window: App, songs: Path, tmp_path: Path, until: Until) -> LibraryPage:
    """The library with three songs."""
    music = tmp_path / "music"
    shutil.copytree(songs, music)
    made = window.window.page("library")
    assert isinstance(made, LibraryPage)
    made.files.add_paths([music])
    until(lambda: len(made.model.ids) == 3)
    return made


def _type(page: LibraryPage, field: Field, words: str, qtbot: QtBot) -> None:
    line = page.view.inspector.fields[field]
    line.setFocus()
    line.selectAll()
    qtbot.keyClicks(line, words)
    qtbot.keyClick(line, Qt.Key.Key_Return)


def test_an_empty_library_says_what_to_do(window: App, until: Until) -> None:
    page = window.window.page("library")
    assert isinstance(page, LibraryPage)
    until(lambda: page.view.states.showing == "other")
    assert not page.view.inspector.isVisible()
    assert not page.upload.isEnabled()


def test_dropped_files_are_listed_and_the_first_is_shown(page: LibraryPage, until: Until) -> None:
    until(lambda: page.view.inspector.title.accessibleName() == "song 0")
    assert page.view.totals.text().startswith("3 tracks")
    assert "MP3" in str(page.model.index(1, 4).data())


def test_an_edit_is_kept_marked_and_written_on_save(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    until(lambda: page.view.inspector.title.accessibleName() == "song 0")
    _type(page, Field.TITLE, "Low Lamp", qtbot)
    _type(page, Field.ARTIST, "Maren Okafor; Ilse Brandt", qtbot)
    until(lambda: page.view.inspector.save.isEnabled() and page.view.inspector.unsaved.text() == "1 unsaved track")
    until(lambda: any("Low Lamp" in str(page.model.index(row, 1).data()) for row in range(3)))
    row = page.model.row(page.view.table.currentIndex().row())
    assert row is not None and row.edited
    qtbot.mouseClick(page.view.inspector.save, Qt.MouseButton.LeftButton)
    until(lambda: page.view.inspector.unsaved.text() == "Everything is saved")
    tags = reader.read(row.path)
    assert tags.fields[Field.TITLE] == ("Low Lamp",)
    assert tags.fields[Field.ARTIST] == ("Maren Okafor", "Ilse Brandt")


def test_many_tracks_are_edited_at_once_and_mixed_values_say_so(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    until(lambda: page.view.inspector.title.accessibleName() == "song 0")
    _type(page, Field.TITLE, "First", qtbot)
    page.view.table.selectAll()
    until(lambda: page.view.inspector.title.text() == "3 tracks")
    until(lambda: page.view.inspector.fields[Field.TITLE].placeholderText().startswith("Mixed"))
    _type(page, Field.ALBUM, "Salt Meridian", qtbot)
    until(lambda: page.view.inspector.unsaved.text() == "3 unsaved tracks")
    page.files.save_all()
    until(lambda: page.library.unsaved() == [])
    rows = page.library.rows(page.model.ids)
    assert {row.album for row in rows} == {"Salt Meridian"}
    assert sorted(row.title for row in rows) == ["First", "song 1", "song 2"]


def test_ctrl_z_takes_an_edit_back_and_ctrl_shift_z_makes_it_again(
    page: LibraryPage, qtbot: QtBot, until: Until
) -> None:
    until(lambda: page.view.inspector.title.accessibleName() == "song 0")
    assert not page.undo.isVisible()
    _type(page, Field.TITLE, "Low Lamp", qtbot)
    until(lambda: page.library.unsaved() != [] and page.undo.isVisible())
    page.view.table.setFocus()
    control = Qt.KeyboardModifier.ControlModifier
    qtbot.keyClick(page.view.table, Qt.Key.Key_Z, control)
    until(lambda: page.library.unsaved() == [])
    until(lambda: page.view.inspector.title.accessibleName() == "song 0")
    qtbot.keyClick(page.view.table, Qt.Key.Key_Z, control | Qt.KeyboardModifier.ShiftModifier)
    until(lambda: page.library.unsaved() != [])
    until(lambda: page.view.inspector.title.accessibleName() == "Low Lamp")


def test_a_wrong_isrc_is_not_taken(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    until(lambda: page.view.inspector.title.accessibleName() == "song 0")
    _type(page, Field.ISRC, "NO-A1B-26-0001", qtbot)
    line = page.view.inspector.fields[Field.ISRC]
    assert line.property("wrong")
    assert "11 given" in line.accessibleDescription()
    assert page.library.unsaved() == []
    line.setText("")
    _type(page, Field.ISRC, "no-a1b-26-00011", qtbot)
    until(lambda: page.library.unsaved() != [])
    row = page.model.row(0)
    assert row is not None
    until(lambda: page.library.rows([row.id])[0].isrc == "NOA1B2600011")


def test_what_wav_cannot_hold_is_said_before_saving(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    place = next(row for row in range(3) if str(page.model.index(row, 4).data()) == "WAV")
    page.view.table.select_ids([page.model.ids[place]])
    until(lambda: page.view.inspector.audio.words.startswith("WAV"))
    until(
        lambda: (
            bool(page.editor.details)
            and page.editor.details is not None
            and page.editor.details.tracks[0].audio.container == "WAV"
        )
    )
    _type(page, Field.ISRC, "NOA1B2600011", qtbot)
    family = page.editor.details.tracks[0].family if page.editor.details else ""
    if family == "riff":
        until(lambda: page.view.inspector.note_place.count() == 1)
    else:
        until(lambda: page.library.unsaved() != [])
        assert page.view.inspector.note_place.count() == 0


def test_the_filter_hides_says_so_and_is_cleared(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    page.focus_filter()
    qtbot.keyClicks(page.view.filter, "song 1")
    until(lambda: len(page.model.ids) == 1)
    qtbot.keyClicks(page.view.filter, "xyz")
    until(lambda: page.view.states.showing == "other")
    qtbot.keyClick(page.view.filter, Qt.Key.Key_Escape)
    until(lambda: len(page.model.ids) == 3 and page.view.states.showing == "content")


def test_a_heading_sorts_and_the_selection_stays(page: LibraryPage, until: Until) -> None:
    chosen = page.view.table.selected_ids()
    page.view.table.sort_wanted.emit("title", True)
    until(lambda: page.model.sorted_by == ("title", True) and str(page.model.index(0, 1).data()) == "song 2")
    assert page.view.table.selected_ids() == chosen


def test_selected_rows_are_copied_as_a_table(page: LibraryPage) -> None:
    page.view.table.selectAll()
    page.view.table.copy_as_table()
    lines = QGuiApplication.clipboard().text().splitlines()
    assert len(lines) == 4
    assert lines[0].startswith("Title\tAlbum\tLength")


def test_a_file_that_is_no_music_is_named_and_nothing_else_suffers(window: App, tmp_path: Path, until: Until) -> None:
    bad = tmp_path / "note.mp3"
    bad.write_text("this is a shopping list")
    page = window.window.page("library")
    assert isinstance(page, LibraryPage)
    page.files.add_paths([bad])
    until(lambda: any("note.mp3" in toast.message.title for toast in window.window.toasts.shown))


def test_a_picture_dropped_on_tracks_becomes_their_cover(page: LibraryPage, tmp_path: Path, until: Until) -> None:
    from PIL import Image

    picture = tmp_path / "front.png"
    Image.new("RGB", (64, 64), "#335577").save(picture)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    event = QDropEvent(
        QPointF(10, 10), Qt.DropAction.CopyAction, mime, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    page.dropEvent(event)
    until(lambda: page.library.unsaved() != [])
    until(lambda: "64 × 64" in page.view.inspector.art_line.text())

"""Listening in the library: the player as it is, where it begins, and the waveform that is looked at closely."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio.app import App
from mycelix_studio.domain.fields import Field
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.player import Player
from tests.fixtures import audio
from tests.fixtures.songs import Songs, prepare, profile  # noqa: F401

Until = Callable[[Callable[[], bool]], None]
plays = pytest.mark.no_qt_log
"""Sound comes out, so Qt's messages are not caught: where no loudspeakers are, a thread of Qt's complains, and to complain to Python it
waits for the lock that ``play()`` holds while it waits for that thread."""


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Songs:
    titles = ("Altitude", "Birchbark")
    return prepare(tmp_path_factory.mktemp("songs"), [(f"song {at}", "wav", title) for at, title in enumerate(titles)])


@pytest.fixture
def page(window: App, until: Until) -> LibraryPage:
    made = window.window.page("library")
    assert isinstance(made, LibraryPage)
    until(lambda: made.view.inspector.waveform.measured)
    made.view.table.setFocus()
    return made


@plays
def test_the_first_seek_lands_though_the_file_is_still_being_loaded(qtbot: QtBot, tmp_path: Path, until: Until) -> None:
    player = Player()
    places: list[float] = []
    player.moved.connect(lambda seconds, _length: places.append(seconds))
    player.toggle(audio.make(tmp_path, "flac", seconds=8.0))
    player.seek(5.0)
    until(lambda: len(places) > 20)
    assert [at for at in places if 0 < at < 4.9] == []
    assert sum(b > a for a, b in pairwise(places)) > 12, "it goes on between what the system tells"
    player.stop()
    assert not player.playing and not player._frames.isActive()


def test_who_zooms_in_sees_milliseconds_read_off_the_window(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    waveform = page.view.inspector.waveform
    assert not waveform.fine
    qtbot.keyClick(page.view.table, Qt.Key.Key_Plus)  # from wherever one is on the page
    until(lambda: waveform.fine)
    assert not waveform.span.whole and len(waveform._points.pyramid) == 500  # type: ignore[union-attr]
    qtbot.keyClick(page.view.table, Qt.Key.Key_Minus)
    until(lambda: waveform.span.whole)


def test_another_track_is_shown_whole_and_gets_points_of_its_own(page: LibraryPage, until: Until) -> None:
    waveform, sound = page.view.inspector.waveform, page.sound
    waveform.zoom_in()
    page.view.table.select_ids(page.model.ids[1:])  # before they came
    until(lambda: sound.track is not None and sound.track.row.title == "Birchbark")
    assert waveform.span.whole and not waveform.fine
    waveform.zoom_in()
    until(lambda: waveform.fine)
    assert sound.closer.track_id == page.model.ids[1]


def test_the_view_stays_where_it_is_when_tags_are_saved(page: LibraryPage, until: Until) -> None:
    waveform = page.view.inspector.waveform
    track = page.model.ids[0]
    waveform.zoom_in()
    until(lambda: waveform.fine)
    shown = (waveform.span.first, waveform.span.last)
    page.library.edit([track], {Field.TITLE: ("Altitude II",)})
    page.files.save_ids([track])
    until(lambda: page.view.inspector.title.accessibleName() == "Altitude II" and page.files.job is None)
    until(lambda: waveform.measured and waveform.fine)
    assert (waveform.span.first, waveform.span.last) == shown


def test_a_file_that_is_gone_is_told_and_not_asked_for_again(page: LibraryPage, window: App, until: Until) -> None:
    row = page.library.rows(page.model.ids[:1])[0]
    row.path.unlink()
    before = len(window.window.toasts.shown)
    page.view.inspector.waveform.zoom_in()
    until(lambda: len(window.window.toasts.shown) > before)
    page.view.inspector.waveform.zoom_in()
    QApplication.processEvents()
    assert page.sound.closer._asked and len(window.window.toasts.shown) == before + 1


@plays
def test_a_click_into_the_waveform_plays_from_there(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    waveform = page.view.inspector.waveform
    qtbot.mouseClick(waveform, Qt.MouseButton.LeftButton, pos=QPoint(waveform.width() // 2, 10))
    assert page.sound.player.path == page.library.rows(page.model.ids[:1])[0].path
    until(lambda: page.sound.player.seconds > 0.2)
    page.sound.release()
    assert not page.sound.playing

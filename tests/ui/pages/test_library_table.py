"""The library's table: editing where a value stands, finding by letters, what is remembered, the history tab, two tracks compared."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from mycelix_studio.app import App
from mycelix_studio.domain.fields import Field
from mycelix_studio.media import reader
from mycelix_studio.services.opening import open_studio
from mycelix_studio.ui.pages.library.compare import gains
from mycelix_studio.ui.pages.library.page import LibraryPage
from mycelix_studio.ui.widgets.inputs import Field as LineField
from tests.fixtures.songs import Songs, prepare, profile  # noqa: F401

F = Field
Until = Callable[[Callable[[], bool]], None]
TITLES = ("Altitude", "Birchbark", "Café Nord")


@pytest.fixture(scope="module")
def songs(tmp_path_factory: pytest.TempPathFactory) -> Songs:
    return prepare(
        tmp_path_factory.mktemp("songs"), [(f"song {index}", "flac", title) for index, title in enumerate(TITLES)]
    )


@pytest.fixture
def page(window: App, until: Until) -> LibraryPage:
    made = window.window.page("library")
    assert isinstance(made, LibraryPage)
    until(lambda: made.view.inspector.title.accessibleName() == "Altitude")
    made.view.table.setFocus()
    return made


def _cell(page: LibraryPage) -> LineField:
    found = page.view.table.open_line
    assert found is not None
    return found


def _titles(page: LibraryPage) -> list[str]:
    return [row.title for row in page.library.rows(page.library.ids())]


def test_f2_edits_the_cell_and_alt_down_goes_on_in_the_next_row(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    qtbot.keyClick(page.view.table, Qt.Key.Key_F2)
    assert page.view.table.editing and _cell(page).text() == "Altitude"
    qtbot.keyClicks(_cell(page), "First")
    page.neighbour(1)
    assert page.view.table.editing and page.view.table.currentIndex().row() == 1
    until(lambda: "First" in _titles(page))
    assert page.view.table.editing, "what was kept meanwhile does not close the cell"
    line = _cell(page)
    assert line.text() == "Birchbark"
    qtbot.keyClicks(line, "Second")
    qtbot.keyClick(line, Qt.Key.Key_Return)
    until(lambda: sorted(_titles(page)) == ["Café Nord", "First", "Second"])
    until(lambda: not page.view.table.editing)
    qtbot.keyClick(page.view.table, Qt.Key.Key_F2)
    line = _cell(page)
    qtbot.keyClicks(line, "Nothing of this")
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert not page.view.table.editing and "Nothing of this" not in _titles(page)


def test_alt_down_in_the_inspector_stays_in_the_field(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    line = page.view.inspector.fields[F.ALBUM]
    line.setFocus()
    qtbot.keyClicks(line, "Salt Meridian")
    qtbot.keyClick(line, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    until(lambda: page.view.inspector.title.accessibleName() != "Altitude")
    assert QApplication.focusWidget() is line
    until(lambda: len(page.library.unsaved()) == 1 and line.text() == "")


def test_letters_find_a_title_whatever_its_accents(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    def current() -> str:
        row = page.model.row(page.view.table.currentIndex().row())
        return row.title if row is not None else ""

    qtbot.keyClicks(page.view.table, "b")
    until(lambda: current() == "Birchbark")
    page.view.table._last_letter = 0.0  # as after a pause
    qtbot.keyClicks(page.view.table, "cafe")
    until(lambda: current() == "Café Nord")
    page.focus_filter()
    qtbot.keyClicks(page.view.filter, "cafe")
    until(lambda: len(page.model.ids) == 1)


def test_a_column_of_a_tag_sorts_and_numbers_count_as_numbers(page: LibraryPage, until: Until) -> None:
    by_title = {row.title: row.id for row in page.library.rows(page.model.ids)}
    page.library.edit_each(
        {by_title[title]: {F.TRACK: (number,)} for title, number in zip(TITLES, ("10", "9/12", "2"), strict=True)}
    )
    page.show_columns(["title", "track", "name"])
    page.view.table.sort_wanted.emit("track", False)
    until(
        lambda: (
            [page.library.rows([each])[0].title for each in page.model.ids] == ["Café Nord", "Birchbark", "Altitude"]
        )
    )
    until(lambda: str(page.model.index(1, 1).data()) == "9/12")
    assert str(page.model.index(0, 2).data()) == "song 2.flac"


def test_what_was_shown_is_shown_again_after_a_crash(
    page: LibraryPage, qapp: QApplication, until: Until, qtbot: QtBot
) -> None:
    ids = list(page.model.ids)
    page.library.edit([ids[1]], {F.TITLE: ("Not saved",)})
    page.show_columns(["title", "genre"])
    page.view.table.sort_wanted.emit("title", True)
    page.view.table.select_ids([ids[2]])
    page.kept.write()
    again = App(qapp, open_studio(page.studio.paths))
    again.open()
    qtbot.waitExposed(again.window)
    fresh = again.window.page("library")
    assert isinstance(fresh, LibraryPage)
    try:
        until(lambda: fresh.view.table.selected_ids() == [ids[2]])
        assert [column.key for column in fresh.model.columns] == ["title", "genre"]
        assert fresh.model.sorted_by == ("title", True)
        assert fresh.library.unsaved() == [ids[1]]
    finally:
        again.close()


def test_the_history_tab_takes_writes_back(page: LibraryPage, qtbot: QtBot, until: Until) -> None:
    track_id = page.view.table.selected_ids()[0]
    path = page.library.rows([track_id])[0].path
    page.show_track(track_id, "history")
    until(lambda: page.view.inspector.history_rows.count() == 1)
    page.library.edit([track_id], {F.TITLE: ("Renamed",), F.LABEL: ("Kaliko Tapes",)})
    page.files.save_ids([track_id])
    until(lambda: len(page.history.items) == 1 and page.files.job is None)
    assert "Title: Altitude → Renamed" in page.history.items[0].accessibleName()
    qtbot.mouseClick(page.history.undo_button, Qt.MouseButton.LeftButton)
    until(lambda: len(page.history.items) == 2 and page.files.job is None)
    assert reader.read(path).fields[F.TITLE] == ("Altitude",)
    back = page.history.items[0].back
    assert back is not None
    qtbot.mouseClick(back, Qt.MouseButton.LeftButton)
    until(lambda: len(page.history.items) == 3 and page.files.job is None)
    assert reader.read(path).fields[F.TITLE] == ("Renamed",)


def test_two_tracks_are_compared_at_the_loudness_of_the_quieter_one(
    page: LibraryPage, until: Until, window: App
) -> None:
    assert gains(-9.0, -14.0) == (-5.0, 0.0) and gains(-14.0, -9.0) == (0.0, -5.0)
    assert gains(None, -9.0) == (0.0, 0.0)
    page.compare()
    assert window.window.toasts.shown[-1].message.title == "Two tracks are compared"
    page.view.table.select_ids(page.model.ids[:2])
    comparison = page.sound.comparison
    until(lambda: comparison.sides is not None and page.view.inspector.compare.isVisible())
    assert comparison.sides is not None
    assert [side.title for side in comparison.sides] == ["Altitude", "Birchbark"]
    comparison._hear(1)
    assert comparison.heard == 1 and page.view.inspector.compare.segment.value() == "b"
    page.view.table.select_ids(page.model.ids[:1])
    until(lambda: comparison.sides is None and not page.view.inspector.compare.isVisible())


def test_the_segment_goes_below_the_filter_where_both_do_not_fit(page: LibraryPage) -> None:
    view = page.view
    view.fit_toolbar(420)
    assert view._first_row.indexOf(view.segment) < 0
    view.fit_toolbar(1_000)
    assert view._first_row.indexOf(view.segment) == 1


def test_a_picture_dropped_on_a_row_becomes_the_cover_of_that_track(
    page: LibraryPage, tmp_path: Path, until: Until
) -> None:
    from PIL import Image

    picture = tmp_path / "front.png"
    Image.new("RGB", (64, 64), "#335577").save(picture)
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(picture))])
    table = page.view.table
    point = table.viewport().mapTo(page, table.visualRect(page.model.index(2, 1)).center())
    page.dropEvent(
        QDropEvent(
            QPointF(point),
            Qt.DropAction.CopyAction,
            mime,
            Qt.MouseButton.LeftButton,
            Qt.KeyboardModifier.NoModifier,
        )
    )
    until(lambda: page.library.unsaved() == [page.model.ids[2]])

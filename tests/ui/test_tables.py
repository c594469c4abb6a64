from __future__ import annotations

from collections.abc import Sequence

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from mycelix_studio.ui.theme import DARK
from mycelix_studio.ui.widgets.rows import PAGE, PAGES_KEPT, Cell, Column, RowsModel
from mycelix_studio.ui.widgets.tables import Table

COLUMNS = (Column("title", "Title"), Column("plays", "Plays", 80, right=True), Column("file", "File", 90, drop=2))


class Numbers(RowsModel[int]):
    """Rows that are their own id; remembers what was fetched."""

    def __init__(self) -> None:
        self.fetched: list[int] = []
        self.painted: set[int] = set()
        super().__init__(COLUMNS, self._get, lambda row: row)

    def _get(self, ids: Sequence[int]) -> Sequence[int]:
        self.fetched += ids
        return [row for row in ids if row >= 0]

    def cell(self, row: int, column: Column) -> Cell:
        self.painted.add(row)
        return Cell(f"{column.key} {row}")


@pytest.fixture
def table(qtbot: QtBot) -> Table:
    made = Table(Numbers(), DARK, "Numbers")
    qtbot.addWidget(made)
    made.resize(600, 400)
    made.show()
    qtbot.waitExposed(made)
    return made


def _fetched(table: Table) -> list[int]:
    assert isinstance(table.rows, Numbers)
    return table.rows.fetched


def test_a_hundred_thousand_rows_fetch_only_what_is_seen(table: Table, qtbot: QtBot) -> None:
    table.show_ids(range(100_000))
    table.grab()
    assert 0 < len(_fetched(table)) <= 2 * PAGE
    table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
    table.grab()
    assert len(_fetched(table)) <= 4 * PAGE
    assert table.rows.index(99_999, 0).data() == "title 99999"


def test_scrolling_through_all_of_it_keeps_a_bounded_number_of_pages(table: Table) -> None:
    table.show_ids(range(100_000))
    for place in range(0, 100_000, PAGE):
        table.rows.index(place, 0).data()
    assert len(table.rows._pages) <= PAGES_KEPT


def test_selection_and_cursor_stay_by_id_when_the_order_changes(table: Table) -> None:
    table.show_ids(range(1_000))
    table.select_ids([10, 500], current=500)
    table.show_ids(list(reversed(range(1_000))))
    assert sorted(table.selected_ids()) == [10, 500]
    assert table.current_id() == 500
    table.show_ids([1, 2, 500])
    assert table.selected_ids() == [500]


def test_only_named_rows_are_fetched_again(table: Table) -> None:
    table.show_ids(range(10 * PAGE))
    table.grab()
    _fetched(table).clear()
    table.rows.refresh([3])
    table.grab()
    assert set(_fetched(table)) == set(range(PAGE))


def test_columns_that_may_fall_away_do_so_when_the_title_gets_too_little(table: Table) -> None:
    table.resize(600, 400)
    assert not table.isColumnHidden(2)
    table.resize(260, 400)
    assert table.isColumnHidden(2)
    assert table.columnWidth(0) >= 150


def test_a_column_with_nothing_to_show_leaves_its_room_to_the_others(table: Table) -> None:
    before = table.columnWidth(0)
    table.set_unused(("file",))
    assert table.isColumnHidden(2) and table.columnWidth(0) == before + 90
    table.set_unused(())
    assert not table.isColumnHidden(2) and table.columnWidth(0) == before


def test_a_screen_reader_hears_column_and_value(table: Table) -> None:
    table.show_ids([7])
    role = Qt.ItemDataRole.AccessibleTextRole
    assert table.rows.index(0, 1).data(role) == "Plays: plays 7"


def test_enter_opens_and_copy_takes_headings_and_values(table: Table, qtbot: QtBot) -> None:
    table.show_ids([1, 2])
    table.select_ids([2])
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == [2]
    qtbot.keyClick(table, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "Title\tPlays\tFile\ntitle 2\tplays 2\tfile 2"


def test_a_row_that_went_away_shows_nothing_and_breaks_nothing(table: Table) -> None:
    table.show_ids([-1, 5])
    table.grab()
    assert table.rows.index(0, 0).data() == ""
    assert table.rows.index(1, 0).data() == "title 5"


def test_scrolling_by_a_row_paints_only_what_comes_into_sight(table: Table, qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    holder.setStyleSheet("QAbstractItemView { background: #131412; border: 0; }")  # as the window's
    table.setParent(holder)
    table.show_ids(range(1_000))
    table.show()
    holder.resize(600, 400)
    holder.show()
    qtbot.waitExposed(holder)
    QGuiApplication.processEvents()
    assert isinstance(table.rows, Numbers) and table.rows.painted
    table.rows.painted.clear()
    table.verticalScrollBar().setValue(30)
    QGuiApplication.processEvents()
    assert 1 <= len(table.rows.painted) <= 3
    table.setParent(None)


@pytest.mark.parametrize("ground", ["bg0", "bg2"])
def test_every_row_paints_its_own_rule_on_the_ground_of_its_table(table: Table, ground: str) -> None:
    table.setProperty("ground", ground)
    table.show_ids(range(5))
    table.select_ids([3])
    table._hover(1)  # the row below another one, whose rule must not go under its ground
    picture = table.viewport().grab().toImage()
    colours = [[picture.pixelColor(590, 30 * row + y).name() for y in (0, 29)] for row in range(6)]
    own = {1: DARK.bg3, 3: DARK.sel, 5: getattr(DARK, ground)}
    plain = getattr(DARK, ground)
    expected = [[own.get(row, plain), DARK.line if row < 5 else plain] for row in range(6)]
    assert colours == [[colour.lower() for colour in pair] for pair in expected]


def test_a_line_parts_the_headings_from_the_rows(table: Table) -> None:
    picture = table.horizontalHeader().grab().toImage()
    assert picture.pixelColor(300, picture.height() - 1).name() == DARK.line2.lower()


def test_figures_stand_at_the_right_inside_their_column(table: Table) -> None:
    table.show_ids([7])
    picture = table.viewport().grab().toImage()
    x = table.columnViewportPosition(1)
    ground = picture.pixelColor(x + 2, 10)

    def inked(left: int, right: int) -> bool:
        return any(picture.pixelColor(at, y) != ground for at in range(left, right) for y in range(2, 28))

    assert not inked(x, x + 12) and inked(x + 40, x + 73)
    assert not inked(x + 73, x + 80)

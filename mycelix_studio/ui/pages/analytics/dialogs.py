"""Dialogs of analytics: own dates, the filter, and the rows behind a mark."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from PySide6.QtCore import QAbstractTableModel, QDate, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QDateEdit,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QListWidget,
    QListWidgetItem,
    QTableView,
    QWidget,
)

from mycelix_studio.domain.dashboard import STRATEGIES, Filter, Parts
from mycelix_studio.domain.period import Period
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.analytics.model import strategy_name, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import FilterField, Tick

_Index = QModelIndex | QPersistentModelIndex


class DatesDialog(Dialog):
    """Asks for a first and a last day."""

    def __init__(self, period: Period, last: date, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Own dates"), tr("Both days are included. Days are UTC."), theme, parent, width=420)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.first, self.last = (_day(day, last) for day in (period.first, min(period.last, last)))
        for name, field in ((tr("From"), self.first), (tr("To"), self.last)):
            field.setAccessibleName(name)
            row.addWidget(text(name, theme, "small", "t2"))
            row.addWidget(field, 1)
        self.body.addLayout(row)
        self.wrong = text("", theme, "small", "bad", wrap=True)
        self.body.addWidget(self.wrong)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.show_button = self.add_button(tr("Show these days"), "primary", enter=True)
        self.show_button.clicked.connect(self.accept)
        self.first.dateChanged.connect(self._check)
        self.last.dateChanged.connect(self._check)
        self._check()

    def period(self) -> Period:
        """Return the days chosen."""
        return Period(_date(self.first.date()), _date(self.last.date()))

    def _check(self) -> None:
        right = self.first.date() <= self.last.date()
        self.show_button.setEnabled(right)
        self.wrong.setText("" if right else tr("It ends before it begins."))


def _day(day: date, last: date) -> QDateEdit:
    field = QDateEdit(QDate(day.year, day.month, day.day))
    field.setCalendarPopup(True)
    field.setDisplayFormat("d MMM yyyy")
    field.setMaximumDate(QDate(last.year, last.month, last.day))
    return field


def _date(day: QDate) -> date:
    return date(day.year(), day.month(), day.day())


class FilterDialog(Dialog):
    """Asks which part of the music counts."""

    def __init__(self, parts: Parts, wanted: Filter, theme: Theme, parent: QWidget) -> None:
        words = tr("Nothing ticked in a list means all of it. What you tick counts together.")
        super().__init__(tr("Filter the figures"), words, theme, parent, width=560)
        row = QHBoxLayout()
        row.setSpacing(16)
        self.strategies: dict[str, QCheckBox] = {}
        for key in STRATEGIES:
            tick = Tick(strategy_name(key), theme)
            tick.setChecked(key in wanted.strategies)
            self.strategies[key] = tick
            row.addWidget(tick)
        row.addStretch(1)
        self.body.addWidget(text(tr("Ways to earn"), theme, "label", "t3"))
        self.body.addLayout(row)
        self.genres = self._list(tr("Genres"), [(genre, genre) for genre in parts.genres], wanted.genres, 92)
        self.albums = self._list(tr("Albums"), [(album, album) for album in parts.albums], wanted.albums, 92)
        self.finder = FilterField(tr("Find a song"), theme, tr("Find a song…"))
        self.finder.textChanged.connect(self._find)
        titled = [(song_id, title or tr("(no title)")) for song_id, title in parts.songs]
        self.songs = self._list(tr("Songs"), titled, wanted.songs, 168, self.finder)
        self.add_button(tr("Clear all"), "quiet", left=True).clicked.connect(self._clear)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.add_button(tr("Apply"), "primary", enter=True).clicked.connect(self.accept)

    def chosen(self) -> Filter:
        """Return the filter ticked."""
        return Filter(
            _ticked(self.songs),
            _ticked(self.albums),
            _ticked(self.genres),
            frozenset(key for key, tick in self.strategies.items() if tick.isChecked()),
        )

    def _list(
        self, name: str, items: Sequence[tuple[str, str]], on: Iterable[str], height: int, above: QWidget | None = None
    ) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(name)
        made.setFixedHeight(height)
        for key, words in items:
            item = QListWidgetItem(words, made)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setCheckState(Qt.CheckState.Checked if key in on else Qt.CheckState.Unchecked)
        head = text(name, self.theme, "label", "t3")
        for widget in (head, above, made):
            if widget is not None:
                widget.setVisible(bool(items))
                self.body.addWidget(widget)
        return made

    def _find(self, words: str) -> None:
        for row in range(self.songs.count()):
            item = self.songs.item(row)
            item.setHidden(words.casefold() not in item.text().casefold())

    def _clear(self) -> None:
        for tick in self.strategies.values():
            tick.setChecked(False)
        for items in (self.songs, self.albums, self.genres):
            for row in range(items.count()):
                items.item(row).setCheckState(Qt.CheckState.Unchecked)


def _ticked(items: QListWidget) -> frozenset[str]:
    rows = (items.item(row) for row in range(items.count()))
    return frozenset(
        str(item.data(Qt.ItemDataRole.UserRole)) for item in rows if item.checkState() is Qt.CheckState.Checked
    )


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table of words.

    Attributes:
        rows: As a list shows them.
        exact: The same cells to the last digit and in full, for hover and the clipboard.
        numbers: Columns that stand at the right.
        wide: The column that takes the room left.
    """

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    exact: Sequence[Sequence[str]]
    numbers: frozenset[int]
    wide: int = 2


class Rows(QAbstractTableModel):
    """The model of a :class:`Sheet`."""

    def __init__(self, sheet: Sheet, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sheet = sheet

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many rows."""
        return 0 if parent.isValid() else len(self.sheet.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns."""
        return 0 if parent.isValid() else len(self.sheet.heads)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the head of a column."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(section in self.sheet.numbers)
        return self.sheet.heads[section] if role == Qt.ItemDataRole.DisplayRole else None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return a cell: its words, its exact value, its place."""
        if role == Qt.ItemDataRole.DisplayRole:
            return self.sheet.rows[index.row()][index.column()]
        if role == Qt.ItemDataRole.ToolTipRole:
            return self.sheet.exact[index.row()][index.column()]
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return _aligned(index.column() in self.sheet.numbers)
        return None


def _aligned(right: bool) -> int:
    side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
    return int(side | Qt.AlignmentFlag.AlignVCenter)


class RowsDialog(Dialog):
    """Shows the rows behind a figure. Ctrl+C copies what is selected, exact to the last digit."""

    def __init__(self, title: str, words: str, sheet: Sheet, theme: Theme, parent: QWidget) -> None:
        super().__init__(title, words, theme, parent, width=900)
        self.model = Rows(sheet, self)
        self.table = QTableView()
        self.table.setModel(self.model)
        self.table.setProperty("ground", "bg2")
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setAccessibleName(title)
        self.table.setShowGrid(False)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(30)
        head = self.table.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(sheet.wide, QHeaderView.ResizeMode.Stretch)
        self.table.setMinimumHeight(min(max(len(sheet.rows), 3), 14) * 30 + 34)
        self.body.addWidget(self.table, 1)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self.table).activated.connect(self.copy)
        copy = self.add_button(tr("Copy all"), left=True)
        copy.clicked.connect(self.copy_all)
        self.add_button(tr("Close"), "primary", enter=True).clicked.connect(self.accept)

    def copy(self) -> None:
        """Put the selected rows on the clipboard."""
        self._put(sorted({index.row() for index in self.table.selectionModel().selectedRows()}))

    def copy_all(self) -> None:
        """Put all rows on the clipboard."""
        self._put(range(len(self.model.sheet.exact)))

    def _put(self, rows: Iterable[int]) -> None:
        lines = [self.model.sheet.heads, *(self.model.sheet.exact[row] for row in rows)]
        QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))

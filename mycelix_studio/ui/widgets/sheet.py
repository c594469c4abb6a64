"""A table of words: its model, a view of it, and a dialog around it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractTableModel, QCoreApplication, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import QAbstractItemView, QFrame, QHeaderView, QTableView, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog

_Index = QModelIndex | QPersistentModelIndex
ROW = 30
WIDEST = 300
"""Longer words are cut; the whole cell is in its tooltip and on the clipboard."""


def tr(source: str) -> str:
    """Translate a text of this module."""
    return QCoreApplication.translate("Sheet", source)


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

    def show(self, sheet: Sheet) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.sheet = sheet
        self.endResetModel()

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


class SheetView(QTableView):
    """Shows a sheet; whole rows are selected, Ctrl+C copies them, exact to the last digit."""

    def __init__(self, name: str, model: Rows) -> None:
        super().__init__()
        self._rows = model
        self.setModel(model)
        self.setAccessibleName(name)
        self.setProperty("ground", "bg2")
        self.setProperty("kind", "sheet")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setShowGrid(False)
        self.setWordWrap(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(ROW)
        head = self.horizontalHeader()
        head.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        head.setMaximumSectionSize(paint.scaled(WIDEST))
        head.setSectionResizeMode(model.sheet.wide, QHeaderView.ResizeMode.Stretch)
        QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), self).activated.connect(self.copy)

    def chosen(self) -> list[int]:
        """Return the rows selected, in order."""
        return sorted({index.row() for index in self.selectionModel().selectedRows()})

    def copy(self) -> None:
        """Put the selected rows on the clipboard."""
        put_rows(self._rows.sheet, self.chosen())


def put_rows(sheet: Sheet, rows: Iterable[int]) -> None:
    """Put rows with their heads on the clipboard, as tab-separated text."""
    lines = [sheet.heads, *(sheet.exact[row] for row in rows)]
    QGuiApplication.clipboard().setText("\n".join("\t".join(line) for line in lines))


class RowsDialog(Dialog):
    """Shows the rows behind a figure. Ctrl+C copies what is selected, exact to the last digit.

    Args:
        opens: Shows what is behind one row; its button says ``action``.
    """

    def __init__(
        self,
        title: str,
        words: str,
        sheet: Sheet,
        theme: Theme,
        parent: QWidget,
        *,
        opens: Callable[[int], None] | None = None,
        action: str = "",
        width: int = 1000,
    ) -> None:
        super().__init__(title, words, theme, parent, width=width)
        self.model = Rows(sheet, self)
        self.table = SheetView(title, self.model)
        self.table.setMinimumHeight(min(max(len(sheet.rows), 3), 14) * ROW + 34)
        self.body.addWidget(self.table, 1)
        copy = self.add_button(tr("Copy all"), left=True)
        copy.clicked.connect(self.copy_all)
        self._opens = opens
        self.action = self.add_button(action)
        self.action.setVisible(opens is not None)
        self.action.setEnabled(False)
        self.action.clicked.connect(self.open_row)
        self.table.activated.connect(self.open_row)
        self.table.selectionModel().selectionChanged.connect(self._selected)
        self.add_button(tr("Close"), "primary", enter=opens is None).clicked.connect(self.accept)

    def open_row(self) -> None:
        """Show what is behind the first selected row, as Enter or a double click on it does."""
        chosen = self.table.chosen()
        if chosen and self._opens is not None:
            self._opens(chosen[0])

    def _selected(self) -> None:
        self.action.setEnabled(len(self.table.chosen()) == 1)

    def copy_all(self) -> None:
        """Put all rows on the clipboard."""
        put_rows(self.model.sheet, range(len(self.model.sheet.exact)))

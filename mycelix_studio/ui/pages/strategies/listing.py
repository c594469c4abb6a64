"""A table over rows that are all in memory, as the live tabs have them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from PySide6.QtWidgets import QWidget

from mycelix_studio.ui.widgets.rows import Cell, Column, RowsModel
from mycelix_studio.ui.widgets.tables import Table

R = TypeVar("R")


class Listing(RowsModel[tuple[int, R]], Generic[R]):
    """Rows in the order given.

    Args:
        columns: What there is to see.
        cell: Returns what a cell of a row shows, by the column's key.
    """

    def __init__(self, columns: Sequence[Column], cell: Callable[[R, str], Cell], parent: QWidget) -> None:
        self.items: list[R] = []
        self._cell = cell
        super().__init__(columns, self._rows, self._key_of, parent)

    def cell(self, row: tuple[int, R], column: Column) -> Cell:
        """Return what a cell shows."""
        return self._cell(row[1], column.key)

    def show(self, table: Table, rows: Sequence[R]) -> None:
        """Show other rows in the table of this model."""
        self.items = list(rows)
        table.show_ids(range(len(rows)))

    def _rows(self, ids: Sequence[int]) -> list[tuple[int, R]]:
        return [(number, self.items[number]) for number in ids if number < len(self.items)]

    @staticmethod
    def _key_of(row: tuple[int, R]) -> int:
        return row[0]

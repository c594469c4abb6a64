"""Rows of a table: columns, cells, and a model that fetches rows by key, a page at a time, and holds no query."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt

Row = TypeVar("Row")
Index = QModelIndex | QPersistentModelIndex
PAGE = 16
PAGES_KEPT = 512
NONE = "–"


@dataclass(frozen=True, slots=True)
class Column:
    """A column.

    Attributes:
        key: For sorting and for remembering widths.
        title: Heading; empty for pictures.
        width: Pixels; 0 takes what is left.
        right: Right-aligned, as figures are.
        sort: May be sorted by.
        drop: Columns with higher numbers are hidden first in a narrow window; 0 never.
        spoken: Name for screen readers where ``title`` is empty.
    """

    key: str
    title: str
    width: int = 0
    right: bool = False
    sort: bool = True
    drop: int = 0
    spoken: str = ""


@dataclass(frozen=True, slots=True)
class Cell:
    """What one cell shows.

    Attributes:
        text: The words.
        tone: Token of their colour.
        strong: Weight 500.
        icon: Icon before them, in ``icon_tone``.
        rest: Words after them in grey.
        chip: Draw words and icon as a chip of this tone.
        cover: Key of a picture of 22 px, drawn alone.
        dot: A dot after the words: edited.
        share: A bar filled so far (0 to 1), drawn below or instead of the words.
        tip: Tooltip, such as the exact amount.
        sort: Spoken instead of ``text`` when given.
    """

    text: str = ""
    tone: str = "t1"
    strong: bool = False
    icon: str = ""
    icon_tone: str = "t2"
    rest: str = ""
    chip: str = ""
    cover: str | None = None
    dot: bool = False
    share: float | None = None
    tip: str = ""
    spoken: str = ""


class RowsModel(QAbstractTableModel, Generic[Row]):
    """Rows by id, fetched a page at a time.

    Args:
        columns: What there is to see.
        fetch: Returns rows for ids, in any order; runs on the GUI thread, so it must be a read by key.
        key: Returns the id of a row.
    """

    def __init__(
        self,
        columns: Sequence[Column],
        fetch: Callable[[Sequence[Any]], Sequence[Row]],
        key: Callable[[Row], Any],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self.columns = tuple(columns)
        self._fetch = fetch
        self._key = key
        self.ids: list[Any] = []
        self._places: dict[Any, int] = {}
        self._pages: OrderedDict[int, dict[Any, Row]] = OrderedDict()
        self.sorted_by: tuple[str, bool] | None = None

    def cell(self, row: Row, column: Column) -> Cell:
        """Return what a cell shows. To be overridden."""
        raise NotImplementedError

    def set_ids(self, ids: Sequence[Any]) -> None:
        """Show these rows in this order. Views keep their selection by id, see :class:`Table`."""
        self.beginResetModel()
        self.ids = list(ids)
        self._places = {key: place for place, key in enumerate(self.ids)}
        self._pages.clear()
        self.endResetModel()

    def forget_rows(self) -> None:
        """Fetch every row anew when it is asked for next."""
        self._pages.clear()

    def refresh(self, ids: Sequence[Any] | None = None) -> None:
        """Fetch rows again, all of them or these only; order and selection stay."""
        if not self.ids:
            return
        if ids is None:
            self._pages.clear()
            self.dataChanged.emit(self.index(0, 0), self.index(len(self.ids) - 1, len(self.columns) - 1))
            return
        places = [place for key in ids if (place := self._places.get(key)) is not None]
        for page in {place // PAGE for place in places}:
            self._pages.pop(page, None)
        if places:
            self.dataChanged.emit(self.index(min(places), 0), self.index(max(places), len(self.columns) - 1))

    def row(self, place: int) -> Row | None:
        """Return the row at a place; None when it has gone meanwhile."""
        page = self._pages.get(place // PAGE)
        if page is None:
            first = place // PAGE * PAGE
            page = {self._key(row): row for row in self._fetch(self.ids[first : first + PAGE])}
            self._pages[place // PAGE] = page
            if len(self._pages) > PAGES_KEPT:
                self._pages.popitem(last=False)
        return page.get(self.ids[place])

    def cell_at(self, place: int, column: int) -> Cell | None:
        """Return the cell at a place, for the delegate; None when its row has gone meanwhile."""
        row = self.row(place)
        return None if row is None else self.cell(row, self.columns[column])

    def place(self, key: object) -> int:
        """Return where an id stands, -1 for nowhere."""
        return self._places.get(key, -1)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many rows there are."""
        return 0 if parent.isValid() else len(self.ids)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        """Return how many columns there are."""
        return 0 if parent.isValid() else len(self.columns)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the headings."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        column = self.columns[section]
        if role == Qt.ItemDataRole.DisplayRole:
            return column.title
        if role == Qt.ItemDataRole.TextAlignmentRole:
            side = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
            return int(side | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return the words of a cell; the delegate takes the cell itself, see :meth:`cell_at`."""
        if role not in (
            Qt.ItemDataRole.DisplayRole,
            Qt.ItemDataRole.ToolTipRole,
            Qt.ItemDataRole.AccessibleTextRole,
        ):
            return None
        column = self.columns[index.column()]
        cell = self.cell_at(index.row(), index.column())
        if cell is None:
            return ""
        if role == Qt.ItemDataRole.ToolTipRole:
            return cell.tip or None
        words = " ".join(part for part in (cell.spoken or cell.text, cell.rest) if part)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return f"{column.title or column.spoken}: {words or NONE}"
        return words

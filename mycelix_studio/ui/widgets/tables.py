"""Tables of many rows: headings, and a view with the keys of all tables; what stands in them is painted by its delegate.

A page derives from :class:`~mycelix_studio.ui.widgets.rows.RowsModel`, says in ``cell`` what a cell shows, and gives it ids.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any

from PySide6.QtCore import (
    QEvent,
    QItemSelection,
    QItemSelectionModel,
    QModelIndex,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QTableView,
    QWidget,
)

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.delegate import Delegate
from mycelix_studio.ui.widgets.rows import RowsModel


class HeaderView(QHeaderView):
    """Headings with an arrow beside the sorted one."""

    def __init__(self, theme: Theme, parent: QTableView) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.theme = theme
        self.setHighlightSections(False)
        self.setSectionsMovable(False)
        self.setStretchLastSection(False)
        self.setSectionsClickable(True)
        self.setMinimumSectionSize(30)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def sizeHint(self) -> QSize:
        """Return 28 px of height."""
        return QSize(super().sizeHint().width(), paint.scaled(28))

    def paintSection(self, painter: QPainter, rect: Any, logical: int) -> None:
        """Paint a heading."""
        model = self.model()
        if not isinstance(model, RowsModel) or not rect.isValid():
            super().paintSection(painter, rect, logical)
            return
        t = self.theme
        painter.save()
        box = QRectF(rect)
        painter.fillRect(QRectF(box.x(), box.bottom() - 1, box.width(), 1), paint.solid(t.line2))
        column = model.columns[logical]
        by = model.sorted_by
        sorted_ = by is not None and by[0] == column.key
        font = paint.font(11, 600 if sorted_ else 500)
        color = QColor(t.t1 if sorted_ else t.t3)
        inner = box.adjusted(8, 0, -8, 0)
        align = Qt.AlignmentFlag.AlignRight if column.right else Qt.AlignmentFlag.AlignLeft
        room = paint.scaled(14) if sorted_ else 0
        words = inner.adjusted(0, 0, -room, 0)
        paint.draw_text(painter, words, column.title, color, font, align=align)
        if sorted_ and by is not None:
            x = (
                words.right() + 2
                if column.right
                else min(words.x() + paint.width_of(column.title, font) + 3, words.right() + 2)
            )
            paint.draw_icon(
                painter, "ph.caret-down" if by[1] else "ph.caret-up", paint.icon_box(x, box.center().y(), 11), color
            )
        painter.restore()


class Table(QTableView):
    """The view: whole rows, keys of all tables, selection kept by id.

    Signals:
        sort_wanted(key, descending): A heading was clicked.
        opened(id): Enter or a double click.
        picked(): Another selection.
        menu_wanted(QPoint): Menu key, Shift+F10 or the right button; the point is global.
    """

    sort_wanted = Signal(str, bool)
    opened = Signal(object)
    picked = Signal()
    menu_wanted = Signal(object)

    def __init__(
        self,
        model: RowsModel[Any],
        theme: Theme,
        name: str,
        *,
        row_height: int = 30,
        covers: Callable[[str], QPixmap | None] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.rows = model
        self.setAccessibleName(name)
        self._delegate = Delegate(theme, covers, self)
        self._header = HeaderView(theme, self)
        self.setHorizontalHeader(self._header)
        self.setItemDelegate(self._delegate)
        self.verticalHeader().hide()
        self.set_row_height(row_height)
        self.setShowGrid(False)
        self.setMouseTracking(True)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setTabKeyNavigation(False)
        self.setWordWrap(False)
        self.setCornerButtonEnabled(False)
        # The delegate paints the ground as well: scrolling moves what is painted already, and only new rows are painted.
        self.viewport().setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setModel(model)
        self._quiet = False
        self._header.sectionClicked.connect(self._sort)
        self.doubleClicked.connect(self._open)
        self._selected: list[Any] | None = None
        self._unused: Collection[str] = ()
        self.selectionModel().selectionChanged.connect(self._on_selection)
        model.modelReset.connect(self._forget_selection)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._delegate.theme = theme
        self.fit_columns()
        self.viewport().update()

    def set_row_height(self, height: int) -> None:
        """Take other rows."""
        self.verticalHeader().setDefaultSectionSize(height)
        self.verticalHeader().setMinimumSectionSize(height)

    def selected_ids(self) -> list[Any]:
        """Return ids of the selected rows, in the order of the table; made once for each selection, not to be changed."""
        if self._selected is None:
            chosen = self.selectionModel().selection()
            parts = sorted((part.top(), part.bottom()) for part in (chosen.at(n) for n in range(chosen.count())))
            found: dict[Any, None] = {}
            for top, bottom in parts:
                found |= dict.fromkeys(self.rows.ids[top : bottom + 1])
            self._selected = list(found)
        return self._selected

    def paint_anew(self, ids: Iterable[Any]) -> None:
        """Paint those of some rows anew that show: all of them, several times a second, would be late while somebody scrolls."""
        first, last = self.rowAt(0), self.rowAt(self.viewport().height() - 1)
        for place in map(self.rows.place, ids):
            if first <= place and (place <= last or last < 0):
                self._update_row(place)

    def current_id(self) -> Any:
        """Return the id of the row with the cursor, None without one."""
        place = self.currentIndex().row()
        return self.rows.ids[place] if 0 <= place < len(self.rows.ids) else None

    def show_ids(self, ids: Sequence[Any]) -> None:
        """Show other rows; selection, cursor and scroll position stay where their rows are still there."""
        selected, current, scroll = set(self.selected_ids()), self.current_id(), self.verticalScrollBar().value()
        self._quiet = True
        self.rows.set_ids(ids)
        self.select_ids([key for key in self.rows.ids if key in selected] if selected else [], current=current)
        self.verticalScrollBar().setValue(scroll)
        self._quiet = False
        self.picked.emit()

    def select_ids(self, ids: Sequence[Any], *, current: Any = None) -> None:
        """Select rows by id and put the cursor on one of them."""
        model = self.selectionModel()
        place = self.rows.place(current if current is not None else (ids[0] if ids else None))
        if place >= 0:
            self.setCurrentIndex(self.rows.index(place, self._first_column()))
        last = len(self.rows.columns) - 1
        wanted = QItemSelection()
        for top, bottom in _ranges(sorted(at for key in ids if (at := self.rows.place(key)) >= 0)):
            wanted.select(self.rows.index(top, 0), self.rows.index(bottom, last))
        model.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect)

    def copy_as_table(self) -> None:
        """Put the selected rows on the clipboard, headings first, tab-separated."""
        shown = [
            number
            for number, column in enumerate(self.rows.columns)
            if not self.isColumnHidden(number) and column.title
        ]
        lines = ["\t".join(self.rows.columns[number].title for number in shown)]
        places = [self.rows.place(key) for key in self.selected_ids()]
        lines += ["\t".join(str(self.rows.index(place, n).data() or "") for n in shown) for place in places]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Ctrl+C copies as a table; arrows show the ring."""
        self.setProperty("by_keyboard", True)
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_as_table()
            return
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.current_id() is not None:
            self.opened.emit(self.current_id())
            return
        before = self.currentIndex().row()
        super().keyPressEvent(event)
        self._update_row(before)
        self._update_row(self.currentIndex().row())

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click hides the ring."""
        self.setProperty("by_keyboard", False)
        super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the row under the pointer."""
        self._hover(self.indexAt(event.position().toPoint()).row())
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._hover(-1)
        super().leaveEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the rows that show."""
        painter = QPainter(self.viewport())
        self._delegate.paint_rows(painter, event.region())
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width out; hide what may be hidden while the widest column has too little."""
        super().resizeEvent(event)
        self.fit_columns()

    def set_unused(self, keys: Collection[str]) -> None:
        """Give the room of columns that have nothing to show to the others, until they have."""
        if keys != self._unused:
            self._unused = keys
            self.fit_columns()

    def fit_columns(self, least: int = 150) -> None:
        """Give fixed columns their width and the rest to the flexible ones, hiding droppable columns until those have ``least``."""
        columns = self.rows.columns
        hidden = {number for number, column in enumerate(columns) if column.key in self._unused}
        flexible = [number for number, column in enumerate(columns) if not column.width]
        order = sorted((n for n, c in enumerate(columns) if c.drop and n not in hidden), key=lambda n: -columns[n].drop)
        room = self.viewport().width()

        def left() -> int:
            return room - sum(paint.scaled(c.width) for number, c in enumerate(columns) if number not in hidden)

        while order and flexible and left() < paint.scaled(least) * len(flexible):
            hidden.add(order.pop(0))
        share = max(left() // max(len(flexible), 1), 60)
        for number, column in enumerate(columns):
            self.setColumnHidden(number, number in hidden)
            self.setColumnWidth(number, paint.scaled(column.width) or share)

    def _first_column(self) -> int:
        return next((n for n in range(len(self.rows.columns)) if not self.isColumnHidden(n)), 0)

    def _hover(self, row: int) -> None:
        before = self._delegate.hover
        if row != before:
            self._delegate.hover = row
            self._update_row(before)
            self._update_row(row)

    def _update_row(self, row: int) -> None:
        """Paint one row anew, not all of them."""
        if row >= 0:
            top = self.rowViewportPosition(row)
            self.viewport().update(0, top, self.viewport().width(), self.rowHeight(row))

    def _sort(self, section: int) -> None:
        column = self.rows.columns[section]
        if column.sort:
            by = self.rows.sorted_by
            self.sort_wanted.emit(column.key, by is not None and by[0] == column.key and not by[1])

    def _open(self, index: QModelIndex) -> None:
        if 0 <= index.row() < len(self.rows.ids):
            self.opened.emit(self.rows.ids[index.row()])

    def _forget_selection(self) -> None:
        self._selected = None

    def _on_selection(self, *_parts: object) -> None:
        self._selected = None
        if not self._quiet:
            self.picked.emit()

    def _menu(self, point: Any) -> None:
        self.menu_wanted.emit(self.viewport().mapToGlobal(point))


def _ranges(places: Sequence[int]) -> list[tuple[int, int]]:
    """Return runs of places that follow each other, as (first, last)."""
    found: list[tuple[int, int]] = []
    for place in places:
        if found and found[-1][1] == place - 1:
            found[-1] = (found[-1][0], place)
        else:
            found.append((place, place))
    return found

"""The library's table: cells edited where they stand (F2), found by typing, columns as chosen."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPixmap
from PySide6.QtWidgets import QAbstractItemDelegate, QStyleOptionViewItem, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.ui.pages.library.model import LibraryModel, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.delegate import Delegate
from mycelix_studio.ui.widgets.inputs import Field as LineField
from mycelix_studio.ui.widgets.tables import Table

Index = QModelIndex | QPersistentModelIndex
TYPING_SECONDS: Final = 1.0


class EditDelegate(Delegate):
    """Edits a cell in a field of its own; what was typed is handed to the table, not to the model."""

    def __init__(self, theme: Theme, covers: Callable[[str], QPixmap | None] | None, parent: LibraryTable) -> None:
        super().__init__(theme, covers, parent)
        self.library_table = parent

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Return the field."""
        field = self.library_table.field_at(index.column())
        name = tr(BY_FIELD[field].title) if field is not None else ""
        line = LineField(name, self.theme, small=True)
        line.setParent(parent)
        self.library_table.open_line = line
        return line

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Show the whole value, selected."""
        field = self.library_table.field_at(index.column())
        if isinstance(editor, LineField) and field is not None:
            editor.setText(self.library_table.library_model.words(index.row(), field))
            editor.setModified(False)
            editor.selectAll()

    def setModelData(self, editor: QWidget, model: QAbstractItemModel, index: Index) -> None:
        """Hand what was typed to the table."""
        field = self.library_table.field_at(index.column())
        if isinstance(editor, LineField) and field is not None and editor.isModified():
            track_id = self.library_table.rows.ids[index.row()]
            self.library_table.typed.emit(track_id, field, editor.text())

    def updateEditorGeometry(self, editor: QWidget, option: QStyleOptionViewItem, index: Index) -> None:
        """Take the cell, and a little more where it is narrow."""
        rect = option.rect
        editor.setMinimumHeight(0)
        wide = max(rect.width(), 160)
        editor.setGeometry(min(rect.x(), self.table.viewport().width() - wide), rect.y(), wide, rect.height() - 1)

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return any width; the rows' height is the table's."""
        return QSize(60, self.table.verticalHeader().defaultSectionSize())


class LibraryTable(Table):
    """The table.

    Signals:
        typed(int, Field, str): A cell was edited.
        sought(str): Letters were typed, to find a title that begins so.
    """

    typed = Signal(int, object, str)
    sought = Signal(str)
    edit_closed = Signal()

    def __init__(
        self, model: LibraryModel, theme: Theme, row_height: int, covers: Callable[[str], QPixmap | None]
    ) -> None:
        super().__init__(model, theme, tr("Tracks"), row_height=row_height, covers=covers)
        self.library_model = model
        self._delegate = EditDelegate(theme, covers, self)
        self.setItemDelegate(self._delegate)
        self._delegate.closeEditor.connect(self._closed)
        self.open_line: LineField | None = None
        """The field of the cell that is being edited."""
        self._letters = ""
        self._last_letter = 0.0
        self.playing: Callable[[], bool] = lambda: False
        """Whether single letters belong to the player now."""

    def field_at(self, column: int) -> Field | None:
        """Return the field a column shows; None for one that cannot be edited."""
        return self.library_model.fields[column] if 0 <= column < len(self.library_model.fields) else None

    @property
    def editing(self) -> bool:
        """Whether a cell is being edited."""
        return self.state() == self.State.EditingState

    def edit_cell(self) -> bool:
        """Edit the cell with the cursor, else the title; False when there is none."""
        here = self.currentIndex()
        place = here.row()
        if not 0 <= place < len(self.rows.ids):
            return False
        column = here.column()
        if self.field_at(column) is None or self.isColumnHidden(column):
            column = next((n for n, f in enumerate(self.library_model.fields) if f is Field.TITLE), -1)
        if column < 0:
            return False
        index = self.rows.index(place, column)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)
        return self.editing

    def edit_neighbour(self, step: int) -> bool:
        """Keep what is being typed and edit the same column of the next row or the one before."""
        place, column = self.currentIndex().row() + step, self.currentIndex().column()
        line = self.open_line
        if not self.editing or line is None or not 0 <= place < len(self.rows.ids):
            return False
        self.commitData(line)
        self.closeEditor(line, QAbstractItemDelegate.EndEditHint.NoHint)
        self.setCurrentIndex(self.rows.index(place, column))
        return self.edit_cell()

    def keyboardSearch(self, search: str) -> None:
        """Find by letters in the cache: asking every row of the model would read all of them."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Letters find, everything else as in every table."""
        if self.editing:  # what the open field let through, such as Enter
            event.accept()
            return
        letters = event.text()
        plain = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ShiftModifier)
        if plain and letters.isprintable() and letters.strip():
            self._type(letters)
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Letters belong to the search while one is being typed, or while nothing plays."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._takes(event):
            event.accept()
            return True
        return super().event(event)

    def _takes(self, event: QKeyEvent) -> bool:
        if self.editing or not event.text().isalnum() or event.modifiers() != Qt.KeyboardModifier.NoModifier:
            return False
        return not self.playing() or time.monotonic() - self._last_letter < TYPING_SECONDS

    def _type(self, letters: str) -> None:
        now = time.monotonic()
        self._letters = self._letters + letters if now - self._last_letter < TYPING_SECONDS else letters
        self._last_letter = now
        self.sought.emit(self._letters)

    def _closed(self, _line: QWidget, hint: QAbstractItemDelegate.EndEditHint) -> None:
        self.open_line = None
        if hint != QAbstractItemDelegate.EndEditHint.NoHint:  # by Enter or Esc, not by going elsewhere
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.edit_closed.emit()

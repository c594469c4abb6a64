"""Which columns the table shows, and in which order; remembered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QAbstractItemView, QHBoxLayout, QListWidget, QListWidgetItem, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.library.model import STANDARD, every_column, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.dialog import Dialog

KEY = Qt.ItemDataRole.UserRole


class ColumnsDialog(Dialog):
    """Ticked columns are shown, from top to bottom as from left to right; they are dragged or moved by buttons.

    Signals:
        chosen(list[str]): Keys of the columns, in order.
    """

    chosen = Signal(object)

    def __init__(self, shown: Sequence[str], theme: Theme, parent: QWidget) -> None:
        words = tr("Tick what you want to see. Drag to change the order.")
        super().__init__(tr("Columns"), words, theme, parent, width=420)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Columns"))
        self.list.setDragDropMode(QAbstractItemView.DragDropMode.InternalMove)
        self.list.setProperty("ground", "bg2")
        self.list.setMinimumHeight(paint.scaled(360))
        self.body.addWidget(self.list, 1)
        self.let_body_grow()
        self._fill(shown)
        row = QHBoxLayout()
        for icon, words, step in (("ph.arrow-up", tr("Up"), -1), ("ph.arrow-down", tr("Down"), 1)):
            button = Button(words, theme, icon_name=icon, small=True)
            button.clicked.connect(lambda _on=False, step=step: self._move(step))
            row.addWidget(button)
        row.addStretch(1)
        self.body.addLayout(row)
        self.add_button(tr("Standard columns"), "quiet", left=True).clicked.connect(lambda: self._fill(STANDARD))
        self.add_button(tr("Cancel"), "quiet").clicked.connect(self.reject)
        self.add_button(tr("Show these"), "primary", enter=True).clicked.connect(self._do)

    def keys(self) -> list[str]:
        """Return the keys of the ticked columns, in order."""
        items = [self.list.item(row) for row in range(self.list.count())]
        return [str(item.data(KEY)) for item in items if item.checkState() is Qt.CheckState.Checked]

    def _fill(self, shown: Sequence[str]) -> None:
        self.list.clear()
        every = every_column()
        for key in (*shown, *(key for key in every if key not in shown)):
            item = QListWidgetItem(every[key].title or every[key].spoken)
            item.setData(KEY, key)
            item.setSizeHint(QSize(0, paint.scaled(28)))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
            item.setCheckState(Qt.CheckState.Checked if key in shown else Qt.CheckState.Unchecked)
            self.list.addItem(item)
        self.list.setCurrentRow(0)

    def _move(self, step: int) -> None:
        row = self.list.currentRow()
        if 0 <= row + step < self.list.count():
            item = self.list.takeItem(row)
            self.list.insertItem(row + step, item)
            self.list.setCurrentItem(item)

    def _do(self) -> None:
        self.chosen.emit(self.keys())
        self.accept()

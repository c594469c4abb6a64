"""The folders whose new files come in by themselves."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.errors import Known
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card, error_note
from mycelix_studio.ui.widgets.dialog import Dialog


class FoldersDialog(Dialog):
    """The list. Folders come into it by being added to the library.

    Signals:
        forgotten(Path): New files of a folder shall be left alone.
        add_wanted(): Another folder.
    """

    forgotten = Signal(object)
    add_wanted = Signal()

    def __init__(self, folders: Sequence[Path], problem: Known | None, theme: Theme, parent: QWidget) -> None:
        words = tr(
            "New music in these folders comes in by itself. Changes to files that are listed are always noticed."
        )
        super().__init__(tr("Watched folders"), words, theme, parent, width=560)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if problem is not None:
            self.body.addWidget(error_note(problem, theme))
        self.rows = QVBoxLayout()
        self.rows.setSpacing(8)
        self.body.addLayout(self.rows)
        for folder in folders:
            self.rows.addWidget(self._row(folder))
        self.none = text(tr("None yet. Add a folder with music."), theme, "small", "t3", wrap=True)
        self.none.setVisible(not folders)
        self.body.addWidget(self.none)
        self.add_button(tr("Add a folder…"), left=True).clicked.connect(self._add)
        self.add_button(tr("Close"), "primary", enter=True).clicked.connect(self.accept)

    def _row(self, folder: Path) -> Card:
        card = Card(10, 2)
        line = QHBoxLayout()
        label = text(str(folder), self.theme, "strong", wrap=True)
        stop = Button(tr("Stop watching"), self.theme, "quiet", small=True)
        stop.setAccessibleDescription(str(folder))
        stop.clicked.connect(partial(self._forget, folder, card))
        line.addWidget(label, 1)
        line.addWidget(stop)
        card.column.addLayout(line)
        if not folder.is_dir():
            card.column.addWidget(text(tr("It is not there now."), self.theme, "small", "warn"))
        return card

    def _forget(self, folder: Path, card: Card) -> None:
        card.hide()
        self.forgotten.emit(folder)

    def _add(self) -> None:
        self.accept()
        self.add_wanted.emit()

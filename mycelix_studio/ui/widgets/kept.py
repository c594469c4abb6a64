"""Things kept under a name: the menu that lists them, and the dialog that asks for a name."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import QCoreApplication, QUrl
from PySide6.QtGui import QAction, QDesktopServices
from PySide6.QtWidgets import QMenu, QWidget

from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field

MOST_NAME: Final = 60
"""Characters of a name."""


def tr(source: str) -> str:
    """Translate a text of this module."""
    return QCoreApplication.translate("Kept", source)


class NameDialog(Dialog):
    """Asks for a name, or for another than ``name``; empty ones cannot be kept."""

    def __init__(
        self, title: str, words: str, theme: Theme, parent: QWidget, *, hint: str, keep: str, name: str = ""
    ) -> None:
        super().__init__(title, words, theme, parent, width=420)
        self.name = Field(tr("Name"), theme, hint=hint)
        self.name.setMaxLength(MOST_NAME)
        self.body.addWidget(self.name)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.keep = self.add_button(keep, "primary", enter=True)
        self.keep.clicked.connect(self.accept)
        self.keep.setEnabled(False)
        self.name.textChanged.connect(self._typed)
        self.name.setText(name)
        self.name.selectAll()

    def ask(self) -> str:
        """Return the name, empty when there is to be none, and let the dialog go."""
        name = self.name.text().strip() if self.exec() else ""
        self.deleteLater()
        return name

    def _typed(self, words: str) -> None:
        self.keep.setEnabled(bool(words.strip()))


def menu_of(parent: QWidget) -> QMenu:
    """Return a menu that lives until it closes."""
    menu = QMenu(parent)
    menu.aboutToHide.connect(menu.deleteLater)
    return menu


def add(menu: QMenu, words: str, run: Callable[[], object]) -> None:
    """Add a line to a menu; an ampersand in it is one, and no shortcut."""
    action = QAction(words.replace("&", "&&"), menu)
    action.triggered.connect(run)
    menu.addAction(action)


def kept_menu(
    parent: QWidget,
    names: Sequence[str],
    use: Callable[[str], object],
    remove: Callable[[str], object],
    keep: tuple[str, Callable[[], object]],
) -> QMenu:
    """Return the menu of what is kept: each by its name, then the line that keeps another, then removal."""
    menu = menu_of(parent)
    for name in names:
        add(menu, name, partial(use, name))
    if names:
        menu.addSeparator()
    add(menu, *keep)
    if names:
        removal = menu.addMenu(tr("Remove"))
        for name in names:
            add(removal, name, partial(remove, name))
    return menu


def show_folder(folder: Path) -> None:
    """Open a folder in the program the person uses for that."""
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))

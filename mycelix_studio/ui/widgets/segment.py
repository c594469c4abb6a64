"""Exclusive choices in one row: a segment (filter, range) and tabs."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QButtonGroup, QFrame, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from mycelix_studio.ui import sizes


class _Exclusive(QWidget):
    """Buttons of which one is down; Left and Right move between them."""

    chosen = Signal(str)
    kind = "segment"

    def __init__(self, name: str, choices: Sequence[tuple[str, str]] = ()) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.keys: list[str] = []
        self.row = QHBoxLayout(self)
        self.row.setContentsMargins(0, 0, 0, 0)
        self.row.setSpacing(0)
        self.set_choices(choices)
        self.group.idClicked.connect(self._clicked)

    def set_choices(self, choices: Sequence[tuple[str, str]]) -> None:
        """Offer (key, words) pairs; the first is chosen when the chosen one is gone."""
        before = self.value()
        for button in self.group.buttons():
            self.group.removeButton(button)
            button.deleteLater()
        self.keys = [key for key, _words in choices]
        for number, (key, words) in enumerate(choices):
            button = QPushButton(words)
            button.setProperty("kind", self.kind)
            last = number == len(choices) - 1
            button.setProperty(
                "place", "only" if len(choices) == 1 else "first" if number == 0 else "last" if last else "middle"
            )
            button.setCheckable(True)
            button.setAutoDefault(False)
            button.setAccessibleName(words)
            self.group.addButton(button, number)
            self.row.addWidget(button)
            button.setChecked(key == before or (number == 0 and before not in self.keys))
        self.updateGeometry()

    def value(self) -> str:
        """Return the key of the button that is down; empty without any."""
        number = self.group.checkedId()
        return self.keys[number] if 0 <= number < len(self.keys) else ""

    def set_value(self, key: str) -> None:
        """Put a button down without telling anybody."""
        if key in self.keys:
            self.group.button(self.keys.index(key)).setChecked(True)

    def set_words(self, key: str, words: str, name: str = "") -> None:
        """Change what a button says, such as its count."""
        if key in self.keys:
            button = self.group.button(self.keys.index(key))
            button.setText(words)
            button.setAccessibleName(name or words)

    def button(self, key: str) -> QPushButton:
        """Return the button of a key."""
        made = self.group.button(self.keys.index(key))
        assert isinstance(made, QPushButton)
        return made

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Move with the arrows."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None or not self.keys:
            super().keyPressEvent(event)
            return
        button = self.group.button((self.group.checkedId() + step) % len(self.keys))
        button.setFocus(Qt.FocusReason.TabFocusReason)
        button.click()

    def _clicked(self, number: int) -> None:
        self.chosen.emit(self.keys[number])


class Segment(_Exclusive):
    """A row of joined buttons, 28 px high."""


class Tabs(QFrame):
    """Tabs, 40 px high, with a line below the whole row."""

    chosen = Signal(str)

    def __init__(self, name: str, choices: Sequence[tuple[str, str]], *, padding: int = 16) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        sizes.keep(self, height=40)
        row = QHBoxLayout(self)
        row.setContentsMargins(padding, 0, padding, 0)
        self.inner = _TabRow(name, choices)
        row.addWidget(self.inner)
        row.addStretch(1)
        self.inner.chosen.connect(self.chosen)

    def value(self) -> str:
        """Return the key of the open tab."""
        return self.inner.value()

    def set_value(self, key: str) -> None:
        """Open a tab without telling anybody."""
        self.inner.set_value(key)

    def set_words(self, key: str, words: str) -> None:
        """Change what a tab says."""
        self.inner.set_words(key, words)


class _TabRow(_Exclusive):
    kind = "tab"

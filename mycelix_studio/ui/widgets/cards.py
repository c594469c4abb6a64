"""Surfaces: a card, a note on the ground of a state with its buttons, rows of a settings card."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.errors import StudioError
from mycelix_studio.ui import sizes
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button

NOTE_ICONS = {"ok": "ph.check-circle", "warn": "ph.warning", "bad": "ph.x-circle", "info": "ph.info"}

Action = tuple[str, Callable[[], None]]
"""Words of a button and what it does."""


class Card(QFrame):
    """A lighter surface with a line around it. Add to :attr:`column`."""

    def __init__(self, padding: int = 14, spacing: int = 8) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(padding, padding, padding, padding)
        self.column.setSpacing(spacing)


class Figure(QWidget):
    """An amount and its unit on one line of text."""

    def __init__(self, theme: Theme, kind: str) -> None:
        super().__init__()
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self.amount = text("–", theme, kind)
        self.unit = text("", theme, "section" if kind == "figure" else "body", "t3")
        row.addWidget(self.amount)
        row.addWidget(self.unit, 0, Qt.AlignmentFlag.AlignBottom)
        row.addStretch(1)
        self.unit.setContentsMargins(0, 0, 0, 4 if kind == "figure" else 2)

    def show_amount(self, amount: str, unit: str, exact: str) -> None:
        """Show another amount; ``exact`` is the tooltip."""
        self.amount.setText(amount)
        self.unit.setText(unit)
        self.setToolTip(exact)
        self.setAccessibleName(f"{amount} {unit}")


class Note(QFrame):
    """Something to know: icon, title, words, up to two buttons. ``tone`` is ok, warn, bad or info."""

    def __init__(
        self,
        title: str,
        words: str,
        tone: str,
        theme: Theme,
        actions: Sequence[Action] = (),
        *,
        icon: str = "",
        beside: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("kind", "note")
        self.setProperty("tone", tone)
        self.setAccessibleName(f"{title} {words}".strip())
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 10, 12, 10)
        row.setSpacing(10)
        row.addWidget(Icon(icon or NOTE_ICONS[tone], theme, tone), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(2)
        self.title = text(title, theme, "small_strong", wrap=True)
        self.words = text(words, theme, "small", "t2", wrap=True)
        for label, shown in ((self.title, title), (self.words, words)):
            label.setVisible(bool(shown))
            column.addWidget(label)
        row.addLayout(column, 1)
        self.buttons: list[Button] = []
        if actions:
            buttons = row if beside else QHBoxLayout()
            for number, (name, run) in enumerate(actions):
                button = Button(name, theme, "default" if number == 0 else "quiet", small=True)
                button.clicked.connect(run)
                buttons.addWidget(button)
                self.buttons.append(button)
            if not beside:
                buttons.addStretch(1)
                column.addSpacing(6)
                column.addLayout(buttons)


def error_note(error: StudioError, theme: Theme, actions: Sequence[Action] = ()) -> Note:
    """Return a note that says what failed, why, and what to do."""
    return Note(error.title, " ".join(part for part in (error.message, error.hint) if part), "bad", theme, actions)


class Line(QFrame):
    """A row of a card: title and description at the left, a control at the right, a rule below."""

    def __init__(
        self, title: str, description: str, control: QWidget | None, theme: Theme, *, last: bool = False
    ) -> None:
        super().__init__()
        if not last:
            self.setProperty("kind", "row")
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(16)
        words = QVBoxLayout()
        words.setSpacing(1)
        self.title = text(title, theme)
        self.description = text(description, theme, "small", "t3", wrap=True)
        self.description.setVisible(bool(description))
        words.addWidget(self.title)
        words.addWidget(self.description)
        row.addLayout(words, 1)
        if control is not None:
            row.addWidget(control, 0, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight)
        sizes.keep(self, least_height=52)

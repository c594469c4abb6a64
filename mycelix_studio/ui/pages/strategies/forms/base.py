"""What the form of every way is: fields, presets, a preview, and which words a payment has."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, TypeAlias

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.money import WEI_PER_TOKEN, parse_token
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.errors import Known
from mycelix_studio.services.strategies import TermsState
from mycelix_studio.ui import sizes
from mycelix_studio.ui.labels import Text, text
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.inputs import Field, FieldWithHelp

LABEL = 128
Wrong: TypeAlias = Mapping[str, str]
"""Name of a field to what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Payment:
    """What the preview divides.

    Attributes:
        words: Title with ``{amount}``: ``One payment of {amount} FLOW``.
        gross: Wei; None while it cannot be read.
    """

    words: str
    gross: int | None


class WayPanel(QWidget):
    """The form of one way to earn; its preview stands in a card of its own.

    To add a way: a subclass in a module beside this one, and a line in ``forms/__init__.py``.

    Signals:
        edited(TermsForm): Something was typed.
    """

    edited = Signal(object)
    way: ClassVar[StrategyName]
    title: ClassVar[str]
    presets: ClassVar[Sequence[tuple[str, str]]] = ()
    """Key and words of "Start from"."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.form = TermsForm()
        self.helps: dict[str, FieldWithHelp] = {}
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(8)
        self.preview = QWidget()
        self.preview_column = QVBoxLayout(self.preview)
        self.preview_column.setContentsMargins(0, 0, 0, 0)
        self.preview_column.setSpacing(8)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours."""
        self.theme = theme

    def start_from(self, key: str, form: TermsForm) -> TermsForm:
        """Return the form with the values of a preset."""
        raise NotImplementedError

    def payment(self, form: TermsForm) -> Payment:
        """Return what one payment is."""
        raise NotImplementedError

    def show_form(self, form: TermsForm, state: TermsState) -> None:
        """Fill the fields in, and the preview."""
        raise NotImplementedError

    def note(self, form: TermsForm, state: TermsState) -> str:
        """Return one thing to know before signing these terms; empty for nothing."""
        return ""

    def show_problems(self, wrong: Wrong) -> None:
        """Say at each field what is wrong with it."""
        for name, field in self.helps.items():
            field.set_wrong(wrong.get(name, ""))

    def take(self, form: TermsForm) -> None:
        """Tell that this is the form now; editing a way switches it on."""
        self.edited.emit(form if self.way in form.ways else form.with_way(self.way, True))

    # parts --------------------------------------------------------------------------------------------------------------

    def add_field(
        self, name: str, label: str, spoken: str, *, note: str = "", help_words: str = "", edit: Callable[[str], None]
    ) -> Field:
        """Add a row with a field; ``name`` is where problems name it."""
        field = Field(spoken, self.theme, note=note)
        field.textEdited.connect(edit)
        self.helps[name] = FieldWithHelp(field, self.theme, help_words)
        self.add_row(label, self.helps[name], field)
        return field

    def add_row(self, label: str, widget: QWidget, buddy: QWidget | None = None) -> QHBoxLayout:
        """Add a row of the form: label at the left, a control at the right."""
        row = QHBoxLayout()
        row.setSpacing(8)
        words = text(label, self.theme, "body", "t2")
        sizes.keep(words, width=LABEL, least_height=32)
        if buddy is not None:
            words.setBuddy(buddy)
        row.addWidget(words, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(widget, 1)
        self.column.addLayout(row)
        return row


class Figures(QWidget):
    """A small table of words and amounts in a preview: headings, then rows, the last column at the right."""

    def __init__(self, theme: Theme, headings: Sequence[str]) -> None:
        super().__init__()
        self.theme = theme
        self.headings = tuple(headings)
        self.shown: tuple[tuple[str, ...], ...] = ()
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(12)
        self.grid.setVerticalSpacing(5)
        self._labels: list[list[Text]] = []
        for column, heading in enumerate(self.headings):
            self.grid.addWidget(text(heading, theme, "label", "t3"), 0, column, self._side(column))
        self.grid.setColumnStretch(0, 1)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours."""
        self.theme = theme

    def _side(self, column: int) -> Qt.AlignmentFlag:
        right = Qt.AlignmentFlag.AlignRight if column else Qt.AlignmentFlag.AlignLeft
        return right | Qt.AlignmentFlag.AlignVCenter

    def show_rows(self, rows: Sequence[Sequence[str]]) -> None:
        """Show other rows."""
        self.shown = tuple(tuple(row) for row in rows)
        while len(self._labels) < len(rows):
            line = len(self._labels) + 1
            labels = [text("", self.theme, "body", "t1" if column else "t2") for column in range(len(self.headings))]
            for column, label in enumerate(labels):
                self.grid.addWidget(label, line, column, self._side(column))
            self._labels.append(labels)
        for number, labels in enumerate(self._labels):
            for column, label in enumerate(labels):
                label.setText(rows[number][column] if number < len(rows) else "")
                label.setVisible(number < len(rows))


def gross_of(typed: str) -> int | None:
    """Return the wei of an amount as typed; None for 0 and for what cannot be read."""
    try:
        return int(parse_token(typed)) or None
    except Known:
        return None


def fill(field: Field, words: str) -> None:
    """Show words in a field unless the person is typing these in it."""
    if field.text() != words and not field.hasFocus():
        field.setText(words)
        field.setCursorPosition(0)


def tip() -> Payment:
    """Return the payment of a way that costs nothing: a tip."""
    return Payment(tr("One tip of {amount} FLOW"), WEI_PER_TOKEN)

"""Who gets paid, row by row."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.strategy.shares import Problem, ShareEntry, ShareUnit, SplitForm
from mycelix_studio.ui import sizes
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import IconButton
from mycelix_studio.ui.widgets.inputs import Field


class ShareRows(QWidget):
    """Who gets paid: one row a person, edited in place.

    Signals:
        edited(SplitForm): Something was typed, added or removed.
    """

    edited = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.form = SplitForm()
        self.fields: list[tuple[Field, Field, Field]] = []
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(8)
        self.grid.setVerticalSpacing(6)
        self.grid.setColumnStretch(0, 5)
        self.grid.setColumnStretch(1, 3)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours."""
        self.theme = theme

    def show_form(self, form: SplitForm, you: str) -> None:
        """Show another form; rows that are the same keep the cursor."""
        same = len(form.entries) == len(self.form.entries) and bool(self.fields)
        self.form, self.you = form, you
        if not same:
            self._rebuild()
        for row, entry in enumerate(form.entries):
            who, role, share = self.fields[row]
            note = tr("you") if entry.address.lower() == you.lower() and you else short_address(entry.address)
            named = bool(entry.name)
            for field, words in (
                (who, entry.name if named else entry.address),
                (role, entry.role),
                (share, entry.share),
            ):
                if field.text() != words and not (field.hasFocus() and field.isModified()):
                    field.setText(words)
                    field.setCursorPosition(0)
            unit = "%" if form.unit is ShareUnit.PERCENT else "× 0.01 %"
            share.set_note(unit)
            share.setAccessibleName(self._share_name(row + 1, form.unit))
            who.setReadOnly(named)
            who.set_note(note if named else "")
            who.setToolTip(entry.address)

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Mark what is wrong."""
        wrong = {problem.field: problem.message for problem in problems}
        for row, (who, role, share) in enumerate(self.fields):
            for field, name in ((who, "address"), (role, "role"), (share, "share")):
                why = wrong.get(f"share.{row}.{name}", "")
                field.set_wrong(bool(why), why)
                if why:
                    field.setToolTip(why)

    def _rebuild(self) -> None:
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = []
        for row, _entry in enumerate(self.form.entries):
            number = row + 1
            who = Field(tr("Person {n}").format(n=number), self.theme, hint=tr("Address, 0x…"), small=True)
            role = Field(tr("Role of person {n}").format(n=number), self.theme, hint=tr("Role"), small=True)
            share = Field(self._share_name(number, self.form.unit), self.theme, note="%", small=True)
            sizes.keep(share, width=84)
            away = IconButton("ph.x", tr("Remove person {n}").format(n=number), self.theme)
            away.clicked.connect(partial(self._remove, row))
            for column, widget in enumerate((who, role, share, away)):
                self.grid.addWidget(widget, row, column)
            who.textEdited.connect(partial(self._typed, row))
            role.textEdited.connect(partial(self._typed, row))
            share.textEdited.connect(partial(self._typed, row))
            self.fields.append((who, role, share))

    def _share_name(self, number: int, unit: ShareUnit) -> str:
        if unit is ShareUnit.BPS:
            return tr("Share of person {n} in hundredths of a percent").format(n=number)
        return tr("Share of person {n} in percent").format(n=number)

    def _typed(self, row: int, _text: str) -> None:
        who, role, share = self.fields[row]
        old = self.form.entries[row]
        address = old.address if who.isReadOnly() else who.text()
        self.form = self.form.with_entry(row, ShareEntry(address, old.name, role.text(), share.text()))
        self.edited.emit(self.form)

    def _remove(self, row: int) -> None:
        self.edited.emit(self.form.without(row))

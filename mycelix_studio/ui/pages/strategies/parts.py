"""Parts of the page: a way's card, the rows of who gets paid, one payment divided, changes with the old struck through."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from mycelix_studio.domain.strategy.previews import PaymentPreview
from mycelix_studio.domain.strategy.shares import Problem, ShareEntry, SplitForm, format_percent, short_address
from mycelix_studio.domain.strategy.typed import Change
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.labels import Icon, Rule, Text, text
from mycelix_studio.ui.pages.strategies.model import DAYS, Way, WayFigures, tr
from mycelix_studio.ui.theme import STRATEGY_ICON, Theme
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.inputs import Field, Radio

SHADES = (1.0, 0.72, 0.52, 0.4, 0.3)
"""Opacity of the parts of a payment, the greatest first; the fee is grey."""


class WayCard(QFrame):
    """One way to earn: icon, title, words, what it brought in; the radio button chooses it.

    Signals:
        chosen(name): The card was clicked or its radio button pressed.
    """

    chosen = Signal(str)

    def __init__(self, way: Way, theme: Theme) -> None:
        super().__init__()
        self.way = way
        self.setProperty("kind", "card")
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 14, 12)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Icon(STRATEGY_ICON[way.strategy], theme, way.strategy.value, 18))
        head.addWidget(text(tr(way.title), theme, "section"))
        head.addStretch(1)
        self.radio = Radio("", theme, tr(way.title))
        self.radio.setAutoExclusive(False)
        self.radio.setEnabled(way.here)
        self.radio.clicked.connect(self._choose)
        head.addWidget(self.radio)
        column.addLayout(head)
        column.addWidget(text(tr(way.words), theme, "small", "t2", wrap=True))
        column.addStretch(1)
        foot = QHBoxLayout()
        self.songs = text("", theme, "small", "t3")
        self.amount = text("", theme, "small_strong")
        self.unit = text("FLOW", theme, "small", "t3")
        foot.addWidget(self.songs)
        foot.addStretch(1)
        foot.addWidget(self.amount)
        foot.addWidget(self.unit)
        column.addLayout(foot)
        self.setMinimumHeight(112)
        self.show_figures(WayFigures())

    def show_figures(self, figures: WayFigures) -> None:
        """Show songs and sum; a way that Studio cannot set yet says so instead."""
        if not self.way.here:
            self.songs.setText(tr("Not in Studio yet"))
            self.amount.hide()
            self.unit.hide()
            return
        songs = tr("1 song") if figures.songs == 1 else tr("{n} songs").format(n=figures.songs)
        self.songs.setText(tr("{songs} · last {n} d").format(songs=songs, n=DAYS))
        self.amount.setText(shown.coins(figures.net, 2))

    def set_chosen(self, chosen: bool) -> None:
        """Mark it."""
        self.radio.setChecked(chosen)
        if self.property("chosen") != chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere chooses."""
        if event.button() is Qt.MouseButton.LeftButton and self.way.here:
            self._choose()

    def _choose(self, *_on: object) -> None:
        self.chosen.emit(self.way.name)


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
            share = Field(tr("Share of person {n} in percent").format(n=number), self.theme, note="%", small=True)
            share.setFixedWidth(76)
            away = IconButton("ph.x", tr("Remove person {n}").format(n=number), self.theme)
            away.clicked.connect(partial(self._remove, row))
            for column, widget in enumerate((who, role, share, away)):
                self.grid.addWidget(widget, row, column)
            who.textEdited.connect(partial(self._typed, row))
            role.textEdited.connect(partial(self._typed, row))
            share.textEdited.connect(partial(self._typed, row))
            self.fields.append((who, role, share))

    def _typed(self, row: int, _text: str) -> None:
        who, role, share = self.fields[row]
        old = self.form.entries[row]
        address = old.address if who.isReadOnly() else who.text()
        self.form = self.form.with_entry(row, ShareEntry(address, old.name, role.text(), share.text()))
        self.edited.emit(self.form)

    def _remove(self, row: int) -> None:
        self.edited.emit(self.form.without(row))


class PaymentBar(QWidget):
    """One payment as a bar: a part for each person, the fee grey."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.preview: PaymentPreview | None = None
        self.setFixedHeight(22)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(tr("One payment divided"))

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def sizeHint(self) -> QSize:
        """Return the bar's height."""
        return QSize(200, 22)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts with gaps of 2 px."""
        painter = QPainter(self)
        if self.preview is None or not self.preview.gross:
            painter.fillRect(self.rect(), QColor(self.theme.bg4))
            painter.end()
            return
        x, gaps = 0.0, 2.0 * (len(self.preview.parts) - 1)
        for number, part in enumerate(self.preview.parts):
            width = max(2.0, (self.width() - gaps) * part.amount / self.preview.gross)
            painter.fillRect(QRectF(x, 0, width, self.height()), part_colour(self.theme, number, part.fee))
            x += width + 2
        painter.end()


def part_colour(theme: Theme, number: int, fee: bool) -> QColor:
    """Return the colour of a part of a payment."""
    if fee:
        return QColor(theme.t3)
    color = QColor(theme.stream)
    color.setAlphaF(SHADES[min(number, len(SHADES) - 1)])
    return color


class Swatch(QWidget):
    """The square before a name."""

    def __init__(self, theme: Theme, number: int, fee: bool) -> None:
        super().__init__()
        self.theme = theme
        self._number = number
        self._fee = fee
        self.setFixedSize(12, 12)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(part_colour(self.theme, self._number, self._fee))
        painter.drawRoundedRect(QRectF(1, 1, 10, 10), 2, 2)
        painter.end()


def payment_rows(preview: PaymentPreview, theme: Theme) -> QGridLayout:
    """Return name, amount to the last digit and percent of each part, and their sum."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for row, part in enumerate(preview.parts):
        grid.addWidget(Swatch(theme, row, part.fee), row, 0)
        grid.addWidget(text(tr("Platform fee, fixed for you") if part.fee else part.label, theme), row, 1)
        grid.addWidget(text(shown.coins(part.amount, 18).rstrip("0").rstrip("."), theme), row, 2, right)
        grid.addWidget(text(format_percent(part.of_gross_bps), theme, "small", "t3"), row, 3, right)
    last = len(preview.parts)
    grid.addWidget(Rule(theme, "line2"), last, 0, 1, 4)
    grid.addWidget(text(tr("Total"), theme, "strong"), last + 1, 0, 1, 2)
    grid.addWidget(text(shown.coins(preview.gross, 18).rstrip("0").rstrip("."), theme, "strong"), last + 1, 2, right)
    grid.addWidget(text("100 %", theme, "small", "t3"), last + 1, 3, right)
    return grid


class ChangeLine(QFrame):
    """One change: label, the old struck through, the new."""

    def __init__(self, change: Change, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 8)
        column.setSpacing(1)
        column.addWidget(text(tr(change.label), theme, "small", "t2", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        if change.before is not None:
            old = Text(change.before, theme, "body", "t3")
            font = old.font()
            font.setStrikeOut(True)
            old.setFont(font)
            row.addWidget(old)
            row.addWidget(Icon("ph.arrow-right", theme, "t3", 13))
        row.addWidget(text(change.after, theme, "strong", wrap=True), 1)
        column.addLayout(row)
        before = f"{change.before} → " if change.before is not None else ""
        self.setAccessibleName(f"{change.label}: {before}{change.after}")


def add_person_button(theme: Theme) -> Button:
    """Return the button below the rows."""
    return Button(tr("Add person"), theme, "quiet", "ph.plus", small=True)

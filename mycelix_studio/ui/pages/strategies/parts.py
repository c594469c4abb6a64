"""Parts of the page: a way's card, one payment divided, changes with the old struck through."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mycelix_studio.domain.strategy.previews import PaymentPreview
from mycelix_studio.domain.strategy.shares import format_percent
from mycelix_studio.domain.strategy.typed import Change
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.labels import Icon, Rule, Text, text
from mycelix_studio.ui.pages.strategies.model import DAYS, Way, WayFigures, tr
from mycelix_studio.ui.theme import STRATEGY_ICON, Strategy, Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.inputs import Radio

SHADES = (1.0, 0.72, 0.52, 0.4, 0.3)
"""Opacity of the parts of a payment, the greatest first; the fee is grey."""


class WayCard(QFrame):
    """One way to earn: icon, title, words, what it brought in, whether it is on; the radio button opens its form.

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
        self.on = Chip("", theme)
        head.addWidget(self.on)
        self.radio = Radio("", theme, tr(way.title))
        self.radio.setAutoExclusive(False)
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
        """Show songs and sum."""
        songs = tr("1 song") if figures.songs == 1 else tr("{n} songs").format(n=figures.songs)
        self.songs.setText(tr("{songs} · last {n} d").format(songs=songs, n=DAYS))
        self.amount.setText(shown.coins(figures.net, 2))

    def set_on(self, on: bool) -> None:
        """Say that the songs earn this way."""
        self.on.set_state(tr("On") if on else "", "ok", "ph.check")

    def set_chosen(self, chosen: bool) -> None:
        """Mark it as the one whose form is shown."""
        self.radio.setChecked(chosen)
        if self.property("chosen") != chosen:
            self.setProperty("chosen", chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click anywhere chooses."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose()

    def _choose(self, *_on: object) -> None:
        self.chosen.emit(self.way.name)


class Pile(QWidget):
    """Widgets of which one is shown; as high as that one needs, which a QStackedWidget never is."""

    def __init__(self) -> None:
        super().__init__()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)

    def add(self, widget: QWidget) -> None:
        """Add a widget, hidden."""
        widget.hide()
        self._column.addWidget(widget)

    def show_only(self, widget: QWidget) -> None:
        """Show one of them."""
        for place in range(self._column.count()):
            item = self._column.itemAt(place)
            other = item.widget() if item is not None else None
            if other is not None:
                other.setVisible(other is widget)


class PaymentBar(QWidget):
    """One payment as a bar: a part for each person, the fee grey."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.preview: PaymentPreview | None = None
        self.tint = Strategy.STREAM.value
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
            painter.fillRect(QRectF(x, 0, width, self.height()), part_colour(self.theme, self.tint, number, part.fee))
            x += width + 2
        painter.end()


def part_colour(theme: Theme, tint: str, number: int, fee: bool) -> QColor:
    """Return the colour of a part of a payment; ``tint`` is the way's token."""
    if fee:
        return QColor(theme.t3)
    color = QColor(getattr(theme, tint))
    color.setAlphaF(SHADES[min(number, len(SHADES) - 1)])
    return color


class Swatch(QWidget):
    """The square before a name."""

    def __init__(self, theme: Theme, tint: str, number: int, fee: bool) -> None:
        super().__init__()
        self.theme = theme
        self._tint = tint
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
        painter.setBrush(part_colour(self.theme, self._tint, self._number, self._fee))
        painter.drawRoundedRect(QRectF(1, 1, 10, 10), 2, 2)
        painter.end()


def payment_rows(preview: PaymentPreview, theme: Theme, tint: str) -> QGridLayout:
    """Return name, amount to the last digit and percent of each part, and their sum."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    right = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
    for row, part in enumerate(preview.parts):
        grid.addWidget(Swatch(theme, tint, row, part.fee), row, 0)
        grid.addWidget(text(tr("Platform fee, fixed for you") if part.fee else part.label, theme), row, 1)
        grid.addWidget(text(shown.coins(part.amount, 18).rstrip("0").rstrip("."), theme), row, 2, right)
        grid.addWidget(text(format_percent(part.of_gross_bps), theme, "small", "t3"), row, 3, right)
    last = len(preview.parts)
    grid.addWidget(Rule(theme, "line2"), last, 0, 1, 4)
    grid.addWidget(text(tr("Total"), theme, "strong"), last + 1, 0, 1, 2)
    grid.addWidget(text(shown.coins(preview.gross, 18).rstrip("0").rstrip("."), theme, "strong"), last + 1, 2, right)
    grid.addWidget(text("100 %", theme, "small", "t3"), last + 1, 3, right)
    return grid


class Struck(Text):
    """Words struck through: what no longer holds."""

    def __init__(self, words: str, theme: Theme) -> None:
        super().__init__(words, theme, "body", "t3")
        self.theme = theme
        self.setAccessibleName(tr("no longer {words}").format(words=words))

    def set_theme(self, theme: Theme) -> None:
        """Follow another theme."""
        super().set_theme(theme)
        self.theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the words, then the line; a style sheet takes the font's own line away."""
        super().paintEvent(event)
        painter = QPainter(self)
        painter.setPen(QPen(QColor(self.theme.t3), 1))
        middle = self.height() // 2 + 1
        painter.drawLine(0, middle, min(self.fontMetrics().horizontalAdvance(self.text()), self.width()), middle)
        painter.end()


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
            row.addWidget(Struck(change.before, theme))
            row.addWidget(Icon("ph.arrow-right", theme, "t3", 13))
        row.addWidget(text(change.after, theme, "strong", wrap=True), 1)
        column.addLayout(row)
        before = f"{change.before} → " if change.before is not None else ""
        self.setAccessibleName(f"{change.label}: {before}{change.after}")


def add_person_button(theme: Theme) -> Button:
    """Return the button below the rows."""
    return Button(tr("Add person"), theme, "quiet", "ph.plus", small=True)


def clear(layout: QLayout) -> None:
    """Take everything out of a layout."""
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        if inner is not None:
            clear(inner)

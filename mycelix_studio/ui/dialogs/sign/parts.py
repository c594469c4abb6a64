"""Small pieces of the signing dialog: the lists of findings, parties, changes and balances, and the choice of a fee."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QSizePolicy, QWidget

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.money import DECIMALS
from mycelix_studio.domain.transaction import (
    BalanceChange,
    ChangeRow,
    FeeLevel,
    FeeOption,
    Finding,
    FindingKind,
    Party,
)
from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.labels import Icon, Rule, Sentence, text
from mycelix_studio.ui.theme import Theme

FINDING_ICON = {
    FindingKind.CHECKED: ("ph.check-circle", "ok"),
    FindingKind.LOOK_AGAIN: ("ph.warning", "warn"),
    FindingKind.NOT_CHECKED: ("ph.question", "info"),
}

LEVEL_NAMES = {FeeLevel.SLOW: "Slow", FeeLevel.NORMAL: "Normal", FeeLevel.FAST: "Fast"}


def tr(source: str) -> str:
    """Translate a text of this dialog."""
    return QCoreApplication.translate("SignDialog", source)


def coins(amount: int | None, places: int = 6) -> str:
    """Return wei as lists show it: truncated, grouped; a dash when not known."""
    return words.NONE if amount is None else words.number(amount, DECIMALS, places)


def fee_text(amount: int) -> str:
    """Return a network fee with two significant digits at least: ``0.00023``; fees are far below a cent."""
    places = 6
    while places < DECIMALS and amount and amount < 10 ** (DECIMALS - places + 1):
        places += 1
    return words.number(amount, DECIMALS, places)


class FindingLine(QWidget):
    """Icon, a strong title and its detail, read as one sentence."""

    def __init__(self, finding: Finding, theme: Theme) -> None:
        super().__init__()
        name, color = FINDING_ICON[finding.kind]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(Icon(name, theme, color), 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(Sentence(finding.title, finding.detail, theme), 1)
        self.setAccessibleName(f"{finding.title} {finding.detail}".strip())


class ChangesTable(QWidget):
    """What changes: label, now, after."""

    def __init__(self, rows: tuple[ChangeRow, ...], theme: Theme) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(0)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 3)
        grid.setColumnStretch(2, 4)
        with_before = any(row.before is not None for row in rows)
        heads = (tr("What"), tr("Now"), tr("After"))
        after = 2 if with_before else 1
        for column, head in enumerate(heads):
            if column != 1 or with_before:
                label = text(head, theme, "label", "t3")
                label.setContentsMargins(8, 4, 0, 6)
                grid.addWidget(label, 0, min(column, after), 1, 3 - after if column else 1)
        for number, row in enumerate(rows):
            grid.addWidget(Rule(theme, "line2" if number == 0 else "line"), 2 * number + 1, 0, 1, 3)
            cells = [(row.label, "body", "t1"), (row.before or words.NONE, "body", "t3"), (row.after, "strong", "t1")]
            for column, (shown, kind, color) in enumerate(cells):
                if column == 1 and not with_before:
                    continue
                label = text(shown, theme, kind, color, wrap=True)
                label.setContentsMargins(8, 6, 0, 6)
                grid.addWidget(label, 2 * number + 2, min(column, after), 1, 3 - after if column else 1)
        self.setAccessibleName("; ".join(f"{row.label}: {row.before or words.NONE} → {row.after}" for row in rows))


class PartiesTable(QWidget):
    """Who and where: role, name, address 4 + 4 (whole in the tooltip and when copied)."""

    def __init__(self, parties: tuple[Party, ...], theme: Theme) -> None:
        super().__init__()
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        grid.setColumnMinimumWidth(0, paint.scaled(140))
        for number, party in enumerate(parties):
            grid.addWidget(text(party.role, theme, "body", "t2"), number, 0)
            grid.addWidget(text(party.name, theme, "strong"), number, 1)
            shown = text(short_address(party.address) or party.detail, theme, "small", "t3")
            shown.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            if party.address:
                shown.setToolTip(party.address)
                shown.setAccessibleName(tr("{role}: {address}").format(role=party.role, address=party.address))
            grid.addWidget(shown, number, 2)


class BalanceCard(QFrame):
    """Balances before and what the request does to them."""

    def __init__(self, rows: tuple[BalanceChange, ...], theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        grid = QGridLayout(self)
        grid.setContentsMargins(12, 8, 12, 8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        grid.setColumnMinimumWidth(2, paint.scaled(120))
        for number, row in enumerate(rows):
            if number:
                grid.addWidget(Rule(theme), 2 * number - 1, 0, 1, 3)
            name = QHBoxLayout()
            name.setSpacing(4)
            name.addWidget(text(row.symbol, theme, "strong"))
            name.addWidget(text(row.note, theme, "small", "t2"))
            name.addStretch(1)
            grid.addLayout(name, 2 * number, 0)
            now = text(coins(row.balance), theme, "body", "t2")
            now.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(now, 2 * number, 1)
            change = text(self._change(row.change), theme, "strong")
            change.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(change, 2 * number, 2)

    @staticmethod
    def _change(change: int | None) -> str:
        if change is None:
            return tr("not known")
        if change == 0:
            return tr("no change")
        sign = "+" if change > 0 else words.MINUS
        return sign + (coins(abs(change)) if abs(change) >= 10**14 else fee_text(abs(change)))


class FeeChoice(QWidget):
    """Slow, Normal, Fast with what each costs; arrow keys change it.

    Signals:
        chosen(FeeLevel): Another level.
    """

    chosen = Signal(object)

    def __init__(self, options: tuple[FeeOption, ...], level: FeeLevel, theme: Theme) -> None:
        super().__init__()
        self.options = options
        self.level = level
        self.theme = theme
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._name()

    def sizeHint(self) -> QSize:
        """Return the height of two lines."""
        return QSize(300, paint.scaled(48))

    def choose(self, level: FeeLevel) -> None:
        """Take another level and tell it."""
        if level is not self.level and any(option.level is level for option in self.options):
            self.level = level
            self._name()
            self.update()
            self.chosen.emit(level)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and Right change the level."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()), 0)
        levels = [option.level for option in self.options]
        if step and self.level in levels:
            self.choose(levels[min(max(levels.index(self.level) + step, 0), len(levels) - 1)])
            event.accept()
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Take the level under the pointer."""
        if self.options:
            place = int(event.position().x() * len(self.options) / max(self.width(), 1))
            self.choose(self.options[min(max(place, 0), len(self.options) - 1)].level)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the segments."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        width = area.width() / max(len(self.options), 1)
        for place, option in enumerate(self.options):
            cell = QRectF(area.left() + place * width, area.top(), width, area.height())
            chosen = option.level is self.level
            if chosen:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(paint.color(self.theme, "sel2"))
                painter.drawRect(cell.adjusted(0, 0.5, 0, -0.5))
            top = QRectF(cell.left(), cell.top() + paint.scaled(4), cell.width(), paint.scaled(20))
            low = top.translated(0, top.height() - 1)
            middle = Qt.AlignmentFlag.AlignHCenter
            tint = paint.color(self.theme, "t1" if chosen else "t2")
            paint.draw_text(
                painter, top, tr(LEVEL_NAMES[option.level]), tint, paint.font(12, 500 if chosen else 400), align=middle
            )
            paint.draw_text(painter, low, fee_text(option.expected), tint, paint.font(12, 400), align=middle)
            if place:
                painter.setPen(QPen(paint.color(self.theme, "line2"), 1))
                painter.drawLine(QPointF(cell.left(), cell.top()), QPointF(cell.left(), cell.bottom()))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        focused = self.hasFocus()
        painter.setPen(QPen(paint.color(self.theme, "focus" if focused else "line2"), 2 if focused else 1))
        painter.drawRoundedRect(area, 6, 6)
        painter.end()

    def _name(self) -> None:
        parts = [f"{tr(LEVEL_NAMES[option.level])} {fee_text(option.expected)}" for option in self.options]
        self.setAccessibleName(tr("Network fee: {level}").format(level=tr(LEVEL_NAMES[self.level])))
        self.setAccessibleDescription(", ".join(parts))


def address_label(address: str, theme: Theme) -> QLabel:
    """Return a whole address in the system's fixed font, to be selected and copied."""
    label = text(address, theme, "mono", "t2", wrap=True)
    label.setTextInteractionFlags(
        Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
    )
    return label

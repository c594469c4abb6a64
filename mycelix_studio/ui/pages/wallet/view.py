"""Layout of the wallet: accounts at the left, money above, activity below."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from mycelix_studio.domain.account import Account, AccountKind, Balances
from mycelix_studio.domain.address import short_address
from mycelix_studio.ui import format as shown
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.pages.wallet.model import ActivityModel, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.cards import Card, Figure
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.segment import Segment
from mycelix_studio.ui.widgets.states import States
from mycelix_studio.ui.widgets.tables import Table

PANEL, PANEL_NARROW = 288, 240
NARROW_BELOW = 1000
"""Width of the page, at normal size of text, below which the accounts take less and, with larger text, the cards two rows."""
ROW_HEIGHT = 38
HIGH, LOW = 144, 104
SEGMENTS = (("all", "All"), ("pending", "Pending"), ("in", "In"), ("out", "Out"))


class AccountButton(QAbstractButton):
    """One account: icon, name, address, balance."""

    def __init__(self, account: Account, balances: Balances | None, theme: Theme) -> None:
        super().__init__()
        self.account = account
        self.balances = balances
        self.theme = theme
        self.setCheckable(True)
        sizes.keep(self, height=56)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setToolTip(account.address)
        self.setProperty("kind", "account")
        self.setAccessibleName(f"{account.name}, {self.under}, {self.amount} FLOW")

    @property
    def under(self) -> str:
        """The line below the name."""
        parts = [short_address(self.account.address)]
        if self.account.kind is AccountKind.WATCH:
            parts.append(tr("Watch only"))
        elif self.account.needs_drill:
            parts.append(tr("Not proven yet"))
        return " · ".join(parts)

    @property
    def amount(self) -> str:
        """FLOW with two decimals; a dash when not known."""
        return shown.coins(self.balances.flow if self.balances is not None else None, 2)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def sizeHint(self) -> QSize:
        """Return the height; the width is the panel's."""
        return QSize(240, paint.scaled(56))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        t = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.isChecked() or self.underMouse():
            painter.setBrush(QColor(t.sel if self.isChecked() else t.bg3))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        watch = self.account.kind is AccountKind.WATCH
        tint = QColor(t.acc if self.isChecked() else t.t2)
        paint.draw_icon(painter, "ph.eye" if watch else "ph.wallet", paint.icon_box(13, self.height() / 2, 18), tint)
        strong, small = paint.font(13, 500), paint.font(11, 400)
        left, half = 26 + paint.scaled(18), self.height() / 2
        first = QRectF(left, 8, self.width() - left - 12, half - 7)
        second = QRectF(left, half, first.width(), half - 8)
        amount, unit = paint.width_of(self.amount, strong), paint.width_of("FLOW", small)
        grey = QColor(t.t2 if self.isChecked() else t.t3)
        paint.draw_text(painter, first.adjusted(0, 0, -amount - 8, 0), self.account.name, QColor(t.t1), strong)
        paint.draw_text(painter, second.adjusted(0, 0, -unit - 8, 0), self.under, grey, small)
        right = Qt.AlignmentFlag.AlignRight
        paint.draw_text(painter, first, self.amount, QColor(t.t1), strong, align=right)
        paint.draw_text(painter, second, "FLOW", QColor(t.t2), small, align=right)
        painter.end()


class AccountList(QWidget):
    """The accounts; one is chosen.

    Signals:
        chosen(str): Another account, by address.
        menu_wanted(str, QPoint): Right button or menu key on one.
    """

    chosen = Signal(str)
    menu_wanted = Signal(str, object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.buttons: list[AccountButton] = []
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(4)
        self.setAccessibleName(tr("Accounts"))

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours."""
        self.theme = theme

    def show_accounts(self, accounts: tuple[Account, ...], balances: dict[str, Balances], current: str) -> None:
        """Show accounts, the chosen one marked."""
        focused = next((button.account.address for button in self.buttons if button.hasFocus()), "")
        for button in self.buttons:
            self.group.removeButton(button)
            self.column.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        for account in accounts:
            button = AccountButton(account, balances.get(account.address), self.theme)
            button.setChecked(account.address == current)
            button.clicked.connect(self._clicked)
            button.customContextMenuRequested.connect(self._menu)
            self.group.addButton(button)
            self.column.addWidget(button)
            self.buttons.append(button)
            if account.address == focused:
                button.setFocus()

    def _clicked(self) -> None:
        button = self.sender()
        if isinstance(button, AccountButton):
            self.chosen.emit(button.account.address)

    def _menu(self, point: QPoint) -> None:
        button = self.sender()
        if isinstance(button, AccountButton):
            self.menu_wanted.emit(button.account.address, button.mapToGlobal(point))


class AccountsPanel(QFrame):
    """The left side: accounts, and whether the backup was proven."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "inspector")
        self.setAccessibleName(tr("Accounts"))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setContentsMargins(4, 0, 0, 0)
        head.addWidget(text(tr("Accounts"), theme, "label", "t3"))
        head.addStretch(1)
        self.add = IconButton("ph.plus", tr("Add an account"), theme)
        head.addWidget(self.add)
        column.addLayout(head)
        self.list = AccountList(theme)
        scroller = Scroller()
        holder = QWidget()
        holder.setProperty("ground", "none")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.addWidget(self.list)
        inner.addStretch(1)
        scroller.setWidget(holder)
        column.addWidget(scroller, 1)
        self.backup = Card(12, 6)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.backup_icon = Icon("ph.shield-check", theme, "ok")
        self.backup_title = text("", theme, "strong")
        row.addWidget(self.backup_icon)
        row.addWidget(self.backup_title, 1)
        self.backup.column.addLayout(row)
        self.backup_words = text("", theme, "small", "t2", wrap=True)
        self.backup.column.addWidget(self.backup_words)
        self.practise = Button(tr("Practise again"), theme, small=True)
        self.backup.column.addWidget(self.practise, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.backup)


class WalletView(QWidget):
    """Layout only; the page gives it behaviour."""

    def __init__(self, model: ActivityModel, theme: Theme) -> None:
        super().__init__()
        outer = QHBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.panel = AccountsPanel(theme)
        outer.addWidget(self.panel)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(20, 14, 20, 14)
        column.setSpacing(12)
        column.addLayout(self._cards(theme))
        column.addWidget(self._activity(model, theme), 1)
        self.states = States(content, theme, skeleton="cards")
        outer.addWidget(self.states, 1)
        self._rows = 0
        self._place_cards(1)

    def fit(self, width: int) -> None:
        """Make room in a page of so many pixels."""
        narrow = width < paint.scaled(NARROW_BELOW)
        panel = PANEL_NARROW if narrow else PANEL
        self.panel.setFixedWidth((panel + paint.scaled(panel)) // 2)  # names are short: half the growth is enough
        rows = 2 if narrow and paint.scaled(100) > 100 else 1
        # An address is shown whole in its short form or not at all; the button beside it copies it.
        self.address.setVisible(not narrow or rows == 2)
        self._place_cards(rows)

    def _place_cards(self, rows: int) -> None:
        """Place the cards side by side, or the first above the others."""
        if rows == self._rows:
            return
        self._rows = rows
        sizes.keep(self.main, least_height=LOW if rows == 2 else HIGH)
        for number, (card, share) in enumerate(self.shares):
            if rows == 1:
                self.cards.addWidget(card, 0, number)
            else:
                self.cards.addWidget(card, min(number, 1), max(number - 1, 0), 1, 1 if number else 2)
            self.cards.setColumnStretch(number, share if rows == 1 else (1, 1, 0)[number])

    def _cards(self, theme: Theme) -> QGridLayout:
        self.cards = QGridLayout()
        self.cards.setSpacing(12)
        self.main = Card(16, 2)
        self.name = text("", theme, "label", "t2")
        self.flow = Figure(theme, "figure")
        self.worth = text("", theme, "small", "t2", wrap=True)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        self.send = Button(tr("Send"), theme, icon_name="ph.arrow-up-right", small=True)
        self.receive = Button(tr("Receive"), theme, icon_name="ph.arrow-down-left", small=True)
        self.copy = IconButton("ph.copy", tr("Copy the address"), theme)
        self.address = text("", theme, "small", "t3")
        for widget in (self.send, self.receive, self.copy):
            buttons.addWidget(widget)
        buttons.addWidget(self.address, 1)
        for part in (self.name, self.flow, self.worth):
            self.main.column.addWidget(part)
        self.main.column.addStretch(1)
        self.main.column.addSpacing(6)
        self.main.column.addLayout(buttons)
        self.earned_card = Card(16, 2)
        self.earned = Figure(theme, "figure_small")
        self.earned_words = text("", theme, "small", "t2", wrap=True)
        self.pay = Button(tr("Pay everyone"), theme, "primary", "ph.users-three", small=True)
        self.earned_card.column.addWidget(text(tr("Earned, not yet paid out"), theme, "label", "t2"))
        self.earned_card.column.addWidget(self.earned)
        self.earned_card.column.addWidget(self.earned_words)
        self.earned_card.column.addStretch(1)
        self.earned_card.column.addSpacing(6)
        self.earned_card.column.addWidget(self.pay, 0, Qt.AlignmentFlag.AlignLeft)
        self.fees_card = Card(16, 2)
        self.native = Figure(theme, "figure_small")
        self.native_words = text("", theme, "small", "t2", wrap=True)
        self.fees_card.column.addWidget(text(tr("For network fees"), theme, "label", "t2"))
        self.fees_card.column.addWidget(self.native)
        self.fees_card.column.addWidget(self.native_words)
        self.fees_card.column.addStretch(1)
        self.shares = ((self.main, 36), (self.earned_card, 30), (self.fees_card, 21))
        for card, _share in self.shares:
            sizes.keep(card, least_height=HIGH)
            card.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return self.cards

    def _activity(self, model: ActivityModel, theme: Theme) -> Card:
        card = Card(0, 0)
        head = QHBoxLayout()
        head.setContentsMargins(16, 10, 12, 8)
        head.setSpacing(8)
        head.addWidget(text(tr("Activity"), theme, "section"))
        head.addStretch(1)
        self.segment = Segment(tr("Which"), [(key, tr(words)) for key, words in SEGMENTS])
        self.export = IconButton("ph.download-simple", tr("Copy the list as a table"), theme)
        head.addWidget(self.segment)
        head.addWidget(self.export)
        card.column.addLayout(head)
        self.table = Table(model, theme, tr("Activity"), row_height=ROW_HEIGHT)
        self.table.setProperty("ground", "bg2")
        self.list_states = States(self.table, theme)
        card.column.addWidget(self.list_states, 1)
        card.column.addSpacing(6)
        return card

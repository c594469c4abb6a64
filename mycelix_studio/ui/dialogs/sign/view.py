"""Layout of the signing dialog: sentence above, what changes and who on the left, what was checked and the fee on the right."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLayout,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mycelix_studio.domain.transaction import FeeLevel, FindingKind, Prepared
from mycelix_studio.ui import sizes
from mycelix_studio.ui.dialogs.sign.parts import (
    BalanceCard,
    ChangesTable,
    FeeChoice,
    FindingLine,
    PartiesTable,
    address_label,
    fee_text,
    tr,
)
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.labels import Rule, Text, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.inputs import Field
from mycelix_studio.ui.widgets.scroll import Scroller

WIDTH = 800
LIST_TITLES = {
    FindingKind.CHECKED: "Checked",
    FindingKind.LOOK_AGAIN: "Look again",
    FindingKind.NOT_CHECKED: "Could not be checked",
}


class SignButton(Button):
    """The button that signs. Enter does nothing on it; Ctrl+Enter signs while it has the focus; so does a click or Space."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Sign on Ctrl+Enter only."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier and self.isEnabled() and self.hasFocus():
                self.click()
            event.accept()
            return
        super().keyPressEvent(event)


class RequestView(QWidget):
    """One prepared request: everything above the buttons. Made anew for each request."""

    def __init__(self, request: Prepared, theme: Theme, level: FeeLevel, note: str) -> None:
        super().__init__()
        self.setProperty("ground", "none")
        self.theme = theme
        self.fee: FeeChoice | None = None
        self.fee_line = text("", theme, "small", "t2", wrap=True)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(24, 20, 24, 8)
        outer.setSpacing(4)
        if note:
            outer.addWidget(text(note, theme, "label", "t2"))
        self.title = text(request.title, theme, "page", wrap=True)
        outer.addWidget(self.title)
        outer.addWidget(text(request.sentence, theme, "body", "t2", wrap=True))
        outer.addSpacing(12)
        columns = QHBoxLayout()
        columns.setSpacing(20)
        columns.addLayout(self._left(request), 5)
        columns.addWidget(Rule(theme, "line2", vertical=True))
        columns.addLayout(self._right(request, level), 4)
        outer.addLayout(columns)
        self.details = self._details(request)
        self.details.hide()
        outer.addWidget(self.details)
        outer.addStretch(1)

    def _left(self, request: Prepared) -> QVBoxLayout:
        column = _column()
        if request.changes:
            column.addWidget(self._head(tr("What changes")))
            column.addWidget(ChangesTable(request.changes, self.theme))
            column.addSpacing(6)
        if request.good_news:
            column.addWidget(Note("", request.good_news, "ok", self.theme))
            column.addSpacing(6)
        if request.refused:
            column.addWidget(Note(tr("This cannot be signed"), request.refused, "bad", self.theme))
            column.addSpacing(6)
        column.addWidget(self._head(tr("Who and where")))
        column.addWidget(PartiesTable(request.parties, self.theme))
        column.addSpacing(8)
        if request.balances:
            block = request.tried_on_block
            title = (
                tr("Your balance, tried out on block {block}").format(block=f"{block:,}")
                if block
                else tr("Your balance")
            )
            column.addWidget(self._head(title))
            column.addWidget(BalanceCard(request.balances, self.theme))
        column.addStretch(1)
        return column

    def _right(self, request: Prepared, level: FeeLevel) -> QVBoxLayout:
        column = _column()
        for kind, title in LIST_TITLES.items():
            lines = request.of_kind(kind)
            if lines:
                column.addWidget(self._head(tr(title)))
                for finding in lines:
                    column.addWidget(FindingLine(finding, self.theme))
                column.addSpacing(8)
        if request.fees:
            column.addWidget(self._head(tr("Network fee, Normal is your usual")))
            self.fee = FeeChoice(request.fees, level, self.theme)
            column.addWidget(self.fee)
            column.addWidget(self.fee_line)
            self.show_fee(request, level)
        column.addStretch(1)
        self.more = Button(tr("Technical details"), self.theme, "link", "ph.caret-right")
        self.more.setCheckable(True)
        self.more.toggled.connect(self._toggle_details)
        column.addWidget(self.more, 0, Qt.AlignmentFlag.AlignLeft)
        return column

    def show_fee(self, request: Prepared, level: FeeLevel) -> None:
        """Say how long the chosen level takes and what it costs at most."""
        option = request.fee(level)
        if option is not None:
            self.fee_line.setText(
                tr("About {seconds} seconds. At most {most} {coin}.").format(
                    seconds=option.seconds, most=fee_text(option.at_most), coin=request.native_symbol
                )
            )

    def _toggle_details(self, shown: bool) -> None:
        self.more.set_icon("ph.caret-down" if shown else "ph.caret-right", self.theme)
        self.details.setVisible(shown)

    def _details(self, request: Prepared) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "card")
        grid = QGridLayout(frame)
        grid.setContentsMargins(12, 10, 12, 10)
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        for number, (label, value) in enumerate(request.technical):
            grid.addWidget(text(label, self.theme, "small", "t3"), number, 0, Qt.AlignmentFlag.AlignTop)
            grid.addWidget(address_label(_breakable(value), self.theme), number, 1)
        return frame

    def _head(self, words: str) -> Text:
        return text(words, self.theme, "label", "t3")


class SignView(QWidget):
    """The whole inside of the dialog: the request scrolls, passphrase and buttons stay."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.scroller = Scroller()
        self.scroller.setAccessibleName(tr("What you are about to sign"))
        layout.addWidget(self.scroller, 1)
        self.problem = QWidget()
        problem_layout = QVBoxLayout(self.problem)
        problem_layout.setContentsMargins(24, 4, 24, 4)
        self.problem.hide()
        layout.addWidget(self.problem)
        layout.addWidget(self._passphrase_row())
        layout.addWidget(Rule(theme, "line2"))
        layout.addLayout(self._buttons())
        self.request: RequestView | None = None

    def show_request(self, request: Prepared, level: FeeLevel, note_: str) -> RequestView:
        """Show a request from its top."""
        self.request = RequestView(request, self.theme, level, note_)
        self.scroller.setWidget(self.request)
        self.scroller.verticalScrollBar().setValue(0)
        self.passphrase_row.setVisible(request.needs_passphrase)
        return self.request

    def show_problem(self, title: str, message: str) -> None:
        """Say what failed, between the request and the buttons; nothing when both are empty."""
        layout = self.problem.layout()
        assert isinstance(layout, QLayout)
        while (item := layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.problem.setVisible(bool(title or message))
        if title or message:
            layout.addWidget(Note(title, message, "bad", self.theme))

    def _passphrase_row(self) -> QWidget:
        self.passphrase_row = QWidget()
        row = QHBoxLayout(self.passphrase_row)
        row.setContentsMargins(24, 8, 24, 14)
        row.setSpacing(12)
        label = text(tr("Studio passphrase"), self.theme, "body", "t2")
        row.addWidget(label)
        self.passphrase = Field(tr("Studio passphrase"), self.theme, icon_name="ph.lock-key")
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Password)
        sizes.keep(self.passphrase, width=286)
        self.eye = self.passphrase.addAction(
            icon("ph.eye", self.theme, "t2"), QLineEdit.ActionPosition.TrailingPosition
        )
        self.eye.setText(tr("Show what is typed"))
        self.eye.setToolTip(tr("Show what is typed"))
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._show_typed)
        for button in self.passphrase.findChildren(QToolButton):  # the buttons of the program are too high for a field
            button.setStyleSheet("QToolButton { padding: 0; border: 0; min-height: 0; background: transparent; }")
        label.setBuddy(self.passphrase)
        row.addWidget(self.passphrase)
        row.addWidget(text(tr("Asked for each signature, as you chose in Settings"), self.theme, "small", "t2"))
        row.addStretch(1)
        return self.passphrase_row

    def _show_typed(self, shown: bool) -> None:
        self.passphrase.setEchoMode(QLineEdit.EchoMode.Normal if shown else QLineEdit.EchoMode.Password)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(24, 12, 24, 14)
        row.setSpacing(8)
        self.save = Button(tr("Save to sign offline…"), self.theme, "quiet", "ph.qr-code")
        self.leave = Button(tr("Do not sign"), self.theme)
        self.sign = SignButton(tr("Sign and send"), self.theme, "primary", "ph.pencil-simple")
        for button in (self.save, self.leave, self.sign):
            # Without auto-default no button is a default, so Enter in the passphrase field reaches none of them.
            button.setAutoDefault(False)
            button.setDefault(False)
        row.addWidget(self.save)
        row.addStretch(1)
        row.addWidget(self.leave)
        row.addWidget(self.sign)
        return row


def _column() -> QVBoxLayout:
    column = QVBoxLayout()
    column.setSpacing(6)
    return column


def _breakable(value: str) -> str:
    """Let long hexadecimal wrap: a space every 32 characters would be copied, a zero-width one is not seen."""
    return value if len(value) <= 72 else "\u200b".join(value[i : i + 32] for i in range(0, len(value), 32))

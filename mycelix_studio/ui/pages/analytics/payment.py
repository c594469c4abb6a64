"""One payment: everything that is known of it, and where it can be looked up."""

from __future__ import annotations

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QGridLayout, QWidget

from mycelix_studio.domain.networks import network
from mycelix_studio.services.analytics_rows import PaymentRow
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.analytics.model import strategy_name, tr, type_name
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog


class PaymentDialog(Dialog):
    """Shows one payment, exact to the last digit. Every value can be selected and copied."""

    def __init__(self, row: PaymentRow, theme: Theme, parent: QWidget) -> None:
        paid = row.payment
        chain = network(paid.chain_id)
        amount = f"{words.short_exact(FLOW, paid.net)} FLOW"
        title = tr("{type}, {amount} net").format(type=type_name(paid.type), amount=amount)
        super().__init__(title, row.title, theme, parent, width=720)
        self.explorer = f"{chain.explorer}/tx/{paid.tx}" if chain.explorer else ""
        self.values: list[tuple[str, str, bool]] = [
            (tr("When, UTC"), words.moment_text(paid.block_time), False),
            (tr("Way to earn"), strategy_name(row.way), False),
            (tr("Count"), words.number(paid.count, 0, 0), False),
            (tr("Gross, FLOW"), words.exact_text(FLOW, paid.gross), False),
            (tr("Fee, FLOW"), words.exact_text(FLOW, paid.fee), False),
            (tr("Net, FLOW"), words.exact_text(FLOW, paid.net), False),
            (tr("Listener"), paid.listener, True),
            (tr("Song"), paid.song_id or words.NONE, True),
            (tr("Account"), str(paid.payee), False),
            (tr("Network"), chain.name, False),
            (tr("Payment"), paid.tx, True),
            (tr("Block, record, item"), f"{paid.block:,}, {paid.log_index}, {paid.item}", False),
        ]
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for place, (name, value, fixed) in enumerate(self.values):
            grid.addWidget(text(name, theme, "small", "t3"), place, 0, Qt.AlignmentFlag.AlignTop)
            shown = text(value, theme, "mono" if fixed else "body")
            shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            shown.setAccessibleName(f"{name} {value}")
            grid.addWidget(shown, place, 1)
        self.body.addLayout(grid)
        self.add_button(tr("Copy"), left=True).clicked.connect(self.copy)
        if self.explorer:
            self.add_button(tr("Look at it on the web")).clicked.connect(self.look)
        self.add_button(tr("Close"), "primary", enter=True).clicked.connect(self.accept)

    def copy(self) -> None:
        """Put all values on the clipboard, a line each."""
        QGuiApplication.clipboard().setText("\n".join(f"{name}\t{value}" for name, value, _fixed in self.values))

    def look(self) -> None:
        """Open the network's own page of the transaction in the browser."""
        QDesktopServices.openUrl(QUrl(self.explorer))

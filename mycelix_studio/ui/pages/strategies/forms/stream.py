"""The form of pay per stream: one price."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Slot

from mycelix_studio.domain.strategy.pay_per_stream import DEFAULT_PRICE, net
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.domain.strategy.typed import amount_text
from mycelix_studio.services.strategies import TermsState
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.strategies.forms.base import Figures, Payment, WayPanel, fill, gross_of
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme

STREAMS = (1, 100, 1_000, 10_000)
PRICES = {"usual": DEFAULT_PRICE, "half": DEFAULT_PRICE // 2, "double": DEFAULT_PRICE * 2}


class StreamPanel(WayPanel):
    """Price of a stream, and what plays bring."""

    way = "pay-per-stream"
    title = "Pay per stream terms"
    presets = (("usual", "Usual, 0.01"), ("half", "Half, 0.005"), ("double", "Double, 0.02"))

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.price = self.add_field(
            "price", tr("Price"), tr("Price of a stream"), note=tr("FLOW a stream"), edit=self._edit_price
        )
        self.preview_column.addWidget(text(tr("What plays bring"), theme, "section"))
        self.preview_column.addWidget(text(tr("Paid together, after the platform fee"), theme, "small", "t3"))
        self.figures = Figures(theme, (tr("Plays"), tr("Listeners pay, FLOW"), tr("You all get, FLOW")))
        self.preview_column.addWidget(self.figures)
        self.preview_column.addStretch(1)

    @Slot(str)
    def _edit_price(self, typed: str) -> None:
        self.take(replace(self.form, price=typed))

    def start_from(self, key: str, form: TermsForm) -> TermsForm:
        """Return the form with a usual price."""
        return replace(form, price=amount_text(PRICES[key]))

    def payment(self, form: TermsForm) -> Payment:
        """Return one stream."""
        return Payment(tr("One stream of {amount} FLOW"), gross_of(form.price))

    def show_form(self, form: TermsForm, state: TermsState) -> None:
        """Fill in the price."""
        self.form = form
        fill(self.price, form.price)
        price, fee = gross_of(form.price), state.fee_bps or 0
        rows = []
        for streams in STREAMS:
            paid = None if price is None else price * streams
            got = None if price is None else net(price, streams, fee)
            rows.append((shown.count(streams), shown.coins(paid), shown.coins(got)))
        self.figures.show_rows(rows)

    def note(self, form: TermsForm, state: TermsState) -> str:
        """Say when the price is never asked for."""
        if "gift-economy" in form.ways and self.way in form.ways:
            return tr("As a gift everything is free to hear, so listeners pay for a stream only if they want to.")
        return ""

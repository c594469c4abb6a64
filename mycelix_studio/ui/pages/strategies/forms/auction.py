"""The form of an auction: a price that falls in a straight line, and a number of passes."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QRectF, Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mycelix_studio.domain.strategy.auction_form import AuctionForm, DurationUnit, duration_text
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS, AuctionTerms
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.services.strategies import TermsState
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts.data import ChartData, Point, Series, Unit, UnitKind
from mycelix_studio.ui.charts.line import LineChart
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.strategies.forms.base import Figures, Payment, WayPanel, fill, gross_of
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.inputs import Choice, Field

PRICE = Unit(UnitKind.MONEY, "FLOW", additive=False)
STEPS = 48
QUARTERS = (0, 25, 50, 75, 100)


def short_duration(seconds: int) -> str:
    """Return ``1 d 18 h``, ``12 h`` or ``30 min``."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3_600)
    parts = [tr("{n} d").format(n=days)] if days else []
    parts += [tr("{n} h").format(n=hours)] if hours else []
    return " ".join(parts) or tr("{n} min").format(n=rest // 60)


class Fall(LineChart):
    """The price over the duration."""

    filled = True

    def label_indexes(self, plot: QRectF) -> list[int]:
        """Label start, quarters and end."""
        return [STEPS * quarter // 100 for quarter in QUARTERS]

    def point_label(self, index: int) -> str:
        """Return the time since the start."""
        return self.data.points[index].label


class AuctionPanel(WayPanel):
    """Prices, duration, passes, limit, resale share; the falling price as curve and table."""

    way = "auction"
    title = "Auction terms"
    presets = tuple((preset.key, preset.title) for preset in AUCTION_PRESETS)

    def __init__(self, theme: Theme) -> None:
        super().__init__(theme)
        self.start = self.add_field(
            "auction.start_price",
            tr("Price at the start"),
            tr("Price at the start"),
            note="FLOW",
            edit=self._edit_start,
        )
        self.end = self.add_field(
            "auction.end_price", tr("Price at the end"), tr("Price at the end"), note="FLOW", edit=self._edit_end
        )
        self.duration = self.add_field("auction.duration", tr("Falls for"), tr("Falls for"), edit=self._edit_duration)
        self.unit = Choice(tr("Unit of the duration"), theme)
        self.unit.set_choices([(DurationUnit.HOURS, tr("hours")), (DurationUnit.DAYS, tr("days"))])
        self.unit.picked.connect(self._edit_unit)
        self._beside(self.duration, self.unit)
        self.supply = self.add_field(
            "auction.supply", tr("Passes"), tr("Number of passes"), note=tr("never more"), edit=self._edit_supply
        )
        self.limit = self.add_field(
            "auction.per_wallet",
            tr("At most a person"),
            tr("Passes a person may buy"),
            note=tr("empty: no limit"),
            edit=self._edit_limit,
        )
        self.royalty = self.add_field(
            "auction.royalty",
            tr("Share of resales"),
            tr("Share of resales in percent"),
            note=tr("%, voluntary"),
            edit=self._edit_royalty,
        )
        self.fixed = text("", theme, "small", "t3", wrap=True)
        self.column.addWidget(self.fixed)
        self.preview_column.addWidget(text(tr("How the price falls"), theme, "section"))
        self.fall_words = text("", theme, "small", "t3", wrap=True)
        self.preview_column.addWidget(self.fall_words)
        self.curve = Fall(ChartData(tr("How the price falls"), PRICE), theme)
        self.curve.setMinimumHeight(136)
        self.preview_column.addWidget(self.curve, 1)
        self.figures = Figures(theme, (tr("After"), tr("Price, FLOW"), tr("If all go then, FLOW")))
        self.preview_column.addWidget(self.figures)

    def _beside(self, field: Field, widget: QWidget) -> None:
        """Put a control right of a field."""
        box = self.helps["auction.duration"]
        layout = box.layout()
        assert layout is not None
        row = QHBoxLayout()
        row.setSpacing(8)
        layout.removeWidget(field)
        row.addWidget(field, 1)
        row.addWidget(widget)
        layout.insertLayout(0, row)  # type: ignore[attr-defined]

    # editing ------------------------------------------------------------------------------------------------------------

    def _edit(self, form: AuctionForm) -> None:
        self.take(replace(self.form, auction=form))

    @Slot(str)
    def _edit_start(self, typed: str) -> None:
        self._edit(replace(self.form.auction, start_price=typed))

    @Slot(str)
    def _edit_end(self, typed: str) -> None:
        self._edit(replace(self.form.auction, end_price=typed))

    @Slot(str)
    def _edit_duration(self, typed: str) -> None:
        self._edit(replace(self.form.auction, duration=typed))

    @Slot(object)
    def _edit_unit(self, unit: object) -> None:
        self._edit(replace(self.form.auction, unit=DurationUnit(str(unit))))

    @Slot(str)
    def _edit_supply(self, typed: str) -> None:
        self._edit(replace(self.form.auction, supply=typed))

    @Slot(str)
    def _edit_limit(self, typed: str) -> None:
        self._edit(replace(self.form.auction, per_wallet=typed))

    @Slot(str)
    def _edit_royalty(self, typed: str) -> None:
        self._edit(replace(self.form.auction, royalty=typed))

    def start_from(self, key: str, form: TermsForm) -> TermsForm:
        """Return the form with a usual auction."""
        terms = next(preset.terms for preset in AUCTION_PRESETS if preset.key == key)
        return replace(form, auction=replace(AuctionForm.of_terms(terms), royalty=form.auction.royalty))

    # showing ------------------------------------------------------------------------------------------------------------

    def payment(self, form: TermsForm) -> Payment:
        """Return one pass at the start."""
        return Payment(tr("One pass at {amount} FLOW"), gross_of(form.auction.start_price))

    def show_form(self, form: TermsForm, state: TermsState) -> None:
        """Fill everything in; a running auction cannot be edited."""
        self.form = form
        typed = form.auction
        running = [t.terms.auction for t in state.targets if t.terms is not None and t.terms.auction is not None]
        fixed = len(running) == len(state.targets) and all(auction.fixed for auction in running)
        for field, words in (
            (self.start, typed.start_price),
            (self.end, typed.end_price),
            (self.duration, typed.duration),
            (self.supply, typed.supply),
            (self.limit, typed.per_wallet),
            (self.royalty, typed.royalty),
        ):
            fill(field, words)
            field.setReadOnly(fixed)
        self.unit.set_value(typed.unit)
        self.unit.setEnabled(not fixed)
        words = ""
        if fixed:
            words = tr("Terms of an auction never change. Follow it or close it under Auctions.")
        elif running:
            words = tr("{n} of these songs have an auction already; it stays as it is.").format(n=len(running))
        self.fixed.setText(words)
        self.fixed.setVisible(bool(words))
        self._show_fall(typed.terms())

    def _show_fall(self, terms: AuctionTerms | None) -> None:
        title = tr("How the price falls")
        if terms is None:
            self.curve.set_empty(tr("Complete prices, duration and passes to see this."))
            self.figures.show_rows([])
            self.fall_words.setText("")
            return
        points, values = [], []
        for step in range(STEPS + 1):
            elapsed = terms.duration * step // STEPS
            points.append(Point(tr("start") if step == 0 else short_duration(elapsed)))
            values.append(int(terms.price_at(elapsed)))
        self.curve.set_data(ChartData(title, PRICE, tuple(points), (Series("price", title, tuple(values), "auction"),)))
        falls = shown.coins(terms.fall_an_hour())
        self.fall_words.setText(
            tr("{amount} FLOW an hour, in a straight line; it stays at the end").format(amount=falls)
        )
        rows = []
        for quarter in QUARTERS:
            elapsed = terms.duration * quarter // 100
            price = terms.price_at(elapsed)
            when = tr("at the start") if not quarter else duration_text(elapsed)
            rows.append((when, shown.coins(price, 4), shown.coins(price * terms.supply, 2)))
        self.figures.show_rows(rows)

    def note(self, form: TermsForm, state: TermsState) -> str:
        """Say that an auction cannot be changed."""
        open_to_change = any(
            t.terms is None or t.terms.auction is None or not t.terms.auction.fixed for t in state.targets
        )
        if self.way in form.ways and open_to_change:
            return tr("Once it runs, the terms of an auction can never change; you can only stop selling.")
        return ""

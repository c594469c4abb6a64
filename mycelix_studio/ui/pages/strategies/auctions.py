"""The Auctions tab: price now, sold and left, revenue, every sale, and ending it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt, QTimer, Slot
from PySide6.QtGui import QHideEvent, QPainter, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.strategy.auction_form import duration_text
from mycelix_studio.services.live.auctions import AuctionNow, Auctions, Sale
from mycelix_studio.ui import format as shown
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.data import Annotation, ChartData, Point, PointState, Series, Unit, UnitKind
from mycelix_studio.ui.charts.line import PriceCurve
from mycelix_studio.ui.charts.panel import ChartPanel
from mycelix_studio.ui.labels import Rule, text
from mycelix_studio.ui.pages.strategies.forms.auction import short_duration
from mycelix_studio.ui.pages.strategies.listing import Listing
from mycelix_studio.ui.pages.strategies.live_tab import FigureCard, Figures, LiveTab, flow
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.pages.strategies.parts import clear
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.dialog import ask
from mycelix_studio.ui.widgets.inputs import Choice
from mycelix_studio.ui.widgets.rows import Cell, Column
from mycelix_studio.ui.widgets.tables import Table

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage

PRICE = Unit(UnitKind.MONEY, "FLOW", additive=False)
STEPS = 336
SECOND = 1_000
COLUMNS = (
    Column("serial", "", 46, sort=False, spoken="Number"),
    Column("buyer", "Buyer", 0, sort=False),
    Column("price", "FLOW", 66, right=True, sort=False),
    Column("ago", "Ago", 56, right=True, sort=False),
    Column("final", "", 32, sort=False, spoken="State"),
)


class AuctionCurve(PriceCurve):
    """The price: solid past, dashed future, a ring for each pass, a line and a tag at now."""

    tag = ("", "")

    def _paint_annotations(self, painter: QPainter, area: QRectF, plot: QRectF) -> None:
        """Paint now in place of a diamond for each sale."""
        past = [i for i, point in enumerate(self.data.points) if point.state is PointState.COMPLETE]
        if not past or len(past) == len(self.data.points):
            return
        index = past[-1]
        value = self.data.series[0].values[index]
        if value is None:
            return
        x, y = self.x_of(index, plot), self.y_of(value, plot)
        painter.setPen(paint.pen(self.theme, "t1", 1))
        painter.drawLine(round(x), round(plot.top()), round(x), round(plot.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(self.theme, "t1"))
        painter.drawEllipse(QRectF(x - 4, y - 4, 8, 8))
        strong, small = paint.font(12, 600), paint.font(11)
        width = max(paint.width_of(self.tag[0], strong), paint.width_of(self.tag[1], small)) + 22
        left = x + 10 if x + 10 + width < plot.right() else x - 10 - width
        box = QRectF(left, max(plot.top(), y - 44), width, 38)
        painter.setBrush(paint.color(self.theme, "pop"))
        painter.drawRoundedRect(box, 6, 6)
        paint.draw_text(painter, box.adjusted(11, 3, -4, -19), self.tag[0], paint.color(self.theme, "t1"), strong)
        paint.draw_text(painter, box.adjusted(11, 19, -4, -3), self.tag[1], paint.color(self.theme, "t2"), small)


class AuctionsTab(LiveTab):
    """One auction at a time."""

    key = "auctions"
    title = "Auctions"
    words = "Passes whose price falls until somebody buys"
    empty = (
        "ph.trend-down",
        "No auction yet",
        "Switch on Auction for a song under Terms. Its price, sales and revenue then appear here.",
    )

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__(page)
        self.chip = Chip("", self.theme)
        self.choice = Choice(tr("Auction"), self.theme)
        sizes.keep(self.choice, least_width=220)
        self.choice.picked.connect(self._choose)
        self.top.addWidget(text(tr("For"), self.theme, "body", "t2"))
        self.top.addWidget(self.choice)
        self.top.addWidget(self.chip)
        self.top.addStretch(1)
        self.top.addWidget(self.as_of)
        self.top.addWidget(self.again)
        self.price = FigureCard(tr("Price now"), self.theme)
        self.sold = FigureCard(tr("Sold"), self.theme, bar=True)
        self.revenue = FigureCard(tr("Revenue"), self.theme)
        self.average = FigureCard(tr("Average price"), self.theme)
        self.ends = FigureCard(tr("Price falls for"), self.theme)
        figures = Figures((self.price, self.sold, self.revenue, self.average, self.ends))
        left = QVBoxLayout()
        left.setSpacing(12)
        left.addWidget(figures)
        self.curve = AuctionCurve(ChartData(tr("Price over time, FLOW"), PRICE), self.theme)
        self.panel = ChartPanel(
            self.curve, caption=tr("Each ring is one pass sold · dashed is what comes if nobody buys")
        )
        self.panel.failed.connect(self.failed)
        left.addWidget(self.panel, 1)
        self.forecast = QVBoxLayout()
        left.addLayout(self.forecast)
        both = QHBoxLayout()
        both.setSpacing(12)
        both.addLayout(left, 1)
        both.addWidget(self._side())
        self.body_column.addLayout(both, 1)
        self._clock = QTimer(self, interval=SECOND)
        self._clock.timeout.connect(self._tick)

    def _side(self) -> QFrame:
        side = QFrame()
        side.setProperty("kind", "card")
        sizes.keep(side, width=352)
        column = QVBoxLayout(side)
        column.setContentsMargins(14, 14, 14, 14)
        column.setSpacing(6)
        self.song = text("", self.theme, "section", wrap=True)
        column.addWidget(self.song)
        column.addWidget(text(tr("Pass = lasting access, can be passed on"), self.theme, "small", "t2", wrap=True))
        column.addSpacing(6)
        column.addWidget(text(tr("Latest buyers"), self.theme, "label", "t3"))
        self.model: Listing[Sale] = Listing(COLUMNS, self._cell, self)
        self.table = Table(self.model, self.theme, tr("Latest buyers"), row_height=30)
        self.table.setProperty("ground", "bg2")
        column.addWidget(self.table, 1)
        column.addWidget(Rule(self.theme, "line2"))
        column.addWidget(text(tr("Terms, fixed since the first minute"), self.theme, "label", "t3"))
        self.terms: dict[str, object] = {}
        for label in (tr("Price"), tr("Passes"), tr("Resale share to you"), tr("Began")):
            row = QHBoxLayout()
            value = text("", self.theme, "small")
            row.addWidget(text(label, self.theme, "small", "t2"))
            row.addStretch(1)
            row.addWidget(value)
            column.addLayout(row)
            self.terms[label] = value
        self.close_early = Button(tr("Close early…"), self.theme, "danger", small=True)
        self.close_early.clicked.connect(self.ask_close)
        column.addSpacing(4)
        column.addWidget(self.close_early, 0, Qt.AlignmentFlag.AlignRight)
        return side

    # reading ------------------------------------------------------------------------------------------------------------

    def kept(self) -> Auctions | None:
        """IO. Return what was read last."""
        return self.live.auctions()

    def read(self) -> Auctions:
        """CHAIN. Return what the chain says."""
        return self.live.refresh_auctions()

    def has_any(self, state: Auctions) -> bool:
        """Tell whether any song has an auction."""
        return bool(state.auctions)

    @property
    def auction(self) -> AuctionNow:
        """The auction that is shown."""
        auctions: tuple[AuctionNow, ...] = self.state.auctions
        return next((a for a in auctions if a.number == self.choice.value()), auctions[0])

    def now(self) -> int:
        """Return this moment as the chain counts it: its newest block's time when that is ahead of this computer's clock."""
        read_at: int = self.state.at
        return max(int(time.time()), read_at)

    def show_state(self, state: Auctions) -> None:
        """Show the chosen auction."""
        self.choice.set_choices([(auction.number, auction.title) for auction in state.auctions])
        auction, now = self.auction, self.now()
        self.song.setText(auction.title)
        said, tone, icon = tr("Live"), "ok", "ph.check"
        if auction.closed:
            said, tone, icon = tr("Closed"), "plain", "ph.lock-key"
        elif auction.sold >= auction.supply:
            said, tone, icon = tr("Sold out"), "acc", "ph.check"
        elif not auction.open:
            said, tone, icon = tr("Switched off"), "warn", "ph.warning"
        elif now < auction.starts_at:
            said, tone, icon = tr("Not begun"), "info", "ph.clock"
        self.chip.set_state(said, tone, icon)
        left = auction.supply - auction.sold
        of = tr("of {n}, {left} left").format(n=shown.count(auction.supply), left=shown.count(left))
        self.sold.show_figure(shown.count(auction.sold), of)
        if self.sold.bar is not None:
            self.sold.bar.set_share(auction.sold / auction.supply if auction.supply else 1.0, "auction")
        net = tr("{amount} after {fee} fee").format(amount=flow(auction.net), fee=words.percent(auction.fee_bps))
        self.revenue.show_figure(flow(auction.revenue), "FLOW", net, exact=shown.coins(auction.revenue, 18))
        prices = [sale.price for sale in auction.sales]
        span = tr("from {high} to {low}").format(high=flow(max(prices)), low=flow(min(prices))) if prices else ""
        self.average.show_figure(flow(auction.average), "FLOW" if prices else "", span)
        self._show_terms(auction)
        self._show_forecast(auction, now)
        self.model.show(self.table, auction.sales[::-1])
        self.close_early.setEnabled(not auction.closed)
        self._tick()

    def _show_terms(self, auction: AuctionNow) -> None:
        limit = (
            tr("at most {n} a person").format(n=auction.per_wallet) if auction.per_wallet else tr("no limit a person")
        )
        values = (
            tr("{start} → {end} FLOW, straight line").format(
                start=flow(auction.start_price), end=flow(auction.end_price)
            ),
            f"{shown.count(auction.supply)}, {limit}",
            tr("{share}, voluntary").format(share=words.percent(auction.royalty_bps)),
            _moment(auction.starts_at),
        )
        for label, value in zip(self.terms.values(), values, strict=True):
            label.setText(value)  # type: ignore[attr-defined]

    def _show_forecast(self, auction: AuctionNow, now: int) -> None:
        clear(self.forecast)
        sold = auction.forecast(now)
        if sold is None:
            return
        recent = sum(sale.at > now - 86_400 for sale in auction.sales)
        title = tr("If sales go on as in the last 24 hours, about {n} passes sell before the end.").format(n=sold)
        since = (
            tr("From 1 sale since yesterday") if recent == 1 else tr("From {n} sales since yesterday").format(n=recent)
        )
        said = tr(
            "{since}; nothing else is assumed. The buyer names the most they will pay, so nobody is "
            "surprised by a late block."
        ).format(since=since)
        self.forecast.addWidget(Note(title, said, "info", self.theme))

    @Slot()
    def _tick(self) -> None:
        """Show price and time of this second."""
        if self.state is None or not self.has_any(self.state):
            return
        auction, now = self.auction, self.now()
        price = auction.price_at(now)
        falling = auction.running and auction.starts_at <= now < auction.ends_at
        said = tr("falls {amount} an hour").format(amount=shown.coins(auction.fall_an_hour, 3)) if falling else ""
        self.price.show_figure(flow(price), "FLOW", said or tr("stays there"), exact=shown.coins(price, 18))
        left = max(0, auction.ends_at - now)
        ends = _moment(auction.ends_at)
        self.ends.show_figure(short_duration(left) if left else tr("over"), "", ends)
        self.curve.tag = (
            tr("{price} FLOW now").format(price=flow(price)),
            f"−{shown.coins(auction.fall_an_hour, 3)} {tr('every hour')}" if falling else tr("stays there"),
        )
        self._show_curve(auction, now)

    def _show_curve(self, auction: AuctionNow, now: int) -> None:
        step = max(1, auction.duration // STEPS)
        at_now = min(max(0, (now - auction.starts_at) // step), STEPS)
        points, values = [], []
        over = not auction.running
        for number in range(STEPS + 1):
            at = auction.starts_at + auction.duration * number // STEPS
            past = number <= at_now or over
            points.append(Point(_moment(at), state=PointState.COMPLETE if past else PointState.FORECAST))
            values.append(auction.price_at(at))
        notes = []
        for sale in auction.sales:
            index = min(max(0, (sale.at - auction.starts_at) * STEPS // auction.duration), STEPS)
            notes.append(Annotation(index, tr("pass {n}").format(n=sale.serial), "auction"))
        data = ChartData(
            tr("Price over time, FLOW"),
            PRICE,
            tuple(points),
            (Series("price", tr("Price"), tuple(values), "auction"),),
            range_text=tr(duration_text(auction.duration)),
            as_of=datetime.fromtimestamp(self.state.at, UTC),
            annotations=tuple(notes),
        )
        self.panel.set_data(data)

    def _cell(self, sale: Sale, column: str) -> Cell:
        if column == "serial":
            return Cell(f"#{sale.serial}", tone="t3")
        if column == "buyer":
            return Cell(self.who(sale.buyer), tip=sale.buyer)
        if column == "price":
            return Cell(shown.coins(sale.price, 2), strong=True, tip=f"{shown.coins(sale.price, 18)} FLOW")
        if column == "ago":
            return Cell(_ago(max(0, self.now() - sale.at)), tone="t2")
        final = self.state.is_final(sale)
        said = tr("final") if final else tr("being confirmed")
        icon, tone = ("ph.check-circle", "ok") if final else ("ph.hourglass", "info")
        return Cell("", icon=icon, icon_tone=tone, tip=said, spoken=said)

    # doing --------------------------------------------------------------------------------------------------------------

    @Slot(object)
    def _choose(self, _number: object) -> None:
        if self.state is not None:
            self.show_state(self.state)

    @Slot()
    def ask_close(self) -> None:
        """Ask, then sign."""
        if self.state is None or not self.state.auctions:
            return
        auction = self.auction
        said = tr("No more passes of “{title}” are sold. The {n} sold stay valid for ever.")
        if auction.sold:
            said += " " + tr("This song can then never have another auction.")
        title = tr("Close this auction?")
        words_ = said.format(title=auction.title, n=auction.sold)
        if ask(self, title, words_, tr("Review and sign"), self.theme, danger=True):
            self.prepare(lambda: self.live.prepare_close(auction.number))

    def showEvent(self, event: QShowEvent) -> None:
        """Count every second while it is looked at."""
        super().showEvent(event)
        self._clock.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Stop counting."""
        super().hideEvent(event)
        self._clock.stop()

    def buttons(self) -> Sequence[QWidget]:
        """Return nothing: what can be done stands beside the buyers."""
        return ()


def _moment(seconds: int) -> str:
    return words.moment_text(datetime.fromtimestamp(seconds, UTC))


def _ago(seconds: int) -> str:
    if seconds < 3_600:
        return tr("{n} min").format(n=seconds // 60)
    hours = seconds // 3_600
    return tr("{n} h").format(n=hours) if hours < 48 else tr("{n} d").format(n=hours // 24)

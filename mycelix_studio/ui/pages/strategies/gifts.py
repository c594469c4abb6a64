"""The Gift budget tab: what is left, who was thanked, topping up and taking back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mycelix_studio.services.live.gifts import GiftNow, Gifts, Move
from mycelix_studio.ui import format as shown
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.strategies.listing import Listing
from mycelix_studio.ui.pages.strategies.live_tab import AmountDialog, FigureCard, Figures, LiveTab, flow
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card, Note
from mycelix_studio.ui.widgets.inputs import Choice
from mycelix_studio.ui.widgets.rows import Cell, Column
from mycelix_studio.ui.widgets.tables import Table

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage

KINDS = {
    "fund": ("Topped up", "ph.arrow-down-left", "ok"),
    "withdraw": ("Taken back", "ph.arrow-up-right", "t2"),
    "reward": ("Thanked", "ph.gift", "gift"),
}
COLUMNS = (
    Column("kind", "What", 130, sort=False),
    Column("who", "Who", 0, sort=False),
    Column("listens", "Listens", 90, right=True, sort=False),
    Column("amount", "CGC", 140, right=True, sort=False),
    Column("when", "When", 160, sort=False),
)


class GiftsTab(LiveTab):
    """The budgets listeners are thanked from."""

    key = "gifts"
    title = "Gift budget"
    words = "What you thank listeners from"
    empty = (
        "ph.gift",
        "No gifts yet",
        "Switch on Gift for a song under Terms and say how you thank for a listen. Then fill its budget here.",
    )

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__(page)
        self.song = Choice(tr("Song"), self.theme)
        sizes.keep(self.song, least_width=220)
        self.song.picked.connect(self._choose)
        self.take_back = Button(tr("Take back…"), self.theme, "default", "ph.arrow-up-right", small=True)
        self.take_back.clicked.connect(self.ask_take_back)
        self.top.addWidget(text(tr("For"), self.theme, "body", "t2"))
        self.top.addWidget(self.song)
        self.top.addWidget(self.take_back)
        self.top.addStretch(1)
        self.top.addWidget(self.as_of)
        self.top.addWidget(self.again)
        self.top_up = Button(tr("Top up…"), self.theme, "primary", "ph.plus")
        self.top_up.clicked.connect(self.ask_top_up)
        self.top_up.setEnabled(False)  # until a song with a budget is shown
        self.left = FigureCard(tr("Left in the budget"), self.theme)
        self.thanked = FigureCard(tr("Thanked so far"), self.theme)
        self.listens = FigureCard(tr("Listens thanked for"), self.theme)
        self.early = FigureCard(tr("Early listeners welcomed"), self.theme)
        self.wallet = FigureCard(tr("In your wallet"), self.theme)
        figures = Figures((self.left, self.thanked, self.listens, self.early, self.wallet))
        self.body_column.addWidget(figures)
        self.warning = QHBoxLayout()
        self.body_column.addLayout(self.warning)
        self.model: Listing[Move] = Listing(COLUMNS, self._cell, self)
        self.table = Table(self.model, self.theme, tr("What went into and out of the budget"), row_height=34)
        self.table.setProperty("ground", "bg2")
        place = Card(8, 0)
        place.column.addWidget(self.table, 1)
        self.body_column.addWidget(place, 1)

    def buttons(self) -> Sequence[QWidget]:
        """Return topping up."""
        return (self.top_up,)

    # reading ------------------------------------------------------------------------------------------------------------

    def kept(self) -> Gifts | None:
        """IO. Return what was read last."""
        return self.live.gifts()

    def read(self) -> Gifts:
        """CHAIN. Return what the chain says."""
        return self.live.refresh_gifts()

    def has_any(self, state: Gifts) -> bool:
        """Tell whether any song is a gift."""
        return bool(state.gifts)

    @property
    def gift(self) -> GiftNow:
        """The song that is shown."""
        gifts: tuple[GiftNow, ...] = self.state.gifts
        return next((gift for gift in gifts if gift.song_id == self.song.value()), gifts[0])

    def show_state(self, state: Gifts) -> None:
        """Show the chosen song's budget."""
        self.song.set_choices([(gift.song_id, gift.title) for gift in state.gifts])
        gift = self.gift
        thanked = gift.total("reward")
        lasts = tr("thanks for {n} single listens").format(n=shown.count(gift.lasts)) if gift.lasts is not None else ""
        self.left.show_figure(flow(gift.budget), "CGC", lasts, exact=shown.coins(gift.budget, 18))
        funded = tr("of {amount} put in").format(amount=flow(gift.total("fund")))
        self.thanked.show_figure(flow(thanked), "CGC", funded, exact=shown.coins(thanked, 18))
        self.listens.show_figure(
            shown.count(gift.listens), "", tr("by {n} listeners").format(n=shown.count(gift.listeners))
        )
        self.early.show_figure(shown.count(gift.welcomed), tr("of {n}").format(n=shown.count(gift.early_listeners)))
        self.wallet.show_figure(flow(state.wallet), "CGC", "", exact=shown.coins(state.wallet, 18))
        self.top_up.setEnabled(True)
        self.take_back.setEnabled(gift.budget > 0)
        while (item := self.warning.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        if gift.open and gift.lasts == 0:
            said = tr("Listeners cannot be thanked until you top it up; what they are owed stays counted.")
            self.warning.addWidget(Note(tr("The budget is empty."), said, "warn", self.theme))
        elif not gift.open:
            said = tr("Nobody can collect thanks for this song. You can take back what is left.")
            self.warning.addWidget(Note(tr("Gift is switched off."), said, "info", self.theme))
        self.model.show(self.table, gift.moves)

    def _cell(self, move: Move, column: str) -> Cell:
        said, icon, tone = KINDS[move.kind]
        if column == "kind":
            return Cell(tr(said), icon=icon, icon_tone=tone)
        if column == "who":
            return Cell(self.who(move.party), tip=move.party)
        if column == "listens":
            return Cell(shown.count(move.listens) if move.listens else "–", tone="t2")
        if column == "amount":
            signed = move.amount if move.kind == "fund" else -move.amount
            return Cell(shown.coins(signed, 2), strong=True, tip=f"{shown.coins(signed, 18)} CGC")
        return Cell(words.moment_text(datetime.fromtimestamp(move.at, UTC)), tone="t2")

    # doing --------------------------------------------------------------------------------------------------------------

    @Slot(object)
    def _choose(self, _song: object) -> None:
        if self.state is not None:
            self.show_state(self.state)

    @Slot()
    def ask_top_up(self) -> None:
        """Ask how much, then sign."""
        if self.state is None or not self.state.gifts:
            return
        gift = self.gift
        title = tr("Top up the budget of “{title}”").format(title=gift.title)
        said = tr("CGC leaves your wallet and thanks listeners. What is not used can be taken back.")
        amount = self._ask(
            AmountDialog(title, said, self.theme, self, do=tr("Review"), symbol="CGC", most=self.state.wallet)
        )
        if amount is not None:
            self.prepare(lambda: self.live.prepare_top_up(gift.song_id, amount))

    @Slot()
    def ask_take_back(self) -> None:
        """Ask how much, then sign."""
        if self.state is None or not self.state.gifts:
            return
        gift = self.gift
        title = tr("Take back from the budget of “{title}”").format(title=gift.title)
        said = tr("It goes to your wallet. Listeners are thanked from what is left.")
        amount = self._ask(AmountDialog(title, said, self.theme, self, do=tr("Review"), symbol="CGC", most=gift.budget))
        if amount is not None:
            self.prepare(lambda: self.live.prepare_take_back(gift.song_id, amount))

    def _ask(self, dialog: AmountDialog) -> int | None:
        amount = dialog.amount() if dialog.exec() else None
        dialog.deleteLater()
        return amount

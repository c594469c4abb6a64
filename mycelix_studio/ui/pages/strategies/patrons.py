"""The Patrons tab: patrons by level, due and in grace, renewed as a keeper."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QHBoxLayout, QWidget

from mycelix_studio.domain.address import short_address
from mycelix_studio.domain.strategy.patronage import GRACE_SECONDS, TIER_NAMES, Standing
from mycelix_studio.services.live.patrons import REFUSALS, Patron, Patrons
from mycelix_studio.ui import format as shown
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.pages.strategies.listing import Listing
from mycelix_studio.ui.pages.strategies.live_tab import FigureCard, Figures, LiveTab, flow
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.inputs import Choice
from mycelix_studio.ui.widgets.progress import Bar
from mycelix_studio.ui.widgets.rows import Cell, Column
from mycelix_studio.ui.widgets.tables import Table

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage

DAY = 86_400
STANDING = {
    Standing.PAID: ("Paid", "ok", "ph.check"),
    Standing.DUE: ("Due", "warn", "ph.clock"),
    Standing.LAPSED: ("Grace is over", "bad", "ph.x-circle"),
    Standing.STOPPED: ("Stopped", "plain", "ph.minus-circle"),
}
COLUMNS = (
    Column("who", "Patron", 0, sort=False),
    Column("song", "Song", 150, sort=False, drop=2),
    Column("level", "Level", 90, sort=False),
    Column("standing", "Standing", 116, sort=False),
    Column("until", "Paid until", 176, sort=False),
    Column("next", "Next payment", 110, right=True, sort=False),
    Column("paid", "Paid so far", 110, right=True, sort=False, drop=1),
    Column("why", "Renewal", 200, sort=False, drop=3),
)


class PatronsTab(LiveTab):
    """Everybody who supports a song every 30 days."""

    key = "patrons"
    title = "Patrons"
    words = "Who supports you every 30 days"
    empty = (
        "ph.users-three",
        "No patronage yet",
        "Switch on Patronage for a song under Terms. Patrons then appear here as they join.",
    )

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__(page)
        self.plan = Choice(tr("Song"), self.theme)
        sizes.keep(self.plan, least_width=220)
        self.plan.picked.connect(self._choose)
        self.top.addWidget(text(tr("For"), self.theme, "body", "t2"))
        self.top.addWidget(self.plan)
        self.top.addStretch(1)
        self.top.addWidget(self.as_of)
        self.top.addWidget(self.again)
        self.renew = Button(tr("Renew those due"), self.theme, "primary", "ph.arrows-clockwise")
        self.renew.clicked.connect(self.renew_due)
        self.renew.setEnabled(False)
        self.active = FigureCard(tr("Patrons with access"), self.theme)
        self.due = FigureCard(tr("Due now"), self.theme)
        self.monthly = FigureCard(tr("Every 30 days, if all renew"), self.theme)
        self.gone = FigureCard(tr("Left"), self.theme)
        self.paid = FigureCard(tr("Paid so far, before the fee"), self.theme)
        figures = Figures((self.active, self.due, self.monthly, self.paid, self.gone))
        self.body_column.addWidget(figures)
        self.levels, self.level_bars = self._levels()
        self.body_column.addWidget(self.levels)
        self.model: Listing[Patron] = Listing(COLUMNS, self._cell, self)
        self.table = Table(self.model, self.theme, tr("Patrons"), row_height=34)
        self.table.setProperty("ground", "bg2")
        place = Card(8, 0)
        place.column.addWidget(self.table, 1)
        self.body_column.addWidget(place, 1)

    def _levels(self) -> tuple[Card, list[tuple[Bar, object]]]:
        card = Card(14, 8)
        row = QHBoxLayout()
        row.setSpacing(24)
        bars: list[tuple[Bar, object]] = []
        for name in TIER_NAMES:
            column = QHBoxLayout()
            column.setSpacing(8)
            bar = Bar(self.theme, tr("Patrons at level {name}").format(name=tr(name)))
            count = text("", self.theme, "small_strong")
            column.addWidget(text(tr(name), self.theme, "small", "t2"))
            column.addWidget(bar, 1)
            column.addWidget(count)
            row.addLayout(column, 1)
            bars.append((bar, count))
        card.column.addLayout(row)
        return card, bars

    def buttons(self) -> Sequence[QWidget]:
        """Return renewing."""
        return (self.renew,)

    # reading ------------------------------------------------------------------------------------------------------------

    def kept(self) -> Patrons | None:
        """IO. Return what was read last."""
        return self.live.patrons()

    def read(self) -> Patrons:
        """CHAIN. Return what the chain says."""
        return self.live.refresh_patrons()

    def has_any(self, state: Patrons) -> bool:
        """Tell whether any song has a plan."""
        return bool(state.plans)

    def show_state(self, state: Patrons) -> None:
        """Show figures, levels and the table."""
        self.plan.set_choices([(0, tr("All songs")), *((plan.number, plan.title) for plan in state.plans)])
        chosen = self._chosen(state)
        now = state.at
        active = sum(p.standing(now) is Standing.PAID for p in chosen.patrons)
        due = [p for p in chosen.patrons if p.standing(now) is Standing.DUE]
        ready = chosen.renewable()
        self.active.show_figure(shown.count(active), "", tr("{n} in all").format(n=shown.count(len(chosen.patrons))))
        last = min((p.paid_through + GRACE_SECONDS for p in due), default=None)
        grace = "" if last is None else tr("first grace ends {when}").format(when=_day(last))
        self.due.show_figure(shown.count(len(due)), "", grace or tr("nobody waits"))
        self.monthly.show_figure(
            flow(chosen.monthly), "FLOW", tr("at their levels"), exact=shown.coins(chosen.monthly, 18)
        )
        paid = sum(p.paid for p in chosen.patrons)
        self.paid.show_figure(flow(paid), "FLOW", tr("all periods"), exact=shown.coins(paid, 18))
        lapsed, stopped = chosen.count(Standing.LAPSED), chosen.count(Standing.STOPPED)
        self.gone.show_figure(
            shown.count(lapsed + stopped), "", tr("{n} stopped, {m} after the grace").format(n=stopped, m=lapsed)
        )
        levels = chosen.by_tier()
        most = max(levels.values()) or 1
        for tier, (bar, count) in enumerate(self.level_bars):
            bar.set_share(levels[tier] / most, "patronage")
            count.setText(shown.count(levels[tier]))  # type: ignore[attr-defined]
        self.model.show(self.table, chosen.patrons)
        self.renew.setEnabled(bool(ready))
        self.renew.setText(
            tr("Renew those due")
            if not ready
            else tr("Renew 1 patron")
            if len(ready) == 1
            else tr("Renew {n} patrons").format(n=len(ready))
        )
        self.renew.setAccessibleName(self.renew.text())

    def _chosen(self, state: Patrons) -> Patrons:
        number = self.plan.value()
        if not number:
            return state
        patrons = tuple(patron for patron in state.patrons if patron.plan == number)
        return Patrons(state.block, state.at, state.plans, patrons, state.charges)

    def _cell(self, patron: Patron, column: str) -> Cell:
        now = self.state.at
        standing, tier = patron.standing(now), patron.tier(now)
        if column == "who":
            name = self.names.get(patron.address, "")
            rest = short_address(patron.address) if name else ""
            return Cell(self.who(patron.address), strong=bool(name), rest=rest, tip=patron.address)
        if column == "why":
            return _renewal(patron, standing)
        said, tone, icon = STANDING[standing]
        left = tr("{n} d of grace").format(n=(patron.paid_through + GRACE_SECONDS - now) // DAY)
        periods = tr("{n} periods").format(n=patron.periods)
        cells = {
            "song": Cell(next((p.title for p in self.state.plans if p.number == patron.plan), ""), tone="t2"),
            "level": Cell(tr(TIER_NAMES[tier]) if tier is not None else "–", tone="t2"),
            "standing": Cell(tr(said), chip=tone, icon=icon),
            "until": Cell(_day(patron.paid_through), rest=left if standing is Standing.DUE else ""),
            "next": Cell(shown.coins(patron.renewal, 2), strong=True, tip=f"{shown.coins(patron.renewal, 18)} FLOW"),
            "paid": Cell(shown.coins(patron.paid, 2), tip=f"{shown.coins(patron.paid, 18)} FLOW, {periods}"),
        }
        return cells[column]

    # doing --------------------------------------------------------------------------------------------------------------

    @Slot(object)
    def _choose(self, _plan: object) -> None:
        if self.state is not None:
            self.show_state(self.state)

    @Slot()
    def renew_due(self) -> None:
        """Charge those who are due, as a keeper."""
        number = self.plan.value()
        self.prepare(lambda: self.live.prepare_renewals(int(number) if isinstance(number, int) and number else None))

    def commands(self) -> Sequence[Command]:
        """Return renewing and reading again."""
        renew = Command(
            tr("Renew patrons who are due"),
            self.renew_due,
            "",
            tr("Strategies"),
            "ph.users-three",
            self.renew.isEnabled,
        )
        return (renew, *super().commands())


def _renewal(patron: Patron, standing: Standing) -> Cell:
    if patron.refusal == 0:
        return Cell(tr("can be charged now"), "ok", icon="ph.check", icon_tone="ok")
    if standing is Standing.STOPPED:
        return Cell(tr(REFUSALS[4]), tone="t2")
    by_itself = patron.auto_renew and standing is Standing.PAID
    return Cell(tr("by itself when due") if by_itself else tr(REFUSALS[patron.refusal]), tone="t2")


def _day(seconds: int) -> str:
    return words.day_text(datetime.fromtimestamp(seconds, UTC).date(), year=True)

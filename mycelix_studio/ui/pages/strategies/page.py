"""The Strategies page: its tabs."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtWidgets import QStackedWidget

from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.ui.pages.base import Command, Context, Page
from mycelix_studio.ui.pages.strategies.auctions import AuctionsTab
from mycelix_studio.ui.pages.strategies.gifts import GiftsTab
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.pages.strategies.patrons import PatronsTab
from mycelix_studio.ui.pages.strategies.payouts import PayoutsTab
from mycelix_studio.ui.pages.strategies.simulator import SimulatorTab
from mycelix_studio.ui.pages.strategies.tab import Tab
from mycelix_studio.ui.pages.strategies.terms import TermsTab
from mycelix_studio.ui.widgets.segment import Tabs

TABS: tuple[type[Tab], ...] = (TermsTab, PatronsTab, AuctionsTab, GiftsTab, PayoutsTab, SimulatorTab)
"""In the order they stand. A new tab is one more class here."""


class StrategiesPage(Page):
    """How songs earn, tab by tab. A tab is made when it is first opened."""

    concerns = frozenset(Kind)

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Strategies"))
        self.tabs = Tabs(tr("Parts of Strategies"), [(tab.key, tr(tab.title)) for tab in TABS], padding=20)
        self.tabs.chosen.connect(self.show_tab)
        self.column.addWidget(self.tabs)
        self.stack = QStackedWidget()
        self.column.addWidget(self.stack, 1)
        self.made: dict[str, Tab] = {}
        self.show_tab(TABS[0].key)

    @property
    def current(self) -> Tab:
        """The tab that is shown."""
        shown = self.stack.currentWidget()
        assert isinstance(shown, Tab)
        return shown

    def tab(self, key: str) -> Tab:
        """Return a tab, made if it was not opened yet."""
        if key not in self.made:
            made = next(kind for kind in TABS if kind.key == key)(self)
            self.made[key] = made
            self.stack.addWidget(made)
            self.header.add(*made.buttons())
        return self.made[key]

    @Slot(str)
    def show_tab(self, key: str) -> None:
        """Bring a tab to the front; it reads if something it shows has changed."""
        tab = self.tab(key)
        self.tabs.set_value(key)
        self.stack.setCurrentWidget(tab)
        self.header.context.setText(tr(tab.words))
        for made in self.made.values():
            for button in made.buttons():
                button.setVisible(made is tab)
        if tab.stale and self.isVisible():
            tab.stale = False
            tab.refresh()

    # the frame ----------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the tab that is shown; the others when they are shown."""
        for tab in self.made.values():
            tab.stale = tab is not self.current
        self.current.refresh()

    def on_changes(self, changes: Changes, initiator: object) -> None:
        """Refresh the shown tab when it concerns it; every other only remembers."""
        for tab in self.made.values():
            if changes.kinds.isdisjoint(tab.concerns):
                continue
            if self.isVisible() and tab is self.current:
                tab.refresh_for(changes, initiator)
            elif initiator is not tab:
                tab.stale = True

    def show_now(self) -> None:
        """Read what changed meanwhile."""
        self.stale = False
        if self.current.stale:
            self.current.stale = False
            self.current.refresh()

    def open(self, target: object) -> None:
        """Show a tab by its key, or the terms of tracks by their ids."""
        if isinstance(target, str) and any(tab.key == target for tab in TABS):
            self.show_tab(target)
            return
        self.show_tab(TermsTab.key)
        self.current.open(target)

    def commands(self) -> Sequence[Command]:
        """Return the ways to the tabs and what can be done on the one that is shown."""
        where = tr("Strategies")
        ways = [
            Command(
                tr("Show {tab}").format(tab=tr(tab.title)), partial(self.shell.go, "strategies", tab.key), "", where
            )
            for tab in TABS
        ]
        return (*self.current.commands(), *ways)

    def leave(self) -> bool:
        """Ask every tab."""
        stays = [tab for tab in self.made.values() if not tab.leave()]
        return not stays

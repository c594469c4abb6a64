"""Reads what happened by itself, says on the tab how much of it is new, and marks as seen what stood on the open tab."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from mycelix_studio.services.jobs import Lane
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.pages.analytics.model import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from mycelix_studio.services.notices import Listed
    from mycelix_studio.ui.pages.analytics.alerts import Alerts
    from mycelix_studio.ui.pages.analytics.page import AnalyticsPage


class AlertsDesk(QObject):
    """Behaviour of the tab, which is made when it is first opened.

    Attributes:
        listed: What happened, as last shown; None before it was read.
    """

    def __init__(self, page: AnalyticsPage) -> None:
        super().__init__(page)
        self._page = page
        self.listed: Listed | None = None

    @cached_property
    def tab(self) -> Alerts:
        """The list."""
        from mycelix_studio.ui.pages.analytics.alerts import Alerts

        tab = Alerts(self._page.theme)
        self._page.view.put("alerts", tab)
        if self.listed is not None:
            tab.show_all(self.listed)
        return tab

    @property
    def _open(self) -> bool:
        return self._page.view.tabs.value() == "alerts"

    def read(self) -> None:
        """Read and show what happened."""
        self._read(self._show)

    def read_again(self) -> None:
        """Read after a change. What was new stays marked while the tab is open; the next look shows it as seen."""
        self._read(self._show_news)

    def seen(self) -> None:
        """Mark as seen what stands on the open tab."""
        page, listed = self._page, self.listed
        if listed is not None and listed.unopened and page.isVisible() and self._open:
            page.bridge.run(
                Lane.DB, lambda _work: page.studio.notices.opened(listed), name="alerts seen", failure=page.failed
            )

    def _read(self, show: Callable[[Listed], None]) -> None:
        page = self._page
        page.bridge.run(
            Lane.IO, lambda _work: page.studio.notices.listed(), name="alerts", success=show, failure=page.failed
        )

    @Slot(object)
    def _show(self, listed: Listed) -> None:
        self.listed = listed
        if self._page.view.body("alerts") is not None:
            self.tab.show_all(listed)
        count = len(listed.unopened)
        said = tr("Alerts · {n}").format(n=words.number(count, 0, 0)) if count else tr("Alerts")
        self._page.view.tabs.set_words("alerts", said)
        self.seen()

    @Slot(object)
    def _show_news(self, listed: Listed) -> None:
        if not self._open or self.listed is None or listed.notices != self.listed.notices:
            self._show(listed)

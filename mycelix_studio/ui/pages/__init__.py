"""The pages of the window, in the order of the sidebar."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QT_TRANSLATE_NOOP

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.base import Context, Page


class PageSpec(NamedTuple):
    """A page of the sidebar. Its module is imported when it is first opened.

    Attributes:
        key: Name in code and for :meth:`Shell.go`.
        title: What the artist reads.
        icon: Icon of the sidebar.
        module: Where class ``cls`` is.
        badge: Field of :class:`~mycelix_studio.services.status.Status` shown as a count, empty for none.
    """

    key: str
    title: str
    icon: str
    module: str
    cls: str
    badge: str = ""

    def make(self, context: Context) -> Page:
        """Import the page and make it."""
        page: Page = getattr(import_module(self.module), self.cls)(context)
        return page


def _page(key: str, title: object, icon: str, cls: str, badge: str = "") -> PageSpec:
    return PageSpec(key, str(title), icon, f"mycelix_studio.ui.pages.{key}.page", cls, badge)


PAGES = (
    _page("library", QT_TRANSLATE_NOOP("Pages", "Library"), "ph.music-notes", "LibraryPage"),
    _page("uploads", QT_TRANSLATE_NOOP("Pages", "Uploads"), "ph.cloud-arrow-up", "UploadsPage", "uploads"),
    _page("strategies", QT_TRANSLATE_NOOP("Pages", "Strategies"), "ph.sliders-horizontal", "StrategiesPage"),
    _page("wallet", QT_TRANSLATE_NOOP("Pages", "Wallet"), "ph.wallet", "WalletPage", "under_way"),
    _page("analytics", QT_TRANSLATE_NOOP("Pages", "Analytics"), "ph.chart-line-up", "AnalyticsPage", "notices"),
    _page("reports", QT_TRANSLATE_NOOP("Pages", "Reports"), "ph.file-text", "ReportsPage"),
    _page("settings", QT_TRANSLATE_NOOP("Pages", "Settings"), "ph.gear-six", "SettingsPage"),
)
"""Settings comes last: it stands at the bottom of the sidebar, apart from the others."""

"""Views kept under a name, and export of the whole page."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QMenu

from mycelix_studio.errors import Known
from mycelix_studio.services.analytics_views import SavedView
from mycelix_studio.ui.charts import export
from mycelix_studio.ui.pages.analytics.model import tr
from mycelix_studio.ui.widgets.kept import NameDialog, add, kept_menu, menu_of, show_folder
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.analytics.page import AnalyticsPage


class ViewsDesk(QObject):
    """What the two buttons of the head open: views and export."""

    def __init__(self, page: AnalyticsPage) -> None:
        super().__init__(page)
        self._page = page
        self.views = page.view.views
        self.export = page.view.export

    # views --------------------------------------------------------------------------------------------------------------

    def views_menu(self) -> QMenu:
        """Return the menu of views: each by its name, then saving and removal."""
        kept = {view.name: view for view in self._page.studio.views.all()}
        keep = (tr("Save this view…"), self.ask_name)
        return kept_menu(self.views, tuple(kept), lambda name: self.use(kept[name]), self.remove, keep)

    def use(self, view: SavedView) -> None:
        """Show a view."""
        self._page.choose_view(view.range, view.against, view.filter, view.custom)

    @Slot()
    def ask_name(self) -> None:
        """Ask for a name, then keep the view."""
        words = tr("Range, comparison and filter are kept under this name. Figures stay fresh.")
        page = self._page
        dialog = NameDialog(
            tr("Save this view"), words, page.theme, page, hint=tr("Spring releases"), keep=tr("Save view")
        )
        if name := dialog.ask():
            self.save(name)

    def save(self, name: str) -> None:
        """Keep what is shown under a name."""
        wanted = self._page.wanted
        view = SavedView(name, wanted.range, wanted.against, wanted.filter, wanted.custom)
        try:
            self._page.studio.views.save(view)
        except Known as error:
            self._page.failed(error)
            return
        self._page.shell.toast(Message(tr("View “{name}” saved").format(name=name.strip())))

    def remove(self, name: str) -> None:
        """Forget a view."""
        try:
            self._page.studio.views.remove(name)
        except Known as error:
            self._page.failed(error)

    def open_views(self) -> None:
        """Open the menu of views."""
        self.views_menu().popup(self.views.mapToGlobal(self.views.rect().bottomLeft()))

    # export -------------------------------------------------------------------------------------------------------------

    def export_menu(self) -> QMenu:
        """Return the menu of export."""
        menu = menu_of(self.export)
        add(menu, tr("Save all values as CSV files…"), self._ask_folder)
        add(menu, tr("Save this page as a picture…"), self._ask_picture)
        return menu

    def save_values(self, folder: Path) -> list[Path]:
        """Write the values of every chart of the open tab to a folder; a failure is told."""
        files: list[Path] = []
        try:
            for panel in self._page.view.open_body.panels:
                path = folder / panel.file_name("csv")
                export.save(path, export.to_csv(panel.chart.data))
                files.append(path)
        except Known as error:
            self._page.failed(error)
            return files
        self._done(tr("Saved {n} files").format(n=len(files)), folder)
        return files

    def save_picture(self, path: Path) -> None:
        """Write the open tab as a picture, whole, also what is scrolled away; a failure is told."""
        body = self._page.view.open_body
        try:
            export.save(path, export.png_bytes(export.picture(body, self._page.theme.bg0)))
        except Known as error:
            self._page.failed(error)
            return
        self._done(tr("Saved “{name}”").format(name=path.name), path.parent)

    def _done(self, title: str, folder: Path) -> None:
        self._page.shell.toast(Message(title, str(folder), "ok", tr("Show folder"), partial(show_folder, folder)))

    @Slot()
    def _ask_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self._page, tr("Save the values in"), str(Path.home()))
        if chosen:
            self.save_values(Path(chosen))

    @Slot()
    def _ask_picture(self) -> None:
        name, _filter = QFileDialog.getSaveFileName(
            self._page, tr("Save picture"), str(Path.home() / "analytics.png"), "PNG (*.png)"
        )
        if name:
            self.save_picture(Path(name))

    def open_export(self) -> None:
        """Open the menu of export."""
        self.export_menu().popup(self.export.mapToGlobal(self.export.rect().bottomLeft()))

"""Uploading from the library: the files as they are, or clean FLAC copies made beside them for what stores would refuse."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtWidgets import QButtonGroup, QWidget

from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.uploads_files import AddedFiles, add_clean
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Radio

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage

MOST_ASKED = 500
"""Tracks whose findings are looked at before an upload."""


class CleanOrNot(Dialog):
    """Asks how files are uploaded that a clean copy would put right.

    Signals:
        chosen(bool): True for clean copies.
    """

    chosen = Signal(bool)

    def __init__(self, titles: Sequence[str], theme: Theme, parent: QWidget) -> None:
        many = len(titles) > 1
        title = (
            tr("Stores would refuse {n} of these files").format(n=len(titles))
            if many
            else tr("Stores would refuse this file")
        )
        names = ", ".join(titles[:4]) + ("…" if len(titles) > 4 else "")
        super().__init__(title, names, theme, parent, width=520)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.clean = Radio(tr("Upload a clean FLAC copy"), theme)
        self.plain = Radio(tr("Upload as it is"), theme)
        group = QButtonGroup(self)
        hints = (
            tr(
                "Made beside your file and listed in the library with all its details. Same sound; your file stays as it is."
            ),
            tr("The platform takes it. Other stores may not."),
        )
        for radio, hint in zip((self.clean, self.plain), hints, strict=True):
            group.addButton(radio)
            self.body.addWidget(radio)
            label = text(hint, theme, "small", "t3", wrap=True)
            label.setIndent(24)
            self.body.addWidget(label)
        self.clean.setChecked(True)
        self.add_button(tr("Cancel"), "quiet").clicked.connect(self.reject)
        self.add_button(tr("Upload"), "primary", enter=True).clicked.connect(self._do)

    def _do(self) -> None:
        self.chosen.emit(self.clean.isChecked())
        self.accept()


class Sending(QObject):
    """Uploads of one page."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self._all: list[int] = []
        self._unclean: list[int] = []

    def send(self) -> None:
        """Upload the selected tracks; asks first where a clean copy would put something right."""
        self.page.editor.finish()
        ids = list(self.page.view.table.selected_ids())
        if ids:
            self.page.bridge.run(
                Lane.IO, partial(self._look, ids), name="upload", success=self._looked, failure=self.page.failed
            )

    def send_clean(self) -> None:
        """Upload clean FLAC copies of the selected tracks."""
        ids = list(self.page.view.table.selected_ids())
        if ids:
            self._all = self._unclean = ids
            self._chosen(True)

    def _look(self, ids: list[int], work: Work) -> tuple[list[int], dict[int, str]]:
        unclean = {}
        for track_id in ids[:MOST_ASKED]:
            found = self.page.studio.preflight.sounding(track_id)
            fixes = [f.fix for f in found.findings if f.fix is not None] if found is not None else []
            if any(fix.action == "clean-copy" for fix in fixes):
                unclean[track_id] = self.page.library.rows([track_id])[0].title
        return ids, unclean

    @Slot(object)
    def _looked(self, result: tuple[list[int], dict[int, str]]) -> None:
        ids, unclean = result
        self._all, self._unclean = ids, list(unclean)
        if not unclean:
            self._go(ids)
            return
        dialog = CleanOrNot(list(unclean.values()), self.page.theme, self.page)
        dialog.chosen.connect(self._chosen)
        dialog.open()

    @Slot(bool)
    def _chosen(self, clean: bool) -> None:
        if not clean:
            self._go(self._all)
            return
        self.page.files.run_job(
            tr("Making clean copies"), partial(self._queue_clean, list(self._unclean)), self._queued, lane=Lane.MEDIA
        )

    def _queue_clean(self, ids: list[int], work: Work) -> AddedFiles:
        studio = self.page.studio
        return add_clean(studio.library, studio.preflight, studio.uploads, ids, work)

    @Slot(object)
    def _queued(self, result: AddedFiles) -> None:
        self.page.files.end_work()
        self.page.files.show_refused(result.imported.refused, tr("Could not copy {n} files"))
        self._go([each for each in self._all if each not in self._unclean])

    def _go(self, ids: list[int]) -> None:
        self.page.shell.go("uploads", ids or None)

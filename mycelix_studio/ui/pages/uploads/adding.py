"""Putting tracks and files in the queue: chosen, dropped, or as a clean copy of what is in it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPoint, Slot
from PySide6.QtWidgets import QFileDialog, QMenu

from mycelix_studio.domain.upload import UploadState
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.uploads import Added
from mycelix_studio.services.uploads_files import AddedFiles, add_clean, add_files, clean_kind
from mycelix_studio.ui.pages.uploads.model import tr
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.uploads.page import UploadsPage


class Adding(QObject):
    """What brings something into the queue of a page, and says what came of it."""

    def __init__(self, page: UploadsPage) -> None:
        super().__init__(page)
        self._page = page

    def add(self, target: Sequence[object]) -> None:
        """Put tracks in the queue by their ids, or files by their paths."""
        ids = [each for each in target if isinstance(each, int)]
        if len(ids) < len(target):
            self.add_paths([each for each in target if isinstance(each, Path)])
            return
        work = partial(self._track_work, ids)
        self._page.bridge.run(Lane.IO, work, name="add", success=self._added, failure=self._page.failed)

    def _track_work(self, ids: list[int], _work: Work) -> Added:
        return self._page.uploads.add(ids)

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Bring files and folders into the library and the queue."""
        self._page.bridge.run(
            Lane.DB,
            partial(self._add_work, list(paths)),
            name="add",
            success=self._added_files,
            failure=self._page.failed,
        )

    def send_clean(self) -> None:
        """Send a copy without tags of what is selected and not done, in place of the tagged file."""
        rows = self._page.selected_rows()
        ids = [row.track_id for row in rows if row.track_id is not None and row.state is not UploadState.DONE]
        if ids:
            work = partial(self._clean_work, ids)
            self._page.bridge.run(Lane.MEDIA, work, name="clean", success=self._added_files, failure=self._page.failed)

    def _clean_work(self, ids: list[int], work: Work) -> AddedFiles:
        studio = self._page.studio
        kind = clean_kind(studio.settings)
        return add_clean(studio.library, studio.preflight, studio.uploads, ids, work, kind=kind)

    def _add_work(self, paths: list[Path], work: Work) -> AddedFiles:
        return add_files(self._page.studio.library, self._page.uploads, paths, work)

    @Slot(object)
    def _added_files(self, result: AddedFiles) -> None:
        refused = result.imported.refused
        if refused:
            first = refused[0].error
            title = first.title if len(refused) == 1 else tr("Could not read {n} files").format(n=len(refused))
            words = " ".join(part for part in (first.message, first.hint) if part)
            self._page.shell.toast(Message(title, words, "bad"))
        if not refused or result.added.ids or result.added.already:
            self._added(result.added)

    @Slot(object)
    def _added(self, result: Added) -> None:
        count = len(result.ids)
        if count:
            title = tr("1 track in the queue") if count == 1 else tr("{n} tracks in the queue").format(n=count)
            words = tr("{n} were there already.").format(n=len(result.already)) if result.already else ""
            self._page.shell.toast(Message(title, words))
        else:
            title = tr("Nothing new to upload")
            words = tr("They are in the queue, or uploaded and unchanged since.") if result.already else ""
            self._page.shell.toast(Message(title, words, "info"))
        self._page.refresh()

    @Slot()
    def ask_what(self) -> None:
        """Offer the library and the file dialog."""
        menu = QMenu(self._page)
        menu.addAction(tr("Choose in Library"), partial(self._page.shell.go, "library"))
        menu.addAction(tr("Choose files…"), self.ask_for_files)
        menu.exec(self._page.add.mapToGlobal(QPoint(0, self._page.add.height() + 4)))
        menu.deleteLater()

    def ask_for_files(self) -> None:
        """Ask for files and put them in the queue."""
        files, _ = QFileDialog.getOpenFileNames(self._page, tr("Choose music to upload"))
        if files:
            self.add_paths([Path(file) for file in files])

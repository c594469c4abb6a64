"""Work on files: adding, saving, looking again, copies; one at a time, with progress and a Stop."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from mycelix_studio.services.jobs import Job, Lane, Work
from mycelix_studio.services.library import ImportResult, Refused, SaveResult
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.labels import Text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.dialog import Dialog, ask
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage


class FileWork(QObject):
    """Work on files for one page."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.view = page.view
        self.library = page.library
        self.bridge = page.bridge
        self.job: Job[ImportResult] | Job[SaveResult] | None = None

    @Slot()
    def save(self) -> None:
        """Write the edits of the selected tracks."""
        self.page.editor.finish()
        self._run_save(self.view.table.selected_ids())

    def save_all(self) -> None:
        """Write every unsaved edit to its file."""
        self.page.editor.finish()
        self._run_save(self.library.unsaved())

    def _run_save(self, ids: Sequence[int]) -> None:
        if self.job is not None:
            return
        self.page.sound.release()
        self.view.progress.begin(tr("Saving tags"))
        self.job = self.bridge.run(
            Lane.DB,
            partial(self._save_work, list(ids)),
            name="save",
            success=self._saved,
            failure=self.failed,
            cancelled=self.stopped,
            progress=self.view.progress.step,
        )

    def _save_work(self, ids: list[int], work: Work) -> SaveResult:
        return self.library.save(ids, work)

    @Slot(object)
    def _saved(self, result: SaveResult) -> None:
        self._end_work()
        if result.saved:
            title = tr("1 file saved") if len(result.saved) == 1 else tr("{n} files saved").format(n=len(result.saved))
            words = (
                tr("The sound is unchanged.")
                if len(result.saved) == 1
                else tr("The sound is unchanged in all of them.")
            )
            self.page.shell.toast(Message(title, words))
        self._show_refused(result.refused, tr("Could not save {n} files"))

    @Slot()
    def ask_for_music(self) -> None:
        """Ask for a folder and add what is in it."""
        folder = QFileDialog.getExistingDirectory(self.page, tr("Choose a folder with music"))
        if folder:
            self.add_paths([Path(folder)])

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Add files and folders."""
        if self.job is not None:
            self.page.shell.toast(
                Message(tr("One thing at a time"), tr("Studio is still working on your files."), "info")
            )
            return
        self.view.progress.begin(tr("Adding music"))
        self.job = self.bridge.run(
            Lane.DB,
            partial(self._add_work, list(paths)),
            name="add",
            success=self._added,
            failure=self.failed,
            cancelled=self.stopped,
            progress=self.view.progress.step,
        )

    def _add_work(self, paths: list[Path], work: Work) -> ImportResult:
        return self.library.add(paths, work)

    @Slot(object)
    def _added(self, result: ImportResult) -> None:
        self._end_work()
        parts = [
            tr("{n} new").format(n=shown.count(result.added)) if result.added else "",
            tr("{n} read again").format(n=shown.count(result.updated)) if result.updated else "",
            tr("{n} unchanged").format(n=shown.count(result.unchanged)) if result.unchanged else "",
        ]
        words = ", ".join(part for part in parts if part)
        if words or not result.refused:
            self.page.shell.toast(
                Message(
                    tr("Music added") if result.added else tr("Nothing new found"),
                    words,
                    "ok" if result.added else "info",
                )
            )
        self._show_refused(result.refused, tr("Could not read {n} files"))

    def _show_refused(self, refused: Sequence[Refused], title: str) -> None:
        if not refused:
            return
        first = refused[0]
        if len(refused) == 1:
            words = " ".join(part for part in (first.error.message, first.error.hint) if part)
            self.page.shell.toast(Message(first.error.title, words, "bad"))
            return
        self.page.shell.toast(
            Message(
                title.format(n=len(refused)),
                tr("The others are fine."),
                "bad",
                tr("Show"),
                partial(self._list_refused, tuple(refused), title),
            )
        )

    def _list_refused(self, refused: tuple[Refused, ...], title: str) -> None:
        dialog = Dialog(
            title.format(n=len(refused)), tr("Nothing was changed in them."), self.page.theme, self.page, width=560
        )
        for each in refused[:200]:
            card = Card(10, 2)
            card.column.addWidget(Text(each.error.title, self.page.theme, "strong", wrap=True))
            words = " ".join(part for part in (each.error.message, each.error.hint) if part)
            card.column.addWidget(Text(words, self.page.theme, "small", "t2", wrap=True))
            dialog.body.addWidget(card)
        dialog.add_button(tr("Close"), enter=True).clicked.connect(dialog.accept)
        dialog.exec()
        dialog.deleteLater()

    @Slot(object)
    def failed(self, error: Exception) -> None:
        """Say what failed."""
        self._end_work()
        self.page.failed(error)

    @Slot()
    def stopped(self) -> None:
        """Say that it was stopped."""
        self._end_work()
        self.page.shell.toast(Message(tr("Stopped"), tr("What was finished stays finished."), "info"))
        self.page.refresh()

    def _end_work(self) -> None:
        self.job = None
        self.view.progress.end()

    @Slot()
    def stop(self) -> None:
        """Stop what is being done."""
        if self.job is not None:
            self.job.cancel()

    @Slot()
    def look_again(self) -> None:
        """Look at every file again."""
        self.view.progress.begin(tr("Looking at your files"))
        self.job = self.bridge.run(
            Lane.DB, self.library.refresh, name="refresh", success=self._added, failure=self.failed,
            cancelled=self.stopped, progress=self.view.progress.step,
        )  # fmt: skip

    def clean_copy(self) -> None:
        """Write a copy that stores take beside the file, plain 16 or 24 bit WAV in stereo; the file stays as it is."""
        track = self.page.sound.track
        if track is None:
            return
        path = track.row.path
        self.view.progress.begin(tr("Making a clean copy"))
        self.bridge.run(
            Lane.MEDIA,
            lambda work: self.page.studio.preflight.clean_copy(path),
            name="copy",
            success=self._copied,
            failure=self.failed,
        )

    @Slot(object)
    def _copied(self, path: Path) -> None:
        self.view.progress.end()
        self.page.shell.toast(
            Message(tr("Clean copy made"), path.name, "ok", tr("Add to the library"), partial(self.add_paths, [path]))
        )

    def remove(self) -> None:
        """Take the selected tracks off the list, after asking; files stay."""
        ids = self.view.table.selected_ids()
        title = (
            tr("Take 1 track off the list?")
            if len(ids) == 1
            else tr("Take {n} tracks off the list?").format(n=len(ids))
        )
        words = tr("The files stay where they are. Edits you have not saved are forgotten.")
        if ids and ask(self.page, title, words, tr("Take off the list"), self.page.theme, danger=True):
            self.bridge.run(Lane.DB, lambda work: self.library.remove(ids), name="remove", failure=self.page.failed)

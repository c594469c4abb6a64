"""Work on files: adding, saving, looking again, copies; one at a time, with progress and a Stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog

from mycelix_studio.services.jobs import Job, Lane, Work
from mycelix_studio.services.library import ImportResult, Refused, SaveResult
from mycelix_studio.services.library_copies import CopyResult, tagged_copies
from mycelix_studio.services.uploads_files import clean_kind
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
        self.job: Job[Any] | None = None
        self._copies: tuple[int, ...] = ()

    @Slot()
    def save(self) -> None:
        """Write the edits of the selected tracks."""
        self.page.editor.finish()
        self.save_ids(self.view.table.selected_ids())

    def save_all(self) -> None:
        """Write every unsaved edit to its file."""
        self.page.editor.finish()
        self.save_ids(self.library.unsaved())

    def save_ids(self, ids: Sequence[int], *, copies: Sequence[int] = (), newer: Sequence[int] = ()) -> None:
        """Write the edits of tracks, ``newer`` in tag version 2.4; afterwards FLAC copies of ``copies``, with every tag."""
        if self.run_job(tr("Saving tags"), partial(self._save_work, list(ids), tuple(newer)), self._saved):
            self.page.sound.release()
            self._copies = tuple(copies)

    def run_job(
        self,
        name: str,
        work: Callable[[Work], Any],
        success: Callable[[Any], None],
        *,
        lane: Lane = Lane.DB,
        stopped: Callable[[], None] | None = None,
    ) -> bool:
        """Run work on files with progress and Stop; False, with words, while other work is under way. ``success`` ends it."""
        if self.job is not None:
            busy = tr("Studio is still working on your files.")
            self.page.shell.toast(Message(tr("One thing at a time"), busy, "info"))
            return False
        self.view.progress.begin(name)
        self.job = self.bridge.run(
            lane,
            work,
            name=name,
            success=success,
            failure=self.failed,
            cancelled=stopped or self.stopped,
            progress=self.view.progress.step,
        )
        return True

    def _save_work(self, ids: list[int], newer: tuple[int, ...], work: Work) -> SaveResult:
        return self.library.save(ids, work, newer=newer)

    @Slot(object)
    def _saved(self, result: SaveResult) -> None:
        self.end_work()
        if result.saved:
            title = tr("1 file saved") if len(result.saved) == 1 else tr("{n} files saved").format(n=len(result.saved))
            words = (
                tr("The sound is unchanged.")
                if len(result.saved) == 1
                else tr("The sound is unchanged in all of them.")
            )
            self.page.shell.toast(Message(title, words))
        self.show_refused(result.refused, tr("Could not save {n} files"))
        copies, self._copies = self._copies, ()
        if copies:
            self.run_job(
                tr("Writing FLAC copies"), partial(self._copy_work, list(copies)), self._copies_made, lane=Lane.MEDIA
            )

    def _copy_work(self, ids: list[int], work: Work) -> CopyResult:
        return tagged_copies(self.library, self.page.studio.preflight, ids, work)

    @Slot(object)
    def _copies_made(self, result: CopyResult) -> None:
        self.end_work()
        if result.made:
            count = len(result.made)
            title = tr("1 FLAC copy written") if count == 1 else tr("{n} FLAC copies written").format(n=count)
            words = tr("They lie beside your files, with every tag.")
            add = partial(self.add_paths, result.made)
            self.page.shell.toast(Message(title, words, "ok", tr("Add to the library"), add))
        self.show_refused(result.refused, tr("Could not copy {n} files"))

    @Slot()
    def ask_for_music(self) -> None:
        """Ask for a folder and add what is in it."""
        folder = QFileDialog.getExistingDirectory(self.page, tr("Choose a folder with music"))
        if folder:
            self.add_paths([Path(folder)])

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Add files and folders."""
        self.run_job(tr("Adding music"), partial(self._add_work, list(paths)), self._added)

    def _add_work(self, paths: list[Path], work: Work) -> ImportResult:
        return self.library.add(paths, work)

    @Slot(object)
    def _added(self, result: ImportResult) -> None:
        self.end_work()
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
        self.show_refused(result.refused, tr("Could not read {n} files"))

    def show_refused(self, refused: Sequence[Refused], title: str) -> None:
        """Say which files were refused and why."""
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
        self.end_work()
        self.page.failed(error)

    @Slot()
    def stopped(self) -> None:
        """Say that it was stopped."""
        self.end_work()
        self.page.shell.toast(Message(tr("Stopped"), tr("What was finished stays finished."), "info"))
        self.page.refresh()

    def end_work(self) -> None:
        """Close the row with the progress."""
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
        self.run_job(tr("Looking at your files"), self.library.refresh, self._added)

    def clean_copy(self) -> None:
        """Write a copy that stores take beside the file, in stereo with nothing but sound; the file stays as it is."""
        track = self.page.sound.track
        if track is None:
            return
        path = track.row.path
        make = self.page.studio.preflight.clean_copy
        kind = clean_kind(self.page.studio.settings)
        self.run_job(tr("Making a clean copy"), lambda _work: make(path, kind), self._copied, lane=Lane.MEDIA)

    @Slot(object)
    def _copied(self, path: Path) -> None:
        self.end_work()
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

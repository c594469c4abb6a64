"""The delivery rules on the library's page: run on what changed, measured in the background, results shown as they come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Slot

from mycelix_studio.domain.preflight import Fix
from mycelix_studio.services.jobs import Lane, Progress
from mycelix_studio.services.library import Only
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.pages.library.model import tr

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage

TOGETHER_MS = 250
"""Results come by hundreds; they are shown together, a few times a second."""


class Checking(QObject):
    """The rules for one page."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self._running = False
        self._fresh: set[int] = set()
        self._together = QTimer(self, singleShot=True, interval=TOGETHER_MS)
        self._together.timeout.connect(self._read_fresh)

    def run(self) -> None:
        """Run the delivery rules on what changed; measuring goes on in the background."""
        if self._running or not self.page.model.ids:
            return
        self._running = True
        self.page.bridge.run(
            Lane.MEDIA,
            self.page.studio.preflight.check_due,
            name="checks",
            success=self._checked,
            failure=self._failed,
            cancelled=self._stopped,
            progress=self._measuring,
        )

    def show(self, track_ids: frozenset[int]) -> None:
        """Show new results of some tracks without reading the whole list again."""
        self._fresh |= track_ids
        if not self._together.isActive():
            self._together.start()

    @Slot()
    def _read_fresh(self) -> None:
        fresh, self._fresh = self._fresh, set()
        known = [track_id for track_id in fresh if self.page.model.place(track_id) >= 0]
        page = self.page
        page.bridge.run(
            Lane.IO,
            lambda _work: (page.studio.preflight.counts(known), page.library.count(only=Only.TO_FIX)),
            name="check results",
            success=self._show_fresh,
            failure=page.failed,
        )

    @Slot(object)
    def _show_fresh(self, result: tuple[Mapping[int, tuple[int, int]], int]) -> None:
        page, (counts, to_fix) = self.page, result
        page.model.show_checks(counts)
        page.view.table.paint_anew(counts)
        count = shown.count(to_fix)
        page.view.segment.set_words(Only.TO_FIX.value, f"{tr('To fix')}   {count}", f"{tr('To fix')}, {count}")
        if not counts.keys().isdisjoint(page.view.table.selected_ids()[:1]):
            page.read_details()

    def fix(self, fix: Fix) -> None:
        """Carry out a finding's way out on the selected tracks."""
        page = self.page
        ids = page.view.table.selected_ids()
        if fix.action == "art":
            page.editor.ask_for_art()
        elif fix.action == "clean-copy":
            page.files.clean_copy()
        elif fix.action == "isrc":
            page.tools.isrcs()
        else:
            page.bridge.run(
                Lane.DB, lambda _work: page.library.edit(ids, dict(fix.edits)), name="fix", failure=page.failed
            )

    @Slot(object)
    def _measuring(self, progress: Progress) -> None:
        whole = progress.total and progress.done < progress.total
        counts = tr("Measuring {done} of {total}").format(done=progress.done + 1, total=progress.total)
        self.page.view.measuring.setText(counts if whole else "")

    @Slot(object)
    def _checked(self, _changes: object) -> None:
        self._stopped()

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._stopped()
        self.page.failed(error)

    @Slot()
    def _stopped(self) -> None:
        self._running = False
        self.page.view.measuring.setText("")

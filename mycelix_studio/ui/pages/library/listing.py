"""What the library's table lists: read off the GUI thread, shown with counts and sums, in the order and with the filter of last time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSignalBlocker, QTimer, Slot

from mycelix_studio.domain.fields import Field
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.library import Only, Sort, Totals
from mycelix_studio.services.song_marks import SongMark, marks
from mycelix_studio.settings import CHAIN_ID
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.pages.library.model import field_of, tr

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage

SEGMENTS = (
    (Only.ALL, "All"),
    (Only.TO_FIX, "To fix"),
    (Only.UNSAVED, "Unsaved"),
    (Only.NOT_EARNING, "Not earning"),
    (Only.MISSING, "Missing"),
    (Only.CONFLICT, "Changed twice"),
)
RARE = (Only.MISSING, Only.CONFLICT)
"""Segments that are there only when they hold something."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the table shows, read off the GUI thread."""

    ids: list[int]
    counts: dict[Only, int]
    totals: Totals
    albums: list[str]
    marks: dict[str, SongMark]
    checks: Mapping[int, tuple[int, int]]


class Lister(QObject):
    """The list of one page."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.wanted: list[int] = []
        """Tracks to select with the next list."""
        self._sort: tuple[Sort | Field, bool] = (Sort.ALBUM, False)
        self._behind = False
        self._listing_number = 0

    def restore(self) -> None:
        """Show what was shown when the window was left, by closing or by a crash: order, filter, columns, sizes, selection."""
        columns = self.page.kept.texts("columns")
        if columns:
            self.page.model.set_columns(columns)
        key, _, direction = self.page.kept.text("sort").partition(" ")
        self._sort = (_sort_of(key), direction == "down")
        self.page.model.sorted_by = (self._sort[0].value, self._sort[1])
        with QSignalBlocker(self.page.view.filter):
            self.page.view.filter.setText(self.page.kept.text("filter"))
        self.page.view.segment.set_value(self.page.kept.text("only", Only.ALL.value))
        self.wanted = [int(each) for each in self.page.kept.texts("selected") if each.isdigit()]
        sizes = self.page.kept.state("splitter")
        if sizes is not None:
            self.page.view.splitter.restoreState(sizes)

    def refresh(self) -> None:
        """Read ids, counts and totals again."""
        self._listing_number += 1
        self._behind = False
        if not self.page.model.ids:
            self.page.view.states.show_loading()
        if self.page.view.table.editing:
            self._behind = True
            return
        text, only = self.page.view.filter.text(), Only(self.page.view.segment.value())
        self.page.kept.keep("filter", text)
        self.page.kept.keep("only", only.value)
        self.page.bridge.run(
            Lane.IO,
            partial(self._read, self._listing_number, text, only, self._sort),
            name="library",
            success=self._show_listing,
            failure=self._cannot_read,
        )

    def _read(
        self, number: int, text: str, only: Only, order: tuple[Sort | Field, bool], work: Work
    ) -> tuple[int, Listing]:
        ids = self.page.library.ids(text=text, only=only, sort=order[0], descending=order[1])
        counts = {each: self.page.library.count(only=each) for each, _words in SEGMENTS}
        chain_id = self.page.studio.settings.get(CHAIN_ID)
        return number, Listing(
            ids,
            counts,
            self.page.library.totals(),
            self.page.library.albums(),
            marks(self.page.studio.database, chain_id),
            self.page.studio.preflight.counts(ids),
        )

    @Slot(object)
    def _show_listing(self, result: tuple[int, Listing]) -> None:
        number, listing = result
        if number != self._listing_number:
            return
        if self.page.view.table.editing:  # another list would close the cell that is being edited
            self._behind = True
            return
        view = self.page.view
        for only, words in SEGMENTS:
            count = shown.count(listing.counts[only])
            view.segment.set_words(only.value, f"{tr(words)}   {count}", f"{tr(words)}, {count}")
        for only in RARE:
            view.segment.button(only.value).setVisible(bool(listing.counts[only]) or view.segment.value() == only)
        self.page.model.marks = listing.marks
        self.page.model.checks = dict(listing.checks)
        if listing.ids != self.page.model.ids:
            view.table.show_ids(listing.ids)
        else:
            self.page.model.refresh()
        totals = listing.totals
        view.totals.setText(
            " · ".join(
                (
                    tr("{n} tracks").format(n=shown.count(totals.tracks)),
                    shown.long_length(totals.seconds),
                    shown.size(totals.size),
                )
            )
            if totals.tracks != 1
            else " · ".join((tr("1 track"), shown.long_length(totals.seconds), shown.size(totals.size)))
        )
        self.page.header.context.setText(_albums_line(listing.albums))
        everything = listing.counts[Only.ALL]
        view.toolbar.setVisible(bool(everything))
        if not everything:
            view.states.show_empty(
                "ph.folder-plus",
                tr("No music here yet"),
                tr("Add a folder or drop files. Studio reads them and changes nothing until you save."),
                [(tr("Add music"), self.page.files.ask_for_music)],
            )
        elif not listing.ids:
            self._show_nothing_found(everything)
        else:
            view.states.show_content()
            if not view.table.selected_ids():
                again = [track_id for track_id in self.wanted if self.page.model.place(track_id) >= 0]
                view.table.select_ids(again or [listing.ids[0]])
            self.wanted = []
        self.page.show_selection_controls()
        self.page.checking.run()

    def _show_nothing_found(self, everything: int) -> None:
        typed, only = self.page.view.filter.text(), self.page.view.segment.value()
        hidden = tr("{n} tracks are hidden by your filter.").format(n=shown.count(everything))
        if typed:
            title = tr("Nothing matches “{text}”").format(text=typed)
        elif only == Only.UNSAVED:
            title, hidden = (
                tr("Everything is saved"),
                tr("Edits you have not written to your files would be listed here."),
            )
        else:
            title = tr("Nothing here")
        self.page.view.states.show_empty(
            "ph.magnifying-glass", title, hidden, [(tr("Show all tracks"), self.clear_filter)], primary=False
        )

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.page.view.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    def clear_filter(self) -> None:
        """Show every track again."""
        self.page.view.segment.set_value(Only.ALL.value)
        self.page.view.filter.clear()
        self.refresh()

    @Slot()
    def filter_changed(self, *_what: object) -> None:
        """List anew what the filter and the segment say."""
        self.refresh()

    @Slot(str, bool)
    def sort_by(self, key: str, descending: bool) -> None:
        """List in another order; ``key`` is a column's."""
        self._sort = (_sort_of(key), descending)
        self.page.model.sorted_by = (key, descending)
        self.page.kept.keep("sort", f"{key} {'down' if descending else 'up'}")
        self.refresh()

    @Slot()
    def catch_up(self) -> None:
        """Show what changed while a cell was being edited."""
        if self._behind:
            QTimer.singleShot(0, self.refresh)

    @Slot(str)
    def seek(self, letters: str) -> None:
        """Go to a title that begins with these letters."""
        self.page.bridge.run(
            Lane.IO,
            lambda _work: self.page.library.beginning(letters),
            name="find",
            success=self._found,
            failure=self.page.failed,
        )

    @Slot(object)
    def _found(self, ids: list[int]) -> None:
        """Go to the first title with these letters at or after the cursor, else to the first of all."""
        places = sorted(place for track_id in ids if (place := self.page.model.place(track_id)) >= 0)
        here = self.page.view.table.currentIndex().row()
        if places:
            place = next((each for each in places if each >= here), places[0])
            self.page.view.table.select_ids([self.page.model.ids[place]])
            self.page.view.table.scrollTo(self.page.model.index(place, 0))


def _sort_of(key: str) -> Sort | Field:
    """Return what a column is sorted by; the album for one nobody knows."""
    if key in {sort.value for sort in Sort}:
        return Sort(key)
    return field_of(key) or Sort.ALBUM


def _albums_line(albums: Sequence[str]) -> str:
    if not albums:
        return ""
    if len(albums) <= 2:
        return tr(" and ").join(albums)
    return tr("{first}, {second} and {n} more").format(first=albums[0], second=albums[1], n=len(albums) - 2)

"""The library's behaviour: what is listed, edited, saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QSignalBlocker, Qt, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from mycelix_studio.domain.fields import Field
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.library import Only, Sort, Totals
from mycelix_studio.services.song_marks import SongMark, marks
from mycelix_studio.settings import CHAIN_ID
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.kept import Kept
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.pages.library.checking import Checking
from mycelix_studio.ui.pages.library.commands import LIBRARY_MENU, commands_of, show_menu
from mycelix_studio.ui.pages.library.editor import Editor
from mycelix_studio.ui.pages.library.files import FileWork
from mycelix_studio.ui.pages.library.model import LibraryModel, field_of, tr
from mycelix_studio.ui.pages.library.sound import SoundPanel
from mycelix_studio.ui.pages.library.tools import Tools
from mycelix_studio.ui.pages.library.view import LibraryView
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Field as LineField
from mycelix_studio.ui.widgets.toasts import Message

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
DRAWER_BELOW = 1280
MOST_REMEMBERED = 200
"""Selected tracks that are selected again after a restart."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the table shows, read off the GUI thread."""

    ids: list[int]
    counts: dict[Only, int]
    totals: Totals
    albums: list[tuple[str, int]]
    marks: dict[str, SongMark]
    checks: Mapping[int, tuple[int, int]]


class LibraryPage(Page):
    """Tracks, tags, saving."""

    concerns = frozenset({Kind.TRACKS, Kind.CHECKS, Kind.SONGS, Kind.EARNINGS, Kind.SETTINGS})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Library"))
        self.library = self.studio.library
        self.model = LibraryModel(self.library, self)
        self.view = LibraryView(self.model, self.theme, context.look.row_height, context.covers.get)
        self.column.addWidget(self.view, 1)
        self.add = Button(tr("Add music"), self.theme, "default", "ph.folder-plus", keys="Ctrl+O")
        self.upload = Button(tr("Upload"), self.theme, "primary", "ph.cloud-arrow-up", keys="Ctrl+U")
        self.undo = Button(tr("Undo"), self.theme, "quiet", "ph.arrow-counter-clockwise", keys="Ctrl+Z")
        self.undo.clicked.connect(self._undo)
        self.header.add(self.undo, self.add, self.upload)
        self._sort: tuple[Sort | Field, bool] = (Sort.ALBUM, False)
        self.model.sorted_by = (Sort.ALBUM.value, False)
        self.editor = Editor(self)
        self.files = FileWork(self)
        self.checking = Checking(self)
        self.tools = Tools(self)
        self._listing_number = 0
        self._drawer_open = False
        self._behind = False
        self.sound = SoundPanel(self.view.inspector, lambda: self.theme, self.checking.fix, self)
        self.kept = Kept(self.studio.paths.config, "library", self)
        self._wanted: list[int] = []
        self._connect()
        self._restore()
        self.setAcceptDrops(True)
        self._show_selection_controls()

    def _connect(self) -> None:
        view = self.view
        view.segment.set_choices([(only.value, tr(words)) for only, words in SEGMENTS])
        view.segment.chosen.connect(self._filter_changed)
        view.filter.textChanged.connect(self._filter_changed)
        view.filter.left.connect(self._focus_table)
        view.table.sort_wanted.connect(self._sort_by)
        view.table.picked.connect(self._picked)
        view.table.opened.connect(self.edit_first)
        view.table.menu_wanted.connect(self._menu)
        view.table.typed.connect(self.editor.typed)
        view.table.sought.connect(self._seek)
        view.table.edit_closed.connect(self._catch_up)
        view.table.playing = self._is_playing
        view.choose_columns.clicked.connect(self.tools.columns)
        view.more.clicked.connect(self._more)
        view.splitter.splitterMoved.connect(self._keep_sizes)
        view.progress.stop.connect(self.files.stop)
        view.only_selected.clicked.connect(self.toggle_drawer)
        inspector = view.inspector
        inspector.tabs.chosen.connect(self._tab)
        inspector.before.clicked.connect(partial(self.neighbour, -1))
        inspector.after.clicked.connect(partial(self.neighbour, 1))
        inspector.save.clicked.connect(self.files.save)
        inspector.together.clicked.connect(self.tools.multi_edit)
        inspector.revert.clicked.connect(self.editor.revert)
        inspector.replace_art.clicked.connect(self.editor.ask_for_art)
        inspector.remove_art.clicked.connect(self.editor.remove_art)
        for field, line in inspector.fields.items():
            line.editingFinished.connect(partial(self.editor.edited, field))
        self.add.clicked.connect(self.files.ask_for_music)
        self.upload.clicked.connect(self.send)
        self.context.covers.ready.connect(self._covers_ready)
        self.context.look.changed.connect(self._restyle)

    def _restore(self) -> None:
        """Show what was shown when the window was left, by closing or by a crash: order, filter, columns, sizes, selection."""
        columns = self.kept.texts("columns")
        if columns:
            self.model.set_columns(columns)
        key, _, direction = self.kept.text("sort").partition(" ")
        self._sort = (_sort_of(key), direction == "down")
        self.model.sorted_by = (self._sort[0].value, self._sort[1])
        with QSignalBlocker(self.view.filter):
            self.view.filter.setText(self.kept.text("filter"))
        self.view.segment.set_value(self.kept.text("only", Only.ALL.value))
        self._wanted = [int(each) for each in self.kept.texts("selected") if each.isdigit()]
        sizes = self.kept.state("splitter")
        if sizes is not None:
            self.view.splitter.restoreState(sizes)

    @Slot()
    def _keep_sizes(self, *_where: int) -> None:
        self.kept.keep("splitter", self.view.splitter.saveState())

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read ids, counts and totals again."""
        self._listing_number += 1
        self._behind = False
        if not self.model.ids:
            self.view.states.show_loading()
        if self.view.table.editing:
            self._behind = True
            return
        text, only = self.view.filter.text(), Only(self.view.segment.value())
        self.kept.keep("filter", text)
        self.kept.keep("only", only.value)
        self.bridge.run(
            Lane.IO,
            partial(self._read, self._listing_number, text, only, self._sort),
            name="library",
            success=self._show_listing,
            failure=self._cannot_read,
        )

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Fetch a few named rows again, everything otherwise."""
        if changes.kinds <= {Kind.CHECKS}:
            self.checking.show(changes.track_ids)
            return
        self.refresh()
        if changes.track_ids:
            self.model.refresh(sorted(changes.track_ids))
        self.read_details()

    def _read(
        self, number: int, text: str, only: Only, order: tuple[Sort | Field, bool], work: Work
    ) -> tuple[int, Listing]:
        ids = self.library.ids(text=text, only=only, sort=order[0], descending=order[1])
        counts = {each: self.library.count(only=each) for each, _words in SEGMENTS}
        chain_id = self.studio.settings.get(CHAIN_ID)
        return number, Listing(
            ids,
            counts,
            self.library.totals(),
            self.library.albums(),
            marks(self.studio.database, chain_id),
            self.studio.preflight.counts(ids),
        )

    @Slot(object)
    def _show_listing(self, result: tuple[int, Listing]) -> None:
        number, listing = result
        if number != self._listing_number:
            return
        if self.view.table.editing:  # another list would close the cell that is being edited
            self._behind = True
            return
        view = self.view
        for only, words in SEGMENTS:
            count = shown.count(listing.counts[only])
            view.segment.set_words(only.value, f"{tr(words)}   {count}", f"{tr(words)}, {count}")
        for only in RARE:
            view.segment.button(only.value).setVisible(bool(listing.counts[only]) or view.segment.value() == only)
        self.model.marks = listing.marks
        self.model.checks = dict(listing.checks)
        if listing.ids != self.model.ids:
            view.table.show_ids(listing.ids)
        else:
            self.model.refresh()
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
        self.header.context.setText(_albums_line([album for album, _n in listing.albums if album]))
        everything = listing.counts[Only.ALL]
        view.toolbar.setVisible(bool(everything))
        if not everything:
            view.states.show_empty(
                "ph.folder-plus",
                tr("No music here yet"),
                tr("Add a folder or drop files. Studio reads them and changes nothing until you save."),
                [(tr("Add music"), self.files.ask_for_music)],
            )
        elif not listing.ids:
            self._show_nothing_found(everything)
        else:
            view.states.show_content()
            if not view.table.selected_ids():
                again = [track_id for track_id in self._wanted if self.model.place(track_id) >= 0]
                view.table.select_ids(again or [listing.ids[0]])
            self._wanted = []
        self._show_selection_controls()
        self.checking.run()

    def _show_nothing_found(self, everything: int) -> None:
        typed, only = self.view.filter.text(), self.view.segment.value()
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
        self.view.states.show_empty(
            "ph.magnifying-glass", title, hidden, [(tr("Show all tracks"), self._clear_filter)], primary=False
        )

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.view.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    def _clear_filter(self) -> None:
        self.view.segment.set_value(Only.ALL.value)
        self.view.filter.clear()
        self.refresh()

    @Slot()
    def _filter_changed(self, *_what: object) -> None:
        self.refresh()

    @Slot(str, bool)
    def _sort_by(self, key: str, descending: bool) -> None:
        self._sort = (_sort_of(key), descending)
        self.model.sorted_by = (key, descending)
        self.kept.keep("sort", f"{key} {'down' if descending else 'up'}")
        self.refresh()

    # the inspector ------------------------------------------------------------------------------------------------------

    @Slot()
    def _picked(self) -> None:
        self.kept.keep("selected", [str(each) for each in self.view.table.selected_ids()[:MOST_REMEMBERED]])
        self._show_selection_controls()
        self.read_details()

    def _show_selection_controls(self) -> None:
        chosen = len(self.view.table.selected_ids())
        narrow = self.width() < DRAWER_BELOW - 208
        self.view.selected.setText(
            tr("{n} selected").format(n=shown.count(chosen))
            if not narrow or self._drawer_open
            else tr("Ctrl+I shows the details")
        )
        self.view.only_selected.setVisible(narrow)
        self.view.inspector.setVisible(bool(chosen) and bool(self.model.ids) and (not narrow or self._drawer_open))
        self.upload.setEnabled(bool(chosen))
        self.undo.setVisible(self.library.can_undo)

    def read_details(self) -> None:
        """Read what the inspector shows again."""
        ids = self.view.table.selected_ids()
        if ids:
            self.bridge.run(
                Lane.IO,
                partial(self.editor.load, ids),
                name="details",
                success=self.editor.show,
                failure=self.failed,
            )

    @Slot(str)
    def _tab(self, key: str) -> None:
        self.view.inspector.tags.setVisible(key == "tags")
        self.view.inspector.art.setVisible(key == "art")
        self.view.inspector.checks.setVisible(key == "checks")

    # dropping -----------------------------------------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files, folders and pictures."""
        paths = _paths(event.mimeData())
        if paths:
            event.acceptProposedAction()
            pictures = [path for path in paths if _is_picture(path)]
            if len(pictures) == len(paths):
                words = tr("Drop to make it the front cover of the selected tracks")
            else:
                words = tr("Drop to add {n} files").format(n=len(paths)) if len(paths) > 1 else tr("Drop to add it")
            self.view.selected.setText(words)
            announce(self, words)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """Nothing is dropped."""
        self._show_selection_controls()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add music; a single picture becomes the front cover of what is selected."""
        paths = _paths(event.mimeData())
        pictures = [path for path in paths if _is_picture(path)]
        music = [path for path in paths if path not in pictures]
        self._show_selection_controls()
        if music:
            self.files.add_paths(music)
        elif pictures and self.view.table.selected_ids():
            self.editor.set_art(pictures[0])

    # keys and commands --------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        return commands_of(self)

    @Slot()
    def _undo(self) -> None:
        self.editor.finish()
        self.bridge.run(Lane.DB, lambda _work: self.library.undo(), name="undo", failure=self.failed)

    def take_back(self) -> None:
        """Take the last edit back."""
        self._undo()

    def make_again(self) -> None:
        """Make what was taken back again."""
        self.bridge.run(Lane.DB, lambda _work: self.library.redo(), name="redo", failure=self.failed)

    def match(self) -> None:
        """Turn loud tracks down from now on, or play every track as it is."""
        self.sound.match()
        said = (
            tr("Loud tracks are turned down to −14 LUFS.") if self.sound.matched else tr("Every track plays as it is.")
        )
        self.shell.toast(Message(tr("Match loudness"), said, "info"))

    def compare(self) -> None:
        """Hear the other one of two selected tracks."""
        if self.sound.comparison.sides is None:
            words = tr("Select two tracks, then press Shift+A to hear one or the other.")
            self.shell.toast(Message(tr("Two tracks are compared"), words, "info"))
            return
        self.sound.comparison.switch()

    def _is_playing(self) -> bool:
        return self.sound.playing

    def table_in_focus(self) -> bool:
        """Tell whether keys of tracks may act: tracks are selected and nothing is being typed."""
        return bool(self.view.table.selected_ids()) and not isinstance(QApplication.focusWidget(), QLineEdit)

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.view.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.view.filter.selectAll()

    def open(self, target: object) -> None:
        """Select a track by its id, add paths, or ask for a folder (``add``)."""
        if target == "add":
            self.files.ask_for_music()
        elif isinstance(target, int):
            self.view.table.select_ids([target])
        elif isinstance(target, list):
            self.files.add_paths([path for path in target if isinstance(path, Path)])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives the focus back to the table."""
        if event.key() == Qt.Key.Key_Escape:
            self._focus_table()
            return
        super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The inspector becomes a drawer in a narrow window."""
        super().resizeEvent(event)
        self._show_selection_controls()

    def leave(self) -> bool:
        """Unsaved edits are kept in the cache, so nothing has to be asked; sound stops."""
        self.sound.release()
        self.kept.write()
        return True

    @Slot()
    def _focus_table(self) -> None:
        self.view.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def toggle_drawer(self) -> None:
        """Show the inspector of a narrow window, or hide it."""
        self._drawer_open = not self._drawer_open
        self._show_selection_controls()

    @Slot()
    def edit_first(self, *_id: object) -> None:
        """Edit the title in the inspector."""
        if not self.view.inspector.isVisible():
            self.toggle_drawer()
        self.view.inspector.tabs.set_value("tags")
        self._tab("tags")
        line = self.view.inspector.fields[Field.TITLE]
        line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        line.selectAll()

    def edit_here(self) -> None:
        """Edit the cell with the cursor; with the focus in the inspector, the title there."""
        focus = QApplication.focusWidget()
        inside = focus is not None and self.view.inspector.isAncestorOf(focus)
        if inside or not self.view.table.edit_cell():
            self.edit_first()

    def neighbour(self, step: int) -> None:
        """Go to the next track or the one before; what is being edited goes on there, in the same field."""
        if self.view.table.edit_neighbour(step):
            return
        field = QApplication.focusWidget()
        self.editor.finish()
        place = self.view.table.currentIndex().row() + step
        if 0 <= place < len(self.model.ids):
            self.view.table.select_ids([self.model.ids[place]])
        if isinstance(field, LineField) and self.view.inspector.isAncestorOf(field):
            field.setModified(False)
            field.selectAll()

    def show_columns(self, keys: Sequence[str]) -> None:
        """Show these columns from now on."""
        chosen = self.view.table.selected_ids()
        self.model.set_columns(keys)
        self.kept.keep("columns", list(keys))
        self.view.table.fit_columns()
        self.view.table.select_ids(chosen)

    def show_track(self, track_id: int, tab: str) -> None:
        """Select a track and open a tab of the inspector."""
        if self.model.place(track_id) < 0:
            self._clear_filter()
            self._wanted = [track_id]
        self.view.table.select_ids([track_id])
        if not self.view.inspector.isVisible():
            self.toggle_drawer()
        self.view.inspector.tabs.set_value(tab)
        self._tab(tab)

    @Slot()
    def _catch_up(self) -> None:
        """Show what changed while a cell was being edited."""
        if self._behind:
            QTimer.singleShot(0, self.refresh)

    @Slot(str)
    def _seek(self, letters: str) -> None:
        self.bridge.run(
            Lane.IO,
            lambda _work: self.library.beginning(letters),
            name="find",
            success=self._found,
            failure=self.failed,
        )

    @Slot(object)
    def _found(self, ids: list[int]) -> None:
        """Go to the first title with these letters at or after the cursor, else to the first of all."""
        places = sorted(place for track_id in ids if (place := self.model.place(track_id)) >= 0)
        here = self.view.table.currentIndex().row()
        if places:
            place = next((each for each in places if each >= here), places[0])
            self.view.table.select_ids([self.model.ids[place]])
            self.view.table.scrollTo(self.model.index(place, 0))

    @Slot()
    def send(self) -> None:
        """Upload the selected tracks."""
        self.shell.go("uploads", self.view.table.selected_ids())

    @Slot(object)
    def _menu(self, point: QPoint) -> None:
        show_menu(self, point)

    @Slot()
    def _more(self) -> None:
        show_menu(self, self.view.more.mapToGlobal(self.view.more.rect().bottomLeft()), LIBRARY_MENU)

    @Slot()
    def _covers_ready(self) -> None:
        self.view.table.viewport().update()

    @Slot(object)
    def _restyle(self, _theme: object) -> None:
        self.view.table.set_row_height(self.context.look.row_height)
        self.read_details()


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


def _paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in (".jpg", ".jpeg", ".png")

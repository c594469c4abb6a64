"""The library's behaviour: what is listed, edited, saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.preflight import Fix
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Progress, Work
from mycelix_studio.services.library import Only, Sort, Totals
from mycelix_studio.services.song_marks import SongMark, marks
from mycelix_studio.settings import CHAIN_ID
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.pages.library.editor import Editor
from mycelix_studio.ui.pages.library.files import FileWork
from mycelix_studio.ui.pages.library.model import LibraryModel, tr
from mycelix_studio.ui.pages.library.sound import SoundPanel
from mycelix_studio.ui.pages.library.view import LibraryView
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.toasts import Message

SEGMENTS = (
    (Only.ALL, "All"),
    (Only.TO_FIX, "To fix"),
    (Only.UNSAVED, "Unsaved"),
    (Only.NOT_EARNING, "Not earning"),
    (Only.MISSING, "Missing"),
)
DRAWER_BELOW = 1280


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
        self._sort: tuple[Sort, bool] = (Sort.ALBUM, False)
        self.model.sorted_by = (Sort.ALBUM.value, False)
        self.editor = Editor(self)
        self.files = FileWork(self)
        self._listing_number = 0
        self._drawer_open = False
        self._checking = False
        self.sound = SoundPanel(self.view.inspector, lambda: self.theme, self._fix, self)
        self._connect()
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
        view.table.opened.connect(self._edit_first)
        view.table.menu_wanted.connect(self._menu)
        view.progress.stop.connect(self.files.stop)
        view.only_selected.clicked.connect(self._toggle_drawer)
        inspector = view.inspector
        inspector.tabs.chosen.connect(self._tab)
        inspector.before.clicked.connect(partial(self._neighbour, -1))
        inspector.after.clicked.connect(partial(self._neighbour, 1))
        inspector.save.clicked.connect(self.files.save)
        inspector.revert.clicked.connect(self.editor.revert)
        inspector.replace_art.clicked.connect(self.editor.ask_for_art)
        inspector.remove_art.clicked.connect(self.editor.remove_art)
        for field, line in inspector.fields.items():
            line.editingFinished.connect(partial(self.editor.edited, field))
        self.add.clicked.connect(self.files.ask_for_music)
        self.upload.clicked.connect(self._upload)
        self.context.covers.ready.connect(self._covers_ready)
        self.context.look.changed.connect(self._restyle)

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read ids, counts and totals again."""
        self._listing_number += 1
        if not self.model.ids:
            self.view.states.show_loading()
        text, only = self.view.filter.text(), Only(self.view.segment.value())
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
            self._show_checks(changes.track_ids)
            return
        self.refresh()
        if changes.track_ids:
            self.model.refresh(sorted(changes.track_ids))
        self._read_details()

    def _read(self, number: int, text: str, only: Only, order: tuple[Sort, bool], work: Work) -> tuple[int, Listing]:
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
        view = self.view
        for only, words in SEGMENTS:
            count = shown.count(listing.counts[only])
            view.segment.set_words(only.value, f"{tr(words)}   {count}", f"{tr(words)}, {count}")
        view.segment.button(Only.MISSING.value).setVisible(bool(listing.counts[Only.MISSING]))
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
                view.table.select_ids([listing.ids[0]])
        self._show_selection_controls()
        self._check()

    def _check(self) -> None:
        """Run the delivery rules on what changed; measuring goes on in the background."""
        if self._checking or not self.model.ids:
            return
        self._checking = True
        self.bridge.run(
            Lane.MEDIA,
            self.studio.preflight.check_due,
            name="checks",
            success=self._checked,
            failure=self._check_failed,
            cancelled=self._check_stopped,
            progress=self._measuring,
        )

    @Slot(object)
    def _measuring(self, progress: Progress) -> None:
        whole = progress.total and progress.done < progress.total
        counts = tr("Measuring {done} of {total}").format(done=progress.done + 1, total=progress.total)
        self.view.measuring.setText(counts if whole else "")

    @Slot(object)
    def _checked(self, _changes: object) -> None:
        self._check_stopped()

    @Slot(object)
    def _check_failed(self, error: Exception) -> None:
        self._check_stopped()
        self.failed(error)

    @Slot()
    def _check_stopped(self) -> None:
        self._checking = False
        self.view.measuring.setText("")

    def _show_checks(self, track_ids: frozenset[int]) -> None:
        """Show new results of some tracks without reading the whole list again."""
        known = [track_id for track_id in track_ids if self.model.place(track_id) >= 0]
        self.model.checks = {**self.model.checks, **self.studio.preflight.counts(known)}
        self.model.refresh(known)
        count = shown.count(self.library.count(only=Only.TO_FIX))
        self.view.segment.set_words(Only.TO_FIX.value, f"{tr('To fix')}   {count}", f"{tr('To fix')}, {count}")
        if not track_ids.isdisjoint(self.view.table.selected_ids()):
            self._read_details()

    def _fix(self, fix: Fix) -> None:
        """Carry out a finding's way out on the selected tracks."""
        ids = self.view.table.selected_ids()
        if fix.action == "art":
            self.editor.ask_for_art()
        elif fix.action == "clean-copy":
            self.files.clean_copy()
        else:
            self.bridge.run(
                Lane.DB, lambda work: self.library.edit(ids, dict(fix.edits)), name="fix", failure=self.failed
            )

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
        self._sort = (Sort(key), descending)
        self.model.sorted_by = (key, descending)
        self.refresh()

    # the inspector ------------------------------------------------------------------------------------------------------

    @Slot()
    def _picked(self) -> None:
        self._show_selection_controls()
        self._read_details()

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

    def _read_details(self) -> None:
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

    # editing ------------------------------------------------------------------------------------------------------------

    # bringing in --------------------------------------------------------------------------------------------------------

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
        where, player = tr("Library"), tr("Player")
        chosen = lambda: bool(self.view.table.selected_ids())  # noqa: E731
        return (
            Command(tr("Add music"), self.files.ask_for_music, "Ctrl+O", where, "ph.folder-plus"),
            Command(tr("Save tags"), self.files.save, "Ctrl+S", where, "ph.floppy-disk", chosen),
            Command(tr("Save everything unsaved"), self.files.save_all, "Ctrl+Shift+S", where, "ph.floppy-disk"),
            Command(tr("Undo"), self._undo, "Ctrl+Z", where, "ph.arrow-counter-clockwise", self._can_undo),
            Command(tr("Redo"), self._redo, "Ctrl+Shift+Z", where, "ph.arrow-clockwise", self._can_redo),
            Command(tr("Edit many tracks at once"), self._edit_first, "Ctrl+E", where, "ph.pencil-simple", chosen),
            Command(tr("Revert edits"), self.editor.revert, "", where, "ph.arrow-counter-clockwise", chosen),
            Command(tr("Upload"), self._upload, "Ctrl+U", where, "ph.cloud-arrow-up", chosen),
            Command(tr("Edit tags"), self._edit_first, "F2", where, "ph.pencil-simple", chosen),
            Command(tr("Show or hide details"), self._toggle_drawer, "Ctrl+I", where, "ph.layout"),
            Command(tr("Next track"), partial(self._neighbour, 1), "Alt+Down", where, "ph.arrow-down", chosen),
            Command(tr("Track before"), partial(self._neighbour, -1), "Alt+Up", where, "ph.arrow-up", chosen),
            Command(tr("Play or pause"), self.sound.toggle, "Space", player, "ph.play", chosen),
            Command(tr("Back 10 seconds"), partial(self.sound.step, -10), "J", player, "ph.rewind", chosen),
            Command(tr("Forward 10 seconds"), partial(self.sound.step, 10), "L", player, "ph.fast-forward", chosen),
            Command(tr("Back one second"), partial(self.sound.step, -1), ",", player, "ph.rewind", chosen),
            Command(tr("Forward one second"), partial(self.sound.step, 1), ".", player, "ph.fast-forward", chosen),
            Command(tr("Mute"), self._mute, "M", player, "ph.speaker-slash", chosen),
            Command(tr("Match loudness"), self._match, "Shift+A", player, "ph.equals", chosen),
            Command(tr("Look at all files again"), self.files.look_again, "", where, "ph.arrows-clockwise"),
            Command(tr("Take off the list"), self.files.remove, "Del", where, "ph.trash", self._table_in_focus),
        )

    def _can_undo(self) -> bool:
        return self.library.can_undo

    def _can_redo(self) -> bool:
        return self.library.can_redo

    @Slot()
    def _undo(self) -> None:
        self.editor.finish()
        self.bridge.run(Lane.DB, lambda _work: self.library.undo(), name="undo", failure=self.failed)

    def _redo(self) -> None:
        self.bridge.run(Lane.DB, lambda _work: self.library.redo(), name="redo", failure=self.failed)

    def _mute(self) -> None:
        self.sound.player.mute()

    def _match(self) -> None:
        self.sound.match()
        said = (
            tr("Loud tracks are turned down to −14 LUFS.") if self.sound.matched else tr("Every track plays as it is.")
        )
        self.shell.toast(Message(tr("Match loudness"), said, "info"))

    def _table_in_focus(self) -> bool:
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
        return True

    @Slot()
    def _focus_table(self) -> None:
        self.view.table.setFocus(Qt.FocusReason.ShortcutFocusReason)

    @Slot()
    def _toggle_drawer(self) -> None:
        self._drawer_open = not self._drawer_open
        self._show_selection_controls()

    @Slot()
    def _edit_first(self, *_id: object) -> None:
        if not self.view.inspector.isVisible():
            self._toggle_drawer()
        self.view.inspector.tabs.set_value("tags")
        self._tab("tags")
        line = self.view.inspector.fields[Field.TITLE]
        line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        line.selectAll()

    def _neighbour(self, step: int) -> None:
        self.editor.finish()
        place = self.view.table.currentIndex().row() + step
        if 0 <= place < len(self.model.ids):
            self.view.table.select_ids([self.model.ids[place]])

    @Slot()
    def _upload(self) -> None:
        self.shell.go("uploads", self.view.table.selected_ids())

    @Slot(object)
    def _menu(self, point: object) -> None:
        from PySide6.QtCore import QPoint
        from PySide6.QtWidgets import QMenu

        menu = QMenu(self)
        for command in self.commands():
            if command.when() and command.words in (
                tr("Edit tags"),
                tr("Save tags"),
                tr("Revert edits"),
                tr("Upload"),
                tr("Take off the list"),
            ):
                menu.addAction(command.words, command.run)
        menu.addAction(tr("Copy as a table"), self.view.table.copy_as_table)
        assert isinstance(point, QPoint)
        menu.exec(point)
        menu.deleteLater()

    @Slot()
    def _covers_ready(self) -> None:
        self.view.table.viewport().update()

    @Slot(object)
    def _restyle(self, _theme: object) -> None:
        self.view.table.set_row_height(self.context.look.row_height)
        self._read_details()


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

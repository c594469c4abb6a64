"""The library's behaviour: what is listed, edited, saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QImage, QKeyEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.fields import spec as spec_of
from mycelix_studio.domain.identifiers import isrc_problem
from mycelix_studio.domain.track import Track
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Job, Lane, Work
from mycelix_studio.services.library import ImportResult, Only, Refused, SaveResult, Sort, Totals
from mycelix_studio.services.song_marks import SongMark, marks
from mycelix_studio.settings import CHAIN_ID
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.labels import Text
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.pages.library.model import LibraryModel, tr
from mycelix_studio.ui.pages.library.view import COVER, INSPECTOR, LibraryView
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card, Note
from mycelix_studio.ui.widgets.dialog import Dialog, ask
from mycelix_studio.ui.widgets.inputs import Field as LineField
from mycelix_studio.ui.widgets.toasts import Message

SEGMENTS = ((Only.ALL, "All"), (Only.UNSAVED, "Unsaved"), (Only.NOT_EARNING, "Not earning"), (Only.MISSING, "Missing"))
DRAWER_BELOW = 1280
MOST_EDITED = 2000
"""Above this, mixed values are not compared field by field; edits still apply to all."""


@dataclass(frozen=True, slots=True)
class Listing:
    """What the table shows, read off the GUI thread."""

    ids: list[int]
    counts: dict[Only, int]
    totals: Totals
    albums: list[tuple[str, int]]
    marks: dict[str, SongMark]


@dataclass(frozen=True, slots=True)
class Details:
    """What the inspector shows: the first selected track and, for many, which fields are mixed."""

    tracks: list[Track]
    count: int
    losses: tuple[Field, ...]
    picture: QImage
    picture_bytes: int


class LibraryPage(Page):
    """Tracks, tags, saving."""

    concerns = frozenset({Kind.TRACKS, Kind.SONGS, Kind.EARNINGS, Kind.SETTINGS})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Library"))
        self.library = self.studio.library
        self.model = LibraryModel(self.library, self)
        self.view = LibraryView(self.model, self.theme, context.look.row_height, context.covers.get)
        self.column.addWidget(self.view, 1)
        self.add = Button(tr("Add music"), self.theme, "default", "ph.folder-plus", keys="Ctrl+O")
        self.upload = Button(tr("Upload"), self.theme, "primary", "ph.cloud-arrow-up", keys="Ctrl+U")
        self.header.add(self.add, self.upload)
        self._sort: tuple[Sort, bool] = (Sort.ALBUM, False)
        self.model.sorted_by = (Sort.ALBUM.value, False)
        self._details: Details | None = None
        self._mixed: dict[Field, bool] = {}
        self._filling = False
        self._job: Job[ImportResult] | Job[SaveResult] | None = None
        self._listing_number = 0
        self._drawer_open = False
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
        view.progress.stop.connect(self._stop)
        view.only_selected.clicked.connect(self._toggle_drawer)
        inspector = view.inspector
        inspector.tabs.chosen.connect(self._tab)
        inspector.save.clicked.connect(self._save)
        inspector.revert.clicked.connect(self._revert)
        inspector.replace_art.clicked.connect(self._ask_for_art)
        inspector.remove_art.clicked.connect(self._remove_art)
        for field, line in inspector.fields.items():
            line.editingFinished.connect(partial(self._edited, field))
        self.add.clicked.connect(self.ask_for_music)
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
        self.refresh()
        if changes.track_ids:
            self.model.refresh(sorted(changes.track_ids))
        self._read_details()

    def _read(self, number: int, text: str, only: Only, order: tuple[Sort, bool], work: Work) -> tuple[int, Listing]:
        ids = self.library.ids(text=text, only=only, sort=order[0], descending=order[1])
        counts = {each: self.library.count(only=each) for each, _words in SEGMENTS}
        chain_id = self.studio.settings.get(CHAIN_ID)
        return number, Listing(
            ids, counts, self.library.totals(), self.library.albums(), marks(self.studio.database, chain_id)
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
                [(tr("Add music"), self.ask_for_music)],
            )
        elif not listing.ids:
            self._show_nothing_found(everything)
        else:
            view.states.show_content()
            if not view.table.selected_ids():
                view.table.select_ids([listing.ids[0]])
        self._show_selection_controls()

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

    def _read_details(self) -> None:
        ids = self.view.table.selected_ids()
        if ids:
            self.bridge.run(
                Lane.IO,
                partial(self._load_details, ids),
                name="details",
                success=self._show_details,
                failure=self.failed,
            )

    def _load_details(self, ids: list[int], work: Work) -> tuple[list[int], Details | None]:
        tracks = [track for track_id in ids[:MOST_EDITED] if (track := self.library.track(track_id)) is not None]
        if not tracks:
            return ids, None
        first = tracks[0]
        data = self.library.cover(first.row.cover) if first.row.cover else None
        picture = QImage.fromData(data) if data else QImage()
        losses = self.library.losses(first.row.id) if len(tracks) == 1 else ()
        return ids, Details(tracks, len(ids), losses, picture, len(data or b""))

    @Slot(object)
    def _show_details(self, result: tuple[list[int], Details | None]) -> None:
        ids, details = result
        if details is None or ids != self.view.table.selected_ids():
            return
        self._details = details
        inspector, first = self.view.inspector, details.tracks[0]
        many = details.count > 1
        _elide(inspector.title, tr("{n} tracks").format(n=details.count) if many else first.row.title, 236)
        _elide(
            inspector.line,
            " · ".join(part for part in (first.row.artist, first.row.album) if part)
            if not many
            else tr("Edits go to all of them"),
            236,
        )
        inspector.audio.set_state(first.audio.words() if not many else "")
        edited = sum(track.row.edited for track in details.tracks)
        inspector.edited.set_state(tr("Edited") if edited else "", "acc")
        inspector.unsaved.setText(
            tr("1 unsaved track")
            if edited == 1
            else tr("{n} unsaved tracks").format(n=edited)
            if edited
            else tr("Everything is saved")
        )
        inspector.save.setEnabled(bool(edited))
        inspector.save.setText(tr("Save {n} files").format(n=edited) if edited > 1 else tr("Save tags"))
        inspector.revert.setEnabled(bool(edited))
        self._fill_fields(details)
        self._show_art(details, many)
        self._show_notes(details)

    def _fill_fields(self, details: Details) -> None:
        self._filling = True
        for field, line in self.view.inspector.fields.items():
            if line.hasFocus() and line.isModified():
                continue
            values = {track.value(field) for track in details.tracks}
            self._mixed[field] = len(values) > 1
            words = "" if len(values) > 1 else _joined(next(iter(values)), field)
            line.setText(words)
            line.setPlaceholderText(tr("Mixed, {n} values").format(n=len(values)) if len(values) > 1 else "")
            line.setCursorPosition(0)
            line.setModified(False)
            line.set_wrong(False)
        self._filling = False

    def _show_art(self, details: Details, many: bool) -> None:
        inspector = self.view.inspector
        ratio = self.devicePixelRatioF()
        for label, pixels in ((inspector.cover, COVER), (inspector.art_picture, INSPECTOR - 32)):
            label.setPixmap(_picture(details.picture, pixels, ratio, self.theme.bg4))
        if details.picture.isNull():
            inspector.art_line.setText(
                tr("No front cover in the file. Stores ask for a square JPEG or PNG of at least 3,000 × 3,000.")
            )
        else:
            size = f"{shown.count(details.picture.width())} × {shown.count(details.picture.height())}"
            of_first = tr(" · of the first track") if many else ""
            inspector.art_line.setText(f"{size} · {shown.size(details.picture_bytes)}{of_first}")
        inspector.remove_art.setEnabled(not details.picture.isNull())

    def _show_notes(self, details: Details) -> None:
        place = self.view.inspector.note_place
        while (item := place.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        first = details.tracks[0]
        if details.count == 1 and first.row.missing:
            place.addWidget(
                Note(
                    tr("The file is not where it was"),
                    str(first.row.path),
                    "warn",
                    self.theme,
                    [(tr("Look again"), self._look_again), (tr("Take off the list"), self.remove)],
                )
            )
        elif details.losses:
            names = ", ".join(tr(spec_of(field).title) for field in details.losses)
            title = (
                tr("{container} cannot hold 1 of these tags.")
                if len(details.losses) == 1
                else tr("{container} cannot hold {n} of these tags.")
            )
            place.addWidget(
                Note(
                    title.format(container=first.audio.container, n=len(details.losses)),
                    tr("{names}: kept in Studio, not written into the file.").format(names=names),
                    "warn",
                    self.theme,
                )
            )

    @Slot(str)
    def _tab(self, key: str) -> None:
        self.view.inspector.tags.setVisible(key == "tags")
        self.view.inspector.art.setVisible(key == "art")

    # editing ------------------------------------------------------------------------------------------------------------

    def _edited(self, field: Field) -> None:
        line = self.view.inspector.fields[field]
        ids = self.view.table.selected_ids()
        if self._filling or not line.isModified() or not ids:
            return
        line.setModified(False)
        values = tuple(line.text().split(";")) if spec_of(field).multi else (line.text(),)
        if field is Field.ISRC:
            code = line.text().replace("-", "").replace(" ", "").upper()
            problem = _isrc_problem(code)
            line.set_wrong(bool(problem), problem)
            if problem:
                self.shell.toast(Message(tr("Not an ISRC"), problem, "warn"))
                return
            values = (code,)
        self.bridge.run(
            Lane.DB,
            lambda work: self.library.edit(ids, {field: values}),
            name="edit",
            failure=self.failed,
        )

    @Slot()
    def _ask_for_art(self) -> None:
        name, _kind = QFileDialog.getOpenFileName(
            self, tr("Choose a front cover"), "", tr("Pictures (*.jpg *.jpeg *.png)")
        )
        if name:
            self._set_art(Path(name))

    def _set_art(self, path: Path) -> None:
        ids = self.view.table.selected_ids()
        self.bridge.run(
            Lane.DB,
            lambda work: self.library.edit_cover(ids, self.library.load_picture(path)),
            name="art",
            failure=self.failed,
        )

    @Slot()
    def _remove_art(self) -> None:
        ids = self.view.table.selected_ids()
        self.bridge.run(Lane.DB, lambda work: self.library.edit_cover(ids, None), name="art", failure=self.failed)

    @Slot()
    def _revert(self) -> None:
        ids = self.view.table.selected_ids()
        self.bridge.run(Lane.DB, lambda work: self.library.revert(ids), name="revert", failure=self.failed)

    @Slot()
    def _save(self) -> None:
        self._finish_editing()
        self._run_save(self.view.table.selected_ids())

    def save_all(self) -> None:
        """Write every unsaved edit to its file."""
        self._finish_editing()
        self._run_save(self.library.unsaved())

    def _finish_editing(self) -> None:
        focus = QApplication.focusWidget()
        if isinstance(focus, LineField) and self.isAncestorOf(focus):
            focus.editingFinished.emit()

    def _run_save(self, ids: Sequence[int]) -> None:
        if self._job is not None:
            return
        self.view.progress.begin(tr("Saving tags"))
        self._job = self.bridge.run(
            Lane.DB,
            partial(self._save_work, list(ids)),
            name="save",
            success=self._saved,
            failure=self._work_failed,
            cancelled=self._work_stopped,
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
            self.shell.toast(Message(title, words))
        self._show_refused(result.refused, tr("Could not save {n} files"))

    # bringing in --------------------------------------------------------------------------------------------------------

    @Slot()
    def ask_for_music(self) -> None:
        """Ask for a folder and add what is in it."""
        folder = QFileDialog.getExistingDirectory(self, tr("Choose a folder with music"))
        if folder:
            self.add_paths([Path(folder)])

    def add_paths(self, paths: Sequence[Path]) -> None:
        """Add files and folders."""
        if self._job is not None:
            self.shell.toast(Message(tr("One thing at a time"), tr("Studio is still working on your files."), "info"))
            return
        self.view.progress.begin(tr("Adding music"))
        self._job = self.bridge.run(
            Lane.DB,
            partial(self._add_work, list(paths)),
            name="add",
            success=self._added,
            failure=self._work_failed,
            cancelled=self._work_stopped,
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
            self.shell.toast(
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
            self.shell.toast(Message(first.error.title, words, "bad"))
            return
        self.shell.toast(
            Message(
                title.format(n=len(refused)),
                tr("The others are fine."),
                "bad",
                tr("Show"),
                partial(self._list_refused, tuple(refused), title),
            )
        )

    def _list_refused(self, refused: tuple[Refused, ...], title: str) -> None:
        dialog = Dialog(title.format(n=len(refused)), tr("Nothing was changed in them."), self.theme, self, width=560)
        for each in refused[:200]:
            card = Card(10, 2)
            card.column.addWidget(Text(each.error.title, self.theme, "strong", wrap=True))
            words = " ".join(part for part in (each.error.message, each.error.hint) if part)
            card.column.addWidget(Text(words, self.theme, "small", "t2", wrap=True))
            dialog.body.addWidget(card)
        dialog.add_button(tr("Close"), enter=True).clicked.connect(dialog.accept)
        dialog.exec()
        dialog.deleteLater()

    @Slot(object)
    def _work_failed(self, error: Exception) -> None:
        self._end_work()
        self.failed(error)

    @Slot()
    def _work_stopped(self) -> None:
        self._end_work()
        self.shell.toast(Message(tr("Stopped"), tr("What was finished stays finished."), "info"))
        self.refresh()

    def _end_work(self) -> None:
        self._job = None
        self.view.progress.end()

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    @Slot()
    def _look_again(self) -> None:
        self.view.progress.begin(tr("Looking at your files"))
        self._job = self.bridge.run(
            Lane.DB, self.library.refresh, name="refresh", success=self._added, failure=self._work_failed,
            cancelled=self._work_stopped, progress=self.view.progress.step,
        )  # fmt: skip

    def remove(self) -> None:
        """Take the selected tracks off the list, after asking; files stay."""
        ids = self.view.table.selected_ids()
        title = (
            tr("Take 1 track off the list?")
            if len(ids) == 1
            else tr("Take {n} tracks off the list?").format(n=len(ids))
        )
        words = tr("The files stay where they are. Edits you have not saved are forgotten.")
        if ids and ask(self, title, words, tr("Take off the list"), self.theme, danger=True):
            self.bridge.run(Lane.DB, lambda work: self.library.remove(ids), name="remove", failure=self.failed)

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
            self.add_paths(music)
        elif pictures and self.view.table.selected_ids():
            self._set_art(pictures[0])

    # keys and commands --------------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        where = tr("Library")
        chosen = lambda: bool(self.view.table.selected_ids())  # noqa: E731
        return (
            Command(tr("Add music"), self.ask_for_music, "Ctrl+O", where, "ph.folder-plus"),
            Command(tr("Save tags"), self._save, "Ctrl+S", where, "ph.floppy-disk", chosen),
            Command(tr("Save everything unsaved"), self.save_all, "Ctrl+Shift+S", where, "ph.floppy-disk"),
            Command(tr("Revert edits"), self._revert, "", where, "ph.arrow-counter-clockwise", chosen),
            Command(tr("Upload"), self._upload, "Ctrl+U", where, "ph.cloud-arrow-up", chosen),
            Command(tr("Edit tags"), self._edit_first, "F2", where, "ph.pencil-simple", chosen),
            Command(tr("Show or hide details"), self._toggle_drawer, "Ctrl+I", where, "ph.layout"),
            Command(tr("Next track"), partial(self._neighbour, 1), "Alt+Down", where, "ph.arrow-down", chosen),
            Command(tr("Track before"), partial(self._neighbour, -1), "Alt+Up", where, "ph.arrow-up", chosen),
            Command(tr("Look at all files again"), self._look_again, "", where, "ph.arrows-clockwise"),
            Command(tr("Take off the list"), self.remove, "Del", where, "ph.trash", self._table_in_focus),
        )

    def _table_in_focus(self) -> bool:
        return bool(self.view.table.selected_ids()) and not isinstance(QApplication.focusWidget(), QLineEdit)

    def focus_filter(self) -> None:
        """Put the cursor into the filter."""
        self.view.filter.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.view.filter.selectAll()

    def open(self, target: object) -> None:
        """Select a track by its id, add paths, or ask for a folder (``add``)."""
        if target == "add":
            self.ask_for_music()
        elif isinstance(target, int):
            self.view.table.select_ids([target])
        elif isinstance(target, list):
            self.add_paths([path for path in target if isinstance(path, Path)])

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
        """Unsaved edits are kept in the cache, so nothing has to be asked."""
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
        self._finish_editing()
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


def _joined(values: Sequence[str], field: Field) -> str:
    if field is Field.ISRC:
        return shown.isrc(values[0]) if values else ""
    return "; ".join(values)


def _isrc_problem(code: str) -> str:
    return isrc_problem(code) if code else ""


def _elide(label: Text, words: str, width: int) -> None:
    label.setText(label.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, width))
    label.setToolTip(words if label.text() != words else "")
    label.setAccessibleName(words)


def _albums_line(albums: Sequence[str]) -> str:
    if not albums:
        return ""
    if len(albums) <= 2:
        return tr(" and ").join(albums)
    return tr("{first}, {second} and {n} more").format(first=albums[0], second=albums[1], n=len(albums) - 2)


def _picture(image: QImage, pixels: int, ratio: float, ground: str) -> QPixmap:
    from PySide6.QtCore import QRectF
    from PySide6.QtGui import QColor, QPainter, QPainterPath

    whole = round(pixels * ratio)
    made = QPixmap(whole, whole)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    path = QPainterPath()
    path.addRoundedRect(QRectF(0, 0, whole, whole), 6 * ratio, 6 * ratio)
    painter.setClipPath(path)
    painter.fillRect(made.rect(), QColor(ground))
    if not image.isNull():
        fitted = image.scaled(
            whole, whole, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage((whole - fitted.width()) // 2, (whole - fitted.height()) // 2, fitted)
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


def _paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in (".jpg", ".jpeg", ".png")

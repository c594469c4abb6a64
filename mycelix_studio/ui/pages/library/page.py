"""The library's behaviour: what is listed, edited, saved."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDropEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from mycelix_studio.domain.fields import Field
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane
from mycelix_studio.services.library import Sort
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.kept import Kept
from mycelix_studio.ui.pages.base import Command, Context, Page
from mycelix_studio.ui.pages.library.checking import Checking
from mycelix_studio.ui.pages.library.closer import Closer
from mycelix_studio.ui.pages.library.commands import LIBRARY_MENU, commands_of, show_menu
from mycelix_studio.ui.pages.library.editor import Editor
from mycelix_studio.ui.pages.library.files import FileWork
from mycelix_studio.ui.pages.library.history import HistoryPanel
from mycelix_studio.ui.pages.library.listing import SEGMENTS, Lister
from mycelix_studio.ui.pages.library.model import LibraryModel, tr
from mycelix_studio.ui.pages.library.on_chain import OnChainPanel
from mycelix_studio.ui.pages.library.sending import Sending
from mycelix_studio.ui.pages.library.sound import SoundPanel
from mycelix_studio.ui.pages.library.tools import Tools
from mycelix_studio.ui.pages.library.view import LibraryView
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Field as LineField
from mycelix_studio.ui.widgets.toasts import Message

DRAWER_BELOW = 1280
DETAILS_MS = 30
"""A held arrow key goes past tracks without reading each of them."""
MOST_REMEMBERED = 200
"""Selected tracks that are selected again after a restart."""


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
        self.model.sorted_by = (Sort.ALBUM.value, False)
        self.editor = Editor(self)
        self.files = FileWork(self)
        self.checking = Checking(self)
        self.tools = Tools(self)
        self.on_chain = OnChainPanel(self)
        self.history = HistoryPanel(self)
        self.lister = Lister(self)
        self.sending = Sending(self)
        self._drawer_open = False
        self.sound = SoundPanel(self.view.inspector, lambda: self.theme, self.checking.fix, Closer(self), self)
        self._details_due = QTimer(self, singleShot=True, interval=DETAILS_MS)
        self._details_due.timeout.connect(self.read_details)
        self.kept = Kept(self.studio.paths.config, "library", self)
        self._connect()
        self.lister.restore()
        self.setAcceptDrops(True)
        self.show_selection_controls()

    def _connect(self) -> None:
        view = self.view
        view.segment.set_choices([(only.value, tr(words)) for only, words in SEGMENTS])
        view.segment.chosen.connect(self.lister.filter_changed)
        view.filter.textChanged.connect(self.lister.filter_changed)
        view.filter.left.connect(self._focus_table)
        view.table.sort_wanted.connect(self.lister.sort_by)
        view.table.picked.connect(self._picked)
        view.table.opened.connect(self.edit_first)
        view.table.menu_wanted.connect(self._menu)
        view.table.typed.connect(self.editor.typed)
        view.table.sought.connect(self.lister.seek)
        view.table.edit_closed.connect(self.lister.catch_up)
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
        self.upload.clicked.connect(self.sending.send)
        self.context.covers.ready.connect(self._covers_ready)
        self.context.look.changed.connect(self._restyle)

    @Slot()
    def _keep_sizes(self, *_where: int) -> None:
        self.show_selection_controls()
        self.kept.keep("splitter", self.view.splitter.saveState())

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read ids, counts and totals again."""
        self.lister.refresh()

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Fetch a few named rows again, everything otherwise."""
        if changes.kinds <= {Kind.CHECKS}:
            self.checking.show(changes.track_ids)
            return
        self.refresh()
        if changes.track_ids:
            self.model.refresh(sorted(changes.track_ids))
        self._details_due.start()  # not in the frame that ends the work and says so, and once with what another list selects

    # the inspector ------------------------------------------------------------------------------------------------------

    @Slot()
    def _picked(self) -> None:
        self.kept.keep("selected", [str(each) for each in self.view.table.selected_ids()[:MOST_REMEMBERED]])
        self.show_selection_controls()
        self._details_due.start()

    def show_selection_controls(self) -> None:
        """Show what fits the selection: the inspector, the count, what can be done."""
        chosen = len(self.view.table.selected_ids())
        narrow = self.width() < paint.scaled(DRAWER_BELOW) - 208
        self.view.selected.setText(
            tr("{n} selected").format(n=shown.count(chosen))
            if not narrow or self._drawer_open
            else tr("Ctrl+I shows the details")
        )
        self.view.only_selected.setVisible(narrow)
        self.view.inspector.setVisible(bool(chosen) and bool(self.model.ids) and (not narrow or self._drawer_open))
        inspector = self.view.inspector.width() if self.view.inspector.isVisibleTo(self.view) else 0
        self.view.fit_toolbar(self.width() - inspector)
        self.upload.setEnabled(bool(chosen))
        self.undo.setVisible(self.library.can_undo)

    @Slot()
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
        self.view.inspector.on_chain.setVisible(key == "chain")
        self.view.inspector.history.setVisible(key == "history")
        if key == "chain":
            self.on_chain.show(self.on_chain.track_id)
        if key == "history":
            self.history.show(self.history.track_id)

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
        self.show_selection_controls()

    def dropEvent(self, event: QDropEvent) -> None:
        """Add music; a picture becomes the front cover of the track it is dropped on, or of the selected ones; a table is imported."""
        paths = _paths(event.mimeData())
        pictures = [path for path in paths if _is_picture(path)]
        tables = [path for path in paths if path.suffix.lower() == ".csv"]
        music = [path for path in paths if path not in pictures and path not in tables]
        self.show_selection_controls()
        table = self.view.table
        if music:
            self.files.add_paths(music)
        elif tables:
            self.tools.open_table(tables[0])
        elif pictures:
            place = table.indexAt(table.viewport().mapFrom(self, event.position().toPoint())).row()
            under = self.model.ids[place] if 0 <= place < len(self.model.ids) and table.isVisible() else None
            if under is not None and under not in table.selected_ids():
                table.select_ids([under])
            if table.selected_ids():
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
        self.show_selection_controls()

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
        self.show_selection_controls()

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
            self.lister.clear_filter()
            self.lister.wanted = [track_id]
        self.view.table.select_ids([track_id])
        if not self.view.inspector.isVisible():
            self.toggle_drawer()
        self.view.inspector.tabs.set_value(tab)
        self._tab(tab)

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
        self.show_selection_controls()
        self.read_details()


def _paths(mime: QMimeData) -> list[Path]:
    return [Path(url.toLocalFile()) for url in mime.urls() if url.isLocalFile()]


def _is_picture(path: Path) -> bool:
    return path.suffix.lower() in (".jpg", ".jpeg", ".png")

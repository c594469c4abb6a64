"""The queue's behaviour: what is shown, paused, tried again, taken off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from PySide6.QtCore import QPoint, Qt, QTimer, Slot
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QHideEvent, QPixmap, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QApplication, QLineEdit

from mycelix_studio import settings as keys
from mycelix_studio.domain.upload import UNFINISHED, QueueTotals, UploadDetail, UploadRow, UploadState
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.pages.uploads.adding import Adding
from mycelix_studio.ui.pages.uploads.commands import commands_of, menu_of
from mycelix_studio.ui.pages.uploads.details import Details
from mycelix_studio.ui.pages.uploads.model import (
    Act,
    QueueModel,
    acts_of,
    header_words,
    totals_words,
    tr,
)
from mycelix_studio.ui.pages.uploads.table import COVER as SMALL_COVER
from mycelix_studio.ui.pages.uploads.table import ROW_HEIGHT
from mycelix_studio.ui.pages.uploads.view import LIMITS, UploadsView, limit_words
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note

DRAWER_BELOW = 1280 - 208
TICK_MS = 1_000


@dataclass(frozen=True, slots=True)
class Shown:
    """What the page shows, read off the GUI thread; ``detail`` is of the upload that was selected then."""

    rows: list[UploadRow]
    totals: QueueTotals
    detail: UploadDetail | None


class UploadsPage(Page):
    """The queue."""

    concerns = frozenset({Kind.UPLOADS, Kind.TRACKS, Kind.SONGS, Kind.TRANSACTIONS, Kind.SETTINGS})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Uploads"))
        self.uploads = self.studio.uploads
        self.model = QueueModel(self._zone(), self)
        self.view = UploadsView(self.model, self.theme, self._small_cover)
        self.column.addWidget(self.view, 1)
        self.pause_all = Button(tr("Pause all"), self.theme, "default", "ph.pause")
        self.add = Button(tr("Add tracks"), self.theme, "primary", "ph.plus", keys="Ctrl+O")
        self.header.add(self.pause_all, self.add)
        self._totals: QueueTotals | None = None
        self._detail: UploadDetail | None = None
        self.adding = Adding(self)
        self.details = Details(self.view.inspector, context, self._fix, self._retry)
        self._offline = ""
        self._offline_note: Note | None = None
        self._reading = False
        self._again = False
        self._drawer_open = False
        self._tick = QTimer(self, interval=TICK_MS)
        self._tick.timeout.connect(self.refresh)
        self._connect()
        self.setAcceptDrops(True)
        self._restyle(None)

    def _connect(self) -> None:
        view = self.view
        view.table.acted.connect(self.acted)
        view.table.picked.connect(self._picked)
        view.table.opened.connect(self._opened)
        view.table.menu_wanted.connect(self._menu)
        view.limit.picked.connect(self._limit_picked)
        view.details.clicked.connect(self.toggle_drawer)
        self.pause_all.clicked.connect(self.pause_or_resume_all)
        self.add.clicked.connect(self.adding.ask_what)
        self.context.covers.ready.connect(self._covers_ready)
        self.context.look.changed.connect(self._restyle)
        self._show_limit()

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read the queue again; while one reading runs another is only remembered."""
        if self._reading:
            self._again = True
            return
        self._reading = True
        if self._totals is None:
            self.view.states.show_loading()
        self.bridge.run(
            Lane.IO,
            partial(self._read, self._selected_id()),
            name="queue",
            success=self._show_all,
            failure=self._cannot_read,
            cancelled=self._read_stopped,
        )

    def _read(self, selected: int | None, work: Work) -> Shown:
        rows = self.uploads.rows()
        if selected is None and rows:
            selected = rows[0].id
        return Shown(rows, self.uploads.totals(), self.uploads.detail(selected) if selected is not None else None)

    @Slot(object)
    def _show_all(self, read: Shown) -> None:
        self._reading = False
        self.model.take(read.rows)
        ids = [row.id for row in read.rows]
        if ids != self.model.ids:
            self.view.table.show_ids(ids)
        else:
            self.model.refresh()
        self._show_totals(read.totals)
        if not ids:
            self._show_empty()
        else:
            self.view.states.show_content()
            if not self.view.table.selected_ids():
                self.view.table.select_ids([ids[0]])
        self._detail = read.detail if read.detail and read.detail.row.id == self._selected_id() else None
        self._show_details()
        moving = bool(read.totals.running) and self.isVisible()
        if moving != self._tick.isActive():
            self._tick.start() if moving else self._tick.stop()
        if self._again:
            self._again = False
            self.refresh()

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self._reading = False
        self.view.strip.hide()
        self.view.inspector.hide()
        self.view.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    @Slot()
    def _read_stopped(self) -> None:
        self._reading = False

    def _show_empty(self) -> None:
        if self.view.states.showing == "other":
            return
        self.view.states.show_empty(
            "ph.cloud-arrow-up",
            tr("Nothing to upload"),
            tr("Choose tracks in Library or drop files here. Each is fingerprinted, sent in pieces, and compared."),
            [
                (tr("Choose in Library"), partial(self.shell.go, "library")),
                (tr("Choose files…"), self.adding.ask_for_files),
            ],
            primary=False,
        )

    def _show_totals(self, totals: QueueTotals) -> None:
        self._totals = totals
        view = self.view
        self.header.context.setText(header_words(totals))
        done, size, speed = totals_words(totals)
        for label, words in ((view.done, done), (view.sent, size), (view.speed, speed)):
            if label.text() != words:
                label.setText(words)
        view.strip.setVisible(bool(totals.uploads))
        view.rule.setVisible(bool(totals.uploads))
        moving = totals.waiting and not totals.offline
        tone = "acc" if moving else "ok" if totals.done == totals.uploads else "ctl"
        view.bar.set_share(totals.confirmed / totals.size if totals.size else 0.0, tone)
        resume = not totals.waiting and bool(totals.paused)
        self.pause_all.setText(tr("Go on with all") if resume else tr("Pause all"))
        self.pause_all.setAccessibleName(self.pause_all.text())
        self.pause_all.set_icon("ph.play" if resume else "ph.pause", self.theme)
        self.pause_all.setEnabled(bool(totals.waiting or totals.paused))
        self._show_offline(totals.offline)
        self._show_selection_controls()

    def _show_offline(self, words: str) -> None:
        if words == self._offline:
            return
        self._offline = words
        place = self.view.note_place
        if self._offline_note is not None:
            place.removeWidget(self._offline_note)
            self._offline_note.deleteLater()
            self._offline_note = None
        place.setContentsMargins(16, 0, 16, 12) if words else place.setContentsMargins(0, 0, 0, 0)
        if words:
            title = tr("Waiting for the server")
            self._offline_note = Note(title, words, "warn", self.theme, [(tr("Try now"), self.try_now)], beside=True)
            place.addWidget(self._offline_note)
            announce(self, f"{title}. {words}")

    # the inspector ------------------------------------------------------------------------------------------------------

    @Slot()
    def _picked(self) -> None:
        self._show_selection_controls()
        self.refresh()

    def _selected_id(self) -> int | None:
        ids = self.view.table.selected_ids()
        return int(ids[0]) if ids else None

    def _show_selection_controls(self) -> None:
        narrow = self.width() < DRAWER_BELOW
        self.view.details.setVisible(narrow)
        some = bool(self.model.ids) and self.view.states.showing == "content"
        self.view.inspector.setVisible(some and (not narrow or self._drawer_open))
        self.view.fit_strip()

    def _show_details(self) -> None:
        if self._detail is not None:
            self.details.show(self._detail)

    # doing --------------------------------------------------------------------------------------------------------------

    @Slot(object, object)
    def acted(self, number: int, act: Act) -> None:
        """Do what a button of a row says."""
        match act:
            case Act.PAUSE:
                self._run(lambda: self.uploads.pause([number]))
            case Act.RESUME:
                self._run(lambda: self.uploads.resume([number]))
            case Act.STOP:
                self._run(lambda: self.uploads.stop([number]))
            case Act.RETRY:
                self._retry(number)
            case Act.REMOVE:
                self._run(lambda: self.uploads.remove([number]))
            case Act.FIX:
                self._fix(number)
            case Act.SHOW:
                self._show_in_library(number)
            case Act.MORE:
                self._menu(self.cursor().pos())

    def _run(self, work: Callable[[], Changes]) -> None:
        self.bridge.run(Lane.IO, lambda _work: work(), name="queue", failure=self.failed)

    def _retry(self, *numbers: int) -> None:
        self._run(lambda: self.uploads.retry(numbers))

    def try_now(self) -> None:
        """Ask the server now."""
        self.bridge.run(Lane.IO, lambda _work: self.uploads.try_now(), name="queue", failure=self.failed)

    def _fix(self, number: int) -> None:
        row = self.model.by_id.get(number)
        if row is None:
            return
        if row.waits_for == "details":
            self._show_in_library(number)
        elif row.waits_for in {"sign-in", "address"}:
            self._go("wallet" if row.waits_for == "sign-in" else "settings")
        else:
            if not self.view.inspector.isVisible():
                self.toggle_drawer()
            note = self.view.inspector.note
            if note is not None and note.buttons:
                note.buttons[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _show_in_library(self, number: int) -> None:
        row = self.model.by_id.get(number)
        if row is not None:
            self.shell.go("library", row.track_id)

    def _go(self, page: str) -> None:
        from mycelix_studio.ui.pages import PAGES

        self.shell.go(page if page in {spec.key for spec in PAGES} else "settings")

    @Slot()
    def pause_or_resume_all(self) -> None:
        """Pause everything that goes on, or let all that is paused go on."""
        totals = self._totals
        if totals is not None:
            self._run(self.uploads.pause if totals.waiting else self.uploads.resume)

    def pause_or_resume(self) -> None:
        """Pause what is selected, or let it go on."""
        rows = self.selected_rows()
        going = [row.id for row in rows if row.state in UNFINISHED]
        paused = [row.id for row in rows if row.state is UploadState.PAUSED]
        if going:
            self._run(lambda: self.uploads.pause(going))
        elif paused:
            self._run(lambda: self.uploads.resume(paused))

    def stop_or_remove(self) -> None:
        """Stop what is selected; what has stopped is taken off the queue."""
        rows = self.selected_rows()
        going = [row.id for row in rows if row.state in UNFINISHED or row.state is UploadState.PAUSED]
        others = [row.id for row in rows if row.id not in going]
        if going:
            self._run(lambda: self.uploads.stop(going))
        elif others:
            self._run(lambda: self.uploads.remove(others))

    def move_selected(self, step: int | None) -> None:
        """Move what is selected; see :meth:`Uploads.move`."""
        ids = [row.id for row in self.selected_rows()]
        self._run(lambda: self.uploads.move(ids, step))

    def retry_selected(self) -> None:
        """Try again what stopped or needed somebody."""
        wanted = (UploadState.STOPPED, UploadState.NEEDS_YOU)
        self._retry(*(row.id for row in self.selected_rows() if row.state in wanted))

    def selected_rows(self) -> list[UploadRow]:
        """Return what is selected, in the queue's order."""
        return [row for each in self.view.table.selected_ids() if (row := self.model.by_id.get(each)) is not None]

    @Slot(object)
    def _opened(self, number: object) -> None:
        if not self.view.inspector.isVisible():
            self.toggle_drawer()
        elif isinstance(number, int):
            self.acted(number, acts_of(self.model.by_id[number])[0])

    @Slot(object)
    def _menu(self, point: object) -> None:
        rows = self.selected_rows()
        menu = menu_of(self, rows)
        assert isinstance(point, QPoint)
        menu.exec(point)
        menu.deleteLater()

    def clear_done(self) -> None:
        """Take everything done off the queue."""
        self._run(self.uploads.clear_done)

    # putting in ---------------------------------------------------------------------------------------------------------

    def open(self, target: object) -> None:
        """Put tracks in the queue by their ids, or files by their paths."""
        if isinstance(target, list) and target:
            self.adding.add(target)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take files and folders."""
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()
            announce(self, tr("Drop to upload"))

    def dropEvent(self, event: QDropEvent) -> None:
        """Put what was dropped in the queue."""
        paths = [Path(url.toLocalFile()) for url in event.mimeData().urls() if url.isLocalFile()]
        if paths:
            event.acceptProposedAction()
            self.adding.add_paths(paths)

    # keys, settings, size -----------------------------------------------------------------------------------------------

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        return commands_of(self)

    def table_in_focus(self) -> bool:
        """Tell whether commands for rows apply now."""
        return bool(self.view.table.selected_ids()) and not isinstance(QApplication.focusWidget(), QLineEdit)

    def something_goes(self) -> bool:
        """Tell whether there is anything to pause or to go on with."""
        return self._totals is not None and bool(self._totals.waiting or self._totals.paused)

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Read again; settings show at once."""
        if changes.touches(Kind.SETTINGS):
            self._show_limit()
        self.refresh()

    def show_now(self) -> None:
        """Read whenever the page comes to the front: bytes may have moved meanwhile."""
        self.stale = True
        self._show_limit()
        super().show_now()

    def _show_limit(self) -> None:
        present = self.studio.settings.get(keys.UPLOAD_KBPS)
        offered = sorted({*LIMITS, present})
        self.view.limit.set_choices([(each, limit_words(each)) for each in offered])
        self.view.limit.set_value(present)

    @Slot(object)
    def _limit_picked(self, value: object) -> None:
        if isinstance(value, int):
            self.studio.settings.set(keys.UPLOAD_KBPS, value)

    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.studio.settings.get(keys.ZONE))
        except (ZoneInfoNotFoundError, ValueError):
            return ZoneInfo("UTC")

    @Slot()
    def toggle_drawer(self) -> None:
        """Show or hide the details in a narrow window."""
        self._drawer_open = not self._drawer_open
        self._show_selection_controls()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The inspector becomes a drawer in a narrow window."""
        super().resizeEvent(event)
        self._show_selection_controls()

    def showEvent(self, event: QShowEvent) -> None:
        """Move again."""
        super().showEvent(event)
        if self._totals is not None and self._totals.running:
            self._tick.start()

    def hideEvent(self, event: QHideEvent) -> None:
        """Read nothing while nobody looks."""
        super().hideEvent(event)
        self._tick.stop()

    def _small_cover(self, key: str) -> QPixmap | None:
        return self.context.covers.get(key, round(SMALL_COVER * self.devicePixelRatioF()))

    @Slot()
    def _covers_ready(self) -> None:
        self.view.table.viewport().update()
        self._show_details()

    @Slot(object)
    def _restyle(self, _theme: object) -> None:
        self.view.table.set_row_height(ROW_HEIGHT * self.studio.settings.get(keys.TEXT_SCALE) // 100)
        self.view.table.fit_columns()
        self._show_details()

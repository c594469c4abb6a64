"""Opens the tools of the library and carries out what they ask for. Each works on the selected tracks, in the order of the table."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QObject, Qt, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFileDialog

from mycelix_studio.domain import metadata_csv
from mycelix_studio.domain.fields import EDITABLE, Field
from mycelix_studio.domain.metadata_csv import Table
from mycelix_studio.domain.tag_edits import TAG_SET, Held, as_edits, dump_sets, held, shown
from mycelix_studio.domain.track import Track
from mycelix_studio.files import write_atomic
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.library import Only
from mycelix_studio.services.library_rename import Renamed, Renaming, rename
from mycelix_studio.services.preflight_report import Report, make_report
from mycelix_studio.settings import CSV_GUARD
from mycelix_studio.ui import format as words_of
from mycelix_studio.ui.pages.library.columns import ColumnsDialog
from mycelix_studio.ui.pages.library.conflicts import Conflicts, Decision
from mycelix_studio.ui.pages.library.csv_tools import CsvImport
from mycelix_studio.ui.pages.library.folders import FoldersDialog
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.pages.library.multi_edit import MultiEdit, Wanted, clipboard_sets
from mycelix_studio.ui.pages.library.preview import Kit, Plan, Preview
from mycelix_studio.ui.pages.library.report import ReportDialog
from mycelix_studio.ui.pages.library.tag_tools import (
    CaseTool,
    IsrcPlan,
    IsrcTool,
    NamesToTags,
    NumberTool,
    PasteTool,
    ReplaceTool,
    TagsToNames,
)
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage


@dataclass(frozen=True, slots=True)
class _Kept:
    """What became of a multi-edit: its changes, the tracks it touched, what it asked for."""

    changes: Changes
    ids: tuple[int, ...]
    wanted: Wanted


class Tools(QObject):
    """The tools of one page."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.library = page.library
        self.bridge = page.bridge
        self._open: Callable[[list[Track]], Any] | None = None

    # tools of the selected tracks ---------------------------------------------------------------------------------------

    def multi_edit(self) -> None:
        """Edit the selected tracks at once."""
        self.page.editor.finish()
        ids = list(self.page.view.table.selected_ids())
        if ids:
            self.bridge.run(
                Lane.IO,
                partial(self._read_many, ids),
                name="multi-edit",
                success=self._show_multi_edit,
                failure=self.page.failed,
            )

    def _read_many(self, ids: list[int], work: Work) -> tuple[list[Track], dict[Field, Held]]:
        tracks = self.library.tracks_of(ids)
        return tracks, {field: held(tracks, field) for field in Field}

    def names(self) -> None:
        """Fill tags in from file names."""
        self._with_tracks(lambda tracks: self._show(NamesToTags(self._kit(tracks))))

    def rename(self) -> None:
        """Rename files from their tags."""
        self._with_tracks(lambda tracks: self._show(TagsToNames(self._kit(tracks), self.library)))

    def replace(self) -> None:
        """Find and replace."""
        self._with_tracks(lambda tracks: self._show(ReplaceTool(self._kit(tracks))))

    def case(self) -> None:
        """Correct capitals."""
        self._with_tracks(lambda tracks: self._show(CaseTool(self._kit(tracks))))

    def number(self) -> None:
        """Number tracks."""
        self._with_tracks(lambda tracks: self._show(NumberTool(self._kit(tracks))))

    def copy_tags(self) -> None:
        """Put the tags of the selected tracks on the clipboard, as text too."""
        self._with_tracks(self._put_on_clipboard)

    def paste_tags(self) -> None:
        """Give the selected tracks the copied tags."""
        sets = clipboard_sets()
        if not sets:
            words = tr("Select a track and copy its tags first.")
            self.page.shell.toast(Message(tr("No tags on the clipboard"), words, "info"))
            return
        self._with_tracks(lambda tracks: self._show(PasteTool(self._kit(tracks), sets)))

    def isrcs(self) -> None:
        """Give the selected tracks that have none an ISRC of their own."""
        self._with_tracks(lambda tracks: self._show(IsrcTool(self._kit(tracks), self.page.studio.isrcs)))

    # tables -------------------------------------------------------------------------------------------------------------

    def export_csv(self) -> None:
        """Write metadata as a table: of the selected tracks when there are several, else of all that are listed."""
        chosen = self.page.view.table.selected_ids()
        ids = chosen if len(chosen) > 1 else list(self.page.model.ids)
        name, _kind = QFileDialog.getSaveFileName(
            self.page, tr("Export a table"), str(Path.home() / "tracks.csv"), tr("Tables (*.csv)")
        )
        if name and ids:
            guard = self.page.studio.settings.get(CSV_GUARD)
            self.bridge.run(
                Lane.IO,
                partial(self._write_csv, ids, Path(name), guard),
                name="export",
                success=self._exported,
                failure=self.page.failed,
            )

    def _write_csv(self, ids: Sequence[int], path: Path, guard: bool, work: Work) -> tuple[Path, int]:
        tracks = self.library.tracks_of(ids)
        fields = [field for field in Field if field in EDITABLE or any(track.value(field) for track in tracks)]
        text = metadata_csv.export(tracks, fields, guard=guard)
        write_atomic(path, text.encode("utf-8-sig"), 0o644)
        return path, len(tracks)

    @Slot(object)
    def _exported(self, result: tuple[Path, int]) -> None:
        path, count = result
        words = tr("{n} tracks in “{name}”.").format(n=words_of.count(count), name=path.name)
        self.page.shell.toast(Message(tr("Table written"), words))

    def import_csv(self) -> None:
        """Ask for a table and show what it would change."""
        name, _kind = QFileDialog.getOpenFileName(self.page, tr("Import a table"), "", tr("Tables (*.csv *.tsv *.txt)"))
        if name:
            self.open_table(Path(name))

    def open_table(self, path: Path) -> None:
        """Show what a table would change in the tracks that are selected, or in all when fewer than two are."""
        chosen = self.page.view.table.selected_ids()
        self.bridge.run(
            Lane.IO,
            partial(self._read_table, path, chosen if len(chosen) > 1 else None),
            name="import",
            success=self._show_table,
            failure=self.page.failed,
        )

    def _read_table(self, path: Path, ids: Sequence[int] | None, work: Work) -> tuple[str, Table, list[Track]]:
        table = metadata_csv.read(path.read_bytes())
        return path.name, table, self.library.tracks_of(self.library.ids() if ids is None else ids)

    @Slot(object)
    def _show_table(self, result: tuple[str, Table, list[Track]]) -> None:
        name, table, tracks = result
        self._show(CsvImport(self._kit(tracks), table, name))

    # what was changed twice, folders, columns ---------------------------------------------------------------------------

    def has_conflicts(self) -> bool:
        """Tell whether something was changed twice."""
        return bool(self.library.count(only=Only.CONFLICT))

    def conflicts(self) -> None:
        """Show what was changed twice."""
        self.bridge.run(
            Lane.IO,
            lambda _work: self.library.tracks_of(self.library.ids(only=Only.CONFLICT)),
            name="conflicts",
            success=self._show_conflicts,
            failure=self.page.failed,
        )

    @Slot(object)
    def _show_conflicts(self, tracks: list[Track]) -> None:
        if tracks:
            dialog = Conflicts(tracks, self.page.theme, self.page)
            dialog.decided.connect(self._decide)
            dialog.open()

    @Slot(object)
    def _decide(self, decisions: Sequence[Decision]) -> None:
        self.bridge.run(Lane.DB, partial(self._settle, decisions), name="decide", failure=self.page.failed)

    def _settle(self, decisions: Sequence[Decision], work: Work) -> Changes:
        made = Changes()
        for each in decisions:
            made |= self.library.settle(each.track_id, mine=each.mine, theirs=each.theirs, cover_mine=each.cover_mine)
        return made

    def folders(self) -> None:
        """Show the folders whose new files come in by themselves."""
        dialog = FoldersDialog(
            self.library.places.folders(), self.page.studio.watch.problem, self.page.theme, self.page
        )
        dialog.forgotten.connect(self._forget_folder)
        dialog.add_wanted.connect(self.page.files.ask_for_music, Qt.ConnectionType.QueuedConnection)
        dialog.open()

    @Slot(object)
    def _forget_folder(self, folder: Path) -> None:
        forget = self.library.places.forget_folder
        self.bridge.run(Lane.DB, lambda _work: forget(folder), name="folder", failure=self.page.failed)

    # before delivery ----------------------------------------------------------------------------------------------------

    def report(self) -> None:
        """Check the selected tracks."""
        self._make_report(self.page.view.table.selected_ids())

    def report_all(self) -> None:
        """Check every track that is listed."""
        self._make_report(self.library.ids())

    def _make_report(self, ids: Sequence[int]) -> None:
        if ids:
            preflight = self.page.studio.preflight
            self.page.files.run_job(
                tr("Checking for delivery"),
                lambda work: make_report(preflight, list(ids), work),
                self._show_report,
                lane=Lane.MEDIA,
            )

    @Slot(object)
    def _show_report(self, report: Report) -> None:
        self.page.files.end_work()
        dialog = ReportDialog(report, self.bridge, self.page.theme, self.page)
        dialog.wanted.connect(self._show_checks_of)
        dialog.open()

    @Slot(int)
    def _show_checks_of(self, track_id: int) -> None:
        self.page.show_track(track_id, "checks")

    def columns(self) -> None:
        """Choose columns."""
        keys = [column.key for column in self.page.model.columns]
        dialog = ColumnsDialog(keys, self.page.theme, self.page)
        dialog.chosen.connect(self.page.show_columns)
        dialog.open()

    # inside -------------------------------------------------------------------------------------------------------------

    def _kit(self, tracks: Sequence[Track]) -> Kit:
        return Kit(tracks, self.bridge, self.page.theme, self.page)

    def _with_tracks(self, run: Callable[[list[Track]], Any]) -> None:
        """Read the selected tracks off the GUI thread, then go on."""
        self.page.editor.finish()
        ids = self.page.view.table.selected_ids()
        if not ids:
            return
        self._open = run
        self.bridge.run(
            Lane.IO,
            lambda _work: self.library.tracks_of(ids),
            name="tool",
            success=self._go_on,
            failure=self.page.failed,
        )

    @Slot(object)
    def _go_on(self, tracks: list[Track]) -> None:
        run, self._open = self._open, None
        if run is not None and tracks:
            run(tracks)

    def _show(self, dialog: Preview) -> None:
        dialog.wanted.connect(self._carry_out)
        dialog.open()

    @Slot(object)
    def _show_multi_edit(self, result: tuple[list[Track], dict[Field, Held]]) -> None:
        tracks, found = result
        if not tracks:
            return
        dialog = MultiEdit(self._kit(tracks), found)
        dialog.wanted.connect(self._do_multi_edit)
        dialog.names_wanted.connect(self.names, Qt.ConnectionType.QueuedConnection)
        dialog.open()

    @Slot(object)
    def _carry_out(self, plan: Plan) -> None:
        if isinstance(plan.result, tuple):
            self._rename(plan.result)
            return
        if isinstance(plan.result, IsrcPlan):
            asked, isrcs = plan.result, self.page.studio.isrcs
            self.page.files.run_job(
                tr("Giving ISRCs"),
                lambda _work: isrcs.assign(asked.track_ids, asked.year, asked.first),
                self._given,
                stopped=self._nothing_changed,
            )
            return
        edits = as_edits(plan.changes)
        self.page.files.run_job(
            tr("Changing tags"),
            lambda work: self.library.edit_each(edits, work),
            self._changed,
            stopped=self._nothing_changed,
        )

    @Slot(object)
    def _given(self, codes: Mapping[int, str]) -> None:
        self.page.files.end_work()
        self.page.studio.hub.publish(Changes.of(Kind.TRACKS, track_ids=frozenset(codes)))
        title = tr("1 ISRC given") if len(codes) == 1 else tr("{n} ISRCs given").format(n=len(codes))
        self.page.shell.toast(Message(title, tr("They are never given again. Save to write them into your files.")))

    @Slot(object)
    def _changed(self, _changes: object) -> None:
        self.page.files.end_work()

    @Slot()
    def _nothing_changed(self) -> None:
        self.page.files.end_work()
        self.page.shell.toast(Message(tr("Stopped"), tr("Nothing was changed."), "info"))

    @Slot(object)
    def _do_multi_edit(self, wanted: Wanted) -> None:
        edits = as_edits(wanted.changes)
        ids = list(self.page.view.table.selected_ids())
        self.page.files.run_job(
            tr("Changing tags"), partial(self._keep, edits, ids, wanted), self._kept, stopped=self._nothing_changed
        )

    def _keep(
        self, edits: dict[int, dict[Field, tuple[str, ...]]], ids: list[int], wanted: Wanted, work: Work
    ) -> _Kept:
        made = self.library.edit_each(edits, work) if edits else Changes()
        touched = set(edits)
        if wanted.cover_changes:
            picture = self.library.load_picture(wanted.cover) if wanted.cover is not None else None
            made |= self.library.edit_cover(ids, picture)
            touched |= set(ids)
        return _Kept(made, tuple(each for each in ids if each in touched), wanted)

    @Slot(object)
    def _kept(self, kept: _Kept) -> None:
        self.page.files.end_work()
        if kept.wanted.save:
            self.page.files.save_ids(kept.ids, copies=kept.wanted.copies, newer=kept.wanted.newer)

    def _put_on_clipboard(self, tracks: list[Track]) -> None:
        mime = QMimeData()
        mime.setData(TAG_SET, dump_sets(tracks))
        mime.setText(
            "\n\n".join(
                "\n".join(f"{field.value}: {shown(track.value(field))}" for field in Field if track.value(field))
                for track in tracks
            )
        )
        QGuiApplication.clipboard().setMimeData(mime)
        title = tr("Tags copied") if len(tracks) == 1 else tr("Tags of {n} tracks copied").format(n=len(tracks))
        self.page.shell.toast(Message(title, tr("Select other tracks and paste them there."), "info"))

    def _rename(self, plan: Sequence[Renaming]) -> None:
        self.page.sound.release()
        self.page.files.run_job(tr("Renaming files"), partial(_renamed, self.page, plan), self._show_renamed)

    @Slot(object)
    def _show_renamed(self, result: Renamed) -> None:
        self.page.files.end_work()
        if result.done:
            count = len(result.done)
            title = tr("1 file renamed") if count == 1 else tr("{n} files renamed").format(n=words_of.count(count))
            back = partial(self._rename, result.undoing())
            self.page.shell.toast(Message(title, tr("Edits and songs went with them."), "ok", tr("Undo"), back))
        self.page.files.show_refused(result.refused, tr("Could not rename {n} files"))


def _renamed(page: LibraryPage, plan: Sequence[Renaming], work: Work) -> Renamed:
    return rename(page.library, plan, work)

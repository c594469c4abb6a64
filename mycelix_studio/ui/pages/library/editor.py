"""Editing in the inspector: what is shown of the selected tracks, what was typed, cover and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.fields import spec as spec_of
from mycelix_studio.domain.identifiers import compact, isrc_problem
from mycelix_studio.domain.tag_edits import typed as typed_values
from mycelix_studio.domain.track import Track
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.preflight import Sounding
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.covers import framed
from mycelix_studio.ui.pages.library.compare import Side
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.pages.library.view import COVER, INSPECTOR
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.inputs import Field as LineField
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage

MOST_EDITED = 2000
WORDS_WIDTH = 236
"""Pixels of title and line beside the cover, at normal size of text."""
"""Above this, mixed values are not compared field by field; edits still apply to all."""


@dataclass(frozen=True, slots=True)
class Details:
    """What the inspector shows: the first selected track and, for many, which fields are mixed."""

    tracks: list[Track]
    count: int
    losses: tuple[Field, ...]
    picture: QImage
    picture_bytes: int
    sounding: Sounding | None
    sides: tuple[Side, ...] = ()
    """Two tracks with their loudness, to be compared."""


class Editor(QObject):
    """The inspector's behaviour for one page."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.view = page.view
        self.library = page.library
        self.bridge = page.bridge
        self.details: Details | None = None
        self._mixed: dict[Field, bool] = {}
        self._filling = False

    def load(self, ids: list[int], work: Work) -> tuple[list[int], Details | None]:
        """IO. Read what the inspector shows of these tracks."""
        tracks = self.library.tracks_of(ids[:MOST_EDITED])
        if not tracks:
            return ids, None
        first = tracks[0]
        data = self.library.cover(first.row.cover) if first.row.cover else None
        picture = QImage.fromData(data) if data else QImage()
        one = len(tracks) == 1
        sides = tuple(self._side(track) for track in tracks) if len(tracks) == 2 else ()
        losses = self.library.losses(first.row.id) if one else ()
        sounding = self.page.studio.preflight.sounding(first.row.id) if one else None
        return ids, Details(tracks, len(ids), losses, picture, len(data or b""), sounding, sides)

    def _side(self, track: Track) -> Side:
        found = self.page.studio.preflight.sounding(track.row.id)
        sound = found.sound if found is not None else None
        return Side(track.row.title, track.row.path, sound.integrated if sound is not None else None)

    @Slot(object)
    def show(self, result: tuple[list[int], Details | None]) -> None:
        """Show it, unless other tracks were selected meanwhile."""
        ids, details = result
        if details is None or ids != self.view.table.selected_ids():
            return
        self.details = details
        inspector, first = self.view.inspector, details.tracks[0]
        many = details.count > 1
        of_one = " · ".join(part for part in (first.row.artist, first.row.album) if part)
        title = tr("{n} tracks").format(n=details.count) if many else first.row.title
        inspector.title.show_short(title, WORDS_WIDTH)
        inspector.line.show_short(tr("Edits go to all of them") if many else of_one, WORDS_WIDTH)
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
        self.page.sound.show(None if many else first, details.sounding)
        self.page.on_chain.show(None if many else first.row.id)
        self.page.history.show(None if many else first.row.id)
        self.page.sound.show_two((details.sides[0], details.sides[1]) if len(details.sides) == 2 else None)

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
        ratio = self.page.devicePixelRatioF()
        for label, pixels in ((inspector.cover, COVER), (inspector.art_picture, INSPECTOR - 32)):
            label.setPixmap(framed(details.picture, pixels, ratio, self.page.theme))
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
                    self.page.theme,
                    [(tr("Look again"), self.page.files.look_again), (tr("Take off the list"), self.page.files.remove)],
                )
            )
        elif details.count == 1 and first.row.conflict:
            names = ", ".join(tr(spec_of(field).title) for field in Field if field in first.conflict)
            place.addWidget(
                Note(
                    tr("Another program changed this file, too"),
                    tr("You both changed: {names}. Nothing is saved before you decide.").format(
                        names=names or tr("Front cover")
                    ),
                    "warn",
                    self.page.theme,
                    [(tr("Decide…"), self.page.tools.conflicts)],
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
                    self.page.theme,
                )
            )

    def edited(self, field: Field) -> None:
        """Keep what was typed in the inspector, when it is right."""
        line = self.view.inspector.fields[field]
        ids = self.view.table.selected_ids()
        if self._filling or not line.isModified() or not ids:
            return
        line.setModified(False)
        problem = self._keep(ids, field, line.text())
        line.set_wrong(bool(problem), problem)

    @Slot(int, object, str)
    def typed(self, track_id: int, field: Field, words: str) -> None:
        """Keep what was typed in a cell; in a selected row it goes to that track only."""
        self._keep([track_id], field, words)

    def _keep(self, ids: list[int], field: Field, words: str) -> str:
        """Keep a value of tracks; returns what is wrong with it, then nothing is kept."""
        values = typed_values(field, words, ("\0",))
        if field is Field.ISRC:
            code = compact(words)
            problem = isrc_problem(code) if code else ""
            if problem:
                self.page.shell.toast(Message(tr("Not an ISRC"), problem, "warn"))
                return problem
            values = (code,)
        self.bridge.run(
            Lane.DB,
            lambda work: self.library.edit(ids, {field: values}),
            name="edit",
            failure=self.page.failed,
        )
        return ""

    @Slot()
    def ask_for_art(self) -> None:
        """Ask for a picture."""
        name, _kind = QFileDialog.getOpenFileName(
            self.page, tr("Choose a front cover"), "", tr("Pictures (*.jpg *.jpeg *.png)")
        )
        if name:
            self.set_art(Path(name))

    def set_art(self, path: Path) -> None:
        """Make a picture the front cover of the selected tracks."""
        ids = self.view.table.selected_ids()
        self.bridge.run(
            Lane.DB,
            lambda work: self.library.edit_cover(ids, self.library.load_picture(path)),
            name="art",
            failure=self.page.failed,
        )

    @Slot()
    def remove_art(self) -> None:
        """Take the front cover off."""
        ids = self.view.table.selected_ids()
        self.bridge.run(Lane.DB, lambda work: self.library.edit_cover(ids, None), name="art", failure=self.page.failed)

    @Slot()
    def revert(self) -> None:
        """Forget the edits of the selected tracks."""
        ids = self.view.table.selected_ids()
        self.bridge.run(Lane.DB, lambda work: self.library.revert(ids), name="revert", failure=self.page.failed)

    def finish(self) -> None:
        """Keep what is being typed."""
        focus = QApplication.focusWidget()
        if isinstance(focus, LineField) and self.page.isAncestorOf(focus):
            focus.editingFinished.emit()


def _joined(values: Sequence[str], field: Field) -> str:
    if field is Field.ISRC:
        return shown.isrc(values[0]) if values else ""
    return "; ".join(values)

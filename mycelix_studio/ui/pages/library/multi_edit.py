"""Editing many tracks at once (Ctrl+E): ticked fields are written, the others are kept; what each kind of file can hold is shown first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QMenu, QVBoxLayout, QWidget

from mycelix_studio.domain.fields import SPECS, Field
from mycelix_studio.domain.tag_edits import OWN, TAG_SET, Change, Held, changes, load_sets, number
from mycelix_studio.domain.track import Fields, Track, Values
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.library_losses import Matrix, matrix
from mycelix_studio.ui import format as words_of
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon, Rule, text
from mycelix_studio.ui.pages.library.field_rows import ArtRow, FieldRow, NumberRow, grid_of
from mycelix_studio.ui.pages.library.loss_matrix import LossMatrix
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.pages.library.preview import Kit
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.dialog import Dialog, room_for
from mycelix_studio.ui.widgets.inputs import Radio
from mycelix_studio.ui.widgets.scroll import Scroller

WIDTH, HEIGHT = 1000, 632
FIRST = (
    Field.TITLE, Field.ARTIST, Field.ALBUM, Field.ALBUM_ARTIST, Field.GENRE, Field.DATE, Field.LABEL, Field.ISRC, Field.TRACK,
)  # fmt: skip
ORDER = (*FIRST, *(spec.field for spec in SPECS if spec.field not in FIRST))
SETTLE_MS = 120


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the dialog asks for.

    Attributes:
        changes: Field by field.
        cover: A picture file, None to take the cover off.
        cover_changes: Whether the cover is changed at all.
        save: Write the files at once; otherwise the edits are kept.
        copies: Also write FLAC copies of the files that cannot hold everything.
        newer: Tracks whose MP3 moves to tag version 2.4 with the save.
    """

    changes: tuple[Change, ...]
    cover: Path | None
    cover_changes: bool
    save: bool
    copies: tuple[int, ...] = ()
    newer: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What is ticked: edits for all tracks, how to number them, whether they get a new cover."""

    edits: Mapping[Field, Values]
    way: str
    cover: bool


@dataclass(frozen=True, slots=True)
class _Outlook:
    changes: tuple[Change, ...]
    matrix: Matrix


class MultiEdit(Dialog):
    """The dialog. Opened by ``open()``; what is asked for comes by :attr:`wanted`.

    Signals:
        wanted(Wanted): The person pressed a button that does it.
        names_wanted(): Fill in from file names.
    """

    wanted = Signal(object)
    names_wanted = Signal()

    def __init__(self, kit: Kit, found: Mapping[Field, Held]) -> None:
        tracks, theme = kit.tracks, kit.theme
        one = len(tracks) == 1
        title = tr("Edit 1 track") if one else tr("Edit {n} tracks").format(n=words_of.count(len(tracks)))
        super().__init__(title, "", theme, kit.parent, width=WIDTH)
        self.tracks = list(tracks)
        self.bridge = kit.bridge
        self._held = found
        self.rows: dict[Field, FieldRow] = {}
        self.outlook = _Outlook((), Matrix())
        self._number = self._shown = 0
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._look_ahead)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        sides = QHBoxLayout()
        sides.setSpacing(18)
        sides.addLayout(self._left(), 9)
        sides.addWidget(Rule(theme, "line2", vertical=True))
        sides.addLayout(self._right(), 12)
        self.body.addLayout(sides, 1)
        self.let_body_grow()
        self._foot()
        self._look_ahead()

    def fit(self) -> None:
        """Take the size of the design, as far as the window has it."""
        room = room_for(self)
        self.resize(min(paint.scaled(WIDTH), room.width() - 24), min(paint.scaled(HEIGHT), room.height() - 24))

    def fill(self, fields: Fields) -> None:
        """Tick and fill in fields, as copied from another track."""
        for field, values in fields.items():
            if field in self.rows:
                self.rows[field].set_values(values)

    # laying out ---------------------------------------------------------------------------------------------------------

    def _left(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        files = tr("Change in this file") if len(self.tracks) == 1 else tr("Change in all {n} files")
        head = QHBoxLayout()
        head.addWidget(text(files.format(n=words_of.count(len(self.tracks))), self.theme, "label", "t3"))
        head.addStretch(1)
        head.addWidget(text(tr("Tick a field to change it"), self.theme, "label", "t3"))
        column.addLayout(head)
        inner = QWidget()
        inner.setProperty("ground", "none")
        grid = grid_of(inner)
        for place, field in enumerate(ORDER):
            if field is Field.TRACK:
                self.numbers = NumberRow(len(self.tracks), self._held[field], self.theme, grid, place)
                self.numbers.changed.connect(self._settle.start)
                self.art = ArtRow(self.tracks, self.theme, grid, len(FIRST))
                self.art.changed.connect(self._settle.start)
                continue
            row = FieldRow(field, self._held[field], self.theme, grid, place if place < len(FIRST) else place + 1)
            row.changed.connect(self._settle.start)
            self.rows[field] = row
        scroller = Scroller(inner)
        scroller.setMinimumHeight(240)
        column.addWidget(scroller, 1)
        buttons = QHBoxLayout()
        self.copy = Button(tr("Copy tags from…"), self.theme, icon_name="ph.copy", small=True)
        self.names = Button(tr("Fill from file names…"), self.theme, icon_name="ph.text-aa", small=True)
        self.copy.clicked.connect(self._copy_menu)
        self.names.clicked.connect(self._names)
        buttons.addWidget(self.copy)
        buttons.addWidget(self.names)
        buttons.addStretch(1)
        column.addLayout(buttons)
        return column

    def _right(self) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(text(tr("What each kind of file can hold"), self.theme, "label", "t3"))
        head.addStretch(1)
        head.addWidget(text(tr("Loss preview, nothing is written yet"), self.theme, "label", "t3"))
        column.addLayout(head)
        self.table = LossMatrix(self.theme)
        scroller = Scroller()
        inner = QWidget()
        inner.setProperty("ground", "none")
        below = QVBoxLayout(inner)
        below.setContentsMargins(0, 0, 4, 0)
        below.setSpacing(10)
        below.addWidget(self.table)
        self.nothing = text(tr("Tick a field to see what your files can hold."), self.theme, "small", "t3", wrap=True)
        below.addWidget(self.nothing)
        self.note_place = QVBoxLayout()
        below.addLayout(self.note_place)
        self.choices = QButtonGroup(self)
        self.plain = Radio(tr("Save as shown, keep the full values in Studio"), self.theme)
        self.copies = Radio("", self.theme)
        self.newer = Radio("", self.theme)
        for radio in (self.plain, self.copies, self.newer):
            self.choices.addButton(radio)
            below.addWidget(radio)
            radio.hide()
        self.plain.setChecked(True)
        below.addStretch(1)
        scroller.setWidget(inner)
        column.addWidget(scroller, 1)
        return column

    def _foot(self) -> None:
        words = QHBoxLayout()
        words.setSpacing(6)
        words.addWidget(Icon("ph.shield-check", self.theme, "ok"))
        promise = tr(
            "The sound itself is not touched; each file is compared before and after. You can undo this later."
        )
        words.addWidget(text(promise, self.theme, "small", "t2"))
        self.buttons.insertLayout(0, words)
        cancel = self.add_button(tr("Cancel"), "quiet")
        self.keep = self.add_button(tr("Keep, save later"))
        self.save = self.add_button(tr("Save"), "primary", enter=True)
        cancel.clicked.connect(self.reject)
        self.keep.clicked.connect(partial(self._do, False))
        self.save.clicked.connect(partial(self._do, True))
        for button in (self.save, self.keep):  # until it is known what would change
            button.setEnabled(False)

    # working it out -----------------------------------------------------------------------------------------------------

    def _asked(self) -> _Asked:
        edits = {field: row.values() for field, row in self.rows.items() if row.wanted}
        return _Asked(edits, self.numbers.way, self.art.path is not None)

    @Slot()
    def _look_ahead(self) -> None:
        """Work out what would change, off the GUI thread."""
        self._number += 1
        self.bridge.run(
            Lane.IO,
            partial(_numbered, self._number, self.tracks, self._asked()),
            name="multi-edit",
            success=self._show,
        )

    @Slot(object)
    def _show(self, result: tuple[int, _Outlook]) -> None:
        number, outlook = result
        if number != self._number:
            return
        self.outlook, self._shown = outlook, number
        albums = list(dict.fromkeys(track.row.album for track in self.tracks if track.row.album))
        files = {change.track_id for change in outlook.changes}
        count = len(outlook.changes)
        if self.art.wanted:
            files = {track.row.id for track in self.tracks}
            count += len(self.tracks)
        what = (
            tr("{n} changes in {m} files").format(n=words_of.count(count), m=words_of.count(len(files)))
            if count != 1
            else tr("1 change")
        )
        self.words.setText(" · ".join(part for part in (", ".join(albums[:2]), what) if part))
        self.words.show()
        self.table.show_matrix(outlook.matrix)
        self.table.setVisible(bool(outlook.matrix.rows))
        self.nothing.setVisible(not outlook.matrix.rows)
        wrong = any(row.problem() for row in self.rows.values())
        for button in (self.save, self.keep):
            button.setEnabled(bool(count) and not wrong)
        saves = tr("Save 1 file") if len(files) == 1 else tr("Save {n} files").format(n=words_of.count(len(files)))
        self.save.setText(saves if files else tr("Save"))
        self._show_note(outlook)

    def _show_note(self, outlook: _Outlook) -> None:
        while (item := self.note_place.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        codes = self.rows[Field.ISRC]
        if codes.wanted and len(self.tracks) > 1 and codes.values():
            self.note_place.addWidget(
                Note(
                    tr("An ISRC belongs to one recording."),
                    tr("All {n} tracks would get the same.").format(n=len(self.tracks)),
                    "warn",
                    self.theme,
                )
            )
        losing = len(outlook.matrix.losing)
        for radio in (self.plain, self.copies):
            radio.setVisible(bool(losing))
        if losing:
            title = tr("1 file cannot hold everything.") if losing == 1 else tr("{n} files cannot hold everything.")
            self.note_place.addWidget(
                Note(
                    title.format(n=words_of.count(losing)),
                    tr("Studio keeps the full values and puts them into the copies it makes."),
                    "warn",
                    self.theme,
                )
            )
            copies = (
                tr("Also write a FLAC copy of it, with every tag")
                if losing == 1
                else tr("Also write FLAC copies of the {n} files, with every tag")
            )
            self.copies.setText(copies.format(n=words_of.count(losing)))
            self.copies.setAccessibleName(self.copies.text())
        movable = len(outlook.matrix.movable)
        self.newer.setVisible(bool(movable))
        newer = (
            tr("Move the MP3 to tag version 2.4, which keeps several values apart")
            if movable == 1
            else tr("Move the {n} MP3 files to tag version 2.4, which keeps several values apart")
        )
        self.newer.setText(newer.format(n=words_of.count(movable)))
        self.newer.setAccessibleName(self.newer.text())
        if (self.copies.isChecked() and not losing) or (self.newer.isChecked() and not movable):
            self.plain.setChecked(True)

    def _do(self, save: bool) -> None:
        copies = self.outlook.matrix.losing if save and self.copies.isChecked() else ()
        newer = self.outlook.matrix.movable if save and self.newer.isChecked() else ()
        settled = not self._settle.isActive() and self._shown == self._number
        outlook = self.outlook if settled else _outlook(self.tracks, self._asked())
        self.wanted.emit(Wanted(outlook.changes, self.art.path, self.art.wanted, save, copies, newer))
        self.accept()

    # filling in ---------------------------------------------------------------------------------------------------------

    def _names(self) -> None:
        self.names_wanted.emit()
        self.reject()

    @Slot()
    def _copy_menu(self) -> None:
        menu = QMenu(self)
        sets = clipboard_sets()
        copied = menu.addAction(tr("The tags you copied"))
        copied.setEnabled(bool(sets))
        if sets:
            copied.triggered.connect(partial(self.fill, _shared(sets[0])))
        menu.addSeparator()
        for track in self.tracks[:20]:
            fields = {field: track.value(field) for field in Field if track.value(field)}
            menu.addAction(track.row.title).triggered.connect(partial(self.fill, _shared(fields)))
        menu.exec(self.copy.mapToGlobal(self.copy.rect().bottomLeft()))
        menu.deleteLater()


def clipboard_sets() -> list[dict[Field, Values]]:
    """Return the tag sets on the clipboard."""
    mime = QGuiApplication.clipboard().mimeData()
    return load_sets(bytes(mime.data(TAG_SET).data())) if mime is not None and mime.hasFormat(TAG_SET) else []


def _shared(fields: Fields) -> dict[Field, Values]:
    """Return what tracks of an album share: not what belongs to one recording."""
    return {field: values for field, values in fields.items() if field not in OWN}


def _outlook(tracks: Sequence[Track], asked: _Asked) -> _Outlook:
    edits, way = asked.edits, asked.way
    found = changes(tracks, lambda track: edits)
    if way == "none":
        found += changes(tracks, lambda track: {Field.TRACK: ()})
    elif way:
        found += number(tracks, each_album=way == "album")
    shown = {**edits, **({Field.TRACK: ("1",)} if way else {})}
    return _Outlook(found, matrix(tracks, {f: shown[f] for f in ORDER if f in shown}, cover=asked.cover))


def _numbered(number_: int, tracks: Sequence[Track], asked: _Asked, work: Work) -> tuple[int, _Outlook]:
    return number_, _outlook(tracks, asked)


__all__ = ["MultiEdit", "Wanted", "clipboard_sets"]

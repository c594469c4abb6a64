"""Rows of fields to be changed in many tracks: a tick, a name, an input. What is not ticked says what is kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QSignalBlocker, Signal
from PySide6.QtWidgets import QFileDialog, QGridLayout, QHBoxLayout, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field, inside_title
from mycelix_studio.domain.identifiers import barcode_problem, compact, isrc_problem, iswc_problem
from mycelix_studio.domain.tag_edits import Held, shown, typed
from mycelix_studio.domain.track import Track, Values
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Choice, Tick
from mycelix_studio.ui.widgets.inputs import Field as LineField

TICK_WIDTH = 132
"""Longer names are cut; the whole name is in the tooltip."""
_PROBLEMS = {Field.ISRC: isrc_problem, Field.ISWC: iswc_problem, Field.BARCODE: barcode_problem}


def kept_words(field: Field, found: Held) -> tuple[str, str]:
    """Return what a field that is not ticked says, and the note at its right end."""
    if found.values is not None:
        return tr("Keep: {value}").format(value=shown(found.values) or tr("empty")), ""
    if found.empty:
        return tr("Keep: {n} set, {m} empty").format(n=found.total - found.empty, m=found.empty), ""
    values = tr("{n} values").format(n=found.different)
    if found.different == found.total:
        return tr("Keep each {field}").format(field=inside_title(tr(BY_FIELD[field].title))), values
    return tr("Keep: {n} different").format(n=found.different), values


class FieldRow(QObject):
    """One field: ticked it is written, otherwise it is kept. Typing ticks it."""

    changed = Signal()

    def __init__(self, field: Field, found: Held, theme: Theme, grid: QGridLayout, row: int) -> None:
        super().__init__(grid.parentWidget())
        self.field = field
        self.held = found
        name = tr(BY_FIELD[field].title)
        self.tick = Tick(name, theme, tr("Change {field}").format(field=name))
        self.line = LineField(name, theme, small=True)
        self.line.setMinimumWidth(80)
        self.tick.setFixedWidth(paint.scaled(TICK_WIDTH))
        self.tick.setToolTip(name)
        grid.addWidget(self.tick, row, 0)
        grid.addWidget(self.line, row, 1)
        self._show_kept()
        self.tick.toggled.connect(self._toggled)
        self.line.textEdited.connect(self._typed)

    @property
    def wanted(self) -> bool:
        """Whether it is ticked."""
        return self.tick.isChecked()

    def values(self) -> Values:
        """Return what was typed, as values."""
        before = self.held.values
        values = typed(self.field, self.line.text(), before if before is not None else ("\0",))
        return tuple(compact(value) for value in values) if self.field in _PROBLEMS else values

    def problem(self) -> str:
        """Return what is wrong with what was typed; empty when nothing is."""
        check = _PROBLEMS.get(self.field)
        if not self.wanted or check is None:
            return ""
        return next((why for value in self.values() if (why := check(value))), "")

    def set_values(self, values: Values) -> None:
        """Tick it and fill it in."""
        with QSignalBlocker(self.tick):
            self.tick.setChecked(True)
        self.line.setText(shown(values))
        self.line.setCursorPosition(0)
        self._show_wanted()

    def _typed(self) -> None:
        if not self.wanted:
            with QSignalBlocker(self.tick):
                self.tick.setChecked(True)
        self._show_wanted()

    def _toggled(self, on: bool) -> None:
        if on:
            if self.held.values and not self.line.text():
                self.line.setText(shown(self.held.values))
            self._show_wanted()
            self.line.setFocus()
        else:
            self.line.clear()
            self._show_kept()

    def _show_wanted(self) -> None:
        _set_kept(self.line, False)
        count = len(self.values())
        self.line.setPlaceholderText(tr("Will be emptied"))
        self.line.set_note(tr("{n} values").format(n=count) if count > 1 else "")
        self.line.set_wrong(bool(self.problem()), self.problem())
        self.changed.emit()

    def _show_kept(self) -> None:
        _set_kept(self.line, True)
        words, note = kept_words(self.field, self.held)
        self.line.setPlaceholderText(words)
        self.line.set_note(note)
        self.line.set_wrong(False)
        self.changed.emit()


class NumberRow(QObject):
    """Track numbers: in the order of the table, or by album."""

    changed = Signal()

    def __init__(self, count: int, found: Held, theme: Theme, grid: QGridLayout, row: int) -> None:
        super().__init__(grid.parentWidget())
        name = tr(BY_FIELD[Field.TRACK].title)
        self.tick = Tick(name, theme, tr("Change {field}").format(field=name))
        words, _note = kept_words(Field.TRACK, found)
        self.choice = Choice(
            name,
            theme,
            [
                ("", words),
                ("all", tr("Number 1 to {n} in this order").format(n=count)),
                ("album", tr("Number each album from 1")),
                ("none", tr("Take the numbers off")),
            ],
            small=True,
        )
        self.choice.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        _set_kept(self.choice, True)
        grid.addWidget(self.tick, row, 0)
        grid.addWidget(self.choice, row, 1)
        self.tick.toggled.connect(self._toggled)
        self.choice.picked.connect(self._picked)

    @property
    def way(self) -> str:
        """Return ``all``, ``album`` or ``none``; empty to keep the numbers."""
        return str(self.choice.value() or "")

    def _toggled(self, on: bool) -> None:
        self.choice.set_value("all" if on else "")
        _set_kept(self.choice, not on)
        self.changed.emit()

    def _picked(self, way: object) -> None:
        with QSignalBlocker(self.tick):
            self.tick.setChecked(bool(way))
        _set_kept(self.choice, not way)
        self.changed.emit()


class ArtRow(QObject):
    """The front cover: a picture file, or none."""

    changed = Signal()

    def __init__(self, tracks: Sequence[Track], theme: Theme, grid: QGridLayout, row: int) -> None:
        super().__init__(grid.parentWidget())
        self.path: Path | None = None
        covers = {track.row.cover for track in tracks}
        self._kept = (
            tr("Keep: {n} different").format(n=len(covers))
            if len(covers) > 1
            else tr("Keep the cover")
            if covers != {""}
            else tr("Keep: empty")
        )
        name = tr("Album art")
        self.tick = Tick(name, theme, tr("Change {field}").format(field=name))
        box = QWidget()
        line = QHBoxLayout(box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(6)
        self.line = LineField(name, theme, hint=self._kept, small=True)
        self.line.setMinimumWidth(60)
        self.line.setReadOnly(True)
        self.choose = Button(tr("Choose…"), theme, small=True)
        self.choose.setAccessibleName(tr("Choose a front cover"))
        line.addWidget(self.line, 1)
        line.addWidget(self.choose)
        grid.addWidget(self.tick, row, 0)
        grid.addWidget(box, row, 1)
        self.tick.toggled.connect(self._toggled)
        self.choose.clicked.connect(self._choose)

    @property
    def wanted(self) -> bool:
        """Whether it is ticked."""
        return self.tick.isChecked()

    def set_path(self, path: Path, note: str) -> None:
        """Take a picture file; ``note`` says how large it is."""
        self.path = path
        with QSignalBlocker(self.tick):
            self.tick.setChecked(True)
        self.line.setText(path.name)
        self.line.set_note(note)
        self.changed.emit()

    def _toggled(self, on: bool) -> None:
        self.path = None
        self.line.clear()
        self.line.set_note("")
        self.line.setPlaceholderText(tr("Will be taken off") if on else self._kept)
        self.changed.emit()

    def _choose(self) -> None:
        from PySide6.QtGui import QImageReader

        name, _kind = QFileDialog.getOpenFileName(
            self.choose, tr("Choose a front cover"), "", tr("Pictures (*.jpg *.jpeg *.png)")
        )
        if name:
            size = QImageReader(name).size()
            self.set_path(Path(name), f"{size.width():,} × {size.height():,}" if size.isValid() else "")


def _set_kept(widget: QWidget, kept: bool) -> None:
    """Draw an input quietly while its field is kept."""
    if widget.property("kept") != kept:
        widget.setProperty("kept", kept)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def grid_of(parent: QWidget) -> QGridLayout:
    """Return the grid of such rows."""
    grid = QGridLayout(parent)
    grid.setContentsMargins(2, 2, 10, 2)
    grid.setHorizontalSpacing(8)
    grid.setVerticalSpacing(4)
    grid.setColumnMinimumWidth(0, paint.scaled(112))
    grid.setColumnStretch(1, 1)
    return grid

"""What was changed twice: here and, meanwhile, by another program in the file. Each field is decided by a person."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.domain.tag_edits import shown as line_of
from mycelix_studio.domain.track import Track
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Radio

MOST = 100
"""Tracks shown at once; the next ones come when these are decided."""


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided for one track: fields whose edits stay, fields taken from the file, the cover (None: not asked)."""

    track_id: int
    mine: tuple[Field, ...]
    theirs: tuple[Field, ...]
    cover_mine: bool | None


class Conflicts(Dialog):
    """The dialog. Nothing is chosen at first, and what is not chosen stays open.

    Signals:
        decided(list[Decision]): The person pressed the button.
    """

    decided = Signal(object)

    def __init__(self, tracks: Sequence[Track], theme: Theme, parent: QWidget) -> None:
        words = tr("You edited these here, and another program changed them in the file. Choose which one stays.")
        super().__init__(tr("Changed twice"), words, theme, parent, width=760)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.choices: dict[tuple[int, Field | None], tuple[Radio, Radio]] = {}
        self.tracks = list(tracks[:MOST])
        for track in self.tracks:
            self.body.addWidget(self._card(track))
        self.add_button(tr("All from the files"), "quiet", left=True).clicked.connect(partial(self._all, 1))
        self.add_button(tr("All mine"), "quiet", left=True).clicked.connect(partial(self._all, 0))
        self.add_button(tr("Later"), "quiet").clicked.connect(self.reject)
        self.do = self.add_button(tr("Decide"), "primary")
        self.do.clicked.connect(self._do)
        self._show_count()

    def _card(self, track: Track) -> Card:
        card = Card(12, 6)
        card.column.addWidget(text(track.row.title, self.theme, "strong"))
        card.column.addWidget(text(track.row.path.name, self.theme, "small", "t3"))
        grid = QGridLayout()
        grid.setHorizontalSpacing(16)
        grid.setColumnStretch(1, 1)
        grid.setColumnStretch(2, 1)
        for column, head in enumerate((tr("Yours"), tr("In the file now")), start=1):
            grid.addWidget(text(head, self.theme, "label", "t3"), 0, column)
        rows: list[tuple[Field | None, str, str, str]] = [
            (
                field,
                tr(BY_FIELD[field].title),
                line_of(track.value(field)) or tr("empty"),
                line_of(track.fields.get(field, ())) or tr("empty"),
            )
            for field in Field
            if field in track.conflict
        ]
        if track.cover_conflict:
            rows.append(
                (
                    None,
                    tr("Front cover"),
                    tr("Your picture") if track.cover_edit else tr("none"),
                    tr("The file's picture"),
                )
            )
        for number, (field, name, mine, theirs) in enumerate(rows, start=1):
            grid.addWidget(text(name, self.theme, "small", "t2"), number, 0)
            group = QButtonGroup(self)
            pair = (
                Radio(mine, self.theme, f"{name}: {tr('Yours')}"),
                Radio(theirs, self.theme, f"{name}: {tr('In the file')}"),
            )
            for column, radio in enumerate(pair, start=1):
                radio.setToolTip(radio.text())
                radio.setMinimumWidth(40)
                group.addButton(radio)
                radio.toggled.connect(self._show_count)
                grid.addWidget(radio, number, column)
            self.choices[track.row.id, field] = pair
        card.column.addLayout(grid)
        return card

    def decisions(self) -> list[Decision]:
        """Return what is chosen so far."""
        found = []
        for track in self.tracks:
            mine: list[Field] = []
            theirs: list[Field] = []
            cover: bool | None = None
            for (track_id, field), (ours, its) in self.choices.items():
                if track_id != track.row.id or not (ours.isChecked() or its.isChecked()):
                    continue
                if field is None:
                    cover = ours.isChecked()
                else:
                    (mine if ours.isChecked() else theirs).append(field)
            if mine or theirs or cover is not None:
                found.append(Decision(track.row.id, tuple(mine), tuple(theirs), cover))
        return found

    def _all(self, which: int) -> None:
        for pair in self.choices.values():
            pair[which].setChecked(True)

    def _show_count(self, *_on: object) -> None:
        chosen = sum(pair[0].isChecked() or pair[1].isChecked() for pair in self.choices.values())
        self.do.setEnabled(bool(chosen))
        self.do.setText(tr("Decide {n} of {m}").format(n=chosen, m=len(self.choices)))

    def _do(self) -> None:
        self.decided.emit(self.decisions())
        self.accept()

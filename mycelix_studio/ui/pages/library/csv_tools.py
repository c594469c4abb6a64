"""Bringing in metadata from a table: what each column is, which rows find their track, what would change."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QGridLayout, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.domain.metadata_csv import Key, Table, Target, guess, match
from mycelix_studio.services.jobs import Work
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.pages.library.preview import Kit, Maker, Plan, Preview
from mycelix_studio.ui.widgets.inputs import Choice, Tick
from mycelix_studio.ui.widgets.scroll import Scroller

_TARGETS: dict[str, Target] = {each.value: each for each in (*Field, *Key)}
KEYS = {Key.FILE: "File name", Key.PATH: "Path of the file"}


class CsvImport(Preview):
    """The column mapper."""

    def __init__(self, kit: Kit, table: Table, name: str) -> None:
        words = tr("Say what each column is. A row finds its track by path, file name, ISRC, or title and artist.")
        super().__init__(tr("Import “{name}”").format(name=name), words, kit)
        self.read = table
        self.choices: list[Choice] = []
        inner = QWidget()
        inner.setProperty("ground", "none")
        grid = QGridLayout(inner)
        grid.setContentsMargins(0, 0, 12, 0)
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        offered: list[tuple[object, str]] = [("", tr("Leave alone"))]
        offered += [(key, tr(title)) for key, title in KEYS.items()]
        offered += [(field, tr(BY_FIELD[field].title)) for field in Field]
        for row, (head, target) in enumerate(zip(table.heads, guess(table.heads), strict=True)):
            sample = next((cells[row] for cells in table.rows if cells[row]), "")
            label = text(head or tr("(no heading)"), self.theme, "strong")
            example = text(_short(sample), self.theme, "small", "t3")
            choice = Choice(tr("What “{column}” is").format(column=head), self.theme, offered, small=True)
            choice.set_value(target if target is not None else "")
            choice.picked.connect(self.changed)
            label.setBuddy(choice)
            for column, widget in enumerate((label, example, choice)):
                grid.addWidget(widget, row, column)
            self.choices.append(choice)
        grid.setColumnStretch(1, 1)
        scroller = Scroller(inner)
        scroller.setFixedHeight(paint.scaled(min(len(table.heads), 5) * 32 + 4))
        self.form.addWidget(scroller)
        self.clears = Tick(tr("An empty cell empties the field"), self.theme)
        self.clears.toggled.connect(self.changed)
        self.form.addWidget(self.clears)
        self.work_out()

    def targets(self) -> list[Target | None]:
        """Return what each column is said to be; a target said twice counts once."""
        found: list[Target | None] = []
        for choice in self.choices:
            said = _TARGETS.get(str(choice.value()))
            target = said if said not in found else None
            choice.setProperty("wrong", said is not None and target is None)
            choice.style().unpolish(choice)
            choice.style().polish(choice)
            found.append(target)
        return found

    def maker(self) -> Maker:
        """Match all rows."""
        return partial(_matched, self.read, self.targets(), self, self.clears.isChecked())


def _matched(table: Table, targets: list[Target | None], dialog: CsvImport, clears: bool, work: Work) -> Plan:
    found = match(table, targets, dialog.tracks, empty_clears=clears)
    notes = [
        tr("{n} of {m} rows found their track.").format(n=shown.count(found.tracks), m=shown.count(len(table.rows)))
    ]
    if found.strangers:
        first = ", ".join(str(place) for place in found.strangers[:5])
        notes.append(
            tr("Not found, or found twice: rows {rows}.").format(rows=first + ("…" if len(found.strangers) > 5 else ""))
        )
    return Plan(found.changes, tuple(notes))


def _short(sample: str) -> str:
    return sample if len(sample) <= 44 else f"{sample[:43]}…"

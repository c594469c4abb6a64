"""A dialog of a tool that changes tags: a form above, below it what would change, line by line; nothing is kept before the button."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import Qt, QTimer, Signal, Slot
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.domain.tag_edits import Change
from mycelix_studio.domain.tag_edits import shown as line_of
from mycelix_studio.domain.track import Track
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.announce import announce
from mycelix_studio.ui.widgets.dialog import Dialog, room_for
from mycelix_studio.ui.widgets.sheet import Rows, Sheet, SheetView

MOST_LINES = 2_000
"""Lines shown; all of them are changed."""
SETTLE_MS = 200
WIDTH, HEIGHT = 820, 600


@dataclass(frozen=True, slots=True)
class Plan:
    """What a tool would do.

    Attributes:
        changes: Changes of tags.
        notes: What to know, such as names that do not fit.
        result: What the tool carries out instead of changes of tags, with :attr:`lines` to show.
        lines: Lines of the preview, when they are not the changes.
    """

    changes: tuple[Change, ...] = ()
    notes: tuple[str, ...] = ()
    result: object = None
    lines: tuple[tuple[str, ...], ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Kit:
    """What every tool works with."""

    tracks: Sequence[Track]
    bridge: Bridge
    theme: Theme
    parent: QWidget


Maker = Callable[[Work], Plan]


class Preview(Dialog):
    """Base of the tools. A subclass fills :attr:`form`, calls :meth:`begin` and says in :meth:`maker` what is to be worked out.

    Signals:
        wanted(Plan): The person pressed the button.
    """

    wanted = Signal(object)
    heads: Sequence[str] = ("Track", "Field", "Now", "Then")

    def __init__(self, title: str, words: str, kit: Kit) -> None:
        theme = kit.theme
        super().__init__(title, words, theme, kit.parent, width=WIDTH)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.tracks = list(kit.tracks)
        self.bridge = kit.bridge
        self.plan: Plan | None = None
        self._names: Mapping[int, str] = {track.row.id: track.row.title for track in self.tracks}
        self._number = 0
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self.work_out)
        self.form = QVBoxLayout()
        self.form.setSpacing(8)
        self.body.addLayout(self.form)
        self.body.addSpacing(4)
        head = QHBoxLayout()
        self.count = text("", theme, "small_strong")
        self.problem = text("", theme, "small", "t2", wrap=True)
        head.addWidget(self.count)
        head.addWidget(self.problem, 1)
        self.body.addLayout(head)
        self.sheet = Rows(Sheet([tr(head) for head in self.heads], [], [], frozenset(), wide=len(self.heads) - 1), self)
        self.table = SheetView(tr("What would change"), self.sheet)
        self.table.setMinimumHeight(paint.scaled(150))
        self.body.addWidget(self.table, 1)
        self.let_body_grow()
        self.add_button(tr("Cancel"), "quiet").clicked.connect(self.reject)
        self.do = self.add_button(self.do_words(0), "primary", enter=True)
        self.do.clicked.connect(self._do)
        self.do.setEnabled(False)

    def fit(self) -> None:
        """Take the size of the design, as far as the window has it."""
        room = room_for(self)
        self.resize(min(paint.scaled(self._width), room.width() - 24), min(paint.scaled(HEIGHT), room.height() - 24))

    def maker(self) -> Maker | None:
        """Return the work of the form as it is now, None while there is nothing to do. To be overridden."""
        raise NotImplementedError

    def do_words(self, count: int) -> str:
        """Return what the button says for so many tracks."""
        if not count:
            return tr("Change")
        return tr("Change 1 track") if count == 1 else tr("Change {n} tracks").format(n=shown.count(count))

    @Slot()
    def changed(self, *_what: object) -> None:
        """Work it out anew in a moment. For signals of the form."""
        self.do.setEnabled(False)
        self._settle.start()

    @Slot()
    def work_out(self) -> None:
        """Work it out anew, off the GUI thread."""
        self._settle.stop()
        self._number += 1
        try:
            make = self.maker()
        except Exception as error:  # noqa: BLE001 - what was typed may be wrong in many ways, all of them are shown
            self._show_problem(error)
            return
        if make is None:
            self._show((self._number, Plan()))
            return
        self.bridge.run(
            Lane.IO,
            partial(_numbered, self._number, make),
            name="preview",
            success=self._show,
            failure=self._show_problem,
        )

    @Slot(object)
    def _show(self, result: tuple[int, Plan]) -> None:
        number, plan = result
        if number != self._number:
            return
        self.plan = plan
        lines = plan.lines or self._lines(plan.changes)
        self.sheet.show(
            Sheet(self.sheet.sheet.heads, lines[:MOST_LINES], lines[:MOST_LINES], frozenset(), wide=len(self.heads) - 1)
        )
        count = plan.count or len({change.track_id for change in plan.changes})
        total = plan.count or len(plan.changes)
        said = tr("1 change") if total == 1 else tr("{n} changes").format(n=shown.count(total))
        if total > MOST_LINES:
            said += tr(", the first {n} are shown").format(n=shown.count(MOST_LINES))
        self.count.setText(said if total else tr("Nothing would change"))
        self.count.show()
        self.problem.set_color(self.theme, "t2")
        self.problem.setText(" ".join(plan.notes))
        self.do.setEnabled(bool(total))
        self.do.setText(self.do_words(count))
        announce(self, self.count.text())

    @Slot(object)
    def _show_problem(self, error: Exception) -> None:
        known = as_known(error)
        self.plan = None
        self.count.hide()
        self.problem.set_color(self.theme, "bad")
        self.problem.setText(" ".join(part for part in (f"{known.title}.", known.message, known.hint) if part))
        self.sheet.show(Sheet(self.sheet.sheet.heads, [], [], frozenset(), wide=len(self.heads) - 1))
        self.do.setEnabled(False)

    def _lines(self, changes: Sequence[Change]) -> list[tuple[str, ...]]:
        return [
            (
                self._names.get(change.track_id, ""),
                tr(BY_FIELD[change.field].title),
                line_of(change.before) or shown.NONE,
                line_of(change.after) or tr("empty"),
            )
            for change in changes[:MOST_LINES]
        ]

    def _do(self) -> None:
        if self.plan is not None:
            self.wanted.emit(self.plan)
            self.accept()


def _numbered(number: int, make: Maker, work: Work) -> tuple[int, Plan]:
    return number, make(work)


def field_choices(*first: tuple[object, str]) -> list[tuple[object, str]]:
    """Return the fields for a choice, other choices before them."""
    return [*first, *((field, tr(BY_FIELD[field].title)) for field in Field)]

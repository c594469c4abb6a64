"""The History tab: what Studio wrote into the selected track's file and how it was renamed, and the way back to any of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.fields import BY_FIELD, Field
from mycelix_studio.domain.track import Values
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.library_history import ChangeRow
from mycelix_studio.ui.charts.words import moment_text
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.library.page import LibraryPage

MOST = 50
"""Changes listed, newest first."""
LINES = 4
"""Fields said of each; the others are counted."""
WORDS = {
    "write": ("ph.floppy-disk", "Tags written"),
    "restore": ("ph.clock-counter-clockwise", "An earlier state brought back"),
    "rename": ("ph.pencil-line", "File renamed"),
    "undo": ("ph.arrow-counter-clockwise", "Taken back"),
    "redo": ("ph.arrow-clockwise", "Made again"),
}


class ChangeItem(QFrame):
    """One change: what, when, which fields, and a button that goes back to before it."""

    def __init__(self, change: ChangeRow, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        icon, words = WORDS[change.kind]
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 9, 0, 9)
        row.setSpacing(8)
        row.addWidget(Icon(icon, theme, "t3" if change.undone else "t2"), 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        title = tr("{what}, taken back since").format(what=tr(words)) if change.undone else tr(words)
        column.addWidget(text(title, theme, "strong", "t3" if change.undone else "t1", wrap=True))
        column.addWidget(text(moment_text(change.at), theme, "small", "t3"))
        for line in lines_of(change):
            column.addWidget(text(line, theme, "small", "t2", wrap=True))
        row.addLayout(column, 1)
        self.back: Button | None = None
        if change.kind != "rename":
            self.back = Button(tr("Go back"), theme, small=True)
            self.back.setToolTip(tr("Bring the file back to what it held before this."))
            self.back.setAccessibleDescription(f"{tr(words)}, {moment_text(change.at)}")
            row.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        self.setAccessibleName(f"{title}, {moment_text(change.at)}. {'. '.join(lines_of(change))}")


def lines_of(change: ChangeRow) -> list[str]:
    """Return what changed, a line each field."""
    if change.kind == "rename" or change.old_path != change.path:
        return [f"{change.old_path.name} → {change.path.name}"]
    found = [_line(name, *values) for name, values in change.details.items()]
    more = len(found) - LINES
    return found if more <= 0 else [*found[:LINES], tr("and {n} more fields").format(n=more)]


def _line(name: str, before: Values, after: Values) -> str:
    if name == "cover":
        return tr("Front cover: {what}").format(
            what=tr("added") if not before else tr("taken off") if not after else tr("another one")
        )
    title = tr(BY_FIELD[Field(name)].title) if name in {field.value for field in Field} else name
    return f"{title}: {_short(before)} → {_short(after)}"


def _short(values: Values) -> str:
    words = "; ".join(values) or tr("empty")
    return words if len(words) <= 60 else f"{words[:59]}…"


class HistoryPanel(QObject):
    """Behaviour of the tab. It reads when it is shown, and again when its track changes."""

    def __init__(self, page: LibraryPage) -> None:
        super().__init__(page)
        self.page = page
        self.track_id: int | None = None
        self.items: list[ChangeItem] = []

    def show(self, track_id: int | None) -> None:
        """Show the history of a track; None for several tracks."""
        self.track_id = track_id
        if not self.page.view.inspector.history.isVisible():
            return
        if track_id is None:
            self._list((None, []))
            return
        history = self.page.studio.library_history
        self.page.bridge.run(
            Lane.IO,
            lambda _work: (track_id, history.changes(track_id)),
            name="history",
            success=self._list,
            failure=self.page.failed,
        )

    @Slot(object)
    def _list(self, result: tuple[int | None, list[ChangeRow]]) -> None:
        track_id, changes = result
        if track_id != self.track_id:
            return
        rows = self.page.view.inspector.history_rows
        while (item := rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.items = []
        theme = self.page.theme
        if track_id is None:
            rows.addWidget(text(tr("Select one track to see its history."), theme, "small", "t2", wrap=True))
            return
        if not changes:
            nothing = tr(
                "Studio has not written into this file yet. What it writes can be taken back here, at any time."
            )
            rows.addWidget(text(nothing, theme, "small", "t2", wrap=True))
            return
        if any(each.kind in ("write", "restore", "rename") and not each.undone for each in changes):
            rows.addWidget(self._undo_row(theme))
        for change in changes[:MOST]:
            made = ChangeItem(change, theme)
            if made.back is not None:
                made.back.clicked.connect(partial(self._restore, change.id))
            rows.addWidget(made)
            self.items.append(made)

    def _undo_row(self, theme: Theme) -> QWidget:
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 4)
        self.undo_button = Button(
            tr("Take the last one back"), theme, icon_name="ph.arrow-counter-clockwise", small=True
        )
        self.undo_button.clicked.connect(self.undo)
        row.addWidget(self.undo_button)
        row.addStretch(1)
        return box

    @Slot()
    def undo(self) -> None:
        """Take the newest write or rename of the file back."""
        track_id, history = self.track_id, self.page.studio.library_history
        if track_id is not None:
            self._run(lambda _work: history.undo(track_id))

    def _restore(self, change_id: int) -> None:
        track_id, history = self.track_id, self.page.studio.library_history
        if track_id is not None:
            self._run(lambda _work: history.restore(track_id, change_id))

    def _run(self, work: Callable[[Work], Changes]) -> None:
        self.page.sound.release()
        self.page.files.run_job(tr("Bringing the file back"), work, self._done)

    @Slot(object)
    def _done(self, _changes: object) -> None:
        self.page.files.end_work()
        words = tr("The sound is unchanged. Edits you have not saved are kept.")
        self.page.shell.toast(Message(tr("The file is as it was"), words))

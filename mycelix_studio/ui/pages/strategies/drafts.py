"""Drafts: terms to be signed later, on a day or whenever; the list of all of them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QDate, QObject, QTimer, Slot
from PySide6.QtWidgets import QDateEdit, QHBoxLayout, QMenu

from mycelix_studio.domain.clock import now
from mycelix_studio.services.jobs import Lane
from mycelix_studio.services.strategies import Draft
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.dialog import Dialog

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.terms import TermsTab


DRAFT_MS = 400
"""After the last key until the form is kept."""


class DraftActions(QObject):
    """What can be done with drafts on the Terms tab."""

    def __init__(self, tab: TermsTab) -> None:
        super().__init__(tab)
        self.tab = tab
        self._pause = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._pause.timeout.connect(self.keep_now)

    def show(self, drafts: tuple[Draft, ...], due: tuple[Draft, ...]) -> None:
        """Show how many drafts there are, and remind of those whose day has come."""
        button = self.tab.view.drafts
        button.setVisible(bool(drafts))
        button.setText(tr("1 draft") if len(drafts) == 1 else tr("{n} drafts").format(n=len(drafts)))
        button.setAccessibleName(button.text())
        for draft in due:
            title = tr("“{title}” was to be signed by now.").format(title=draft.title)
            note = Note(
                title,
                tr("Your edits are as you left them."),
                "info",
                self.tab.theme,
                [(tr("Show it"), partial(self.tab.choose, draft.key))],
                icon="ph.calendar-blank",
                beside=True,
            )
            self.tab.view.notes.addWidget(note)

    @Slot()
    def menu(self) -> None:
        """Offer every draft."""
        tab = self.tab
        menu = QMenu(tab)
        for draft in tab.studio.strategies.drafts():
            when = (
                tr("sign on {day}").format(day=words.day_text(draft.due_at.date(), year=True))
                if draft.due_at is not None
                else tr("changed {day}").format(day=words.day_text(draft.changed_at.date()))
            )
            menu.addAction(f"{draft.title} · {when}", partial(tab.choose, draft.key))
        menu.exec(tab.view.drafts.mapToGlobal(tab.view.drafts.rect().bottomLeft()))
        menu.deleteLater()

    @Slot()
    def ask_date(self) -> None:
        """Ask for the day on which to be reminded."""
        tab = self.tab
        if tab.state is None:
            return
        dialog = Dialog(
            tr("Sign later"),
            tr("Your edits are kept as a draft. Studio reminds you on that day; nothing is signed by itself."),
            tab.theme,
            tab,
            width=420,
        )
        today = now().date()
        first = tab.state.due_at.date() if tab.state.due_at is not None else today
        field = QDateEdit(QDate(first.year, first.month, first.day).addDays(0 if tab.state.due_at else 7))
        field.setMinimumDate(QDate(today.year, today.month, today.day))
        field.setCalendarPopup(True)
        field.setDisplayFormat("d MMM yyyy")
        field.setAccessibleName(tr("Day"))
        row = QHBoxLayout()
        row.addWidget(text(tr("Remind me on"), tab.theme, "body", "t2"))
        row.addWidget(field, 1)
        dialog.body.addLayout(row)
        whenever = dialog.add_button(tr("Without a day"), left=True)
        dialog.add_button(tr("Cancel")).clicked.connect(dialog.reject)
        dialog.add_button(tr("Keep as draft"), "primary", enter=True).clicked.connect(dialog.accept)
        whenever.clicked.connect(partial(dialog.done, 2))
        answer = dialog.exec()
        day = field.date()
        dialog.deleteLater()
        if answer:
            due = datetime(day.year(), day.month(), day.day(), tzinfo=UTC) if answer == 1 else None
            self.keep(due)

    @property
    def waits(self) -> bool:
        """True while something was typed that is not kept yet."""
        return self._pause.isActive()

    def keep_soon(self) -> None:
        """Keep the form once typing has paused."""
        self._pause.start()

    @Slot()
    def keep_now(self) -> None:
        """Keep the form if it differs from what is kept."""
        self._pause.stop()
        state = self.tab.state
        if state is not None and self.tab.form != state.form:
            self.keep(state.due_at, self._kept)

    def keep(self, due: datetime | None, kept: Callable[[object], None] | None = None) -> None:
        """Keep the form as a draft for a day; ``kept`` is called in place of reading everything again."""
        tab = self.tab
        assert tab.state is not None
        choice, form = tab.state.choice, tab.form
        tab.bridge.run(
            Lane.DB,
            lambda _work: tab.studio.strategies.keep_draft(choice, form, due),
            name="draft",
            success=kept,
            failure=tab.failed,
            initiator=tab if kept is not None else None,
        )

    @Slot(object)
    def _kept(self, _changes: object) -> None:
        self.tab.draft_kept()

    @Slot()
    def discard(self) -> None:
        """Forget the draft of what is shown; the form says again what the chain says."""
        tab = self.tab
        if tab.state is None:
            return
        self._pause.stop()
        choice = tab.state.choice
        tab.view.lock.setChecked(False)
        tab.bridge.run(
            Lane.DB,
            lambda _work: tab.studio.strategies.discard_draft(choice),
            name="draft",
            success=self._discarded,
            failure=tab.failed,
        )

    @Slot(object)
    def _discarded(self, _changes: object) -> None:
        self.tab.refresh()

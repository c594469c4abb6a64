"""The card "Changes to sign": what is on chain against what is edited, how many signatures it takes, what they cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot

from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Lane
from mycelix_studio.services.strategies_plan import Plan
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.dialogs.sign.parts import fee_text
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.pages.strategies.parts import ChangeLine, clear
from mycelix_studio.ui.widgets.cards import Note

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.terms import TermsTab


class ChangesCard(QObject):
    """Shows the plan that leads from the chain to the form.

    Attributes:
        plan: It; None while something is wrong with the form.
    """

    def __init__(self, tab: TermsTab) -> None:
        super().__init__(tab)
        self.tab = tab
        self.plan: Plan | None = None
        self._fee_of: Plan | None = None

    def show(self) -> None:
        """Make the plan anew and show it."""
        tab, view, state = self.tab, self.tab.view, self.tab.state
        assert state is not None
        clear(view.change_place)
        clear(view.change_notes)
        self.plan = None
        problem = tab.address_problem()
        try:
            self.plan = tab.studio.strategies.plan(state, tab.form, lock=view.lock.isChecked())
        except Known as error:
            problem = error.message
        changes = self.plan.changes if self.plan is not None else ()
        signatures = self.plan.signatures if self.plan is not None else 0
        for change in changes:
            view.change_place.addWidget(ChangeLine(change, tab.theme))
        view.change_count.set_state(str(len(changes)) if changes else "", "acc")
        view.change_words.setText(
            problem or (tr("On chain now → after you sign") if changes else tr("The chain says what the form says."))
        )
        view.sign.setEnabled(bool(signatures) and not problem and not tab.busy)
        view.discard.setVisible(state.is_draft or bool(changes))
        view.plan_date.setVisible(state.is_draft or bool(changes))
        self._show_notes(signatures)
        self._show_fee_of(signatures)

    def _show_notes(self, signatures: int) -> None:
        tab, state = self.tab, self.tab.state
        assert state is not None
        notes: list[tuple[str, str, str]] = []
        if state.due_at is not None:
            when = words.day_text(state.due_at.date(), year=True)
            notes.append((tr("To be signed on {day}.").format(day=when), tr("Studio reminds you here."), "info"))
        if signatures and tab.view.lock.isChecked():
            notes.append((tr("Locked for good."), tr("Who gets paid can never change again, by nobody."), "warn"))
        for panel in tab.view.panels:
            said = panel.note(tab.form, state)
            if said and signatures:
                notes.append(("", said, "info"))
        if signatures and state.registered:
            kept = tr("Money already earned and access already bought stay as they are.")
            notes.append((kept, "", "ok"))
        if state.pending:
            waiting = tr("{n} songs are being confirmed.").format(n=len(state.pending))
            notes.append((waiting, tr("They earn by the old terms until then."), "info"))
        for title, said, tone in notes:
            tab.view.change_notes.addWidget(Note(title, said, tone, tab.theme))

    def _show_fee_of(self, signatures: int) -> None:
        view = self.tab.view
        count = (
            tr("1 signature, fee about") if signatures == 1 else tr("{n} signatures, fee about").format(n=signatures)
        )
        view.fee_words.setText(count if signatures else "")
        if not signatures:
            view.fee.setText("")
            self._fee_of = None
        elif self._fee_of != self.plan:
            self._fee_of = self.plan
            view.fee.setText("…")
            plan = self.plan
            assert plan is not None
            self.tab.bridge.run(
                Lane.CHAIN,
                lambda _work: self.tab.studio.strategies.fee_about(plan),
                name="fee",
                success=self._show_fee,
                failure=self._no_fee,
            )

    @Slot(object)
    def _show_fee(self, fee: int | None) -> None:
        symbol = self.tab.studio.wallet.context.network.native_symbol
        self.tab.view.fee.setText(tr("not known") if fee is None else f"{fee_text(fee)} {symbol}")

    @Slot(object)
    def _no_fee(self, _error: Exception) -> None:
        self.tab.view.fee.setText(tr("not known"))

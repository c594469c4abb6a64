"""The page's behaviour: what is on chain, what is edited, what has to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QTimer, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QLayout

from mycelix_studio.domain.money import WEI_PER_TOKEN, parse_token
from mycelix_studio.domain.strategy.previews import payment_preview
from mycelix_studio.domain.strategy.shares import SplitForm, format_percent
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.domain.transaction import Prepared, Signed
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.strategies import Choice, NoSigner, TermsState
from mycelix_studio.services.strategies_plan import Plan
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.dialogs.sign.dialog import SignDialog
from mycelix_studio.ui.dialogs.sign.parts import fee_text
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.pages.strategies.model import Loaded, figures, tr
from mycelix_studio.ui.pages.strategies.parts import ChangeLine, payment_rows
from mycelix_studio.ui.pages.strategies.shares import ShareActions
from mycelix_studio.ui.pages.strategies.view import NARROW_BELOW, StrategiesView
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.dialog import ask
from mycelix_studio.ui.widgets.states import States
from mycelix_studio.ui.widgets.toasts import Message

DRAFT_MS = 400


class StrategiesPage(Page):
    """Terms of one song, an album or a selection."""

    concerns = frozenset(
        {Kind.SONGS, Kind.EARNINGS, Kind.ACCOUNTS, Kind.ADDRESS_BOOK, Kind.TRANSACTIONS, Kind.UPLOADS, Kind.DRAFTS}
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Strategies"))
        self.header.context.setText(tr("How your songs earn"))
        self.view = StrategiesView(self.theme)
        self.states = States(self.view, self.theme, skeleton="cards")
        self.column.addWidget(self.states, 1)
        self.state: TermsState | None = None
        self.form = TermsForm()
        self.plan: Plan | None = None
        self._wanted: str | list[int] = ""
        self._choices: Sequence[Choice] = ()
        self._asked_chain = ""
        self._fee_of: Plan | None = None
        self._busy = False
        self._draft = QTimer(self, singleShot=True, interval=DRAFT_MS)
        self._draft.timeout.connect(self._keep_draft)
        self.shares = ShareActions(self)
        self._connect()

    def _connect(self) -> None:
        view = self.view
        view.choice.picked.connect(self._choose)
        for card in view.cards:
            card.chosen.connect(self._choose_way)
        view.price.textEdited.connect(self._edit_price)
        view.rows.edited.connect(self._edit_shares)
        view.add_person.clicked.connect(self.shares.add_person)
        view.even.clicked.connect(self.shares.share_evenly)
        view.preset.picked.connect(self.shares.start_from)
        view.templates.picked.connect(self.shares.take_template)
        view.save_template.clicked.connect(self.shares.save_template)
        view.lock.toggled.connect(self._toggle_lock)
        view.sign.clicked.connect(self._sign)
        view.discard.clicked.connect(self._discard)
        view.preset.set_choices(
            [("", tr("As it is")), ("alone", tr("Everything to me")), ("together", tr("Two artists, producer"))]
        )

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read choices, terms and figures from this computer; the chain is asked once for each choice."""
        if self.state is None:
            self.states.show_loading()
        self.bridge.run(
            Lane.IO, partial(self._read, self._wanted), name="strategies", success=self._show, failure=self._cannot_read
        )

    def refresh_for(self, changes: Changes, initiator: object) -> None:
        """Read again, but not because of one's own draft."""
        if initiator is not self:
            self.refresh()

    def _read(self, wanted: str | list[int], work: Work) -> Loaded:
        strategies = self.studio.strategies
        choices = list(strategies.choices())
        if isinstance(wanted, list):
            chosen = strategies.choose_tracks(wanted)
            if chosen is not None and chosen.key not in [choice.key for choice in choices]:
                choices.insert(0, chosen)
        else:
            chosen = next((choice for choice in choices if choice.key == wanted), choices[0] if choices else None)
        try:
            state = strategies.state(chosen) if chosen is not None else None
        except NoSigner:
            return Loaded(choices, None, figures(self.studio), has_account=False)
        return Loaded(choices, state, figures(self.studio))

    @Slot(object)
    def _show(self, loaded: Loaded) -> None:
        self._choices = loaded.choices
        for card in self.view.cards:
            card.show_figures(loaded.figures[card.way.name])
        if not loaded.has_account:
            self.states.show_empty(
                "ph.wallet",
                tr("A wallet comes first"),
                tr(
                    "Terms are signed with your own key, so that nobody else can change them. Make a wallet or bring one back."
                ),
                [(tr("Go to Wallet"), partial(self.shell.go, "wallet"))],
            )
            return
        if loaded.state is None:
            self.states.show_empty(
                "ph.sliders-horizontal",
                tr("No songs to set terms for yet"),
                tr("Upload a track first. Then decide here how it earns and who gets paid."),
                [(tr("Choose tracks in Library"), partial(self.shell.go, "library"))],
            )
            return
        self.states.show_content()
        self._show_state(self._named(loaded.state))

    def _named(self, state: TermsState) -> TermsState:
        """Call the artist by the artist's name, not by the name of an account."""
        account, artist = self.studio.wallet.current(), self.studio.settings.get(ARTIST_NAME)
        if account is None or not artist:
            return state
        mine = account.address.lower()
        entries = tuple(replace(e, name=artist) if e.address.lower() == mine else e for e in state.form.split.entries)
        form = replace(state.form, split=replace(state.form.split, entries=entries))
        return replace(state, form=form, names={**state.names, account.address: artist})

    def _show_state(self, state: TermsState) -> None:
        same = self.state is not None and self.state.choice.key == state.choice.key
        typing = same and self._draft.isActive()
        self.state = state
        self._wanted = state.choice.key if not state.choice.key.startswith("songs:") else self._wanted
        self.view.choice.set_choices([(choice.key, choice.title) for choice in self._choices])
        self.view.choice.set_value(state.choice.key)
        if not typing:
            self.form = state.form
        self._show_chip(state)
        self.view.lock.setVisible(not any(target.terms is not None and target.terms.locked for target in state.targets))
        templates = self.studio.strategies.templates()
        self.view.templates.set_choices([("", tr("Saved shares")), *((name, name) for name in templates)])
        self.view.templates.setVisible(bool(templates))
        self._show_form()
        if self._asked_chain != state.choice.key:
            self._ask_chain(state.choice)

    def _show_chip(self, state: TermsState) -> None:
        chip = self.view.state
        if state.pending:
            chip.set_state(tr("Being confirmed"), "info", "ph.hourglass")
        elif state.is_draft:
            chip.set_state(tr("Draft"), "plain", "ph.pencil-simple")
        elif state.registered:
            chip.set_state(tr("On chain"), "ok", "ph.check")
        else:
            chip.set_state(tr("Not on chain yet"), "warn", "ph.warning")
        as_of = tr("Read from the chain at {time}").format(time=words.moment_text(state.as_of)) if state.as_of else ""
        chip.setToolTip(as_of)

    def _ask_chain(self, choice: Choice) -> None:
        self._asked_chain = choice.key
        self.bridge.run(
            Lane.CHAIN, lambda _work: self.studio.strategies.refresh(choice), name="terms", failure=self._chain_silent
        )

    @Slot(object)
    def _chain_silent(self, error: Exception) -> None:
        known = as_known(error)
        self._show_note(
            Note(
                known.title,
                tr("What was read before is shown. You can edit; signing waits."),
                "warn",
                self.theme,
                icon="ph.wifi-slash",
            )
        )

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    # the form -----------------------------------------------------------------------------------------------------------

    def _show_form(self) -> None:
        view, form = self.view, self.form
        assert self.state is not None
        for card in view.cards:
            card.set_chosen(card.way.name in form.ways)
        priced = "pay-per-stream" in form.ways
        view.form_title.setText(tr("Pay per stream terms") if priced else tr("Free to hear, with tips"))
        view.price.setEnabled(priced)
        if view.price.text() != form.price and not view.price.hasFocus():
            view.price.setText(form.price)
        account = self.studio.wallet.current()
        view.rows.show_form(form.split, account.address if account is not None else "")
        problems = form.problems()
        view.price_help.set_wrong(next((problem.message for problem in problems if problem.field == "price"), ""))
        view.rows.show_problems(problems)
        whole = form.split.missing_bps == 0 and bool(form.split.entries)
        total = format_percent(form.split.total_bps)
        view.sum.set_state(total, "ok" if whole else "bad", "ph.check" if whole else "ph.warning")
        self._show_preview()
        self._show_changes()

    def _show_preview(self) -> None:
        view = self.view
        assert self.state is not None
        try:
            gross = int(parse_token(self.form.price)) if "pay-per-stream" in self.form.ways else WEI_PER_TOKEN
        except Known:
            gross = 0
        fee = self.state.fee_bps
        preview = payment_preview(gross, fee or 0, self.form.split) if gross else None
        what = (
            tr("One payment of {amount} FLOW") if "pay-per-stream" in self.form.ways else tr("One tip of {amount} FLOW")
        )
        shown = words.number(gross, 18, 18).rstrip("0").rstrip(".")
        view.preview_title.setText(what.format(amount=shown if gross else words.NONE))
        view.payment.preview = preview
        view.payment.update()
        _clear(view.payment_place)
        if preview is not None:
            view.payment_place.addLayout(payment_rows(preview, self.theme))
            view.payment_words.setText(
                tr("Divided by the contract at the moment of payment, to the last digit.")
                if fee is not None
                else tr("The platform fee is not known until a server answers; it is left out here.")
            )
        else:
            view.payment_words.setText(tr("Complete price and shares to see how a payment is divided."))

    def _show_changes(self) -> None:
        view, state = self.view, self.state
        assert state is not None
        _clear(view.change_place)
        _clear(view.change_notes)
        self.plan = None
        problem = ""
        try:
            self.plan = self.studio.strategies.plan(state, self.form, lock=view.lock.isChecked())
        except Known as error:
            problem = error.message
        changes = self.plan.changes if self.plan is not None else ()
        signatures = self.plan.signatures if self.plan is not None else 0
        for change in changes:
            view.change_place.addWidget(ChangeLine(change, self.theme))
        if view.lock.isChecked() and signatures:
            view.change_notes.addWidget(
                Note(tr("Locked for good."), tr("Who gets paid can never change again, by nobody."), "warn", self.theme)
            )
        view.change_count.set_state(str(len(changes)) if changes else "", "acc")
        view.change_words.setText(
            problem or (tr("On chain now → after you sign") if changes else tr("The chain says what the form says."))
        )
        view.sign.setEnabled(bool(signatures) and not self._busy)
        view.discard.setVisible(state.is_draft or bool(changes))
        if signatures and state.registered:
            kept = tr("Money already earned stays as it is.")
            view.change_notes.addWidget(Note(kept, "", "ok", self.theme))
        if state.pending:
            waiting = tr("{n} songs are being confirmed.").format(n=len(state.pending))
            view.change_notes.addWidget(Note(waiting, tr("They earn by the old terms until then."), "info", self.theme))
        count = (
            tr("1 signature, fee about") if signatures == 1 else tr("{n} signatures, fee about").format(n=signatures)
        )
        view.fee_words.setText(count if signatures else "")
        if not signatures:
            view.fee.setText("")
        elif self._fee_of != self.plan:
            self._fee_of = self.plan
            view.fee.setText("…")
            plan = self.plan
            assert plan is not None
            self.bridge.run(
                Lane.CHAIN,
                lambda _work: self.studio.strategies.fee_about(plan),
                name="fee",
                success=self._show_fee,
                failure=self._no_fee,
            )

    @Slot(object)
    def _show_fee(self, fee: int | None) -> None:
        symbol = self.studio.wallet.context.network.native_symbol
        self.view.fee.setText(tr("not known") if fee is None else f"{fee_text(fee)} {symbol}")

    @Slot(object)
    def _no_fee(self, _error: Exception) -> None:
        self.view.fee.setText(tr("not known"))

    def _show_note(self, note: Note) -> None:
        _clear(self.view.notes)
        self.view.notes.addWidget(note)

    # editing ------------------------------------------------------------------------------------------------------------

    def edit(self, form: TermsForm) -> None:
        """Take another form: show it, keep it as a draft a moment later."""
        self.form = form
        self._show_form()
        self._draft.start()

    @Slot(object)
    def _choose(self, key: object) -> None:
        self._keep_draft()
        self._wanted = str(key)
        self.state = None
        _clear(self.view.notes)
        self.refresh()

    @Slot(str)
    def _choose_way(self, name: str) -> None:
        self.edit(self.form.with_way("pay-per-stream", name == "pay-per-stream" and name not in self.form.ways))

    @Slot(str)
    def _edit_price(self, typed: str) -> None:
        self.edit(replace(self.form, price=typed))

    @Slot(object)
    def _edit_shares(self, split: SplitForm) -> None:
        self.edit(replace(self.form, split=split))

    @Slot(bool)
    def _toggle_lock(self, on: bool) -> None:
        if on and not ask(
            self,
            tr("Lock who gets paid for good?"),
            tr("After this signature nobody can change the shares again, not you and not the platform."),
            tr("Lock for good"),
            self.theme,
            danger=True,
        ):
            self.view.lock.setChecked(False)
            return
        if self.state is not None:
            self._show_changes()

    @Slot()
    def _keep_draft(self) -> None:
        self._draft.stop()
        if self.state is None or self.form == self.state.form:
            return
        choice, form = self.state.choice, self.form
        self.bridge.run(
            Lane.DB,
            lambda _work: self.studio.strategies.keep_draft(choice, form),
            name="draft",
            success=self._draft_kept,
            failure=self.failed,
            initiator=self,
        )

    @Slot(object)
    def _draft_kept(self, _changes: object) -> None:
        if self.state is not None:
            self.state = replace(self.state, form=self.form, is_draft=True)
            self._show_chip(self.state)
            self.view.discard.setVisible(True)

    @Slot()
    def _discard(self) -> None:
        if self.state is not None:
            self._draft.stop()
            choice = self.state.choice
            self.view.lock.setChecked(False)
            self.bridge.run(
                Lane.DB,
                lambda _work: self.studio.strategies.discard_draft(choice),
                name="draft",
                success=self._discarded,
                failure=self.failed,
            )

    @Slot(object)
    def _discarded(self, _changes: object) -> None:
        self.refresh()

    # signing ------------------------------------------------------------------------------------------------------------

    @Slot()
    def _sign(self) -> None:
        if self.state is None or self._busy:
            return
        self._busy = True
        self.view.sign.setEnabled(False)
        self.view.sign.setText(tr("Checking…"))
        state, form, lock = self.state, self.form, self.view.lock.isChecked()
        self.bridge.run(
            Lane.CHAIN,
            lambda _work: self.studio.strategies.prepare(state, form, lock=lock),
            name="prepare",
            success=self._review,
            failure=self._not_prepared,
            cancelled=self._done,
        )

    @Slot(object)
    def _review(self, prepared: tuple[Plan, tuple[Prepared, ...]]) -> None:
        self._done()
        plan, requests = prepared
        strategies = self.studio.strategies
        dialog = SignDialog(
            requests,
            self.studio.wallet,
            self.bridge,
            self.theme,
            self,
            following=strategies.following(plan),
            expected=plan.signatures,
        )
        self.dialog = dialog
        dialog.finished.connect(partial(self._signed, plan, dialog))
        dialog.open()

    def _signed(self, plan: Plan, dialog: SignDialog, _code: int) -> None:
        signed: list[Signed] = dialog.signed
        dialog.deleteLater()
        if not signed or self.state is None:
            return
        choice, whole = self.state.choice, len(signed) >= plan.signatures
        strategies = self.studio.strategies

        def remember(_work: Work) -> Changes:
            changes = strategies.signed(plan, signed)
            return changes | strategies.discard_draft(choice) if whole else changes

        self._asked_chain = ""
        self.view.lock.setChecked(False)
        self.bridge.run(Lane.DB, remember, name="signed", failure=self.failed)
        title = tr("1 signature sent") if len(signed) == 1 else tr("{n} signatures sent").format(n=len(signed))
        said = (
            tr("Wallet shows when they are final.") if whole else tr("The rest can be signed here whenever you like.")
        )
        self.shell.toast(Message(title, said, "info"))

    @Slot(object)
    def _not_prepared(self, error: Exception) -> None:
        self._done()
        known = as_known(error)
        said = " ".join(part for part in (known.message, known.hint) if part)
        self._show_note(Note(known.title, said, "bad", self.theme))

    @Slot()
    def _done(self) -> None:
        self._busy = False
        self.view.sign.setText(tr("Review and sign"))
        if self.state is not None:
            self._show_changes()

    # the frame ----------------------------------------------------------------------------------------------------------

    def open(self, target: object) -> None:
        """Show the terms of tracks by their ids, as Library asked."""
        if isinstance(target, list):
            self._wanted = [track for track in target if isinstance(track, int)]
            self.state = None
            self.refresh()

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        where = tr("Strategies")
        return (
            Command(tr("Review and sign terms"), self._sign, "", where, "ph.pencil-simple", self.view.sign.isEnabled),
            Command(
                tr("Read terms from the chain again"),
                self._read_again,
                "",
                where,
                "ph.arrows-clockwise",
                self._has_state,
            ),
            Command(tr("Add person who gets paid"), self.shares.add_person, "", where, "ph.plus", self._has_state),
        )

    def _has_state(self) -> bool:
        return self.state is not None

    def _read_again(self) -> None:
        if self.state is not None:
            self._ask_chain(self.state.choice)

    def leave(self) -> bool:
        """Keep what was typed; nothing has to be asked."""
        self._keep_draft()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two by two in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < NARROW_BELOW
        if narrow != self.view.narrow:
            self.view.lay_out(narrow=narrow)


def _clear(layout: QLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        widget, inner = item.widget(), item.layout()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
        if inner is not None:
            _clear(inner)

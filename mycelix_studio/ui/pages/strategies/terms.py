"""The Terms tab: what is on chain, what is edited, what has to be signed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from mycelix_studio.domain.address import ADDRESS
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.previews import payment_preview
from mycelix_studio.domain.strategy.shares import Problem, SplitForm, format_percent
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.domain.transaction import Prepared, Signed
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.strategies import Choice, NoSigner, TermsState
from mycelix_studio.services.strategies_plan import Plan
from mycelix_studio.settings import ARTIST_NAME
from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.pages.base import Command, as_known
from mycelix_studio.ui.pages.strategies.changes import ChangesCard
from mycelix_studio.ui.pages.strategies.drafts import DraftActions
from mycelix_studio.ui.pages.strategies.forms.base import WayPanel
from mycelix_studio.ui.pages.strategies.model import Loaded, figures, tr
from mycelix_studio.ui.pages.strategies.parts import clear, payment_rows
from mycelix_studio.ui.pages.strategies.selection import choose_songs
from mycelix_studio.ui.pages.strategies.shares import ShareActions
from mycelix_studio.ui.pages.strategies.tab import Tab
from mycelix_studio.ui.pages.strategies.terms_view import NARROW_BELOW, TermsView
from mycelix_studio.ui.theme import Strategy
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.dialog import ask
from mycelix_studio.ui.widgets.states import States

SELECT = "select"
"""Key of the chooser's last entry: several songs."""


class TermsTab(Tab):
    """Terms of one song, an album or a selection."""

    key = "terms"
    title = "Terms"
    words = "How your songs earn"
    concerns = frozenset(
        {Kind.SONGS, Kind.EARNINGS, Kind.ACCOUNTS, Kind.ADDRESS_BOOK, Kind.TRANSACTIONS, Kind.UPLOADS, Kind.DRAFTS}
    )

    def __init__(self, page: object) -> None:
        super().__init__(page)  # type: ignore[arg-type]
        self.view = TermsView(self.theme)
        self.states = States(self.view, self.theme, skeleton="cards")
        self.column.addWidget(self.states, 1)
        self.state: TermsState | None = None
        self.form = TermsForm()
        self.busy = False
        self.way: StrategyName = "pay-per-stream"
        self._wanted: str | list[int] = ""
        self._choices: Sequence[Choice] = ()
        self._asked_chain = ""
        self._signing: Plan | None = None
        self.shares = ShareActions(self)
        self.changes = ChangesCard(self)
        self.drafts = DraftActions(self)
        self.simulate = Button(tr("Compare in simulator"), self.theme, "default", "ph.flask")
        self._connect()

    def _connect(self) -> None:
        view = self.view
        view.choice.picked.connect(self._choose)
        for card in view.cards:
            card.chosen.connect(self.show_way)
        for panel in view.panels:
            panel.edited.connect(self.edit)
        view.on.toggled.connect(self._switch)
        view.rows.edited.connect(self._edit_shares)
        view.add_person.clicked.connect(self.shares.add_person)
        view.even.clicked.connect(self.shares.share_evenly)
        view.unit.chosen.connect(self.shares.show_unit)
        view.templates.picked.connect(self.shares.take)
        view.save_template.clicked.connect(self.shares.save_template)
        view.preset.picked.connect(self._start_from)
        view.lock.toggled.connect(self._toggle_lock)
        view.sign.clicked.connect(self._sign)
        view.discard.clicked.connect(self.drafts.discard)
        view.plan_date.clicked.connect(self.drafts.ask_date)
        view.drafts.clicked.connect(self.drafts.menu)
        self.simulate.clicked.connect(partial(self.page.show_tab, "simulator"))

    @property
    def plan(self) -> Plan | None:
        """What has to be signed."""
        return self.changes.plan

    @property
    def panel(self) -> WayPanel:
        """The form that is shown."""
        return next(panel for panel in self.view.panels if panel.way == self.way)

    def buttons(self) -> Sequence[QWidget]:
        """Return the way to the simulator."""
        return (self.simulate,)

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read choices, terms and figures from this computer; the chain is asked once for each choice."""
        if self.state is None:
            self.states.show_loading()
        self.bridge.run(
            Lane.IO, partial(self._read, self._wanted), name="strategies", success=self._show, failure=self._cannot_read
        )

    def _read(self, wanted: str | list[int], work: Work) -> Loaded:
        strategies = self.studio.strategies
        choices = list(strategies.choices())
        chosen = strategies.choose_tracks(wanted) if isinstance(wanted, list) else strategies.choice(wanted)
        if chosen is None and choices:
            chosen = choices[0]
        if chosen is not None and chosen.key not in [choice.key for choice in choices]:
            choices.insert(0, chosen)
        read = figures(self.studio)
        try:
            state = strategies.state(chosen) if chosen is not None else None
        except NoSigner:
            return Loaded(wanted, choices, None, read, has_account=False)
        return Loaded(wanted, choices, state, read, drafts=strategies.drafts(), due=strategies.due())

    @Slot(object)
    def _show(self, loaded: Loaded) -> None:
        if loaded.state is not None and self._wanted not in (loaded.asked, loaded.state.choice.key):
            return  # something else was chosen meanwhile, and is being read
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
        clear(self.view.notes)
        self._show_state(self._named(loaded.state))
        self.drafts.show(loaded.drafts, tuple(d for d in loaded.due if d.key != loaded.state.choice.key))

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
        typing = same and self.drafts.waits
        self.state = state
        if not state.choice.key.startswith("songs:"):
            self._wanted = state.choice.key
        self.view.choice.set_choices(
            [*((choice.key, choice.title) for choice in self._choices), (SELECT, tr("Choose several songs…"))]
        )
        self.view.choice.set_value(state.choice.key)
        if not typing:
            self.form = state.form
        if not same:
            self.way = self.form.ways[0] if self.form.ways else self.way
        self._show_chip(state)
        self.view.lock.setVisible(not any(target.terms is not None and target.terms.locked for target in state.targets))
        self.view.templates.set_choices(self.shares.offers())
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
        ask = self.studio.strategies.ask_platform
        self.bridge.run(Lane.IO, lambda _work: ask(), name="attestor", failure=self._platform_silent)

    @Slot(object)
    def _chain_silent(self, error: Exception) -> None:
        said = tr("What was read before is shown. You can edit; signing waits.")
        self._show_note(Note(as_known(error).title, said, "warn", self.theme, icon="ph.wifi-slash"))

    @Slot(object)
    def _platform_silent(self, _error: Exception) -> None:
        """Nothing to do: the gift's form says what is known of who counts listens."""

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    def look_again(self) -> None:
        """Ask the chain what became of what was signed."""
        if self.state is not None:
            self._ask_chain(self.state.choice)

    # the form -----------------------------------------------------------------------------------------------------------

    @Slot(str)
    def show_way(self, way: StrategyName) -> None:
        """Show the form of a way."""
        self.way = way
        if self.state is not None:
            self._show_form()

    def _show_form(self) -> None:
        view, form = self.view, self.form
        assert self.state is not None
        for card in view.cards:
            card.set_chosen(card.way.name == self.way)
            card.set_on(card.way.name in form.ways)
        panel, on = self.panel, self.way in form.ways
        view.form_title.setText(tr(panel.title))
        view.on.setChecked(on)
        view.on_words.setText(tr("On") if on else tr("Off"))
        view.preset.set_choices([("", tr("As it is")), *((key, tr(title)) for key, title in panel.presets)])
        view.preset.set_value("")
        view.forms.show_only(panel)
        view.previews.show_only(panel.preview)
        panel.show_form(form, self.state)
        account = self.studio.wallet.current()
        view.rows.show_form(form.split, account.address if account is not None else "")
        view.unit.set_value(form.split.unit.value)
        problems = (*form.problems([target.terms for target in self.state.targets]), *self._address_problems())
        panel.show_problems({problem.field: problem.message for problem in reversed(problems)})
        view.rows.show_problems(problems)
        whole = form.split.missing_bps == 0 and bool(form.split.entries)
        view.sum.set_state(
            format_percent(form.split.total_bps), "ok" if whole else "bad", "ph.check" if whole else "ph.warning"
        )
        self._show_preview()
        self.changes.show()

    def _address_problems(self) -> list[Problem]:
        """Return what the wallet says against addresses that look right: a letter changed, a contract of ours."""
        found = []
        for row, entry in enumerate(self.form.split.entries):
            if not entry.name and ADDRESS.fullmatch(entry.address.strip()):
                said = self.studio.wallet.check_address(entry.address)
                if said.problem:
                    found.append(Problem(f"share.{row}.address", said.problem))
        return found

    def address_problem(self) -> str:
        """Return the first of them; empty when there is none."""
        return next((problem.message for problem in self._address_problems()), "")

    def _show_preview(self) -> None:
        view = self.view
        assert self.state is not None
        payment = self.panel.payment(self.form)
        fee = self.state.fee_bps
        preview = payment_preview(payment.gross, fee or 0, self.form.split) if payment.gross else None
        amount = words.number(payment.gross or 0, 18, 18).rstrip("0").rstrip(".")
        view.preview_title.setText(payment.words.format(amount=amount if payment.gross else words.NONE))
        tint = next(card.way.strategy for card in view.cards if card.way.name == self.way)
        view.payment.preview, view.payment.tint = preview, Strategy(tint).value
        view.payment.update()
        clear(view.payment_place)
        if preview is not None:
            view.payment_place.addLayout(payment_rows(preview, self.theme, view.payment.tint))
            view.payment_words.setText(
                tr("Divided by the contract at the moment of payment, to the last digit.")
                if fee is not None
                else tr("The platform fee is not known until a server answers; it is left out here.")
            )
        else:
            view.payment_words.setText(tr("Complete price and shares to see how a payment is divided."))

    def _show_note(self, note: Note) -> None:
        clear(self.view.notes)
        self.view.notes.addWidget(note)

    # editing ------------------------------------------------------------------------------------------------------------

    @Slot(object)
    def edit(self, form: TermsForm) -> None:
        """Take another form: show it, keep it as a draft a moment later."""
        self.form = form
        self._show_form()
        self.drafts.keep_soon()

    @Slot(object)
    def _choose(self, key: object) -> None:
        if key != SELECT:
            self.choose(str(key))
            return
        picked = choose_songs(self._choices, self.theme, self)
        if picked:
            self.choose(picked)
        elif self.state is not None:
            self.view.choice.set_value(self.state.choice.key)

    def choose(self, key: str) -> None:
        """Show the terms of a song, an album or a selection by its key."""
        self.drafts.keep_now()
        self._wanted = key
        self.state = None
        clear(self.view.notes)
        self.refresh()

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        self.view.on_words.setText(tr("On") if on else tr("Off"))
        if self.state is not None and on != (self.way in self.form.ways):
            self.edit(self.form.with_way(self.way, on))

    @Slot(object)
    def _start_from(self, key: object) -> None:
        if key:
            self.panel.take(self.panel.start_from(str(key), self.form))

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
            self.changes.show()

    def draft_kept(self) -> None:
        """Say that what the form says is kept."""
        if self.state is not None:
            self.state = replace(self.state, form=self.form, is_draft=True)
            self._show_chip(self.state)
            self.view.discard.setVisible(True)

    # signing ------------------------------------------------------------------------------------------------------------

    @Slot()
    def _sign(self) -> None:
        if self.state is None or self.busy:
            return
        self.busy = True
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
        self._signing, requests = prepared
        self.sign(requests, self.studio.strategies.following(self._signing), self._signing.signatures)

    def signed(self, signed: Sequence[Signed], expected: int) -> None:
        """Remember what was signed; the draft ends once everything is."""
        plan, strategies = self._signing, self.studio.strategies
        assert plan is not None
        if self.state is not None:
            choice, whole = self.state.choice, len(signed) >= plan.signatures

            def remember(_work: Work) -> Changes:
                changes = strategies.signed(plan, signed)
                return changes | strategies.discard_draft(choice) if whole else changes

            self._asked_chain = ""
            self.view.lock.setChecked(False)
            self.bridge.run(Lane.DB, remember, name="signed", failure=self.failed)
        super().signed(signed, expected)

    @Slot(object)
    def _not_prepared(self, error: Exception) -> None:
        self._done()
        known = as_known(error)
        said = " ".join(part for part in (known.message, known.hint) if part)
        self._show_note(Note(known.title, said, "bad", self.theme))

    @Slot()
    def _done(self) -> None:
        self.busy = False
        self.view.sign.setText(tr("Review and sign"))
        if self.state is not None:
            self.changes.show()

    # the frame ----------------------------------------------------------------------------------------------------------

    def open(self, target: object) -> None:
        """Show the terms of tracks by their ids, as Library asked, or of a choice by its key."""
        if isinstance(target, list):
            self._wanted = [track for track in target if isinstance(track, int)]
            self.state = None
            self.refresh()
        elif isinstance(target, str):
            self.choose(target)

    def commands(self) -> Sequence[Command]:
        """Return what can be done here."""
        where = tr("Strategies")
        return (
            Command(tr("Review and sign terms"), self._sign, "", where, "ph.pencil-simple", self.view.sign.isEnabled),
            Command(
                tr("Read terms from the chain again"),
                self.look_again,
                "",
                where,
                "ph.arrows-clockwise",
                self._has_state,
            ),
            Command(tr("Add person who gets paid"), self.shares.add_person, "", where, "ph.plus", self._has_state),
            Command(tr("Keep terms as draft"), self.drafts.ask_date, "", where, "ph.calendar-blank", self._has_state),
        )

    def _has_state(self) -> bool:
        return self.state is not None

    def leave(self) -> bool:
        """Keep what was typed; nothing has to be asked."""
        self.drafts.keep_now()
        return True

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Two by two in a narrow window."""
        super().resizeEvent(event)
        narrow = self.width() < paint.scaled(NARROW_BELOW)
        if narrow != self.view.narrow:
            self.view.lay_out(narrow=narrow)

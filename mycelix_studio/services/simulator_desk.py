"""The simulator's desk: which songs, which months, which scenarios; comparisons kept under a name, terms taken over as a draft."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import msgspec

from mycelix_studio.domain.money import Wei
from mycelix_studio.domain.strategy.dutch_auction import AUCTION_PRESETS
from mycelix_studio.domain.strategy.gift_economy import DEFAULT_TERMS
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.patronage import PLAN_PRESETS
from mycelix_studio.domain.strategy.pay_per_stream import DEFAULT_PRICE
from mycelix_studio.domain.strategy.terms import TermsForm
from mycelix_studio.domain.strategy.typed import amount_text
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.simulator import Band, Terms, try_out
from mycelix_studio.services.simulator_history import Base, load
from mycelix_studio.services.simulator_scenarios import MAX_SCENARIOS, Scenario, default_scenario, streams_alone
from mycelix_studio.services.strategies import Choice, KnownSong, NoSigner, Strategies, TermsState, selection_key
from mycelix_studio.store import drafts

if TYPE_CHECKING:
    from mycelix_studio.services.wallet_context import WalletContext

ALL = "all"
"""Key of the choice that stands for everything, songs that are no longer here included."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One set-up of the simulator.

    Attributes:
        choice: What is replayed.
        base: Its history.
        terms: Terms the scenarios use, from the form of the songs.
        form: That form, for taking terms over.
    """

    choice: Choice
    base: Base
    terms: Terms
    form: TermsForm


@dataclass(frozen=True, slots=True)
class Comparison:
    """Scenarios kept under a name."""

    choice: str
    months: int
    scenarios: tuple[Scenario, ...]


@dataclass(frozen=True, slots=True)
class Simulator:
    """The service.

    Args:
        context: Profile and cache.
        strategies: Knows songs and their terms.
        songs: The artist's songs.
    """

    context: WalletContext
    strategies: Strategies
    songs: Callable[[], Sequence[KnownSong]]

    def choices(self) -> tuple[Choice, ...]:
        """Any lane. Everything, then albums and songs."""
        songs = tuple(self.songs())
        title = f"All songs · {len(songs)}" if songs else "All songs"
        return (Choice(ALL, title, songs), *self.strategies.choices())

    def open(self, key: str, months: int) -> Desk:
        """IO. Load what is replayed: the last ``months`` whole months of a choice."""
        choices = self.choices()
        choice = next((choice for choice in choices if choice.key == key), choices[0])
        state = self._state(choice)
        prices = [t.terms.price for t in state.targets if t.terms and "pay-per-stream" in t.terms.ways] if state else []
        plans = [t.terms.patronage.plan.price for t in state.targets if t.terms and t.terms.patronage] if state else []
        ids = None if choice.key == ALL or state is None else [target.song_id for target in state.targets]
        base = load(
            self.context.database,
            months,
            ids,
            price=statistics.median_low(prices) if prices else int(DEFAULT_PRICE),
            patron_price=statistics.median_low(plans) if plans else None,
            ways=frozenset(way for t in state.targets if t.terms for way in t.terms.ways) if state else frozenset(),
        )
        form = state.form if state is not None else TermsForm()
        terms = Terms(
            form.patronage.plan() or PLAN_PRESETS[0].plan,
            form.auction.terms() or AUCTION_PRESETS[0].terms,
            form.gift.terms() or DEFAULT_TERMS,
            (state.fee_bps if state is not None else None) or 0,
        )
        return Desk(choice, base, terms, form)

    def usual(self, desk: Desk) -> tuple[Scenario, ...]:
        """Any lane. The scenarios to begin with: today's price, and the usual first try of each other way."""
        known = desk.base.known
        ways: tuple[StrategyName, ...] = ("patronage", "gift-economy", "auction")
        return (streams_alone(known), *(default_scenario(way, known) for way in ways))[:MAX_SCENARIOS]

    def try_out(self, desk: Desk, scenarios: Sequence[Scenario]) -> tuple[Band, ...]:
        """IO. What each scenario would have brought.

        Tips that came in would have come in all the same, but where tips are what is tried out.
        """
        bands = [try_out(desk.base.history, scenario, desk.terms) for scenario in scenarios]
        tipped = desk.base.tipped
        return tuple(
            band
            if "gift-economy" in band.scenario.ways
            else replace(band, value=band.value + tipped, low=band.low + tipped, high=band.high + tipped)
            for band in bands
        )

    def use(self, desk: Desk, scenario: Scenario) -> str:
        """DB. Keep a scenario's terms as a draft of its songs; returns the key of the choice to show under Terms.

        Raises:
            NoSigner: There is no account, so there are no terms yet.
        """
        choice = desk.choice
        if choice.key == ALL:
            choice = Choice(selection_key(choice.songs), choice.title, choice.songs)
        state = self.strategies.state(choice)
        form = replace(state.form, ways=scenario.ways)
        values = {assumption.key: assumption.value for assumption in scenario.assumptions}
        if "price" in values:
            form = replace(form, price=amount_text(Wei(values["price"])))
        if "plan" in values:
            form = replace(form, patronage=replace(form.patronage, price=amount_text(Wei(values["plan"]))))
        self.strategies.keep_draft(choice, form)
        return choice.key

    def comparisons(self) -> dict[str, Comparison]:
        """Any lane. Kept comparisons by name; one that an older version wrote otherwise is left out."""
        found = {}
        for name, body in drafts.named(self.context.database.read(), "comparison").items():
            try:
                found[name] = msgspec.json.decode(body, type=Comparison)
            except msgspec.ValidationError:
                continue
        return found

    def save(self, name: str, comparison: Comparison) -> Changes:
        """DB. Keep scenarios under a name."""
        with self.context.database.write() as db:
            body = msgspec.json.encode(comparison).decode()
            drafts.save_named(db, "comparison", name, body, self.context.now())
        return Changes.of(Kind.DRAFTS)

    def forget(self, name: str) -> Changes:
        """DB. Forget a comparison."""
        with self.context.database.write() as db:
            drafts.delete_named(db, "comparison", name)
        return Changes.of(Kind.DRAFTS)

    def _state(self, choice: Choice) -> TermsState | None:
        try:
            return self.strategies.state(choice) if choice.songs else None
        except NoSigner:
            return None

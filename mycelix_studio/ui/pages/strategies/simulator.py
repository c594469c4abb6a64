"""The Simulator tab: what other terms would have earned on the artist's own history, against what really came in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QMenu, QWidget

from mycelix_studio.domain.money import WEI_PER_TOKEN
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.strategy.terms import WAY_TITLE, WAYS
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.simulator import Band, group_names
from mycelix_studio.services.simulator_desk import ALL, Comparison, Desk
from mycelix_studio.services.simulator_replay import Result
from mycelix_studio.services.simulator_scenarios import MAX_SCENARIOS, Assumption, Scenario, default_scenario
from mycelix_studio.services.strategies import Choice
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.charts.data import FLOW, ChartData, Point, Series
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.pages.strategies.assumptions import AssumptionRow
from mycelix_studio.ui.pages.strategies.listing import Listing
from mycelix_studio.ui.pages.strategies.model import WAYS as CARDS
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.pages.strategies.parts import clear
from mycelix_studio.ui.pages.strategies.simulator_view import GROUPS, SCENARIOS, SimulatorView
from mycelix_studio.ui.pages.strategies.tab import Tab
from mycelix_studio.ui.theme import STRATEGY_DASH, STRATEGY_ICON, Strategy
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field
from mycelix_studio.ui.widgets.rows import Cell, Column
from mycelix_studio.ui.widgets.states import States
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.strategies.page import StrategiesPage

SETTLE_MS = 150
CENT = WEI_PER_TOKEN // 100
LOOK: dict[StrategyName, Strategy] = {card.name: card.strategy for card in CARDS}
SCENARIO_COLUMNS = (
    Column("name", "Scenario", 0, sort=False),
    Column("total", "All months", 96, right=True, sort=False),
    Column("band", "Low – high", 150, right=True, sort=False, drop=1),
    Column("month", "A month", 90, right=True, sort=False, drop=2),
    Column("against", "Against what happened", 150, right=True, sort=False),
    Column("payers", "Who pays", 110, right=True, sort=False, drop=3),
)
GROUP_COLUMNS = (
    Column("group", "Listeners by plays", 0, sort=False),
    Column("actual", "What happened", 110, right=True, sort=False),
    *(Column(str(n), "", 130, right=True, sort=False, spoken=f"Scenario {n + 1}") for n in range(MAX_SCENARIOS)),
)


@dataclass(frozen=True, slots=True)
class Read:
    """What was loaded: the desk, its choices, scenarios with their results, saved comparisons."""

    desk: Desk
    choices: tuple[Choice, ...]
    scenarios: tuple[Scenario, ...]
    bands: tuple[Band, ...]
    kept: dict[str, Comparison]


class SimulatorTab(Tab):
    """Replays plays under up to four scenarios."""

    key = "simulator"
    title = "Simulator"
    words = "What each way would have earned"
    concerns = frozenset({Kind.EARNINGS, Kind.SYNC, Kind.SONGS, Kind.ACCOUNTS})

    def __init__(self, page: StrategiesPage) -> None:
        super().__init__(page)
        self.model: Listing[Any] = Listing(SCENARIO_COLUMNS, self._scenario_cell, self)
        self.group_model: Listing[Any] = Listing(GROUP_COLUMNS, self._group_cell, self)
        self.view = SimulatorView(self.model, self.group_model, self.theme)
        self.states = States(self.view, self.theme, skeleton="cards")
        self.column.addWidget(self.states, 1)
        self.state: Read | None = None
        self.chosen = 0
        self._wanted = ALL
        self._scenarios: tuple[Scenario, ...] | None = None
        self.save = Button(tr("Save comparison"), self.theme, "default", "ph.bookmark-simple")
        self._settle = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._settle.timeout.connect(self._replay)
        self._connect()

    def _connect(self) -> None:
        view = self.view
        view.choice.picked.connect(self._choose)
        view.months.picked.connect(self._choose_months)
        view.kept.picked.connect(self._take_kept)
        view.add.clicked.connect(self._add_menu)
        view.duplicate.clicked.connect(self.duplicate)
        view.remove.clicked.connect(self.remove)
        view.export.clicked.connect(view.panel.ask_csv)
        view.panel.failed.connect(self.failed)
        view.which.chosen.connect(self._show_table)
        view.scenario_table.picked.connect(self._picked)
        view.name.editingFinished.connect(self._rename)
        view.reset.clicked.connect(self.reset)
        view.use.clicked.connect(self.use)
        self.save.clicked.connect(self.ask_name)

    def buttons(self) -> Sequence[QWidget]:
        """Return keeping the comparison."""
        return (self.save,)

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Load the history and replay it under every scenario."""
        if self.state is None:
            self.states.show_loading()
        wanted, months, scenarios = self._wanted, self.view.months.value(), self._scenarios
        self.bridge.run(
            Lane.IO,
            partial(self._read, wanted, int(str(months)), scenarios),
            name="simulator",
            success=self._show,
            failure=self._cannot_read,
        )

    def _read(self, wanted: str, months: int, scenarios: tuple[Scenario, ...] | None, _work: Work) -> Read:
        simulator = self.studio.simulator
        desk = simulator.open(wanted, months)
        tried = scenarios if scenarios is not None else simulator.usual(desk)
        return Read(desk, simulator.choices(), tried, simulator.try_out(desk, tried), simulator.comparisons())

    @Slot(object)
    def _show(self, read: Read) -> None:
        if self._settle.isActive():
            return  # an assumption was moved meanwhile: the replay that follows shows it
        self.state = read
        view = self.view
        view.choice.set_choices([(choice.key, choice.title) for choice in read.choices])
        view.choice.set_value(read.desk.choice.key)
        view.kept.set_choices([("", tr("Saved comparisons")), *((name, name) for name in read.kept)])
        view.kept.set_value("")
        view.kept.setVisible(bool(read.kept))
        history = read.desk.base.history
        self.save.setEnabled(bool(len(history.listener)))
        if not len(history.listener):
            self._show_nothing(read)
            return
        self.states.show_content()
        self.chosen = min(self.chosen, max(len(read.scenarios) - 1, 0))
        self._show_chart(read)
        self._show_tables(read)
        self._show_side(read)

    def _show_nothing(self, read: Read) -> None:
        if read.desk.base.as_of is None:
            said = tr("Sync with your platform first; then your own plays are replayed here.")
            actions = [(tr("Sync now"), self.shell.sync_now)]
        else:
            said = tr("There is no whole month with plays of these songs. Come back when one has passed.")
            actions = [(tr("Replay all songs"), partial(self._choose, ALL))] if self._wanted != ALL else []
        self.states.show_empty("ph.flask", tr("Nothing to replay yet"), said, actions)

    @Slot(object)
    def _cannot_read(self, error: Exception) -> None:
        self.states.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    # showing ------------------------------------------------------------------------------------------------------------

    def _show_chart(self, read: Read) -> None:
        base, months = read.desk.base, read.desk.base.history.months
        points = tuple(Point(words.month_text(month), key=month.isoformat()) for month in months)
        series = [Series("actual", tr("What happened"), base.actual.net, "t1")]
        bands = {}
        for number, band in enumerate(read.bands):
            look = LOOK[band.scenario.way]
            key = str(number)
            series.append(
                Series(
                    key, tr(band.scenario.name), band.value.net, look.value, STRATEGY_ICON[look], STRATEGY_DASH[look]
                )
            )
            low = tuple(min(a, b, c) for a, b, c in zip(band.low.net, band.value.net, band.high.net, strict=True))
            high = tuple(max(a, b, c) for a, b, c in zip(band.low.net, band.value.net, band.high.net, strict=True))
            if low != high:
                bands[key] = (low, high)
        span = f"{words.month_text(months[0], year=True)} – {words.month_text(months[-1], year=True)}"
        self.view.panel.set_caption(
            tr("{span}, complete months · bands show your low and high assumptions").format(span=span)
        )
        data = ChartData(tr("Net per month, FLOW"), FLOW, points, tuple(series), range_text=span)
        self.view.chart.set_lines(data, bands)
        self.view.panel.set_data(data)

    def _show_tables(self, read: Read) -> None:
        count = len(read.scenarios)
        self.view.count.setText(tr("{n} of {most} scenarios").format(n=count, most=MAX_SCENARIOS))
        self.view.duplicate.setEnabled(0 < count < MAX_SCENARIOS)
        self.view.add.setEnabled(count < MAX_SCENARIOS)
        self.view.remove.setEnabled(count > 1)
        self.model.show(self.view.scenario_table, [None, *read.bands])
        self.view.scenario_table.select_ids([self.chosen + 1])
        titles = [tr(band.scenario.name) for band in read.bands]
        columns = [*GROUP_COLUMNS[:2]]
        columns += [replace(GROUP_COLUMNS[n + 2], title=title) for n, title in enumerate(titles)]
        self.group_model.beginResetModel()
        self.group_model.columns = tuple(columns)
        self.group_model.endResetModel()
        rows: list[tuple[str, int]] = [(name, place) for place, name in enumerate(group_names())]
        if read.desk.base.others:
            rows.append((tr("without a play in these months"), -1))
        self.group_model.show(self.view.group_table, rows)
        self.view.group_table.fit_columns()

    def _scenario_cell(self, band: Band | None, column: str) -> Cell:
        assert self.state is not None
        base = self.state.desk.base
        result: Result = base.actual if band is None else band.value
        months = max(len(base.history.months), 1)
        if column == "name":
            if band is None:
                return Cell(tr("What really happened"), strong=True, icon="ph.circle", icon_tone="t1")
            look = LOOK[band.scenario.way]
            return Cell(tr(band.scenario.name), icon=STRATEGY_ICON[look], icon_tone=look.value)
        if column == "against":
            if band is None:
                return Cell("–", tone="t3")
            exact = result.total - base.actual.total
            change = exact if abs(exact) >= CENT else 0  # what two digits cannot show is no loss
            said = ("+" if change > 0 else "") + shown.coins(change, 2)
            return Cell(said, tone="ok" if change > 0 else "bad" if change < 0 else "t2", tip=shown.coins(exact, 18))
        band_words = tr("exact")
        if band is not None:
            low, high = sorted((band.low.total, band.high.total))
            band_words = f"{shown.coins(low, 2)} – {shown.coins(high, 2)}" if low != high else tr("no band")
        cells = {
            "total": Cell(shown.coins(result.total, 2), strong=True, tip=f"{shown.coins(result.total, 18)} FLOW"),
            "band": Cell(band_words, tone="t2"),
            "month": Cell(shown.coins(result.total // months, 2)),
            "payers": Cell(tr("{n} people").format(n=shown.count(result.payers)), tone="t2"),
        }
        return cells[column]

    def _group_cell(self, row: tuple[str, int], column: str) -> Cell:
        assert self.state is not None
        name, place = row
        if column == "group":
            return Cell(tr(name))
        base = self.state.desk.base
        if column == "actual":
            amount = base.others if place < 0 else base.actual.by_group[place]
        elif place < 0 or int(column) >= len(self.state.bands):
            return Cell("–", tone="t3")
        else:
            amount = self.state.bands[int(column)].value.by_group[place]
        return Cell(shown.coins(amount, 2), tip=f"{shown.coins(amount, 18)} FLOW")

    def _show_side(self, read: Read) -> None:
        view, scenario = self.view, read.scenarios[self.chosen]
        look = LOOK[scenario.way]
        view.icon.set_icon(STRATEGY_ICON[look], look.value)
        view.name.setText(tr(scenario.name))
        count = len(scenario.assumptions)
        view.assumed.setText(tr("{n} assumptions, all of them. Change any.").format(n=count))
        clear(view.rows)
        for assumption in scenario.assumptions:
            row = AssumptionRow(assumption, look.value, self.theme)
            row.changed.connect(self._assume)
            view.rows.addWidget(row)
        clear(view.replay_note)
        history = read.desk.base.history
        plays, people = shown.count(history.total_plays), shown.count(history.listeners)
        said = tr(
            "Replays your own {plays} plays by {people} listeners with the rules the contracts use. No growth is added."
        )
        view.replay_note.addWidget(Note("", said.format(plays=plays, people=people), "info", self.theme))
        tipped = read.desk.base.tipped.total
        if tipped and "gift-economy" not in scenario.ways:
            said = tr("{amount} FLOW of tips that came in are counted here, too.").format(amount=shown.coins(tipped, 2))
            view.replay_note.addWidget(Note("", said, "info", self.theme, icon="ph.heart"))
        credit = read.bands[self.chosen].credit
        if credit:
            words_ = tr("Thanking for these listens would have cost {amount} CGC.").format(
                amount=shown.coins(credit, 2)
            )
            view.replay_note.addWidget(Note("", words_, "warn", self.theme))

    @Slot(str)
    def _show_table(self, which: str) -> None:
        self.view.tables.setCurrentIndex((SCENARIOS, GROUPS).index(which))

    # editing ------------------------------------------------------------------------------------------------------------

    @Slot(object)
    def _choose(self, key: object) -> None:
        self._wanted, self._scenarios, self.chosen = str(key), None, 0
        self.refresh()

    @Slot(object)
    def _choose_months(self, _months: object) -> None:
        self.refresh()

    @Slot()
    def _picked(self) -> None:
        ids = self.view.scenario_table.selected_ids()
        if self.state is not None and len(ids) == 1 and ids[0] > 0 and ids[0] - 1 != self.chosen:
            self.chosen = ids[0] - 1
            self._show_side(self.state)

    def _take(self, scenarios: Sequence[Scenario], chosen: int) -> None:
        """Try other scenarios."""
        self._scenarios, self.chosen = tuple(scenarios), chosen
        self._settle.stop()
        self.refresh()

    @Slot(object)
    def _assume(self, assumption: Assumption) -> None:
        if self.state is None:
            return
        current = list(self._scenarios or self.state.scenarios)
        current[self.chosen] = current[self.chosen].with_assumption(assumption)
        self._scenarios = tuple(current)
        self._settle.start()

    @Slot()
    def _replay(self) -> None:
        """Replay with the changed assumption; the rows stay, so that a drag goes on."""
        if self.state is None or self._scenarios is None:
            return
        desk, scenarios = self.state.desk, self._scenarios
        self.bridge.run(
            Lane.IO,
            partial(self._try, desk, scenarios),
            name="simulator",
            success=self._show_replay,
            failure=self._cannot_read,
        )

    def _try(self, desk: Desk, scenarios: tuple[Scenario, ...], _work: Work) -> tuple[Band, ...]:
        return self.studio.simulator.try_out(desk, scenarios)

    @Slot(object)
    def _show_replay(self, bands: tuple[Band, ...]) -> None:
        if self.state is None or self._settle.isActive():
            return
        self.state = replace(self.state, scenarios=tuple(band.scenario for band in bands), bands=bands)
        self._show_chart(self.state)
        self._show_tables(self.state)

    @Slot()
    def _rename(self) -> None:
        if self.state is None:
            return
        current = list(self._scenarios or self.state.scenarios)
        name = self.view.name.text().strip()
        if name and name != tr(current[self.chosen].name):
            current[self.chosen] = replace(current[self.chosen], name=name)
            self._take(current, self.chosen)

    @Slot()
    def _add_menu(self) -> None:
        menu = QMenu(self)
        for way in WAYS:
            menu.addAction(tr(WAY_TITLE[way]), partial(self.add, way))
        menu.exec(self.view.add.mapToGlobal(self.view.add.rect().bottomLeft()))
        menu.deleteLater()

    def add(self, way: StrategyName) -> None:
        """Add the usual first try of a way."""
        if self.state is not None and len(self.state.scenarios) < MAX_SCENARIOS:
            made = default_scenario(way, self.state.desk.base.known)
            self._take([*self.state.scenarios, made], len(self.state.scenarios))

    @Slot()
    def duplicate(self) -> None:
        """Add the chosen scenario once more, to change one thing of it."""
        if self.state is not None and len(self.state.scenarios) < MAX_SCENARIOS:
            current = self.state.scenarios
            copy = replace(current[self.chosen], name=tr("{name}, again").format(name=tr(current[self.chosen].name)))
            self._take([*current, copy], len(current))

    @Slot()
    def remove(self) -> None:
        """Take the chosen scenario away."""
        if self.state is not None and len(self.state.scenarios) > 1:
            current = list(self.state.scenarios)
            del current[self.chosen]
            self._take(current, max(0, self.chosen - 1))

    @Slot()
    def reset(self) -> None:
        """Take the scenario's assumptions back to where they came from."""
        if self.state is None:
            return
        current = list(self._scenarios or self.state.scenarios)
        usual = {s.way: s for s in self.studio.simulator.usual(self.state.desk)}
        way = current[self.chosen].way
        fresh = usual.get(way) or default_scenario(way, self.state.desk.base.known)
        current[self.chosen] = replace(fresh, name=current[self.chosen].name)
        self._take(current, self.chosen)

    @Slot(object)
    def _take_kept(self, name: object) -> None:
        if self.state is not None and name in self.state.kept:
            kept = self.state.kept[str(name)]
            self._wanted = kept.choice
            self.view.months.set_value(kept.months)
            self._take(kept.scenarios, 0)

    @Slot()
    def ask_name(self) -> None:
        """Ask for a name and keep the scenarios under it."""
        if self.state is None:
            return
        dialog = Dialog(
            tr("Save comparison"),
            tr("The scenarios and their assumptions, to open again later."),
            self.theme,
            self,
            width=420,
        )
        field = Field(tr("Name"), self.theme, hint=tr("Such as Before the album"))
        dialog.body.addWidget(field)
        dialog.add_button(tr("Cancel")).clicked.connect(dialog.reject)
        dialog.add_button(tr("Save"), "primary", enter=True).clicked.connect(dialog.accept)
        name = field.text().strip() if dialog.exec() else ""
        dialog.deleteLater()
        if name:
            self.keep(name)

    def keep(self, name: str) -> None:
        """Keep the scenarios under a name."""
        assert self.state is not None
        scenarios = tuple(self._scenarios or self.state.scenarios)
        comparison = Comparison(self._wanted, int(str(self.view.months.value())), scenarios)
        self.bridge.run(
            Lane.DB,
            lambda _work: self.studio.simulator.save(name, comparison),
            name="comparison",
            success=self._kept,
            failure=self.failed,
        )

    @Slot(object)
    def _kept(self, _changes: Changes) -> None:
        self.shell.toast(Message(tr("Comparison saved"), tr("Open it again from the list above the chart.")))
        self.refresh()

    @Slot()
    def use(self) -> None:
        """Keep the chosen scenario's terms as a draft and show it under Terms."""
        if self.state is None:
            return
        desk, scenario = self.state.desk, self.state.scenarios[self.chosen]
        self.bridge.run(
            Lane.DB,
            lambda _work: self.studio.simulator.use(desk, scenario),
            name="use terms",
            success=self._used,
            failure=self.failed,
        )

    @Slot(object)
    def _used(self, key: str) -> None:
        self.page.show_tab("terms")
        self.page.current.open(key)

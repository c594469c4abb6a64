"""The artist's own rates: what one FLOW was worth on a day, typed or imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from mycelix_studio.domain.fiat import Rate
from mycelix_studio.services.changes import Changes
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.reports_rates import Imported
from mycelix_studio.settings import CURRENCY
from mycelix_studio.ui import format as shown
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import Page
from mycelix_studio.ui.pages.reports.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Field
from mycelix_studio.ui.widgets.sheet import Rows, Sheet, SheetView
from mycelix_studio.ui.widgets.states import States
from mycelix_studio.ui.widgets.toasts import Message


class RatesView(QWidget):
    """A row to type a rate, the table of all, import and removal."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.rates: tuple[Rate, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(20, 12, 20, 16)
        column.setSpacing(12)
        said = tr(
            "What one FLOW was worth on a day. A statement uses the rate of a payment's day, or the last one before it."
        )
        column.addWidget(text(said, theme, "small", "t2", wrap=True))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.day = Field(tr("Day"), theme, hint="2026-05-31", small=True)
        self.currency = Field(tr("Currency"), theme, hint="EUR", small=True)
        self.price = Field(tr("One FLOW was worth"), theme, hint="0.912", small=True)
        for field, wide in ((self.day, 120), (self.currency, 84), (self.price, 120)):
            sizes.keep(field, width=wide)
            row.addWidget(field)
        self.add = Button(tr("Keep this rate"), theme, "default", small=True)
        self.load = Button(tr("Import CSV…"), theme, "default", "ph.download-simple", small=True)
        self.remove = Button(tr("Remove"), theme, "quiet", small=True)
        row.addWidget(self.add)
        row.addStretch(1)
        row.addWidget(self.remove)
        row.addWidget(self.load)
        column.addLayout(row)
        self.model = Rows(_sheet(()), self)
        self.table = SheetView(tr("Rates"), self.model)
        self.states = States(self.table, theme)
        column.addWidget(self.states, 1)
        self.table.selectionModel().selectionChanged.connect(self._picked)
        self._picked()

    def show_rates(self, rates: Sequence[Rate]) -> None:
        """List the rates, the newest first."""
        self.rates = tuple(sorted(rates, key=lambda rate: (rate.day, rate.currency), reverse=True))
        self.model.show(_sheet(self.rates))
        self._picked()
        if self.rates:
            self.states.show_content()
        else:
            self.states.show_empty(
                "ph.table",
                tr("No rates yet"),
                tr("With rates, statements also say what your income was worth in your currency."),
            )

    def chosen(self) -> list[Rate]:
        """Return the rates selected."""
        return [self.rates[row] for row in self.table.chosen()]

    def _picked(self) -> None:
        self.remove.setEnabled(bool(self.table.chosen()))


def _sheet(rates: Sequence[Rate]) -> Sheet:
    heads = [tr("Day"), tr("Currency"), tr("Source"), tr("One FLOW was worth")]
    exact = [[rate.day.isoformat(), rate.currency, rate.source, rate.price] for rate in rates]
    rows = [[words.day_text(rate.day, year=True), *cells[1:]] for rate, cells in zip(rates, exact, strict=True)]
    return Sheet(heads, rows, exact, frozenset({3}))


class RatesDesk(QObject):
    """Behaviour of the rates."""

    def __init__(self, page: Page, view: RatesView) -> None:
        super().__init__(page)
        self._page = page
        self.view = view
        view.add.clicked.connect(self._add_rate)
        view.price.returnPressed.connect(self._add_rate)
        view.load.clicked.connect(self.ask_file)
        view.remove.clicked.connect(self._remove_rates)

    def refresh(self) -> None:
        """Read the table again."""
        self._page.bridge.run(
            Lane.IO, self._read_rates, name="rates", success=self._show_rates, failure=self._page.failed
        )

    def _read_rates(self, work: Work) -> tuple[Rate, ...]:
        return self._page.studio.rates.rates()

    @Slot(object)
    def _show_rates(self, rates: tuple[Rate, ...]) -> None:
        self.view.show_rates(rates)

    @Slot()
    def _add_rate(self) -> None:
        view = self.view
        try:
            day = date.fromisoformat(view.day.text().strip())
        except ValueError:
            view.day.set_wrong(True, tr("A date such as 2026-05-31."))
            view.day.setFocus()
            return
        view.day.set_wrong(False)
        rate = Rate(day, view.currency.text().strip().upper(), view.price.text().strip(), tr("typed"))
        self._write_rates(partial(self._set_rate, rate))

    def _set_rate(self, rate: Rate, work: Work) -> Imported:
        return self._page.studio.rates.set(rate)

    @Slot()
    def ask_file(self) -> None:
        """Ask for a file of rates, then take it."""
        name, _filter = QFileDialog.getOpenFileName(
            self._page, tr("Import rates"), str(Path.home()), "CSV (*.csv *.txt)"
        )
        if name:
            self.import_rates(Path(name))

    def import_rates(self, path: Path) -> None:
        """Take the rates of a CSV; rows that name no currency are in that of the settings."""
        currency = self._page.studio.settings.get(CURRENCY)

        def take(work: Work) -> Imported:
            return self._page.studio.rates.take_file(path, currency)

        self._write_rates(take)

    def _write_rates(self, run: Callable[[Work], Imported]) -> None:
        self._page.bridge.run(Lane.DB, run, name="rates", success=self._rates_kept, failure=self._page.failed)

    @Slot(object)
    def _rates_kept(self, done: Imported) -> None:
        said = tr("{n} added, {m} replaced").format(n=shown.count(done.added), m=shown.count(done.replaced))
        self._page.shell.toast(Message(tr("Rates kept"), said))
        self.view.price.clear()

    @Slot()
    def _remove_rates(self) -> None:
        chosen = self.view.chosen()

        def remove(work: Work) -> Changes:
            changes = Changes()
            for rate in chosen:
                changes |= self._page.studio.rates.remove(rate.day, rate.currency)
            return changes

        self._page.bridge.run(Lane.DB, remove, name="rates", failure=self._page.failed)

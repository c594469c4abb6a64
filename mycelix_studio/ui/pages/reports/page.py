"""Reports: what a statement says, as the very paper that is saved; files, rates, and whether the chain agrees."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path

from PySide6.QtCore import Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFileDialog

from mycelix_studio.domain.period import Period
from mycelix_studio.domain.statement import Choices, Statement
from mycelix_studio.domain.statement_build import build
from mycelix_studio.services.analytics import NothingSynced
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Job, Lane, Work
from mycelix_studio.services.reports import Format, Options, file_stem, render, write
from mycelix_studio.services.reports_kept import KeptStatement
from mycelix_studio.settings import CSV_GUARD, CURRENCY
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.base import Command, Context, Page, as_known
from mycelix_studio.ui.pages.reports.audit import AuditDesk
from mycelix_studio.ui.pages.reports.batch import BatchDesk
from mycelix_studio.ui.pages.reports.model import (
    Offer,
    PeriodKind,
    Wanted,
    has_rows,
    offer_of,
    pages_words,
    period_words,
    periods,
    rates_words,
    rows_words,
    spoken,
    tr,
)
from mycelix_studio.ui.pages.reports.rates import RatesDesk
from mycelix_studio.ui.pages.reports.view import ReportsView, fill
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.dates import DatesDialog
from mycelix_studio.ui.widgets.dialog import ask
from mycelix_studio.ui.widgets.kept import show_folder
from mycelix_studio.ui.widgets.toasts import Message

DRAWER_BELOW = 1280
KEPT_SHOWN = 4


@dataclass(frozen=True, slots=True)
class Made:
    """A statement with its paper, and what its period offers to choose from."""

    number: int
    wanted: Wanted
    first: date
    last: date
    statement: Statement
    offer: Offer
    pdf: bytes
    kept: tuple[KeptStatement, ...]


@dataclass(frozen=True, slots=True)
class SavedFiles:
    """What was written. ``changes`` tells the pages."""

    files: tuple[Path, ...]
    changes: Changes


class ReportsPage(Page):
    """Statements."""

    concerns = frozenset({Kind.EARNINGS, Kind.SONGS, Kind.RATES, Kind.STATEMENTS, Kind.ADDRESS_BOOK})

    def __init__(self, context: Context) -> None:
        super().__init__(context, tr("Reports"))
        self.header.context.setText(tr("Statements and audit"))
        self.view = ReportsView(self.theme)
        self.column.addWidget(self.view, 1)
        self.drawer = Button(tr("Audit"), self.theme, "quiet", "ph.shield-check", keys="Ctrl+I")
        self.header.add(self.drawer)
        self.made: Made | None = None
        self._wanted: Wanted | None = None
        self._kind = PeriodKind.MONTH
        self._periods: dict[str, Period] = {}
        self._number = 0
        self._job: Job[Made] | None = None
        self._saving: Job[SavedFiles] | None = None
        self._drawer_open = False
        self.audit = AuditDesk(self, self.view.audit)
        self.rates = RatesDesk(self, self.view.rates)
        self.desk = BatchDesk(self)
        self._connect()
        self._fit_drawer()

    def _connect(self) -> None:
        view, choices = self.view, self.view.choices
        view.tabs.chosen.connect(self._tab)
        choices.kind.chosen.connect(self._kind_chosen)
        for choice in (choices.period, choices.person, choices.song, choices.way, choices.currency):
            choice.picked.connect(self._picked)
        choices.formats[Format.PDF].setChecked(True)
        choices.formats[Format.CSV].setChecked(True)
        choices.person_pages.setChecked(True)
        choices.guard.setChecked(self.studio.settings.get(CSV_GUARD))
        for tick in choices.formats.values():
            tick.toggled.connect(self._files_changed)
        choices.person_pages.toggled.connect(self._picked)
        choices.save.clicked.connect(self.ask_folder)
        view.progress.stop.connect(self._stop)
        self.drawer.clicked.connect(self._toggle_drawer)

    # reading ------------------------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Make the statement again."""
        self._number += 1
        if self._job is not None:
            self._job.cancel()
        (self.view.states if self.made is None else self.view.preview).show_loading()
        self._job = self.bridge.run(
            Lane.IO,
            partial(self._make, self._number, self._wanted),
            name="statement",
            success=self._show,
            failure=self._cannot_make,
        )
        self.rates.refresh()

    def _make(self, number: int, wanted: Wanted | None, work: Work) -> Made:
        as_of = self.studio.analytics.as_of()
        if as_of is None:
            raise NothingSynced
        last = as_of.date()
        first = self.studio.analytics.first_day() or last
        currencies = self.studio.rates.table().currencies()
        if wanted is None:
            liked = self.studio.settings.get(CURRENCY)
            wanted = Wanted(Period.month(last.year, last.month), currency=liked if liked in currencies else "")
        elif wanted.currency not in currencies:
            wanted = replace(wanted, currency="")
        inputs = self.studio.reports.source.inputs(wanted.period, wanted.currency)
        everything = build(inputs, wanted.period)
        statement = everything
        if wanted.choices != Choices():
            statement = build(inputs, wanted.period, wanted.choices)
        work.token.raise_if_cancelled()
        pdf = b""
        if has_rows(statement):
            pdf = render(statement, replace(wanted.options, formats=frozenset({Format.PDF})), "preview")[0][1]
        kept = self.studio.kept_statements.all()
        return Made(number, wanted, first, last, statement, offer_of(everything, currencies), pdf, kept)

    @Slot(object)
    def _show(self, made: Made) -> None:
        if made.number != self._number:
            return
        before = self.made
        self.made, self._wanted = made, made.wanted
        statement = made.statement
        self._show_choices(made)
        self.desk.set_enabled(True)
        self.view.states.show_content()
        if has_rows(statement):
            self.view.preview.show_content()
            self.view.paper.load(made.pdf, f"{file_stem(statement)}.pdf", spoken(statement))
        else:
            self._show_nothing(made)
        pages = self.view.paper.sheet.pages if made.pdf else 0
        notes = self.view.choices.notes
        notes[Format.PDF].setText(pages_words(pages) if pages else "")
        notes[Format.CSV].setText(rows_words(statement))
        self._files_changed()
        self._show_kept(made.kept)
        if before is not None and before.wanted.period != made.wanted.period:
            self.audit.forget()

    def _show_nothing(self, made: Made) -> None:
        period = period_words(made.wanted.period)
        if made.wanted.choices != Choices():
            self.view.preview.show_empty(
                "ph.file-text",
                tr("Nothing of this choice in {period}").format(period=period),
                tr("Other people, songs or ways to earn may have something."),
                [(tr("Show everything"), self._show_everything)],
                primary=False,
            )
            return
        self.view.preview.show_empty(
            "ph.file-text",
            tr("No payments in {period}").format(period=period),
            tr("Choose another period at the left. A statement needs at least one payment."),
        )

    def _show_everything(self) -> None:
        if self._wanted is not None:
            self.choose(replace(self._wanted, choices=Choices()))

    @Slot(object)
    def _cannot_make(self, error: Exception) -> None:
        if isinstance(error, NothingSynced):
            self.made = None
            self.desk.set_enabled(False)
            self.view.states.show_empty(
                "ph.file-text",
                tr("Nothing to report yet"),
                tr(
                    "Nothing was fetched from your platform so far. Sync once; afterwards this works without a network."
                ),
                [(tr("Sync now"), self.shell.sync_now), (tr("Choose the platform"), self._to_settings)],
            )
            return
        self.view.states.show_content()
        self.view.preview.show_error(as_known(error), [(tr("Try again"), self.refresh)])

    def _to_settings(self) -> None:
        self.shell.go("settings", "Platform and sync")

    def _show_choices(self, made: Made) -> None:
        choices, wanted, offer = self.view.choices, made.wanted, made.offer
        choices.kind.set_value(self._kind.value)
        listed = list(periods(self._kind, made.first, made.last)) if self._kind is not PeriodKind.CUSTOM else []
        if wanted.period not in listed:
            listed.insert(0, wanted.period)
        # A combo box finds text and numbers again, but no objects.
        self._periods = {period.slug: period for period in listed}
        choices.period.set_choices([(slug, period_words(period)) for slug, period in self._periods.items()])
        choices.period.set_value(wanted.period.slug)
        everyone: list[tuple[object, str]] = [("", tr("Everyone who gets paid"))]
        choices.person.set_choices([*everyone, *offer.people])
        choices.person.set_value(wanted.choices.person)
        count = len(offer.songs)
        all_songs: list[tuple[object, str]] = [
            ("", tr("All {n}").format(n=shown.count(count)) if count > 1 else tr("All"))
        ]
        choices.song.set_choices([*all_songs, *offer.songs])
        choices.song.set_value(next(iter(wanted.choices.songs), ""))
        all_ways: list[tuple[object, str]] = [("", tr("All"))]
        choices.way.set_choices([*all_ways, *offer.ways])
        choices.way.set_value(next(iter(wanted.choices.strategies), ""))
        none: list[tuple[object, str]] = [("", tr("FLOW only"))]
        choices.currency.set_choices([*none, *((code, code) for code in offer.currencies)])
        choices.currency.set_value(wanted.currency)
        choices.rates.setText(rates_words(made.statement, offer.currencies))

    # choosing -----------------------------------------------------------------------------------------------------------

    def choose(self, wanted: Wanted) -> None:
        """Make another statement."""
        if wanted != self._wanted:
            self._wanted = wanted
            self.refresh()

    @Slot(str)
    def _kind_chosen(self, key: str) -> None:
        if self.made is None or self._wanted is None:
            return
        kind = PeriodKind(key)
        if kind is PeriodKind.CUSTOM:
            dialog = DatesDialog(self._wanted.period, self.made.last, self.theme, self)
            period = dialog.period() if dialog.exec() else None
            dialog.deleteLater()
            if period is None:
                self.view.choices.kind.set_value(self._kind.value)
                return
            self._kind = kind
            self.choose(replace(self._wanted, period=period, choices=Choices()))
            return
        self._kind = kind
        offered = periods(kind, self.made.first, self.made.last)
        within = next((p for p in offered if p.first <= self._wanted.period.last <= p.last), offered[0])
        self.choose(replace(self._wanted, period=within))
        self._show_choices(replace(self.made, wanted=self._wanted))

    @Slot()
    def _picked(self, _value: object = None) -> None:
        if self._wanted is None:
            return
        choices = self.view.choices
        period = self._periods.get(str(choices.period.value()), self._wanted.period)
        song, way = str(choices.song.value() or ""), str(choices.way.value() or "")
        self.choose(
            Wanted(
                period,
                Choices(
                    frozenset({song} if song else ()),
                    frozenset({way} if way else ()),
                    str(choices.person.value() or ""),
                ),
                str(choices.currency.value() or ""),
                replace(self._wanted.options, person_pages=choices.person_pages.isChecked()),
            )
        )

    @Slot()
    def _files_changed(self, _on: object = None) -> None:
        made = self.made
        ready = made is not None and has_rows(made.statement) and self._saving is None
        self.view.choices.save.setEnabled(ready and bool(self.options().formats))

    def options(self) -> Options:
        """Return how files are made, as ticked."""
        choices = self.view.choices
        return Options(
            frozenset(kind for kind, tick in choices.formats.items() if tick.isChecked()),
            choices.person_pages.isChecked(),
            choices.guard.isChecked(),
        )

    def show_options(self, options: Options) -> None:
        """Tick what a template says."""
        choices = self.view.choices
        for kind, tick in choices.formats.items():
            tick.setChecked(kind in options.formats)
        choices.person_pages.setChecked(options.person_pages)
        choices.guard.setChecked(options.guard)

    # saving -------------------------------------------------------------------------------------------------------------

    @Slot()
    def ask_folder(self) -> None:
        """Ask where, then save."""
        if self.made is None or not self.view.choices.save.isEnabled():
            return
        chosen = QFileDialog.getExistingDirectory(self, tr("Save the statement in"), str(Path.home()))
        if not chosen:
            return
        stem = file_stem(self.made.statement)
        there = [kind for kind in self.options().formats if (Path(chosen) / f"{stem}.{kind.value}").exists()]
        if there:
            title = tr("Replace “{name}”?").format(name=f"{stem}.{min(there).value}")
            words = tr("There is a statement of this name in this folder already.")
            if not ask(self, title, words, tr("Replace"), self.theme):
                return
        self.save_to(Path(chosen))

    def save_to(self, folder: Path) -> None:
        """Write the files of the statement that is shown."""
        made = self.made
        if made is None or self._saving is not None:
            return
        options = self.options()

        def save(work: Work) -> SavedFiles:
            files = write(made.statement, folder, options, file_stem(made.statement))
            return SavedFiles(files, self.studio.kept_statements.add(made.statement, files, datetime.now(UTC)))

        self.view.progress.begin(tr("Saving the statement"))
        self._saving = self.bridge.run(
            Lane.IO,
            save,
            name="save statement",
            success=self._saved,
            failure=self._not_saved,
            cancelled=self._end_saving,
            initiator=self,
        )
        self._files_changed()

    @Slot(object)
    def _saved(self, saved: SavedFiles) -> None:
        self._end_saving()
        names = ", ".join(path.name for path in saved.files)
        title = tr("Saved 1 file") if len(saved.files) == 1 else tr("Saved {n} files").format(n=len(saved.files))
        self.shell.toast(Message(title, names, "ok", tr("Show folder"), partial(show_folder, saved.files[0].parent)))

    @Slot(object)
    def _not_saved(self, error: Exception) -> None:
        self._end_saving()
        self.failed(error)

    @Slot()
    def _end_saving(self) -> None:
        self._saving = None
        self.view.progress.end()
        self._files_changed()

    @Slot()
    def _stop(self) -> None:
        if self._saving is not None:
            self._saving.cancel()

    def _show_kept(self, kept: Sequence[KeptStatement]) -> None:
        panel = self.view.audit
        panel.kept_head.setVisible(bool(kept))
        rows = []
        for item in kept[:KEPT_SHOWN]:
            button = Button(item.title, self.theme, "quiet", "ph.file-text", small=True)
            value = tr("{net} FLOW").format(net=shown.coins(int(item.net), 2))
            button.setText(f"{item.title} · {value}")
            button.setAccessibleName(tr("{title}, {net}, show its folder").format(title=item.title, net=value))
            button.setToolTip("\n".join(str(Path(item.folder) / name) for name in item.files))
            button.clicked.connect(partial(self._open_kept, item))
            rows.append(button)
        fill(panel.kept, *rows)

    def _open_kept(self, item: KeptStatement) -> None:
        if item.there:
            show_folder(Path(item.folder))
        else:
            words = tr("They were in {folder}. Save the statement again to have them back.")
            self.shell.toast(Message(tr("These files were moved or removed"), words.format(folder=item.folder), "warn"))

    # the window ---------------------------------------------------------------------------------------------------------

    @Slot(str)
    def _tab(self, key: str) -> None:
        self.view.stack.setCurrentIndex(0 if key == "statements" else 1)

    @Slot()
    def _toggle_drawer(self) -> None:
        self._drawer_open = not self._drawer_open
        self._fit_drawer()

    def _fit_drawer(self) -> None:
        narrow = self.window().width() < paint.scaled(DRAWER_BELOW)
        self.drawer.setVisible(narrow)
        self.view.show_audit(not narrow or self._drawer_open)

    def set_theme(self, _theme: Theme) -> None:
        """Make the audit a drawer where larger text leaves no room beside it."""
        self._fit_drawer()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Make the audit a drawer in a narrow window."""
        super().resizeEvent(event)
        self._fit_drawer()

    def open(self, target: object) -> None:
        """Show the statement of a period, or the table of rates (``rates``)."""
        if target == "rates":
            self.view.tabs.set_value("rates")
            self._tab("rates")
        elif isinstance(target, Period):
            self.choose(replace(self._wanted, period=target) if self._wanted is not None else Wanted(target))

    def commands(self) -> Sequence[Command]:
        """Return saving, checking, the drawer."""
        here = tr("Reports")
        return (
            Command(tr("Save statement"), self.ask_folder, "Ctrl+S", here, "ph.download-simple"),
            Command(tr("Save many statements"), self.desk.ask, "", here, "ph.files"),
            Command(tr("Check against the chain"), self.audit.check, "", here, "ph.shield-check"),
            Command(tr("Import rates"), self.rates.ask_file, "", here, "ph.table"),
            Command(tr("Show or hide the audit"), self._toggle_drawer, "Ctrl+I", here, "ph.shield-check"),
        )

"""Many statements at once, and choices kept under a name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from mycelix_studio.domain.period import Period
from mycelix_studio.errors import Known
from mycelix_studio.services.jobs import Job, Lane, Progress, Work
from mycelix_studio.services.reports import Saved
from mycelix_studio.services.reports_templates import Template
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.reports.model import PeriodKind, Wanted, period_words, periods, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Choice, Radio, Tick
from mycelix_studio.ui.widgets.kept import NameDialog, kept_menu, show_folder
from mycelix_studio.ui.widgets.toasts import Message

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.reports.page import ReportsPage

TAX_YEARS = (((1, 1), "1 January"), ((4, 6), "6 April"), ((7, 1), "1 July"))
"""Beginnings of a tax year that are offered, as (month, day)."""


class BatchDialog(Dialog):
    """Asks which periods, and whether each person gets their own files."""

    def __init__(self, years: Sequence[Period], people: int, theme: Theme, parent: QWidget) -> None:
        words = tr("The files you ticked are written for each period, under its own name.")
        super().__init__(tr("Save many statements"), words, theme, parent, width=460)
        self.years = Choice(tr("Year"), theme, [(place, period_words(year)) for place, year in enumerate(years)])
        self._years = tuple(years)
        self.starts = Choice(
            tr("Tax year begins on"), theme, [(place, tr(name)) for place, (_begin, name) in enumerate(TAX_YEARS)]
        )
        self.each = {
            PeriodKind.MONTH: Radio(tr("Each month"), theme),
            PeriodKind.QUARTER: Radio(tr("Each quarter"), theme),
            PeriodKind.YEAR: Radio(tr("The whole tax year"), theme),
        }
        self.each[PeriodKind.MONTH].setChecked(True)
        self.apart = Tick(tr("Each person apart as well"), theme)
        self.apart.setVisible(people > 1)
        self.body.addWidget(text(tr("Year"), theme, "label", "t3"))
        self.body.addWidget(self.years)
        for radio in self.each.values():
            self.body.addWidget(radio)
            radio.toggled.connect(self._show_start)
        self.body.addWidget(self.starts)
        self.body.addWidget(self.apart)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.add_button(tr("Choose a folder…"), "primary", enter=True).clicked.connect(self.accept)
        self._show_start()

    def periods(self, first: Period) -> tuple[Period, ...]:
        """Return the periods chosen, those with days in ``first`` to its end only, oldest first."""
        year = self._years[max(self.years.currentIndex(), 0)]
        if self.each[PeriodKind.YEAR].isChecked():
            begin, _name = TAX_YEARS[max(self.starts.currentIndex(), 0)]
            return (Period.year(year.first.year, begin),)
        kind = next(kind for kind, radio in self.each.items() if radio.isChecked())
        start, end = max(year.first, first.first), min(year.last, first.last)
        return tuple(reversed(periods(kind, start, end)))

    def _show_start(self, _on: bool = False) -> None:
        self.starts.setVisible(self.each[PeriodKind.YEAR].isChecked())


class BatchDesk(QObject):
    """The two buttons of the head: templates and many statements."""

    def __init__(self, page: ReportsPage) -> None:
        super().__init__(page)
        self._page = page
        self._job: Job[Saved] | None = None
        self.templates = Button(tr("Templates"), page.theme, "default", "ph.bookmark-simple")
        self.many = Button(tr("Save many…"), page.theme, "default", "ph.files")
        self.templates.clicked.connect(self._open_templates)
        self.many.clicked.connect(self.ask)
        page.header.add(self.templates, self.many)
        page.view.progress.stop.connect(self._stop)
        self.set_enabled(False)

    def set_enabled(self, there: bool) -> None:
        """Allow them while there is a statement."""
        self.templates.setEnabled(there)
        self.many.setEnabled(there and self._job is None)

    # many ---------------------------------------------------------------------------------------------------------------

    @Slot()
    def ask(self) -> None:
        """Ask which periods and where, then write."""
        made = self._page.made
        if made is None or self._job is not None:
            return
        years = periods(PeriodKind.YEAR, made.first, made.last)
        dialog = BatchDialog(years, len(made.offer.people), self._page.theme, self._page)
        chosen = dialog.periods(Period(made.first, made.last)) if dialog.exec() else ()
        apart = dialog.apart.isChecked()
        dialog.deleteLater()
        if not chosen:
            return
        folder = QFileDialog.getExistingDirectory(self._page, tr("Save the statements in"), str(Path.home()))
        if folder:
            people = [person for person, _name in made.offer.people] if apart else []
            self.save(Path(folder), chosen, people)

    def save(self, folder: Path, chosen: Sequence[Period], people: Sequence[str] = ()) -> None:
        """Write the statements of many periods, of everybody and of each person named."""
        made = self._page.made
        if made is None or self._job is not None:
            return
        wanted, options = made.wanted, self._page.options()
        each = [wanted.choices, *(replace(wanted.choices, person=person) for person in people)]

        def run(work: Work) -> Saved:
            return self._page.studio.reports.batch(
                folder, chosen, each, currency=wanted.currency, options=options, work=work
            )

        self._page.view.progress.begin(tr("Saving statements"))
        self._job = self._page.bridge.run(
            Lane.IO,
            run,
            name="save statements",
            success=self._saved,
            failure=self._failed,
            cancelled=self._end,
            progress=self._step,
        )
        self.set_enabled(True)

    @Slot(object)
    def _step(self, progress: Progress) -> None:
        self._page.view.progress.step(progress)

    @Slot(object)
    def _saved(self, saved: Saved) -> None:
        self._end()
        folder = saved.files[0].parent
        net = sum(statement.totals.net for statement in saved.statements if not statement.choices.person)
        said = tr("{n} statements, {net} FLOW net").format(n=len(saved.statements), net=shown.coins(net))
        title = tr("Saved {n} files").format(n=shown.count(len(saved.files)))
        self._page.shell.toast(Message(title, said, "ok", tr("Show folder"), partial(show_folder, folder)))

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._end()
        self._page.failed(error)

    @Slot()
    def _end(self) -> None:
        self._job = None
        self._page.view.progress.end()
        self.set_enabled(self._page.made is not None)

    @Slot()
    def _stop(self) -> None:
        if self._job is not None:
            self._job.cancel()

    # templates ----------------------------------------------------------------------------------------------------------

    def templates_menu(self) -> QMenu:
        """Return the menu of templates: each by its name, then keeping and removal."""
        kept = {template.name: template for template in self._page.studio.report_templates.all()}
        keep = (tr("Keep these choices…"), self.ask_name)
        return kept_menu(self.templates, tuple(kept), lambda name: self.use(kept[name]), self.remove, keep)

    def use(self, template: Template) -> None:
        """Take the choices of a template for the period that is shown."""
        made = self._page.made
        if made is not None:
            self._page.show_options(template.options)
            options = replace(made.wanted.options, person_pages=template.options.person_pages)
            self._page.choose(Wanted(made.wanted.period, template.choices, template.currency, options))

    @Slot()
    def ask_name(self) -> None:
        """Ask for a name, then keep the choices."""
        words = tr("Everything but the period is kept under this name.")
        page = self._page
        dialog = NameDialog(
            tr("Keep these choices"), words, page.theme, page, hint=tr("For my accountant"), keep=tr("Keep")
        )
        if name := dialog.ask():
            self.keep(name)

    def keep(self, name: str) -> None:
        """Keep the choices under a name."""
        made = self._page.made
        if made is None:
            return
        template = Template(name, made.wanted.choices, self._page.options(), made.wanted.currency)
        try:
            self._page.studio.report_templates.save(template)
        except Known as error:
            self._page.failed(error)
            return
        self._page.shell.toast(Message(tr("“{name}” kept").format(name=name.strip())))

    def remove(self, name: str) -> None:
        """Forget a template."""
        try:
            self._page.studio.report_templates.remove(name)
        except Known as error:
            self._page.failed(error)

    @Slot()
    def _open_templates(self) -> None:
        self.templates_menu().popup(self.templates.mapToGlobal(self.templates.rect().bottomLeft()))

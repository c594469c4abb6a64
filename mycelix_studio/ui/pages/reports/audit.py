"""The audit of the period that is shown: asks the chain, says what was found, lists what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QWidget

from mycelix_studio.domain.audit import AuditReport
from mycelix_studio.domain.clock import now
from mycelix_studio.errors import Known
from mycelix_studio.services.audit_chain import CannotAudit
from mycelix_studio.services.jobs import Job, Lane, Progress, Work
from mycelix_studio.ui.format import count as shown_count
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.pages.reports.differences import differences, shortened
from mycelix_studio.ui.pages.reports.model import AuditLine, audit_lines, tr
from mycelix_studio.ui.pages.reports.view import AuditPanel, LineRow, fill
from mycelix_studio.ui.widgets.cards import Note, error_note
from mycelix_studio.ui.widgets.sheet import RowsDialog

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.reports.page import ReportsPage


EARLIER = 4


class AuditDesk(QObject):
    """Behaviour of the audit's panel."""

    def __init__(self, page: ReportsPage, panel: AuditPanel) -> None:
        super().__init__(page)
        self._page = page
        self.panel = panel
        self.report: AuditReport | None = None
        self._auditing: Job[AuditReport] | None = None
        panel.check.clicked.connect(self.check)
        panel.progress.stop.connect(self._stop)
        panel.differences.clicked.connect(self._show_differences)
        self.forget()

    @Slot()
    def check(self) -> None:
        """Compare the period with the chain."""
        self._start(offline=False)

    @Slot()
    def check_kept(self) -> None:
        """Compare the period with what an earlier audit has read and proven, without a network."""
        self._start(offline=True)

    def _start(self, *, offline: bool) -> None:
        if self._page.made is None or self._auditing is not None:
            return
        period = self._page.made.wanted.period
        self.forget()
        panel = self.panel
        panel.check.setEnabled(False)
        panel.progress.begin(tr("Reading the chain"))

        def run(work: Work) -> AuditReport:
            studio = self._page.studio
            report = studio.audit.run(period, work, offline=offline)
            studio.kept_audits.add(report, now())
            return report

        self._auditing = self._page.bridge.run(
            Lane.CHAIN,
            run,
            name="audit",
            success=self.show_report,
            failure=self._failed,
            cancelled=self._end,
            progress=self._step,
        )

    @Slot(object)
    def _step(self, progress: Progress) -> None:
        self.panel.progress.step(progress)

    @Slot(object)
    def show_report(self, report: AuditReport) -> None:
        """Show what the audit found."""
        self._end()
        self.report = report
        panel = self.panel
        if report.agrees:
            title, tone = tr("Everything matches the chain"), "ok"
        else:
            title, tone = tr("Something does not match the chain"), "warn"
        fill(
            panel.verdict,
            Note(title, report.verdict, tone, self._page.theme, icon="ph.shield-check" if report.agrees else ""),
        )
        fill(panel.lines, *(LineRow(line, self._page.theme) for line in audit_lines(report)))
        said: list[QWidget] = [text(tr("How it was checked"), self._page.theme, "label", "t3")]
        for line in (*report.how, *report.unchecked):
            shown = text(shortened(line), self._page.theme, "small", "t2", wrap=True)
            shown.setToolTip(line)
            said.append(shown)
        if report.proven and report.agrees:
            kept = tr("You can check this period again without a network.")
            said.append(Note(tr("The proof is kept"), kept, "info", self._page.theme, icon="ph.wifi-slash"))
        fill(panel.how, *said)
        self.show_earlier()
        panel.differences.setVisible(bool(report.differences) or not all(check.equal for check in report.checks))

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._end()
        actions = [(tr("Try again"), self.check)]
        if isinstance(error, Known) and not isinstance(error, CannotAudit):
            actions.append((tr("Check what is kept"), self.check_kept))
        fill(self.panel.verdict, error_note(as_known(error), self._page.theme, actions))

    @Slot()
    def _end(self) -> None:
        self._auditing = None
        self.panel.check.setEnabled(True)
        self.panel.progress.end()

    @Slot()
    def _stop(self) -> None:
        if self._auditing is not None:
            self._auditing.cancel()

    def show_earlier(self) -> None:
        """List the periods audited before, the last ones first."""
        shown = self.report.period.title if self.report is not None else ""
        found = [each for each in self._page.studio.kept_audits.all() if each.title != shown][:EARLIER]
        self.panel.earlier_head.setVisible(bool(found))
        rows = []
        for each in found:
            if each.agrees:
                line = tr("{n} match").format(n=shown_count(each.payments))
            elif each.differences:
                line = tr("{n} of {m} differ").format(n=shown_count(each.differences), m=shown_count(each.payments))
            else:
                line = tr("the sums differ")
            rows.append(LineRow(AuditLine(each.title, line, each.agrees), self._page.theme))
        fill(self.panel.earlier, *rows)

    def forget(self) -> None:
        """Forget what an audit found: another period is shown."""
        self.report = None
        panel = self.panel
        words = tr(
            "Rebuilds every payment, fee, share and payout of this period from the chain's own records and compares them."
        )
        fill(panel.verdict, text(words, self._page.theme, "small", "t2", wrap=True))
        fill(panel.lines)
        fill(panel.how)
        panel.differences.hide()
        self.show_earlier()

    @Slot()
    def _show_differences(self) -> None:
        if self.report is None:
            return
        sheet = differences(self.report)
        dialog = RowsDialog(
            tr("What does not match"), self.report.verdict, sheet, self._page.theme, self._page, width=1240
        )
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

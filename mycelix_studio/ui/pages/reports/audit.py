"""The audit of the period that is shown: asks the chain, says what was found, lists what differs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Slot

from mycelix_studio.domain.audit import AuditReport
from mycelix_studio.services.jobs import Job, Lane, Progress, Work
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.pages.reports.model import audit_lines, tr
from mycelix_studio.ui.pages.reports.view import AuditPanel, LineRow, fill
from mycelix_studio.ui.widgets.cards import Note, error_note
from mycelix_studio.ui.widgets.sheet import RowsDialog, Sheet

if TYPE_CHECKING:
    from mycelix_studio.ui.pages.reports.page import ReportsPage


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
        if self._page.made is None or self._auditing is not None:
            return
        period = self._page.made.wanted.period
        self.forget()
        panel = self.panel
        panel.check.setEnabled(False)
        panel.progress.begin(tr("Reading the chain"))

        def run(work: Work) -> AuditReport:
            return self._page.studio.audit.run(period, work)

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
        said = [text(tr("How it was checked"), self._page.theme, "label", "t3")]
        said += [text(line, self._page.theme, "small", "t2", wrap=True) for line in (*report.how, *report.unchecked)]
        fill(panel.how, *said)
        panel.differences.setVisible(bool(report.differences))

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._end()
        fill(self.panel.verdict, error_note(as_known(error), self._page.theme, [(tr("Try again"), self.check)]))

    @Slot()
    def _end(self) -> None:
        self._auditing = None
        self.panel.check.setEnabled(True)
        self.panel.progress.end()

    @Slot()
    def _stop(self) -> None:
        if self._auditing is not None:
            self._auditing.cancel()

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

    @Slot()
    def _show_differences(self) -> None:
        if self.report is None:
            return
        heads = [tr(head) for head in ("What", "Kind", "Payment", "Block", "Record", "Chain says, here")]
        rows = [
            [
                each.fault.value,
                each.kind,
                each.tx,
                str(each.block),
                str(each.log_index),
                "; ".join(f"{name}: {true}, {found}" for name, true, found in each.values),
            ]
            for each in self.report.differences
        ]
        sheet = Sheet(heads, rows, rows, frozenset({3, 4}))
        dialog = RowsDialog(tr("What does not match"), self.report.verdict, sheet, self._page.theme, self._page)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

"""The pre-flight report in a dialog: the verdict, what was found by rule and by track; saved as PDF, CSV or JSON, or printed."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QFileDialog, QWidget

from mycelix_studio.domain.preflight import Severity
from mycelix_studio.files import write_atomic
from mycelix_studio.services.jobs import Lane, Work
from mycelix_studio.services.preflight_report import FORMATS, Report, render
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.bridge import Bridge
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.base import as_known
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.segment import Segment
from mycelix_studio.ui.widgets.sheet import Rows, Sheet, SheetView

DPI = 200
MOST_LINES = 5_000


class ReportDialog(Dialog):
    """The dialog.

    Signals:
        wanted(int): Show this track in the library.
    """

    wanted = Signal(int)

    def __init__(self, report: Report, bridge: Bridge, theme: Theme, parent: QWidget) -> None:
        super().__init__(tr("Ready for delivery?"), verdict(report), theme, parent, width=860)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.report = report
        self.bridge = bridge
        self._ids: list[int] = []
        self.segment = Segment(tr("Listed by"), [("track", tr("By track")), ("rule", tr("By rule"))])
        self.segment.chosen.connect(self._list)
        self.body.addWidget(self.segment)
        self.sheet = Rows(Sheet([""], [], [], frozenset(), wide=0), self)
        self.table = SheetView(tr("Findings"), self.sheet)
        self.table.setMinimumHeight(paint.scaled(300))
        self.table.doubleClicked.connect(self._go)
        self.body.addWidget(self.table, 1)
        if len(report.tracks) > report.ready:
            hint = tr("A double click shows the track, with a way out where there is one.")
            self.body.addWidget(Note("", hint, "info", theme))
        self.let_body_grow()
        self.print = self.add_button(tr("Print…"), left=True)
        self.save = self.add_button(tr("Save…"), left=True)
        self.save.clicked.connect(self._ask_where)
        self.print.clicked.connect(self._make_page)
        self.add_button(tr("Close"), "primary", enter=True).clicked.connect(self.accept)
        self._list("track")

    @Slot(str)
    def _list(self, by: str) -> None:
        if by == "rule":
            heads = [tr("What the rule asks for"), tr("How bad"), tr("Tracks")]
            rules = self.report.by_rule()
            rows = [[tr(asks), _badness(severity), shown.count(count)] for _rule, asks, severity, count in rules]
            self._ids = []
            self._put(Sheet(heads, rows, rows, frozenset({2}), wide=0))
            return
        heads = [tr("Track"), tr("How bad"), tr("Found"), tr("What it means")]
        rows, self._ids = [], []
        for track in self.report.tracks:
            lines = [[track.title, _badness(f.severity), tr(f.title), tr(f.words)] for f in track.findings]
            if track.problem:
                lines.append([track.title, tr("not measured"), tr("The sound was not measured"), track.problem])
            rows += lines
            self._ids += [track.track_id] * len(lines)
        self._put(Sheet(heads, rows[:MOST_LINES], rows[:MOST_LINES], frozenset(), wide=3))

    def _put(self, sheet: Sheet) -> None:
        self.sheet.show(sheet)
        head = self.table.horizontalHeader()
        for column in range(len(sheet.heads)):
            mode = head.ResizeMode.Stretch if column == sheet.wide else head.ResizeMode.ResizeToContents
            head.setSectionResizeMode(column, mode)

    def _go(self, index: object) -> None:
        row = self.table.currentIndex().row()
        if 0 <= row < len(self._ids):
            self.wanted.emit(self._ids[row])
            self.accept()

    # leaving the program ------------------------------------------------------------------------------------------------

    def _ask_where(self) -> None:
        kinds = ";;".join((tr("PDF (*.pdf)"), tr("Table (*.csv)"), tr("JSON (*.json)")))
        name, _kind = QFileDialog.getSaveFileName(self, tr("Save the report"), str(Path.home() / "delivery.pdf"), kinds)
        if name:
            self.save_as(Path(name))

    def save_as(self, path: Path) -> None:
        """Write the report; the ending of the name says how."""
        kind = path.suffix.lower().lstrip(".")
        if kind not in FORMATS:
            path, kind = path.with_name(f"{path.name}.pdf"), "pdf"
        self._enable(False)
        self.bridge.run(
            Lane.IO, partial(_write, self.report, kind, path), name="report", success=self._saved, failure=self._failed
        )

    @Slot(object)
    def _saved(self, path: Path) -> None:
        self._enable(True)
        self.words.setText(tr("{verdict} Saved as “{name}”.").format(verdict=verdict(self.report), name=path.name))

    @Slot(object)
    def _failed(self, error: Exception) -> None:
        self._enable(True)
        known = as_known(error)
        self.words.setText(" ".join(part for part in (f"{known.title}.", known.message, known.hint) if part))

    def _make_page(self) -> None:
        self._enable(False)
        self.bridge.run(
            Lane.IO, lambda _work: render(self.report, "pdf"), name="report", success=self._print, failure=self._failed
        )

    @Slot(object)
    def _print(self, pdf: bytes) -> None:
        from PySide6.QtPrintSupport import QPrintDialog, QPrinter

        self._enable(True)
        printer = QPrinter(QPrinter.PrinterMode.HighResolution)
        dialog = QPrintDialog(printer, self)
        dialog.setWindowTitle(tr("Print the report"))
        if dialog.exec() == QPrintDialog.DialogCode.Accepted:
            print_pdf(pdf, printer)
        dialog.deleteLater()

    def _enable(self, on: bool) -> None:
        for button in (self.save, self.print):
            button.setEnabled(on)


def print_pdf(pdf: bytes, printer: object) -> int:
    """Print the pages of a PDF and return how many there were."""
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice
    from PySide6.QtPdf import QPdfDocument
    from PySide6.QtPrintSupport import QPrinter

    assert isinstance(printer, QPrinter)
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    painter = QPainter(printer)
    area = printer.pageRect(QPrinter.Unit.DevicePixel)
    for page in range(document.pageCount()):
        if page:
            printer.newPage()
        points = document.pagePointSize(page)
        size = QSizeF(points.width() * DPI / 72, points.height() * DPI / 72).toSize()
        picture = document.render(page, size)
        fitted = QSizeF(size).scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatio)
        painter.drawImage(QRectF(0, 0, fitted.width(), fitted.height()), picture)
    painter.end()
    pages = int(document.pageCount())
    document.close()
    buffer.close()
    return pages


def verdict(report: Report) -> str:
    """Return the verdict in the words of the window."""
    total = len(report.tracks)
    if report.ready == total:
        return (
            tr("Ready. Every rule of the stores is met.")
            if total == 1
            else tr("All {n} tracks are ready. Every rule of the stores is met.").format(n=shown.count(total))
        )
    return tr("{n} of {m} tracks are ready; stores would refuse {k}.").format(
        n=shown.count(report.ready), m=shown.count(total), k=shown.count(report.refused)
    )


def _badness(severity: Severity) -> str:
    return tr("stores refuse it") if severity is Severity.STOP else tr("to look at")


def _write(report: Report, kind: str, path: Path, work: Work) -> Path:
    write_atomic(path, render(report, kind), 0o644)
    return path

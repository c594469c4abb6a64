"""Layout of reports: choices at the left, the paper, the audit at the right; rates on their own tab."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from mycelix_studio.services.reports import Format
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon, Rule, Text, text
from mycelix_studio.ui.pages.reports.model import FORMAT_WORDS, AuditLine, PeriodKind, tr
from mycelix_studio.ui.pages.reports.paper import Paper
from mycelix_studio.ui.pages.reports.rates import RatesView
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.inputs import Choice, Tick
from mycelix_studio.ui.widgets.progress import ProgressRow
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.segment import Segment, Tabs
from mycelix_studio.ui.widgets.states import States

CHOICES = 268
AUDIT = 340
PADDING = 16


class Choices(QFrame):
    """What the statement is of, and which files are made."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "inspector")
        self.setAccessibleName(tr("Choices"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        body = QWidget()
        body.setProperty("ground", "none")
        column = self._column = QVBoxLayout(body)
        column.setContentsMargins(PADDING, 12, PADDING, 12)
        column.setSpacing(6)
        self._theme = theme
        self._parts()
        self._files()
        self.set_theme(theme)
        column.addStretch(1)
        outer.addWidget(_scroller(body), 1)
        foot = QVBoxLayout()
        foot.setContentsMargins(PADDING, 8, PADDING, 12)
        foot.setSpacing(8)
        foot.addWidget(text(tr("Same input, same file, byte for byte."), theme, "small", "t3"))
        self.save = Button(tr("Save statement"), theme, "primary", "ph.download-simple", keys="Ctrl+S")
        foot.addWidget(self.save)
        outer.addLayout(foot)

    def set_theme(self, theme: Theme) -> None:
        """Grow with the size of text."""
        self.setFixedWidth(min(paint.scaled(CHOICES), CHOICES + 80))

    def _parts(self) -> None:
        column, theme = self._column, self._theme
        self._head(tr("Period"), first=True)
        self.kind = Segment(
            tr("Length of the period"),
            [
                (PeriodKind.MONTH.value, tr("Month")),
                (PeriodKind.QUARTER.value, tr("Quarter")),
                (PeriodKind.YEAR.value, tr("Year")),
                (PeriodKind.CUSTOM.value, tr("Own")),
            ],
        )
        column.addWidget(self.kind)
        self.period = self._choice(tr("Period"))
        column.addWidget(self.period)
        self._head(tr("For"))
        self.person = self._choice(tr("For"))
        column.addWidget(self.person)
        self._head(tr("Songs"))
        self.song = self._choice(tr("Songs"))
        column.addWidget(self.song)
        self._head(tr("Ways to earn"))
        self.way = self._choice(tr("Ways to earn"))
        column.addWidget(self.way)
        self._head(tr("Also show in"))
        row = QHBoxLayout()
        row.setSpacing(8)
        self.currency = Choice(tr("Also show in"), theme)
        self.rates = text("", theme, "small", "t3")
        row.addWidget(self.currency)
        row.addWidget(self.rates, 1)
        column.addLayout(row)

    def _files(self) -> None:
        self._head(tr("Files"))
        self.formats: dict[Format, Tick] = {}
        self.notes: dict[Format, Text] = {}
        for kind in Format:
            self.formats[kind], self.notes[kind] = self._tick(FORMAT_WORDS[kind])
        self._column.addSpacing(4)
        self.person_pages, _note = self._tick(tr("One page per person"))
        self.guard, _note = self._tick(tr("Guard cells against formulas"))
        self.guard.setToolTip(tr("Cells that begin with = + - @ are written so that no spreadsheet runs them."))

    def _head(self, words: str, *, first: bool = False) -> None:
        if not first:
            self._column.addSpacing(6)
        self._column.addWidget(text(words, self._theme, "label", "t3"))

    def _choice(self, name: str) -> Choice:
        made = Choice(name, self._theme)
        made.setSizeAdjustPolicy(Choice.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.setMinimumContentsLength(8)
        return made

    def _tick(self, words: str) -> tuple[Tick, Text]:
        row = QHBoxLayout()
        tick = Tick(words, self._theme)
        note = text("", self._theme, "small", "t3")
        row.addWidget(tick)
        row.addStretch(1)
        row.addWidget(note)
        self._column.addLayout(row)
        return tick, note


class LineRow(QFrame):
    """One line of the audit or of the kept statements."""

    def __init__(self, line: AuditLine, theme: Theme, icon: str = "") -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setAccessibleName(f"{line.name}: {line.value}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 6, 0, 6)
        row.setSpacing(8)
        row.addWidget(
            Icon(icon or ("ph.check-circle" if line.right else "ph.warning"), theme, "ok" if line.right else "warn", 15)
        )
        row.addWidget(text(line.name, theme, "body"))
        row.addStretch(1)
        row.addWidget(text(line.value, theme, "body", "t2"))


class AuditPanel(QFrame):
    """Does the statement agree with the chain, and which statements were saved before."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "inspector")
        self.setAccessibleName(tr("Audit"))
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        body = QWidget()
        body.setProperty("ground", "none")
        self.column = QVBoxLayout(body)
        self.column.setContentsMargins(PADDING, 12, PADDING, 12)
        self.column.setSpacing(8)
        head = QHBoxLayout()
        head.addWidget(text(tr("Audit"), theme, "section"))
        head.addStretch(1)
        self.check = Button(tr("Check"), theme, "default", "ph.arrow-clockwise", small=True)
        head.addWidget(self.check)
        self.column.addLayout(head)
        self.progress = ProgressRow(theme)
        self.column.addWidget(self.progress)
        self.verdict = _box()
        self.lines = _box(0)
        self.how = _box(2)
        for part in (self.verdict, self.lines, self.how):
            self.column.addLayout(part)
        self.differences = Button(tr("Show the differences"), theme, "default", small=True)
        self.differences.hide()
        self.column.addWidget(self.differences, 0, Qt.AlignmentFlag.AlignLeft)
        self.column.addStretch(1)
        self.earlier_head = text(tr("Audited before"), theme, "label", "t3")
        self.column.addWidget(self.earlier_head)
        self.earlier = _box(0)
        self.column.addLayout(self.earlier)
        self.kept_head = text(tr("Saved before"), theme, "label", "t3")
        self.column.addWidget(self.kept_head)
        self.kept = _box(0)
        self.column.addLayout(self.kept)
        outer.addWidget(_scroller(body))
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Grow with the size of text, a little."""
        self.setFixedWidth(min(paint.scaled(AUDIT), AUDIT + 60))


def _scroller(body: QWidget) -> QScrollArea:
    made = Scroller(body)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return made


def _box(spacing: int = 8) -> QVBoxLayout:
    made = QVBoxLayout()
    made.setSpacing(spacing)
    return made


def fill(box: QVBoxLayout, *widgets: QWidget) -> None:
    """Put other widgets into a box."""
    while (item := box.takeAt(0)) is not None:
        if (old := item.widget()) is not None:
            old.hide()
            old.deleteLater()
    for widget in widgets:
        box.addWidget(widget)


class ReportsView(QWidget):
    """Tabs; on the first the choices, the paper and the audit."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.tabs = Tabs(tr("Parts of reports"), [("statements", tr("Statements")), ("rates", tr("Rates"))])
        column.addWidget(self.tabs)
        self.progress = ProgressRow(theme)
        column.addWidget(self.progress)
        statements = QWidget()
        row = QHBoxLayout(statements)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.choices = Choices(theme)
        self.paper = Paper(theme)
        self.preview = States(self.paper, theme)
        self.audit = AuditPanel(theme)
        self.audit_edge = Rule(theme, "line2", vertical=True)
        row.addWidget(self.choices)
        row.addWidget(Rule(theme, "line2", vertical=True))
        row.addWidget(self.preview, 1)
        row.addWidget(self.audit_edge)
        row.addWidget(self.audit)
        self.rates = RatesView(theme)
        self.stack = QStackedWidget()
        self.stack.addWidget(statements)
        self.stack.addWidget(self.rates)
        self.states = States(self.stack, theme)
        column.addWidget(self.states, 1)

    def show_audit(self, shown: bool) -> None:
        """Show or hide the panel at the right."""
        self.audit.setVisible(shown)
        self.audit_edge.setVisible(shown)

"""Layout of the library: toolbar, table and footer at the left, the inspector at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSplitter, QVBoxLayout, QWidget

from mycelix_studio.domain.fields import EDITABLE, Field
from mycelix_studio.domain.fields import spec as spec_of
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Rule, text
from mycelix_studio.ui.pages.library.compare import ComparePanel
from mycelix_studio.ui.pages.library.model import LibraryModel, tr
from mycelix_studio.ui.pages.library.table import LibraryTable
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button, IconButton
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.inputs import Field as LineField
from mycelix_studio.ui.widgets.inputs import FilterField
from mycelix_studio.ui.widgets.progress import ProgressRow
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.segment import Segment, Tabs
from mycelix_studio.ui.widgets.states import States
from mycelix_studio.ui.widgets.waveform import Waveform

INSPECTOR = 360
COVER = 64
SHOWN_FIELDS = EDITABLE
LABEL_WIDTH = 92


class Inspector(QFrame):
    """Everything about the selected tracks. The same fields edit one track or many."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "inspector")
        sizes.keep(self, least_width=340)
        self.setAccessibleName(tr("Details"))
        self.fields: dict[Field, LineField] = {}
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(self._head(theme))
        outer.addLayout(self._transport(theme))
        self.compare = ComparePanel(theme)
        self.compare.hide()
        outer.addWidget(self.compare)
        self.tabs = Tabs(
            tr("Details"),
            [
                ("tags", tr("Tags")),
                ("art", tr("Art")),
                ("checks", tr("Checks")),
                ("chain", tr("On chain")),
                ("history", tr("History")),
            ],
        )
        outer.addWidget(self.tabs)
        self.scroller = Scroller()
        self.body = QWidget()
        self.body.setProperty("ground", "none")
        self.column = QVBoxLayout(self.body)
        self.column.setContentsMargins(16, 12, 16, 12)
        self.column.setSpacing(6)
        self.tags = self._tags(theme)
        self.art = self._art(theme)
        self.column.addWidget(self.tags)
        self.column.addWidget(self.art)
        self.checks, self.check_rows = self._tab()
        self.on_chain, self.on_chain_rows = self._tab()
        self.history, self.history_rows = self._tab()
        self.note_place = QVBoxLayout()
        self.column.addSpacing(4)
        self.column.addLayout(self.note_place)
        self.column.addStretch(1)
        self.scroller.setWidget(self.body)
        outer.addWidget(self.scroller, 1)
        outer.addWidget(Rule(theme, "line2"))
        outer.addLayout(self._foot(theme))
        self.art.hide()

    def _tab(self) -> tuple[QWidget, QVBoxLayout]:
        """Return an empty tab and its rows; hidden until it is chosen."""
        tab = QWidget()
        rows = QVBoxLayout(tab)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        self.column.addWidget(tab)
        tab.hide()
        return tab, rows

    def _transport(self, theme: Theme) -> QVBoxLayout:
        column = QVBoxLayout()
        column.setContentsMargins(16, 0, 16, 8)
        column.setSpacing(8)
        self.waveform = Waveform(theme)
        column.addWidget(self.waveform)
        row = QHBoxLayout()
        row.setSpacing(6)
        self.before = IconButton("ph.skip-back-fill", tr("Track before"), theme, boxed=True, keys="Alt+Up")
        self.play = IconButton("ph.play-fill", tr("Play"), theme, boxed=True, keys="Space")
        self.after = IconButton("ph.skip-forward-fill", tr("Next track"), theme, boxed=True, keys="Alt+Down")
        self.time = text("", theme, "small", "t2")
        self.loudness = text("", theme, "small", "t3")
        self.peak = text("", theme, "small", "t3")
        for widget in (self.before, self.play, self.after):
            row.addWidget(widget)
        self.together = Button(tr("Edit together…"), theme, icon_name="ph.pencil-simple", small=True, keys="Ctrl+E")
        self.together.hide()
        row.addWidget(self.together)
        row.addSpacing(6)
        row.addWidget(self.time)
        row.addStretch(1)
        row.addWidget(self.loudness)
        row.addSpacing(4)
        row.addWidget(self.peak)
        column.addLayout(row)
        return column

    def _head(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 14, 16, 10)
        row.setSpacing(12)
        self.cover = QLabel()
        self.cover.setFixedSize(COVER, COVER)
        self.cover.setAccessibleName(tr("Cover"))
        row.addWidget(self.cover, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(2)
        self.title = text("", theme, "section")
        self.line = text("", theme, "small", "t2")
        for label in (self.title, self.line):
            label.setMinimumWidth(40)
        chips = QHBoxLayout()
        chips.setSpacing(6)
        self.audio = Chip("", theme)
        self.edited = Chip("", theme, "acc")
        chips.addWidget(self.audio)
        chips.addWidget(self.edited)
        chips.addStretch(1)
        words.addWidget(self.title)
        words.addWidget(self.line)
        words.addLayout(chips)
        row.addLayout(words, 1)
        return row

    def _tags(self, theme: Theme) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        for field in SHOWN_FIELDS:
            name = tr(spec_of(field).title)
            row = QHBoxLayout()
            row.setSpacing(0)
            label = text(name, theme, "small", "t2")
            sizes.keep(label, width=LABEL_WIDTH)
            line = LineField(name, theme, small=True)
            label.setBuddy(line)
            row.addWidget(label)
            row.addWidget(line, 1)
            column.addLayout(row)
            self.fields[field] = line
        return box

    def _art(self, theme: Theme) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(10)
        self.art_picture = QLabel()
        self.art_picture.setFixedSize(INSPECTOR - 32, INSPECTOR - 32)
        self.art_picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.art_picture.setAccessibleName(tr("Front cover"))
        column.addWidget(self.art_picture)
        self.art_line = text("", theme, "small", "t2", wrap=True)
        column.addWidget(self.art_line)
        row = QHBoxLayout()
        self.replace_art = Button(tr("Replace…"), theme, icon_name="ph.image", small=True)
        self.remove_art = Button(tr("Remove"), theme, "quiet", small=True)
        row.addWidget(self.replace_art)
        row.addWidget(self.remove_art)
        row.addStretch(1)
        column.addLayout(row)
        return box

    def _foot(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(16, 9, 16, 9)
        row.setSpacing(8)
        self.unsaved = text("", theme, "small", "t2")
        self.revert = Button(tr("Revert"), theme, "quiet", small=True)
        self.save = Button(tr("Save tags"), theme, "primary", "ph.floppy-disk", small=True, keys="Ctrl+S")
        row.addWidget(self.unsaved)
        row.addStretch(1)
        row.addWidget(self.revert)
        row.addWidget(self.save)
        return row


class LibraryView(QWidget):
    """Layout only; the page gives it behaviour."""

    def __init__(
        self, model: LibraryModel, theme: Theme, row_height: int, covers: Callable[[str], QPixmap | None]
    ) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._tools(theme)
        column.addWidget(self.toolbar)
        column.addWidget(Rule(theme, "line2"))
        self.progress = ProgressRow(theme)
        column.addWidget(self.progress)
        self.table = LibraryTable(model, theme, row_height, covers)
        self.states = States(self.table, theme)
        column.addWidget(self.states, 1)
        column.addWidget(Rule(theme, "line2"))
        foot = QHBoxLayout()
        foot.setContentsMargins(16, 6, 16, 6)
        self.totals = text("", theme, "small", "t2")
        self.selected = text("", theme, "small", "t2")
        self.measuring = text("", theme, "small", "t3")
        foot.addWidget(self.totals)
        foot.addSpacing(16)
        foot.addWidget(self.measuring)
        foot.addStretch(1)
        foot.addWidget(self.selected)
        column.addLayout(foot)
        self.inspector = Inspector(theme)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.inspector)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([880, paint.scaled(INSPECTOR)])
        outer.addWidget(self.splitter)

    def _tools(self, theme: Theme) -> None:
        self.toolbar = QWidget()
        self._bar = QVBoxLayout(self.toolbar)
        self._bar.setContentsMargins(16, 12, 16, 12)
        self._bar.setSpacing(8)
        row = self._first_row = QHBoxLayout()
        row.setSpacing(8)
        self._bar.addLayout(row)
        self.filter = _filter(theme)
        self.segment = Segment(tr("Which tracks"))
        self.only_selected = Button(tr("Details"), theme, "quiet", "ph.layout", small=True, keys="Ctrl+I")
        row.addWidget(self.filter, 100)  # as wide as its words need, before anything is left free
        row.addWidget(self.segment)
        row.addStretch(1)
        row.addWidget(self.only_selected)
        self.choose_columns = IconButton("ph.columns", tr("Columns"), theme)
        self.more = IconButton("ph.dots-three", tr("More"), theme)
        row.addWidget(self.choose_columns)
        row.addWidget(self.more)

    def fit_toolbar(self, width: int) -> None:
        """Put the segment beside the filter, or below it where both do not fit into ``width``."""
        row = self._first_row
        others = (self.only_selected, self.choose_columns, self.more)
        tools = sum(each.sizeHint().width() + row.spacing() for each in others if not each.isHidden())
        wanted = self.filter.maximumWidth() + row.spacing() + self.segment.sizeHint().width() + tools
        below = wanted > width - 32
        if below != (row.indexOf(self.segment) < 0):
            if below:
                row.removeWidget(self.segment)
                self._bar.addWidget(self.segment)
            else:
                self._bar.removeWidget(self.segment)
                row.insertWidget(1, self.segment)


def _filter(theme: Theme) -> FilterField:
    """Return the field that filters; it gives way where there is little room."""
    made = FilterField(tr("Filter the library"), theme, tr("Filter by title, album, ISRC…"))
    return sizes.keep(made, least_width=120, most_width=232)

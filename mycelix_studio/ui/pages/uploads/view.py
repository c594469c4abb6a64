"""Layout of the uploads: the whole queue's bar, the table, and one upload's steps and speed at the right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetricsF, QPainter, QPaintEvent, QPixmap, QPolygonF
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QSplitter, QVBoxLayout, QWidget

from mycelix_studio.domain.upload import Step, StepState
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import Icon, Rule, text
from mycelix_studio.ui.pages.uploads.model import QueueModel, tr
from mycelix_studio.ui.pages.uploads.table import QueueTable
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Note
from mycelix_studio.ui.widgets.inputs import Choice
from mycelix_studio.ui.widgets.progress import Bar
from mycelix_studio.ui.widgets.scroll import Scroller
from mycelix_studio.ui.widgets.states import States

INSPECTOR: Final = 360
COVER: Final = 48
STEP_ICON: Final = {
    StepState.TODO: ("ph.circle", "t3"),
    StepState.NOW: ("ph.circle-half", "acc"),
    StepState.DONE: ("ph.check-circle", "ok"),
    StepState.FAILED: ("ph.warning-circle", "warn"),
}
STEP_SPOKEN: Final = {
    StepState.TODO: "not yet",
    StepState.NOW: "now",
    StepState.DONE: "done",
    StepState.FAILED: "needs you",
}
LIMITS: Final = (0, 250, 500, 1_000, 2_000, 5_000, 10_000, 50_000)
"""Kilobytes a second that are offered; 0 is no limit."""


class StepLine(QWidget):
    """One step: how far it is as an icon, its name, a line below."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.state = StepState.TODO
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        self.icon = Icon("ph.circle", theme, "t3", 18)
        row.addWidget(self.icon, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(1)
        self.name = text("", theme, "strong")
        self.line = text("", theme, "small", "t3", wrap=True)
        words.addWidget(self.name)
        words.addWidget(self.line)
        row.addLayout(words, 1)

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours for the next state."""
        self._theme = theme

    def show_step(self, state: StepState, name: str, line: str) -> None:
        """Show how far the step is."""
        icon, tone = STEP_ICON[state]
        self.state = state
        self.icon.set_icon(icon, tone)
        self.name.setText(name)
        self.name.set_color(self._theme, "t2" if state is StepState.TODO else "t1")
        self.line.setText(line)
        self.setAccessibleName(f"{name}: {tr(STEP_SPOKEN[state])}. {line}")


class SpeedGraph(QWidget):
    """Bytes a second of the last minute."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.speeds: tuple[int, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme

    def set_speeds(self, speeds: Sequence[int]) -> None:
        """Show other figures, oldest first."""
        self.speeds = tuple(speeds)
        known = [speed for speed in self.speeds if speed]
        if known:
            words = tr("Speed, last minute: highest {high}/s, now {now}/s").format(
                high=shown.size(max(known)), now=shown.size(self.speeds[-1])
            )
        else:
            words = tr("Speed, last minute: nothing was sent")
        self.setAccessibleName(words)
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height of graph and axis."""
        return QSize(200, 70 + 2 * self._line())

    @staticmethod
    def _line() -> int:
        return round(QFontMetricsF(paint.font(11, 400)).height()) + 2

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint two lines of the axis, the area and its edge."""
        t = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font, line = paint.font(11, 400), self._line()
        top = nice_top(max(self.speeds, default=0) or 1_000_000)
        left = max(paint.width_of(rate_words(round(top * share)), font) for share in (0.5, 1.0)) + 10
        box = QRectF(left, line / 2, self.width() - left - 1, self.height() - 2 * line)
        for share in (0.0, 0.5, 1.0):
            y = box.bottom() - box.height() * share
            painter.setPen(paint.pen(t, "line2" if share == 0 else "line"))
            painter.drawLine(QPointF(box.x(), y), QPointF(box.right(), y))
            words = "0" if share == 0 else rate_words(round(top * share))
            align = Qt.AlignmentFlag.AlignLeft
            place = QRectF(0, y - line / 2, left - 6, line)
            paint.draw_text(painter, place, words, paint.color(t, "t3"), font, align=align)
        if len(self.speeds) > 1:
            step = box.width() / (len(self.speeds) - 1)
            points = [
                QPointF(box.x() + place * step, box.bottom() - box.height() * min(speed / top, 1.0))
                for place, speed in enumerate(self.speeds)
            ]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.color(t, "acc", 0.18))
            painter.drawPolygon(QPolygonF([box.bottomLeft(), *points, box.bottomRight()]))
            painter.setPen(paint.pen(t, "acc", 1.5))
            painter.drawPolyline(points)
        foot = QRectF(box.x(), box.bottom() + 4, box.width(), line)
        paint.draw_text(painter, foot, tr("60 s ago"), paint.color(t, "t3"), font)
        paint.draw_text(painter, foot, tr("now"), paint.color(t, "t3"), font, align=Qt.AlignmentFlag.AlignRight)
        painter.end()


def nice_top(most: int) -> int:
    """Return the round figure at or above ``most`` that an axis ends at; an even one, so that its half is round too."""
    power = 1_000
    while True:
        for factor in (1, 2, 4, 6, 10):
            if factor * power >= most:
                return factor * power
        power *= 10


def rate_words(speed: int) -> str:
    """Return an axis label, ``6 MB/s`` or ``0.5 MB/s``."""
    words = shown.size(speed)
    number, _, unit = words.rpartition(" ")
    point = number[-2:-1]
    return f"{number[:-2] if number.endswith('0') and not point.isdigit() else number} {unit}/s"


class Inspector(QFrame):
    """One upload: its six steps, its speed, what it needs."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "inspector")
        self.setAccessibleName(tr("Details"))
        self.theme = theme
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        scroller = Scroller()
        body = QWidget()
        body.setProperty("ground", "none")
        column = QVBoxLayout(body)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(0)
        column.addLayout(self._head(theme))
        self.note_place = QVBoxLayout()
        self.note_place.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.note_place)
        column.addSpacing(20)
        self.steps = {step: StepLine(theme) for step in Step}
        for line in self.steps.values():
            column.addWidget(line)
            column.addSpacing(14)
        self.speed_part = self._speed(theme)
        column.addWidget(self.speed_part)
        column.addStretch(1)
        column.addSpacing(16)
        column.addWidget(
            Note(
                "",
                tr("You can close Studio or switch off. The queue is kept and goes on where it stopped."),
                "info",
                theme,
            )
        )
        scroller.setWidget(body)
        outer.addWidget(scroller)
        self.note: Note | None = None

    def _head(self, theme: Theme) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(12)
        self.cover = QLabel()
        self.cover.setFixedSize(COVER, COVER)
        self.cover.setAccessibleName(tr("Cover"))
        row.addWidget(self.cover)
        words = QVBoxLayout()
        words.setSpacing(2)
        words.addStretch(1)
        self.title = text("", theme, "section")
        self.line = text("", theme, "small", "t2")
        for label in (self.title, self.line):
            label.setMinimumWidth(40)
            words.addWidget(label)
        words.addStretch(1)
        row.addLayout(words, 1)
        return row

    def _speed(self, theme: Theme) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 6, 0, 0)
        column.setSpacing(8)
        column.addWidget(Rule(theme, "line2"))
        column.addSpacing(6)
        column.addWidget(text(tr("Speed, last minute"), theme, "small", "t2"))
        self.graph = SpeedGraph(theme)
        column.addWidget(self.graph)
        return box

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours for notes."""
        self.theme = theme

    def set_note(self, note: Note | None) -> None:
        """Show what it needs, or nothing."""
        if self.note is not None:
            self.note_place.removeWidget(self.note)
            self.note.deleteLater()
        self.note = note
        if note is not None:
            self.note_place.setContentsMargins(0, 16, 0, 0)
            self.note_place.addWidget(note)
        else:
            self.note_place.setContentsMargins(0, 0, 0, 0)


class UploadsView(QWidget):
    """Layout only; the page gives it behaviour."""

    def __init__(self, model: QueueModel, theme: Theme, covers: Callable[[str], QPixmap | None]) -> None:
        super().__init__()
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setHandleWidth(1)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.strip = self._strip(theme)
        column.addWidget(self.strip)
        self.note_place = QVBoxLayout()
        self.note_place.setContentsMargins(0, 0, 0, 0)
        column.addLayout(self.note_place)
        self.rule = Rule(theme, "line2")
        column.addWidget(self.rule)
        self.table = QueueTable(model, theme, covers)
        self.states = States(self.table, theme)
        column.addWidget(self.states, 1)
        self.inspector = Inspector(theme)
        self.inspector.setMinimumWidth(320)
        self.splitter.addWidget(left)
        self.splitter.addWidget(self.inspector)
        self.splitter.setStretchFactor(0, 1)
        self.splitter.setStretchFactor(1, 0)
        self.splitter.setSizes([872, INSPECTOR])
        outer.addWidget(self.splitter)

    def _strip(self, theme: Theme) -> QWidget:
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(16, 12, 16, 12)
        row.setSpacing(24)
        sums = QVBoxLayout()
        sums.setSpacing(6)
        words = QHBoxLayout()
        words.setSpacing(10)
        self.done = text("", theme, "strong")
        self.sent = text("", theme, "small", "t2")
        self.speed = text("", theme, "small", "t2")
        words.addWidget(self.done)
        words.addWidget(self.sent)
        words.addStretch(1)
        words.addWidget(self.speed)
        sums.addLayout(words)
        self.bar = Bar(theme, tr("Uploads"))
        sums.addWidget(self.bar)
        row.addLayout(sums, 1)
        limit = QHBoxLayout()
        limit.setSpacing(8)
        label = self.limit_label = text(tr("Limit"), theme, "small", "t2")
        self.limit = Choice(tr("Limit of speed"), theme, [(each, limit_words(each)) for each in LIMITS], small=True)
        self.limit.setMinimumWidth(112)
        label.setBuddy(self.limit)
        limit.addWidget(label)
        limit.addWidget(self.limit)
        row.addLayout(limit)
        self.details = Button(tr("Details"), theme, "quiet", "ph.layout", small=True, keys="Ctrl+I")
        row.addWidget(self.details)
        return strip

    def fit_strip(self) -> None:
        """Leave out what has no room: first the limit, which Settings has too, then the bytes."""
        room = self.strip.width()
        for widget in (self.limit_label, self.limit):
            widget.setVisible(room >= 680)
        words = sum(label.sizeHint().width() for label in (self.done, self.sent, self.speed)) + 60
        taken = self.details.width() + 24 if self.details.isVisibleTo(self.strip) else 0
        taken += self.limit.width() + 80 if room >= 680 else 0
        self.sent.setVisible(room - 32 - taken >= words)


def limit_words(kilobytes: int) -> str:
    """Return ``No limit``, ``500 kB/s`` or ``2 MB/s``."""
    return rate_words(kilobytes * 1_000) if kilobytes else tr("No limit")

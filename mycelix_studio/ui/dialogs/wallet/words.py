"""The 12 or 24 words: shown to be written down, typed to practise, and the four steps above them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.dialogs.wallet.base import tr
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.chips import Chip
from mycelix_studio.ui.widgets.inputs import Field

COLUMNS = 3


class Steps(QWidget):
    """Make, Write down, Practise, Ready: those done ticked, the present one strong."""

    def __init__(self, names: Sequence[str], theme: Theme) -> None:
        super().__init__()
        self.names = tuple(names)
        self.theme = theme
        self.step = 0
        sizes.keep(self, height=40)
        self.set_step(0)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def set_step(self, step: int) -> None:
        """Go to a step."""
        self.step = step
        name = self.names[min(step, len(self.names) - 1)]
        self.setAccessibleName(tr("Step {n} of {all}: {name}").format(n=step + 1, all=len(self.names), name=name))
        self.update()

    def sizeHint(self) -> QSize:
        """Return one line."""
        return QSize(480, paint.scaled(40))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint circles, words and the lines between."""
        t = self.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = paint.scaled(16)
        widths = [side + 8 + paint.width_of(name, paint.font(13, 500)) for name in self.names]
        gap = (self.width() - sum(widths)) / max(len(self.names) - 1, 1)
        x, y = 0.0, self.height() / 2
        spans = []
        for number, (name, width) in enumerate(zip(self.names, widths, strict=True)):
            done, now = number < self.step, number == self.step
            circle = paint.icon_box(x, y, 16)
            if done:
                paint.draw_icon(painter, "ph.check-circle-fill", circle, QColor(t.acc))
            else:
                painter.setPen(QPen(QColor(t.acc if now else t.t3), 1.3))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawEllipse(circle.adjusted(1, 1, -1, -1))
                tint = QColor(t.acc if now else t.t3)
                paint.draw_text(
                    painter, circle, str(number + 1), tint, paint.font(10, 600), align=Qt.AlignmentFlag.AlignHCenter
                )
            tone = QColor(t.t1 if now else t.t2)
            paint.draw_text(
                painter, QRectF(x + side + 6, 0, width, self.height()), name, tone, paint.font(13, 500 if now else 400)
            )
            spans.append((x, x + width))
            x += width + gap
        painter.setPen(QPen(QColor(t.line2), 1))
        for (_a, end), (start, _b) in pairwise(spans):
            painter.drawLine(QPointF(end + 10, y), QPointF(start - 10, y))
        painter.end()


class WordsShown(QWidget):
    """The words to write down, numbered. They are in the labels and nowhere else."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setSpacing(8)
        self.labels: list[QLabel] = []
        self.setAccessibleName(tr("Your words"))

    def show_words(self, words: Sequence[str]) -> None:
        """Show words."""
        self.forget()
        for number, word in enumerate(words):
            frame = QFrame()
            frame.setProperty("kind", "card")
            row = QHBoxLayout(frame)
            row.setContentsMargins(10, 5, 10, 5)
            count = text(str(number + 1), self.theme, "small", "t3")
            sizes.keep(count, width=18)
            label = text(word, self.theme, "strong")
            label.setAccessibleName(tr("Word {n}: {word}").format(n=number + 1, word=word))
            row.addWidget(count)
            row.addWidget(label, 1)
            self.grid.addWidget(frame, number // COLUMNS, number % COLUMNS)
            self.labels.append(label)

    def words(self) -> list[str]:
        """Return what is shown."""
        return [label.text() for label in self.labels]

    def forget(self) -> None:
        """Show nothing any more."""
        for label in self.labels:
            label.setText("")
            label.setAccessibleName("")
        self.labels = []
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()


class WordField(Field):
    """One word: hidden and ticked once it is right; Space goes on to the next."""

    def __init__(self, number: int, theme: Theme) -> None:
        super().__init__(tr("Word {n}").format(n=number), theme)
        self.right = False
        self._tick = Icon("ph.check-circle", theme, "ok", 15)
        self._tick.setParent(self)
        self._tick.hide()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space ends a word."""
        if event.key() == Qt.Key.Key_Space:
            self.focusNextChild()
            return
        super().keyPressEvent(event)

    def set_right(self, right: bool) -> None:
        """Hide a word that is right, so that nobody else reads it meanwhile."""
        if right == self.right:
            return
        self.right = right
        self.setEchoMode(QLineEdit.EchoMode.Password if right else QLineEdit.EchoMode.Normal)
        self._tick.setVisible(right)
        self.setAccessibleDescription(tr("right") if right else "")

    def resizeEvent(self, event: object) -> None:
        """Keep the tick at the right end."""
        super().resizeEvent(event)
        self._tick.move(self.width() - 26, (self.height() - self._tick.height()) // 2)


class WordsTyped(QWidget):
    """Fields for all words. A whole list may be pasted into the first.

    Signals:
        changed(): After every key.
    """

    changed = Signal()

    def __init__(self, count: int, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.fields: list[WordField] = []
        self.grid = QGridLayout(self)
        self.grid.setContentsMargins(0, 0, 0, 0)
        self.grid.setHorizontalSpacing(14)
        self.grid.setVerticalSpacing(10)
        self.set_count(count)

    def set_count(self, count: int) -> None:
        """Ask for 12 or 24 words."""
        while (item := self.grid.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.fields = []
        for number in range(count):
            label = text(str(number + 1), self.theme, "body", "t2")
            label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            sizes.keep(label, width=18)
            field = WordField(number + 1, self.theme)
            field.textChanged.connect(self._typed)
            self.grid.addWidget(label, number // COLUMNS, number % COLUMNS * 2)
            self.grid.addWidget(field, number // COLUMNS, number % COLUMNS * 2 + 1)
            self.fields.append(field)

    def words(self) -> list[str]:
        """Return what was typed, lower case, without spaces around."""
        return [field.text().strip().lower() for field in self.fields]

    def left(self) -> int:
        """Return how many are still empty, or not right where that is known."""
        return sum(not field.text().strip() for field in self.fields)

    def compare(self, shown: Sequence[str]) -> int:
        """Hide those that equal the shown ones; returns how many do not yet."""
        if len(shown) != len(self.fields):
            return self.left()
        for field, word in zip(self.fields, shown, strict=True):
            field.set_right(field.text().strip().lower() == word)
        return sum(not field.right for field in self.fields)

    def _typed(self, words: str) -> None:
        parts = words.split()
        field = self.sender()
        if len(parts) > 1 and isinstance(field, WordField):
            first = self.fields.index(field)
            for place, part in zip(range(first, len(self.fields)), parts, strict=False):
                self.fields[place].blockSignals(True)
                self.fields[place].setText(part)
                self.fields[place].blockSignals(False)
        self.changed.emit()


class Restored(QFrame):
    """The address the words should restore, and how many words are left."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "card")
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 10, 12, 10)
        row.setSpacing(12)
        row.addWidget(Icon("ph.wallet", theme, "t2"))
        words = QVBoxLayout()
        words.setSpacing(1)
        words.addWidget(text(tr("Address to be restored"), theme, "small", "t2"))
        self.address = text("", theme, "mono")
        words.addWidget(self.address)
        row.addLayout(words, 1)
        self.chip = Chip("", theme)
        row.addWidget(self.chip)

    def show_address(self, address: str) -> None:
        """Show an address in groups of four."""
        digits = address[2:]
        groups = [digits[start : start + 4] for start in range(0, len(digits), 4)]
        self.address.setText(f"0x{groups[0]} {' '.join(groups[1:3])} … {' '.join(groups[-2:])}" if digits else "")
        self.address.setToolTip(address)

    def show_left(self, left: int) -> None:
        """Say how many words are to go."""
        if left:
            words = tr("1 word to go") if left == 1 else tr("{n} words to go").format(n=left)
            self.chip.set_state(words, "plain", "ph.hourglass")
        else:
            self.chip.set_state(tr("All typed"), "ok", "ph.check")

"""The choice of colours as two small pictures of the window, and a switch that follows the system instead."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QHBoxLayout, QSizePolicy, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import DARK, LIGHT, Theme

_PICTURE = 76


class ThemeCard(QAbstractButton):
    """One theme: a picture of the window painted in its own tokens, and its name with a radio mark."""

    def __init__(self, words: str, shown: Theme, theme: Theme) -> None:
        super().__init__()
        self._shown = shown
        self._theme = theme
        self.setText(words)
        self.setCheckable(True)
        self.setAccessibleName(words)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of the frame and the words; the picture keeps its own."""
        self._theme = theme

    def sizeHint(self) -> QSize:
        """Return the size of the picture and one line below it."""
        return QSize(186, _PICTURE + paint.scaled(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the picture, the mark and the name inside one rounded frame."""
        t = self._theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        frame = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        clip = QPainterPath()
        clip.addRoundedRect(frame, 8, 8)
        painter.save()
        painter.setClipPath(clip)
        painter.fillRect(frame, QColor(t.bg3 if self.underMouse() else t.bg2))
        self._paint_window(painter, QRectF(frame.left(), frame.top(), frame.width(), _PICTURE))
        painter.restore()
        mark = QRectF(frame.left() + 12, frame.bottom() - (self.height() - _PICTURE) / 2 - 7.5, 15, 15)
        painter.setPen(QPen(QColor(t.acc if on else t.ctl), 1))
        painter.setBrush(QColor(t.acc if on else t.bg0))
        painter.drawEllipse(mark)
        if on:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.on_acc))
            painter.drawEllipse(mark.center(), 3, 3)
        words = QRectF(mark.right() + 9, mark.top() - 8, frame.right() - mark.right() - 12, mark.height() + 16)
        paint.draw_text(painter, words, self.text(), QColor(t.t1), self.font())
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(t.acc if on else t.line2), 1.5 if on else 1))
        painter.drawRoundedRect(frame, 8, 8)
        if self.hasFocus() and self.property("by_keyboard"):
            painter.setPen(QPen(QColor(t.focus), 2))
            painter.drawRoundedRect(frame.adjusted(3, 3, -3, -3), 6, 6)
        painter.end()

    def _paint_window(self, painter: QPainter, box: QRectF) -> None:
        """Paint a sidebar with three entries and two cards: one with a line, one with rows."""
        s = self._shown
        side = QRectF(box.left(), box.top(), box.width() * 0.21, box.height())
        painter.fillRect(box, QColor(s.bg0))
        painter.fillRect(side, QColor(s.bg1))
        painter.setPen(Qt.PenStyle.NoPen)
        for number, (color, width) in enumerate(((s.acc, 0.55), (s.t3, 0.7), (s.t3, 0.5))):
            painter.setBrush(QColor(color))
            painter.drawRoundedRect(
                QRectF(side.left() + 8, side.top() + 9 + 10 * number, side.width() * width, 3.5), 1.5, 1.5
            )
        left, width = side.right() + 10, box.right() - side.right() - 20
        for top, height in ((9, 30), (45, 24)):
            painter.setPen(QPen(QColor(s.line2), 1))
            painter.setBrush(QColor(s.bg2))
            painter.drawRoundedRect(QRectF(left, box.top() + top, width, height), 2, 2)
        painter.setPen(QPen(QColor(s.acc), 1.6))
        line = [(0.05, 30), (0.2, 24), (0.34, 27), (0.5, 19), (0.66, 24), (0.8, 21), (0.95, 15)]
        painter.drawPolyline([QPointF(left + width * x, box.top() + y) for x, y in line])
        painter.setPen(Qt.PenStyle.NoPen)
        for number, (color, share) in enumerate(((s.t1, 0.62), (s.t3, 0.78))):
            painter.setBrush(QColor(color))
            painter.drawRoundedRect(QRectF(left + 6, box.top() + 51 + 9 * number, width * share, 3.5), 1.5, 1.5)


class ThemeCards(QWidget):
    """Dark or light.

    Signals:
        chosen(str): ``dark`` or ``light``, when somebody picks one.
    """

    chosen = Signal(str)

    def __init__(self, name: str, words: tuple[str, str], theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(name)
        row = QHBoxLayout(self)
        row.setContentsMargins(16, 16, 16, 12)
        row.setSpacing(12)
        self._group = QButtonGroup(self)
        self.cards = {
            shown.name: ThemeCard(text, shown, theme) for text, shown in zip(words, (DARK, LIGHT), strict=True)
        }
        for key, card in self.cards.items():
            self._group.addButton(card)
            row.addWidget(card, 1)
            card.clicked.connect(lambda _on=False, key=key: self.chosen.emit(key))
        self.show_theme(theme)

    def show_theme(self, theme: Theme) -> None:
        """Mark the theme in force."""
        self.cards[theme.name].setChecked(True)

    def set_theme(self, theme: Theme) -> None:
        """Mark the theme in force, whoever chose it."""
        self.show_theme(theme)

"""Chips (a state in one or two words with an icon), badges (a count), keys."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import Theme

HEIGHT = 20
ICON = 13
GROUNDS = {
    "ok": ("ok_ground", "ok"), "warn": ("warn_ground", "warn"), "bad": ("bad_ground", "bad"), "info": ("info_ground", "info"),
    "acc": ("sel2", "acc"), "plain": ("bg4", "t2"),
}  # fmt: skip


def draw_chip(painter: QPainter, at: QPointF, words: str, theme: Theme, *, tone: str, icon: str) -> float:
    """Draw a chip whose left edge's middle is ``at``; returns its width. For delegates and :class:`Chip`."""
    left, middle = at.x(), at.y()
    ground, ink = GROUNDS[tone]
    width = chip_width(words, icon)
    height = paint.scaled(HEIGHT)
    box = QRectF(left, middle - height / 2, width, height)
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(getattr(theme, ground)))
    painter.drawRoundedRect(box, height / 2, height / 2)
    x = left + 8
    if icon:
        paint.draw_icon(painter, icon, paint.icon_box(x - 1, middle + 0.5, ICON), QColor(getattr(theme, ink)))
        x += paint.scaled(ICON) + 3
    font = paint.font(11, 500)
    paint.draw_text(painter, QRectF(x, box.y(), width, height), words, QColor(getattr(theme, ink)), font)
    painter.restore()
    return width


def chip_width(words: str, icon: str = "") -> float:
    """Return the width of a chip."""
    return paint.width_of(words, paint.font(11, 500)) + 16 + (paint.scaled(ICON) + 3 if icon else 0)


class Chip(QWidget):
    """A state: words and, where it is not plain, an icon. ``tone`` is ok, warn, bad, info, acc or plain."""

    def __init__(self, words: str, theme: Theme, tone: str = "plain", icon: str = "") -> None:
        super().__init__()
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_state(words, tone, icon)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme
        self.updateGeometry()

    def set_state(self, words: str, tone: str = "plain", icon: str = "") -> None:
        """Show another state; hidden while there are no words."""
        self.words, self.tone, self.icon = words, tone, icon
        self.setAccessibleName(words)
        self.setVisible(bool(words))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return the size of the words."""
        return QSize(round(chip_width(self.words, self.icon) + 0.5), paint.scaled(HEIGHT))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        draw_chip(painter, QPointF(0, self.height() / 2), self.words, self._theme, tone=self.tone, icon=self.icon)
        painter.end()


class KeyHint(QWidget):
    """A key as printed on a keyboard."""

    def __init__(self, key: str, theme: Theme) -> None:
        super().__init__()
        self.key = key
        self._theme = theme
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self._theme = theme

    def sizeHint(self) -> QSize:
        """Return the size of the key."""
        return QSize(max(20, round(paint.width_of(self.key, paint.font(11, 500)) + 12)), 20)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self._theme.ctl), 1))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        paint.draw_text(
            painter,
            QRectF(self.rect()),
            self.key,
            QColor(self._theme.t2),
            paint.font(11, 500),
            align=Qt.AlignmentFlag.AlignHCenter,
        )
        painter.end()

"""Icons of the bundled icon font as QIcon, tinted by tokens of the theme."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPainterPath, QPen, QPixmap

from mycelix_studio.ui import glyphs
from mycelix_studio.ui.theme import Theme


@lru_cache(maxsize=512)
def _icon(name: str, color: str, disabled: str) -> QIcon:
    return glyphs.icon(name, color, disabled, 1.12)


def icon(name: str, theme: Theme, tone: str = "t2") -> QIcon:
    """Return an icon in a colour of the theme; an empty one for an empty name."""
    return _icon(name, str(getattr(theme, tone)), theme.disabled) if name else QIcon()


def paint_mark(painter: QPainter, rect: QRectF, color: QColor) -> None:
    """Draw the mark of the program: three hyphae growing from one stem."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.translate(rect.topLeft())
    painter.scale(rect.width() / 24, rect.height() / 24)
    pen = QPen(color, 2.2)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    path = QPainterPath(QPointF(12, 21.5))
    path.lineTo(12, 4.5)
    path.moveTo(12, 15.5)
    path.cubicTo(7, 15.5, 4.5, 12, 4.5, 7)
    path.moveTo(12, 15.5)
    path.cubicTo(17, 15.5, 19.5, 12, 19.5, 7)
    painter.drawPath(path)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for x, y in ((12.0, 4.0), (4.5, 6.5), (19.5, 6.5)):
        painter.drawEllipse(QPointF(x, y), 2.5, 2.5)
    painter.restore()


def mark(theme: Theme, pixels: int = 24, ratio: float = 1.0) -> QPixmap:
    """Return the mark as a picture of ``pixels`` logical pixels."""
    picture = QPixmap(QSize(round(pixels * ratio), round(pixels * ratio)))
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    paint_mark(painter, QRectF(0, 0, pixels, pixels), QColor(theme.acc))
    painter.end()
    return picture

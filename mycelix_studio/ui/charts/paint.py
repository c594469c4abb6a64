"""Painting aids shared by the charts: fonts, colours by token, icons, elided text, hatching."""

from __future__ import annotations

from functools import lru_cache
from math import floor

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFont, QFontMetricsF, QPainter, QPen, QPolygonF, QStaticText, QTransform

from mycelix_studio.ui import glyphs
from mycelix_studio.ui.theme import Theme

FAMILIES = ["Inter", "Segoe UI", "SF Pro Text", "Cantarell", "DejaVu Sans"]
_text_percent = 100
_AT = QPointF()
"""Where :func:`draw_words` draws: one point for all, since destroying a point lets go of the interpreter."""


def set_text_percent(percent: int) -> None:
    """Set the size of text of every chart, 100 to 150 percent; charts must be repainted after it."""
    global _text_percent  # noqa: PLW0603 - one text size a process, as in the palette
    _text_percent = percent
    font.cache_clear()


def scaled(pixels: int) -> int:
    """Return a measure that holds text, at the size of text in force."""
    return pixels * _text_percent // 100


@lru_cache(maxsize=64)
def font(pixels: int, weight: int = 400) -> QFont:
    """Return the interface font with tabular figures; without contextual forms, with which Inter draws 0x19 as 0×19."""
    made = QFont()
    made.setFamilies(FAMILIES)
    made.setPixelSize(pixels * _text_percent // 100)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setFeature(QFont.Tag("calt"), 0)
    return made


def color(theme: Theme, token: str, alpha: float = 1.0) -> QColor:
    """Return a token's colour, such as ``acc`` or ``patronage``, with an opacity of 0 to 1."""
    made = QColor(getattr(theme, token))
    made.setAlphaF(alpha)
    return made


def pen(
    theme: Theme, token: str, width: float = 1.0, dash: tuple[int, ...] = (), cap: Qt.PenCapStyle | None = None
) -> QPen:
    """Return a pen; the dash pattern is in pixels, whatever the width."""
    made = QPen(color(theme, token), width)
    made.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    made.setCapStyle(cap if cap is not None else Qt.PenCapStyle.FlatCap if dash else Qt.PenCapStyle.RoundCap)
    if dash:
        made.setDashPattern([part / width for part in dash])
    return made


@lru_cache(maxsize=256)
def solid(value: str) -> QColor:
    """Return a colour of the theme as it is, by its ``#RRGGBB``; kept, and not to be changed."""
    return QColor(value)


def draw_text(
    painter: QPainter,
    rect: QRectF,
    text: str,
    tint: QColor,
    made: QFont,
    *,
    align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
) -> None:
    """Draw one line, elided at the right when it does not fit, centred vertically."""
    painter.setFont(made)
    painter.setPen(tint)
    line, width, height = _line(text, int(rect.width()) + 1, made.pixelSize(), made.weight(), made.family())
    x = rect.x()
    if align == Qt.AlignmentFlag.AlignRight:
        x = rect.right() - width
    elif align != Qt.AlignmentFlag.AlignLeft:
        x = rect.center().x() - width / 2
    painter.drawStaticText(QPointF(x, rect.center().y() - height / 2), line)


def draw_words(
    painter: QPainter, rect: QRectF, text: str, tint: str, pixels: int, *, weight: int = 400, right: bool = False
) -> float:
    """Draw one line as :func:`draw_text` does, for tables of hundreds of cells a frame; returns how wide it is.

    Fonts and colours are named, not handed over: asking a QFont for its size, weight and family takes longer than drawing with it.
    """
    painter.setFont(font(pixels, weight))
    painter.setPen(solid(tint))
    line, width, height = _line(text, int(rect.width()) + 1, scaled(pixels), weight, FAMILIES[0])
    x = rect.right() - width if right else rect.x()
    _AT.setX(x)
    _AT.setY(rect.y() + (rect.height() - height) / 2)
    painter.drawStaticText(_AT, line)
    return width


@lru_cache(maxsize=8_192)
def _line(text: str, room: int, pixels: int, weight: int, family: str) -> tuple[QStaticText, float, float]:
    """Return a line as it fits into so many pixels, laid out, with its width and height.

    Kept, since a table draws the same words with every frame; laying them out anew each time takes three times as long.
    """
    made, metrics = _measured(pixels, weight, family)
    line = QStaticText(text)
    line.setTextFormat(Qt.TextFormat.PlainText)
    line.setPerformanceHint(QStaticText.PerformanceHint.AggressiveCaching)
    line.prepare(QTransform(), made)
    size = line.size()
    if size.width() > room:
        line.setText(metrics.elidedText(text, Qt.TextElideMode.ElideRight, room))
        line.prepare(QTransform(), made)
        size = line.size()
    return line, size.width(), size.height()


@lru_cache(maxsize=64)
def _measured(pixels: int, weight: int, family: str) -> tuple[QFont, QFontMetricsF]:
    made = QFont()
    made.setFamilies(FAMILIES if family in FAMILIES else [family])
    made.setPixelSize(pixels)
    made.setWeight(QFont.Weight(weight))
    made.setFeature(QFont.Tag("tnum"), 1)
    made.setFeature(QFont.Tag("calt"), 0)
    return made, QFontMetricsF(made)


def width_of(text: str, made: QFont) -> float:
    """Return the width of a line."""
    return QFontMetricsF(made).horizontalAdvance(text)


def icon_box(left: float, middle: float, side: int) -> QRectF:
    """Return the place of an icon beside text: it grows with the size of text, and its middle stays on the line's."""
    grown = scaled(side)
    return QRectF(left, middle - grown / 2, grown, grown)


def draw_icon(painter: QPainter, name: str, rect: QRectF, tint: QColor) -> None:
    """Draw an icon of the bundled icon font in a colour; nothing for an empty name."""
    if name:
        glyphs.draw(painter, name, QRectF(rect.toRect()), tint)


def stamp_icon(painter: QPainter, name: str, left: float, middle: float, *, side: int, tint: str) -> None:
    """Draw an icon as :func:`draw_icon` does, from a picture of it that is kept: on a screen, where one icon stands in many rows."""
    picture = glyphs.picture(name, side, tint, painter.device().devicePixelRatio())
    painter.drawPixmap(floor(left + 0.5), floor(middle - side / 2 + 0.5), picture)


def draw_card(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Draw the ground and the line of a card."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(pen(theme, "line2", 1))
    painter.setBrush(color(theme, "bg2"))
    painter.drawRoundedRect(rect.adjusted(0.5, 0.5, -0.5, -0.5), 8, 8)


def diamond(center: QPointF, radius: float) -> QPolygonF:
    """Return the mark of a change."""
    x, y = center.x(), center.y()
    return QPolygonF([QPointF(x, y - radius), QPointF(x + radius, y), QPointF(x, y + radius), QPointF(x - radius, y)])


def hatch(theme: Theme) -> QBrush:
    """Return the hatching laid over what is not complete, in the colour of the card."""
    return QBrush(color(theme, "bg2", 0.85), Qt.BrushStyle.BDiagPattern)

"""Characters of the Phosphor icon font, taken from qtawesome's files without importing it.

Importing qtawesome brings in all of Qt through qtpy and makes eleven fonts known, which took longer than everything else before the first
painted window. What is needed of it are one font file and one list of names.
"""

from __future__ import annotations

import importlib.util
import json
from functools import lru_cache
from pathlib import Path
from typing import Final

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QIconEngine, QPainter, QPixmap

PREFIX: Final = "ph."
OF_HEIGHT: Final = 0.875
"""Size of the characters as a part of the height of their box, as in qtawesome."""


@lru_cache(maxsize=1)
def _codes() -> dict[str, str]:
    (names,) = _folder().glob("phosphor-charmap-*.json")
    codes: dict[str, str] = json.loads(names.read_bytes())
    return codes


@lru_cache(maxsize=1)
def _family() -> str:
    (font,) = _folder().glob("phosphor-*.ttf")
    return QFontDatabase.applicationFontFamilies(QFontDatabase.addApplicationFont(str(font)))[0]


def _folder() -> Path:
    spec = importlib.util.find_spec("qtawesome")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / "fonts"


@lru_cache(maxsize=64)
def _font(pixels: int) -> QFont:
    made = QFont(_family())
    made.setPixelSize(pixels)
    return made


def character(name: str) -> str:
    """Return the character of an icon such as ``ph.music-notes``.

    Raises:
        KeyError: The font has none of this name.
    """
    return chr(int(_codes()[name.removeprefix(PREFIX)], 16))


def draw(painter: QPainter, name: str, rect: QRectF, tint: QColor, scale: float = 1.0) -> None:
    """Draw an icon in the middle of a box."""
    painter.save()
    painter.setPen(tint)
    painter.setFont(_font(max(round(OF_HEIGHT * rect.height() * scale), 1)))
    painter.drawText(rect, int(Qt.AlignmentFlag.AlignCenter), character(name))
    painter.restore()


@lru_cache(maxsize=256)
def picture(name: str, side: int, tint: str, ratio: float) -> QPixmap:
    """Return an icon in a colour (``#RRGGBB``) as a picture for a screen with so many pixels a unit; kept."""
    made = QPixmap(QSize(side, side) * ratio)
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    draw(painter, name, QRectF(0, 0, side, side), QColor(tint))
    painter.end()
    return made


class _Engine(QIconEngine):
    """Paints one character at any size."""

    def __init__(self, name: str, tint: str, disabled: str, scale: float) -> None:
        super().__init__()
        self._name = name
        self._tints = QColor(tint), QColor(disabled)
        self._scale = scale

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        """Paint it, in the other colour where it is disabled."""
        draw(painter, self._name, QRectF(rect), self._tints[mode is QIcon.Mode.Disabled], self._scale)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        """Return it as a picture."""
        made = QPixmap(size)
        made.fill(Qt.GlobalColor.transparent)
        painter = QPainter(made)
        self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
        painter.end()
        return made

    def clone(self) -> QIconEngine:
        """Return another of the same."""
        return _Engine(self._name, self._tints[0].name(), self._tints[1].name(), self._scale)


def icon(name: str, tint: str, disabled: str, scale: float = 1.0) -> QIcon:
    """Return an icon in a colour, and another while it is disabled."""
    character(name)
    return QIcon(_Engine(name, tint, disabled, scale))

"""Text, icons and lines of forms and dialogs, drawn in the theme's colours.

Text is plain: titles, names and roles come from strangers and must never be read as markup.
"""

from __future__ import annotations

import re
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontDatabase, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import Theme

KINDS: Final = {
    "figure": (28, 600),
    "figure_small": (22, 600),
    "page": (20, 600),
    "section": (15, 600),
    "body": (13, 400),
    "strong": (13, 500),
    "small": (12, 400),
    "small_strong": (12, 500),
    "label": (11, 500),
}


def font_of(kind: str) -> QFont:
    """Return the font of a kind of text; ``mono`` is the system's fixed font, for addresses and technical details."""
    if kind == "mono":
        fixed = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        fixed.setPixelSize(paint.scaled(12))
        return fixed
    return paint.font(*KINDS[kind])


def breakable(path: object) -> str:
    """Return a path that may be broken after each of its parts, to be read and not to be copied."""
    return re.sub(r"[/\\_.-]", "\\g<0>\u200b", str(path))


class Text(QLabel):
    """A plain-text label in a colour of the theme; wraps when asked."""

    def __init__(self, words: str, theme: Theme, kind: str = "body", color: str = "t1", *, wrap: bool = False) -> None:
        super().__init__(words)
        self.kind = kind
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setFont(font_of(kind))
        self.setWordWrap(wrap)
        self.set_color(theme, color)
        if wrap:
            policy = QSizePolicy(
                QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum
            )  # Fixed would cut at the unwrapped height
            policy.setHeightForWidth(True)
            self.setSizePolicy(policy)

    def set_color(self, theme: Theme, color: str) -> None:
        """Take another colour of the theme; the style sheet paints it."""
        self.setProperty("tone", color)
        if self.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):  # before, it is polished once, when it is shown
            self.style().unpolish(self)
            self.style().polish(self)
        self.set_theme(theme)

    def show_short(self, words: str, width: int) -> None:
        """Show words, shortened to a width in pixels at normal size of text; whole in the tooltip and for screen readers."""
        self.setText(self.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, paint.scaled(width)))
        self.setToolTip(words if self.text() != words else "")
        self.setAccessibleName(words)

    def set_theme(self, theme: Theme) -> None:
        """Follow another theme and size of text; the style sheet brings the colour."""
        self.setFont(font_of(self.kind))


def text(words: str, theme: Theme, kind: str = "body", color: str = "t1", *, wrap: bool = False) -> Text:
    """Return a label, see :class:`Text`."""
    return Text(words, theme, kind, color, wrap=wrap)


class Sentence(Text):
    """A strong beginning and the rest after it in the secondary colour, as one wrapping text. Both are escaped."""

    def __init__(self, strong: str, rest: str, theme: Theme) -> None:
        self._strong = strong
        self._rest = rest
        super().__init__("", theme, "small", "t1", wrap=True)
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setAccessibleName(f"{strong} {rest}".strip())

    def set_theme(self, theme: Theme) -> None:
        """Show it in another theme's colours."""
        super().set_theme(theme)
        from html import escape

        rest = f' <span style="color: {theme.t2}">{escape(self._rest)}</span>' if self._rest else ""
        self.setText(f'<span style="font-weight: 500; color: {theme.t1}">{escape(self._strong)}</span>{rest}')


class Icon(QWidget):
    """An icon of the bundled icon font. It is silent: the words beside it say the same."""

    def __init__(self, name: str, theme: Theme, color: str = "t2", size: int = 16) -> None:
        super().__init__()
        self.name = name
        self.color = color
        self.theme = theme
        self._size = size
        self.set_theme(theme)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in other colours, as large as the text in force."""
        self.theme = theme
        side = paint.scaled(self._size)
        self.setFixedSize(QSize(side, side + 2))
        self.update()

    def set_icon(self, name: str, color: str | None = None) -> None:
        """Show another icon."""
        self.name = name
        self.color = color or self.color
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        paint.draw_icon(
            painter, self.name, QRectF(0, 1, self.width(), self.width()), paint.color(self.theme, self.color)
        )
        painter.end()


class Rule(QWidget):
    """A line of one pixel between rows."""

    def __init__(self, theme: Theme, color: str = "line", *, vertical: bool = False) -> None:
        super().__init__()
        self.theme = theme
        self.color = color
        self._vertical = vertical
        if vertical:
            self.setFixedWidth(1)
        else:
            self.setFixedHeight(1)

    def set_theme(self, theme: Theme) -> None:
        """Repaint in other colours."""
        self.theme = theme
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setPen(QPen(paint.color(self.theme, self.color), 1))
        end = QPointF(0.5, self.height()) if self._vertical else QPointF(self.width(), 0.5)
        painter.drawLine(QPointF(0.5, 0.5), end)
        painter.end()

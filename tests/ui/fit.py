"""Whether everything a person is to read has room: the measure behind the tests of text size."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter
from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPushButton, QScrollArea, QWidget

from mycelix_studio.ui.charts import paint

SLACK = 1
"""Pixels that rounding may take."""


def cut(root: QWidget) -> list[str]:
    """Return what is cut in a widget that is shown: one line each, with the size it has and the size it needs."""
    found = [line for widget in _shown(root) if (line := _why(widget))]
    with _watched() as painted:
        root.grab()
    return [*found, *dict.fromkeys(painted)]


def _shown(root: QWidget) -> Iterator[QWidget]:
    for widget in (root, *root.findChildren(QWidget)):
        if (widget.isVisibleTo(root) and not widget.isWindow()) or widget is root:
            yield widget


def _why(widget: QWidget) -> str:
    need = _need(widget)
    if need is None:
        return ""
    words, wide, high = need
    if wide <= widget.width() + SLACK and high <= widget.height() + SLACK:
        return ""
    return f"{type(widget).__name__} “{words[:60]}” has {widget.width()}×{widget.height()}, needs {wide}×{high}"


def _need(widget: QWidget) -> tuple[str, int, int] | None:
    """Return words, width and height that a widget needs to show them whole; None where nothing can be cut."""
    if isinstance(widget, QLabel) and widget.text():
        if widget.wordWrap():
            return widget.text(), _longest_word(widget), widget.heightForWidth(widget.width())
        hint = widget.sizeHint()
        return widget.text(), hint.width(), hint.height()
    if isinstance(widget, QAbstractButton) and widget.text():
        hint = widget.sizeHint()
        return widget.text(), hint.width() if isinstance(widget, QPushButton) else 0, hint.height()
    if isinstance(widget, QLineEdit):
        words = widget.placeholderText() if not widget.text() else ""
        margins = widget.textMargins()
        wide = widget.fontMetrics().horizontalAdvance(words) + margins.left() + margins.right() + 18 if words else 0
        return words or widget.accessibleName(), wide, widget.fontMetrics().height() + 4
    if isinstance(widget, QComboBox):
        return (
            widget.currentText(),
            widget.fontMetrics().horizontalAdvance(widget.currentText()) + 30,
            widget.fontMetrics().height(),
        )
    if isinstance(widget, QScrollArea) and widget.horizontalScrollBarPolicy() is Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
        inner = widget.widget()
        if inner is not None:
            return "what is scrolled", inner.width() - (widget.width() - widget.viewport().width()), 0
    return None


def _longest_word(label: QLabel) -> int:
    if label.textFormat() is Qt.TextFormat.RichText:
        return 0
    metrics = label.fontMetrics()
    return max((metrics.horizontalAdvance(word) for word in label.text().replace("\u200b", " ").split()), default=0)


@contextmanager
def _watched() -> Iterator[list[str]]:
    """Watch what is painted by hand; the list gets a line for each text with less room than it needs.

    Words of a table's cell may be shortened, as they can be made wider or read in the tooltip, but are as high as any others.
    """
    found: list[str] = []
    draw_text, draw_words = paint.draw_text, paint.draw_words

    def note(text: str, rect: QRectF, made: QFont, *, wide: bool) -> None:
        metrics = QFontMetricsF(made)
        needs = metrics.horizontalAdvance(text)
        if text and wide and needs > rect.width() + 1 + SLACK:
            found.append(f"painted “{text[:60]}” has {rect.width():.0f} wide, needs {needs:.0f}")
        if text and metrics.capHeight() + 2 * metrics.descent() > rect.height() + SLACK:
            found.append(f"painted “{text[:60]}” has {rect.height():.0f} high, needs {metrics.height():.0f}")

    def text_watched(
        painter: QPainter,
        rect: QRectF,
        text: str,
        tint: QColor,
        made: QFont,
        *,
        align: Qt.AlignmentFlag = Qt.AlignmentFlag.AlignLeft,
    ) -> None:
        note(text, rect, made, wide=True)
        draw_text(painter, rect, text, tint, made, align=align)

    def words_watched(
        painter: QPainter, rect: QRectF, text: str, tint: str, pixels: int, *, weight: int = 400, right: bool = False
    ) -> float:
        note(text, rect, paint.font(pixels, weight), wide=False)
        return draw_words(painter, rect, text, tint, pixels, weight=weight, right=right)

    paint.draw_text = text_watched
    paint.draw_words = words_watched
    try:
        yield found
    finally:
        paint.draw_text = draw_text
        paint.draw_words = draw_words

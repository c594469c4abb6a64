"""Small pictures of terms, painted by hand: one payment divided, and a price over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QSizePolicy, QWidget

from mycelix_studio.ui.charts import paint, words
from mycelix_studio.ui.charts.data import FLOW
from mycelix_studio.ui.charts.scale import nice_scale
from mycelix_studio.ui.look import Look

SHADES = (100, 72, 50, 38, 30)
"""Percent of the strategy's colour in the ground for the first, second ... recipient; each also has its own gap and row."""


def shade(look: Look, token: str, place: int) -> QColor:
    """Return the colour of one recipient's part: the strategy's colour, weaker with each place."""
    percent = SHADES[min(place, len(SHADES) - 1)]
    front, ground = QColor(getattr(look.theme, token)), QColor(look.theme.bg2)
    mixed = [(f * percent + g * (100 - percent)) // 100 for f, g in zip(front.getRgb()[:3], ground.getRgb()[:3], strict=True)]
    return QColor(*mixed)


class SplitBar(QWidget):
    """One payment as a bar: a part for each recipient, the fee last."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._amounts: tuple[int, ...] = ()
        self._fee = False
        self._token = "stream"
        self.setFixedHeight(22)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.changed.connect(self.update)

    def show_parts(self, amounts: Sequence[int], *, fee_last: bool, token: str, spoken: str) -> None:
        """Show parts in wei; ``spoken`` says the same for a screen reader."""
        self._amounts, self._fee, self._token = tuple(amounts), fee_last, token
        self.setAccessibleName(spoken)
        self.update()

    def color_of(self, place: int) -> QColor:
        """Return the colour of a part, for the legend."""
        if self._fee and place == len(self._amounts) - 1:
            return QColor(self._look.theme.t3)
        return shade(self._look, self._token, place)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the parts with a gap of 2 pixels; even the smallest is seen."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        total = sum(self._amounts)
        if not total:
            painter.setBrush(paint.color(self._look.theme, "bg4"))
            painter.drawRoundedRect(QRectF(self.rect()), 3, 3)
            painter.end()
            return
        room = self.width() - 2 * (len(self._amounts) - 1)
        left = 0.0
        for place, amount in enumerate(self._amounts):
            width = max(2.0, room * (amount * 10_000 // total) / 10_000)
            painter.setBrush(self.color_of(place))
            painter.drawRoundedRect(QRectF(left, 0, min(width, self.width() - left), self.height()), 3, 3)
            left += width + 2
        painter.end()


class Swatch(QWidget):
    """A small square in a part's colour, for the legend."""

    def __init__(self, color: QColor) -> None:
        super().__init__()
        self._color = color
        self.setFixedSize(10, 18)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self._color)
        painter.drawRoundedRect(QRectF(0, 4, 10, 10), 2, 2)
        painter.end()


@dataclass(frozen=True, slots=True)
class Knot:
    """One corner of a price over time: position on the axis, wei, text above it (empty for none)."""

    x: int
    price: int
    text: str = ""


class PricePicture(QWidget):
    """A price over time: in steps (loyalty) or as a falling line (auction). It has its values as text for screen readers."""

    def __init__(self, look: Look, *, steps: bool) -> None:
        super().__init__()
        self._look = look
        self._steps = steps
        self._knots: tuple[Knot, ...] = ()
        self._ticks: tuple[tuple[int, str], ...] = ()
        self._end = 1
        self._token = "stream"
        self._dash: tuple[int, ...] = ()
        self.setMinimumSize(QSize(200, 140))
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        look.changed.connect(self.update)

    def show_price(
        self,
        knots: Sequence[Knot],
        *,
        end: int,
        ticks: Sequence[tuple[int, str]],
        token: str,
        spoken: str,
        dash: tuple[int, ...] = (),
    ) -> None:
        """Show corners from left to right up to ``end``, with texts under the axis at ``ticks``."""
        self._knots, self._end, self._ticks = tuple(knots), max(end, 1), tuple(ticks)
        self._token, self._dash = token, dash
        self.setAccessibleName(spoken)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint axis, area, line and texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        theme = self._look.theme
        small = paint.font(11, 400)
        top_value = max((knot.price for knot in self._knots), default=0)
        if not top_value:
            painter.end()
            return
        scale = nice_scale(0, top_value + top_value // 6, 4)
        values, highest = scale.ticks, scale.high
        texts = [words.axis_text(FLOW, value, highest) for value in values]
        left = max(paint.width_of(text, small) for text in texts) + 10
        box = QRectF(left, 10, self.width() - left - 10, self.height() - 34)

        def at(x: int, price: int) -> QPointF:
            return QPointF(box.left() + box.width() * x / self._end, box.bottom() - box.height() * (price / highest))

        for value, text in zip(values, texts, strict=True):
            y = at(0, value).y()
            painter.setPen(paint.pen(theme, "line2" if value == 0 else "line", 1))
            painter.drawLine(QPointF(box.left(), y), QPointF(box.right(), y))
            place = QRectF(0, y - 8, left - 8, 16)
            paint.draw_text(painter, place, text, paint.color(theme, "t3"), small, align=Qt.AlignmentFlag.AlignRight)
        line = [at(self._knots[0].x, self._knots[0].price)]
        for before, knot in zip(self._knots, self._knots[1:], strict=False):
            if self._steps:
                line.append(at(knot.x, before.price))
            line.append(at(knot.x, knot.price))
        line.append(at(self._end, self._knots[-1].price))
        area = QPolygonF([QPointF(line[0].x(), box.bottom()), *line, QPointF(line[-1].x(), box.bottom())])
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(theme, self._token, 0.16))
        painter.drawPolygon(area)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(paint.pen(theme, self._token, 2, self._dash))
        painter.drawPolyline(QPolygonF(line))
        ends = [*(knot.x for knot in self._knots[1:]), self._end]
        for knot, end in zip(self._knots, ends, strict=True):
            begin = at(knot.x, knot.price)
            width = paint.width_of(knot.text, small) + 4
            middle = (begin.x() + at(end, knot.price).x()) / 2 if self._steps else begin.x()
            x = min(max(middle - width / 2, box.left()), box.right() - width)
            paint.draw_text(
                painter, QRectF(x, begin.y() - 20, width, 16), knot.text, paint.color(theme, "t1"), paint.font(11, 500)
            )
        for x, text in self._ticks:
            width = paint.width_of(text, small) + 4
            middle = at(x, 0).x()
            place = min(max(middle - width / 2, box.left()), box.right() - width)
            paint.draw_text(painter, QRectF(place, box.bottom() + 6, width, 16), text, paint.color(theme, "t3"), small)
        painter.end()

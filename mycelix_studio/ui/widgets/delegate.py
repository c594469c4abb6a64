"""Paints the rows of a table by the theme, a whole frame in one go.

A view asks a delegate cell by cell, and asks the model several questions before each; with rows of Python that took twice as long as the
painting. So :class:`Table` hands over the part of itself that has to be painted, and the delegate of Qt is left for editing in a cell.

PySide lets go of the interpreter whenever it destroys a value of Qt. While threads work, each of those moments can cost the window its
turn, so what is painted for every cell reuses one rectangle and takes numbers, not points and rectangles made on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPen, QPixmap, QRegion
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.chips import draw_chip
from mycelix_studio.ui.widgets.progress import draw_bar
from mycelix_studio.ui.widgets.rows import Cell, Index

if TYPE_CHECKING:
    from mycelix_studio.ui.widgets.tables import Table


class Delegate(QStyledItemDelegate):
    """Paints :class:`Cell` by the theme: ground, selection bar, rule, icon, words, chip, cover."""

    def __init__(self, theme: Theme, covers: Callable[[str], QPixmap | None] | None, parent: Table) -> None:
        super().__init__(parent)
        self.theme = theme
        self.covers = covers
        self.table = parent
        self.hover = -1
        self.painting = -1
        """The row that is being painted."""

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Return any width; the rows' height is the table's."""
        return QSize(60, self.table.verticalHeader().defaultSectionSize())

    def paint_rows(self, painter: QPainter, region: QRegion) -> None:
        """Paint every row that touches a region of the viewport, and the ground below the last one."""
        ground = paint.solid(getattr(self.theme, self.table.property("ground") or "bg0"))
        for part in region:  # type: ignore[attr-defined]
            painter.fillRect(part, ground)
            self._paint_part(painter, part)

    def _paint_part(self, painter: QPainter, part: QRect) -> None:
        table, t = self.table, self.theme
        first, last = table.rowAt(part.top()), table.rowAt(part.bottom())
        header = table.horizontalHeader()
        shown = [(n, header.sectionViewportPosition(n), header.sectionSize(n)) for n in range(header.count())]
        shown = [(n, x, width) for n, x, width in shown if width and x <= part.right() and x + width > part.left()]
        if first < 0 or not shown:
            return
        left, right = min(x for _n, x, _width in shown), max(x + width for _n, x, width in shown)
        start = next((x for n, x, _width in shown if n == header.logicalIndex(0)), None)
        ringed = table.currentIndex().row() if table.hasFocus() and table.property("by_keyboard") else -1
        chosen, rule = table.selectionModel().selection(), paint.solid(t.line)
        spans = [(span.top(), span.bottom()) for span in (chosen.at(n) for n in range(chosen.count()))]
        aligned = [table.rows.columns[n].right for n, _x, _width in shown]
        room = QRectF()
        for row in range(first, (last if last >= 0 else len(table.rows.ids) - 1) + 1):
            self.painting = row
            top, height = table.rowViewportPosition(row), table.rowHeight(row)
            selected = any(begin <= row <= end for begin, end in spans)
            if selected or row == self.hover:
                painter.fillRect(left, top, right - left, height, paint.solid(t.sel if selected else t.bg3))
            if selected and start is not None:
                painter.fillRect(start, top, 2, height, paint.solid(t.acc))
            painter.fillRect(left, top + height - 1, right - left, 1, rule)
            for (column, x, width), ends in zip(shown, aligned, strict=True):
                cell = table.rows.cell_at(row, column)
                if cell is not None:
                    room.setRect(x + 8, top, width - 16, height - 1)
                    self._cell(painter, room, cell, ends, selected)
            if row == ringed:
                painter.setPen(QPen(paint.solid(t.focus), 2, j=Qt.PenJoinStyle.MiterJoin))
                painter.setBrush(Qt.BrushStyle.NoBrush)
                painter.drawRect(QRectF(left + 1, top + 1, right - left - 2, height - 2))

    def _cell(self, painter: QPainter, rect: QRectF, cell: Cell, right: bool, selected: bool) -> None:
        """Paint what stands in a cell; may change the rectangle and leave any pen and font behind, but no other clip or hints."""
        if cell.cover is not None:
            self._cover(painter, rect.x() + 4, rect.y() + rect.height() / 2, 22, cell.cover)
        elif cell.chip:
            draw_chip(
                painter, QPointF(rect.x(), rect.center().y()), cell.text, self.theme, tone=cell.chip, icon=cell.icon
            )
        elif cell.share is not None:
            self._bar(painter, rect, cell)
        else:
            self._words(painter, rect, cell, right, selected)

    def _cover(self, painter: QPainter, left: float, middle: float, side: int, key: str) -> None:
        picture = self.covers(key) if self.covers is not None and key else None
        box = QRectF(left, middle - side / 2, side, side)
        if picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(box, picture, QRectF(picture.rect()))
        else:
            painter.fillRect(box, paint.solid(self.theme.bg4))
            paint.stamp_icon(painter, "ph.music-note", left + 5, middle, side=side - 10, tint=self.theme.t3)

    def _bar(self, painter: QPainter, rect: QRectF, cell: Cell) -> None:
        t, share = self.theme, cell.share or 0.0
        words = paint.width_of(cell.text, paint.font(12)) + 10 if cell.text else 0
        bar = QRectF(rect.x(), rect.center().y() - 3, rect.width() - words, 6)
        draw_bar(painter, bar, share, t, tone=cell.icon_tone if cell.icon_tone != "t2" else "acc")
        if cell.text:
            box = QRectF(rect.right() - words, rect.y(), words, rect.height())
            paint.draw_words(painter, box, cell.text, getattr(t, cell.tone), 12, right=True)

    def _words(self, painter: QPainter, rect: QRectF, cell: Cell, right: bool, selected: bool) -> None:
        t = self.theme
        if cell.icon:
            side = paint.scaled(15)
            middle = rect.y() + rect.height() / 2
            paint.stamp_icon(painter, cell.icon, rect.x(), middle, side=side, tint=getattr(t, cell.icon_tone))
            rect.setLeft(rect.x() + side + 6)
        tint = t.t3 if selected and cell.tone == "disabled" else getattr(t, cell.tone)
        used = paint.draw_words(painter, rect, cell.text, tint, 13, weight=500 if cell.strong else 400, right=right)
        if right or not (cell.rest or cell.dot):
            return
        after = rect.adjusted(used + 5, 0, 0, 0)
        if cell.rest:
            paint.draw_words(painter, after, cell.rest, t.t3, 12)
        if cell.dot:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(paint.solid(t.acc))
            painter.drawEllipse(QRectF(min(after.x(), rect.right() - 4), rect.center().y() - 1.5, 4, 4))
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)

"""The table of the queue: rows of two lines, bars, and two buttons a row that are painted and tell what they do."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QPoint, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QHelpEvent, QMouseEvent, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QToolTip

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.pages.uploads.model import ACT_ICON, ACT_WORDS, STATE_CHIP, Act, QueueCell, QueueModel, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.chips import chip_width
from mycelix_studio.ui.widgets.delegate import Delegate
from mycelix_studio.ui.widgets.progress import draw_bar
from mycelix_studio.ui.widgets.rows import Cell
from mycelix_studio.ui.widgets.tables import Table

ROW_HEIGHT = 44
COVER = 28
BUTTON = 28


class QueueDelegate(Delegate):
    """Paints :class:`QueueCell`."""

    def __init__(self, theme: Theme, covers: Callable[[str], QPixmap | None] | None, parent: QueueTable) -> None:
        super().__init__(theme, covers, parent)
        self.lit: tuple[int, Act] | None = None

    def _cell(self, painter: QPainter, rect: QRectF, cell: Cell, right: bool, selected: bool) -> None:
        if cell.cover is not None:
            self._cover(painter, rect.x() + 8, rect.y() + rect.height() / 2, COVER, cell.cover)
        elif not isinstance(cell, QueueCell):
            super()._cell(painter, rect, cell, right, selected)
        elif cell.acts:
            self._acts(painter, rect, cell.acts)
        elif cell.share is not None:
            self._progress(painter, rect, cell, selected)
        else:
            self._two_lines(painter, rect, cell)

    def _cover(self, painter: QPainter, left: float, middle: float, side: int, key: str) -> None:
        box = QRectF(left, middle - side / 2, side, side)
        picture = self.covers(key) if self.covers is not None and key else None
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        path = QPainterPath()
        path.addRoundedRect(box, 4, 4)
        painter.setClipPath(path)
        if picture is not None:
            painter.drawPixmap(box, picture, QRectF(picture.rect()))
        else:
            painter.fillPath(path, QColor(self.theme.bg4))
            paint.draw_icon(painter, "ph.music-note", box.adjusted(7, 7, -7, -7), QColor(self.theme.t3))
        painter.restore()

    def _two_lines(self, painter: QPainter, rect: QRectF, cell: QueueCell) -> None:
        t, unit = self.theme, rect.height() / ROW_HEIGHT
        top = QRectF(rect.x(), rect.center().y() - 18 * unit, rect.width(), 19 * unit)
        paint.draw_words(painter, top, cell.text, t.t1, 13, weight=500)
        paint.draw_words(painter, top.translated(0, 18 * unit), cell.second, t.t3, 11)

    def _progress(self, painter: QPainter, rect: QRectF, cell: QueueCell, selected: bool) -> None:
        t, share, unit = self.theme, cell.share or 0.0, rect.height() / ROW_HEIGHT
        bar = QRectF(rect.x(), rect.y() + 9 * unit, rect.width(), 6)
        draw_bar(painter, bar, min(share, 1.0), t, tone=cell.icon_tone, selected=selected)
        line = QRectF(rect.x(), rect.y() + 18 * unit, rect.width(), 20 * unit)
        font = paint.font(11, 400)
        taken = min(paint.width_of(cell.right, font) + 12, rect.width() * 0.6) if cell.right else 0.0
        paint.draw_words(painter, line.adjusted(0, 0, -taken, 0), cell.text, t.t2, 11)
        if cell.right:
            box = QRectF(line.right() - taken, line.y(), taken, line.height())
            paint.draw_words(painter, box, cell.right, t.t3, 11, right=True)

    def _acts(self, painter: QPainter, rect: QRectF, acts: tuple[Act, ...]) -> None:
        t = self.theme
        for act, box in zip(acts, boxes(rect, len(acts)), strict=True):
            lit = self.lit == (self.painting, act)
            if lit:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(t.bg4))
                painter.drawRoundedRect(box, 6, 6)
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            tint = QColor(t.t1 if lit else t.t2)
            paint.draw_icon(
                painter, ACT_ICON[act], paint.icon_box(box.x() + box.width() * 6 / BUTTON, box.center().y(), 16), tint
            )


def boxes(rect: QRectF, count: int) -> list[QRectF]:
    """Return where the buttons of a row are, left to right, in the cell's inner rectangle."""
    side = paint.scaled(BUTTON)
    y = rect.center().y() - side / 2
    return [QRectF(rect.right() - (count - place) * side + 4, y, side, side) for place in range(count)]


class QueueTable(Table):
    """The queue.

    Signals:
        acted(id, Act): A button of a row was pressed.
    """

    acted = Signal(object, object)

    def __init__(self, model: QueueModel, theme: Theme, covers: Callable[[str], QPixmap | None]) -> None:
        super().__init__(model, theme, tr("Uploads"), row_height=ROW_HEIGHT, covers=covers)
        self._delegate: QueueDelegate = QueueDelegate(theme, covers, self)
        self.setItemDelegate(self._delegate)

    def fit_columns(self, least: int = 160) -> None:
        """Give the track a little over a third of what the fixed columns leave, and the bar the rest."""
        columns = self.rows.columns
        widths = {column.key: column.width for column in columns}
        chips = [chip_width(tr(words), icon) for words, _tone, icon in STATE_CHIP.values()]
        widths["state"] = max(widths["state"], round(max(chips)) + 18)  # larger with larger text
        widths["acts"] = paint.scaled(widths["acts"])
        left = self.viewport().width() - sum(widths.values())
        widths["track"] = max(least - 20, round(left * 0.36))
        widths["progress"] = max(left - widths["track"], 80)
        for number, column in enumerate(columns):
            self.setColumnWidth(number, widths[column.key])

    def act_at(self, point: QPoint) -> tuple[int, Act] | None:
        """Return the row and what its button under a point of the viewport does."""
        index = self.indexAt(point)
        cell = self.rows.cell_at(index.row(), index.column()) if index.isValid() else None
        if not isinstance(cell, QueueCell) or not cell.acts:
            return None
        rect = QRectF(self.visualRect(index)).adjusted(8, 0, -8, -1)
        for act, box in zip(cell.acts, boxes(rect, len(cell.acts)), strict=True):
            if box.contains(point.toPointF()):
                return index.row(), act
        return None

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Press a button of a row; anywhere else selects."""
        hit = self.act_at(event.position().toPoint()) if event.button() is Qt.MouseButton.LeftButton else None
        if hit is None:
            super().mousePressEvent(event)
            return
        row, act = hit
        self.setProperty("by_keyboard", False)
        self.select_ids([self.rows.ids[row]])
        self.acted.emit(self.rows.ids[row], act)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Two quick presses of a button are two presses, not an opening."""
        if self.act_at(event.position().toPoint()) is None:
            super().mouseDoubleClickEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light up the button under the pointer."""
        self._light(self.act_at(event.position().toPoint()))
        super().mouseMoveEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer."""
        self._light(None)
        super().leaveEvent(event)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say what a button does."""
        if event.type() is QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            hit = self.act_at(event.pos())
            if hit is not None:
                QToolTip.showText(event.globalPos(), tr(ACT_WORDS[hit[1]]), self)
                return True
        return super().viewportEvent(event)

    def _light(self, hit: tuple[int, Act] | None) -> None:
        if hit != self._delegate.lit:
            self._delegate.lit = hit
            self.viewport().update()

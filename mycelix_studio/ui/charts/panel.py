"""A card around a chart: title, legend, table twin, menu to export; says when days are missing."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QAction,
    QContextMenuEvent,
    QFont,
    QFontMetricsF,
    QPainter,
    QPaintEvent,
    QPalette,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QSpacerItem,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mycelix_studio.errors import Known
from mycelix_studio.ui.charts import export, paint, words
from mycelix_studio.ui.charts.base import Chart
from mycelix_studio.ui.charts.data import ChartData, PointState
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.theme import Theme

_Index = QModelIndex | QPersistentModelIndex


class TableTwin(QAbstractTableModel):
    """A chart's values as rows, exact to the last digit on hover."""

    def __init__(self, data: ChartData, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.set_data(data)

    def set_data(self, data: ChartData) -> None:
        """Show other values."""
        self.beginResetModel()
        self._data = data
        self._header = export.header(data)
        self._exact = export.rows(data)
        self.endResetModel()

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return one row a point."""
        return 0 if parent.isValid() else len(self._exact)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Return name, series, total, comparison, state, changes."""
        return 0 if parent.isValid() else len(self._header)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the column titles."""
        if role == Qt.ItemDataRole.DisplayRole and orientation == Qt.Orientation.Horizontal:
            return self._header[section]
        return None

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """Return the words of a cell; the exact value as tooltip."""
        row, column = index.row(), index.column()
        exact = self._exact[row][column]
        numeric = 0 < column < len(self._header) - 2
        if role == Qt.ItemDataRole.ToolTipRole:
            return exact
        if role == Qt.ItemDataRole.TextAlignmentRole and numeric:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if column == 0:
            return words.point_name(self._data, row)
        if column == len(self._header) - 2:
            return self._state(self._data.points[row].state)
        return self._shown(row, column) if numeric else exact

    def _shown(self, row: int, column: int) -> str:
        data = self._data
        if column <= len(data.series):
            series = data.series[column - 1]
            return words.list_text(data.unit_of(series), series.values[row])
        if data.total_label and column == len(data.series) + 1:
            return words.list_text(data.unit, data.total_at(row))
        values = data.comparison.values if data.comparison is not None else ()
        return words.list_text(data.unit, values[row] if row < len(values) else None)

    def _state(self, state: PointState) -> str:
        return {
            PointState.COMPLETE: "",
            PointState.INCOMPLETE: words.tr("not complete"),
            PointState.MISSING: words.tr("no data"),
            PointState.FORECAST: words.tr("forecast"),
        }[state]


class ChartPanel(QWidget):
    """Title row, legend and one chart or its table.

    Signals:
        failed(Known): An export could not be written.
        more(): The link at the right of the title was pressed.
    """

    failed = Signal(object)
    more = Signal()

    def __init__(
        self, chart: Chart, *, legend: bool = False, caption: str = "", link: str = "", tools: bool = True
    ) -> None:
        super().__init__()
        self.chart = chart
        self.caption = caption
        self._legend = legend
        self._tools = tools
        self.table = QTableView()
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.verticalHeader().hide()
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.twin = TableTwin(chart.data, self)
        self.stack = QStackedWidget()
        self.stack.addWidget(chart)
        self.stack.addWidget(self.table)
        self.table_button = self._button(words.tr("Show as table (T)"))
        self.table_button.clicked.connect(self.toggle_table)
        self.menu_button = self._button(words.tr("Export and copy"))
        self.menu_button.clicked.connect(self._open_menu)
        self.link_button = self._button(link or words.tr("Show all"))
        self.link_button.setText(link)
        self.link_button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        self.link_button.setVisible(bool(link))
        self.link_button.setStyleSheet("QToolButton { padding: 0; }")  # its words end where the chart ends
        self.link_button.clicked.connect(self._press_more)
        for button in (self.table_button, self.menu_button):
            button.setStyleSheet("QToolButton { padding: 0; min-height: 0; }")  # the icon needs all of it
            button.setVisible(tools)
        head = QHBoxLayout()
        head.setContentsMargins(0, 0, 0, 0)
        head.setSpacing(8)
        head.addStretch(1)
        self._head_space = QSpacerItem(0, 28)  # the room of the title where there are no buttons
        head.addSpacerItem(self._head_space)
        head.addWidget(self.link_button)
        head.addWidget(self.table_button)
        head.addWidget(self.menu_button)
        layout = self._layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 10, 16, 12)
        layout.setSpacing(4)
        layout.addLayout(head)
        self._caption_space = QSpacerItem(0, 0)  # the room of a caption that stands below the title
        layout.addSpacerItem(self._caption_space)
        layout.addWidget(self.stack, 1)
        chart.table_wanted.connect(self.toggle_table)
        self.set_theme(chart.theme)
        self._name()

    def _button(self, name: str) -> QToolButton:
        button = QToolButton()
        button.setAutoRaise(True)
        button.setAccessibleName(name)
        button.setToolTip(name)
        button.setMinimumHeight(28)
        return button

    def set_data(self, data: ChartData) -> None:
        """Show other data in chart and table."""
        self.chart.set_data(data)
        self._place_caption()
        self._name()
        if self.stack.currentIndex() == 1:
            self.twin.set_data(data)
        self.update()

    def set_caption(self, caption: str) -> None:
        """Show a few words at the right of the title."""
        self.caption = caption
        self._place_caption()
        self.update()

    def set_link(self, words_of_link: str) -> None:
        """Show other words on the link at the right of the title; none hides it."""
        self.link_button.setText(words_of_link)
        self.link_button.setAccessibleName(words_of_link)
        self.link_button.setToolTip(words_of_link)
        self.link_button.setVisible(bool(words_of_link))
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Repaint card, icons and chart in other colours."""
        self.chart.set_theme(theme)
        for button in (self.table_button, self.menu_button):
            button.setIconSize(QSize(paint.scaled(16), paint.scaled(16)))
            button.setFixedSize(paint.scaled(28), paint.scaled(28))
        self._head_space.changeSize(0, paint.scaled(28))
        self.table_button.setIcon(icon("ph.table", theme))
        self.menu_button.setIcon(icon("ph.dots-three", theme))
        self.link_button.setFont(paint.font(12))
        palette = self.link_button.palette()
        palette.setColor(QPalette.ColorRole.ButtonText, paint.color(theme, "t3"))
        self.link_button.setPalette(palette)
        self.update()

    def _name(self) -> None:
        self.setAccessibleName(self.chart.data.title)
        self.table.setAccessibleName(words.tr("{title}, as table").format(title=self.chart.data.title))

    def _press_more(self) -> None:
        self.more.emit()

    # Twin and menu -------------------------------------------------------------------------------------------------

    def toggle_table(self) -> None:
        """Change between chart and table; the same button and key lead back."""
        to_table = self.stack.currentIndex() == 0
        if to_table:
            self.twin.set_data(self.chart.data)
            self.table.setModel(self.twin)
        self.stack.setCurrentIndex(1 if to_table else 0)
        (self.table if to_table else self.chart).setFocus(Qt.FocusReason.OtherFocusReason)
        name = words.tr("Show as chart") if to_table else words.tr("Show as table (T)")
        self.table_button.setAccessibleName(name)
        self.table_button.setToolTip(name)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Open the menu of export and copy by the right button, the Menu key or Shift+F10."""
        self.menu().popup(event.globalPos())

    def _open_menu(self) -> None:
        menu = self.menu()
        menu.popup(self.menu_button.mapToGlobal(self.menu_button.rect().bottomLeft()))

    def menu(self) -> QMenu:
        """Return the menu of a chart: copy, save, speak."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, slot in (
            (words.tr("Copy values"), self.chart.copy_values),
            (words.tr("Copy summary"), self.copy_summary),
            (words.tr("Save values as CSV…"), self.ask_csv),
            (words.tr("Save picture as PNG…"), self.ask_png),
        ):
            action = QAction(text, menu)
            action.triggered.connect(slot)
            menu.addAction(action)
        return menu

    def copy_summary(self) -> None:
        """Put the summary on the clipboard and speak it."""
        from PySide6.QtGui import QGuiApplication

        QGuiApplication.clipboard().setText(self.chart.summary())
        self.chart.announce(self.chart.summary())

    def ask_csv(self) -> None:
        """Ask where, then save the values."""
        name, _filter = QFileDialog.getSaveFileName(self, words.tr("Save values"), self.file_name("csv"), "CSV (*.csv)")
        if name:
            self.save(Path(name))

    def ask_png(self) -> None:
        """Ask where, then save the picture."""
        name, _filter = QFileDialog.getSaveFileName(
            self, words.tr("Save picture"), self.file_name("png"), "PNG (*.png)"
        )
        if name:
            self.save(Path(name))

    def save(self, path: Path) -> None:
        """Write the picture for ``.png``, the values otherwise; a failure goes out as :attr:`failed`."""
        try:
            if path.suffix.lower() == ".png":
                export.save(path, export.png_bytes(export.picture(self, self.chart.theme.bg2)))
            else:
                export.save(path, export.to_csv(self.chart.data))
        except Known as error:
            self.failed.emit(error)

    def file_name(self, suffix: str) -> str:
        """Return a name for an exported file, from the title and the day of the figures."""
        data = self.chart.data
        stem = "-".join("".join(c if c.isalnum() else " " for c in data.title.lower()).split())
        stamp = f"-{data.as_of:%Y-%m-%d}" if data.as_of is not None else ""
        return f"{stem}{stamp}.{suffix}"

    # Painting ------------------------------------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the card, its title, legend, caption and the chip that tells of missing days."""
        theme, data = self.chart.theme, self.chart.data
        painter = QPainter(self)
        paint.draw_card(painter, QRectF(self.rect()), theme)
        right = self.width() - 16.0
        for button in (self.menu_button, self.table_button, self.link_button):
            if button.isVisibleTo(self):
                right = min(right, button.x() - 8.0)
        row = QRectF(16, 10, right - 16, paint.scaled(28))
        if missing := data.count(PointState.MISSING):
            right = self._paint_chip(painter, row, missing)
            row.setRight(right)
        title = self._title_font(row.width())
        title_width = min(paint.width_of(data.title, title), row.width())
        paint.draw_text(painter, row, data.title, paint.color(theme, "t1"), title)
        left = row.left() + title_width + 12
        if self._legend:
            self._paint_legend(painter, QRectF(left, row.top(), right - left, row.height()))
        elif self.caption:
            tint, small = paint.color(theme, "t3"), paint.font(12)
            if below := self._caption_space.sizeHint().height():
                painter.setPen(tint)
                painter.setFont(small)
                box = QRectF(16, row.bottom(), self.width() - 32, below)
                painter.drawText(box, int(Qt.TextFlag.TextWordWrap), self.caption)
            else:
                box = QRectF(left, row.top(), right - left, row.height())
                paint.draw_text(painter, box, self.caption, tint, small, align=Qt.AlignmentFlag.AlignRight)
        painter.end()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the caption where it has room."""
        super().resizeEvent(event)
        self._place_caption()

    def _title_font(self, room: float) -> QFont:
        """Return the font of the title: a smaller one where it would be cut."""
        title = paint.font(15, 600)
        return title if paint.width_of(self.chart.data.title, title) <= room else paint.font(13, 600)

    def _place_caption(self) -> None:
        """Leave room for the caption below the title where it does not fit beside it."""
        small, shown = paint.font(12), (self.menu_button, self.table_button, self.link_button)
        buttons = sum(button.sizeHint().width() + 8 for button in shown if button.isVisibleTo(self))
        beside = self.width() - 32 - buttons - paint.width_of(self.chart.data.title, paint.font(15, 600)) - 12
        below = 0
        if self.caption and not self._legend and paint.width_of(self.caption, small) + 1 > beside:
            room = QRectF(0, 0, max(self.width() - 32, 1), 1_000)
            lines = QFontMetricsF(small).boundingRect(room, int(Qt.TextFlag.TextWordWrap), self.caption)
            below = round(lines.height()) + 4
        if below != self._caption_space.sizeHint().height():
            self._caption_space.changeSize(0, below)
            self._layout.invalidate()

    def _paint_chip(self, painter: QPainter, row: QRectF, missing: int) -> float:
        """Paint the chip at the right end of the row and return where it begins; the number alone where a title needs the room."""
        theme, small = self.chart.theme, paint.font(11, 500)
        text = (words.tr("1 day missing") if missing == 1 else words.tr("{n} days missing")).format(n=missing)
        lead = paint.scaled(12) + 12
        if row.width() - paint.width_of(text, small) < paint.scaled(160):
            text = words.number(missing, 0, 0)
        wide, tall = paint.width_of(text, small) + lead + 8, paint.scaled(20)
        box = QRectF(row.right() - wide, row.center().y() - tall / 2, wide, tall)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(paint.color(theme, "warn_ground"))
        painter.drawRoundedRect(box, tall / 2, tall / 2)
        paint.draw_icon(
            painter, "ph.warning", paint.icon_box(box.left() + 8, box.center().y(), 12), paint.color(theme, "warn")
        )
        paint.draw_text(painter, box.adjusted(lead, 0, -6, 0), text, paint.color(theme, "warn"), small)
        return box.left() - 10

    def _paint_legend(self, painter: QPainter, row: QRectF) -> None:
        theme, small = self.chart.theme, paint.font(12)
        items = [(s.label, s.icon, s.color, s.right, s.dash) for s in self.chart.data.series]
        mark = paint.scaled(14)
        widths = [paint.width_of(label, small) + mark + 18 for label, *_rest in items]
        worded = sum(widths) <= row.width()
        if not worded:
            widths = [mark + 10.0] * len(items)
        if sum(widths) > row.width():
            return
        x, y = row.right() - sum(widths) + 12, row.center().y()
        for (label, glyph, token, diamond, dash), wide in zip(items, widths, strict=True):
            tint = paint.color(theme, token)
            if glyph:
                paint.draw_icon(painter, glyph, paint.icon_box(x, y, 14), tint)
            elif dash:  # a colour alone tells nothing to many eyes
                painter.setPen(paint.pen(theme, token, 2, dash))
                painter.drawLine(QPointF(x - 2, y), QPointF(x + mark, y))
            else:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(tint)
                if diamond:
                    painter.drawPolygon(paint.diamond(QPointF(x + mark / 2, y), mark * 5 / 14))
                else:
                    painter.drawRoundedRect(paint.icon_box(x + 2, y, 10), 2, 2)
            if worded:
                paint.draw_text(
                    painter, QRectF(x + mark + 6, row.top(), wide, row.height()), label, paint.color(theme, "t1"), small
                )
            x += wide

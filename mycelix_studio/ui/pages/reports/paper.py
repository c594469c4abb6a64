"""The paper: pages of the very PDF that is saved, always light, one at a time."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRectF, QSize, Qt, Signal, Slot
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from mycelix_studio.ui.labels import Rule, text
from mycelix_studio.ui.pages.reports.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import IconButton

ZOOMS = (50, 75, 100, 125, 150, 200)
POINT = 96 / 72
MARGIN = 16
SCROLLBAR = 14


class Sheet(QWidget):
    """One page.

    Signals:
        turn_wanted(int): Page Up (-1) or Page Down (1).
        zoom_wanted(int): ``-`` (-1) or ``+`` (1).
    """

    turn_wanted = Signal(int)
    zoom_wanted = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self._document = QPdfDocument(self)
        self._buffer = QBuffer(self)
        self._image = QImage()
        self.at = 0
        self.zoom = 100
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def set_theme(self, theme: Theme) -> None:
        """Draw the edge in another colour; the paper stays white."""
        self._theme = theme

    def load(self, pdf: bytes) -> None:
        """Show a document from its first page, or from where it was when it still has that page."""
        self._document.close()
        self._buffer.close()
        self._buffer.setData(QByteArray(pdf))
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._document.load(self._buffer)
        self.turn(min(self.at, max(self.pages - 1, 0)))

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return self._document.pageCount()

    def turn(self, page: int) -> None:
        """Show a page."""
        self.at = page
        self._fit()

    def set_zoom(self, percent: int) -> None:
        """Show it larger or smaller."""
        self.zoom = percent
        self._fit()

    def width_at(self, percent: int) -> int:
        """Return how wide the page is at a size, in pixels; 0 without a document."""
        return round(self._document.pagePointSize(self.at).width() * POINT * percent / 100) if self.pages else 0

    def words(self) -> str:
        """Return the text of the page, as a screen reader and a copy get it."""
        return self._document.getAllText(self.at).text() if self.pages else ""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page Up and Page Down turn, + and - size; before the scroll area takes them."""
        keys = {Qt.Key.Key_PageUp: (self.turn_wanted, -1), Qt.Key.Key_PageDown: (self.turn_wanted, 1)}
        keys |= {Qt.Key.Key_Minus: (self.zoom_wanted, -1), Qt.Key.Key_Plus: (self.zoom_wanted, 1)}
        found = keys.get(Qt.Key(event.key()))
        if found is None:
            super().keyPressEvent(event)
        else:
            found[0].emit(found[1])

    def _fit(self) -> None:
        self._image = QImage()
        size = self._document.pagePointSize(self.at) * POINT * self.zoom / 100
        self.setFixedSize(max(round(size.width()), 1), max(round(size.height()), 1))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the page at the screen's own resolution."""
        ratio = self.devicePixelRatioF()
        wanted = QSize(round(self.width() * ratio), round(self.height() * ratio))
        if self.pages and self._image.size() != wanted:
            self._image = self._document.render(self.at, wanted)
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor("#FFFFFF"))
        if not self._image.isNull():
            painter.drawImage(QRectF(self.rect()), self._image)
        if self._theme.name == "light":
            painter.setPen(QPen(QColor(self._theme.line2), 1))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))
        if self.hasFocus() and self.property("by_keyboard"):
            painter.setPen(QPen(QColor(self._theme.focus), 2))
            painter.drawRect(QRectF(self.rect()).adjusted(1, 1, -1, -1))
        painter.end()


class Paper(QWidget):
    """The page with its bar: name of the file, which page, how large.

    Signals:
        turned(int): Another page is shown.
    """

    turned = Signal(int)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        bar = QHBoxLayout()
        bar.setContentsMargins(16, 9, 12, 9)
        bar.setSpacing(6)
        bar.addWidget(text(tr("Preview"), theme, "strong"))
        self.name = text("", theme, "small", "t3")
        self.name.setMinimumWidth(20)
        bar.addWidget(self.name, 1)
        self.back = IconButton("ph.caret-left", tr("Page before"), theme, keys="PgUp")
        self.place = text("", theme, "body")
        self.next = IconButton("ph.caret-right", tr("Next page"), theme, keys="PgDown")
        self.smaller = IconButton("ph.magnifying-glass-minus", tr("Smaller"), theme)
        self.percent = text("100 %", theme, "body")
        self.larger = IconButton("ph.magnifying-glass-plus", tr("Larger"), theme)
        for widget in (self.back, self.place, self.next, Rule(theme, "line2", vertical=True)):
            bar.addWidget(widget)
        for widget in (self.smaller, self.percent, self.larger):
            bar.addWidget(widget)
        column.addLayout(bar)
        column.addWidget(Rule(theme, "line2"))
        self.sheet = Sheet(theme)
        self.scroller = QScrollArea()
        self.scroller.setFrameShape(QFrame.Shape.NoFrame)
        self.scroller.setAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        holder = QWidget()
        holder.setProperty("ground", "none")
        inner = QVBoxLayout(holder)
        inner.setContentsMargins(MARGIN, MARGIN, MARGIN, MARGIN)
        inner.addWidget(self.sheet, 0, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self.scroller.setWidget(holder)
        self.scroller.setWidgetResizable(True)
        column.addWidget(self.scroller, 1)
        self.sheet.turn_wanted.connect(self._turn_by)
        self.sheet.zoom_wanted.connect(self._zoom_by)
        self.back.clicked.connect(self._back)
        self.next.clicked.connect(self._next)
        self.smaller.clicked.connect(self._smaller)
        self.larger.clicked.connect(self._larger)
        self._fitted = True

    def load(self, pdf: bytes, name: str, spoken: str) -> None:
        """Show a document."""
        self.name.setText(name)
        self.name.setToolTip(name)
        self.sheet.load(pdf)
        self.sheet.setAccessibleDescription(spoken)
        self._fit_width()
        self._say()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the page to the width, until somebody chose a size."""
        super().resizeEvent(event)
        self._fit_width()

    def _fit_width(self) -> None:
        whole = self.sheet.width_at(100)
        room = self.width() - 2 * MARGIN - SCROLLBAR
        if self._fitted and whole and room > MARGIN:
            self.sheet.set_zoom(min(max(room * 100 // whole, ZOOMS[0]), 100))
            self._say()

    @Slot(int)
    def _turn_by(self, step: int) -> None:
        self._turn(self.sheet.at + step)

    @Slot(int)
    def _zoom_by(self, step: int) -> None:
        (self._larger if step > 0 else self._smaller)()

    def _back(self) -> None:
        self._turn(self.sheet.at - 1)

    def _next(self) -> None:
        self._turn(self.sheet.at + 1)

    def _turn(self, page: int) -> None:
        if 0 <= page < self.sheet.pages:
            self.sheet.turn(page)
            self._say()
            self.turned.emit(page)

    def _smaller(self) -> None:
        self._zoom(max((zoom for zoom in ZOOMS if zoom < self.sheet.zoom), default=ZOOMS[0]))

    def _larger(self) -> None:
        self._zoom(min((zoom for zoom in ZOOMS if zoom > self.sheet.zoom), default=ZOOMS[-1]))

    def _zoom(self, percent: int) -> None:
        self._fitted = False
        self.sheet.set_zoom(percent)
        self._say()

    def _say(self) -> None:
        page, pages = self.sheet.at + 1, self.sheet.pages
        self.place.setText(f"{page} / {pages}")
        self.back.setEnabled(page > 1)
        self.next.setEnabled(page < pages)
        self.percent.setText(f"{self.sheet.zoom} %")
        self.smaller.setEnabled(self.sheet.zoom > ZOOMS[0])
        self.larger.setEnabled(self.sheet.zoom < ZOOMS[-1])
        self.sheet.setAccessibleName(tr("Statement, page {n} of {m}").format(n=page, m=pages))

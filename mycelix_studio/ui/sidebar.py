"""The sidebar: mark, palette field, pages with counts, settings and account below. 208 px, or 56 with icons only."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QButtonGroup, QFrame, QSizePolicy, QVBoxLayout, QWidget

from mycelix_studio.domain.address import short_address
from mycelix_studio.services.status import Status
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.icons import paint_mark
from mycelix_studio.ui.labels import Rule
from mycelix_studio.ui.pages import PAGES, PageSpec
from mycelix_studio.ui.theme import Theme

WIDE, NARROW = 208, 56
MARGIN, INDENT = 8, 36
"""Pixels left of icon and of the words of a page, at normal size of text."""


class _SideButton(QAbstractButton):
    """Painted by hand: icon, words, count; words fall away when narrow."""

    def __init__(self, icon: str, words: str, theme: Theme, height: int = 32) -> None:
        super().__init__()
        self.theme = theme
        self.icon_name = icon
        self.narrow = False
        self.count = 0
        self.setText(words)
        self.setAccessibleName(words)
        self.setProperty("kind", "nav")
        sizes.keep(self, height=height)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def set_narrow(self, narrow: bool) -> None:
        """Show the icon only, and the words as tooltip."""
        self.narrow = narrow
        self.setToolTip(self.text() if narrow else "")
        self.update()

    def sizeHint(self) -> QSize:
        """Return the height; the width is the sidebar's."""
        return QSize(40, self.height())


class NavButton(_SideButton):
    """A page."""

    def __init__(self, spec: PageSpec, theme: Theme) -> None:
        super().__init__(spec.icon, QCoreApplication.translate("Pages", spec.title), theme)
        self.spec = spec
        self.setCheckable(True)

    def set_count(self, count: int) -> None:
        """Show a count, none for 0."""
        if count != self.count:
            self.count = count
            self.setAccessibleName(f"{self.text()}, {count}" if count else self.text())
            self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it."""
        t, painter, box = self.theme, QPainter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        on = self.isChecked()
        if on or self.underMouse():
            painter.setBrush(QColor(t.sel if on else t.bg3))
            painter.drawRoundedRect(box, 6, 6)
        if on:
            painter.setBrush(QColor(t.acc))
            painter.setClipRect(QRectF(0, 0, 2, box.height()))
            painter.drawRoundedRect(QRectF(0, 0, 12, box.height()), 6, 6)
            painter.setClipping(False)
        side = paint.scaled(18)
        left = (box.width() - side) / 2 if self.narrow else MARGIN
        tint = QColor(t.acc if on else t.t2)
        paint.draw_icon(painter, self.icon_name, paint.icon_box(left, box.center().y(), 18), tint)
        if not self.narrow:
            words = box.adjusted(paint.scaled(INDENT), 0, -paint.scaled(40) if self.count else -MARGIN, 0)
            paint.draw_text(painter, words, self.text(), QColor(t.t1 if on else t.t2), paint.font(13, 500))
        if self.count:
            shown = f"{self.count:,}" if self.count < 1000 else "999+"
            high = paint.scaled(18)
            width = max(float(high), paint.width_of(shown, paint.font(11, 600)) + 10)
            right = box.right() - (0 if self.narrow else MARGIN)
            badge = QRectF(right - width, 0 if self.narrow else box.center().y() - high / 2, width, high)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(t.bg4))
            painter.drawRoundedRect(badge, high / 2, high / 2)
            paint.draw_text(
                painter, badge, shown, QColor(t.t1), paint.font(11, 600), align=Qt.AlignmentFlag.AlignHCenter
            )
        painter.end()


class Finder(_SideButton):
    """The field that opens the palette."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("ph.magnifying-glass", QCoreApplication.translate("Sidebar", "Go to or do…"), theme, 28)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint it like a field."""
        t, painter = self.theme, QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QColor(t.ctl if self.underMouse() else t.line2))
        painter.setBrush(QColor(t.bg2))
        painter.drawRoundedRect(box, 6, 6)
        left = (box.width() - paint.scaled(15)) / 2 if self.narrow else 9
        paint.draw_icon(painter, self.icon_name, paint.icon_box(left, box.center().y(), 15), QColor(t.t2))
        if not self.narrow:
            small = paint.font(12)
            keys = box.adjusted(0, 0, -9, 0)
            words = box.adjusted(paint.scaled(33), 0, -paint.width_of("Ctrl K", small) - 14, 0)
            paint.draw_text(painter, words, self.text(), QColor(t.t2), small)
            paint.draw_text(painter, keys, "Ctrl K", QColor(t.t3), small, align=Qt.AlignmentFlag.AlignRight)
        painter.end()


class AccountButton(_SideButton):
    """Who works here: artist's name, account and whether it is locked."""

    def __init__(self, theme: Theme) -> None:
        super().__init__("ph.user-circle", "", theme, 44)
        self._name = ""
        self._known = False
        self._line = ""
        self._locked = True

    def show_account(self, artist: str, status: Status) -> None:
        """Show another account."""
        self._known = bool(artist.strip() or status.account.strip())
        self._name = artist.strip() or status.account or self.tr("No wallet yet")
        short = short_address(status.address) if status.address else ""
        self._line = " · ".join(part for part in (status.account if artist else "", short) if part)
        self._locked = status.locked
        state = (self.tr("locked") if status.locked else self.tr("unlocked")) if status.address else ""
        self.setAccessibleName(", ".join(part for part in (self._name, self._line, state) if part))
        self.setToolTip(self.accessibleName() if self.narrow else status.address)
        self.icon_name = ("ph.lock-key" if status.locked else "ph.lock-simple-open") if status.address else ""
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint initials, two lines, a lock."""
        t, painter, box = self.theme, QPainter(self), QRectF(self.rect())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.underMouse():
            painter.setBrush(QColor(t.bg3))
            painter.drawRoundedRect(box, 6, 6)
        side = paint.scaled(28)
        left = (box.width() - side) / 2 if self.narrow else MARGIN
        circle = paint.icon_box(left, box.center().y(), 28)
        painter.setBrush(QColor(t.sel2))
        painter.drawEllipse(circle)
        if self._known:
            initials = "".join(word[0] for word in self._name.split()[:2]).upper()
            paint.draw_text(
                painter, circle, initials, QColor(t.t1), paint.font(11, 600), align=Qt.AlignmentFlag.AlignHCenter
            )
        else:
            paint.draw_icon(painter, "ph.user", circle.adjusted(6, 6, -6, -6), QColor(t.t2))
        if not self.narrow:
            lock = paint.scaled(14)
            words = box.adjusted(left + side + MARGIN, 0, -(lock + 12 if self.icon_name else 6), 0)
            half = box.height() / 2
            both = bool(self._line)
            top = words.adjusted(0, 4, 0, 2 - half) if both else words
            paint.draw_text(painter, top, self._name, QColor(t.t1), paint.font(13, 500))
            paint.draw_text(painter, words.adjusted(0, half, 0, -4), self._line, QColor(t.t3), paint.font(11))
            if self.icon_name:
                where = paint.icon_box(box.right() - lock - 8, box.center().y(), 14)
                paint.draw_icon(painter, self.icon_name, where, QColor(t.t2))
        painter.end()


class _Brand(QWidget):
    """Mark and name."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.narrow = False
        sizes.keep(self, height=36)

    def set_theme(self, theme: Theme) -> None:
        """Paint in other colours."""
        self.theme = theme

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint them."""
        painter, box = QPainter(self), QRectF(self.rect())
        left = (box.width() - paint.scaled(20)) / 2 if self.narrow else MARGIN
        paint_mark(painter, paint.icon_box(left, box.center().y(), 20), QColor(self.theme.acc))
        if not self.narrow:
            words = box.adjusted(paint.scaled(INDENT), 0, 0, 0)
            paint.draw_text(painter, words, "Mycelix Studio", QColor(self.theme.t1), paint.font(14, 600))
        painter.end()


class Sidebar(QFrame):
    """Where to go.

    Signals:
        page_wanted(key): A page was chosen.
        palette_wanted(): The field was clicked.
    """

    page_wanted = Signal(str)
    palette_wanted = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("kind", "sidebar")
        self.setAccessibleName(self.tr("Pages"))
        self.brand = _Brand(theme)
        self.finder = Finder(theme)
        self.account = AccountButton(theme)
        self.rule = Rule(theme, "line2")
        self.group = QButtonGroup(self)
        self.group.setExclusive(True)
        self.buttons: dict[str, NavButton] = {}
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 10)
        column.setSpacing(2)
        column.addWidget(self.brand)
        column.addSpacing(4)
        column.addWidget(self.finder)
        column.addSpacing(6)
        for spec in PAGES:
            button = NavButton(spec, theme)
            self.buttons[spec.key] = button
            self.group.addButton(button)
            button.clicked.connect(self._clicked)
            if spec.key == "settings":
                column.addStretch(1)
            column.addWidget(button)
        column.addSpacing(6)
        column.addWidget(self.rule)
        column.addSpacing(6)
        column.addWidget(self.account)
        self.finder.clicked.connect(self.palette_wanted)
        self.account.clicked.connect(self._account)
        self.set_narrow(False)

    def set_narrow(self, narrow: bool) -> None:
        """Show icons only."""
        self._narrow = narrow
        wide = (WIDE + 2 * paint.scaled(WIDE)) // 3  # names are short: a part of the growth is enough
        self.setFixedWidth(NARROW if narrow else wide)
        self.brand.narrow = narrow
        for button in (*self.buttons.values(), self.finder, self.account):
            button.set_narrow(narrow)

    def set_theme(self, theme: Theme) -> None:
        """Take the width that text of this size needs."""
        self.set_narrow(self._narrow)

    def set_page(self, key: str) -> None:
        """Mark the open page."""
        self.buttons[key].setChecked(True)

    def show_status(self, status: Status, artist: str) -> None:
        """Show counts and the account."""
        for button in self.buttons.values():
            if button.spec.badge:
                button.set_count(int(getattr(status, button.spec.badge)))
        self.account.show_account(artist, status)

    def _clicked(self) -> None:
        button = self.group.checkedButton()
        assert isinstance(button, NavButton)
        self.page_wanted.emit(button.spec.key)

    def _account(self) -> None:
        self.page_wanted.emit("wallet")

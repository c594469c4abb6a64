"""The focus ring: two pixels around whatever has the focus, only when it came there by keyboard."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFocusEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QApplication, QCheckBox, QRadioButton, QWidget

from mycelix_studio.ui.theme import Theme

BY_KEYBOARD = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


class _Ring(QWidget):
    """Painted over its parent; lets every click through."""

    def __init__(self, theme: Theme, parent: QWidget, radius: float) -> None:
        super().__init__(parent)
        self.theme = theme
        self.radius = radius
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(QColor(self.theme.focus), 2))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), self.radius, self.radius)
        painter.end()


class FocusRing(QObject):
    """Follows the focus of the whole program."""

    def __init__(self, app: QApplication, theme: Theme) -> None:
        super().__init__(app)
        self._app = app
        self._theme = theme
        self._ring: _Ring | None = None
        self._target: QWidget | None = None

    def watch(self) -> None:
        """Begin. Every event of the program passes here from now on, so it begins once the first window is painted."""
        self._app.installEventFilter(self)

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Note how the focus came and went."""
        kind = event.type()
        if kind == QEvent.Type.FocusIn and isinstance(watched, QAbstractButton) and isinstance(event, QFocusEvent):
            by_keyboard = event.reason() in BY_KEYBOARD
            watched.setProperty("by_keyboard", by_keyboard)
            own = isinstance(watched, QCheckBox | QRadioButton) or (
                watched.isCheckable() and not watched.property("kind")
            )
            if by_keyboard and not own:
                self._show(watched)
        elif watched is self._target and kind in (
            QEvent.Type.FocusOut,
            QEvent.Type.Hide,
            QEvent.Type.Move,
            QEvent.Type.Resize,
            QEvent.Type.DeferredDelete,
        ):
            self._drop() if kind not in (QEvent.Type.Move, QEvent.Type.Resize) else self._place()
        return False

    def _show(self, target: QWidget) -> None:
        self._drop()
        window = target.window()
        if isinstance(target.parentWidget(), QAbstractItemView):
            return
        self._target = target
        self._ring = _Ring(self._theme, window, 8)
        self._place()
        self._ring.show()
        self._ring.raise_()

    def _place(self) -> None:
        if self._ring is not None and self._target is not None:
            top = self._target.mapTo(self._target.window(), self._target.rect().topLeft())
            self._ring.setGeometry(QRect(top, self._target.size()).adjusted(-3, -3, 3, 3))

    def _drop(self) -> None:
        if self._ring is not None:
            self._ring.hide()
            self._ring.deleteLater()
        self._ring = None
        self._target = None

"""The palette (Ctrl+K): pages, commands and settings by what one types. And the list of keys (F1)."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.base import Command
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.chips import KeyHint
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Field

MOST = 9
ROW = 36
Index = QModelIndex | QPersistentModelIndex


def shown_keys(keys: str) -> str:
    """Return a shortcut as this system writes it."""
    return QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) if keys else ""


def rank(typed: str, command: Command) -> int | None:
    """Return how well a command fits what was typed, smaller is better; None when it does not.

    Every word must begin a word of the command or stand in it; beginnings come first.
    """
    words = f"{command.words} {command.where}".casefold()
    score = 0
    for part in typed.casefold().split():
        place = words.find(part)
        if place < 0:
            return None
        score += place if place == 0 or words[place - 1] == " " else 100 + place
    return score


class _Found(QAbstractListModel):
    def __init__(self) -> None:
        super().__init__()
        self.commands: list[Command] = []

    def set_commands(self, commands: Sequence[Command]) -> None:
        self.beginResetModel()
        self.commands = list(commands)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self.commands)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        command = self.commands[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return command.words
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(part for part in (command.words, command.where, shown_keys(command.keys)) if part)
        return None


class _Row(QStyledItemDelegate):
    def __init__(self, theme: Theme, parent: QObject) -> None:
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(100, ROW)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        t, box = self.theme, QRectF(option.rect)
        model = index.model()
        assert isinstance(model, _Found)
        command = model.commands[index.row()]
        painter.save()
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(box, QColor(t.sel2))
        paint.draw_icon(
            painter, command.icon or "ph.arrow-right", QRectF(box.x() + 16, box.center().y() - 8, 16, 16), QColor(t.t2)
        )
        right = shown_keys(command.keys) or command.where
        paint.draw_text(painter, box.adjusted(44, 0, -120, 0), command.words, QColor(t.t1), paint.font(13))
        paint.draw_text(
            painter, box.adjusted(0, 0, -16, 0), right, QColor(t.t3), paint.font(12), align=Qt.AlignmentFlag.AlignRight
        )
        painter.restore()


class Palette(QFrame):
    """Over the window, near its top; Esc or a click beside it closes it."""

    def __init__(self, window: QWidget, theme: Theme) -> None:
        super().__init__(window)
        self._window = window
        self._theme = theme
        self.setProperty("kind", "pop")
        self.setAccessibleName(self.tr("Go to or do"))
        self.field = Field(self.tr("Go to or do"), theme, hint=self.tr("Go to or do…"), icon_name="ph.magnifying-glass")
        self.found = _Found()
        self.list = QListView()
        self.list.setModel(self.found)
        self.list.setProperty("ground", "pop")
        self.list.setStyleSheet("background: transparent;")
        self.list.setAccessibleName(self.tr("Found"))
        self.list.setItemDelegate(_Row(theme, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.nothing = text(self.tr("Nothing found. Try fewer words."), theme, "small", "t3")
        self.nothing.setContentsMargins(16, 8, 16, 12)
        column = QVBoxLayout(self)
        column.setContentsMargins(6, 6, 6, 6)
        column.setSpacing(6)
        column.addWidget(self.field)
        column.addWidget(self.list)
        column.addWidget(self.nothing)
        self.commands: list[Command] = []
        self.field.textChanged.connect(self._search)
        self.field.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Paint rows in other colours."""
        self._theme = theme
        self.list.setItemDelegate(_Row(theme, self.list))

    def open_with(self, commands: Sequence[Command]) -> None:
        """Show it with what can be done now."""
        self.commands = [command for command in commands if command.when()]
        self.field.clear()
        self._search("")
        window = self._window
        width = min(640, window.width() - 40)
        self.setFixedWidth(width)
        self.move((window.width() - width) // 2, 72)
        self.show()
        self.raise_()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Up and Down move, Enter does, Esc closes; losing the focus closes too."""
        if event.type() == QEvent.Type.FocusOut:
            self.hide()
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return False
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
        if step is not None and self.found.commands:
            row = (self.list.currentIndex().row() + step) % len(self.found.commands)
            self.list.setCurrentIndex(self.found.index(row))
            return True
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._do(self.list.currentIndex().row())
            return True
        if event.key() == Qt.Key.Key_Escape:
            self.hide()
            return True
        return False

    def _search(self, typed: str) -> None:
        ranked = [(score, command) for command in self.commands if (score := rank(typed, command)) is not None]
        ranked.sort(key=lambda pair: (pair[0], len(pair[1].words)) if typed.strip() else (0, 0))
        self.found.set_commands([command for _score, command in ranked[:MOST]])
        shown = len(self.found.commands)
        self.list.setFixedHeight(max(1, shown) * ROW)
        self.list.setVisible(bool(shown))
        self.nothing.setVisible(not shown)
        if shown:
            self.list.setCurrentIndex(self.found.index(0))
        self.adjustSize()

    def _clicked(self, index: QModelIndex) -> None:
        self._do(index.row())

    def _do(self, row: int) -> None:
        if 0 <= row < len(self.found.commands):
            command = self.found.commands[row]
            self.hide()
            command.run()


class KeysDialog(Dialog):
    """Every command with a shortcut, by where it belongs."""

    def __init__(self, commands: Sequence[Command], theme: Theme, parent: QWidget) -> None:
        super().__init__(
            self.tr("Keys"), self.tr("Single keys act only outside text fields."), theme, parent, width=560
        )
        places: dict[str, list[Command]] = {}
        for command in commands:
            if command.keys:
                places.setdefault(command.where, []).append(command)
        for place, found in places.items():
            self.body.addSpacing(6)
            self.body.addWidget(text(place, theme, "label", "t3"))
            grid = QGridLayout()
            grid.setColumnStretch(0, 1)
            for number, command in enumerate(found):
                grid.addWidget(text(command.words, theme), number, 0)
                grid.addWidget(KeyHint(shown_keys(command.keys), theme), number, 1, Qt.AlignmentFlag.AlignRight)
            self.body.addLayout(grid)
        self.add_button(self.tr("Close"), enter=True).clicked.connect(self.accept)

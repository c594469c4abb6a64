"""Layout of the settings: a list that jumps, and cards in one scrolling page, in two columns where there is room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QListWidget, QListWidgetItem, QScrollArea, QVBoxLayout, QWidget

from mycelix_studio import settings as keys
from mycelix_studio.settings import Settings
from mycelix_studio.ui import sizes
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.icons import icon
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.settings.controls import Setter, control_of, tr
from mycelix_studio.ui.pages.settings.sections import SECTIONS, Link, Section, section_of
from mycelix_studio.ui.pages.settings.theme_cards import ThemeCards
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button
from mycelix_studio.ui.widgets.cards import Card, Line
from mycelix_studio.ui.widgets.inputs import Field, Switch
from mycelix_studio.ui.widgets.scroll import Scroller

TWO_COLUMNS_FROM: Final = 900
COLUMN_MOST: Final = 620
OpenLink = Callable[[Link], None]


class Group(QWidget):
    """A heading and its card."""

    def __init__(self, section: Section, theme: Theme) -> None:
        super().__init__()
        self.setProperty("ground", "none")
        self.section = section
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(text(tr(section.title), theme, "section"))
        self.card = Card(0, 0)
        column.addWidget(self.card)
        self.lines: list[Line] = []
        self.extra: list[QWidget] = []

    def add(self, line: Line) -> None:
        """Add a row."""
        self.lines.append(line)
        self.card.column.addWidget(line)

    def weight(self) -> int:
        """Return about how high it is, in rows, for filling the columns evenly."""
        return 1 + len(self.lines) + 3 * len(self.extra)

    def show_found(self, needle: str) -> int:
        """Show only rows whose words contain ``needle`` and return how many; none hides the card as well."""
        found = 0
        for line in self.lines:
            fits = needle in f"{line.title.text()} {line.description.text()} {tr(self.section.title)}".casefold()
            line.setVisible(fits)
            found += fits
        for widget in self.extra:
            widget.setVisible(found == len(self.lines))
        self.setVisible(bool(found))
        return found


class SettingsView(QWidget):
    """The page's body."""

    def __init__(self, settings: Settings, theme: Theme, set_value: Setter, open_link: OpenLink) -> None:
        super().__init__()
        self.lines: dict[str, Line] = {}
        self.groups: list[Group] = []
        self._spread_over = 0
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        for section in SECTIONS:
            self._make(section, settings, theme, set_value, open_link)
        row.addWidget(self._list(theme))
        row.addWidget(self._scroller(theme), 1)

    # parts

    def _make(self, section: Section, settings: Settings, theme: Theme, set_value: Setter, open_link: OpenLink) -> None:
        group = Group(section, theme)
        found = [setting for setting in keys.SETTINGS if section_of(setting) is section]
        if keys.THEME in found:
            found.remove(keys.THEME)
            self._add_colours(group, settings, theme, set_value)
        rows = len(found) + len(section.links)
        for number, setting in enumerate(found, start=1):
            control = control_of(setting, settings, theme, set_value)
            self._add(
                group,
                setting.key,
                Line(tr(setting.title), tr(setting.description), control, theme, last=number == rows),
            )
        for number, link in enumerate(section.links, start=len(found) + 1):
            button = Button(tr(link.button), theme, small=True)
            button.setAccessibleName(f"{tr(link.title)}: {tr(link.button)}")
            button.clicked.connect(lambda _on=False, link=link: open_link(link))
            self._add(group, link.key, Line(tr(link.title), tr(link.description), button, theme, last=number == rows))
        self.groups.append(group)

    def _add(self, group: Group, key: str, line: Line) -> None:
        group.add(line)
        self.lines[key] = line

    def _add_colours(self, group: Group, settings: Settings, theme: Theme, set_value: Setter) -> None:
        cards = ThemeCards(tr(keys.THEME.title), (tr("Dark"), tr("Light")), theme)
        follow = Switch(tr("Follow the system"), theme, on=settings.get(keys.THEME) == "system")

        def pick(name: str) -> None:
            follow.setChecked(False)
            set_value(keys.THEME, name)

        def toggle(on: bool) -> None:
            chosen = next(name for name, card in cards.cards.items() if card.isChecked())
            set_value(keys.THEME, "system" if on else chosen)

        cards.chosen.connect(pick)
        follow.toggled.connect(toggle)
        group.card.column.addWidget(cards)
        group.extra.append(cards)
        self.theme_cards, self.follow = cards, follow
        self._add(group, keys.THEME.key, Line(tr("Follow the system"), "", follow, theme))

    def _list(self, theme: Theme) -> QWidget:
        side = QFrame()
        side.setProperty("kind", "sidebar")
        sizes.keep(side, width=224)
        column = QVBoxLayout(side)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(8)
        find = tr("Find a setting")
        self.finder = Field(find, theme, hint=find, small=True, icon_name="ph.magnifying-glass")
        column.addWidget(self.finder)
        self.list = QListWidget()
        self.list.setProperty("ground", "bg1")
        self.list.setAccessibleName(tr("Groups of settings"))
        self.list.setIconSize(QSize(16, 16))
        self.list.setSpacing(1)
        for group in self.groups:
            item = QListWidgetItem(icon(group.section.icon, theme), tr(group.section.title))
            item.setSizeHint(QSize(100, paint.scaled(30)))
            self.list.addItem(item)
        self.list.setCurrentRow(0)
        column.addWidget(self.list, 1)
        return side

    def _scroller(self, theme: Theme) -> QScrollArea:
        self.body = QWidget()
        self.body.setProperty("ground", "none")
        outer = QVBoxLayout(self.body)
        outer.setContentsMargins(24, 16, 24, 24)
        outer.setSpacing(0)
        self.nothing = text(tr("No setting has these words."), theme, "body", "t2", wrap=True)
        self.nothing.hide()
        outer.addWidget(self.nothing)
        row = QHBoxLayout()
        row.setSpacing(24)
        self.columns: list[QVBoxLayout] = []
        for _ in range(2):
            side = QWidget()
            side.setProperty("ground", "none")
            side.setMaximumWidth(COLUMN_MOST)
            column = QVBoxLayout(side)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(18)
            row.addWidget(side, 1, Qt.AlignmentFlag.AlignTop)
            self.columns.append(column)
            self._second = side
        row.addStretch(0)
        outer.addLayout(row)
        outer.addStretch(1)
        self.scroller = Scroller(self.body)
        self.scroller.viewport().installEventFilter(self)
        self._spread(1)
        return self.scroller

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Take one column or two as the room changes."""
        if event.type() is QEvent.Type.Resize and watched is self.scroller.viewport():
            self._spread(2 if self.scroller.viewport().width() >= paint.scaled(TWO_COLUMNS_FROM) else 1)
        return super().eventFilter(watched, event)

    def _spread(self, columns: int) -> None:
        """Give the cards to the columns, each to the lower one so far."""
        if columns == self._spread_over:
            return
        self._spread_over = columns
        self._second.setVisible(columns == 2)
        filled = [0] * columns
        for group in self.groups:
            side = filled.index(min(filled))
            filled[side] += group.weight()
            self.columns[side].addWidget(group)

    # behaviour

    def set_theme(self, theme: Theme) -> None:
        """Tint the icons of the list."""
        for number, group in enumerate(self.groups):
            self.list.item(number).setIcon(icon(group.section.icon, theme))

    def titles(self) -> Sequence[str]:
        """Return the headings in the order of the list."""
        return [group.section.title for group in self.groups]

    def jump(self, row: int) -> None:
        """Scroll to a card."""
        if 0 <= row < len(self.groups):
            group = self.groups[row]
            top = group.mapTo(self.body, group.rect().topLeft()).y()
            self.scroller.verticalScrollBar().setValue(max(0, top - 16))

    def search(self, typed: str) -> int:
        """Show only settings whose words contain what was typed; returns how many."""
        needle = typed.casefold().strip()
        shown = sum(group.show_found(needle) for group in self.groups)
        self.nothing.setVisible(not shown)
        return shown

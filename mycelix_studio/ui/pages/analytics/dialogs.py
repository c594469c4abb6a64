"""The dialog of analytics: the filter."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from mycelix_studio.domain.dashboard import STRATEGIES, Filter, Parts
from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.labels import text
from mycelix_studio.ui.pages.analytics.model import strategy_name, tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import FilterField, Tick

ROW = 28


class FilterDialog(Dialog):
    """Asks which part of the music counts."""

    def __init__(self, parts: Parts, wanted: Filter, theme: Theme, parent: QWidget) -> None:
        words = tr("Nothing ticked in a list means all of it. What you tick counts together.")
        super().__init__(tr("Filter the figures"), words, theme, parent, width=560)
        row = QHBoxLayout()
        row.setSpacing(16)
        self.strategies: dict[str, QCheckBox] = {}
        for key in STRATEGIES:
            tick = Tick(strategy_name(key), theme)
            tick.setChecked(key in wanted.strategies)
            self.strategies[key] = tick
            row.addWidget(tick)
        row.addStretch(1)
        self.body.addWidget(text(tr("Ways to earn"), theme, "label", "t3"))
        self.body.addLayout(row)
        self.genres = self._list(tr("Genres"), [(genre, genre) for genre in parts.genres], wanted.genres, 4)
        self.albums = self._list(tr("Albums"), [(album, album) for album in parts.albums], wanted.albums, 4)
        self.finder = FilterField(tr("Find a song"), theme, tr("Find a song…"))
        self.finder.textChanged.connect(self._find)
        titled = [(song_id, title or tr("(no title)")) for song_id, title in parts.songs]
        self.songs = self._list(tr("Songs"), titled, wanted.songs, 7, self.finder)
        self.add_button(tr("Clear all"), "quiet", left=True).clicked.connect(self._clear)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.add_button(tr("Apply"), "primary", enter=True).clicked.connect(self.accept)

    def chosen(self) -> Filter:
        """Return the filter ticked."""
        return Filter(
            _ticked(self.songs),
            _ticked(self.albums),
            _ticked(self.genres),
            frozenset(key for key, tick in self.strategies.items() if tick.isChecked()),
        )

    def _list(
        self, name: str, items: Sequence[tuple[str, str]], on: Iterable[str], most: int, above: QWidget | None = None
    ) -> QListWidget:
        made = QListWidget()
        made.setAccessibleName(name)
        made.setFixedHeight(paint.scaled(ROW) * max(1, min(most, len(items))) + 4)
        for key, words in items:
            item = QListWidgetItem(words, made)
            item.setData(Qt.ItemDataRole.UserRole, key)
            item.setSizeHint(QSize(0, paint.scaled(ROW)))
            item.setCheckState(Qt.CheckState.Checked if key in on else Qt.CheckState.Unchecked)
        head = text(name, self.theme, "label", "t3")
        for widget in (head, above, made):
            if widget is not None:
                widget.setVisible(bool(items))
                self.body.addWidget(widget)
        return made

    def _find(self, words: str) -> None:
        for row in range(self.songs.count()):
            item = self.songs.item(row)
            item.setHidden(words.casefold() not in item.text().casefold())

    def _clear(self) -> None:
        for tick in self.strategies.values():
            tick.setChecked(False)
        for items in (self.songs, self.albums, self.genres):
            for row in range(items.count()):
                items.item(row).setCheckState(Qt.CheckState.Unchecked)


def _ticked(items: QListWidget) -> frozenset[str]:
    rows = (items.item(row) for row in range(items.count()))
    return frozenset(
        str(item.data(Qt.ItemDataRole.UserRole)) for item in rows if item.checkState() is Qt.CheckState.Checked
    )

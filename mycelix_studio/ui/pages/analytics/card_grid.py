"""Five stat cards: side by side, or 3 + 2 where there is less room."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from mycelix_studio.ui.charts import paint
from mycelix_studio.ui.charts.data import Unit, UnitKind
from mycelix_studio.ui.charts.stat_card import Figure, StatCard
from mycelix_studio.ui.theme import Theme

CARDS = 5
GAP = 12
WRAP_BELOW = 1040
"""Width of the page, at normal size of text, under which the cards stand 3 + 2; the window is then narrower than 1280."""


def narrow(width: int) -> bool:
    """Tell whether a page of this width has room for 3 + 2 cards only, at the size of text in force."""
    return width < paint.scaled(WRAP_BELOW)


class CardGrid(QWidget):
    """The cards of a tab.

    Attributes:
        across: How many stand side by side.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setProperty("ground", "none")
        self.cards = [StatCard(Figure("", Unit(UnitKind.COUNT), None), theme) for _ in range(CARDS)]
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.across = 0
        self._wrap(CARDS)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap where there is less room."""
        super().resizeEvent(event)
        self._wrap(3 if narrow(self.width()) else CARDS)

    def set_theme(self, _theme: Theme) -> None:
        """Wrap anew: the size of text may have changed."""
        self._wrap(3 if narrow(self.width()) else CARDS)

    def _wrap(self, across: int) -> None:
        if across == self.across:
            return
        self.across = across
        # Six parts a row: three cards of two, or, for the second row, two of three.
        for number, card in enumerate(self.cards):
            self._grid.removeWidget(card)
            if across == CARDS:
                self._grid.addWidget(card, 0, number)
            elif number < across:
                self._grid.addWidget(card, 0, number * 2, 1, 2)
            else:
                self._grid.addWidget(card, 1, (number - across) * 3, 1, 3)
        for place in range(6):
            self._grid.setColumnStretch(place, 1 if across != CARDS or place < CARDS else 0)

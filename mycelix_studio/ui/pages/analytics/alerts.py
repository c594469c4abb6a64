"""The tab of what happened by itself: a new patron, a round number, an auction sold out; newest first, those not seen yet marked."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from mycelix_studio.services.notices import Listed
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.notices import ICONS, notice_words
from mycelix_studio.ui.pages.analytics.model import tr
from mycelix_studio.ui.pages.analytics.view import Body
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.cards import Card
from mycelix_studio.ui.widgets.chips import Chip

SHOWN = 200


class Alerts(Body):
    """What happened by itself."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 16, 0, 0)
        self.card = Card(padding=0, spacing=0)
        self.card.setMaximumWidth(760)
        self.card.setAccessibleName(tr("Alerts"))
        column.addWidget(self.card)
        column.addStretch(1)
        self._shown: Listed | None = None
        self._made: Listed | None = None
        self._theme = theme

    @property
    def listed(self) -> Listed:
        """What is listed."""
        return self._shown or Listed()

    def set_theme(self, theme: Theme) -> None:
        """Remember the colours for rows made later."""
        self._theme = theme

    def show_all(self, listed: Listed) -> None:
        """List them; does nothing when they are listed already."""
        if listed == self._shown:
            return
        self._shown = listed
        if self.isVisible():
            self._list()

    def showEvent(self, event: QShowEvent) -> None:
        """Make the rows when they are first seen."""
        super().showEvent(event)
        self._list()

    def _list(self) -> None:
        listed = self.listed
        if listed is self._made:
            return
        self._made = listed
        while (item := self.card.column.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        if not listed.notices:
            said = tr("The first hundred plays, a new patron, an auction sold out: what happens will stand here.")
            self.card.column.addWidget(self._row("ph.bell", "t3", said, "", fresh=False))
        for notice in listed.notices[:SHOWN]:
            icon, tone = ICONS[notice.kind]
            day = words.day_text(notice.day, year=True)
            self.card.column.addWidget(
                self._row(icon, tone, notice_words(notice), day, fresh=notice.key in listed.unopened)
            )

    def _row(self, icon: str, tone: str, said: str, day: str, *, fresh: bool) -> QFrame:
        frame = QFrame()
        frame.setProperty("kind", "row")
        state = tr("new") if fresh else ""
        frame.setAccessibleName(" ".join(part for part in (state, said, day) if part))
        row = QHBoxLayout(frame)
        row.setContentsMargins(16, 10, 16, 10)
        row.setSpacing(10)
        row.addWidget(Icon(icon, self._theme, tone))
        row.addWidget(text(said, self._theme, "strong" if fresh else "body", wrap=True), 1)
        if fresh:
            row.addWidget(Chip(tr("new"), self._theme, "acc"))
        row.addWidget(text(day, self._theme, "body", "t2"))
        return frame

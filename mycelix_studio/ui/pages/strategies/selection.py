"""Choosing several songs at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QWidget

from mycelix_studio.services.strategies import Choice, selection_key
from mycelix_studio.ui.pages.strategies.model import tr
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.dialog import Dialog
from mycelix_studio.ui.widgets.inputs import Tick


class SongsDialog(Dialog):
    """A tick for every song."""

    def __init__(self, choices: Sequence[Choice], theme: Theme, parent: QWidget) -> None:
        super().__init__(
            tr("Choose songs"),
            tr("They get the same terms, each with signatures of its own."),
            theme,
            parent,
            width=440,
        )
        self.songs = [choice.songs[0] for choice in choices if choice.key.startswith("song:")]
        self.ticks = [Tick(song.title, theme) for song in self.songs]
        for tick in self.ticks:
            tick.toggled.connect(self._check)
            self.body.addWidget(tick)
        self.add_button(tr("Cancel")).clicked.connect(self.reject)
        self.take = self.add_button(tr("Set terms for them"), "primary", enter=True)
        self.take.clicked.connect(self.accept)
        self._check()

    def key(self) -> str:
        """Return the key of what is ticked; empty for nothing."""
        picked = [song for song, tick in zip(self.songs, self.ticks, strict=True) if tick.isChecked()]
        return selection_key(picked) if picked else ""

    def _check(self) -> None:
        self.take.setEnabled(bool(self.key()))


def choose_songs(choices: Sequence[Choice], theme: Theme, parent: QWidget) -> str:
    """Ask for songs and return the key of the choice; empty when the person left."""
    dialog = SongsDialog(choices, theme, parent)
    key = dialog.key() if dialog.exec() else ""
    dialog.deleteLater()
    return key

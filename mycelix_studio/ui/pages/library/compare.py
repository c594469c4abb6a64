"""Two tracks compared at one loudness (Shift+A): both play side by side, one is heard; the louder one is turned down to the other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import Text, text
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.player import Player
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import IconButton
from mycelix_studio.ui.widgets.segment import Segment


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two: title, file, loudness in LUFS (None while not measured)."""

    title: str
    path: Path
    loudness: float | None


def gains(one: float | None, two: float | None) -> tuple[float, float]:
    """Return the decibels (at most 0) by which two loudnesses in LUFS are turned down to be equal; 0 where one is not known."""
    if one is None or two is None:
        return 0.0, 0.0
    return min(0.0, two - one), min(0.0, one - two)


class ComparePanel(QFrame):
    """Layout: both titles with their loudness, play, A or B."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setAccessibleName(tr("Compare two tracks"))
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 0, 16, 10)
        column.setSpacing(6)
        self.titles: list[Text] = []
        self.levels: list[Text] = []
        for letter in "AB":
            row = QHBoxLayout()
            row.setSpacing(8)
            row.addWidget(text(letter, theme, "small_strong", "t3"))
            title, level = text("", theme, "small"), text("", theme, "small", "t2")
            title.setMinimumWidth(40)
            row.addWidget(title, 1)
            row.addWidget(level)
            self.titles.append(title)
            self.levels.append(level)
            column.addLayout(row)
        row = QHBoxLayout()
        row.setSpacing(8)
        self.play = IconButton("ph.play-fill", tr("Play both"), theme, boxed=True, keys="Space")
        self.segment = Segment(tr("Which one is heard"), [("a", "A"), ("b", "B")])
        self.time = text("", theme, "small", "t2")
        row.addWidget(self.play)
        row.addWidget(self.segment)
        row.addWidget(self.time)
        row.addStretch(1)
        column.addLayout(row)
        self.note = text("", theme, "small", "t3", wrap=True)
        column.addWidget(self.note)


class Comparison(QObject):
    """Behaviour of the panel."""

    def __init__(self, panel: ComparePanel, parent: QObject) -> None:
        super().__init__(parent)
        self.panel = panel
        self.players = (Player(self), Player(self))
        self.sides: tuple[Side, Side] | None = None
        self.heard = 0
        panel.play.clicked.connect(self.toggle)
        panel.segment.chosen.connect(self._chosen)
        for player in self.players:
            player.moved.connect(self._moved)
            player.playing_changed.connect(self._playing)
            player.failed.connect(self._failed)

    @property
    def heard_player(self) -> Player:
        """The player of the track that is heard."""
        return self.players[self.heard]

    @property
    def playing(self) -> bool:
        """True while sound comes out."""
        return any(player.playing for player in self.players)

    def show(self, sides: tuple[Side, Side] | None) -> None:
        """Compare two tracks; None to compare nothing and let their files go."""
        if sides is not None and self.sides is not None and [s.path for s in sides] == [s.path for s in self.sides]:
            self.sides = sides
        elif sides != self.sides:
            self.release()
            self.sides, self.heard = sides, 0
            self.panel.segment.set_value("a")
            self.panel.time.setText("")
        self.panel.setVisible(sides is not None)
        if sides is None:
            return
        for side, title, level in zip(sides, self.panel.titles, self.panel.levels, strict=True):
            title.show_short(side.title, 220)
            level.setText(tr("not measured") if side.loudness is None else f"{_decibels(side.loudness)} LUFS")
        self.panel.note.setText(self._note())
        for player, gain in zip(self.players, gains(sides[0].loudness, sides[1].loudness), strict=True):
            player.set_gain(gain)

    def switch(self) -> None:
        """Hear the other one, at the same place; begins to play when both stand still."""
        if self.sides is None:
            return
        if not self.playing:
            self.toggle()
            return
        self._hear(1 - self.heard)

    @Slot()
    def toggle(self) -> None:
        """Play both, or stand still."""
        if self.sides is None:
            return
        if self.playing:
            for player in self.players:
                player.pause()
            return
        at = self.players[self.heard].seconds
        for player, side, gain in zip(
            self.players, self.sides, gains(self.sides[0].loudness, self.sides[1].loudness), strict=True
        ):
            player.play(side.path, gain)
            player.seek(at)
        self._hear(self.heard)

    def step(self, seconds: float) -> None:
        """Go forward or back, both together."""
        at = max(0.0, self.players[self.heard].seconds + seconds)
        for player in self.players:
            player.seek(at)

    def release(self) -> None:
        """Stop and let both files go, so that they can be saved or moved."""
        for player in self.players:
            player.stop()
        self._show_playing(False)

    def _hear(self, which: int) -> None:
        before, now = self.players[1 - which], self.players[which]
        if self.heard != which:
            now.seek(before.seconds)
        self.heard = which
        before.set_muted(True)
        now.set_muted(False)
        self.panel.segment.set_value("ab"[which])

    @Slot(str)
    def _chosen(self, key: str) -> None:
        self._hear("ab".index(key))

    @Slot(float, float)
    def _moved(self, seconds: float, length: float) -> None:
        if self.sender() is self.players[self.heard]:
            self.panel.time.setText(f"{shown.place(seconds)} / {shown.length(length)}")

    @Slot(bool)
    def _playing(self, _playing: bool) -> None:
        self._show_playing(self.playing)

    @Slot(str)
    def _failed(self, why: str) -> None:
        self.panel.time.setText(tr("Cannot be played here"))
        self.panel.time.setToolTip(why)

    def _show_playing(self, playing: bool) -> None:
        self.panel.play.icon_name = "ph.pause-fill" if playing else "ph.play-fill"
        self.panel.play.set_words(tr("Pause") if playing else tr("Play both"), "Space")
        theme = getattr(self.parent(), "theme", None)
        if isinstance(theme, Theme):
            self.panel.play.set_theme(theme)

    def _note(self) -> str:
        assert self.sides is not None
        down = gains(self.sides[0].loudness, self.sides[1].loudness)
        if None in (self.sides[0].loudness, self.sides[1].loudness):
            return tr("Not at one loudness: both must be measured first.")
        if not any(down):
            return tr("Both are equally loud.")
        letter = "A" if down[0] else "B"
        return tr("{letter} plays {n} dB quieter, so that both are equally loud.").format(
            letter=letter, n=f"{-min(down):.1f}"
        )


def _decibels(value: float) -> str:
    return f"{words.MINUS if value < 0 else ''}{abs(value):.1f}"

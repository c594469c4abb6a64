"""The sound of the selected track in the inspector: waveform, transport, loudness, and what the delivery rules found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QObject, Qt, Slot
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout

from mycelix_studio.domain.preflight import Finding, Fix, Severity
from mycelix_studio.domain.track import Track
from mycelix_studio.services.preflight import Sounding
from mycelix_studio.ui import format as shown
from mycelix_studio.ui.charts import words
from mycelix_studio.ui.labels import Icon, text
from mycelix_studio.ui.pages.library.closer import Closer
from mycelix_studio.ui.pages.library.compare import Comparison, Side
from mycelix_studio.ui.pages.library.model import tr
from mycelix_studio.ui.pages.library.view import Inspector
from mycelix_studio.ui.player import Player
from mycelix_studio.ui.theme import Theme
from mycelix_studio.ui.widgets.buttons import Button

REFERENCE_LUFS = -14.0
"""Streaming services play at about this loudness."""


class FindingRow(QFrame):
    """One finding: icon, title, words, its way out."""

    def __init__(self, finding: Finding, theme: Theme, fix: Callable[[Fix], None]) -> None:
        super().__init__()
        self.setProperty("kind", "row")
        self.setAccessibleName(f"{finding.title}. {finding.words}")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 9, 0, 9)
        row.setSpacing(8)
        stop = finding.severity is Severity.STOP
        icon = Icon("ph.x-circle" if stop else "ph.warning", theme, "bad" if stop else "warn")
        row.addWidget(icon, 0, Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout()
        column.setSpacing(1)
        column.addWidget(text(tr(finding.title), theme, "strong", wrap=True))
        column.addWidget(text(tr(finding.words), theme, "small", "t2", wrap=True))
        row.addLayout(column, 1)
        self.button: Button | None = None
        if finding.fix is not None:
            self.button = Button(tr(finding.fix.words), theme, small=True)
            self.button.setAccessibleDescription(finding.title)
            self.button.clicked.connect(partial(fix, finding.fix))
            row.addWidget(self.button)


class SoundPanel(QObject):
    """Behaviour of the transport and the Checks tab.

    Args:
        inspector: Where they are laid out.
        theme: Returns the theme in force.
        fix: Carries out a way out.
        closer: Reads the waveform of whoever zooms in.
        parent: Its owner.
    """

    def __init__(
        self,
        inspector: Inspector,
        theme: Callable[[], Theme],
        fix: Callable[[Fix], None],
        closer: Closer,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self.inspector = inspector
        self.closer = closer
        self.player = Player(self)
        self.comparison = Comparison(inspector.compare, parent)
        self._theme = theme
        self._fix = fix
        self.track: Track | None = None
        self.sounding: Sounding | None = None
        self.matched = False
        self._listed: tuple[bool, tuple[Finding, ...]] | None = None
        self.player.moved.connect(self._moved)
        self.player.playing_changed.connect(self._playing)
        self.player.failed.connect(self._failed)
        inspector.play.clicked.connect(self.toggle)
        inspector.waveform.seek.connect(self._seek)
        inspector.waveform.pointed.connect(self._pointed)

    def show(self, track: Track | None, sounding: Sounding | None) -> None:
        """Show a track's sound; None for several tracks."""
        other = track is None or self.track is None or track.row.path != self.track.row.path
        if other and self.player.path is not None and not self.player.playing:
            self.player.stop()
        same = not other and sounding is not None and self.sounding is not None and sounding.low == self.sounding.low
        self.track, self.sounding = track, sounding
        inspector = self.inspector
        for widget in (
            inspector.waveform, inspector.play, inspector.time, inspector.loudness, inspector.peak, inspector.before, inspector.after,
        ):  # fmt: skip
            widget.setVisible(track is not None)
        inspector.together.setVisible(track is None)
        if track is None or sounding is None:
            self.closer.show(None)
            self._list(())
            return
        if not same:
            self.closer.show(track.row.id)
            inspector.waveform.set_outline(sounding.low, sounding.high, track.audio.seconds, same_track=not other)
            self._show_time(inspector.waveform.place, track.audio.seconds)
        inspector.play.setEnabled(not track.row.missing)
        self._show_figures(sounding)
        self._list(sounding.findings)

    @property
    def playing(self) -> bool:
        """True while sound comes out."""
        return self.player.playing or self.comparison.playing

    def show_two(self, sides: tuple[Side, Side] | None) -> None:
        """Offer two tracks for comparison; None for one track or many."""
        self.comparison.show(sides)

    def mute(self) -> None:
        """Mute or unmute."""
        (self.player if self.comparison.sides is None else self.comparison.heard_player).mute()

    def toggle(self) -> None:
        """Play or stand still."""
        if self.comparison.sides is not None:
            self.comparison.toggle()
            return
        if self.track is not None and not self.track.row.missing:
            self.player.toggle(self.track.row.path, self._gain())

    def step(self, seconds: float) -> None:
        """Go forward or back."""
        if self.comparison.sides is not None:
            self.comparison.step(seconds)
            return
        self.player.seek(self.player.seconds + seconds)
        self.inspector.waveform.reveal()

    def match(self) -> None:
        """Turn loud tracks down to the reference, so that tracks are compared by their sound and not by their level."""
        self.matched = not self.matched
        self.player.set_gain(self._gain())

    def release(self) -> None:
        """Let the files go before they are written."""
        self.comparison.release()
        self.player.stop()
        self._playing(False)

    def _gain(self) -> float:
        sound = self.sounding.sound if self.sounding is not None else None
        if not self.matched or sound is None or sound.integrated is None:
            return 0.0
        return REFERENCE_LUFS - sound.integrated

    @Slot(float)
    def _seek(self, seconds: float) -> None:
        if self.track is None:
            return
        if self.player.path != self.track.row.path:
            self.toggle()
        self.player.seek(seconds)

    @Slot(float)
    def _pointed(self, seconds: float) -> None:
        if self.track is not None:
            self._show_time(seconds, self.track.audio.seconds)

    @Slot(float, float)
    def _moved(self, seconds: float, length: float) -> None:
        if self.track is not None and self.player.path == self.track.row.path:
            whole = length or self.track.audio.seconds
            self.inspector.waveform.set_place(seconds)
            self._show_time(seconds, whole)

    @Slot(bool)
    def _playing(self, playing: bool) -> None:
        self.inspector.play.set_on(playing)
        self.inspector.play.set_icon("ph.pause-fill" if playing else "ph.play-fill", self._theme())
        self.inspector.play.set_words(tr("Pause") if playing else tr("Play"), "Space")

    @Slot(str)
    def _failed(self, why: str) -> None:
        self.inspector.time.setText(tr("Cannot be played here"))
        self.inspector.time.setToolTip(why)

    def _show_figures(self, sounding: Sounding) -> None:
        inspector, sound = self.inspector, sounding.sound
        inspector.loudness.setToolTip(sounding.problem)
        if sound is None or sound.integrated is None or sound.true_peak is None:
            inspector.loudness.setText(_why_no_level(sounding))
            inspector.peak.setText("")
            return
        inspector.loudness.setText(f"{_decibels(sound.integrated)} LUFS")
        inspector.peak.setText(f"{_decibels(sound.true_peak, sign=True)} dBTP")
        tone = "bad" if sound.true_peak > 0 else "warn" if sound.true_peak > -1 else "t3"
        inspector.peak.set_color(self._theme(), tone)

    def _show_time(self, seconds: float, length: float) -> None:
        self.inspector.time.setText(f"{shown.place(seconds)} / {shown.length(length)}")

    def _list(self, findings: tuple[Finding, ...]) -> None:
        rows = self.inspector.check_rows
        shown = (self.track is not None, findings)
        if shown == self._listed:  # going down an album by keys finds the same in most of it
            return
        self._listed = shown
        while (item := rows.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        theme = self._theme()
        for finding in findings:
            rows.addWidget(FindingRow(finding, theme, self._fix))
        if not findings and self.track is not None:
            ready = tr("Ready for delivery. Every rule of the stores is met.")
            rows.addWidget(text(ready, theme, "small", "t2", wrap=True))
        count = len(findings)
        self.inspector.tabs.set_words("checks", f"{tr('Checks')}  {count}" if count else tr("Checks"))


def _why_no_level(sounding: Sounding) -> str:
    """Return why there is no loudness."""
    if not sounding.measured:
        return tr("Measuring…")
    if sounding.sound is None:
        return tr("Could not be measured")
    return tr("Too short or too quiet to measure")


def _decibels(value: float, *, sign: bool = False) -> str:
    mark = words.MINUS if value < 0 else "+" if sign else ""
    return f"{mark}{abs(value):.1f}"

"""Plays tracks. Qt's multimedia is loaded with the first sound, since it costs a quarter of a second."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QElapsedTimer, QObject, QTimer, QUrl, Signal, Slot

if TYPE_CHECKING:
    from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer


FRAME_MS = 33
FAR_MS = 250
"""The system says ten times a second where it is; between, the place goes on by the clock, but no farther than this."""


class Player(QObject):
    """One sound at a time.

    Signals:
        moved(seconds, length): The place changed, or the length became known.
        playing_changed(bool): It plays or stands.
        failed(str): The system could not play it, in its own words.
    """

    moved = Signal(float, float)
    playing_changed = Signal(bool)
    failed = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._player: QMediaPlayer | None = None
        self._output: QAudioOutput | None = None
        self.path: Path | None = None
        self.gain_db = 0.0
        self._told = QElapsedTimer()
        self._frames = QTimer(self, interval=FRAME_MS)
        self._frames.timeout.connect(self._on_frame)
        self._wanted: int | None = None
        """Milliseconds to go to once the file is loaded: Qt forgets a place it is told before."""

    @property
    def playing(self) -> bool:
        """True while sound comes out."""
        return self._player is not None and self._player.isPlaying()

    @property
    def seconds(self) -> float:
        """Place in the sound."""
        return self._player.position() / 1000 if self._player is not None else 0.0

    def toggle(self, path: Path, gain_db: float = 0.0) -> None:
        """Play a file, or stand still when it is the one that plays. ``gain_db`` (at most 0) turns it down to match another."""
        player = self._loaded()
        if self.path != path:
            self.path = path
            self._wanted = None
            player.setSource(QUrl.fromLocalFile(str(path)))
        self.set_gain(gain_db)
        if player.isPlaying():
            player.pause()
        else:
            player.play()

    def set_gain(self, gain_db: float) -> None:
        """Turn down by decibels, 0 for as it is."""
        self.gain_db = min(gain_db, 0.0)
        if self._output is not None:
            self._output.setVolume(10 ** (self.gain_db / 20))

    def seek(self, seconds: float) -> None:
        """Go to a place."""
        if self._player is None:
            return
        self._wanted = max(0, round(seconds * 1000))
        self._go()

    def play(self, path: Path, gain_db: float = 0.0) -> None:
        """Play a file from where it stands."""
        if self.path != path or not self.playing:
            self.toggle(path, gain_db)

    def pause(self) -> None:
        """Stand still."""
        if self._player is not None:
            self._player.pause()

    def set_muted(self, muted: bool) -> None:
        """Be silent while going on, or be heard again."""
        if self._output is not None:
            self._output.setMuted(muted)

    def mute(self) -> bool:
        """Mute or unmute; returns whether it is mute now."""
        if self._output is None:
            return False
        self._output.setMuted(not self._output.isMuted())
        return self._output.isMuted()

    def stop(self) -> None:
        """Stop and let the file go, so that it can be saved or moved."""
        if self._player is not None:
            self._player.stop()
            self._player.setSource(QUrl())
        self.path = None

    def _loaded(self) -> QMediaPlayer:
        if self._player is None:
            from PySide6.QtMultimedia import QAudioOutput, QMediaPlayer

            self._output = QAudioOutput(self)
            self._player = QMediaPlayer(self)
            self._player.setAudioOutput(self._output)
            self._player.positionChanged.connect(self._on_move)
            self._player.durationChanged.connect(self._on_move)
            self._player.playingChanged.connect(self._on_playing)
            self._player.mediaStatusChanged.connect(self._go)
            self._player.errorOccurred.connect(self._on_error)
        return self._player

    @Slot()
    def _go(self, *_status: object) -> None:
        """Go where one wanted to, as soon as the file is there."""
        if self._player is None or self._wanted is None:
            return
        if self._player.mediaStatus() is not self._player.MediaStatus.LoadingMedia:
            wanted, self._wanted = self._wanted, None
            self._player.setPosition(wanted)

    @Slot()
    def _on_move(self, *_where: object) -> None:
        if self._player is not None:
            self._told.start()
            self.moved.emit(self._player.position() / 1000, self._player.duration() / 1000)

    @Slot()
    def _on_frame(self) -> None:
        if self._player is not None and self._told.isValid() and self._told.elapsed() < FAR_MS:
            length = self._player.duration()
            at = min(self._player.position() + self._told.elapsed(), length)
            self.moved.emit(at / 1000, length / 1000)

    @Slot(bool)
    def _on_playing(self, playing: bool) -> None:
        if playing:
            self._frames.start()
        else:
            self._frames.stop()
        self.playing_changed.emit(playing)

    @Slot()
    def _on_error(self, *_what: object) -> None:
        if self._player is not None:
            self.failed.emit(self._player.errorString())

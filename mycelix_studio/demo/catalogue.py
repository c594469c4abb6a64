"""What the demo's artist made: twelve songs on four albums, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

ARTIST: Final = "Maren Okafor"


@dataclass(frozen=True, slots=True)
class Album:
    """An album and the colours of its cover, ``#RRGGBB`` from ground to figure."""

    title: str
    genre: str
    date: str
    motif: str
    colours: tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Song:
    """A song to be composed and tagged.

    Attributes:
        title: Title tag.
        album: Its album.
        container: Extension without a dot; chooses the encoder.
        tempo: Beats a minute.
        root: MIDI note of the key.
        minor: Minor rather than major scale.
        progression: Degrees of the chords, one a bar, 0 is the root.
        seconds: Length.
        popularity: Relative weight with which listeners pick it.
        isrc: Without hyphens; the prefix is one from the ISRC handbook's examples.
    """

    title: str
    album: Album
    container: str
    tempo: int
    root: int
    minor: bool
    progression: tuple[int, ...]
    seconds: int
    popularity: int
    isrc: str


SALT: Final = Album("Salt Meridian", "Ambient", "2026-05-08", "sun", ("#2E4F66", "#7FB2C4", "#F0C57A"))
FERRY: Final = Album("Night Ferry", "Electronic", "2025-03-21", "dunes", ("#5B2333", "#E98A6B", "#F7C8B0"))
EARLY: Final = Album("Early Works", "Folk", "2022-10-02", "blocks", ("#3B2E5A", "#B58BD6", "#F2B79B"))
KALIKO: Final = Album("Kaliko Sessions", "Jazz", "2024-06-14", "bars", ("#4A1626", "#D05A6E", "#F3A5A5"))

SONGS: Final[tuple[Song, ...]] = (
    Song("Tidewater Psalm", SALT, "flac", 72, 50, True, (0, 5, 3, 4), 38, 9, "NOA1B2600011"),
    Song("Salt Meridian", SALT, "flac", 66, 48, False, (0, 3, 5, 4), 41, 14, "NOA1B2600012"),
    Song("Low Lamp", SALT, "wav", 60, 45, True, (0, 3, 0, 4), 36, 6, "NOA1B2600013"),
    Song("Kelp & Copper", SALT, "wav", 84, 52, True, (0, 6, 5, 4), 34, 5, "NOA1B2600015"),
    Song("Night Ferry", FERRY, "m4a", 108, 43, True, (0, 5, 2, 6), 40, 12, "NOA1B2500003"),
    Song("Last Bus to Ekholm", FERRY, "m4a", 116, 45, True, (0, 3, 6, 2), 37, 8, "NOA1B2500004"),
    Song("Paper Lanterns", FERRY, "ogg", 98, 47, False, (0, 4, 5, 3), 33, 4, "NOA1B2500005"),
    Song("Old Weather", EARLY, "mp3", 92, 50, False, (0, 5, 3, 4), 35, 3, "NOA1B2200002"),
    Song("Thaw", EARLY, "mp3", 88, 48, False, (0, 4, 3, 4), 32, 3, "NOA1B2200003"),
    Song("Rain on Tin", KALIKO, "aiff", 76, 46, True, (0, 3, 1, 4), 36, 5, "NOA1B2400031"),
    Song("Undertow", KALIKO, "aiff", 80, 51, True, (0, 5, 1, 4), 33, 4, "NOA1B2400032"),
    Song("Glass Orchard", KALIKO, "opus", 70, 53, False, (0, 5, 1, 4), 35, 7, "NOA1B2400021"),
)

"""The one table of tag fields: it drives reading, writing, the editor, the loss preview and ``docs/library.md``.

Each row names a field and where each tag family keeps it. An empty cell means that the family cannot hold the field.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

Family = Literal["id3", "vorbis", "mp4", "riff", "asf", "ape"]
"""How tags are kept: ID3v2 (MP3, WAV, AIFF, DSF), Vorbis comments (FLAC, Ogg, Opus), MP4 atoms, RIFF INFO, ASF, APEv2."""

FAMILIES: Final[tuple[Family, ...]] = ("id3", "vorbis", "mp4", "riff", "asf", "ape")


class Field(StrEnum):
    """A tag field by its name on the command line and in CSV."""

    TITLE = "title"
    VERSION = "version"
    ARTIST = "artist"
    ALBUM = "album"
    ALBUM_ARTIST = "album_artist"
    GENRE = "genre"
    DATE = "date"
    ORIGINAL_DATE = "original_date"
    TRACK = "track"
    DISC = "disc"
    ISRC = "isrc"
    ISWC = "iswc"
    BARCODE = "barcode"
    LABEL = "label"
    CATALOG_NUMBER = "catalog_number"
    COMPOSER = "composer"
    LYRICIST = "lyricist"
    CONDUCTOR = "conductor"
    REMIXER = "remixer"
    PRODUCER = "producer"
    LANGUAGE = "language"
    COPYRIGHT = "copyright"
    COMMENT = "comment"
    LYRICS = "lyrics"
    BPM = "bpm"
    KEY = "key"
    MOOD = "mood"
    EXPLICIT = "explicit"
    WORK = "work"
    ENCODED_BY = "encoded_by"


@dataclass(frozen=True, slots=True)
class Spec:
    """One row of the table.

    Attributes:
        field: The field.
        title: What an artist reads.
        multi: Several values are normal, such as artists.
        id3: Frame id, or ``TXXX:Description``.
        vorbis: Comment name.
        mp4: Atom, or ``----:mean:name``.
        riff: INFO chunk id.
        asf: Attribute name.
        ape: Item key.
    """

    field: Field
    title: str
    multi: bool
    id3: str
    vorbis: str
    mp4: str
    riff: str
    asf: str
    ape: str

    def place(self, family: Family) -> str:
        """Return where a family keeps the field, empty when it cannot hold it."""
        return str(getattr(self, family))


_ITUNES = "----:com.apple.iTunes:"
F = Field
SPECS: Final[tuple[Spec, ...]] = (
    Spec(F.TITLE, "Title", False, "TIT2", "TITLE", "\xa9nam", "INAM", "Title", "Title"),
    Spec(F.VERSION, "Version", False, "TIT3", "VERSION", f"{_ITUNES}SUBTITLE", "", "WM/SubTitle", "Subtitle"),
    Spec(F.ARTIST, "Artist", True, "TPE1", "ARTIST", "\xa9ART", "IART", "Author", "Artist"),
    Spec(F.ALBUM, "Album", False, "TALB", "ALBUM", "\xa9alb", "IPRD", "WM/AlbumTitle", "Album"),
    Spec(F.ALBUM_ARTIST, "Album artist", True, "TPE2", "ALBUMARTIST", "aART", "", "WM/AlbumArtist", "Album Artist"),
    Spec(F.GENRE, "Genre", True, "TCON", "GENRE", "\xa9gen", "IGNR", "WM/Genre", "Genre"),
    Spec(F.DATE, "Date", False, "TDRC", "DATE", "\xa9day", "ICRD", "WM/Year", "Year"),
    Spec(F.ORIGINAL_DATE, "First released", False, "TDOR", "ORIGINALDATE", f"{_ITUNES}ORIGINALDATE", "", "WM/OriginalReleaseTime",
         "ORIGINALDATE"),
    Spec(F.TRACK, "Track number", False, "TRCK", "TRACKNUMBER", "trkn", "ITRK", "WM/TrackNumber", "Track"),
    Spec(F.DISC, "Disc number", False, "TPOS", "DISCNUMBER", "disk", "", "WM/PartOfSet", "Disc"),
    Spec(F.ISRC, "ISRC", False, "TSRC", "ISRC", f"{_ITUNES}ISRC", "", "WM/ISRC", "ISRC"),
    Spec(F.ISWC, "ISWC", True, "TXXX:ISWC", "ISWC", f"{_ITUNES}ISWC", "", "WM/ISWC", "ISWC"),
    Spec(F.BARCODE, "UPC or EAN", False, "TXXX:BARCODE", "BARCODE", f"{_ITUNES}BARCODE", "", "WM/Barcode", "Barcode"),
    Spec(F.LABEL, "Label", True, "TPUB", "LABEL", f"{_ITUNES}LABEL", "", "WM/Publisher", "Label"),
    Spec(F.CATALOG_NUMBER, "Catalogue number", True, "TXXX:CATALOGNUMBER", "CATALOGNUMBER", f"{_ITUNES}CATALOGNUMBER", "",
         "WM/CatalogNo", "CatalogNumber"),
    Spec(F.COMPOSER, "Composer", True, "TCOM", "COMPOSER", "\xa9wrt", "IMUS", "WM/Composer", "Composer"),
    Spec(F.LYRICIST, "Lyricist", True, "TEXT", "LYRICIST", f"{_ITUNES}LYRICIST", "IWRI", "WM/Writer", "Lyricist"),
    Spec(F.CONDUCTOR, "Conductor", True, "TPE3", "CONDUCTOR", f"{_ITUNES}CONDUCTOR", "", "WM/Conductor", "Conductor"),
    Spec(F.REMIXER, "Remixer", True, "TPE4", "REMIXER", f"{_ITUNES}REMIXER", "", "WM/ModifiedBy", "MixArtist"),
    Spec(F.PRODUCER, "Producer", True, "TXXX:PRODUCER", "PRODUCER", f"{_ITUNES}PRODUCER", "IPRO", "WM/Producer", "Producer"),
    Spec(F.LANGUAGE, "Language", True, "TLAN", "LANGUAGE", f"{_ITUNES}LANGUAGE", "ILNG", "WM/Language", "Language"),
    Spec(F.COPYRIGHT, "Copyright", False, "TCOP", "COPYRIGHT", "cprt", "ICOP", "Copyright", "Copyright"),
    Spec(F.COMMENT, "Comment", True, "COMM", "COMMENT", "\xa9cmt", "ICMT", "Description", "Comment"),
    Spec(F.LYRICS, "Lyrics", True, "USLT", "LYRICS", "\xa9lyr", "", "WM/Lyrics", "Lyrics"),
    Spec(F.BPM, "Tempo, BPM", False, "TBPM", "BPM", "tmpo", "", "WM/BeatsPerMinute", "BPM"),
    Spec(F.KEY, "Key", False, "TKEY", "KEY", f"{_ITUNES}initialkey", "", "WM/InitialKey", "KEY"),
    Spec(F.MOOD, "Mood", True, "TMOO", "MOOD", f"{_ITUNES}MOOD", "", "WM/Mood", "Mood"),
    Spec(F.EXPLICIT, "Explicit", False, "TXXX:ITUNESADVISORY", "ITUNESADVISORY", "rtng", "", "WM/ParentalRating", "ITUNESADVISORY"),
    Spec(F.WORK, "Work", True, "TXXX:WORK", "WORK", "\xa9wrk", "", "WM/Work", "Work"),
    Spec(F.ENCODED_BY, "Encoded by", False, "TENC", "ENCODED-BY", "\xa9too", "ITCH", "WM/EncodedBy", "EncodedBy"),
)  # fmt: skip

BY_FIELD: Final[Mapping[Field, Spec]] = {spec.field: spec for spec in SPECS}

EDITABLE: Final = (
    F.TITLE,
    F.VERSION,
    F.ARTIST,
    F.ALBUM,
    F.ALBUM_ARTIST,
    F.GENRE,
    F.DATE,
    F.TRACK,
    F.DISC,
    F.ISRC,
    F.LABEL,
    F.COMPOSER,
)
"""Fields of the inspector, in its order."""


def spec(field: Field) -> Spec:
    """Return the row of a field."""
    return BY_FIELD[field]


def cannot_hold(family: Family, fields: Mapping[Field, tuple[str, ...]]) -> tuple[Field, ...]:
    """Return the fields among those with values that a family has no place for."""
    return tuple(field for field, values in fields.items() if values and not BY_FIELD[field].place(family))

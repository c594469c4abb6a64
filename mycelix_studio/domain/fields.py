"""The one table of tag fields: it drives reading, writing, the editor, the loss preview and ``docs/library.md``.

Each row names a field and where each tag family keeps it. An empty cell means that the family cannot hold the field.
"""

from __future__ import annotations

import re
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
    PERFORMER = "performer"
    ARRANGER = "arranger"
    ENGINEER = "engineer"
    MIXER = "mixer"
    DJ_MIXER = "dj_mixer"
    TITLE_SORT = "title_sort"
    ARTIST_SORT = "artist_sort"
    ALBUM_SORT = "album_sort"
    ALBUM_ARTIST_SORT = "album_artist_sort"
    COMPOSER_SORT = "composer_sort"
    GROUPING = "grouping"
    DISC_SUBTITLE = "disc_subtitle"
    MEDIA = "media"
    RELEASE_COUNTRY = "release_country"
    RELEASE_TYPE = "release_type"
    RELEASE_STATUS = "release_status"
    SCRIPT = "script"
    COMPILATION = "compilation"
    ORIGINAL_ARTIST = "original_artist"
    ORIGINAL_ALBUM = "original_album"
    ENCODER_SETTINGS = "encoder_settings"
    LICENSE = "license"
    ASIN = "asin"
    TRACK_GAIN = "track_gain"
    TRACK_PEAK = "track_peak"
    ALBUM_GAIN = "album_gain"
    ALBUM_PEAK = "album_peak"
    ACOUSTID = "acoustid"
    RECORDING_ID = "recording_id"
    RELEASE_ID = "release_id"
    RELEASE_GROUP_ID = "release_group_id"
    ARTIST_ID = "artist_id"
    ALBUM_ARTIST_ID = "album_artist_id"
    WORK_ID = "work_id"


@dataclass(frozen=True, slots=True)
class Spec:
    """One row of the table.

    Attributes:
        field: The field.
        title: What an artist reads.
        multi: Several values are normal, such as artists.
        id3: Frame id; ``TXXX:Description``; ``TIPL:role`` for one role of the people list; ``TMCL`` for players with their instruments.
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
    Spec(F.PRODUCER, "Producer", True, "TIPL:producer", "PRODUCER", f"{_ITUNES}PRODUCER", "IPRO", "WM/Producer", "Producer"),
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
    Spec(F.PERFORMER, "Performer", True, "TMCL", "PERFORMER", "", "", "", "Performer"),
    Spec(F.ARRANGER, "Arranger", True, "TIPL:arranger", "ARRANGER", f"{_ITUNES}ARRANGER", "", "WM/Arranger", "Arranger"),
    Spec(F.ENGINEER, "Engineer", True, "TIPL:engineer", "ENGINEER", f"{_ITUNES}ENGINEER", "IENG", "WM/Engineer", "Engineer"),
    Spec(F.MIXER, "Mixer", True, "TIPL:mix", "MIXER", f"{_ITUNES}MIXER", "", "WM/Mixer", "Mixer"),
    Spec(F.DJ_MIXER, "DJ mixer", True, "TIPL:DJ-mix", "DJMIXER", f"{_ITUNES}DJMIXER", "", "WM/DJMixer", "DJMixer"),
    Spec(F.TITLE_SORT, "Title, for sorting", False, "TSOT", "TITLESORT", "sonm", "", "WM/TitleSortOrder", "TITLESORT"),
    Spec(F.ARTIST_SORT, "Artist, for sorting", True, "TSOP", "ARTISTSORT", "soar", "", "WM/ArtistSortOrder", "ARTISTSORT"),
    Spec(F.ALBUM_SORT, "Album, for sorting", False, "TSOA", "ALBUMSORT", "soal", "", "WM/AlbumSortOrder", "ALBUMSORT"),
    Spec(F.ALBUM_ARTIST_SORT, "Album artist, for sorting", True, "TSO2", "ALBUMARTISTSORT", "soaa", "", "WM/AlbumArtistSortOrder",
         "ALBUMARTISTSORT"),
    Spec(F.COMPOSER_SORT, "Composer, for sorting", True, "TSOC", "COMPOSERSORT", "soco", "", "WM/ComposerSortOrder", "COMPOSERSORT"),
    Spec(F.GROUPING, "Grouping", True, "TIT1", "GROUPING", "\xa9grp", "", "WM/ContentGroupDescription", "Grouping"),
    Spec(F.DISC_SUBTITLE, "Disc title", False, "TSST", "DISCSUBTITLE", f"{_ITUNES}DISCSUBTITLE", "", "WM/SetSubTitle", "DiscSubtitle"),
    Spec(F.MEDIA, "Media", True, "TMED", "MEDIA", f"{_ITUNES}MEDIA", "IMED", "WM/Media", "Media"),
    Spec(F.RELEASE_COUNTRY, "Release country", True, "TXXX:MusicBrainz Album Release Country", "RELEASECOUNTRY",
         f"{_ITUNES}MusicBrainz Album Release Country", "ICNT", "MusicBrainz/Album Release Country", "RELEASECOUNTRY"),
    Spec(F.RELEASE_TYPE, "Release type", True, "TXXX:MusicBrainz Album Type", "RELEASETYPE", f"{_ITUNES}MusicBrainz Album Type", "",
         "MusicBrainz/Album Type", "MUSICBRAINZ_ALBUMTYPE"),
    Spec(F.RELEASE_STATUS, "Release status", True, "TXXX:MusicBrainz Album Status", "RELEASESTATUS",
         f"{_ITUNES}MusicBrainz Album Status", "", "MusicBrainz/Album Status", "MUSICBRAINZ_ALBUMSTATUS"),
    Spec(F.SCRIPT, "Script", True, "TXXX:SCRIPT", "SCRIPT", f"{_ITUNES}SCRIPT", "", "WM/Script", "Script"),
    Spec(F.COMPILATION, "Compilation", False, "TCMP", "COMPILATION", "cpil", "", "WM/IsCompilation", "Compilation"),
    Spec(F.ORIGINAL_ARTIST, "Original artist", True, "TOPE", "ORIGINAL ARTIST", "", "", "WM/OriginalArtist", "Original Artist"),
    Spec(F.ORIGINAL_ALBUM, "Original album", False, "TOAL", "ORIGINALALBUM", "", "", "WM/OriginalAlbumTitle", "ORIGINALALBUM"),
    Spec(F.ENCODER_SETTINGS, "Encoder settings", False, "TSSE", "ENCODERSETTINGS", "", "", "WM/EncodingSettings", "EncoderSettings"),
    Spec(F.LICENSE, "Licence", True, "TXXX:LICENSE", "LICENSE", f"{_ITUNES}LICENSE", "", "LICENSE", "LICENSE"),
    Spec(F.ASIN, "ASIN", False, "TXXX:ASIN", "ASIN", f"{_ITUNES}ASIN", "", "ASIN", "ASIN"),
    Spec(F.TRACK_GAIN, "ReplayGain of the track", False, "TXXX:REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_GAIN",
         f"{_ITUNES}REPLAYGAIN_TRACK_GAIN", "", "REPLAYGAIN_TRACK_GAIN", "REPLAYGAIN_TRACK_GAIN"),
    Spec(F.TRACK_PEAK, "Peak of the track", False, "TXXX:REPLAYGAIN_TRACK_PEAK", "REPLAYGAIN_TRACK_PEAK",
         f"{_ITUNES}REPLAYGAIN_TRACK_PEAK", "", "REPLAYGAIN_TRACK_PEAK", "REPLAYGAIN_TRACK_PEAK"),
    Spec(F.ALBUM_GAIN, "ReplayGain of the album", False, "TXXX:REPLAYGAIN_ALBUM_GAIN", "REPLAYGAIN_ALBUM_GAIN",
         f"{_ITUNES}REPLAYGAIN_ALBUM_GAIN", "", "REPLAYGAIN_ALBUM_GAIN", "REPLAYGAIN_ALBUM_GAIN"),
    Spec(F.ALBUM_PEAK, "Peak of the album", False, "TXXX:REPLAYGAIN_ALBUM_PEAK", "REPLAYGAIN_ALBUM_PEAK",
         f"{_ITUNES}REPLAYGAIN_ALBUM_PEAK", "", "REPLAYGAIN_ALBUM_PEAK", "REPLAYGAIN_ALBUM_PEAK"),
    Spec(F.ACOUSTID, "AcoustID", False, "TXXX:Acoustid Id", "ACOUSTID_ID", f"{_ITUNES}Acoustid Id", "", "Acoustid/Id", "ACOUSTID_ID"),
    Spec(F.RECORDING_ID, "MusicBrainz recording", False, "UFID:http://musicbrainz.org", "MUSICBRAINZ_TRACKID",
         f"{_ITUNES}MusicBrainz Track Id", "", "MusicBrainz/Track Id", "MUSICBRAINZ_TRACKID"),
    Spec(F.RELEASE_ID, "MusicBrainz release", False, "TXXX:MusicBrainz Album Id", "MUSICBRAINZ_ALBUMID",
         f"{_ITUNES}MusicBrainz Album Id", "", "MusicBrainz/Album Id", "MUSICBRAINZ_ALBUMID"),
    Spec(F.RELEASE_GROUP_ID, "MusicBrainz release group", False, "TXXX:MusicBrainz Release Group Id", "MUSICBRAINZ_RELEASEGROUPID",
         f"{_ITUNES}MusicBrainz Release Group Id", "", "MusicBrainz/Release Group Id", "MUSICBRAINZ_RELEASEGROUPID"),
    Spec(F.ARTIST_ID, "MusicBrainz artist", True, "TXXX:MusicBrainz Artist Id", "MUSICBRAINZ_ARTISTID",
         f"{_ITUNES}MusicBrainz Artist Id", "", "MusicBrainz/Artist Id", "MUSICBRAINZ_ARTISTID"),
    Spec(F.ALBUM_ARTIST_ID, "MusicBrainz album artist", True, "TXXX:MusicBrainz Album Artist Id", "MUSICBRAINZ_ALBUMARTISTID",
         f"{_ITUNES}MusicBrainz Album Artist Id", "", "MusicBrainz/Album Artist Id", "MUSICBRAINZ_ALBUMARTISTID"),
    Spec(F.WORK_ID, "MusicBrainz work", True, "TXXX:MusicBrainz Work Id", "MUSICBRAINZ_WORKID", f"{_ITUNES}MusicBrainz Work Id", "",
         "MusicBrainz/Work Id", "MUSICBRAINZ_WORKID"),
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


_OTHER_NAMES: Final = {
    "tracknumber": F.TRACK, "discnumber": F.DISC, "year": F.DATE, "upc": F.BARCODE, "ean": F.BARCODE, "tempo": F.BPM, "subtitle": F.VERSION,
    "publisher": F.LABEL, "initialkey": F.KEY,
}  # fmt: skip


def inside_title(title: str) -> str:
    """Return a field's title as it stands within a sentence: "album artist", but "ISRC" and "MusicBrainz artist"."""
    return title[:1].lower() + title[1:] if title.split(maxsplit=1)[0][1:].islower() else title


def field_named(name: str) -> Field | None:
    """Return a field by its name, however it is spelt (``albumartist``, ``Album Artist``), None for one nobody knows."""
    folded = re.sub(r"[\s_-]", "", name).casefold()
    return next((field for field in Field if field.value.replace("_", "") == folded), _OTHER_NAMES.get(folded))


def cannot_hold(family: Family, fields: Mapping[Field, tuple[str, ...]]) -> tuple[Field, ...]:
    """Return the fields among those with values that a family has no place for."""
    return tuple(field for field, values in fields.items() if values and not BY_FIELD[field].place(family))

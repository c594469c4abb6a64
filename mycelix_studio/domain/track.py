"""A track: an audio file with its tags, as the library knows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from mycelix_studio.domain.fields import Family, Field

Values = tuple[str, ...]
Fields = Mapping[Field, Values]

FRONT_COVER = 3
"""Picture type of a front cover, as in ID3 and FLAC."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside a file.

    Attributes:
        data: The encoded picture.
        mime: Such as ``image/jpeg``.
        type: ID3 picture type; 3 is the front cover.
        description: Free text.
    """

    data: bytes = field(repr=False)
    mime: str
    type: int = FRONT_COVER
    description: str = ""


@dataclass(frozen=True, slots=True)
class Audio:
    """What the audio is.

    Attributes:
        container: ``MP3``, ``FLAC``, ``WAV``, ``AIFF``, ``M4A``, ``OGG``, ``Opus`` and so on, as shown in the table.
        codec: Short name of the codec, such as ``flac`` or ``pcm_s24le``; empty when not known.
        seconds: Length.
        sample_rate: Hz, 0 when not known.
        bits: Bits a sample, 0 for lossy codecs.
        channels: Number of channels.
        bitrate: Bits a second, 0 when not known.
    """

    container: str
    codec: str
    seconds: float
    sample_rate: int
    bits: int
    channels: int
    bitrate: int

    def words(self) -> str:
        """Return ``WAV 24-bit 48 kHz`` or ``MP3 256 kbit/s``."""
        if self.bits:
            khz = f"{self.sample_rate / 1000:g}"
            return f"{self.container} {self.bits}-bit {khz} kHz"
        return f"{self.container} {round(self.bitrate / 1000)} kbit/s" if self.bitrate else self.container


@dataclass(frozen=True, slots=True)
class FileTags:
    """Everything read from one file.

    Attributes:
        audio: What the audio is.
        family: How its tags are kept.
        fields: Fields with values; a field without values is absent.
        pictures: All pictures, in file order.
        version: Tag version where it matters, such as ``ID3v2.3``.
        others: Texts that are no field of the table, by the name the tag gives them; they are kept as they are.
    """

    audio: Audio
    family: Family
    fields: Fields
    pictures: tuple[Picture, ...] = ()
    version: str = ""
    others: Mapping[str, Values] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Shown:
    """What a file holds, and the sha2-256 of its sound without tags (64 hex digits)."""

    tags: FileTags
    audio_sha256: str


@dataclass(frozen=True, slots=True)
class TrackRow:
    """One row of the library's table.

    Attributes:
        id: Local key.
        location: The file's path as text: a table makes hundreds of rows a frame, and few of them need a :class:`~pathlib.Path`.
        title: Title with unsaved edits; the file's name when there is none.
        artist: Artists joined by ``; ``.
        album: Album.
        genre: Genres joined by ``; ``.
        date: Date as tagged.
        isrc: ISRC as tagged, without hyphens.
        container: As in :class:`Audio`.
        seconds: Length.
        cover: Hash of the front cover, empty for none.
        edited: It has unsaved edits.
        missing: The file is not where it was.
        song_id: Song on chain, empty when not registered.
        conflict: Another program changed what is edited here.
        extra: Values of further fields that were asked for, unsaved edits included.
    """

    id: int
    location: str
    title: str
    artist: str
    album: str
    genre: str
    date: str
    isrc: str
    container: str
    seconds: float
    cover: str
    edited: bool
    missing: bool
    song_id: str
    conflict: bool = False
    extra: Fields = field(default_factory=dict)

    @property
    def path(self) -> Path:
        """The file."""
        return Path(self.location)


@dataclass(frozen=True, slots=True)
class Track:
    """A track with everything the inspector shows.

    Attributes:
        row: As in the table.
        audio: What the audio is.
        family: How its tags are kept.
        fields: As in the file.
        edits: Unsaved edits; an empty tuple removes a field.
        cover_edit: Hash of a new front cover, ``""`` to remove it, None when not edited.
        size: Bytes.
        mtime_ns: Time of the file in nanoseconds since 1970, as it was read.
        added_at: UTC time it came into the library.
        content_hash: sha2-256 of the whole file as 64 hex digits, empty when not computed for its present content.
        tag_version: As in :class:`FileTags`.
        conflict: Edited fields that another program changed in the file; somebody must decide before they are saved.
        cover_conflict: The same for the front cover.
    """

    row: TrackRow
    audio: Audio
    family: Family
    fields: Fields
    edits: Fields
    cover_edit: str | None
    size: int
    mtime_ns: int
    added_at: datetime
    content_hash: str
    tag_version: str = ""
    conflict: frozenset[Field] = frozenset()
    cover_conflict: bool = False

    def value(self, field: Field) -> Values:
        """Return a field's values with unsaved edits applied."""
        return self.edits.get(field, self.fields.get(field, ()))

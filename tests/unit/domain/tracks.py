"""Tracks made up for tests of pure rules."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from mycelix_studio.domain.fields import Family, Field
from mycelix_studio.domain.track import Audio, Track, TrackRow, Values

WHEN = datetime(2026, 6, 14, tzinfo=UTC)


def made(
    track_id: int = 1,
    fields: Mapping[Field, Values] | None = None,
    *,
    path: str = "/music/song.flac",
    edits: Mapping[Field, Values] | None = None,
    family: Family = "vorbis",
    container: str = "FLAC",
) -> Track:
    """Return a track with these fields in its file."""
    values = {**(fields or {}), **(edits or {})}

    def text(field: Field) -> str:
        return "; ".join(values.get(field, ()))

    row = TrackRow(
        id=track_id, location=path, title=text(Field.TITLE), artist=text(Field.ARTIST), album=text(Field.ALBUM), genre="", date="",
        isrc=text(Field.ISRC), container=container, seconds=60.0, cover="", edited=bool(edits), missing=False, song_id="",
    )  # fmt: skip
    audio = Audio(container, "flac", 60.0, 44_100, 16, 2, 0)
    return Track(row, audio, family, dict(fields or {}), dict(edits or {}), None, 1, 1, WHEN, "")

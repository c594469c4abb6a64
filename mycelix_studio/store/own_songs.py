"""The artist's songs as this computer knows them: uploaded from here, or synced from the platform, each once by its content."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OwnSong:
    """One song.

    Attributes:
        content_hash: sha2-256 of the uploaded file, 0x + 64 hex.
        song_id: As the platform lists it, 0x + 64 hex.
        title: Title of the track where it is here, else as listed.
        album: Album of the track, empty for none.
        track_id: Track on this computer, None when there is none.
    """

    content_hash: str
    song_id: str
    title: str
    album: str
    track_id: int | None


_QUERY = """
SELECT u.content_hash AS content_hash, u.song_id AS song_id, coalesce(t.title, u.title) AS title, coalesce(t.album, '') AS album,
       t.id AS track_id
FROM upload u LEFT JOIN track t ON t.id = u.track_id
WHERE u.song_id <> '' AND u.id = (SELECT max(v.id) FROM upload v WHERE v.content_hash = u.content_hash AND v.song_id <> '')
UNION ALL
SELECT s.content_hash, r.song_id, coalesce(t.title, s.title), coalesce(t.album, ''), t.id
FROM song s JOIN song_ref r ON r.id = s.song LEFT JOIN track t ON t.song_id = r.song_id
WHERE s.content_hash IS NOT NULL AND s.deleted = 0
  AND NOT EXISTS (SELECT 1 FROM upload u WHERE u.content_hash = s.content_hash AND u.song_id <> '')
GROUP BY s.content_hash
"""


def all_songs(db: sqlite3.Connection) -> list[OwnSong]:
    """Return every song once, by title."""
    found = [OwnSong(*row) for row in db.execute(_QUERY)]
    return sorted(found, key=lambda song: song.title.casefold())

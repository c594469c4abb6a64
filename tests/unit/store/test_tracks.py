"""Tracks in the cache: rows put many at a time and read back a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Audio
from mycelix_studio.store import track_lists, tracks
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database

AUDIO = Audio("FLAC", "flac", 12.5, 44_100, 16, 2, 700)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


def made(number: int, title: str = "", size: int = 1) -> tracks.Made:
    fields = {
        Field.TITLE: (title or f"Song {number:03}",),
        Field.ALBUM: ("One", "Two"),
        Field.GENRE: ("Folk", "Ambient"),
    }
    return tracks.made_of(tracks.Scanned(Path(f"/music/{number:03}.flac"), size, 5, "vorbis", AUDIO, fields, ""))


def test_any_number_of_files_is_put_at_once_and_read_in_the_order_asked(database: Database) -> None:
    with database.write() as db:
        tracks.put(db, [made(number) for number in range(75)], 1_000)
    ids = track_lists.ids(database.read())
    assert len(ids) == 75
    rows = tracks.rows(database.read(), [ids[70], ids[3], 999_999], [Field.GENRE])
    assert [row.title for row in rows] == ["Song 070", "Song 003"]
    assert rows[0].extra == {Field.GENRE: ("Folk", "Ambient")}
    assert (rows[0].seconds, rows[0].album, rows[0].edited) == (12.5, "One; Two", False)
    assert track_lists.albums(database.read()) == ["One; Two"]


def test_known_and_new_files_may_be_put_together_and_the_last_of_two_with_one_name_counts(database: Database) -> None:
    with database.write() as db:
        tracks.put(db, [made(1)], 1_000)
        first = track_lists.ids(db)
        tracks.put(db, [made(1, "Again"), made(2, "No"), made(2, "Yes")], 2_000)
    rows = tracks.rows(database.read(), track_lists.ids(database.read(), sort=track_lists.Sort.TITLE))
    assert [row.title for row in rows] == ["Again", "Yes"]
    assert rows[0].id == first[0]
    track = tracks.track(database.read(), first[0])
    assert track is not None
    assert track.added_at.timestamp() == 1_000


@pytest.mark.parametrize("title", ["a\0b", 'quo"te \\ back', "é€😀\u2028", "\x01\x1f"])
def test_every_sign_comes_back_as_it_was(database: Database, title: str) -> None:
    with database.write() as db:
        tracks.put(db, [made(1, title)], 1_000)
    [row] = tracks.rows(database.read(), track_lists.ids(database.read()), [Field.TITLE])
    assert row.title == title
    assert row.extra[Field.TITLE] == (title,)

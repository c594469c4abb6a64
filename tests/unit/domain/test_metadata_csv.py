from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.metadata_csv import Key, NotATable, export, guess, match, read
from tests.unit.domain.tracks import made

F = Field
value = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).map(str.strip).filter(bool)
values = st.lists(value, min_size=1, max_size=3).map(tuple)
fields = st.dictionaries(st.sampled_from([F.TITLE, F.ARTIST, F.ALBUM, F.GENRE, F.COMMENT, F.COMPOSER]), values)


@given(st.lists(fields, min_size=1, max_size=4), st.booleans())
def test_a_table_that_went_out_and_came_back_changes_nothing(
    rows: list[dict[Field, tuple[str, ...]]], empty_clears: bool
) -> None:
    tracks = [made(n, each, path=f"/m/{n}.flac") for n, each in enumerate(rows)]
    table = read(export(tracks, list(Field)).encode())
    targets = guess(table.heads)
    assert None not in targets
    found = match(table, targets, tracks, empty_clears=empty_clears)
    assert (found.changes, found.tracks, found.strangers) == ((), len(tracks), ())


def test_cells_that_look_like_formulas_are_guarded_and_come_back() -> None:
    track = made(1, {F.TITLE: ("=HYPERLINK(1)",), F.ALBUM: ("-5",)})
    text = export([track], [F.TITLE, F.ALBUM])
    assert "'=HYPERLINK" in text and ",-5\r\n" in text
    assert read(text.encode()).rows[0][2] == "=HYPERLINK(1)"
    assert ",=HYPERLINK" in export([track], [F.TITLE], guard=False)


def test_columns_are_guessed_by_the_words_of_other_programs() -> None:
    assert guess(["Filename", "Song", "Year", "UPC", "Album Artist", "albumartist", "Notes"]) == [
        Key.FILE, F.TITLE, F.DATE, F.BARCODE, F.ALBUM_ARTIST, None, None,
    ]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_what_spreadsheets_write_is_read(encoding: str, mark: str) -> None:
    text = f"File{mark}Title\r\nsong.flac{mark}Café\r\n"
    assert read(text.encode(encoding)).rows == (("song.flac", "Café"),)


def test_a_track_is_found_by_name_isrc_or_title() -> None:
    tracks = [
        made(1, {F.TITLE: ("Thaw",)}, path="/m/a.flac"),
        made(2, {F.ISRC: ("NOA1B2600011",)}, path="/m/b.flac"),
        made(3, {F.TITLE: ("Low Lamp",), F.ARTIST: ("Maren",)}, path="/m/c.flac"),
    ]
    table = read(
        b"file,isrc,title,artist,album\nA.FLAC,,,,One\n,no-a1b-26-00011,,,Two\n,,low lamp,maren,Three\nx.flac,,,,Four\n"
    )
    found = match(table, guess(table.heads), tracks)
    albums = {change.track_id: change.after for change in found.changes if change.field is F.ALBUM}
    assert albums == {1: ("One",), 2: ("Two",), 3: ("Three",)}
    assert found.strangers == (4,)


def test_a_key_of_two_tracks_finds_neither_and_a_row_said_twice_counts_once() -> None:
    twins = [made(1, path="/a/x.flac"), made(2, path="/b/x.flac"), made(3, path="/c/y.flac")]
    table = read(b"file,album\nx.flac,One\ny.flac,Two\ny.flac,Three\n")
    found = match(table, guess(table.heads), twins)
    assert [(c.track_id, c.after) for c in found.changes] == [(3, ("Two",))]
    assert found.strangers == (1, 3)


def test_empty_cells_leave_alone_unless_asked() -> None:
    track = made(1, {F.ALBUM: ("A",), F.GENRE: ("Folk",)})
    table = read(b"file,album,genre\nsong.flac,,Ambient; Folk\n")
    assert [c.field for c in match(table, guess(table.heads), [track]).changes] == [F.GENRE]
    cleared = match(table, guess(table.heads), [track], empty_clears=True)
    assert {c.field: c.after for c in cleared.changes} == {F.ALBUM: (), F.GENRE: ("Ambient", "Folk")}


@pytest.mark.parametrize("data", [b"", b"file,title\n", b"\x00\x01\x02\x00", b'file,title\n"open,x\n'])
def test_what_is_no_table_says_so(data: bytes) -> None:
    with pytest.raises(NotATable) as caught:
        read(data)
    assert caught.value.message


@given(st.binary(max_size=200))
def test_no_bytes_break_the_reader(data: bytes) -> None:
    try:
        table = read(data)
    except NotATable:
        return
    assert all(len(row) == len(table.heads) for row in table.rows)

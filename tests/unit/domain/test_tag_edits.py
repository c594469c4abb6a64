from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.tag_edits import (
    Case,
    as_edits,
    cased,
    changes,
    dump_sets,
    load_sets,
    number,
    paste,
    recase,
    shown,
    typed,
)
from tests.unit.domain.tracks import made

F = Field
value = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20).map(str.strip).filter(bool)
values = st.lists(value, min_size=1, max_size=3).map(tuple)


def test_only_what_differs_is_a_change() -> None:
    track = made(1, {F.TITLE: ("low lamp",), F.ARTIST: ("Maren Okafor",)})
    found = changes([track], recase(Case.TITLE, (F.TITLE, F.ARTIST, F.ALBUM)))
    assert [(c.field, c.before, c.after) for c in found] == [(F.TITLE, ("low lamp",), ("Low Lamp",))]
    assert as_edits(found) == {1: {F.TITLE: ("Low Lamp",)}}


def test_unsaved_edits_are_what_is_changed() -> None:
    track = made(1, {F.TITLE: ("a",)}, edits={F.TITLE: ("b c",)})
    assert changes([track], recase(Case.UPPER, (F.TITLE,)))[0].before == ("b c",)


def test_tracks_are_numbered_in_order_and_anew_with_each_album() -> None:
    tracks = [made(n, {F.ALBUM: ("A" if n < 3 else "B",)}) for n in (2, 1, 3)]
    assert as_edits(number(tracks)) == {2: {F.TRACK: ("1/3",)}, 1: {F.TRACK: ("2/3",)}, 3: {F.TRACK: ("3/3",)}}
    by_album = as_edits(number(tracks, each_album=True, total=False))
    assert by_album == {2: {F.TRACK: ("1",)}, 1: {F.TRACK: ("2",)}, 3: {F.TRACK: ("1",)}}


def test_one_tag_set_goes_to_all_and_several_go_one_by_one() -> None:
    source = [made(1, {F.ALBUM: ("A",), F.TITLE: ("x",)}), made(2, {F.ALBUM: ("B",)})]
    sets = load_sets(dump_sets(source))
    targets = [made(5, {F.GENRE: ("Folk",)}), made(6), made(7, {F.ALBUM: ("C",)})]
    assert as_edits(paste(targets, sets[:1], (F.ALBUM,))) == {n: {F.ALBUM: ("A",)} for n in (5, 6, 7)}
    assert as_edits(paste(targets, sets, (F.ALBUM,))) == {5: {F.ALBUM: ("A",)}, 6: {F.ALBUM: ("B",)}}
    emptied = as_edits(paste([made(8, {F.TITLE: ("y",)})], sets[1:], (F.TITLE,)))
    assert emptied == {8: {F.TITLE: ()}}


@given(st.lists(st.dictionaries(st.sampled_from(list(Field)), values, max_size=5), max_size=4))
def test_tag_sets_come_back_from_the_clipboard_as_they_were(sets: list[dict[Field, tuple[str, ...]]]) -> None:
    assert load_sets(dump_sets([made(n, fields) for n, fields in enumerate(sets)])) == sets


@given(st.binary(max_size=80))
def test_anything_else_on_the_clipboard_is_no_tag_set(data: bytes) -> None:
    assert isinstance(load_sets(data), list)


@given(st.sampled_from(list(Field)), values)
def test_a_line_that_was_not_touched_changes_nothing(field: Field, before: tuple[str, ...]) -> None:
    assert typed(field, shown(before), before) == before


@given(value, st.sampled_from(list(Case)))
def test_case_tools_keep_the_letters_and_do_not_go_on_changing(text: str, case: Case) -> None:
    once = cased(text, case)
    assert cased(once, case) == once or not text.isascii()
    if text.isascii():
        assert once.casefold() == " ".join(text.split()).casefold()

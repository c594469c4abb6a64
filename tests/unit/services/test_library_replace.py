from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.tag_edits import as_edits
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.library_replace import BadSearch, Search, replace
from tests.unit.domain.tracks import made

F = Field


def test_plain_text_is_found_whatever_its_case() -> None:
    track = made(1, {F.TITLE: ("Low LAMP (Live)",), F.ALBUM: ("lamp",)})
    assert as_edits(replace([track], Search("lamp", "Light", (F.TITLE,)), Work())) == {
        1: {F.TITLE: ("Low Light (Live)",)}
    }
    assert not replace([track], Search("lamp", "x", (F.TITLE,), match_case=True), Work())
    assert not replace([track], Search("lam", "x", (F.TITLE, F.ALBUM), whole_words=True), Work())
    assert not replace([track], Search("", "x", (F.TITLE,)), Work())


def test_groups_of_an_expression_go_into_the_replacement() -> None:
    track = made(1, {F.TITLE: ("Okafor, Maren",)})
    search = Search(r"(\w+), (?P<first>\w+)", r"\g<first> \1", (F.TITLE,), expression=True)
    assert as_edits(replace([track], search, Work())) == {1: {F.TITLE: ("Maren Okafor",)}}


def test_a_value_that_becomes_empty_falls_away() -> None:
    track = made(1, {F.GENRE: ("Folk", "Other")})
    assert as_edits(replace([track], Search("other", "", (F.GENRE,)), Work())) == {1: {F.GENRE: ("Folk",)}}


@pytest.mark.parametrize(("find", "put"), [("(", "x"), ("a", r"\2"), (r"(?P<n>a)", r"\g<m>"), ("a{99999999999}", "")])
def test_a_wrong_expression_says_so(find: str, put: str) -> None:
    with pytest.raises(BadSearch):
        replace([made(1, {F.TITLE: ("a",)})], Search(find, put, (F.TITLE,), expression=True), Work())


def test_an_expression_that_goes_round_in_circles_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mycelix_studio.services.library_replace.SECONDS", 0.05)
    track = made(1, {F.TITLE: ("a" * 60 + "!",)})
    with pytest.raises(BadSearch, match="too long"):
        replace([track], Search(r"(?:(a|a|b?a)+)+$", "x", (F.TITLE,), expression=True), Work())


@given(st.text(min_size=1, max_size=10), st.text(max_size=10), st.text(min_size=1, max_size=30))
def test_plain_text_means_itself(find: str, put: str, value: str) -> None:
    value = value.strip() or "x"
    found = replace([made(1, {F.TITLE: (value,)})], Search(find, put, (F.TITLE,), match_case=True), Work())
    wanted = value.replace(find, put).strip()
    assert (found[0].after if found else (value,)) == ((wanted,) if wanted else ())

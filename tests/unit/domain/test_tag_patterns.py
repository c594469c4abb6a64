from __future__ import annotations

import re
from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.tag_patterns import EXAMPLES, BadPattern, fields_in, parse, read_name, write_name

F = Field
DEVICE = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)")
"""Names of devices on Windows, which are written with an underscore before them."""
words = st.text(st.characters(categories=("L", "N"), include_characters=" '()&"), min_size=1, max_size=30).map(
    lambda text: " ".join(text.split())
).filter(lambda text: bool(text) and not text.isdigit() and not DEVICE.fullmatch(text))  # fmt: skip


def test_a_name_is_read_by_a_pattern() -> None:
    parts = parse("%track% - %artist% - %title%")
    found = read_name(parts, PurePath("/m/03 - Maren Okafor - Low Lamp.flac"))
    assert found == {F.TRACK: ("3",), F.ARTIST: ("Maren Okafor",), F.TITLE: ("Low Lamp",)}


def test_folders_are_read_where_the_pattern_has_slashes() -> None:
    parts = parse("%artist%/%album%/[%disc%-]%track% %title%")
    path = PurePath("/music/Maren Okafor/Salt Meridian/2-07 The Slow Tide.mp3")
    assert read_name(parts, path) == {
        F.ARTIST: ("Maren Okafor",),
        F.ALBUM: ("Salt Meridian",),
        F.DISC: ("2",),
        F.TRACK: ("7",),
        F.TITLE: ("The Slow Tide",),
    }
    plain = read_name(parts, path.with_name("07 The Slow Tide.mp3"))
    assert plain is not None and F.DISC not in plain and plain[F.TRACK] == ("7",)


def test_a_name_that_does_not_fit_gives_nothing() -> None:
    assert read_name(parse("%track% - %title%"), PurePath("untitled_mix_07.wav")) is None
    assert read_name(parse("%artist%/%title%"), PurePath("title.wav")) is None


def test_underscores_and_parts_without_meaning() -> None:
    found = read_name(parse("%skip%-%title%"), PurePath("final2-low_lamp.wav"), underscores=True)
    assert found == {F.TITLE: ("low lamp",)}


def test_a_field_named_twice_must_say_the_same_twice() -> None:
    parts = parse("%artist% - %artist% - %title%")
    assert read_name(parts, PurePath("A - B - C.mp3")) is None
    assert read_name(parts, PurePath("A - A - C.mp3")) == {F.ARTIST: ("A",), F.TITLE: ("C",)}


@pytest.mark.parametrize("pattern", ["", "no field", "%title", "[%title%", "%composr%"])
def test_a_pattern_that_cannot_be_used_says_why(pattern: str) -> None:
    with pytest.raises(BadPattern) as caught:
        parse(pattern)
    assert caught.value.message


def test_what_no_file_system_takes_is_written_otherwise() -> None:
    name, missing = write_name(parse("%track%. %title%"), {F.TITLE: ("AC/DC: What?",), F.TRACK: ("3/12",)}, ".mp3")
    assert (name, missing) == ("03. AC_DC_ What_.mp3", ())
    assert write_name(parse("%title%"), {F.TITLE: ("CON",)}, ".wav")[0] == "_CON.wav"
    assert write_name(parse("%title%"), {F.TITLE: ("..",)}, ".wav")[0] == "_.wav"


def test_missing_fields_are_named_and_brackets_fall_away() -> None:
    name, missing = write_name(parse("[%disc%-]%track% %title%"), {F.TITLE: ("Thaw",)}, ".flac")
    assert (name, missing) == ("Thaw.flac", (F.TRACK,))
    assert write_name(parse("100%% %title%"), {F.TITLE: ("Thaw",)}, ".flac")[0] == "100% Thaw.flac"


@given(words, words, words, st.integers(1, 99), st.sampled_from(EXAMPLES))
def test_what_was_written_reads_back(title: str, artist: str, album: str, track: int, pattern: str) -> None:
    parts = parse(pattern)
    fields = {F.TITLE: (title,), F.ARTIST: (artist,), F.ALBUM: (album,), F.TRACK: (str(track),)}
    name, missing = write_name(parts, fields, ".flac")
    assert not missing
    found = read_name(parts, PurePath("/music") / name)
    if all(len(part.encode()) < 200 for part in name.split("/")):
        assert found == {field: fields[field] for field in fields_in(parts) if field in fields}


@given(st.text(max_size=400), st.text(max_size=400))
def test_a_name_is_always_one_that_every_file_system_takes(title: str, artist: str) -> None:
    name, _missing = write_name(parse("%artist%/%title%"), {F.TITLE: (title,), F.ARTIST: (artist,)}, ".flac")
    assert not name.startswith("/") and not any(part in ("", ".", "..") for part in name.split("/"))
    assert all(len(part.encode()) <= 250 for part in name.split("/"))
    assert not set(name) & set('<>:"\\|?*\0')

"""The quick readers of scans say what the thorough one says, of plain files and of odd ones."""

from __future__ import annotations

from pathlib import Path

import mutagen.id3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.id3 import APIC, COMM, PRIV, TXXX

from mycelix_studio.domain.track import FileTags
from mycelix_studio.errors import Known
from mycelix_studio.media import reader
from mycelix_studio.media.formats import flac, flac_plain
from tests.fixtures import audio


@pytest.fixture(scope="module")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("quick")
    for ending in ("mp3", "flac"):
        audio.make(folder, ending, seconds=0.1)
    return folder


def _config(version: int) -> object:
    from mutagen.id3._tags import ID3SaveConfig

    return ID3SaveConfig(version, None)


_TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12)
_FRAMES = st.one_of(
    st.builds(
        lambda name, values, encoding: getattr(mutagen.id3, name)(encoding=encoding, text=values),
        st.sampled_from(["TIT2", "TPE1", "TCON", "TRCK", "TBPM", "TDRC", "TSSE", "TIT1"]),
        st.lists(
            st.one_of(_TEXT, st.sampled_from(["2026", "2026-05-08", "17", "(17)", "Folk"])), min_size=1, max_size=3
        ),
        st.sampled_from([0, 1, 3]),
    ),
    st.builds(
        lambda desc, values: TXXX(encoding=3, desc=desc, text=values),
        st.sampled_from(["ISWC", "iswc", "Mine", "BARCODE", ""]),
        st.lists(_TEXT, min_size=1, max_size=2),
    ),
    st.builds(
        lambda desc, kind: APIC(encoding=3, mime="image/png", type=kind, desc=desc, data=b"\x89PNGx"),
        _TEXT,
        st.sampled_from([3, 4]),
    ),
    st.builds(lambda text: COMM(encoding=3, lang="eng", desc="", text=[text]), _TEXT),
    st.builds(lambda data: PRIV(owner="a", data=data), st.binary(max_size=5)),
)


@settings(max_examples=150)
@given(st.lists(_FRAMES, max_size=6))
def test_the_quick_reader_says_what_the_thorough_one_says(
    sounds: Path, tmp_path_factory: pytest.TempPathFactory, frames: list[mutagen.id3.Frame]
) -> None:
    path = tmp_path_factory.mktemp("quick") / "tone.mp3"
    body = b""
    for frame in frames:
        try:
            data = bytes(frame._writeData(_config(4)))
        except mutagen.id3.error:  # text that its encoding does not have
            continue
        size = bytes((len(data) >> shift) & 0x7F for shift in (21, 14, 7, 0))
        body += frame.FrameID.encode() + size + b"\0\0" + data
    body += bytes(20)
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3\4\0\0" + size + body + (sounds / "tone.mp3").read_bytes())
    assert reader.read_quick(path) == reader.read(path)


def _sized(text: bytes, add: int = 0) -> bytes:
    return (len(text) + add).to_bytes(4, "little") + text


_ENTRIES = st.one_of(
    st.builds(
        lambda name, value: f"{name}={value}".encode(),
        st.sampled_from(
            ["TITLE", "title", "ARTIST", "YEAR", "DATE", "DESCRIPTION", "Mine", "", "Ü", "a~b", "COVERART"]
        ),
        _TEXT,
    ),
    st.sampled_from([b"no equals", b"TITLE=\xff\xfe", b"="]),
)
_COMMENTS = st.builds(
    lambda vendor, entries, wrong, rest: (
        4,
        _sized(vendor) + (len(entries) + wrong).to_bytes(4, "little") + b"".join(map(_sized, entries)) + rest,
    ),
    st.sampled_from([b"", b"x", b"\xff"]),
    st.lists(_ENTRIES, max_size=5),
    st.sampled_from([0, 0, 0, 1]),
    st.sampled_from([b"", b"", b"\0"]),
)
_PICTURES = st.builds(
    lambda kind, mime, text, data, rest: (
        6,
        kind.to_bytes(4, "big") + b"".join(len(each).to_bytes(4, "big") + each for each in (mime, text.encode()))
        + bytes(16) + len(data).to_bytes(4, "big") + data + rest,
    ),
    st.sampled_from([0, 3, 4]), st.sampled_from([b"image/png", b"-->", b"\xff"]), _TEXT, st.binary(max_size=9),
    st.sampled_from([b"", b"", b"\0"]),
)  # fmt: skip
_OTHERS = st.sampled_from([(1, bytes(50)), (2, b"riffxx"), (3, bytes(18)), (5, bytes(396)), (9, b"x")])


@settings(max_examples=150)
@given(st.lists(st.one_of(_COMMENTS, _PICTURES, _OTHERS), max_size=4), st.booleans(), st.sampled_from([0, 1, 70_000]))
def test_the_quick_reader_of_flac_says_what_the_thorough_one_says(
    sounds: Path, tmp_path_factory: pytest.TempPathFactory, blocks: list[tuple[int, bytes]], first: bool, padding: int
) -> None:
    whole = flac.parse(sounds / "tone.flac")
    stream = whole.blocks[:1]
    written = [*stream, *blocks] if first else [*blocks, *stream]
    written += [(1, bytes(padding))] if padding else []
    body = b"".join(
        bytes([kind | (0x80 if at == len(written) - 1 else 0)]) + len(data).to_bytes(3, "big") + data
        for at, (kind, data) in enumerate(written)
    )
    path = tmp_path_factory.mktemp("quick") / "tone.flac"
    path.write_bytes(b"fLaC" + body + b"\xff\xf8" + bytes(60))
    assert _outcome(path, quick=True) == _outcome(path, quick=False)


def test_plain_files_are_read_by_the_quick_reader(sounds: Path) -> None:
    assert flac_plain.read(sounds / "tone.flac") == reader.read(sounds / "tone.flac")


def _outcome(path: Path, *, quick: bool) -> FileTags | str:
    try:
        return reader.read_quick(path) if quick else reader.read(path)
    except Known as error:
        return error.message

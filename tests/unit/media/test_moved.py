"""An MP3's tag moves from ID3v2.3 to ID3v2.4 without losing a frame, a byte of sound, or the way back."""

from __future__ import annotations

import hashlib
from pathlib import Path

import mutagen.id3
import pytest

from mycelix_studio.domain.fields import Field
from mycelix_studio.media import reader, saver
from mycelix_studio.media.errors import SaveFailed
from tests.fixtures import audio


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """An MP3 with a tag of version 2.3: a long frame, a picture, a private frame, a date in three frames, people by role."""
    path = audio.make(tmp_path, "mp3", seconds=0.3)
    tags = mutagen.id3.ID3()
    tags.add(mutagen.id3.TIT2(encoding=1, text=["Über den Fluß"]))
    tags.add(
        mutagen.id3.USLT(encoding=1, lang="deu", desc="", text="Zeile\n" * 400)
    )  # sizes of 128 and more differ in 2.4
    tags.add(mutagen.id3.TDRC(encoding=1, text=["2026-05-08T21:30"]))
    tags.add(mutagen.id3.TIPL(encoding=1, people=[["producer", "Mo"], ["viola", "Ilse Brandt"]]))
    tags.add(mutagen.id3.PRIV(owner="somebody", data=b"\1\2\3" * 100))
    tags.add(mutagen.id3.APIC(encoding=0, mime="image/png", type=3, desc="", data=b"\x89PNG" + bytes(300)))
    tags.update_to_v23()
    tags.save(path, v2_version=3, v23_sep=None)
    return path


def _moved(path: Path, edits: dict[Field, tuple[str, ...]] | None = None) -> None:
    ready = saver.prepare_newer(path, edits or {})
    assert isinstance(ready, saver.Prepared)
    saver.commit(ready)


def test_moving_a_tag_changes_its_version_and_nothing_it_says(old: Path) -> None:
    before = reader.read(old)
    assert before.version == "ID3v2.3"
    sound = hashlib.sha256(old.read_bytes()[-2_000:]).digest()
    _moved(old)
    after = reader.read(old)
    assert after.version == "ID3v2.4"
    assert (after.fields, after.others, after.pictures) == (before.fields, before.others, before.pictures)
    assert after.fields[Field.PRODUCER] == ("Mo",) and after.fields[Field.PERFORMER] == ("Ilse Brandt (viola)",)
    assert hashlib.sha256(old.read_bytes()[-2_000:]).digest() == sound
    raw = mutagen.id3.ID3(old, translate=False)
    assert raw.getall("PRIV")[0].data == b"\1\2\3" * 100
    assert str(raw["TDRC"]) == "2026-05-08 21:30:00"
    assert not {"TYER", "TDAT", "TIME", "IPLS"} & set(raw)


def test_edits_go_with_the_move(old: Path) -> None:
    _moved(old, {Field.ARTIST: ("Maren Okafor", "Ilse Brandt"), Field.DATE: ("2026-05",)})
    raw = mutagen.id3.ID3(old, translate=False)
    assert raw["TPE1"].text == ["Maren Okafor", "Ilse Brandt"]
    assert str(raw["TDRC"]) == "2026-05"


def test_what_is_no_old_mp3_is_left_alone(old: Path, tmp_path: Path) -> None:
    _moved(old)
    flac = audio.make(tmp_path, "flac", seconds=0.3)
    for path in (old, flac):
        data = path.read_bytes()
        assert not isinstance(saver.prepare_newer(path, {}), saver.Prepared)
        assert path.read_bytes() == data


@pytest.mark.parametrize(("name", "flags", "word"), [(b"CHAP", 0, "chapters"), (b"TIT3", 0x80, "compressed")])
def test_what_lies_otherwise_in_the_newer_version_is_refused(old: Path, name: bytes, flags: int, word: str) -> None:
    data = old.read_bytes()
    frame = name + (4).to_bytes(4, "big") + flags.to_bytes(2, "big") + b"\0abc"
    size = sum((byte & 0x7F) << (21 - 7 * place) for place, byte in enumerate(data[6:10])) + len(frame)
    head = data[:6] + bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    old.write_bytes(head + frame + data[10:])
    before = old.read_bytes()
    with pytest.raises(SaveFailed) as raised:
        saver.prepare_newer(old, {})
    assert word in raised.value.message
    assert old.read_bytes() == before

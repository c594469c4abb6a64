"""A save never loses a tag, never changes the sound, and leaves the old file or the new one."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import mutagen.id3
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain.fields import Field, spec
from mycelix_studio.domain.track import Picture
from mycelix_studio.errors import Known
from mycelix_studio.media import payload, reader, saver
from mycelix_studio.media.errors import SaveFailed, Unreadable
from mycelix_studio.media.formats import parts as pieces
from tests.fixtures import audio

EDIT = {
    Field.TITLE: ("Kelp & Copper",),
    Field.ARTIST: ("AC/DC", "B"),
    Field.ALBUM: ("Salt — Meridian 🌊",),
    Field.GENRE: ("Ambient", "Folk"),
    Field.DATE: ("2026-05-08",),
    Field.ISRC: ("NOA1B2600015",),
    Field.TRACK: ("3/7",),
    Field.COMMENT: ("first take",),
    Field.LYRICS: ("one\ntwo",),
    Field.BARCODE: ("4006381333931",),
}
COVER = Picture(b"\xff\xd8\xff\xe0" + bytes(2_000) + b"\xff\xd9", "image/jpeg")


@pytest.fixture(scope="session")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("originals")
    for ending in audio.ENCODERS:
        audio.make(folder, ending)
    return folder


def _copy(originals: Path, to: Path, ending: str) -> Path:
    return Path(shutil.copy(originals / f"tone.{ending}", to / f"tone.{ending}"))


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("ending", sorted(audio.ENCODERS))
def test_every_container_gives_back_what_was_saved(ending: str, originals: Path, tmp_path: Path) -> None:
    path = _copy(originals, tmp_path, ending)
    sound = payload.audio_sha256(path)
    saver.save(path, EDIT, COVER)
    back = reader.read(path)
    for field, values in EDIT.items():
        assert spec(field).place(back.family), field
        assert back.fields[field] == values, field
    assert [picture.data for picture in back.pictures] == [COVER.data]
    assert payload.audio_sha256(path) == sound
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", sorted(audio.ENCODERS))
def test_a_save_without_an_edit_changes_no_byte(ending: str, originals: Path, tmp_path: Path) -> None:
    path = _copy(originals, tmp_path, ending)
    saver.save(path, EDIT, COVER)
    before, stamp = _sha(path), path.stat().st_mtime_ns
    saver.save(path, {})
    saver.save(path, {Field.TITLE: EDIT[Field.TITLE]})
    assert (_sha(path), path.stat().st_mtime_ns) == (before, stamp)


@pytest.mark.parametrize("ending", sorted(audio.ENCODERS))
def test_removing_a_field_and_the_cover_leaves_the_others(ending: str, originals: Path, tmp_path: Path) -> None:
    path = _copy(originals, tmp_path, ending)
    saver.save(path, EDIT, COVER)
    saver.save(path, {Field.GENRE: ()}, None)
    back = reader.read(path)
    assert Field.GENRE not in back.fields
    assert back.pictures == ()
    assert back.fields[Field.ARTIST] == ("AC/DC", "B")


def test_an_id3v23_file_stays_one_and_keeps_several_values_apart(originals: Path, tmp_path: Path) -> None:
    path = _copy(originals, tmp_path, "mp3")
    tags = mutagen.id3.ID3()
    tags.add(mutagen.id3.TIT2(encoding=1, text=["Old"]))
    tags.add(mutagen.id3.PRIV(owner="somebody", data=b"\1\2\3"))
    tags.save(path, v2_version=3, v23_sep=None)
    saver.save(path, {Field.ARTIST: ("AC/DC", "B")})
    back = reader.read(path)
    assert back.version == "ID3v2.3"
    assert back.fields[Field.ARTIST] == ("AC/DC", "B")
    assert mutagen.id3.ID3(path).getall("PRIV")[0].data == b"\1\2\3"


def test_frames_that_belong_to_other_programs_survive(originals: Path, tmp_path: Path) -> None:
    path = _copy(originals, tmp_path, "mp3")
    tags = mutagen.id3.ID3()
    tags.add(mutagen.id3.TXXX(encoding=3, desc="MusicBrainz Album Id", text=["x"]))
    tags.add(mutagen.id3.COMM(encoding=3, lang="eng", desc="iTunNORM", text=["0000"]))
    tags.add(mutagen.id3.APIC(encoding=3, mime="image/png", type=4, desc="back", data=b"\x89PNG1"))
    tags.save(path)
    saver.save(path, {Field.COMMENT: ("mine",)}, COVER)
    after = mutagen.id3.ID3(path)
    assert after["TXXX:MusicBrainz Album Id"].text == ["x"]
    assert after["COMM:iTunNORM:eng"].text == ["0000"]
    assert {int(frame.type) for frame in after.getall("APIC")} == {3, 4}


@settings(max_examples=25)
@given(
    st.dictionaries(
        st.sampled_from([Field.TITLE, Field.ALBUM, Field.LABEL, Field.MOOD]),
        st.lists(
            st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="/"), min_size=1, max_size=40),
            min_size=1,
            max_size=3,
        ).map(tuple),
        max_size=4,
    ),
    st.sampled_from(["mp3", "flac", "m4a", "ogg", "wav"]),
)
def test_any_text_in_several_values_comes_back_or_is_refused_untouched(
    originals: Path, tmp_path_factory: pytest.TempPathFactory, edits: dict[Field, tuple[str, ...]], ending: str
) -> None:
    path = _copy(originals, tmp_path_factory.mktemp("any"), ending)
    before = _sha(path)
    try:
        saver.save(path, edits)
    except SaveFailed:
        assert _sha(path) == before
    else:
        back = reader.read(path).fields
        assert all(back.get(field) == values for field, values in edits.items())


@pytest.mark.parametrize("call", ["mkstemp", "copystat", "fsync", "replace", "utime"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
def test_a_fault_at_any_step_leaves_the_old_file_and_nothing_beside_it(
    call: str, code: int, originals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _copy(originals, tmp_path, "flac")
    before = _sha(path)

    def fail(*_: object, **__: object) -> None:
        raise OSError(code, os.strerror(code))

    target: object = {"mkstemp": tempfile, "copystat": shutil, "fsync": os, "replace": Path, "utime": os}[call]
    monkeypatch.setattr(target, call, fail)
    with pytest.raises(SaveFailed, match="unchanged"):
        saver.save(path, EDIT)
    monkeypatch.undo()
    assert _sha(path) == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", sorted(audio.ENCODERS))
def test_a_disk_that_changes_a_byte_of_the_sound_in_the_copy_is_found_out(
    ending: str, originals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _copy(originals, tmp_path, ending)
    before = _sha(path)
    write = pieces.write

    def write_badly(real: Path, copy: Path, parts: list[pieces.Part]) -> str:
        expected = write(real, copy, parts)
        data = bytearray(copy.read_bytes())
        last = reader.open_file(copy)[1].parse(copy).audio[-1]
        data[last.offset + last.length // 2] ^= 1
        copy.write_bytes(data)
        return expected

    monkeypatch.setattr(pieces, "write", write_badly)
    with pytest.raises(SaveFailed, match="unchanged"):
        saver.save(path, EDIT)
    assert _sha(path) == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_vanishes_while_it_is_saved_is_not_made_anew(
    originals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _copy(originals, tmp_path, "flac")
    fsync = os.fsync

    def vanish(descriptor: int) -> None:
        path.unlink(missing_ok=True)
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", vanish)
    with pytest.raises(SaveFailed, match="no longer there"):
        saver.save(path, EDIT)
    assert list(tmp_path.iterdir()) == []


def test_a_change_by_another_program_meanwhile_is_not_overwritten(
    originals: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = _copy(originals, tmp_path, "flac")
    fsync = os.fsync

    def change(descriptor: int) -> None:
        path.write_bytes(path.read_bytes() + b"theirs")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", change)
    with pytest.raises(SaveFailed, match="Another program"):
        saver.save(path, EDIT)
    assert path.read_bytes().endswith(b"theirs")


def test_a_symbolic_link_stays_one_and_hard_links_stay_one_file(originals: Path, tmp_path: Path) -> None:
    path = _copy(originals, tmp_path, "flac")
    (tmp_path / "other.flac").hardlink_to(path)
    (tmp_path / "link.flac").symlink_to(path)
    saver.save(tmp_path / "link.flac", EDIT)
    assert (tmp_path / "link.flac").is_symlink()
    assert path.samefile(tmp_path / "other.flac")
    assert reader.read(tmp_path / "other.flac").fields[Field.TITLE] == EDIT[Field.TITLE]


OTHER_DISK = Path("/dev/shm")


@pytest.mark.skipif(not OTHER_DISK.is_dir(), reason="no second file system here")
def test_a_file_on_another_disk_is_saved_there_through_its_link(originals: Path, tmp_path: Path) -> None:
    if OTHER_DISK.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("both are on one file system")
    with tempfile.TemporaryDirectory(dir=OTHER_DISK) as there:
        real = _copy(originals, Path(there), "flac")
        link = tmp_path / "link.flac"
        link.symlink_to(real)
        sound = payload.audio_sha256(real)
        saver.save(link, EDIT)
        assert link.is_symlink() and link.readlink() == real
        assert reader.read(real).fields[Field.TITLE] == EDIT[Field.TITLE]
        assert payload.audio_sha256(real) == sound
        assert [each.name for each in Path(there).iterdir()] == [real.name]


def test_permissions_and_attributes_survive_and_the_time_moves_on_with_a_write_only(
    originals: Path, tmp_path: Path
) -> None:
    path = _copy(originals, tmp_path, "mp3")
    path.chmod(0o640)
    marked = hasattr(os, "setxattr")
    if marked:
        with contextlib.suppress(OSError):  # not every file system has them
            os.setxattr(path, "user.mark", b"mine")
    attributes = os.listxattr(path) if marked else []
    os.utime(path, (1_000, 1_000))
    saver.save(path, {})
    assert path.stat().st_mtime == 1_000
    saver.save(path, EDIT)
    assert path.stat().st_mode & 0o777 == 0o640
    assert path.stat().st_mtime > 1_000
    assert (os.listxattr(path) if marked else []) == attributes


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("empty.mp3", b"", "empty"),
        ("letter.mp3", b"Dear Sir or Madam, this is not music.\n" * 50, "not audio|broken"),
        ("noise.flac", bytes(range(256)) * 40, "not audio|broken"),
        ("cut.flac", b"fLaC\x00\x00\x00\x22" + b"\x10" * 9, "broken"),
        ("head.wav", b"RIFF\x24\x00\x00\x00WAVE", "broken"),
        ("notes.mid", b"MThd\x00\x00\x00\x06\x00\x00\x00\x01\x00\x60MTrk\x00\x00\x00\x04\x00\xff\x2f\x00", "of a kind"),
        ("head.m4a", b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42", "broken"),
    ],
)
def test_what_is_no_audio_is_refused_in_words_and_untouched(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(Unreadable, match=words) as caught:
        reader.read(path)
    assert name in caught.value.title
    with pytest.raises(Known):
        saver.save(path, EDIT)
    assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["🎵 été — 夜.flac", "x" * 250 + ".flac"])
def test_names_with_emoji_and_of_255_bytes_are_saved(name: str, originals: Path, tmp_path: Path) -> None:
    path = tmp_path / name
    shutil.copy(originals / "tone.flac", path)
    saver.save(path, EDIT)
    assert reader.read(path).fields[Field.TITLE] == EDIT[Field.TITLE]
    assert list(tmp_path.iterdir()) == [path]

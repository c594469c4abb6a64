"""What each container and tag family keeps: several values, roles, languages, pictures with types, frames nobody knows; and odd files."""

from __future__ import annotations

import base64
import os
import shutil
import struct
from pathlib import Path

import mutagen.apev2
import mutagen.asf
import mutagen.flac
import mutagen.id3
import mutagen.mp4
import mutagen.wave
import pytest
from mutagen.id3 import APIC, COMM, PRIV, TIPL, TIT2, TMCL, TXXX, USLT
from mutagen.id3._util import unsynch

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.track import Picture
from mycelix_studio.errors import Known
from mycelix_studio.media import measure, payload, reader, saver
from mycelix_studio.media.errors import SaveFailed, Unreadable
from mycelix_studio.media.formats import flac, iff
from mycelix_studio.media.sandbox import Sandbox
from tests.fixtures import audio

COVER = Picture(b"\x89PNG\r\n\x1a\n" + bytes(2_000), "image/png")


@pytest.fixture(scope="session")
def sounds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("formats")
    for ending in audio.ENCODERS:
        audio.make(folder, ending, seconds=0.3)
    return folder


def _file(sounds: Path, to: Path, ending: str) -> Path:
    return Path(shutil.copy(sounds / f"tone.{ending}", to / f"tone.{ending}"))


# --- ID3 ------------------------------------------------------------------------------------------------------------------------


def _id3(version: int, *frames: mutagen.id3.Frame) -> bytes:
    """Return a tag with a frame nobody knows and one nobody can read behind the given ones."""
    tags = mutagen.id3.ID3()
    for frame in frames:
        tags.add(frame)
    if version == 3:
        tags.update_to_v23()
    body = bytes(
        tags._write(
            mutagen.id3.ID3SaveConfig(version, None) if hasattr(mutagen.id3, "ID3SaveConfig") else _config(version)
        )
    )
    extra = b"XYZQ" + (4).to_bytes(4, "big") + b"\0\0odd!" + b"TBPM" + (3).to_bytes(4, "big") + b"\0\0\x03\xff\xfe"
    size = len(body) + len(extra)
    synchsafe = bytes((size >> shift) & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + synchsafe + body + extra


def _config(version: int) -> object:
    from mutagen.id3._tags import ID3SaveConfig

    return ID3SaveConfig(version, None)


@pytest.mark.parametrize("version", [3, 4])
def test_frames_that_were_not_edited_stay_byte_for_byte(version: int, sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    sound = path.read_bytes()
    frames = (
        TIT2(encoding=0, text=["Old"]), PRIV(owner="somebody", data=b"\1\2\3"), COMM(encoding=1, lang="deu", desc="note", text=["größer"]),
        APIC(encoding=0, mime="image/png", type=8, desc="artist", data=b"\x89PNGa"), TXXX(encoding=3, desc="Mine", text=["a", "b"]),
    )  # fmt: skip
    whole = _id3(version, *frames)
    path.write_bytes(whole + sound)
    saver.save(path, {Field.TITLE: ("New",)})
    after = path.read_bytes()
    for mark in (b"PRIV", b"COMM", b"APIC", b"TXXX", b"XYZQ", b"TBPM"):
        at, now = whole.index(mark), after.index(mark)
        length = 10 + int.from_bytes(whole[at + 4 : at + 8], "big")
        assert after[now : now + length] == whole[at : at + length], mark
    assert after[3] == version
    assert after.endswith(sound)


def test_several_values_of_id3v23_are_not_joined_and_its_date_is_kept_whole(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    path.write_bytes(_id3(3, TIT2(encoding=0, text=["Old"])) + path.read_bytes())
    edits = {
        Field.ARTIST: ("AC/DC", "B"),
        Field.DATE: ("2026-05-08",),
        Field.ORIGINAL_DATE: ("2025-11",),
        Field.GENRE: ("Folk", "夜"),
    }
    saver.save(path, edits)
    back = reader.read(path)
    assert back.version == "ID3v2.3"
    assert {field: back.fields[field] for field in edits} == edits
    raw = mutagen.id3.ID3(path, translate=False)
    assert (raw["TYER"].text, raw["TDAT"].text, raw["TORY"].text) == (["2026"], ["0805"], ["2025"])


@pytest.mark.parametrize("version", [3, 4])
def test_roles_are_edited_one_by_one(version: int, sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    people = TIPL(encoding=3, people=[["producer", "Ann"], ["engineer", "Bo"], ["engineer", "Cy"], ["lights", "Di"]])
    path.write_bytes(_id3(version, people, TMCL(encoding=3, people=[["viola", "Ilse"]])) + path.read_bytes())
    before = reader.read(path).fields
    assert before[Field.ENGINEER] == ("Bo", "Cy")
    assert set(before[Field.PERFORMER]) == {"Di (lights)", "Ilse (viola)"}
    saver.save(path, {Field.PRODUCER: ("Eve", "Fay")})
    after = reader.read(path).fields
    assert after == {**before, Field.PRODUCER: ("Eve", "Fay")}
    saver.save(path, {Field.PERFORMER: ("Gus (oboe)",), Field.ENGINEER: ()})
    assert reader.read(path).fields == {Field.PRODUCER: ("Eve", "Fay"), Field.PERFORMER: ("Gus (oboe)",)}


def test_lyrics_keep_their_languages(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    lyrics = [USLT(encoding=3, lang=lang, desc="", text=text) for lang, text in (("eng", "salt"), ("deu", "Salz"))]
    path.write_bytes(_id3(4, *lyrics, USLT(encoding=3, lang="eng", desc="draft", text="old")) + path.read_bytes())
    saver.save(path, {Field.TITLE: ("New",)})
    assert set(reader.read(path).fields[Field.LYRICS]) == {"salt", "Salz"}
    texts = list(reader.read(path).fields[Field.LYRICS])
    saver.save(path, {Field.LYRICS: (*("Meersalz" if text == "Salz" else text for text in texts), "[la:nob] havsalt")})
    tags = mutagen.id3.ID3(path)
    found = {(frame.lang, frame.desc): frame.text for frame in tags.getall("USLT")}
    assert found == {("eng", ""): "salt", ("deu", ""): "Meersalz", ("nob", ""): "havsalt", ("eng", "draft"): "old"}


def test_an_id3v1_tag_is_kept_in_step_and_never_hidden(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    v1 = (
        b"TAG"
        + b"Old".ljust(30, b"\0")
        + b"Artist".ljust(30, b"\0")
        + b"Album".ljust(30, b"\0")
        + b"2004"
        + b"hello".ljust(28, b"\0")
        + b"\0\x07\x11"
    )
    path.write_bytes(path.read_bytes() + v1)
    saver.save(path, {Field.TITLE: ("A title of more than thirty characters",)})
    back = reader.read(path).fields
    assert back[Field.TITLE] == ("A title of more than thirty characters",)
    assert (back[Field.ARTIST], back[Field.ALBUM], back[Field.DATE], back[Field.TRACK]) == (
        ("Artist",),
        ("Album",),
        ("2004",),
        ("7",),
    )
    tail = path.read_bytes()[-128:]
    assert tail[3:33] == b"A title of more than thirty ch"
    assert tail[33:] == v1[33:]


# --- WAV ------------------------------------------------------------------------------------------------------------------------


def test_tags_of_a_wav_stand_in_front_of_its_sound(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "wav")
    saver.save(path, {Field.TITLE: ("Kelp",), Field.ARTIST: ("A", "B"), Field.ISRC: ("NOA1B2600015",)}, COVER)
    wave = measure.wave(path)
    assert wave is not None and wave.bytes_after_data == 0
    names = [chunk.name for chunk in iff.parse(path).chunks]
    assert names.index(b"INFO") < names.index(b"id3 ") < names.index(b"data")
    assert int.from_bytes(path.read_bytes()[4:8], "little") == path.stat().st_size - 8
    assert mutagen.wave.WAVE(path).tags["TPE1"].text == ["A", "B"]


def test_a_tag_behind_the_sound_of_a_wav_moves_in_front_of_it(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "wav")
    theirs = mutagen.wave.WAVE(path)
    theirs.add_tags()
    theirs.tags.add(TIT2(encoding=3, text=["Theirs"]))
    theirs.tags.add(PRIV(owner="x", data=b"y"))
    theirs.save()
    found = measure.wave(path)
    assert found is not None and found.bytes_after_data > 0
    saver.save(path, {Field.ALBUM: ("Ours",)})
    found = measure.wave(path)
    assert found is not None and found.bytes_after_data == 0
    after = mutagen.wave.WAVE(path).tags
    assert (after["TIT2"].text, after["TALB"].text, after["PRIV:x:y"].data) == (["Theirs"], ["Ours"], b"y")


def test_riff_info_is_read_and_written_and_its_other_entries_stay(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "wav")
    data = path.read_bytes()
    entries = b"INAM\x06\0\0\0Gr\xf6\xdfe\0" + b"ISFT\x05\0\0\0Deck\0\0" + b"IART\x02\0\0\0A\0"
    info = b"LIST" + struct.pack("<I", 4 + len(entries)) + b"INFO" + entries
    path.write_bytes(data[:4] + struct.pack("<I", len(data) - 8 + len(info)) + data[8:] + info)
    back = reader.read(path)
    assert (back.fields[Field.TITLE], back.fields[Field.ARTIST], back.others["ISFT"]) == (("Größe",), ("A",), ("Deck",))
    saver.save(path, {Field.ARTIST: ("Maren",)})
    after = path.read_bytes()
    assert b"INAM\x06\0\0\0Gr\xf6\xdfe\0" in after and b"ISFT\x05\0\0\0Deck\0\0" in after
    assert b"id3 " not in after
    assert reader.read(path).fields == {Field.TITLE: ("Größe",), Field.ARTIST: ("Maren",)}
    # What INFO cannot hold brings an ID3 chunk, and both say the same from then on.
    saver.save(path, {Field.ISRC: ("NOA1B2600015",), Field.TITLE: ("Salt",)})
    assert reader.read(path).fields == {Field.TITLE: ("Salt",), Field.ARTIST: ("Maren",), Field.ISRC: ("NOA1B2600015",)}
    assert b"INAM\x05\0\0\0Salt\0" in path.read_bytes()


# --- the others -----------------------------------------------------------------------------------------------------------------


def test_a_flac_keeps_its_blocks_spelling_and_comments_that_are_no_text(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "flac")
    file = flac.parse(path)
    comments = [
        b"Title=Old",
        b"ODD=\xff\xfe",
        b"no equals sign",
        b"Artist=A",
        b"PERFORMER=Ilse (viola)",
        b"title=Second",
    ]
    body = b"\3\0\0\0vnd" + struct.pack("<I", len(comments)) + b"".join(struct.pack("<I", len(c)) + c for c in comments)
    blocks = [file.blocks[0], (2, b"APPLdata"), (4, body)]
    head = b"".join(
        bytes([kind | (0x80 if at == 2 else 0)]) + len(b).to_bytes(3, "big") + b for at, (kind, b) in enumerate(blocks)
    )
    sound = path.read_bytes()[file.audio[0].offset :]
    path.write_bytes(b"fLaC" + head + sound)
    assert reader.read(path).fields[Field.TITLE] == ("Old", "Second")
    saver.save(path, {Field.TITLE: ("New",), Field.ALBUM: ("Salt",)}, COVER)
    after = flac.parse(path)
    kept = dict(after.blocks)[4]
    assert all(comment in kept for comment in comments[1:5])
    assert b"Title=New" in kept and b"Second" not in kept and kept.startswith(b"\3\0\0\0vnd")
    assert after.blocks[1] == (2, b"APPLdata")
    assert mutagen.flac.FLAC(path).pictures[0].data == COVER.data


@pytest.mark.parametrize("ending", ["flac", "ogg", "opus", "mp3", "wma", "aiff"])
def test_pictures_of_other_types_stay_when_the_cover_changes(ending: str, sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, ending)
    back = Picture(b"\xff\xd8\xff" + bytes(500), "image/jpeg", 4, "back")
    if ending in {"flac", "ogg", "opus"}:
        block = mutagen.flac.Picture()
        block.type, block.mime, block.desc, block.data = back.type, back.mime, back.description, back.data
        file = mutagen.File(path)
        if ending == "flac":
            file.add_picture(block)
        else:
            file["METADATA_BLOCK_PICTURE"] = [base64.b64encode(block.write()).decode()]
        file.save()
    elif ending == "wma":
        file = mutagen.asf.ASF(path)
        head = bytes([4]) + len(back.data).to_bytes(4, "little") + "image/jpeg\0back\0".encode("utf-16-le")
        file["WM/Picture"] = [mutagen.asf.ASFByteArrayAttribute(head + back.data)]
        file.save()
    else:
        file = mutagen.File(path)
        if file.tags is None:
            file.add_tags()
        file.tags.add(APIC(encoding=3, mime=back.mime, type=4, desc="back", data=back.data))
        file.save()
    saver.save(path, {}, COVER)
    assert {(picture.type, picture.data) for picture in reader.read(path).pictures} == {(3, COVER.data), (4, back.data)}
    saver.save(path, {}, None)
    assert [(picture.type, picture.data) for picture in reader.read(path).pictures] == [(4, back.data)]


def test_an_mp4_plays_the_same_when_its_head_grows_in_front_of_the_sound(sounds: Path, tmp_path: Path) -> None:
    import av

    slow = tmp_path / "fast start.m4a"
    with (
        av.open(str(sounds / "tone.m4a")) as source,
        av.open(str(slow), "w", format="ipod", options={"movflags": "faststart"}) as target,
    ):
        stream = target.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                target.mux(packet)
    data = slow.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")
    packets = payload.packets_sha256(slow)
    saver.save(slow, {Field.COMMENT: ("x" * 200_000,)}, COVER)
    assert payload.packets_sha256(slow) == packets
    mutagen.mp4.MP4(slow)
    saver.save(slow, {Field.COMMENT: ()}, None)
    assert payload.packets_sha256(slow) == packets


def test_apev2_items_nobody_knows_and_an_id3v1_tag_behind_them_stay(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "wv")
    tags = mutagen.apev2.APEv2()
    tags["Title"], tags["Weird Key"] = "Old", "kept"
    tags["Binary"] = mutagen.apev2.APEValue(b"\0\1\2", mutagen.apev2.BINARY)
    tags.save(path)
    v1 = b"TAG" + bytes(124) + b"\xff"
    path.write_bytes(path.read_bytes() + v1)
    saver.save(path, {Field.ARTIST: ("A", "B")})
    after = mutagen.apev2.APEv2(path)
    assert (str(after["Title"]), str(after["Weird Key"]), after["Binary"].value, list(after["Artist"])) == (
        "Old",
        "kept",
        b"\0\1\2",
        ["A", "B"],
    )
    assert path.read_bytes()[-128:-125] == b"TAG"


def test_an_apev2_tag_behind_an_mp3_is_read_and_kept_in_step(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    sound = payload.audio_sha256(path)
    tags = mutagen.apev2.APEv2()
    tags["Title"], tags["Artist"], tags["MP3GAIN_UNDO"] = "Old", "A", "+3,+3,N"
    tags.save(path)
    before = reader.read(path).fields
    assert (before[Field.TITLE], before[Field.ARTIST], before) == (("Old",), ("A",), reader.read_quick(path).fields)
    assert reader.read(path).others == {"APEv2:MP3GAIN_UNDO": ("+3,+3,N",)}
    saver.save(path, {Field.TITLE: ("New",), Field.ALBUM: ("Salt",)})
    saver.save(path, {Field.ARTIST: ()})
    after = mutagen.apev2.APEv2(path)
    assert (str(after["Title"]), str(after["MP3GAIN_UNDO"]), "Artist" in after, "Album" in after) == (
        "New",
        "+3,+3,N",
        False,
        False,
    )
    kept = {field: values for field, values in before.items() if field is not Field.ARTIST}
    assert reader.read(path).fields == {**kept, Field.TITLE: ("New",), Field.ALBUM: ("Salt",)}
    assert payload.audio_sha256(path) == sound


# --- odd and hostile files ------------------------------------------------------------------------------------------------------


def test_a_wrong_ending_does_not_matter(sounds: Path, tmp_path: Path) -> None:
    for ending, wrong in (("flac", "mp3"), ("m4a", "flac"), ("wav", "ogg"), ("ogg", "wav")):
        path = Path(shutil.copy(sounds / f"tone.{ending}", tmp_path / f"named.{wrong}"))
        saver.save(path, {Field.TITLE: ("Kelp",)})
        assert reader.read(path).fields[Field.TITLE] == ("Kelp",)


def test_a_tag_of_sixteen_megabytes_is_read_and_kept(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    large = bytes(16_000_000)
    path.write_bytes(_id3(4, PRIV(owner="large", data=large)) + path.read_bytes())
    sandbox = Sandbox(1)
    try:
        assert sandbox.run(reader.read, path).fields == {}
    finally:
        sandbox.close()
    saver.save(path, {Field.TITLE: ("Kelp",)})
    assert mutagen.id3.ID3(path).getall("PRIV")[0].data == large


def test_a_picture_of_a_gigabyte_is_refused_in_words_and_the_file_left(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "flac")
    file = flac.parse(path)
    size = 1 << 30
    with path.open("wb") as target:  # a block cannot say more than 16 MB; the picture inside says a gigabyte
        target.write(b"fLaC" + b"\0\0\0\x22" + file.blocks[0][1] + b"\x86\xff\xff\xff")
        target.write(struct.pack(">III", 3, 0, 0) + bytes(16) + struct.pack(">I", size))
        target.truncate(size)
    sandbox = Sandbox(1)
    try:
        with pytest.raises(Unreadable):
            sandbox.run(reader.read, path)
    finally:
        sandbox.close()
    assert path.stat().st_size == size


def test_text_that_is_no_utf8_is_shown_and_kept(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    path.write_bytes(b"ID3\4\0\0\0\0\0\x0f" + b"TALB\0\0\0\5\0\0\x03caf\xe9" + path.read_bytes())
    reader.read(path)
    saver.save(path, {Field.TITLE: ("Kelp",)})
    assert b"TALB\0\0\0\5\0\0\x03caf\xe9" in path.read_bytes()


def test_a_file_marked_read_only_or_locked_is_refused_and_left(sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "flac")
    path.chmod(0o444)
    before = path.read_bytes()
    with pytest.raises(SaveFailed, match="read-only"):
        saver.save(path, {Field.TITLE: ("Kelp",)})
    assert (path.read_bytes(), os.listdir(tmp_path)) == (before, [path.name])  # noqa: PTH208 - hidden files too


def test_a_cut_file_keeps_what_is_there(sounds: Path, tmp_path: Path) -> None:
    for ending in sorted(audio.ENCODERS):
        path = _file(sounds, tmp_path, ending)
        whole = path.read_bytes()
        for keep in (0.9, 0.5, 0.05):
            path.write_bytes(whole[: int(len(whole) * keep)])
            before = path.read_bytes()
            try:
                sound = payload.audio_sha256(path)
                saver.save(path, {Field.TITLE: ("Kelp",)})
            except Known:
                assert path.read_bytes() == before, (ending, keep)
            else:
                assert payload.audio_sha256(path) == sound, (ending, keep)
                assert reader.read(path).fields[Field.TITLE] == ("Kelp",)


def test_a_reader_that_only_computes_is_ended_soon(tmp_path: Path) -> None:
    sandbox = Sandbox(1)
    try:
        with pytest.raises(Unreadable, match="built to harm"):
            sandbox.run(_forever, tmp_path)
        assert sandbox.run(_answer, tmp_path) == 42
    finally:
        sandbox.close()


def _forever(path: Path) -> None:
    while True:
        path.name.upper()


def _answer(path: Path) -> int:
    return 42


@pytest.mark.parametrize("version", [3, 4])
def test_an_unsynchronised_tag_keeps_what_it_holds(version: int, sounds: Path, tmp_path: Path) -> None:
    path = _file(sounds, tmp_path, "mp3")
    picture = b"\x89PNG" + b"\xff\xe0\xff\x00\xff\xff" * 300
    frames = [
        APIC(encoding=0, mime="image/png", type=3, desc="x", data=picture),
        PRIV(owner="o", data=b"\xff\xe1\xff\x00z"),
    ]
    body = b""
    for frame in frames:
        data = bytes(frame._writeData(_config(version)))
        data = bytes(unsynch.encode(data)) if version == 4 else data
        size = (
            bytes((len(data) >> shift) & 0x7F for shift in (21, 14, 7, 0))
            if version == 4
            else struct.pack(">I", len(data))
        )
        body += frame.FrameID.encode() + size + b"\0\0" + data
    body = body if version == 4 else bytes(unsynch.encode(body))
    size = bytes((len(body) >> shift) & 0x7F for shift in (21, 14, 7, 0))
    path.write_bytes(b"ID3" + bytes([version, 0, 0x80]) + size + body + path.read_bytes())
    saver.save(path, {Field.TITLE: ("New",)})
    assert [each.data for each in reader.read(path).pictures] == [picture]
    assert mutagen.id3.ID3(path).getall("PRIV")[0].data == b"\xff\xe1\xff\x00z"

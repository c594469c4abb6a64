"""Real files of three public projects, many of them odd or broken: no save loses or changes anything that was not edited.

Judged by mutagen read on its own, by FFmpeg's packets and by bytes, not by the code that wrote. Files are shared out to two processes.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import mutagen
import mutagen.apev2
import mutagen.flac
import mutagen.id3
import pytest

from mycelix_studio.domain.fields import Field, spec
from mycelix_studio.domain.track import Picture
from mycelix_studio.errors import Known
from mycelix_studio.media import payload, reader, saver
from tests.conftest import CORPORA

EDITS: tuple[dict[Field, tuple[str, ...]], ...] = (
    {Field.TITLE: ("Kelp é 夜 & Copper",)},
    {
        Field.ARTIST: ("AC/DC", "B"),
        Field.DATE: ("2026-05-08",),
        Field.ISRC: ("NOA1B2600015",),
        Field.LYRICS: ("one\ntwo",),
    },
    {Field.COMMENT: ("x" * 30_000,), Field.TRACK: ("3/7",), Field.GENRE: ("Ambient", "Folk")},
)
COVER = Picture(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 300 + b"\xff\xd9", "image/jpeg")
REFUSED = {
    # Readable only by guessing where a block with a wrong length ends.
    "106-short-picture-block-size.flac", "52-overwritten-metadata.flac", "52-too-short-block-size.flac",
}  # fmt: skip

IN_MEMORY = "/dev/shm" if Path("/dev/shm").is_dir() else None
"""What is written durably is shown by the fault runs; here the thousands of flushes would only be waited for."""

pytestmark = pytest.mark.corpora


def _every_tag(path: Path) -> dict[str, object]:
    """Return every tag that mutagen finds, unknown frames too."""
    file = mutagen.File(path)
    found: dict[str, object] = {}
    if isinstance(getattr(file, "tags", None), mutagen.id3.ID3):
        found |= {key: re.sub(r"encoding=<[^>]*>", "", repr(frame)) for key, frame in file.tags.items()}
        found |= {f"unknown {number}": frame for number, frame in enumerate(sorted(file.tags.unknown_frames))}
    elif file.tags is not None:
        for key in sorted(set(map(str, file.tags.keys()))):
            value = file.tags[key]
            found[key.casefold()] = repr([str(each) for each in value] if isinstance(value, list) else str(value))
    for number, picture in enumerate(getattr(file, "pictures", [])):
        found[f"picture {number}"] = hashlib.sha256(picture.write()).hexdigest()
    return found


def _places(fields: set[Field], family: str) -> set[str]:
    places = {spec(field).place(family).casefold() for field in fields}  # type: ignore[arg-type]
    return places | {"tyer", "tdat", "time", "year", "unsyncedlyrics", "description", "gnre"}


def _others(tags: dict[str, object], fields: set[Field], family: str) -> dict[str, object]:
    places = _places(fields, family)
    return {
        key: value
        for key, value in tags.items()
        if key.casefold().split(":")[0] not in places and key.casefold() not in places
    }


def judge(name: str) -> list[str]:
    """Return what is wrong with saving one file, or ``refused``."""
    wrong: list[str] = []
    with tempfile.TemporaryDirectory(dir=IN_MEMORY) as folder:
        original = CORPORA / name
        path = Path(shutil.copyfile(original, Path(folder) / original.name))
        whole = original.read_bytes()
        try:
            before = reader.read(path)
        except Known as error:
            try:
                saver.save(path, EDITS[0])
                wrong.append("what cannot be read was written")
            except Known:
                pass
            if path.read_bytes() != whole or not (error.title and error.message):
                wrong.append("refused, and touched or without words")
            return wrong or ["refused"]
        if reader.read_quick(path) != before:
            wrong.append("the quick reader says something else")
        saver.save(path, {})
        saver.save(path, before.fields)
        if path.read_bytes() != whole:
            wrong.append("a save without an edit changed bytes")
        # FFmpeg counts an APEv2 tag, and in odd files an ID3v1 tag, to the last packet of the sound.
        by_ffmpeg = before.family != "ape" and whole[-128:-125] != b"TAG"
        tags, packets = _every_tag(path), payload.packets_sha256(path)
        for edits in EDITS:
            try:
                ready = saver.prepare(path, edits)
            except Known:
                if path.read_bytes() != whole:
                    wrong.append("refused, and touched")
                return wrong or ["not writable"]
            assert isinstance(ready, saver.Prepared)
            saver.commit(ready)
            wrong += [
                f"{field} is not what was written"
                for field, values in edits.items()
                if reader.read(path).fields[field] != values
            ]
            if _others(_every_tag(path), set(edits), before.family) != _others(tags, set(edits), before.family):
                wrong.append(f"{', '.join(edits)}: another tag changed")
            same = by_ffmpeg and payload.packets_sha256(path) == packets
            if (by_ffmpeg and not same) or ready.new.audio_sha256 != ready.old.audio_sha256:
                wrong.append("the sound changed")
            saver.save(path, {field: before.fields.get(field, ()) for field in edits})
            back = reader.read(path)
            if (back.fields, back.others, back.pictures) != (before.fields, before.others, before.pictures):
                wrong.append(f"{', '.join(edits)}: written and written back is not as before")
            state = saver.prepare_state(path, ready.old)
            if isinstance(state, saver.Prepared):
                saver.commit(state)
            if path.read_bytes() != whole:
                wrong.append("the state of before is not byte for byte as it was")
        saver.save(path, {}, COVER)
        pictures = reader.read(path).pictures
        kept = [
            picture
            for picture in before.pictures[before.family == "mp4" :]
            if picture.type != 3 or before.family == "mp4"
        ]
        if [picture.data for picture in pictures if picture.data != COVER.data] != [picture.data for picture in kept]:
            wrong.append("another picture changed")
        if list(Path(folder).iterdir()) != [path]:
            wrong.append("something was left beside the file")
    return wrong


@pytest.fixture(scope="module")
def verdicts() -> Iterator[dict[str, list[str]]]:
    if not CORPORA.is_dir():
        pytest.skip("no corpora beside this checkout")
    names = sorted(
        str(each.relative_to(CORPORA)) for each in CORPORA.rglob("*") if each.is_file() and each.suffix != ".md"
    )
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield dict(zip(names, pool.map(judge, names, chunksize=8), strict=True))


def test_no_save_loses_or_changes_what_was_not_edited(verdicts: dict[str, list[str]]) -> None:
    wrong = {name: found for name, found in verdicts.items() if found and found not in (["refused"], ["not writable"])}
    assert wrong == {}


def test_files_that_can_be_read_can_be_written_but_for_those_that_would_lose_something(
    verdicts: dict[str, list[str]],
) -> None:
    assert {Path(name).name for name, found in verdicts.items() if found == ["not writable"]} == REFUSED


def test_most_files_are_read(verdicts: dict[str, list[str]]) -> None:
    assert len(verdicts) >= 190
    assert sum(found != ["refused"] for found in verdicts.values()) >= 160


@pytest.mark.parametrize("name", ["test.dsf", "test.ape", "test-sv7.mpc", "test-sv8.mpc", "test.wv", "test.wma"])
def test_containers_that_are_seldom_are_read_and_saved(name: str, verdicts: dict[str, list[str]]) -> None:
    assert verdicts[f"picard/test/data/{name}"] == []

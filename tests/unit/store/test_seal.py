"""A bit that turns on the disk while nobody looks is found at the next start, and nothing of it is ever shown."""

from __future__ import annotations

import os
import random
import sqlite3
from pathlib import Path

import pytest

from mycelix_studio.paths import Paths
from mycelix_studio.services.opening import open_studio
from mycelix_studio.store import drafts, rebuild, seal, sync_state, synced
from mycelix_studio.store.connection import CacheDamaged, suspect_marker
from mycelix_studio.store.migrations import open_database
from tests.unit.store.feeds import ARTIST, START, Feed
from tests.unit.store.test_rebuild import made_by_a_person


def rot(path: Path, place: int, bit: int = 1) -> None:
    """Turn a bit as a disk does: no time changes."""
    times = path.stat()
    with path.open("r+b") as file:
        file.seek(place)
        byte = file.read(1)[0]
        file.seek(place)
        file.write(bytes([byte ^ bit]))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


@pytest.fixture
def paths(tmp_path: Path) -> Paths:
    """A profile with drafts and figures, larger than what a seal keeps as it is, closed and sealed."""
    made = Paths.under(tmp_path)
    database = open_database(made.database)
    with database.write() as db:
        for number in range(2_500):
            body = '{"price": "' + "1" * 400 + '"}'
            drafts.save(db, f"song:{number}", title=f"Song {number}", body=body, changed_at=START, due_at=None)
        synced.begin(db, "https://music.example", ARTIST)
        for page in Feed(random.Random(1)).grow(60).pages:
            synced.apply(db, page)
    rebuild.keep_copy(database, START)
    database.close()
    open_studio(made).close()
    assert seal.read(made.database) is not None
    assert made.database.stat().st_size > 1.2 * seal.KEPT_PAGES * seal.PAGE
    return made


def place_of(path: Path, text: bytes) -> int:
    return path.read_bytes().rindex(text)


def test_a_changed_amount_that_sqlite_takes_for_sound_is_found_and_put_right(paths: Paths) -> None:
    file = paths.database
    before, whole = made_by_a_person(file), file.read_bytes()
    page = next(n for n in range(seal.KEPT_PAGES) if b"Song 1" in whole[n * seal.PAGE : (n + 1) * seal.PAGE])
    rot(file, page * seal.PAGE + whole[page * seal.PAGE :].index(b"Song 1") + 5)
    assert rebuild.is_sound(file), "its structure is whole, only a value is another"
    studio = open_studio(paths)
    try:
        assert studio.rebuilt is not None and studio.rebuilt.exact and studio.rebuilt.whole
        assert sync_state.state(studio.database.read()).account == ARTIST, "figures need not come anew"
    finally:
        studio.close()
    assert made_by_a_person(file) == before
    assert studio.rebuilt.aside.exists()


def test_rot_beyond_the_kept_pages_takes_the_page_out_and_the_copy_fills_it(paths: Paths) -> None:
    file = paths.database
    before = made_by_a_person(file)
    place = place_of(file, b"Song 24")
    assert place > seal.KEPT_PAGES * seal.PAGE
    rot(file, place + 2)
    studio = open_studio(paths)
    try:
        rebuilt = studio.rebuilt
        assert rebuilt is not None and not rebuilt.exact and rebuilt.pages == 1
        assert list(rebuilt.lost) == ["draft"] and rebuilt.from_copy["draft"] > 0
        assert sync_state.state(studio.database.read()) == sync_state.SyncState(), "figures come anew"
    finally:
        studio.close()
    assert made_by_a_person(file) == before
    assert not list(file.parent.glob("*.readable*"))


def test_the_window_looks_once_it_stands_and_serves_nothing_any_more(paths: Paths) -> None:
    file = paths.database
    before = made_by_a_person(file)
    rot(file, place_of(file, b"Song 24") + 2)
    studio = open_studio(paths, look_over=False)
    assert studio.rebuilt is None
    with pytest.raises(CacheDamaged):
        studio.look_over()
    for use in (studio.database.read, lambda: studio.database.write().__enter__()):
        with pytest.raises(CacheDamaged):
            use()
    studio.close()
    assert suspect_marker(file).exists()
    again = open_studio(paths, look_over=False)
    try:
        assert again.rebuilt is not None and again.rebuilt.pages == 1
        assert not suspect_marker(file).exists()
    finally:
        again.close()
    assert made_by_a_person(file) == before


def test_a_sound_file_and_one_that_was_written_give_no_alarm(paths: Paths) -> None:
    studio = open_studio(paths, look_over=False)
    with studio.database.write() as db:
        drafts.delete(db, "song:1")
    studio.look_over()
    studio.close()
    with sqlite3.connect(paths.database) as other:  # somebody else's program
        other.execute("DELETE FROM draft WHERE target = 'song:2'")
    other.close()
    studio = open_studio(paths)
    assert studio.rebuilt is None
    studio.close()
    rot(seal.place(paths.database), 2_000)
    assert seal.read(paths.database) is None, "a seal that rots itself is none"
    studio = open_studio(paths)
    assert studio.rebuilt is None
    studio.close()
    assert seal.read(paths.database) is not None, "and is made anew"


def test_a_seal_made_from_the_one_before_equals_one_made_anew(paths: Paths) -> None:
    file = paths.database
    before = seal.read(file)
    studio = open_studio(paths)
    with studio.database.write() as db:
        for number in (3, 1_200, 2_400):
            drafts.delete(db, f"song:{number}")
        db.execute("CREATE TABLE more AS SELECT * FROM draft")
    studio.close()
    after = seal.read(file)
    seal.place(file).unlink()
    assert seal.keep(file)
    anew = seal.read(file)
    assert before is not None and after is not None and anew is not None
    assert len(after.sums) > len(before.sums) and after.blocks[:-1] != before.blocks[:-1]
    assert (after.sums, after.blocks, after.first) == (anew.sums, anew.blocks, anew.first)


@pytest.mark.parametrize("few", [0, 1_000])
def test_every_page_that_rots_is_named_whoever_of_the_readers_has_it(
    paths: Paths, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(seal, "_FEW_BLOCKS", few)
    file = paths.database
    sealed = seal.read(file)
    assert sealed is not None and seal.damaged_pages(file, sealed) == []
    last = len(sealed.sums) - 1
    places = sorted({0, 63, 64, 65, last // 2, last - 1, last})
    for page in places:
        rot(file, page * seal.PAGE + page % seal.PAGE, 1 << page % 8)
    assert seal.damaged_pages(file, sealed) == places
    with file.open("ab") as written:
        written.write(b"more")
    assert seal.damaged_pages(file, sealed) == [], "somebody wrote into it: the sums say nothing"

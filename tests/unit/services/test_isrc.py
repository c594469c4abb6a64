"""No ISRC is given twice: not after a restart, a revert, a removal, nor when two programs give at once."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.identifiers import isrc_problem
from mycelix_studio.paths import Paths
from mycelix_studio.services.isrc import NoPrefix, NumbersUsedUp
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.settings import ISRC_PREFIX
from tests.fixtures import audio


@pytest.fixture(scope="session")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return audio.make(tmp_path_factory.mktemp("isrc"), "flac", seconds=0.1)


@pytest.fixture
def studio(tmp_path: Path, song: Path) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path / "profile"))
    for number in range(4):
        shutil.copy(song, tmp_path / f"song {number}.flac")
    opened.library.add(sorted(tmp_path.glob("*.flac")), Work())
    opened.settings.set(ISRC_PREFIX, "NO-A1B")
    yield opened
    opened.close()


def test_numbers_of_a_year_go_up_and_no_track_loses_a_code_it_has(studio: Studio) -> None:
    ids = studio.library.ids()
    studio.library.edit(ids[1:2], {Field.ISRC: ("NO-A1B-26-00007",)})
    wanted = studio.isrcs.preview(ids, 2026)
    given = studio.isrcs.assign(ids, 2026)
    assert given == wanted == {ids[0]: "NOA1B2600008", ids[2]: "NOA1B2600009", ids[3]: "NOA1B2600010"}
    assert all(isrc_problem(code) == "" for code in given.values())
    assert studio.library.rows(ids[:1])[0].isrc == "NOA1B2600008"
    assert studio.isrcs.assign(ids, 2026) == {}


def test_a_code_once_given_is_never_given_again(studio: Studio) -> None:
    ids = studio.library.ids()
    first = studio.isrcs.assign(ids[:2], 2026, first=11)
    assert set(first.values()) == {"NOA1B2600011", "NOA1B2600012"}
    studio.library.revert(ids)
    studio.library.remove(ids[:1])
    studio.close()
    again = open_studio(studio.paths)
    try:
        later = again.isrcs.assign(ids[1:], 2026)
        assert set(later.values()) == {"NOA1B2600013", "NOA1B2600014", "NOA1B2600015"}
        again.library.revert(ids[1:])
        assert set(again.isrcs.assign(ids[1:2], 2027).values()) == {"NOA1B2700001"}
    finally:
        again.close()


def test_two_programs_at_once_never_give_the_same(studio: Studio) -> None:
    other = open_studio(studio.paths)
    try:
        ids = studio.library.ids()
        with ThreadPoolExecutor(2) as pool:
            jobs = [pool.submit(one.isrcs.assign, part, 2026) for one, part in ((studio, ids[:2]), (other, ids[2:]))]
            codes = [code for job in jobs for code in job.result().values()]
        assert len(set(codes)) == 4
    finally:
        other.close()


@pytest.mark.parametrize("prefix", ["", "NOA1", "1OA1B", "NOA1B2", "NØA1B"])
def test_without_a_right_prefix_nothing_is_given(studio: Studio, prefix: str) -> None:
    studio.settings.set(ISRC_PREFIX, prefix)
    with pytest.raises(NoPrefix):
        studio.isrcs.assign(studio.library.ids(), 2026)


def test_a_year_without_numbers_left_gives_none(studio: Studio) -> None:
    ids = studio.library.ids()
    studio.library.edit(ids[:1], {Field.ISRC: ("NOA1B2699997",)})
    with pytest.raises(NumbersUsedUp):
        studio.isrcs.assign(ids, 2026)
    assert [row.isrc for row in studio.library.rows(ids[1:])] == ["", "", ""]
    assert list(studio.isrcs.assign(ids[1:3], 2026).values()) == ["NOA1B2699998", "NOA1B2699999"]

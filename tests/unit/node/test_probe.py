"""Looks into uploaded files, each in a child of its own, one of which waits."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from mycelix_studio.node.probe import NotAudio, Probe, Prober, Probers
from mycelix_studio.paths import module_command
from tests.fixtures.node import audio

T = TypeVar("T")
SONG = Probe("wav", "pcm_s16le", 3_000, 44_100, 1)


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("probe") / "song.wav"
    path.write_bytes(audio(3.0, codec="pcm_s16le", container="wav"))
    return path


def _with(work: Callable[[Probers], Awaitable[T]]) -> T:
    async def inside() -> T:
        probers = Probers()
        try:
            return await work(probers)
        finally:
            await probers.close()

    return asyncio.run(inside())


async def _waiting(probers: Probers) -> asyncio.subprocess.Process:
    assert isinstance(probers._spare, Prober)
    return await probers._spare._starting


def test_a_child_waits_for_the_next_file_and_looks_into_one_only(song: Path) -> None:
    async def work(probers: Probers) -> tuple[list[Probe], list[int]]:
        probers.expect()
        first = await _waiting(probers)
        found = [await probers.look(song)]
        second = await _waiting(probers)
        found.append(await probers.look(song))
        return found, [first.pid, second.pid, (await _waiting(probers)).pid, first.returncode or 0]

    found, (first, second, third, code) = _with(work)
    assert found == [SONG, SONG]
    assert len({first, second, third}) == 3
    assert code == 0


def test_a_child_that_was_ended_while_it_waited_costs_no_upload(song: Path) -> None:
    async def work(probers: Probers) -> Probe:
        probers.expect()
        process = await _waiting(probers)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        return await probers.look(song)

    assert _with(work) == SONG


def test_no_child_is_left_at_the_end(song: Path) -> None:
    async def work(probers: Probers) -> asyncio.subprocess.Process:
        await probers.look(song)
        return await _waiting(probers)

    assert _with(work).returncode is not None


def test_what_is_not_audio_is_said_and_the_next_file_is_looked_into(song: Path, tmp_path: Path) -> None:
    text = tmp_path / "text.flac"
    text.write_bytes(b"no music at all" * 10_000)

    async def work(probers: Probers) -> Probe:
        with pytest.raises(NotAudio):
            await probers.look(text)
        return await probers.look(song)

    assert _with(work) == SONG


def test_a_child_without_a_file_ends_quietly() -> None:
    ended = subprocess.run(
        module_command("mycelix_studio.node.probe"), input=b"", capture_output=True, check=False, timeout=60
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, b"", b"")


@pytest.mark.parametrize(
    ("codec", "container"), [("flac", "flac"), ("pcm_s16le", "wav"), ("libmp3lame", "mp3"), ("aac", "ipod")]
)
def test_the_first_short_look_tells_what_a_long_one_does(tmp_path: Path, codec: str, container: str) -> None:
    from mycelix_studio.node import probe

    path = tmp_path / "song"
    path.write_bytes(audio(30.0, codec=codec, container=container))
    assert probe.look(path) == probe._look(path, {})

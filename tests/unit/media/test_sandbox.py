"""A child that takes too much, crashes or hangs is refused in words, and the next file gets a new one."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.media.sandbox import Sandbox, Unreadable

MIB = 1 << 20


def _takes(path: Path, size: int) -> int:
    return len(bytearray(size))


def _crashes(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def _is_interrupted(path: Path) -> None:
    os.kill(os.getpid(), signal.SIGINT)


def _hangs(path: Path) -> None:
    threading.Event().wait()


def _fails(path: Path) -> None:
    raise KeyError(path.name)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    made = Sandbox(1, seconds=20.0, memory=256 * MIB)
    yield made
    made.close()


def test_a_child_has_so_much_memory_and_no_more(sandbox: Sandbox, tmp_path: Path) -> None:
    assert sandbox.run(_takes, tmp_path, 8 * MIB) == 8 * MIB
    with pytest.raises(Unreadable, match="memory"):
        sandbox.run(_takes, tmp_path, 256 * MIB)
    assert sandbox.run(_takes, tmp_path, MIB) == MIB


@pytest.mark.parametrize(("function", "words"), [(_crashes, "crashed the reader"), (_fails, "structure is broken")])
def test_a_crash_and_an_error_of_a_parser_are_refusals(
    sandbox: Sandbox, tmp_path: Path, function: Callable[[Path], None], words: str
) -> None:
    with pytest.raises(Known, match=words):
        sandbox.run(function, tmp_path / "song.mp3")
    assert sandbox.run(_takes, tmp_path, MIB) == MIB


def test_a_child_that_a_terminal_interrupts_ends_without_a_word(
    sandbox: Sandbox, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Known, match="crashed the reader"):
        sandbox.run(_is_interrupted, tmp_path / "song.mp3")
    assert capfd.readouterr().err == ""
    assert sandbox.run(_takes, tmp_path, MIB) == MIB


def test_a_child_that_hangs_is_ended_when_its_time_is_over(sandbox: Sandbox, tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="too long"):
        sandbox.run(_hangs, tmp_path, seconds=0.2)
    assert sandbox.run(_takes, tmp_path, MIB) == MIB


def test_a_child_whose_work_nobody_wants_any_more_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    asked: list[None] = []

    def stop() -> bool:
        asked.append(None)
        return len(asked) > 1

    with pytest.raises(Cancelled):
        sandbox.run(_hangs, tmp_path, seconds=20.0, stop=stop)
    with pytest.raises(Unreadable, match="too long"):
        sandbox.run(_hangs, tmp_path, seconds=0.2, stop=lambda: False)
    assert sandbox.run(_takes, tmp_path, MIB, stop=lambda: False) == MIB

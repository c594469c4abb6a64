"""One request at a time writes an upload, whichever process it came to."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

from mycelix_studio.node import upload_files
from mycelix_studio.node.upload_files import BrokenOff, UploadFiles

NUMBER = UUID(int=7)


async def _silence() -> AsyncIterator[bytes]:
    yield b"first"
    await asyncio.Event().wait()


async def _write(files: UploadFiles, body: AsyncIterator[bytes], offset: int, entered: asyncio.Event) -> int:
    async with files.hold(NUMBER) as hold:
        entered.set()
        received, _whole = await files.append(NUMBER, offset, hold.follow(body), None)
        return received


async def _pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


def test_another_process_waits_for_the_one_that_writes_and_asks_it_to_leave(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_files, "LOOK_SECONDS", 0.01)

    async def run() -> None:
        here, there = (
            UploadFiles(tmp_path),
            UploadFiles(tmp_path),
        )  # a file opened twice is locked as if by two processes
        entered = asyncio.Event(), asyncio.Event()
        first = asyncio.create_task(_write(here, _silence(), 0, entered[0]))
        await entered[0].wait()
        second = asyncio.create_task(_write(there, _pieces(b", ", b"second"), 5, entered[1]))
        assert await first == 5
        assert await second == 13
        assert here.path(NUMBER).read_bytes() == b"first, second"
        here.remove(NUMBER)
        assert not list(tmp_path.iterdir())
        here.close()
        there.close()

    asyncio.run(run())


def test_nobody_enters_while_an_upload_is_being_finished_elsewhere(tmp_path: Path) -> None:
    async def run() -> None:
        here, there = UploadFiles(tmp_path), UploadFiles(tmp_path)
        entered = asyncio.Event()
        async with here.hold(NUMBER):
            waiting = asyncio.create_task(_write(there, _pieces(b"x"), 0, entered))
            for _ in range(3):
                await asyncio.wait({waiting}, timeout=upload_files._POLL_SECONDS)
            assert not entered.is_set()
        assert await waiting == 1
        here.close()
        there.close()

    asyncio.run(run())


def test_what_another_process_wrote_is_read_again_for_its_name(tmp_path: Path) -> None:
    async def run() -> None:
        here, there = UploadFiles(tmp_path), UploadFiles(tmp_path)
        once = asyncio.Event()
        await _write(here, _pieces(b"first"), 0, once)
        await _write(there, _pieces(b"other"), 0, once)
        theirs = await there.digest(NUMBER, 5)
        assert await here.digest(NUMBER, 5) == theirs
        here.close()
        there.close()

    asyncio.run(run())


def test_nobody_waits_for_bytes_once_the_node_stops(tmp_path: Path) -> None:
    async def run() -> None:
        files = UploadFiles(tmp_path)
        entered = asyncio.Event()
        task = asyncio.create_task(_write(files, _silence(), 0, entered))
        await entered.wait()
        files.stop()
        files.stop()  # told twice before it could leave: it leaves all the same
        assert await task in {0, 5}
        with pytest.raises(BrokenOff):
            async with files.hold(NUMBER) as late:
                async for _piece in late.follow(_silence()):
                    raise AssertionError("it waited for bytes")
        files.close()

    asyncio.run(run())

"""Bodies on their way to the disk: whatever their length and place, the file holds them and the hashes saw them in order."""

from __future__ import annotations

import asyncio
import hashlib
import os
import resource
from pathlib import Path

import pytest

from mycelix_studio.node import upload_row
from mycelix_studio.node.upload_row import BLOCK_BYTES, Blocks, Row, Target

DATA = os.urandom(4 * BLOCK_BYTES + 12_345)


def _take(path: Path, before: int, data: bytes, cut: int, blocks: Blocks) -> tuple[str, int]:
    """Receive ``data`` at the end of a file of which ``before`` bytes count, in messages of ``cut`` bytes; return its SHA-256 and end."""

    async def inside() -> tuple[str, int]:
        digest = hashlib.sha256()
        target = Target(path, before)
        row = Row(blocks, target, before, [digest.update])
        try:
            for start in range(0, len(data), cut):
                await row.take(data[start : start + cut])
            end = await row.end()
        finally:
            await row.close()
            target.close()
        return digest.hexdigest(), end

    return asyncio.run(inside())


@pytest.mark.parametrize("before", [0, 1, 4_096, 5_000])
@pytest.mark.parametrize(
    ("length", "cut"), [(len(DATA), 411_852), (2 * BLOCK_BYTES, 3 * BLOCK_BYTES), (4_095, 100), (0, 1)]
)
def test_a_body_is_in_the_file_and_hashed_wherever_it_begins(
    tmp_path: Path, before: int, length: int, cut: int
) -> None:
    path, data = tmp_path / "a.part", DATA[:length]
    path.write_bytes(b"k" * before + b"what broke off here before")
    digest, end = _take(path, before, data, cut, Blocks())
    assert (digest, end) == (hashlib.sha256(data).hexdigest(), before + length)
    assert path.read_bytes() == b"k" * before + data


def test_a_file_system_that_takes_no_writes_beside_its_cache_gets_usual_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A write that is not on whole pages is what the kernel refuses, as it does all of them on some file systems.
    monkeypatch.setattr(upload_row, "_ALIGNED", 1)
    path = tmp_path / "a.part"
    _take(path, 0, DATA[:9], 9, Blocks())
    _take(path, 9, DATA[9:], 1 << 20, Blocks())
    assert path.read_bytes() == DATA


def test_a_disk_that_takes_no_more_is_told_and_the_blocks_go_on_to_others(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    blocks = Blocks()
    resource.setrlimit(resource.RLIMIT_FSIZE, (BLOCK_BYTES + 4_096, hard))
    try:
        with pytest.raises(OSError, match="too large"):
            _take(tmp_path / "a.part", 0, DATA, 400_000, blocks)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert _take(tmp_path / "b.part", 0, DATA, 400_000, blocks)[0] == hashlib.sha256(DATA).hexdigest()
    blocks.close()

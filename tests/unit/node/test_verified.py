"""Audio read back with proof: any range, exact; and no byte of a MiB that is not what was kept."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher
from mycelix_studio.node.stores import verified
from mycelix_studio.node.stores.folder import FolderStore

DATA = bytes(range(251)) * 10_000
"""Three MiBs, the last one short."""
SIZE = len(DATA)


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[FolderStore, str, bytes]:
    hasher = CidHasher()
    hasher.update(DATA)
    store = FolderStore(tmp_path_factory.mktemp("store"))
    store.path(hasher.finish()).parent.mkdir(parents=True)
    store.path(hasher.finish()).write_bytes(DATA)
    return store, hasher.finish(), hasher.leaves(0)


def _read(kept: tuple[FolderStore, str, bytes], start: int, end: int) -> tuple[bytes, bool]:
    """Return what came, and whether it came to an end as it should."""
    store, cid, leaves = kept
    found = bytearray()

    async def inside() -> None:
        async for piece in verified.read(store, verified.Named(cid, SIZE, leaves), start, end):
            found.extend(piece)

    try:
        asyncio.run(inside())
    except verified.Damaged:
        return bytes(found), False
    return bytes(found), True


@settings(max_examples=20)
@given(st.integers(0, SIZE - 1), st.integers(0, SIZE), st.integers(0, SIZE - 1))
def test_any_range_comes_whole_and_no_damaged_mib_of_it(
    kept: tuple[FolderStore, str, bytes], start: int, length: int, flipped: int
) -> None:
    end = min(SIZE, start + max(1, length))
    assert _read(kept, start, end) == (DATA[start:end], True)
    file = kept[0].path(kept[1])
    file.write_bytes(DATA[:flipped] + bytes([DATA[flipped] ^ 4]) + DATA[flipped + 1 :])
    found, whole = _read(kept, start, end)
    file.write_bytes(DATA)
    assert DATA[start:end].startswith(found)
    touched = start // CHUNK_BYTES <= flipped // CHUNK_BYTES <= (end - 1) // CHUNK_BYTES
    assert whole == (not touched)


def test_a_shorter_file_and_digests_of_another_one_are_damage_too(kept: tuple[FolderStore, str, bytes]) -> None:
    store, cid, leaves = kept
    assert _read((store, cid, leaves[:-32]), 0, 10) == (b"", False)
    assert _read((store, cid, bytes(32) + leaves[32:]), SIZE - 10, SIZE) == (b"", False)

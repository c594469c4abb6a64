"""CIDs equal those of the reference importer (npm ipfs-unixfs-importer, profile unixfs-v1-2025), for any way the bytes arrive."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mycelix_studio.domain.cid import CHUNK_BYTES, CidHasher, digest_file, digest_stream, is_cid, root

HELLO = "bafkreifzjut3te2nhyekklss27nh3k72ysco7y32koao5eei66wof36n5e"

ZEROS = {
    0: "bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku",
    11: "bafkreidrw3a5kobs66e2p4sdlj6gfesf7i3wdlmeq53v5p2jk4zqee5hay",
    CHUNK_BYTES: "bafkreibq4fevl27rgurgnxbp7adh42aqiyd6ouflxhj3gzmcxcxzbh6lla",
    CHUNK_BYTES + 1: "bafybeihd4yzq7n5umhjngdum4r6k2to7egxfkf2jz6thvwzf6djus22cmq",
    5 * CHUNK_BYTES + 12_345: "bafybeiazyokfzei53eslfwynxpeowokrvuqjnuq7wbhsaj2gckdnfl45z4",
    1_024 * CHUNK_BYTES: "bafybeibqawkaltgjfdebq4no6nmfcvkcw7k52xqzclkwfmrkn6oxw7srmy",
    1_024 * CHUNK_BYTES + 1: "bafybeigx4uyebjbq65346xh6cjrt6yshbdudzudhnqecwbzvymslxj7gje",
    # Three levels. The reference importer cannot check more: at 2 GiB it writes the file size as five zero bytes.
    2_047 * CHUNK_BYTES: "bafybeibbsch4os2opqvsdwya2acdjuae35kk7ypvmqu4ytzij6t7hlps6u",
}


def test_the_published_vector() -> None:
    hasher = CidHasher()
    hasher.update(b"hello ")
    hasher.update(b"world")
    assert hasher.finish() == HELLO


@pytest.mark.parametrize("size", ZEROS)
def test_files_of_zeros_have_the_names_the_reference_gives_them(size: int) -> None:
    chunks, rest = divmod(size, CHUNK_BYTES)
    leaves = [hashlib.sha256(bytes(CHUNK_BYTES)).digest()] * chunks
    if rest or not chunks:
        leaves.append(hashlib.sha256(bytes(rest)).digest())
    assert root(leaves, size) == ZEROS[size]


@given(st.lists(st.integers(0, 2 * CHUNK_BYTES), max_size=6))
def test_the_name_does_not_depend_on_how_the_bytes_arrive(pieces: list[int]) -> None:
    hasher = CidHasher()
    for length in pieces:
        hasher.update(bytes(length))
    whole = CidHasher()
    whole.update(bytes(sum(pieces)))
    assert hasher.finish() == whole.finish()
    assert hasher.size == sum(pieces)


def test_a_file_is_read_once_for_both_its_names(tmp_path: Path) -> None:
    data = bytes(range(256)) * 50_000
    path = tmp_path / "a.flac"
    path.write_bytes(data)
    seen: list[int] = []
    digest = digest_file(path, seen.append)
    whole = CidHasher()
    whole.update(data)
    assert digest.cid == whole.finish()
    assert digest.content_hash == "0x" + hashlib.sha256(data).hexdigest()
    assert digest.size == len(data) == seen[-1]
    assert seen == sorted(seen)


def test_progress_can_stop_the_reading_and_leaves_no_thread() -> None:
    def stop(_done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        digest_stream(io.BytesIO(bytes(3 * CHUNK_BYTES)), stop)


def test_a_wrong_number_of_chunks_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot hold"):
        root([bytes(32)], CHUNK_BYTES + 1)


@pytest.mark.parametrize(
    "text", ["", "../etc/passwd", HELLO.upper(), HELLO[:-1], HELLO[:-1] + "!", "Qm" + "a" * 44, "b" + "a" * 58]
)
def test_only_names_of_the_profile_are_cids(text: str) -> None:
    assert is_cid(HELLO)
    assert not is_cid(text)

"""Pieces of a file on their way: how long they are, and what they are checked by."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

import pytest

from mycelix_studio.api.upload_pieces import BY_LEAVES, Pieces
from mycelix_studio.api.uploads import LARGEST_PIECE, MIB, SMALLEST_PIECE, next_length
from mycelix_studio.domain.cid import digest_file

SIZE = 5 * MIB + 77


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "song.wav"
    file.write_bytes(os.urandom(SIZE))
    return file


def test_pieces_end_on_whole_mibs_so_that_nothing_is_hashed_for_them(path: Path) -> None:
    data = path.read_bytes()
    with Pieces(path, SIZE, digest_file(path).leaves) as pieces:
        short = pieces.take(0, SMALLEST_PIECE)
        ahead = pieces.take(SMALLEST_PIECE, SMALLEST_PIECE)
        upto = pieces.take(2 * SMALLEST_PIECE, 3 * MIB)
        rest = pieces.take(MIB, 9 * MIB)
        assert (len(short.data), len(ahead.data)) == (SMALLEST_PIECE, SMALLEST_PIECE)
        assert (len(upto.data), upto.algorithm) == (SMALLEST_PIECE, "sha256")
        assert (len(rest.data), rest.algorithm) == (SIZE - MIB, BY_LEAVES)
        again = pieces.take(SMALLEST_PIECE, 3 * MIB)
        assert (len(again.data), again.algorithm) == (3 * MIB - SMALLEST_PIECE, "sha256")
        assert again.digest == hashlib.sha256(data[SMALLEST_PIECE : 3 * MIB]).digest()


def test_without_fingerprint_a_piece_is_as_long_as_asked(path: Path) -> None:
    with Pieces(path, SIZE) as pieces:
        assert len(pieces.take(0, MIB + 5).data) == MIB + 5


def test_a_quick_line_gets_long_pieces_soon_and_a_slow_one_short_ones() -> None:
    assert [next_length(MIB, seconds) // MIB for seconds in (0.0, 0.01, 0.05, 0.1, 0.3, 0.39)] == [32, 32, 8, 4, 2, 2]
    assert next_length(MIB, 1.0) == MIB
    assert next_length(MIB, 4.0) == MIB // 2
    assert next_length(SMALLEST_PIECE, 4.0) == SMALLEST_PIECE
    assert next_length(LARGEST_PIECE, 0.01) == LARGEST_PIECE


@pytest.mark.parametrize("conf", ["packaging/nginx/mycelix.conf", "packaging/compose/proxy.conf"])
def test_the_proxies_let_the_longest_piece_through(conf: str) -> None:
    text = (Path(__file__).parents[3] / conf).read_text()
    found = re.search(r"location /api/uploads \{\s+client_max_body_size (\d+)m;", text)
    assert found is not None
    assert int(found[1]) * MIB == LARGEST_PIECE

"""QR codes of requests are read back to the same file, in any order; everything else is refused in words."""

from __future__ import annotations

import base64
import json
import random
import zlib
from pathlib import Path

import numpy as np
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st

from mycelix_studio.services.wallet_errors import BadFile
from mycelix_studio.services.wallet_offline import QR_CHARACTERS
from mycelix_studio.services.wallet_qr import MOST_PIXELS, Collector, OtherCode, read_codes


def parts_of(data: bytes) -> list[str]:
    """Return the texts that codes of a file hold, as ``Offline.qr_codes`` makes them."""
    packed = base64.b32encode(zlib.compress(data, 9)).decode().rstrip("=")
    pieces = [packed[at : at + QR_CHARACTERS] for at in range(0, len(packed), QR_CHARACTERS)]
    return [f"MYCELIX:{number}/{len(pieces)}:{piece}" for number, piece in enumerate(pieces, 1)]


def picture(text: str, *, scale: int = 3, noise: float = 0.0, seed: int = 1) -> np.ndarray:
    """Return a grey picture of a code, with a share of its pixels turned."""
    matrix = np.array([list(row) for row in segno.make_qr(text, error="m").matrix_iter(scale=scale, border=4)])
    grey = np.where(matrix, 0, 255).astype(np.uint8)
    spots = np.random.default_rng(seed).random(grey.shape) < noise
    return np.where(spots, 255 - grey, grey).astype(np.uint8)


def read(grey: np.ndarray) -> list[str]:
    height, width = grey.shape
    return read_codes(width, height, width, grey.tobytes())


def request(size: int) -> bytes:
    chance = random.Random(size)
    return json.dumps({"format": "mycelix-request", "filler": chance.randbytes(size).hex()}).encode()


def test_codes_of_a_long_request_are_read_in_any_order(tmp_path: Path) -> None:
    data = request(1_500)
    texts = parts_of(data)
    assert len(texts) > 2
    collector = Collector()
    for text in reversed(texts):
        (seen,) = read(picture(text, noise=0.0005))
        assert seen == text
        assert collector.add(seen)
        assert not collector.add(seen), "a camera sees the same code many times"
    assert collector.whole
    path = collector.save(tmp_path / "codes")
    assert path.read_bytes() == data
    assert path.suffix == ".mycelix-request"
    assert path.stat().st_mode & 0o777 == 0o600


def test_lines_longer_than_the_picture_are_cut() -> None:
    grey = picture("MYCELIX:1/1:AAAA")
    height, width = grey.shape
    padded = np.zeros((height, width + 5), dtype=np.uint8)
    padded[:, :width] = grey
    assert read_codes(width, height, width + 5, padded.tobytes()) == ["MYCELIX:1/1:AAAA"]
    assert read_codes(width, height, width + 5, padded.tobytes()[:-5]) == ["MYCELIX:1/1:AAAA"]


@pytest.mark.parametrize(
    "text",
    [
        "https://evil.example",
        "ethereum:0x0@1?value=1",
        "MYCELIX:0/1:AA",
        "MYCELIX:2/1:AA",
        "MYCELIX:1/1:aa",
        "MYCELIX:x/1:AA",
        "",
    ],
)
def test_a_code_with_other_content_is_refused(text: str) -> None:
    with pytest.raises(OtherCode):
        Collector().add(text)


def test_parts_of_two_files_never_mix() -> None:
    one, two = parts_of(request(1_500)), parts_of(request(1_501))
    collector = Collector()
    collector.add(one[0])
    with pytest.raises(OtherCode):
        collector.add(two[0])
    with pytest.raises(OtherCode):
        collector.add(f"MYCELIX:1/{len(one) + 1}:AAAA")
    assert len(collector.parts) == 1


@given(st.binary(max_size=400), st.integers(1, 3))
@settings(max_examples=60)
def test_damaged_codes_never_become_a_file(data: bytes, total: int) -> None:
    packed = base64.b32encode(data).decode().rstrip("=")
    collector = Collector()
    for number in range(1, total + 1):
        collector.add(f"MYCELIX:{number}/{total}:{packed}")
    with pytest.raises(BadFile):
        collector.save(Path("/nonexistent/never-made"))


def test_a_whole_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    collector = Collector()
    for text in parts_of(json.dumps({"format": "something"}).encode()):
        collector.add(text)
    with pytest.raises(BadFile):
        collector.save(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_picture_beyond_all_measure_is_refused() -> None:
    for width, height in ((MOST_PIXELS, 2), (0, 5), (10, 10)):
        with pytest.raises(BadFile):
            read_codes(width, height, width, b"\0" * 9)


def test_a_picture_without_a_code_has_none() -> None:
    assert read(np.full((80, 90), 200, dtype=np.uint8)) == []

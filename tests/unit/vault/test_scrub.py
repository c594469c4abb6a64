"""What was freed lately is overwritten, in Python's pools and in the C library's heap."""

from __future__ import annotations

import ctypes
import sys

import pytest

from mycelix_studio.vault.scrub import scrub, scrub_heap

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the C library of Linux")


def test_pieces_of_the_heap_are_overwritten() -> None:
    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    libc.free.argtypes = (ctypes.c_void_p,)
    piece = libc.malloc(200)
    secret = bytes(range(64, 128))
    ctypes.memmove(piece + 64, secret, 64)
    libc.free(piece)
    scrub_heap()
    lying = (ctypes.c_char * 64).from_address(piece + 64)
    assert bytes(lying) != secret


def test_scrubbing_harms_nothing_that_is_in_use() -> None:
    kept = [f"text {number}" * 3 for number in range(2_000)]
    scrub()
    assert kept == [f"text {number}" * 3 for number in range(2_000)]

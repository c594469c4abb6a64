"""Overwrites memory that was freed: what a person typed passed through it and would otherwise lie there until chance overwrites it.

Python's strings cannot be wiped. Small ones lie in pools of one size each, whose free places are handed out again last in, first out;
filling every size therefore overwrites what was freed lately. Larger pieces lie in the C library's heap, which is filled likewise and then
given back. Nothing promises that all of it is reached; `packaging/dev faults secrets` counts what is left.
"""

from __future__ import annotations

import gc
import sys

STEP, SMALLEST, LARGEST = 16, 16, 512
"""Python's small objects: sizes in steps of 16 bytes up to 512."""
EACH = 1_500
"""Objects of every size: more than are freed at once by anything near a secret."""
HEADER = 33
"""Bytes of an empty ``bytes``."""
PIECES = 48
"""Pieces of every size of the C library's heap, where Qt's strings lie."""
LARGEST_PIECE = 2_064


def scrub() -> None:
    """Fill what was freed lately with zeros; a few hundredths of a second. Call it after a secret was used and let go."""
    gc.collect()
    filled = [
        bytes(max(size - HEADER, 0))
        for size in range(SMALLEST, LARGEST + 1, STEP)
        for _ in range(EACH)
        if size > HEADER
    ]
    del filled
    scrub_heap()


def scrub_heap() -> None:
    """Fill what the calling thread freed in the C library's heap, of which every thread has one of its own; Linux only."""
    if sys.platform != "linux":
        return
    import ctypes

    libc = ctypes.CDLL(None)
    libc.malloc.restype, libc.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
    libc.memset.argtypes = (ctypes.c_void_p, ctypes.c_int, ctypes.c_size_t)
    libc.free.argtypes = (ctypes.c_void_p,)
    held = []
    for size in range(24, LARGEST_PIECE, STEP):
        for _ in range(PIECES):
            piece = libc.malloc(size)  # not calloc, which leaves alone what the C library keeps at hand for each thread
            if piece:
                libc.memset(piece, 0, size)
                held.append(piece)
    for piece in held:
        libc.free(piece)
    libc.malloc_trim(0)

"""Python's search for cycles, held back while a batch makes very many objects that all go when it ends.

A search through them finds nothing, and lasts as long as a frame: the interpreter belongs to it alone meanwhile, so the window stutters.
"""

from __future__ import annotations

import contextlib
import gc
import threading
from collections.abc import Iterator

_lock = threading.Lock()
_held = 0
_resume = False


@contextlib.contextmanager
def held_back() -> Iterator[None]:
    """Search for no cycles in the block, in any thread; the last of several blocks lets it go on, if it went on before the first.

    The block should end with what it made already gone, as a function's names are once it returned: the next search looks at the rest.
    """
    global _held, _resume  # noqa: PLW0603 - the collector is one for the process
    with _lock:
        if not _held:
            _resume = gc.isenabled()
            gc.disable()
        _held += 1
    try:
        yield
    finally:
        with _lock:
            _held -= 1
            if not _held and _resume:
                gc.enable()


__all__ = ["held_back"]

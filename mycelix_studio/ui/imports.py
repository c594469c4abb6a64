"""Imports without PySide6 reading the source of each module.

PySide6 offers ``from __feature__ import snake_case`` and, to know where it may be meant, reads through the source text of every module
imported after it, which takes a tenth of a millisecond each and keeps the text: a sixth of what starting imports, 0.1 s and 8 MB for web3.
Nothing here uses such features.
"""

from __future__ import annotations

import sys
from types import ModuleType


def read_no_sources() -> bool:
    """Let PySide6 take every module for one that uses no features; False when this PySide6 does not look, or elsewhere."""
    import PySide6.QtCore  # noqa: F401 - it begins to look with this

    feature = sys.modules.get("shibokensupport.feature")
    if not hasattr(feature, "_mod_uses_pyside"):
        return False
    feature._mod_uses_pyside = _uses_none  # type: ignore[union-attr]
    return True


def _uses_none(_module: ModuleType) -> bool:
    return False

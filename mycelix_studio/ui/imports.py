"""Imports of PySide6 and of what comes after it without work that PySide6 does for features and errors nobody asked for.

PySide6 offers ``from __feature__ import snake_case`` and, to know where it may be meant, reads through the source text of every module
imported after it, which takes a tenth of a millisecond each and keeps the text: a sixth of what starting imports, 0.1 s and 8 MB for web3.
Nothing here uses such features.

It also carries the source text of its own support and compiles it anew at every start, 26 ms of a bare window's 110. Most of that words the
error of a call with wrong arguments, and signatures for ``inspect``: it is compiled when such words are first wanted.
"""

from __future__ import annotations

import builtins
import sys
import threading
from collections.abc import Callable
from types import ModuleType
from typing import Any, Final

LATER: Final = tuple(
    f"shibokensupport/signature/{name}.py"
    for name in ("mapping", "errorhandler", "lib/tool", "parser", "layout", "lib/enum_sig", "lib/pyi_generator")
)
"""Modules that only word errors and signatures, each after those it imports."""
_UPDATE: Final = "update_mapping"
_usual_compile: Final = builtins.compile


def import_quickly() -> bool:
    """Import PySide6, unless somebody did before; False when it is not the PySide6 this is written for."""
    later = _words.put_off()
    return _read_no_sources() and later


def _read_no_sources() -> bool:
    """Let PySide6 take every module for one that uses no features; False when this PySide6 does not look, or elsewhere."""
    feature = sys.modules.get("shibokensupport.feature")
    if not hasattr(feature, "_mod_uses_pyside"):
        return False
    feature._mod_uses_pyside = _uses_none  # type: ignore[union-attr]
    return True


def _uses_none(_module: ModuleType) -> bool:
    return False


class _Words:
    """PySide6's modules that word errors: empty ones that become what they are with the first thing looked for in one of them."""

    def __init__(self) -> None:
        self._sources: dict[str, bytes] = {}
        self._modules: dict[str, dict[str, Any]] = {}
        self._lock = threading.RLock()
        self._begun = False

    def put_off(self) -> bool:
        """Import PySide6 with these modules put off; True when all of them were, or it was imported before."""
        if "PySide6.QtCore" in sys.modules:
            return True
        builtins.compile = self._compile
        try:
            import PySide6.QtCore  # noqa: F401
        finally:
            builtins.compile = _usual_compile
        return self.waiting == LATER

    def _compile(self, source: Any, filename: Any, mode: str, *more: Any, **named: Any) -> Any:
        if filename in LATER:
            self._sources[filename] = source
            source = f"from {__name__} import stand_in\n__getattr__ = stand_in({filename!r}, globals())\ndel stand_in\n"
        return _usual_compile(source, filename, mode, *more, **named)

    @property
    def waiting(self) -> tuple[str, ...]:
        """What was put off and is not compiled yet."""
        return tuple(filename for filename in LATER if filename in self._sources)

    def stand_in(self, filename: str, module: dict[str, Any]) -> Callable[[str], object]:
        """Return what answers for a module until it is complete."""
        self._modules[filename] = module
        if filename == LATER[0]:
            module[_UPDATE] = self._update

        def look_up(name: str) -> object:
            if not name.startswith("__"):  # the import system looks for such
                self._complete()
                if name in module:
                    return module[name]
            raise AttributeError(f"{filename} has no {name}")

        return look_up

    def _update(self) -> None:
        """Stand for the function that PySide6 takes out of the first module without asking it, before it words anything."""
        self._complete()
        self._modules[LATER[0]][_UPDATE]()

    def _complete(self) -> None:
        with self._lock:  # another thread waits; this one may come here again by what is executed now
            if self._begun:
                return
            self._begun = True
            for filename in self.waiting:
                exec(compile(self._sources.pop(filename), filename, "exec"), self._modules[filename])  # noqa: S102 - PySide6's own


def waiting() -> tuple[str, ...]:
    """Return what of :data:`LATER` was put off and not wanted so far."""
    return _words.waiting


_words = _Words()
stand_in = _words.stand_in

"""Small lists of a profile kept as JSON: one way to read and write them, for what a person could also lose without harm."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Generic, Protocol, TypeVar

from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic

T = TypeVar("T")
MOST_NAME: Final = 60
"""Characters of a name."""
log = logging.getLogger(__name__)


def loaded(path: Path, parse: Callable[[Any], tuple[T, ...]]) -> tuple[T, ...]:
    """Return what a file holds; nothing where there is none. One that cannot be read is set aside as ``*.json.broken``."""
    try:
        return parse(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return ()
    except (ValueError, KeyError, TypeError, AttributeError):
        log.warning("%s could not be read and was set aside", path.name)
        path.replace(path.with_suffix(".json.broken"))
        return ()


class Named(Protocol):
    """Something with a name."""

    @property
    def name(self) -> str:
        """What it is kept under."""


N = TypeVar("N", bound=Named)


class NamedFile(Generic[N]):
    """Things kept under a name each, in one file; one that cannot be read is set aside and the list is empty.

    Args:
        path: The file.
        what: What one of them is called: ``view``.
        to_json: Returns what is kept of one, without its name.
        from_json: Makes one of its name and what was kept.
    """

    def __init__(
        self,
        path: Path,
        what: str,
        to_json: Callable[[N], dict[str, object]],
        from_json: Callable[[str, dict[str, object]], N],
    ) -> None:
        self._path = path
        self._what = what
        self._to_json = to_json
        self._from_json = from_json

    def all(self) -> tuple[N, ...]:
        """Return them by name."""
        found = loaded(self._path, lambda items: tuple(self._from_json(name, value) for name, value in items.items()))
        return tuple(sorted(found, key=lambda each: each.name.casefold()))

    def good_name(self, typed: str) -> str:
        """Return a name without the space around it.

        Raises:
            Known: It is empty or too long.
        """
        name = typed.strip()
        if not 1 <= len(name) <= MOST_NAME:
            raise Known(f"This {self._what} needs a name", f"One of 1 to {MOST_NAME} characters.", "Type a name.")
        return name

    def put(self, item: N) -> None:
        """Keep one, in place of one of the same name. Raises Known when the file cannot be written."""
        self._write({**{each.name: each for each in self.all()}, item.name: item})

    def drop(self, name: str) -> None:
        """Forget one; an unknown name changes nothing. Raises Known when the file cannot be written."""
        self._write({each.name: each for each in self.all() if each.name != name})

    def _write(self, kept: dict[str, N]) -> None:
        data = {name: self._to_json(item) for name, item in kept.items()}
        try:
            write_atomic(self._path, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True).encode())
        except OSError as error:
            raise Known(
                f"Could not save the {self._what}",
                f"{error.strerror or error}. Your {self._what}s are as they were.",
                "Free some space, then save again.",
            ) from error

"""Small lists of a profile kept as JSON: one way to read them, for what a person could also lose without harm."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")
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

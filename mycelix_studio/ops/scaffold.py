"""Small working projects that build on the platform, made from the templates in ``resources/scaffold``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.paths import resource

KINDS: Final = ("python-listener", "web-player")
_MARK: Final = "{{SERVER}}"


def make(kind: str, folder: Path, server: str, *, dry_run: bool = False) -> list[Path]:
    """Write a project into a new folder and return its files.

    Args:
        kind: One of :data:`KINDS`.
        folder: Must be absent or empty.
        server: Address of the node the project talks to.
        dry_run: Only say which files.

    Raises:
        Known: The folder holds something.
        OSError: It cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise Known(f"“{folder}” is not empty", "Nothing was written.", "Name a new folder.")
    template = resource(f"scaffold/{kind}")
    files = []
    for source in sorted(path for path in template.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        target = folder / source.relative_to(template)
        files.append(target)
        if not dry_run:
            text = source.read_text().replace(_MARK, server.rstrip("/"))
            write_atomic(target, text.encode(), mode=0o644)
    return files

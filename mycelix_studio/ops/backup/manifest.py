"""The manifest of a base backup against its files, as pg_verifybackup checks it (PostgreSQL, “Backup Manifest Format”).

The embedded wheel's own pg_verifybackup does not start on Linux (see docs/decisions), so the check is made here: every file of the
manifest is there with its length and checksum, no other file is, and the manifest has its own checksum. The log in ``pg_wal`` is
proven by replaying it.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Final

from mycelix_studio.errors import Known

_SETTINGS: Final = ("backup_manifest", "postgresql.auto.conf", "standby.signal", "recovery.signal")


class CopyDamaged(Known):
    """A base backup is not what its manifest says."""

    def __init__(self, detail: str) -> None:
        super().__init__("The copy of the cluster is damaged", f"{detail}.", "Take another backup; look at the disk.")


def check(folder: Path) -> int:
    """Prove a base backup in plain format and return how many files it has.

    Raises:
        CopyDamaged: A file is missing, too much, or different; or the manifest is.
    """
    text = (folder / "backup_manifest").read_bytes()
    body, mark, _rest = text.rpartition(b'"Manifest-Checksum"')
    try:
        manifest = json.loads(text)
        wanted = {item["Path"]: item for item in manifest["Files"] if _counts(item["Path"])}
    except (ValueError, KeyError, TypeError) as error:
        raise CopyDamaged("Its manifest cannot be read") from error
    if not mark or hashlib.sha256(body).hexdigest() != manifest["Manifest-Checksum"]:
        raise CopyDamaged("Its manifest was changed")
    names = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    present = {name for name in names if _counts(name)}
    odd = sorted(present.symmetric_difference(wanted))
    if odd:
        raise CopyDamaged(f"“{odd[0]}” is {'missing' if odd[0] in wanted else 'not in the manifest'}")
    for name, item in wanted.items():
        path = folder / name
        if path.stat().st_size != item["Size"]:
            raise CopyDamaged(f"“{name}” has {path.stat().st_size} bytes instead of {item['Size']}")
        algorithm = item.get("Checksum-Algorithm", "")
        if algorithm != "SHA256":
            raise CopyDamaged(f"“{name}” has no SHA256 in the manifest")
        with path.open("rb") as file:
            if hashlib.file_digest(file, "sha256").hexdigest() != item["Checksum"]:
                raise CopyDamaged(f"“{name}” has other contents")
    return len(wanted)


def _counts(name: str) -> bool:
    """Tell whether a file is part of what the manifest vouches for: not the log, nor what a server rewrites before it starts."""
    return not name.startswith("pg_wal/") and name not in _SETTINGS

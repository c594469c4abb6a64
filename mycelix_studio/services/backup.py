"""A profile as one encrypted file: cache, drafts, settings, rates and keys. The file opens on another machine with its passphrase alone.

Format: an age file (https://age-encryption.org/v1, passphrase recipient) of a zstd-compressed tar with ``manifest.json`` (format, version,
sha256 of every file) first. Keys are in it as Web3 Secret Storage v3 files under a passphrase that only this archive holds, because the
keyring's own secret stays on its machine. The cache is a consistent copy (SQLite's online backup).
"""

from __future__ import annotations

import hashlib
import io
import json
import secrets
import tarfile
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from mycelix_studio.domain.account import Account
from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.domain.wire import parse_time
from mycelix_studio.errors import Known
from mycelix_studio.files import write_atomic
from mycelix_studio.paths import Paths
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio

FORMAT: Final = 1
MIN_PASSPHRASE: Final = 10
_CACHE: Final = "data/studio.sqlite"
_KEYS: Final = "keys"
_LEFT_OUT: Final = ("keystores", "throwaway-keyring.json")
"""They open with this machine's keyring only; the keys go along under the archive's own passphrase."""

Passphrase = Callable[[Account], str]
"""Asks for an account's own passphrase."""


class NotABackup(Known):
    """A file that is no backup, is damaged, or does not open."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(
            f"“{path.name}” does not open", f"{why} Nothing was changed.", "Check the file and its passphrase."
        )


class ProfileInUse(Known):
    """A backup is never restored over a profile."""

    def __init__(self, folder: Path) -> None:
        super().__init__(
            "There is a profile already",
            f"“{folder}” holds a library or wallet files. Nothing was changed.",
            "Move it away, or name another with --profile-dir.",
        )


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup holds: when it was made (UTC), its files with their lengths, and the accounts whose keys it carries."""

    made_at: datetime
    files: Mapping[str, int]
    accounts: tuple[str, ...]


def write(studio: Studio, to: Path, passphrase: str, own: Passphrase, work: Work) -> Contents:
    """Write a backup of an open profile.

    Args:
        studio: The profile.
        to: New file.
        passphrase: Opens the backup; at least 10 characters, since it is all that protects the keys.
        own: Asks for the passphrase of an account that has its own.
        work: Progress; stopping leaves no file.

    Raises:
        Known: The passphrase is too short, the file exists, or a key cannot be read.
        Cancelled: Stopped.
    """
    if len(passphrase) < MIN_PASSPHRASE:
        raise Known(
            "This passphrase is too short",
            "It is all that protects the keys in the file.",
            f"Use {MIN_PASSPHRASE} characters or more.",
        )
    if to.exists():
        raise Known(f"“{to.name}” exists", "Nothing was written.", "Name a new file.")
    files: dict[str, bytes] = {}
    work.progress(0, 4, "Copying your library and figures")
    with tempfile.TemporaryDirectory(prefix="studio-backup-", dir=studio.paths.data) as name:
        copy = Path(name) / "cache"
        studio.database.backup(copy)
        files[_CACHE] = copy.read_bytes()
    for kind, folder in (("config", studio.paths.config), ("data", studio.paths.data)):
        for path in sorted(folder.rglob("*")):
            inside = PurePosixPath(path.relative_to(folder).as_posix())
            if (
                path.is_file()
                and inside.parts[0] not in _LEFT_OUT
                and not inside.name.startswith((".", "studio.sqlite"))
            ):
                files[f"{kind}/{inside}"] = path.read_bytes()
    work.progress(1, 4, "Exporting the keys")
    secret = secrets.token_urlsafe(32)
    vault = studio.wallet.context.vault()
    addresses = []
    for account in studio.wallet.accounts():
        if vault.has(account.address):
            given = own(account) if account.own_passphrase else None
            files[f"{_KEYS}/{account.address}.json"] = vault.export(account.address, secret, given)
            addresses.append(account.address)
    made_at = now()
    manifest = {
        "format": FORMAT,
        "made_at": rfc3339(made_at),
        "key_passphrase": secret,
        "own_passphrase": [a.address for a in studio.wallet.accounts() if a.own_passphrase],
        "files": {name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
    }
    work.progress(2, 4, "Encrypting")
    packed = _pack({"manifest.json": json.dumps(manifest, indent=2).encode(), **files})
    import pyrage

    sealed = pyrage.passphrase.encrypt(packed, passphrase)
    work.progress(3, 4, "Writing")
    write_atomic(to, sealed)
    work.progress(4, 4, "Written")
    return Contents(made_at, {name: len(data) for name, data in files.items()}, tuple(addresses))


def read(path: Path, passphrase: str) -> Contents:
    """Prove a backup: it opens, and every file in it is what was written.

    Raises:
        NotABackup: It does not, or is not.
    """
    manifest, files = _open(path, passphrase)
    return _contents(manifest, files)


def restore(path: Path, passphrase: str, paths: Paths, own: Callable[[str], str], work: Work) -> Contents:
    """Bring a backup back into a profile that holds nothing yet.

    Args:
        path: The file.
        passphrase: Opens it.
        paths: The profile.
        own: Asks for the own passphrase an account shall have here, by its address, where it had one.
        work: Progress.

    Raises:
        NotABackup: It does not open, or is damaged.
        ProfileInUse: There is something already.
        Known: The keyring does not take the keys; the profile is then left as it was before.
    """
    if paths.database.exists() or (paths.keystores.is_dir() and any(paths.keystores.iterdir())):
        raise ProfileInUse(paths.config)
    work.progress(0, 3, "Opening")
    manifest, files = _open(path, passphrase)
    work.progress(1, 3, "Writing")
    roots = {"config": paths.config, "data": paths.data}
    for name, data in files.items():
        kind, _, inside = name.partition("/")
        if kind in roots:
            write_atomic(roots[kind] / inside, data)
    work.progress(2, 3, "Putting the keys into the keyring")
    from mycelix_studio.services.wallet_context import WalletContext

    secret, with_own = str(manifest["key_passphrase"]), set(manifest["own_passphrase"])  # type: ignore[call-overload]
    studio = open_studio(paths)
    try:
        vault = WalletContext(paths, studio.settings, studio.database, studio.hub).vault()
        for name, data in files.items():
            if name.startswith(f"{_KEYS}/"):
                address = PurePosixPath(name).stem
                vault.add_keystore(data, secret, own(address) if address in with_own else None)
    except BaseException:
        studio.close()
        paths.database.unlink(missing_ok=True)  # so that it can be tried again
        raise
    studio.close()
    work.progress(3, 3, "Restored")
    return _contents(manifest, files)


def _pack(files: Mapping[str, bytes]) -> bytes:
    import zstandard

    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode = len(data), 0o600
            tar.addfile(entry, io.BytesIO(data))
    return zstandard.ZstdCompressor(level=6).compress(buffer.getvalue())


def _open(path: Path, passphrase: str) -> tuple[dict[str, object], dict[str, bytes]]:
    import pyrage
    import zstandard

    try:
        packed = pyrage.passphrase.decrypt(path.read_bytes(), passphrase)
        with tarfile.open(fileobj=io.BytesIO(zstandard.ZstdDecompressor().decompress(packed, 2**34))) as tar:
            found = {entry.name: file.read() for entry in tar if (file := tar.extractfile(entry)) is not None}
        manifest = json.loads(found.pop("manifest.json"))
        hashes = {name: hashlib.sha256(data).hexdigest() for name, data in found.items()}
    except OSError as error:
        raise NotABackup(path, f"{error.strerror or error}.") from error
    except (pyrage.DecryptError, zstandard.ZstdError, tarfile.TarError, ValueError, KeyError) as error:
        raise NotABackup(path, "The passphrase is wrong, or it is not a whole backup.") from error
    if manifest.get("format") != FORMAT:
        raise NotABackup(path, "A newer version of Studio wrote it.")
    if hashes != manifest["files"] or any(not _inside(name) for name in found):
        raise NotABackup(path, "Its files are not those that were written.")
    return manifest, found


def _inside(name: str) -> bool:
    """Tell whether a name stays inside a profile."""
    path = PurePosixPath(name)
    return path.parts[0] in ("config", "data", _KEYS) and ".." not in path.parts and not path.is_absolute()


def _contents(manifest: Mapping[str, object], files: Mapping[str, bytes]) -> Contents:
    accounts = tuple(PurePosixPath(name).stem for name in files if name.startswith(f"{_KEYS}/"))
    return Contents(parse_time(manifest["made_at"]), {name: len(data) for name, data in files.items()}, accounts)

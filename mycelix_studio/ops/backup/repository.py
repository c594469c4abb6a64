"""Where backups are kept: a folder or an S3-compatible bucket. Objects never change, and each carries the hash of its bytes in its name.

A key is ``<place>/<stem>.<sha256 of the object>.<kind>``, so a flipped bit shows without any key to decrypt with.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from mycelix_studio.errors import Known
from mycelix_studio.files import sync_folder

PIECE_BYTES = 1 << 20


class RepositoryAway(Known):
    """The place of the backups does not answer or refuses."""

    def __init__(self, where: str, detail: str) -> None:
        super().__init__(
            f"The backups at {where} cannot be reached",
            f"{detail} Nothing was changed there.",
            "See to it, then try again.",
        )


class ObjectDamaged(Known):
    """A stored object is not what was written."""

    def __init__(self, key: str) -> None:
        super().__init__(
            f"“{key}” is damaged",
            "Its bytes do not have the hash in its name, so it is not used.",
            "Restore from another backup, and look at the disk or bucket it lies on.",
        )


@dataclass(frozen=True, slots=True)
class Key:
    """An object's name in its parts."""

    place: str
    stem: str
    sha256: str
    kind: str

    @classmethod
    def parse(cls, text: str) -> Key | None:
        """Return the parts, None for a name that is not one of ours."""
        place, _, name = text.rpartition("/")
        parts = name.split(".")
        hashes = [number for number, part in enumerate(parts) if len(part) == 64]
        if not place or not hashes or hashes[0] == 0:
            return None
        at = hashes[0]
        return cls(place, ".".join(parts[:at]), parts[at], ".".join(parts[at + 1 :]))

    def __str__(self) -> str:
        return f"{self.place}/{self.stem}.{self.sha256}.{self.kind}"


class Repository(Protocol):
    """A place of immutable objects by key."""

    @property
    def where(self) -> str:
        """Its address, for people."""

    def put(self, key: str, path: Path) -> None:
        """Keep a file under a key, durably; the file may be moved away."""

    def fetch(self, key: str, to: Path) -> None:
        """Copy an object into a file."""

    def keys(self, place: str) -> list[str]:
        """Return the keys of one place, sorted."""

    def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""


class FolderRepository:
    """A folder, best on another disk or a mounted share."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def where(self) -> str:
        """The folder."""
        return str(self.folder)

    def put(self, key: str, path: Path) -> None:
        """Copy beside, flush, rename; see :class:`Repository`."""
        target = self.folder / key
        with self._away():
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            part = target.with_name(f".{target.name[-40:]}.part")
            shutil.copyfile(path, part)
            with part.open("rb") as file:
                os.fsync(file.fileno())
            part.replace(target)
            sync_folder(target.parent)
            path.unlink()

    def fetch(self, key: str, to: Path) -> None:
        """Copy out; see :class:`Repository`."""
        with self._away():
            shutil.copyfile(self.folder / key, to)

    def keys(self, place: str) -> list[str]:
        """List a sub-folder; see :class:`Repository`."""
        with self._away():
            folder = self.folder / place
            if not folder.is_dir():
                return []
            names = [path.name for path in folder.iterdir() if not path.name.startswith(".")]
        return sorted(f"{place}/{name}" for name in names)

    def delete(self, key: str) -> None:
        """Remove a file; see :class:`Repository`."""
        with self._away():
            (self.folder / key).unlink(missing_ok=True)

    @contextlib.contextmanager
    def _away(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise RepositoryAway(self.where, f"{error.strerror or error}: {error.filename}.") from error


class S3Repository:
    """A bucket on an S3-compatible server. Credentials come from the usual AWS variables or files."""

    def __init__(self, bucket: str, prefix: str, endpoint: str) -> None:
        import boto3
        from botocore.config import Config

        self._bucket = bucket
        self._prefix = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
        self._client = boto3.client(  # type: ignore[no-untyped-call]
            "s3",
            endpoint_url=endpoint or None,
            config=Config(connect_timeout=5, read_timeout=60, retries={"max_attempts": 4, "mode": "standard"}),  # type: ignore[no-untyped-call]
        )

    @property
    def where(self) -> str:
        """Bucket and prefix."""
        return f"s3://{self._bucket}/{self._prefix}"

    def put(self, key: str, path: Path) -> None:
        """Upload, in parts when it is large; see :class:`Repository`."""
        with self._away():
            self._client.upload_file(str(path), self._bucket, self._prefix + key)
            path.unlink()

    def fetch(self, key: str, to: Path) -> None:
        """Download; see :class:`Repository`."""
        with self._away():
            self._client.download_file(self._bucket, self._prefix + key, str(to))

    def keys(self, place: str) -> list[str]:
        """List by prefix; see :class:`Repository`."""
        with self._away():
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=f"{self._prefix}{place}/"
            )
            found = [str(item["Key"]) for page in pages for item in page.get("Contents", [])]
        return sorted(key.removeprefix(self._prefix) for key in found)

    def delete(self, key: str) -> None:
        """Remove an object; see :class:`Repository`."""
        with self._away():
            self._client.delete_object(Bucket=self._bucket, Key=self._prefix + key)

    @contextlib.contextmanager
    def _away(self) -> Iterator[None]:
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            yield
        except (Boto3Error, BotoCoreError, ClientError, OSError) as error:
            raise RepositoryAway(self.where, f"{error}.") from error


def open_repository(address: str, endpoint: str = "") -> Repository:
    """Return the repository at an address: a folder's path, or ``s3://bucket/prefix``.

    Raises:
        Known: There is no address.
    """
    if not address:
        raise Known(
            "There is no place for backups",
            "None is configured.",
            "Set MYCELIX_BACKUP_TO to a folder or s3://bucket/prefix.",
        )
    if address.startswith("s3://"):
        parts = urlsplit(address)
        return S3Repository(parts.netloc, parts.path, endpoint)
    return FolderRepository(Path(address).expanduser().absolute())


def sha256_of(path: Path) -> str:
    """Return the sha256 of a file as hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def store(repository: Repository, place: str, stem: str, kind: str, path: Path) -> str:
    """Keep a file under a key with its hash and return the key; the file is moved away."""
    key = str(Key(place, stem, sha256_of(path), kind))
    repository.put(key, path)
    return key


def load(repository: Repository, key: str, to: Path) -> None:
    """Fetch an object and prove that it is what was written.

    Raises:
        ObjectDamaged: It is not; nothing is left at ``to``.
    """
    repository.fetch(key, to)
    parts = Key.parse(key)
    if parts is None or sha256_of(to) != parts.sha256:
        to.unlink(missing_ok=True)
        raise ObjectDamaged(key)

"""What is in a repository: every backup with its facts, the pieces of the log, the audio. Reading it needs no identity."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.wire import parse_time
from mycelix_studio.errors import Known
from mycelix_studio.ops.backup.repository import Key, Repository, load, store

FACTS: Final = "backups"
BASE: Final = "base"
WAL: Final = "wal"
AUDIO: Final = "audio"
PLACES: Final = (FACTS, BASE, WAL, AUDIO)

Kind = Literal["full", "incremental"]


class NoBackup(Known):
    """There is no backup that serves."""

    def __init__(self, detail: str) -> None:
        super().__init__("There is no such backup", detail, "See `mycelix backup list`.")


@dataclass(frozen=True, slots=True)
class Backup:
    """One base backup. Times are aware UTC.

    Attributes:
        id: Its start in UTC, ``20261126T001500123Z`` to the millisecond; sorts by time.
        kind: Full, or incremental to its parent.
        parent: Id of the one it builds on, empty for a full one.
        started: When it began.
        stopped: When it was consistent; it can be restored to any moment after.
        segment: First segment of the log that it needs.
        stored: Key of the encrypted cluster.
        stored_bytes: Length of that object.
        cluster_bytes: Length of the cluster's files before packing.
        postgres: Version of the server.
        system: Identifier of the cluster.
        schema: Number of the node's schema.
        songs_audio: Audio objects that the database named then.
    """

    id: str
    kind: Kind
    parent: str
    started: datetime
    stopped: datetime
    segment: str
    stored: str
    stored_bytes: int
    cluster_bytes: int
    postgres: str
    system: str
    schema: int
    songs_audio: int

    def to_json(self) -> dict[str, object]:
        """Return it as JSON values."""
        return {**asdict(self), "started": rfc3339(self.started), "stopped": rfc3339(self.stopped)}

    @classmethod
    def from_json(cls, text: bytes) -> Backup:
        """Return what :meth:`to_json` gave."""
        item = json.loads(text)
        return cls(**{**item, "started": parse_time(item["started"]), "stopped": parse_time(item["stopped"])})


def record(repository: Repository, backup: Backup, work: Path) -> str:
    """Write a backup's facts; from then on it exists. Returns the key."""
    path = work / "facts.json"
    path.write_text(json.dumps(backup.to_json(), indent=2))
    return store(repository, FACTS, backup.id, "json", path)


def backups(repository: Repository, work: Path) -> list[Backup]:
    """Return all backups, oldest first.

    Raises:
        ObjectDamaged: The facts of one are damaged.
    """
    found = []
    for key in repository.keys(FACTS):
        path = work / "facts.json"
        load(repository, key, path)
        found.append(Backup.from_json(path.read_bytes()))
        path.unlink()
    return sorted(found, key=lambda each: each.id)


def chain(all_backups: Sequence[Backup], to: datetime | None) -> list[Backup]:
    """Return the full backup and the incrementals that lead to a moment, oldest first.

    Raises:
        NoBackup: None was complete by then, or one in between is missing.
    """
    fitting = [each for each in all_backups if to is None or each.stopped <= to]
    if not fitting:
        first = (
            f"The oldest is complete from {rfc3339(all_backups[0].stopped)}."
            if all_backups
            else "There is none at all."
        )
        raise NoBackup(first)
    by_id = {each.id: each for each in all_backups}
    links = [fitting[-1]]
    while links[-1].parent:
        if links[-1].parent not in by_id:
            raise NoBackup(f"{links[-1].id} builds on {links[-1].parent}, which is not there.")
        links.append(by_id[links[-1].parent])
    return links[::-1]


@dataclass(frozen=True, slots=True)
class Segment:
    """One piece of the write-ahead log in the repository: a whole segment, a part of one, or a timeline's history."""

    name: str
    number: int
    key: str

    @property
    def partial(self) -> bool:
        """True for a segment that was still being written."""
        return self.number >= 0


def segments(repository: Repository) -> list[Segment]:
    """Return the pieces of the log, by name; of parts the newest last."""
    found = []
    for text in repository.keys(WAL):
        key = Key.parse(text)
        if key is None:
            continue
        name, _, number = key.stem.partition("-part")
        found.append(Segment(name, int(number) if number else -1, text))
    return sorted(found, key=lambda each: (each.name, each.number if each.partial else 1 << 62))


def gaps(names: Sequence[str]) -> list[str]:
    """Return the first segment that is missing in each gap of the log, timeline by timeline (16 MiB segments, as initdb makes them)."""
    found: list[str] = []
    numbers: dict[str, set[int]] = {}
    for name in names:
        if len(name) == 24:
            numbers.setdefault(name[:8], set()).add(int(name[8:16], 16) * 256 + int(name[16:], 16))
    for timeline, present in sorted(numbers.items()):
        found += [
            f"{timeline}{(number + 1) >> 8:08X}{(number + 1) & 0xFF:08X}"
            for number in sorted(present)
            if number + 1 not in present and number != max(present)
        ]
    return found


def audio_cids(repository: Repository) -> dict[str, str]:
    """Return the audio that is backed up: CID to key."""
    return {key.stem: str(key) for text in repository.keys(AUDIO) if (key := Key.parse(text)) is not None}

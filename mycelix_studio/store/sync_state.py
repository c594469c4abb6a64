"""How far the cache goes: read by everything that shows a figure, and written by :mod:`~mycelix_studio.store.synced` alone."""

from __future__ import annotations

import sqlite3
from datetime import datetime
from typing import NamedTuple

from mycelix_studio.domain.clock import from_unix


class SyncState(NamedTuple):
    """How far the cache goes.

    Attributes:
        server: Address of the platform the rows come from.
        account: EIP-55 address that was signed in.
        cursor: Where to go on, empty before the first page.
        as_of: Everything committed before this moment is here; None until a sync reached the end once.
        complete: False while a first sync (or one that began anew) has not reached the end.
    """

    server: str = ""
    account: str = ""
    cursor: str = ""
    as_of: datetime | None = None
    complete: bool = False


def state(db: sqlite3.Connection) -> SyncState:
    """Return how far the cache goes."""
    row = db.execute("SELECT * FROM sync_state").fetchone()
    if row is None:
        return SyncState()
    as_of = None if row["as_of"] is None else from_unix(row["as_of"])
    return SyncState(row["server"], row["account"], row["cursor"], as_of, bool(row["complete"]))

"""What the frame of the window says at any time: network, as of, what is under way, what waits."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Status(NamedTuple):
    """One look at the whole program, from the cache only.

    Attributes:
        network: Name of the chain.
        block: Newest block seen; None when no server ever answered.
        online: Whether the last server asked answered; None before the first.
        as_of: The cache is complete to this moment (UTC); None before the first sync.
        syncing: A sync is running.
        under_way: Signatures signed, sent or being confirmed.
        outbox: Things that wait for a server.
        uploads: Uploads not done.
        notices: Notices told that nobody has looked at.
        account: Name of the account in use, empty before the first.
        address: Its address.
        locked: True when signing needs unlocking first.
    """

    network: str = ""
    block: int | None = None
    online: bool | None = None
    as_of: datetime | None = None
    syncing: bool = False
    under_way: int = 0
    outbox: int = 0
    uploads: int = 0
    notices: int = 0
    account: str = ""
    address: str = ""
    locked: bool = True

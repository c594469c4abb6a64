"""What a write changed. Every write service returns :class:`Changes`; each page refreshes only what matters to it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """The nouns of the cache a page can depend on."""

    TRACKS = "tracks"
    CHECKS = "checks"
    UPLOADS = "uploads"
    SONGS = "songs"
    EARNINGS = "earnings"
    TRANSACTIONS = "transactions"
    ACCOUNTS = "accounts"
    ADDRESS_BOOK = "address_book"
    DRAFTS = "drafts"
    OUTBOX = "outbox"
    SYNC = "sync"
    STATEMENTS = "statements"
    SETTINGS = "settings"
    RATES = "rates"
    NOTICES = "notices"
    PLATFORM = "platform"


class Changes(NamedTuple):
    """Kinds that changed, and the ids of tracks where they are few enough to name.

    ``track_ids`` is empty when unknown: then every track may have changed if ``Kind.TRACKS`` is among the kinds.
    """

    kinds: frozenset[Kind] = frozenset()
    track_ids: frozenset[int] = frozenset()

    @classmethod
    def of(cls, *kinds: Kind, track_ids: frozenset[int] = frozenset()) -> Changes:
        """Return changes of these kinds."""
        return cls(frozenset(kinds), track_ids)

    def __or__(self, other: Changes) -> Changes:
        whole = {k for c in (self, other) if Kind.TRACKS in c.kinds and not c.track_ids for k in (c,)}
        ids = frozenset() if whole else self.track_ids | other.track_ids
        return Changes(self.kinds | other.kinds, ids)

    def touches(self, *kinds: Kind) -> bool:
        """Tell whether any of these kinds changed."""
        return not self.kinds.isdisjoint(kinds)


Listener = Callable[[Changes, object | None], None]


class ChangeHub:
    """Where writes that no page started (sync, the transaction follower, the upload queue) are made known.

    Listeners are called on the writing thread; the bridge of the window passes them on to the GUI thread.
    """

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._lock = threading.Lock()

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call ``listener(changes, initiator)`` on every write; returns the function that ends it."""
        with self._lock:
            self._listeners.append(listener)

        def unsubscribe() -> None:
            with self._lock:
                if listener in self._listeners:
                    self._listeners.remove(listener)

        return unsubscribe

    def publish(self, changes: Changes, initiator: object | None = None) -> None:
        """Tell every listener; does nothing for empty changes."""
        if not changes.kinds:
            return
        with self._lock:
            listeners = tuple(self._listeners)
        for listener in listeners:
            listener(changes, initiator)

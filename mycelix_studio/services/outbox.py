"""Sends what was put in the outbox, in order, as soon as it can be sent; nothing is lost when the program or the server stops.

A handler may run twice for one item (the program can stop between sending and noting it), so what it does must be harmless to repeat.
"""

from __future__ import annotations

import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from mycelix_studio.api.errors import NobodySignsIn, NoServer, NotSigned, ServerTrouble, ServerUnreachable, TooMany
from mycelix_studio.domain import clock
from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.store import outbox as store
from mycelix_studio.store.connection import Database
from mycelix_studio.store.outbox import Item, State

log = logging.getLogger(__name__)

Handler = Callable[[Mapping[str, Any], Work], Changes | None]
"""Sends one payload; raises :class:`Later` or a :class:`Known`. What it changed in the cache is made known."""

FIRST_WAIT: Final = 5.0
LONGEST_WAIT: Final = 1800.0


class Later(Known):
    """It cannot be sent now and is tried again by itself.

    Args:
        why: For the list of what waits, in words.
        seconds: At least this long; 0 leaves it to the outbox.
    """

    def __init__(self, why: str, seconds: float = 0.0) -> None:
        super().__init__("Waits to be sent", why, "Studio goes on by itself.")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Drained:
    """What one round did.

    Attributes:
        sent: How many went out.
        refused: How many were not accepted and need a person.
        next_at: When the next round is worth it; None when nothing waits.
    """

    sent: int
    refused: int
    next_at: datetime | None


class Outbox:
    """The outbox of one profile. Safe to use from any thread; :meth:`drain` belongs on a thread that may block."""

    def __init__(self, database: Database, hub: ChangeHub, now: Callable[[], datetime] = clock.now) -> None:
        self._database = database
        self._hub = hub
        self._now = now
        self._handlers: dict[str, Handler] = {}
        self._draining = threading.Lock()
        self._woken: list[Callable[[], None]] = []

    def register(self, kind: str, handler: Handler) -> None:
        """Say who sends items of a kind. Items of a kind nobody registered for stay where they are."""
        self._handlers[kind] = handler

    def on_put(self, listener: Callable[[], None]) -> None:
        """Call ``listener()`` whenever something was put in, on the thread that did."""
        self._woken.append(listener)

    def put(self, kind: str, payload: Mapping[str, Any], *, title: str, subject: str = "") -> int:
        """Keep something to be sent and return its number.

        Args:
            kind: Whose handler sends it.
            payload: JSON values.
            title: What it is, for a person.
            subject: Items of one subject (such as a song id) go strictly one after another.

        Raises:
            CacheUnusable: It could not be kept.
        """
        with self._database.write() as db:
            number = store.put(
                db, kind, json.dumps(payload, ensure_ascii=False), subject=subject, title=title, at=self._now()
            )
        self._hub.publish(Changes.of(Kind.OUTBOX))
        for listener in self._woken:
            listener()
        return number

    def items(self) -> tuple[Item, ...]:
        """Return everything that was not sent yet, oldest first."""
        return store.items(self._database.read())

    def next_due(self) -> datetime | None:
        """Return when the next item wants to be tried; None when nothing waits."""
        return store.next_due(self._database.read())

    def retry(self, number: int) -> Changes:
        """Let an item be tried at once."""
        with self._database.write() as db:
            store.again(db, number, self._now())
        for listener in self._woken:
            listener()
        return Changes.of(Kind.OUTBOX)

    def discard(self, number: int) -> Changes:
        """Give an item up; it will never be sent."""
        with self._database.write() as db:
            store.sent(db, number)
        return Changes.of(Kind.OUTBOX)

    def drain(self, work: Work) -> Drained:
        """Send what is due, oldest first. A failure never stops items of other subjects.

        Raises:
            Cancelled: Stopped between two items.
        """
        sent = refused = last = 0
        with self._draining:
            while True:
                work.token.raise_if_cancelled()
                item = store.due(self._database.read(), self._now(), last)
                if item is None:
                    break
                last = item.id
                handler = self._handlers.get(item.kind)
                if handler is None:
                    continue
                outcome = self._send(item, handler, work)
                sent += outcome is None
                refused += outcome is State.REFUSED
        if sent or refused:
            self._hub.publish(Changes.of(Kind.OUTBOX))
        return Drained(sent, refused, self.next_due())

    def _send(self, item: Item, handler: Handler, work: Work) -> State | None:
        """Send one; returns None when it went out."""
        try:
            changes = handler(json.loads(item.payload), work)
        except Cancelled:
            raise
        except Known as error:
            wait = _patience(error, item.attempts)
            state = State.REFUSED if wait is None else State.WAITING
            self._note(item, state, wait or 0.0, error.message or error.title)
            return state
        except Exception:
            self._note(item, State.REFUSED, 0.0, "Studio made a mistake with this one.")
            log.exception("outbox item %d of kind %s could not be sent", item.id, item.kind)
            raise
        with self._database.write() as db:
            store.sent(db, item.id)
        if changes is not None:
            self._hub.publish(changes)
        return None

    def _note(self, item: Item, state: State, wait: float, problem: str) -> None:
        with self._database.write() as db:
            store.not_sent(db, item.id, state=state, next_at=self._now() + timedelta(seconds=wait), problem=problem)


def _patience(error: Known, attempts: int) -> float | None:
    """Return the seconds before the next try, None when trying again would not help."""
    if not isinstance(
        error, Later | ServerUnreachable | ServerTrouble | TooMany | NobodySignsIn | NoServer | NotSigned
    ):
        from mycelix_studio.chain.rpc import ChainUnreachable

        if not isinstance(error, ChainUnreachable):
            return None
    own = backoff(attempts)
    if isinstance(error, Later):
        return max(own, error.seconds)
    return max(own, error.retry_after) if isinstance(error, TooMany | ServerTrouble) else own


def backoff(failures: int, first: float = FIRST_WAIT, longest: float = LONGEST_WAIT) -> float:
    """Return a wait in seconds that doubles with each failure before it, with up to a quarter taken off at random."""
    wait = min(first * 2.0 ** min(failures, 30), longest)
    return wait * random.uniform(0.75, 1.0)  # noqa: S311 - spreads tries, keeps no secret

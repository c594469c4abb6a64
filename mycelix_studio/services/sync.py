"""Keeps the cache up with the platform: pulls pages of the feed, one ahead of the one being written, and goes on anywhere it stopped.

Each page is written with its cursor in one transaction, so a stop at any moment (a killed server, a lost line, a closed window) leaves the
cache as it was after some page. Being offline is a state, not an error: pages say "as of" and the thread tries again by itself.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Final, TypeVar

from mycelix_studio.api.errors import (
    NobodySignsIn,
    NoServer,
    NotSigned,
    NotThere,
    ServerRefused,
    ServerUnreachable,
    TooMany,
)
from mycelix_studio.domain import clock
from mycelix_studio.domain.wire import SyncPage
from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import CancelToken, Jobs, Lane, Work
from mycelix_studio.services.outbox import Outbox, backoff
from mycelix_studio.settings import SYNC_MINUTES, Settings
from mycelix_studio.store import rebuild, sync_state, synced
from mycelix_studio.store.connection import Database
from mycelix_studio.store.synced import Applied, DamagedAnswer

if TYPE_CHECKING:
    import sqlite3

    from mycelix_studio.api.platform import Api

_Result = TypeVar("_Result")
log = logging.getLogger(__name__)

PAGE_BYTES: Final = 500_000
"""Aim for a page: decoding a far larger one would hold up the window."""
FIRST_ROWS: Final = 2_000
FEWEST_ROWS, MOST_ROWS = 200, 20_000
PUBLISH_SECONDS: Final = 1.0
MOST_EMPTY: Final = 100
"""Pages in a row without a row but with the promise of more."""


class Phase(StrEnum):
    """What the sync does now."""

    IDLE = "idle"
    RUNNING = "running"
    OFFLINE = "offline"
    OFF = "off"
    """There is no server or nobody to sign in."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class SyncStatus:
    """For the status bar.

    Attributes:
        as_of: Everything before this moment is in the cache; None until a sync reached the end once.
        first: True while the first sync (or one that began anew) has not reached the end.
        rows: Rows taken in the present run, or in the last one.
        expected: About how many there will be; 0 when not known.
        problem: Why it does not go on; None while it does.
        next_at: When it tries again by itself; None when it does not.
        indexed_to: Block the platform has followed the chain to; None when not known.
    """

    phase: Phase = Phase.IDLE
    as_of: datetime | None = None
    first: bool = True
    rows: int = 0
    expected: int = 0
    problem: Known | None = None
    next_at: datetime | None = None
    indexed_to: int | None = None


@dataclass(frozen=True, slots=True)
class Synced:
    """What one sync did: rows by kind and the kinds of things that changed."""

    rows: dict[str, int]
    changes: Changes
    pages: int
    as_of: datetime | None


@dataclass(frozen=True, slots=True)
class _Got:
    """A page, the cursor it was asked with, whether everything begins anew with it, and how many rows to ask for next."""

    page: SyncPage
    asked: str
    anew: bool
    rows_next: int
    indexed_to: int | None


class Sync:
    """The sync of one profile. Safe to use from any thread.

    Args:
        database: The cache.
        api: The platform, whose session says which account is synced.
        hub: Where changes are made known.
        settings: For how often.
        jobs: The lanes; pages are written on ``db``. None writes them on the calling thread.
        outbox: Emptied before every pull.
        now: The present moment; another clock in tests.
    """

    def __init__(
        self,
        database: Database,
        api: Api,
        hub: ChangeHub,
        settings: Settings,
        *,
        jobs: Jobs | None = None,
        outbox: Outbox | None = None,
        now: Callable[[], datetime] = clock.now,
    ) -> None:
        self._database = database
        self._api = api
        self._hub = hub
        self._settings = settings
        self._jobs = jobs
        self._outbox = outbox
        self._now = now
        self._one = threading.Lock()
        self._state = threading.Lock()
        state = sync_state.state(database.read())
        self._status = SyncStatus(as_of=state.as_of, first=not state.complete)
        self._failures = 0
        self._published = 0.0
        self._asked = threading.Event()
        self._stop = CancelToken()
        self._thread: threading.Thread | None = None

    @property
    def status(self) -> SyncStatus:
        """What it does now."""
        with self._state:
            return self._status

    # in the background

    def start(self) -> None:
        """Sync now and then every few minutes, as set, until :meth:`close`."""
        with self._state:
            if self._thread is not None or self._stop.cancelled:
                return
            self._thread = threading.Thread(target=self._loop, name="studio-sync", daemon=True)
            if self._outbox is not None:
                self._outbox.on_put(self.ask)
            self._thread.start()

    def ask(self) -> None:
        """Sync as soon as possible; returns at once. Does nothing before :meth:`start`."""
        self._asked.set()

    def close(self) -> None:
        """Stop after the present page."""
        self._stop.cancel()
        self._asked.set()
        with self._state:
            thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(10.0)

    def _loop(self) -> None:
        while not self._stop.cancelled:
            self._asked.clear()
            seconds = self._round()
            self._asked.wait(seconds)

    def _round(self) -> float | None:
        """Send, pull, and return the seconds until the next time; None waits until asked."""
        wait: float | None
        try:
            self.once(Work(token=self._stop))
        except Cancelled:
            return 0.0
        except Known as error:
            wait = self._patience(error)
        except Exception as error:  # no caller to tell: the mistake is shown and logged
            if self._stop.cancelled:
                return 0.0
            log.exception("the sync failed")
            mistake = Known(
                "Could not sync",
                f"Studio made a mistake ({error}). What you have is unchanged.",
                "It tries again by itself.",
            )
            self._set(phase=Phase.FAILED, problem=mistake)
            wait = backoff(self._failures, 60.0)
        else:
            self._keep_copy()
            minutes = self._settings.get(SYNC_MINUTES)
            wait = minutes * 60.0 if minutes > 0 else None
        due = self._outbox.next_due() if self._outbox is not None and wait is not None else None
        if wait is not None and due is not None and self.status.phase is Phase.IDLE:
            wait = min(wait, max(1.0, (due - self._now()).total_seconds()))
        self._set(next_at=None if wait is None else self._now() + timedelta(seconds=wait))
        self._publish(Changes.of(Kind.SYNC))
        return wait

    def _keep_copy(self) -> None:
        """Once a day, keep a copy of what no feed could bring back, in case the cache is damaged."""
        try:
            rebuild.keep_copy(self._database, self._now())
        except (Known, OSError) as error:
            log.warning("no copy of what the person made could be kept: %s", error)

    def _patience(self, error: Known) -> float | None:
        if isinstance(error, NobodySignsIn | NoServer):
            return 60.0 if isinstance(error, NobodySignsIn) else None
        if isinstance(error, NotSigned):
            return backoff(self._failures - 1, 300.0)  # somebody said no: they are not asked again at once
        wait = backoff(self._failures - 1)
        return max(wait, error.retry_after) if isinstance(error, TooMany) else wait

    # one sync

    def once(self, work: Work) -> Synced:
        """Send what waits, then pull to the end of the feed. Blocks: not for the GUI thread, nor for the ``db`` lane.

        Raises:
            ServerUnreachable: Offline; what was pulled before stays.
            DamagedAnswer: The server sent something that cannot be; nothing of that page was kept.
            Known: As of the server, the sign-in, or the cache.
            Cancelled: Stopped between two pages.
        """
        with self._one:
            self._set(phase=Phase.RUNNING, rows=0, expected=0, next_at=None)
            self._publish(Changes.of(Kind.SYNC))
            try:
                if self._outbox is not None:
                    self._outbox.drain(work)
                done = self._pull(work)
            except Cancelled:
                self._set(phase=Phase.IDLE)
                raise
            except Known as error:
                self._failures += 1
                self._set(phase=_phase_of(error), problem=error)
                raise
            self._failures = 0
            self._set(phase=Phase.IDLE, problem=None)
            self._publish(Changes.of(Kind.SYNC))
            return done

    def _pull(self, work: Work) -> Synced:
        account = self._api.session.address
        if account is None:
            raise NobodySignsIn
        origin = self._api.client.origin()
        whose = (origin, account)
        state = self._write(lambda db: synced.begin(db, *whose)).result()
        self._set(as_of=state.as_of, first=not state.complete)
        total, unpublished, pages, empty = Applied(), Applied(), 0, 0
        got: _Got | None = self._fetch(state.cursor, FIRST_ROWS, work)
        while got is not None:
            page = got.page
            empty = 0 if page.records or not page.more else empty + 1
            if empty > MOST_EMPTY:
                raise DamagedAnswer("pages without rows that go on and on")
            if page.more and pages == 0 and (got.anew or self.status.first):
                self._set(expected=self._expected(account), first=True)
            writing = self._write(_applying(got, whose))
            following: _Got | None = None
            try:
                if page.more:
                    following = self._fetch(page.next_cursor, got.rows_next, work)
            finally:
                applied = writing.result()
            if applied is None:  # another program wrote meanwhile: go on where it stopped
                state = self._write(lambda db: synced.begin(db, *whose)).result()
                got = self._fetch(state.cursor, got.rows_next, work)
                continue
            pages += 1
            self._count(total, unpublished, applied)
            self._set(indexed_to=got.indexed_to)
            if page.more:
                work.progress(
                    self.status.rows, max(self.status.expected, self.status.rows + 1), "Fetching your figures"
                )
            got = following
        state = sync_state.state(self._database.read())
        self._set(as_of=state.as_of, first=not state.complete)
        self._publish(_changes_of(unpublished))
        return Synced(total.rows, _changes_of(total), pages, state.as_of)

    def _fetch(self, cursor: str, rows: int, work: Work) -> _Got:
        work.token.raise_if_cancelled()
        anew = False
        try:
            feed = self._api.sync.changes(cursor, rows, stop=work.token)
        except ServerRefused as error:
            if not cursor or not (isinstance(error, NotThere) or error.kind == "bad-cursor"):
                raise
            # The server's database is another one: what its numbers meant is gone, so everything is fetched anew.
            log.warning("the server does not know the cursor (%s); beginning anew", error.kind)
            cursor, anew = "", True
            feed = self._api.sync.changes(cursor, rows, stop=work.token)
        if feed.page is None or (feed.page.more and feed.page.next_cursor == cursor):
            raise DamagedAnswer("a page that leads nowhere")
        indexed = feed.head.indexed if feed.head is not None else None
        wanted = rows * PAGE_BYTES // max(feed.size, 1) if feed.page.more else rows
        # A page of few long records says little about the next one: at most twice as many rows are tried.
        return _Got(feed.page, cursor, anew, min(max(wanted, FEWEST_ROWS), 2 * rows, MOST_ROWS), indexed)

    def _count(self, total: Applied, unpublished: Applied, applied: Applied) -> None:
        for kind, rows in applied.rows.items():
            total.count(kind, rows)
            unpublished.count(kind, rows)
        if applied.rows:
            self._set(rows=total.total)
            if time.monotonic() - self._published >= PUBLISH_SECONDS:
                self._publish(_changes_of(unpublished))
                unpublished.rows.clear()

    def _expected(self, account: str) -> int:
        """Return about how many rows a first sync brings; 0 when the server does not say."""
        try:
            return self._api.artists.stats(account).total_plays
        except Known as error:
            log.info("no total for the progress of the first sync: %s", error.title)
            return 0

    def _write(self, run: Callable[..., _Result]) -> Future[_Result]:
        """Run ``run(connection)`` in one transaction, on the ``db`` lane where there is one."""

        def body(_work: Work) -> _Result:
            with self._database.write() as db:
                return run(db)

        if self._jobs is not None:
            try:
                return self._jobs.submit(Lane.DB, body, name="sync").future
            except RuntimeError as error:  # the lanes are closed: Studio is shutting down
                raise Cancelled from error
        future: Future[_Result] = Future()
        try:
            future.set_result(body(Work()))
        except Exception as error:  # noqa: BLE001 - handed to whoever waits
            future.set_exception(error)
        return future

    def _set(self, **changes: object) -> None:
        with self._state:
            self._status = replace(self._status, **changes)  # type: ignore[arg-type]

    def _publish(self, changes: Changes) -> None:
        self._published = time.monotonic()
        self._hub.publish(changes)


def _applying(got: _Got, whose: tuple[str, str]) -> Callable[[sqlite3.Connection], Applied | None]:
    """Return what writes a page; it returns None, and writes nothing, when the cache is no longer where the page was asked from."""

    def run(db: sqlite3.Connection) -> Applied | None:
        state = synced.restart(db, *whose) if got.anew else sync_state.state(db)
        if (state.account, state.cursor) != (whose[1], got.asked):
            return None
        return synced.apply(db, got.page)

    return run


def _changes_of(applied: Applied) -> Changes:
    kinds = {Kind.SYNC}
    if "song" in applied.rows:
        kinds.add(Kind.SONGS)
    if applied.rows.keys() - {"song"}:
        kinds.add(Kind.EARNINGS)
    return Changes(frozenset(kinds))


def _phase_of(error: Known) -> Phase:
    if isinstance(error, ServerUnreachable):
        return Phase.OFFLINE
    return Phase.OFF if isinstance(error, NobodySignsIn | NoServer | NotSigned) else Phase.FAILED

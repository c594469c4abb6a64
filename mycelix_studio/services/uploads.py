"""The queue of uploads: several at once, paused and resumed at will, kept over restarts, waiting by itself while the server is away.

Reads look at the cache and are quick enough for the GUI thread. Nothing is sent before :meth:`Uploads.start`. The queue runs its uploads on
lane IO and publishes :attr:`Kind.UPLOADS` itself, some times a second while bytes move.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final

from mycelix_studio.domain.clock import now
from mycelix_studio.domain.fields import Field
from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.domain.upload import (
    UNFINISHED,
    QueueTotals,
    UploadDetail,
    UploadRow,
    UploadState,
)
from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.services.changes import ChangeHub, Changes, Kind
from mycelix_studio.services.jobs import CancelToken, Jobs, Lane, Work
from mycelix_studio.services.library import Library
from mycelix_studio.services.uploads_meter import Meter
from mycelix_studio.services.uploads_run import Run, file_state
from mycelix_studio.services.uploads_view import detail_of, row_of, totals_of
from mycelix_studio.services.uploads_why import STOPPED_BY_YOU, Outcome, outcome_of
from mycelix_studio.services.waking import Waking
from mycelix_studio.settings import API_URL, ARTIST_NAME, CHAIN_ID, UPLOAD_KBPS, UPLOADS_AT_ONCE, Settings
from mycelix_studio.store import uploads
from mycelix_studio.store.connection import Database
from mycelix_studio.store.uploads import NewUpload, Stored, Why

if TYPE_CHECKING:
    from mycelix_studio.api.platform import Api
    from mycelix_studio.api.uploads import Allowance

log = logging.getLogger(__name__)

FIRST_WAIT = 2.0
LONGEST_WAIT = 60.0
"""Seconds between two tries while the server is away: doubled from the first up to the longest."""
BEAT_SECONDS = 5.0
"""How often it is looked whether the computer slept, while something is sent or waited for."""
PUBLISH_SECONDS = 0.2
SAVE_SECONDS = 2.0
"""How often the bytes confirmed are kept; the server knows them better after a crash."""
DONE_SHOWN: Final = 200


@dataclass(frozen=True, slots=True)
class Added:
    """What came of putting tracks in the queue: new uploads by id; tracks already in it or uploaded; tracks that are gone."""

    ids: tuple[int, ...]
    already: tuple[int, ...]
    gone: tuple[int, ...]
    changes: Changes


@dataclass(slots=True)
class _Running:
    """One upload under way. ``leave`` is what shall become of it once it stopped, None when nobody asked it to stop."""

    token: CancelToken
    meter: Meter
    confirmed: int
    saved_at: float
    leave: Outcome | None = None


@dataclass(eq=False)
class Uploads:
    """The queue of one profile.

    Args:
        database: The cache.
        library: Tracks.
        api: The server.
        settings: How many at once, limit of speed, artist's name.
        jobs: The lanes.
        hub: Where changes are made known.
    """

    database: Database
    library: Library
    api: Api
    settings: Settings
    jobs: Jobs
    hub: ChangeHub
    _running: dict[int, _Running] = field(default_factory=dict)
    _lock: threading.Condition = field(default_factory=lambda: threading.Condition(threading.RLock()))
    _thread: threading.Thread | None = None
    _closed: bool = False
    _kicked: bool = False
    _came: set[str] = field(default_factory=set)
    _letting: bool = False
    _offline: Why | None = None
    _failures: int = 0
    _try_at: float = 0.0
    _published: float = 0.0
    _waking: Waking = field(default_factory=lambda: Waking(BEAT_SECONDS))
    _unsubscribe: Callable[[], None] = lambda: None

    # reading ------------------------------------------------------------------------------------------------------------

    def rows(self, done: int = DONE_SHOWN) -> list[UploadRow]:
        """Return the queue: what is not done in order, then the last ``done`` that are."""
        stored = uploads.queue(self.database.read(), done)
        with self._lock:
            return [self._row(each) for each in stored]

    def row(self, upload_id: int) -> UploadRow | None:
        """Return one row, None when it was taken off the queue."""
        stored = uploads.get(self.database.read(), upload_id)
        with self._lock:
            return None if stored is None else self._row(stored)

    def detail(self, upload_id: int) -> UploadDetail | None:
        """Return what the inspector shows of one upload, None when it was taken off the queue."""
        stored = uploads.get(self.database.read(), upload_id)
        if stored is None:
            return None
        with self._lock:
            row = self._row(stored)
            running = self._running.get(upload_id)
            speeds = running.meter.history() if running is not None else ()
        track = self.library.track(stored.track_id) if stored.track_id is not None else None
        number = track.value(Field.TRACK)[:1] if track is not None else ()
        place = number[0].split("/")[0].lstrip("0") if number else ""
        return detail_of(self.database, self.settings.get(CHAIN_ID), stored, row, number=place, speeds=speeds)

    def totals(self) -> QueueTotals:
        """Return the sums above the queue. Speed and time left cover what is running and what goes on by itself."""
        return totals_of(self.rows(), self._offline.text if self._offline is not None else "")

    # putting in ---------------------------------------------------------------------------------------------------------

    def add(
        self, track_ids: Sequence[int], *, strategy: StrategyName = "pay-per-stream", price: int | None = None
    ) -> Added:
        """Put tracks at the end of the queue. One that is in it, or uploaded and unchanged since, is left alone.

        Args:
            track_ids: Of the library.
            strategy: Way to earn it is listed with first; what is signed on chain later stands above it.
            price: Gross price of a stream in wei, None for the platform's own.
        """
        fresh: list[NewUpload] = []
        already: list[int] = []
        gone: list[int] = []
        with self.database.write() as db:
            busy = uploads.in_queue(db, track_ids)
            for track_id in dict.fromkeys(track_ids):
                track = self.library.track(track_id)
                if track is None:
                    gone.append(track_id)
                    continue
                row, last = track.row, uploads.of_track(db, track_id)
                file = file_state(row.path) or (track.size, 0)
                if track_id in busy or (last is not None and last.song_id and (last.size, last.mtime_ns) == file):
                    already.append(track_id)
                    continue
                fresh.append(
                    NewUpload(
                        track_id, row.path, row.title, row.artist, row.container, row.cover, *file, strategy, price
                    )
                )
            ids = uploads.add(db, fresh, now())
        self._kick()
        return Added(tuple(ids), tuple(already), tuple(gone), Changes.of(Kind.UPLOADS))

    # steering -----------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begin to send, what was under way at the last end first. Calling it again changes nothing."""
        with self._lock:
            if self._thread is not None or self._closed:
                return
            with self.database.write() as db:
                uploads.recover(db, now())
            self._unsubscribe = self.hub.subscribe(self._on_changes)
            self.settings.on_change(self._on_setting)
            self._kicked = True
            self._thread = threading.Thread(target=self._loop, name="studio-uploads", daemon=True)
            self._thread.start()

    def pause(self, ids: Iterable[int] | None = None) -> Changes:
        """Pause uploads that go on by themselves, all when None. What is confirmed stays confirmed."""
        return self._leave(ids, UNFINISHED, UploadState.PAUSED)

    def resume(self, ids: Iterable[int] | None = None) -> Changes:
        """Let paused uploads go on, all when None."""
        return self._wait_again(ids, {UploadState.PAUSED})

    def stop(self, ids: Iterable[int] | None = None) -> Changes:
        """Stop uploads, all when None; :meth:`retry` goes on where they stopped, :meth:`remove` takes them off the queue."""
        return self._leave(ids, UNFINISHED | {UploadState.PAUSED}, UploadState.STOPPED, STOPPED_BY_YOU)

    def retry(self, ids: Iterable[int] | None = None) -> Changes:
        """Try uploads again that stopped or needed somebody, all when None. A file that changed is taken as it is now."""
        for row in self._those(ids, {UploadState.STOPPED, UploadState.NEEDS_YOU}):
            status = file_state(row.path)
            if status is not None and status != (row.size, row.mtime_ns):
                with self.database.write() as db:
                    uploads.set_file(db, row.id, *status)
                self._end_at_server(row)
        return self._wait_again(ids, {UploadState.STOPPED, UploadState.NEEDS_YOU})

    def move(self, ids: Iterable[int], step: int | None) -> Changes:
        """Move uploads in the queue: ``step`` places later, earlier when negative, to the front when None. Running ones go on."""
        with self.database.write() as db:
            uploads.move(db, ids, step)
        return Changes.of(Kind.UPLOADS)

    def remove(self, ids: Iterable[int]) -> Changes:
        """Take uploads off the queue, running ones after stopping them. Songs that are listed stay listed."""
        wanted = list(ids)
        self.stop(wanted)
        rows = self._those(wanted, set(UploadState))
        with self.database.write() as db:
            uploads.remove(db, wanted)
        for row in rows:
            if row.state is not UploadState.DONE:
                self._end_at_server(row)
        return Changes.of(Kind.UPLOADS)

    def clear_done(self) -> Changes:
        """Take everything that is done off the queue."""
        return self.remove([row.id for row in uploads.queue(self.database.read(), -1) if row.state is UploadState.DONE])

    def try_now(self) -> None:
        """Do not wait any longer for the server: the network came back, or somebody asked."""
        with self._lock:
            self._try_at = 0.0
        self._kick()

    def wait(self, ids: Iterable[int], timeout: float | None = None) -> list[UploadRow]:
        """Block until none of these goes on by itself any more and return their rows.

        Raises:
            TimeoutError: That took longer than ``timeout`` seconds.
        """
        wanted = list(ids)
        deadline = None if timeout is None else time.monotonic() + timeout
        while True:
            with self._lock:
                busy = bool(self._came) or self._letting or any(each in self._running for each in wanted)
                rows = [row for each in wanted if (row := self.row(each)) is not None]
                if not busy and not any(row.state in UNFINISHED for row in rows):
                    return rows
                if deadline is not None and time.monotonic() >= deadline:
                    raise TimeoutError(f"{sum(row.state in UNFINISHED for row in rows)} uploads are not done")
                self._lock.wait(0.2)

    def close(self) -> None:
        """Stop sending; the queue is kept. Lanes must be closed, or their jobs ended, before."""
        self._unsubscribe()
        with self._lock:
            self._closed = True
            for running in self._running.values():
                running.token.cancel()
            self._lock.notify_all()
            thread = self._thread
        if thread is not None:
            thread.join()

    # the loop -----------------------------------------------------------------------------------------------------------

    def _loop(self) -> None:
        while True:
            with self._lock:
                while not self._kicked and not self._closed and not self._rest():
                    pass
                self._kicked = False
                if self._closed:
                    return
            try:
                if self._came:
                    self._let_go_on()
                while self._begin_one():
                    pass
            except Known as error:  # the cache cannot be read or written now
                self._back_off(Why(error.title, error.message, error.hint), 0.0)
            except RuntimeError:
                return  # the lanes are closed: the program ends

    def _rest(self) -> bool:
        """Wait for a kick, a beat, or the next try; True when it is time for one. With nothing to send, nothing beats."""
        left = self._try_at - time.monotonic()
        timed = self._offline is not None and not self._running and left > 0
        beats = self._running or self._offline is not None
        self._lock.wait(min(left, BEAT_SECONDS) if timed else BEAT_SECONDS if beats else None)
        if not beats:
            self._waking.begin()
        if self._waking.slept():
            # Whoever was at the other end went without a word. Asking now is quicker than to wait until nothing comes.
            log.info("the computer slept: connections are made anew")
            self.api.client.cut()
            self._try_at = 0.0
            return True
        return timed and time.monotonic() >= self._try_at

    def _begin_one(self) -> bool:
        """Begin the next upload if one may run; False when not."""
        with self._lock:
            away = self._offline is not None
            # One upload finds out whether the server is back; the others follow.
            most = 1 if away else self.settings.get(UPLOADS_AT_ONCE)
            if self._closed or len(self._running) >= most or (away and time.monotonic() < self._try_at):
                return False
            number = uploads.next_waiting(self.database.read(), self._running)
            stored = None if number is None else uploads.get(self.database.read(), number)
            if stored is None:
                return False
            running = _Running(CancelToken(), Meter(stored.confirmed), stored.confirmed, time.monotonic())
            self._running[stored.id] = running
            try:
                job = self.jobs.submit(Lane.IO, lambda work: self._one(stored.id, running, work), name="upload")
            except RuntimeError:
                del self._running[stored.id]
                raise
            running.token = job.work.token
        return True

    def _one(self, number: int, running: _Running, work: Work) -> None:
        """Run one upload on its lane and keep what became of it."""
        run = Run(
            database=self.database,
            library=self.library,
            api=self.api,
            allowance=self._allowance,
            artist_name=self.settings.get(ARTIST_NAME),
            state=self._publish,
            confirmed=lambda size: self._confirmed(number, running, size),
        )
        outcome: Outcome | None = None
        try:
            run.upload(number, work.token)
        except Cancelled:
            outcome = Outcome(UploadState.WAITING)
        except Known as error:
            outcome = outcome_of(error)
        except Exception as error:
            log.exception("an upload failed")
            outcome = outcome_of(error)
        self._settle(number, running, outcome)

    def _settle(self, number: int, running: _Running, outcome: Outcome | None) -> None:
        try:
            with self._lock:
                if outcome is not None and running.leave is not None:
                    outcome = running.leave  # what the person asked for stands above what happened
                if outcome is not None:
                    with self.database.write() as db:
                        uploads.set_confirmed(db, number, running.confirmed)
                        uploads.set_state(db, number, outcome.state, now(), why=outcome.why)
                if outcome is None:
                    self._back()
                elif outcome.again:
                    self._back_off(outcome.why, outcome.after)
        except Known as error:
            log.warning("the state of an upload could not be kept: %s", error)
            self._back_off(Why(error.title, error.message, error.hint), 0.0)
        finally:
            with self._lock:
                self._running.pop(number, None)
                self._lock.notify_all()
            self._kick()
            self._publish(Kind.TRACKS, Kind.SONGS) if outcome is None else self._publish()

    def _confirmed(self, number: int, running: _Running, size: int) -> None:
        with self._lock:
            running.meter.note(size)
            moved, running.confirmed = size > running.confirmed, size
            if moved:
                self._back()
            present = time.monotonic()
            save = present - running.saved_at >= SAVE_SECONDS
            if save:
                running.saved_at = present
            publish = present - self._published >= PUBLISH_SECONDS
        if save:
            with self.database.write() as db:
                uploads.set_confirmed(db, number, size)
        if publish:
            self._publish()

    def _back(self) -> None:
        """The server answers: fill the slots again."""
        with self._lock:
            self._failures = 0
            if self._offline is not None:
                self._offline, self._try_at = None, 0.0
                self._kick()

    def _back_off(self, why: Why, after: float) -> None:
        with self._lock:
            wait = max(after, min(LONGEST_WAIT, FIRST_WAIT * 2**self._failures))
            self._failures = min(self._failures + 1, 16)
            self._offline = why
            self._try_at = time.monotonic() + wait

    def _kick(self) -> None:
        with self._lock:
            self._kicked = True
            self._lock.notify_all()

    def _publish(self, *kinds: Kind) -> None:
        with self._lock:
            self._published = time.monotonic()
        self.hub.publish(Changes.of(Kind.UPLOADS, *kinds), self)

    def _on_changes(self, changes: Changes, initiator: object | None) -> None:
        if initiator is not self and changes.touches(Kind.ACCOUNTS):
            self._release("sign-in")
        if initiator is not self and changes.touches(Kind.TRACKS):
            self._release("details")

    def _on_setting(self, key: str) -> None:
        if self._closed:
            return
        if key in {API_URL.key, CHAIN_ID.key}:
            self._release("sign-in", "address")
            self.try_now()
        elif key == ARTIST_NAME.key:
            self._release("details")
        elif key == UPLOADS_AT_ONCE.key:
            self._kick()

    def _release(self, *waits_for: str) -> None:
        """Let uploads go on that waited for this, on the queue's own thread: whoever says so may be the window's."""
        with self._lock:
            self._came |= set(waits_for)
        self._kick()

    def _let_go_on(self) -> None:
        with self._lock:
            came, self._came, self._letting = self._came, set(), True
        try:
            with self.database.write() as db:
                released = sum(uploads.release(db, waits_for, now()) for waits_for in sorted(came))
        finally:
            self._letting = False
        if released:
            self._publish()

    # inside -------------------------------------------------------------------------------------------------------------

    def _row(self, stored: Stored) -> UploadRow:
        running = self._running.get(stored.id)
        moving = None if running is None else (running.confirmed, running.meter)
        return row_of(stored, self.settings.get(ARTIST_NAME), moving)

    @cached_property
    def _allowance(self) -> Allowance:
        from mycelix_studio.api.uploads import Allowance

        return Allowance(lambda: self.settings.get(UPLOAD_KBPS) * 1_000)

    def _leave(
        self, ids: Iterable[int] | None, states: Iterable[UploadState], to: UploadState, why: Why = uploads.NOTHING
    ) -> Changes:
        with self._lock:
            rows = self._those(ids, set(states))
            with self.database.write() as db:
                for row in rows:
                    uploads.set_state(db, row.id, to, now(), why=why)
            for row in rows:
                running = self._running.get(row.id)
                if running is not None:
                    running.leave = Outcome(to, why)
                    running.token.cancel()
        return Changes.of(Kind.UPLOADS)

    def _wait_again(self, ids: Iterable[int] | None, states: set[UploadState]) -> Changes:
        with self._lock:
            rows = self._those(ids, states)
            with self.database.write() as db:
                for row in rows:
                    uploads.set_state(db, row.id, UploadState.WAITING, now())
            for row in rows:
                running = self._running.get(row.id)
                if running is not None and running.leave is not None:
                    running.leave = Outcome(UploadState.WAITING)  # still ending; it goes on once it has ended
            self._try_at = 0.0
        self._kick()
        return Changes.of(Kind.UPLOADS)

    def _those(self, ids: Iterable[int] | None, states: set[UploadState]) -> list[Stored]:
        db = self.database.read()
        found = uploads.queue(db, 0) if ids is None else [uploads.get(db, each) for each in ids]
        return [row for row in found if row is not None and row.state in states]

    def _end_at_server(self, row: Stored) -> None:
        """Free the space of an unfinished upload; when that fails the server forgets it by itself after a day."""
        if not row.upload_id or row.song_id:
            return

        def end(work: Work) -> None:
            try:
                self.api.uploads.end(row.upload_id)
            except Known as error:
                log.info("the server keeps an unfinished upload until it expires: %s", error.title)

        try:
            self.jobs.submit(Lane.IO, end, name="end upload")
        except RuntimeError:
            return  # the program ends

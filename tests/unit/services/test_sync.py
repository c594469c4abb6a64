"""The sync against a server that answers as it likes: garbage, half a page, pages twice, errors, endless pages."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from mycelix_studio.api import client
from mycelix_studio.api.errors import BadAnswer, NobodySignsIn, NotSigned, ServerUnreachable
from mycelix_studio.api.sign_in import Signer
from mycelix_studio.domain import wire
from mycelix_studio.domain.clock import now, rfc3339
from mycelix_studio.errors import Cancelled, Known
from mycelix_studio.paths import Paths
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Lane, Progress, Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.studio import Studio
from mycelix_studio.services.sync import Phase, Sync
from mycelix_studio.settings import API_URL, CHAIN_ID, SYNC_MINUTES
from mycelix_studio.store import synced
from mycelix_studio.store.connection import CacheUnusable
from mycelix_studio.store.synced import DamagedAnswer
from tests.unit.store.feeds import ARTIST, LISTENERS, Feed, payment, plays

Answer = tuple[int, bytes]


class Server(ThreadingHTTPServer):
    """A platform that signs anybody in and hands out the pages of a feed."""

    daemon_threads = True
    block_on_close = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pages: list[wire.SyncPage] = []
        self.epoch = "a"
        self.asked: list[str] = []
        self.interfere: Callable[[int], Answer | None] = lambda _number: None
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,), name="Dummy-server", daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def changes(self, cursor: str) -> Answer:
        self.asked.append(cursor)
        answer = self.interfere(len(self.asked))
        if answer is not None:
            return answer
        epoch, _, number = cursor.partition("-")
        if cursor and epoch != self.epoch:
            return 410, b'{"type": "/problems/cursor-gone", "title": "Gone"}'
        place = int(number or 0)
        if place >= len(self.pages):
            page = wire.SyncPage((), f"{self.epoch}-{place}", False, now())
        else:
            kept = self.pages[place]
            page = wire.SyncPage(kept.records, f"{self.epoch}-{place + 1}", place + 1 < len(self.pages), kept.as_of)
        return 200, page_json(page)

    def stop(self) -> None:
        self.shutdown()
        self.server_close()
        self.thread.join(5)


def page_json(page: wire.SyncPage) -> bytes:
    body = {
        "records": [wire.to_json(record) for record in page.records],
        "next_cursor": page.next_cursor,
        "more": page.more,
        "as_of": rfc3339(page.as_of),
        "chain": {"chain_id": 31337, "indexed": 77},
    }
    return json.dumps(body).encode()


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        body: dict[str, object] = {"nonce": "n0nce123", "expires_at": rfc3339(now() + timedelta(minutes=5))}
        if self.path.endswith("verify"):
            body = {"token": "t", "address": ARTIST, "expires_at": rfc3339(now() + timedelta(hours=1))}
        self._send(200, json.dumps(body).encode())

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        if parts.path != "/api/sync/changes":
            self._send(404, b"{}")
            return
        self._send(*self.server.changes(parse_qs(parts.query).get("cursor", [""])[0]))

    def _send(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_values: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.stop()


@pytest.fixture
def studio(tmp_path: Path, server: Server) -> Iterator[Studio]:
    opened = open_studio(Paths.under(tmp_path))
    opened.settings.set(API_URL, server.url)
    opened.settings.set(CHAIN_ID, 31337)
    opened.api.use(Signer(lambda: ARTIST, lambda _text: "0x00"))
    yield opened
    opened.close()


@pytest.fixture
def told(studio: Studio) -> list[Changes]:
    found: list[Changes] = []
    studio.hub.subscribe(lambda changes, _who: found.append(changes))
    return found


def digest(studio: Studio) -> str:
    return synced.digest(studio.database.read())


def feed(seed: int = 1, pages: int = 12) -> Feed:
    return Feed(random.Random(seed)).grow(pages)


def expected_digest(tmp_path: Path, pages: list[wire.SyncPage]) -> str:
    other = open_studio(Paths.under(tmp_path / "other"))
    try:
        with other.database.write() as db:
            for page in pages:
                synced.apply(db, page)
        return synced.digest(other.database.read())
    finally:
        other.close()


def test_it_pulls_everything_and_says_what_changed(
    studio: Studio, server: Server, told: list[Changes], tmp_path: Path
) -> None:
    server.pages = feed().pages
    done = studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, server.pages)
    assert done.pages == 12 and done.rows.keys() >= {"play", "payment"}
    kinds = frozenset().union(*(changes.kinds for changes in told))
    assert kinds == {Kind.SYNC, Kind.EARNINGS, Kind.SONGS}
    status = studio.sync.status
    assert (status.phase, status.first, status.indexed_to) == (Phase.IDLE, False, 77)
    assert status.as_of == studio.analytics.as_of() is not None
    assert studio.sync.once(Work()).rows == {}
    assert server.asked[-1] == "a-12"


def test_it_goes_on_after_any_failure_with_the_same_result(studio: Studio, server: Server, tmp_path: Path) -> None:
    server.pages = feed(2, 20).pages
    garbage: list[Answer] = [
        (200, b"\x00\xff not json"),
        (200, page_json(wire.SyncPage((), "c", False, now()))[:40]),
        (200, b'{"records": [{"kind": "play"}], "next_cursor": "x", "more": false, "as_of": "2026-01-01T00:00:00Z"}'),
        (200, b"[]"),
        (500, b"oops"),
        (401, b'{"type": "/problems/token", "title": "no"}'),
        (200, b"<html>Log in to the hotel network</html>"),
    ]
    chance = random.Random(5)
    server.interfere = lambda _n: chance.choice(garbage) if chance.random() < 0.4 else None
    outcomes = set()
    for _ in range(100):
        try:
            studio.sync.once(Work())
            break
        except Exception as error:  # noqa: BLE001
            outcomes.add(type(error))
            assert studio.sync.status.problem is error
    assert digest(studio) == expected_digest(tmp_path, server.pages)
    assert len(outcomes) >= 2 and BadAnswer in outcomes


def test_old_pages_and_a_page_twice_change_nothing(studio: Studio, server: Server, tmp_path: Path) -> None:
    pages = feed(3, 10).pages
    server.pages = [pages[0], pages[0], *pages[1:5], pages[2], pages[3], pages[4], *pages[5:], pages[-1]]
    studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, pages)


def test_a_page_that_cannot_be_is_refused_and_the_ones_before_stay(
    studio: Studio, server: Server, tmp_path: Path
) -> None:
    pages = feed(4, 6).pages
    bad = wire.SyncPage((payment(900, now(), 10**30),), "", False, now())
    server.pages = [*pages, bad]
    with pytest.raises(DamagedAnswer):
        studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, pages)
    assert studio.sync.status.phase is Phase.FAILED
    server.pages = pages
    studio.sync.once(Work())
    assert studio.sync.status.problem is None


def test_a_page_that_leads_to_itself_does_not_go_on_for_ever(studio: Studio, server: Server) -> None:
    server.interfere = lambda _n: (200, page_json(wire.SyncPage((), "round", True, now())))
    with pytest.raises(DamagedAnswer):
        studio.sync.once(Work())
    assert len(server.asked) == 2


def test_pages_without_rows_that_promise_more_do_not_go_on_for_ever(studio: Studio, server: Server) -> None:
    server.interfere = lambda n: (200, page_json(wire.SyncPage((), f"on-{n}", True, now())))
    with pytest.raises(DamagedAnswer):
        studio.sync.once(Work())
    assert len(server.asked) <= 102


def test_an_answer_that_does_not_end_is_given_up(
    studio: Studio, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "MOST_BYTES", 100_000)
    server.pages = feed(16, 3).pages
    studio.sync.once(Work())
    before = digest(studio)
    server.interfere = lambda _n: (200, b'{"records": [' + b" " * 200_000)
    with pytest.raises(BadAnswer, match="in one answer"):
        studio.sync.once(Work())
    assert digest(studio) == before


def test_pages_that_grow_are_asked_for_smaller(studio: Studio, server: Server, tmp_path: Path) -> None:
    for number in range(6):
        first, count = number * 4_000, 400 * 2**number // 4
        rows = [(first + n + 1, n % 5, n % 8, 86_400 * number + n) for n in range(count)]
        server.pages.append(wire.SyncPage((plays(rows),), "", False, now()))
    studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, server.pages)


@pytest.mark.parametrize("days", [-366, 366])
def test_a_clock_a_year_off_changes_no_figure(studio: Studio, server: Server, tmp_path: Path, days: int) -> None:
    server.pages = feed(17, 8).pages
    wrong = Sync(studio.database, studio.api, studio.hub, studio.settings, now=lambda: now() + timedelta(days=days))
    wrong.once(Work())
    assert digest(studio) == expected_digest(tmp_path, server.pages)
    assert wrong.status.as_of == studio.analytics.as_of() is not None
    assert abs(wrong.status.as_of - server.pages[-1].as_of) < timedelta(seconds=1), "as of is the server's word"
    wrong.close()


def test_another_database_behind_the_server_begins_anew(studio: Studio, server: Server, tmp_path: Path) -> None:
    server.pages = feed(5, 8).pages
    studio.sync.once(Work())
    server.epoch, server.pages = "b", feed(6, 7).pages
    studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, server.pages)


def test_stopping_between_two_pages_keeps_those_written(studio: Studio, server: Server, tmp_path: Path) -> None:
    server.pages = feed(7, 9).pages
    work = Work()

    def stop(number: int) -> None:
        if number == 4:
            work.token.cancel()

    server.interfere = stop
    with pytest.raises(Cancelled):
        studio.sync.once(work)
    assert digest(studio) == expected_digest(tmp_path, server.pages[:3])
    assert studio.sync.status.phase is Phase.IDLE
    studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, server.pages)


def test_offline_is_a_state_and_figures_stay(studio: Studio, server: Server) -> None:
    server.pages = feed(8, 5).pages
    studio.sync.once(Work())
    before = studio.sync.status.as_of
    server.stop()
    with pytest.raises(ServerUnreachable):
        studio.sync.once(Work())
    assert (studio.sync.status.phase, studio.sync.status.as_of) == (Phase.OFFLINE, before)
    assert studio.analytics.as_of() == before


def test_nobody_to_sign_in_is_said(studio: Studio) -> None:
    studio.api.use(None)
    with pytest.raises(NobodySignsIn):
        studio.sync.once(Work())
    assert studio.sync.status.phase is Phase.OFF


def test_a_wallet_that_does_not_sign_is_no_failure_of_the_server(studio: Studio) -> None:
    def no(_text: str) -> str:
        raise Known("Locked", "The wallet is locked.")

    studio.api.use(Signer(lambda: ARTIST, no))
    with pytest.raises(NotSigned):
        studio.sync.once(Work())
    assert studio.sync.status.phase is Phase.OFF


def test_another_account_does_not_see_the_first_ones_rows(studio: Studio, server: Server, tmp_path: Path) -> None:
    server.pages = feed(9, 6).pages
    studio.sync.once(Work())
    studio.api.use(Signer(lambda: LISTENERS[0], lambda _text: "0x00"))
    server.pages = []
    studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path, [])


def test_two_programs_on_one_cache_end_with_the_same_rows(studio: Studio, server: Server, tmp_path: Path) -> None:
    server.pages = feed(10, 30).pages
    other = open_studio(studio.paths)
    other.api.use(Signer(lambda: ARTIST, lambda _text: "0x00"))
    try:
        jobs = [each.jobs.submit(Lane.IO, each.sync.once) for each in (studio, other)]
        for job in jobs:
            job.result(60)
    finally:
        other.close()
    assert digest(studio) == expected_digest(tmp_path, server.pages)


def test_a_full_disk_is_said_keeps_what_is_there_and_the_sync_goes_on_afterwards(
    studio: Studio, server: Server, tmp_path: Path
) -> None:
    for number in range(10):
        rows = [(number * 500 + n + 1, n % 5, n % 8, 86_400 * number + n) for n in range(500)]
        server.pages.append(wire.SyncPage((plays(rows),), "", False, now()))
    with studio.database.write() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
    studio.database._writer.execute(f"PRAGMA max_page_count = {pages + 30}")
    with pytest.raises(CacheUnusable, match="disk is full"):
        studio.sync.once(Work())
    kept = studio.database.read().execute("SELECT cursor FROM sync_state").fetchone()[0]
    reached = int(kept.rpartition("-")[2] or 0)
    assert digest(studio) == expected_digest(tmp_path, server.pages[:reached])
    assert studio.sync.status.problem is not None
    studio.database._writer.execute("PRAGMA max_page_count = 1000000")
    studio.sync.once(Work())
    assert digest(studio) == expected_digest(tmp_path / "again", server.pages)


def test_a_cache_that_became_read_only_says_so_and_shows_what_is_there(studio: Studio, server: Server) -> None:
    server.pages = feed(14, 6).pages
    studio.sync.once(Work())
    before = digest(studio)
    studio.database._writer.execute("PRAGMA query_only = ON")
    server.pages = [*server.pages, *feed(15, 3).pages]
    with pytest.raises(CacheUnusable, match="cannot be written"):
        studio.sync.once(Work())
    assert digest(studio) == before


def test_progress_is_reported_on_a_long_sync(studio: Studio, server: Server) -> None:
    server.pages = feed(11, 10).pages
    found: list[Progress] = []
    studio.sync.once(Work(report=found.append))
    assert found and all(progress.total > progress.done for progress in found)


def test_in_the_background_it_syncs_when_asked_and_after_a_failure_by_itself(studio: Studio, server: Server) -> None:
    server.pages = feed(12, 3).pages
    studio.settings.set(SYNC_MINUTES, 0)
    reached = threading.Condition()
    phases: list[tuple[Phase, bool]] = []

    def note(_changes: Changes, _who: object) -> None:
        with reached:
            status = studio.sync.status
            phases.append((status.phase, status.next_at is not None))
            reached.notify_all()

    def wait_for(*wanted: tuple[Phase, bool]) -> None:
        with reached:
            assert reached.wait_for(lambda: set(wanted) <= set(phases), 20), phases
            phases.clear()

    studio.hub.subscribe(note)
    studio.sync.start()
    wait_for((Phase.RUNNING, False), (Phase.IDLE, False))
    server.interfere = lambda _n: (200, b"garbage")
    studio.sync.ask()
    wait_for((Phase.FAILED, True))
    server.interfere = lambda _n: None
    studio.sync.ask()
    wait_for((Phase.IDLE, False))
    # Something put in the outbox wakes it as well.
    sent = threading.Event()
    studio.outbox.register("note", lambda _payload, _work: sent.set())
    studio.outbox.put("note", {}, title="A note")
    assert sent.wait(20)

"""The platform's figures are asked for over HTTP, kept a look a day, and shown without a network as they were."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

import pytest

from mycelix_studio.api.errors import ServerUnreachable
from mycelix_studio.api.platform import Api
from mycelix_studio.domain.clock import rfc3339
from mycelix_studio.domain.dashboard import Against, Range, compared, period_of
from mycelix_studio.domain.period import Period
from mycelix_studio.domain.platform import Figures, Health, Month
from mycelix_studio.paths import Paths
from mycelix_studio.services.background import Background
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.services.opening import open_studio
from mycelix_studio.services.platform import DAILY_SECONDS, NoFigures, Platform
from mycelix_studio.settings import API_URL, CHAIN_ID
from mycelix_studio.store.connection import Database
from mycelix_studio.store.migrations import open_database

BEGUN = date(2026, 1, 1)
NOW = datetime(2026, 6, 14, 14, 32, tzinfo=UTC)
ARTIST = "0x7E5F4552091A69125d5DfCb7b8C2659029395Bdf"


def song(number: int, score: int) -> dict[str, object]:
    return {
        "song_id": f"0x{number:064x}", "title": f"Song {number}", "artist_address": ARTIST if number % 2 else "0x" + "1" * 40,
        "genre": "dub", "strategy": "patronage", "play_count": 10, "unique_listeners": 3, "total_earnings": "7", "avg_play_duration": 1.5,
        "avg_earning_per_play": "0", "last_played": None, "first_played": None, "plays_last_7_days": 3, "plays_last_30_days": 4,
        "trending_score": score, "last_refreshed": rfc3339(NOW),
    }  # fmt: skip


def month(name: str, wei: int) -> dict[str, object]:
    ways = ("pay_per_stream", "gift_economy", "patronage", "auction")
    by_way = {f"earnings_{way}": str(wei * place) for place, way in enumerate(ways)}
    return {
        "month": name,
        "complete": name < "2026-06",
        "payments": 1,
        "volume": "1",
        "fees": "1",
        "earnings": "1",
        **by_way,
    }


class Server(ThreadingHTTPServer):
    """A platform's server in small: it gives what the endpoints of ``docs/openapi.yaml`` give."""

    daemon_threads = True

    def __init__(self) -> None:
        self.now = NOW
        self.plays = 1_000
        self.order = [1, 2, 3]
        self.gone = False
        super().__init__(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"
        self.thread = threading.Thread(target=self.serve_forever, daemon=True)
        self.thread.start()

    def close(self) -> None:
        if self.thread.is_alive():
            self.shutdown()
            self.server_close()
            self.thread.join()

    def days_told(self, count: int, last: date) -> object:
        """One play a day by one new listener since 1 January, who pays 100 wei; nothing on Mondays."""
        every = [last - timedelta(days=n) for n in reversed(range(min(count, 600)))]
        days = [day for day in every if day >= BEGUN and day.weekday()]
        one = {"plays": 1, "listeners": 1, "new_listeners": 1, "earning_artists": 1, "fees": "1", "earnings": "99", "payments": 1,
               "seconds": 9, "volume": "100"}  # fmt: skip
        n = len(days)
        whole = {**one, "plays": n, "listeners": min(n, 77), "new_listeners": n, "earning_artists": min(n, 4), "fees": str(n),
                 "earnings": str(99 * n)}  # fmt: skip
        first = str(last - timedelta(days=count - 1))
        return {"first": first, "last": str(last), "first_day": str(BEGUN), "totals": whole, "last_refreshed": rfc3339(self.now),
                "days": [{"date": str(day), **one} for day in days]}  # fmt: skip

    def answer(self, path: str, asked: dict[str, list[str]]) -> object:
        counts = dict.fromkeys(("songs_pay_per_stream", "songs_gift_economy", "songs_patronage", "songs_auction"), 2)
        recent = dict.fromkeys(
            ("plays_last_24h", "plays_last_7d", "plays_last_30d", "new_songs_last_7d", "new_songs_last_30d"), 5
        )
        genre = {"genre": "dub", "total_songs": 3, "total_artists": 2, "total_plays": 500, "total_earnings": str(10**21),
                 "avg_earning_per_play": "1", "unique_listeners": 9, "plays_last_7d": 5, "popularity_rank": 1}  # fmt: skip
        artist = {"artist_address": ARTIST, "artist_name": "Ada Lark", "total_songs": 1, "total_plays": 1, "unique_listeners": 1,
                  "total_earnings": "1"}  # fmt: skip
        known: dict[str, object] = {
            "/api/analytics/platform": {"total_artists": 4, "total_songs": 8, "total_plays": self.plays, "total_listeners": 77,
                                        "total_volume": str(self.plays * 10**30), "avg_payment": "1", "last_refreshed": rfc3339(self.now),
                                        **counts, **recent},
            "/api/analytics/platform/months": {"months": [month("2026-05", 10**20), month("2026-06", 5)]},
            "/api/analytics/genres": {"genres": [genre]},
            "/api/analytics/artists/top": {"artists": [artist]},
            "/api/analytics/songs/trending": {"songs": [song(number, 100 - place) for place, number in enumerate(self.order)]},
            "/ready": {"status": "ready", "checks": {"database": {"ok": True, "latency_ms": 1.5}, "store": {"ok": False, "latency_ms": 0.0,
                       "detail": "82 % full"}}},
        }  # fmt: skip
        if path == "/api/analytics/platform/days" and not self.gone:
            return self.days_told(int(asked["days"][0]), date.fromisoformat(asked["to"][0]))
        if path.startswith("/api/analytics/songs/0x"):
            return {**song(1, 1), "daily": [{"date": "2026-06-13", "plays": 4, "seconds": 1, "earnings": "0"}]}
        return None if self.gone and path.startswith("/api/analytics") else known.get(path)


class Handler(BaseHTTPRequestHandler):
    server: Server  # type: ignore[assignment]
    protocol_version = "HTTP/1.1"
    requests: ClassVar[list[str]] = []

    def do_GET(self) -> None:
        asked = urlsplit(self.path)
        found = self.server.answer(asked.path, parse_qs(asked.query))
        body = json.dumps(found if found is not None else {"type": "not-found", "title": "?", "status": 404}).encode()
        self.send_response(200 if found is not None else 404)
        self.send_header("Content-Type", "application/json" if found is not None else "application/problem+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_words: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.close()


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(tmp_path / "studio.sqlite")
    yield opened
    opened.close()


@pytest.fixture
def api(server: Server) -> Iterator[Api]:
    made = Api(lambda: server.url, lambda: 31337)
    yield made
    made.close()


def test_a_look_is_kept_exactly_and_read_again_without_a_network(server: Server, api: Api, database: Database) -> None:
    platform = Platform(database, api, lambda: NOW)
    assert platform.history() is None and platform.due()
    assert platform.look(Work()).touches(Kind.PLATFORM)
    assert not platform.due(), "it was asked just now"
    server.gone = True
    history = platform.history()
    assert history is not None
    look = history.look
    assert (look.at, look.totals.plays, look.totals.volume) == (NOW, 1_000, 10**33)
    assert look.totals.songs_by_strategy == (2, 2, 2, 2)
    assert [(trend.title, trend.artist, trend.strategy, trend.score) for trend in look.trending] == [
        ("Song 1", "Ada Lark", "patronage", 100),
        ("Song 2", "0x" + "1" * 40, "patronage", 99),
        ("Song 3", "Ada Lark", "patronage", 98),
    ]
    assert look.trending[0].days == (0, 0, 0, 0, 0, 4, 0), "days are those up to the look's"
    assert look.health == (Health("database", True, 1.5), Health("store", False, 0.0, "82 % full"))
    assert [(genre.name, genre.plays, genre.earnings) for genre in look.genres] == [("dub", 500, 10**21)]
    assert look.months == (
        Month(date(2026, 5, 1), True, (0, 10**20, 2 * 10**20, 3 * 10**20)),
        Month(date(2026, 6, 1), False, (0, 5, 10, 15)),
    )


def test_ranges_are_those_of_the_server_and_own_dates_are_added_up(
    server: Server, api: Api, database: Database
) -> None:
    moment = [NOW]
    platform = Platform(database, api, lambda: moment[0])
    platform.look(Work())
    moment[0] = server.now = NOW + timedelta(days=1)
    server.order = [3, 1, 4]
    platform.look(Work())
    history = platform.history()
    assert history is not None and history.places == {f"0x{n:064x}": n for n in (1, 2, 3)}
    look, last = history.look, moment[0].date()
    for kind in (Range.WEEK, Range.QUARTER, Range.ALL):
        period = period_of(kind, last, BEGUN)
        days = [day for day in (period.first + timedelta(days=n) for n in range(365)) if day <= last and day.weekday()]
        n = len(days)
        assert look.figures(period) == Figures(n, min(n, 77), n, min(n, 4), 99 * n, n), kind
    before = compared(period_of(Range.WEEK, last, BEGUN), Against.PREVIOUS)
    assert before is not None and look.figures(before).listeners == 6
    own = look.figures(Period(date(2026, 3, 2), date(2026, 3, 8)))
    assert own == Figures(6, None, 6, None, 6 * 99, 6), "who came twice in it only the server could tell"
    assert look.figures(Period(date(2025, 3, 2), date(2025, 3, 8))) == Figures(listeners=0, artists=0)
    moment[0] += timedelta(seconds=DAILY_SECONDS)
    assert platform.due(DAILY_SECONDS)


def test_a_server_without_figures_and_no_server_are_told_apart(server: Server, api: Api, database: Database) -> None:
    server.gone = True
    platform = Platform(database, api, lambda: NOW)
    with pytest.raises(NoFigures):
        platform.look(Work())
    nobody = Api(lambda: "http://127.0.0.1:9", lambda: 31337)
    with pytest.raises(ServerUnreachable):
        Platform(database, nobody, lambda: NOW).look(Work())
    nobody.close()
    assert platform.history() is None


def test_another_server_has_a_history_of_its_own(server: Server, api: Api, database: Database) -> None:
    Platform(database, api, lambda: NOW).look(Work())
    other = Api(lambda: "http://127.0.0.1:9", lambda: 31337)
    assert Platform(database, other, lambda: NOW).history() is None
    nowhere = Api(lambda: "", lambda: 31337)
    platform = Platform(database, nowhere, lambda: NOW)
    assert platform.history() is None and not platform.due()
    for each in (other, nowhere):
        each.close()


def test_a_look_a_day_is_taken_by_itself_and_a_silent_server_is_no_trouble(server: Server, tmp_path: Path) -> None:
    studio = open_studio(Paths.under(tmp_path / "profile"))
    try:
        told: list[Changes] = []
        studio.hub.subscribe(lambda changes, _who: told.append(changes))
        background = Background(studio)
        background._look_at_platform()
        assert told == [], "without a platform there is nothing to look at"
        studio.settings.set(CHAIN_ID, 31337)
        studio.settings.set(API_URL, server.url)
        for _ in range(2):
            background._look_at_platform()
        assert told == [Changes.of(Kind.PLATFORM)], "one look serves for hours"
        studio.settings.set(API_URL, "http://127.0.0.1:9")
        background._look_at_platform()
        assert len(told) == 1
        background.close()
    finally:
        studio.close()

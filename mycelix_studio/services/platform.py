"""The whole platform's figures: asked of its server now and then, kept on this computer, shown without a network."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

from mycelix_studio.api.errors import NoServer, NotThere
from mycelix_studio.domain import clock
from mycelix_studio.domain.clock import to_unix
from mycelix_studio.domain.dashboard import Against, Range, compared, period_of
from mycelix_studio.domain.platform import Figures, Genre, Health, History, Look, Month, Span, Totals, Trend
from mycelix_studio.errors import Known
from mycelix_studio.services.changes import Changes, Kind
from mycelix_studio.services.jobs import Work
from mycelix_studio.store import platform as stored
from mycelix_studio.store.connection import Database

if TYPE_CHECKING:
    from mycelix_studio.api.analytics import DayFigures, PlatformDays
    from mycelix_studio.api.platform import Api

FRESH_SECONDS: Final = 300
"""A look younger than this is shown without asking again."""
DAILY_SECONDS: Final = 6 * 3600
"""How old the last look may be until a sync takes another by itself, so that every day has one."""
MOST_DAYS: Final = 3_660
"""All days, ten years of them, which is what a server gives at once."""
TRENDS: Final = 20
SHOWN: Final = 7
"""Trending songs whose days are asked for."""
WAYS: Final = {"pay-per-stream": "stream", "gift-economy": "gift", "patronage": "patronage", "auction": "auction"}


class NoFigures(Known):
    """The server has no figures of the whole platform."""

    def __init__(self) -> None:
        super().__init__(
            "This platform tells no figures of the whole",
            "Its server is older than this part of Studio. Your own figures are not affected.",
            "Ask the people who run it for an update.",
        )


@dataclass(eq=False)
class Platform:
    """The platform of one profile's settings. Safe to use from any thread.

    Attributes:
        database: The cache.
        api: The platform.
        now: The present moment; another clock in tests.
    """

    database: Database
    api: Api
    now: Callable[[], datetime] = clock.now
    _one: threading.Lock = field(default_factory=threading.Lock)
    _asked: datetime | None = None

    def history(self) -> History | None:
        """Return what was kept; None before the first look.

        Raises:
            CacheUnusable: The cache cannot be read.
        """
        try:
            server = self.api.client.origin()
        except NoServer:
            return None
        return stored.history(self.database.read(), server)

    def due(self, seconds: int = FRESH_SECONDS) -> bool:
        """Tell whether the last look is older than so many seconds, and the server was not asked just now."""
        if self._asked is not None and (self.now() - self._asked).total_seconds() < FRESH_SECONDS:
            return False
        try:
            last = stored.last_at(self.database.read(), self.api.client.origin())
        except NoServer:
            return False
        return last is None or to_unix(self.now()) - last >= seconds

    def look(self, work: Work) -> Changes:
        """Ask the server, keep what it says. Blocks: not for the GUI thread.

        Raises:
            NoFigures: The server has none.
            ServerUnreachable: Offline; what was kept stays.
            Known: As of the server or the cache.
        """
        with self._one:
            self._asked = self.now()
            server = self.api.client.origin()
            found = self._ask(work)
            with self.database.write() as db:
                stored.keep(db, server, found)
            return Changes.of(Kind.PLATFORM)

    def _ask(self, work: Work) -> Look:
        analytics = self.api.analytics
        try:
            whole = analytics.platform()
            at = whole.last_refreshed.astimezone(UTC)
            every = analytics.platform_days(MOST_DAYS, at.date())
            months = analytics.platform_months()
        except NotThere as error:
            raise NoFigures from error
        totals = Totals(
            whole.total_plays,
            whole.total_listeners,
            whole.total_artists,
            whole.total_songs,
            int(whole.total_volume),
            (whole.songs_pay_per_stream, whole.songs_gift_economy, whole.songs_patronage, whole.songs_auction),
            whole.plays_last_24h,
            whole.plays_last_7d,
            whole.plays_last_30d,
            whole.new_songs_last_7d,
            whole.new_songs_last_30d,
        )
        genres = tuple(Genre(g.genre, g.total_songs, g.total_plays, int(g.total_earnings)) for g in analytics.genres())
        names = {artist.artist_address: artist.artist_name for artist in analytics.top_artists()}
        trending = []
        for place, song in enumerate(analytics.trending(TRENDS)):
            work.token.raise_if_cancelled()
            days = self._days(song.song_id, at.date()) if place < SHOWN else ()
            artist = names.get(song.artist_address) or song.artist_address
            trending.append(Trend(song.song_id, song.title, artist, WAYS[song.strategy], song.trending_score, days))
        every_day = tuple(
            Span(date.fromisoformat(day.date), date.fromisoformat(day.date), _figures(day)) for day in every.days
        )
        return Look(
            at,
            totals,
            genres,
            tuple(trending),
            self._health(),
            every_day,
            tuple(self._spans(work, at.date(), every)),
            tuple(
                Month(
                    date.fromisoformat(f"{month.month}-01"),
                    month.complete,
                    (
                        int(month.earnings_pay_per_stream),
                        int(month.earnings_gift_economy),
                        int(month.earnings_patronage),
                        int(month.earnings_auction),
                    ),
                )
                for month in months
            ),
        )

    def _spans(self, work: Work, last: date, every: PlatformDays) -> Iterator[Span]:
        """Yield every range the dashboard offers, and what each may be compared with, since people count once in each."""
        begun = date.fromisoformat(every.first_day) if every.first_day is not None else last
        yield Span(begun, last, _figures(every.totals))
        for kind in (Range.WEEK, Range.MONTH, Range.QUARTER, Range.YEAR):
            period = period_of(kind, last, begun)
            for each in (period, compared(period, Against.PREVIOUS), compared(period, Against.YEAR)):
                if each is not None and each.last >= begun:
                    work.token.raise_if_cancelled()
                    count = (each.last - each.first).days + 1
                    found = self.api.analytics.platform_days(count, each.last)
                    yield Span(each.first, each.last, _figures(found.totals))

    def _days(self, song_id: str, last: date) -> tuple[int, ...]:
        plays = {day.date: day.plays for day in self.api.analytics.song_days(song_id, 7)}
        return tuple(plays.get((last - timedelta(days=6 - n)).isoformat(), 0) for n in range(7))

    def _health(self) -> tuple[Health, ...]:
        ready = self.api.status.ready()
        return tuple(Health(name, check.ok, check.latency_ms, check.detail) for name, check in ready.checks.items())


def _figures(told: DayFigures) -> Figures:
    return Figures(
        told.plays, told.listeners, told.new_listeners, told.earning_artists, int(told.earnings), int(told.fees)
    )

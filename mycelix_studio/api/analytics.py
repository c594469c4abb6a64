"""``/api/analytics`` and ``/api/stats``: figures of the whole platform. The rows have names in snake case."""

from __future__ import annotations

from datetime import date, datetime

import msgspec

from mycelix_studio.api.client import Client
from mycelix_studio.api.shapes import Wei
from mycelix_studio.domain.strategy.names import StrategyName


class PlatformFigures(msgspec.Struct, frozen=True):
    """The whole platform; ``total_volume`` is what listeners paid, wei as text."""

    total_artists: int
    total_songs: int
    total_plays: int
    total_listeners: int
    total_volume: Wei
    avg_payment: Wei
    songs_pay_per_stream: int
    songs_gift_economy: int
    songs_patronage: int
    songs_auction: int
    plays_last_24h: int
    plays_last_7d: int
    plays_last_30d: int
    new_songs_last_7d: int
    new_songs_last_30d: int
    last_refreshed: datetime


class DayFigures(msgspec.Struct, frozen=True):
    """What happened in some days; wei as text, rewards left out. Listeners and artists are each counted once."""

    plays: int
    listeners: int
    new_listeners: int
    earning_artists: int
    fees: Wei
    earnings: Wei


class PlatformDay(DayFigures, frozen=True):
    """One UTC day, ``YYYY-MM-DD``."""

    date: str


class PlatformDays(msgspec.Struct, frozen=True):
    """A range of UTC days as a whole and day by day, without those on which nothing happened."""

    first: str
    last: str
    first_day: str | None
    totals: DayFigures
    days: tuple[PlatformDay, ...]


class PlatformMonth(msgspec.Struct, frozen=True):
    """What came to artists in a UTC month, ``YYYY-MM``, by way to earn; wei as text."""

    month: str
    complete: bool
    earnings_pay_per_stream: Wei
    earnings_gift_economy: Wei
    earnings_patronage: Wei
    earnings_auction: Wei


class _Months(msgspec.Struct, frozen=True):
    months: tuple[PlatformMonth, ...]


class GenreFigures(msgspec.Struct, frozen=True):
    """One genre; earnings are net, wei as text."""

    genre: str
    total_songs: int
    total_artists: int
    total_plays: int
    total_earnings: Wei
    avg_earning_per_play: Wei
    unique_listeners: int
    plays_last_7d: int
    popularity_rank: int


class SongFigures(msgspec.Struct, frozen=True):
    """One song; earnings are net, wei as text."""

    song_id: str
    title: str
    artist_address: str
    genre: str
    strategy: StrategyName
    play_count: int
    unique_listeners: int
    total_earnings: Wei
    plays_last_7_days: int
    plays_last_30_days: int
    trending_score: int


class SongDay(msgspec.Struct, frozen=True):
    """One UTC day of a song, ``YYYY-MM-DD``."""

    date: str
    plays: int


class _Song(msgspec.Struct, frozen=True):
    daily: tuple[SongDay, ...] = ()


class ArtistFigures(msgspec.Struct, frozen=True):
    """One artist; earnings are net, wei as text."""

    artist_address: str
    artist_name: str
    total_songs: int
    total_plays: int
    unique_listeners: int
    total_earnings: Wei


class _Genres(msgspec.Struct, frozen=True):
    genres: tuple[GenreFigures, ...]


class _Songs(msgspec.Struct, frozen=True):
    songs: tuple[SongFigures, ...]


class _Artists(msgspec.Struct, frozen=True):
    artists: tuple[ArtistFigures, ...]


class Stats(msgspec.Struct, frozen=True, rename="camel"):
    """The platform in five figures; revenue is wei as text."""

    total_songs: int
    total_plays: int
    total_artists: int
    total_revenue: Wei
    active_strategies: int


class Analytics:
    """``/api/analytics`` and ``/api/stats``. Every method blocks; errors are those of :meth:`Client.request`."""

    def __init__(self, client: Client) -> None:
        self._client = client

    def stats(self) -> Stats:
        """Return the platform in five figures."""
        return self._client.get("/api/stats", Stats)

    def platform(self) -> PlatformFigures:
        """Return the whole platform's figures.

        Raises:
            NotThere: The server gives none.
        """
        return self._client.get("/api/analytics/platform", PlatformFigures)

    def platform_days(self, days: int, last: date) -> PlatformDays:
        """Return so many days up to ``last`` as a whole and day by day.

        Raises:
            NotThere: The server gives none.
        """
        return self._client.get(
            "/api/analytics/platform/days", PlatformDays, params={"days": days, "to": last.isoformat()}
        )

    def platform_months(self, months: int = 12) -> tuple[PlatformMonth, ...]:
        """Return the last months in which money moved, in order.

        Raises:
            NotThere: The server gives none.
        """
        return self._client.get("/api/analytics/platform/months", _Months, params={"months": months}).months

    def genres(self, limit: int = 50) -> tuple[GenreFigures, ...]:
        """Return genres, the most played first."""
        return self._client.get("/api/analytics/genres", _Genres, params={"limit": limit}).genres

    def trending(self, limit: int = 20) -> tuple[SongFigures, ...]:
        """Return songs by their score, the highest first."""
        return self._client.get("/api/analytics/songs/trending", _Songs, params={"limit": limit}).songs

    def song_days(self, song_id: str, days: int) -> tuple[SongDay, ...]:
        """Return a song's last days; those without plays are left out."""
        return self._client.get(f"/api/analytics/songs/{song_id}", _Song, params={"days": days}).daily

    def top_artists(self, limit: int = 100) -> tuple[ArtistFigures, ...]:
        """Return artists, the most played first."""
        return self._client.get("/api/analytics/artists/top", _Artists, params={"limit": limit}).artists

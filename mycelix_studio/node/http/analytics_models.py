"""Bodies of the analytics: rows of the six views in snake case, and what clients report of their use."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from mycelix_studio.domain.strategy.names import StrategyName
from mycelix_studio.node.http.models import Address, Answer, Body, Hash, Metadata, Time, Wei

Count = Annotated[int, Field(ge=0, examples=[42])]
Refreshed = Annotated[
    str, Field(description="Moment at which the windows of days end.", examples=["2026-03-01T12:30:00Z"])
]
Genre = Annotated[str, Field(examples=["ambient"])]
Name = Annotated[str, Field(examples=["Ada Lark"])]
SongTitle = Annotated[str, Field(examples=["Low Lamp"])]


class ArtistAnalytics(Answer):
    """How an artist does. Earnings are net of the protocol's fee; averages are rounded down to the wei."""

    artist_address: Address
    artist_name: Name
    total_songs: Count
    total_plays: Count
    unique_listeners: Count
    total_earnings: Wei
    avg_earning_per_play: Wei
    last_play_date: Time | None
    plays_last_30_days: Count
    plays_last_7_days: Count
    last_refreshed: Refreshed


class TopArtists(Answer):
    """Artists, the most played first."""

    artists: list[ArtistAnalytics]


class SongAnalytics(Answer):
    """How a song does. ``trending_score``: 10 for each play of the last day, 5 of the last 7 days, 1 of the last 30."""

    song_id: Hash
    title: SongTitle
    artist_address: Address
    genre: Genre
    strategy: StrategyName
    play_count: Count
    unique_listeners: Count
    total_earnings: Wei
    avg_play_duration: float = Field(description="Seconds.", examples=[163.25])
    avg_earning_per_play: Wei
    last_played: Time | None
    first_played: Time | None
    plays_last_7_days: Count
    plays_last_30_days: Count
    trending_score: Count
    last_refreshed: Refreshed


class SongDay(Answer):
    """One day of a song, UTC."""

    date: str = Field(examples=["2026-03-01"])
    plays: Count
    seconds: Count
    earnings: Wei


class OneSongAnalytics(SongAnalytics):
    """How a song does, with its days; days without plays and payments are left out."""

    daily: list[SongDay]


class TopSongs(Answer):
    """Songs in the order asked for."""

    songs: list[SongAnalytics]


class WeekSong(Answer):
    """A song among the most played of the last 7 days."""

    rank: int = Field(ge=1, examples=[1])
    song_id: Hash
    title: SongTitle
    artist_address: Address
    artist_name: Name
    genre: Genre
    strategy: StrategyName
    plays_this_week: Count
    unique_listeners_this_week: Count
    earnings_this_week: Wei
    last_refreshed: Refreshed


class WeekSongs(Answer):
    """The most played songs of the last 7 days."""

    songs: list[WeekSong]


class PlatformAnalytics(Answer):
    """The whole platform. ``total_volume`` is what listeners paid, fees included."""

    total_artists: Count
    total_songs: Count
    total_plays: Count
    total_listeners: Count
    total_volume: Wei
    avg_payment: Wei
    songs_pay_per_stream: Count
    songs_gift_economy: Count
    songs_patronage: Count
    songs_auction: Count
    plays_last_24h: Count
    plays_last_7d: Count
    plays_last_30d: Count
    new_songs_last_7d: Count
    new_songs_last_30d: Count
    last_refreshed: Refreshed


class PlatformFigures(Answer):
    """What happened on the platform in some days. Rewards, which artists give, are in no amount."""

    plays: Count
    seconds: int = Field(ge=0, description="Listened, in all.", examples=[6_850])
    listeners: int = Field(ge=0, description="Different ones, each counted once.", examples=[31])
    new_listeners: int = Field(ge=0, description="Those who never listened before these days.", examples=[4])
    earning_artists: int = Field(ge=0, description="Different artists who earned something.", examples=[7])
    payments: Count
    volume: Wei = Field(description="What listeners paid, fees included.", examples=["420000000000000000"])
    fees: Wei = Field(description="The protocol's part of it.", examples=["4200000000000000"])
    earnings: Wei = Field(description="What came to artists.", examples=["415800000000000000"])


class PlatformDay(PlatformFigures):
    """One day of the platform, UTC."""

    date: str = Field(examples=["2026-03-01"])


class PlatformDays(Answer):
    """The platform in a range of days. Days on which nothing happened are left out."""

    first: str = Field(description="First day of the range, UTC.", examples=["2026-01-31"])
    last: str = Field(description="Last day of the range; today is not complete.", examples=["2026-03-01"])
    first_day: str | None = Field(description="First day of all on which anything happened.", examples=["2025-06-12"])
    totals: PlatformFigures = Field(description="The whole range: each listener and artist counted once in it.")
    days: list[PlatformDay]
    last_refreshed: Refreshed


class PlatformMonth(Answer):
    """One month's money, UTC. Tips stand under the main way to earn of their song, under gifts where they name none."""

    month: str = Field(examples=["2026-03"])
    complete: bool = Field(description="Whether the month is over.", examples=[False])
    payments: Count
    volume: Wei = Field(description="What listeners paid, fees included.", examples=["420000000000000000"])
    fees: Wei = Field(description="The protocol's part of it.", examples=["4200000000000000"])
    earnings: Wei = Field(
        description="What came to artists: the sum of the four ways.", examples=["415800000000000000"]
    )
    earnings_pay_per_stream: Wei = Field(examples=["297000000000000000"])
    earnings_gift_economy: Wei = Field(examples=["9900000000000000"])
    earnings_patronage: Wei = Field(examples=["59400000000000000"])
    earnings_auction: Wei = Field(examples=["49500000000000000"])


class PlatformMonths(Answer):
    """Months in which money moved, in order."""

    months: list[PlatformMonth]
    last_refreshed: Refreshed


class ListenerAnalytics(Answer):
    """What a listener does: all of it for the listener and the operator, for an artist what concerns the artist's own songs."""

    listener_address: Address
    total_plays: Count
    unique_songs_played: Count
    unique_artists: Count
    total_spent: Wei
    avg_spent_per_play: Wei
    last_active: Time | None
    first_active: Time | None
    favorite_genre: Genre | None
    favorite_strategy: StrategyName | None
    plays_last_7d: Count
    plays_last_30d: Count
    last_refreshed: Refreshed


class GenreAnalytics(Answer):
    """How a genre does."""

    genre: Genre
    total_songs: Count
    total_artists: Count
    total_plays: Count
    total_earnings: Wei
    avg_earning_per_play: Wei
    unique_listeners: Count
    plays_last_7d: Count
    popularity_rank: int = Field(ge=1, examples=[1])
    last_refreshed: Refreshed


class Genres(Answer):
    """Genres, the most played first."""

    genres: list[GenreAnalytics]


class PlatformStats(Answer):
    """The platform in five figures. ``totalRevenue`` is what listeners paid, fees included."""

    totalSongs: Count
    totalPlays: Count
    totalArtists: Count
    totalRevenue: Wei
    activeStrategies: int = Field(ge=0, le=4, examples=[4])


class ClientEvent(Body):
    """What a client that shares how it is used reports. ``userAddress`` must be the signed-in account."""

    event: Annotated[str, Field(min_length=1, max_length=100, pattern=r"^[A-Za-z0-9._:/ -]+$")]
    properties: Metadata
    userAddress: Address | None = None
    timestamp: Annotated[str, Field(max_length=40, description="RFC 3339.", examples=["2026-03-01T12:30:00Z"])]

    model_config = ConfigDict(
        strict=True,
        extra="forbid",
        json_schema_extra={
            "examples": [
                {"event": "page.opened", "properties": {"page": "library"}, "timestamp": "2026-03-01T12:30:00Z"}
            ]
        },
    )

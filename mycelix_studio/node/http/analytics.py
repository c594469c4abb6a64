"""Analytics: the six views as endpoints, the platform's figures, and what clients report of their own use."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, TypeVar

from fastapi import APIRouter, Query, Response

from mycelix_studio.chain.values import checksum
from mycelix_studio.domain.clock import from_unix, rfc3339
from mycelix_studio.domain.wire import parse_time
from mycelix_studio.node import metrics
from mycelix_studio.node.context import Context
from mycelix_studio.node.db import analytics, platform_days, stats
from mycelix_studio.node.db.analytics import Values, View
from mycelix_studio.node.http.analytics_models import (
    ArtistAnalytics,
    ClientEvent,
    GenreAnalytics,
    Genres,
    ListenerAnalytics,
    OneSongAnalytics,
    PlatformAnalytics,
    PlatformDay,
    PlatformDays,
    PlatformFigures,
    PlatformMonth,
    PlatformMonths,
    PlatformStats,
    SongAnalytics,
    SongDay,
    TopArtists,
    TopSongs,
    WeekSong,
    WeekSongs,
)
from mycelix_studio.node.http.deps import (
    OPEN,
    AddressPath,
    ContextDep,
    MaybeAccount,
    SignedIn,
    SongPath,
    is_operator,
    own,
)
from mycelix_studio.node.http.models import Answer, Json
from mycelix_studio.node.http.problems import invalid, not_found, unauthorized

router = APIRouter(prefix="/api/analytics", tags=["analytics"])
totals = APIRouter(prefix="/api", tags=["analytics"])

TopLimit = Annotated[int, Query(ge=1, le=100, description="Rows.")]
LastDay = Annotated[
    str | None,
    Query(
        pattern=r"^(19[7-9][0-9]|2[0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        description="Last day of the range, UTC; the newest by default.",
        json_schema_extra={"format": "date"},
        examples=["2026-03-01"],
    ),
]
A = TypeVar("A", bound=Answer)

_EVENT_PAST = timedelta(days=30)
_EVENT_AHEAD = timedelta(minutes=10)


def _columns(kind: type[Answer], *without: str) -> list[str]:
    return [name for name in kind.model_fields if name not in without]


def _plain(row: Values) -> Json:
    """Return a view's row as JSON has it: amounts as decimal strings, times as RFC 3339."""
    return {name: _value(name, value) for name, value in row.items()}


def _value(name: str, value: object) -> object:
    if isinstance(value, Decimal):
        return float(value) if name == "avg_play_duration" else str(int(value))
    return rfc3339(value) if isinstance(value, datetime) else value


async def _rows(context: Context, kind: type[A], view: View, rest: str = "", *values: object) -> list[A]:
    async with context.database.read(view) as connection:
        rows = await analytics.read(connection, view, _columns(kind), rest, values)
    return [kind(**_plain(row)) for row in rows]


@router.get("/artists/top")
async def top_artists(context: ContextDep, limit: TopLimit = 10) -> TopArtists:
    """List the most played artists."""
    return TopArtists(
        artists=await _rows(context, ArtistAnalytics, "mv_artist_analytics", analytics.TOP_ARTISTS, limit)
    )


@router.get("/artists/{address}")
async def artist_analytics(address: AddressPath, context: ContextDep) -> ArtistAnalytics:
    """Give an artist's figures; they are sums and name no listener."""
    form = checksum(address)
    found = await _rows(context, ArtistAnalytics, "mv_artist_analytics", "WHERE artist_address = %s", form)
    if not found:
        raise not_found("artist", "There is no such artist")
    return found[0]


@router.get("/songs/trending")
async def trending_songs(context: ContextDep, limit: TopLimit = 20) -> TopSongs:
    """List songs by their score: 10 for each play of the last day, 5 of the last 7 days, 1 of the last 30."""
    return TopSongs(songs=await _rows(context, SongAnalytics, "mv_song_analytics", analytics.TRENDING, limit))


@router.get("/songs/popular")
async def popular_songs(context: ContextDep, limit: TopLimit = 20) -> TopSongs:
    """List the most played songs of all time."""
    return TopSongs(songs=await _rows(context, SongAnalytics, "mv_song_analytics", analytics.POPULAR, limit))


@router.get("/songs/top-week")
async def top_songs_of_the_week(context: ContextDep, limit: TopLimit = 20) -> WeekSongs:
    """List the most played songs of the last 7 days."""
    async with context.database.read("mv_top_songs_week") as connection:
        columns = _columns(WeekSong, "rank")
        rows = await analytics.read(connection, "mv_top_songs_week", columns, "LIMIT %s", (limit,))
    return WeekSongs(songs=[WeekSong(rank=place, **_plain(row)) for place, row in enumerate(rows, 1)])  # type: ignore[arg-type]


@router.get("/songs/{song_id}")
async def song_analytics(
    song_id: SongPath,
    context: ContextDep,
    days: Annotated[int, Query(ge=1, le=366, description="Days of `daily`, up to today.")] = 30,
) -> OneSongAnalytics:
    """Give a song's figures and its days."""
    async with context.database.read("song-analytics") as connection:
        columns = _columns(SongAnalytics)
        rows = await analytics.read(connection, "mv_song_analytics", columns, "WHERE song_id = %s", (song_id,))
        if not rows:
            raise not_found("song", "There is no such song")
        found = await analytics.days(connection, song_id, days)
    daily = [
        SongDay(
            date=(date(1970, 1, 1) + timedelta(days=day.day)).isoformat(),
            plays=day.plays,
            seconds=day.seconds,
            earnings=str(day.earnings),
        )
        for day in found
    ]
    return OneSongAnalytics(**_plain(rows[0]), daily=daily)  # type: ignore[arg-type]


@router.get("/platform")
async def platform_analytics(context: ContextDep) -> PlatformAnalytics:
    """Give the whole platform's figures."""
    return (await _rows(context, PlatformAnalytics, "mv_platform_stats"))[0]


@router.get("/platform/days")
async def platform_by_day(
    context: ContextDep,
    days: Annotated[int, Query(ge=1, le=3_660, description="Days of the range.")] = 30,
    to: LastDay = None,
) -> PlatformDays:
    """Give a range of days as a whole and day by day; sums only, which name nobody. Up to a minute old."""
    try:
        last = date.fromisoformat(to) if to is not None else None
    except ValueError as error:
        raise invalid(("to", "there is no such day")) from error
    async with context.database.read("platform-days") as connection:
        found = await platform_days.span(connection, days, last)
    return PlatformDays(
        first=found.first.isoformat(),
        last=found.last.isoformat(),
        first_day=found.first_day.isoformat() if found.first_day is not None else None,
        totals=_figures(found.whole),
        days=[PlatformDay(date=day.isoformat(), **_figures(figures).model_dump()) for day, figures in found.days],
        last_refreshed=rfc3339(from_unix(found.as_of)),
    )


@router.get("/platform/months")
async def platform_by_month(
    context: ContextDep, months: Annotated[int, Query(ge=1, le=120, description="The last so many.")] = 12
) -> PlatformMonths:
    """Give what was paid month by month, by way to earn."""
    async with context.database.read("platform-months") as connection:
        found, as_of = await platform_days.months(connection, months)
    moment = from_unix(as_of)
    return PlatformMonths(
        months=[
            PlatformMonth(
                month=f"{month.first:%Y-%m}",
                complete=(month.first.year, month.first.month) < (moment.year, moment.month),
                payments=month.payments,
                volume=str(month.volume),
                fees=str(month.volume - month.earnings),
                earnings=str(month.earnings),
                earnings_pay_per_stream=str(month.by_strategy["pay-per-stream"]),
                earnings_gift_economy=str(month.by_strategy["gift-economy"]),
                earnings_patronage=str(month.by_strategy["patronage"]),
                earnings_auction=str(month.by_strategy["auction"]),
            )
            for month in found
        ],
        last_refreshed=rfc3339(moment),
    )


def _figures(figures: platform_days.Figures) -> PlatformFigures:
    return PlatformFigures(
        plays=figures.plays,
        seconds=figures.seconds,
        listeners=figures.listeners,
        new_listeners=figures.new_listeners,
        earning_artists=figures.earning_artists,
        payments=figures.payments,
        volume=str(figures.volume),
        fees=str(figures.volume - figures.earnings),
        earnings=str(figures.earnings),
    )


@router.get("/listeners/{address}")
async def listener_analytics(address: AddressPath, account: SignedIn, context: ContextDep) -> ListenerAnalytics:
    """Give a listener's figures: all of them to the listener, and to an artist those of the artist's own songs."""
    form = checksum(address)
    row: Values | None
    async with context.database.read("listener-analytics") as connection:
        if form == account.address or is_operator(context, account):
            columns = _columns(ListenerAnalytics)
            rows = await analytics.read(
                connection, "mv_listener_activity", columns, "WHERE listener_address = %s", (form,)
            )
            row = rows[0] if rows else None
        else:
            row = await analytics.listener_of(connection, account.id, form)
    if row is None:
        raise not_found("listener", "There is no such listener of yours")
    return ListenerAnalytics(**_plain(row))  # type: ignore[arg-type]


@router.get("/genres")
async def genre_analytics(context: ContextDep, limit: TopLimit = 50) -> Genres:
    """List genres, the most played first."""
    rest = "ORDER BY popularity_rank, genre LIMIT %s"
    return Genres(genres=await _rows(context, GenreAnalytics, "mv_genre_stats", rest, limit))


@router.post("", status_code=204, response_class=Response, openapi_extra=OPEN)
async def report_event(body: ClientEvent, account: MaybeAccount, context: ContextDep) -> Response:
    """Report how a client is used, by choice of its person only. An event names nobody but the account that sends it."""
    if body.userAddress is not None:
        if account is None:
            raise unauthorized("no-token", "Sign in to report events under an address, or leave userAddress out.")
        own(account, body.userAddress)
    try:
        at = parse_time(body.timestamp)
    except (ValueError, OverflowError) as error:
        raise invalid(("timestamp", "not an RFC 3339 time")) from error
    moment = datetime.now(UTC)
    if not moment - _EVENT_PAST <= at <= moment + _EVENT_AHEAD:
        raise invalid(("timestamp", "more than 30 days ago or in the future"))
    async with context.database.write("client-event") as connection:
        number = account.id if account is not None and body.userAddress is not None else None
        await analytics.keep_event(connection, number, body.event, body.properties, at)
    metrics.CLIENT_EVENTS.inc()
    return Response(status_code=204)


@totals.get("/stats")
async def platform_stats(context: ContextDep) -> PlatformStats:
    """Give the platform in five figures."""
    async with context.database.read("platform-stats") as connection:
        figures = await stats.of_platform(connection)
    return PlatformStats(
        totalSongs=figures.songs,
        totalPlays=figures.plays,
        totalArtists=figures.artists,
        totalRevenue=str(figures.volume),
        activeStrategies=figures.strategies,
    )

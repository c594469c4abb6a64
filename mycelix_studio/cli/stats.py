"""`mycelix stats`: your figures from the cache, without a network."""

from __future__ import annotations

from typing import Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known

app = typer.Typer(help="Figures: plays, listeners, earnings.", no_args_is_help=True)

RANGES = ("7d", "30d", "90d", "1y", "all")


@app.command("mine")
def mine(
    days: Annotated[str, typer.Option("--range", help="7d, 30d, 90d, 1y or all.")] = "30d",
    song: Annotated[list[str] | None, typer.Option(help="Only this song, by title or id; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(help="Songs in the list, at most.")] = 20,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Plays, listeners and earnings of your songs, as of the last sync."""
    from mycelix_studio.domain.clock import rfc3339
    from mycelix_studio.domain.dashboard import Against, Filter, Query, Range, compared, period_of
    from mycelix_studio.domain.money import format_token

    if days not in RANGES:
        raise typer.BadParameter(f"one of {', '.join(RANGES)}", param_hint="--range")
    with opened(profile_dir) as studio:
        analytics = studio.analytics
        as_of = analytics.as_of()
        if as_of is None:
            raise Known("Nothing synced yet", "There are no figures on this computer.", "Run `mycelix sync` once.")
        period = period_of(Range(days), as_of.date(), analytics.first_day())
        wanted = Filter(songs=frozenset(_songs(analytics.parts().songs, song or [])))
        before = None if days == "all" else compared(period, Against.PREVIOUS)
        found = analytics.artist(Query(period, before, wanted))
    now, then = found.figures, found.before
    data = {
        "asOf": rfc3339(found.as_of),
        "first": period.first.isoformat(),
        "last": period.last.isoformat(),
        "plays": now.plays,
        "listeners": now.listeners,
        "net": str(now.net),
        "before": None if then is None else {"plays": then.plays, "listeners": then.listeners, "net": str(then.net)},
        "songs": [
            {"songId": r.song_id, "title": r.title, "strategy": r.strategy, "plays": r.plays, "net": str(r.net)}
            for r in found.songs[:limit]
        ],
    }
    words = [
        f"{period.first} to {period.last}, as of {found.as_of:%Y-%m-%d %H:%M} UTC",
        f"Plays      {now.plays:,}{_change(now.plays, None if then is None else then.plays)}",
        f"Listeners  {now.listeners:,}{_change(now.listeners, None if then is None else then.listeners)}",
        f"Net        {format_token(now.net)} FLOW{_change(now.net, None if then is None else then.net)}",
        "",
        *table(
            ("Song", "Plays", "Net FLOW"),
            [(r.title, f"{r.plays:,}", format_token(r.net)) for r in found.songs[:limit]],
            right=(1, 2),
        ),
    ]
    emit(data, words, as_json)


def _songs(known: tuple[tuple[str, str], ...], named: list[str]) -> list[str]:
    """Return the ids of songs somebody named.

    Raises:
        Known: There is none of that name.
    """
    found: list[str] = []
    for name in named:
        ids = [song_id for song_id, title in known if name.lower() in (song_id.lower(), title.lower())]
        if not ids:
            raise Known(f"No song “{name}” in the figures", "It has another title, or was not synced yet.", "")
        found += ids
    return found


def _change(now: int, before: int | None) -> str:
    """Return the change in whole percent against the days before; nothing where there is nothing to compare with."""
    if not before:
        return ""
    return f"  ({(now - before) * 100 // before:+d} % against the days before)"

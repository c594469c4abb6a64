"""`mycelix stats`: your figures from the cache, without a network; and, for operators, the state of a node's database."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.node.db.monitor import Report

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
    from mycelix_studio.domain.statement import SYMBOL

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
        "currency": SYMBOL,
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
        f"Net        {format_token(now.net)} {SYMBOL}{_change(now.net, None if then is None else then.net)}",
        "",
        *table(
            ("Song", "Plays", f"Net, {SYMBOL}"),
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
            raise Known(
                f"No song “{name}” in the figures",
                "It has another title, or was not synced yet.",
                "Sync first, or name it by its id.",
            )
        found += ids
    return found


def _change(now: int, before: int | None) -> str:
    """Return the change in whole percent against the days before; nothing where there is nothing to compare with."""
    if not before:
        return ""
    return f"  ({(now - before) * 100 // before:+d} % against the days before)"


@app.command("database")
def database(
    explain: Annotated[str, typer.Option(help="Show how PostgreSQL answers one of the node's queries, by name.")] = "",
    run: Annotated[bool, typer.Option("--run", help="With --explain: run it, read only, and time it.")] = False,
    database_url: Annotated[str, typer.Option(help="PostgreSQL of the node. MYCELIX_DATABASE_URL")] = "",
    data_dir: Annotated[Path | None, typer.Option(help="Folder of a running node. MYCELIX_DATA_DIR")] = None,
    as_json: JsonOption = False,
) -> None:
    """For operators: the node's database: slow statements, sizes, unused indexes, how fresh the analytics are."""
    from mycelix_studio.node.config import Config
    from mycelix_studio.node.db import connect, monitor

    config = Config.from_environment()
    url = connect.find(database_url or config.database_url, data_dir or config.data_dir)
    if explain:
        lines = monitor.look(url, lambda connection: monitor.explain(connection, explain, run))
        emit({"name": explain, "plan": lines}, lines, as_json)
        return
    found = monitor.look(url, monitor.report)
    emit(monitor.as_data(found), _database_words(found), as_json)


def _database_words(found: Report) -> list[str]:
    views = found.views
    lines = [
        f"PostgreSQL {found.version}, {_mib(found.bytes)}, {found.connections} connections, {found.cache_hit_ratio:.1%} read from memory",
        f"Analytics as of {views.as_of:%Y-%m-%d %H:%M:%S} UTC, {views.age_seconds:.0f} s old, {views.waiting} changes waiting",
        "",
        *table(
            ("Table", "Rows", "Size", "Indexes", "Dead rows", "Whole scans"),
            [
                (t.name, f"{t.rows:,}", _mib(t.bytes), _mib(t.index_bytes), f"{t.dead_rows:,}", f"{t.whole_scans:,}")
                for t in found.tables
            ],
            (1, 2, 3, 4, 5),
        ),
        "",
        "Indexes nobody used yet:",
        *(f"  {index.name} on {index.table}, {_mib(index.bytes)}" for index in found.unused_indexes),
        "",
    ]
    if found.slow is None:
        lines.append("Slow statements: not known; PostgreSQL's extension pg_stat_statements is not present.")
    else:
        rows = [
            (f"{s.total_ms:,.0f}", f"{s.mean_ms:.2f}", f"{s.calls:,}", " ".join(s.query.split())[:100])
            for s in found.slow
        ]
        lines += table(("ms in all", "ms each", "Calls", "Statement"), rows, (0, 1, 2))
    if found.running:
        running = [(f"{r.seconds:.0f}", r.waits_for, " ".join(r.query.split())[:100]) for r in found.running]
        lines += ["", *table(("Seconds", "Waits for", "Running now"), running, (0,))]
    return lines


def _mib(size: int) -> str:
    return f"{size / 2**20:,.1f} MiB"

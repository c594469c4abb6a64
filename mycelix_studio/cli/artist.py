"""`mycelix upload`, `mycelix sync`, `mycelix export`: an artist's work without the window, on the same profile."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.profile import PassphraseFile, ProfileDir, opened, sign_in
from mycelix_studio.errors import Cancelled, Known

if TYPE_CHECKING:
    from mycelix_studio.domain.period import Period
    from mycelix_studio.domain.upload import UploadRow
    from mycelix_studio.services.uploads import Uploads

STRATEGIES = ("pay-per-stream", "gift-economy", "patronage", "auction")
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line instead of words.")]


def upload(  # noqa: PLR0917 - options
    files: Annotated[list[Path], typer.Argument(help="Audio files, or folders that are searched for some.")],
    strategy: Annotated[str, typer.Option(help="How they earn first: " + ", ".join(STRATEGIES))] = "pay-per-stream",
    price: Annotated[str, typer.Option(help="FLOW a stream, such as 0.01; the platform's own when left out.")] = "",
    wait: Annotated[bool, typer.Option(help="Wait while the server is away, instead of leaving them queued.")] = True,
    as_json: JsonOption = False,
    passphrase_file: PassphraseFile = None,
    profile_dir: ProfileDir = None,
) -> None:
    """Bring files into the library, send them, and list each as a song. Ctrl-C keeps the queue; the next upload goes on."""
    from mycelix_studio.domain.money import parse_token
    from mycelix_studio.services.jobs import Work
    from mycelix_studio.services.uploads_files import add_files

    if strategy not in STRATEGIES:
        raise typer.BadParameter(f"one of {', '.join(STRATEGIES)}", param_hint="--strategy")
    amount = parse_token(price) if price else None
    with opened(profile_dir) as studio:
        sign_in(studio, passphrase_file)
        result = add_files(
            studio.library,
            studio.uploads,
            files,
            Work(),
            strategy=strategy,  # type: ignore[arg-type]
            price=amount,
        )
        for refused in result.imported.refused:
            _say(refused.error)
        if not result.added.ids and not result.added.already and not result.imported.refused:
            raise Known("No music found", "There is no audio file in what you named.", "Name audio files or a folder.")
        ids = _unfinished(studio.uploads, result.added.ids, result.added.already)
        studio.uploads.start()
        rows = _follow(studio.uploads, ids, wait=wait)
        for row in rows:
            _print_row(row, studio.uploads, as_json)
        done = all(row.song_id for row in rows)
        if not rows and not as_json and not result.imported.refused:
            typer.echo("Nothing new: everything named is uploaded, and unchanged since.")
    if not done or result.imported.refused:
        raise typer.Exit(1)


def sync(
    as_json: JsonOption = False,
    passphrase_file: PassphraseFile = None,
    profile_dir: ProfileDir = None,
) -> None:
    """Send what waits, then bring plays, payments and all else up to date from the platform."""
    from mycelix_studio.services.jobs import Work

    with opened(profile_dir) as studio:
        sign_in(studio, passphrase_file)
        done = studio.sync.once(Work())
        as_of = done.as_of.isoformat().replace("+00:00", "Z") if done.as_of is not None else None
        if as_json:
            typer.echo(json.dumps({"rows": done.rows, "pages": done.pages, "as_of": as_of}))
            return
        for kind, count in sorted(done.rows.items()):
            typer.echo(f"{count:>10,} {kind}")
        typer.echo(f"As of {as_of}." if as_of else "Not complete yet: sync again.")


def export(  # noqa: PLR0917 - options
    month: Annotated[str, typer.Option(help="A month, such as 2026-05.")] = "",
    year: Annotated[int, typer.Option(help="A calendar year.")] = 0,
    first: Annotated[str, typer.Option("--from", help="First day, such as 2026-05-03.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, included.")] = "",
    out: Annotated[Path, typer.Option(help="Folder for the files; made when it is not there.")] = Path(),
    formats: Annotated[
        str, typer.Option("--format", help="pdf, csv, xlsx, json, beancount; several by comma.")
    ] = "pdf,csv",
    currency: Annotated[str, typer.Option(help="Values in this currency by your rate table, such as EUR.")] = "",
    raw: Annotated[bool, typer.Option(help="Leave cells that begin with = + - @ as they are.")] = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write a statement from what is on this computer; prints the files. Works without a network."""
    from mycelix_studio.services.reports import Format, Options

    period = _period(month, year, first, last)
    words = [word.strip() for word in formats.split(",") if word.strip()]
    unknown = [word for word in words if word not in {each.value for each in Format}]
    if unknown or not words:
        raise typer.BadParameter(f"some of {', '.join(each.value for each in Format)}", param_hint="--format")
    options = Options(formats=frozenset(Format(word) for word in words), guard=not raw)
    with opened(profile_dir) as studio:
        saved = studio.reports.save(out, period, currency=currency.upper(), options=options)
        for file in saved.files:
            typer.echo(str(file))


def _unfinished(queue: Uploads, fresh: tuple[int, ...], already: tuple[int, ...]) -> list[int]:
    """Return uploads to follow: the new ones, and older ones of the same tracks, tried again where they had stopped."""
    from mycelix_studio.domain.upload import UploadState

    tracks = set(already)
    older = [row for row in queue.rows() if row.track_id in tracks and row.state is not UploadState.DONE]
    stopped = [row.id for row in older if row.state in (UploadState.STOPPED, UploadState.NEEDS_YOU)]
    queue.retry(stopped)
    queue.resume([row.id for row in older])
    return [*(row.id for row in older), *fresh]


def _follow(queue: Uploads, ids: list[int], *, wait: bool) -> list[UploadRow]:
    """Wait for uploads, saying how far they are on a terminal.

    Raises:
        Cancelled: Ctrl-C; the queue is kept.
    """
    shown = sys.stderr.isatty()
    try:
        while True:
            try:
                rows = queue.wait(ids, 0.5)
                break
            except TimeoutError:
                totals = queue.totals()
                if totals.offline and not wait:
                    rows = [row for each in ids if (row := queue.row(each)) is not None]
                    break
                if shown:
                    state = totals.offline or f"{totals.confirmed / 1e6:,.1f} of {totals.size / 1e6:,.1f} MB"
                    sys.stderr.write(f"\r\x1b[K{state[:100]}")
                    sys.stderr.flush()
    except KeyboardInterrupt as error:
        raise Cancelled from error
    finally:
        if shown:
            sys.stderr.write("\r\x1b[K")
    return rows


def _print_row(row: UploadRow, queue: Uploads, as_json: bool) -> None:
    detail = queue.detail(row.id)
    cid = detail.cid if detail is not None else ""
    if as_json:
        typer.echo(
            json.dumps(
                {
                    "file": str(row.path),
                    "state": row.state.value,
                    "songId": row.song_id or None,
                    "ipfsHash": cid or None,
                    "bytes": row.size,
                    "confirmed": row.confirmed,
                    "why": row.title_of_why or None,
                }
            )
        )
    elif row.song_id:
        typer.echo(f"{row.title}\t{row.song_id}\t{cid}")
    else:
        _say(Known(f"“{row.title}” is not uploaded: {row.title_of_why or row.state.value}", row.why, row.hint))


def _period(month: str, year: int, first: str, last: str) -> Period:
    from mycelix_studio.domain.period import Period

    given = [bool(month), bool(year), bool(first or last)]
    if sum(given) != 1 or bool(first) != bool(last):
        raise typer.BadParameter("give --month, or --year, or --from and --to", param_hint="the period")
    try:
        if month:
            number, _, which = month.partition("-")
            return Period.month(int(number), int(which))
        if year:
            return Period.year(year)
        return Period(date.fromisoformat(first), date.fromisoformat(last))
    except ValueError as error:
        raise typer.BadParameter("write dates as 2026-05-03 and months as 2026-05", param_hint="the period") from error


def _say(error: Known) -> None:
    words = ". ".join(part.rstrip(".") for part in (error.title, error.message, error.hint) if part)
    typer.echo(f"{words}.", err=True)

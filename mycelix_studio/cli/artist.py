"""`mycelix sync` and `mycelix export`: figures in, statements out, on the same profile as the window."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, working
from mycelix_studio.cli.profile import PassphraseFile, ProfileDir, opened, sign_in
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.domain.period import Period
    from mycelix_studio.services.reports_templates import Template
    from mycelix_studio.services.studio import Studio


def sync(
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    passphrase_file: PassphraseFile = None,
    profile_dir: ProfileDir = None,
) -> None:
    """Send what waits, then bring plays, payments and all else up to date from the platform."""
    with opened(profile_dir) as studio:
        if dry_run:
            items = studio.outbox.items()
            data = [{"kind": each.kind, "title": each.title, "state": each.state.value} for each in items]
            words = [
                f"Would send: {each.title}"
                if each.state.value == "waiting"
                else f"Not accepted: {each.title}: {each.problem}"
                for each in items
            ] or ["Nothing waits to be sent."]
            emit({"dryRun": True, "waiting": data}, [*words, "Then it would fetch what is new."], as_json)
            return
        sign_in(studio, passphrase_file)
        with working("Syncing") as work:
            done = studio.sync.once(work)
        as_of = done.as_of.isoformat().replace("+00:00", "Z") if done.as_of is not None else None
        words = [f"{count:>10,} {kind}" for kind, count in sorted(done.rows.items())]
        words.append(f"As of {as_of}." if as_of else "Not complete yet: sync again.")
        emit({"rows": done.rows, "pages": done.pages, "as_of": as_of}, words, as_json)


def export(
    month: Annotated[str, typer.Option(help="A month, such as 2026-05.")] = "",
    year: Annotated[int, typer.Option(help="A calendar year.")] = 0,
    first: Annotated[str, typer.Option("--from", help="First day, such as 2026-05-03.")] = "",
    last: Annotated[str, typer.Option("--to", help="Last day, included.")] = "",
    out: Annotated[Path, typer.Option(help="Folder for the files; made when it is not there.")] = Path(),
    formats: Annotated[
        str,
        typer.Option(
            "--format", help="pdf, csv, xlsx, json, beancount; several by comma. As the template, else pdf,csv."
        ),
    ] = "",
    currency: Annotated[str, typer.Option(help="Values in this currency by your rate table, such as EUR.")] = "",
    raw: Annotated[bool, typer.Option(help="Leave cells that begin with = + - @ as they are.")] = False,
    template: Annotated[
        str, typer.Option(help="Choices that were kept under this name on Studio's Reports page.")
    ] = "",
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Write a statement from what is on this computer; prints the files. Works without a network."""
    from mycelix_studio.services.reports import Format, file_stem, render

    period = period_of(month, year, first, last)
    words = [word.strip() for word in formats.split(",") if word.strip()]
    unknown = [word for word in words if word not in {each.value for each in Format}]
    if unknown or (formats and not words):
        raise typer.BadParameter(f"some of {', '.join(each.value for each in Format)}", param_hint="--format")
    with opened(profile_dir) as studio:
        kept = _template(studio, template)
        options = replace(
            kept.options,
            formats=frozenset(Format(word) for word in words) or kept.options.formats,
            guard=kept.options.guard and not raw,
        )
        valued = currency.upper() or kept.currency
        if dry_run:
            statement = studio.reports.statement(period, kept.choices, valued)
            made = render(statement, options, file_stem(statement))
            files = [str(out / name) for name, _data in made]
        else:
            saved = studio.reports.save(out, period, kept.choices, currency=valued, options=options)
            files = [str(file) for file in saved.files]
        emit({"dryRun": dry_run, "files": files}, files, as_json)


def _template(studio: Studio, name: str) -> Template:
    """Return the choices kept under a name, everything for an empty one.

    Raises:
        Known: There are none of this name.
    """
    from mycelix_studio.domain.statement import Choices
    from mycelix_studio.services.reports import Options
    from mycelix_studio.services.reports_templates import Template

    if not name:
        return Template("", Choices(), Options())
    kept = {each.name: each for each in studio.report_templates.all()}
    if name not in kept:
        there = f"There are: {', '.join(kept)}." if kept else "There are none yet."
        raise Known(
            f"No choices are kept as “{name}”", f"Nothing was written. {there}", "Keep some on the Reports page."
        )
    return kept[name]


def period_of(month: str, year: int, first: str, last: str) -> Period:
    """Return the days that --month, --year, or --from and --to name; wrong usage when they name none."""
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

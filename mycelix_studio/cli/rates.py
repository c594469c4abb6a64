"""`mycelix rates`: the artist's own table of rates, by which statements add values in a currency."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened

app = typer.Typer(help="Your own rates for values on statements.", no_args_is_help=True)

Day = Annotated[str, typer.Argument(help="Such as 2026-05-31.")]
Currency = Annotated[str, typer.Argument(help="Three letters, such as EUR.")]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter("write it as 2026-05-31", param_hint="DAY") from error


@app.command("list")
def list_rates(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """List the rates by currency and day."""
    with opened(profile_dir) as studio:
        rates = studio.rates.rates()
        data = [
            {"date": r.day.isoformat(), "currency": r.currency, "price": r.price, "source": r.source} for r in rates
        ]
        rows = [(r.day.isoformat(), r.currency, r.price, r.source) for r in rates]
        emit(data, table(("Day", "Currency", "1 FLOW", "From"), rows, right=(2,)) if rows else ["No rates."], as_json)


@app.command("set")
def set_rate(
    day: Day,
    currency: Currency,
    price: Annotated[str, typer.Argument(help="What one FLOW was worth that day.")],
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Keep the rate of a day, in place of an older one."""
    from mycelix_studio.domain.fiat import Rate

    rate = Rate(_day(day), currency.upper(), price, "typed in")
    with opened(profile_dir) as studio:
        if not dry_run:
            studio.rates.set(rate)
        data = {"date": day, "currency": rate.currency, "price": rate.price, "dryRun": dry_run}
        emit(data, [f"{day}: 1 FLOW = {rate.price} {rate.currency}"], as_json)


@app.command()
def remove(
    day: Day, currency: Currency, dry_run: DryRun = False, as_json: JsonOption = False, profile_dir: ProfileDir = None
) -> None:
    """Take the rate of a day out."""
    with opened(profile_dir) as studio:
        if not dry_run:
            studio.rates.remove(_day(day), currency.upper())
        emit({"date": day, "currency": currency.upper(), "dryRun": dry_run}, [f"{day} {currency.upper()}"], as_json)


@app.command("import")
def import_rates(
    file: Annotated[Path, typer.Argument(help="CSV with the columns date and price, and currency where they differ.")],
    currency: Annotated[str, typer.Option(help="Of rows that name none.")] = "EUR",
    dry_run: DryRun = False,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Take rates from a CSV; a line that cannot be read stops all of it."""
    from mycelix_studio.domain.fiat import parse_rates

    with opened(profile_dir) as studio:
        if dry_run:
            found = parse_rates(file.read_text(encoding="utf-8-sig"), currency.upper(), file.name)
            emit({"dryRun": True, "rates": len(found)}, [f"{len(found)} rates"], as_json)
            return
        done = studio.rates.take_file(file, currency.upper())
        emit(
            {"added": done.added, "replaced": done.replaced},
            [f"{done.added} added, {done.replaced} replaced."],
            as_json,
        )

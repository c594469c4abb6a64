"""`mycelix simulate`: what other terms would have brought on one's own plays. Signs nothing; a scenario can be kept as a draft."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, table
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known

if TYPE_CHECKING:
    from mycelix_studio.services.simulator import Band
    from mycelix_studio.services.simulator_desk import Desk, Simulator
    from mycelix_studio.services.simulator_scenarios import Assumption, Scenario


def simulate(
    song: Annotated[str, typer.Argument(help="Title, “album:NAME”, or all.")] = "all",
    months: Annotated[int, typer.Option(help="Whole months before the last sync, at most.", min=1, max=120)] = 12,
    scenario: Annotated[
        list[str] | None, typer.Option(help="A way to try out, up to four; the usual ones when left out.")
    ] = None,
    assume: Annotated[
        list[str] | None, typer.Option(help="NUMBER.KEY=VALUE, such as 2.join=5: another value of scenario 2.")
    ] = None,
    use: Annotated[int, typer.Option(help="Keep the terms of this scenario as a draft; nothing is signed.")] = 0,
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Replay your own plays under other terms, with every assumption said and a low and a high beside it."""
    with opened(profile_dir) as studio:
        simulator = studio.simulator
        desk = simulator.open(_key(simulator, song), months)
        if not desk.base.history.months:
            raise Known(
                "There is no whole month of plays yet",
                "Scenarios are tried out on your own plays, month by month.",
                "Run `mycelix sync`, or wait for the month to end.",
            )
        scenarios = _scenarios(simulator, desk, scenario or [])
        for each in assume or []:
            scenarios = _assumed(scenarios, each)
        if use and use > len(scenarios):
            raise typer.BadParameter(f"1 to {len(scenarios)}", param_hint="--use")
        bands = simulator.try_out(desk, scenarios)
        draft = simulator.use(desk, scenarios[use - 1]) if use else None
        data = {
            "choice": desk.choice.title,
            "months": [f"{month:%Y-%m}" for month in desk.base.history.months],
            "asOf": desk.base.as_of.isoformat() if desk.base.as_of is not None else None,
            "cameIn": str(desk.base.actual.total),
            "scenarios": [_band_data(band) for band in bands],
            "draft": draft,
        }
        emit(data, _words(desk, bands, draft), as_json)


def _key(simulator: Simulator, named: str) -> str:
    """Return the key of what is replayed.

    Raises:
        Known: There is no such song or album.
    """
    choices = simulator.choices()
    for choice in choices:
        if named.lower() in (choice.key.lower(), choice.title.lower()):
            return choice.key
    raise Known(f"No song or album “{named}”", "Nothing was tried out.", "See `mycelix strategy list`.")


def _scenarios(simulator: Simulator, desk: Desk, ways: list[str]) -> tuple[Scenario, ...]:
    from mycelix_studio.domain.strategy.terms import WAYS
    from mycelix_studio.services.simulator_scenarios import MAX_SCENARIOS, default_scenario

    if not ways:
        return simulator.usual(desk)
    if len(ways) > MAX_SCENARIOS or any(way not in WAYS for way in ways):
        raise typer.BadParameter(f"up to {MAX_SCENARIOS} of {', '.join(WAYS)}", param_hint="--scenario")
    return tuple(default_scenario(way, desk.base.known) for way in WAYS if way in ways)


def _assumed(scenarios: tuple[Scenario, ...], text: str) -> tuple[Scenario, ...]:
    """Return the scenarios with one assumption at another value."""
    place, _, rest = text.partition(".")
    key, equals, value = rest.partition("=")
    if not equals or not place.isdigit() or not 1 <= int(place) <= len(scenarios):
        raise typer.BadParameter("write NUMBER.KEY=VALUE, such as 2.join=5", param_hint="--assume")
    scenario = scenarios[int(place) - 1]
    found = next((each for each in scenario.assumptions if each.key == key), None)
    if found is None:
        known = ", ".join(each.key for each in scenario.assumptions)
        raise typer.BadParameter(f"scenario {place} has {known}", param_hint="--assume")
    changed = scenario.with_assumption(found.with_value(_number(found, value)))
    return (*scenarios[: int(place) - 1], changed, *scenarios[int(place) :])


def _number(assumption: Assumption, text: str) -> int:
    """Return a typed value in the unit's smallest step: basis points for percent, wei for FLOW."""
    from decimal import Decimal, InvalidOperation

    from mycelix_studio.domain.money import parse_token
    from mycelix_studio.services.simulator_scenarios import AssumptionUnit

    if assumption.unit is AssumptionUnit.FLOW:
        return int(parse_token(text))
    try:
        number = Decimal(text.removesuffix("%").strip())
    except InvalidOperation as error:
        raise typer.BadParameter(f"“{text}” is no number", param_hint="--assume") from error
    return int(number * 100) if assumption.unit is AssumptionUnit.PERCENT else int(number)


def _shown(assumption: Assumption, value: int) -> str:
    from mycelix_studio.domain.strategy.shares import format_percent
    from mycelix_studio.domain.strategy.typed import flow
    from mycelix_studio.services.simulator_scenarios import AssumptionUnit

    if assumption.unit is AssumptionUnit.FLOW:
        return flow(value)
    if assumption.unit is AssumptionUnit.PERCENT:
        return format_percent(value)
    return f"{value:,} {assumption.unit.value}"


def _band_data(band: Band) -> dict[str, object]:
    money = ("price", "plan", "tip")
    return {
        "name": band.scenario.name,
        "ways": list(band.scenario.ways),
        "low": str(band.low.total),
        "value": str(band.value.total),
        "high": str(band.high.total),
        "byMonth": [str(net) for net in band.value.net],
        "payers": band.value.payers,
        "thanks": str(band.credit),
        "assumptions": [
            {
                "key": each.key,
                "label": each.label,
                "unit": each.unit.value,
                "source": each.source.value,
                **{
                    name: str(value) if each.key in money else value
                    for name, value in (("low", each.low), ("value", each.value), ("high", each.high))
                },
            }
            for each in band.scenario.assumptions
        ],
    }


def _words(desk: Desk, bands: tuple[Band, ...], draft: str | None) -> list[str]:
    from mycelix_studio.domain.strategy.typed import flow

    months = desk.base.history.months
    lines = [
        f"{desk.choice.title}, {months[0]:%Y-%m} to {months[-1]:%Y-%m}, your own plays replayed.",
        f"Came in: {flow(desk.base.actual.total)}.",
        "",
        *table(
            ("", "Scenario", "Low", "Would have come in", "High", "Payers"),
            [
                (
                    str(number),
                    band.scenario.name,
                    flow(band.low.total),
                    flow(band.value.total),
                    flow(band.high.total),
                    f"{band.value.payers:,}",
                )
                for number, band in enumerate(bands, 1)
            ],
            right=(2, 3, 4, 5),
        ),
    ]
    for number, band in enumerate(bands, 1):
        lines += ["", f"{number} {band.scenario.name} takes as given:"]
        rows = [
            (
                f"  {each.key}",
                each.label,
                _shown(each, each.value),
                "" if each.fixed else f"{_shown(each, each.low)} to {_shown(each, each.high)}",
                each.source.value,
            )
            for each in band.scenario.assumptions
        ]
        lines += table(("  Key", "What", "Value", "Low to high", "From"), rows, right=(2,))
    if draft is not None:
        lines += ["", f"Kept as a draft of {desk.choice.title}; nothing was signed. See `mycelix drafts list`."]
    return lines

"""`mycelix check`: seven stages after a deployment."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import JsonOption, emit, findings_words, working


def check(
    environment: Annotated[str, typer.Option(help="local, staging or production: how strict to be.")] = "production",
    url: Annotated[str, typer.Option(help="Address of the node as clients use it; from --env otherwise.")] = "",
    env: Annotated[
        Path | None, typer.Option("--env", help="The node's node.env: to look at its machine as well.")
    ] = None,
    prometheus: Annotated[str, typer.Option(help="Address of Prometheus.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Look at a deployed node in seven stages: infrastructure, services, contracts, endpoints, schema, observability, performance."""
    from mycelix_studio.domain.findings import Level, as_data, worst
    from mycelix_studio.ops.check import Target, address_of, configuration
    from mycelix_studio.ops.check import check as run
    from mycelix_studio.ops.node_env import read

    if environment not in ("local", "staging", "production"):
        raise typer.BadParameter("local, staging or production", param_hint="--environment")
    config = configuration(read(env) if env is not None else None)
    target = Target(address_of(config, url), config, environment, prometheus)  # type: ignore[arg-type]
    with working("Checking") as work:
        found = run(target, work.progress)
    level = worst(found)
    data = {"environment": environment, "url": target.url, "level": level.value, "findings": as_data(found)}
    emit(data, findings_words(found), as_json)
    if any(each.level is Level.FAILED for each in found):
        raise typer.Exit(1)

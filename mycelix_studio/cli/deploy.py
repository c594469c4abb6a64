"""`mycelix deploy` and `mycelix verify`: put the contracts on a chain, and prove what lies there."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import REFUSED, JsonOption, emit
from mycelix_studio.errors import Known


def deploy(
    network: Annotated[str, typer.Option(help="local, chiado or gnosis.")] = "local",
    rpc: Annotated[str, typer.Option(help="Chain server; the network's public one when left out.")] = "",
    out: Annotated[Path | None, typer.Option(help="Where the addresses are written.")] = None,
    token: Annotated[str, typer.Option(help="Payment token already on the chain.")] = "",
    owner: Annotated[str, typer.Option(help="Who may propose fee and treasury; the deployer when left out.")] = "",
    treasury: Annotated[str, typer.Option(help="Who receives the fee; the owner when left out.")] = "",
    guardian: Annotated[str, typer.Option(help="Who may pause payments for 7 days; the owner when left out.")] = "",
    key_file: Annotated[
        Path | None, typer.Option(help="File with the deployer's private key; MYCELIX_DEPLOYER_KEY otherwise.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print every transaction and its cost.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before sending on a real network.")] = False,
    build: Annotated[bool, typer.Option(help="Compile first when a source is newer and npm is there.")] = True,
    as_json: JsonOption = False,
) -> None:
    """Deploy the contracts. Prints every transaction and its cost first; may be run again after a failure."""
    from mycelix_studio.deploy.command import Request, run

    made = run(
        Request(
            network=network,
            rpc=rpc,
            out=out,
            token=token,
            owner=owner,
            treasury=treasury,
            guardian=guardian,
            key=_key(key_file),
            only_show=dry_run,
            build=build,
        ),
        say=partial(typer.echo, err=as_json),
        confirm=lambda question: yes or typer.confirm(question, err=as_json),
    )
    if as_json:
        emit({"dryRun": dry_run, "contracts": {} if made is None else made.contracts}, [], as_json)


def verify(
    network: Annotated[str, typer.Option(help="local, chiado or gnosis.")] = "local",
    rpc: Annotated[str, typer.Option(help="Chain server; the network's public one when left out.")] = "",
    deployment: Annotated[Path | None, typer.Option(help="The addresses; the shipped ones when left out.")] = None,
    sourcify: Annotated[str, typer.Option(help="Address of a Sourcify server to submit the sources to.")] = "",
    as_json: JsonOption = False,
) -> None:
    """Prove that the code at each address equals what was built here."""
    from mycelix_studio.deploy.command import check

    verdicts = check(network, rpc, deployment, sourcify=sourcify, say=partial(typer.echo, err=as_json))
    if as_json:
        data = [
            {"name": v.name, "address": v.address, "same": v.same, "proven": v.proven, "detail": v.detail}
            for v in verdicts
        ]
        emit(data, [], as_json)
    if not all(verdict.same for verdict in verdicts):
        raise typer.Exit(REFUSED)


def _key(file: Path | None) -> str:
    if file is None:
        return os.environ.get("MYCELIX_DEPLOYER_KEY", "")
    try:
        return file.read_text().strip()
    except OSError as error:
        raise Known(f"Could not read “{file}”", f"{error.strerror}.", "Name a file that holds the key.") from error

"""`mycelix deploy` and `mycelix verify`: put the contracts on a chain, and prove what lies there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.errors import Known


def deploy(  # noqa: PLR0917 - typer reads options from parameters
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
) -> None:
    """Deploy the contracts. Prints every transaction and its cost first; may be run again after a failure."""
    from mycelix_studio.deploy.command import Request, run

    run(
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
        say=typer.echo,
        confirm=lambda question: yes or typer.confirm(question),
    )


def verify(
    network: Annotated[str, typer.Option(help="local, chiado or gnosis.")] = "local",
    rpc: Annotated[str, typer.Option(help="Chain server; the network's public one when left out.")] = "",
    deployment: Annotated[Path | None, typer.Option(help="The addresses; the shipped ones when left out.")] = None,
    sourcify: Annotated[str, typer.Option(help="Address of a Sourcify server to submit the sources to.")] = "",
) -> None:
    """Prove that the code at each address equals what was built here."""
    from mycelix_studio.deploy.command import check

    if not check(network, rpc, deployment, sourcify=sourcify, say=typer.echo):
        raise typer.Exit(3)


def _key(file: Path | None) -> str:
    if file is None:
        return os.environ.get("MYCELIX_DEPLOYER_KEY", "")
    try:
        return file.read_text().strip()
    except OSError as error:
        raise Known(f"Could not read “{file}”", f"{error.strerror}.", "Name a file that holds the key.") from error

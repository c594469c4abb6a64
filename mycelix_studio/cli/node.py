"""`mycelix node`: run a platform node. The environment configures it; options stand above the environment."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer


def node(
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the node. MYCELIX_DATA_DIR")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on. MYCELIX_HOST")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one. MYCELIX_PORT")] = None,
    ready_file: Annotated[Path | None, typer.Option(help="File that receives url and pid. MYCELIX_READY_FILE")] = None,
    role: Annotated[str | None, typer.Option(help="all, api or worker. MYCELIX_ROLE")] = None,
    database_url: Annotated[
        str | None, typer.Option(help="PostgreSQL; empty runs its own. MYCELIX_DATABASE_URL")
    ] = None,
    rpc_url: Annotated[list[str] | None, typer.Option(help="Chain server; may be repeated. MYCELIX_RPC_URL")] = None,
    deployment: Annotated[Path | None, typer.Option(help="JSON with the contracts. MYCELIX_DEPLOYMENT")] = None,
    settler_key_file: Annotated[
        Path | None, typer.Option(help="Key of the account that settles vouchers. MYCELIX_SETTLER_KEY_FILE")
    ] = None,
    settler_password_file: Annotated[
        Path | None, typer.Option(help="Password, where the key file is a wallet file. MYCELIX_SETTLER_PASSWORD_FILE")
    ] = None,
) -> None:
    """Run a platform node until it is stopped with Ctrl-C or SIGTERM."""
    from mycelix_studio.node.config import Config
    from mycelix_studio.node.server import run

    given = {
        "MYCELIX_DATA_DIR": data_dir,
        "MYCELIX_HOST": host,
        "MYCELIX_PORT": port,
        "MYCELIX_READY_FILE": ready_file,
        "MYCELIX_ROLE": role,
        "MYCELIX_DATABASE_URL": database_url,
        "MYCELIX_RPC_URL": " ".join(rpc_url) if rpc_url else None,
        "MYCELIX_DEPLOYMENT": deployment,
        "MYCELIX_SETTLER_KEY_FILE": settler_key_file,
        "MYCELIX_SETTLER_PASSWORD_FILE": settler_password_file,
    }
    # The worker child inherits the environment, so what was given here must stand there.
    os.environ.update({name: str(value) for name, value in given.items() if value is not None})
    run(Config.from_environment())

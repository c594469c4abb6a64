"""The command `mycelix`: mounts one module per group and turns errors into words and exit codes.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused with everything left as it was, 130 stopped by Ctrl-C.
To add a command, write a function in a module of this package and mount it below; ``docs/cli.md`` must document it.
"""

from __future__ import annotations

import sys

import typer

from mycelix_studio import __version__
from mycelix_studio.cli.artist import export, sync, upload
from mycelix_studio.cli.audit import audit
from mycelix_studio.cli.deploy import deploy, verify
from mycelix_studio.cli.node import node
from mycelix_studio.cli.preflight import preflight
from mycelix_studio.cli.tags import tags
from mycelix_studio.errors import Cancelled, StudioError

app = typer.Typer(
    name="mycelix",
    help="Mycelix Music from the command line: artists' work and a node's operation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


app.command("node")(node)
app.command("deploy")(deploy)
app.command("verify")(verify)
app.command("upload")(upload)
app.command("sync")(sync)
app.command("export")(export)
app.command("audit")(audit)
app.command("preflight")(preflight)
app.add_typer(tags)


@app.callback()
def _root() -> None:
    """Mycelix Music from the command line."""


def main() -> None:
    """Run the command line; errors a person can act on are printed in three lines on standard error."""
    try:
        app()
    except Cancelled:
        sys.exit(130)
    except StudioError as error:
        for line in (error.title, error.message, error.hint):
            if line:
                typer.echo(line, err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()

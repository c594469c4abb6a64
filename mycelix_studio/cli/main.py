"""The command `mycelix`: mounts one module per group and turns errors into words and exit codes.

Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused with everything left as it was or something differs, 130 stopped by Ctrl-C.
To add a command, write a function in a module of this package and add it to the list below; ``docs/cli.md`` must document it.
"""

from __future__ import annotations

import sys

import typer

from mycelix_studio import __version__
from mycelix_studio.cli import (
    backup,
    contacts,
    drafts,
    library,
    live,
    monitor,
    queue,
    rates,
    settings,
    stats,
    strategy,
    usage,
    wallet,
)
from mycelix_studio.cli.artist import export, sync
from mycelix_studio.cli.audit import audit
from mycelix_studio.cli.check import check
from mycelix_studio.cli.deploy import deploy, verify
from mycelix_studio.cli.developer import demo, doctor, help_, scaffold, test
from mycelix_studio.cli.node import node
from mycelix_studio.cli.output import JsonOption, emit, fail
from mycelix_studio.cli.preflight import preflight
from mycelix_studio.cli.security import security
from mycelix_studio.cli.setup import init, setup
from mycelix_studio.cli.simulate import simulate
from mycelix_studio.cli.tags import tags
from mycelix_studio.cli.upload import upload
from mycelix_studio.errors import Cancelled, StudioError

app = typer.Typer(
    name="mycelix",
    help="Mycelix Music from the command line: artists' work and a node's operation.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def version(as_json: JsonOption = False) -> None:
    """Print the version."""
    emit({"version": __version__}, [__version__], as_json)


COMMANDS = (
    ("version", version),
    ("help", help_),
    ("setup", setup),
    ("doctor", doctor),
    ("upload", upload),
    ("simulate", simulate),
    ("sync", sync),
    ("export", export),
    ("audit", audit),
    ("preflight", preflight),
    ("node", node),
    ("init", init),
    ("deploy", deploy),
    ("verify", verify),
    ("check", check),
    ("security", security),
    ("demo", demo),
    ("scaffold", scaffold),
    ("restore", backup.restore),
    ("test", test),
)
"""Commands by name. Groups of commands stand in :data:`GROUPS`."""

GROUPS = (
    ("library", library.app),
    ("tags", tags),
    ("queue", queue.app),
    ("wallet", wallet.app),
    ("contacts", contacts.app),
    ("strategy", strategy.app),
    ("drafts", drafts.app),
    ("live", live.app),
    ("rates", rates.app),
    ("settings", settings.app),
    ("stats", stats.app),
    ("usage", usage.app),
    ("backup", backup.app),
    ("monitor", monitor.app),
)

for _name, _command in COMMANDS:
    app.command(_name)(_command)
for _name, _group in GROUPS:
    app.add_typer(_group, name=_name)


@app.callback()
def _root() -> None:
    """Mycelix Music from the command line."""


def main() -> None:
    """Run the command line; errors a person can act on are printed in three lines on standard error, or as JSON when it was asked for."""
    try:
        app()
    except Cancelled:
        sys.exit(130)
    except StudioError as error:
        fail(error, "--json" in sys.argv[1:])
        sys.exit(1)


if __name__ == "__main__":
    main()

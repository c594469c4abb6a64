"""`mycelix usage`: what was noted of how Studio is used, by choice only: to see, send, save or forget."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import JsonOption, Yes, ask, emit, working
from mycelix_studio.cli.profile import ProfileDir, opened

app = typer.Typer(help="What Studio noted of its use, by your choice only.", no_args_is_help=True)


@app.command()
def choose(
    on: Annotated[bool, typer.Argument(help="true to note how Studio is used, false to stop and forget.")],
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Choose whether it is noted. Nothing is sent by itself either way."""
    from mycelix_studio.settings import CLIENT_EVENTS

    with opened(profile_dir) as studio:
        _ = studio.usage  # so that switching it off forgets what was noted
        studio.settings.set(CLIENT_EVENTS, on)
        emit({"on": on}, ["It is noted from now on." if on else "Off, and forgotten."], as_json)


@app.command()
def show(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Show every word that would be sent."""
    with opened(profile_dir) as studio:
        usage = studio.usage
        emit({"on": usage.on, "events": json.loads(usage.text())}, [usage.text()], as_json)


@app.command()
def send(yes: Yes = False, as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Show it, ask, and send it to your platform, without a sign-in."""
    with opened(profile_dir) as studio:
        typer.echo(studio.usage.text(), err=True)
        ask("Send this?", yes=yes)
        with working("Sending") as work:
            count = studio.usage.send(work)
        emit({"sent": count}, [f"Sent {count}."], as_json)


@app.command()
def export(
    file: Annotated[Path, typer.Argument(help="JSON file.")],
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Save it to a file."""
    with opened(profile_dir) as studio:
        studio.usage.export(file)
        emit({"file": str(file)}, [str(file)], as_json)


@app.command()
def erase(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Forget it."""
    with opened(profile_dir) as studio:
        count = studio.usage.erase()
        emit({"erased": count}, [f"Forgot {count}."], as_json)

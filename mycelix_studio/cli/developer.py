"""`mycelix test`, `demo`, `scaffold`, `doctor` and `help`: for whoever builds on it, tries it, or wonders why it does not work."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from mycelix_studio.cli.output import DryRun, JsonOption, emit, findings_words, working
from mycelix_studio.cli.profile import ProfileDir, opened
from mycelix_studio.errors import Known


def test(
    arguments: Annotated[
        list[str] | None, typer.Argument(help="Passed to pytest; contracts and all tests when left out.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Run the tests of the checkout this program runs from: contracts and Python."""
    root = Path(__file__).resolve().parents[2]
    script = root / "packaging" / "dev"
    if not script.is_file():
        raise Known(
            "There are no tests here",
            "This is an installed program, not a checkout.",
            "Clone the repository to run them.",
        )
    command = [sys.executable, str(script), "test", *(arguments or [])]
    done = subprocess.run(command, stdout=sys.stderr if as_json else None, check=False)  # noqa: S603 - our own words
    if as_json:
        emit({"exitCode": done.returncode}, [], as_json)
    raise typer.Exit(done.returncode)


def demo(
    music: Annotated[
        Path | None, typer.Option(help="Your own music instead of the demo's; files are only read.")
    ] = None,
    headless: Annotated[
        bool, typer.Option("--headless", help="Without a window: pictures, statement, summary.")
    ] = False,
    out: Annotated[Path, typer.Option(help="Where --headless writes.")] = Path("proof"),
    as_json: JsonOption = False,
    profile_dir: ProfileDir = None,
) -> None:
    """Build a whole platform on a local chain, with music, listeners and earnings, and open Studio on it."""
    from mycelix_studio.demo.__main__ import main as run

    words = ["--music", str(music)] if music is not None else []
    words += ["--headless", "--out", str(out)] if headless else []
    words += ["--profile-dir", str(profile_dir)] if profile_dir is not None else []
    code = run(words)
    if as_json and headless and not code:
        emit(json.loads((out / "summary.json").read_text()), [], as_json)
    raise typer.Exit(code)


def doctor(as_json: JsonOption = False, profile_dir: ProfileDir = None) -> None:
    """Look at machine, keyring, Qt, chain servers, platform and cache, and say what to do about what is not well."""
    from mycelix_studio.domain.findings import Level, as_data, worst
    from mycelix_studio.services.doctor import examine

    with opened(profile_dir) as studio, working("Looking") as work:
        found = examine(studio, work)
    level = worst(found)
    emit({"level": level.value, "findings": as_data(found)}, findings_words(found), as_json)
    if any(each.level is Level.FAILED for each in found):
        raise typer.Exit(1)


def scaffold(
    kind: Annotated[str, typer.Argument(help="python-listener or web-player.")],
    folder: Annotated[Path, typer.Argument(help="New folder for the project.")],
    server: Annotated[str, typer.Option(help="Address of the node it talks to.")] = "http://127.0.0.1:8390",
    dry_run: DryRun = False,
    as_json: JsonOption = False,
) -> None:
    """Make a small working project that builds on the platform, with its own tests."""
    from mycelix_studio.ops.scaffold import KINDS, make

    if kind not in KINDS:
        raise typer.BadParameter(f"one of {', '.join(KINDS)}", param_hint="KIND")
    files = make(kind, folder, server, dry_run=dry_run)
    words = [str(file) for file in files]
    emit({"dryRun": dry_run, "files": words}, [*words, f"Next: read {folder / 'README.md'}"], as_json)


def help_(
    context: typer.Context,
    command: Annotated[list[str] | None, typer.Argument(help="Command, such as: wallet send.")] = None,
) -> None:
    """Show what a command does and its options."""
    parent = context.parent
    assert parent is not None
    group, path = parent, parent
    for word in command or []:
        found = group.command.get_command(group, word) if hasattr(group.command, "get_command") else None
        if found is None:
            raise Known(f"No command “{' '.join(command or [])}”", "There is none of that name.", "See `mycelix help`.")
        path = found.make_context(word, [], parent=group, resilient_parsing=True)
        group = path
    typer.echo(path.command.get_help(path))

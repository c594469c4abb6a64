"""What commands share: words or JSON, progress, questions before something is changed, and secrets that are never arguments.

A command prints its result with :func:`emit`: words for a person, or with ``--json`` one JSON document for scripts. Whatever is said on the
way (progress, questions, warnings) goes to standard error, so that standard output can be piped.
"""

from __future__ import annotations

import contextlib
import getpass
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mycelix_studio.errors import Known, StudioError

if TYPE_CHECKING:
    from mycelix_studio.domain.findings import Finding
    from mycelix_studio.services.jobs import Progress, Work

REFUSED = 3
"""Exit code: refused, with everything left as it was; or, for what compares, something differs."""

JsonOption = Annotated[bool, typer.Option("--json", help="JSON for scripts instead of words.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and change nothing.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]

JsonValue = object


def emit(data: JsonValue, words: Iterable[str], as_json: bool) -> None:
    """Print a result: ``data`` as one JSON document, or ``words`` line by line."""
    typer.echo(json.dumps(data, indent=2, ensure_ascii=False) if as_json else "\n".join(words))


def say(error: StudioError) -> None:
    """Print an error in one line on standard error, for a command that goes on with the rest."""
    words = ". ".join(part.rstrip(".") for part in (error.title, error.message, error.hint) if part)
    typer.echo(f"{words}.", err=True)


def fail(error: StudioError, as_json: bool) -> None:
    """Print an error that ends a command: three lines on standard error, or with ``--json`` one object on standard output."""
    if as_json:
        typer.echo(json.dumps({"error": {"title": error.title, "message": error.message, "hint": error.hint}}))
        return
    for line in (error.title, error.message, error.hint):
        if line:
            typer.echo(line, err=True)


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], right: tuple[int, ...] = ()) -> list[str]:
    """Return rows in aligned columns; the columns numbered in ``right`` are aligned at their end."""
    lines = [head, *rows]
    widths = [max(len(line[place]) for line in lines) for place in range(len(head))]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


@contextlib.contextmanager
def working(text: str) -> Iterator[Work]:
    """Give a unit of work whose progress is drawn on standard error while that is a terminal."""
    from mycelix_studio.services.jobs import Work

    if not sys.stderr.isatty():
        yield Work()
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bar

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Bar(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(text, total=None)

        def report(progress: Progress) -> None:
            bar.update(task, completed=progress.done, total=progress.total or None, description=progress.text or text)

        yield Work(report=report)


def ask(question: str, *, yes: bool) -> None:
    """Ask before something is changed.

    Raises:
        typer.Exit: With code 3, when the answer is no or there is nobody to ask.
    """
    if yes:
        return
    if not sys.stdin.isatty():
        typer.echo(f"{question} There is nobody to ask; repeat with --yes. Nothing was changed.", err=True)
        raise typer.Exit(REFUSED)
    if not typer.confirm(question, err=True):
        typer.echo("Nothing was changed.", err=True)
        raise typer.Exit(REFUSED)


def need_new(file: Path, safe: str = "Nothing was written.") -> None:
    """Refuse to write over a file; ``safe`` says what did not happen.

    Raises:
        Known: There is one of that name.
    """
    if file.exists():
        raise Known(f"“{file}” exists", safe, "Name a new file.")


def read_file(file: Path) -> bytes:
    """Return what a file named on the command line holds.

    Raises:
        Known: It cannot be read.
    """
    try:
        return file.read_bytes()
    except OSError as error:
        raise Known(
            f"Could not read “{file}”", f"{error.strerror or error}.", "Name a file that you may read."
        ) from error


def read_secret(what: str, source: Path | None, *, confirm: bool = False) -> str:
    """Return a secret from a file, standard input (``-``), a descriptor (``/dev/fd/3``) or, without a source, by asking.

    Args:
        what: For the question: ``Passphrase of “Main”``.
        source: Where it is read from; None asks on the terminal.
        confirm: Ask twice, for a new secret.

    Raises:
        Known: The file cannot be read, there is nobody to ask, or the two answers differ.
    """
    if source is not None:
        if str(source) == "-":
            return sys.stdin.read().rstrip("\r\n")
        try:
            return read_file(source).decode().rstrip("\r\n")
        except UnicodeDecodeError as error:
            raise Known(
                f"“{source}” is no text", "It is not UTF-8.", "Name a file that holds the secret alone."
            ) from error
    if not sys.stdin.isatty():
        raise Known(
            f"{what} is needed",
            "There is nobody to ask for it.",
            "Name a file, or - for standard input; secrets are never arguments.",
        )
    first = getpass.getpass(f"{what}: ", stream=sys.stderr)
    if confirm and getpass.getpass(f"{what}, once more: ", stream=sys.stderr) != first:
        raise Known("The two answers differ", "Nothing was changed.", "Try again.")
    return first


def findings_words(findings: Iterable[Finding]) -> list[str]:
    """Return findings for a person: one line each below its stage, and the next step below what is not well."""
    lines: list[str] = []
    stage = None
    for each in findings:
        if each.stage != stage:
            stage = each.stage
            lines += ["", stage.capitalize()] if lines else [stage.capitalize()]
        lines.append(f"  {each.level.value:<11}  {each.name}{f': {each.detail}' if each.detail else ''}")
        if each.next_step:
            lines.append(f"  {'':<11}  → {each.next_step}")
    return lines
